/**
 * The exporter tree: each secret is what the draft says, is given once, and nothing that is kept gives it again.
 */

import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { Secret } from "../../src/bytes/secret.ts";
import { hex } from "../../src/bytes/text.ts";
import { nodeProvider } from "../../src/crypto/node.ts";
import { exporterTree, exportFrom, restoreExporterTree, type ExporterTree } from "../../src/schedule/exporter-tree.ts";
import { epochSecretsFrom } from "../../src/schedule/key-schedule.ts";
import { derivePath, leavesUnder } from "../../src/schedule/tree-path.ts";
import { providers } from "../crypto/providers.ts";
import { suiteOf } from "../group/world.ts";
import { LiveSecrets } from "./live-secrets.ts";
import { applicationExportSecret, hashOf, safeExportSecret } from "./safe-longhand.ts";

let live: LiveSecrets;
beforeEach(() => {
  live = new LiveSecrets();
});
afterEach(() => {
  live.stop();
});

const suite = nodeProvider.cipherSuite(1);
const rootSecret = new Uint8Array(32).map((_, i) => i);
const fresh = (): ExporterTree => exporterTree(Secret.of("application_export_secret", rootSecret.slice()));

/** Export, and wipe what the tree before had alone, as a group does. */
function take(tree: ExporterTree, componentId: number): { readonly secret: string; readonly after: ExporterTree } {
  const { secret, after } = exportFrom(suite, tree, componentId);
  const kept = new Set(after.values());
  for (const node of tree.values()) if (!kept.has(node)) node.wipe();
  return { secret: hex(secret), after };
}

function stateOf(tree: ExporterTree): (readonly [number, Uint8Array])[] {
  return Array.from(tree, ([nodeIndex, secret]) => [nodeIndex, secret.use((bytes) => bytes.slice())]);
}

/** Components at the edges of the tree and of its halves, and anybody else. */
const componentId = fc.oneof(
  fc.constantFrom(0, 1, 2, 3, 0x7fff, 0x8000, 0x8001, 0xfffe, 0xffff),
  fc.integer({ min: 0, max: 15 }),
  fc.integer({ min: 0, max: 0xffff }),
);

describe("the exporter tree (section 4.4)", () => {
  it.each(Object.keys(hashOf).map(Number))("gives what is computed by hand (suite %i)", (id) => {
    for (const provider of providers) {
      const own = suiteOf(id, provider);
      const epochSecret = new Uint8Array(own.hashLength).fill(id);
      const root = applicationExportSecret(id, epochSecret);
      const { applicationExportSecret: secret } = epochSecretsFrom(own, Secret.of("epoch_secret", epochSecret.slice()));
      expect(secret.use(hex)).toBe(root.toString("hex"));
      for (const component of [0, 1, 0x1234, 0x7fff, 0x8000, 0xabcd, 0xffff]) {
        const exported = exportFrom(own, exporterTree(secret.copy()), component).secret;
        expect(hex(exported)).toBe(safeExportSecret(id, root, component).toString("hex"));
      }
    }
  });

  it("gives each component the same secret, whoever came before it and however often it was stored, and gives it once", () => {
    const steps = fc.array(fc.record({ componentId, stored: fc.boolean() }), { minLength: 1, maxLength: 40 });
    fc.assert(
      fc.property(steps, (all) => {
        let tree = fresh();
        const used = new Set<number>();
        for (const { componentId: id, stored } of all) {
          if (used.has(id)) {
            const before = live.bytes();
            expect(() => exportFrom(suite, tree, id)).toThrow(expect.objectContaining({ code: "safe-export-used" }));
            expect(live.bytes()).toEqual(before);
          } else {
            const { secret, after } = take(tree, id);
            expect(secret).toBe(safeExportSecret(1, rootSecret, id).toString("hex"));
            tree = after;
            used.add(id);
          }
          if (stored) {
            const again = restoreExporterTree(suite, stateOf(tree));
            expect(stateOf(again)).toEqual(stateOf(tree));
            for (const node of tree.values()) node.wipe();
            tree = again;
          }
          // Nothing is kept that stands above a used leaf, everything else is, and each leaf is under one node.
          const covered = [...tree.keys()].flatMap((nodeIndex) => [leavesUnder(nodeIndex)]);
          expect(covered.reduce((sum, [, span]) => sum + span, 0)).toBe(2 ** 16 - used.size);
          for (const [first, span] of covered) {
            for (const leaf of used) expect(leaf >= first && leaf < first + span).toBe(false);
          }
        }
        // What is alive is what the tree holds, and nothing else.
        expect(live.bytes()).toEqual(
          stateOf(tree)
            .map(([, secret]) => hex(secret))
            .sort(),
        );
        for (const node of tree.values()) node.wipe();
      }),
      { seed: 44, numRuns: 60 },
    );
  });

  it("derives one path at a time: 16 nodes stay beside the first leaf", () => {
    expect(fresh().size).toBe(1);
    const { after } = exportFrom(suite, fresh(), 0x8001);
    expect(after.size).toBe(16);
    expect([...after.keys()]).toEqual([...after.keys()].sort((a, b) => a - b));
  });

  it("changes nothing of the tree that it was given", () => {
    const tree = fresh();
    const before = stateOf(tree);
    const first = hex(exportFrom(suite, tree, 7).secret);
    expect(stateOf(tree)).toEqual(before);
    expect(hex(exportFrom(suite, tree, 7).secret)).toBe(first);
  });

  it("says that there is none, where nothing was stored", () => {
    for (const empty of [exporterTree(undefined), restoreExporterTree(suite, [])]) {
      expect(() => exportFrom(suite, empty, 1)).toThrow(expect.objectContaining({ code: "safe-export-missing" }));
    }
  });

  it("copies what was stored", () => {
    const stored = stateOf(fresh());
    const tree = restoreExporterTree(suite, stored);
    stored[0]![1].fill(0);
    expect(hex(exportFrom(suite, tree, 3).secret)).toBe(safeExportSecret(1, rootSecret, 3).toString("hex"));
  });

  it("is refused where what was stored is no tree, or would give a secret twice", () => {
    const secret = new Uint8Array(32);
    const bad: readonly (readonly (readonly [number, Uint8Array])[])[] = [
      [[65_535, new Uint8Array(31)]],
      [[131_071, secret]],
      [[131_072, secret]],
      [
        [0, secret],
        [131_072, secret],
      ],
      [
        [65_535, secret],
        [0, secret],
      ],
      [
        [1, secret],
        [2, secret],
      ],
      [
        [98_303, secret],
        [131_070, secret],
      ],
    ];
    for (const stored of bad) {
      const order = [stored, [...stored].reverse()];
      for (const each of order) {
        expect(() => restoreExporterTree(suite, each)).toThrow(expect.objectContaining({ code: "snapshot-damaged" }));
      }
    }
    expect(live.count).toBe(0);
    const ends = restoreExporterTree(suite, [
      [0, secret],
      [131_070, secret],
    ]);
    expect(exportFrom(suite, ends, 0xffff).after.size).toBe(1);
  });
});

describe("a path", () => {
  it("is not derived from nothing, nor from beside it", () => {
    expect(derivePath(suite, new Map(), 4, 1)).toBeUndefined();
    const beside = new Map([[2, Secret.of("tree_node_secret", new Uint8Array(32))]]);
    expect(derivePath(suite, beside, 4, 0)).toBeUndefined();
    expect(derivePath(suite, beside, 4, 1)).toMatchObject({ consumed: 2, nodes: [] });
  });
});
