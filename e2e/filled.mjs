// Fills the demo province once, for all journeys: node filled.mjs FOLDER leaves its data there. See startServer.
import { startServer } from "./server.mjs";

const [folder] = process.argv.slice(2);
if (!folder) throw new Error("usage: node filled.mjs FOLDER");
const server = await startServer({ data: folder });
await server.stop();
