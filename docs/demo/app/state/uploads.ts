/**
 * Files on their way to the service. The client remembers them over a reload, with all but the file itself: that is the person's to choose again,
 * since it lies nowhere else that is encrypted.
 */

import { signal } from "@preact/signals";
import type { Upload } from "copse/client";
import { progress, setProgress } from "./files.ts";
import { client } from "./session.ts";

/** What is stored of a file with its upload, so that it is known again. */
interface Source {
  readonly name: string;
  readonly size: number;
}

/** What the client keeps of a file. */
export function sourceOf({ name, size }: File): string {
  return JSON.stringify({ name: name.slice(0, 200), size } satisfies Source);
}

/** What a file was called. */
export function nameOfUpload({ source }: Upload): string {
  try {
    return (JSON.parse(source) as Source).name;
  } catch {
    return "A file";
  }
}

/** How much of it is there, from 0 to 1, where this page is sending it. */
export function partOf(room: string, { source }: Upload): number | undefined {
  return progress.value.get(key(room, source));
}

/** For `send`: how far a file is. */
export function telling(room: string, source: string): (at: { readonly done: number; readonly total: number }) => void {
  return ({ done, total }) => setProgress(key(room, source), done >= total ? undefined : done / total);
}

const changes = signal(0);

/** A file was taken over, or given up: the client's list of them is another. */
export function uploadsChanged(): void {
  changes.value++;
}

/** Of a chat's files, something that is another where its list of them is another. */
export function underWay(room: string): string {
  const names = [...progress.value.keys()].filter((name) => name.startsWith(key(room, "")));
  return `${String(changes.value)} ${names.join("\n")}`;
}

/** Go on with a file that was chosen again. Gives whether it is the same one. */
export async function goOn(room: string, upload: Upload, file: File): Promise<boolean> {
  if (sourceOf(file) !== upload.source) return false; // another file would be refused by its hashes, and the upload be lost
  await client()
    .room(room)
    .resumeUpload(upload.intent, file, { onProgress: telling(room, upload.source) });
  uploadsChanged();
  return true;
}

/** Send it no more. */
export async function stopUpload(room: string, upload: Upload): Promise<void> {
  await client().room(room).cancelUpload(upload.intent);
  setProgress(key(room, upload.source), undefined);
  uploadsChanged();
}

function key(room: string, source: string): string {
  return `${room} upload ${source}`;
}
