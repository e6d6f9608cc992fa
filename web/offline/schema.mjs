// Reads the JSON Schema of an application form, as the hall publishes it with an item, and checks what was typed against it.
//
// Typed values are kept as they were typed, by name ("group.field"): {name: "text"} or {name: ["one", "two"]} or {name: true}. decode makes
// the document of them that the hall gets; check says what is wrong with it.
import { formats, tidy } from "./checks.mjs";

const longText = 100; // characters from which a text is asked for in several lines

/** fields lists the questions of a schema in their order. */
export function fields(schema) {
  return fieldsOf(schema, "");
}

function fieldsOf(object, prefix) {
  return Object.entries(object.properties ?? {}).map(([key, node]) => {
    const field = {
      name: prefix + key, key, node, required: (object.required ?? []).includes(key),
      title: words(node.title, node["x-title"]), hint: words(node.description, node["x-hint"]), suffix: node["x-suffix"] ?? null,
      options: optionsOf(node.type === "array" ? node.items ?? {} : node), fields: [],
    };
    field.kind = kindOf(node, field);
    if (field.kind === "group") field.fields = fieldsOf(node, `${field.name}.`);
    return field;
  });
}

const words = (plain, others) => (plain ? { "zh-Hans": plain, ...others } : null);

function optionsOf(node) {
  if (node.enum) return node.enum.map((value) => ({ value, title: value }));
  return (node.oneOf ?? []).map((one) => ({ value: one.const, title: words(one.title, one["x-title"]) }));
}

function kindOf(node, field) {
  switch (node.type) {
    case "object": return "group";
    case "array": return "choices";
    case "boolean": return "boolean";
    case "number": return "number";
    case "integer": return node.format === "money" ? "money" : "integer";
    default:
      if (field.options.length > 0) return "choice";
      if (node.format === "date") return "date";
      return node.maxLength > longText ? "long" : "text";
  }
}

/** each walks through all questions, those of groups as well. */
export function each(list, visit) {
  for (const field of list) {
    visit(field);
    each(field.fields, visit);
  }
}

/** asked tells whether a question is asked, by what was answered to those on which it depends. */
export function asked(field, typed, byName, depth = byName.size) {
  if (depth < 0) return false;
  return Object.entries(field.node["x-when"] ?? {}).every(([name, wanted]) => {
    const other = byName.get(name);
    const value = typed[name];
    const given = Array.isArray(value) ? value : [String(value ?? "")];
    return other && asked(other, typed, byName, depth - 1) && given.some((one) => wanted.includes(one));
  });
}

/** index finds the questions by name. */
export function index(list) {
  const byName = new Map();
  each(list, (field) => byName.set(field.name, field));
  return byName;
}

/** decode makes the document of what was typed. What cannot be read as its type stays a text, so that check can say so. */
export function decode(list, typed) {
  const byName = index(list);
  return decodeInto(list.filter((field) => asked(field, typed, byName)), typed);
}

function decodeInto(list, typed) {
  const doc = {};
  for (const field of list) {
    if (field.kind === "group") {
      const group = decodeInto(field.fields, typed);
      if (field.required || Object.values(group).some((value) => value !== false)) doc[field.key] = group;
      continue;
    }
    const value = decodeOne(field, typed[field.name]);
    if (value !== undefined) doc[field.key] = value;
  }
  return doc;
}

const number = (text) => tidy(text).replace(/[,¥元]/g, "");

function decodeOne(field, typed) {
  if (field.kind === "boolean") return typed === true || typed === "true";
  if (field.kind === "choices") return Array.isArray(typed) && typed.length > 0 ? typed : undefined;
  const text = String(typed ?? "").trim();
  if (text === "") return undefined;
  switch (field.kind) {
    case "integer": return /^[+-]?\d{1,15}$/.test(number(text)) ? Number(number(text)) : text;
    case "number": return /^-?(0|[1-9]\d{0,14})(\.\d{1,10})?$/.test(number(text)) ? Number(number(text)) : text;
    case "money": {
      const found = /^(-?\d{1,12})(?:\.(\d{1,2}))?$/.exec(number(text));
      return found ? Number(found[1] + (found[2] ?? "").padEnd(2, "0")) : text;
    }
    case "text": return field.node.format ? tidy(text).replace(field.node.format === "id-card" ? /x$/ : /(?!)/, "X") : text;
    default: return text;
  }
}

/** check returns what is wrong, in the order of the form: [{field, key, args}]. */
export function check(list, doc, now) {
  const found = [];
  checkInto(list, doc, now, found);
  return found;
}

function checkInto(list, doc, now, found) {
  for (const field of list) {
    const value = doc[field.key];
    if (value === undefined) {
      // A question that is not asked here is not required here: decode has left it out, and a rule of the hall may ask for it.
      if (field.required && !field.node["x-when"]) found.push({ field: field.name, key: missing(field) });
      continue;
    }
    if (field.kind === "group") {
      checkInto(field.fields, value, now, found);
      continue;
    }
    const wrong = checkOne(field, value, now);
    if (wrong) found.push({ field: field.name, args: {}, ...wrong });
  }
}

const missing = (field) => ({ choice: "choose", choices: "choose", boolean: "tick" })[field.kind] ?? "required";

function checkOne(field, value, now) {
  const { node } = field;
  switch (field.kind) {
    case "choice": return field.options.some((o) => o.value === value) ? null : { key: "choose" };
    case "choices": {
      if (value.length < (node.minItems ?? 0)) return { key: "min-items", args: { Min: node.minItems } };
      if (value.length > (node.maxItems ?? Infinity)) return { key: "max-items", args: { Max: node.maxItems } };
      return value.every((one) => field.options.some((o) => o.value === one)) ? null : { key: "choose" };
    }
    case "boolean": return node.const === true && value !== true ? { key: "tick" } : null;
    case "integer": case "number": case "money": return checkNumber(field, value);
    default: return checkText(node, value, now);
  }
}

function checkNumber(field, value) {
  const { node } = field;
  if (typeof value !== "number") return { key: field.kind };
  const amount = (bound) => (field.kind === "money" ? (bound / 100).toFixed(2) : String(bound));
  if (value < (node.minimum ?? -Infinity)) return { key: "minimum", args: { Min: amount(node.minimum) } };
  if (value > (node.maximum ?? Infinity)) return { key: "maximum", args: { Max: amount(node.maximum) } };
  if (value <= (node.exclusiveMinimum ?? -Infinity)) return { key: "above", args: { Min: amount(node.exclusiveMinimum) } };
  if (value >= (node.exclusiveMaximum ?? Infinity)) return { key: "below", args: { Max: amount(node.exclusiveMaximum) } };
  return null;
}

function checkText(node, value, now) {
  const length = [...value].length;
  if (node.format && formats[node.format]) {
    const wrong = formats[node.format](value, now);
    if (wrong) return node.format === "date" ? { key: "date" } : { key: "format", cause: wrong };
  }
  if (length > (node.maxLength ?? Infinity)) return { key: "max-length", args: { Max: node.maxLength, Got: length } };
  if (length < (node.minLength ?? 0)) return { key: "min-length", args: { Min: node.minLength, Got: length } };
  if (node.pattern && !matches(node.pattern, value)) return { key: "format", text: node["x-pattern"] };
  return null;
}

function matches(pattern, value) {
  try {
    return new RegExp(pattern, "u").test(value);
  } catch {
    return true; // a pattern that this browser does not understand is left to the hall
  }
}
