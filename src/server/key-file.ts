/**
 * Files of keys that a service makes for itself where they are not there, and that whoever runs it has changed.
 */

import { access, link, open, readFile, realpath, rename, stat, unlink, type FileHandle } from "node:fs/promises";
import { platform } from "node:os";
import { dirname } from "node:path";
import { hex } from "../bytes/text.ts";
import { platformRandom } from "../crypto/random.ts";

/** Fresh keys, where there is no file. Of several processes that begin at once, one makes it, and none sees a part of it. Whether it was this one. */
export async function makeKeyFile(path: string, fresh: () => Promise<object>): Promise<boolean> {
  const isThere = await access(path).then(
    () => true,
    () => false,
  );
  if (isThere) return false;
  const beside = `${path}.${hex(platformRandom(8))}`;
  const file = await open(beside, "wx", 0o600);
  try {
    await write(file, await fresh());
    await link(beside, path);
    await keepName(path);
    return true;
  } catch (error) {
    if (isCode(error, "EEXIST")) return false;
    throw error;
  } finally {
    await file.close();
    await unlink(beside);
  }
}

/** Another change of the file is under way, or has been cut off. */
export class KeyFileBusy extends Error {
  override readonly name = "KeyFileBusy";
}

/**
 * Change a file of keys: whoever reads it meanwhile sees all of what was there or all of what is there then, and may read it who could before.
 * Where the path is a link, the file that it leads to is changed.
 *
 * @throws KeyFileBusy, which says which file stands in the way, and the file system's error
 */
export async function changeKeyFile<T>(
  named: string,
  change: (text: string) => { readonly keys: object; readonly result: T },
): Promise<T> {
  const path = await realpath(named);
  const beside = `${path}.new`;
  const file = await open(beside, "wx", 0o600).catch((error: unknown) => {
    if (!isCode(error, "EEXIST")) throw error;
    throw new KeyFileBusy(`${beside} is there: another change is under way, or was cut off. Remove it then`);
  });
  let isIn = false;
  try {
    // Read when nobody else may change it.
    const { keys, result } = change(await readFile(path, "utf8"));
    const { mode, uid, gid } = await stat(path);
    const own = await file.stat();
    // Before it is opened to a group: else that is the one of whoever runs this.
    if (own.uid !== uid || own.gid !== gid) await file.chown(uid, gid);
    await file.chmod(mode & 0o777);
    await write(file, keys);
    await rename(beside, path);
    isIn = true;
    await keepName(path);
    return result;
  } finally {
    await file.close();
    if (!isIn) await unlink(beside);
  }
}

async function write(file: FileHandle, keys: object): Promise<void> {
  await file.writeFile(`${JSON.stringify(keys, undefined, 2)}\n`);
  await file.sync();
}

/** The name of a file on the disk, too: keys that are used and then are not there any more after a power cut are lost. */
async function keepName(path: string): Promise<void> {
  if (platform() === "win32") return; // which opens no folders
  const folder = await open(dirname(path), "r");
  await folder.sync().finally(() => folder.close());
}

function isCode(error: unknown, code: string): boolean {
  return error instanceof Error && "code" in error && error.code === code;
}
