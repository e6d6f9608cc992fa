// The annual report of a bureau: compiled from the records, adjusted with a reason, written, handed on, returned and approved; then read by
// everybody, as page, PDF and workbook. Statistics by quarter. Once without scripts, once on a phone.
import assert from "node:assert/strict";
import { it } from "node:test";

import { view, withHall } from "./harness.mjs";

withHall("annual reports", (hall) => {
  const year = new Date().getFullYear() - 1;
  const education = `/desk/reports/hefei-education/${year}`;

  it("everybody sees who has published, and reads a report", async () => {
    await hall.visit(view(), async (page) => {
      await page.goto("/open/reports");
      await page.locator("main table a", { hasText: "合肥市" }).first().click();
      await page.getByRole("link", { name: "合肥市水务局" }).first().waitFor();
      await page.locator("main .govuk-tag", { hasText: "逾期未公布" }).first().waitFor();
      await hall.picture(page, "reports", { fullPage: true });
      await page.getByRole("link", { name: "合肥市水务局" }).first().click();
      await page.getByRole("heading", { name: new RegExp(`${year}年政府信息公开工作年度报告`) }).waitFor();
      await page.locator("[data-chart=rows] svg").waitFor();
      assert.equal(await page.locator("#table-requests tbody tr").count(), 25);
      await hall.accessible(page);
      await hall.picture(page, "report", { fullPage: true });
      for (const [file, magic] of [["report.pdf", "%PDF-"], ["report.xlsx", "PK"]]) {
        const answer = await page.request.get(`${page.url()}/${file}`);
        assert.equal(answer.status(), 200);
        assert.ok((await answer.body()).subarray(0, magic.length).equals(Buffer.from(magic)), file);
      }
    });
  });

  it("a returned report is compiled again without scripts, and what is typed wrong is kept", () =>
    hall.visit(view({ scripts: false }), async (page) => {
      await page.goto("/desk/reports");
      await page.locator(`main table a[href='${education}']`).click();
      await page.getByText("第五部分只写了成绩").waitFor();
      // A number needs a reason.
      await page.locator("#table-rules a").first().click();
      await page.locator("[name=value]").fill("十二");
      await page.locator("main form button").click();
      await page.locator(".govuk-error-summary").waitFor();
      assert.equal(await page.locator("[name=value]").inputValue(), "十二");
      await page.locator("[name=value]").fill("12");
      await page.locator("[name=reason]").fill("据本机关发文台账，含转发文件一件");
      await page.locator("main form button").click();
      await page.locator(".govuk-notification-banner").waitFor();
      await page.locator("#table-rules .oh-grid__adjusted").waitFor();
      // The numbers in force no longer follow from last year's: the check says so, and is explained.
      const check = page.locator("#checks a", { hasText: "说明原因" }).first();
      if (await check.count()) {
        await check.click();
        await page.locator("[name=reason]").fill("转发文件不计入现行有效件数");
        await page.locator("main form button").click();
        await page.locator(".govuk-notification-banner").waitFor();
      }
      await page.locator("[name=text-problems]").fill("存在的问题：\n\n- 解读材料偏少\n\n下一步：\n\n- 每件文件配图解");
      await page.locator("#section-problems button[type=submit]").click();
      await page.locator(".govuk-notification-banner").waitFor();
      await hall.picture(page, "report-compile", { fullPage: true });
    }, { as: hall.staff("hefei.education.reviewer"), expect: [/status of 422/] }));

  it("words are saved by themselves, and two who write at once lose nothing", async () => {
    await hall.visit(view(), async (page) => {
      await page.goto(education);
      await hall.accessible(page);
      await page.locator("[name=text-other]").fill("本年度没有收取信息处理费。");
      const before = await page.locator("#saved-other [name=version]").inputValue();
      await page.locator("[name=text-other]").blur();
      await page.waitForFunction((was) => document.querySelector("#saved-other [name=version]").value !== was, before);
      // Somebody else saves meanwhile; then this page saves what it has.
      const stale = await page.locator("#saved-other [name=version]").inputValue();
      await page.evaluate(async (address) => {
        const body = new URLSearchParams({ "text-other": "别人写的一段。", version: document.querySelector("#saved-other [name=version]").value });
        await fetch(address, { method: "POST", body });
      }, `${education}/text/other`);
      assert.equal(await page.locator("#saved-other [name=version]").inputValue(), stale);
      await page.locator("[name=text-other]").fill("我写的另一段。");
      await page.locator("#section-other button[type=submit]").click();
      await page.locator(".govuk-error-summary").waitFor();
      assert.equal(await page.locator("[name=text-other]").inputValue(), "我写的另一段。");
      await page.locator("#section-other details summary").click();
      await page.locator("#section-other details", { hasText: "别人写的一段" }).waitFor();
      await page.locator("#section-other button[type=submit]").click();
      await page.locator(".govuk-notification-banner").waitFor();
      await page.locator("#hand button").click();
      await page.locator("main .govuk-tag", { hasText: "逾期未公布" }).first().waitFor();
      await page.locator(".govuk-notification-banner").waitFor();
    }, { as: hall.staff("hefei.education.reviewer"), expect: [/status of 409/, /Status Error Code 409/] }); // by its button, or by itself on the way to it
  });

  it("the head approves on a phone, and the report is public", async () => {
    await hall.visit(view({ narrow: true }), async (page) => {
      await page.goto("/desk");
      await page.goto(education);
      await hall.accessible(page);
      await page.locator("#decide form button").click();
      await page.locator(".govuk-error-summary a", { hasText: "审签意见" }).waitFor();
      await page.getByLabel("退回修改").check();
      await page.locator("#decide form button").click();
      await page.locator(".govuk-error-summary a", { hasText: "请填写“" }).waitFor();
      await page.getByLabel("同意公布").check();
      await page.locator("#decide form button").click();
      await page.locator(".govuk-notification-banner").waitFor();
    }, { as: hall.staff("hefei.education.head"), expect: [/status of 422/] });
    await hall.visit(view({ narrow: true, lang: "zh-Hant" }), async (page) => {
      await page.goto(`/open/reports/hefei-education/${year}`);
      await page.getByText("每件文件配图解").waitFor();
      await page.locator("#notes details summary").first().click();
      await page.getByText("据本机关发文台账").waitFor();
      await hall.accessible(page);
      await hall.picture(page, "report-phone", { fullPage: true });
    });
  });

  it("statistics by quarter, with their downloads", () =>
    hall.visit(view({ lang: "en" }), async (page) => {
      await page.goto(`/open/statistics?division=340100000000&year=${year}`);
      await page.locator("[data-chart=line] svg").waitFor();
      await page.locator("[name=quarter]").selectOption("2");
      await page.locator("main form button").first().click();
      await page.getByText("From 1 April").waitFor();
      await hall.accessible(page);
      await hall.picture(page, "statistics", { fullPage: true });
      const csv = await page.request.get(`/open/statistics/statistics.csv?division=340100000000&year=${year}`);
      assert.match(await csv.text(), /requests\/received\/person/);
    }));
});
