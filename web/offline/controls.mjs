// The controls of the app in the house's look: the markup is that of package ui.
import { add, h } from "./dom.mjs";

export const button = (text, act, { kind = "", id, disabled, type = "button" } = {}) =>
  h("button", { type, id, disabled, class: `govuk-button${kind ? ` govuk-button--${kind}` : ""}`, "data-module": "govuk-button", onclick: act }, text);

export const link = (text, href, more = {}) => h("a", { class: "govuk-link", href, ...more }, text);

export const heading = (text) => h("h1", { class: "govuk-heading-l", tabindex: "-1" }, text);
export const under = (text) => h("h2", { class: "govuk-heading-m" }, text);
export const para = (...children) => h("p", { class: "govuk-body" }, ...children);
export const inset = (...children) => h("div", { class: "govuk-inset-text" }, ...children);

export const tag = (text, colour) => h("strong", { class: `govuk-tag${colour ? ` govuk-tag--${colour}` : ""}` }, text);

export const warning = (t, ...children) => h("div", { class: "govuk-warning-text" },
  h("span", { class: "govuk-warning-text__icon", "aria-hidden": "true" }, "!"),
  h("strong", { class: "govuk-warning-text__text" }, h("span", { class: "govuk-visually-hidden" }, t("warning")), ...children));

/** rows is a list of names and values. */
export const rows = (list) => h("dl", { class: "govuk-summary-list" }, list.filter(Boolean).map(([key, value]) =>
  h("div", { class: "govuk-summary-list__row" }, h("dt", { class: "govuk-summary-list__key" }, key), h("dd", { class: "govuk-summary-list__value" }, value))));

/** sure is a button that asks once more before it does something that cannot be undone. */
export function sure(t, text, question, act) {
  const box = h("div", { class: "oh-offline__sure" });
  const ask = () => {
    const yes = button(text, act, { kind: "warning" });
    box.replaceChildren(h("p", { class: "govuk-body", role: "alert" }, question), h("div", { class: "govuk-button-group" }, yes, button(t("cancel"), rest, { kind: "secondary" })));
    yes.focus();
  };
  const rest = () => {
    const first = button(text, ask, { kind: "secondary" });
    const back = box.contains(document.activeElement);
    box.replaceChildren(first);
    if (back) first.focus();
  };
  rest();
  return box;
}

/** errorSummary lists what is wrong; pressing a line goes to its field. */
export function errorSummary(t, list) {
  const item = ({ id, text }) => h("li", {}, id ? h("a", {
    href: `#${id}`, onclick: (event) => {
      event.preventDefault();
      document.getElementById(id)?.focus();
      document.getElementById(id)?.closest(".govuk-form-group")?.scrollIntoView();
    },
  }, text) : h("span", {}, text));
  return h("div", { class: "govuk-error-summary", tabindex: "-1" }, h("div", { role: "alert" },
    h("h2", { class: "govuk-error-summary__title" }, t("errors")),
    h("div", { class: "govuk-error-summary__body" }, h("ul", { class: "govuk-list govuk-error-summary__list" }, list.map(item)))));
}

/** group puts label, hint and message around a control. control gets the attributes that tie them together. */
export function group(t, { id, label, hint, error, optional = false, set = false }, control) {
  const described = [hint && `${id}-hint`, error && `${id}-error`].filter(Boolean).join(" ") || null;
  const name = optional ? [label, h("span", { class: "oh-offline__optional" }, t("optional"))] : [label];
  const inside = [
    hint && h("div", { class: "govuk-hint", id: `${id}-hint` }, hint),
    error && h("p", { class: "govuk-error-message", id: `${id}-error` }, h("span", { class: "govuk-visually-hidden" }, t("error")), error),
    control({ described }),
  ];
  const box = h("div", { class: `govuk-form-group${error ? " govuk-form-group--error" : ""}` });
  if (set) {
    add(box, [h("fieldset", { class: "govuk-fieldset", "aria-describedby": described, id, tabindex: "-1" },
      h("legend", { class: "govuk-fieldset__legend govuk-fieldset__legend--s" }, name), inside)]);
  } else {
    add(box, [h("label", { class: "govuk-label govuk-label--s", for: id }, name), inside]);
  }
  return box;
}

export function input(t, { id, name = id, value = "", type = "text", error, ...rest }, more = {}) {
  return group(t, { id, error, ...rest }, ({ described }) => h("input", {
    id, name, type, value, class: `govuk-input${error ? " govuk-input--error" : ""}`, autocomplete: "off", "aria-describedby": described, ...more,
  }));
}

export function area(t, { id, name = id, value = "", error, ...rest }, more = {}) {
  return group(t, { id, error, ...rest }, ({ described }) => h("textarea", {
    id, name, value, rows: 4, class: `govuk-textarea${error ? " govuk-textarea--error" : ""}`, "aria-describedby": described, ...more,
  }));
}

export function select(t, { id, name = id, value = "", options, error, ...rest }, more = {}) {
  return group(t, { id, error, ...rest }, ({ described }) => {
    const list = h("select", { id, name, class: `govuk-select${error ? " govuk-select--error" : ""}`, "aria-describedby": described, ...more },
      h("option", { value: "" }, t("form.please-choose")), options.map((one) => h("option", { value: one.value }, one.text)));
    list.value = value;
    return list;
  });
}

/** choices are radios, or with many: boxes to tick. */
export function choices(t, { id, name = id, value, options, many = false, ...rest }) {
  const kind = many ? "checkboxes" : "radios";
  const chosen = many ? value ?? [] : [value];
  return group(t, { id, set: true, ...rest }, () => h("div", { class: `govuk-${kind}` }, options.map((one, i) => h("div", { class: `govuk-${kind}__item` },
    h("input", { class: `govuk-${kind}__input`, type: many ? "checkbox" : "radio", id: `${id}-${i}`, name, value: one.value, checked: chosen.includes(one.value) }),
    h("label", { class: `govuk-label govuk-${kind}__label`, for: `${id}-${i}` }, one.text)))));
}

export const tick = ({ id, name = id, checked = false, label, error, t }) => h("div", { class: `govuk-form-group${error ? " govuk-form-group--error" : ""}` },
  error && h("p", { class: "govuk-error-message", id: `${id}-error` }, h("span", { class: "govuk-visually-hidden" }, t("error")), error),
  h("div", { class: "govuk-checkboxes" }, h("div", { class: "govuk-checkboxes__item" },
    h("input", { class: "govuk-checkboxes__input", type: "checkbox", id, name, value: "true", checked, "aria-describedby": error ? `${id}-error` : null }),
    h("label", { class: "govuk-label govuk-checkboxes__label", for: id }, label))));
