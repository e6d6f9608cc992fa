// The off-line app of village agents, as an agent uses it: set up on line, written without a line, handed in when it is back.
import assert from "node:assert/strict";
import { it } from "node:test";

import { languages, phone, view, withHall } from "./harness.mjs";
import { startNewer } from "./newer.mjs";
import { endConsent, fillForm, idNumber, raw, takeConsent } from "./offline-steps.mjs";

const pin = "稻田-7413";
const app = "/agent/offline/";

// What a browser says in its console when there is no line, and when an answer is a refusal.
const expect = [/ERR_INTERNET_DISCONNECTED/, /status of 4\d\d/];

withHall("an agent works off line", (hall) => {
  const at = (lang = "zh-Hans") => ({ ...view({ lang }), narrow: true });
  const agent = () => hall.staff("liucheng.agent");

  const title = (page, words) => page.locator("main h1", { hasText: words }).waitFor();

  async function setUp(page, origin = "") {
    await page.goto(origin + app);
    await title(page, /启用这台设备|啟用這台裝置|Set this device up/);
    await page.locator("#pin").fill(pin);
    await page.locator("#again").fill(pin);
    await page.locator("form button[type=submit]").click();
    await title(page, /我的草稿|My drafts/);
    await page.evaluate(() => navigator.serviceWorker.ready);
    await page.waitForFunction(() => navigator.serviceWorker.controller !== null);
  }

  async function unlock(page) {
    await page.locator("#pin").fill(pin);
    await page.locator("form button[type=submit]").click();
    await title(page, /我的草稿|没有这份草稿/);
  }

  it("set up, off line, a draft written and handed in, a number; nothing on the device without the PIN", () =>
    hall.visit(at(), async (page) => {
      const context = page.context();
      await page.goto(app);
      await title(page, "启用这台设备");
      await page.locator("#pin").fill("123456");
      await page.locator("#again").fill("123456");
      await page.locator("form button[type=submit]").click();
      await page.locator(".govuk-error-summary", { hasText: "连续的数字" }).waitFor();
      await hall.accessible(page);
      await setUp(page);

      await context.setOffline(true);
      await page.reload();
      await title(page, "设备已锁定");
      await hall.accessible(page);
      await page.locator("#pin").fill("falsch-99");
      await page.locator("form button[type=submit]").click();
      await page.locator(".govuk-error-summary", { hasText: "还可以试 9 次" }).waitFor();
      await hall.picture(page, "offline-locked");
      await unlock(page);
      await page.locator(".oh-offline__line--off").waitFor();

      // Consent is taken without the line; a wrong number is found on the device.
      const number = idNumber("340123195803150", 7);
      await page.getByRole("button", { name: "为村民填写申请" }).click();
      await page.getByRole("button", { name: "为新的村民记录委托" }).click();
      await title(page, "记录委托");
      await page.locator("#name").fill("陈秀英");
      await page.locator("#id").fill(number.slice(0, 17) + (number[17] === "1" ? "2" : "1"));
      await page.locator("form button[type=submit]").click();
      await page.locator(".govuk-error-summary", { hasText: "末位校验码不符" }).waitFor();
      await hall.accessible(page);
      await hall.picture(page, "offline-consent", { fullPage: true });
      await takeConsent(page, { name: "陈秀英", id: number });
      await title(page, "为陈秀英办什么事");
      await hall.accessible(page);
      await page.locator(".oh-offline__choose").first().click();
      await page.locator("form").waitFor();
      await page.getByRole("button", { name: "填写完毕" }).click();
      await page.locator(".govuk-error-summary").waitFor();
      await hall.accessible(page);
      await hall.picture(page, "offline-form", { fullPage: true });
      await fillForm(page, { name: "陈秀英", id: number });
      await page.locator("[role=status]", { hasText: "已保存" }).waitFor();
      const draft = page.url();
      await page.reload(); // nothing typed is lost
      await title(page, "设备已锁定");
      await page.locator("#pin").fill(pin);
      await page.locator("form button[type=submit]").click();
      await page.locator("form.oh-offline__form").waitFor();
      assert.equal(page.url(), draft);
      await page.getByRole("button", { name: "填写完毕" }).click();
      await page.getByText("联网后会自动递交。").waitFor();
      await hall.accessible(page);
      await hall.picture(page, "offline-ready");
      await page.getByRole("button", { name: "打印临时凭条" }).click();
      await title(page, "代办临时凭条");
      await hall.accessible(page);
      await hall.picture(page, "offline-slip", { fullPage: true });
      await page.getByRole("link", { name: "返回" }).click();

      // Without the PIN nobody reads a name or a number on the device.
      const before = await raw(page);
      assert.ok(before.length > 1000, "there is something on the device");
      for (const secret of ["陈秀英", number, number.slice(6, 14), "13805510000", "低保"]) assert.ok(!before.includes(secret), `the device shows ${secret}`);

      await context.setOffline(false);
      await page.locator(".govuk-panel").waitFor();
      const given = (await page.locator(".govuk-panel__body strong").textContent()).trim();
      assert.match(given, /^\S{8,}$/);
      await hall.accessible(page);
      await hall.picture(page, "offline-taken");
      const slip = await page.getByRole("button", { name: "打印正式凭条" }).getAttribute("href");
      assert.match(slip, new RegExp(given));
      const other = await context.newPage();
      other.scripted = true;
      assert.equal((await other.goto(slip)).status(), 200);
      assert.match(await other.locator("body").innerText(), new RegExp(given));
      await other.close();
      await page.getByRole("button", { name: "打印编号（离线）" }).click();
      await title(page, "代办凭条");
      assert.match(await page.locator(".oh-letter").innerText(), new RegExp(given));
    }, { as: agent(), expect }));

  it("a consent that was withdrawn meanwhile is a conflict, with what to do", () =>
    hall.visit(at("en"), async (page) => {
      const context = page.context();
      await setUp(page);
      await context.setOffline(true);
      await page.locator(".oh-offline__line--off").waitFor();
      await page.getByRole("button", { name: "Apply for a villager" }).click();
      const villager = page.locator("main .oh-offline__open").first();
      const consent = (await villager.getAttribute("href")).split("/").pop();
      await villager.click();
      await page.locator(".oh-offline__choose").first().click();
      await page.locator("form.oh-offline__form").waitFor();
      await fillForm(page, {});
      await page.getByRole("button", { name: "It is complete" }).click();
      await page.getByText("handed in when the network is back").waitFor();

      await endConsent(hall, agent(), consent); // in another place
      await context.setOffline(false);
      await page.getByText("What to do").waitFor();
      await hall.accessible(page);
      await hall.picture(page, "offline-conflict", { fullPage: true });
      await page.getByRole("button", { name: "Take consent anew" }).click();
      await takeConsent(page, { name: "周大山", id: idNumber("340123196207070", 3) });
      await page.locator("form.oh-offline__form").waitFor();
      await page.getByRole("button", { name: "It is complete" }).click();
      await page.locator(".govuk-panel").waitFor();
    }, { as: agent(), expect }));

  it("signed out, another agent, and leaving", () =>
    hall.visit(at("zh-Hant"), async (page) => {
      const context = page.context();
      await setUp(page);
      await page.getByRole("link", { name: "這台裝置" }).click();
      await title(page, "這台裝置");
      await hall.accessible(page);
      await hall.picture(page, "offline-device", { fullPage: true });
      // Signing out on a page of the hall ends the session; what is on the device stays, and opens without the line.
      await page.evaluate(() => fetch("/signout", { method: "POST" }));
      await context.setOffline(true);
      await page.reload();
      await title(page, "裝置已鎖定");
      await context.setOffline(false);
      await page.locator("#pin").fill(pin);
      await page.keyboard.press("Enter");
      await title(page, "這台裝置");
      await page.getByRole("button", { name: "更新事項和名單" }).click();
      await page.getByText("登入已過期").first().waitFor();

      // Another agent signs in in the same browser: nothing goes in under a foreign name.
      await context.addCookies((await hall.session(hall.staff("liucheng.agent5"))).cookies);
      await page.getByRole("button", { name: "更新事項和名單" }).click();
      await page.getByText("目前登入的是另一位代辦員").waitFor();
      await page.locator("main").getByRole("button", { name: "鎖定" }).click();
      await title(page, "裝置已鎖定");
      await page.locator("#pin").fill(pin);
      await page.keyboard.press("Enter");
      await title(page, "這台裝置");
      await page.getByRole("button", { name: "登出並刪除全部內容" }).click();
      await page.getByRole("alert").getByText("確定嗎").waitFor();
      await page.getByRole("button", { name: "登出並刪除全部內容" }).click();
      await page.getByText("本裝置上的全部內容已刪除。").waitFor();
      await title(page, "啟用這台裝置");
      await page.getByText("請先以代辦員身份登入").waitFor();
      await hall.accessible(page);
      assert.equal(await raw(page), "", "nothing is left");
    }, { get as() { return hall.staff("liucheng.agent4"); }, expect }));

  it("left alone, the device locks itself, and what was being typed is kept", () =>
    hall.visit(at(), async (page) => {
      await page.clock.install();
      await setUp(page);
      await page.getByRole("button", { name: "为村民填写申请" }).click();
      await page.locator("main .oh-offline__open").first().click();
      await page.locator(".oh-offline__choose").first().click();
      const field = page.locator("form.oh-offline__form [data-field] input[type=text]").first();
      await field.fill("没有写完的");
      await page.clock.fastForward("05:30");
      await title(page, "设备已锁定");
      await page.locator("#pin").fill(pin);
      await page.keyboard.press("Enter");
      await field.waitFor();
      assert.equal(await field.inputValue(), "没有写完的");
    }, { as: agent(), expect }));

  it("a new version waits until the agent takes it, and drafts stay", async () => {
    const front = await startNewer(hall.url);
    try {
      await hall.visit(at(), async (page) => {
        const { cookies } = await hall.session(agent());
        await page.context().addCookies(cookies);
        await setUp(page, front.url);
        await page.getByRole("button", { name: "为村民填写申请" }).click();
        await page.locator("main .oh-offline__open").first().click();
        await page.locator(".oh-offline__choose").first().click();
        await page.locator("form.oh-offline__form").waitFor();
        await page.getByRole("link", { name: "返回" }).click();
        await title(page, "我的草稿");
        front.renew();
        await page.evaluate(async () => (await navigator.serviceWorker.ready).update());
        await page.getByRole("heading", { name: "有新版本" }).waitFor();
        await hall.accessible(page);
        await hall.picture(page, "offline-list", { fullPage: true });
        await page.getByRole("button", { name: "现在换用" }).click();
        await title(page, "设备已锁定"); // it has opened anew
        await page.getByText("本设备上有 1 份草稿还没有递交完。").waitFor();
        await unlock(page);
        assert.equal(await page.getByText("有新版本").count(), 0);
        await page.locator(".oh-offline__draft").first().waitFor();
      }, { expect: [...expect, /asks another host/] });
    } finally {
      await front.close();
    }
  });

  for (const lang of languages) {
    it(`large type, the language of the device, keyboard alone: ${lang}`, () =>
      hall.visit(view({ lang }), async (page) => {
        await setUp(page);
        assert.equal(await page.locator("html").getAttribute("lang"), lang);
        await page.locator("[data-bar] button", { hasText: /大字版|Large type/ }).click();
        await hall.accessible(page);
        await page.setViewportSize(phone);
        await hall.accessible(page);
        await page.locator("main a[role=button]").first().focus();
        await page.keyboard.press("Enter");
        await page.locator("main h1", { hasText: /为谁申请|為誰申請|For whom/ }).waitFor();
        assert.equal(await page.evaluate(() => document.activeElement.tagName), "H1", "the focus is on the heading of the view");
        await hall.accessible(page);
      }, { as: agent(), expect }));
  }
});
