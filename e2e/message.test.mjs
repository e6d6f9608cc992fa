// What people are told: read it, choose how, confirm an address with a code, and get a mail that says nothing it should not.
import assert from "node:assert/strict";
import { readdir, readFile } from "node:fs/promises";
import path from "node:path";
import { it } from "node:test";

import { view, withHall } from "./harness.mjs";
import { apply, says } from "./steps.mjs";

withHall("messages", (hall) => {
  const outbox = () => path.join(hall.server.data, "outbox");
  // mails waits for a mail in the outbox that matches, and returns it with its text decoded.
  async function mail(pattern) {
    for (let tries = 0; tries < 100; tries++) {
      for (const name of await readdir(outbox()).catch(() => [])) {
        if (!name.endsWith(".eml")) continue;
        const raw = await readFile(path.join(outbox(), name), "utf8");
        const [head, body] = raw.split("\r\n\r\n");
        const text = Buffer.from(body, "base64").toString("utf8");
        const words = [...head.slice(head.indexOf("\nSubject:"), head.indexOf("\nDate:")).matchAll(/=\?utf-8\?b\?([^?]*)\?=/gi)].map(([, word]) => Buffer.from(word, "base64"));
        const plain = /^Subject: (.*)$/m.exec(head)[1];
        const found = { head, text, subject: words.length && plain.startsWith("=?") ? Buffer.concat(words).toString("utf8") : plain };
        if (pattern.test(text)) return found;
      }
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    throw new Error(`no mail matches ${pattern}`);
  }

  const unread = async (page) => Number(((await page.locator(".oh-header__count").textContent({ timeout: 1000 }).catch(() => "0")).match(/\d+/) ?? [0])[0]);

  it("a citizen reads what happened, without scripts", () =>
    hall.visit(view({ scripts: false }), async (page) => {
      // The hall tells of its matters within moments of its start: count when three seconds have brought nothing new.
      await page.goto("/me/messages");
      let before = await unread(page);
      for (let quiet = 0, tries = 0; quiet < 15 && tries < 300; tries++) {
        await page.waitForTimeout(200);
        await page.reload();
        const now = await unread(page);
        quiet = now === before && now > 3 ? quiet + 1 : 0;
        before = now;
      }
      assert.ok(before > 3, `${before} unread`);
      await says(page, "我的消息", "未读", "办件编号");
      await page.locator("main .oh-card__link").first().click();
      await says(page, "办件编号", "查看办件");
      assert.equal(await unread(page), before - 1);
      const number = /办件编号[^0-9A-Z]*([0-9A-Z]{12,})/.exec(await page.locator("main").innerText())[1];
      await page.getByRole("button", { name: "查看办件" }).click();
      await page.waitForURL((url) => /^\/me\/(case|complaints|joint|consents|requests)\//.test(url.pathname));
      await says(page, number);
      await page.goBack();
      await page.getByRole("button", { name: "标为未读" }).click();
      await says(page, "消息已标为未读");
      assert.equal(await unread(page), before);
      await page.getByRole("button", { name: "全部标为已读" }).click();
      await says(page, "消息已标为已读");
      assert.equal(await unread(page), 0);
      await page.getByRole("link", { name: /只看未读/ }).click();
      await says(page, "没有未读消息");
    }, { as: hall.account("citizen") }));

  it("an enterprise confirms an address, and gets a mail that says nothing personal", () =>
    hall.visit(view(), async (page) => {
      await page.goto("/me/messages/settings");
      await page.locator("[name=address]").fill("公司@例子");
      await page.getByRole("button", { name: "发送确认码" }).click();
      await says(page, "邮箱地址不正确");
      assert.equal(await page.locator("[name=address]").inputValue(), "公司@例子", "what was typed is kept");
      await page.locator("[name=address]").fill("office@example.com");
      await page.getByRole("button", { name: "发送确认码" }).click();
      await says(page, "确认码已发出", "office@example.com");
      const { text, subject } = await mail(/确认码：\d{6}/);
      const code = /\d{6}/.exec(text)[0];
      assert.ok(!subject.includes(code));
      await page.locator("[name=code]").fill(code === "000000" ? "000001" : "000000");
      await page.getByRole("button", { name: "确认邮箱" }).click();
      await says(page, "确认码不对，还可以试 4 次");
      await page.locator("[name=code]").fill(code);
      await page.getByRole("button", { name: "确认邮箱" }).click();
      await says(page, "邮箱已确认");
      await page.locator("[name=from]").selectOption("22");
      await page.getByRole("button", { name: "保存" }).click();
      await says(page, "免打扰时段要同时选择开始和结束");
      await page.locator("[name=from]").selectOption("");
      await page.locator("[name=language]").selectOption("en");
      await page.getByLabel("请您评价 站内消息").uncheck();
      await page.getByRole("button", { name: "保存" }).click();
      await says(page, "通知设置已保存");
      assert.ok(!(await page.getByLabel("请您评价 站内消息").isChecked()));
      const { number } = await apply(page);
      const receipt = await mail(new RegExp(`has been received under the number ${number}`));
      assert.match(receipt.head, /^To: <office@example\.com>/m);
      assert.match(receipt.subject, /your application has been received/);
      for (const secret of [number, "取水", "Water", "水务"]) assert.ok(!receipt.subject.includes(secret), `the subject says ${secret}`);
      assert.ok(!/取水|Water/.test(receipt.text), "the mail says what the matter is about");
      await page.goto("/me/messages");
      await says(page, "收件回执", number, "取水许可");
    }, { as: hall.account("enterprise"), expect: [/status of 422/] }));

  it("a supervisor hears of cards, and a reviewer of what is due", async () => {
    await hall.visit(view(), async (page) => {
      await page.goto("/me/messages");
      await says(page, "我的消息", "黄牌：超过承诺期限");
      await hall.picture(page, "messages-supervisor");
      await page.locator("main .oh-card__link").first().click();
      await page.getByRole("button", { name: "查看办件" }).click();
      assert.match(page.url(), /\/board\/\d{12}\/case\//);
      await says(page, "办件编号");
      await page.goto("/me/messages/settings");
      await says(page, "红牌：超过法定期限", "必须");
    }, { as: hall.account("supervisor") });
    await hall.visit(view(), async (page) => {
      await page.goto("/me/messages/settings");
      await says(page, "即将到期", "本岗位有新的待办");
      assert.ok(!(await page.getByText("红牌：超过法定期限").isVisible()), "a reviewer supervises nobody");
    }, { as: hall.account("reviewer") });
  });

  // axe.test.mjs looks at the list and the settings in every view; here are pictures, and the page of one message.
  for (const how of [view(), view({ lang: "zh-Hant", narrow: true }), view({ lang: "en", narrow: true })]) {
    it(`the pages, ${how.name}`, () =>
      hall.visit(how, async (page) => {
        const tag = `${how.lang}-${how.narrow ? "phone" : "desk"}`;
        for (const [address, name] of [["/me/messages/settings", "messages-settings"], ["/me/messages", "messages"]]) {
          await page.goto(address);
          await hall.picture(page, `${name}-${tag}`, { fullPage: true });
        }
        await page.locator("main .oh-card__link").first().click();
        await page.getByRole("heading", { level: 1 }).waitFor();
        await hall.accessible(page);
        await hall.picture(page, `message-${tag}`, { fullPage: true });
      }, { as: hall.account("citizen") }));
  }
});
