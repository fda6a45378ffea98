/**
 * Targets: every decoder of src/wire, what is read without a group, and what `copse inspect` makes of any bytes.
 */

import fc from "fast-check";
import { bytesEqual } from "../../src/bytes/compare.ts";
import { concat } from "../../src/bytes/concat.ts";
import { decode, encode, opaque } from "../../src/codec/codec.ts";
import { defaultLimits } from "../../src/codec/limits.ts";
import { KeyPackage } from "../../src/wire/key-package.ts";
import { LeafNode } from "../../src/wire/leaf-node.ts";
import { UpdatePath, UpdatePathNode, type HpkeCiphertext } from "../../src/wire/update-path.ts";
import { drawing, find, kinds, type Finding } from "../../src/cli/inspect/kinds.ts";
import { readings } from "../../src/cli/inspect/input.ts";
import { toJson } from "../../src/cli/inspect/json.ts";
import { render } from "../../src/cli/inspect/words.ts";
import { Failure } from "../../src/cli/terminal.ts";
import { certificateSignatureKey } from "../../src/rules/x509.ts";
import { readGroupInfo } from "../../src/public-group/unverified/group-info.ts";
import { inspectMessage } from "../../src/public-group/unverified/inspect.ts";
import { readKeyPackage } from "../../src/public-group/unverified/read-key-package.ts";
import { certificate, type CertificateName } from "../rules/certificates.ts";
import { reading } from "../wire/arbitraries.ts";
import { decodedBound, decodedWeight } from "./bounds.ts";
import { corpus } from "./corpus.ts";
import { hold, outcomeNow, target, type Target } from "./harness.ts";
import { anyEdits, mutated } from "./mutation.ts";
import type { World } from "./world.ts";

const certificates: readonly CertificateName[] = ["Ed25519", "Ed448", "P-256", "P-384", "P-521", "RSA"];

/** The decoders, and the explainer. */
export function decodingTargets(seed: number, world: World): readonly Target[] {
  const all = corpus(seed, world);
  const cases = fc.record({ struct: fc.nat(all.length - 1), seed: fc.nat(999), edits: anyEdits });
  const bytesFor = (value: { struct: number; seed: number; edits: Parameters<typeof mutated>[1] }): Uint8Array => {
    const { seeds } = all[value.struct % all.length]!;
    return mutated(seeds[value.seed % seeds.length]!, value.edits);
  };
  const nothing: HpkeCiphertext = { kemOutput: new Uint8Array(0), ciphertext: new Uint8Array(0) };
  const decodedLeaf = decode(KeyPackage, world.keyPackages[0]!.subarray(4)).leafNode;
  return [
    target({
      name: "decode",
      counts: "decodes",
      share: 8_000,
      cases,
      run: (value, tally) => {
        const { codec, name } = all[value.struct % all.length]!.struct;
        const bytes = bytesFor(value);
        // Bytes of one struct are also given to the decoders of others.
        for (const step of [1, 7, 19]) {
          const other = all[(value.struct + step) % all.length]!.struct.codec;
          const read = outcomeNow(tally, () => decode(other, bytes, reading));
          if (read.ok) hold(decodedWeight(read.value) <= decodedBound(bytes.length), "too many objects");
        }
        const result = outcomeNow(tally, () => decode(codec, bytes, reading));
        if (!result.ok) {
          hold(/^(decode-|limit-exceeded$|proposal-unknown-type$)/.test(result.error.code), result.error.code);
          return;
        }
        const weight = decodedWeight(result.value);
        hold(weight <= decodedBound(bytes.length), `${name}: ${weight} objects of ${bytes.length} bytes`);
        hold(bytesEqual(encode(codec, result.value), bytes), `${name} has another encoding of the same value`);
      },
    }),
    target({
      name: "decode bytes",
      counts: "decodes",
      share: 70_000,
      cases: fc.record({ struct: fc.nat(all.length - 1), bytes: fc.array(fc.nat(255), { maxLength: 48 }) }),
      run: ({ struct, bytes: numbers }, tally) => {
        const bytes = Uint8Array.from(numbers);
        const { codec } = all[struct % all.length]!.struct;
        const result = outcomeNow(tally, () => decode(codec, bytes, reading));
        if (result.ok) hold(bytesEqual(encode(codec, result.value), bytes), "another encoding of the same value");
      },
    }),
    target({
      name: "certificate",
      counts: "decodes",
      share: 10_000,
      cases: fc.record({ which: fc.constantFrom(...certificates), edits: anyEdits }),
      run: ({ which, edits }, tally) => {
        const der = certificate(which);
        // Cut where DER often has a length, so that edits meet lengths.
        const cuts = [0, 1, 4, 5, 8, 9, 10, 13, 14, 15, 20, 40, 80, 120, 160, der.length];
        const fields = cuts.slice(1).map((end, i) => ({ kind: "bytes", bytes: der.slice(cuts[i], end) }) as const);
        const result = outcomeNow(tally, () => certificateSignatureKey(mutated(fields, edits), world.suite));
        if (!result.ok) hold(result.error.code.startsWith("x509-"), result.error.code);
      },
    }),
    target({
      name: "hostile path",
      counts: "decodes",
      share: 4,
      cases: fc.record({ nodes: fc.nat(60), ciphertexts: fc.nat(20_000) }),
      run: ({ nodes, ciphertexts }, tally) => {
        const node = encode(UpdatePathNode, {
          encryptionKey: new Uint8Array(0),
          encryptedPathSecret: new Array<HpkeCiphertext>(ciphertexts).fill(nothing),
        });
        const list = encode(opaque, concat(...new Array<Uint8Array>(nodes).fill(node)));
        const path = concat(encode(LeafNode, decodedLeaf), list);
        const result = outcomeNow(tally, () => decode(UpdatePath, path, reading));
        hold(result.ok === (nodes <= 32 && nodes * ciphertexts <= defaultLimits.leaves), "a path beyond its limits");
      },
    }),
    target({
      name: "unverified",
      counts: "decodes",
      share: 8_000,
      cases,
      run: (value, tally) => {
        const bytes = bytesFor(value);
        const { registry } = world.options;
        for (const framed of [
          bytes,
          ...[1, 2, 3, 4, 5].map((format) => concat(Uint8Array.of(0, 1, 0, format), bytes)),
        ]) {
          const kept = framed.slice();
          for (const read of [inspectMessage, readKeyPackage, readGroupInfo]) {
            const said = outcomeNow(tally, () => read(framed, registry === undefined ? {} : { registry }));
            if (said.ok) hold(decodedWeight(said.value) <= decodedBound(framed.length), "too many objects");
            hold(bytesEqual(framed, kept), "reading has changed the bytes");
          }
        }
      },
    }),
    target({
      name: "inspect",
      counts: "others",
      share: 1_000,
      cases: fc.record({ case: cases, kind: fc.nat(kinds.length), text: fc.constantFrom("no", "hex", "base64") }),
      run: ({ case: value, kind, text }, tally) => {
        const raw = bytesFor(value);
        const file = text === "no" ? raw : new TextEncoder().encode(Buffer.from(raw).toString(text));
        for (const { bytes } of readings(file)) {
          const result = outcomeNow(tally, () => {
            const finding = findingIn(bytes, kinds[kind]?.find ?? find);
            if (finding === undefined) return [];
            return [render(finding.lines), drawing(finding), JSON.stringify(toJson(finding.value))];
          });
          if (result.ok) hold(JSON.stringify(result.value).length < 20_000 + 300 * bytes.length, "a long explanation");
        }
      },
    }),
  ];
}

/** What the bytes are, or undefined where the command says that they are nothing that it knows. */
function findingIn(bytes: Uint8Array, look: (bytes: Uint8Array) => Finding): Finding | undefined {
  try {
    return look(bytes);
  } catch (error) {
    if (error instanceof Failure) return undefined;
    throw error;
  }
}
