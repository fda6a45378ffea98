/**
 * The manifest of the published vectors: whose they are, at which commit, and the hash of each file.
 */

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { packageRoot } from "./locate.ts";

/** One file of a set. */
export interface ManifestFile {
  /** Its path in the source repository. */
  readonly path: string;
  readonly bytes: number;
  /** In hex. */
  readonly sha256: string;
}

/** The files that one publisher gives. */
export interface ManifestSet {
  readonly about: string;
  /** `owner/name` on GitHub. */
  readonly repository: string;
  readonly commit: string;
  /** By the name that the file has here. */
  readonly files: Readonly<Record<string, ManifestFile>>;
}

export interface Manifest {
  readonly about: string;
  /** By the name of the directory that a set's files go to. */
  readonly sets: Readonly<Record<string, ManifestSet>>;
}

/** The manifest that comes with the package. */
export function readManifest(): Manifest {
  return JSON.parse(readFileSync(join(packageRoot, "vectors", "manifest.json"), "utf8")) as Manifest;
}

/** Where a file of a set is published. */
export function sourceUrl({ repository, commit }: ManifestSet, { path }: ManifestFile): string {
  return `https://raw.githubusercontent.com/${repository}/${commit}/${path}`;
}
