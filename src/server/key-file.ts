/**
 * Files of keys that a service makes for itself where they are not there.
 */

import { access, link, open, unlink } from "node:fs/promises";
import { hex } from "../bytes/text.ts";
import { platformRandom } from "../crypto/random.ts";

/** Fresh keys, where there is no file. Of several processes that begin at once, one makes it, and none sees a part of it. */
export async function makeKeyFile(path: string, fresh: () => Promise<object>): Promise<void> {
  const isThere = await access(path).then(
    () => true,
    () => false,
  );
  if (isThere) return;
  const beside = `${path}.${hex(platformRandom(8))}`;
  const file = await open(beside, "wx", 0o600);
  try {
    await file.writeFile(`${JSON.stringify(await fresh(), undefined, 2)}\n`);
    await file.sync();
    await link(beside, path).catch((error: unknown) => {
      if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    });
  } finally {
    await file.close();
    await unlink(beside);
  }
}
