// One matter from the counter to the proof: accepted, examined, decided by another, delivered, read, verified, rated, published.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { before, it } from "node:test";
import { promisify } from "node:util";

import { desk, view, withHall } from "./harness.mjs";
import { program } from "./server.mjs";
import { act, apply, fill, says, today } from "./steps.mjs";

const run = promisify(execFile);

withHall("the office", (hall) => {
  const how = view();
  const enterprise = (step, options) => hall.visit(how, step, { as: hall.account("enterprise"), ...options });
  const office = (name, step, options) => hall.visit(how, step, { as: hall.staff(name), ...options });
  let number;
  before(() => enterprise(async (page) => ({ number } = await apply(page))));

  it("the window finds it in its queue, accepts it, and prints the slip", () =>
    office("hefei.window.construction", async (page) => {
      await page.goto("/desk");
      await says(page, "窗口待办", "收件审查", "剩余 5 个工作日");
      await hall.picture(page, "desk");
      await page.locator(`main a[href*="${number}"]`).first().click();
      await says(page, "申请卷宗", "材料清单", "已交 1 份");
      await hall.picture(page, "case");
      await page.getByText("各个结果会带来什么").click();
      await says(page, "受理");
      await act(page, number, { outcome: "accept" });
      await says(page, "已提交");
      await page.goto(`/desk/case/${number}`);
      await page.getByRole("link", { name: "受理通知书", exact: true }).click();
      await says(page, "受理通知书", "合肥市水务局", number, "扫码查询办理进度");
      await page.emulateMedia({ media: "print" });
      assert.ok(!(await page.getByRole("button", { name: "打印" }).isVisible()), "what is for the screen is not printed");
    }));

  it("the applicant sees where it stands, on the published chart", () =>
    enterprise(async (page) => {
      await page.goto(`/me/case/${number}`);
      await says(page, "已受理", "剩余 20 个工作日", "承诺最迟在这一天作出决定", "法律规定最迟在这一天作出决定");
      await page.setViewportSize({ width: 1280, height: 1240 });
      await page.getByRole("heading", { name: "作出决定的时限" }).evaluate((node) => node.scrollIntoView());
      await hall.picture(page, "tracking");
      await page.setViewportSize(desk);
      await page.locator("main details summary").first().click();
      await says(page, "为周末，不计入");
      await page.evaluate(() => document.activeElement.blur());
      await page.getByRole("heading", { name: "作出决定的时限" }).evaluate((node) => node.scrollIntoView());
      await hall.picture(page, "clock");
    }));

  it("the reviewer examines it", () =>
    office("hefei.water.reviewer", async (page) => {
      await page.goto("/desk");
      await page.locator(`main a[href*="${number}"]`).first().click();
      await page.locator("#act button[accesskey=s]").click();
      await page.locator(".govuk-error-summary").waitFor();
      await says(page, "审查意见及理由");
      await act(page, number, { outcome: "approve", opinion: "水源充足，取水合理，建议准予。" });
      await says(page, "已提交");
    }, { expect: [/status of 422/] }));

  it("the reviewer cannot decide what they examined", () =>
    office("hefei.water.reviewer", async (page) => {
      await page.goto(`/desk/case/${number}`);
      await says(page, "这个办件现在没有需要您办理的环节");
      assert.equal(await page.locator("#act button[accesskey=s]").count(), 0, "no form for the step of another");
    }));

  it("the head grants it", () =>
    office("hefei.water.head", async (page) => {
      await page.goto(`/desk/case/${number}`);
      await says(page, "水源充足，取水合理，建议准予。");
      await act(page, number, { outcome: "grant", "validUntil-year": "2032", "validUntil-month": "2", "validUntil-day": "28" });
      await says(page, "已提交");
    }));

  it("the window delivers it", () =>
    office("hefei.window.construction", async (page) => {
      await act(page, number, { manner: "pick-up", ...today("delivered"), receiver: "陈晓禾" });
      await says(page, "已提交");
    }));

  it("the applicant reads the decision, takes the proof away, has it verified, and rates", () =>
    enterprise(async (page) => {
      await page.goto(`/me/case/${number}`);
      await says(page, "准予", "未超过时限", "准予行政许可决定书", "送达回证");
      await page.locator("a[href$='decision-grant']").first().click();
      await says(page, "准予行政许可决定书", "2032年2月28日", "公开日志第");
      await hall.picture(page, "decision", { fullPage: true });

      await page.goto(`/me/case/${number}`);
      const download = page.waitForEvent("download");
      await page.locator("a[href*='/proof/']").nth(3).click();
      const receipt = path.join(hall.server.data, "receipt.json");
      await (await download).saveAs(receipt);
      const key = path.join(hall.server.data, "log.key");
      await writeFile(key, await (await fetch(`${hall.url}/log/key`)).text());
      const { stdout } = await run(program, ["verify", "receipt", receipt, "--key", key]);
      assert.ok(stdout.includes(number), `the verified event names the case: ${stdout}`);
      const forged = path.join(hall.server.data, "forged.json");
      await writeFile(forged, (await readFile(receipt, "utf8")).replace(number, number.replace(/.$/, "9")));
      await assert.rejects(run(program, ["verify", "receipt", forged, "--key", key]), "a receipt that was changed");

      await page.goto("/log");
      await page.locator("main input[type=file]").setInputFiles(receipt);
      await page.getByRole("button", { name: "核验" }).click();
      await says(page, number);

      await page.goto(`/me/case/${number}/rate`);
      await fill(page, { grade: "5" });
      await page.getByRole("button", { name: "下一步" }).click();
      await fill(page, { reasons: "all-online", comment: "很快。" });
      await page.getByRole("button", { name: "提交评价" }).click();
      await says(page, "感谢您的评价", "非常满意");
      await page.goto(`/me/case/${number}/rate`);
      await says(page, "已经评价");
    }));

  it("the decision is on the public register, without private data", () =>
    hall.visit(how, async (page) => {
      await page.goto("/hall/decisions");
      await says(page, "取水许可", "合肥青禾食品有限公司", "合肥市水务局", number);
      assert.ok(!(await page.locator("main").innerText()).includes("0551-5550100"));
    }));

  it("the whole log can be checked from outside", async () => {
    const { stdout } = await run(program, ["verify", "log", "--url", hall.url]);
    assert.match(stdout, /\d+/);
  });
});
