/**
 * Which camera and which microphone a person has chosen, in this browser: their ids mean nothing in another one.
 */

import { signal } from "@preact/signals";

export type MediaKind = "camera" | "microphone";

/** Ids of the browser's; undefined for what the browser takes by itself. */
export type MediaChoice = Readonly<Record<MediaKind, string | undefined>>;

/** One that can be chosen. */
export interface MediaSource {
  readonly id: string;
  readonly name: string;
}

const key = "copse messenger media";

export const chosenMedia = signal<MediaChoice>(read());

/** Choose, for this call and later ones. */
export function chooseMedia(kind: MediaKind, id: string | undefined): void {
  chosenMedia.value = { ...chosenMedia.value, [kind]: id };
  localStorage.setItem(key, JSON.stringify(chosenMedia.value));
}

/** What there is to choose among. Before a page was let use one, the browser names none of them, and may tell of one at the most. */
export async function mediaSources(kind: MediaKind): Promise<readonly MediaSource[]> {
  const media = (navigator as { readonly mediaDevices?: MediaDevices }).mediaDevices; // missing where a page is not secure
  if (media === undefined) return [];
  const wanted = kind === "camera" ? "videoinput" : "audioinput";
  const found = (await media.enumerateDevices()).filter((each) => each.kind === wanted && each.deviceId !== "");
  return found.map(({ deviceId, label }, i) => ({
    id: deviceId,
    name: label === "" ? `${kind === "camera" ? "Camera" : "Microphone"} ${String(i + 1)}` : label,
  }));
}

/** Hear that one was plugged in or pulled out. */
export function onMediaSources(listener: () => void): () => void {
  const media = (navigator as { readonly mediaDevices?: MediaDevices }).mediaDevices;
  media?.addEventListener("devicechange", listener);
  return () => media?.removeEventListener("devicechange", listener);
}

function read(): MediaChoice {
  try {
    const stored = JSON.parse(localStorage.getItem(key) ?? "{}") as Partial<Record<MediaKind, unknown>>;
    const text = (value: unknown): string | undefined => (typeof value === "string" ? value : undefined);
    return { camera: text(stored.camera), microphone: text(stored.microphone) };
  } catch {
    return { camera: undefined, microphone: undefined };
  }
}
