// The hall loses its power while an agent's device hands in: between consent and application, and in the middle of a hand-in. What was
// acknowledged is there when it opens again, and nothing is there twice.
import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { after, it } from "node:test";

import { check, decode, fields } from "../web/offline/schema.mjs";
import { sender } from "../web/offline/send.mjs";
import { withHall } from "./harness.mjs";
import { randomOf } from "./offline-fakes.mjs";
import { handedIn, idNumber } from "./offline-steps.mjs";
import { startServer } from "./server.mjs";
import { files } from "./steps.mjs";

const data = await mkdtemp(path.join(os.tmpdir(), "openhall-e2e-kill-"));
const drafts = 60;
const kills = 3;
const seed = Number(process.env.OPENHALL_SEED ?? 11);

/** typed answers the questions of a form for a villager. */
const typed = (list, who) => Object.fromEntries(list.flatMap((field) => {
  if (field.kind === "group") return Object.entries(typed(field.fields, who));
  if (field.kind === "choice") return [[field.name, field.options[0].value]];
  if (field.kind === "choices") return [[field.name, [field.options[0].value]]];
  if (field.kind === "boolean") return [[field.name, true]];
  if (field.kind === "date") return [[field.name, "1958-03-15"]];
  if (["integer", "number", "money"].includes(field.kind)) return [[field.name, String(Math.max(3, Math.ceil(field.node.minimum ?? 0)))]];
  if (field.node.format === "id-card") return [[field.name, who.id]];
  if (field.node.format === "phone") return [[field.name, "13805510000"]];
  return [[field.name, /name|applicant/i.test(field.key) ? who.name : "柳城村一组"]];
}));

withHall("the hall loses its power while drafts are handed in", (hall) => {
  after(() => rm(data, { recursive: true, force: true }));

  it(`${drafts} drafts, ${kills} kills: what was acknowledged is there, and nothing twice`, async () => {
    const random = randomOf(seed);
    const { cookies: [cookie] } = await hall.session(hall.staff("liucheng.agent"));
    const session = { Cookie: `${cookie.name}=${cookie.value}`, Accept: "application/json" };
    const pack = await (await fetch(`${hall.server.url}/agent/offline/pack`, { headers: session })).json();
    const stranger = { name: "王小明", id: idNumber("340123196001010", 1) };
    const usable = pack.items.filter((item) => check(fields(item.schema), decode(fields(item.schema), typed(fields(item.schema), stranger)), Date.now()).length === 0);
    assert.ok(usable.length > 0, "there are items that can be filled in");
    const before = await handedIn(hall, "赵清和");

    // Each draft brings a villager whom the hall does not know: a hand-in is a consent and an application, and the power may go in between.
    const list = Array.from({ length: drafts }, (_, i) => {
      const item = usable[i % usable.length];
      const who = { name: `王${"一二三四五六七八九十"[i % 10]}`, id: idNumber("34012319580316", i + 1) };
      return {
        id: crypto.randomUUID(), agent: pack.agent.id, item: item.id, version: item.version, consent: null, again: true, filled: Date.now(),
        villager: { ...who, phone: "13805510000", relation: "", how: "signed", witness: "", village: item.villages[0], at: new Date().toISOString(), fields: [item.field] },
        doc: decode(fields(item.schema), typed(fields(item.schema), who)),
        papers: item.materials.filter((m) => m.required).map((m) => ({ key: m.key, name: "a.png", type: "image/png", bytes: Uint8Array.from(files.png.buffer).buffer })),
      };
    });
    const line = (url, options) => fetch(hall.server.url + url, { ...options, headers: { ...options.headers, ...session, "Sec-Fetch-Site": "same-origin" } });
    const send = sender({ fetch: line, url: "/agent/offline/handin" });
    const handIn = (draft) => send(draft, draft.papers);

    const told = new Map(); // acknowledged, by draft
    const waiting = [...list];
    for (let killed = 0; waiting.length > 0;) {
      // Four at a time, as from several devices of the agent; the power goes at some point of one of the first rounds.
      const round = waiting.splice(0, 4);
      const answers = Promise.all(round.map(handIn));
      if (killed < kills) {
        await new Promise((resolve) => setTimeout(resolve, random() * 40));
        await hall.server.kill();
        killed++;
      }
      (await answers).forEach((answer, i) => {
        if (answer.kind === "taken") told.set(round[i].id, answer.number);
        else if (answer.kind === "none") waiting.push(round[i]);
        else assert.fail(`${round[i].id}: ${JSON.stringify(answer)}`);
      });
      if (told.size + waiting.length < drafts) assert.fail("a draft was lost on the device");
      if (!(await up(hall))) hall.server = await startServer({ data });
    }
    assert.equal(new Set(told.values()).size, drafts, "every draft has a number of its own");
    for (const draft of list) {
      const again = await handIn(draft);
      assert.equal(again.number, told.get(draft.id), "what was acknowledged is there, under its number");
    }
    assert.equal((await handedIn(hall, "赵清和")) - before, drafts, "nothing is there twice");
    const known = await (await line("/agent/offline/pack", { headers: {} })).json();
    const names = known.villagers.filter((v) => v.maskedId.startsWith("340123"));
    assert.equal(new Set(names.map((v) => v.consent)).size, drafts, "each villager has one consent");
  });
}, { data });

/** up tells whether the hall answers. */
const up = (hall) => fetch(`${hall.server.url}/healthz`).then(() => true, () => false);
