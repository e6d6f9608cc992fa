// A line that breaks: a TCP proxy in front of the hall that cuts connections at random moments, in both directions.
import net from "node:net";

/**
 * startCutter listens on this machine and passes bytes on to the hall at `url`. It cuts `cuts` times: each time after a random number of bytes
 * in a random direction, which falls before a request, in the middle of its body, between request and answer, or in the middle of an answer.
 */
export async function startCutter(url, { cuts, random, every = 4_000 }) {
  const target = new URL(url);
  const state = { made: 0, up: 0, down: 0, midway: 0 };
  let armed = null;
  const arm = () => {
    armed = state.made < cuts ? { up: random() < 0.5, left: Math.floor(random() * 2 * every) } : null;
  };
  arm();
  const pairs = new Set();
  const server = net.createServer((here) => {
    const there = net.connect(Number(target.port), target.hostname);
    const pair = { here, there, asked: false };
    pairs.add(pair);
    const close = () => {
      here.destroy();
      there.destroy();
      pairs.delete(pair);
    };
    const pass = (from, to, up) => from.on("data", (bytes) => {
      if (up) pair.asked = true;
      if (armed && armed.up === up) {
        armed.left -= bytes.length;
        if (armed.left < 0) {
          state.made++;
          state[up ? "up" : "down"]++;
          const part = bytes.subarray(0, Math.max(0, bytes.length + armed.left)); // up to the moment of the cut
          if (part.length > 0) state.midway++;
          arm();
          if (up && part.length > 0) {
            there.write(part, () => setTimeout(close, random() < 0.5 ? 0 : 5)); // the hall may have got all of it already
            here.destroy();
          } else close();
          return;
        }
      }
      if (!to.destroyed) to.write(bytes);
    });
    pass(here, there, true);
    pass(there, here, false);
    for (const socket of [here, there]) {
      socket.on("error", close);
      socket.on("close", close);
      socket.setNoDelay(true);
    }
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${server.address().port}`, state,
    async close() {
      for (const { here, there } of pairs) [here, there].forEach((socket) => socket.destroy());
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
