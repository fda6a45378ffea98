/**
 * The delivery service's tests on the databases of servers: `npm run test:server`. What is not installed is skipped by name; where
 * COPSE_REQUIRE_SERVERS is 1 it is installed, as root on Debian, and required.
 *
 *     npm run test:server                  # PostgreSQL killed 10 times in the middle of writes
 *     npm run test:server -- --rounds 200
 */

import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { hasPostgres } from "../checks/postgres.js";
import { root } from "../checks/run.js";

const { values } = parseArgs({ options: { rounds: { type: "string", default: "10" }, seed: { type: "string" } } });
const isRequired = process.env["COPSE_REQUIRE_SERVERS"] === "1";

/** What else the tests start, where it is there: they skip what is missing by name. */
const others = /** @type {const} */ ([
  ["nats-server", "/usr/sbin/nats-server"],
  ["nginx-light", "/usr/sbin/nginx"],
]);
const missing = () => [
  ...(hasPostgres() ? [] : ["postgresql-15"]),
  ...others.filter(([, path]) => !existsSync(path)).map(([name]) => name),
];

if (missing().length > 0 && isRequired) {
  spawnSync("apt-get", ["update", "-qq"], { stdio: "inherit" });
  spawnSync("apt-get", ["install", "-y", "-qq", "--no-install-recommends", ...missing()], { stdio: "inherit" });
}
for (const name of missing().slice(hasPostgres() ? 0 : 1)) {
  console.log(`${isRequired ? "missing" : "skipped"}: ${name} (apt-get install ${name})`);
  if (isRequired) process.exit(1);
}
if (!hasPostgres()) {
  console.log(`${isRequired ? "missing" : "skipped"}: PostgreSQL 15 (apt-get install postgresql-15)`);
  process.exit(isRequired ? 1 : 0);
}
const { status } = spawnSync(
  process.execPath,
  [join(root, "node_modules/vitest/vitest.mjs"), "run", "--config", "test/checks/vitest-server.config.ts"],
  {
    cwd: root,
    stdio: "inherit",
    env: {
      ...process.env,
      COPSE_KILL_ROUNDS: values.rounds,
      ...(values.seed === undefined ? {} : { COPSE_KILL_SEED: values.seed }),
    },
  },
);
process.exit(status ?? 1);
