// The queue hands in what is ready, one draft at a time, the oldest first. It may be cut off at any moment: before each step the state is on
// the disk of the device, and the hall knows a draft by its number, so that asking again brings the same answer.
import { Moved } from "./drafts.mjs";
import { next, resumed, stripped } from "./states.mjs";

/** Why a pass ended. */
export const ended = { done: "done", line: "line", signin: "signin", forbidden: "forbidden", busy: "busy", locked: "locked" };

export class Queue {
  /**
   * drafts keeps the drafts: all(), files(draft), put(draft), taken(draft), refresh(); send hands one in (see send.mjs); exclusive runs a function
   * unless another window does so already (then it returns undefined); changed is told after every step.
   */
  constructor({ drafts, send, now = Date.now, random = Math.random, exclusive = (act) => act(), changed = () => {}, base = 2_000, most = 300_000 }) {
    Object.assign(this, { drafts, send, now, random, exclusive, changed, base, most });
    this.failures = 0; // attempts without an answer since the last answer
  }

  /** pass hands in all that is due and says why it stopped and how many milliseconds to wait before the next one (0: nothing waits). */
  async pass() {
    const result = await this.exclusive(() => this.#pass());
    return result ?? { why: ended.busy, taken: 0, wait: this.base };
  }

  async #pass() {
    let taken = 0;
    for (;;) {
      const ready = (await this.drafts.all()).map(resumed).filter((d) => d.state === "ready").sort(older);
      const now = this.now();
      const draft = ready.find((d) => (d.notBefore ?? 0) <= now);
      if (!draft) {
        const first = ready.reduce((least, d) => Math.min(least, d.notBefore), Infinity);
        return { why: ended.done, taken, wait: ready.length ? Math.max(1, first - now) : 0 };
      }
      const answer = await this.#one(draft).catch(async (error) => {
        if (!(error instanceof Moved)) throw error;
        await this.drafts.refresh(); // another window has changed it meanwhile: look again
        return null;
      });
      if (!answer) continue;
      if (answer.kind === "taken") taken++;
      if (answer.kind === "signin" || answer.kind === "forbidden") return { why: answer.kind, taken, wait: 0 };
      if (answer.kind === "none" || answer.kind === "later") {
        this.failures++;
        return { why: ended.line, taken, wait: Math.max(this.backoff(this.failures), (answer.after ?? 0) * 1000) };
      }
      this.failures = 0;
    }
  }

  async #one(draft) {
    const files = await this.drafts.files(draft);
    const before = draft.unsure === true;
    let sending = await this.drafts.put(next(draft, "send"));
    this.changed(sending);
    const answer = await this.send(sending, files);
    const now = this.now();
    switch (answer.kind) {
      case "taken":
        sending = await this.drafts.taken(stripped(sending, answer, now));
        break;
      case "conflict":
        sending = await this.drafts.put(next(sending, "conflict", { conflict: answer.conflict }));
        break;
      case "bad":
        sending = await this.drafts.put(next(sending, "bad", { errors: answer.errors }));
        break;
      case "signin":
      case "forbidden": // turned away before anything was read: what was sure stays so
        sending = await this.drafts.put({ ...next(sending, "unanswered"), unsure: before });
        break;
      default: {
        const attempts = (sending.attempts ?? 0) + 1;
        const notBefore = now + Math.max(this.backoff(attempts), (answer.after ?? 0) * 1000);
        sending = await this.drafts.put(next(sending, "unanswered", { attempts, notBefore }));
      }
    }
    this.changed(sending);
    return answer;
  }

  /** backoff is how long to wait after n attempts in vain: twice as long each time, up to five minutes, a fifth of it by chance. */
  backoff(n) {
    const whole = Math.min(this.most, this.base * 2 ** Math.min(n - 1, 20));
    return Math.round(whole * (0.8 + 0.2 * this.random()));
  }

  /** hurry lets everything be tried at once: the line is back, or somebody has pressed the button. */
  async hurry() {
    this.failures = 0;
    for (const draft of await this.drafts.all()) {
      if (draft.state === "ready" && draft.notBefore > this.now()) await this.drafts.put({ ...draft, notBefore: 0 });
    }
  }
}

const older = (a, b) => a.made - b.made || (a.id < b.id ? -1 : 1);
