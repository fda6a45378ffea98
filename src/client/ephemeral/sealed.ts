/**
 * A whisper on its way: sealed under a key of its sender's leaf and the epoch, and signed, as every member has all of these keys. Its key
 * comes from the epoch's exporter and not from the application ratchet: nobody who was away has to make up for it.
 *
 *     struct {
 *         uint8 version = 1;
 *         uint64 epoch;
 *         uint32 leaf_index;
 *         opaque nonce<V>;                 // random
 *         opaque ciphertext<V>;            // of a WhisperText; what is before it is authenticated, with the group's id
 *     } Whisper;
 *
 *     struct {
 *         uint64 number;
 *         opaque content<V>;
 *         opaque signature<V>;             // SafeSignWithLabel("whisper", WhisperTBS)
 *         opaque padding<V>;               // zeros, up to a multiple of 256 bytes
 *     } WhisperText;
 *
 *     struct {
 *         opaque group_id<V>;
 *         uint64 epoch;
 *         uint32 leaf_index;
 *         uint64 number;
 *         opaque content<V>;
 *     } WhisperTBS;
 */

import type { Bytes } from "../../bytes/bytes.ts";
import { decodeCopy, encode, opaque, struct, u32, u64, u8, type Codec } from "../../codec/codec.ts";
import { randomBytes } from "../../crypto/random.ts";
import type { Random } from "../../crypto/provider.ts";
import { CopseError } from "../../errors.ts";
import { verifyForComponent } from "../../group/components/verify.ts";
import type { Group } from "../../group/group.ts";
import { deviceOf } from "../../rooms/uri.ts";

/** The component that signs whispers, in the range for private use. */
const componentId = 0xf040;
const signatureLabel = "whisper";
const keyLabel = "copse whisper key";

/** The longest content. With the rest around it, a whisper fits into what a delivery service takes by default. */
export const longestContent: number = 15 * 1024;
/** The longest whisper that is looked at. */
const longestWhisper = 16 * 1024;
const block = 256;
/** So much padding at the least: from here on, its length takes two bytes. */
const leastPadding = 64;

interface Head {
  readonly version: number;
  readonly epoch: bigint;
  readonly leafIndex: number;
}

interface Sealed extends Head {
  readonly nonce: Uint8Array;
  readonly ciphertext: Uint8Array;
}

interface Inside {
  readonly number: bigint;
  readonly content: Uint8Array;
  readonly signature: Uint8Array;
  readonly padding: Uint8Array;
}

interface Signed {
  readonly groupId: Uint8Array;
  readonly epoch: bigint;
  readonly leafIndex: number;
  readonly number: bigint;
  readonly content: Uint8Array;
}

const Whisper: Codec<Sealed> = struct<Sealed>({
  version: u8,
  epoch: u64,
  leafIndex: u32,
  nonce: opaque,
  ciphertext: opaque,
});
const WhisperText: Codec<Inside> = struct<Inside>({ number: u64, content: opaque, signature: opaque, padding: opaque });
const WhisperTbs: Codec<Signed> = struct<Signed>({
  groupId: opaque,
  epoch: u64,
  leafIndex: u32,
  number: u64,
  content: opaque,
});
const Associated: Codec<Head & { readonly groupId: Uint8Array }> = struct<Head & { readonly groupId: Uint8Array }>({
  version: u8,
  epoch: u64,
  leafIndex: u32,
  groupId: opaque,
});

/** What a whisper says, and who said it. */
export interface OpenedWhisper {
  readonly leafIndex: number;
  /** Its device, or "" where its credential names none. */
  readonly device: string;
  readonly number: bigint;
  readonly content: Bytes;
}

/** Why a whisper is not taken. */
export type WhisperRefusal =
  /** It is no whisper, or longer than one. */
  | "shape"
  /** It is of another epoch than this device is in, or of another group. */
  | "epoch"
  /** Its leaf is nobody's, or this device's own. */
  | "sender"
  /** It was heard before, or something later was. */
  | "replay"
  /** It is old, or its sender's clock is wrong. */
  | "stale"
  /** Its key does not open it. */
  | "open"
  /** Another member than its leaf's has made it. */
  | "signature"
  /** More wait than are looked at. */
  | "busy";

/** Seal a content of this device for the current epoch. */
export async function sealWhisper(
  group: Group,
  { number, content, random }: { readonly number: bigint; readonly content: Uint8Array; readonly random: Random },
): Promise<Uint8Array> {
  const { suite, id: groupId } = group;
  const head: Head = { version: 1, epoch: group.epoch, leafIndex: group.self.leafIndex };
  const { epoch, leafIndex } = head;
  const tbs = encode(WhisperTbs, { groupId, epoch, leafIndex, number, content });
  const signature = await group.component(componentId).sign(signatureLabel, tbs);
  const bare = encode(WhisperText, { number, content, signature, padding: new Uint8Array(leastPadding) }).length;
  const padding = new Uint8Array(leastPadding + ((block - (bare % block)) % block));
  const plaintext = encode(WhisperText, { number, content, signature, padding });
  const nonce = randomBytes(random, suite.nonceLength);
  const key = keyOf(group, leafIndex);
  const ciphertext = suite.seal(key, nonce, encode(Associated, { ...head, groupId }), plaintext);
  key.fill(0);
  return encode(Whisper, { ...head, nonce, ciphertext });
}

/**
 * Open a whisper: the cheap refusals first, and its signature last, which only a member can make anybody look at.
 *
 * @param admits Whether a number of a leaf is a new one.
 */
export async function openWhisper(
  group: Group,
  bytes: Uint8Array,
  admits: (leafIndex: number, number: bigint) => "replay" | "stale" | undefined,
): Promise<OpenedWhisper | WhisperRefusal> {
  if (bytes.length > longestWhisper) return "shape";
  const sealed = decodedAs(Whisper, bytes);
  const { suite, id: groupId } = group;
  if (sealed?.version !== 1 || sealed.nonce.length !== suite.nonceLength) return "shape";
  const { version, epoch, leafIndex, nonce, ciphertext } = sealed;
  if (epoch !== group.epoch) return "epoch";
  const member = leafIndex === group.self.leafIndex ? undefined : group.member(leafIndex);
  if (member === undefined) return "sender";
  const key = keyOf(group, leafIndex);
  const plaintext = openedWith(key, suite, { version, epoch, leafIndex, groupId }, nonce, ciphertext);
  key.fill(0);
  if (plaintext === undefined) return "open";
  const inside = decodedAs(WhisperText, plaintext);
  if (inside === undefined) return "shape";
  const { number, content, signature } = inside;
  const objection = admits(leafIndex, number);
  if (objection !== undefined) return objection;
  const tbs = encode(WhisperTbs, { groupId, epoch, leafIndex, number, content });
  const claim = { suite, member, componentId, label: signatureLabel, content: tbs, signature };
  if (!(await verifyForComponent(claim))) return "signature";
  return { leafIndex, device: deviceOf(member.credential) ?? "", number, content: new Uint8Array(content) };
}

/** The key of a leaf in this epoch. */
function keyOf(group: Group, leafIndex: number): Bytes {
  return group.exportSecret(keyLabel, encode(u32, leafIndex), group.suite.keyLength);
}

function openedWith(
  key: Uint8Array,
  suite: Group["suite"],
  head: Head & { readonly groupId: Uint8Array },
  nonce: Uint8Array,
  ciphertext: Uint8Array,
): Uint8Array | undefined {
  try {
    return suite.open(key, nonce, encode(Associated, head), ciphertext);
  } catch (error) {
    if (error instanceof CopseError) return undefined;
    throw error;
  }
}

function decodedAs<T>(codec: Codec<T>, bytes: Uint8Array): T | undefined {
  try {
    return decodeCopy(codec, bytes);
  } catch (error) {
    if (error instanceof CopseError) return undefined;
    throw error;
  }
}
