/**
 * `npm run demo`: build the package, and serve the web demo, docs/demo, to this machine alone, until it is interrupted.
 *
 * The page takes copse from the package's built files, as any page would. Only its picture of the tree reads an encoding
 * with the sources' own codec, which the package does not export.
 */

import { join } from "node:path";
import { parseArgs } from "node:util";
import { createServer } from "vite";
import { root, run } from "./run.js";

const { values } = parseArgs({ options: { port: { type: "string", default: "8080" } } });

const built = await run(process.execPath, ["test/checks/build.js"]);
if (built.ok) await serve(Number(values.port));
else {
  console.log(built.output);
  process.exitCode = 1;
}

/** @param {number} port the first to try; 0 takes any that is free */
async function serve(port) {
  const server = await createServer({
    configFile: false,
    root: join(root, "docs/demo"),
    cacheDir: join(root, "node_modules/.cache/copse-demo"),
    logLevel: "warn",
    clearScreen: false,
    worker: { format: "es" },
    // A page is a person: it is not reloaded when a file changes.
    server: { host: "127.0.0.1", port, fs: { allow: [root] }, hmr: false, watch: null },
  });
  await server.listen();
  const address = server.httpServer?.address();
  if (typeof address !== "object" || address === null) throw new Error("the server has no address");
  console.log(`copse demo: http://127.0.0.1:${String(address.port)}/ (open it in two tabs; Ctrl+C ends it)`);
  for (const signal of /** @type {const} */ (["SIGINT", "SIGTERM"])) {
    process.once(signal, () => void server.close().then(() => process.exit(0)));
  }
}
