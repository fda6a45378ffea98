/**
 * An engine's options with their defaults, checked.
 */

import { platformRandom } from "../../crypto/random.ts";
import { anything, having, hook, options as optionsOf, uint64 } from "../../bytes/takes.ts";
import { defaultCrypto, type SFrameCrypto } from "../../sframe/crypto.ts";
import type { Form } from "../../sframe/form.ts";
import { frameCodec } from "../codecs/codecs.ts";
import type { CodecName, FrameCodec } from "../media.ts";
import { maxSession, randomSession, sessionBits } from "./contexts.ts";
import { commonSettingsOf, commonShape, type CommonSettings } from "./defaults.ts";
import type { EngineLimits, FrameEngineOptions } from "./frame-engine.ts";

/** An engine's options, complete. */
export interface EngineSettings extends CommonSettings, Required<EngineLimits> {
  readonly crypto: SFrameCrypto<Form>;
  readonly codecs: (name: CodecName) => FrameCodec | undefined;
  readonly session: bigint;
}

/**
 * Frames that one key seals before the group must have begun another epoch: with 20 kB in each, AES-GCM keeps an
 * attacker's advantage below 2^-60. It is more than a week of video, and four days of audio.
 */
export const defaultFramesPerKey: bigint = 2n ** 24n;

const takenOptions = optionsOf({
  ...commonShape,
  suite: anything,
  maxFramesPerKey: uint64,
  crypto: having("an SFrameCrypto", "gcm", "ctrHmac"),
  codecs: hook,
  session: uint64,
  random: hook,
  onEvent: hook,
});

/** @throws TypeError where an option is not what it must be. */
export function engineSettingsOf(options: FrameEngineOptions): EngineSettings {
  takenOptions("options", options);
  const settings: EngineSettings = {
    ...commonSettingsOf(options),
    maxFramesPerKey: options.maxFramesPerKey === undefined ? defaultFramesPerKey : options.maxFramesPerKey,
    crypto: options.crypto ?? defaultCrypto<Form>(),
    codecs: options.codecs ?? frameCodec,
    session: options.session === undefined ? randomSession(options.random ?? platformRandom) : options.session,
  };
  if (settings.session > maxSession) throw new TypeError(`session must have at most ${sessionBits} bits`);
  return settings;
}
