/**
 * For the benchmark of the messenger: a page of it that shows as many messages as it is told to, in the chat that is open. They are copies of the
 * newest one, in the signal from which the view reads.
 */

import { timeline } from "../../docs/demo/app/state/timeline.ts";

Object.assign(globalThis, {
  /** Show so many messages. */
  showMany: (count: number): void => {
    const now = timeline.value;
    const newest = now?.entries.at(-1);
    if (now === undefined || newest === undefined) throw new Error("no chat is open, or it has no message");
    const entries = Array.from({ length: count }, (_, i) => ({
      ...newest,
      id: Uint8Array.of(i >> 16, i >> 8, i),
      place: newest.place - BigInt(count - i),
      at: newest.at - (count - i) * 60_000,
      said: {
        kind: "text" as const,
        text: `Message ${String(i)}: ${"some words ".repeat(1 + (i % 12))}`,
        format: "plain" as const,
      },
      reactions: [],
    }));
    timeline.value = { ...now, entries: [...entries, newest], isWhole: true };
  },
});
