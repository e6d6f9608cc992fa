// What is seen before the device is unlocked: setting it up, the PIN, and what went wrong with it.
import { button, errorSummary, heading, inset, input, link, para, sure, warning } from "./controls.mjs";
import { h } from "./dom.mjs";
import { TooSoon, Wiped, WrongPin, mostTries, warnAt, weak } from "./vault.mjs";

const pinField = { type: "password" };
const pinMore = { inputmode: "numeric", autocomplete: "off", maxlength: 64, spellcheck: "false" };

/** pinPair asks twice for a new PIN and says what is wrong with it. */
export function pinPair(t, errors = {}) {
  return [
    input(t, { ...pinField, id: "pin", label: t("pin.new"), hint: t("pin.hint"), error: errors.pin }, pinMore),
    input(t, { ...pinField, id: "again", label: t("pin.again"), error: errors.again }, pinMore),
  ];
}

/** pinErrors checks a new PIN that was typed twice. */
export function pinErrors(t, pin, again) {
  const why = weak(pin);
  if (why) return { pin: t(`pin.weak.${why}`) };
  return pin === again ? null : { again: t("pin.differ") };
}

export const summary = (t, errors) => errorSummary(t, Object.entries(errors).map(([id, text]) => ({ id, text })));

/** setUp is the first view on a device: it needs the line once, to know whose it is. */
export function setUp(app) {
  const { t } = app;
  const page = (errors) => {
    const form = h("form", { class: "oh-offline__form", novalidate: true, onsubmit: async (event) => {
      event.preventDefault();
      const [pin, again] = [form.elements.pin.value, form.elements.again.value];
      const wrong = pinErrors(t, pin, again);
      if (wrong) return show(wrong);
      app.busy(form);
      return app.setUp(pin);
    } }, pinPair(t, errors), button(t("setup.make"), null, { type: "submit" }));
    return [
      errors && summary(t, errors), heading(t("setup.title")), para(t("setup.who", { Name: app.text(app.fetched.agent.name) })), para(t("setup.what")),
      warning(t, t("setup.warning", { Count: mostTries })), form,
    ];
  };
  const box = h("div", {});
  const show = (errors) => {
    box.replaceChildren(...page(errors).filter(Boolean));
    box.querySelector(".govuk-error-summary")?.focus();
  };
  if (app.fetched) show();
  else {
    box.append(heading(t("setup.title")), para(t("setup.what")), ...fetching(app));
  }
  return box;
}

function fetching(app) {
  const { t } = app;
  const again = button(t("retry"), () => app.fetchPack());
  switch (app.packTrouble) {
    case "signin":
      return [inset(para(t("setup.signin"))), h("a", { class: "govuk-button", role: "button", draggable: "false", href: "/signin?next=%2Fagent%2Foffline%2F" }, t("signin"))];
    case "forbidden":
      return [inset(para(t("setup.forbidden"))), link(t("home"), "/")];
    case "line":
      return [inset(para(t("setup.line"))), again];
    default:
      return [h("p", { class: "govuk-body", role: "status" }, t("setup.wait"))];
  }
}

/** locked asks for the PIN. It shows how many drafts wait and nothing of what is in them. */
export function locked(app) {
  const { t } = app;
  const box = h("div", {});
  const show = (error) => {
    const left = mostTries - app.tries;
    const until = Math.max(app.until, 0);
    const waiting = until > app.now();
    const form = h("form", { class: "oh-offline__form", novalidate: true, onsubmit: async (event) => {
      event.preventDefault();
      const pin = form.elements.pin.value;
      if (pin === "") return show(t("pin.empty"));
      app.busy(form);
      try {
        await app.unlock(pin);
      } catch (reason) {
        if (!(reason instanceof WrongPin || reason instanceof TooSoon || reason instanceof Wiped)) throw reason;
        if (reason instanceof Wiped) return app.wiped();
        await app.readTries();
        return show(reason instanceof TooSoon ? t("pin.soon", { Time: app.clock(reason.until) }) : wrongText(app, reason));
      }
    } }, input(t, { ...pinField, id: "pin", label: t("pin.label"), error }, pinMore), button(t("unlock"), null, { type: "submit" }));
    box.replaceChildren(...[
      error && errorSummary(t, [{ id: "pin", text: error }]), heading(t("locked.title")),
      app.waiting > 0 ? para(t("locked.waiting", { Count: app.waiting })) : para(t("locked.none")),
      app.tries > 0 && left <= warnAt && warning(t, t("pin.warning", { Count: left })),
      !error && waiting && inset(para(t("pin.soon", { Time: app.clock(until) }))),
      form,
      h("details", { class: "govuk-details" }, h("summary", { class: "govuk-details__summary" }, h("span", { class: "govuk-details__summary-text" }, t("locked.forgot"))),
        h("div", { class: "govuk-details__text" }, para(t("locked.forgot-text", { Count: app.waiting })),
          sure(t, t("locked.delete"), t("locked.delete-sure", { Count: app.waiting }), () => app.wipe()))),
    ].filter(Boolean));
    box.querySelector(".govuk-error-summary")?.focus();
  };
  show();
  return box;
}

function wrongText(app, reason) {
  const said = app.t("pin.wrong", { Count: reason.left });
  return reason.until > app.now() ? `${said} ${app.t("pin.soon", { Time: app.clock(reason.until) })}` : said;
}
