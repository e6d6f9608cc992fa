// A request for information: somebody without an account asks, the disclosure office replies, the asker reads the reply, and the
// register shows what was asked for but not who asked.
import assert from "node:assert/strict";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { after, it } from "node:test";
import { constants, inflateSync } from "node:zlib";

import { view, withHall } from "./harness.mjs";
import { startServer } from "./server.mjs";
import { act, arrives, files, fill, pdf, press, says, today } from "./steps.mjs";

const asker = "王晓岚";
const wanted = "申请公开2025年巢湖流域取水许可的批准文件，有清单的请一并提供。";
const subject = "2025年巢湖流域取水许可批准文件";

withHall("a request for information", (hall) => {
  const plain = view({ scripts: false });
  const world = {};
  const asStaff = (name, step, more = {}) => hall.visit(plain, step, { as: hall.staff(name), ...more });
  const go = (page) => press(page, page.locator("main form[enctype] button[type=submit]:not([name=act])").last());

  it("a visitor without scripts asks; what is wrong is said, and nothing is lost", () =>
    hall.visit(plain, async (page) => {
      await page.goto("/open/apply?q=合肥市水务局");
      await page.locator("main a[href='/open/apply/hefei-water']").click();
      await fill(page, { description: "短" });
      await go(page);
      await says(page, "请写得具体一些");
      assert.equal(await page.locator("[name=description]").inputValue(), "短");
      await fill(page, { description: wanted });
      await go(page);
      await fill(page, { kind: "person", name: asker, idNumber: "110105194912310021", phone: "1380" });
      await go(page);
      assert.equal(await page.locator(".govuk-error-summary a").count(), 3, "number, telephone and proof are named at once");
      assert.equal(await page.locator("[name=name]").inputValue(), asker);
      assert.equal(await page.locator("[name=idNumber]").inputValue(), "110105194912310021");
      await fill(page, { idNumber: "11010519491231002X", phone: "13800000001" });
      await page.locator("main input[type=file]").setInputFiles(files.pdf);
      await go(page);
      await page.locator("main button[value=edit-who]").click(); // a step back: nothing is lost, nor is the file
      await page.locator("[name=idNumber]").waitFor();
      assert.equal(await page.locator("[name=idNumber]").inputValue(), "11010519491231002X");
      await go(page);
      await fill(page, { wanted: "email" });
      await go(page);
      await says(page, "您希望用电子邮件获取，请填写电子邮件地址");
      await fill(page, { email: "asker@example.com" });
      await go(page);
      await says(page, wanted, asker, "asker@example.com");
      await page.locator("main [name=declare]").check();
      await page.locator("main button[value=send]").click();
      await page.waitForURL(/\/receipt$/);
      [, world.number, world.code] = /\/open\/requests\/(\w+)\/(\w+)\/receipt$/.exec(new URL(page.url()).pathname);
      await says(page, world.number, world.code);
    }, { expect: [/status of 422/] }));

  it("the office receives and examines it, and its head issues the reply", async () => {
    await asStaff("hefei.water.reviewer", async (page) => {
      await page.goto(`/open/office/${world.number}`);
      await says(page, asker, "13800000001");
      await act(page, world.number, { ...today("receivedOn"), manner: "phone" });
      await act(page, world.number, { outcome: "examine" });
      await page.goto(`/desk/case/${world.number}`);
      await page.locator("main [name=outcome][value=draft]").check();
      for (const list of ["general", "secret", "safety"]) for (const box of await page.locator(`main [name=${list}]`).all()) await box.check();
      await press(page, page.locator("#act button[accesskey=s]"));
      await act(page, world.number, { reply: "published", where: "已经主动公开，见本机关网站“法定主动公开内容”。", subject });
      await says(page, `已提交 ${world.number}`);
    });
    await asStaff("hefei.water.head", (page) => act(page, world.number, { outcome: "issue" }));
    await asStaff("hefei.water.reviewer", async (page) => {
      await page.goto(`/desk/case/${world.number}`);
      assert.ok(await page.locator("main [name=manner][value=email]").isChecked(), "delivery begins with what was wanted");
      await act(page, world.number, today("delivered"));
    });
  });

  it("the asker opens it with number and code, and reads the reply", () =>
    hall.visit(plain, async (page) => {
      await page.goto("/track");
      await fill(page, { number: world.number, code: world.code });
      await press(page, page.locator("main form button[type=submit]"));
      await says(page, "予以公开");
      await page.locator("main a[href*='/letters/']").last().click();
      await says(page, "政府信息公开告知书", "王*", "已经主动公开，见本机关网站");
      assert.ok(!(await page.content()).includes(asker), "whoever holds the code reads who asked");
    }));

  it("the asker was told by mail, at the address that they gave, and no mail says who asked or for what", async () => {
    const outbox = path.join(hall.server.data, "outbox");
    const told = async () => {
      const found = [];
      for (const name of (await readdir(outbox).catch(() => [])).filter((each) => each.endsWith(".eml"))) {
        const [head, body] = (await readFile(path.join(outbox, name), "utf8")).split("\r\n\r\n");
        if (/^To: <asker@example\.com>/m.test(head)) found.push(Buffer.from(body, "base64").toString("utf8"));
      }
      return found;
    };
    let mails = [];
    for (let tries = 0; tries < 100 && mails.length < 2; tries++) {
      await new Promise((resolve) => setTimeout(resolve, 100));
      mails = await told();
    }
    assert.equal(mails.length, 2, "received, and replied to");
    for (const mail of mails) {
      assert.ok(mail.includes(world.number) && mail.includes("/track"), mail);
      for (const secret of [asker, world.code, "取水", "水务"]) assert.ok(!mail.includes(secret), `a mail says ${secret}`);
    }
  });

  it("the register shows what was asked for, and not who asked", () =>
    hall.visit(plain, async (page) => {
      await page.goto("/open/requests?body=hefei-water");
      await page.locator(`main a[href='/open/requests/${world.number}']`).click();
      await says(page, subject, "予以公开");
      const text = await page.content();
      for (const secret of [asker, "11010519491231002X", "13800000001", "asker@example.com", world.code, wanted]) {
        assert.ok(!text.includes(secret), `the register says ${secret}`);
      }
      assert.equal((await page.goto(`/open/requests/${world.number}/WRONGCODE`)).status(), 404, "nobody follows it without the code");
    }, { expect: [/status of 404/] }));

  it("whoever asked says how it was, without signing in", () =>
    hall.visit(view({ scripts: false, narrow: true }), async (page) => {
      await page.goto(`/open/requests/${world.number}/${world.code}`);
      await page.locator("main a[href$='/rate']").click();
      await arrives(page, `/track/${world.number}/${world.code}/rate`);
      const next = page.getByRole("button", { name: "下一步" }); // a form that is sent by GET
      await next.click();
      await says(page, "请从选项中选择");
      await fill(page, { grade: "5" });
      await next.click();
      await page.getByRole("button", { name: "提交评价" }).waitFor();
      await hall.fits(page);
      await press(page, page.getByRole("button", { name: "提交评价" }));
      await says(page, "非常满意");
      await page.goto(`/open/requests/${world.number}/${world.code}`);
      assert.equal(await page.locator("main a[href$='/rate']").count(), 0, "asked once");
      const text = await page.content();
      assert.ok(!text.includes(asker));
    }, { expect: [/status of 422/] }));

  it("a document is redacted, disclosed in part, and published with personal data masked: nothing is under the bars", async () => {
    const hidden = "Bid price of Qingmu Ltd 4471000";
    const card = "11010519491231002X"; // the example of GB 11643
    await hall.visit(plain, async (page) => {
      await page.goto("/open/apply/hefei-water");
      await fill(page, { description: "申请公开2025年城区河道清淤的合同。" });
      await go(page);
      await fill(page, { kind: "person", name: asker, idNumber: card, phone: "13800000001" });
      await page.locator("main input[type=file]").setInputFiles(files.pdf);
      await go(page);
      await fill(page, { wanted: "online", medium: "electronic", language: "en" });
      await go(page);
      await says(page, "English");
      await page.locator("main [name=declare]").check();
      await page.locator("main button[value=send]").click();
      await page.waitForURL(/\/receipt$/);
      [, world.second, world.secondCode] = /\/open\/requests\/(\w+)\/(\w+)\/receipt$/.exec(new URL(page.url()).pathname);
    });
    let redacted;
    await hall.visit(view(), async (page) => {
      await act(page, world.second, { ...today("receivedOn"), manner: "phone" });
      await act(page, world.second, { outcome: "examine" });
      await page.goto(`/desk/case/${world.second}`);
      assert.ok(!(await page.locator("main [name=fee]").isVisible()), "only what the next step asks for is shown");
      await page.locator("main [name=outcome][value=draft]").check();
      await page.locator("main [name=concerns][value=third-party]").check();
      for (const list of ["general", "secret", "safety"]) for (const box of await page.locator(`main [name=${list}]`).all()) await box.check();
      await hall.picture(page, "request-checklists", { fullPage: true });
      await press(page, page.locator("#act button[accesskey=s]"));
      await says(page, "“清单：第三方的商业秘密、个人隐私”：", "清单还有4项没有核对", "已核对是否含有商业秘密");
      for (const box of await page.locator("main [name=third-party]").all()) await box.check();
      await press(page, page.locator("#act button[accesskey=s]"));

      await page.goto(`/open/office/${world.second}`);
      await says(page, "审查清单", "宋望舒", "获取方式", "载体", "English");
      await hall.accessible(page);
      await hall.picture(page, "request-office", { fullPage: true });
      await page.getByRole("link", { name: "遮盖文件中不公开的内容" }).click();
      const redact = page.getByRole("button", { name: "遮盖并下载" });
      await press(page, redact);
      await says(page, "有问题");
      const original = { name: "contract.pdf", mimeType: "application/pdf", buffer: pdf(`Contract 2025. ${hidden}. Works till June.`, `Contact ID ${card}, hotline 12345`) };
      await page.locator("main input[type=file]").setInputFiles(original);
      await fill(page, { passages: "no such words", ground: "refused.third-party" });
      await press(page, redact);
      await says(page, "文件中没有找到");
      await page.locator("main input[type=file]").setInputFiles(original);
      await fill(page, { passages: hidden });
      await hall.picture(page, "request-redact", { fullPage: true });
      const [download] = await Promise.all([page.waitForEvent("download"), redact.click()]);
      redacted = await readFile(await download.path());
      assert.ok(!plainOf(redacted).includes("Qingmu"), "the passage is under the bar");
      assert.ok(plainOf(redacted).includes("12345"), "the rest is there");
      await act(page, world.second, { reply: "partial", reasons: "报价属于第三方商业秘密（条例第十五条），作区分处理。", subject: "2025年城区河道清淤合同" },
        { name: "contract.pdf", mimeType: "application/pdf", buffer: redacted });
    }, { as: hall.staff("hefei.water.reviewer"), expect: [/status of 422/] });
    await asStaff("hefei.water.head", async (page) => {
      await act(page, world.second, { outcome: "issue" });
      await page.goto(`/open/office/${world.second}`);
      await press(page, page.getByRole("button", { name: "提交公开" }));
      await says(page, "已提交公开程序");
    });
    await hall.visit(plain, async (page) => {
      const base = `/open/requests/${world.second}/${world.secondCode}`;
      await page.goto(base);
      await says(page, "部分公开", "contract.pdf");
      const [download] = await Promise.all([page.waitForEvent("download"), page.getByRole("link", { name: "contract.pdf" }).click()]);
      const got = plainOf(await readFile(await download.path()));
      assert.ok(!got.includes("Qingmu") && got.includes("12345"), "the asker gets it redacted");
    });
    // The publication is reviewed by somebody else and decided by the head, as everything is.
    let kase;
    await asStaff("hefei.water.reviewer", async (page) => {
      await page.goto("/desk?role=reviewer");
      await page.locator("main tr", { hasText: "河道清淤合同" }).locator("a").first().click();
      await arrives(page, "/desk/case");
      kase = new URL(page.url()).pathname;
      const text = await page.content();
      assert.ok(!text.includes(card), "the reviewer sees the number unmasked");
      for (const point of ["secret", "forbidden", "security", "thirdParty", "internal", "process", "enforcement"]) {
        await page.locator(`input[name=${point}][value=no]`).check();
      }
      await page.locator("input[name=outcome][value=pass]").check();
      await press(page, page.locator("#act button[accesskey=s]"));
    });
    await asStaff("hefei.water.head", async (page) => {
      await page.goto(kase);
      await page.locator("input[name=outcome][value=publish]").check();
      await press(page, page.locator("#act button[accesskey=s]"));
    });
    await hall.visit(view(), async (page) => {
      const until = Date.now() + 20_000;
      for (;;) {
        await page.goto(`/open/requests/${world.second}`);
        if (await page.getByRole("link", { name: "据此公开的信息" }).count()) break;
        assert.ok(Date.now() < until, "it was not published");
        await page.waitForTimeout(300);
      }
      await page.getByRole("link", { name: "据此公开的信息" }).click();
      await says(page, "2025年城区河道清淤合同", "部分公开");
      const html = await page.content();
      for (const secret of [asker, card, world.secondCode]) assert.ok(!html.includes(secret), `the record says ${secret}`);
      const file = page.locator("main a[href*='/files/'], main a[download]").first();
      const [download] = await Promise.all([page.waitForEvent("download"), file.click()]);
      const got = plainOf(await readFile(await download.path()));
      for (const secret of [card, "19491231", "Qingmu"]) assert.ok(!got.includes(secret), `under the mask stands ${secret}`);
      assert.ok(got.includes("12345"), "the rest is there");
      await hall.accessible(page);
      await hall.picture(page, "request-record", { fullPage: true });
    });
  });

  it("looks right on a phone, in each language", async () => {
    const steps = async (page, name) => {
      await page.goto("/open/apply/hefei-water");
      await fill(page, { description: wanted });
      await go(page);
      await hall.fits(page);
      await hall.picture(page, `request-who-${name}`, { fullPage: true });
      await fill(page, { kind: "person", name: asker, idNumber: "11010519491231002X", phone: "13800000001" });
      await page.locator("main input[type=file]").setInputFiles(files.pdf);
      await go(page);
      await hall.fits(page);
      await hall.picture(page, `request-how-${name}`, { fullPage: true });
      await fill(page, { wanted: "online", medium: "electronic" });
      await go(page);
      await hall.fits(page);
      await hall.picture(page, `request-check-${name}`, { fullPage: true });
    };
    for (const how of [view({ narrow: true }), view({ lang: "en", narrow: true }), view({ lang: "zh-Hant", narrow: true })]) {
      await hall.visit(how, async (page) => {
        for (const [name, address] of [["apply", "/open/apply/hefei-water"], ["register", "/open/requests"], ["track", `/open/requests/${world.number}/${world.code}`], ["catalogue", "/open/catalogue/hefei-water"]]) {
          await page.goto(address);
          await hall.fits(page); // axe.test.mjs looks for barriers on these pages
          await hall.picture(page, `request-${name}-${how.lang}`, { fullPage: true });
        }
        await steps(page, how.lang);
      });
      await hall.visit(how, async (page) => {
        for (const [name, address] of [["figures", "/open/office/figures"], ["desk", "/open/office"], ["enter", "/open/office/new"], ["edit", "/open/office/catalogue"]]) {
          await page.goto(address);
          await hall.fits(page);
          assert.deepEqual(await page.locator(".oh-scroll").evaluateAll((list) => list.map((box) => box.scrollWidth - box.clientWidth).filter(Boolean)), [], `${name}: lists are stacked`);
          await hall.picture(page, `request-${name}-${how.lang}`, { fullPage: true });
        }
      }, { as: hall.staff("hefei.water.reviewer") });
    }
  });
});

// plainOf is everything that stands in a document: as it is, every stream inflated, and the strings that its text is written in.
function plainOf(document) {
  let text = document.toString("latin1");
  for (let at = document.indexOf("stream"); at >= 0; at = document.indexOf("stream", at + 6)) {
    for (const skip of [7, 8]) {
      try {
        text += inflateSync(document.subarray(at + skip), { finishFlush: constants.Z_SYNC_FLUSH }).toString("latin1");
        break;
      } catch { /* not deflated */ }
    }
  }
  const hex = [...text.matchAll(/<([0-9A-Fa-f\s]{2,})>/g)].map(([, digits]) => Buffer.from(digits.replaceAll(/\s/g, ""), "hex").toString("latin1"));
  const shown = [...text.matchAll(/\[((?:\([^)]*\)|[-\d.\s])*)\]\s*TJ/g)].map(([, parts]) => [...parts.matchAll(/\(([^)]*)\)/g)].map(([, part]) => part).join(""));
  return [text, ...hex, ...shown].join("\n");
}

const folder = await mkdtemp(path.join(os.tmpdir(), "openhall-e2e-request-"));

withHall("a power cut while people ask and an office answers", (hall) => {
  after(() => rm(folder, { recursive: true, force: true }));

  const send = (address, form, cookie) =>
    fetch(hall.url + address, { method: "POST", redirect: "manual", body: form, headers: { Origin: hall.url, "Sec-Fetch-Site": "same-origin", ...(cookie ? { Cookie: cookie } : {}) } })
      .then(async (answer) => ({ status: answer.status, to: answer.headers.get("location") ?? "", text: await answer.text() }), () => undefined);
  const again = async () => {
    await hall.server.kill();
    hall.server = await startServer({ data: folder });
  };
  // some of them are answered, then the power goes.
  const cut = async (sending) => {
    const got = new Array(sending.length);
    let answered = 0;
    let enough;
    const first = new Promise((resolve) => { enough = resolve; });
    const all = Promise.all(sending.map(async (one, i) => { if ((got[i] = await one())) if (++answered === 2) enough(); }));
    await Promise.race([first, all]);
    await again();
    await all;
    return got;
  };
  const numbers = [];

  it("what was acknowledged is there, and nothing is there twice", async () => {
    const asking = (key) => {
      const form = new FormData();
      for (const [name, value] of Object.entries({ part: "check", act: "send", key, description: `申请公开断电试验 ${key} 的材料。`, kind: "person", name: asker, idNumber: "11010519491231002X", phone: "13800000001", wanted: "online", declare: "true" })) form.set(name, value);
      form.set("files", new Blob([files.pdf.buffer], { type: "application/pdf" }), "id.pdf");
      return send("/open/apply/hefei-water", form);
    };
    const keys = Array.from({ length: 10 }, (_, i) => `cut${Date.now()}x${i}`);
    const before = await cut(keys.map((key) => () => asking(key)));
    const acknowledged = before.filter((answer) => answer?.status === 303).length;
    assert.ok(acknowledged > 0, "nothing was acknowledged before the cut: nothing was tried");
    for (const [i, key] of keys.entries()) {
      const answer = await asking(key);
      assert.equal(answer.status, 303, answer.text.slice(0, 400));
      if (before[i]?.status === 303) assert.equal(answer.to, before[i].to, "the same request");
      numbers.push(/requests\/(\w+)\//.exec(answer.to)[1]);
    }
    assert.equal(new Set(numbers).size, keys.length);
    await hall.visit(view({ scripts: false }), async (page) => {
      await page.goto("/open/office");
      const shown = await page.locator("main").first().innerText();
      for (const number of numbers) assert.equal(shown.split(number).length, 2, `${number} stands there once`);
    }, { as: hall.staff("hefei.water.reviewer") });
  });

  it("a step that was acknowledged is done, once", async () => {
    const staff = hall.staff("hefei.water.reviewer");
    const { name, value } = (await hall.session(staff)).cookies[0];
    const cookie = `${name}=${value}`;
    const forms = [];
    for (const number of numbers.slice(0, 6)) {
      const html = await (await fetch(`${hall.url}/desk/case/${number}`, { headers: { Cookie: cookie } })).text();
      const fields = Object.fromEntries([...html.matchAll(/<input type="hidden" name="(command-(?:key|task|seq))" value="([^"]*)"/g)].map(([, field, text]) => [field, text]));
      forms.push({ number, body: new URLSearchParams({ ...fields, ...today("receivedOn"), manner: "phone" }) });
    }
    const before = await cut(forms.map(({ number, body }) => () => send(`/desk/case/${number}`, body, cookie)));
    assert.ok(before.some((answer) => answer?.status === 303), "nothing was acknowledged before the cut");
    for (const [i, { number, body }] of forms.entries()) {
      const answer = await send(`/desk/case/${number}`, body, cookie);
      assert.ok([303, 409].includes(answer.status), `${answer.status}: ${answer.text.slice(0, 300)}`);
      if (before[i]?.status === 303) assert.equal(answer.status, 409, "done before");
    }
    await hall.visit(view({ scripts: false }), async (page) => {
      for (const { number } of forms) {
        await page.goto(`/open/office/${number}`);
        const text = await page.locator("main").first().innerText();
        assert.equal(text.split("确认收到日").length, 2, `${number}: confirmed once\n${text}`);
        await says(page, "登记回执");
      }
    }, { as: staff });
  });
}, { data: folder });
