// A supervisor goes from the province down to a case with the keyboard, sees a figure change while a clerk works, reads charts as
// tables, narrows a list and takes it away; and the same without scripts.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import path from "node:path";
import { before, it } from "node:test";

import { desk, phone, view, withHall } from "./harness.mjs";
import { act, apply, says } from "./steps.mjs";

// province is a supervisor of the province.
const province = (hall) => hall.staff("anhui.supervisor");

withHall("the board of supervision", (hall) => {
  const how = view();
  let number;
  before(() => hall.visit(view({ scripts: false }), async (page) => ({ number } = await apply(page)), { as: hall.account("enterprise") }));

  // figure waits until the number under a name on the page is what it should be.
  const figure = (page, name, want) =>
    page.waitForFunction(([key, value]) => document.querySelector(`[data-live="${key}"]`)?.textContent === value, [name, String(want)]);
  const read = async (page, name) => Number((await page.locator(`[data-live="${name}"]`).first().textContent()).replaceAll(",", ""));

  it("from the province to a case by keyboard", () =>
    hall.visit(how, async (page) => {
      await page.goto("/board?period=year");
      await says(page, "安徽省 · 监察看板", "实时更新中", "条事件");
      // follow goes to a link with the Tab key alone and opens it.
      const follow = async (href) => {
        for (let i = 0; i < 400; i++) {
          await page.keyboard.press("Tab");
          const at = await page.evaluate(() => document.activeElement?.getAttribute("href") ?? "");
          if (href.test(at)) {
            await Promise.all([page.waitForNavigation(), page.keyboard.press("Enter")]);
            return;
          }
        }
        assert.fail(`no link ${href} can be reached by keyboard on ${page.url()}`);
      };
      await follow(/^\/board\/340100000000\?period=year$/);
      await says(page, "合肥市 · 监察看板");
      await follow(/^\/board\/340100000000\?body=hefei-water&period=year$/);
      await says(page, "合肥市水务局 · 监察看板");
      await follow(/\/cases\?.*show=open/);
      await says(page, "在办办件", "时限");
      await follow(/\/case\//);
      await says(page, "总用时", "净用时", "怎样算出来的");
    }, { as: province(hall) }));

  it("by centre and window", () =>
    hall.visit(how, async (page) => {
      await page.goto("/board/340100000000?period=year");
      await page.getByRole("link", { name: "合肥市政务服务中心" }).click();
      await says(page, "合肥市政务服务中心 · 监察看板", "窗口");
      await page.getByRole("link", { name: /工程建设与不动产/ }).first().click();
      await says(page, "工程建设与不动产", "机关");
      const taken = await read(page, "total.received");
      await page.locator("a", { has: page.locator('[data-live="total.received"]') }).click();
      assert.equal(await page.locator("main tbody tr").count(), Math.min(taken, 50), "the list has as many lines as the number says");
    }, { as: province(hall) }));

  it("a figure changes while a clerk works", () =>
    hall.visit(how, async (page) => {
      await page.goto("/board/340100000000?body=hefei-water&period=today&from=&to=");
      const taken = await page.locator('[data-live^="windows."][data-live$=".received"]').allTextContents();
      const was = taken.map(Number).reduce((a, b) => a + b, 0);
      await says(page, "实时更新中");
      await hall.visit(how, (clerk) => act(clerk, number, { outcome: "accept" }), { as: hall.staff("hefei.window.construction") });
      await page.waitForFunction((before) => [...document.querySelectorAll('[data-live^="windows."][data-live$=".received"]')]
        .map((node) => Number(node.textContent)).reduce((a, b) => a + b, 0) === before + 1, was);
      await page.getByRole("button", { name: "暂停更新" }).click();
      await says(page, "已暂停更新");
      await page.getByRole("button", { name: "继续更新" }).click();
      await says(page, "实时更新中");
    }, { as: province(hall) }));

  it("charts, each with its table and a description", () =>
    hall.visit(how, async (page) => {
      await page.setViewportSize({ width: 1280, height: 1700 });
      await page.goto("/board/340000000000?period=year");
      await page.locator("[data-chart-picture] svg").first().waitFor();
      for (const chart of await page.locator("[data-chart]").all()) {
        assert.equal(await chart.locator("[data-chart-picture] svg").count(), 1, "the picture");
        assert.equal(await chart.locator("table").count(), 1, "the table that it is drawn from");
        assert.ok(await chart.locator("[data-chart-picture]").getAttribute("aria-label"), "what it shows, in words");
      }
      await figure(page, "total.open", await read(page, "total.open"));
      await hall.picture(page, "board");
      await page.setViewportSize(phone);
      await page.reload();
      await page.locator("[data-chart-picture] svg").first().waitFor();
      await hall.accessible(page);
      await page.setViewportSize(desk);
      await page.goto("/board/340000000000/time?period=year&lang=zh-Hans");
      await says(page, "净用时", "暂停最久的在办办件");
      await hall.picture(page, "board-time");
    }, { as: province(hall) }));

  it("a list is narrowed, a wrong day is named, and the list is taken away", () =>
    hall.visit(how, async (page) => {
      await page.goto("/board/340100000000/cases?show=open");
      await page.locator("[name=status]").selectOption("accepted");
      await page.locator("main form button[type=submit]").click();
      await says(page, "已受理");
      assert.equal(await page.locator("main tbody tr", { hasText: "待补正" }).count(), 0);
      const download = page.waitForEvent("download");
      await page.getByRole("link", { name: /CSV/ }).click();
      const file = path.join(hall.server.data, "cases.csv");
      await (await download).saveAs(file);
      const text = await readFile(file, "utf8");
      assert.ok(text.includes("办件编号") && text.trim().split("\n").length > 1, text.slice(0, 300));
      await page.goto("/board/340100000000/cases?show=received&from=2026-02-30&to=2026-03-01");
      await page.locator(".govuk-error-summary").waitFor();
      await says(page, "起始日期须是一个日期");
    }, { as: province(hall), expect: [/status of 422/] }));

  it("without scripts", () =>
    hall.visit(view({ scripts: false }), async (page) => {
      await page.goto("/board/340100000000?period=year");
      await says(page, "不会自动更新", "刷新", "数据表", "在时限内");
      assert.equal(await page.locator("[data-chart-picture]:visible").count(), 0, "no empty pictures");
      await page.getByRole("link", { name: "办理用时与暂停" }).click();
      await says(page, "件均净用时");
      await page.goBack();
      await page.locator("main").getByRole("link", { name: "好差评" }).click();
      await says(page, "平均", "非常满意");
    }, { as: province(hall) }));
});
