// Who one is: staff add a second factor and sign in with it, with recovery codes, without scripts, with a passkey; they see where they are
// signed in; guesses are slowed down; the security administrator helps whoever has lost their device.
import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { it } from "node:test";

import { desk, languages, phone, view, withHall } from "./harness.mjs";
import { arrives, says, signIn } from "./steps.mjs";

// code is what an authenticator shows for a key, so many steps from now (RFC 6238).
function code(secret, steps = 0) {
  const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
  const bits = [...secret.replaceAll(/\s/g, "")].map((c) => alphabet.indexOf(c).toString(2).padStart(5, "0")).join("");
  const key = Buffer.from(bits.match(/.{8}/g).map((b) => parseInt(b, 2)));
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(Math.floor(Date.now() / 30_000) + steps));
  const mac = createHmac("sha1", key).update(counter).digest();
  const at = mac.at(-1) & 15;
  return String((mac.readUInt32BE(at) & 0x7fffffff) % 1_000_000).padStart(6, "0");
}

// calm waits until a time step has just begun, so that the codes of a journey belong to the steps that it means.
async function calm() {
  const left = 30_000 - (Date.now() % 30_000);
  if (left < 12_000) await new Promise((resolve) => setTimeout(resolve, left + 100));
}

// enrol adds an authenticator, from the page of second factors on, with the code of the step before: those of this step and the next
// are left for signing in.
async function enrol(page, hall, picture) {
  await calm();
  await page.locator("main a[href^='/account/factors/totp']").click();
  const secret = await page.locator("#secret").innerText();
  if (picture) await hall.picture(page, picture, { fullPage: true });
  await page.locator("[name=name]").fill("我的手机");
  await page.locator("[name=code]").fill(code(secret, -1));
  await page.locator("main form button[type=submit]").click();
  const codes = await page.locator("#codes li").allInnerTexts();
  assert.equal(codes.length, 10);
  return { secret, codes };
}

// password does the first step of signing in.
async function password(page, account, next = "/account") {
  await page.goto(`/signin?next=${encodeURIComponent(next)}`);
  await page.locator("[name=login]").fill(account.name);
  await page.locator("[name=password]").fill(account.password);
  await page.getByRole("button", { name: "登录", exact: true }).click();
}

async function second(page, digits) {
  await page.locator("[name=code]").fill(digits);
  await page.getByRole("button", { name: "验证", exact: true }).click();
}

withHall("who one is", (hall) => {
  const how = view();
  const expect = [/status of 4(22|29|03)/];
  const reviewer = () => hall.staff("hefei.water.reviewer");
  const world = {};

  it("staff are led to add a second factor before anything else, and sign in with it", () =>
    hall.visit(how, async (page) => {
      await signIn(page, reviewer(), "/desk");
      assert.equal(new URL(page.url()).pathname, "/account/factors");
      await says(page, "工作人员需要两步验证");
      await page.goto("/desk");
      assert.equal(new URL(page.url()).pathname, "/account/factors", "no way around");
      await hall.accessible(page);
      await hall.picture(page, "factors");
      Object.assign(world, await enrol(page, hall, "totp"));
      await hall.accessible(page);
      await hall.picture(page, "recovery-codes");
      await page.getByRole("link", { name: "已经保存好，继续" }).or(page.getByRole("button", { name: "已经保存好，继续" })).click();
      await arrives(page, "/desk");
      await page.goto("/account");
      await page.getByRole("button", { name: "退出" }).last().click();

      await password(page, reviewer(), "/desk");
      await says(page, "第二步验证");
      await hall.accessible(page);
      await hall.picture(page, "second-step");
      await second(page, "000000");
      await page.locator(".govuk-error-summary").waitFor();
      await says(page, "验证码不正确");
      await second(page, code(world.secret, -1));
      await says(page, "验证码不正确");
      world.used = code(world.secret);
      await second(page, world.used);
      await arrives(page, "/desk");
    }, { expect }));

  it("a code counts once; a recovery code lets in, also without scripts; other devices are ended", () =>
    hall.visit(how, async (page) => {
      await password(page, reviewer(), "/account/sessions");
      await second(page, world.used);
      await says(page, "验证码不正确");
      await second(page, world.codes[0].toLowerCase());
      await arrives(page, "/account/sessions");
      await says(page, "这台设备", "电脑，Chrome 浏览器");
      await hall.visit(view({ scripts: false }), async (other) => {
        await password(other, reviewer(), "/desk");
        await second(other, world.codes[1]);
        await arrives(other, "/desk");
        await page.reload();
        await hall.accessible(page);
        await hall.picture(page, "sessions");
        await page.getByRole("button", { name: "退出其他全部设备" }).click();
        await says(page, "其他设备已全部退出");
        await other.goto("/desk");
        assert.equal(new URL(other.url()).pathname, "/signin", "the other device is signed out");
        await password(other, reviewer(), "/desk");
        await second(other, world.codes[1]);
        await says(other, "验证码不正确");
      }, { expect });
    }, { expect }));

  it("guesses are slowed down, and the same for accounts that don't exist", () =>
    hall.visit(how, async (page) => {
      for (const name of ["hefei.water.head", "nobody.at.all"]) {
        // Waits double from one second on: sooner or later a guess comes too early, however slow the machine is.
        for (let i = 0; i < 9; i++) {
          await password(page, { name, password: "not-the-password-1" });
          if ((await page.locator(".govuk-error-summary").innerText()).includes("密码错误次数过多")) break;
        }
        await says(page, "密码错误次数过多", "账号锁定 30 分钟", "还需等待");
      }
      await page.locator("[name=password]").fill("look at me");
      await page.locator("[data-reveal]").click();
      assert.equal(await page.locator("[name=password]").getAttribute("type"), "text");
      await page.locator("[data-reveal]").click();
      assert.equal(await page.locator("[name=password]").getAttribute("type"), "password");
      await hall.accessible(page);
    }, { expect }));

  it("the security administrator resets the second factors of whoever has lost them", () =>
    hall.visit(how, async (page) => {
      await signIn(page, hall.account("security-admin"), "/admin/accounts");
      await enrol(page, hall);
      await page.goto("/admin/accounts");
      await page.locator("main [name=login]").fill(reviewer().name);
      await page.getByRole("button", { name: "查找" }).click();
      await says(page, "验证器应用", "台设备");
      await hall.accessible(page);
      await page.getByRole("button", { name: "重置两步验证" }).click();
      await says(page, "两步验证已重置");
      await hall.visit(how, async (other) => {
        await signIn(other, reviewer(), "/desk");
        await says(other, "工作人员需要两步验证");
      });
    }, { expect }));

  // Browsers know no passkeys on an address, so this one comes to localhost.
  it("a passkey signs in alone", async () => {
    const base = hall.url.replace("127.0.0.1", "localhost");
    const context = await hall.browser.newContext({ baseURL: base, locale: "zh-Hans", viewport: desk });
    context.setDefaultTimeout(45_000);
    const page = await context.newPage();
    const errors = [];
    page.on("console", (message) => message.type() === "error" && errors.push(message.text()));
    const devtools = await context.newCDPSession(page);
    await devtools.send("WebAuthn.enable");
    const { authenticatorId } = await devtools.send("WebAuthn.addVirtualAuthenticator", {
      options: { protocol: "ctap2", transport: "internal", hasResidentKey: true, hasUserVerification: true, isUserVerified: true, automaticPresenceSimulation: true },
    });
    try {
      await signIn(page, hall.account("supervisor"), "/board");
      await page.locator("[name=name]").fill("办公电脑");
      await hall.picture(page, "passkey", { fullPage: true });
      await page.getByRole("button", { name: "添加通行密钥" }).click();
      await page.locator("#codes li").first().waitFor();
      await page.getByText("已经保存好，继续").click();
      await arrives(page, "/board");
      await page.goto("/account");
      await page.getByRole("button", { name: "退出" }).last().click();
      await page.goto("/signin?next=/board");
      await hall.picture(page, "sign-in");
      await page.getByRole("button", { name: "用通行密钥登录" }).click();
      await arrives(page, "/board");
      await page.goto("/account/factors");
      await says(page, "办公电脑", "通行密钥");
      const { credentials } = await devtools.send("WebAuthn.getCredentials", { authenticatorId });
      assert.equal(credentials.length, 1);
      assert.equal(credentials[0].rpId, "localhost");

      // As the second step, and not when the user is not verified.
      await page.goto("/account");
      await page.getByRole("button", { name: "退出" }).last().click();
      await password(page, hall.account("supervisor"), "/board");
      await devtools.send("WebAuthn.setUserVerified", { authenticatorId, isUserVerified: false });
      await page.getByRole("button", { name: "使用通行密钥" }).click();
      await says(page, "没有得到通行密钥");
      await devtools.send("WebAuthn.setUserVerified", { authenticatorId, isUserVerified: true });
      await page.getByRole("button", { name: "使用通行密钥" }).click();
      await arrives(page, "/board");
      assert.deepEqual(errors, []);
    } finally {
      await context.close();
    }
  });

  it("every page of it in every language, also on a phone", () =>
    hall.visit(how, async (page) => {
      await signIn(page, hall.account("citizen"));
      await page.goto("/account/factors");
      await enrol(page, hall);
      const barriers = [];
      for (const lang of languages) {
        for (const address of ["/account", "/account/factors", "/account/factors/totp", "/account/sessions", "/account/confirm?next=/account", "/account/password"]) {
          for (const size of [desk, phone]) {
            await page.setViewportSize(size);
            await page.goto(`${address}${address.includes("?") ? "&" : "?"}lang=${lang}`);
            await hall.accessible(page).catch((error) => barriers.push(`${lang}: ${error.message}`));
          }
        }
      }
      assert.deepEqual(barriers, [], barriers.join("\n"));
    }));
}, { args: ["--second-factor", "required"] });
