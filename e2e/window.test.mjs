// At the counter: somebody comes in person, the clerk types, the slip goes home with them; and who may sit where.
import assert from "node:assert/strict";
import { it } from "node:test";

import { view, withHall } from "./harness.mjs";
import { act, files, fill, guideOf, says, waterAnswers } from "./steps.mjs";

// A person who exists nowhere; the check digit is right.
const walkIn = { name: "周予安", id: "340111199003070025", phone: "13805550123" };

withHall("the counter", (hall) => {
  const how = view();
  const office = (name, step, options) => hall.visit(how, step, { as: hall.staff(name), ...options });
  let number, code;

  it("takes an application in and hands out the slip", () =>
    office("hefei.window.construction", async (page) => {
      await page.goto("/desk/receive?q=取水");
      await page.locator("main table a", { hasText: "取水许可" }).first().click();
      await fill(page, { ...waterAnswers, name: walkIn.name });
      await page.locator("[name='applicant.name']").fill(walkIn.name);
      await page.locator("[name='applicant.idNumber']").fill(walkIn.id.replace(/.$/, "9"));
      await page.locator("[name='applicant.phone']").fill(walkIn.phone);
      if (await page.locator("[name='applicant.kind']").count()) await page.locator("[name='applicant.kind'][value=person]").check();
      for (const input of await page.locator("main input[type=file]").all()) await input.setInputFiles(files.pdf);
      await page.getByRole("button", { name: "收件并出具回执" }).click();
      await page.locator(".govuk-error-summary").waitFor();
      assert.match(await page.locator(".govuk-error-summary").innerText(), /第 18 位“9”是校验码/, "the message says what is wrong with the number");
      assert.equal(await page.locator("[name=place]").inputValue(), waterAnswers.place, "what was typed is kept");
      await says(page, files.pdf.name);
      await page.locator("[name='applicant.idNumber']").fill(walkIn.id);
      await page.getByRole("button", { name: "收件并出具回执" }).click();
      await page.waitForURL(/\/desk\/received\//);
      number = decodeURIComponent(new URL(page.url()).pathname.split("/").at(-1));
      code = /查询码 (\S+)/.exec(await page.locator(".govuk-panel").innerText())[1];
      await page.getByRole("link", { name: /^打印/ }).first().click();
      await says(page, "收件回执", walkIn.name, number);
    }, { expect: [/status of 422/] }));

  it("the person follows the matter at home", () =>
    hall.visit(how, async (page) => {
      await page.goto("/track");
      await fill(page, { number, code });
      await page.locator("main form button").click();
      await says(page, "已收件", "窗口");
    }));

  it("a window that does not serve the body cannot see the dossier", () =>
    office("hefei.window.people", async (page) => {
      const answer = await page.goto(`/desk/case/${number}`);
      assert.ok(answer.status() === 403 || !(await page.locator("main").innerText()).includes(walkIn.name));
    }, { expect: [/status of 403/] }));

  it("the public has no desk", () =>
    hall.visit(how, async (page) => {
      for (const address of ["/desk", "/board", "/admin", `/desk/case/${number}`]) {
        assert.equal((await page.goto(address)).status(), 403, address);
      }
    }, { as: hall.account("enterprise"), expect: [/status of 403/] }));

  it("a supervisor goes from the number to the list to the case and to the arithmetic of a date due", async () => {
    await office("hefei.window.construction", (page) => act(page, number, { outcome: "accept" }));
    await office("hefei.supervisor", async (page) => {
      await page.goto("/board");
      await says(page, "合肥市 · 监察看板", "在办", "超过法定时限");
      await page.getByRole("link", { name: /收件/ }).first().click();
      await page.locator(`main a[href*="${number}"]`).first().click();
      await says(page, number, "承诺时限", "法定时限");
      await page.getByText("这个日期是怎样算出来的").first().click();
      await says(page, "不计入");
      assert.ok(!(await page.locator("main").innerText()).includes(walkIn.phone), "who oversees does not see private data");
    });
  });

  it("a machine gets a token, uses it, and loses it", async () => {
    let token;
    await office("admin.security", async (page) => {
      await page.goto("/admin/tokens");
      await page.getByRole("button", { name: "发放", exact: true }).click();
      await page.locator(".govuk-error-summary").waitFor();
      await fill(page, { name: "合肥市水务局业务系统", scopes: "case.read", body: "hefei-water" });
      await page.locator("[name=scopes][value='case.list']").check();
      await fill(page, { "until-year": String(new Date().getFullYear() + 1), "until-month": "6", "until-day": "30" });
      await page.getByRole("button", { name: "发放", exact: true }).click();
      await says(page, "只显示这一次");
      token = await page.locator("#secret").innerText();
    }, { expect: [/status of 422/] });
    const ask = (address) => fetch(hall.url + address, { headers: { Authorization: `Bearer ${token}` } });
    const answer = await ask(`/api/v1/cases/${number}`);
    assert.equal(answer.status, 200);
    assert.equal((await answer.json()).number, number);
    assert.equal((await fetch(`${hall.url}/api/v1/cases/${number}`)).status, 401, "no token, no case");
    await office("admin.security", async (page) => {
      await page.goto("/admin/tokens");
      await page.getByRole("button", { name: /^撤销/ }).first().click();
      await says(page, "令牌已撤销");
    });
    assert.equal((await ask(`/api/v1/cases/${number}`)).status, 401, "a revoked token opens nothing");
  });

  it("an item that is cancelled cannot be sent, and the draft is kept", async () => {
    let draft;
    const item = { words: "护士执业注册", area: "340100000000" };
    await hall.visit(how, async (page) => {
      const guide = await guideOf(page, item);
      await page.goto(guide.replace("items", "apply"));
      await page.getByRole("button", { name: "开始填写" }).click();
      draft = new URL(page.url()).pathname;
    }, { as: hall.account("citizen") });
    await office("admin.system", async (page) => {
      await page.goto("/admin/items/nurse-registration");
      await says(page, "取消");
      const form = page.locator("form[action$='/cancel']");
      const [year, month, day] = new Date(Date.now() + 8 * 3600e3).toISOString().slice(0, 10).split("-");
      for (const [name, value] of [["on-year", year], ["on-month", month], ["on-day", day],
        ["reason-hans", "法律修改，不再许可。"], ["reason-hant", "法律修改，不再許可。"], ["reason-en", "The law has changed."], ["article", "1"]]) {
        const control = form.locator(`[name="${name}"]`);
        if (await control.count()) await control.fill(value);
      }
      await form.locator("select[name=law]").selectOption({ index: 1 });
      await form.locator("button[type=submit]").click();
      await says(page, "已发布");
    });
    await hall.visit(how, async (page) => {
      await page.goto(draft);
      await says(page, "取消");
      await page.goto("/me");
      await says(page, "护士执业注册");
    }, { as: hall.account("citizen"), expect: [/status of 4\d\d/] });
  });
});
