/**
 * Packages that only those install who use them.
 */

import { StoreError } from "./errors.ts";

/** Load one. @throws StoreError "store-package", with what to do. */
export async function optional<Module>(name: string, load: () => Promise<Module>): Promise<Module> {
  try {
    return await load();
  } catch (cause) {
    throw new StoreError("store-package", {
      detail: `npm install ${name}`,
      cause,
    });
  }
}
