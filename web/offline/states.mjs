// The states of a draft on the device, and what leads from one to the next.
//
//   writing ──finish──> ready ──send──> sending ──taken────> taken (only number, code and slip are left; goes after the retention time)
//      ^                  │ ^              ├──────conflict─> conflict ──again──> ready
//      └──────edit────────┘ └──no answer───┤                    │
//      ^                                   └──────bad──────> bad │
//      └───────────────────────edit────────────────────────────┴─┘
//
// What the hall may already have taken is never changed or deleted here: a draft is marked `unsure` before it is sent, and stays so until
// the hall has answered. Were it changed in between, the hall would answer for the first content, and the change would be lost unseen.

export const states = ["writing", "ready", "sending", "taken", "conflict", "bad"];

const moves = {
  finish: { writing: "ready" },
  edit: { ready: "writing", bad: "writing", conflict: "writing" },
  again: { conflict: "ready", bad: "ready" },
  send: { ready: "sending" },
  taken: { sending: "taken" },
  conflict: { sending: "conflict" },
  bad: { sending: "bad" },
  unanswered: { sending: "ready" },
};

/** Why something cannot be done with a draft: its code is the name of a message. */
export class Refused extends Error {
  constructor(code) {
    super(code);
    this.name = "Refused";
    this.code = code;
  }
}

/** can tells whether the event is possible for the draft. */
export function can(draft, event) {
  if (event === "edit" && draft.unsure) return false;
  if (event === "delete") return !draft.unsure && draft.state !== "sending";
  return moves[event]?.[draft.state] !== undefined;
}

/** next returns the draft after an event; details are what the event brings (an answer, errors). The draft itself stays as it is. */
export function next(draft, event, details = {}) {
  if (!can(draft, event)) throw new Refused(draft.unsure && event === "edit" ? "unsure" : "state");
  const after = { ...draft, ...details, state: moves[event][draft.state] };
  if (event === "send") after.unsure = true;
  if (event === "taken" || event === "conflict" || event === "bad") after.unsure = false;
  if (event === "edit" || event === "again") Object.assign(after, { attempts: 0, notBefore: 0, conflict: null });
  if (event === "finish" || event === "again") after.errors = [];
  return after;
}

/** stripped is what is kept of a draft that the hall has taken: enough to find it again and to print its slip, nothing that was filled in. */
export function stripped(draft, answer, now) {
  return {
    ...next(draft, "taken"),
    answer: { number: answer.number, code: answer.code, slip: answer.slip, at: now },
    values: null, doc: null, files: [], errors: [], villager: null, consent: null,
  };
}

/** resumed puts right what a device that was switched off in the middle has left behind. */
export function resumed(draft) {
  return draft.state === "sending" ? { ...draft, state: "ready", unsure: true } : draft;
}
