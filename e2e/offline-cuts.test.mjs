// The goal of off-line working, measured: 500 drafts are handed in over a line that is cut 50 times, and the device is switched off at random
// moments besides. Queue, vault and drafts are those of the app; the hall is the real program.
import assert from "node:assert/strict";
import { it } from "node:test";

import { Drafts, counts } from "../web/offline/drafts.mjs";
import { Queue } from "../web/offline/queue.mjs";
import { check, decode, fields } from "../web/offline/schema.mjs";
import { sender } from "../web/offline/send.mjs";
import { next } from "../web/offline/states.mjs";
import { Vault } from "../web/offline/vault.mjs";
import { startCutter } from "./cutter.mjs";
import { withHall } from "./harness.mjs";
import { MemoryStore, randomOf } from "./offline-fakes.mjs";
import { handedIn, idNumber } from "./offline-steps.mjs";
import { files } from "./steps.mjs";

const total = 500;
const cuts = 50;
const outages = 10; // times that the device loses its power
const villagers = 25;
const seed = Number(process.env.OPENHALL_SEED ?? 7);
const pin = "kx7-稻田";

/** typed answers the questions of a form for a villager. */
function typed(list, who) {
  const answers = {};
  for (const field of list) {
    const { node } = field;
    if (field.kind === "group") Object.assign(answers, typed(field.fields, who));
    else if (field.kind === "choice") answers[field.name] = field.options[0].value;
    else if (field.kind === "choices") answers[field.name] = [field.options[0].value];
    else if (field.kind === "boolean") answers[field.name] = true;
    else if (field.kind === "date") answers[field.name] = "1958-03-15";
    else if (["integer", "number", "money"].includes(field.kind)) answers[field.name] = String(Math.max(3, Math.ceil(node.minimum ?? 0)));
    else if (node.format === "id-card") answers[field.name] = who.id;
    else if (node.format === "phone") answers[field.name] = who.phone;
    else if (node.format === "email") answers[field.name] = "name@example.com";
    else answers[field.name] = /name|applicant/i.test(field.key) ? who.name : "柳城村一组";
  }
  return answers;
}

withHall("off-line hand-in under cuts", (hall) => {
  it(`${total} drafts, ${cuts} cuts: none lost, none twice`, async () => {
    const random = randomOf(seed);
    const account = hall.staff("liucheng.agent");
    const { cookies: [cookie] } = await hall.session(account);
    const headers = { Cookie: `${cookie.name}=${cookie.value}`, Accept: "application/json" };
    const pack = await (await fetch(`${hall.url}/agent/offline/pack`, { headers })).json();
    const usable = pack.items.filter((item) => check(fields(item.schema), decode(fields(item.schema), typed(fields(item.schema), { name: "王小明", id: idNumber("340123196001010", 1), phone: "13805510000" })), Date.now()).length === 0);
    assert.ok(usable.length > 0, "there are items that can be filled in");
    const before = await handedIn(hall, "赵清和");

    const cutter = await startCutter(hall.url, { cuts, random });
    const origin = new URL(hall.url).origin;
    const line = (url, options) => fetch(`${cutter.url}${url}`, { ...options, headers: { ...options.headers, ...headers, Origin: origin, Host: new URL(origin).host, "Sec-Fetch-Site": "same-origin" } });
    const send = sender({ fetch: line, url: "/agent/offline/handin", timeout: () => 10_000 });

    const store = new MemoryStore();
    const switchOn = async () => {
      const vault = new Vault({ store, cost: 1000 });
      if (await vault.record()) await vault.unlock(pin);
      else await vault.make(pin);
      const drafts = new Drafts({ store, vault });
      await drafts.refresh();
      return { drafts, queue: new Queue({ drafts, send, random, base: 4 }) };
    };
    let device = await switchOn();
    for (let i = 0; i < total; i++) {
      const n = i % villagers;
      const who = { name: `王${"一二三四五六七八九十"[n % 10]}${n < 10 ? "明" : n < 20 ? "芳" : "兰"}`, id: idNumber("34012319580315", n + 1), phone: "13805510000" };
      const item = usable[i % usable.length];
      const list = fields(item.schema);
      const values = typed(list, who);
      let draft = await device.drafts.put({
        id: crypto.randomUUID(), state: "writing", agent: pack.agent.id, item: item.id, version: item.version, itemName: item.name, consent: null,
        villager: { ...who, relation: "", how: "signed", witness: "", village: item.villages[0], at: new Date().toISOString() }, villagerName: who.name,
        values, doc: decode(list, values), files: [], errors: [], made: Date.now() + i, filled: Date.now(), attempts: 0, notBefore: 0, unsure: false, again: true,
      });
      for (const paper of item.materials.filter((m) => m.required)) {
        draft = await device.drafts.attach(draft, { key: paper.key, name: "a.png", type: "image/png", bytes: Uint8Array.from(files.png.buffer).buffer });
      }
      await device.drafts.put(next(draft, "finish"));
    }

    const begun = Date.now();
    let off = 0;
    for (let passes = 0; ; passes++) {
      assert.ok(passes < 2_000, "it comes to an end");
      if (off < outages && passes % 3 === 2) store.dieAfter = Math.floor(random() * 12);
      const result = await device.queue.pass().catch((error) => ({ error }));
      store.dieAfter = Infinity;
      if (result.error) {
        if (result.error.message !== "power cut") throw result.error;
        off++;
        device = await switchOn();
      }
      if (result.why === "signin" || result.why === "forbidden") assert.fail(`the hall says ${result.why}`);
      const states = await counts(store);
      if ((states.ready ?? 0) + (states.sending ?? 0) === 0) break;
      await new Promise((resolve) => setTimeout(resolve, Math.max(1, result.wait ?? 1)));
    }
    const took = Date.now() - begun;
    await cutter.close();

    const drafts = device.drafts.all();
    const open = drafts.filter((d) => d.state !== "taken");
    assert.deepEqual(open.slice(0, 3).map((d) => [d.state, d.conflict, d.errors]), [], "every draft is taken");
    assert.equal(new Set(drafts.map((d) => d.answer.number)).size, total, "every draft has a number of its own");
    assert.equal((await handedIn(hall, "赵清和")) - before, total, "the hall has as many cases more as there were drafts");
    assert.equal(cutter.state.made, cuts, "the line was cut as often as planned");
    console.log(`# off line: ${total} drafts, ${cutter.state.made} cuts (${cutter.state.up} upwards, ${cutter.state.down} downwards, ${cutter.state.midway} in the middle), ` +
      `${off} power cuts, 0 lost, 0 twice, ${(took / 1000).toFixed(1)} s, seed ${seed}`);
  });
});
