/**
 * Back edges: whoever has a later root gets the earlier ones. The edge of an epoch holds the root of the one before, and the tips at which its
 * chains have ended, sealed under the epoch's own root: so what a revoked device writes later into an epoch that it knows is not taken.
 */

import { Secret } from "../../bytes/secret.ts";
import type { Bytes } from "../../bytes/bytes.ts";
import { copyBytes } from "../../bytes/copy.ts";
import { bytes as aBytes, hook, options as optionsOf, thing } from "../../bytes/takes.ts";
import { encode, fixed, opaque, optional, struct, u64, u8, type Codec } from "../../codec/codec.ts";
import type { Random } from "../../crypto/provider.ts";
import { platformRandom, randomBytes } from "../../crypto/random.ts";
import { xchacha20Poly1305Open, xchacha20Poly1305Seal } from "../../crypto/symmetric-xchacha.ts";
import { decoded } from "../decoded.ts";
import { VaultError } from "../errors.ts";
import { anEpoch, edgeKeyOf, rootLength, type VaultEpoch } from "./epoch.ts";
import { DeviceTips, orderedTips, someTips, type DeviceTip } from "./head.ts";

/** The version of an edge. */
const edgeVersion = 1;
const nonceLength = 24;

interface WrittenEdge {
  readonly version: number;
  readonly nonce: Uint8Array;
  readonly sealed: Uint8Array;
}
const WrittenEdge: Codec<WrittenEdge> = struct<WrittenEdge>({ version: u8, nonce: fixed(nonceLength), sealed: opaque });

interface Before {
  readonly epoch: bigint;
  readonly authenticator: Uint8Array;
  readonly root: Uint8Array;
  readonly tips: readonly DeviceTip[];
}
/** Of the first epoch nothing: that it is the first one is sealed as well, so that a store can't make a later one look like it. */
const Inside: Codec<Before | undefined> = optional(
  struct<Before>({ epoch: u64, authenticator: opaque, root: fixed(rootLength), tips: DeviceTips }),
);

interface Beside {
  readonly version: number;
  readonly account: Uint8Array;
  readonly epoch: bigint;
  readonly authenticator: Uint8Array;
}
const Beside: Codec<Beside> = struct<Beside>({ version: u8, account: opaque, epoch: u64, authenticator: opaque });

/** What an edge leads to. */
export interface EarlierEpoch {
  readonly epoch: VaultEpoch;
  /** How far each device had written when the epoch ended: what is behind it is nobody's. */
  readonly tips: readonly DeviceTip[];
}

/**
 * The edge from an epoch to the one before, or of the first one, to nothing. Made once, by the device whose commit has begun the epoch.
 *
 * @throws TypeError where the epoch before is not before it.
 */
export function sealEdge(options: {
  readonly account: Uint8Array;
  readonly epoch: VaultEpoch;
  readonly before: EarlierEpoch | undefined;
  readonly random?: Random;
}): Bytes {
  takes("sealEdge", options);
  const { account, epoch, before, random = platformRandom } = options;
  if (before !== undefined && before.epoch.number >= epoch.number) {
    throw new TypeError("sealEdge.before.epoch is not before sealEdge.epoch");
  }
  const nonce = randomBytes(random, nonceLength);
  const key = edgeKeyOf(epoch);
  const inside = insideOf(before);
  const sealed = xchacha20Poly1305Seal(key, nonce, besideOf(account, epoch), inside);
  inside.fill(0);
  key.fill(0);
  return encode(WrittenEdge, { version: edgeVersion, nonce, sealed });
}

const takes = /* @__PURE__ */ optionsOf(
  {
    account: aBytes,
    epoch: anEpoch,
    before: thing("an earlier epoch", { epoch: anEpoch, tips: someTips }, ["epoch", "tips"]),
    random: hook,
  },
  "account",
  "epoch",
);

function insideOf(before: EarlierEpoch | undefined): Uint8Array {
  if (before === undefined) return encode(Inside, undefined);
  const { number, authenticator, root } = before.epoch;
  const tips = orderedTips(before.tips);
  return root.use((bytes) => encode(Inside, { epoch: number, authenticator, root: bytes, tips }));
}

/**
 * The epoch before, or undefined of the first one.
 *
 * @throws VaultError "vault-format", "vault-version"; "vault-open" where it is another epoch's or account's, or damaged.
 */
export function openEdge(account: Uint8Array, epoch: VaultEpoch, bytes: Uint8Array): EarlierEpoch | undefined {
  if (bytes[0] !== undefined && bytes[0] !== edgeVersion) throw new VaultError("vault-version");
  const { nonce, sealed } = decoded(WrittenEdge, bytes, "vault-format");
  const key = edgeKeyOf(epoch);
  let opened: Uint8Array;
  try {
    opened = xchacha20Poly1305Open(key, nonce, besideOf(account, epoch), sealed);
  } catch {
    throw new VaultError("vault-open");
  } finally {
    key.fill(0);
  }
  const inside = decoded(Inside, opened, "vault-format");
  if (inside === undefined) return undefined;
  // Numbers go down with each edge, so that following them comes to an end.
  if (inside.epoch >= epoch.number) throw new VaultError("vault-format");
  const root = Secret.of("vault_root", copyBytes(inside.root));
  const authenticator = copyBytes(inside.authenticator);
  const tips = inside.tips.map(({ device, count, last }) => ({ device, count, last: copyBytes(last) }));
  opened.fill(0);
  return { epoch: { number: inside.epoch, authenticator, root }, tips };
}

function besideOf(account: Uint8Array, { number, authenticator }: VaultEpoch): Uint8Array {
  return encode(Beside, { version: edgeVersion, account, epoch: number, authenticator });
}
