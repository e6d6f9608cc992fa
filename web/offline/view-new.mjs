// A new draft: for whom, with whose consent, for which item.
import { button, choices, errorSummary, heading, input, inset, link, para, select, tick, under } from "./controls.mjs";
import { idCard, maskId, phone, tidy } from "./checks.mjs";
import { h } from "./dom.mjs";

export const relations = ["self", "spouse", "child", "parent", "relative", "guardian", "committee"];
export const ways = ["signed", "spoken", "thumbprint"];

/** chooseVillager lists those whose consent the hall knows, and leads to taking a new one. */
export function chooseVillager(app) {
  const { t } = app;
  const today = app.today();
  const known = app.pack.villagers.filter((v) => !v.until || v.until.slice(0, 10) >= today);
  const results = h("ul", { class: "oh-offline__drafts" });
  const show = (words) => {
    const found = known.filter((v) => app.text(v.name).includes(words.trim()) || v.maskedId.includes(words.trim())).slice(0, 50);
    results.replaceChildren(...found.map((v) => h("li", { class: "oh-offline__draft" }, h("div", {},
      link(app.text(v.name), `#/new/${encodeURIComponent(v.consent)}`, { class: "govuk-link oh-offline__open" }),
      h("span", { class: "oh-offline__of" }, `${v.maskedId} · ${t("new.until", { Date: app.words.date(v.until) })}`)))));
    if (found.length === 0) results.replaceChildren(h("li", { class: "govuk-body" }, t("new.nobody")));
  };
  show("");
  return [
    heading(t("new.title")),
    h("div", { class: "govuk-button-group" }, h("a", { class: "govuk-button", role: "button", draggable: "false", href: "#/consent" }, t("new.consent"))),
    under(t("new.known")),
    known.length > 8 && input(t, { id: "find", label: t("new.find"), type: "search" }, { oninput: (event) => show(event.target.value) }),
    results,
  ];
}

/** takeConsent writes down the consent of a villager off line; back is called with it. given fills the form in again. */
export function takeConsent(app, back, given = {}) {
  const { t } = app;
  const box = h("div", {});
  const offered = (app.pack.fields ?? []).map((field) => ({ value: field.key, text: app.text(field.title) }));
  const every = offered.map((field) => field.value);
  const show = (v, errors = {}) => {
    const list = Object.entries(errors).map(([id, text]) => ({ id, text }));
    const form = h("form", { class: "oh-offline__form", "data-typed": true, novalidate: true, onsubmit: async (event) => {
      event.preventDefault();
      const typed = readConsent(form);
      if (app.pack.villages?.length === 1) typed.village = app.pack.villages[0].code;
      const wrong = checkConsent(t, typed, app.now(), app.pack.villages ?? []);
      if (Object.keys(wrong).length > 0) return show(typed, wrong);
      const { seen, ...villager } = typed;
      if (villager.fields.length === every.length) villager.fields = []; // all ten
      await back({ ...villager, relation: relationText(app, typed.relation), at: new Date(app.now()).toISOString() });
    } },
    input(t, { id: "name", label: t("consent.name"), value: v.name, error: errors.name }, { maxlength: 50 }),
    input(t, { id: "id", label: t("consent.id"), hint: t("consent.id-hint"), value: v.id, error: errors.id }, { maxlength: 24 }),
    input(t, { id: "phone", label: t("consent.phone"), value: v.phone, error: errors.phone, optional: true, type: "tel" }, { maxlength: 20 }),
    select(t, { id: "relation", label: t("consent.relation"), hint: t("consent.relation-hint"), value: v.relation, error: errors.relation, options: relations.map((value) => ({ value, text: t(`relation.${value}`) })) }),
    h("div", { class: "oh-offline__consent", id: "consent-text" }, under(t("consent.text")), app.text(app.pack.consentText).split("\n").filter(Boolean).map((line) => para(line))),
    app.pack.villages?.length > 1 && select(t, { id: "village", label: t("consent.village"), value: v.village, error: errors.village, options: app.pack.villages.map((one) => ({ value: one.code, text: app.text(one.name) })) }),
    offered.length > 0 && choices(t, { id: "fields", many: true, label: t("consent.fields"), hint: t("consent.fields-hint"), value: v.fields ?? every, error: errors.fields, options: offered }),
    choices(t, { id: "how", label: t("consent.how"), value: v.how, error: errors.how, options: ways.map((value) => ({ value, text: t(`how.${value}`) })) }),
    input(t, { id: "witness", label: t("consent.witness"), hint: t("consent.witness-hint"), value: v.witness, error: errors.witness, optional: true }, { maxlength: 50 }),
    tick({ t, id: "seen", label: t("consent.seen"), checked: v.seen, error: errors.seen }),
    button(t("consent.keep"), null, { type: "submit" }));
    box.replaceChildren(...[list.length > 0 && errorSummary(t, list), heading(t("consent.title")), inset(para(t("consent.what"))), form].filter(Boolean));
    app.flush = async () => {
      app.typed = readConsent(form);
    };
    box.querySelector(".govuk-error-summary")?.focus();
  };
  show({ ...given, fields: given.fields?.length > 0 ? given.fields : every });
  return box;
}

/** relationText is what the paper says of who spoke for the villager; nothing when they spoke themselves. */
const relationText = (app, relation) => (relation === "self" ? "" : app.words.table[`relation.${relation}`]["zh-Hans"]);

function readConsent(form) {
  const value = (name) => form.elements[name]?.value.trim() ?? "";
  return {
    village: value("village"), witness: value("witness"), name: value("name"), id: tidy(value("id")).replace(/x$/, "X"), phone: tidy(value("phone")), relation: value("relation"),
    fields: [...form.querySelectorAll("[name=fields]:checked")].map((one) => one.value), how: value("how"), seen: form.elements.seen.checked,
  };
}

/** checkConsent says what is wrong with a consent, by field. */
export function checkConsent(t, v, now, villages = []) {
  const errors = {};
  if (v.name === "") errors.name = t("form.required", { Label: t("consent.name") });
  const id = v.id === "" ? { key: "" } : idCard(v.id, now);
  if (id) errors.id = id.key ? t(id.key, id.args) : t("form.required", { Label: t("consent.id") });
  if (v.phone !== "" && phone(v.phone)) errors.phone = t("phone");
  if (!relations.includes(v.relation)) errors.relation = t("form.choose", { Label: t("consent.relation") });
  if (!ways.includes(v.how)) errors.how = t("form.choose", { Label: t("consent.how") });
  if (villages.length > 0 && !villages.some((one) => one.code === v.village)) errors.village = t("form.choose", { Label: t("consent.village") });
  if (v.fields?.length === 0) errors.fields = t("consent.fields-error");
  if (v.how === "spoken" && v.witness === "") errors.witness = t("form.required", { Label: t("consent.witness") });
  if (!v.seen) errors.seen = t("consent.seen-error");
  return errors;
}

/** chooseItem lists the items by field, and begins the draft. who is {consent, name, maskedId} or {villager}. */
export function chooseItem(app, who) {
  const { t } = app;
  const village = who.villager?.village ?? who.village;
  const order = (app.pack.fields ?? []).map((field) => field.key);
  const agreed = who.villager?.fields ?? who.fields ?? []; // none: all ten
  const offered = app.pack.items.filter((item) => (!village || !item.villages || item.villages.includes(village)) && (agreed.length === 0 || agreed.includes(item.field)));
  offered.sort((a, b) => order.indexOf(a.field) - order.indexOf(b.field));
  const byField = new Map();
  for (const item of offered) byField.set(item.field, [...(byField.get(item.field) ?? []), item]);
  const name = who.villager?.name ?? app.text(who.name);
  return [
    heading(t("item.title", { Name: name })),
    para(who.villager ? maskId(who.villager.id) : who.maskedId),
    agreed.length > 0 && inset(para(t("item.agreed", { Fields: app.pack.fields.filter((one) => agreed.includes(one.key)).map((one) => app.text(one.title)).join(t("form.and")) }))),
    byField.size === 0 && inset(para(t("item.none"))),
    [...byField].map(([field, items]) => h("section", {}, under(app.text(app.pack.fields?.find((one) => one.key === field)?.title) || field),
      h("ul", { class: "oh-offline__drafts" }, items.map((item) => h("li", { class: "oh-offline__draft" },
        h("button", { type: "button", class: "oh-offline__choose govuk-link", onclick: () => app.begin(item, who) }, app.text(item.name))))))),
  ];
}

// What the villager has said already is not asked twice: fields of these names are filled in.
const known = { name: "name", applicant: "name", idNumber: "id", idCard: "id", telephone: "phone", phone: "phone" };

/** prefilled is what of the villager goes into the fields of a form. */
export function prefilled(app, list, who) {
  const person = who.villager ?? { name: app.text(who.name), id: "", phone: who.phone ?? "" };
  const typed = {};
  for (const field of list) {
    const value = field.kind === "text" ? person[known[field.key]] : "";
    if (value) typed[field.name] = value;
  }
  return typed;
}

