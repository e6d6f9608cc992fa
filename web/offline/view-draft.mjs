// One draft that is no longer being written: what stands in it, how far it is, and what to do.
import { button, errorSummary, heading, inset, link, para, rows, sure, under, warning } from "./controls.mjs";
import { maskId } from "./checks.mjs";
import { h } from "./dom.mjs";
import { fields, index } from "./schema.mjs";
import { can } from "./states.mjs";
import { messageOf, size } from "./view-form.mjs";
import { stateTag } from "./view-list.mjs";

/** view shows a draft by its state. item is undefined when the pack has it no longer. */
export function view(app, draft, item) {
  const { t } = app;
  return [
    draft.state === "bad" && item && errorSummary(t, draft.errors.map((error) => ({ text: messageOf(app, error, index(fields(item.schema))) }))),
    heading(app.text(draft.itemName)), para(stateTag(app, draft)),
    states[draft.state]?.(app, draft, item),
    draft.state === "taken" ? null : [under(t("draft.filled")), rows(answers(app, draft, item))],
  ];
}

const states = {
  ready: (app, draft) => {
    const { t } = app;
    return [
      para(t(draft.unsure ? "draft.unsure" : app.online ? "draft.ready" : "draft.ready-offline")),
      draft.attempts > 0 && para(t("draft.attempts", { Count: draft.attempts })),
      h("div", { class: "govuk-button-group" },
        button(t("draft.handin"), () => app.handIn(true), { disabled: !app.online }),
        h("a", { class: "govuk-button govuk-button--secondary", role: "button", draggable: "false", href: `#/slip/${draft.id}` }, t("slip.provisional")),
        can(draft, "edit") && button(t("draft.edit"), () => app.edit(draft), { kind: "secondary" })),
      can(draft, "delete") && remove(app, draft),
    ];
  },
  sending: (app) => inset(para(app.t("draft.sending"))),
  taken: (app, draft) => {
    const { t } = app;
    return [
      h("div", { class: "govuk-panel govuk-panel--confirmation" }, h("h2", { class: "govuk-panel__title" }, t("taken.title")),
        h("div", { class: "govuk-panel__body" }, t("taken.number"), h("br"), h("strong", {}, draft.answer.number))),
      rows([[t("slip.villager"), draft.villagerName], draft.answer.code && [t("taken.code"), draft.answer.code], [t("taken.at"), app.words.time(draft.answer.at)]]),
      para(t("taken.kept")),
      h("div", { class: "govuk-button-group" },
        draft.answer.slip && h("a", { class: "govuk-button", role: "button", draggable: "false", href: draft.answer.slip, target: "_blank", rel: "noopener" }, t("slip.official")),
        h("a", { class: "govuk-button govuk-button--secondary", role: "button", draggable: "false", href: `#/slip/${draft.id}` }, t("slip.number"))),
      sure(t, t("taken.delete"), t("taken.delete-sure"), () => app.discard(draft)),
    ];
  },
  conflict: (app, draft, item) => {
    const { t } = app;
    const { reason, message, open } = draft.conflict ?? {};
    const known = app.words.has(`conflict.${reason}`);
    return [
      warning(t, known ? t(`conflict.${reason}`) : app.text(message) || t("conflict.other")),
      known && app.text(message) ? para(app.text(message)) : null,
      under(t("conflict.what")), para(t(app.words.has(`conflict.${reason}.what`) ? `conflict.${reason}.what` : "conflict.other.what")),
      h("div", { class: "govuk-button-group" },
        (reason?.startsWith("consent-") || reason === "other-field") && h("a", { class: "govuk-button", role: "button", draggable: "false", href: `#/consent/${draft.id}` }, t("conflict.consent")),
        reason === "item-changed" && button(t("conflict.renew"), () => app.renew(draft)),
        reason === "already-open" && button(t("conflict.another"), () => app.again(draft, { again: true }), { kind: "secondary", disabled: !app.online }),
        open && h("a", { class: "govuk-button govuk-button--secondary", role: "button", draggable: "false", href: open }, t("conflict.open")),
        item && reason !== "item-changed" && button(t("draft.edit"), () => app.edit(draft), { kind: "secondary" }),
        button(t("conflict.again"), () => app.again(draft), { kind: "secondary", disabled: !app.online })),
      remove(app, draft),
    ];
  },
  bad: (app, draft, item) => {
    const { t } = app;
    return [
      para(t(item ? "bad.what" : "bad.no-item")),
      h("div", { class: "govuk-button-group" }, item && button(t("bad.mend"), () => app.edit(draft)),
        draft.villager && h("a", { class: "govuk-button govuk-button--secondary", role: "button", draggable: "false", href: `#/consent/${draft.id}` }, t("conflict.consent")),
        button(t("conflict.again"), () => app.again(draft), { kind: "secondary", disabled: !app.online })),
      remove(app, draft),
    ];
  },
  writing: (app, draft) => [inset(para(app.t("bad.no-item"))), remove(app, draft)],
};

const remove = (app, draft) => sure(app.t, app.t("draft.delete"), app.t("draft.delete-sure"), () => app.discard(draft));

/** answers lists what was filled in, as people read it. */
export function answers(app, draft, item) {
  const { t } = app;
  const list = [[t("slip.villager"), draft.villagerName]];
  if (draft.villager) {
    list.push([t("consent.id"), maskId(draft.villager.id)], [t("consent.how"), `${t(`how.${draft.villager.how}`)}, ${app.words.time(draft.villager.at)}`]);
  }
  const show = (field, doc, before) => {
    const value = doc?.[field.key];
    if (field.kind === "group") {
      field.fields.forEach((child) => show(child, value, `${before}${app.text(field.title)} · `));
      return;
    }
    if (value !== undefined) list.push([before + app.text(field.title), written(app, field, value)]);
  };
  if (item) fields(item.schema).forEach((field) => show(field, draft.doc, ""));
  for (const file of draft.files) list.push([materialName(app, item, file.key), `${file.name} (${size(file.size)})`]);
  return list;
}

const materialName = (app, item, key) => app.text(item?.materials.find((m) => m.key === key)?.name) || key;

function written(app, field, value) {
  const option = (one) => app.text(field.options.find((o) => o.value === one)?.title) || String(one);
  switch (field.kind) {
    case "boolean": return app.t(value ? "form.yes" : "form.no");
    case "choice": return option(value);
    case "choices": return value.map(option).join(app.t("form.and"));
    case "date": return app.words.date(value);
    case "money": return `${(value / 100).toFixed(2)} ${app.t("form.yuan")}`;
    default: return [String(value), app.text(field.suffix)].filter(Boolean).join(" ");
  }
}

/** slip is the paper that the villager takes along: provisional before the hall has taken the matter, with its number afterwards. */
export function slip(app, draft, item) {
  const { t } = app;
  const taken = draft.state === "taken";
  const lacking = (item?.materials ?? []).filter((m) => !draft.files.some((file) => file.key === m.key));
  const line = (key, value) => value && h("tr", {}, h("th", { scope: "row" }, key), h("td", {}, value));
  return [
    h("div", { class: "oh-print__bar" }, link(t("back"), `#/draft/${draft.id}`, { class: "govuk-back-link" }), button(t("print"), () => window.print(), { kind: "secondary" })),
    h("div", { class: "oh-letter oh-offline__slip" },
      h("div", { class: "oh-letter__head" }, h("p", { class: "oh-letter__issuer" }, app.text(app.pack.division.name)),
        h("h1", { class: "oh-letter__title", tabindex: "-1" }, t(taken ? "slip.title-taken" : "slip.title"))),
      h("div", { class: "oh-letter__body" },
        h("table", {}, h("tbody", {},
          line(t("slip.villager"), draft.villagerName), draft.villager && line(t("consent.id"), maskId(draft.villager.id)),
          line(t("slip.item"), app.text(draft.itemName)),
          taken && line(t("taken.number"), draft.answer.number), taken && line(t("taken.code"), draft.answer.code), taken && line(t("taken.at"), app.words.time(draft.answer.at)),
          line(t("slip.filled"), app.words.time(draft.filled ?? draft.made)), line(t("slip.agent"), app.text(app.pack.agent.name)),
          !taken && line(t("slip.draft"), draft.id.slice(0, 8).toUpperCase()),
          !taken && draft.files.length > 0 && line(t("slip.given"), draft.files.map((file) => materialName(app, item, file.key)).join(t("form.and"))),
          !taken && lacking.length > 0 && line(t("slip.lacking"), lacking.map((m) => app.text(m.name)).join(t("form.and"))))),
        h("p", {}, t(taken ? "slip.track" : "slip.meaning"))),
      h("div", { class: "oh-letter__foot" }, h("div", { class: "oh-letter__seal" }, h("p", {}, t("slip.sign")), h("p", {}, app.words.date(app.now()))))),
  ];
}
