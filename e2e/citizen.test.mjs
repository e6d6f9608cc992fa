// From a question to a matter that can be followed: finding a service in four ways, reading its guide, applying, tracking.
import assert from "node:assert/strict";
import { it } from "node:test";

import { desk, view, withHall } from "./harness.mjs";
import { begin, fill, files, guideOf, save, says, send, signIn, water, waterAnswers } from "./steps.mjs";

withHall("a citizen", (hall) => {
  const finds = (name, walk) => it(`finds a service ${name}`, () => hall.visit(view(), walk));
  const hit = (page, title) => page.locator("main a[href^='/hall/items/']", { hasText: title }).first().waitFor();

  finds("by words", async (page) => {
    await page.goto("/");
    await page.locator("main input[type=search]").fill("取水");
    await page.locator("main form button").first().click();
    await says(page, "找到 1 个事项");
    await hit(page, "取水许可");
  });
  finds("by words in traditional characters", async (page) => {
    await page.goto("/hall?lang=zh-Hant");
    await page.locator("main input[type=search]").fill("食品經營");
    await page.locator("main form button").first().click();
    await hit(page, "食品經營");
  });
  finds("by topic", async (page) => {
    await page.goto("/hall");
    await page.getByRole("link", { name: "水利与生态环境" }).click();
    await hit(page, "取水许可");
  });
  finds("by what happens in a life", async (page) => {
    await page.goto("/hall");
    await page.getByRole("link", { name: /^出生/ }).click();
    await hit(page, /出生/);
  });
  finds("by the body", async (page) => {
    await page.goto("/d/340100000000/bodies/hefei-water");
    await page.locator("main a[href*='/hall/items/']", { hasText: "取水许可" }).first().click();
    await says(page, "取水许可", "合肥市水务局");
  });
  finds("by saying what does not exist, and is led on", async (page) => {
    await page.goto("/hall/find?q=xyzzy");
    await says(page, "没有符合条件的事项", "换一个词");
  });

  it("reads the guide: chart, terms with their arithmetic, materials, remedies", () =>
    hall.visit(view(), async (page) => {
      await page.goto(await guideOf(page));
      await says(page, "申请材料", "设定依据", "《取水许可和水资源费征收管理条例》第19条", "45 个工作日", "申请行政复议");
      await page.getByText("这个日期是怎样算出来的").first().click();
      await says(page, "不计入");
      assert.ok(await page.locator("svg .oh-chart__shape").count() > 10, "the chart is drawn");
      await page.getByText("用文字查看流程").click();
      await says(page, "五日未告知，视为受理");
    }));

  it("is asked to sign in only when it is needed, and comes back to the application", () =>
    hall.visit(view(), async (page) => {
      const guide = await guideOf(page);
      await page.goto(guide);
      await page.getByRole("link", { name: "在线办理" }).or(page.getByRole("button", { name: "在线办理" })).first().click();
      await page.getByRole("button", { name: "登录后开始填写" }).or(page.getByRole("link", { name: "登录后开始填写" })).first().click();
      await page.locator("[name=login]").fill(hall.account("enterprise").name);
      await page.locator("[name=password]").fill("wrong-password-1");
      await page.locator("main form button[type=submit]").click();
      await page.locator(".govuk-error-summary").waitFor();
      assert.equal(await page.locator("[name=login]").inputValue(), hall.account("enterprise").name, "the name is kept");
      await page.locator("[name=password]").fill(hall.account("enterprise").password);
      await page.locator("main form button[type=submit]").click();
      await page.waitForURL((url) => url.pathname === guide.replace("items", "apply"));
      await page.getByRole("button", { name: "开始填写" }).waitFor();
    }, { expect: [/status of 4(22|01|03)/] }));

  const sent = {};
  it("applies: task list, applicant, form, files, check, receipt", () =>
    hall.visit(view(), async (page) => {
      await signIn(page, hall.account("enterprise"));
      await page.goto((await guideOf(page)).replace("items", "apply"));
      await says(page, "承诺时限", "需要的材料");
      const draft = await begin(page);
      await says(page, "申请人信息", "尚不能开始");

      await page.getByRole("link", { name: "申请人信息" }).click();
      await says(page, "合肥青禾食品有限公司", "91340104MA9Y00012N");
      await fill(page, { phone: "0551-5550100" });
      await save(page);

      await page.getByRole("link", { name: "申请内容" }).click();
      await fill(page, { ...waterAnswers, years: "" });
      await page.locator("button[name=act][value=later]").click();
      await says(page, "草稿已保存");
      await page.goto(`${draft}/form`);
      assert.equal(await page.locator("[name=place]").inputValue(), waterAnswers.place, "what was typed is kept");
      await fill(page, { years: waterAnswers.years });
      await save(page);
      await says(page, "填写申请：取水许可", "已完成");
      await hall.picture(page, "tasks");

      await page.getByRole("link", { name: "申请材料" }).click();
      const inputs = page.locator("main input[type=file]");
      await inputs.nth(0).setInputFiles([files.pdf, files.png]);
      await page.getByRole("button", { name: "上传所选文件" }).click();
      await says(page, files.pdf.name, files.png.name);
      await page.getByRole("button", { name: `移除 ${files.png.name}` }).click();
      await page.locator("main li", { hasText: files.png.name }).waitFor({ state: "detached" });
      await inputs.nth(1).setInputFiles(files.pdf);
      await inputs.nth(2).setInputFiles(files.pdf);
      await save(page);

      await page.getByRole("link", { name: "核对并提交" }).click();
      await says(page, waterAnswers.place, "2027年3月1日", "工业", files.pdf.name);
      await hall.picture(page, "check");
      await page.getByRole("button", { name: "提交申请" }).click();
      await says(page, "请勾选声明后再提交");
      Object.assign(sent, await send(page, draft));
      await says(page, "申请已提交", sent.number);
      assert.equal(await page.locator("main svg[role=img], main .oh-qr svg, main .oh-qr").count() > 0, true, "the receipt has its QR");
      await hall.picture(page, "receipt");
    }, { expect: [/status of 422/] }));

  it("is followed by anybody who has the number and the code, in another browser", () =>
    hall.visit(view(), async (page) => {
      await page.goto("/track");
      await fill(page, { number: sent.number, code: "22222222" });
      await page.locator("main form button").click();
      await says(page, "办件编号或者查询码不对");
      await fill(page, { number: sent.number, code: sent.code });
      await page.locator("main form button").click();
      await says(page, "取水许可", "已收件", "剩余 5 个工作日", "收件审查");
      const text = await page.locator("main").innerText();
      assert.ok(!text.includes("0551-5550100") && !text.includes(waterAnswers.reason), "the dossier is not shown to a visitor");
    }, { expect: [/status of 4\d\d/] }));

  it("finds the matter among their own, and other people's not", async () => {
    await hall.visit(view(), async (page) => {
      await page.goto("/me");
      await page.locator(`main a[href*="${sent.number}"]`).first().click();
      await says(page, sent.number, sent.code, "查看提交的申请内容和材料");
      await page.getByRole("link", { name: "查看提交的申请内容和材料" }).click();
      await says(page, waterAnswers.reason);
    }, { as: hall.account("enterprise") });
    await hall.visit(view(), async (page) => {
      const answer = await page.goto(`/me/case/${sent.number}`);
      assert.ok([403, 404].includes(answer.status()));
      assert.ok(!(await page.locator("main").innerText()).includes(waterAnswers.reason));
    }, { as: hall.account("citizen"), expect: [/status of 40\d/] });
  });

  for (const [lang, name] of [["zh-Hans", ""], ["en", "-en"]]) {
    it(`pictures of the hall, ${lang}`, () =>
      hall.visit(view({ lang }), async (page) => {
        await page.setViewportSize(desk);
        await page.goto("/");
        await hall.picture(page, `portal${name}`);
        await page.goto("/hall");
        await hall.picture(page, `hall${name}`);
        await page.goto(await guideOf(page));
        await page.locator("#steps").evaluate((node) => node.scrollIntoView());
        await hall.picture(page, `guide${name}`);
        await page.goto("/log");
        await hall.picture(page, `log${name}`);
      }));
  }

  it("picture of a guide on a phone", () =>
    hall.visit(view({ narrow: true }), async (page) => {
      await page.setViewportSize({ width: 390, height: 844 });
      await page.goto(await guideOf(page));
      await hall.picture(page, "phone");
    }));
});
