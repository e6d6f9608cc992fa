// A request for information: somebody without an account asks, the disclosure office replies, the asker reads the reply, and the
// register shows what was asked for but not who asked.
import assert from "node:assert/strict";
import { readdir, readFile } from "node:fs/promises";
import path from "node:path";
import { it } from "node:test";

import { view, withHall } from "./harness.mjs";
import { act, files, fill, press, says, today } from "./steps.mjs";

const asker = "王晓岚";
const wanted = "申请公开2025年巢湖流域取水许可的批准文件，有清单的请一并提供。";
const subject = "2025年巢湖流域取水许可批准文件";

withHall("a request for information", (hall) => {
  const plain = view({ scripts: false });
  const world = {};
  const asStaff = (name, step) => hall.visit(plain, step, { as: hall.staff(name) });
  const go = (page) => press(page, page.locator("main form[enctype] button[type=submit]").last());

  it("a visitor without scripts asks; what is wrong is said, and nothing is lost", () =>
    hall.visit(plain, async (page) => {
      await page.goto("/open/apply?q=合肥市水务局");
      await page.locator("main a[href='/open/apply/hefei-water']").click();
      await fill(page, { description: "短" });
      await go(page);
      await says(page, "请写得具体一些");
      assert.equal(await page.locator("[name=description]").inputValue(), "短");
      await fill(page, { description: wanted });
      await go(page);
      await fill(page, { kind: "person", name: asker, idNumber: "110105194912310021", phone: "1380" });
      await go(page);
      assert.equal(await page.locator(".govuk-error-summary a").count(), 3, "number, telephone and proof are named at once");
      assert.equal(await page.locator("[name=name]").inputValue(), asker);
      assert.equal(await page.locator("[name=idNumber]").inputValue(), "110105194912310021");
      await fill(page, { idNumber: "11010519491231002X", phone: "13800000001" });
      await page.locator("main input[type=file]").setInputFiles(files.pdf);
      await go(page);
      await fill(page, { wanted: "email" });
      await go(page);
      await says(page, "您希望用电子邮件获取，请填写电子邮件地址");
      await fill(page, { email: "asker@example.com" });
      await go(page);
      await says(page, wanted, asker, "asker@example.com");
      await page.locator("main [name=declare]").check();
      await page.locator("main button[value=send]").click();
      await page.waitForURL(/\/receipt$/);
      [, world.number, world.code] = /\/open\/requests\/(\w+)\/(\w+)\/receipt$/.exec(new URL(page.url()).pathname);
      await says(page, world.number, world.code);
    }, { expect: [/status of 422/] }));

  it("the office receives and examines it, and its head issues the reply", async () => {
    await asStaff("hefei.water.reviewer", async (page) => {
      await page.goto(`/open/office/${world.number}`);
      await says(page, asker, "13800000001");
      await act(page, world.number, { ...today("receivedOn"), manner: "phone" });
      await act(page, world.number, { outcome: "examine" });
      await page.goto(`/desk/case/${world.number}`);
      await page.locator("main [name=outcome][value=draft]").check();
      for (const list of ["general", "secret", "safety"]) for (const box of await page.locator(`main [name=${list}]`).all()) await box.check();
      await press(page, page.locator("#act button[accesskey=s]"));
      await act(page, world.number, { reply: "published", where: "已经主动公开，见本机关网站“法定主动公开内容”。", subject });
      await says(page, `已提交 ${world.number}`);
    });
    await asStaff("hefei.water.head", (page) => act(page, world.number, { outcome: "issue" }));
    await asStaff("hefei.water.reviewer", (page) => act(page, world.number, { manner: "email", ...today("delivered") }));
  });

  it("the asker opens it with number and code, and reads the reply", () =>
    hall.visit(plain, async (page) => {
      await page.goto("/track");
      await fill(page, { number: world.number, code: world.code });
      await press(page, page.locator("main form button[type=submit]"));
      await says(page, "予以公开");
      await page.locator("main a[href*='/letters/']").last().click();
      await says(page, "政府信息公开告知书", "王*", "已经主动公开，见本机关网站");
      assert.ok(!(await page.content()).includes(asker), "whoever holds the code reads who asked");
    }));

  it("the asker was told by mail, at the address that they gave, and no mail says who asked or for what", async () => {
    const outbox = path.join(hall.server.data, "outbox");
    const told = async () => {
      const found = [];
      for (const name of (await readdir(outbox).catch(() => [])).filter((each) => each.endsWith(".eml"))) {
        const [head, body] = (await readFile(path.join(outbox, name), "utf8")).split("\r\n\r\n");
        if (/^To: <asker@example\.com>/m.test(head)) found.push(Buffer.from(body, "base64").toString("utf8"));
      }
      return found;
    };
    let mails = [];
    for (let tries = 0; tries < 100 && mails.length < 2; tries++) {
      await new Promise((resolve) => setTimeout(resolve, 100));
      mails = await told();
    }
    assert.equal(mails.length, 2, "received, and replied to");
    for (const mail of mails) {
      assert.ok(mail.includes(world.number) && mail.includes("/track"), mail);
      for (const secret of [asker, world.code, "取水", "水务"]) assert.ok(!mail.includes(secret), `a mail says ${secret}`);
    }
  });

  it("the register shows what was asked for, and not who asked", () =>
    hall.visit(plain, async (page) => {
      await page.goto("/open/requests?body=hefei-water");
      await page.locator(`main a[href='/open/requests/${world.number}']`).click();
      await says(page, subject, "予以公开");
      const text = await page.content();
      for (const secret of [asker, "11010519491231002X", "13800000001", "asker@example.com", world.code, wanted]) {
        assert.ok(!text.includes(secret), `the register says ${secret}`);
      }
      assert.equal((await page.goto(`/open/requests/${world.number}/WRONGCODE`)).status(), 404, "nobody follows it without the code");
    }, { expect: [/status of 404/] }));

  it("looks right on a phone, in each language", async () => {
    for (const how of [view(), view({ lang: "en", narrow: true }), view({ lang: "zh-Hant", narrow: true })]) {
      await hall.visit(how, async (page) => {
        for (const [name, address] of [["apply", "/open/apply/hefei-water"], ["register", "/open/requests"], ["track", `/open/requests/${world.number}/${world.code}`]]) {
          await page.goto(address);
          await hall.fits(page); // axe.test.mjs looks for barriers on these pages
          await hall.picture(page, `request-${name}-${how.lang}`, { fullPage: true });
        }
      });
    }
  });
});
