// Every type of page, in three languages, on a desk and on a phone: no barrier that axe can find, nothing to be scrolled sideways.
import assert from "node:assert/strict";
import { readFile, readdir } from "node:fs/promises";
import { before, it } from "node:test";

import { unlookedAt } from "./barriers.mjs";
import { desk, languages, phone, view, withHall } from "./harness.mjs";
import { act, apply, begin, fillDraft, guideOf, today, water } from "./steps.mjs";

withHall("pages without barriers", (hall) => {
  // What the pages are about: a draft, a matter in each state that has pages of its own.
  const world = {};
  const plain = view({ scripts: false });
  const asEnterprise = (step) => hall.visit(plain, step, { as: hall.account("enterprise") });
  const asStaff = (name, step) => hall.visit(plain, step, { as: hall.staff(name) });

  before(async () => {
    await asEnterprise(async (page) => {
      world.item = (await guideOf(page)).split("/").at(-1);
      world.draft = await begin(page, water);
      await fillDraft(page, world.draft);
      world.received = (await apply(page)).number;
      world.lacking = (await apply(page)).number;
      const { number, code } = await apply(page);
      Object.assign(world, { decided: number, code });
      world.examined = (await apply(page)).number;
    });
    await asStaff("hefei.window.construction", async (page) => {
      await act(page, world.lacking, { outcome: "correct", missing: "请补交取水口位置图。" });
      await act(page, world.decided, { outcome: "accept" });
      await act(page, world.examined, { outcome: "accept" });
    });
    await asStaff("hefei.water.reviewer", async (page) => {
      await act(page, world.decided, { outcome: "approve", opinion: "符合条件，建议准予。" });
    });
    await asStaff("hefei.water.head", (page) => act(page, world.decided, { outcome: "grant" }));
    await asStaff("hefei.window.construction", (page) =>
      act(page, world.decided, { manner: "electronic", ...today("delivered") }));
    await asEnterprise(async (page) => {
      await page.goto(`/me/case/${world.lacking}`);
      world.task = await page.locator("main a[href*='/task/']").first().getAttribute("href");
      await page.goto(`/me/case/${world.decided}`);
      world.letter = await page.locator("main a[href$='decision-grant']").first().getAttribute("href");
      await page.goto("/intermediary/mine");
      world.service = await page.locator("main tr", { hasText: "等待启动抽取" }).first().locator("a").first().getAttribute("href");
      await page.goto(world.service);
      world.ordering = `/intermediary/order?case=${(await page.locator(".govuk-summary-list dd").first().innerText()).trim()}`;
    });
    await hall.visit(plain, async (page) => {
      await page.goto("/open/search?category=statutory.1.normative&body=hefei-water");
      world.record = await page.locator(".oh-records a[href^='/open/r/']").first().getAttribute("href");
      await page.goto("/cleanup");
      world.cleanup = await page.locator("main a[href^='/cleanup/rounds/']").first().getAttribute("href");
      await page.goto("/hall/joint/progress");
      world.lanes = await page.locator("main a[href^='/hall/joint/progress/LB']").first().getAttribute("href");
      await page.goto("/intermediary/agencies");
      world.agency = await page.locator("main a[href^='/intermediary/agencies/Z']").first().getAttribute("href");
      await page.goto("/intermediary/openings");
      world.opening = await page.locator("main a[href^='/intermediary/openings/ZJ']").first().getAttribute("href");
      await page.goto("/intermediary/draws");
      world.draw = await page.locator("main a[href^='/intermediary/draws/ZJ']").first().getAttribute("href");
      await page.goto("/open/requests");
      world.answered = await page.locator("main a[href^='/open/requests/YK']").first().getAttribute("href");
    });
    await hall.visit(plain, async (page) => {
      await page.goto("/intermediary/agency");
      world.sanctioned = await page.locator("main a[href^='/intermediary/agency/sanctions/']").first().getAttribute("href");
      await page.goto(world.sanctioned);
      world.plead = await page.locator("main a[href^='/intermediary/agency/lift']").first().getAttribute("href");
    }, { as: hall.staff("agency.dexin") });
    await hall.visit(plain, async (page) => {
      await page.goto("/desk/intermediary");
      world.lift = await page.locator("main a[href^='/desk/intermediary/lifts/']").first().getAttribute("href");
    }, { as: hall.staff("anhui.reform.head") });
    await asEnterprise(async (page) => {
      await page.goto("/me/joint");
      world.joint = await page.locator("main a[href^='/me/joint/LB']").first().getAttribute("href");
      await page.goto("/hall/joint/matter/construction-completion/340100000000");
      await page.locator("main form button[type=submit]").last().click();
      await page.locator(".govuk-task-list, .oh-task-list").first().waitFor();
      world.jointDraft = new URL(page.url()).pathname;
    });
    await asStaff("hefei.water.reviewer", async (page) => {
      await page.goto("/desk/charts");
      world.chart = await page.locator("main table a[href^='/desk/charts/']").first().getAttribute("href");
      await page.goto(world.chart);
      world.chartForm = await page.locator("main a[href*='/forms/']").first().getAttribute("href");
      world.live = await page.locator("main a[href^='/power/procedures/']").first().getAttribute("href");
    });
    await asStaff("anhui.reform.drafter", async (page) => {
      await page.goto("/desk/cleanup");
      world.round = await page.locator("main a[href^='/desk/cleanup/rounds/']").first().getAttribute("href");
      await page.goto(world.round);
      world.line = await page.locator("main a[href*='/lines/']").first().getAttribute("href");
    });
    await asStaff("hefei.health.head", async (page) => {
      await page.goto("/desk/cleanup");
      world.handover = await page.locator("main a[href^='/desk/cleanup/handovers/']").first().getAttribute("href");
    });
    await asStaff("liucheng.agent2", async (page) => {
      await page.goto("/agent");
      world.villager = await page.locator("main a[href^='/agent/villagers/']").first().getAttribute("href");
      world.handed = await page.locator("main a[href^='/agent/cases/']").first().getAttribute("href");
      world.handedSlip = world.handed.replace("cases", "slips");
      world.visit = await page.locator("main a[href^='/agent/visits/']").first().getAttribute("href");
      await page.goto(world.villager);
      world.application = await page.locator("main a[href*='/apply/']").first().getAttribute("href");
    });
    await asStaff("hefei.water.reviewer", async (page) => {
      await page.goto("/desk/records");
      world.publication = await page.locator("main a[href^='/desk/publications/']").first().getAttribute("href");
      await page.goto("/open/office");
      world.request = await page.locator("main a[href^='/open/office/YK']").first().getAttribute("href");
    });
    await hall.visit(plain, async (page) => {
      await page.goto("/oversight/cards?state=verifying");
      world.card = await page.locator("main a[href^='/oversight/cards/']").first().getAttribute("href");
      await page.goto("/oversight/orders");
      world.order = await page.locator("main a[href^='/oversight/orders/DB']").first().getAttribute("href");
    }, { as: hall.account("supervisor") });
  });

  // The types of pages by who sees them: the account, and the addresses once the world stands.
  const seen = [
    { who: "anybody", pages: () => [
      "/", "/d", "/d/340100000000", "/d/340100000000/bodies/hefei-water", "/log", "/verify", "/agent/offline/", "/centres", "/centres/hefei-centre", "/centres/measures", "/appointments",
      "/centres/hefei-centre/book?line=hefei-people", "/centres/hefei-centre/kiosk", "/centres/hefei-centre/screen", "/about", "/help", "/privacy", "/accessibility",
      "/hall/joint", "/hall/joint/progress", "/hall/joint/matter/enterprise-establishment/340100000000", world.lanes,
      "/intermediary", "/intermediary/services/water-assessment", "/intermediary/agencies", world.agency, "/intermediary/shares", "/intermediary/shares/hefei-water",
      "/intermediary/draws", world.draw, "/intermediary/openings", world.opening, "/intermediary/sanctions",
      "/cleanup", "/cleanup?q=%E9%A4%90%E9%A5%AE", "/cleanup/items/catering-licence", world.cleanup,
      "/hall", "/hall/find?q=%E5%8F%96%E6%B0%B4", "/hall/find?q=zzzz", "/hall/items/water-abstraction-permit", `/hall/items/${world.item}`,
      "/hall/ratings", "/hall/ratings?body=hefei-water", "/rate", "/complaints", "/complaints/new", "/complaints/new?body=hefei-water", "/complaints/register",
      `/track/${world.decided}/${world.code}/rate`, `/track/${world.decided}/${world.code}/rate?grade=2`,
      "/open", "/open/b/hefei-water", "/open/search?q=%E5%8F%96%E6%B0%B4", "/open/search?q=zzzz", "/open/duties", world.record, `${world.record}/diff`,
      "/open/apply", "/open/apply/hefei-water", "/open/requests", world.answered, "/open/catalogue", "/open/catalogue/hefei-water",
      "/power", "/power/bodies/hefei-water", "/power/items/water-abstraction-permit/versions", "/power/procedures/general-licence@1", `${world.live}/diff`,
      `/hall/apply/${world.item}`, "/hall/decisions", "/track", `/track/${world.decided}/${world.code}`, "/signin", "/register",
    ] },
    { who: "enterprise", account: () => hall.account("enterprise"), pages: () => [
      "/me/joint", world.joint, world.jointDraft, `${world.jointDraft}/answers`, `${world.jointDraft}/files`, `${world.jointDraft}/check`,
      "/me", world.draft, `${world.draft}/applicant`, `${world.draft}/form`, `${world.draft}/files`, `${world.draft}/check`,
      `/hall/apply/done/${world.received}`, `/me/case/${world.received}`, `/me/case/${world.received}/application`,
      `/me/case/${world.received}/files`, `/me/case/${world.received}/withdraw`, world.task, `/me/case/${world.decided}/rate`, world.letter,
      "/account", "/account/password", "/account/mandates", "/intermediary/mine", world.service, world.ordering,
    ] },
    { who: "an agency", account: () => hall.staff("agency.tezhong"), pages: () => ["/intermediary/agency", "/intermediary/apply"] },
    { who: "an agency that is admitted", account: () => hall.staff("agency.zhongce"), pages: () => ["/intermediary/agency/offers"] },
    { who: "an agency under a sanction", account: () => hall.staff("agency.dexin"), pages: () => ["/intermediary/agency", world.sanctioned, world.plead] },
    { who: "the head of the registrar", account: () => hall.staff("anhui.reform.head"), pages: () => [world.lift] },
    { who: "a registrar", account: () => hall.staff("anhui.reform.reviewer"), pages: () => ["/desk/intermediary", "/desk/intermediary/services/new"] },
    { who: "who proposes sanctions", account: () => hall.staff("anhui.supervisor"), pages: () => [world.agency.replace("/intermediary/", "/desk/intermediary/") + "/sanction"] },
    { who: "a person", account: () => hall.account("citizen"), pages: () => ["/me", "/me/searches", "/me/searches/new?q=%E6%B0%B4", "/me/complaints", "/me/messages", "/me/messages/settings", "/account", "/account/organisation"] },
    { who: "the window", account: () => hall.staff("hefei.window.construction"), pages: () => [
      "/desk", `/desk/case/${world.received}`, "/desk/search?number=1", "/desk/receive", `/desk/receive/${world.item}`, "/desk/joint/receive", "/desk/joint/receive/enterprise-establishment?part=bank",
      `/desk/joint/case/${world.joint.split("/").at(-1)}`, "/account",
    ] },
    { who: "a reviewer", account: () => hall.account("reviewer"), pages: () => ["/desk/records", "/desk/records/new", world.publication, "/desk", `/desk/case/${world.examined}`, `/desk/case/${world.decided}`,
      "/open/office", "/open/office/new", "/open/office/figures", "/open/office/catalogue", world.request] },
    { who: "who draws charts", account: () => hall.staff("hefei.agriculture.reviewer"), pages: () => ["/desk/charts", "/desk/charts/new"] },
    { who: "who draws a chart that is in force", account: () => hall.staff("hefei.water.disclosure"), pages: () => [world.chart, `${world.chart}/v/2`, `${world.chart}/v/2/diff`, world.chartForm] },
    { who: "who moves running cases", account: () => hall.staff("hefei.water.head"), pages: () => [`${world.chart}/move`] },
    { who: "a reform office", account: () => hall.staff("anhui.reform.drafter"), pages: () => ["/desk/cleanup", world.round, `${world.round}/choose`, world.line] },
    { who: "who took an item over", account: () => hall.staff("hefei.health.head"), pages: () => [world.handover] },
    { who: "a village agent", account: () => hall.staff("liucheng.agent2"), pages: () => ["/agent", "/agent/consents/new", "/agent/visits", world.villager, world.application, world.visit, world.handed, world.handedSlip] },
    { who: "the head of a township centre", account: () => hall.staff("liucheng.manager"), pages: () => ["/agent/township", "/agent/township/visits"] },
    { who: "a villager", account: () => hall.staff("person.zhou"), pages: () => ["/me/agents"] },
    { who: "who compiles reports", account: () => hall.staff("hefei.education.reviewer"), pages: () => {
      const report = new Date().getFullYear() - 1;
      return ["/open/reports", `/open/reports/hefei-water/${report}`, "/open/statistics", "/desk/reports", `/desk/reports/hefei-education/${report}`,
        `/desk/reports/hefei-education/${report}/cell/enforcement/penalty/decisions`];
    } },
    { who: "a supervisor", account: () => hall.account("supervisor"), pages: () => [
      "/desk/ratings", "/board", "/board/340100000000?period=year", "/board/340100000000?centre=hefei-centre", "/board/340100000000/cases",
      "/board/340100000000/cards", "/board/340100000000/time?period=year", "/board/340100000000/ratings?period=year",
      `/board/340100000000/case/${world.examined}`,
      "/me/messages", "/me/messages/settings",
      "/oversight", "/oversight/cards", world.card, "/oversight/orders", world.order, "/oversight/orders/new",
    ] },
    { who: "the manager of a centre", account: () => hall.account("manager"), pages: () => [
      "/desk/centre", "/desk/centre/hefei-centre", "/desk/centre/hefei-centre/plan", "/desk/measures", "/desk/joint/matters",
    ] },
    { who: "the system administrator", account: () => hall.account("system-admin"), pages: () => [
      "/admin", "/admin/items", "/admin/items/new", "/admin/items/water-abstraction-permit", "/admin/people", "/admin/people/hefei-water",
      "/admin/places/bodies", "/admin/places/bodies/import", "/admin/places/bodies/one?key=hefei-water", "/admin/coming", "/admin/calendars", "/admin/rules",
    ] },
    { who: "the audit administrator", account: () => hall.account("audit-admin"), pages: () => ["/admin", "/audit", "/audit/completeness", "/audit/erasures"] },
    { who: "the security administrator", account: () => hall.account("security-admin"), pages: () => [
      "/admin", "/admin/accounts", "/admin/accounts/new", "/admin/tokens", "/admin/policies", "/admin/erasures",
    ] },
  ];

  for (const { who, account, pages } of seen) {
    it(who, async () => {
      const barriers = [];
      const looked = new Map(); // by address: what was asked for its contrast on the desk
      for (const lang of languages) {
        await hall.visit(view({ lang }), async (page) => {
          const note = (where) => (error) => barriers.push(`${lang}${where}: ${error.message}`);
          for (const address of pages()) {
            if (!looked.has(address)) looked.set(address, new Set());
            await page.setViewportSize(desk);
            const answer = await page.goto(address);
            if (!answer.ok() && address !== "/desk/search?number=1") barriers.push(`${address} answers ${answer.status()}`);
            if ((await page.locator("html").getAttribute("lang")) !== lang) barriers.push(`${address} is not in ${lang}`);
            await hall.accessible(page, { looked: looked.get(address) }).catch(note(""));
            await page.setViewportSize(phone);
            // The phone shows the same elements in another order of lines: axe looks at it in one language, the width is measured in all.
            await (lang === "zh-Hans" ? hall.accessible(page) : hall.fits(page)).catch(note(` at ${phone.width} px`));
          }
        }, { as: account?.(), expect: [/status of 4\d\d/] });
      }
      assert.deepEqual(barriers, [], barriers.join("\n"));
    });
  }

  it("large type (长者模式)", () =>
    hall.visit(view({ narrow: true }), async (page) => {
      await page.goto("/hall?type=elder");
      for (const address of ["/", "/hall", `/hall/items/${world.item}`, "/track", `/track/${world.decided}/${world.code}`]) {
        await page.goto(address);
        await hall.accessible(page);
      }
    }));

  it("an address that does not exist", () =>
    hall.visit(view(), async (page) => {
      assert.equal((await page.goto("/no-such-page")).status(), 404);
      await hall.accessible(page);
    }, { expect: [/status of 404/] }));

  it("a form that came back with errors", () =>
    hall.visit(view({ narrow: true }), async (page) => {
      await page.goto(`${world.draft}/form`);
      await page.locator("[name=annual]").fill("很多");
      await page.locator("button[name=act][value=done]").click();
      await page.locator(".govuk-error-summary").waitFor();
      await hall.accessible(page);
    }, { get as() { return hall.account("enterprise"); }, expect: [/status of 422/] }));

  it("would notice a barrier", () =>
    hall.visit(view(), async (page) => {
      await page.goto("/track");
      await page.evaluate(() => document.querySelector("label[for=number]").remove());
      await assert.rejects(hall.accessible(page), /label: /);
    }));

  it("would notice too little contrast that one language alone shows", async () => {
    const looked = new Set();
    await hall.visit(view(), async (page) => {
      await page.goto("/track");
      await hall.accessible(page, { looked });
    });
    await hall.visit(view({ lang: "en" }), async (page) => {
      await page.goto("/track");
      const before = looked.size;
      await hall.accessible(page, { looked });
      assert.equal(looked.size, before, "both languages look the same");
      await page.evaluate(() => {
        const said = document.querySelector("main").appendChild(document.createElement("p"));
        said.textContent = "pale";
        said.style.color = "#ccc";
      });
      await assert.rejects(hall.accessible(page, { looked }), /color-contrast: /);
    });
  });

  it("styles ask for nothing that a look at another language leaves out", async () => {
    const dist = new URL("../internal/platform/web/assets/dist/", import.meta.url);
    for (const file of (await readdir(dist)).filter((name) => name.endsWith(".css"))) {
      assert.deepEqual(unlookedAt(await readFile(new URL(file, dist), "utf8")), [], file);
    }
    assert.equal(unlookedAt(".a:lang(en){color:#ccc}p[title=x]{color:#ccc}").length, 2);
  });
}, { concurrency: 2 });
