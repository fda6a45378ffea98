/**
 * Fetching the published vectors, by the manifest: nothing is written whose hash is not the manifest's.
 */

import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { CopseError } from "../../errors.ts";
import { sourceUrl, type Manifest, type ManifestFile } from "./manifest.ts";

/** As much of the platform's `fetch` as is needed. */
export type Fetch = (url: string) => Promise<Pick<Response, "ok" | "status" | "arrayBuffer">>;

/**
 * Bring every file of the manifest into a directory. Those that are there already, with the right hash, are kept.
 *
 * @param tell hears of each file: its name and what was done
 * @throws CopseError "vectors-unavailable" where a file can't be fetched, "vectors-hash" where it is another one.
 */
export async function download(
  manifest: Manifest,
  input: { readonly directory: string; readonly fetch: Fetch; readonly tell?: (file: string, what: string) => void },
): Promise<void> {
  const { directory, fetch, tell } = input;
  for (const [setName, set] of Object.entries(manifest.sets)) {
    for (const [name, file] of Object.entries(set.files)) {
      const target = join(directory, setName, name);
      if (existsSync(target) && isOf(readFileSync(target), file)) {
        tell?.(`${setName}/${name}`, "is here");
        continue;
      }
      const bytes = await fetched(fetch, sourceUrl(set, file));
      if (!isOf(bytes, file)) throw new CopseError("vectors-hash", { detail: `${setName}/${name}` });
      mkdirSync(join(directory, setName), { recursive: true });
      writeFileSync(`${target}.part`, bytes);
      renameSync(`${target}.part`, target); // a file is there whole, or not at all
      tell?.(`${setName}/${name}`, "fetched");
    }
  }
}

async function fetched(fetch: Fetch, url: string): Promise<Uint8Array> {
  try {
    const response = await fetch(url);
    if (response.ok) return new Uint8Array(await response.arrayBuffer());
    throw new CopseError("vectors-unavailable", { detail: `${url} answers ${response.status}` });
  } catch (cause) {
    throw cause instanceof CopseError ? cause : new CopseError("vectors-unavailable", { detail: url, cause });
  }
}

function isOf(bytes: Uint8Array, { bytes: length, sha256 }: ManifestFile): boolean {
  return bytes.length === length && createHash("sha256").update(bytes).digest("hex") === sha256;
}
