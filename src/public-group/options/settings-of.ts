/**
 * The settings of a group: its options checked, with every default filled in. Everything that a stranger can make grow is
 * bounded by one of them.
 */

import { defaultLimits } from "../../codec/limits.ts";
import { checkedRandom, platformRandom } from "../../crypto/random.ts";
import type { LifetimePolicy } from "../../rules/leaf-node.ts";
import { prepareRegistry } from "../../rules/registry.ts";
import { checkedClock } from "./clock.ts";
import { greaseOf } from "./grease.ts";
import { hooksOf } from "./hooks.ts";
import { checkPadding } from "./padding.ts";
import { Queue } from "../turns/queue.ts";
import type { AuthenticationService, GroupOptions, Settings, Window } from "./settings.ts";

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

/** @throws TypeError where the authentication service is missing, or a number is out of range. */
export function settingsOf(options: GroupOptions): Settings {
  const { authentication } = options;
  // Callers without types may leave it out, and there must be no default.
  if (typeof (authentication as Partial<AuthenticationService> | undefined)?.validate !== "function") {
    throw new TypeError("an AuthenticationService is required");
  }
  const limits = numbers("limits", defaultLimits, options.limits);
  const registry = prepareRegistry(options.registry);
  const padding = options.padding ?? { kind: "none" };
  checkPadding(padding);
  const random = checkedRandom(options.random ?? platformRandom);
  const queue = new Queue();
  return {
    queue,
    ...hooksOf(options, queue),
    handshake: options.handshake ?? "private",
    acceptHandshake: options.acceptHandshake ?? "any",
    padding,
    window: numbers("window", defaultWindow, options.window),
    limits,
    lifetime: lifetimePolicy(options.lifetime),
    registry,
    acceptUnlistedSuite: options.acceptUnlistedSuite === true,
    grease: greaseOf(options.grease, random),
    clock: checkedClock(options.clock),
    random,
    reading: { limits, proposals: registry.bodies },
  };
}

function lifetimePolicy(given: Partial<LifetimePolicy> = {}): LifetimePolicy {
  const { clockSkew, maximum, ...checks } = { ...defaultLifetime, ...given };
  for (const [name, value] of Object.entries(checks)) {
    if (typeof value !== "boolean") throw new TypeError(`lifetime.${name} is true or false`);
  }
  checkCountOf("lifetime.clockSkew", clockSkew);
  if (clockSkew === Infinity) throw new TypeError("lifetime.clockSkew is a number of seconds");
  checkCountOf("lifetime.maximum", maximum);
  return { ...checks, clockSkew, maximum };
}

/** A bound or a duration: a whole number, or Infinity for none. */
function checkCountOf(name: string, value: unknown): void {
  if (value !== Infinity && !(Number.isSafeInteger(value) && (value as number) >= 0)) {
    throw new TypeError(`${name} is a whole number, zero or more, or Infinity`);
  }
}

function numbers<T extends object>(name: string, defaults: T, given: Partial<T> = {}): T {
  for (const [key, value] of Object.entries(given)) {
    checkCountOf(`${name}.${key}`, value);
  }
  return { ...defaults, ...given };
}
