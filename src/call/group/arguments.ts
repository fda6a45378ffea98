/**
 * What a call's group takes.
 */

import { checkCount } from "../../bytes/numbers.ts";
import { bytes, having, hook, list, options, type Shape, type Takes } from "../../bytes/takes.ts";
import { externalSendersTaken } from "../../public-group/extensions.ts";
import { groupShape, identity } from "../../public-group/options/takes.ts";
import { aScheduler } from "../clock.ts";
import type { CallGroupOptions, StartOptions } from "./options.ts";
import { defaultTiming } from "./transport.ts";

const count: Takes = (place, value) => {
  checkCount(place, value as number, [0, 2 ** 32]);
};
/** Timers of every platform keep that. */
const delay: Takes = (place, value) => {
  checkCount(place, value as number, [0, 2 ** 31 - 1]);
};

// eslint-disable-next-line @typescript-eslint/no-unused-vars -- what is left are the options
const { handshake, acceptHandshake, psks, ...shared } = groupShape;
const joinShape: Shape<CallGroupOptions> = {
  ...shared,
  chat: having("a Group", "branch", "psks"),
  callId: bytes,
  identity,
  transport: having("a Transport", "send"),
  timing: options(Object.fromEntries(Object.keys(defaultTiming).map((name) => [name, delay] as const))),
  held: count,
  heldMessageBytes: count,
  heldBytes: count,
  scheduler: aScheduler,
  onEvent: hook,
};
const startShape: Shape<StartOptions> = {
  ...joinShape,
  externalSenders: externalSendersTaken,
  keyPackages: list(bytes),
};

export const joinTakes: Takes = options(joinShape, "authentication", "chat", "callId", "transport");
export const startTakes: Takes = options(startShape, "authentication", "chat", "callId", "transport");
