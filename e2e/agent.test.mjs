// A village agent: takes consent, applies for a villager, prints; the villager follows it and sees who did what, takes the consent back, and
// the agent is refused with the reason. Home visits, the head of the township centre, and what is wrong on the way.
import assert from "node:assert/strict";
import { it } from "node:test";

import { languages, view, withHall } from "./harness.mjs";
import { arrives, files, press } from "./steps.mjs";

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
    await hall.visit(view({ narrow: true, lang: "en" }), async (page) => {
      for (const at of ["/agent", "/agent/visits"]) {
        await page.goto(at);
        await hall.fits(page);
        await hall.picture(page, `agent-phone${at.replaceAll("/", "-")}`, { fullPage: true });
      }
    }, { as: agent() });
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

  it("a correction is supplied for the villager with the keyboard alone, and they see who did it and how they agreed", async () => {
    await hall.visit(seen, async (page) => {
      await page.goto("/agent");
      const asked = page.locator("table", { has: page.locator("caption", { hasText: "等村民补正的申请" }) });
      await asked.locator("a[href^='/agent/cases/']").first().click();
      await arrives(page, "/agent/cases");
      world.asked = new URL(page.url()).pathname;
      world.code2 = world.asked.split("/").pop();
      await hall.accessible(page);
      await hall.picture(page, "agent-asked", { fullPage: true });
      await page.getByRole("button", { name: "代为补正" }).focus();
      await page.keyboard.press("Enter");
      await page.locator("[name=note]").waitFor();
      world.supply = new URL(page.url()).pathname;
      assert.match(await page.locator("main").innerText(), /户口簿本人页照片/);
      await page.locator("[name=note]").focus();
      await page.keyboard.type("没有残疾证");
      await page.locator("main form button[type=submit]").focus();
      await page.keyboard.press("Enter");
      const wrong = page.locator(".govuk-error-summary");
      await wrong.waitFor();
      assert.match(await wrong.innerText(), /怎样|方式/);
      assert.match(await wrong.innerText(), /问过村民/);
      assert.equal(await page.locator("[name=note]").inputValue(), "没有残疾证");
      await hall.accessible(page);
      await page.locator("[name='files.supplement']").setInputFiles({ ...files.png, name: "户口簿.png" });
      await page.locator("[name=how][value=spoken]").focus();
      await page.keyboard.press("Space");
      await page.locator("[name=witness]").focus();
      await page.keyboard.type("村民组长");
      await page.locator("[name=agreed]").focus();
      await page.keyboard.press("Space");
      await hall.picture(page, "agent-supply", { fullPage: true });
      await page.locator("main form button[type=submit]").focus();
      await page.keyboard.press("Enter");
      await page.locator(".govuk-notification-banner", { hasText: "已代为补正" }).waitFor();
      assert.match(await page.locator("main").innerText(), /代您补正材料[\s\S]*口头同意/);
      await page.goto(world.supply); // the old page leads to the application
      await arrives(page, world.asked);
    }, { as: agent(), expect: [/status of 422/] });
    for (const lang of languages) {
      await hall.visit(view({ lang, narrow: true }), async (page) => {
        await page.goto(`${world.asked}/withdraw`);
        await hall.fits(page);
        await hall.accessible(page);
        await hall.picture(page, `agent-recall-${lang}`, { fullPage: true });
      }, { as: agent() });
    }
  });

  it("an application is withdrawn because the villager wants it", () =>
    hall.visit(view({ narrow: true }), async (page) => {
      await page.goto(`${world.asked}/withdraw`);
      await page.locator("[name=reason]").fill("女儿已在县城办好");
      await page.locator("[name=how][value=signed]").check();
      await page.locator("[name=agreed]").check();
      await press(page, page.locator("main form button[type=submit]"));
      await page.locator(".govuk-notification-banner", { hasText: "已代为撤回" }).waitFor();
      const again = await page.request.get(`${world.asked}/withdraw`);
      assert.equal(again.status(), 409);
      assert.match(await again.text(), /不能再撤回/);
    }, { as: agent() }));

  it("a consent for some fields offers those alone, and is taken anew for all", () =>
    hall.visit(view({ narrow: true, lang: "zh-Hant" }), async (page) => {
      await page.goto("/agent");
      const asked = page.locator("table", { has: page.locator("caption", { hasText: "委託您代辦的村民" }) });
      for (const href of await asked.locator("a").evaluateAll((list) => list.map((a) => a.getAttribute("href")))) {
        await page.goto(href);
        if (/委託的領域\s*社會救助、社會福利/.test(await page.locator("main").innerText())) break;
      }
      await hall.fits(page);
      await hall.picture(page, "agent-fields", { fullPage: true });
      assert.equal(await page.locator("main h3", { hasText: "就業" }).count(), 0);
      const narrow = new URL(page.url()).pathname;
      const refused = await page.request.get(`${world.apply.replace(/^.*\/apply/, `${narrow}/apply`)}`);
      assert.equal(refused.status(), 409);
      assert.match(await refused.text(), /委托书所列领域是“社会救助、社会福利”，这件事属于“社会保险”/);
      await page.getByRole("button", { name: /重新取得同意/ }).click();
      await page.locator("[name=fields]").first().waitFor();
      await hall.fits(page);
      await hall.accessible(page);
      await hall.picture(page, "agent-renew", { fullPage: true });
      assert.equal(await page.locator("[name=fields]:checked").count(), 10);
      await page.locator("[name=id]").fill("340321196204161046"); // the card is looked at again
      await page.locator("[name=how][value=signed]").check();
      await page.locator("[name=read]").check();
      await press(page, page.locator("main form button[type=submit]"));
      await arrives(page, "/agent/villagers");
      assert.notEqual(new URL(page.url()).pathname, narrow);
      await page.locator("main h3", { hasText: "就業" }).first().waitFor();
    }, { as: agent() }));

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
      await page.getByRole("button", { name: "记录结果" }).click();
      await page.locator(".govuk-notification-banner").waitFor();
    }, { as: agent(), expect: [/status of 422/] }));

  it("the head of the township centre plans, moves and closes a visit", async () => {
    const chief = { as: hall.staff("liucheng.manager"), expect: [/status of 422/] };
    for (const lang of languages) {
      await hall.visit(view({ lang, narrow: lang !== "zh-Hans" }), async (page) => {
        await page.goto("/agent/township/visits");
        await hall.fits(page);
        await hall.accessible(page);
        await hall.picture(page, `agent-township-visits-${lang}`, { fullPage: true });
      }, chief);
    }
    await hall.visit(seen, async (page) => {
      await page.goto("/agent/township/visits");
      await press(page, page.locator("main form button[type=submit]"));
      const wrong = page.locator(".govuk-error-summary");
      await wrong.waitFor();
      for (const word of [/代办员/, /姓名/, /上门地址/, /上门的原因/, /上门日期/]) assert.match(await wrong.innerText(), word);
      await hall.picture(page, "agent-township-visits-wrong", { fullPage: true });
      await page.goto("/agent/township/visits");
      await page.locator("main table a").first().click();
      await page.locator("[name=reason]").waitFor();
      world.townVisit = new URL(page.url()).pathname;
      await hall.accessible(page);
      await fillDate(page, "due", day(5));
      await page.locator("[name=reason]").fill("村民去女儿家");
      await press(page, page.getByRole("button", { name: "改期或者改派" }));
      await page.locator("main li", { hasText: "村民去女儿家" }).waitFor();
      await hall.picture(page, "agent-township-visit", { fullPage: true });
      await page.locator("[name=result]").fill("已由女儿带去窗口");
      await press(page, page.getByRole("button", { name: "取消这次上门" }));
      await page.locator(".govuk-notification-banner", { hasText: "已取消这次上门" }).waitFor();
    }, chief);
  });

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
