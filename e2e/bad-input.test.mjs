// What goes wrong is said where it went wrong, with how to mend it, and what was typed is kept.
import assert from "node:assert/strict";
import { before, it } from "node:test";

import { view, withHall } from "./harness.mjs";
import { act, apply, begin, fill, fillDraft, files, press, says, save, waterAnswers } from "./steps.mjs";

withHall("mistakes", (hall) => {
  const how = view();
  const enterprise = (step, options) => hall.visit(how, step, { as: hall.account("enterprise"), expect: [/status of 4\d\d/], ...options });
  const office = (name, step) => hall.visit(how, step, { as: hall.staff(name), expect: [/status of 4\d\d/] });
  const summary = (page) => page.locator(".govuk-error-summary").innerText();
  let draft;
  before(() => enterprise(async (page) => (draft = await begin(page))));

  it("a wrong ID number: the message names the character", () =>
    hall.visit(how, async (page) => {
      await page.goto("/register");
      await fill(page, { name: "周予安", number: "340111199003070029", phone: "13805550123", login: "zhou.yuan", password: "a-long-password-1", again: "a-long-password-1" });
      await page.locator("main form button[type=submit]").click();
      assert.match(await summary(page), /第 18 位“9”是校验码/);
      assert.equal(await page.locator("[name=name]").inputValue(), "周予安");
      await fill(page, { number: "34011119900307002O" });
      await page.locator("main form button[type=submit]").click();
      assert.match(await summary(page), /第 18 位“O”/);
    }, { expect: [/status of 422/] }));

  it("an address as long as a book is answered by a page", async () => {
    for (const [language, words] of [["zh-Hans", "网址太长"], ["zh-Hant", "網址太長"], ["en", "The address is too long"]]) {
      const answer = await fetch(`${hall.url}/open/search?q=${encodeURIComponent("水".repeat(5000))}`, { headers: { "Accept-Language": language } });
      assert.equal(answer.status, 414);
      const html = await answer.text();
      assert.ok(html.includes(words) && !html.includes("%E6%B0%B4%E6%B0%B4"), "it says so, and does not repeat the words");
    }
  });

  it("an impossible date, a word for a number, a choice left out", () =>
    enterprise(async (page) => {
      await page.goto(`${draft}/form`);
      const { purpose, ...most } = waterAnswers;
      await fill(page, { ...most, annual: "三万", "start-month": "2", "start-day": "30" });
      await save(page);
      const text = await summary(page);
      for (const label of ["取水用途", "年取水量", "取水起始日期"]) assert.ok(text.includes(label), `${label} is named in: ${text}`);
      assert.ok(purpose && !text.includes("取水地点"), "what is right is not named");
      assert.equal(await page.locator("[name=start-day]").inputValue(), "30", "the wrong date is kept to be mended");
      assert.equal(await page.locator("[name=annual]").inputValue(), "三万");
      assert.equal(await page.locator("[name=place]").inputValue(), waterAnswers.place);
      await page.locator(".govuk-error-summary a", { hasText: "年取水量" }).click();
      assert.equal(await page.evaluate(() => document.activeElement.name), "annual");
    }));

  it("a program named as a document, an empty file, a file that is too large", () =>
    enterprise(async (page) => {
      await page.goto(`${draft}/files`);
      const first = page.locator("main input[type=file]").first();
      const refused = async (file, ...words) => {
        await first.setInputFiles(file);
        await page.getByRole("button", { name: "上传所选文件" }).click();
        await page.locator(".govuk-error-summary").waitFor();
        await says(page, file.name, ...words);
      };
      await refused({ name: "申请书.pdf", mimeType: "application/pdf", buffer: Buffer.concat([Buffer.from("MZ\x90\0\x03\0\0\0"), Buffer.alloc(2000)]) }, "没有上传", "可以上传");
      await refused({ name: "空.pdf", mimeType: "application/pdf", buffer: Buffer.alloc(0) }, "文件是空的");
      await refused({ name: "图.pdf", mimeType: "application/pdf", buffer: files.png.buffer }, "PNG");
      await refused({ name: "大.pdf", mimeType: "application/pdf", buffer: Buffer.concat([files.pdf.buffer, Buffer.alloc(20 * 1024 * 1024)]) }, "20 MB");
      await first.setInputFiles(files.pdf);
      await page.getByRole("button", { name: "上传所选文件" }).click();
      await page.getByRole("button", { name: `移除 ${files.pdf.name}` }).waitFor();
    }));

  it("a draft that was changed in another tab is not overwritten unseen", () =>
    enterprise(async (page) => {
      const other = await page.context().newPage();
      await page.goto(`${draft}/form`);
      await other.goto(`${draft}/form`);
      await fill(other, { ...waterAnswers, place: "南门 2 号井" });
      await save(other);
      await fill(page, { ...waterAnswers, place: "北门 3 号井" });
      await save(page);
      await says(page, "这份草稿在别的窗口里改过了");
      assert.equal(await page.locator("[name=place]").inputValue(), "北门 3 号井", "what was typed here is kept");
      await save(page);
      await page.goto(`${draft}/form`);
      assert.equal(await page.locator("[name=place]").inputValue(), "北门 3 号井", "pressed again, it counts");
    }));

  let number;
  it("the same page sent twice makes one matter", () =>
    enterprise(async (page) => {
      await fillDraft(page, draft);
      await page.goto(`${draft}/check`);
      const body = await page.locator("main form").last().evaluate((form) => {
        form.elements.declare.checked = true;
        return new URLSearchParams(new FormData(form)).toString();
      });
      const post = () => page.request.post(`${draft}/check`, {
        data: body, headers: { "Content-Type": "application/x-www-form-urlencoded", Origin: hall.url, "Sec-Fetch-Site": "same-origin" }, maxRedirects: 0,
      });
      const answers = await Promise.all([post(), post(), post()]);
      const places = answers.map((answer) => `${answer.status()} ${answer.headers().location}`);
      assert.equal(new Set(places).size, 1, `all lead to one receipt: ${places}`);
      assert.match(places[0], /^303 \/hall\/apply\/done\//);
      number = places[0].split("/").at(-1);
      await page.goto("/me");
      assert.equal(await page.locator(`main a[href*="${number}"]`).count(), 1);
    }));

  it("a step that another has done in the meantime", () =>
    office("hefei.window.construction", async (page) => {
      const other = await page.context().newPage();
      await page.goto(`/desk/case/${number}`);
      await act(other, number, { outcome: "accept" });
      await fill(page, { outcome: "reject", reasons: "不属于本机关职权。" });
      await page.locator("#act button[accesskey=s]").click();
      await says(page, "这一步已经办完", "您的内容没有提交");
      assert.match(await page.locator("body").innerText(), /“收件审查”已于 .* 由/);
    }));

  it("a signed-out visitor is asked to sign in, and a stranger is told nothing", async () => {
    await hall.visit(how, async (page) => {
      await page.goto(`/me/case/${number}`);
      assert.match(page.url(), /\/signin\?next=/);
    }, { expect: [/status of 4\d\d/] });
    await hall.visit(how, async (page) => {
      assert.ok((await page.goto(`${draft}/form`)).status() >= 400);
      assert.ok(!(await page.locator("body").innerText()).includes(waterAnswers.place));
    }, { as: hall.account("citizen"), expect: [/status of 4\d\d/] });
  });

  it("a form outlives its session, and a draft of a record that somebody else changed is not overwritten unseen", () =>
    hall.visit(view({ scripts: false }), async (page) => {
      const save = page.getByRole("button", { name: "保存并检查" });
      await page.goto("/desk/records/new");
      await fill(page, { title: "会话过期时写的记录", category: "statutory.5.guide", text: "写了很久的正文。", made: "2026-05-02", effective: "2026-05-02", repealed: "2026-05-01" });
      const cookies = await page.context().cookies();
      await page.context().clearCookies();
      await press(page, save);
      await says(page, "您填写的内容还在这里");
      await page.context().addCookies(cookies);
      await press(page, page.getByRole("button", { name: "已登录，再次提交" }));
      await says(page, "废止日期早于生效日期");
      await fill(page, { repealed: "", summary: "概".repeat(2001) });
      await page.locator("[name=interprets]").evaluate((input) => { input.value = "没有这个"; });
      await page.locator("main input[type=file]").setInputFiles([{ name: "空.pdf", mimeType: "application/pdf", buffer: Buffer.alloc(0) }, files.png]);
      await press(page, save);
      await says(page, "“解读的文件”：索引号", "“空.pdf”：文件是空的", files.png.name);
      await page.locator("[name=interprets]").evaluate((input) => { input.value = ""; });
      await press(page, save);
      await says(page, "“内容概述”最多 2000 个字，现有 2001 个字");
      await fill(page, { summary: "概述" });
      await press(page, save);
      await says(page, "请看看隐私检查的结果");
      const other = await page.context().newPage();
      await other.goto(page.url());
      await fill(other, { summary: "别人的概述" });
      await press(other, other.getByRole("button", { name: "保存并检查" }));
      await fill(page, { summary: "我的概述" });
      await press(page, save);
      await says(page, "别人修改了这份草稿");
      assert.equal(await page.locator("[name=summary]").inputValue(), "我的概述");
      await press(page, save);
      await says(page, "请看看隐私检查的结果");
    }, { as: hall.staff("hefei.water.disclosure"), expect: [/status of 4\d\d/] }));

  it("addresses and requests that no page makes", async () => {
    const { number: own } = await enterprise((page) => apply(page));
    for (const [address, least] of [
      ["/hall/items/%00", 400], ["/hall/items/11340100MB9000218P3000119001999", 404], ["/d/999999999999", 404], ["/track/1/2", 400],
      [`/documents/${own}/1/decision-grant`, 300], ["/power/procedures/none@1", 404], ["/hall/find?area=%ff", 200], ["/board/../admin", 300],
      [`/hall/apply/draft/18446744073709551616/form`, 300],
    ]) {
      const answer = await fetch(hall.url + address, { redirect: "manual" });
      assert.ok(answer.status >= least && answer.status < 500, `${address} answers ${answer.status}`);
    }
    const forged = await fetch(`${hall.url}/track`, {
      method: "POST", headers: { Origin: "https://evil.example", "Sec-Fetch-Site": "cross-site", "Content-Type": "application/x-www-form-urlencoded" }, body: "number=1&code=2",
    });
    assert.equal(forged.status, 403, "a form of another site is refused");
  });
});
