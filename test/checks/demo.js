/**
 * `npm run demo`: builds the package and the messenger of docs/demo, and starts `copse serve` with it: one process, one address. Five recovery servers stand beside it, for show, on the next ports. What was said
 * is there again after a restart, in the folder of --data or the database of --database.
 */

import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { buildLogKeys, buildSite, nameRecovery, site } from "./demo-site.js";
import { root, run } from "./run.js";

const { values } = parseArgs({
  options: {
    port: { type: "string", default: "8080" },
    data: { type: "string", default: join(root, ".copse-demo") },
    database: { type: "string" },
    /** A file with invitations: only whoever has one may become a user. */
    invitations: { type: "string" },
    /** What was built before is served. */
    built: { type: "boolean", default: false },
  },
});

if (!values.built) {
  const built = await run(process.execPath, ["test/checks/build.js"]);
  if (!built.ok) {
    console.log(built.output);
    process.exit(1);
  }
  await buildSite();
}
const { startRecovery } = await import("./demo-recovery.js"); // of the package, which is built by now
const recovery = await startRecovery(join(values.data, "recovery"), values.port === "0" ? 0 : Number(values.port) + 1);
await nameRecovery(site, recovery.named);
const logKeys = join(values.data, "log-keys.json");
await buildLogKeys(site, logKeys);
serve();

/** The file of the secret by which reports are seen and decided: made where it is not there. */
function operatorSecret() {
  const file = join(values.data, "operator-secret");
  mkdirSync(values.data, { recursive: true });
  if (!existsSync(file)) writeFileSync(file, randomBytes(32).toString("hex"), { mode: 0o600 });
  return file;
}

function serve() {
  const flags = {
    address: "mimi://demo.localhost",
    port: values.port,
    site,
    "account-log": logKeys,
    "franking-keys": join(values.data, "franking-keys.json"),
    "operator-secret": operatorSecret(),
    "log-level": "warn",
    ...(values.database === undefined ? { data: join(values.data, "service") } : { database: values.database }),
    ...(values.invitations === undefined ? {} : { registration: "invite", invitations: values.invitations }),
  };
  const args = Object.entries(flags).flatMap(([name, value]) => [`--${name}`, value]);
  const child = spawn(process.execPath, [join(root, "dist/cli/copse.js"), "serve", ...args], {
    cwd: root,
    stdio: ["ignore", "inherit", "pipe"],
  });
  child.stderr.setEncoding("utf8");
  child.stderr.on("data", (/** @type {string} */ text) => {
    const port = /listening on http:\/\/[^:]+:(\d+)/.exec(text)?.[1];
    if (port === undefined) process.stderr.write(text);
    // Browsers hold localhost for as safe as https, and 127.0.0.1 is another origin.
    else {
      console.log(`copse messenger: http://localhost:${port}/ (open it in two browsers or profiles; Ctrl+C ends it)`);
      console.log(`what people report: http://localhost:${port}/moderation.html, by the secret in ${operatorSecret()}`);
    }
  });
  for (const signal of /** @type {const} */ (["SIGINT", "SIGTERM"])) {
    process.on(signal, () => void child.kill(signal));
  }
  child.on("exit", (code) => {
    process.exitCode = code ?? 1;
    void recovery.close();
  });
}
