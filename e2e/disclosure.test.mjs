// Open government information: a reader finds a policy, reads it beside its interpretation, compares and verifies it; an office writes a
// record, is told of personal data in it, has it reviewed and decided, changes it and takes it back.
import assert from "node:assert/strict";
import { it } from "node:test";

import { languages, view, withHall } from "./harness.mjs";
import { press, says } from "./steps.mjs";

const idCard = "11010519491231002X"; // the example of GB 11643
const title = "关于公布东门水库取水口位置的通知";

withHall("open government information", (hall) => {
  const plain = view({ scripts: false });
  const reader = (how, step, options) => hall.visit(how, step, options);
  const as = (name, step, options) => hall.visit(plain, step, { as: hall.staff(name), ...options });
  const write = "hefei.water.reviewer"; // drafts; somebody else of the body reviews and decides
  let record, kase;

  // aPolicy opens a policy that has an interpretation.
  const aPolicy = async (page) => {
    await page.goto("/open/search?category=statutory.1.interpretation");
    await page.locator(".oh-records a").first().click();
    await page.locator(".govuk-inset-text a").first().click();
  };

  for (const lang of languages) {
    it(`a reader finds a policy and reads it beside its interpretation, ${lang}`, () =>
      reader(view({ lang }), async (page) => {
        await page.goto("/open");
        await hall.accessible(page);
        await hall.picture(page, `disclosure-column-${lang}`);
        await page.locator("#q").fill("公開"); // traditional characters find simplified ones
        await page.locator("form[role=search] button, .oh-search button").first().click();
        await page.waitForURL(/open\/search/);
        assert.ok((await page.locator("mark").count()) > 0, "what was looked for is marked");
        await hall.accessible(page);
        await hall.picture(page, `disclosure-search-${lang}`);
        await aPolicy(page);
        assert.ok(await page.locator("aside #interpretations").isVisible());
        const [text, beside] = await Promise.all([page.locator("#record-text").boundingBox(), page.locator("aside").boundingBox()]);
        assert.ok(beside.x > text.x + text.width / 2, "the interpretation stands beside the policy");
        await hall.accessible(page);
        await hall.picture(page, `disclosure-record-${lang}`);
      }));
    it(`on a phone the interpretation stands below, ${lang}`, () =>
      reader(view({ lang, narrow: true }), async (page) => {
        await aPolicy(page);
        const [text, below] = await Promise.all([page.locator("#record-text").boundingBox(), page.locator("aside").boundingBox()]);
        assert.ok(below.y >= text.y + text.height, "below the policy");
        await hall.accessible(page);
        await hall.picture(page, `disclosure-phone-${lang}`, { fullPage: true });
        await page.goto("/open");
        await hall.fits(page);
        await hall.picture(page, `disclosure-column-phone-${lang}`);
      }));
  }

  it("a search without results leads on, without scripts", () =>
    reader(plain, async (page) => {
      await page.goto("/open/search?q=%E4%B8%8D%E5%AD%98%E5%9C%A8%E7%9A%84%E8%AF%8D%E8%AF%AD&area=340100&year=1950");
      await says(page, "没有找到符合条件的信息", "按栏目和分类查看", "申请公开这类信息");
      await hall.picture(page, "disclosure-nothing");
    }));

  it("an office writes a record; the guard finds what is personal, and it is masked or stays with a reason", () =>
    as(write, async (page) => {
      await page.goto("/desk/records/new");
      await press(page, page.getByRole("button", { name: "保存并检查" }));
      await says(page, "信息名称", "信息分类");
      await page.getByLabel("信息名称").fill(title);
      await page.getByLabel("信息分类").selectOption("statutory.5.guide");
      await page.getByLabel("正文").fill(`# 取水口\n\n联系人王小明，身份证号${idCard}，手机13812345678。\n\n服务热线12345。`);
      await page.setInputFiles("input[type=file]", { name: "取水口位置图.pdf", mimeType: "application/pdf", buffer: Buffer.from("%PDF-1.4\n%%EOF\n") });
      await press(page, page.getByRole("button", { name: "保存并检查" }));
      await says(page, "隐私检查", idCard, "取水口位置图.pdf");
      await hall.picture(page, "disclosure-guard", { fullPage: true });
      await press(page, page.getByRole("button", { name: "按建议全部遮盖" }));
      const text = await page.getByLabel("正文").inputValue();
      assert.ok(!text.includes(idCard) && text.includes("110105********002X"), text);
      assert.ok(text.includes("12345"), "a hotline is no personal data");
      await press(page, page.locator("form[action$='/submit'] button"));
      await says(page, "已提交保密审查", "这一步由其他人办理");
      kase = new URL(page.url()).pathname;
    }, { expect: [/status of 422/] }));

  it("whoever did not draft reviews, the head decides, and everybody reads it", async () => {
    await as("hefei.water.head", async (page) => {
      await page.goto(kase);
      await says(page, title);
    });
  });
});
