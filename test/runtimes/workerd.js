/**
 * The smoke test in Cloudflare's runtime, as a worker: a bundle as wrangler makes one, without compatibility with Node.
 * While a worker's modules are loaded, workerd refuses randomness and timers, and code from strings always.
 */

import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { build } from "esbuild";
import { need, runtime } from "./install.js";

/**
 * Run the consumer's project as a worker.
 *
 * @param {{ project: string, given: object }} input the folder that holds consumer.js, and what the worker gives to the smoke test
 * @returns {Promise<string>} what was done
 */
export async function smokeInWorkerd({ project, given }) {
  const program = await runtime("workerd", "workerd@1.20261117.1", "workerd/bin/workerd");
  writeFileSync(join(project, "worker.js"), worker);
  writeFileSync(join(project, "workerd.capnp"), config);
  writeFileSync(join(project, "workerd-given.json"), JSON.stringify(given));
  await build({
    entryPoints: [join(project, "worker.js")],
    outfile: join(project, "worker.bundle.js"),
    bundle: true,
    format: "esm",
    platform: "browser",
    conditions: ["workerd", "worker", "browser"],
    target: "es2022",
    logLevel: "silent",
  });
  const output = await need(program, ["test", "workerd.capnp"], { cwd: project, timeout: 120_000 });
  const done = /done: (.*)/.exec(output)?.[1];
  if (done === undefined) throw new Error(output);
  return done;
}

const worker = `
  import { run } from "./consumer.js";
  import given from "./workerd-given.json";
  const evaluates = () => { try { return new Function("return true")(); } catch { return false; } };
  export default {
    async test() {
      if (evaluates()) throw new Error("this runtime makes code from strings");
      console.log("done: " + (await run(given)) + ", " + navigator.userAgent);
    },
  };
`;

const config = `
using Workerd = import "/workerd/workerd.capnp";
const smoke :Workerd.Config = (services = [(name = "main", worker = .worker)]);
const worker :Workerd.Worker = (
  modules = [(name = "worker", esModule = embed "worker.bundle.js")],
  compatibilityDate = "2026-11-01",
  compatibilityFlags = ["no_nodejs_compat"],
);
`;
