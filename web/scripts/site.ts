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

/** Prepares a page, or a part of one. */
function prepare(root: ParentNode): void {
  offerPrinting(root);
  upgradeTabs(root);
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
