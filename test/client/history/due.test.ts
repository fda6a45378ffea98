/** Which entries are marked to be kept. */

import { expect, it } from "vitest";
import { dueKey, dueMarks } from "../../../src/client/history/due.ts";
import { timeEntry } from "../../../src/client/store/entry.ts";
import { messageKey, sentKey, timelineKey } from "../../../src/client/store/keys.ts";
import { plainEntry, sentEntry, timelineEntry, type EntryStatus } from "../../../src/client/timeline/entry.ts";

const room = "mimi://example.org/r/hiking";

function entry(place: bigint, status: EntryStatus, device: string) {
  const plain = { ...plainEntry, id: new Uint8Array(32).fill(1), number: 7n, at: 9, content: new Uint8Array(3) };
  return { put: timelineKey(room, place), value: timelineEntry.write({ ...plain, status, device }) };
}

it.each(["phone", "x".repeat(200)])(
  "all are that the service has, or never will: what waits for it is when it says so (%s)",
  (name) => {
    const device = `mimi://example.org/d/alice/${name}`;
    const statuses = ["waiting", "sent", "failed", "received", "restored"] as const;
    const changes = [
      ...statuses.map((status, i) => entry(BigInt(i), status, device)),
      { put: messageKey(room, new Uint8Array(32)), value: new Uint8Array(1) },
      { delete: timelineKey(room, 9n) },
      { put: sentKey(room, 10n), value: sentEntry.write({ status: "sent", number: 7n, at: 9 }) },
      { delete: sentKey(room, 11n) },
    ];
    expect(dueMarks(changes, 5)).toEqual(
      [1n, 2n, 3n, 4n, 10n].map((place) => ({ put: dueKey(room, place), value: timeEntry.write(5) })),
    );
  },
);
