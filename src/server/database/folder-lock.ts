/**
 * One process has a folder at a time: a file in it says which. Who finds a file of a process that is no more takes the folder over.
 */

import { mkdir, readFile, rename, rm, writeFile, link } from "node:fs/promises";
import { join } from "node:path";
import process from "node:process";
import { hex } from "../../bytes/text.ts";
import { platformRandom } from "../../crypto/random.ts";
import { DatabaseError } from "./errors.ts";

const fileName = "copse.lock";

/** Who has a folder. */
interface Owner {
  readonly pid: number;
  /** When the process began, as the system counts it, where it says so: numbers of processes come again. */
  readonly began: string;
  /** Of this taking. */
  readonly id: string;
}

/**
 * Take a folder. What it gives lets it go.
 *
 * @throws DatabaseError "database-in-use"
 */
export async function lockFolder(folder: string): Promise<() => Promise<void>> {
  await mkdir(folder, { recursive: true });
  const file = join(folder, fileName);
  const owner: Owner = { pid: process.pid, began: await beginningOf(process.pid), id: hex(platformRandom(8)) };
  const said = JSON.stringify(owner);
  for (;;) {
    try {
      await writeFile(file, said, { flag: "wx" });
      break;
    } catch (error) {
      if (!isCode(error, "EEXIST")) throw error;
    }
    const other = await readFile(file, "utf8").catch(() => undefined);
    if (other === undefined) continue; // it was let go between
    if (await isAlive(other)) throw inUse(folder);
    await putAside(file, other, owner.id);
  }
  return async () => {
    if ((await readFile(file, "utf8").catch(() => "")) === said) await rm(file, { force: true });
  };
}

/** The file of a process that is no more goes, unless another has taken the folder meanwhile. */
async function putAside(file: string, other: string, id: string): Promise<void> {
  const aside = `${file}.${id}`;
  try {
    await rename(file, aside);
  } catch (error) {
    if (isCode(error, "ENOENT")) return;
    throw error;
  }
  if ((await readFile(aside, "utf8")) !== other) await link(aside, file).catch(() => undefined);
  await rm(aside, { force: true });
}

/** What is no owner is what a crash has left of one. */
async function isAlive(said: string): Promise<boolean> {
  let owner: Partial<Owner>;
  try {
    owner = JSON.parse(said) as Partial<Owner>;
  } catch {
    return false;
  }
  const { pid, began } = owner;
  if (typeof pid !== "number" || !Number.isSafeInteger(pid) || pid < 1) return false;
  try {
    process.kill(pid, 0);
  } catch (error) {
    return isCode(error, "EPERM"); // it is there, and another's
  }
  return began === (await beginningOf(pid));
}

/** The twenty-second field of what Linux says of a process; nothing elsewhere. */
async function beginningOf(pid: number): Promise<string> {
  try {
    const stat = await readFile(`/proc/${String(pid)}/stat`, "utf8");
    return stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19] ?? "";
  } catch {
    return "";
  }
}

function inUse(folder: string): DatabaseError {
  return new DatabaseError("database-in-use", { detail: join(folder, fileName) });
}

function isCode(error: unknown, code: string): boolean {
  return error instanceof Error && "code" in error && error.code === code;
}
