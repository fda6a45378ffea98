/**
 * Packages that only those install who use them.
 */

import { DatabaseError } from "./errors.ts";

/** Load one. @throws DatabaseError "database-package", with what to do. */
export async function optional<Module>(name: string, load: () => Promise<Module>): Promise<Module> {
  try {
    return await load();
  } catch (cause) {
    throw new DatabaseError("database-package", { detail: `npm install ${name}`, cause });
  }
}
