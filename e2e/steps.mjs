// What people do in the hall, step by step, where several journeys need it. Every step goes through the pages, as a person would.
import assert from "node:assert/strict";

// The item that most journeys are about: 取水许可 of 合肥市水务局. Its procedure knows every turn of a licence: correction, hearing,
// expert review, extension, decision by another than the one who examined, delivery.
export const water = { words: "取水", title: "取水许可", area: "340100000000", body: "合肥市水务局" };

// A small file of each kind, made here so that nothing binary lies in the repository.
export const files = {
  pdf: { name: "取水申请书.pdf", mimeType: "application/pdf", buffer: pdf("Invented paper of a journey") },
  png: {
    name: "位置图.png",
    mimeType: "image/png",
    buffer: Buffer.from("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==", "base64"),
  },
};

// pdf writes a valid document of one page with lines of text, the first at a height of 720 points, each 40 below the one before.
export function pdf(...lines) {
  const stream = lines.map((line, i) => `BT /F1 12 Tf 72 ${720 - 40 * i} Td (${line}) Tj ET`).join("\n");
  const objects = [
    "<< /Type /Catalog /Pages 2 0 R >>",
    "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
    "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >> >>",
    `<< /Length ${stream.length} >>\nstream\n${stream}\nendstream`,
    "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
  ];
  let body = "%PDF-1.4\n";
  const at = objects.map((object, i) => {
    const start = body.length;
    body += `${i + 1} 0 obj\n${object}\nendobj\n`;
    return start;
  });
  const xref = body.length;
  body += `xref\n0 ${objects.length + 1}\n0000000000 65535 f \n`;
  body += at.map((start) => `${String(start).padStart(10, "0")} 00000 n \n`).join("");
  body += `trailer << /Size ${objects.length + 1} /Root 1 0 R >>\nstartxref\n${xref}\n%%EOF\n`;
  return Buffer.from(body, "latin1");
}

// signIn goes to a page that asks who one is and answers.
export async function signIn(page, account, next = "/account") {
  await page.goto(`/signin?next=${encodeURIComponent(next)}`);
  await page.locator("[name=login]").fill(account.name);
  await page.locator("[name=password]").fill(account.password);
  await page.locator("main form button[type=submit]").click();
  await page.waitForURL((url) => !url.pathname.startsWith("/signin"));
}

// arrives waits until the page stands at the path or below it. An address that only names it, to come back to, does not count.
export async function arrives(page, path) {
  await page.waitForURL((url) => url.pathname === path || url.pathname.startsWith(`${path}/`));
}

// guideOf finds the guide of an item by words and place, as a visitor would, and returns its address.
export async function guideOf(page, item = water) {
  await page.goto(`/hall/find?q=${encodeURIComponent(item.words)}&area=${item.area}`);
  const link = page.locator("main a[href^='/hall/items/']").first();
  await link.waitFor();
  return link.getAttribute("href");
}

// begin starts an application for the item and returns the address of the draft.
export async function begin(page, item = water) {
  const guide = await guideOf(page, item);
  await page.goto(guide.replace("/hall/items/", "/hall/apply/"));
  await page.locator("main form button[type=submit]").click();
  await page.locator(".govuk-task-list, .oh-task-list").first().waitFor();
  return new URL(page.url()).pathname;
}

// press sends a form and waits until the hall has answered, so that a step that follows at once does not interrupt it.
export async function press(page, button) {
  const answered = page.waitForResponse((answer) => answer.request().method() === "POST");
  await button.click();
  await answered;
  await page.waitForLoadState();
}

// save presses the button of a draft's page that saves and goes on.
export const save = (page) => press(page, page.locator("button[name=act][value=done]"));

// waterAnswers are right answers to the application form, by the names of its fields.
export const waterAnswers = {
  name: "合肥青禾食品有限公司",
  address: "合肥市包河区青禾路 8 号",
  reason: "新建豆制品生产线，生产用水自备水源。",
  purpose: "industry",
  source: "ground",
  place: "厂区东北角 1 号井",
  annual: "3.6",
  "start-year": "2027",
  "start-month": "3",
  "start-day": "1",
  years: "5",
  method: "机井抽取",
  metering: "超声波流量计，在线传输",
  discharge: "经厂区处理站处理后接入市政管网",
  telephone: "0551-5550100",
};

// fill answers the controls of a page by their names, whatever kind they are.
export async function fill(page, answers) {
  for (const [name, value] of Object.entries(answers)) {
    const control = page.locator(`main [name="${name}"]`);
    const kind = await control.first().evaluate((node) => (node.tagName === "INPUT" ? node.type : node.tagName));
    if (kind === "radio" || kind === "checkbox") await page.locator(`main [name="${name}"][value="${value}"]`).check();
    else if (kind === "SELECT") await control.selectOption(value);
    else await control.fill(value);
  }
}

// fillDraft fills in all parts of a draft: applicant, form, files.
export async function fillDraft(page, draft, answers = waterAnswers) {
  await page.goto(`${draft}/applicant`);
  await fill(page, { phone: "0551-5550100" });
  await save(page);
  await page.goto(`${draft}/form`);
  await fill(page, answers);
  await save(page);
  await page.goto(`${draft}/files`);
  for (const input of await page.locator("main input[type=file]").all()) await input.setInputFiles(files.pdf);
  await save(page);
}

// send declares that all is true and hands the application in. It returns what the receipt says.
export async function send(page, draft) {
  await page.goto(`${draft}/check`);
  await page.locator("main [name=declare]").check();
  await page.locator("main form button[type=submit]").last().click();
  await page.waitForURL(/\/hall\/apply\/done\//);
  const number = decodeURIComponent(new URL(page.url()).pathname.split("/").at(-1));
  const code = (await page.locator(".govuk-panel strong").nth(1).innerText()).trim();
  assert.match(number, /^[0-9A-Z]{43}$/, "the number of the case has 43 signs");
  assert.match(code, /^\S{6,}$/, "the query code");
  return { number, code };
}

// apply does all of it and returns {number, code}.
export async function apply(page, item = water, answers = waterAnswers) {
  const draft = await begin(page, item);
  await fillDraft(page, draft, answers);
  return send(page, draft);
}

// act carries out the open step of a case at the desk. It leaves the page at what comes next.
export async function act(page, number, answers, upload) {
  await page.goto(`/desk/case/${number}`);
  await fill(page, answers);
  if (upload) await page.locator("#act input[type=file]").setInputFiles(upload);
  await press(page, page.locator("#act button[accesskey=s]"));
}

// today answers a date field with this day in Beijing.
export function today(name) {
  const [year, month, day] = new Intl.DateTimeFormat("en-CA", { timeZone: "Asia/Shanghai" }).format(new Date()).split("-");
  return { [`${name}-year`]: year, [`${name}-month`]: String(Number(month)), [`${name}-day`]: String(Number(day)) };
}

// says waits until each of the words can be seen on the page.
export async function says(page, ...words) {
  const until = Date.now() + 10_000;
  for (;;) {
    const text = await page.locator("body").innerText().catch(() => ""); // a page on its way to the next one has no body
    const missing = words.filter((word) => !text.includes(word));
    if (missing.length === 0) return;
    assert.ok(Date.now() < until, `${page.url()} does not say "${missing.join('", "')}" but:\n${text}`);
    await page.waitForTimeout(100);
  }
}
