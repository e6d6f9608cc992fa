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
});
