// The parts of the off-line app that need no browser: checks, forms, the vault, the queue under cuts at random moments.
import assert from "node:assert/strict";
import { readFile, readdir } from "node:fs/promises";
import path from "node:path";
import { describe, it } from "node:test";
import { fileURLToPath } from "node:url";

import { day, idCard, maskId, phone, tidy, uscc } from "../web/offline/checks.mjs";
import { Drafts, counts, keepTaken, sweep } from "../web/offline/drafts.mjs";
import { sentences } from "../web/offline/aloud.mjs";
import { Unfit, limits, prepare } from "../web/offline/pictures.mjs";
import { Queue } from "../web/offline/queue.mjs";
import { asked, check, decode, fields, index } from "../web/offline/schema.mjs";
import { message, read } from "../web/offline/send.mjs";
import { Refused, can, next, resumed } from "../web/offline/states.mjs";
import { Locked, TooSoon, Vault, Wiped, WrongPin, mostTries, weak } from "../web/offline/vault.mjs";
import { checkConsent } from "../web/offline/view-new.mjs";
import { Words, preferred } from "../web/offline/words.mjs";
import { FakeHall, MemoryStore, draftOf, randomOf } from "./offline-fakes.mjs";

const here = path.dirname(fileURLToPath(import.meta.url));
const app = path.join(here, "..", "web", "offline");
const today = Date.UTC(2026, 10, 28);

describe("a consent on the device", () => {
  const right = { name: "王奶奶", id: "11010519491231002X", phone: "", relation: "self", how: "signed", witness: "", fields: ["welfare"], seen: true, village: "1" };
  const rows = {
    right: [{}, []], "all ten": [{ fields: undefined }, []], "no field": [{ fields: [] }, ["fields"]], "spoken, nobody was there": [{ how: "spoken" }, ["witness"]],
    "another village": [{ village: "2" }, ["village"]], nothing: [{ name: "", id: "", relation: "", how: "", fields: [], seen: false, village: "" }, ["fields", "how", "id", "name", "relation", "seen", "village"]],
  };
  for (const [name, [change, want]] of Object.entries(rows)) {
    it(name, () => assert.deepEqual(Object.keys(checkConsent((key) => key, { ...right, ...change }, today, [{ code: "1" }])).sort(), want));
  }
});

describe("checks on the device", () => {
  // The first two numbers are the examples of GB 11643-1999 itself; the others change one place of the first.
  const rows = [
    ["11010519491231002X", null], ["440524188001010014", null],
    ["110105194912310029", "id.check"], ["110105194912310O2X", "id.sign"], ["11010519491231002", "id.length"], ["110105491231002", "id.old"],
    ["99010519491231002X", "id.area"], ["11010519491331002X", "id.birth"], ["11010520991231002X", "id.age"], ["11010518491231002X", "id.age"], ["11010519500229002X", "id.birth"],
  ];
  for (const [number, key] of rows) it(`${number}: ${key ?? "right"}`, () => assert.equal(idCard(number, today)?.key ?? null, key));
  it("telephones", () => {
    for (const right of ["13805510000", "0551-62601234", "055162601234"]) assert.equal(phone(right), null, right);
    for (const wrong of ["1380551000", "12345678901", "+8613805510000", ""]) assert.ok(phone(wrong), wrong);
  });
  it("a credit code", () => { // that of GB 32100-2015, example of its annex, and the same with two places exchanged
    assert.equal(uscc("91350100M000100Y43"), null);
    assert.ok(uscc("91350100M000100Y34"));
  });
  it("days, full-width signs, masks", () => {
    assert.equal(day("2024-02-29")?.toISOString().slice(0, 10), "2024-02-29");
    for (const none of ["2026-02-29", "2026-13-01", "2026-1-1", "0000-01-01", ""]) assert.equal(day(none), null, none);
    assert.equal(tidy(" １１０ Ｘ "), "110X");
    assert.equal(maskId("11010519491231002X"), "110105********002X");
    assert.equal(maskId("123"), "***");
  });
});

describe("forms on the device", () => {
  const schema = {
    type: "object", required: ["name", "kind", "money", "home"], properties: {
      name: { type: "string", title: "姓名", "x-title": { "zh-Hant": "姓名", en: "Name" }, minLength: 2, maxLength: 5 },
      idNumber: { type: "string", title: "号码", format: "id-card" },
      kind: { type: "string", title: "类别", oneOf: [{ const: "a", title: "甲" }, { const: "b", title: "乙" }] },
      reason: { type: "string", title: "原因", maxLength: 300, "x-when": { kind: ["b"] } },
      money: { type: "integer", title: "金额", format: "money", minimum: 100 },
      area: { type: "number", title: "面积", maximum: 500 },
      count: { type: "integer", title: "数量", minimum: 1, maximum: 30 },
      born: { type: "string", title: "日期", format: "date" },
      many: { type: "array", title: "多选", items: { oneOf: [{ const: "x", title: "一" }, { const: "y", title: "二" }] } },
      sure: { type: "boolean", title: "确认", const: true },
      home: { type: "object", title: "住址", required: ["street"], properties: { street: { type: "string", title: "街道" } } },
    },
  };
  const list = fields(schema);
  const good = { name: "王小明", kind: "a", money: "1,500.5", "home.street": "幸福路", count: "３", area: "12.50", born: "1990-01-31", many: ["x"], sure: true, idNumber: "11010519491231002x" };
  const goodDoc = { name: "王小明", idNumber: "11010519491231002X", kind: "a", money: 150050, area: 12.5, count: 3, born: "1990-01-31", many: ["x"], sure: true, home: { street: "幸福路" } };

  it("kinds of questions in their order", () => assert.deepEqual(list.map((f) => f.kind),
    ["text", "text", "choice", "long", "money", "number", "integer", "date", "choices", "boolean", "group"]));
  it("what was typed becomes the document of the hall", () => {
    assert.deepEqual(decode(list, good), goodDoc);
    assert.deepEqual(check(list, goodDoc, today), []);
  });
  it("a question that is not asked is not sent", () => {
    assert.equal("reason" in decode(list, { ...good, reason: "x" }), false);
    assert.equal(decode(list, { ...good, kind: "b", reason: "x" }).reason, "x");
    assert.equal(asked(index(list).get("reason"), { kind: "a" }, index(list)), false);
  });
  const wrongs = [
    ["name", { name: "" }, "required"], ["name", { name: "王" }, "min-length"], ["name", { name: "王小明王小明" }, "max-length"], ["kind", { kind: "" }, "choose"], ["kind", { kind: "c" }, "choose"],
    ["money", { money: "0.99" }, "minimum"], ["money", { money: "1.999" }, "money"], ["money", { money: "many" }, "money"], ["area", { area: "501" }, "maximum"], ["area", { area: "1e3" }, "number"],
    ["count", { count: "1.5" }, "integer"], ["born", { born: "1990-02-30" }, "date"], ["many", { many: ["z"] }, "choose"], ["sure", { sure: false }, "tick"], ["home.street", { "home.street": " " }, "required"],
    ["idNumber", { idNumber: "110105194912310029" }, "format"],
  ];
  for (const [field, typed, key] of wrongs) {
    it(`${field}: ${JSON.stringify(typed)} is ${key}`, () => assert.deepEqual(check(list, decode(list, { ...good, ...typed }), today).map((e) => [e.field, e.key]), [[field, key]]));
  }
  it("every form of the demo can be asked", async () => {
    const folder = path.join(here, "..", "demo", "forms");
    for (const name of await readdir(folder)) {
      if (!name.endsWith(".json")) continue;
      const all = fields(JSON.parse(await readFile(path.join(folder, name), "utf8")));
      for (const field of index(all).values()) assert.ok(field.title?.en, `${name}: ${field.name} has no English title`);
    }
  });
});

describe("words", () => {
  it("every word that the app uses is there, and no other", async () => {
    const yaml = await readFile(path.join(here, "../internal/slice/agent/offline/locales/offline.yaml"), "utf8");
    const have = new Set([...yaml.matchAll(/^offline\.([a-z0-9.-]+):/gm)].map((m) => m[1]));
    const source = (await Promise.all((await readdir(app)).filter((f) => f.endsWith(".mjs")).map((f) => readFile(path.join(app, f), "utf8")))).join("\n");
    const used = new Set([...source.matchAll(/\bt\((?:[^()"]*\? )?"([a-z][a-z0-9.-]+)"/g)].map((m) => m[1]));
    const missing = [...used].filter((key) => !have.has(key) && !["form.please-choose", "form.required", "form.choose", "form.yes", "form.and"].includes(key));
    assert.deepEqual(missing, []);
    const whole = new Set([...source.matchAll(/"([a-z][a-z0-9.-]+)"/g)].map((m) => m[1]));
    const made = /^(state|pin\.weak|relation|how|conflict|bad|material|queue)\./; // composed of a prefix and a value
    const outside = ["short-name", "description"]; // for the manifest
    const idle = [...have].filter((key) => !whole.has(key) && !made.test(key) && !outside.includes(key));
    assert.deepEqual(idle, []);
  });
  it("are filled in, with the English form for one", () => {
    const words = new Words({ n: { "zh-Hans": "{{.Count}} 份", "zh-Hant": "{{.Count}} 份", en: { one: "{{.Count}} draft", other: "{{.Count}} drafts" } } }, "en");
    assert.deepEqual([words.t("n", { Count: 1 }), words.t("n", { Count: 2 }), words.t("x")], ["1 draft", "2 drafts", "⟦x⟧"]);
    assert.equal(words.text({ "zh-Hans": "低保" }), "低保");
    const late = Date.UTC(2026, 10, 22, 16, 5); // five past midnight of the 23rd in Shanghai
    assert.equal(words.time(late), "23 November 2026, 00:05");
    words.tag = "zh-Hans";
    assert.equal(words.date(late), "2026年11月23日");
  });
  it("begin in the language of the browser", () => {
    const rows = [[["zh-HK", "zh"], "zh-Hant"], [["zh-CN"], "zh-Hans"], [["fr", "en-GB"], "en"], [["fr"], "zh-Hans"], [["zh-Hant"], "zh-Hant"]];
    for (const [browser, want] of rows) assert.equal(preferred(null, browser), want);
    assert.equal(preferred("en", ["zh-CN"]), "en");
    assert.deepEqual(sentences("一。二！three? 四"), ["一。", "二！", "three?", "四"]);
    assert.deepEqual(sentences("增长3.5%，见hall.gov.cn。Art. 5 of it.\n\nEnd."), ["增长3.5%，见hall.gov.cn。", "Art.", "5 of it.", "End."], "a point within a number is none");
    const long = `${"为了方便企业，".repeat(20)}制定本规程。`;
    assert.ok(sentences(long).every((one) => one.length <= 80), "a breath");
    assert.equal(sentences(long).join(""), long, "nothing is lost");
  });
});

describe("photographs and files", () => {
  const file = (name, size, type = "") => ({ name, type, size, arrayBuffer: async () => new ArrayBuffer(size) });
  const never = () => assert.fail("not a picture");
  it("are taken, made smaller, or refused with the reason", async () => {
    assert.equal((await prepare(file("a.pdf", 10), 0, never)).type, "application/pdf");
    assert.equal((await prepare(file("a.png", 10, "image/png"), 0, async () => ({ name: "a.jpg", type: "image/jpeg", bytes: new ArrayBuffer(3) }))).name, "a.jpg");
    for (const [f, used, code] of [
      [file("a.exe", 10), 0, "type"], [file("a.pdf", 0), 0, "empty"], [file("a.pdf", limits.one + 1), 0, "large"], [file("a.pdf", 100), limits.all - 99, "all"], [file("a.heic", 9, "image/heic"), 0, "type"],
    ]) {
      await assert.rejects(prepare(f, used, () => Promise.reject(new Error("unknown picture"))), (e) => e instanceof Unfit && e.code === code);
    }
  });
});

describe("the vault", () => {
  let clock = 0;
  const device = async () => {
    const store = new MemoryStore();
    const vault = new Vault({ store, now: () => clock, cost: 1000 }); // the real cost is for the real device
    await vault.make("kx7-稻田");
    return { store, vault };
  };
  it("refuses what is easily guessed", () => {
    for (const [pin, why] of [["12345", "short"], ["123456", "row"], ["654321", "row"], ["111111", "same"], ["121212", "same"], ["a".repeat(65), "long"], ["130407", ""], ["稻田里有三只羊", ""]]) assert.equal(weak(pin), why, pin);
  });
  it("opens with the PIN alone, and shows nothing without it", async () => {
    const { store, vault } = await device();
    const sealed = await vault.sealJSON("draft/1", { name: "王小明", id: "11010519491231002X" });
    vault.lock();
    await assert.rejects(vault.unsealJSON("draft/1", sealed), Locked);
    await assert.rejects(vault.unlock("kx7-稻地"), WrongPin);
    const again = new Vault({ store, now: () => clock, cost: 1000 });
    await again.unlock("kx7-稻田");
    assert.deepEqual(await again.unsealJSON("draft/1", sealed), { name: "王小明", id: "11010519491231002X" });
    await assert.rejects(again.unsealJSON("draft/2", sealed), "a record is bound to its place");
    assert.equal(sealed.data.byteLength % 256, 16, "the length tells little");
    assert.equal((await again.record()).device.extractable, false);
  });
  it("counts wrong PINs before it looks at them, makes one wait, and deletes everything at last", async () => {
    const { store, vault } = await device();
    await store.write([{ table: "drafts", key: "a", value: { id: "a", rev: 1 } }]);
    vault.lock();
    for (let i = 1; i < mostTries; i++) {
      const error = await vault.unlock("wrong-pin").catch((e) => e);
      assert.ok(error instanceof WrongPin && error.left === mostTries - i, `${i}: ${error}`);
      if (i >= 3) {
        assert.ok(error.until > clock);
        await assert.rejects(vault.unlock("kx7-稻田"), TooSoon, "even the right one waits");
        clock = error.until;
      }
    }
    await assert.rejects(vault.unlock("wrong-pin"), Wiped);
    assert.deepEqual([await vault.record(), await store.all("drafts")], [undefined, []]);
  });
  it("takes another PIN and forgets the count after the right one", async () => {
    const { store, vault } = await device();
    const sealed = await vault.sealJSON("x", [1]);
    await assert.rejects(vault.change("falsch-1", "neu-und-lang"), WrongPin);
    await vault.change("kx7-稻田", "neu-und-lang");
    assert.equal((await vault.record()).tries, 0);
    const again = new Vault({ store, now: () => clock, cost: 1000 });
    await assert.rejects(again.unlock("kx7-稻田"), WrongPin);
    await again.unlock("neu-und-lang");
    assert.deepEqual(await again.unsealJSON("x", sealed), [1]);
  });
});

describe("states of a draft", () => {
  it("what the hall may have is neither changed nor deleted", () => {
    let draft = next(next(draftOf("1"), "finish"), "send");
    assert.equal(can(draft, "delete"), false);
    draft = resumed(draft); // the device was switched off
    assert.deepEqual([draft.state, draft.unsure, can(draft, "edit"), can(draft, "delete")], ["ready", true, false, false]);
    assert.throws(() => next(draft, "edit"), Refused);
    draft = next(next(draft, "send"), "conflict", { conflict: { reason: "consent-withdrawn" } });
    assert.deepEqual([draft.unsure, can(draft, "edit"), can(draft, "delete")], [false, true, true]);
    assert.throws(() => next(draft, "taken"), Refused);
  });
});

describe("what an answer means", () => {
  const headers = new Headers({ "Retry-After": "7" });
  for (const [status, said, want] of [
    [200, { state: "taken", number: "340", code: "c", slip: "/agent/slips/340" }, "taken"], [200, null, "none"], [200, { state: "taken" }, "none"], [200, { hello: 1 }, "none"],
    [409, { state: "conflict", reason: "item-gone" }, "conflict"], [409, null, "none"], [422, { state: "bad", errors: [] }, "bad"], [422, { detail: "no" }, "bad"], [422, null, "none"],
    [413, null, "bad"], [401, null, "signin"], [403, null, "forbidden"], [404, null, "none"], [500, null, "none"], [502, null, "none"], [503, null, "later"], [429, null, "later"],
  ]) it(`${status} ${JSON.stringify(said)}: ${want}`, () => assert.equal(read(status, headers, said, 0).kind, want));
  it("Retry-After", () => assert.equal(read(503, headers, null, 0).after, 7));
  it("the hall gets the consent or the villager, never both", () => {
    assert.equal(message({ ...draftOf("1"), consent: "5", villager: { name: "x" }, filled: 0 }).villager, null);
  });
});

describe("the queue under cuts", () => {
  // Each round has its own seed, so that a failing one can be run again.
  for (let seed = 1; seed <= 40; seed++) {
    it(`seed ${seed}: nothing lost, nothing twice, whatever is cut`, async () => {
      const random = randomOf(seed);
      const clock = { now: today };
      const store = new MemoryStore();
      const hall = new FakeHall(random);
      const open = async () => { // a device that is switched on: everything in memory is gone
        const vault = new Vault({ store, now: () => clock.now, cost: 1 });
        if (await vault.record()) await vault.unlock("kx7-稻田");
        else await vault.make("kx7-稻田");
        const drafts = new Drafts({ store, vault, now: () => clock.now });
        await drafts.refresh();
        return { drafts, queue: new Queue({ drafts, send: hall.send, now: () => clock.now, random, base: 100 }) };
      };
      let device = await open();
      const total = 12;
      for (let i = 0; i < total; i++) {
        let draft = await device.drafts.put({ ...draftOf(`d${i}`), made: today + i });
        if (i % 4 === 0) draft = await device.drafts.attach(draft, { key: "photo", name: "a.jpg", type: "image/jpeg", bytes: new Uint8Array([i, 1, 2]).buffer });
        await device.drafts.put({ ...next(draft, "finish"), doc: { n: i }, filled: today });
      }
      let rounds = 0;
      for (; rounds < 400; rounds++) {
        hall.faults = rounds < 200 ? 0.6 : 0;
        store.dieAfter = random() < 0.2 ? Math.floor(random() * 4) : Infinity; // the power goes at the nth write
        const result = await device.queue.pass().catch((error) => ({ why: "died", error }));
        store.dieAfter = Infinity;
        if (result.why === "died") {
          assert.equal(result.error.message, "power cut");
          device = await open();
        }
        clock.now += Math.max(result.wait ?? 0, 1);
        const states = await counts(store);
        if ((states.taken ?? 0) + (states.conflict ?? 0) + (states.bad ?? 0) === total) break;
      }
      assert.ok(rounds < 400, "it comes to an end");
      for (const draft of device.drafts.all()) {
        const cases = hall.cases.filter((c) => c.draft === draft.id);
        if (draft.state === "taken") {
          assert.equal(cases.length, 1, `${draft.id} is there once`);
          assert.equal(cases[0].number, draft.answer.number);
          assert.deepEqual([draft.values, draft.villager, draft.files, draft.doc ?? null], [null, null, [], null], "what was filled in is gone");
        } else assert.equal(cases.length, 0, `${draft.id} is ${draft.state} and not at the hall`);
      }
      const kept = await store.keys("files");
      assert.deepEqual(kept.filter((key) => device.drafts.get(key.split("/")[0]).state === "taken"), [], "the files of what was taken are gone");
      assert.equal(await sweep(store, clock.now + keepTaken + 1), device.drafts.all().filter((d) => d.state === "taken").length);
    });
  }

  it("waits longer each time, up to five minutes, and what is turned away stays sure", async () => {
    const queue = new Queue({ drafts: {}, send: null, random: () => 1 });
    assert.deepEqual([1, 2, 3, 8, 9, 30].map((n) => queue.backoff(n)), [2000, 4000, 8000, 256000, 300000, 300000]);
    const list = [next(draftOf("1"), "finish")];
    const drafts = { all: () => list, files: () => [], put: async (d) => (list[0] = { ...d }) };
    const stopped = await new Queue({ drafts, send: async () => ({ kind: "signin" }) }).pass();
    assert.deepEqual([stopped.why, list[0].state, list[0].unsure], ["signin", "ready", false]);
  });

  it("two windows do not hand in at the same time", async () => {
    const stopped = await new Queue({ drafts: {}, exclusive: () => undefined }).pass();
    assert.equal(stopped.why, "busy");
  });
});
