// Fills the demo province once, for all journeys: node filled.mjs FOLDER leaves its data there. See startServer.
//
// It ends once the background work is done, above all the printing of letters: else each journey's server would begin with that.
import { setTimeout as pause } from "node:timers/promises";

import { startServer } from "./server.mjs";

const [folder] = process.argv.slice(2);
if (!folder) throw new Error("usage: node filled.mjs FOLDER");
const server = await startServer({ data: folder });
for (let due = true; due; await pause(200)) {
  const figures = await (await fetch(`${server.url}/metrics`)).text();
  due = ["openhall_letters_due", "openhall_jobs_due", "openhall_log_lag_seconds"].some((name) => {
    const [, value] = new RegExp(`^${name} (\\S+)$`, "m").exec(figures) ?? [];
    if (value === undefined) throw new Error(`/metrics does not say ${name}`);
    return Number(value) > 0;
  });
}
await server.stop();
