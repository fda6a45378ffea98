/**
 * Which of a user's devices does first what any of them may do: the one that has made the list, then as the list has them.
 */

import type { AccountView } from "../../accounts/view.ts";

/** How long each device leaves it to those before it, in milliseconds. */
export const patience: number = 10_000;

/** How many are before this device. Undefined where it is not on the list, or suspended. */
export function positionOf({ maker, devices }: AccountView, device: string): number | undefined {
  const trusted = devices.filter(({ suspended }) => !suspended).map(({ uri }) => uri);
  if (!trusted.includes(device)) return undefined;
  return device === maker ? 0 : 1 + trusted.filter((each) => each !== maker).indexOf(device);
}
