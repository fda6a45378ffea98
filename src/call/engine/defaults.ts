/**
 * The options that need no cryptography of ours, with their defaults, checked: what an engine and the browser's own
 * SFrame have in common.
 */

import { checkCount } from "../../bytes/numbers.ts";
import type { Shape, Takes } from "../../bytes/takes.ts";
import { maxEpochBits } from "../../sframe/mls-kid.ts";
import { checkSuite, sframeSuite, type SFrameSuite } from "../../sframe/suites.ts";
import { aScheduler, platformScheduler, type Scheduler } from "../clock.ts";
import type { EngineDelays, EngineLimits, FrameEngineOptions } from "./frame-engine.ts";

/** Delays and counts. */
export interface CommonSettings extends Required<EngineDelays>, Required<Omit<EngineLimits, "maxFramesPerKey">> {
  readonly suite: SFrameSuite;
  readonly epochBits: number;
  readonly scheduler: Scheduler;
}

/** The longest delay that timers of every platform keep: about 24 days. */
const maxDelay = 2 ** 31 - 1;

/** The delays, in milliseconds. */
export const defaultDelays: Required<EngineDelays> = {
  sendDelay: 1000,
  eraseDelay: 10_000,
  holdTime: 1000,
  keyFrameInterval: 250,
  maxKeyFrameInterval: 8000,
};

/** The limits that are counts. */
export const defaultCounts: Omit<Required<EngineLimits>, "maxFramesPerKey"> = {
  maxEpochs: 16,
  maxContexts: 64,
  maxKeys: 65_536,
  maxTracks: 1024,
  replayWindow: 1024,
  maxHeldFrames: 128,
  maxHeldBytes: 2 ** 21,
  maxHeldFramesInAll: 2048,
  maxHeldBytesInAll: 2 ** 24,
  maxFrameBytes: 2 ** 22,
};

const delay: Takes = (place, value) => {
  checkCount(place, value as number, [0, maxDelay]);
};
const count: Takes = (place, value) => {
  checkCount(place, value as number, [1, 2 ** 32]);
};
const each = (of: object, takes: Takes): Shape<object> => Object.fromEntries(names(of).map((name) => [name, takes]));

/** The options that have nothing to do with cryptography. */
export const commonShape: Readonly<Record<string, Takes>> = {
  ...each(defaultDelays, delay),
  ...each(defaultCounts, count),
  replayWindow: (place, value) => {
    checkCount(place, value as number, [0, 2 ** 32]);
  },
  epochBits: (place, value) => {
    checkCount(place, value as number, [1, maxEpochBits]);
  },
  scheduler: aScheduler,
};

/** @throws TypeError where an option is not what it must be. */
export function commonSettingsOf(options: FrameEngineOptions): CommonSettings {
  const settings: CommonSettings = {
    ...withDefaults(options, defaultDelays),
    ...withDefaults(options, defaultCounts),
    suite: options.suite ?? sframeSuite(4),
    epochBits: options.epochBits === undefined ? 8 : options.epochBits,
    scheduler: options.scheduler ?? platformScheduler,
  };
  checkSuite(settings.suite);
  if (settings.eraseDelay < settings.sendDelay) throw new TypeError("eraseDelay must be at least sendDelay");
  if (settings.keyFrameInterval === 0) throw new TypeError("keyFrameInterval must not be 0");
  return settings;
}

function names<T extends object>(of: T): readonly (keyof T)[] {
  return Object.keys(of) as (keyof T)[];
}

/** The given values of some options, and the defaults of the others. */
function withDefaults<T extends object>(given: Partial<T>, defaults: T): T {
  return Object.fromEntries(
    names(defaults).map((name) => [name, given[name] === undefined ? defaults[name] : given[name]]),
  ) as T;
}
