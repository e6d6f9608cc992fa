// The turns a matter can take: one notice of all that is missing, a hearing, more time, a refusal, a withdrawal.
import assert from "node:assert/strict";
import { it } from "node:test";

import { view, withHall } from "./harness.mjs";
import { act, apply, fill, files, says, today } from "./steps.mjs";

withHall("turns of a matter", (hall) => {
  const how = view();
  const enterprise = (step, options) => hall.visit(how, step, { as: hall.account("enterprise"), ...options });
  const office = (name, step, options) => hall.visit(how, step, { as: hall.staff(name), ...options });
  const window = "hefei.window.construction";
  const reviewer = "hefei.water.reviewer";
  const head = "hefei.water.head";
  const applied = async () => {
    let c;
    await enterprise(async (page) => (c = await apply(page)));
    return c;
  };

  it("what is missing is said once; the applicant supplies it with the query code alone", async () => {
    const { number, code } = await applied();
    await office(window, async (page) => {
      await act(page, number, { outcome: "correct" });
      await page.locator(".govuk-error-summary").waitFor();
      await says(page, "需要补正的全部内容");
      await act(page, number, { outcome: "correct", missing: "请补交取水口位置图。\n请补交第三者的书面意见。" });
      await says(page, "已提交");
    }, { expect: [/status of 422/] });
    await hall.visit(how, async (page) => {
      await page.goto(`/track/${number}/${code}`);
      await says(page, "需要您补正材料。", "待补正");
      await page.getByRole("link", { name: "去办理" }).click();
      await says(page, "请补交取水口位置图。", "请补交第三者的书面意见。", "请在");
      await page.locator("main input[type=file]").setInputFiles([files.pdf, files.png]);
      await fill(page, { note: "两份材料已补上。" });
      await page.getByRole("button", { name: "提交", exact: true }).click();
      await says(page, "已提交，继续办理");
    });
    await office(window, async (page) => {
      await page.goto(`/desk/case/${number}`);
      await says(page, files.png.name, "补正材料复核");
      assert.equal(await page.locator("#act input[value=correct]").count(), 0, "the law allows one notice");
      await act(page, number, { outcome: "accept" });
      await says(page, "已提交");
    });
    await enterprise(async (page) => {
      await page.goto(`/me/case/${number}`);
      await says(page, "已受理", "补正材料一次性告知书");
    });
  });

  it("a hearing stops the clock, more time moves the day, a refusal says why and where to turn", async () => {
    const { number } = await applied();
    await office(window, (page) => act(page, number, { outcome: "accept" }));
    await office(reviewer, async (page) => {
      await act(page, number, { outcome: "hearing", opinion: "涉及他人重大利益。", days: "20" });
      await page.goto(`/desk/case/${number}`);
      await says(page, "暂停计时", "听证（《行政许可法》第45条）");
    });
    let before;
    await enterprise(async (page) => {
      await page.goto(`/me/case/${number}`);
      await says(page, "暂停计时", "特别程序告知书");
      before = await page.locator(".oh-explain summary, details summary").allInnerTexts();
    });
    await office(reviewer, async (page) => {
      await act(page, number, { ...today("held"), record: "各方无异议。" });
      await act(page, number, { outcome: "extend", opinion: "情况复杂，需要延长。" });
    });
    await office(head, async (page) => {
      await act(page, number, { outcome: "yes" });
      await page.locator(".govuk-error-summary").waitFor();
      await act(page, number, { outcome: "yes", reasons: "情况复杂，同意延长十个工作日。" });
      await says(page, "已提交");
    }, { expect: [/status of 422/] });
    await enterprise(async (page) => {
      await page.goto(`/me/case/${number}`);
      await says(page, "剩余 30 个工作日", "延长办理期限通知书");
      assert.notDeepEqual(await page.locator(".oh-explain summary, details summary").allInnerTexts(), before, "the day due has moved");
    });
    await office(reviewer, (page) => act(page, number, { outcome: "refuse", opinion: "取水口位于禁采区。" }));
    await office(head, async (page) => {
      await act(page, number, { outcome: "refuse" });
      await says(page, "理由和依据");
      await act(page, number, { outcome: "refuse", reasons: "取水口位于地下水禁采区，不符合条例第二十条。" });
      await says(page, "已提交");
    }, { expect: [/status of 422/] });
    await office(window, (page) => act(page, number, { manner: "electronic", ...today("delivered") }));
    await enterprise(async (page) => {
      await page.goto(`/me/case/${number}`);
      await says(page, "不予");
      await page.locator("a[href$='decision-refusal']").first().click();
      await says(page, "不予行政许可决定书", "取水口位于地下水禁采区", "行政复议", "行政诉讼");
    });
    await hall.visit(how, async (page) => {
      await page.goto("/hall/decisions");
      assert.ok(!(await page.locator("main").innerText()).includes(number), "a refusal is not on the register of licences");
    });
  });

  it("the applicant withdraws", async () => {
    const { number } = await applied();
    await enterprise(async (page) => {
      await page.goto(`/me/case/${number}`);
      await page.getByRole("link", { name: "撤回申请" }).click();
      await says(page, "撤回后本件办结，不能恢复");
      await fill(page, { reason: "改用自来水。" });
      await page.getByRole("button", { name: "确认撤回" }).click();
      await says(page, "申请已撤回", "已撤回");
      await page.goto(`/me/case/${number}/withdraw`);
      await says(page, "不能再撤回");
    }, { expect: [/status of 4\d\d/] });
    await office(window, async (page) => {
      await page.goto(`/desk/case/${number}`);
      await says(page, "已撤回", "办结");
      assert.equal(await page.locator("#act button[accesskey=s]").count(), 0);
    });
  });
});
