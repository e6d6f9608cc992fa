// The three administrators: one arranges, one gives access, one watches both.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { writeFile } from "node:fs/promises";
import path from "node:path";
import { it } from "node:test";
import { promisify } from "node:util";

import { view, withHall } from "./harness.mjs";
import { program } from "./server.mjs";
import { says } from "./steps.mjs";

const run = promisify(execFile);
const table = "key,division,kind,level,name_hans\nhefei-archives,340100000000,archives,municipal,合肥市档案局（虚构）\n";

withHall("the three administrators", (hall) => {
  const how = view();
  const as = (role, step, look = how) => hall.visit(look, step, { as: hall.account(role), expect: [/status of 4(03|22)/] });

  it("the system administrator sees what a table would change, then changes it", () =>
    as("system-admin", async (page) => {
      await page.goto("/admin/places/bodies/import");
      const upload = async (content) => {
        await page.setInputFiles("input[type=file]", { name: "bodies.csv", mimeType: "text/csv", buffer: Buffer.from(content) });
        await page.getByRole("button", { name: "试运行" }).click();
      };
      await upload(table.replace("340100000000", "990000000000"));
      await says(page, "表格中有 1 处错误", "没有这个键");
      await upload(table);
      await says(page, "新增 1 条", "hefei-archives");
      await hall.picture(page, "admin-import");
      await page.getByRole("button", { name: "确认" }).click();
      await says(page, "已变更 1 条");
      await page.goto("/admin/coming");
      await says(page, "方晓岚", "任职");
      await page.goto("/admin/calendars");
      await says(page, "导入通知");
    }));

  it("the security administrator sees who may do what, and gets nowhere near the trail", () =>
    as("security-admin", async (page) => {
      await page.goto("/admin/policies");
      await says(page, "谁可以做什么", "公开日志签名");
      await hall.picture(page, "admin-policies");
      const answer = await page.goto("/audit");
      assert.equal(answer.status(), 403);
    }));

  it("the audit administrator finds both, with proofs, and an export that verifies", () =>
    as("audit-admin", async (page) => {
      await page.goto("/audit");
      await says(page, "登记变更", "访问被拒绝");
      await hall.picture(page, "audit");
      await page.goto("/audit?kind=account.closed");
      await page.locator("main table tbody", { hasText: "停用账号" }).waitFor();
      await page.goto("/audit");
      await page.locator("main details summary").first().click();
      await page.getByLabel("对象").fill("hefei-archives");
      await page.getByRole("button", { name: "查找" }).click();
      await says(page, "登记变更", "合肥市档案局");
      await page.locator("main table a").first().click();
      await says(page, "具体内容", "签名检查点");
      await hall.picture(page, "audit-entry");
      await page.goto("/audit/completeness");
      await says(page, "没有缺失，没有改动");
      await page.goto("/audit");
      const [download] = await Promise.all([page.waitForEvent("download"), page.getByRole("button", { name: "导出" }).click()]);
      const file = path.join(path.dirname(await download.path()), "journal.zip");
      await download.saveAs(file);
      const key = await page.request.get("/log/key");
      const keyFile = path.join(path.dirname(file), "key.txt");
      await writeFile(keyFile, await key.body());
      const { stdout } = await run(program, ["audit", "verify", file, "--key", keyFile]);
      assert.match(stdout, /export verified/);
    }));

  it("the trail fits a phone", () =>
    as("audit-admin", async (page) => {
      await page.goto("/audit");
      await hall.picture(page, "audit-phone");
      const wide = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
      assert.ok(wide <= 0, `${wide} px to be scrolled sideways`);
    }, view({ lang: "en", narrow: true })));
});
