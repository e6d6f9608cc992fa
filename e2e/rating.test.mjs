// Ratings and complaints: whoever holds the slip says how it was, without signing in; what was bad is followed up, and how it ended is public.
import assert from "node:assert/strict";
import { it } from "node:test";

import { view, withHall } from "./harness.mjs";
import { act, apply, fill, press, says, today } from "./steps.mjs";

withHall("ratings and complaints", (hall) => {
  const plain = view({ scripts: false });
  const as = (name, step, more = {}) => hall.visit(plain, step, { as: hall.staff(name), ...more });

  it("a bad rating by the holder of the code is followed up in public, without scripts", async () => {
    let matter;
    await hall.visit(view(), async (page) => {
      matter = await apply(page);
    }, { as: hall.account("enterprise") });
    await as("hefei.window.construction", (page) =>
      act(page, matter.number, { outcome: "reject", reasons: "取水口在饮用水水源一级保护区内（水法第三十四条）。" }));

    const rate = `/track/${matter.number}/${matter.code}/rate`;
    await hall.visit(view({ scripts: false, narrow: true }), async (page) => {
      await page.goto(`/track/${matter.number}/${matter.code}`);
      await page.locator(".govuk-notification-banner a").first().click();
      await page.waitForURL((url) => url.pathname === rate);
      await press0(page, "下一步");
      await says(page, "请从选项中选择");
      await fill(page, { grade: "2" });
      await press0(page, "下一步");
      await fill(page, { reasons: "stiff", comment: "说不清楚为什么不行。", contact: "12345" });
      await press(page, page.getByRole("button", { name: "提交评价" }));
      await says(page, "回访电话");
      assert.equal(await page.locator("[name=comment]").inputValue(), "说不清楚为什么不行。", "nothing typed is lost");
      await hall.fits(page);
      await fill(page, { contact: "13800000001" });
      await press(page, page.getByRole("button", { name: "提交评价" }));
      await says(page, "不满意", "对差评的处理");
    }, { expect: [/status of 422/] });

    // The case of the follow-up opens by itself.
    let followup = "";
    await hall.visit(plain, async (page) => {
      const until = Date.now() + 20_000;
      while (!followup) {
        assert.ok(Date.now() < until, "no follow-up was opened");
        await page.goto(rate);
        followup = /CP\d{18}/.exec(await page.locator("main").innerText())?.[0] ?? "";
        if (!followup) await page.waitForTimeout(300);
      }
    });
    await as("hefei.water.reviewer", async (page) => {
      await page.goto(`/desk/case/${followup}`);
      await says(page, "说不清楚为什么不行。", "13800000001");
      await act(page, followup, { outcome: "reached", account: "当日电话联系，窗口没有说明依据。" });
    });
    await as("hefei.water.head", (page) => act(page, followup, { outcome: "corrected", answer: "已当面说明依据并致歉。" }));
    await as("hefei.centre.manager", async (page) => {
      await page.goto("/desk?role=complaints");
      await says(page, followup);
      await act(page, followup, { outcome: "satisfied", closure: "已说明依据，评价人 13800000001 满意。", publishComment: "yes" });
      await says(page, "个人信息", "13800000001"); // personal data is not published
      await page.locator("[name=closure]").fill("已说明依据，评价人表示满意。");
      await press(page, page.locator("#act button[accesskey=s]"));
    }, { expect: [/status of 422/] });
    for (const lang of ["zh-Hans", "zh-Hant", "en"]) {
      await hall.visit(view({ lang }), async (page) => {
        await page.goto("/hall/ratings?body=hefei-water");
        await says(page, followup, "已说明依据，评价人表示满意。", "说不清楚为什么不行。");
        await hall.picture(page, `ratings-${lang}`);
      });
    }
  });

  it("a complaint from filing to review", async () => {
    let number, code;
    const tracked = () => `/complaints/${number}/${code}`;
    await hall.visit(view(), async (page) => {
      await page.goto("/complaints");
      await page.getByRole("button", { name: "我要投诉" }).click();
      await page.locator("main [name=q]").fill("合肥市水务");
      await page.locator("main form button[type=submit]").click();
      await page.getByRole("link", { name: "合肥市水务局" }).click();
      await page.locator("main [name=what]").fill("材料补齐以后没有消息。");
      await page.locator("main form[method=post] button[type=submit]").click();
      await says(page, "投诉的事由", "希望怎样解决");
      assert.equal(await page.locator("[name=what]").inputValue(), "材料补齐以后没有消息。", "nothing typed is lost");
      await hall.accessible(page);
      await fill(page, { matter: "delay", wish: "告诉我什么时候能办好。", name: "梁不言", phone: "13800000102", confidential: "true", ...today("when") });
      await page.locator("main form[method=post] button[type=submit]").click();
      await page.waitForURL(/\/receipt$/);
      [, , number, code] = new URL(page.url()).pathname.split("/");
      assert.match(number, /^TS340100\d{12}$/);
      await hall.accessible(page);
    }, { expect: [/status of 422/] });

    await hall.visit(plain, async (page) => {
      await page.goto("/track");
      await fill(page, { number, code });
      await page.locator("main form button[type=submit]").click();
      await page.waitForURL((url) => url.pathname === tracked());
      await says(page, "决定是否受理", "5 个工作日");
    }, { expect: [/status of 422/] });
    // The body complained of does not see who complains, nor that there is anything to read.
    await hall.visit(plain, async (page) => {
      const answer = await page.goto(`/desk/case/${number}`);
      assert.equal(answer.status(), 403);
      assert.ok(!(await page.locator("body").innerText()).includes("梁不言"));
    }, { as: hall.staff("hefei.water.head"), expect: [/status of 403/] });
    await as("hefei.centre.manager", async (page) => {
      await act(page, number, { outcome: "accept", handler: "body" }); // asked for confidentiality: it stays here
      await act(page, number, { outcome: "unfounded", findings: "查阅记录，尚在承诺时限内。", answer: "您的申请尚在承诺时限内，月底前办结。", summary: "尚在承诺时限内，投诉不实。" });
    });
    await hall.visit(plain, async (page) => {
      await page.goto(tracked());
      await says(page, "您的申请尚在承诺时限内，月底前办结。");
      await page.locator(".govuk-notification-banner a").first().click();
      await fill(page, { outcome: "escalate" });
      await press(page, page.getByRole("button", { name: "提交" }));
      await says(page, "不满意的理由");
      await fill(page, { reasons: "承诺时限明明已经过了。" });
      await press(page, page.getByRole("button", { name: "提交" }));
      await says(page, "复核中");
    }, { expect: [/status of 422/] });
    await as("hefei.supervisor", (page) =>
      act(page, number, { outcome: "changed", answer: "承诺时限已过，责令三日内办结。", summary: "复核后认定超过承诺时限，责令限期办结。" }));
    await hall.visit(view({ narrow: true }), async (page) => {
      await page.goto(tracked());
      await says(page, "复核后办结", "承诺时限已过，责令三日内办结。");
      await hall.accessible(page);
      await page.goto("/complaints/register?body=hefei-water");
      await says(page, number, "复核后认定超过承诺时限，责令限期办结。");
      assert.ok(!(await page.locator("body").innerText()).includes("梁不言"), "who complained is not public");
      await hall.picture(page, "complaints-320", { fullPage: true });
    });
  });

  it("managers see the figures of their division", () =>
    hall.visit(view(), async (page) => {
      await page.goto("/desk/ratings");
      await says(page, "合肥市", "未办结差评");
      await hall.accessible(page);
      await hall.picture(page, "ratings-desk");
    }, { get as() { return hall.account("manager"); } }));
});

// press0 sends a form that is sent by GET.
async function press0(page, name) {
  await Promise.all([page.waitForNavigation(), page.getByRole("button", { name }).click()]);
}
