// What stands in for IndexedDB, for the hall and for the line where the off-line app is tested without a browser.
import { Moved } from "../web/offline/store.mjs";

/** MemoryStore does what store.mjs does, in memory. dieAfter: how many writes succeed before the power goes. */
export class MemoryStore {
  tables = { vault: new Map(), drafts: new Map(), files: new Map(), kept: new Map() };
  dieAfter = Infinity;

  async read(table, key) {
    return this.tables[table].get(key);
  }

  async all(table) {
    return [...this.tables[table].values()];
  }

  async keys(table) {
    return [...this.tables[table].keys()];
  }

  async write(changes) {
    if (this.dieAfter-- <= 0) throw new Error("power cut");
    for (const { table, key, rev } of changes) {
      if (rev !== undefined && (this.tables[table].get(key)?.rev ?? 0) !== rev) throw new Moved();
    }
    for (const { table, key, value } of changes) {
      if (value === undefined) this.tables[table].delete(key);
      else this.tables[table].set(key, value);
    }
  }

  async wipe() {
    Object.values(this.tables).forEach((table) => table.clear());
  }
}

/** randomOf returns numbers from 0 to 1 that are the same for the same seed (mulberry32). */
export function randomOf(seed) {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

/** draftOf is a draft as the app begins one. */
export const draftOf = (id) => ({
  id, state: "writing", agent: "7", item: "x", version: 1, itemName: "低保", consent: null, villager: { name: "王小明", id: "11010519491231002X" }, villagerName: "王小明",
  values: { name: "王小明" }, doc: null, files: [], errors: [], made: 1, attempts: 0, notBefore: 0, unsure: false,
});

/** FakeHall keeps the contract of POST /agent/offline/handin and loses what a line can lose: requests, halves of them, and answers. */
export class FakeHall {
  cases = [];
  faults = 0;

  constructor(random) {
    this.random = random;
    this.send = this.send.bind(this);
  }

  async send(draft) {
    const lost = this.random() < this.faults;
    const where = this.random();
    if (lost && where < 0.4) return { kind: "none", status: 0 }; // before it got there, or in the middle of the body
    const answer = this.#answer(draft);
    if (lost && where < 0.8) return { kind: "none", status: 0 }; // the answer
    if (lost) return { kind: "later", after: 1 };
    return answer;
  }

  #answer(draft) {
    const before = this.cases.find((c) => c.draft === draft.id);
    if (before) return { kind: "taken", number: before.number, code: "c", slip: `/agent/slips/${before.number}` };
    const n = Number(draft.id.slice(1));
    if (n % 6 === 5) return { kind: "conflict", conflict: { reason: "consent-withdrawn", message: "" } };
    if (n % 7 === 6) return { kind: "bad", errors: [{ field: "name", message: "x" }] };
    const made = { draft: draft.id, number: `N${this.cases.length + 1}` };
    this.cases.push(made);
    return { kind: "taken", number: made.number, code: "c", slip: "" };
  }
}
