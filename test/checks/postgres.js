/**
 * Whether PostgreSQL is installed, as Debian does.
 */

import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";

export function hasPostgres() {
  const parent = "/usr/lib/postgresql";
  return existsSync(parent) && readdirSync(parent).some((name) => existsSync(join(parent, name, "bin/initdb")));
}
