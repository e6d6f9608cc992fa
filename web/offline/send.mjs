// One attempt to hand a draft in, and what the answer means.

/** The part of the draft that the hall gets. */
export function message(draft) {
  return {
    draft: draft.id, agent: draft.agent, item: draft.item, version: draft.version, consent: draft.consent ?? null,
    villager: draft.consent ? null : draft.villager ?? null, filled: new Date(draft.filled).toISOString(), values: draft.doc ?? {},
    again: draft.again === true,
  };
}

/** body writes the request: the draft first, then its files. */
export function body(draft, files) {
  const form = new FormData();
  form.append("draft", JSON.stringify(message(draft)));
  for (const file of files) form.append(`file:${file.key}`, new Blob([file.bytes], { type: file.type }), file.name);
  return form;
}

/** seconds reads Retry-After, which is a number of seconds or a date. */
function seconds(header, now) {
  if (!header) return 0;
  const n = Number(header);
  if (Number.isFinite(n)) return Math.max(0, n);
  const at = Date.parse(header);
  return Number.isNaN(at) ? 0 : Math.max(0, (at - now) / 1000);
}

/**
 * read says what an answer means. Only an answer that says its state in JSON is one of the hall; a page of somebody else's network, as guest
 * networks show it, counts as no answer.
 */
export function read(status, headers, said, now) {
  if (status === 401) return { kind: "signin" };
  if (status === 403) return { kind: "forbidden" };
  if (status === 429 || status === 503) return { kind: "later", after: seconds(headers.get("Retry-After"), now) };
  if (status === 200 && said?.state === "taken" && said.number) return { kind: "taken", number: said.number, code: said.code ?? "", slip: said.slip ?? "" };
  if (status === 409 && said?.state === "conflict") {
    return { kind: "conflict", conflict: { reason: said.reason ?? "", message: said.message ?? "", open: said.open ?? "" } };
  }
  if ([400, 413, 415, 422].includes(status) && said?.state === "bad") return { kind: "bad", errors: Array.isArray(said.errors) ? said.errors : [] };
  if (status === 413 || status === 415) return { kind: "bad", errors: [{ field: "file:", code: status === 413 ? "large" : "type", message: "" }] };
  if ((status === 422 || status === 400) && said?.detail) return { kind: "bad", errors: [{ field: "", code: "refused", message: said.detail }] };
  return { kind: "none", status };
}

/** How long an attempt may take: a minute, and longer for files over a slow line of 10 kB a second. */
export const patience = (bytes) => 60_000 + bytes / 10;

/** sender returns the function that hands one draft in over the network and never throws. */
export function sender({ fetch, url, now = Date.now, timeout = patience }) {
  return async (draft, files) => {
    const size = files.reduce((sum, file) => sum + file.bytes.byteLength, 0);
    try {
      const answer = await fetch(url, {
        method: "POST", body: body(draft, files), headers: { Accept: "application/json" }, redirect: "manual", cache: "no-store",
        credentials: "same-origin", signal: AbortSignal.timeout(timeout(size)),
      });
      if (answer.type === "opaqueredirect" || (answer.status >= 300 && answer.status < 400)) return { kind: "signin" };
      const text = await answer.text(); // an answer of which the end is lost is none
      return read(answer.status, answer.headers, parse(text), now());
    } catch {
      return { kind: "none", status: 0 };
    }
  };
}

function parse(text) {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
