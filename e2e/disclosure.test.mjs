// Open government information: a reader finds a policy, reads it beside its interpretation, compares and verifies it; an office writes a
// record, is told of personal data in it, has it reviewed and decided, changes it and takes it back.
import assert from "node:assert/strict";
import { it } from "node:test";

import { languages, view, withHall } from "./harness.mjs";
import { pdf, press, says } from "./steps.mjs";

const idCard = "11010519491231002X"; // the example of GB 11643
const otherCard = "340104198808081049"; // invented, with the right check digit
const title = "关于公布东门水库取水口位置的通知";

withHall("open government information", (hall) => {
  const plain = view({ scripts: false });
  const reader = (how, step, options) => hall.visit(how, step, options);
  const as = (name, step, options) => hall.visit(plain, step, { as: hall.staff(name), ...options });
  const write = "hefei.water.disclosure"; // drafts; somebody else reviews, and the head decides
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
        await page.locator("main input[name=q]").fill("公開"); // traditional characters find simplified ones
        await page.locator("main input[name=q]").press("Enter");
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

  it("what an office owes stands on its list, and is begun from there", () =>
    as("hefei.education.reviewer", async (page) => {
      await page.goto("/desk/records");
      await says(page, "本机关待公开的内容");
      await page.locator("main a[href^='/desk/records/new?interprets=']").first().click();
      assert.match(await page.locator("[name=interprets]").inputValue(), /^\w+\/\d+/);
      assert.equal(await page.getByLabel("信息分类").inputValue(), "statutory.1.interpretation");
    }));

  it("an office writes a record; the guard finds what is personal, and it is masked or stays with a reason", () =>
    as(write, async (page) => {
      await page.goto("/desk/records/new");
      await press(page, page.getByRole("button", { name: "保存并检查" }));
      await says(page, "信息名称", "信息分类");
      await page.getByLabel("信息名称").fill(title);
      await page.getByLabel("信息分类").selectOption("statutory.5.guide");
      await page.getByLabel("正文").fill(`# 取水口\n\n联系人王小明，身份证号${idCard}，手机13812345678。\n\n服务热线12345。`);
      await page.setInputFiles("input[type=file]", [
        { name: "取水口位置图.pdf", mimeType: "application/pdf", buffer: Buffer.from("%PDF-1.4\n%%EOF\n") },
        { name: "联系表.pdf", mimeType: "application/pdf", buffer: pdf(`ID ${otherCard}, line 12345`) },
      ]);
      await press(page, page.getByRole("button", { name: "保存并检查" }));
      await says(page, "隐私检查", idCard, "取水口位置图.pdf", otherCard, "在附件“联系表.pdf”里");
      await hall.picture(page, "disclosure-guard", { fullPage: true });
      const stay = page.locator(".oh-findings details").first();
      await stay.locator("summary").click();
      await stay.getByLabel("说明").fill("窗口工作人员");
      await press(page, stay.getByRole("button", { name: "保留", exact: true }));
      await says(page, "请从选项中选择“保留的理由”");
      assert.equal(await stay.getByLabel("说明").inputValue(), "窗口工作人员", "the note is kept, in the open");
      assert.ok(await stay.getByLabel("说明").isVisible());
      const left = await stay.locator("[name=found]").inputValue();
      await stay.getByLabel("保留的理由").selectOption("duty");
      await press(page, stay.getByRole("button", { name: "保留", exact: true }));
      await says(page, "已记录保留的理由");
      const stayed = page.locator(".oh-attachment", { hasText: "工作人员履行职务的信息", hasNot: page.locator("select") });
      assert.equal(await stayed.count(), 1, "the finding says that it stays, and why");
      assert.ok(!(await page.locator(".oh-findings [name=found]").evaluateAll((all) => all.map((x) => x.value))).includes(left), "and is not asked about again");
      await press(page, page.getByRole("button", { name: "按建议全部遮盖" }));
      assert.ok(!(await page.locator("main").textContent()).includes(otherCard), "the file was masked too");
      await says(page, "联系表.pdf");
      const text = await page.getByLabel("正文").inputValue();
      assert.ok(!text.includes(idCard) && text.includes("110105********002X"), text);
      assert.ok(text.includes("12345"), "a hotline is no personal data");
      await press(page, page.locator("button[formaction$='/submit']"));
      await says(page, "已提交保密审查", "这一步由其他人办理");
      kase = new URL(page.url()).pathname;
    }, { expect: [/status of 422/] }));

  it("whoever drafted does not review; somebody else does, the head decides, and everybody reads it", async () => {
    await as(write, async (page) => {
      await page.goto(kase);
      await says(page, "这一步由其他人办理");
    });
    await as("hefei.water.reviewer", async (page) => {
      await page.goto(kase);
      await says(page, title, "110105********002X");
      await hall.picture(page, "disclosure-review", { fullPage: true });
      await press(page, page.getByRole("button", { name: "提交", exact: true }));
      await says(page, "有问题"); // nothing was answered
      for (const point of ["secret", "forbidden", "security", "thirdParty", "internal", "process", "enforcement"]) {
        await page.locator(`input[name=${point}][value=no]`).check();
      }
      await page.locator("input[name=outcome][value=pass]").check();
      await press(page, page.getByRole("button", { name: "提交", exact: true }));
    }, { expect: [/status of 422/] });
    await as("hefei.water.head", async (page) => {
      await page.goto(kase);
      await page.locator("input[name=outcome][value=publish]").check();
      await press(page, page.getByRole("button", { name: "提交", exact: true }));
    });
    await reader(plain, async (page) => {
      await page.goto(`/open/search?q=${encodeURIComponent(title)}`);
      await page.locator(".oh-records a").first().click();
      await says(page, title, "110105********002X", "取水口位置图.pdf");
      record = new URL(page.url()).pathname;
    });
  });

  it("an old version is compared with the new one, and what was in force on a day is told", () =>
    reader(plain, async (page) => {
      await page.goto(`/open/search?q=${encodeURIComponent("取水许可办理规程")}&category=statutory.1.normative`);
      await page.locator(".oh-records a").first().click();
      await says(page, "第 2 版", "政策解读", "几天能办好");
      await page.getByRole("link", { name: "与第 1 版比较" }).click();
      await says(page, "版本比较");
      assert.equal(await page.locator("del", { hasText: /^15$/ }).count(), 1);
      assert.equal(await page.locator("ins", { hasText: /^10$/ }).count(), 1);
      await hall.picture(page, "disclosure-diff", { fullPage: true });
      await page.goBack();
      await page.locator("#on").fill("2013-04-10");
      await page.getByRole("button", { name: "查看", exact: true }).click();
      await says(page, "还没有公开");
    }));

  it("a head who leaves a record public says why, and whoever asked reads it", async () => {
    let asked;
    const send = (page) => press(page, page.getByRole("button", { name: "提交", exact: true }));
    await as(write, async (page) => {
      await page.goto(record);
      await page.getByRole("link", { name: "撤回信息" }).click();
      await page.locator("input[value=error]").check();
      await page.getByLabel("说明").fill("位置图可能有误。");
      await press(page, page.getByRole("button", { name: "撤回信息" }));
      asked = new URL(page.url()).pathname;
    });
    await hall.visit(view({}), async (page) => {
      await page.goto(asked);
      await page.locator("input[name=outcome][value=keep]").check();
      await send(page);
      await says(page, "有问题", "请填写“理由”");
      assert.ok(await page.locator("input[name=outcome][value=keep]").isChecked(), "what was chosen is kept");
      await hall.accessible(page);
      await hall.picture(page, "disclosure-keep", { fullPage: true });
      await page.getByLabel("理由").fill("位置图与批复一致。");
      await send(page);
    }, { as: hall.staff("hefei.water.head"), expect: [/status of 422/] });
    await as(write, async (page) => {
      await page.goto(asked);
      await says(page, "不撤回", "位置图与批复一致。");
      await hall.picture(page, "disclosure-kept", { fullPage: true });
    });
  });

  it("what was taken back leaves its reason", async () => {
    await as("hefei.water.head", async (page) => {
      await page.goto(record);
      await page.getByRole("link", { name: "撤回信息" }).click();
      await page.locator("input[value=error]").check();
      await page.getByLabel("说明").fill("位置图有误。");
      await press(page, page.getByRole("button", { name: "撤回信息" }));
      await says(page, "已撤回");
    });
    await reader(plain, async (page) => {
      const answer = await page.goto(record);
      assert.equal(answer.status(), 410);
      await says(page, "这条信息已经撤回", "内容有误", "位置图有误");
      await hall.picture(page, "disclosure-gone");
    }, { expect: [/status of 410/] });
  });

  it("a search is saved and its owner looks at it again", () =>
    hall.visit(plain, async (page) => {
      await page.goto("/open/search?q=%E5%8F%96%E6%B0%B4");
      await page.getByRole("link", { name: "保存这次搜索" }).click();
      await press(page, page.getByRole("button", { name: "保存这次搜索" }));
      await says(page, "已保存", "取水");
      await press(page, page.getByRole("button", { name: "查看结果" }));
      await says(page, "找到");
    }, { as: hall.account("citizen") }));

  it("programs read the same lists", async () => {
    const feed = await fetch(`${hall.url}/open/feed.atom?body=hefei-water`);
    assert.match(await feed.text(), /<feed xmlns="http:\/\/www.w3.org\/2005\/Atom"/);
    const first = await (await fetch(`${hall.url}/open/feed.atom`)).text();
    const address = (text, rel) => text.match(new RegExp(`<link rel="${rel}"[^>]*href="([^"]*)"`))?.[1].replaceAll("&amp;", "&");
    const later = await (await fetch(address(first, "next"))).text();
    assert.equal(address(later, "self"), address(first, "next"));
    assert.equal(address(later, "first"), address(first, "self"));
    const lines = await (await fetch(`${hall.url}/open/export/records.jsonl?body=hefei-water`)).text();
    for (const line of lines.trim().split("\n")) assert.ok(JSON.parse(line).index);
    const map = await (await fetch(`${hall.url}/open/sitemap.xml`)).text();
    assert.match(map, /open\/sitemap\/20\d\d-0/);
  });
});
