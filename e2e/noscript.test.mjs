// Everything works without scripts, and everything works without a mouse.
import assert from "node:assert/strict";
import { it } from "node:test";

import { view, withHall } from "./harness.mjs";
import { act, apply, begin, fillDraft, says, waterAnswers } from "./steps.mjs";

withHall("without scripts, without a mouse", (hall) => {
  const bare = view({ scripts: false });
  let number;

  it("an application and a step at the desk, without scripts", async () => {
    await hall.visit(bare, async (page) => {
      ({ number } = await apply(page));
      await says(page, "申请已提交");
      await page.goto(`/me/case/${number}`);
      await page.locator("main").getByText("这个日期是怎样算出来的").first().click();
      await says(page, "不计入");
    }, { as: hall.account("enterprise") });
    await hall.visit(bare, async (page) => {
      await act(page, number, { outcome: "accept" });
      await says(page, "已提交");
    }, { as: hall.staff("hefei.window.construction") });
  });

  // to moves the focus with Tab alone until it is on what the selector names, and looks at each stop whether it can be seen.
  const to = async (page, selector, most = 60) => {
    for (let i = 0; i < most; i++) {
      await page.keyboard.press("Tab");
      const stop = await page.evaluate((wanted) => {
        const node = document.activeElement;
        const style = getComputedStyle(node);
        // A radio button draws its focus on the mark beside it.
        const mark = getComputedStyle(node.nextElementSibling ?? node, "::before");
        const seen = style.outlineStyle !== "none" || style.boxShadow !== "none" || mark.boxShadow !== "none" || mark.outlineStyle !== "none"
          || style.backgroundColor !== "rgba(0, 0, 0, 0)";
        return { there: node.matches(wanted), seen, name: node.outerHTML.slice(0, 120) };
      }, selector);
      assert.ok(stop.seen, `the focus cannot be seen on ${stop.name}`);
      if (stop.there) return;
    }
    assert.fail(`${selector} cannot be reached with ${most} times Tab on ${page.url()}`);
  };

  it("an application, by keyboard alone", () =>
    hall.visit(view(), async (page) => {
      const draft = await begin(page);
      await fillDraft(page, draft, { ...waterAnswers, years: "5" });
      await page.goto(`${draft}/form`);
      await page.keyboard.press("Tab");
      assert.match(await page.evaluate(() => document.activeElement.textContent), /跳到主要内容/, "the first stop leads past the head");
      await page.keyboard.press("Enter");
      await to(page, "[name=years]");
      await page.keyboard.press("Control+A");
      await page.keyboard.type("99");
      await to(page, "button[name=act][value=done]");
      await page.keyboard.press("Enter");
      await page.locator(".govuk-error-summary").waitFor();
      assert.ok(await page.evaluate(() => document.activeElement.matches(".govuk-error-summary")), "the summary has the focus");
      await to(page, ".govuk-error-summary a", 3);
      await page.keyboard.press("Enter");
      assert.equal(await page.evaluate(() => document.activeElement.name), "years", "the link leads to the field");
      await page.keyboard.press("Control+A");
      await page.keyboard.type("6");
      await page.keyboard.press("Enter");
      await page.waitForURL((url) => !url.pathname.endsWith("/form"));
      await to(page, `a[href$="/check"]`);
      await page.keyboard.press("Enter");
      await page.waitForURL(/\/check$/);
      await to(page, "[name=declare]");
      await page.keyboard.press("Space");
      await to(page, "main form button");
      await page.keyboard.press("Enter");
      await page.waitForURL(/\/done\//);
      number = decodeURIComponent(new URL(page.url()).pathname.split("/").at(-1));
    }, { as: hall.account("enterprise"), expect: [/status of 422/] }));

  it("a step at the desk, by keyboard alone", () =>
    hall.visit(view(), async (page) => {
      await page.goto("/desk");
      await to(page, `main a[href*="${number}"]`);
      await page.keyboard.press("Enter");
      await page.waitForURL(/\/desk\/case\//);
      await to(page, "main a[href='#act'], a[href='#act']");
      await page.keyboard.press("Enter");
      await to(page, "#act [name=outcome]", 6);
      await page.keyboard.press("Space");
      assert.equal(await page.locator("#act [name=outcome]:checked").inputValue(), "accept");
      await to(page, "#act button[accesskey=s]", 12);
      await page.keyboard.press("Enter");
      await says(page, "已提交");
    }, { as: hall.staff("hefei.window.construction") }));
});
