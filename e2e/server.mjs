// Starts, stops and kills `openhall demo`.
import { spawn } from "node:child_process";
import { cp, mkdtemp, readFile, rm } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";

export const program = process.env.OPENHALL_BIN
  || path.join(path.dirname(fileURLToPath(import.meta.url)), "..", "bin", "openhall");
// The first start builds the demo province; the goal is 10 s, a busy machine gets more.
const startLimit = 60_000;
const stopLimit = 15_000;

// startServer starts a demo hall on a free port of this machine and resolves when it prints its address:
//   {url, data, accounts, output(), stop(), kill()}
// data names a folder to use again (it is then kept); otherwise a new one is made, and removed by stop. Where FILLED_DEMO names the data
// folder of a demo that was filled and stopped (filled.mjs makes one), the new one begins as its copy, which spares the filling.
// database ("postgres://…") puts the hall on another engine.
// accounts are read from accounts.json in the data folder: [{role, name, password, title}].
export async function startServer({ data, database, args = [] } = {}) {
  const folder = data ?? (await mkdtemp(path.join(os.tmpdir(), "openhall-e2e-")));
  if (data === undefined && !database && process.env.FILLED_DEMO) await cp(process.env.FILLED_DEMO, folder, { recursive: true });
  const engine = database ? ["--database", database] : [];
  const child = spawn(program, ["demo", "--small", "--data", folder, "--addr", "127.0.0.1:0", ...engine, ...args], {
    stdio: ["ignore", "pipe", "pipe"],
  });
  let output = "";
  const ended = new Promise((resolve) => child.once("close", (code, signal) => resolve({ code, signal })));
  // A journey that dies must not leave its server behind.
  const onExit = () => child.kill("SIGKILL");
  process.once("exit", onExit);

  const release = async () => {
    process.off("exit", onExit);
    if (data === undefined) await rm(folder, { recursive: true, force: true });
  };

  const address = new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      child.kill("SIGKILL");
      reject(new Error(`no address within ${startLimit / 1000} s:\n${output}`));
    }, startLimit);
    const read = (chunk) => {
      output += chunk;
      const line = /^openhall: (http:\/\/\S+)$/m.exec(output);
      if (line) {
        clearTimeout(timer);
        resolve(line[1].replace(/\/$/, ""));
      }
    };
    child.stdout.setEncoding("utf8").on("data", read);
    child.stderr.setEncoding("utf8").on("data", read);
    child.once("error", (error) => {
      clearTimeout(timer);
      reject(new Error(`cannot start ${program} (make build writes it): ${error.message}`));
    });
    ended.then(({ code, signal }) => {
      clearTimeout(timer);
      reject(new Error(`ended with ${signal ?? code} before it printed an address:\n${output}`));
    });
  });

  const url = await address.catch(async (error) => {
    await release();
    throw error;
  });

  return {
    url,
    data: folder,
    accounts: JSON.parse(await readFile(path.join(folder, "accounts.json"), "utf8")),
    output: () => output,

    // stop asks the server to finish what it is doing and to end, and fails when it does not end well.
    async stop() {
      child.kill("SIGTERM");
      const timer = setTimeout(() => child.kill("SIGKILL"), stopLimit);
      const { code, signal } = await ended;
      clearTimeout(timer);
      await release();
      if (code !== 0) throw new Error(`the server ended with ${signal ?? code} when told to stop:\n${output}`);
    },

    // kill ends the server at once, as a power cut would. The data folder stays, to be started from again.
    async kill() {
      child.kill("SIGKILL");
      await ended;
      process.off("exit", onExit);
    },
  };
}
