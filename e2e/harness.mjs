// The ground every journey stands on: a demo hall of its own, a browser, and a visitor who notices what a person would not see:
// errors in the console, violations of the content security policy, requests to other hosts, barriers that axe can find.
//
//   import { it } from "node:test";
//   import { everyView, withHall } from "./harness.mjs";
//
//   withHall("a citizen finds a service", (hall) => {
//     for (const view of everyView()) {
//       it(view.name, () => hall.visit(view, async (page) => {
//         await page.goto("/");
//         await hall.accessible(page);
//       }));
//     }
//   });
//
// Environment: CHROME_PATH (default /usr/bin/chromium-headless-shell: the engine without a browser's own windows, docs/decisions/0100),
// OPENHALL_BIN (default ../bin/openhall, which `make build` writes),
// OPENHALL_PICTURES=1 (write the pictures of the guides into docs/images instead of e2e/out).
import assert from "node:assert/strict";
import { mkdir } from "node:fs/promises";
import path from "node:path";
import { after, before, describe } from "node:test";
import { fileURLToPath } from "node:url";

import { chromium } from "playwright-core";

import { barriers } from "./barriers.mjs";
import { startServer } from "./server.mjs";

const here = path.dirname(fileURLToPath(import.meta.url));
const out = path.join(here, "out");
const pictures = process.env.OPENHALL_PICTURES ? path.join(here, "..", "docs", "images") : out;

export const languages = ["zh-Hans", "zh-Hant", "en"];
export const desk = { width: 1280, height: 900 };
// The width at which WCAG 1.4.10 asks that nothing needs scrolling in two directions.
export const phone = { width: 320, height: 640 };

// view describes how somebody looks at the hall.
export function view({ lang = "zh-Hans", narrow = false, scripts = true } = {}) {
  const name = [lang, narrow ? "320px" : "1280px", ...(scripts ? [] : ["no scripts"])].join(", ");
  return { name, lang, narrow, scripts };
}

// everyView lists what every page type must pass: three languages, each on a desk and on a phone.
export function everyView() {
  return languages.flatMap((lang) => [false, true].map((narrow) => view({ lang, narrow })));
}

// withHall defines a group of tests that share one demo hall and one browser. define gets the hall; its url is known once tests run.
// The tests of a group run one after the other, unless concurrency says how many at a time.
export function withHall(name, define, { concurrency = 1, ...serverOptions } = {}) {
  describe(name, { concurrency }, () => {
    const hall = new Hall();
    before(() => hall.open(serverOptions));
    after(() => hall.close());
    define(hall);
  });
}

class Hall {
  // open starts the server and the browser.
  async open(serverOptions) {
    await mkdir(out, { recursive: true });
    await mkdir(pictures, { recursive: true });
    this.server = await startServer(serverOptions);
    this.browser = await chromium.launch({
      executablePath: process.env.CHROME_PATH || "/usr/bin/chromium-headless-shell",
      args: [
        "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
        "--disable-background-networking", "--disable-component-update", "--disable-sync",
      ],
    });
  }

  async close() {
    await this.browser?.close();
    await this.server?.stop();
  }

  get url() {
    return this.server.url;
  }

  // account returns the demo account with this role: {role, name, password, title}.
  account(role) {
    const found = this.server.accounts.find((account) => account.role === role);
    const roles = this.server.accounts.map((account) => account.role);
    assert.ok(found, `no demo account has the role ${role}; there are: ${roles.join(", ") || "none"}`);
    return found;
  }

  // staff returns the demo account with this name for signing in. All demo accounts have one password.
  staff(name) {
    return { name, password: this.server.accounts[0].password };
  }

  // session signs an account in without a browser, once, and returns what a browser would then keep. Journeys that are not about
  // signing in start from it.
  async session(account) {
    this.sessions ??= new Map();
    if (!this.sessions.has(account.name)) {
      const answer = await fetch(`${this.url}/signin`, {
        method: "POST",
        redirect: "manual",
        headers: { Origin: this.url, "Sec-Fetch-Site": "same-origin" },
        body: new URLSearchParams({ login: account.name, password: account.password }),
      });
      assert.equal(answer.status, 303, `${account.name} signs in`);
      const [pair] = answer.headers.getSetCookie()[0].split(";");
      const [name, value] = pair.split(/=(.*)/);
      const cookie = { name, value, domain: "127.0.0.1", path: "/", expires: -1, httpOnly: true, secure: false, sameSite: "Lax" };
      this.sessions.set(account.name, { cookies: [cookie], origins: [] });
    }
    return this.sessions.get(account.name);
  }

  // visit opens a page in a browser profile of its own, hands it to act, and fails when act or the page itself went wrong.
  // as names the account that is signed in. A journey that provokes an error on purpose names it: {expect: [/status of 404/]}.
  async visit(how, act, { expect = [], as } = {}) {
    const context = await this.browser.newContext({
      storageState: as ? await this.session(as) : undefined,
      baseURL: this.url,
      locale: how.lang,
      viewport: how.narrow ? phone : desk,
      javaScriptEnabled: how.scripts,
      timezoneId: "Asia/Shanghai",
      reducedMotion: "reduce",
    });
    context.setDefaultTimeout(45_000);
    const problems = watch(context, this.url);
    const page = await context.newPage();
    page.scripted = how.scripts;
    try {
      const result = await act(page);
      const unexpected = problems.filter((problem) => !expect.some((pattern) => pattern.test(problem)));
      assert.deepEqual(unexpected, [], `problems noticed on ${page.url()}`);
      return result;
    } catch (error) {
      const file = path.join(out, `failed-${new Date().toISOString().replaceAll(/[:.]/g, "-")}.png`);
      await page.screenshot({ path: file, fullPage: true }).catch(() => {});
      error.message += `\n  on ${page.url()} as ${how.name}; picture: ${file}; noticed: ${problems.join("; ") || "nothing"}`;
      throw error;
    } finally {
      await context.close();
    }
  }

  // accessible fails with the list of barriers that axe finds, and when the page must be scrolled sideways. looked: see barriers.mjs.
  async accessible(page, { looked } = {}) {
    assert.notEqual(page.scripted, false, "axe never answers where no scripts run: look for barriers in a view that has them");
    const found = await barriers(page, { looked });
    assert.ok(found.length === 0, `axe finds barriers on ${page.url()}:\n  ${found.join("\n  ")}`);
    await this.fits(page);
  }

  // fits fails when the page must be scrolled sideways.
  async fits(page) {
    const { content, window } = await page.evaluate(() => ({
      content: document.documentElement.scrollWidth,
      window: document.documentElement.clientWidth,
    }));
    assert.ok(content <= window, `${page.url()} is ${content} px wide in a window of ${window} px`);
  }

  // picture keeps a screenshot for the guides under this name.
  async picture(page, name, options = {}) {
    await page.screenshot({ path: path.join(pictures, `${name}.png`), animations: "disabled", ...options });
  }
}

// watch collects what goes wrong behind the page. The list fills while the context lives.
function watch(context, url) {
  const problems = [];
  const origin = new URL(url).origin;
  context.on("console", (message) => {
    // Chromium reports violations of the content security policy here too.
    if (message.type() === "error") problems.push(`console: ${message.text()}`);
  });
  context.on("weberror", (error) => problems.push(`script: ${error.error().message}`));
  context.on("response", (response) => {
    if (response.status() >= 500) problems.push(`answer ${response.status()} from ${response.url()}`);
  });
  context.on("request", (request) => {
    const target = new URL(request.url());
    if (target.protocol.startsWith("http") && target.origin !== origin) problems.push(`asks another host: ${request.url()}`);
  });
  return problems;
}
