// A village agent: takes consent, applies for a villager, prints; the villager follows it and sees who did what, takes the consent back, and
// the agent is refused with the reason. Home visits, the head of the township centre, and what is wrong on the way.
import assert from "node:assert/strict";
import { it } from "node:test";

import { languages, view, withHall } from "./harness.mjs";
import { arrives, press } from "./steps.mjs";

withHall("village agents", (hall) => {
  const seen = view();
  const agent = () => hall.staff("liucheng.agent2");
  const world = {};
  const day = (after) => new Date(Date.now() + 8 * 3600e3 + after * 86400e3).toISOString().slice(0, 10);
  const fillDate = async (page, name, text) => {
    const [year, month, date] = text.split("-");
    await page.locator(`[name=${name}-year]`).fill(year);
    await page.locator(`[name=${name}-month]`).fill(month);
    await page.locator(`[name=${name}-day]`).fill(date);
  };

  it("the agent's day, in three languages and on a telephone", async () => {
    for (const lang of languages) {
      await hall.visit(view({ lang }), async (page) => {
        await page.goto("/agent");
        await page.locator("main table").first().waitFor();
        assert.equal(await page.locator("html.oh-elder").count(), 1, "large type");
        await hall.accessible(page);
        await hall.picture(page, `agent-${lang}`, { fullPage: true });
      }, { as: agent() });
    }
    await hall.visit(view({ narrow: true }), async (page) => {
      await page.goto("/agent/consents/new");
      await hall.fits(page);
      await hall.accessible(page);
      await hall.picture(page, "agent-consent-phone", { fullPage: true });
    }, { as: agent() });
  });

  it("consent with a wrong number is told, and recorded when it is right", () =>
    hall.visit(seen, async (page) => {
      await page.goto("/agent/consents/new");
      await page.locator("[name=name]").fill("王奶奶");
      await page.locator("[name=id]").fill("110105194912310021");
      await page.locator("[name=how][value=spoken]").check();
      await page.locator("main form button[type=submit]").click();
      const wrong = page.locator(".govuk-error-summary");
      await wrong.waitFor();
      const text = await wrong.innerText();
      assert.match(text, /第 18 位“1”是校验码/);
      assert.match(text, /见证人/);
      assert.match(text, /读给村民听/);
      assert.equal(await page.locator("[name=name]").inputValue(), "王奶奶");
      await hall.picture(page, "agent-consent-wrong", { fullPage: true });
      await page.locator("[name=id]").fill("11010519491231002X");
      await page.locator("[name=how][value=thumbprint]").check();
      await page.locator("[name=read]").check();
      await page.locator("main form button[type=submit]").click();
      await arrives(page, "/agent/villagers");
      world.villager = new URL(page.url()).pathname;
      await page.getByRole("link", { name: "城乡居民基本养老保险参保登记" }).waitFor();
      assert.match(await page.locator("main").innerText(), /110105\*+002X/);
      await hall.accessible(page);
      await hall.picture(page, "agent-villager", { fullPage: true });
      const paper = await page.request.get(`${world.villager}/paper.pdf`);
      assert.equal(paper.headers()["content-type"], "application/pdf");
    }, { as: agent(), expect: [/status of 422/] }));

  it("the agent applies for the villager without scripts and prints the receipt", () =>
    hall.visit(view({ scripts: false }), async (page) => {
      await page.goto(world.villager);
      await page.getByRole("link", { name: "城乡居民基本养老保险参保登记" }).click();
      world.apply = new URL(page.url()).pathname;
      assert.equal(await page.locator("[name=idNumber]").inputValue(), "11010519491231002X");
      await page.locator("main form button[type=submit]").click();
      await page.locator(".govuk-error-summary").waitFor();
      await page.locator("[name=address]").fill("苏集村一组 3 号");
      await page.locator("[name=grade]").first().check();
      await page.locator("[name=bank]").fill("6217000000000000001");
      await page.locator("[name=telephone]").fill("13800138000");
      await page.locator("main form button[type=submit]").click();
      await arrives(page, "/agent/slips");
      world.slip = new URL(page.url()).pathname;
      world.number = world.slip.split("/").pop();
      world.code = (await page.locator("main").innerText()).match(/查询码：\s*(\S+)/)[1];
      await hall.picture(page, "agent-slip", { fullPage: true });
      const pdf = await page.request.get(`${world.slip}/pdf`);
      assert.equal((await pdf.body()).subarray(0, 5).toString(), "%PDF-");
      // What is not for villages is refused with the reason.
      const other = await page.request.get(`${world.villager}/apply/11340000MB9000031K2000123001000`);
      assert.match(await other.text(), /十类事项|停办|取消/);
    }, { as: agent(), expect: [/status of (422|409)/] }));

  it("the villager follows it and sees who did what", () =>
    hall.visit(view({ narrow: true }), async (page) => {
      await page.goto(`/track/${world.number}/${world.code}`);
      const acts = page.locator("section[aria-labelledby=acts]");
      await acts.waitFor();
      assert.match(await acts.innerText(), /代您提交申请/);
      assert.match(await acts.innerText(), /村级代办员/);
      assert.match(await acts.innerText(), /打印回执/);
      await hall.fits(page);
      await hall.accessible(page);
      await hall.picture(page, "agent-track-phone", { fullPage: true });
    }));

  it("a villager with an account sees it there and takes the consent back; the agent is refused", async () => {
    await hall.visit(seen, async (page) => {
      await page.goto("/me/agents");
      await page.getByRole("button", { name: /撤回委托/ }).waitFor();
      await hall.accessible(page);
      await hall.picture(page, "agent-mine", { fullPage: true });
      await page.getByRole("button", { name: /撤回委托/ }).click();
      await page.locator("main .govuk-tag", { hasText: "村民已撤回" }).first().waitFor();
    }, { as: hall.staff("person.zhou") });
    await hall.visit(seen, async (page) => {
      await page.goto("/agent");
      await page.locator("main a[href^='/agent/cases/']").last().click();
      await arrives(page, "/agent/cases");
      await page.locator("a[href^='/agent/villagers/']").first().click();
      await page.locator(".govuk-warning-text", { hasText: "委托已经终止" }).waitFor();
      assert.equal(await page.locator("main a[href*='/apply/']").count(), 0);
      await hall.picture(page, "agent-refused", { fullPage: true });
    }, { as: hall.staff("liucheng.agent") });
  });

  it("home visits: planned, wrong, made", () =>
    hall.visit(seen, async (page) => {
      await page.goto("/agent/visits");
      await hall.accessible(page);
      await page.locator("[name=name]").fill("李爷爷");
      await page.locator("main form button[type=submit]").first().click();
      await page.locator(".govuk-error-summary").waitFor();
      assert.match(await page.locator(".govuk-error-summary").innerText(), /上门地址/);
      await page.locator("[name=address]").fill("苏集村二组 5 号");
      await page.locator("[name=reason]").selectOption("disabled");
      await fillDate(page, "due", day(1));
      await page.locator("main form button[type=submit]").first().click();
      await page.locator(".govuk-notification-banner").waitFor();
      await hall.picture(page, "agent-visits", { fullPage: true });
      await page.getByRole("link", { name: "李爷爷" }).click();
      await page.locator("[name=state][value=done]").check();
      await page.locator("[name=result]").fill("换了药，填好了申请表。");
      await hall.accessible(page);
      await page.locator("main form button[type=submit]").click();
      await page.locator(".govuk-notification-banner").waitFor();
    }, { as: agent(), expect: [/status of 422/] }));

  it("the head of the township centre sees figures and transfers, and assigns a village", () =>
    hall.visit(view(), async (page) => {
      await page.goto("/agent/township");
      await hall.accessible(page);
      await hall.picture(page, "agent-township", { fullPage: true });
      assert.match(await page.locator("main").innerText(), /上报县级部门的办件/);
      await page.locator("[name=agent]").selectOption({ index: 1 });
      await page.locator("[name=village]").selectOption({ index: 12 });
      await fillDate(page, "from", day(1));
      await press(page, page.getByRole("button", { name: "分配村", exact: true }));
      await page.locator(".govuk-notification-banner").waitFor();
      // What the others may not see.
      const answer = await page.request.get("/agent/visits");
      assert.equal(answer.status(), 403);
    }, { as: hall.staff("liucheng.manager") }));
});
