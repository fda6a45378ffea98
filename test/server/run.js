/**
 * The delivery service's tests on the databases of servers: `npm run test:server`. What is not installed is skipped by name; where
 * COPSE_REQUIRE_SERVERS is 1 it is installed, as root on Debian, and required.
 *
 *     npm run test:server                  # PostgreSQL killed 10 times in the middle of writes
 *     npm run test:server -- --rounds 200
 */

import { spawnSync } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { root } from "../checks/run.js";

const { values } = parseArgs({ options: { rounds: { type: "string", default: "10" }, seed: { type: "string" } } });
const isRequired = process.env["COPSE_REQUIRE_SERVERS"] === "1";

function hasPostgres() {
  const parent = "/usr/lib/postgresql";
  return existsSync(parent) && readdirSync(parent).some((name) => existsSync(join(parent, name, "bin/initdb")));
}

if (!hasPostgres() && isRequired) {
  spawnSync("apt-get", ["update", "-qq"], { stdio: "inherit" });
  spawnSync("apt-get", ["install", "-y", "-qq", "--no-install-recommends", "postgresql-15"], { stdio: "inherit" });
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
