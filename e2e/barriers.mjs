// What axe finds on a page. The journeys ask through hall.accessible (harness.mjs).
//
// axe is put into a page once and run as a whole inside it, which answers the same as its builder for Playwright at a lower cost: that
// one puts it in anew for each run, and passes what it found back and forth.
//
// Too little contrast takes more than half of axe's time, and depends on styles alone. A page type that is looked at in several
// languages is therefore asked for it once, and again only where it shows an element that no rule of style can tell to be the same as
// one it was asked for: another tag, class, style or state, on itself or on what it stands in (looks).
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

const source = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

// The published conformance target: WCAG 2.0 to 2.2, levels A and AA.
const wcag = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"];

// barriers lists what axe finds on the page. looked is a set of what was already asked for its contrast, on the same page type at the
// same width; what is asked now is added to it. Without it all is asked.
export async function barriers(page, { looked } = {}) {
  assert.equal(page.frames().length, 1, "axe is put into the main frame alone: a page with frames needs it in each");
  const shown = looked && (await page.evaluate(looks, valued.source));
  const contrast = !looked || shown.some((look) => !looked.has(look));
  const options = {
    runOnly: wcag,
    resultTypes: ["violations"], // describing what passed takes most of the time
    rules: { "color-contrast": { enabled: contrast } },
  };
  if (!(await page.evaluate(() => "axe" in window))) {
    await page.evaluate(source);
    await page.evaluate(readColoursOnce);
  }
  const found = await page.evaluate(async (options) => {
    const { violations } = await window.axe.run(document, options);
    return violations.flatMap((rule) =>
      rule.nodes.map((node) => `${rule.id}: ${rule.help}\n    at ${node.target.join(" ")}: ${node.html}`));
  }, options);
  shown?.forEach((look) => looked.add(look));
  return found;
}

// readColoursOnce makes axe keep in the page what a colour written in a style means. It asks a library for every colour space to read the
// same dozen of them again for each element and all that lies behind it. What cannot be read is not kept.
function readColoursOnce() {
  const colour = window.axe.commons.color.Color.prototype;
  const read = colour.parseString;
  const known = new Map();
  colour.parseString = function (text) {
    const kept = known.get(text);
    if (kept) return Object.assign(this, kept);
    read.call(this, text);
    const { r, g, b, alpha } = this;
    known.set(text, { r, g, b, alpha });
    return this;
  };
}

// valued are the attributes whose values rules of style ask for. The values of others are words and addresses.
const valued = /^(class|style|type|scope|hidden|open|disabled|dir|aria-(current|selected|sort|expanded|checked|pressed|invalid|hidden|disabled|busy)|data-(popup|group))$/;

// looks tells in the page how its elements look, as numbers: one for each chain of elements from the root, each with its attributes.
function looks(valued) {
  const asked = new RegExp(valued);
  const seen = new Set();
  const look = (element, above) => {
    let hash = above;
    const say = (text) => {
      for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 16777619);
    };
    say(`>${element.localName}`);
    for (const { name, value } of element.attributes) say(asked.test(name) ? ` ${name}=${value}` : ` ${name}`);
    seen.add(hash);
    for (const child of element.children) look(child, hash);
  };
  look(document.documentElement, 2166136261);
  return [...seen];
}

// unlookedAt lists the rules of a style sheet by which elements that look the same to looks could differ in contrast: those that ask for
// the value of an attribute that looks leaves out, and those that ask for the language and say more than how letters are set.
export function unlookedAt(css) {
  const found = [];
  for (const [rule, selector, body] of css.matchAll(/([^{}]*)\{([^{}]*)\}/g)) {
    const attributes = [...selector.matchAll(/\[([\w-]+)[~^|*$]?=/g)].map(([, name]) => name);
    if (attributes.some((name) => !valued.test(name) && name !== "href")) found.push(rule); // addresses are written out on paper alone
    if (!/:lang\(|\[lang/.test(selector)) continue;
    const harmless = (said) => /^(--oh-font|font-family|letter-spacing|text-indent):/.test(said) || // large type needs less contrast than small, not more
      (/^font-size:([\d.]+)pt$/.test(said) && Number.parseFloat(said.slice("font-size:".length)) >= 18);
    if (!body.split(";").map((said) => said.trim()).filter(Boolean).every(harmless)) found.push(rule);
  }
  return found;
}
