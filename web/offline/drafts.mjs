// The drafts of the device: sealed in the store, in the clear in memory while the vault is open.
import { Moved } from "./store.mjs";

export { Moved };

const day = 24 * 60 * 60 * 1000;

/** How long the number of a draft that was taken stays on the device. */
export const keepTaken = 7 * day;

/** After how long without being handed in a draft is pointed out. It is never deleted by itself: nothing an agent has written is lost. */
export const oldAfter = 14 * day;

const place = (id) => `draft/${id}`;
const filePlace = (id, file) => `file/${id}/${file}`;

export class Drafts {
  #known = new Map();

  constructor({ store, vault, now = Date.now }) {
    Object.assign(this, { store, vault, now });
  }

  /** refresh reads everything anew: after unlocking, and when another window has written. */
  async refresh() {
    const known = new Map();
    for (const record of await this.store.all("drafts")) {
      const before = this.#known.get(record.id);
      if (before?.rev === record.rev) known.set(record.id, before);
      else known.set(record.id, { ...(await this.vault.unsealJSON(place(record.id), record.sealed)), rev: record.rev });
    }
    this.#known = known;
  }

  /** forget drops what is in memory, when the vault is locked. */
  forget() {
    this.#known = new Map();
  }

  all() {
    return [...this.#known.values()];
  }

  get(id) {
    return this.#known.get(id);
  }

  /** put keeps a draft that was read in its present version, and returns it with the next one. */
  async put(draft, more = []) {
    const rev = draft.rev ?? 0;
    const after = { ...draft, rev: rev + 1, changed: this.now() };
    const until = after.state === "taken" ? after.answer.at + keepTaken : 0;
    const sealed = await this.vault.sealJSON(place(after.id), after);
    const value = { id: after.id, rev: after.rev, state: after.state, until, sealed };
    await this.store.write([{ table: "drafts", key: after.id, value, rev }, ...more]);
    this.#known.set(after.id, after);
    return after;
  }

  /** taken keeps what is left of a draft that the hall has, and deletes its files in the same step. */
  async taken(draft) {
    return this.put(draft, await this.#without(draft.id));
  }

  async #without(id) {
    const keys = await this.store.keys("files");
    return keys.filter((key) => key.startsWith(`${id}/`)).map((key) => ({ table: "files", key }));
  }

  async delete(draft) {
    await this.store.write([{ table: "drafts", key: draft.id, rev: draft.rev }, ...(await this.#without(draft.id))]);
    this.#known.delete(draft.id);
  }

  /** attach adds a file to a draft: {key, name, type, bytes}. */
  async attach(draft, file) {
    const id = crypto.randomUUID();
    const sealed = await this.vault.seal(filePlace(draft.id, id), file.bytes);
    const entry = { id, key: file.key, name: file.name, type: file.type, size: file.bytes.byteLength };
    return this.put({ ...draft, files: [...draft.files, entry] }, [{ table: "files", key: `${draft.id}/${id}`, value: sealed }]);
  }

  async detach(draft, id) {
    return this.put({ ...draft, files: draft.files.filter((f) => f.id !== id) }, [{ table: "files", key: `${draft.id}/${id}` }]);
  }

  /** files reads the files of a draft with their bytes. */
  async files(draft) {
    const list = [];
    for (const file of draft.files ?? []) {
      const sealed = await this.store.read("files", `${draft.id}/${file.id}`);
      list.push({ ...file, bytes: await this.vault.unseal(filePlace(draft.id, file.id), sealed) });
    }
    return list;
  }
}

/** sweep deletes what was taken longer ago than it is kept. It needs no PIN. */
export async function sweep(store, now) {
  const gone = (await store.all("drafts")).filter((record) => record.until && record.until < now);
  if (gone.length > 0) await store.write(gone.map((record) => ({ table: "drafts", key: record.id, rev: record.rev })));
  return gone.length;
}

/** counts tells how many drafts are in each state, without the PIN. */
export async function counts(store) {
  const found = {};
  for (const record of await store.all("drafts")) found[record.state] = (found[record.state] ?? 0) + 1;
  return found;
}
