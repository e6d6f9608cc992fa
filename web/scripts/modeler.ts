// The drawing board (internal/slice/chart): bpmn-js on the file of the page, with a palette and a properties panel of our own, and the
// findings of the server's checker on the canvas and in the list. It works on the text area that the page has anyway: what is drawn is put
// there before the form is sent, so saving is the same with and without scripts.
import Modeler from "bpmn-js/lib/Modeler";
import AlignElements from "bpmn-js/lib/features/align-elements";
import DistributeElements from "bpmn-js/lib/features/distribute-elements";

import { savingOf } from "./saving";

const space = "https://openhall.org/schema/procedure/1";

/* eslint-disable @typescript-eslint/no-explicit-any */
type Any = any; // bpmn-js hands out objects of a meta model, whose properties are those of BPMN

interface Option { value: string; text: string }
interface Finding { element: string; name: string; level: string; line: number; text: string }

const area = document.querySelector<HTMLElement>("[data-board]");
const text = document.querySelector<HTMLTextAreaElement>("textarea[name=xml]");
if (area && text) start(area, text).catch((error: unknown) => tell(area, "{why}", error));

async function start(area: HTMLElement, text: HTMLTextAreaElement): Promise<void> {
  const words = JSON.parse(area.dataset.words ?? "{}") as Record<string, string>;
  const choices = JSON.parse(area.dataset.choices ?? "{}") as Record<string, Option[]>;
  const editable = area.hasAttribute("data-editable");
  const say = (key: string) => words[key] ?? key;

  const canvas = element("div", { class: "oh-board__canvas" });
  canvas.setAttribute("role", "application");
  canvas.setAttribute("aria-label", say("canvas"));
  const panel = element("section", { class: "oh-board__panel" });
  panel.setAttribute("aria-label", say("properties"));
  const tools = element("div", { class: "oh-board__tools" });
  tools.setAttribute("role", "toolbar");
  tools.setAttribute("aria-label", say("canvas"));
  const status = element("span", { class: "oh-board__status" });
  status.setAttribute("role", "status");
  area.append(tools, canvas, panel);

  const translate = (template: string, values: Record<string, string> = {}) =>
    (words["tool:" + template] ?? template).replace(/{([^}]+)}/g, (_, key: string) => values[key] ?? "{" + key + "}");
  const left = new Set([AlignElements, DistributeElements]); // their icons carry inline styles, which the content security policy forbids
  const modules = (Modeler.prototype as Any)._modules.filter((m: unknown) => !left.has(m as Any));
  class Board extends (Modeler as Any) { get _modules() { return modules; } }
  const modeler: Any = new (Board as Any)({
    container: canvas,
    additionalModules: [{ translate: ["value", translate] }, paletteOf(translate)],
  });

  let drawn: { warnings: { message: string }[] };
  try {
    area.hidden = false; // drawn into a hidden box nothing would have a size
    drawn = await modeler.importXML(text.value);
  } catch (error) {
    area.hidden = true; // the picture of the server, the findings and the text stay
    tell(area, say("closed"), error);
    return;
  }
  document.querySelector<HTMLElement>("[data-board-picture]")!.hidden = true;
  const fit = () => {
    const paper = modeler.get("canvas");
    paper.zoom("fit-viewport", "auto");
    if (!editable) return;
    const beside = 48; // half of what the palette covers, in pixels
    paper.zoom(paper.zoom() * 0.85, "auto");
    paper.scroll({ dx: beside, dy: 0 });
  };
  fit();

  // What the canvas could not take in would be lost by saving: then the file is only shown, and edited as text.
  const lossy = drawn.warnings.length > 0;
  const may = editable && !lossy;
  if (lossy) {
    const list = element("ul", {});
    for (const w of drawn.warnings.slice(0, 20)) list.append(element("li", {}, w.message));
    const note = element("div", { class: "govuk-inset-text" }, say("warnings"));
    note.append(list);
    area.before(note);
  }
  if (!may) canvas.classList.add("oh-board__canvas--shown");

  let changed = false;
  let keep: (xml: string) => void = () => {};
  const write = async () => {
    if (may && changed) text.value = (await modeler.saveXML({ format: true })).xml;
  };
  const failed = (error: unknown) => tell(area, say("failed"), error);

  for (const [key, act] of [
    ["undo", () => modeler.get("commandStack").undo()], ["redo", () => modeler.get("commandStack").redo()],
    ["in", () => modeler.get("zoomScroll").stepZoom(1)], ["out", () => modeler.get("zoomScroll").stepZoom(-1)], ["fit", fit],
  ] as [string, () => void][]) {
    if (!may && (key === "undo" || key === "redo")) continue;
    const b = button(say(key), act);
    tools.append(b);
  }
  tools.append(status);

  // Findings: those of the page first, then after each change those of what is on the canvas.
  const registry = modeler.get("elementRegistry");
  const show = (id: string) => {
    const found = registry.get(id);
    if (!found) return;
    modeler.get("selection").select(found);
    modeler.get("canvas").scrollToElement(found, 80);
  };
  const mark = (list: Finding[]) => {
    const overlays = modeler.get("overlays");
    overlays.remove({ type: "finding" });
    const byElement = new Map<string, Finding[]>();
    for (const f of list) byElement.set(f.element, [...(byElement.get(f.element) ?? []), f]);
    for (const e of registry.getAll()) {
      for (const level of ["error", "warning"]) modeler.get("canvas").removeMarker(e.id, "oh-board--" + level);
    }
    for (const [id, of] of byElement) {
      const e = registry.get(id);
      if (!e) continue;
      const level = of.some((f) => f.level === "error") ? "error" : "warning";
      modeler.get("canvas").addMarker(id, "oh-board--" + level);
      const badge = element("span", { class: "oh-board__badge oh-board__badge--" + level }, level === "error" ? "!" : "?");
      badge.title = of.map((f) => f.text).join("\n");
      overlays.add(id, "finding", { position: e.waypoints ? { top: -6, left: -6 } : { top: -10, right: 10 }, html: badge });
    }
  };
  const list = document.querySelector<HTMLElement>("[data-board-findings]")!;
  const listed = () => {
    for (const item of list.querySelectorAll<HTMLElement>("[data-element]")) {
      const id = item.dataset.element!;
      if (!registry.get(id) || item.querySelector("button")) continue;
      const go = button(item.querySelector("code")?.textContent ?? id, () => show(id));
      go.className = "oh-link-button";
      item.querySelector("code")?.replaceWith(go);
    }
  };
  const fromPage = () => [...list.querySelectorAll<HTMLElement>("[data-element]")].map((item): Finding => ({
    element: item.dataset.element!, name: "", line: 0, level: item.classList.contains("oh-findings__item--error") ? "error" : "warning",
    text: item.querySelector("div")?.textContent ?? "",
  }));
  mark(fromPage());
  listed();
  let asked = 0;
  const check = async () => {
    const mine = ++asked;
    status.textContent = say("checking");
    try {
      const { xml } = await modeler.saveXML({ format: true });
      if (changed) keep(xml);
      const answer = await fetch(area.dataset.check!, { method: "POST", body: xml, headers: { "Content-Type": "application/xml" } });
      if (!answer.ok) throw new Error(String(answer.status));
      const found = (await answer.json()) as Finding[];
      if (mine !== asked) return; // something newer is on its way
      mark(found);
      list.replaceChildren(found.length === 0 ? element("p", { class: "govuk-body" }, say("clean")) : findingList(found));
      listed();
      const errors = found.filter((f) => f.level === "error").length;
      status.textContent = errors > 0 ? say("errors").replace("{n}", String(errors)) : say("clean");
    } catch {
      if (mine === asked) status.textContent = say("offline");
    }
  };
  const findingList = (found: Finding[]) => {
    const ol = element("ol", { class: "govuk-list govuk-list--number oh-findings" });
    for (const f of found) {
      const li = element("li", { class: "oh-findings__item oh-findings__item--" + f.level });
      li.dataset.element = f.element;
      li.append(element("strong", {}, f.name + " "));
      if (f.element) li.append(element("code", {}, f.element));
      li.append(element("div", {}, f.text));
      ol.append(li);
    }
    return ol;
  };

  const properties = panelOf(modeler, panel, choices, say, may);
  let wait: ReturnType<typeof setTimeout> | undefined;
  modeler.on("commandStack.changed", () => {
    changed = true;
    clearTimeout(wait);
    wait = setTimeout(() => { check().catch(failed); }, 400);
    properties();
  });
  modeler.on("selection.changed", properties);
  properties();

  // What is drawn is sent without leaving the canvas, and kept in the browser until the hall has it.
  if (may) {
    keep = savingOf({
      area, text, say, write, failed,
      take: async (xml) => {
        await modeler.importXML(xml);
        fit();
        text.value = xml;
        changed = true;
        properties();
        await check();
      },
      status: (words) => { status.textContent = words; },
      saved: () => { changed = false; },
    });
  }
  window.addEventListener("beforeunload", (event) => { if (changed && may) event.preventDefault(); });
  text.addEventListener("input", () => { changed = false; }); // what is typed into the text counts over the canvas
  area.dataset.took = String(Math.round(performance.now()));
  area.dataset.ready = "true";
}

// tell says what went wrong where it is seen and heard, above the canvas.
function tell(area: HTMLElement, words: string, error: unknown): void {
  console.info(error);
  let note = document.getElementById("board-failed");
  if (!note) {
    note = element("div", { class: "govuk-inset-text", id: "board-failed", tabindex: "-1" });
    note.setAttribute("role", "alert");
    area.before(note);
  }
  note.textContent = words.replace("{why}", error instanceof Error ? error.message : String(error));
  note.focus();
}

// paletteOf is our palette: what the engine executes, no more.
function paletteOf(translate: (t: string) => string): Any {
  class Palette {
    static $inject = ["palette", "create", "elementFactory", "handTool", "lassoTool", "globalConnect", "spaceTool"];
    constructor(palette: Any, private create: Any, private factory: Any, private hand: Any, private lasso: Any, private connect: Any, private room: Any) {
      palette.registerProvider(this);
    }
    getPaletteEntries(): Any {
      const make = (type: string, group: string, icon: string, title: string, more: object = {}) => {
        const begin = (event: Event) => this.create.start(event, this.factory.createShape({ type, ...more }));
        return { group, className: icon, title: translate(title), action: { dragstart: begin, click: begin } };
      };
      const pool = (event: Event) => this.create.start(event, this.factory.createParticipantShape());
      return {
        "hand-tool": { group: "tools", className: "bpmn-icon-hand-tool", title: translate("Activate hand tool"), action: { click: (e: Event) => this.hand.activateHand(e) } },
        "lasso-tool": { group: "tools", className: "bpmn-icon-lasso-tool", title: translate("Activate lasso tool"), action: { click: (e: Event) => this.lasso.activateSelection(e) } },
        "space-tool": { group: "tools", className: "bpmn-icon-space-tool", title: translate("Activate create/remove space tool"), action: { click: (e: Event) => this.room.activateSelection(e) } },
        "connect-tool": { group: "tools", className: "bpmn-icon-connection-multi", title: translate("Activate global connect tool"), action: { click: (e: Event) => this.connect.start(e) } },
        "tool-separator": { group: "tools", separator: true },
        "start": make("bpmn:StartEvent", "event", "bpmn-icon-start-event-none", "Create start event"),
        "timer": make("bpmn:IntermediateCatchEvent", "event", "bpmn-icon-intermediate-event-catch-timer", "Timer intermediate catch event", { eventDefinitionType: "bpmn:TimerEventDefinition" }),
        "message": make("bpmn:IntermediateCatchEvent", "event", "bpmn-icon-intermediate-event-catch-message", "Message intermediate catch event", { eventDefinitionType: "bpmn:MessageEventDefinition" }),
        "end": make("bpmn:EndEvent", "event", "bpmn-icon-end-event-none", "Create end event"),
        "user-task": make("bpmn:UserTask", "activity", "bpmn-icon-user-task", "User task"),
        "sub-process": make("bpmn:SubProcess", "activity", "bpmn-icon-subprocess-expanded", "Create expanded sub-process", { isExpanded: true }),
        "exclusive": make("bpmn:ExclusiveGateway", "gateway", "bpmn-icon-gateway-xor", "Exclusive gateway"),
        "parallel": make("bpmn:ParallelGateway", "gateway", "bpmn-icon-gateway-parallel", "Parallel gateway"),
        "pool": { group: "collaboration", className: "bpmn-icon-participant", title: translate("Create pool/participant"), action: { dragstart: pool, click: pool } },
      };
    }
  }
  return { __init__: ["paletteProvider"], paletteProvider: ["type", Palette] };
}

// panelOf returns what shows the properties of the selected element; everything can be reached by keyboard, and elements can be chosen from
// a list and added after one another without drawing.
function panelOf(modeler: Any, panel: HTMLElement, choices: Record<string, Option[]>, say: (key: string) => string, may: boolean): () => void {
  const registry = modeler.get("elementRegistry");
  const modeling = modeler.get("modeling");
  const moddle = modeler.get("moddle");
  let shownId = "";

  const ours = (bo: Any, name: string): Any[] => (bo.extensionElements?.values ?? []).filter((x: Any) => isOurs(x, name));
  const isOurs = (x: Any, name: string) => x.$type?.split(":")[1] === name && (x.$descriptor?.ns?.uri === space || x.$type.startsWith("openhall:"));
  const put = (e: Any, name: string, values: Record<string, string> | null) => {
    const bo = e.businessObject;
    const kept = (bo.extensionElements?.values ?? []).filter((x: Any) => !isOurs(x, name));
    setAll(e, values ? [...kept, made(name, values)] : kept);
  };
  const made = (name: string, values: Record<string, string>) => moddle.createAny("openhall:" + name, space, values);
  const setAll = (e: Any, values: Any[]) => {
    const extension = moddle.create("bpmn:ExtensionElements", { values });
    for (const x of values) x.$parent = extension;
    extension.$parent = e.businessObject;
    modeling.updateProperties(e, { extensionElements: values.length > 0 ? extension : undefined });
  };
  const attr = (x: Any, name: string): string => x?.[name] ?? x?.$attrs?.[name] ?? "";
  const roleOf = (bo: Any): string => {
    for (const [k, v] of Object.entries(bo.$attrs ?? {})) if (k.endsWith(":role")) return String(v);
    return "";
  };

  const chooser = (e: Any) => {
    const select = element("select", { class: "govuk-select", id: "board-element" }) as HTMLSelectElement;
    select.append(new Option(say("nothing"), ""));
    for (const x of registry.filter((x: Any) => x.businessObject?.id && !x.labelTarget && x.type !== "label")) {
      const bo = x.businessObject;
      const o = new Option((bo.name || bo.id).replace(/\s+/g, " ") + (bo.name ? " (" + bo.id + ")" : ""), bo.id);
      o.selected = e?.id === bo.id;
      select.append(o);
    }
    select.addEventListener("change", () => {
      const found = registry.get(select.value);
      modeler.get("selection").select(found ?? null);
      if (found) modeler.get("canvas").scrollToElement(found, 80);
      panel.querySelector<HTMLElement>("#board-element")?.focus();
    });
    return labelled("board-element", say("properties"), select);
  };

  const field = (id: string, label: string, value: string, change: (v: string) => void, options?: Option[]) => {
    let control: HTMLInputElement | HTMLSelectElement;
    if (options) {
      control = element("select", { class: "govuk-select", id }) as HTMLSelectElement;
      control.append(new Option(say("none"), ""));
      const known = options.some((o) => o.value === value);
      for (const o of value && !known ? [{ value, text: value }, ...options] : options) {
        const item = new Option(o.text, o.value);
        item.selected = o.value === value;
        control.append(item);
      }
    } else {
      control = element("input", { class: "govuk-input", id }) as HTMLInputElement;
      control.value = value;
    }
    control.disabled = !may;
    control.addEventListener("change", () => change(control.value));
    return labelled(id, label, control);
  };

  const draw = () => {
    const selected = modeler.get("selection").get();
    const e = selected.length === 1 ? selected[0].labelTarget ?? selected[0] : undefined;
    shownId = e?.id ?? "";
    panel.replaceChildren(chooser(e));
    if (!e?.businessObject) return;
    const bo = e.businessObject;
    const type: string = bo.$type;
    const again = (act: () => void) => { act(); if (registry.get(shownId)) draw(); };
    panel.append(field("board-name", say("name"), bo.name ?? "", (v) => modeling.updateProperties(e, { name: v || undefined })));
    const title = ours(bo, "title")[0];
    for (const [key, tag] of [["name-hant", "zh-Hant"], ["name-en", "en"]]) {
      panel.append(field("board-" + key, say(key), attr(title, tag), (v) => {
        const values: Record<string, string> = {};
        for (const t of ["zh-Hans", "zh-Hant", "en"]) {
          const x = t === tag ? v : attr(ours(bo, "title")[0], t);
          if (x) values[t] = x;
        }
        put(e, "title", Object.keys(values).length > 0 ? values : null);
      }));
    }
    panel.append(field("board-id", say("id"), bo.id, (v) => { if (/^[A-Za-z_][\w.-]*$/.test(v) && !registry.get(v)) modeling.updateProperties(e, { id: v }); else draw(); }));
    if (type === "bpmn:Lane") {
      panel.append(field("board-role", say("role"), roleOf(bo), (v) => modeling.updateProperties(e, { "openhall:role": v || undefined }), choices.roles));
    }
    if (type === "bpmn:SequenceFlow") {
      panel.append(field("board-condition", say("condition"), bo.conditionExpression?.body ?? "", (v) => modeling.updateProperties(e, {
        conditionExpression: v ? moddle.create("bpmn:FormalExpression", { body: v }) : undefined,
      })));
      const source = e.source;
      if (source && /Gateway$/.test(source.businessObject.$type)) {
        const box = element("input", { type: "checkbox", id: "board-default" }) as HTMLInputElement;
        box.checked = source.businessObject.default === bo;
        box.disabled = !may;
        box.addEventListener("change", () => modeling.updateProperties(source, { default: box.checked ? bo : undefined }));
        const label = element("label", { class: "oh-tick" });
        label.append(box, " " + say("default"));
        panel.append(label);
      }
    }
    if (/Task$/.test(type)) taskFields(e, bo, again);
    if (may && e.waypoints === undefined && !/Lane|Participant/.test(type)) appendButtons(e);
  };

  const taskFields = (e: Any, bo: Any, again: (act: () => void) => void) => {
    panel.append(field("board-assign", say("assign"), attr(ours(bo, "assign")[0], "to"), (v) => put(e, "assign", v ? { to: v } : null), choices.roles));
    panel.append(field("board-form", say("form"), attr(ours(bo, "form")[0], "key"), (v) => put(e, "form", v ? { key: v } : null), choices.forms));
    const term = ours(bo, "term")[0];
    panel.append(field("board-rule", say("rule"), attr(term, "rule"), (v) => again(() => put(e, "term", v ? { rule: v } : null)), choices.rules));
    if (!attr(term, "rule")) {
      const change = (name: string) => (v: string) => {
        const values: Record<string, string> = {};
        for (const n of ["length", "unit", "basis"]) {
          const x = n === name ? v : attr(ours(bo, "term")[0], n);
          if (x) values[n] = x;
        }
        if (values.length && !values.unit) values.unit = "working-day";
        put(e, "term", values.length ? values : null);
      };
      panel.append(field("board-length", say("length"), attr(term, "length"), change("length")));
      if (attr(term, "length")) {
        panel.append(field("board-unit", say("unit"), attr(term, "unit"), change("unit"), choices.units));
        panel.append(field("board-basis", say("basis"), attr(term, "basis"), change("basis")));
      }
    }
    const letters = ours(bo, "document");
    const ul = element("ul", { class: "govuk-list" });
    letters.forEach((x) => {
      const li = element("li", {}, (choices.letters ?? []).find((o) => o.value === attr(x, "kind"))?.text ?? attr(x, "kind"));
      if (may) {
        const off = button(say("remove"), () => setAll(e, bo.extensionElements.values.filter((y: Any) => y !== x)));
        off.setAttribute("aria-label", say("remove") + " " + li.textContent);
        li.append(" ", off);
      }
      ul.append(li);
    });
    panel.append(element("h3", { class: "govuk-heading-s" }, say("letters")), ul);
    if (may) {
      panel.append(field("board-letter", say("letter-add"), "", (v) => { if (v) setAll(e, [...(bo.extensionElements?.values ?? []), made("document", { kind: v })]); }, choices.letters));
    }
    const separate = ours(bo, "separate")[0];
    const tasks = registry.filter((x: Any) => x.type === "bpmn:UserTask" && x !== e).map((x: Any): Option => ({ value: x.id, text: x.businessObject.name ?? x.id }));
    panel.append(field("board-separate", say("separate"), attr(separate, "from"), (v) => put(e, "separate", v ? { from: v } : null), tasks));
    panel.append(field("board-status", say("status"), attr(ours(bo, "status")[0], "value"), (v) => put(e, "status", v ? { value: v, on: "enter" } : null)));
  };

  const appendButtons = (e: Any) => {
    const row = element("div", { class: "oh-board__append" });
    for (const [key, type] of [["tool:Append task", "bpmn:UserTask"], ["tool:Append gateway", "bpmn:ExclusiveGateway"], ["tool:Append end event", "bpmn:EndEvent"]]) {
      if (e.businessObject.$type === "bpmn:EndEvent") continue;
      row.append(button(say(key), () => modeler.get("autoPlace").append(e, modeler.get("elementFactory").createShape({ type }))));
    }
    row.append(button(say("remove"), () => modeling.removeElements([e])));
    panel.append(row);
  };

  return () => {
    const focused = (document.activeElement as HTMLElement | null)?.id;
    draw();
    if (focused?.startsWith("board-")) document.getElementById(focused)?.focus();
  };
}

function element(name: string, attributes: Record<string, string>, words = ""): HTMLElement {
  const e = document.createElement(name);
  for (const [k, v] of Object.entries(attributes)) e.setAttribute(k, v);
  if (words) e.textContent = words;
  return e;
}

function button(words: string, act: () => void): HTMLButtonElement {
  const b = element("button", { type: "button", class: "oh-board__button" }, words) as HTMLButtonElement;
  b.addEventListener("click", act);
  return b;
}

function labelled(id: string, words: string, control: HTMLElement): HTMLElement {
  const group = element("div", { class: "oh-board__field" });
  const label = element("label", { class: "govuk-label", for: id }, words);
  group.append(label, control);
  return group;
}
