// What supervision finds is answered: a yellow card is explained, verified and excused; one that is upheld is accounted for; an order
// goes to a body and comes back with an answer. Once on a phone, once without scripts.
import assert from "node:assert/strict";
import { it } from "node:test";

import { view, withHall } from "./harness.mjs";

withHall("cards and orders", (hall) => {
  // open leads to the first card of a state that a filter finds, and returns its address.
  async function open(page, query) {
    await page.goto(`/oversight/cards?${query}`);
    const link = page.locator("main table a[href^='/oversight/cards/']").first();
    await link.waitFor();
    return link.getAttribute("href");
  }

  async function submit(page) {
    await page.locator("#act form button[type=submit]").click();
    await page.locator(".govuk-notification-banner").waitFor();
  }

  it("a yellow card: explanation, verification, excused", async () => {
    let address;
    await hall.visit(view(), async (page) => {
      // The card waits in the queue of the desk, as any other task does.
      await page.goto("/desk?role=reviewer");
      await page.getByRole("link", { name: /监察卡片：超过承诺期限/ }).first().click();
      await page.getByRole("link", { name: /查看卡片/ }).click();
      address = new URL(page.url()).pathname;
      assert.match(address, /^\/oversight\/cards\/\d+$/);
      await hall.accessible(page);
      await page.locator("[name=statement]").fill("核查排期冲突，已附排期表。");
      await page.locator("#act form button[type=submit]").click();
      await page.locator(".govuk-error-summary").waitFor();
      assert.equal(await page.locator("[name=statement]").inputValue(), "核查排期冲突，已附排期表。");
      await page.getByLabel("办件集中、人手不足").check();
      await submit(page);
      await hall.picture(page, "card-explained", { fullPage: true });
    }, { as: hall.staff("hefei.market-regulation.reviewer"), expect: [/status of 422/] });
    await hall.visit(view({ scripts: false }), async (page) => {
      await page.goto("/oversight");
      await page.locator(`main a[href='${address}']`).click();
      await page.locator("main").getByText("核查排期冲突").waitFor();
      await page.getByLabel("免责", { exact: true }).check();
      await page.locator("[name=ground]").selectOption("force-majeure");
      await page.locator("[name=reasons]").fill("排期表属实。");
      await submit(page);
      // The conclusion comes back to the card by the log, a moment later; without scripts the page is asked for again.
      const concluded = page.locator("main .govuk-tag", { hasText: "免责" });
      for (let tries = 0; tries < 50 && (await concluded.count()) === 0; tries++) {
        await page.waitForTimeout(200);
        await page.reload();
      }
      assert.ok(await concluded.count());
    }, { as: hall.account("supervisor") });
  });

  it("an upheld card is accounted for", () =>
    hall.visit(view({ narrow: true }), async (page) => {
      await page.goto(await open(page, "state=accounting"));
      await hall.accessible(page);
      await page.getByLabel("责令整改").check();
      await page.locator("[name=findings]").fill("约谈科室负责人。");
      await page.locator("#act form button[type=submit]").click();
      await page.locator(".govuk-error-summary").waitFor(); // an order to correct needs a day
      await hall.accessible(page);
      await page.getByLabel("责令整改").uncheck();
      await page.getByLabel("约谈").check();
      await submit(page);
      await page.locator("main .govuk-tag", { hasText: "属实" }).first().waitFor();
    }, { as: hall.account("supervisor"), expect: [/status of 422/] }));

  it("an order goes out and is answered", async () => {
    let address;
    await hall.visit(view(), async (page) => {
      await page.goto("/board/orders");
      await page.locator("main a[href='/oversight/orders/new']").click();
      await page.locator("[name=days]").fill("很快");
      await page.locator("main form button[type=submit]").click();
      await page.locator(".govuk-error-summary").waitFor();
      await hall.accessible(page);
      await page.locator("[name=to]").selectOption("hefei-water");
      await page.locator("[name=title]").fill("说明取水许可办理情况");
      await page.locator("[name=text]").fill("请说明在办取水许可的进度。");
      await page.locator("[name=days]").fill("5");
      await page.locator("main form button[type=submit]").click();
      await page.locator(".govuk-notification-banner").waitFor();
      address = new URL(page.url()).pathname;
    }, { as: hall.account("supervisor"), expect: [/status of 422/] });
    await hall.visit(view(), async (page) => {
      await page.goto("/desk?role=head");
      await page.getByRole("link", { name: /说明取水许可办理情况/ }).first().click();
      await page.locator("main").getByText("请说明在办取水许可的进度").first().waitFor();
      await page.goto(address);
      await page.getByLabel("已经办理").check();
      await page.locator("[name=answer]").fill("在办六件，均在期限内。");
      await submit(page);
    }, { as: hall.account("head") });
    await hall.visit(view(), async (page) => {
      await page.goto(address);
      await page.locator("main").getByText("在办六件").waitFor();
      await page.getByLabel("认可").check();
      await submit(page);
      await page.locator("main .govuk-tag", { hasText: "已办结" }).first().waitFor();
    }, { as: hall.account("supervisor") });
  });
});
