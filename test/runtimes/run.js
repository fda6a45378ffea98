/**
 * `npm run test:runtimes`: the packed tarball, installed, on every runtime that copse is for. Prints `ok <runtime>` or
 * `failed <runtime>: why`; a runtime that can't be had is a failure. With names, only these are run.
 *
 * Everything lies in .runtimes, which git ignores: a consumer's project with the tarball in it, and the runtimes, each
 * in a folder of its own (in the project's node_modules the package `node` would shadow the machine's).
 */

import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { root } from "../checks/run.js";
import { smokeByRollup, smokeForElectron } from "./bundles.js";
import { smokeInChromium } from "./chromium.js";
import { folder, need, runtime } from "./install.js";
import { smokeInReactNative } from "./react-native.js";
import { indexedDbInChromium, sqliteInNode } from "./stores.js";
import { smokeInWorkerd } from "./workerd.js";

const project = join(folder, "project");

/** Published families that are also run, where this machine has them. */
const families = ["mls/key-schedule", "mls/welcome", "mls/passive-client-welcome", "hpke/test-vectors-pq"];

/** The machine's Node, or one that is installed for this. @type {readonly (readonly [name: string, major: string])[]} */
const nodes = [
  ["node-20", "20"],
  ["node-22", "22"],
  ["node-24", "24"],
];

/** Pack the package, and install it into an empty project, as a consumer does. */
async function installPackage() {
  rmSync(project, { recursive: true, force: true });
  mkdirSync(project, { recursive: true });
  await need("npm", ["pack", "--silent", "--pack-destination", project]);
  const tarball = readdirSync(project).find((name) => name.endsWith(".tgz"));
  if (tarball === undefined) throw new Error("npm pack gave no tarball");
  writeFileSync(join(project, "package.json"), JSON.stringify({ private: true, type: "module" }));
  await need("npm", ["install", "--no-audit", "--no-fund", "--omit=optional", `./${tarball}`], { cwd: project });

  cpSync(join(import.meta.dirname, "smoke.js"), join(project, "smoke.js"));
  const verifiers = "./node_modules/copse/dist/cli/vectors";
  const common = `
    import * as copse from "copse";
    import * as pq from "copse/crypto/pq";
    import { nobleProvider } from "copse/crypto/noble";
    import * as sframe from "copse/sframe";
    import * as dave from "copse/adapters/dave";
    import { Call } from "copse/call";
    import { verifyHpkePq } from ${JSON.stringify(`${verifiers}/hpke-pq.js`)};
    import { verifyKeySchedule } from ${JSON.stringify(`${verifiers}/key-schedule.js`)};
    import { verifyPassiveClient } from ${JSON.stringify(`${verifiers}/passive-client.js`)};
    import { verifyWelcome } from ${JSON.stringify(`${verifiers}/welcome.js`)};
    import { smoke } from "./smoke.js";
    const verifiers = {
      "hpke/test-vectors-pq": verifyHpkePq,
      "mls/key-schedule": verifyKeySchedule,
      "mls/passive-client-welcome": verifyPassiveClient,
      "mls/welcome": verifyWelcome,
    };
    export const run = (given) => smoke({ copse, sframe, pq, dave, Call, nobleProvider, verifiers, ...given });
  `;
  writeFileSync(join(project, "consumer.js"), common);
  writeFileSync(
    join(project, "main.js"),
    `import { readFileSync } from "node:fs";
     import { run } from "./consumer.js";
     console.log(await run(JSON.parse(readFileSync(new URL("given.json", import.meta.url), "utf8"))));`,
  );
  await withoutPeer();
  const { peerDependencies } = /** @type {{ peerDependencies: Record<string, string> }} */ (
    JSON.parse(readFileSync(join(root, "package.json"), "utf8"))
  );
  const peers = ["@noble/post-quantum", "cborg", "idb"].map((name) => `${name}@${String(peerDependencies[name])}`);
  await need("npm", ["install", "--no-audit", "--no-fund", ...peers], { cwd: project });
  writeFileSync(join(project, "given.json"), JSON.stringify({ ...given(), provider: "node" }));
}

/** What a consumer reads who has not installed the optional peer: away from here, where it would be found further up. */
async function withoutPeer() {
  const away = mkdtempSync(join(tmpdir(), "copse-without-peer-"));
  cpSync(project, away, { recursive: true });
  writeFileSync(
    join(away, "without-peer.js"),
    `import { withPostQuantumSuites } from "copse/crypto/pq";
     const { code, message } = await withPostQuantumSuites().catch((error) => error);
     if (code !== "suite-unsupported" || !message.includes("npm install @noble/post-quantum")) throw new Error(message);`,
  );
  try {
    await need(process.execPath, ["without-peer.js"], { cwd: away });
  } finally {
    rmSync(away, { recursive: true, force: true });
  }
}

/** The vectors that the smoke test runs: copse's own as they were packed, and the published ones that are here. */
function given() {
  const own = join(project, "node_modules/copse/vectors/copse/sframe-ratchet.json");
  const places = [process.env["COPSE_VECTORS"] ?? "", "vectors/published", "../shared/vectors"];
  /** @type {Record<string, string>} */
  const published = {};
  for (const family of families) {
    const paths = places.filter((place) => place !== "").map((place) => resolve(root, place, `${family}.json`));
    const path = paths.find((candidate) => existsSync(candidate));
    if (path !== undefined) published[family] = readFileSync(path, "utf8");
    else if (process.env["COPSE_REQUIRE_VECTORS"] === "1") throw new Error(`${family}.json is not on this machine`);
    else console.log(`skipped: published vectors ${family}, which are not on this machine`);
  }
  return { ratchetVectors: readFileSync(own, "utf8"), published };
}

/** @param {string} path @param {...string} args */
const smokeIn = (path, ...args) => need(path, [...args, "main.js"], { cwd: project, timeout: 120_000 });

/** The program of a Node. @param {string} name @param {string} major */
async function node(name, major) {
  const isOwn = process.versions.node.startsWith(`${major}.`);
  return isOwn ? process.execPath : runtime(name, `node@${major}`, "node/bin/node");
}

/** What each runtime runs. @type {readonly (readonly [name: string, smoke: () => Promise<string>])[]} */
const runtimes = [
  ...nodes.map(([name, major]) => /** @type {const} */ ([name, async () => smokeIn(await node(name, major))])),
  ["deno", async () => smokeIn(await runtime("deno", "deno", ".bin/deno"), "run", "--allow-read", "--allow-env")],
  ["bun", async () => smokeIn(await runtime("bun", "bun", ".bin/bun"), "run")],
  [
    "chromium",
    () => smokeInChromium({ project, profile: join(folder, "chromium"), given: { ...given(), provider: "web" } }),
  ],
  ["workerd", () => smokeInWorkerd({ project, given: { ...given(), provider: "web" } })],
  ["electron-bundles", () => smokeForElectron({ project, profile: join(folder, "electron"), given: given() })],
  ["rollup", () => smokeByRollup({ project })],
  ...nodes
    .slice(1)
    .map(
      ([name, major]) =>
        /** @type {const} */ ([`${name}-sqlite`, async () => sqliteInNode({ project, node: await node(name, major) })]),
    ),
  ["chromium-indexeddb", () => indexedDbInChromium({ project, profile: join(folder, "indexeddb") })],
  ["react-native", () => smokeInReactNative({ project, given: { ...given(), provider: "noble" } })],
];

/** @param {unknown} error */
const words = (error) => (error instanceof Error ? error.message : String(error)).trimEnd();

/** @type {unknown} */
let broken;
await installPackage().catch((/** @type {unknown} */ error) => (broken = error));
const named = process.argv.slice(2);
for (const [name, smoke] of runtimes.filter(([name]) => named.length === 0 || named.includes(name))) {
  const started = performance.now();
  try {
    if (broken !== undefined) throw new Error(`the package can't be installed: ${words(broken)}`);
    const done = (await smoke()).trim();
    console.log(`ok ${name}`);
    console.log(`   ${done}, in ${((performance.now() - started) / 1000).toFixed(1)} s`);
  } catch (error) {
    console.log(`failed ${name}: ${words(error)}`);
    process.exitCode = 1;
  }
}
