/**
 * `npm run interop:server -- [--port N] [--host H]`: the MLSClient server of test/interop/grpc, in this process, until it
 * is interrupted.
 */

import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { build, stop } from "esbuild";
import { root } from "./run.js";

const bundle = join(root, "node_modules", ".cache", "copse", "interop-server.mjs");
await build({
  absWorkingDir: root,
  entryPoints: ["test/interop/grpc/main.ts"],
  outfile: bundle,
  bundle: true,
  platform: "node",
  format: "esm",
  packages: "external",
  conditions: ["copse-src"],
  sourcemap: "inline",
  logLevel: "error",
});
await stop();
await import(pathToFileURL(bundle).href);
