// Builds the style sheets and scripts of the pages from web/ into internal/platform/web/assets/dist.
//
//   npm ci && node build.mjs            writes the files and manifest.json (their SHA-256, and the versions of what they are made of)
//   npm ci && node build.mjs --verify   writes nothing and fails when the committed files differ from what the sources give
//
// Same sources, same bytes: versions are pinned by package-lock.json, and no time or path enters the result.
import { createHash } from "node:crypto";
import { mkdir, readFile, readdir, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import * as esbuild from "esbuild";
import * as sass from "sass";

const here = dirname(fileURLToPath(import.meta.url));
const out = join(here, "../internal/platform/web/assets/dist");
const modules = join(here, "node_modules");

const targets = ["chrome111", "firefox121", "safari16.4"]; // the first with :has() and CSS nesting in all three

async function style(name) {
  const { css } = sass.compile(join(here, "styles", name + ".scss"), { loadPaths: [modules], quietDeps: true, style: "expanded" });
  const { code } = await esbuild.transform(css, { loader: "css", minify: true, target: targets, legalComments: "none" });
  return code;
}

async function script(name) {
  const { code } = await esbuild.transform(await readFile(join(here, "scripts", name + ".ts"), "utf8"), {
    loader: "ts", minify: true, format: "iife", target: targets, legalComments: "none",
  });
  return code;
}

// modulesOf is script for one whose source is several plain modules in a folder of its own, such as the off-line app.
async function modulesOf(name, entry) {
  const { outputFiles } = await esbuild.build({
    entryPoints: [join(here, name, entry)], absWorkingDir: here, bundle: true, write: false, minify: true, format: "iife", target: targets, legalComments: "none",
  });
  return outputFiles[0].text;
}

// bundle is script for one that is made of npm packages as well. It says whose they are.
async function bundle(name, banner) {
  const { outputFiles } = await esbuild.build({
    entryPoints: [join(here, "scripts", name + ".ts")], absWorkingDir: here, bundle: true, write: false, minify: true, format: "iife",
    target: targets, legalComments: "none", banner: { js: banner }, define: { "process.env.NODE_ENV": '"production"' }, treeShaking: true,
  });
  return outputFiles[0].text;
}

async function chartsBanner() {
  return `/*! Contains Apache ECharts ${await version("echarts")} (Apache-2.0, https://echarts.apache.org) and zrender ` +
    `${await version("zrender")} (BSD-3-Clause, Baidu Inc.). */`;
}

async function modelerBanner() {
  return `/*! Contains bpmn-js ${await version("bpmn-js")} (Copyright camunda Services GmbH, https://bpmn.io/license: the mark of bpmn.io stays visible) ` +
    `and diagram-js ${await version("diagram-js")} (MIT). */`;
}

// modelerStyle is the style of the drawing board: that of bpmn-js with its icons, and ours. The address of the font carries the same hash
// as package assets gives it; what would be fetched from a data: address is left out, because the content security policy forbids it.
async function modelerStyle(font) {
  const hash = createHash("sha256").update(font).digest("hex").slice(0, 10);
  const theirs = await Promise.all(["diagram-js.css", "bpmn-js.css", "bpmn-font/css/bpmn.css"].map((name) =>
    readFile(join(modules, "bpmn-js/dist/assets", name), "utf8")));
  const css = theirs.join("\n")
    .replace(/@font-face\s*{[^}]*}/g, "")
    .replace(/url\((['"])data:[\s\S]*?\1\)/g, "none");
  const face = `@font-face{font-family:"bpmn";src:url("/assets/bpmn.${hash}.woff2") format("woff2");font-display:block}`;
  const { code } = await esbuild.transform(face + css + await style("modeler"), { loader: "css", minify: true, target: targets, legalComments: "none" });
  return code;
}

async function version(name) {
  return JSON.parse(await readFile(join(modules, name, "package.json"), "utf8")).version;
}

const font = await readFile(join(modules, "bpmn-js/dist/assets/bpmn-font/font/bpmn.woff2"));

const files = {
  "site.css": await style("site"),
  "desk.css": await style("desk"),
  "site.js": await script("site"),
  "aloud.js": await modulesOf("scripts", "aloud.ts"),
  "board.js": await bundle("board", await chartsBanner()),
  "modeler.js": await bundle("modeler", await modelerBanner()),
  "modeler.css": await modelerStyle(font),
  "bpmn.woff2": font,
  "htmx.js": await readFile(join(modules, "htmx.org/dist/htmx.min.js"), "utf8"),
  "offline.js": await modulesOf("offline", "main.mjs"),
  "offline-worker.js": await modulesOf("offline", "worker.mjs"),
  "offline.css": await style("offline"),
  "icon.svg": await readFile(join(here, "pictures/icon.svg"), "utf8"),
};

const madeOf = {};
for (const name of ["govuk-frontend", "htmx.org", "echarts", "bpmn-js", "sass", "esbuild"]) madeOf[name] = await version(name);
const sha256 = {};
for (const name of Object.keys(files).sort()) sha256[name] = createHash("sha256").update(files[name]).digest("hex");
files["manifest.json"] = JSON.stringify({ madeOf, sha256 }, null, 2) + "\n";

if (process.argv.includes("--verify")) {
  const committed = (await readdir(out)).sort();
  const wrong = committed.filter((name) => !(name in files));
  for (const [name, text] of Object.entries(files)) {
    if (!committed.includes(name) || !(await readFile(join(out, name))).equals(Buffer.from(text))) wrong.push(name);
  }
  if (wrong.length > 0) {
    console.error(`web: not what the sources give: ${wrong.join(", ")}. Run: cd web && npm ci && node build.mjs`);
    process.exit(1);
  }
  console.log("web: assets are current");
} else {
  await rm(out, { recursive: true, force: true });
  await mkdir(out, { recursive: true });
  for (const [name, text] of Object.entries(files)) await writeFile(join(out, name), text);
  console.log(`web: wrote ${Object.keys(files).join(", ")}`);
}
