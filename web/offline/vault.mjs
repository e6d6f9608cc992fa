// What the device holds is sealed: without the PIN of the agent nobody reads a name or a number in it.
//
//   PIN ──PBKDF2──> 256 bits ──HMAC with the key of the device──> key of the lock ──AES-GCM──> key of the vault ──AES-GCM──> every record
//
// The key of the device is made in the browser and cannot be taken out of it by a script; the key of the vault is in the memory of the page
// alone, and only while it is unlocked. Each record is bound to its place by the additional data of AES-GCM, so that none can be put in the
// place of another, and is filled up to a multiple of 256 bytes, so that its length tells little.

/** Rounds of PBKDF2 with SHA-256: well above the 600,000 that OWASP names (2023). Kept with the vault, so that it can grow. */
export const rounds = 1_000_000;

/** How often a PIN may be wrong before everything is deleted, and the waits in seconds after each wrong one. */
export const mostTries = 10;
const waits = [0, 0, 30, 60, 120, 300, 600, 900, 1800];

/** From how many tries left the agent is warned. */
export const warnAt = 5;

export class WrongPin extends Error {
  constructor(left, until) {
    super("wrong PIN");
    Object.assign(this, { name: "WrongPin", left, until });
  }
}

/** TooSoon says that after wrong PINs one has to wait. */
export class TooSoon extends Error {
  constructor(until, left) {
    super("too soon");
    Object.assign(this, { name: "TooSoon", until, left });
  }
}

export class Wiped extends Error {
  constructor() {
    super("wiped");
    this.name = "Wiped";
  }
}

const utf8 = new TextEncoder();
const text = new TextDecoder();
const aes = { name: "AES-GCM", length: 256 };

/** weak says why a PIN will not do (the name of a message), or "". */
export function weak(pin) {
  const signs = [...pin];
  if (signs.length < 6) return "short";
  if (signs.length > 64) return "long";
  if (new Set(signs).size < 3) return "same";
  const steps = signs.slice(1).map((sign, i) => sign.codePointAt(0) - signs[i].codePointAt(0));
  if (steps.every((step) => step === 1) || steps.every((step) => step === -1)) return "row";
  return "";
}

async function lockKey(crypto, pin, record) {
  const base = await crypto.subtle.importKey("raw", utf8.encode(pin.normalize("NFKC")), "PBKDF2", false, ["deriveBits"]);
  const bits = await crypto.subtle.deriveBits({ name: "PBKDF2", hash: "SHA-256", salt: record.salt, iterations: record.rounds }, base, 256);
  const mac = await crypto.subtle.sign("HMAC", record.device, bits);
  return crypto.subtle.importKey("raw", mac, aes, false, ["encrypt", "decrypt"]);
}

const noPin = utf8.encode("openhall.agent.vault");

/** The vault of a device. store keeps its record (see store.mjs); crypto is that of the browser. */
export class Vault {
  constructor({ store, crypto = globalThis.crypto, now = Date.now, cost = rounds }) {
    Object.assign(this, { store, crypto, now, cost });
    this.key = null;
  }

  get open() {
    return this.key !== null;
  }

  /** record returns what is kept of the vault: {tries, until} and the sealed key, or undefined on a device that has none yet. */
  record() {
    return this.store.read("vault", "vault");
  }

  /** make sets the device up with a PIN and leaves it unlocked. */
  async make(pin) {
    const raw = this.crypto.getRandomValues(new Uint8Array(32));
    const device = await this.crypto.subtle.generateKey({ name: "HMAC", hash: "SHA-256", length: 256 }, false, ["sign"]);
    await this.#keep(pin, raw, { device, tries: 0, until: 0 });
    await this.#take(raw);
  }

  async #keep(pin, raw, rest) {
    const record = { ...rest, form: 1, salt: this.crypto.getRandomValues(new Uint8Array(16)), rounds: this.cost };
    const iv = this.crypto.getRandomValues(new Uint8Array(12));
    const lock = await lockKey(this.crypto, pin, record);
    record.sealed = { iv, data: await this.crypto.subtle.encrypt({ name: "AES-GCM", iv, additionalData: noPin }, lock, raw) };
    await this.store.write([{ table: "vault", key: "vault", value: record }]);
  }

  async #take(raw) {
    this.key = await this.crypto.subtle.importKey("raw", raw, aes, false, ["encrypt", "decrypt"]);
    raw.fill(0);
  }

  /**
   * unlock opens the vault, or throws WrongPin, TooSoon or Wiped. The try is counted before the PIN is looked at, so that closing the window
   * saves none; after the last one everything on the device is deleted.
   */
  async unlock(pin) {
    const raw = await this.#try(pin);
    await this.#take(raw);
  }

  async #try(pin) {
    const record = await this.record();
    const left = mostTries - record.tries;
    if (this.now() < record.until) throw new TooSoon(record.until, left);
    const tries = record.tries + 1;
    const until = this.now() + (waits[tries - 1] ?? waits.at(-1)) * 1000;
    await this.store.write([{ table: "vault", key: "vault", value: { ...record, tries, until } }]);
    const lock = await lockKey(this.crypto, pin, record);
    let raw;
    try {
      raw = await this.crypto.subtle.decrypt({ name: "AES-GCM", iv: record.sealed.iv, additionalData: noPin }, lock, record.sealed.data);
    } catch {
      if (tries >= mostTries) {
        await this.store.wipe();
        throw new Wiped();
      }
      throw new WrongPin(mostTries - tries, until);
    }
    await this.store.write([{ table: "vault", key: "vault", value: { ...record, tries: 0, until: 0 } }]);
    return new Uint8Array(raw);
  }

  /** change gives the vault another PIN; the records stay sealed with the same key. */
  async change(pin, other) {
    const raw = await this.#try(pin);
    const { device } = await this.record();
    await this.#keep(other, raw, { device, tries: 0, until: 0 });
    raw.fill(0);
  }

  lock() {
    this.key = null;
  }

  /** seal encrypts bytes for the place `name`. */
  async seal(name, bytes) {
    const iv = this.crypto.getRandomValues(new Uint8Array(12));
    return { iv, data: await this.crypto.subtle.encrypt({ name: "AES-GCM", iv, additionalData: utf8.encode(name) }, this.#need(), bytes) };
  }

  /** unseal decrypts what was sealed for the place `name`. */
  unseal(name, sealed) {
    return this.crypto.subtle.decrypt({ name: "AES-GCM", iv: sealed.iv, additionalData: utf8.encode(name) }, this.#need(), sealed.data);
  }

  async sealJSON(name, value) {
    const plain = utf8.encode(JSON.stringify(value));
    const filled = new Uint8Array(Math.ceil((plain.length + 1) / 256) * 256).fill(0x20); // spaces after a JSON value change nothing
    filled.set(plain);
    return this.seal(name, filled);
  }

  async unsealJSON(name, sealed) {
    return JSON.parse(text.decode(await this.unseal(name, sealed)));
  }

  #need() {
    if (!this.key) throw new Locked();
    return this.key;
  }
}

/** Locked says that nothing can be read now: the PIN is needed first. */
export class Locked extends Error {
  constructor() {
    super("locked");
    this.name = "Locked";
  }
}
