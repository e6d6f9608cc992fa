// What pages gain from a script; each works without it. Everything is found by data attributes, also in parts that htmx brings later.

/** Moves the focus to what the reader has to see first: the summary of errors, or the notice of success. */
function focusNotice(root: ParentNode): void {
  root.querySelector<HTMLElement>("[data-focus]")?.focus();
}

/** A form on its way is not sent a second time by an impatient press. */
function guardAgainstDoublePress(event: SubmitEvent): void {
  const button = event.submitter;
  if (!(button instanceof HTMLButtonElement) || !("once" in button.dataset)) return;
  if (button.dataset.pressed) {
    event.preventDefault();
    return;
  }
  button.dataset.pressed = "true";
  setTimeout(() => delete button.dataset.pressed, 3000);
}

/** Buttons that print stay hidden where there is no script. */
function offerPrinting(root: ParentNode): void {
  for (const button of root.querySelectorAll<HTMLButtonElement>("[data-print]")) {
    button.hidden = false;
    button.addEventListener("click", () => window.print());
  }
}

/** Shows one part of data-tabs at a time, with the roles and keys of the tabs pattern of WAI-ARIA. */
function upgradeTabs(root: ParentNode): void {
  for (const box of root.querySelectorAll<HTMLElement>("[data-tabs]:not(.oh-tabs--ready)")) {
    const tabs = [...box.querySelectorAll<HTMLAnchorElement>(".govuk-tabs__tab")];
    const panels = tabs.map((tab) => document.getElementById(tab.hash.slice(1)));
    if (panels.some((panel) => panel === null)) continue;
    box.classList.add("oh-tabs--ready");
    box.querySelector(".govuk-tabs__list")?.setAttribute("role", "tablist");
    const show = (chosen: number): void =>
      tabs.forEach((tab, i) => {
        const on = i === chosen;
        tab.setAttribute("aria-selected", String(on));
        tab.tabIndex = on ? 0 : -1;
        tab.parentElement?.classList.toggle("govuk-tabs__list-item--selected", on);
        panels[i]?.classList.toggle("govuk-tabs__panel--hidden", !on);
      });
    tabs.forEach((tab, i) => {
      tab.id = `tab-${tab.hash.slice(1)}`;
      tab.setAttribute("role", "tab");
      tab.setAttribute("aria-controls", tab.hash.slice(1));
      tab.parentElement?.setAttribute("role", "presentation");
      panels[i]?.setAttribute("role", "tabpanel");
      panels[i]?.setAttribute("aria-labelledby", tab.id);
      tab.addEventListener("click", (event) => {
        event.preventDefault();
        show(i);
      });
      tab.addEventListener("keydown", (event) => {
        const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
        if (step === undefined) return;
        const next = (i + step + tabs.length) % tabs.length;
        show(next);
        tabs[next].focus();
      });
    });
    show(Math.max(0, tabs.findIndex((tab) => tab.hash === location.hash)));
  }
}

/** Moves through the rows of a queue with j and k and opens one with Enter, as long as nobody is typing. */
function moveThroughQueue(event: KeyboardEvent): void {
  if (event.ctrlKey || event.altKey || event.metaKey || (event.key !== "j" && event.key !== "k")) return;
  if (event.target instanceof HTMLElement && event.target.closest("input, textarea, select, [contenteditable]")) return;
  const links = [...document.querySelectorAll<HTMLAnchorElement>(".oh-desk .govuk-table tbody th a")];
  const at = links.indexOf(document.activeElement as HTMLAnchorElement);
  links[at + (event.key === "j" ? 1 : -1)]?.focus();
}

/** Lets a reader see the password that they type; it is hidden again before it is sent, so that browsers know it for one. */
function offerToReveal(root: ParentNode): void {
  for (const button of root.querySelectorAll<HTMLButtonElement>("[data-reveal][hidden]")) {
    const input = document.getElementById(button.dataset.reveal ?? "");
    if (!(input instanceof HTMLInputElement)) continue;
    const show = button.textContent;
    const set = (shown: boolean): void => {
      input.type = shown ? "text" : "password";
      button.textContent = shown ? (button.dataset.hide ?? "") : show;
      button.setAttribute("aria-pressed", String(shown));
    };
    button.hidden = false;
    button.addEventListener("click", () => set(input.type === "password"));
    input.form?.addEventListener("submit", () => set(false));
  }
}

/** Shows a question only while the one on which it depends is answered so that it is asked. What it holds is kept, and the hall ignores it. */
function askOnlyWhen(root: ParentNode): void {
  for (const form of root.querySelectorAll<HTMLFormElement>("form:has([data-when])")) {
    const parts = [...form.querySelectorAll<HTMLElement>("[data-when]")];
    const update = (): void => {
      const answers = new FormData(form);
      for (const part of parts) {
        const wanted = (part.dataset.is ?? "").split(" ");
        const other = form.querySelector<HTMLElement>(`[name="${CSS.escape(part.dataset.when ?? "")}"]`)?.closest<HTMLElement>("[data-when]");
        part.hidden = other?.hidden === true || !answers.getAll(part.dataset.when ?? "").some((value) => wanted.includes(String(value)));
      }
    };
    form.addEventListener("change", update);
    update();
  }
}

const fromBase64Url = (text: string): Uint8Array<ArrayBuffer> =>
  Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (c) => c.charCodeAt(0));
const toBase64Url = (bytes: ArrayBuffer): string =>
  btoa(String.fromCharCode(...new Uint8Array(bytes))).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");

/** Asks the device for a passkey: options come as WebAuthn writes them in JSON, and so goes the answer back. */
async function askForPasskey(ask: string): Promise<string> {
  const answer = await fetch(ask, { method: "POST", headers: { Accept: "application/json" } });
  if (!answer.ok) throw new Error(String(answer.status));
  const { publicKey } = await answer.json();
  publicKey.challenge = fromBase64Url(publicKey.challenge);
  for (const list of [publicKey.excludeCredentials, publicKey.allowCredentials]) {
    for (const credential of list ?? []) credential.id = fromBase64Url(credential.id);
  }
  const creating = publicKey.user !== undefined;
  if (creating) publicKey.user.id = fromBase64Url(publicKey.user.id);
  const found = creating ? await navigator.credentials.create({ publicKey }) : await navigator.credentials.get({ publicKey });
  const key = found as PublicKeyCredential;
  const response = key.response as AuthenticatorAttestationResponse & AuthenticatorAssertionResponse;
  const parts: Record<string, ArrayBuffer | null> = creating
    ? { clientDataJSON: response.clientDataJSON, attestationObject: response.attestationObject }
    : { clientDataJSON: response.clientDataJSON, authenticatorData: response.authenticatorData, signature: response.signature, userHandle: response.userHandle };
  const written: Record<string, unknown> = {};
  for (const [name, bytes] of Object.entries(parts)) if (bytes) written[name] = toBase64Url(bytes);
  if (creating) written.transports = response.getTransports?.() ?? [];
  return JSON.stringify({
    id: key.id, rawId: toBase64Url(key.rawId), type: key.type, response: written,
    authenticatorAttachment: key.authenticatorAttachment, clientExtensionResults: key.getClientExtensionResults(),
  });
}

/** Shows what passkeys need where there can be one: in a browser that knows them, on the host to which they are bound. */
function offerPasskeys(root: ParentNode): void {
  for (const form of root.querySelectorAll<HTMLFormElement>("form[data-passkey]")) {
    const host = form.dataset.host ?? "";
    if (!("PublicKeyCredential" in window) || !(location.hostname === host || location.hostname.endsWith(`.${host}`))) continue;
    const button = form.querySelector<HTMLButtonElement>("[data-passkey-button]");
    const input = form.querySelector<HTMLInputElement>("input[data-passkey-answer]");
    const failed = form.querySelector<HTMLElement>("[data-passkey-failed]");
    if (!button || !input || !failed) continue;
    for (const part of form.querySelectorAll<HTMLElement>("[data-passkey-part]")) part.hidden = false;
    for (const other of form.querySelectorAll<HTMLElement>("[data-passkey-else]")) other.hidden = true;
    button.addEventListener("click", async () => {
      failed.hidden = true;
      button.disabled = true;
      try {
        input.value = await askForPasskey(form.dataset.passkey ?? "");
        form.submit();
      } catch {
        failed.hidden = false;
        failed.focus();
      } finally {
        button.disabled = false;
      }
    });
  }
}

/**
 * A chart that is wider than the page begins where the case stands, or else at its start, and says that it can be scrolled. One that is not shown
 * yet, on a tab or in a part that is closed, is put right when it is.
 */
function beginChartsWhereCasesStand(root: ParentNode): void {
  for (const box of root.querySelectorAll<HTMLElement>("[data-chart-scroll]:not([data-chart-ready])")) {
    box.dataset.chartReady = "true";
    const hint = box.parentElement?.querySelector<HTMLElement>("[data-chart-hint]");
    let placed = false;
    const settle = (): void => {
      if (box.clientWidth === 0) return;
      const wider = box.scrollWidth > box.clientWidth + 1;
      hint?.toggleAttribute("data-fits", !wider);
      hint?.toggleAttribute("data-wider", wider);
      if (placed) return;
      placed = true;
      const now = box.querySelector(".oh-chart__node--active") ?? box.querySelector(".oh-chart__node--waiting");
      const spot = now?.getBoundingClientRect();
      const view = box.getBoundingClientRect();
      box.scrollLeft = spot && wider ? box.scrollLeft + spot.left - view.left - (box.clientWidth - spot.width) / 2 : 0;
    };
    settle();
    new ResizeObserver(settle).observe(box);
  }
}

/**
 * Keeps a part of the page as new as the hall: data-stream names a stream of events, and whenever one says that something has changed, the
 * part is taken from the page anew. What data-stream-say names is said to screen readers when its words have changed.
 */
function followLive(root: ParentNode): void {
  for (const box of root.querySelectorAll<HTMLElement>("[data-stream]:not([data-stream-on])")) {
    box.dataset.streamOn = "true";
    const source = new EventSource(box.dataset.stream ?? "");
    source.addEventListener("change", async () => {
      const answer = await fetch(location.href).catch(() => null);
      if (!answer?.ok) return;
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      box.replaceChildren(...(page.getElementById(box.id)?.childNodes ?? []));
      beginChartsWhereCasesStand(box);
      const say = document.getElementById(box.dataset.streamSay ?? "");
      const words = say && page.getElementById(say.id)?.textContent;
      if (say && words && words !== say.textContent) say.textContent = words;
    });
    window.addEventListener("pagehide", () => source.close(), { once: true });
  }
}

/** Prepares a page, or a part of one. */
function prepare(root: ParentNode): void {
  offerToReveal(root);
  offerPasskeys(root);
  offerPrinting(root);
  askOnlyWhen(root);
  upgradeTabs(root);
  beginChartsWhereCasesStand(root);
  followLive(root);
  focusNotice(root);
}

// The style sheet hides the parts of tabs only where this script can show them again.
document.body.classList.add("govuk-frontend-supported");
document.addEventListener("submit", guardAgainstDoublePress);
document.addEventListener("keydown", moveThroughQueue);
document.addEventListener("htmx:afterSwap", (event) => prepare(event.target as HTMLElement));
// A page that comes back from the browser's memory has its buttons again.
window.addEventListener("pageshow", () => document.querySelectorAll<HTMLElement>("[data-pressed]").forEach((b) => delete b.dataset.pressed));
prepare(document);
