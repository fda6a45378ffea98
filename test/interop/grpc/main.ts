/**
 * The server as a process: `npm run interop:server -- --port N [--host H]`.
 */

import { parseArgs } from "node:util";
import { serve } from "./server.ts";

const { values } = parseArgs({
  options: { port: { type: "string", default: "50051" }, host: { type: "string", default: "127.0.0.1" } },
});
const port = Number(values.port);
if (!Number.isInteger(port) || port < 0 || port > 0xffff) {
  throw new TypeError("usage: npm run interop:server -- [--port N] [--host H]");
}

const server = await serve({ host: values.host, port });
console.log(`copse serves MLSClient on ${server.address}`);

let closing: Promise<void> | undefined;
for (const signal of ["SIGINT", "SIGTERM"] as const) {
  process.on(signal, () => {
    closing ??= server.close();
  });
}
