// What a reader takes from the record: on paper, and by ear.
import assert from "node:assert/strict";
import { it } from "node:test";

import { languages, view, withHall } from "./harness.mjs";

withHall("a record on paper and read aloud", (hall) => {
  // aPolicy opens a policy that has an interpretation.
  const aPolicy = async (page) => {
    await page.goto("/open/search?category=statutory.1.interpretation");
    await page.locator(".oh-records a").first().click();
    await page.locator(".govuk-inset-text a").first().click();
    await page.waitForSelector("#record-text");
  };
  // printed is what paper shows of a page: its visible words, and the boxes that stick out of the sheet (A4 less its margins, in CSS pixels).
  const printed = async (page) => {
    await page.emulateMedia({ media: "print" });
    await page.setViewportSize({ width: 672, height: 986 });
    return page.evaluate(() => ({
      text: document.body.innerText,
      wide: [...document.querySelectorAll("main *")].filter((x) => x.getBoundingClientRect().width > 0 && x.getBoundingClientRect().right > innerWidth + 1 && !x.closest(".govuk-visually-hidden"))
        .map((x) => `${x.tagName}.${x.className}`),
      controls: [...document.querySelectorAll("button, input, select, nav, .oh-nav, .oh-header__bar, .oh-footer")].filter((x) => x.checkVisibility({ visibilityProperty: true })).map((x) => x.outerHTML.slice(0, 80)),
      addresses: [...document.querySelectorAll("a[href^='/']")].filter((x) => x.checkVisibility() && getComputedStyle(x, "::after").content.includes("(")).length,
    }));
  };
  const address = { "zh-Hans": "本页地址：", "zh-Hant": "本頁地址：", en: "Address of this page: " };

  for (const lang of languages) {
    it(`paper shows all that is said, its address and hash, and nothing to press, ${lang}`, () =>
      hall.visit(view({ lang }), async (page) => {
        await aPolicy(page);
        const policy = page.url();
        await page.goto("/open/reports?division=340100000000");
        const report = await page.locator("main a[href^='/open/reports/']").first().getAttribute("href");
        await page.goto("/open/search?q=%E5%8F%96%E6%B0%B4%E8%AE%B8%E5%8F%AF%E5%8A%9E%E7%90%86%E8%A7%84%E7%A8%8B&category=statutory.1.normative");
        await page.locator(".oh-records a").first().click();
        const versions = await page.locator("main a[href*='/diff?']").first().getAttribute("href");
        for (const [at, ...want] of [
          [policy, /[0-9a-f]{64}/, /openhall verify record/],
          [versions, /1.*→.*2/],
          ["/open/search?q=%E5%AE%9E%E6%96%BD", /实施/],
          ["/open/statistics?division=340100000000"],
          [report],
        ]) {
          await page.goto(at);
          const paper = await printed(page);
          const where = decodeURI(new URL(at, hall.url).href);
          assert.ok(paper.text.includes(address[lang] + where), `${at} says where it is: ${paper.text.slice(-200)}`);
          for (const one of want) assert.match(paper.text.replace(address[lang] + where, ""), one, at);
          assert.deepEqual(paper.controls, [], at);
          assert.deepEqual(paper.wide, [], `${at}: nothing is cut off`);
          assert.equal(paper.addresses, 0, `${at}: no addresses of our own pages between the words`);
          await page.emulateMedia({ media: "screen" });
          assert.ok(!(await page.evaluate(() => document.body.innerText)).includes(address[lang]), "the screen does not say it");
          await page.setViewportSize({ width: 1280, height: 900 });
        }
      }));
  }

  // aVoice stands in for the voice of a browser: it keeps what it is told, and speaks nothing until the test says so.
  const aVoice = (voices) => `(() => {
    const events = new EventTarget();
    const spoken = [];
    let voices = ${voices};
    class Utterance { constructor(text) { this.text = text; } }
    const voice = {
      calls: [], spoken, getVoices: () => Array(voices).fill({ lang: "zh-CN" }), addEventListener: (...a) => events.addEventListener(...a), removeEventListener: (...a) => events.removeEventListener(...a),
      speak: (one) => void spoken.push(one), pause: () => void voice.calls.push("pause"), resume: () => void voice.calls.push("resume"),
      cancel: () => { voice.calls.push("cancel"); for (const one of spoken.splice(0)) one.onerror?.({ error: "canceled" }); },
      arrive: () => { voices = 1; events.dispatchEvent(new Event("voiceschanged")); },
      finish: () => { for (const one of spoken.splice(0)) one.onend?.(); },
      fail: () => { for (const one of spoken.splice(0)) one.onerror?.({ error: "language-unavailable" }); },
    };
    Object.defineProperty(window, "speechSynthesis", { value: ${voices === undefined ? "undefined" : "voice"} });
    Object.defineProperty(window, "SpeechSynthesisUtterance", { value: Utterance });
  })()`;
  const words = {
    "zh-Hans": ["朗读", "暂停朗读", "继续朗读", "停止朗读"], "zh-Hant": ["朗讀", "暫停朗讀", "繼續朗讀", "停止朗讀"], en: ["Read aloud", "Pause", "Go on reading", "Stop"],
  };
  for (const lang of languages) {
    it(`a voice reads title and text in their language; it is paused, goes on and is stopped by keys, ${lang}`, () =>
      hall.visit(view({ lang }), async (page) => {
        await page.addInitScript(aVoice(1));
        await aPolicy(page);
        const [start, pause, resume, stop] = words[lang];
        const button = page.locator("[data-aloud]");
        const quit = page.getByRole("button", { name: stop, exact: true });
        const said = () => page.evaluate(() => window.speechSynthesis.spoken.map((one) => ({ text: one.text, lang: one.lang })));
        const shows = async (text) => assert.equal((await button.textContent()).trim(), text);
        await shows(start);
        assert.equal(await quit.count(), 0, "there is nothing to stop");
        await button.focus();
        await page.keyboard.press("Enter");
        await shows(pause);
        const pieces = await said();
        assert.equal(pieces[0].text.trim(), (await page.locator("h1").textContent()).trim(), "the title comes first");
        assert.deepEqual([...new Set(pieces.map((one) => one.lang))], ["zh-CN"], "in the language of the record, whatever that of the page");
        const bare = (text) => text.replaceAll(/\s/g, "");
        assert.equal(bare(pieces.slice(1).map((one) => one.text).join("")), bare(await page.locator("#record-text").textContent()), "the whole text, once, and no more");
        await page.keyboard.press("Space");
        await shows(resume);
        await page.keyboard.press("Space");
        await shows(pause);
        assert.deepEqual((await page.evaluate(() => window.speechSynthesis.calls)).slice(-2), ["pause", "resume"]);
        await hall.accessible(page);
        await page.keyboard.press("Tab");
        assert.ok(await quit.evaluate((x) => x === document.activeElement), "stop follows");
        await page.keyboard.press("Enter");
        await shows(start);
        assert.deepEqual(await said(), [], "it is silent");
        assert.ok(await button.evaluate((x) => x === document.activeElement), "the focus goes to the button that is left");
        for (const how of ["finish", "fail"]) {
          await page.keyboard.press("Enter");
          await shows(pause);
          await page.evaluate((x) => window.speechSynthesis[x](), how);
          await shows(start);
          assert.equal(await quit.count(), 0);
        }
        await page.evaluate(() => document.getElementById("record-text").setAttribute("lang", "zh-Hant"));
        await page.keyboard.press("Enter");
        assert.equal((await said()).at(-1).lang, "zh-TW");
      }));
  }
  it("without a voice there is no button; it comes with the voices", async () => {
    for (const voices of [undefined, 0]) {
      await hall.visit(view({ lang: "en" }), async (page) => {
        await page.addInitScript(aVoice(voices));
        await aPolicy(page);
        assert.ok(await page.locator("[data-aloud]").isHidden());
        if (voices === 0) {
          await page.evaluate(() => window.speechSynthesis.arrive());
          assert.ok(await page.locator("[data-aloud]").isVisible());
          assert.equal(await page.getByRole("button", { name: "Read aloud" }).count(), 1);
        }
      });
    }
  });
});
