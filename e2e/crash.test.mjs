// A power cut in the middle of the day: what was saved is there when the hall opens again.
import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { after, before, it } from "node:test";

import { view, withHall } from "./harness.mjs";
import { startServer } from "./server.mjs";
import { apply, begin, fill, save, says, waterAnswers } from "./steps.mjs";

const data = await mkdtemp(path.join(os.tmpdir(), "openhall-e2e-crash-"));

withHall("a power cut", (hall) => {
  const enterprise = (step) => hall.visit(view({ scripts: false }), step, { as: hall.account("enterprise") });
  const kept = {};

  before(() => enterprise(async (page) => {
    Object.assign(kept, await apply(page));
    kept.draft = await begin(page);
    await page.goto(`${kept.draft}/form`);
    await fill(page, waterAnswers);
    await save(page);
  }));
  after(() => rm(data, { recursive: true, force: true }));

  it("drafts, matters and sessions are still there", async () => {
    await hall.server.kill();
    hall.server = await startServer({ data });
    await enterprise(async (page) => {
      await page.goto(`${kept.draft}/form`);
      assert.equal(await page.locator("[name=place]").inputValue(), waterAnswers.place);
      await page.goto("/me");
      await says(page, kept.number);
    });
    await hall.visit(view(), async (page) => {
      await page.goto(`/track/${kept.number}/${kept.code}`);
      await says(page, "已收件");
    });
  });
}, { data });
