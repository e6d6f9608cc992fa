// What journeys do in the off-line app, step by step.
import assert from "node:assert/strict";

import { files } from "./steps.mjs";

/** idNumber makes an identity number of an invented person: 15 digits, the rest of the sequence, and the check sign (GB 11643). */
export function idNumber(head, last) {
  const digits = head + String(last).padStart(17 - head.length, "0");
  const sum = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2].reduce((total, weight, i) => total + weight * Number(digits[i]), 0);
  return digits + "10X98765432"[sum % 11];
}

/** asStaff asks the hall for a page, or sends a form, as a member of staff. */
async function asStaff(hall, account, address, form) {
  const { cookies: [cookie] } = await hall.session(account);
  const headers = { Cookie: `${cookie.name}=${cookie.value}`, Origin: hall.url, "Sec-Fetch-Site": "same-origin" };
  return fetch(hall.url + address, { headers, redirect: "manual", ...(form ? { method: "POST", body: new URLSearchParams(form) } : {}) });
}

/** endConsent ends a consent in another place than the app. */
export async function endConsent(hall, account, consent) {
  const answer = await asStaff(hall, account, `/agent/villagers/${consent}/end`, { reason: "村民不再委托", key: crypto.randomUUID() });
  assert.equal(answer.status, 303, "the consent is ended");
}

/** handedIn is how many applications of an agent the head of the township centre sees for this month. */
export async function handedIn(hall, name) {
  const page = await (await asStaff(hall, hall.staff("liucheng.manager"), "/agent/township")).text();
  const row = page.split("<tr").find((one) => one.includes(name) && (one.match(/<td/g) ?? []).length >= 4);
  assert.ok(row, `the figures name ${name}`);
  const cells = [...row.matchAll(/<t[hd][^>]*>\s*([^<]*?)\s*</g)].map((found) => found[1]);
  return Number(cells[3]);
}

/** takeConsent fills the form of a consent in and hands it on. */
export async function takeConsent(page, { name, id }) {
  await page.locator("#name").fill(name);
  await page.locator("#id").fill(id);
  await page.locator("#phone").fill("13805510000");
  await page.locator("#relation").selectOption("self");
  if (await page.locator("#village").count()) await page.locator("#village").selectOption({ index: 1 });
  await page.locator("#how-1").check(); // spoken
  await page.locator("#witness").fill("李会计");
  await page.locator("#seen").check();
  await page.locator("form button[type=submit]").click();
}

/** fillForm answers every question of a form that is empty, and adds every paper. */
export async function fillForm(page, { name = "周大山", id = idNumber("340123196207070", 3) }) {
  const form = page.locator("form.oh-offline__form");
  for (const field of await form.locator("[data-field]").all()) {
    if (await field.isHidden() || (await field.locator("[data-field]").count()) > 0) continue;
    const key = (await field.getAttribute("data-field")).split(".").pop();
    if (await field.locator("input[type=radio]").count()) await field.locator("input[type=radio]").first().check();
    else if (await field.locator("input[type=checkbox]").count()) await field.locator("input[type=checkbox]").first().check();
    else if (await field.locator("select").count()) await field.locator("select").selectOption({ index: 1 });
    else {
      const input = field.locator("input, textarea").first();
      if ((await input.inputValue()) !== "") continue;
      const kind = `${await input.getAttribute("type")} ${await input.getAttribute("inputmode")}`;
      const said = await field.innerText();
      const value = /^date/.test(kind) ? "1958-03-15" : /^tel/.test(kind) ? "13805510000" : /decimal|numeric/.test(kind) ? "3"
        : /idNumber|idCard|Id$/.test(key) || /18 位|18 characters/.test(said) ? id : /name/i.test(key) ? name : "柳城村一组";
      await input.fill(value);
    }
  }
  for (const paper of await form.locator("input[type=file]").all()) {
    await paper.setInputFiles(files.png);
  }
  const papers = await form.locator("input[type=file]").count();
  await page.waitForFunction((n) => document.querySelectorAll(".oh-offline__files li").length >= n, papers);
}

/** raw is all that lies in the tables of the device, as text, and every name and value that local storage has. */
export function raw(page) {
  return page.evaluate(async () => {
    const request = indexedDB.open("openhall-agent");
    const db = await new Promise((resolve) => (request.onsuccess = () => resolve(request.result)));
    const texts = [];
    const show = (value) => {
      if (value instanceof ArrayBuffer) texts.push(new TextDecoder("utf-8").decode(value), new TextDecoder("utf-16le").decode(value));
      else if (ArrayBuffer.isView(value)) show(value.buffer);
      else if (value instanceof CryptoKey) texts.push(`key ${value.extractable}`);
      else if (value && typeof value === "object") Object.entries(value).forEach(([name, one]) => { texts.push(name); show(one); });
      else texts.push(String(value));
    };
    for (const table of db.objectStoreNames) {
      const all = db.transaction(table).objectStore(table).getAll();
      await new Promise((resolve) => (all.onsuccess = resolve));
      all.result.forEach(show);
    }
    db.close();
    const caches = await window.caches.keys();
    for (const name of caches) {
      const cache = await window.caches.open(name);
      for (const request of await cache.keys()) if (/pack|handin/.test(request.url)) texts.push(`cached: ${request.url}`);
    }
    return texts.join("\n");
  });
}
