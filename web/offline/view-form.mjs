// The form of a draft that is being written: fields from the schema of its item, and its materials. What is typed is kept as one types.
import { area, button, choices, errorSummary, heading, input, para, select, sure, tick, under } from "./controls.mjs";
import { h } from "./dom.mjs";
import { Unfit, accepted, limits, prepare } from "./pictures.mjs";
import { asked, check, decode, fields, index } from "./schema.mjs";

const saveAfter = 700; // milliseconds without typing

const idOf = (name) => `f-${name.replaceAll(".", "-")}`;

/** messageOf writes what is wrong with a field, found on the device or by the hall. */
export function messageOf(app, error, byName) {
  const { t } = app;
  if (error.message) return app.text(error.message);
  if (error.code) return t(`bad.${error.code}`);
  if (error.material) return t("material.missing", { Label: app.text(error.material.name) });
  const field = byName.get(error.field);
  const label = field ? app.text(field.title) : error.field;
  const cause = error.cause ? t(error.cause.key, error.cause.args) : app.text(error.text);
  return t(`form.${error.key}`, { ...error.args, Label: label, Text: cause });
}

/** found checks a draft as the hall will: the fields, and the materials that are needed. */
export function found(item, list, typed, files, now) {
  const doc = decode(list, typed);
  const missing = item.materials.filter((m) => m.required && !files.some((file) => file.key === m.key));
  return { doc, errors: [...check(list, doc, now), ...missing.map((material) => ({ field: `file:${material.key}`, material }))] };
}

export function form(app, draft, item) {
  const { t } = app;
  const list = fields(item.schema);
  const byName = index(list);
  let errors = (draft.errors ?? []).map((e) => ({ ...e, field: e.field.replace(/^files\./, "file:") })); // as the hall names materials
  let timer = 0;
  const box = h("div", {});

  const errorAt = (name) => {
    const error = errors.find((e) => e.field === name);
    return error && messageOf(app, error, byName);
  };
  const summary = () => errors.length > 0 && errorSummary(t, errors.map((e) => ({
    id: byName.has(e.field) ? idOf(e.field) : e.field.startsWith("file:") && e.field.length > 5 ? idOf(e.field.replace(":", "-")) : "", text: messageOf(app, e, byName),
  })));

  const save = async () => {
    clearTimeout(timer);
    timer = 0;
    const fresh = app.drafts.get(draft.id);
    if (!fresh || fresh.state !== "writing") return;
    const values = read(element, list);
    if (JSON.stringify(values) === JSON.stringify(fresh.values)) return;
    draft = await app.keep({ ...fresh, values });
    saved.textContent = t("form.saved", { Time: app.clock(app.now()) });
  };
  const later = () => {
    clearTimeout(timer);
    timer = setTimeout(() => app.guard(save), saveAfter);
    hideUnasked(element, byName, read(element, list));
  };
  app.flush = save;

  const materials = h("div", {});
  const drawMaterials = () => materials.replaceChildren(...item.materials.map((m) => material(app, draft, m, errorAt(`file:${m.key}`), async (change) => {
    await save();
    draft = await change(app.drafts.get(draft.id));
    drawMaterials();
  })));

  const saved = h("p", { class: "govuk-hint", role: "status" });
  const submit = async (event) => {
    event.preventDefault();
    await save();
    draft = app.drafts.get(draft.id);
    const result = found(item, list, draft.values, draft.files, app.now());
    errors = result.errors;
    if (errors.length === 0) return app.finish(draft, result.doc);
    draft = await app.keep({ ...draft, errors: [] });
    draw();
    box.querySelector(".govuk-error-summary")?.focus();
  };
  let element;
  const draw = () => {
    element = h("form", { class: "oh-offline__form", "data-typed": true, novalidate: true, onsubmit: (event) => app.guard(() => submit(event)), oninput: later, onchange: later },
      list.map((field) => draw1(app, field, draft.values, errorAt)),
      item.materials.length > 0 && under(t("material.title")), materials,
      saved, button(t("form.finish"), null, { type: "submit" }));
    drawMaterials();
    box.replaceChildren(...[
      summary(), heading(app.text(item.name)), para(t("form.for", { Name: draft.villagerName })), para(t("form.kept")), element,
      sure(t, t("draft.delete"), t("draft.delete-sure"), () => app.discard(app.drafts.get(draft.id))),
    ].filter(Boolean));
    hideUnasked(element, byName, draft.values ?? {});
  };
  draw();
  return box;
}

function hideUnasked(element, byName, typed) {
  for (const [name, field] of byName) {
    if (field.node["x-when"]) element.querySelector(`[data-field="${CSS.escape(name)}"]`).hidden = !asked(field, typed, byName);
  }
}

function draw1(app, field, typed, errorAt) {
  const { t } = app;
  const common = {
    id: idOf(field.name), name: field.name, label: app.text(field.title), hint: app.text(field.hint), error: errorAt(field.name), optional: !field.required && field.kind !== "boolean",
    value: typed?.[field.name] ?? (field.kind === "choices" ? [] : ""),
  };
  const options = field.options.map((o) => ({ value: o.value, text: app.text(o.title) }));
  const max = field.node.maxLength ? { maxlength: Math.max(field.node.maxLength * 2, 40) } : {};
  const suffix = app.text(field.suffix) || (field.kind === "money" ? t("form.yuan") : "");
  const withSuffix = (more) => input(t, { ...common, hint: hintWith(t, common.hint, suffix) }, more);
  const drawn = {
    group: () => h("fieldset", { class: "govuk-fieldset oh-offline__group" }, h("legend", { class: "govuk-fieldset__legend govuk-fieldset__legend--m" }, common.label),
      field.fields.map((child) => draw1(app, child, typed, errorAt))),
    boolean: () => tick({ t, id: common.id, name: common.name, label: common.label, checked: common.value === true, error: common.error }),
    choice: () => (options.length > 6 ? select(t, { ...common, options }) : choices(t, { ...common, options })),
    choices: () => choices(t, { ...common, options, many: true }),
    date: () => input(t, { ...common, type: "date" }),
    long: () => area(t, common, max),
    integer: () => withSuffix({ inputmode: "numeric" }), number: () => withSuffix({ inputmode: "decimal" }), money: () => withSuffix({ inputmode: "decimal" }),
    text: () => input(t, { ...common, type: field.node.format === "phone" ? "tel" : "text", hint: hintWith(t, common.hint, suffix) }, max),
  }[field.kind]();
  return h("div", { "data-field": field.name }, drawn);
}

const hintWith = (t, hint, suffix) => [hint, suffix && !hint.includes(suffix) && t("form.unit", { Unit: suffix })].filter(Boolean).join(" · ");

/** read takes what stands in the form, by name of field. */
function read(element, list) {
  const typed = {};
  const data = new FormData(element);
  const take = (field) => {
    if (field.kind === "group") field.fields.forEach(take);
    else if (field.kind === "boolean") typed[field.name] = data.get(field.name) === "true";
    else if (field.kind === "choices") typed[field.name] = data.getAll(field.name);
    else if (data.get(field.name)) typed[field.name] = String(data.get(field.name));
  };
  list.forEach(take);
  return typed;
}

function material(app, draft, m, error, change) {
  const { t } = app;
  const id = idOf(`file-${m.key}`);
  const mine = draft.files.filter((file) => file.key === m.key);
  const problem = h("p", { class: "govuk-error-message", role: "alert" }, error ?? "");
  problem.hidden = !error;
  const choose = async (event) => {
    const chosen = [...event.target.files];
    try {
      for (const file of chosen) {
        const used = app.drafts.get(draft.id).files.reduce((sum, f) => sum + f.size, 0);
        const made = await prepare(file, used);
        await change((fresh) => app.attach(fresh, { key: m.key, ...made }));
      }
    } catch (reason) {
      if (!(reason instanceof Unfit)) throw reason;
      problem.textContent = t(`material.${reason.code}`, { One: limits.one >> 20, All: limits.all >> 20 });
      problem.hidden = false;
      event.target.value = "";
    }
  };
  return h("div", { class: `govuk-form-group${error ? " govuk-form-group--error" : ""}` },
    h("label", { class: "govuk-label govuk-label--s", for: id }, app.text(m.name), !m.required && h("span", { class: "oh-offline__optional" }, t("optional"))),
    m.copy && h("div", { class: "govuk-hint", id: `${id}-hint` }, [app.text(m.note), t("material.copy")].filter(Boolean).join(" · ")),
    problem,
    mine.length > 0 && h("ul", { class: "govuk-list oh-offline__files" }, mine.map((file) => h("li", {}, `${file.name} (${size(file.size)}) `,
      h("button", { type: "button", class: "govuk-link oh-offline__remove", onclick: () => app.guard(() => change((fresh) => app.detach(fresh, file.id))) },
        t("material.remove"), h("span", { class: "govuk-visually-hidden" }, ` ${file.name}`))))),
    h("input", { class: "govuk-file-upload", type: "file", id, accept: accepted, multiple: true, "aria-describedby": m.copy ? `${id}-hint` : null, onchange: (event) => app.guard(() => choose(event)) }));
}

/** size writes a number of bytes for people. */
export function size(bytes) {
  const steps = [[1 << 30, "GB"], [1 << 20, "MB"], [1 << 10, "KB"]];
  const [unit, name] = steps.find(([least]) => bytes >= least) ?? steps[2];
  const n = bytes / unit;
  return `${unit === 1 << 10 ? Math.max(1, Math.round(n)) : n.toFixed(1)} ${name}`;
}
