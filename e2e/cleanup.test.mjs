// A round of clean-up: drafted with mistakes that are told, reviewed, approved; read by everybody; who wants to apply for what is gone sees
// why; the receiving body takes over. What is in no round is refused, and supervision gets a card.
import assert from "node:assert/strict";
import { it } from "node:test";

import { languages, view, withHall } from "./harness.mjs";
import { arrives, fill } from "./steps.mjs";

withHall("clean-up of approval items", (hall) => {
  const plain = view({ scripts: false });
  // 医疗机构执业登记 as the provincial commission exercised it until today.
  const gone = "11340000MB9000031K2000123001000";
  const world = {};

  // until looks at an address again and again until it says something: what follows by itself takes a moment.
  const until = async (page, address, text) => {
    for (let i = 0; i < 150; i++) {
      await page.goto(address);
      if (await page.locator("main", { hasText: text }).count()) return;
      await page.waitForTimeout(200);
    }
    assert.fail(`${address} does not say ${text}`);
  };
  const day = (after) => new Date(Date.now() + 8 * 3600e3 + after * 86400e3).toISOString().slice(0, 10);

  it("everybody reads the rounds and finds what became of an item", async () => {
    for (const lang of languages) {
      await hall.visit(view({ lang }), async (page) => {
        await page.goto("/cleanup?q=%E9%A4%90%E9%A5%AE");
        await page.locator("main a[href='/cleanup/items/catering-licence']").waitFor();
        await hall.picture(page, `cleanup-${lang}`, { fullPage: true });
        await page.locator("main a[href='/cleanup/items/catering-licence']").click();
        await page.locator("main a[href^='/hall/items/']").first().waitFor(); // what it was merged into
        await hall.fits(page);
        await page.locator("main a[href^='/cleanup/rounds/']").last().click();
        await page.locator("#merged article").first().waitFor();
        await hall.fits(page); // axe.test.mjs looks at these pages in each language
      });
    }
    await hall.visit(view({ narrow: true }), async (page) => {
      await until(page, "/cleanup", "第四批");
      await hall.fits(page);
      await page.getByRole("link", { name: "第四批下放行政审批事项" }).click();
      await page.locator("#delegated article").first().waitFor();
      await hall.fits(page);
      await hall.picture(page, "cleanup-round-phone", { fullPage: true });
      const answer = await page.request.get(`${page.url()}/list.csv`);
      assert.match(await answer.text(), /医疗机构执业登记.*2026|医疗机构执业登记/);
    });
  });

  it("who wants to apply for what is gone sees why, since when, and where to go", () =>
    hall.visit(view(), async (page) => {
      await until(page, `/hall/items/${gone}`, "起下放");
      await page.getByText("由所在市办理，申请人不必再到省里").waitFor();
      await page.getByRole("link", { name: "医疗机构执业登记（合肥市卫生健康委员会）" }).waitFor();
      assert.equal(await page.locator("main a[href^='/hall/apply/']").count(), 0);
      await hall.accessible(page);
      await hall.picture(page, "guide-gone", { fullPage: true });
    }));

  it("a reform office drafts a round, and mistakes are told with everything typed", () =>
    hall.visit(plain, async (page) => {
      await page.goto("/desk/cleanup");
      await page.getByRole("link", { name: /第五批/ }).click();
      world.round = new URL(page.url()).pathname;
      await page.goto(`${world.round}/choose?q=%E7%83%9F%E8%8A%B1%E7%88%86%E7%AB%B9`);
      await page.locator("main table a[href*='tianchang-emergency']").click();
      await page.locator("[name=fate][value=cancelled]").check();
      await page.locator("[name=on]").fill("2020-01-01");
      await page.locator("[name=reason]").fill("城区全面禁放，不再设置零售点。");
      await page.locator("main form").first().locator("button[type=submit]").click();
      await page.locator(".govuk-error-summary").waitFor();
      const summary = await page.locator(".govuk-error-summary").innerText();
      assert.match(summary, /不能早于今天/);
      assert.match(summary, /请选择在办件怎样处理/);
      assert.match(summary, /后续监管/);
      assert.equal(await page.locator("[name=reason]").inputValue(), "城区全面禁放，不再设置零售点。");
      await hall.picture(page, "cleanup-line-wrong", { fullPage: true });
      await page.locator("[name=on]").fill(day(0));
      await page.locator("[name=basis]").fill("皖政办〔2026〕29号（演示）");
      await page.locator("[name=cases][value=finish]").check();
      await page.locator("[name=follow-due-1]").fill(day(90));
      await page.locator("[name=follow-body-1]").selectOption("tianchang-emergency");
      await page.locator("[name=follow-what-1]").fill("公布禁放巡查情况");
      await page.locator("main form").first().locator("button[type=submit]").click();
      await page.locator(".govuk-notification-banner").waitFor();
      await hall.picture(page, "cleanup-round-draft", { fullPage: true });
      await page.getByRole("button", { name: "提交审核" }).click();
      await page.locator("main .govuk-tag", { hasText: "待审核" }).first().waitFor();
    }, { as: hall.staff("anhui.reform.drafter"), expect: [/status of 422/] }));

  it("a colleague reviews it, the head approves it, and it is in force", async () => {
    const decide = (name, outcome, then) => hall.visit(view(), async (page) => {
      await page.goto(world.round);
      await hall.accessible(page);
      await page.locator(`[name=outcome][value=${outcome}]`).check();
      await page.locator("section.oh-desk__act button[type=submit]").click();
      await page.locator("main .govuk-tag", { hasText: then }).first().waitFor();
    }, { as: hall.staff(name) });
    await decide("anhui.reform.reviewer", "pass", "待批准");
    await decide("anhui.reform.head", "approve", "已公布");
    await hall.visit(plain, async (page) => {
      await page.goto("/hall/items/fireworks-retail-licence");
      await page.goto(world.round.replace("/desk", ""));
      await page.getByText("城区全面禁放").waitFor();
      // 天长市应急管理局 no longer stands where one can choose a body.
      for (let i = 0; i < 150; i++) {
        await page.goto("/hall/items/fireworks-retail-licence");
        if (await page.locator("main", { hasText: "天长市应急管理局" }).count() === 0) return;
        await page.waitForTimeout(200);
      }
      assert.fail("the item can still be chosen at 天长市应急管理局");
    });
  });

  it("the receiving body checks the list and takes over", async () => {
    const open = async (page) => {
      await until(page, "/desk/cleanup", "危险化学品经营许可");
      await page.locator("main table a[href^='/desk/cleanup/handovers/']", { hasText: "危险化学品" }).first().click();
      await arrives(page, "/desk/cleanup/handovers");
    };
    await hall.visit(plain, async (page) => {
      await open(page);
      for (const box of await page.locator("[name=points]").all()) await box.check();
      await page.locator("section.oh-desk__act button[type=submit]").click();
      await page.locator(".govuk-notification-banner").waitFor();
    }, { as: hall.staff("anhui.emergency.reviewer") });
    await hall.visit(view(), async (page) => {
      await open(page);
      await page.locator("[name=points]").first().check();
      await page.locator("[name=trained]").fill("4");
      await page.locator("[name=training]").fill(day(0));
      await page.locator("[name=seal]").fill(day(0));
      await page.locator("[name=outcome][value=taken]").check();
      await page.locator("section.oh-desk__act button[type=submit]").click();
      await page.locator(".govuk-error-summary", { hasText: "清单还没有全部完成" }).waitFor();
      assert.equal(await page.locator("[name=trained]").inputValue(), "4");
      await hall.accessible(page);
      await hall.picture(page, "cleanup-take", { fullPage: true });
      for (const box of await page.locator("[name=points]").all()) await box.check();
      await page.locator("section.oh-desk__act button[type=submit]").click();
      await page.locator(".govuk-notification-banner").waitFor();
      await page.locator("main .govuk-tag", { hasText: "承接" }).first().waitFor();
    }, { as: hall.staff("hefei.emergency.head"), expect: [/status of 422/] });
  });

  it("what is in no round cannot be published, and supervision gets a card", async () => {
    await hall.visit(plain, async (page) => {
      const next = await (await page.request.get("/admin/items/water-abstraction-permit/next.json")).json();
      next.levels.push("provincial");
      next.implementedBy.push({ body: "anhui-water", level: "provincial" });
      await page.goto("/admin/items/new");
      await page.locator("[name=content]").fill(JSON.stringify(next));
      await page.locator("main form button[value=publish], main form button[type=submit]").last().click();
      await page.locator(".govuk-error-summary", { hasText: "没有列入任何一批清理决定" }).waitFor();
    }, { as: hall.account("system-admin"), expect: [/status of 422/] });
    await hall.visit(plain, async (page) => {
      await until(page, "/oversight/cards?state=open", "未经清理设定审批");
      world.cards = await page.locator("main table tbody tr", { hasText: "未经清理设定审批" }).count();
    }, { as: hall.staff("anhui.supervisor") });
  });

  it("a program that goes on applying for what is gone is refused with the reason, and makes a card", async () => {
    let token;
    await hall.visit(plain, async (page) => {
      await page.goto("/admin/tokens");
      await fill(page, { name: "省卫生健康委业务系统", scopes: "case.submit", body: "anhui-health", "until-year": String(new Date().getFullYear() + 1), "until-month": "6", "until-day": "30" });
      await page.getByRole("button", { name: "发放", exact: true }).click();
      token = await page.locator("#secret").innerText();
    }, { as: hall.staff("admin.security") });
    const answer = await fetch(`${hall.url}/api/v1/cases`, {
      method: "POST",
      headers: { Authorization: `Bearer ${token}`, "Content-Type": "application/json", "Idempotency-Key": "journey-gone-1" },
      body: JSON.stringify({ item: gone, applicant: { kind: "enterprise", name: "合肥青禾食品有限公司", idNumber: "91340104MA9Y00012N", phone: "0551-5550100" }, form: {} }),
    });
    assert.equal(answer.status, 410, await answer.clone().text());
    assert.match((await answer.json()).detail, /现由合肥市卫生健康委员会办理/);
    await hall.visit(plain, async (page) => {
      for (let i = 0; i < 150; i++) {
        await page.goto("/oversight/cards?state=open");
        if (await page.locator("main table tbody tr", { hasText: "未经清理设定审批" }).count() > world.cards) return;
        await page.waitForTimeout(250);
      }
      assert.fail("no further card");
    }, { as: hall.staff("anhui.supervisor") });
  });
});
