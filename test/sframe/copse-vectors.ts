/**
 * What stands in vectors/copse/sframe-*.json, computed by hand (longhand.ts). The formats are described in
 * vectors/README.md. The test beside this file compares, and writes the files where COPSE_WRITE_VECTORS=1.
 */

import { negative } from "./copse-vectors-negative.ts";
import { baseKey, bytesOf, deriveKeySalt, ratchet, seal, type FrameInput } from "./longhand.ts";

const suites = [1, 2, 3, 4, 5, 6, 7, 8];
const most = 2n ** 64n - 1n;

/** MLS cipher suites with the three hashes. */
const mlsHashes: Readonly<Record<number, string>> = { 1: "sha256", 5: "sha512", 7: "sha384" };

const hex = (bytes: Buffer): string => bytes.toString("hex");

/** A frame and what it is made of, but suite, KID and base key. */
function frameOf({ metadata, plaintext, ctr, ...key }: FrameInput): Record<string, string> {
  const ciphertext = hex(seal({ ...key, ctr, metadata, plaintext }));
  return { ctr: ctr.toString(), metadata: hex(metadata), plaintext: hex(plaintext), ciphertext };
}

/** Frames of several lengths and counters under one key. */
function framesOf(suite: number, kid: bigint, key: Buffer): readonly Record<string, string>[] {
  const label = `${suite} ${kid}`;
  return [
    { ctr: 0n, metadata: Buffer.alloc(0), plaintext: Buffer.alloc(0) },
    { ctr: 7n, metadata: bytesOf(`metadata ${label}`, 11), plaintext: bytesOf(`plaintext ${label}`, 16) },
    { ctr: 0x10000n, metadata: Buffer.alloc(0), plaintext: bytesOf(`longer ${label}`, 100) },
  ].map((frame) => frameOf({ suite, kid, baseKey: key, ...frame }));
}

/** A KID's key and salt. */
function keysOf(suite: number, kid: bigint, key: Buffer): Record<string, string> {
  const { secret, key: sframeKey, salt } = deriveKeySalt(suite, kid, key);
  return { sframe_secret: hex(secret), sframe_key: hex(sframeKey), sframe_salt: hex(salt) };
}

interface MlsKid {
  readonly context: bigint;
  readonly leafIndex: number;
  readonly epoch: bigint;
  readonly epochBits: number;
  readonly treeWidth: number;
}

/** S: written as the RFC words it. */
function leafBits(treeWidth: number): number {
  let s = 0;
  while (!(treeWidth <= 2 ** s)) s++;
  return s;
}

/** Section 5.2, by arithmetic. */
function mlsKid({ context, leafIndex, epoch, epochBits, treeWidth }: MlsKid): bigint {
  const [s, e] = [BigInt(leafBits(treeWidth)), BigInt(epochBits)];
  return context * 2n ** (s + e) + BigInt(leafIndex) * 2n ** e + (epoch % 2n ** e);
}

function mlsKidEntry(kid: MlsKid): Record<string, string | number> {
  const { context, leafIndex, epoch, epochBits, treeWidth } = kid;
  return {
    context: context.toString(),
    leaf_index: leafIndex,
    epoch: epoch.toString(),
    epoch_bits: epochBits,
    tree_width: treeWidth,
    leaf_bits: leafBits(treeWidth),
    kid: mlsKid(kid).toString(),
  };
}

/** KIDs of both schemes, and inputs that have none. */
function kids(): unknown {
  const figure = [
    [14n, 3, 0n],
    [14n, 7, 0n],
    [14n, 20, 0n],
    [15n, 3, 0n],
    [15n, 5, 0n],
    [16n, 2, 2n],
    [16n, 2, 3n],
    [17n, 33, 0n],
    [17n, 51, 0n],
  ] as const;
  const edges: MlsKid[] = [
    { context: 0n, leafIndex: 0, epoch: 0n, epochBits: 0, treeWidth: 1 },
    { context: most, leafIndex: 0, epoch: most, epochBits: 0, treeWidth: 1 },
    { context: 0n, leafIndex: 1, epoch: most, epochBits: 1, treeWidth: 2 },
    { context: 1n, leafIndex: 2, epoch: 5n, epochBits: 2, treeWidth: 3 },
    { context: 2n ** 51n, leafIndex: 511, epoch: 2n ** 53n + 1n, epochBits: 3, treeWidth: 512 },
    { context: 2n ** 58n - 1n, leafIndex: 3, epoch: 15n, epochBits: 4, treeWidth: 4 },
    { context: 2n ** 48n - 1n, leafIndex: 0, epoch: 65_535n, epochBits: 16, treeWidth: 1 },
    { context: 2n ** 17n - 1n, leafIndex: 2 ** 31 - 1, epoch: 65_536n, epochBits: 16, treeWidth: 2 ** 31 },
  ];
  const refused = [
    { context: "0", leaf_index: 4, epoch: "0", epoch_bits: 4, tree_width: 4, reason: "the leaf is outside the tree" },
    {
      context: (2n ** 58n).toString(),
      leaf_index: 0,
      epoch: "0",
      epoch_bits: 4,
      tree_width: 4,
      reason: "the context has more than 64 - S - E bits",
    },
  ];
  const ratchets = [
    [0n, 0n, 0],
    [0n, 1n, 0],
    [3n, 0n, 4],
    [3n, 15n, 4],
    [3n, 16n, 4],
    [3n, 1000n, 4],
    [2n ** 48n - 1n, 65_537n, 16],
    [most, 9n, 0],
  ] as const;
  return {
    mls: [
      ...figure.map(([epoch, leafIndex, context]) =>
        mlsKidEntry({ context, leafIndex, epoch, epochBits: 4, treeWidth: 64 }),
      ),
      ...edges.map(mlsKidEntry),
    ],
    mls_refused: refused,
    ratchet: ratchets.map(([generation, step, stepBits]) => ({
      generation: generation.toString(),
      step: step.toString(),
      step_bits: stepBits,
      kid: (generation * 2n ** BigInt(stepBits) + (step % 2n ** BigInt(stepBits))).toString(),
    })),
    ratchet_refused: [
      {
        generation: (2n ** 60n).toString(),
        step: "0",
        step_bits: 4,
        reason: "the generation has more than 64 - R bits",
      },
    ],
  };
}

/** SFrame keys of MLS epochs, from the exporter secret on. */
function mls(): unknown {
  return suites.map((suite) => {
    const mlsSuite = suite < 5 ? 1 : suite === 5 ? 5 : 7;
    const epochBits = suite % 2 === 0 ? 4 : 8;
    const epochs = [
      { epoch: 14n, treeWidth: 64, senders: [[3, 0n]] },
      { epoch: 15n, treeWidth: 64, senders: [[5, 2n]] },
      { epoch: 2n ** 53n + 1n, treeWidth: 1024, senders: [[1023, 2n ** 45n + 1n]] },
    ] as const;
    return {
      cipher_suite: suite,
      mls_cipher_suite: mlsSuite,
      epoch_bits: epochBits,
      epochs: epochs.map(({ epoch, treeWidth, senders }) => {
        const hash = mlsHashes[mlsSuite]!;
        const length = { sha256: 32, sha384: 48, sha512: 64 }[hash]!;
        const exporterSecret = bytesOf(`exporter secret ${suite} ${epoch}`, length);
        const key = baseKey(suite, hash, exporterSecret);
        return {
          epoch: epoch.toString(),
          tree_width: treeWidth,
          exporter_secret: hex(exporterSecret),
          base_key: hex(key),
          senders: senders.map(([leafIndex, context]) => {
            const kid = mlsKid({ context, leafIndex, epoch, epochBits, treeWidth });
            return {
              leaf_index: leafIndex,
              context: context.toString(),
              kid: kid.toString(),
              ...keysOf(suite, kid, key),
              frames: framesOf(suite, kid, key),
            };
          }),
        };
      }),
    };
  });
}

/** The ratchet of section 5.1. */
function ratchets(): unknown {
  return suites.map((suite) => {
    const stepBits = suite % 2 === 0 ? 2 : 3;
    return {
      cipher_suite: suite,
      step_bits: stepBits,
      generations: [0n, 1n].map((generation) => {
        let key = bytesOf(`sender key ${suite} ${generation}`, 16);
        return {
          generation: generation.toString(),
          steps: [0n, 1n, 2n, 3n, 4n].map((step) => {
            if (step > 0n) key = ratchet(suite, key);
            const kid = generation * 2n ** BigInt(stepBits) + (step % 2n ** BigInt(stepBits));
            return {
              step: step.toString(),
              base_key: hex(key),
              kid: kid.toString(),
              ...keysOf(suite, kid, key),
              frames: framesOf(suite, kid, key).slice(1, 2),
            };
          }),
        };
      }),
    };
  });
}

/** Every file of vectors/copse that is about SFrame, by name. */
export function copseVectors(): Readonly<Record<string, unknown>> {
  return {
    "sframe-kid.json": kids(),
    "sframe-mls.json": mls(),
    "sframe-ratchet.json": ratchets(),
    "sframe-negative.json": negative(),
  };
}
