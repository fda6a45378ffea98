/**
 * What is measured of SFrame: the names of the rows, and of those who are compared.
 */

import type { Figure } from "./rows.ts";

/** A row's name says what is done, and with frames of how many bytes, or for how many senders. */
export const sframeRowNames = [
  "sframe-seal-100",
  "sframe-seal-1200",
  "sframe-seal-20000",
  "sframe-open-100",
  "sframe-open-1200",
  "sframe-open-20000",
  "sframe-epoch-keys-50",
] as const;

export type SFrameRowName = (typeof sframeRowNames)[number];

/**
 * copse and the AEAD alone: in Node with `node:crypto`, and in a worker of a browser with WebCrypto. There the least program
 * that makes frames of SFrame stands beside them, without a line of copse.
 */
export const sframePeerNames = ["copse", "bare-node", "copse-browser", "bare-browser", "floor-browser"] as const;

export type SFramePeerName = (typeof sframePeerNames)[number];

/** How many members the call has: the size of every figure. */
export const callSize = 50;

/** Frames in a second, or the milliseconds from a processed commit to the keys of all senders. */
export type SFrameUnit = "frames/s" | "ms";

export type SFrameFigure = Figure<SFrameRowName, SFramePeerName, SFrameUnit>;

/** A row's parts. */
export type SFrameJob =
  | { readonly kind: "seal" | "open"; readonly length: number }
  | { readonly kind: "epoch-keys"; readonly senders: number };

/** What a row asks for. */
export function jobOf(row: SFrameRowName): SFrameJob {
  const number = Number(row.slice(row.lastIndexOf("-") + 1));
  if (row.startsWith("sframe-epoch-keys")) return { kind: "epoch-keys", senders: number };
  return { kind: row.startsWith("sframe-seal") ? "seal" : "open", length: number };
}

export function sframeUnitOf(row: SFrameRowName): SFrameUnit {
  return jobOf(row).kind === "epoch-keys" ? "ms" : "frames/s";
}
