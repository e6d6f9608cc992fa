// Joint matters: one application for seven departments, from the page and over the counter; a joint survey with a department that does not
// come; defaults that are called so, with the card that they raise and the late opinion that undoes nothing; a refusal that ends all; papers
// that are promised; a commitment that proves untrue; the chart that everybody sees; a matter that the centre builds itself.
import assert from "node:assert/strict";
import { it } from "node:test";

import { languages, view, withHall } from "./harness.mjs";
import { act, arrives, files, fill, press, says, today } from "./steps.mjs";

// A person who exists nowhere; the check digit is right.
const walkIn = { name: "周予安", id: "340111199003070025", phone: "13805550123" };
const place = "340100000000";
const answers = {
  name: "合肥晨光科技有限公司", alternative: "合肥晨曦科技有限公司", kind: "llc", telephone: "13800000001", capital: "1000000", address: "虚构路 1 号", scope: "软件开发",
  representative: "周予安", representativeId: walkIn.id, shareholders: "周予安 100%", seals: "company", taxpayer: "small", staff: "3", payday: "15", fundRate: "8",
};

// in days from now, by the names of a date field.
function dayField(name, days) {
  const at = new Date(Date.now() + 8 * 3600e3 + days * 86400e3);
  return { [`${name}-year`]: String(at.getUTCFullYear()), [`${name}-month`]: String(at.getUTCMonth() + 1), [`${name}-day`]: String(at.getUTCDate()) };
}

withHall("joint approval", (hall) => {
  const how = view();
  const plain = view({ scripts: false });
  const as = (login, step, options = {}) => hall.visit(options.how ?? plain, step, { as: hall.staff(login), ...options });
  const world = {};

  // lane returns what the public chart says of a part, once the platform has come so far: its cells, and its number last.
  const lane = async (page, number, title, ready) => {
    for (let i = 0; i < 80; i++) {
      await page.goto(`/hall/joint/progress/${number}`);
      const cells = await page.locator("main table tbody tr", { hasText: title }).first().locator("td, th").allTextContents();
      if (ready(cells.map((c) => c.trim()))) return cells.map((c) => c.trim());
      await page.waitForTimeout(250); // what follows by itself takes a moment
    }
    assert.fail(`${title} of ${number} does not come so far`);
  };
  const begun = (cells) => cells.at(-1) !== "";

  it("everybody finds the platforms and reads what a matter takes before applying", async () => {
    for (const lang of languages) {
      await hall.visit(view({ lang, narrow: lang === "zh-Hans" }), async (page) => {
        await page.goto("/hall/joint");
        await hall.fits(page);
        if (lang !== "zh-Hant") await hall.picture(page, `joint-${lang}`, { fullPage: true });
        await page.locator("main a[href*='/matter/enterprise-establishment/']").click();
        await page.locator("main table").first().waitFor();
        await hall.fits(page);
        if (lang !== "zh-Hant") await hall.picture(page, `joint-guide-${lang}`, { fullPage: true });
      });
    }
  });

  it("somebody applies once for name, licence, seal, tax, insurance, fund and bank; what is missing is named and nothing is lost", () =>
    as("person.chen", async (page) => {
      await page.goto(`/hall/joint/matter/enterprise-establishment/${place}`);
      await page.locator("[name=part][value=bank]").check();
      await press(page, page.getByRole("button", { name: "开始", exact: false }).last());
      await arrives(page, "/hall/joint/draft");
      const draft = new URL(page.url()).pathname;
      await page.goto(`${draft}/answers`);
      await fill(page, { ...answers, bankBranch: "虚构支行", payday: "45" });
      await press(page, page.locator("button[name=act][value=done]"));
      await says(page, "“发薪日”不能大于 31");
      assert.equal(await page.locator("[name=shareholders]").inputValue(), answers.shareholders);
      await page.locator(".govuk-error-summary").waitFor();
      await fill(page, { payday: "15" });
      await press(page, page.locator("button[name=act][value=done]"));
      await page.goto(`${draft}/files`);
      await press(page, page.locator("button[name=act][value=done]"));
      await says(page, "缺少主要材料“公司章程或者合伙协议”");
      await hall.picture(page, "joint-files-wrong", { fullPage: true });
      for (const key of ["identity", "articles", "appointment", "payroll"]) await page.locator(`[name=file-${key}]`).setInputFiles(files.pdf);
      await page.locator("[name=commit-premises]").check();
      await press(page, page.locator("button[name=act][value=done]"));
      await page.goto(`${draft}/check`);
      await says(page, "以承诺代替", "合肥市税务局");
      await hall.picture(page, "joint-check", { fullPage: true });
      await page.locator("[name=declare]").check();
      await press(page, page.getByRole("button", { name: "提交联合申请" }));
      await arrives(page, "/me/joint");
      world.online = new URL(page.url()).pathname.split("/").at(-1);
      assert.match(world.online, /^LB\d{24}$/);
    }, { expect: [/status of 422/] }));

  it("a clerk enters one for somebody at the counter; a wrong number is told with all that was typed; the slip goes home", async () => {
    await as("hefei.window.business", async (page) => {
      await page.goto("/desk/joint/receive");
      await page.getByRole("link", { name: "企业设立联合审批" }).click();
      await fill(page, answers);
      await page.locator("[name='applicant.kind'][value=person]").check();
      await page.locator("[name='applicant.name']").fill(walkIn.name);
      await page.locator("[name='applicant.idNumber']").fill(walkIn.id.replace(/.$/, "9"));
      await page.locator("[name='applicant.phone']").fill(walkIn.phone);
      for (const key of ["identity", "articles", "premises"]) await page.locator(`[name=file-${key}]`).setInputFiles(files.pdf);
      await press(page, page.getByRole("button", { name: "收件并出具回执" }));
      assert.match(await page.locator(".govuk-error-summary").innerText(), /第 18 位“9”是校验码/);
      assert.equal(await page.locator("[name=scope]").inputValue(), answers.scope, "what was typed is kept");
      assert.equal(await page.locator("[name=kept-articles]").count(), 1, "what was uploaded is kept");
      await hall.picture(page, "joint-counter-wrong", { fullPage: true });
      await page.locator("[name='applicant.idNumber']").fill(walkIn.id);
      await press(page, page.getByRole("button", { name: "收件并出具回执" }));
      await arrives(page, "/desk/joint/received");
      world.counter = new URL(page.url()).pathname.split("/").at(-1);
      world.code = /查询码 (\S+)/.exec(await page.locator(".govuk-panel").innerText())[1];
      await hall.picture(page, "joint-slip", { fullPage: true });
      // 容缺受理: what is missing may follow until a day; a day too far away is refused.
      await page.goto(`/desk/case/${world.counter}`);
      await fill(page, { outcome: "conditional", missing: "任职文件、职工名册", ...dayField("promised", 300) });
      await press(page, page.locator("#act button[accesskey=s]"));
      await says(page, "承诺日期须在今天以后");
      await act(page, world.counter, { outcome: "conditional", missing: "任职文件、职工名册", ...dayField("promised", 5) });
      await act(page, world.online, { outcome: "accept" });
    }, { expect: [/status of 422/] });
    await hall.visit(how, async (page) => { // at home, with number and code
      await page.goto("/track");
      await fill(page, { number: world.counter, code: world.code });
      await page.locator("main form button").click();
      await says(page, "补齐容缺材料", "企业名称");
      await hall.accessible(page);
      await page.getByRole("link", { name: "现在办理" }).click();
      await page.locator("[name=file-appointment]").setInputFiles(files.pdf);
      await page.locator("main textarea, main input[type=text]").first().fill("任职文件、职工名册补齐");
      await press(page, page.locator("main form button[type=submit]").last());
      await says(page, "已经提交");
    });
  });

  it("a department refuses with reasons: what its refusal ends stands in the matter", async () => {
    let number;
    await hall.visit(plain, async (page) => { number = (await lane(page, world.counter, "企业名称", begun)).at(-1); });
    await as("hefei.market-regulation.reviewer", async (page) => {
      await page.goto(`/desk/case/${number}`);
      await fill(page, { opinion: "disagree" });
      await press(page, page.locator("#act button[accesskey=s]"));
      await page.locator(".govuk-error-summary").waitFor(); // no reasons, no basis
      await act(page, number, { opinion: "disagree", basis: "《企业名称登记管理规定》第十一条", reasons: "名称与已登记的企业相同。" });
    }, { expect: [/status of 422/] });
    await as("hefei.market-regulation.head", (page) => act(page, number, { outcome: "issue" }));
    await hall.visit(view({ narrow: true }), async (page) => {
      await lane(page, world.counter, "税务登记", (cells) => cells.some((c) => c.includes("不再需要")) || cells.some((c) => c.includes("未到阶段")));
      await says(page, "不同意");
      await hall.fits(page);
      await hall.picture(page, "joint-refused-phone", { fullPage: true });
    });
  });

  it("a department does not come to the joint survey: it is told, deemed to agree, called so, and its late opinion undoes nothing", async () => {
    await as("enterprise.qinghe", async (page) => {
      await page.goto("/me/joint");
      const open = page.locator("main table tbody tr", { hasText: "用地和规划" }).filter({ hasText: "已收件" });
      world.land = (await open.first().locator("a").textContent()).trim();
    });
    await as("hefei.window.construction", async (page) => {
      await act(page, world.land, { outcome: "accept" });
      await act(page, world.land, { ...today("date"), hour: "9:30", place: "虚构路 8 号现场", agenda: "带审查要点" });
    });
    await hall.visit(plain, async (page) => { world.environment = (await lane(page, world.land, "环境影响", begun)).at(-1); });
    await as("hefei.ecology.reviewer", async (page) => {
      for (let i = 0; i < 60; i++) {
        await page.goto("/me/messages");
        if ((await page.locator("main", { hasText: "联合踏勘、会审、验收通知" }).count()) > 0) break;
        await page.waitForTimeout(500);
      }
      await says(page, "联合踏勘、会审、验收通知");
      await page.goto(`/desk/joint/case/${world.environment}`);
      await page.locator("a[href*='joint-summons']").first().click();
      await says(page, "虚构路 8 号现场", "9:30", "合肥市生态环境局");
      await hall.picture(page, "joint-summons", { fullPage: true });
    });
    // Papers are seen by those who need them: the department opens its own, another department nothing of it.
    let paper;
    await as("hefei.ecology.reviewer", async (page) => {
      await page.goto(`/desk/case/${world.environment}`);
      paper = await page.locator("main a[href*='/file/']").first().getAttribute("href");
      assert.equal((await page.request.get(paper)).status(), 200);
    });
    await as("hefei.market-regulation.reviewer", async (page) => {
      assert.equal((await page.request.get(paper)).status(), 403);
      await page.goto(`/desk/joint/case/${world.environment}`);
      await says(page, "您没有权限", "其他机关");
    }, { expect: [/status of 403/] });
    await as("hefei.window.construction", async (page) => {
      await page.goto(`/desk/joint/meeting/${world.land}`);
      await press(page, page.getByRole("button", { name: "保存到场情况和记录" }));
      await page.locator(".govuk-error-summary").waitFor();
      await hall.picture(page, "joint-meeting", { fullPage: true });
      await page.locator("[name=attend-1][value=yes]").check();
      await page.locator("[name=attend-2][value=no]").check();
      await page.locator("[name=minutes]").fill("现场查看，无不可克服的问题。");
      await press(page, page.getByRole("button", { name: "保存到场情况和记录" }));
      await says(page, "到场情况已登记");
    }, { expect: [/status of 422/] });
    await hall.visit(plain, async (page) => { await lane(page, world.land, "环境影响", (cells) => cells.some((c) => c.includes("默认同意（缺席）"))); });
    await as("hefei.ecology.reviewer", async (page) => {
      await page.goto(`/desk/joint/case/${world.environment}`);
      await page.locator("a[href*='joint-default']").first().click();
      await says(page, "默认通知书", "责任仍由贵机关承担");
      await act(page, world.environment, { opinion: "disagree", reasons: "承办人外出，没有安排代班；环境敏感区距离不足。" });
    });
    // A refusal that gives no reason counts as agreement, and is called so.
    let site;
    await hall.visit(plain, async (page) => { site = (await lane(page, world.land, "用地预审", begun)).at(-1); });
    await as("hefei.natural-resources.reviewer", (page) => act(page, site, { opinion: "bare" }));
    await as("hefei.natural-resources.head", (page) => act(page, site, { outcome: "issue" }));
    await as("hefei.natural-resources.reviewer", async (page) => {
      await page.goto(`/desk/joint/case/${site}`);
      await page.locator("a[href*='joint-default']").first().click();
      await says(page, "默认通知书", "没有说明理由");
    });
    await hall.visit(plain, async (page) => { await lane(page, world.land, "用地预审", (cells) => cells.some((c) => c.includes("默认同意（未说明理由）"))); });
    await hall.visit(how, async (page) => {
      const cells = await lane(page, world.land, "环境影响", (c) => c.some((x) => x.includes("默认同意")));
      assert.ok(cells.some((c) => c.includes("默认同意（缺席）")), "the default stands");
      await says(page, "只作记录，不改变默认", "1 个部门缺席");
      await hall.accessible(page);
      await hall.picture(page, "joint-lanes", { fullPage: true });
    });
  });

  it("who lets its term pass is deemed to agree; a supervisor sees the cards", async () => {
    await as("person.gu", async (page) => {
      await page.goto("/me/joint");
      const number = (await page.locator("main table tbody tr a").first().textContent()).trim();
      await hall.visit(plain, (visitor) => lane(visitor, number, "住房公积金", (cells) => cells.some((c) => c.includes("默认同意（超时）"))));
    });
    await as("hefei.supervisor", async (page) => {
      for (let i = 0; i < 60; i++) {
        await page.goto("/oversight/cards?rule=supervision.joint-default");
        if ((await page.locator("main table tbody tr", { hasText: "超时、缺席默认" }).count()) > 1) break;
        await page.waitForTimeout(500);
      }
      await says(page, "并联审批超时、缺席默认");
      await page.locator("main a[href^='/oversight/cards/']").first().click();
      await says(page, "并联审批超时、缺席默认");
      await hall.picture(page, "joint-card", { fullPage: true });
    });
  });

  it("a commitment that proves untrue and is not put right: the grant is revoked, and its letters hold no more", async () => {
    let check;
    await as("hefei.market-regulation.reviewer", async (page) => {
      await page.goto("/desk?q=HC");
      check = (await page.locator("main a[href*='/desk/case/HC']").first().getAttribute("href")).split("/").at(-1).split("?")[0];
      await act(page, check, { outcome: "untrue", findings: "现场没有该场所，请在期限内提供真实住所。" });
      await act(page, check, { outcome: "failed", findings: "逾期没有整改。" });
    });
    await as("hefei.market-regulation.head", (page) => act(page, check, { outcome: "revoke", reasons: "承诺不实且逾期未改，依法撤销。" }));
    await as("person.chen", async (page) => {
      await page.goto("/me/joint");
      const number = (await page.locator("main table tbody tr", { hasText: "准予" }).first().locator("a").textContent()).trim();
      await hall.visit(plain, (visitor) => lane(visitor, number, "企业设立登记", (cells) => cells.some((c) => c.includes("承诺不实，已撤销"))));
      await page.goto(`/me/joint/${number}`);
      await says(page, "不再有效");
      await page.locator("a[href*='joint-decision']").first().click();
      await says(page, "本文书已于", "经核查承诺不实");
      await hall.picture(page, "joint-revoked", { fullPage: true });
    });
  });

  it("the centre builds a joint matter of its own; what is wrong is named and stays on the page", () =>
    as("hefei.centre.manager", async (page) => {
      await page.goto("/desk/joint/matters");
      await fill(page, { key: "Farm Stay", "title-hans": "开办农家乐", "title-hant": "開辦農家樂", "title-en": "Open a farm stay", promised: "60" });
      await press(page, page.getByRole("button", { name: "发布", exact: true }));
      const wrong = await page.locator(".govuk-error-summary").innerText();
      assert.match(wrong, /小写字母/);
      assert.match(wrong, /至少两个/);
      assert.match(wrong, /1 到 45/);
      assert.equal(await page.locator("[name=title-en]").inputValue(), "Open a farm stay");
      const items = await page.locator("[name=item-0] option").evaluateAll((list) => list.map((o) => o.value).filter(Boolean));
      const two = ["soil-conservation-plan", "environmental-impact-table"].filter((key) => items.includes(key));
      assert.equal(two.length, 2, items.join(" "));
      await fill(page, { key: "farm-stay", promised: "20", "item-0": two[0], "item-1": two[1], "stage-1": "2", "meeting-2": "survey" });
      await page.locator("[name=serves][value=organisation]").check();
      await hall.picture(page, "joint-builder", { fullPage: true });
      await press(page, page.getByRole("button", { name: "发布", exact: true }));
      await says(page, "联合事项已保存", "开办农家乐");
      await page.goto(`/hall/joint/matter/farm-stay/${place}`);
      await says(page, "开办农家乐", "联合踏勘");
    }, { expect: [/status of 422/] }));
});
