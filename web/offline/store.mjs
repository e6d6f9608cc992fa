// The tables of the device in IndexedDB. Everything personal in them is sealed before it comes here (see vault.mjs).
//
//   vault   the sealed key and the count of wrong PINs
//   drafts  {id, rev, state, until, sealed}: what is in the clear tells how many drafts wait, and what may be deleted without the PIN
//   files   {iv, data} under "draft/file"
//   kept    the pack under "pack", sealed; who the device belongs to is inside
const name = "openhall-agent";
const tables = ["vault", "drafts", "files", "kept"];

/** Moved says that another window has written a record since it was read here. */
export class Moved extends Error {
  constructor() {
    super("moved");
    this.name = "Moved";
  }
}

/** Full says that the device has no room left for it. */
export class Full extends Error {
  constructor() {
    super("full");
    this.name = "Full";
  }
}

const done = (request) => new Promise((resolve, reject) => {
  request.onsuccess = () => resolve(request.result);
  request.onerror = () => reject(request.error);
});

export class Store {
  #db;

  static async open(factory = indexedDB) {
    const store = new Store();
    const request = factory.open(name, 1);
    request.onupgradeneeded = () => tables.forEach((table) => request.result.createObjectStore(table));
    store.#db = await done(request);
    store.#db.onversionchange = () => store.#db.close(); // another window deletes or renews it
    return store;
  }

  read(table, key) {
    return done(this.#db.transaction(table).objectStore(table).get(key));
  }

  /** all returns the values of a table. */
  all(table) {
    return done(this.#db.transaction(table).objectStore(table).getAll());
  }

  keys(table) {
    return done(this.#db.transaction(table).objectStore(table).getAllKeys());
  }

  /**
   * write does all of it or nothing, and resolves when it is on the disk: [{table, key, value}] keeps, without value deletes. With `rev` the
   * record must be in that version now, else Moved (0: it must not be there).
   */
  write(changes) {
    return new Promise((resolve, reject) => {
      const names = [...new Set(changes.map((change) => change.table))];
      const transaction = this.#db.transaction(names, "readwrite", { durability: "strict" });
      let why = null;
      transaction.oncomplete = () => resolve();
      transaction.onabort = () => reject(why ?? (transaction.error?.name === "QuotaExceededError" ? new Full() : transaction.error));
      for (const change of changes) {
        const table = transaction.objectStore(change.table);
        const write = () => (change.value === undefined ? table.delete(change.key) : table.put(change.value, change.key));
        if (change.rev === undefined) {
          write();
          continue;
        }
        table.get(change.key).onsuccess = (event) => {
          if ((event.target.result?.rev ?? 0) === change.rev) {
            write();
            return;
          }
          why = new Moved();
          transaction.abort();
        };
      }
    });
  }

  /** wipe empties every table. */
  wipe() {
    return new Promise((resolve, reject) => {
      const transaction = this.#db.transaction(tables, "readwrite", { durability: "strict" });
      transaction.oncomplete = () => resolve();
      transaction.onabort = () => reject(transaction.error);
      tables.forEach((table) => transaction.objectStore(table).clear());
    });
  }
}
