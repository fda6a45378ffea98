/**
 * The settings of a group: its options checked, with every default filled in. Everything that a stranger can make grow is
 * bounded by one of them.
 */

import { defaultLimits } from "../../codec/limits.ts";
import { checkedRandom, platformRandom } from "../../crypto/random.ts";
import type { LifetimePolicy } from "../../rules/leaf-node.ts";
import { prepareRegistry } from "../../rules/registry.ts";
import { checkedClock } from "../../bytes/clock.ts";
import { greaseOf } from "./grease.ts";
import { hooksOf } from "./hooks.ts";
import { Queue } from "../turns/queue.ts";
import type { GroupOptions, Settings, Window } from "./settings.ts";

const day = 24 * 60 * 60 * 1000;

export const defaultWindow: Window = {
  pastEpochs: 2,
  pastEpochAge: day,
  generationGap: 1_000,
  outOfOrderKeys: 256,
  outOfOrderAge: day,
  resumptionPsks: 8,
  ownMessages: 128,
  messagesPerEpoch: 2 ** 24,
};

export const defaultLifetime: LifetimePolicy = {
  checkAdds: false,
  checkTree: false,
  clockSkew: 3_600,
  maximum: 400 * 24 * 60 * 60,
};

/** The settings of options that `groupShape` has checked. @throws TypeError for types that are registered twice. */
export function settingsOf(options: GroupOptions): Settings {
  const limits = withDefaults(defaultLimits, options.limits);
  const registry = prepareRegistry(options.registry);
  const random = checkedRandom(options.random ?? platformRandom);
  const queue = new Queue();
  return {
    queue,
    ...hooksOf(options, queue),
    handshake: options.handshake ?? "private",
    acceptHandshake: options.acceptHandshake ?? "any",
    padding: options.padding ?? { kind: "none" },
    window: withDefaults(defaultWindow, options.window),
    limits,
    lifetime: withDefaults(defaultLifetime, options.lifetime),
    registry,
    acceptUnlistedSuite: options.acceptUnlistedSuite === true,
    grease: greaseOf(options.grease, random),
    clock: checkedClock(options.clock),
    random,
    reading: { limits, proposals: registry.bodies },
  };
}

/** Values that a caller gives, and the defaults of those that it leaves out or undefined: none of these is a limit of none. */
export function withDefaults<T extends object>(defaults: T, given: Partial<T> = {}): T {
  return Object.fromEntries(
    Object.entries(defaults).map(([name, value]) => [name, given[name as keyof T] ?? (value as unknown)]),
  ) as T;
}
