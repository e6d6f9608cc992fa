// Intermediary services: an enterprise orders from within a case by draw, verifies it, and cannot have it repeated; the agency confirms and
// delivers; the clerk returns it and grades it, and it stands in the case; agencies bid under seal; supervision has one sanctioned.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { writeFile } from "node:fs/promises";
import path from "node:path";
import { it } from "node:test";
import { promisify } from "node:util";

import { languages, view, withHall } from "./harness.mjs";
import { arrives, files } from "./steps.mjs";

withHall("intermediary services", (hall) => {
  const plain = view({ scripts: false });
  const world = {};
  const firm = () => hall.account("enterprise");
  const send = (page) => page.locator("section.oh-desk__act button[type=submit], main form button[type=submit]").first().click();

  // until looks at an address again and again until it says something: what follows by itself takes a moment.
  const until = async (page, address, text) => {
    for (let i = 0; i < 60; i++) {
      await page.goto(address);
      if (await page.locator("main", { hasText: text }).count()) return;
      await page.waitForTimeout(300);
    }
    assert.fail(`${address} does not say ${text}`);
  };

  it("everybody reads the catalogue, the register, shares and sanctions", async () => {
    for (const lang of languages) {
      await hall.visit(view({ lang }), async (page) => {
        await page.goto("/intermediary");
        await page.locator("#flagged").waitFor();
        await hall.picture(page, `intermediary-${lang}`, { fullPage: true });
        await page.goto("/intermediary/shares/hefei-water");
        await page.locator("main .govuk-tag").first().waitFor();
        await hall.picture(page, `intermediary-shares-${lang}`, { fullPage: true });
      });
    }
    await hall.visit(view({ narrow: true }), async (page) => {
      for (const address of ["/intermediary", "/intermediary/services/water-assessment", "/intermediary/shares", "/intermediary/sanctions", "/intermediary/agencies", "/intermediary/draws"]) {
        await page.goto(address);
        await page.locator("main h1").waitFor();
        await hall.fits(page);
      }
      await hall.picture(page, "intermediary-agencies-phone", { fullPage: true });
    });
  });

  it("everybody reads what was bid once it was opened, and versions of what agencies promise", async () => {
    for (const how of [...languages.map((lang) => view({ lang })), view({ narrow: true, scripts: false })]) {
      await hall.visit(how, async (page) => {
        await page.goto("/intermediary/openings");
        const first = page.locator("main a[href^='/intermediary/openings/ZJ']").first();
        await first.waitFor();
        await hall.fits(page);
        await first.click();
        await page.locator("main .govuk-inset-text").waitFor();
        await hall.fits(page);
        await hall.picture(page, `intermediary-opening-${how.narrow ? "phone" : how.lang}`, { fullPage: true });
        await page.goto("/intermediary/services/water-assessment");
        await page.locator("main a[href^='/intermediary/agencies/']", { hasText: "千水" }).first().click();
        await page.locator("main table", { hasText: "42,750.00" }).first().waitFor(); // of the first version
        await hall.fits(page);
        await hall.picture(page, `intermediary-versions-${how.narrow ? "phone" : how.lang}`, { fullPage: true });
      });
    }
  });

  it("an agency changes a price; mistakes are told and nothing is lost", () =>
    hall.visit(plain, async (page) => {
      await page.goto("/intermediary/agency");
      await page.locator("main a[href='/intermediary/agency/offers']").click();
      const price = page.locator("[name=fen-hygiene-test]");
      await price.fill("99999999");
      await page.locator("[name=promise]").fill("逾期一日减价百分之三");
      await page.locator("main form button[type=submit]").click();
      await page.locator(".govuk-error-summary").waitFor();
      assert.equal(await page.locator("[name=promise]").inputValue(), "逾期一日减价百分之三");
      await hall.picture(page, "intermediary-amend-wrong", { fullPage: true });
      await price.fill("2999");
      await page.locator("main form button[type=submit]").click();
      await page.locator("main a[href='/intermediary/agency/offers']").waitFor();
      await page.locator("main", { hasText: "逾期一日减价百分之三" }).waitFor();
      await page.locator("main", { hasText: "2,999.00" }).first().waitFor();
    }, { as: hall.staff("agency.zhongce"), expect: [/status of 422/] }));

  it("an enterprise has an agency drawn from within its case; mistakes are told", () =>
    hall.visit(plain, async (page) => {
      await page.goto("/intermediary/mine");
      const orders = await page.locator("main a[href^='/intermediary/orders/']").evaluateAll((list) => list.map((a) => a.getAttribute("href")));
      assert.ok(orders.length > 0);
      // A draw of the demo that waits for its applicant.
      await page.locator("main tr", { hasText: "等待启动抽取" }).first().locator("a").first().click();
      world.order = new URL(page.url()).pathname;
      world.number = world.order.split("/").pop();
      await page.locator("[name=words]").fill("六六六");
      await send(page);
      await page.locator(".govuk-error-summary").waitFor();
      assert.equal(await page.locator("[name=words]").inputValue(), "六六六");
      await hall.picture(page, "intermediary-order-wrong", { fullPage: true });
      await page.locator("[name=words]").fill("314159");
      await send(page);
      await until(page, world.order, "等待机构确认");
      world.agency = await page.locator("main a[href^='/intermediary/agencies/']").first().innerText();
      await hall.picture(page, "intermediary-order", { fullPage: true });
    }, { as: firm(), expect: [/status of 422/] }));

  it("anybody verifies the draw on the page and with the command", async () => {
    await hall.visit(view(), async (page) => {
      await until(page, `/intermediary/draws/${world.number}`, "验证通过");
      await page.getByText("314159").waitFor();
      await hall.picture(page, "intermediary-draw", { fullPage: true });
      await page.setViewportSize({ width: 320, height: 640 });
      await hall.fits(page);
      const proof = await (await page.request.get(`/intermediary/draws/${world.number}/proof.json`)).text();
      const file = path.join(hall.server.data, "draw.json");
      await writeFile(file, proof);
      const line = await page.locator("#command").innerText();
      world.key = line.split("--key ")[1].trim();
      const run = promisify(execFile);
      const { stdout } = await run(process.env.OPENHALL_BIN ?? "../bin/openhall", ["verify", "draw", file, "--key", world.key]);
      assert.match(stdout, /draw verified/);
      const bent = JSON.parse(proof);
      bent.winner = bent.candidates.find((c) => c.number !== bent.winner).number;
      await writeFile(file, JSON.stringify(bent));
      await assert.rejects(run(process.env.OPENHALL_BIN ?? "../bin/openhall", ["verify", "draw", file, "--key", world.key]), /does not hold/);
    });
  });

  it("a draw is never repeated: the attempt is refused and recorded", () =>
    hall.visit(plain, async (page) => {
      await page.goto(world.order);
      const answer = await page.request.post(`${world.order}/start`, { form: { key: "again", words: "1" }, headers: { "Sec-Fetch-Site": "same-origin" } });
      assert.equal(answer.status(), 422);
      assert.match(await answer.text(), /不能重新抽取/);
    }, { as: firm() }));

  it("the agency confirms and delivers, the clerk returns it and grades it, and it stands in the case", async () => {
    const logins = { 合肥正衡水利咨询有限公司: "zhengheng", 安徽淮禾水土规划设计有限公司: "huaihe", 巢湖润泽工程咨询有限公司: "chaohu", 安徽千水环境工程有限公司: "qianshui",
      合肥绿境环保科技有限公司: "lvjing", 合肥安和门诊部有限公司: "anhe", 合肥康宁体检门诊部有限公司: "kangning", 合肥健民体检中心有限公司: "jiankang" };
    world.login = `agency.${logins[world.agency]}`;
    const deliver = () => hall.visit(plain, async (page) => {
      await page.goto("/intermediary/agency");
      await page.locator(`main a[href='${world.order}']`).click();
      if (await page.locator("[name=outcome][value=confirm]").count()) {
        await page.locator("[name=outcome][value=confirm]").check();
        await send(page);
        await page.locator(".govuk-notification-banner").waitFor();
        await page.getByText("中介服务合同").waitFor();
      }
      await send(page);
      await page.locator(".govuk-error-summary", { hasText: "请上传成果文件" }).waitFor();
      await page.locator("[name=files]").setInputFiles(files.pdf);
      await send(page);
      await page.locator("main .govuk-tag", { hasText: "等待核验" }).first().waitFor();
      await hall.picture(page, "intermediary-delivered", { fullPage: true });
    }, { as: hall.staff(world.login), expect: [/status of 422/] });
    await deliver();
    await hall.visit(plain, async (page) => {
      await page.goto(world.order);
      world.body = await page.locator("main a[href^='/intermediary/services/']").first().innerText();
    }, { as: firm() });
    const clerk = world.body.includes("食品") ? "hefei.market-regulation.reviewer" : "hefei.water.reviewer";
    const grade = (outcome, remark, then) => hall.visit(plain, async (page) => {
      await page.goto("/desk/intermediary");
      await page.locator(`main a[href='${world.order}']`).click();
      await page.locator(`[name=outcome][value=${outcome}]`).check();
      if (outcome === "return") {
        await send(page);
        await page.locator(".govuk-error-summary").waitFor();
        await page.locator("[name=outcome][value=return]").check();
      }
      if (remark) await page.locator("[name=remark]").fill(remark);
      await hall.picture(page, `intermediary-grade-${outcome}`, { fullPage: true });
      await send(page);
      await page.locator("main .govuk-tag", { hasText: then }).first().waitFor();
    }, { as: hall.staff(clerk), expect: [/status of 422/] });
    await grade("return", "缺少取水口坐标", "履约中");
    await deliver();
    await grade("A", "", "成果合格");
    await hall.visit(plain, async (page) => {
      await until(page, world.order, "已经作为材料放入办件");
      await hall.picture(page, "intermediary-accepted", { fullPage: true });
      await page.locator(`main a[href='/me/case/${world.number}/rate']`).click();
      await arrives(page, `/me/case/${world.number}/rate`);
    }, { as: firm() });
  });

  it("the enterprise calls for bids; an agency bids under seal, and wrong amounts are told", async () => {
    await hall.visit(plain, async (page) => {
      await page.goto(world.order);
      const number = (await page.locator(".govuk-summary-list dd").first().innerText()).trim();
      await page.goto(`/intermediary/order?case=${number}`);
      const form = page.locator("main form").filter({ has: page.locator("[name=method]") }).first();
      await form.locator("button[type=submit]").click();
      await page.locator(".govuk-error-summary").waitFor();
      await form.locator("[name=method][value=bids]").check();
      await form.locator("button[type=submit]").click();
      await arrives(page, "/intermediary/orders");
      world.call = new URL(page.url()).pathname.replace("/orders/", "/bids/");
      await hall.picture(page, "intermediary-call", { fullPage: true });
    }, { as: firm(), expect: [/status of 422/] });
    await hall.visit(plain, async (page) => {
      await page.goto("/intermediary/agency");
      await page.locator(`main a[href='${world.call}']`).click();
      await page.locator("[name=fen]").fill("-5");
      await page.locator("[name=days]").fill("很快");
      await page.locator("main form button[type=submit]").last().click();
      await page.locator(".govuk-error-summary").waitFor();
      assert.equal(await page.locator("[name=days]").inputValue(), "很快");
      await page.locator("[name=fen]").fill("80.50");
      await page.locator("[name=days]").fill("1");
      await page.locator("main form button[type=submit]").last().click();
      await page.getByText("您的密封报价").waitFor();
      await hall.picture(page, "intermediary-bid", { fullPage: true });
    }, { as: hall.staff(world.login), expect: [/status of 422/] });
  });

  it("supervision proposes a sanction, the agency is heard, the head decides, everybody sees it", async () => {
    await hall.visit(plain, async (page) => {
      await page.goto("/desk/intermediary");
      await page.locator("main tr", { hasText: "合肥筑图设计审查有限公司" }).locator("a[href$='/sanction']").click();
      await page.locator("[name=kind][value=suspension]").check();
      await page.locator("[name=months]").fill("99");
      await page.locator("[name=reason]").fill("审查意见与图纸不符");
      await page.locator("[name=basis]").fill("入驻协议第七条");
      await page.locator("main form button[type=submit]").last().click();
      await page.locator(".govuk-error-summary", { hasText: "1 至 36 个月" }).waitFor();
      await page.locator("[name=months]").fill("3");
      await page.locator("main form button[type=submit]").last().click();
      await page.getByText("等待机构陈述").first().waitFor();
      world.sanction = new URL(page.url()).pathname;
    }, { as: hall.staff("anhui.supervisor"), expect: [/status of 422/] });
    await hall.visit(plain, async (page) => {
      await page.goto(world.sanction.replace("/desk/intermediary/", "/intermediary/agency/"));
      await page.locator("[name=statement]").fill("已经逐套复核并更正。");
      await page.locator("main form button[type=submit]").last().click();
      await arrives(page, "/intermediary/agency");
    }, { as: hall.staff("agency.zhutu") });
    await hall.visit(plain, async (page) => {
      await page.goto(world.sanction);
      await page.getByText("已经逐套复核并更正。").waitFor();
      await page.locator("[name=outcome][value=impose]").check();
      await send(page);
      await page.getByText("已惩戒").first().waitFor();
      await hall.picture(page, "intermediary-sanction", { fullPage: true });
    }, { as: hall.staff("anhui.reform.head") });
    await hall.visit(view(), async (page) => {
      await page.goto("/intermediary/sanctions");
      await page.getByText("审查意见与图纸不符").waitFor();
    });
  });

  it("the agency asks that it is lifted, the head decides with a reason, everybody reads both", async () => {
    await hall.visit(plain, async (page) => {
      await page.goto(world.sanction.replace("/desk/intermediary/", "/intermediary/agency/"));
      await page.locator("main a[href^='/intermediary/agency/lift']").click();
      await page.locator("[name=statement]").fill("已经重新审查全部图纸。");
      await page.locator("main form button[type=submit]").last().click();
      await page.locator(".govuk-error-summary", { hasText: "请选择理由" }).waitFor();
      assert.equal(await page.locator("[name=statement]").inputValue(), "已经重新审查全部图纸。");
      await page.locator("[name=ground][value=repair]").check();
      await hall.picture(page, "intermediary-plead", { fullPage: true });
      await page.locator("main form button[type=submit]").last().click();
      await arrives(page, "/intermediary/agency");
    }, { as: hall.staff("agency.zhutu"), expect: [/status of 422/] });
    await hall.visit(plain, async (page) => {
      await page.goto("/desk/intermediary");
      await page.locator("main tr", { hasText: "合肥筑图设计审查有限公司" }).locator("a[href^='/desk/intermediary/lifts/']").click();
      await page.getByText("已经重新审查全部图纸。").waitFor();
      await page.locator("[name=outcome][value=lift]").check();
      await page.locator("[name=reason]").fill("复查合格，影响已经消除");
      await send(page);
      await page.getByText("已解除").first().waitFor();
      await hall.picture(page, "intermediary-lift", { fullPage: true });
    }, { as: hall.staff("anhui.reform.head") });
    await hall.visit(view(), async (page) => {
      await page.goto("/intermediary/sanctions");
      await page.getByText("复查合格，影响已经消除").waitFor();
    });
  });

  it("the enterprise cancels the call before it is opened, and is led to a new order", () =>
    hall.visit(plain, async (page) => {
      await page.goto(world.call.replace("/bids/", "/orders/"));
      await page.locator("main details summary", { hasText: "撤销订单" }).click();
      await page.locator("main form[action$='/cancel'] button").click();
      await page.locator("main .govuk-tag", { hasText: "已撤销" }).first().waitFor();
      await page.getByRole("link", { name: "为这个办件重新下单" }).waitFor();
    }, { as: firm() }));
});
