// The frame of every view: the bar with languages and type size, the line, reading aloud, and where the focus goes.
import { button } from "./controls.mjs";
import { add, h } from "./dom.mjs";
import { languages } from "./words.mjs";

export class Frame {
  constructor(app, host) {
    this.app = app;
    this.host = host;
    this.main = host.querySelector("main");
    this.live = host.querySelector("[data-live]");
    this.bar = host.querySelector("[data-bar]");
    document.documentElement.classList.toggle("oh-elder", localStorage.getItem("type") === "elder");
    host.querySelector("[data-skip]").addEventListener("click", (event) => {
      event.preventDefault(); // the part after # is the view
      this.main.focus();
    });
  }

  /** typing is true while something that somebody types would be lost by drawing anew. */
  get typing() {
    return [...this.main.querySelectorAll("form")].some((form) => form.matches("[data-typed]") || form.contains(document.activeElement) ||
      [...form.elements].some((one) => one.tagName === "INPUT" && one.value !== ""));
  }

  /** draw puts a view in place of the one before. quiet leaves the focus where it is, for what changes by itself. */
  draw(view, { quiet = false } = {}) {
    const { app } = this;
    document.documentElement.lang = app.words.tag;
    document.querySelector("link[rel=manifest]").href = `manifest${app.words.tag === "zh-Hans" ? "" : `-${app.words.tag}`}.webmanifest`;
    this.drawBar();
    const focus = quiet ? document.activeElement?.id : "";
    const top = window.scrollY;
    this.main.replaceChildren();
    add(this.main, [view]);
    const first = this.main.querySelector("h1");
    document.title = `${first?.textContent ?? ""} - ${app.t("name")}`;
    if (quiet) {
      if (focus) document.getElementById(focus)?.focus({ preventScroll: true });
      window.scrollTo(0, top);
      return;
    }
    window.scrollTo(0, 0);
    (this.main.querySelector(".govuk-error-summary") ?? (this.started ? first : null))?.focus();
    this.started = true;
  }

  drawBar() {
    const { app } = this;
    const { t } = app;
    const elder = document.documentElement.classList.contains("oh-elder");
    const pick = (tag) => {
      app.words.tag = tag;
      localStorage.setItem("lang", tag);
      app.guard(() => app.go());
    };
    const large = () => {
      document.documentElement.classList.toggle("oh-elder", !elder);
      localStorage.setItem("type", elder ? "standard" : "elder");
      this.drawBar();
    };
    const act = (text, press, more = {}) => h("li", {}, h("button", { type: "button", class: "oh-header__link oh-header__button", onclick: press, ...more }, text));
    const read = act(t(app.aloud.reading ? "aloud.stop" : "aloud.start"), () => {
      app.aloud.toggle(this.main, app.words.tag, () => this.drawBar());
      this.drawBar();
    });
    const held = document.activeElement?.closest("[data-bar]") ? [...this.bar.querySelectorAll("button")].indexOf(document.activeElement) : -1;
    this.bar.replaceChildren(
      h("nav", { "aria-label": t("language") }, h("ul", { class: "oh-header__list" }, languages.map(([tag, name]) => (tag === app.words.tag
        ? h("li", {}, h("span", { class: "oh-header__current", lang: tag, "aria-current": "true" }, name)) : act(name, () => pick(tag), { lang: tag }))))),
      h("ul", { class: "oh-header__list oh-header__list--end" },
        h("li", {}, h("span", { class: `oh-offline__line oh-offline__line--${app.online ? "on" : "off"}`, role: "status" }, t(app.online ? "line.on" : "line.off"))),
        app.aloud.possible ? read : [], act(t(elder ? "type.standard" : "type.elder"), large),
        app.locked ? [] : act(t("device.lock"), () => app.guard(() => app.lock()))));
    if (held >= 0) this.bar.querySelectorAll("button")[held]?.focus();
    this.host.querySelector("[data-name]").textContent = t("name");
    this.host.querySelector("[data-skip]").textContent = t("skip");
  }

  /** say tells what happened, in words that screen readers speak and that go when they are pressed away. */
  say(text) {
    const close = button(this.app.t("close"), () => this.live.replaceChildren(), { kind: "secondary" });
    this.live.replaceChildren(h("div", { class: "oh-offline__say" }, h("p", { class: "govuk-body" }, text), close));
  }
}
