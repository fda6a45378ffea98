import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Secret } from "../../src/bytes/secret.ts";
import { hex } from "../../src/bytes/text.ts";
import { cipherSuite } from "../../src/crypto/choose.ts";
import type { RatchetType, SecretTreePart, SecretTreePartName } from "../../src/schedule/secret-tree-parts.ts";
import { SecretTree, type StagedKey } from "../../src/schedule/secret-tree.ts";

const suite = cipherSuite(1);
const width = 8;
const window = { generationGap: 20, outOfOrderKeys: 5, outOfOrderAge: 100 };

/** The parts as a store has them. */
class Stored {
  readonly parts = new Map<string, SecretTreePart>();

  take(parts: Iterable<SecretTreePart>): void {
    for (const part of parts) {
      if (part.value === undefined) this.parts.delete(nameOf(part.name));
      else this.parts.set(nameOf(part.name), part);
    }
  }

  get text(): readonly string[] {
    return textOf(this.parts.values());
  }
}

type Step =
  | { readonly what: "next" | "skip"; readonly leafIndex: number; readonly type: RatchetType }
  | { readonly what: "receive" | "refuse"; readonly leafIndex: number; readonly type: RatchetType; readonly to: number }
  | { readonly what: "expire" };

const leafIndex = fc.nat({ max: width - 1 });
const type = fc.constantFrom<RatchetType>("handshake", "application");
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ what: fc.constantFrom("next", "skip"), leafIndex, type }),
  fc.record({ what: fc.constantFrom("receive", "receive", "refuse"), leafIndex, type, to: fc.nat({ max: 25 }) }),
  fc.record({ what: fc.constant("expire") }),
);

describe("the parts of a secret tree", () => {
  it("that each step says to have changed, put together, are all that there are", () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        const tree = SecretTree.create(
          suite,
          Secret.of("encryption_secret", new Uint8Array(32).fill(7)),
          width,
          window,
        );
        const stored = new Stored();
        stored.take(tree.parts());
        tree.track();
        let now = 0;
        for (const each of steps) {
          now += 30;
          play(tree, each, now, stored);
          stored.take(tree.touched());
          tree.takeTouched();
          expect(stored.text).toEqual(textOf(tree.parts()));
        }
        expect(tree.touched()).toEqual([]);
      }),
    );
  });

  it("are kept for the next time where they could not be stored", () => {
    const tree = SecretTree.create(suite, Secret.of("encryption_secret", new Uint8Array(32)), width, window);
    const stored = new Stored();
    stored.take(tree.parts());
    tree.track();
    tree.next(3, "application");
    expect(tree.touched().length).toBe(1 + 3 + 2); // the root gone, a sibling a level, two ratchets
    tree.next(3, "application");
    stored.take(tree.touched());
    tree.takeTouched();
    expect(stored.text).toEqual(textOf(tree.parts()));
  });

  it("are all gone from a tree that was wiped before its changes were stored", () => {
    const tree = SecretTree.create(suite, Secret.of("encryption_secret", new Uint8Array(32)), width, window);
    tree.track();
    tree.next(3, "application");
    tree.wipe();
    expect(tree.touched().map(({ value }) => value)).toEqual(new Array(1 + 3 + 2).fill(undefined));
    expect([...tree.parts()]).toEqual([]);
  });

  it("are told of a staged key without a change", () => {
    const tree = SecretTree.create(suite, Secret.of("encryption_secret", new Uint8Array(32)), width, window);
    const before = textOf(tree.parts());
    const staged = tree.stage(1, "handshake", 2);
    expect(staged.changes(0).length).toBe(1 + 3 + 2 + 2);
    expect(textOf(tree.parts())).toEqual(before);
    staged.discard();
    expect(() => staged.changes(0)).toThrow(TypeError);
    expect(textOf(tree.parts())).toEqual(before);
  });
});

function play(tree: SecretTree, each: Step, now: number, stored: Stored): void {
  if (each.what === "expire") tree.expire(now);
  else if (each.what === "next") tree.next(each.leafIndex, each.type);
  else if (each.what === "skip") tree.skip(each.leafIndex, each.type, 2);
  else if ("to" in each) {
    const staged = stage(tree, each, now);
    if (staged === undefined) return; // used up, or beyond the gap
    const changes = staged.changes(now);
    if (each.what === "refuse") {
      staged.discard();
      return;
    }
    stored.take(changes);
    staged.accept(now);
  }
}

function stage(
  tree: SecretTree,
  { leafIndex: at, type: of, to }: Extract<Step, { to: number }>,
  now: number,
): StagedKey | undefined {
  try {
    return tree.stage(at, of, to, now);
  } catch {
    return undefined;
  }
}

function nameOf(name: SecretTreePartName): string {
  if (name.kind === "node") return `node ${String(name.nodeIndex)}`;
  const ratchet = `${String(name.leafIndex)} ${name.type}`;
  return name.kind === "ratchet" ? ratchet : `${ratchet} ${String(name.generation)}`;
}

function textOf(parts: Iterable<SecretTreePart>): readonly string[] {
  return Array.from(parts, ({ name, value }) => {
    const text = Object.entries(value ?? {}).map(([key, field]) => {
      return `${key} ${field instanceof Uint8Array ? hex(field) : String(field)}`;
    });
    return `${nameOf(name)}: ${text.join()}`;
  }).sort();
}
