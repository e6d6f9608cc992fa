// A hall that is renewed while an agent has its app open: passes everything on, and after renew() answers with a newer worker.
import http from "node:http";

export async function startNewer(url) {
  const target = new URL(url);
  let newer = false;
  const server = http.createServer((request, answer) => {
    const renewed = newer && request.url === "/agent/offline/worker.js";
    const wanted = { ...request.headers, host: target.host };
    if (renewed) delete wanted["if-none-match"]; // what the browser has is the one before
    const asked = http.request({ host: target.hostname, port: target.port, path: request.url, method: request.method, headers: wanted }, (given) => {
      const headers = { ...given.headers };
      if (renewed) ["content-length", "etag"].forEach((name) => delete headers[name]);
      answer.writeHead(given.statusCode, headers);
      given.pipe(answer, { end: !renewed });
      if (renewed) given.on("end", () => answer.end("\n// the next version\n"));
    });
    asked.on("error", () => answer.destroy());
    request.pipe(asked);
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${server.address().port}`,
    renew: () => (newer = true),
    close: () => new Promise((resolve) => {
      server.closeAllConnections();
      server.close(resolve);
    }),
  };
}
