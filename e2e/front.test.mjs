import assert from "node:assert/strict";
import { it } from "node:test";

import { everyView, view, withHall } from "./harness.mjs";

withHall("the front page", (hall) => {
  for (const how of everyView()) {
    it(`greets in ${how.name}`, () =>
      hall.visit(how, async (page) => {
        await page.goto("/");
        assert.equal(await page.locator("html").getAttribute("lang"), how.lang);
        assert.equal(await page.locator("h1").count(), 1, "one heading of the first level");
        await hall.accessible(page);
        await hall.picture(page, `front-${how.lang}${how.narrow ? "-phone" : ""}`);
      }));
  }

  it("works without scripts", () =>
    hall.visit(view({ scripts: false }), async (page) => {
      await page.goto("/");
      await page.locator("h1").waitFor();
    }));

  it("answers an unknown address with a page that leads on", () =>
    hall.visit(view(), async (page) => {
      const answer = await page.goto("/no-such-page");
      assert.equal(answer.status(), 404);
      assert.ok(await page.locator("main a[href]").count(), "a link that leads on");
      await hall.accessible(page);
    }, { expect: [/status of 404/] }));
});
