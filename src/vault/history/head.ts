/**
 * Heads: how far each device has written in an epoch. Devices agree on them in their group, and give the newest one to whoever keeps it for a
 * device that has nothing: without it, a store can serve an older state as if it were all.
 */

import { hmac } from "#symmetric";
import { asBytes, type Bytes } from "../../bytes/bytes.ts";
import { bytesEqual, constantTimeEqual } from "../../bytes/compare.ts";
import { bytes as aBytes, list, text, thing, uint64, type Takes } from "../../bytes/takes.ts";
import { utf8, utf8Decode } from "../../bytes/text.ts";
import { encode, fixed, opaque, struct, u64, u8, type Codec } from "../../codec/codec.ts";
import { decoded } from "../decoded.ts";
import { VaultError } from "../errors.ts";
import { anEpoch, headKeyOf, type VaultEpoch } from "./epoch.ts";
import { idLength, type ChainTip } from "./record.ts";

/** The version of a head. */
const headVersion = 1;
/** The most devices that write in an epoch. */
const mostChains = 64;

/** The tip of a device's chain. */
export interface DeviceTip extends ChainTip {
  readonly device: string;
}

/** How far each device has written in an epoch. */
export interface VaultHead {
  readonly epoch: bigint;
  readonly authenticator: Uint8Array;
  /** One a device, in the order of their names. */
  readonly tips: readonly DeviceTip[];
}

const DeviceTip: Codec<DeviceTip> = struct<DeviceTip>({
  device: {
    write: (out, value) => out.vectorBytes(utf8(value)),
    read: (input) => {
      const value = utf8Decode(input.vectorBytes());
      if (value === undefined) throw input.fail("decode-value");
      return value;
    },
  },
  count: u64,
  last: fixed(idLength),
});

/** Tips in the order of their devices, one each. */
export const DeviceTips: Codec<readonly DeviceTip[]> = {
  write: (out, tips) => {
    out.u8(tips.length);
    for (const tip of tips) DeviceTip.write(out, tip);
  },
  read: (input) => {
    const count = input.u8();
    if (count > mostChains) throw input.fail("decode-value");
    const tips = Array.from({ length: count }, () => DeviceTip.read(input));
    if (tips.some(({ device }, i) => i > 0 && device <= tips[i - 1]!.device)) throw input.fail("decode-value");
    return tips;
  },
};

interface HeadTbm {
  readonly version: number;
  readonly account: Uint8Array;
  readonly epoch: bigint;
  readonly authenticator: Uint8Array;
  readonly tips: readonly DeviceTip[];
}
const headFields = { version: u8, account: opaque, epoch: u64, authenticator: opaque, tips: DeviceTips } as const;
const HeadTbm: Codec<HeadTbm> = struct<HeadTbm>(headFields);
const WrittenHead: Codec<HeadTbm & { readonly tag: Uint8Array }> = struct<HeadTbm & { readonly tag: Uint8Array }>({
  ...headFields,
  tag: fixed(32),
});

const aTip: Takes = /* @__PURE__ */ thing("a tip", { device: text, count: uint64, last: aBytes }, [
  "device",
  "count",
  "last",
]);
/** A caller's tips. */
export const someTips: Takes = /* @__PURE__ */ list(aTip);

/** Tips in order. @throws TypeError for too many, or a device twice. */
export function orderedTips(tips: readonly DeviceTip[]): readonly DeviceTip[] {
  const ordered = [...tips].sort((a, b) => (a.device < b.device ? -1 : 1));
  if (ordered.length > mostChains) throw new TypeError(`a head has at most ${String(mostChains)} devices`);
  if (ordered.some(({ device }, i) => device === ordered[i - 1]?.device))
    throw new TypeError("a head names a device once");
  return ordered;
}

/** A head as bytes, authentic to all who have the epoch's root. */
export function writeHead(account: Uint8Array, epoch: VaultEpoch, tips: readonly DeviceTip[]): Bytes {
  aBytes("account", account);
  anEpoch("epoch", epoch);
  someTips("tips", tips);
  const { number, authenticator } = epoch;
  const tbm: HeadTbm = { version: headVersion, account, epoch: number, authenticator, tips: orderedTips(tips) };
  return encode(WrittenHead, { ...tbm, tag: tagOf(epoch, tbm) });
}

/**
 * @throws VaultError "vault-format", "vault-version"; "vault-fork" where it is of the same epoch in a group that has parted;
 * "vault-open" where it is another account's or epoch's, or nobody's who has the root.
 */
export function readHead(account: Uint8Array, epoch: VaultEpoch, bytes: Uint8Array): VaultHead {
  const { tag, ...tbm } = parseHead(bytes);
  const isOurs = bytesEqual(tbm.account, account) && tbm.epoch === epoch.number;
  if (isOurs && !bytesEqual(tbm.authenticator, epoch.authenticator)) throw new VaultError("vault-fork");
  if (!isOurs || !constantTimeEqual(tag, tagOf(epoch, tbm))) throw new VaultError("vault-open");
  return { epoch: tbm.epoch, authenticator: new Uint8Array(tbm.authenticator), tips: tbm.tips };
}

/** The number of the epoch that a head says it is of: anybody may have written it. @throws VaultError "vault-format", "vault-version" */
export function epochOfHead(bytes: Uint8Array): bigint {
  return parseHead(bytes).epoch;
}

function parseHead(bytes: Uint8Array): HeadTbm & { readonly tag: Uint8Array } {
  if (bytes[0] !== undefined && bytes[0] !== headVersion) throw new VaultError("vault-version");
  return decoded(WrittenHead, bytes, "vault-format");
}

function tagOf(epoch: VaultEpoch, tbm: HeadTbm): Bytes {
  const key = headKeyOf(epoch);
  const tag = hmac("sha256", key, encode(HeadTbm, tbm));
  key.fill(0);
  return asBytes(tag);
}

/**
 * How a head stands to one that is known: "newer" where no chain is shorter, and one is longer; "older" the other way round; "apart"
 * where each has what the other lacks, which joins to one that is newer than both; "fork" where there are two records of one place, or
 * two groups of one epoch.
 */
export function compareHeads(head: VaultHead, known: VaultHead): "same" | "newer" | "older" | "apart" | "fork" {
  if (head.epoch !== known.epoch) return head.epoch > known.epoch ? "newer" : "older";
  if (!bytesEqual(head.authenticator, known.authenticator)) return "fork";
  let [more, less] = [false, false];
  for (const device of new Set([...head.tips, ...known.tips].map((tip) => tip.device))) {
    const [ours, theirs] = [head, known].map(({ tips }) => tips.find((tip) => tip.device === device));
    const [a, b] = [ours?.count ?? 0n, theirs?.count ?? 0n];
    if (a === b && a > 0n && !bytesEqual(ours!.last, theirs!.last)) return "fork";
    more ||= a > b;
    less ||= a < b;
  }
  if (more && less) return "apart";
  return more ? "newer" : less ? "older" : "same";
}
