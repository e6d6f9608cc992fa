// A letter on its way: a decision is downloaded as a signed PDF, verified by whoever is shown it, and refused once a byte was changed.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { it } from "node:test";

import { everyView, view, withHall } from "./harness.mjs";
import { says } from "./steps.mjs";

withHall("an official letter", (hall) => {
  const letter = {};

  it("is downloaded from the page of the matter, signed", () =>
    hall.visit(view(), async (page) => {
      await page.goto("/me");
      const matters = await page.locator("main a[href^='/me/case/']").evaluateAll((links) => links.map((link) => link.getAttribute("href")));
      for (const matter of new Set(matters)) {
        await page.goto(matter);
        if (await page.locator("a[href$='/decision-grant/pdf']").count()) break;
      }
      await hall.picture(page, "letters-of-a-matter");
      const [download] = await Promise.all([
        page.waitForEvent("download"),
        page.locator("a[href$='/decision-grant/pdf']").first().click(),
      ]);
      assert.match(download.suggestedFilename(), /准〔\d{4}〕\d+号准予.*决定书\.pdf$/);
      letter.file = await readFile(await download.path());
      assert.equal(letter.file.subarray(0, 5).toString(), "%PDF-");
      letter.number = download.suggestedFilename().match(/^.*号/)[0];
      await page.locator("a[href$='/decision-grant']").first().click();
      await says(page, letter.number, "下载已签名的 PDF 原件", "核验码");
      letter.address = new URL(await page.getByRole("link", { name: "核验这份文书" }).getAttribute("href")).pathname;
      await hall.accessible(page);
    }, { as: hall.account("enterprise") }));

  const upload = async (page, name, buffer) => {
    await page.goto("/verify");
    await page.locator("input[type=file]").setInputFiles({ name, mimeType: "application/pdf", buffer });
    await page.locator("form[enctype] button").click();
  };

  for (const how of [view(), view({ narrow: true, scripts: false })]) {
    it(`is verified by its file (${how.name})`, () =>
      hall.visit(how, async (page) => {
        await upload(page, "收到的文件.pdf", letter.file);
        await says(page, "文书是真的，没有被改动", letter.number, "有效", "Ed25519", "SM2", "已证明");
        if (how.scripts) await hall.accessible(page); // axe is a script itself
        await hall.picture(page, how.narrow ? "verify-genuine-phone" : "verify-genuine");
      }));
  }

  it("is refused when a byte was changed, when it is another paper, and when nothing was chosen", () =>
    hall.visit(view(), async (page) => {
      for (const at of [20, Math.floor(letter.file.length / 2), letter.file.length - 3]) {
        const changed = Buffer.from(letter.file);
        changed[at] ^= 1;
        await upload(page, "改过的文件.pdf", changed);
        await says(page, "文件被改动过", "不要相信它");
      }
      await hall.picture(page, "verify-changed");
      await hall.accessible(page);
      await upload(page, "扫描件.pdf", Buffer.from("%PDF-1.4\n%%EOF\n"));
      await says(page, "不是电子签名的文书", "扫描件");
      await page.goto("/verify");
      await page.locator("form[enctype] button").click();
      await page.locator(".govuk-error-summary").waitFor();
      await says(page, "请选择要核验的 PDF 文件");
    }, { expect: [/status of 422/] }));

  it("is found by its QR, and by number and code from the paper", () =>
    hall.visit(view({ narrow: true }), async (page) => {
      await page.goto(letter.address);
      await says(page, "本厅发出过这份文书", letter.number, "有效");
      await hall.accessible(page);
      const code = letter.address.split("/").pop();
      await page.locator("[name=number]").fill(letter.number.replace("〔", "[").replace("〕", "]"));
      await page.locator("[name=code]").fill("AAAAAAAAAA");
      await page.getByRole("button", { name: "查询文书" }).click();
      await page.locator(".govuk-error-summary").waitFor();
      await says(page, "没有这个文号和核验码的文书");
      assert.match(await page.locator("[name=number]").inputValue(), /\[\d{4}\]/, "what was typed is kept");
      await page.locator("[name=code]").fill(code.toLowerCase());
      await page.getByRole("button", { name: "查询文书" }).click();
      await page.waitForURL((url) => url.pathname === letter.address);
      await says(page, "本厅发出过这份文书");
      const wrong = await page.goto(letter.address.slice(0, -1));
      assert.equal(wrong.status(), 404);
    }, { expect: [/status of 4(22|04)/] }));

  it("is verified in three languages, on a desk and on a phone", async () => {
    for (const how of everyView()) {
      await hall.visit(how, async (page) => {
        await page.goto(`/verify?lang=${how.lang}`);
        await hall.accessible(page);
        if (how.narrow) await hall.picture(page, `verify-${how.lang}-phone`);
      });
    }
  });
});
