/**
 * An engine's options with their defaults, checked.
 */

import type { Random } from "../../crypto/provider.ts";
import { platformRandom, randomBytes } from "../../crypto/random.ts";
import { checkCount, checkUint64 } from "../../sframe/arguments.ts";
import { defaultCrypto, type SFrameCrypto } from "../../sframe/crypto.ts";
import type { Form } from "../../sframe/form.ts";
import { maxEpochBits } from "../../sframe/mls-kid.ts";
import { checkSuite, sframeSuite, type SFrameSuite } from "../../sframe/suites.ts";
import { platformScheduler, type Scheduler } from "../clock.ts";
import { frameCodec } from "../codecs/codecs.ts";
import type { CodecName, FrameCodec } from "../media.ts";
import { maxSession, sessionBits } from "./contexts.ts";
import type { EngineDelays, EngineLimits, FrameEngineOptions } from "./frame-engine.ts";

/** An engine's options, complete. */
export interface EngineSettings extends Required<EngineDelays>, Required<EngineLimits> {
  readonly suite: SFrameSuite;
  readonly epochBits: number;
  readonly crypto: SFrameCrypto<Form>;
  readonly codecs: (name: CodecName) => FrameCodec | undefined;
  readonly session: bigint;
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

/**
 * Frames that one key seals before the group must have begun another epoch: with 20 kB in each, AES-GCM keeps an
 * attacker's advantage below 2^-60. It is more than a week of video, and four days of audio.
 */
export const defaultFramesPerKey: bigint = 2n ** 24n;

/** @throws TypeError where an option is not what it must be. */
export function settleEngine(options: FrameEngineOptions): EngineSettings {
  const settings: EngineSettings = {
    ...withDefaults(options, defaultDelays),
    ...withDefaults(options, defaultCounts),
    maxFramesPerKey: options.maxFramesPerKey ?? defaultFramesPerKey,
    suite: options.suite ?? sframeSuite(4),
    epochBits: options.epochBits ?? 8,
    crypto: options.crypto ?? defaultCrypto<Form>(),
    codecs: options.codecs ?? frameCodec,
    session: options.session ?? randomSession(options.random ?? platformRandom),
    scheduler: options.scheduler ?? platformScheduler,
  };
  checkSuite(settings.suite);
  checkCount("epochBits", settings.epochBits, [1, maxEpochBits]);
  for (const name of names(defaultDelays)) checkCount(name, settings[name], [0, maxDelay]);
  for (const name of names(defaultCounts)) checkCount(name, settings[name], [name === "replayWindow" ? 0 : 1, 2 ** 32]);
  checkUint64("maxFramesPerKey", settings.maxFramesPerKey);
  checkUint64("session", settings.session);
  if (settings.session > maxSession) throw new TypeError(`session must have at most ${sessionBits} bits`);
  if (settings.eraseDelay < settings.sendDelay) throw new TypeError("eraseDelay must be at least sendDelay");
  if (settings.keyFrameInterval === 0) throw new TypeError("keyFrameInterval must not be 0");
  if (typeof settings.codecs !== "function") throw new TypeError("codecs must be a function");
  return settings;
}

function names<T extends object>(of: T): readonly (keyof T)[] {
  return Object.keys(of) as (keyof T)[];
}

/** The given values of some options, and the defaults of the others. */
function withDefaults<T extends object>(given: Partial<T>, defaults: T): T {
  return Object.fromEntries(names(defaults).map((name) => [name, given[name] ?? defaults[name]])) as T;
}

function randomSession(random: Random): bigint {
  return randomBytes(random, sessionBits / 8).reduce((value, byte) => (value << 8n) | BigInt(byte), 0n);
}
