/**
 * The history of an account comes to a device that was linked: page by page, while everything else goes on, and on where it was after a reload. It is
 * asked for once: what the other devices write later the client takes in by itself.
 */

import { effect, signal, untracked } from "@preact/signals";
import type { Client } from "copse/client";
import { notice } from "../state/notices.ts";
import { session } from "../state/session.ts";
import { codeOf, wordsOf } from "../state/words.ts";

/** How many messages have come; undefined where none are coming. */
export const restoring = signal<number | undefined>(undefined);

/** What comes again by itself: the device is not among the others yet, or the service is away. */
const passing: ReadonlySet<string | undefined> = new Set(["history-early", "offline", "unreachable", "rate"]);
const again = 2_000;

const keyOf = (person: string): string => `copse messenger restoring ${person}`;

/** This device was linked just now: when its client is open, the history comes. */
export function expectHistory(person: string): void {
  localStorage.setItem(keyOf(person), "asked for");
}

// What has begun goes on whenever the person is opened.
effect(() => {
  const now = session.value;
  if (now.kind !== "open" || localStorage.getItem(keyOf(now.person)) === null) return;
  untracked(() => void restore(now.person, now.client));
});

async function restore(person: string, client: Client): Promise<void> {
  restoring.value ??= 0;
  try {
    const onProgress = ({ restored }: { readonly restored: number }): void => {
      if (restoring.value !== undefined) restoring.value = restored;
    };
    const { findings, misplaced } = await client.history.restore({ onProgress });
    restoring.value = undefined;
    localStorage.removeItem(keyOf(person));
    // An edge that is missing is looked for again, and said to be kept back after a day.
    if (findings.some(({ kind }) => kind !== "edge") || misplaced > 0)
      void notice({
        kind: "restoring",
        room: undefined,
        tone: "warning",
        text: "Not all of your earlier messages could be brought here: the service did not have them all. What is missing is on your other devices.",
      });
  } catch (error) {
    if (!isOpen(client)) {
      restoring.value = undefined; // it goes on when this person is opened again
    } else if (passing.has(codeOf(error))) {
      later(again, person, client);
    } else {
      localStorage.removeItem(keyOf(person));
      restoring.value = undefined;
      void notice({
        kind: "restoring",
        room: undefined,
        tone: "danger",
        text: `Your earlier messages could not be brought here. ${wordsOf(error)}`,
      });
    }
  }
}

function later(delay: number, person: string, client: Client): void {
  setTimeout(() => {
    if (isOpen(client)) void restore(person, client);
  }, delay);
}

function isOpen(client: Client): boolean {
  const now = session.peek();
  return now.kind === "open" && now.client === client;
}
