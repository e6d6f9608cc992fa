// How the drawing board saves without leaving the canvas, and what it keeps in the browser until the hall has it: when the line is down, the
// session has ended, somebody else has saved or the hall refuses, whoever draws is told, and nothing drawn is lost.

/** What the hall says to a form that a script has sent (internal/slice/chart/saving.go), or a problem of RFC 9457. */
interface Answer { to?: string; text?: string; stamp?: number; over?: number; title?: string; detail?: string }

/** What was drawn and not saved, as the browser keeps it. */
interface Kept { xml: string; at: number; stamp: string }

export interface Board {
  area: HTMLElement;
  text: HTMLTextAreaElement;
  say: (key: string) => string;
  /** Writes what is on the canvas into the text area. */
  write: () => Promise<void>;
  /** Puts a file on the canvas as a change that is not saved. */
  take: (xml: string) => Promise<void>;
  status: (words: string) => void;
  saved: () => void;
  failed: (error: unknown) => void;
}

const unix = (text: string): string => text.replaceAll("\r\n", "\n").trim();

/** The copy in the browser, which goes with the page's address. */
function copyOf(stamp: () => string) {
  const key = "openhall.chart " + location.pathname;
  return {
    read(): Kept | null {
      try {
        const kept = JSON.parse(localStorage.getItem(key) ?? "null") as Kept | null;
        return typeof kept?.xml === "string" ? kept : null;
      } catch {
        return null; // no storage here, or not ours
      }
    },
    put(xml: string): boolean {
      try {
        localStorage.setItem(key, JSON.stringify({ xml, at: Date.now(), stamp: stamp() } satisfies Kept));
        return true;
      } catch {
        return false; // full, or forbidden
      }
    },
    drop(): void {
      try {
        localStorage.removeItem(key);
      } catch {
        // there is none
      }
    },
  };
}

/** Makes the form of the board save by script. The returned function keeps a copy of what is drawn. */
export function savingOf(board: Board): (xml: string) => void {
  const { area, text, say } = board;
  const form = text.form!;
  const hidden = (name: string) => form.querySelector<HTMLInputElement>(`input[type=hidden][name=${name}]`);
  const copy = copyOf(() => hidden("stamp")?.value ?? "");
  const keep = (xml: string): void => {
    if (!copy.put(xml)) board.status(say("not-kept"));
  };

  offerKept();
  let busy = false;
  let native = false;
  form.addEventListener("submit", (event) => {
    if (native) return;
    event.preventDefault();
    event.stopPropagation(); // site.js would take a second press for one too many, and this form can be sent again
    if (busy) return;
    busy = true;
    const by = event.submitter as HTMLButtonElement | null;
    board.write().then(() => send(by)).catch(board.failed).finally(() => { busy = false; });
  });
  text.addEventListener("input", () => keep(text.value));
  return keep;

  async function send(by: HTMLButtonElement | null): Promise<void> {
    keep(text.value);
    board.status(say("saving"));
    const body = new FormData(form, by);
    let response: Response;
    try {
      response = await fetch(form.action, { method: "POST", body, headers: { Accept: "application/json" } });
    } catch {
      note(say("unreached"));
      return;
    }
    const answer = (await response.json().catch(() => ({}))) as Answer;
    if (response.ok && answer.to) {
      copy.drop();
      board.saved();
      location.assign(answer.to);
      return;
    }
    if (response.status === 401) {
      const link = element("a", { class: "govuk-link", href: area.dataset.signIn ?? "/signin", target: "_blank" }, say("sign-in"));
      note(say("signed-out"), link);
      return;
    }
    if (response.status === 403) { // a proof is asked for: the page that asks leads back with all that was typed
      native = true;
      board.saved();
      form.requestSubmit(by);
      return;
    }
    if (answer.stamp) {
      hidden("stamp")!.value = String(answer.stamp);
      copy.drop();
      board.saved();
      note(answer.text ?? "");
      return;
    }
    if (answer.over) {
      const file = element("a", { class: "govuk-link", href: area.dataset.file ?? "", download: "" }, say("theirs"));
      const mine = pressed(say("replace"), () => {
        hidden("stamp")!.value = String(answer.over);
        form.requestSubmit(by);
      });
      note(answer.text ?? "", file, mine);
      return;
    }
    note(say("refused").replace("{why}", answer.text ?? answer.detail ?? answer.title ?? String(response.status)));
  }

  /** Offers what the browser still has from before, when it is not what the hall has. */
  function offerKept(): void {
    const kept = copy.read();
    if (!kept) return;
    if (unix(kept.xml) === unix(text.value)) {
      copy.drop();
      return;
    }
    const when = new Intl.DateTimeFormat(document.documentElement.lang, { dateStyle: "long", timeStyle: "short" }).format(kept.at);
    const words = say(kept.stamp === hidden("stamp")?.value ? "found" : "found-older").replace("{when}", when);
    note(words, pressed(say("restore"), () => {
      board.take(kept.xml).then(() => document.getElementById("board-note")?.remove()).catch(board.failed);
    }), pressed(say("discard"), () => {
      copy.drop();
      document.getElementById("board-note")?.remove();
    }));
  }

  /** Says what happened where it is seen and heard, above the canvas, with what can be done. */
  function note(words: string, ...ways: HTMLElement[]): void {
    document.getElementById("board-note")?.remove();
    board.status("");
    const box = element("div", { class: "govuk-inset-text", id: "board-note", role: "alert", tabindex: "-1" });
    box.append(element("p", { class: "govuk-body" }, words));
    if (ways.length > 0) {
      const row = element("p", { class: "govuk-body oh-board__ways" });
      row.append(...ways);
      box.append(row);
    }
    area.before(box);
    box.focus();
  }
}

function pressed(words: string, act: () => void): HTMLElement {
  const b = element("button", { type: "button", class: "oh-board__button" }, words);
  b.addEventListener("click", act);
  return b;
}

function element(name: string, attributes: Record<string, string>, words = ""): HTMLElement {
  const e = document.createElement(name);
  for (const [k, v] of Object.entries(attributes)) e.setAttribute(k, v);
  if (words) e.textContent = words;
  return e;
}
