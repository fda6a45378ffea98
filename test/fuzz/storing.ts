/**
 * Targets: what is stored. Snapshots of groups and observers, stored pending commits and key packages, damaged at random
 * and with the checksum made again. What is restored all the same must go on as a group, and end in nothing but a CopseError.
 */

import fc from "fast-check";
import { concat } from "../../src/bytes/concat.ts";
import { fromHex, hex, utf8 } from "../../src/bytes/text.ts";
import { opaque, struct, u8 } from "../../src/codec/codec.ts";
import { hash } from "../../src/crypto/symmetric-node.ts";
import { Group } from "../../src/group/group.ts";
import { restoreKeyPackage } from "../../src/group/joining/key-package-bundle.ts";
import { Observer } from "../../src/public-group/observer/observer.ts";
import { unwrap, wrap, type StoredKind } from "../../src/public-group/records/envelope.ts";
import { pack, unpack } from "../../src/public-group/records/msgpack.ts";
import { snapshotVersion } from "../../src/group/restoring/snapshot.ts";
import { observerVersion } from "../../src/public-group/observer/snapshot.ts";
import { KeyPackage } from "../../src/wire/key-package.ts";
import { decodedBound, decodedWeight } from "./bounds.ts";
import { fieldsOf } from "./fields.ts";
import { hold, outcome, outcomeNow, target, type Tally, type Target } from "./harness.ts";
import { anyEdits, mutated, noise, rarely, type Edit } from "./mutation.ts";
import { pick } from "./receiving.ts";
import type { World } from "./world.ts";

/** One change of a stored value: which of its parts, and what is put there. */
interface Change {
  readonly at: number;
  readonly to: number;
  readonly n: number;
}

const anyChange: fc.Arbitrary<Change> = fc.record({ at: fc.nat(9_999), to: fc.nat(99), n: fc.nat(0xffff) });

/** As key-package-bundle.ts stores a bundle. */
const StoredKeyPackage = struct<{ keyPackage: KeyPackage; initKey: Uint8Array; leafKey: Uint8Array; last: number }>({
  keyPackage: KeyPackage,
  initKey: opaque,
  leafKey: opaque,
  last: u8,
});

interface Damage {
  readonly changes: readonly Change[];
  readonly edits: readonly Edit[] | null;
}
const damage: fc.Arbitrary<Damage> = fc.record({
  changes: fc.array(anyChange, { maxLength: 2 }),
  edits: rarely(anyEdits),
});

/** What is restored. */
export function storingTargets(world: World, observer: Observer): readonly Target[] {
  const { options, victim, suite, pending, messages, members } = world;
  const identity = members[2]!;
  const watched = observer.snapshot();
  const useGroup = async (group: Group, tally: Tally): Promise<void> => {
    for (const message of messages.slice(0, 3)) await outcome(tally, () => group.receive(message));
    if (group.isGone) return;
    await outcome(tally, () => group.seal(noise(3, 1)));
    outcomeNow(tally, () => [group.members, group.self, group.pendingProposals, group.ratchetTree()]);
    outcomeNow(tally, () => group.snapshot());
    await outcome(tally, () => group.commit());
    group.wipe();
  };
  const restore = async (snapshot: Uint8Array, given: Uint8Array | undefined, tally: Tally): Promise<void> => {
    const beside = given === undefined ? {} : { pending: given };
    const result = await outcome(tally, () => Group.restore({ ...options, ...beside, identity, snapshot }));
    if (result.ok) await useGroup(result.value, tally);
  };
  const stored = fieldsOf(StoredKeyPackage, world.joiner.bundle.toBytes());
  return [
    target({
      name: "restore",
      counts: "others",
      share: 250,
      cases: damage,
      run: (value, tally) => restore(damaged("group", victim.snapshot, value), undefined, tally),
    }),
    target({
      name: "stored bytes",
      counts: "others",
      share: 300,
      cases: fc.record({
        kind: fc.constantFrom<StoredKind>("group", "pending", "observer"),
        hex: fc.uint8Array({ maxLength: 24 }).map(hex),
      }),
      run: ({ kind, hex: text }, tally) => {
        // Whatever msgpack can say, behind a right checksum.
        const version = versionOf(kind);
        const body = concat(utf8(`copse-${kind}`), Uint8Array.of(version), fromHex(text));
        const result = outcomeNow(tally, () => unwrap(kind, version, concat(body, hash("sha256", body))).value);
        if (result.ok) hold(decodedWeight(result.value) <= decodedBound(text.length / 2), "more than its bytes say");
      },
    }),
    target({
      name: "restore pending",
      counts: "others",
      share: 150,
      cases: damage,
      run: (value, tally) => restore(victim.snapshot, damaged("pending", pending, value), tally),
    }),
    target({
      name: "restore observer",
      counts: "others",
      share: 150,
      cases: damage,
      run: async (value, tally) => {
        const snapshot = damaged("observer", watched, value);
        const result = outcomeNow(tally, () => Observer.restore({ ...options, suite, snapshot }));
        if (!result.ok) return;
        for (const message of messages.slice(-6)) await outcome(tally, () => result.value.receive(message));
        outcomeNow(tally, () => result.value.snapshot());
      },
    }),
    target({
      name: "restore key package",
      counts: "others",
      share: 300,
      cases: anyEdits,
      run: async (edits, tally) => {
        const bytes = mutated(stored, edits);
        const result = await outcome(tally, () => restoreKeyPackage(suite, bytes));
        if (!result.ok) return;
        const { identity: joiner } = world.joiner;
        const joined = await outcome(tally, () =>
          Group.join({ ...options, identity: joiner, welcome: world.welcome, keyPackages: [result.value] }),
        );
        if (joined.ok) joined.value.wipe();
        void result.value.wipe();
      },
    }),
  ];
}

/** Stored bytes with parts of their value changed, or bytes of their encoding, and the right checksum. */
function damaged(kind: StoredKind, bytes: Uint8Array, { changes, edits }: Damage): Uint8Array {
  let value = opened(unwrap(kind, versionOf(kind), bytes).value);
  for (const change of changes) value = changedValue(value, change);
  const whole = wrap(kind, versionOf(kind), closed(value));
  if (edits === null) return whole;
  const fields = [{ kind: "bytes", bytes: whole.subarray(0, -32) } as const];
  const body = mutated(fields, edits);
  return concat(body, hash("sha256", body));
}

function versionOf(kind: StoredKind): number {
  return kind === "observer" ? observerVersion : snapshotVersion;
}

/** A snapshot's value with its records taken apart: their fields can then be damaged, too. */
function opened(value: unknown): unknown {
  return eachRecord(value, (record) => {
    if (!(record instanceof Uint8Array)) return record;
    try {
      return { version: record[0], fields: unpack(record.subarray(1)) };
    } catch {
      return record; // a message, as it is
    }
  });
}

function closed(value: unknown): unknown {
  return eachRecord(value, (record) => {
    const { version, fields } = (record ?? {}) as { readonly version?: unknown; readonly fields?: unknown };
    if (typeof version !== "number") return record;
    return concat(Uint8Array.of(version), pack(fields));
  });
}

function eachRecord(value: unknown, change: (record: unknown) => unknown): unknown {
  const { records } = (value ?? {}) as { readonly records?: unknown };
  if (typeof records !== "object" || records === null) return value;
  const changed = Object.entries(records).map(([name, record]) => [name, change(record)] as const);
  return { ...(value as object), records: Object.fromEntries(changed) };
}

const extremes: readonly unknown[] = [
  null,
  0,
  -1,
  1.5,
  Infinity,
  Number.NaN,
  2 ** 31,
  2 ** 32,
  2 ** 53,
  1e300,
  "",
  "0",
  "99999999999999999999",
  true,
  [],
  {},
  [[]],
  new Uint8Array(0),
  new Uint8Array(32),
  new Uint8Array(33),
];

/** A value with one of its parts replaced, removed or doubled. */
function changedValue(value: unknown, { at, to, n }: Change): unknown {
  let left = at % Math.max(1, partsOf(value));
  const visit = (part: unknown): unknown => {
    if (left-- === 0) return replacement(part, to, n);
    if (Array.isArray(part)) return part.map(visit);
    if (typeof part !== "object" || part === null || part instanceof Uint8Array) return part;
    return Object.fromEntries(Object.entries(part).map(([key, inner]) => [key, visit(inner)]));
  };
  return visit(value);
}

function partsOf(value: unknown): number {
  if (typeof value !== "object" || value === null || value instanceof Uint8Array) return 1;
  return Object.values(value).reduce<number>((sum, part) => sum + partsOf(part), 1);
}

function replacement(part: unknown, to: number, n: number): unknown {
  if (part instanceof Uint8Array && to % 2 === 0) {
    const copy = part.slice();
    if (copy.length > 0) copy[n % copy.length]! ^= 1 << (n & 7);
    return to % 4 === 0 ? copy : copy.subarray(0, n % (copy.length + 1));
  }
  if (Array.isArray(part) && to % 2 === 0) {
    const list: readonly unknown[] = part;
    if (to % 4 === 0) return [...list, ...list];
    return list.filter((_, i) => i !== n % list.length);
  }
  if (typeof part === "number" && to % 2 === 0) return part + (n % 5) - 2;
  return pick(extremes, n);
}
