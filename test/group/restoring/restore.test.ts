/**
 * What can't be a group, though every record has the right form: it is refused, and not followed into a state that no member
 * can be in.
 */

import { describe, expect, it } from "vitest";
import { utf8 } from "../../../src/bytes/text.ts";
import { decode, encode } from "../../../src/codec/codec.ts";
import { Group } from "../../../src/group/group.ts";
import type { RestoreOptions } from "../../../src/group/options.ts";
import { epochRecord, pendingRecord } from "../../../src/group/records/values.ts";
import { snapshotVersion } from "../../../src/group/restoring/snapshot.ts";
import { basic, createIdentity } from "../../../src/public-group/identity.ts";
import { unwrap, wrap, type StoredKind } from "../../../src/public-group/records/envelope.ts";
import { storedReading, type RecordKind } from "../../../src/public-group/records/record.ts";
import { AuthenticatedContent, type Content } from "../../../src/wire/framing.ts";
import { Proposal } from "../../../src/wire/proposal.ts";
import { failure, refusal } from "../refusal.ts";
import { client, commitTo, groupOf, keyPackageOf, suiteOf, trusting } from "../world.ts";

/** What is stored, with one of its records changed. */
function withRecord<T>(
  stored: { readonly kind: StoredKind; readonly bytes: Uint8Array },
  name: string,
  { read, write }: RecordKind<T>,
  change: (value: T) => Partial<T>,
): Uint8Array {
  const value = unwrap(stored.kind, snapshotVersion, stored.bytes).value as {
    readonly records: Readonly<Record<string, Uint8Array>>;
  };
  const record = read(value.records[name]!);
  const records = { ...value.records, [name]: write({ ...record, ...change(record) }) };
  return wrap(stored.kind, snapshotVersion, { ...value, records });
}

/** The error is of damage, and says what is wrong. */
function says(error: unknown, what: string): void {
  expect(error).toMatchObject({ code: "snapshot-damaged" });
  expect(String(error)).toContain(what);
}

async function pair(): Promise<[alice: Group, bob: Group]> {
  return (await groupOf([await client("alice"), await client("bob")])) as [Group, Group];
}

const restore = (group: Group, options: Partial<RestoreOptions>): Promise<Group> =>
  Group.restore({ ...trusting, identity: group.identity, ...options });

describe("a snapshot is refused", () => {
  it("for an identity of another suite, though it has the same key", async () => {
    const credential = basic("alice");
    const one = await createIdentity({ suite: suiteOf(1), credential });
    const privateKey = one.privateKey.use((bytes) => bytes.slice());
    const three = await createIdentity({ suite: suiteOf(3), credential, privateKey });
    expect(three.signatureKey).toEqual(one.signatureKey);
    const group = await Group.create({ ...trusting, identity: one });
    const snapshot = group.snapshot();
    expect(await refusal(() => restore(group, { identity: three, snapshot }))).toBe("snapshot-identity");
    expect((await restore(group, { snapshot })).epoch).toBe(0n);
  });

  it("whose own leaf is blank, or outside the tree", async () => {
    const [alice] = await pair();
    await commitTo([alice], alice, { remove: [1] });
    const bytes = alice.snapshot();
    for (const leafIndex of [1, 2, 2 ** 31]) {
      const snapshot = withRecord({ kind: "group", bytes }, "epoch", epochRecord, () => ({ leafIndex }));
      expect(await refusal(() => restore(alice, { snapshot })), String(leafIndex)).toBe("snapshot-damaged");
    }
  });

  it("that tells of a removal by what is none, though it could be passed over", async () => {
    const [alice] = await pair();
    const bytes = alice.snapshot();
    for (const none of [null, 0, "", false]) {
      const removal = none as unknown as Uint8Array;
      const snapshot = withRecord({ kind: "group", bytes }, "epoch", epochRecord, () => ({ removal }));
      expect(await refusal(() => restore(alice, { snapshot })), String(none)).toBe("snapshot-damaged");
    }
  });

  it("that was reinitialized by another proposal than a ReInit", async () => {
    const [alice] = await pair();
    const reinit = encode(Proposal, { type: "remove", removed: 1 });
    const bytes = alice.snapshot();
    const snapshot = withRecord({ kind: "group", bytes }, "epoch", epochRecord, () => ({ reinit }));
    expect(await refusal(() => restore(alice, { snapshot }))).toBe("snapshot-damaged");
  });
});

it("a snapshot of one who was removed is restored, whatever it had sent in its last epoch", async () => {
  const [alice, bob] = await pair();
  await bob.seal(utf8("the last words"));
  const { commit } = await commitTo([alice], alice, { remove: [1] });
  expect((await bob.receive(commit)).kind).toBe("removed");
  const again = await restore(bob, { snapshot: bob.snapshot() });
  expect(again.isGone).toBe(true);
  expect(again.removal).toEqual(bob.removal);
});

describe("a pending commit beside a snapshot is refused", () => {
  const spoiled = (
    bytes: Uint8Array,
    change: Parameters<typeof withRecord<ReturnType<typeof pendingRecord.read>>>[3],
  ) => withRecord({ kind: "pending", bytes }, "pending", pendingRecord, change);

  it("where there is none in it", async () => {
    const [alice] = await pair();
    const pending = wrap("pending", snapshotVersion, { records: {} });
    const error = await failure(() => restore(alice, { snapshot: alice.snapshot(), pending }));
    says(error, "there is no pending commit");
  });

  it("where its content is no commit", async () => {
    const [alice] = await pair();
    const snapshot = alice.snapshot();
    const bytes = (await alice.commit()).toBytes();
    const others: readonly Content[] = [
      { type: "application", applicationData: utf8("x") },
      { type: "proposal", proposal: { type: "remove", removed: 1 } },
    ];
    for (const content of others) {
      const pending = spoiled(bytes, ({ authenticated }) => {
        const whole = decode(AuthenticatedContent, authenticated, storedReading);
        return { authenticated: encode(AuthenticatedContent, { ...whole, content: { ...whole.content, content } }) };
      });
      const error = await failure(() => restore(alice, { snapshot, pending }));
      says(error, "what is pending is no commit");
    }
    expect((await restore(alice, { snapshot, pending: bytes })).pendingCommit).toBeDefined();
  });

  it("where it leads to an epoch in which this member has no leaf", async () => {
    const [alice] = await pair();
    const snapshot = alice.snapshot();
    const pending = spoiled((await alice.commit()).toBytes(), () => ({ leafIndex: 2 }));
    expect(await refusal(() => restore(alice, { snapshot, pending }))).toBe("snapshot-damaged");
  });

  it("where it adds somebody, and the Welcome is missing", async () => {
    const [alice] = await pair();
    const snapshot = alice.snapshot();
    const { keyPackage } = await keyPackageOf(await client("carol"));
    const value = unwrap("pending", snapshotVersion, (await alice.commit({ add: [keyPackage] })).toBytes()).value;
    const { records } = value as { readonly records: Readonly<Record<string, Uint8Array>> };
    const rest = Object.entries(records).filter(([name]) => name !== "pending/welcome");
    const pending = wrap("pending", snapshotVersion, { records: Object.fromEntries(rest) });
    const error = await failure(() => restore(alice, { snapshot, pending }));
    says(error, "there is no record of the welcome");
  });
});
