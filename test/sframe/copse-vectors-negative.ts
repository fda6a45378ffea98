/**
 * The negative cases of vectors/copse/sframe-negative.json: headers that are none, and sequences of frames of which some
 * must be refused, with the reason that a receiver gives.
 */

import { bytesOf, header, ratchet, seal } from "./longhand.ts";

const hex = (bytes: Buffer): string => bytes.toString("hex");

/** A frame and what must come of it: its plaintext, or an error. */
type Step = readonly [frame: Buffer, expected: "opens" | "header" | "unknown-kid" | "kid-role" | "replay" | "open"];

const metadata = bytesOf("negative metadata", 6);
const plaintext = bytesOf("negative plaintext", 21);

function frameOf(suite: number, kid: bigint, ctr: bigint, baseKey: Buffer): Buffer {
  return seal({ suite, kid, ctr, baseKey, metadata, plaintext });
}

function steps(list: readonly Step[]): readonly Record<string, string>[] {
  return list.map(([frame, expected]) =>
    expected === "opens"
      ? { frame: hex(frame), plaintext: hex(plaintext) }
      : { frame: hex(frame), error: `sframe-${expected}` },
  );
}

/** The frame with one byte changed, counted from its end where negative. */
function changed(frame: Buffer, at: number): Buffer {
  const copy = Buffer.from(frame);
  copy[at < 0 ? copy.length + at : at]! ^= 1;
  return copy;
}

/** Headers that must not decode. */
const headers: readonly (readonly [header: string, reason: string])[] = [
  ["", "no config byte"],
  ["80", "the KID is missing"],
  ["08", "the CTR is missing"],
  ["9001", "a KID of two bytes is cut short"],
  ["8808", "the CTR behind the KID is missing"],
  ["ff".repeat(16), "the last byte of the CTR is missing"],
  ["8000", "KID 0 behind the config byte"],
  ["8007", "KID 7 behind the config byte"],
  ["0800", "CTR 0 behind the config byte"],
  ["0807", "CTR 7 behind the config byte"],
  ["900008", "a KID with a leading zero"],
  ["090008", "a CTR with a leading zero"],
  ["0f0000000000000001", "CTR 1 in eight bytes"],
  ["f000ffffffffffffff", "a KID of eight bytes with a leading zero"],
];

/** One receiver with one key: frames that were changed, and frames that come again. */
function receiver(suite: number): unknown {
  const kid = 0x123n;
  const baseKey = bytesOf(`negative base key ${suite}`, 16);
  const frames = Array.from({ length: 12 }, (_, ctr) => frameOf(suite, kid, BigInt(ctr), baseKey));
  const at = (ctr: number): Buffer => frames[ctr]!;
  const otherMetadata = seal({ suite, kid, ctr: 9n, baseKey, metadata: bytesOf("other", 6), plaintext });
  const noMetadata = seal({ suite, kid, ctr: 9n, baseKey, metadata: Buffer.alloc(0), plaintext });
  // The bytes that header and metadata come to stay the same, the border between them moves.
  const moved = Buffer.concat([header(kid, 9n), metadata.subarray(0, 1), noMetadata.subarray(3)]);
  return {
    cipher_suite: suite,
    metadata: hex(metadata),
    replay_window: 4,
    sending_kids: ["6"],
    keys: [{ kid: kid.toString(), base_key: hex(baseKey) }],
    steps: steps([
      [changed(at(5), -1), "open"], // the tag
      [changed(at(5), 4), "open"], // the ciphertext
      [changed(at(5), 0), "open"], // the counter in the config byte
      [changed(at(5), 2), "unknown-kid"],
      [at(5).subarray(0, -1), "open"],
      [at(5).subarray(0, 3), "open"],
      [at(5).subarray(0, 2), "header"],
      [Buffer.concat([at(5), Buffer.of(0)]), "open"],
      [otherMetadata, "open"],
      [noMetadata, "open"],
      [moved, "open"],
      [frameOf(suite, 7n, 0n, baseKey), "unknown-kid"],
      [frameOf(suite, 6n, 0n, baseKey), "kid-role"],
      [frameOf(suite, kid, 5n, bytesOf("another base key", 16)), "open"],
      [frameOf((suite % 8) + 1, kid, 5n, baseKey), "open"],
      [at(5), "opens"], // nothing of the above has moved the window
      [at(5), "replay"],
      [at(3), "opens"],
      [at(3), "replay"],
      [at(2), "opens"], // the last of the window
      [at(1), "replay"], // fresh, but behind the window
      [changed(at(11), -1), "open"], // must not move the window
      [at(4), "opens"],
      [at(11), "opens"],
      [at(7), "replay"],
      [at(8), "opens"],
    ]),
  };
}

/** A receiver of the sender keys scheme: R = 3, up to three steps ahead, two behind. */
function ratcheting(suite: number): unknown {
  const keys = [bytesOf(`negative sender key ${suite}`, 16)];
  for (let step = 1; step <= 8; step++) keys.push(ratchet(suite, keys[step - 1]!));
  const kidOf = (step: number): bigint => 8n + BigInt(step % 8);
  const at = (step: number, ctr = 0n): Buffer => frameOf(suite, kidOf(step), ctr, keys[step]!);
  return {
    cipher_suite: suite,
    metadata: hex(metadata),
    step_bits: 3,
    max_ahead: 3,
    keep_steps: 2,
    key: { kid: kidOf(0).toString(), base_key: hex(keys[0]!) },
    steps: steps([
      [at(4), "unknown-kid"], // too far ahead
      [changed(at(3), -1), "open"],
      [frameOf(suite, kidOf(1), 0n, keys[0]!), "open"], // the next step's KID under the old key
      [at(0), "opens"], // nothing has moved
      [at(3), "opens"],
      [at(1), "opens"],
      [at(2), "opens"],
      [at(0, 1n), "unknown-kid"], // its key is gone
      [at(2), "replay"],
      [at(5), "opens"],
      [at(8), "opens"], // the KID of step 0 again, with another key
      [at(0, 2n), "open"],
      [frameOf(suite, 16n, 0n, keys[0]!), "unknown-kid"], // a generation that was not distributed
    ]),
  };
}

/** A member of an MLS group: leaf 1 of 4, E = 1, so that two epochs are held. */
function member(suite: number): unknown {
  const nk = { 4: 16, 5: 32 }[suite] ?? (suite < 4 ? 48 : 96);
  const keys = [10n, 11n, 12n].map((epoch) => ({ epoch, key: bytesOf(`negative epoch ${suite} ${epoch}`, nk) }));
  const kidOf = (epoch: bigint, leafIndex: bigint, context = 0n): bigint =>
    context * 8n + leafIndex * 2n + (epoch % 2n);
  const at = (epoch: bigint, leafIndex: bigint, ctr: bigint, context = 0n): Buffer =>
    frameOf(suite, kidOf(epoch, leafIndex, context), ctr, keys[Number(epoch - 10n)]!.key);
  return {
    cipher_suite: suite,
    metadata: hex(metadata),
    epoch_bits: 1,
    leaf_index: 1,
    tree_width: 4,
    max_contexts: 2,
    phases: [
      {
        epoch: "10",
        base_key: hex(keys[0]!.key),
        steps: steps([
          [at(10n, 0n, 0n), "opens"],
          [at(10n, 0n, 0n), "replay"],
          [at(10n, 1n, 0n), "kid-role"], // our own leaf
          [at(10n, 1n, 0n, 7n), "kid-role"],
          [at(11n, 0n, 0n), "unknown-kid"], // an epoch that has not come
          [frameOf(suite, kidOf(10n, 0n), 1n, keys[1]!.key), "open"],
        ]),
      },
      {
        epoch: "11",
        base_key: hex(keys[1]!.key),
        steps: steps([
          [at(11n, 0n, 0n), "opens"], // the same leaf and CTR: replay is counted for each epoch
          [at(10n, 0n, 1n), "opens"],
          [at(10n, 2n, 0n, 5n), "opens"],
        ]),
      },
      {
        epoch: "12",
        base_key: hex(keys[2]!.key),
        steps: steps([
          [at(10n, 0n, 2n), "open"], // its epoch is erased, its KID means epoch 12 now
          [at(12n, 0n, 2n), "opens"],
          [at(11n, 3n, 0n), "opens"],
        ]),
      },
    ],
  };
}

/** The whole file. */
export function negative(): unknown {
  const suites = [1, 2, 3, 4, 5, 6, 7, 8];
  return {
    header: headers.map(([bytes, reason]) => ({ header: bytes, reason, error: "sframe-header" })),
    receiver: suites.map(receiver),
    ratchet: suites.map(ratcheting),
    mls: suites.map(member),
  };
}
