// A visit to a service centre: an appointment without an account, the machine at the door, the clerk's call, the screen, served.
import assert from "node:assert/strict";
import { it } from "node:test";

import { view, withHall } from "./harness.mjs";
import { press, says } from "./steps.mjs";

const centre = "/centres/hefei-centre";

withHall("a visit to a service centre", (hall) => {
  const clerk = () => hall.staff("hefei.window.construction");
  let code;
  let number;

  // book fills the form of an appointment in for today, in the first slot with a place.
  const book = async (page, { name, phone }) => {
    await page.goto(`${centre}/book?line=hefei-construction`);
    await page.locator(".oh-days li").first().locator("a, strong").first().click();
    await page.locator("[name=slot]:not([disabled])").first().check();
    await page.locator("[name=name]").fill(name);
    await page.locator("[name=phone]").fill(phone);
    await page.locator("main form button[type=submit]").click();
  };

  it("an appointment without an account, with mistakes first", () =>
    hall.visit(view(), async (page) => {
      await page.goto(centre);
      await says(page, "合肥市政务服务中心");
      await book(page, { name: "程小满", phone: "12345" });
      await page.locator(".govuk-error-summary").waitFor();
      await says(page, "手机号码应为 11 位数字");
      assert.equal(await page.locator("[name=name]").inputValue(), "程小满", "what was typed is kept");
      await hall.accessible(page);
      await page.locator("[name=phone]").fill("13800138001");
      await page.locator("main form button[type=submit]").click();
      await page.waitForURL(/\/appointments\/[A-Z0-9]{10}$/);
      code = page.url().split("/").at(-1);
      await says(page, "已预约");
      await hall.picture(page, "centre-appointment");
    }, { expect: [/status of 422/] }));

  it("the machine at the door, the call and the screen", () =>
    hall.visit(view(), async (screen) => {
      await screen.goto(`${centre}/screen`);
      await hall.visit(view(), async (page) => {
        await page.goto(`${centre}/kiosk`);
        await hall.picture(page, "centre-kiosk");
        await page.locator("[name=code]").fill(`${hall.url}/appointments/${code}`);
        await page.keyboard.press("Enter");
        await page.waitForURL(/\/slip$/);
        number = (await page.locator(".oh-slip__number").textContent()).trim();
        await hall.picture(page, "centre-slip");
      });
      await hall.visit(view(), async (page) => {
        await page.goto("/desk/counter");
        await page.waitForURL(/\/desk\/counter\/hefei-construction$/);
        // Somebody is being served; with the appointment, ours is among the next.
        await press(page, page.getByRole("button", { name: "办理完毕" }));
        for (;;) {
          await press(page, page.getByRole("button", { name: "叫下一号" }));
          const called = (await page.locator(".oh-number-big").textContent()).trim();
          if (called === number) break;
          await press(page, page.getByRole("button", { name: "过号" })); // those of the demo do not come
        }
        await hall.picture(page, "centre-counter");
        await screen.locator(".oh-screen__new .oh-screen__number").getByText(number).waitFor();
        assert.match(await screen.locator("#screen-say").textContent(), new RegExp(number), "the call is said to screen readers");
        assert.equal(await screen.getByText("程小满").count(), 0, "the screen shows no name");
        await hall.picture(screen, "centre-screen");
        await hall.accessible(screen);
        await press(page, page.getByRole("button", { name: "开始办理" }));
        await press(page, page.getByRole("button", { name: "办理完毕" }));
        await page.getByText("窗口空闲").waitFor();
      }, { as: clerk() });
    }));

  it("after the visit the slip leads to its rating", () =>
    hall.visit(view({ scripts: false, narrow: true }), async (page) => {
      await page.goto(`/appointments/${code}`);
      await page.getByRole("link", { name: "查看排队号" }).click();
      await says(page, "已办理");
      await page.getByRole("link", { name: "评价本次服务" }).click();
      await page.waitForURL(/\/rate\//);
    }));

  it("two people want the last place, without scripts", async () => {
    // All places of a slot of the last day are taken but one; two people have the page open.
    const open = async (act) => hall.visit(view({ scripts: false }), act, { expect: [/status of 422/] });
    await open(async (first) => {
      await open(async (second) => {
        for (const page of [first, second]) {
          await page.goto(`${centre}/book?line=hefei-people`);
          await page.locator(".oh-days li").last().locator("a").click();
        }
        const slots = await first.locator("[name=slot]:not([disabled])").evaluateAll((all) => all.map((one) => one.value));
        const slot = slots.at(-1);
        const take = async (page, phone) => {
          await page.locator(`[name=slot][value="${slot}"]`).check();
          await page.locator("[name=name]").fill("许立夏");
          await page.locator("[name=phone]").fill(phone);
          await page.locator("main form button[type=submit]").click();
        };
        let phone = 13900139000;
        for (let full = false; !full;) {
          await open(async (page) => {
            await page.goto(first.url());
            await take(page, String(phone++));
            await page.goto(first.url());
            const hint = await page.locator(`.govuk-radios__item:has([value="${slot}"]) .govuk-hint`).textContent();
            full = /1$/.test(hint.trim()) || await page.locator(`[name=slot][value="${slot}"]`).isDisabled();
          });
        }
        await take(first, "13700137001");
        await says(first, "已预约");
        await take(second, "13700137002");
        await says(second, "这个时段刚刚约满");
        assert.equal(await second.locator("[name=name]").inputValue(), "许立夏", "what was typed is kept");
      });
    });
  });

  it("the head takes authority back, by keyboard, after a preview", () =>
    hall.visit(view(), async (page) => {
      await page.goto("/desk/authority/change");
      await page.locator("[name=kind][value=accept]").focus();
      await page.keyboard.press("Space");
      await page.locator("[name=held][value=no]").focus();
      await page.keyboard.press("Space");
      await page.locator("[name=basis]").fill("皖水办〔2026〕9 号");
      await page.keyboard.press("Enter");
      await says(page, "尚未保存");
      await hall.accessible(page);
      await hall.picture(page, "centre-authority");
      await page.getByRole("button", { name: "确认并保存" }).click();
      await says(page, "皖水办〔2026〕9 号");
    }, { as: hall.staff("hefei.water.head") }));
});
