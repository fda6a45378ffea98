import { describe, expect, it } from "vitest";
import { hex, utf8 } from "../../src/bytes/text.ts";
import { encode } from "../../src/codec/codec.ts";
import { CopseError } from "../../src/errors.ts";
import { Group } from "../../src/group/group.ts";
import { Observer } from "../../src/public-group/observer/observer.ts";
import { unwrap, wrap } from "../../src/public-group/records/envelope.ts";
import { observerVersion } from "../../src/public-group/observer/snapshot.ts";
import { publicEpochRecord, publicProposalRecord } from "../../src/public-group/observer/values.ts";
import { AuthenticatedContent } from "../../src/wire/framing.ts";
import { decodeMessage, encodeMessage } from "../../src/wire/message.ts";
import { Proposal } from "../../src/wire/proposal.ts";
import { client, commitTo, deliver, groupOf, keyPackageOf, suiteOf, trusting } from "../group/world.ts";

const suite = suiteOf();

async function observed(): Promise<{ groups: Group[]; observer: Observer }> {
  const clients = await Promise.all(["alice", "bob", "carol"].map((name) => client(name)));
  const groups = await groupOf(clients, { handshake: "public" });
  const observer = await Observer.follow({ ...trusting, suite, groupInfo: await groups[0]!.groupInfo() });
  return { groups, observer };
}

function same(observer: Observer, group: Group): void {
  expect(observer.epoch).toBe(group.epoch);
  expect(hex(observer.ratchetTree())).toBe(hex(group.ratchetTree()));
  expect(observer.groupContext).toEqual(group.groupContext);
}

describe("an observer", () => {
  it("follows proposals, commits, external joins and removals", async () => {
    const { groups, observer } = await observed();
    const [alice, bob, carol] = groups as [Group, Group, Group];
    same(observer, alice);

    const update = await carol.propose({ update: {} });
    expect(await observer.receive(update)).toMatchObject({ kind: "proposal", sender: { leafIndex: 2 } });
    await deliver(update, groups);
    const dave = await client("dave");
    const bundle = await keyPackageOf(dave);
    const pending = await commitTo(groups, alice, { add: [bundle.keyPackage] });
    const event = await observer.receive(pending.commit);
    expect(event).toMatchObject({ kind: "commit", epoch: alice.epoch, external: false });
    same(observer, alice);

    const join = await Group.joinExternally({
      ...trusting,
      identity: (await client("erin")).identity,
      groupInfo: await bob.groupInfo(),
    });
    await deliver(join.commit, groups);
    expect(await observer.receive(join.commit)).toMatchObject({ kind: "commit", external: true });
    same(observer, alice);

    const removal = await commitTo(groups, bob, { remove: [2] });
    await observer.receive(removal.commit);
    same(observer, alice);
    expect(carol.isGone).toBe(true);
  });

  it("sees the envelope of application messages, and calls later epochs later", async () => {
    const { groups, observer } = await observed();
    const message = await groups[1]!.seal(utf8("hello"));
    expect(await observer.receive(message)).toEqual({ kind: "envelope", contentType: "application", epoch: 1n });
    await commitTo(groups, groups[0]!);
    const later = await commitTo(groups, groups[0]!);
    expect(await observer.receive(later.commit)).toEqual({ kind: "later", epoch: 2n });
  });

  it("refuses what a member would refuse, and has not changed", async () => {
    const { groups, observer } = await observed();
    const pending = await groups[0]!.commit();
    const before = hex(observer.snapshot());
    for (let at = 60; at < pending.commit.length - 70; at += 29) {
      const forged = pending.commit.slice();
      forged[at]! ^= 1;
      await expect(observer.receive(forged)).rejects.toMatchObject({ name: "CopseError" });
      expect(hex(observer.snapshot())).toBe(before);
    }
    expect(await observer.receive(pending.commit)).toMatchObject({ kind: "commit" });
  });

  it("rolls one epoch back until the members have confirmed it", async () => {
    const { groups, observer } = await observed();
    const [alice, bob] = groups as [Group, Group];
    const lost = await alice.commit();
    await observer.receive(lost.commit);
    await observer.rollback();
    expect(() => observer.rollback()).toThrow(expect.objectContaining({ code: "epoch-unavailable" }));
    lost.drop();
    for (let i = 0; i < 3; i++) {
      const pending = await commitTo(groups, i % 2 === 0 ? bob : alice);
      await observer.receive(pending.commit);
      same(observer, bob);
      await observer.rollback();
      expect(observer.epoch).toBe(bob.epoch - 1n);
      await observer.receive(pending.commit);
      same(observer, bob);
    }
    await observer.confirm();
    expect(() => observer.rollback()).toThrow(expect.objectContaining({ code: "epoch-unavailable" }));
  });

  it("confirms and goes back in its turn, and means the epoch in which it was told", async () => {
    const { groups, observer } = await observed();
    const [alice, bob] = groups as [Group, Group];
    const first = await commitTo(groups, alice);
    await observer.receive(first.commit);
    const second = await commitTo(groups, bob);
    const taking = observer.receive(second.commit);
    const confirming = observer.confirm(); // of the first, the only one that there was
    const refusing = observer.rollback();
    expect(observer.epoch).toBe(2n);
    await taking;
    await confirming;
    await expect(refusing).rejects.toMatchObject({ code: "epoch-unavailable" });
    expect(observer.epoch).toBe(3n);
    await observer.rollback();
    expect(observer.epoch).toBe(2n);
    await observer.receive(second.commit);
    await observer.confirm(2n); // that says nothing of the third
    await observer.rollback();
    await observer.receive(second.commit);
    await observer.confirm(3n);
    expect(() => observer.rollback(3n)).toThrow(expect.objectContaining({ code: "epoch-unavailable" }));
  });

  it("is not stopped by a private handshake, which anybody can have made", async () => {
    for (const acceptHandshake of ["any", "public"] as const) {
      const { groups } = await observed();
      const [alice] = groups as [Group];
      const options = { ...trusting, suite, acceptHandshake };
      const observer = await Observer.follow({ ...options, groupInfo: await alice.groupInfo() });
      const before = hex(observer.snapshot());
      for (const contentType of ["proposal", "commit"] as const) {
        for (const epoch of [0n, 1n, 2n, 2n ** 64n - 1n]) {
          const none = new Uint8Array(0);
          const rest = { contentType, authenticatedData: none, encryptedSenderData: none, ciphertext: none };
          const privateMessage = { groupId: alice.id, epoch, ...rest };
          const code = acceptHandshake === "any" ? "private-handshake" : "handshake-policy";
          const forged = encodeMessage({ wireFormat: "mls_private_message", privateMessage });
          await expect(observer.receive(forged)).rejects.toMatchObject({ code });
        }
      }
      expect(hex(observer.snapshot())).toBe(before);
      const { commit } = await commitTo(groups, alice);
      await observer.receive(commit);
      same(observer, alice);
    }
  });

  it("is stopped by the application, who knows what was chosen, and restarts from a GroupInfo", async () => {
    const { groups, observer } = await observed();
    const [alice, bob] = groups as [Group, Group];
    await observer.stop();
    const { commit } = await commitTo(groups, alice);
    const stopped = Observer.restore({ ...trusting, suite, snapshot: observer.snapshot() });
    for (const each of [observer, stopped]) {
      expect(each.isStopped).toBe(true);
      await expect(each.receive(commit)).rejects.toMatchObject({ code: "private-handshake" });
      await each.restart(await bob.groupInfo());
      expect(each.isStopped).toBe(false);
      same(each, alice);
    }
  });

  it("is told that the group has moved on out of sight by what comes after it, and restarts", async () => {
    const groups = await groupOf(await Promise.all(["alice", "bob"].map((name) => client(name))));
    const [alice, bob] = groups as [Group, Group];
    const observer = await Observer.follow({ ...trusting, suite, groupInfo: await alice.groupInfo() });
    const { commit } = await commitTo(groups, alice);
    await expect(observer.receive(commit)).rejects.toMatchObject({ code: "private-handshake" });
    await observer.restart(await bob.groupInfo());
    same(observer, alice);
  });

  it("goes on from a snapshot", async () => {
    const { groups, observer } = await observed();
    const update = await groups[1]!.propose({ update: {} });
    await observer.receive(update);
    await deliver(update, groups);
    const restored = Observer.restore({ ...trusting, suite, snapshot: observer.snapshot() });
    const { commit } = await commitTo(groups, groups[0]!);
    await restored.receive(commit);
    same(restored, groups[0]!);
  });
});

/** The code that a snapshot is refused with, or "ok". */
function outcomeOf(snapshot: Uint8Array, id = 1): string {
  try {
    const observer = Observer.restore({ ...trusting, suite: suiteOf(id), snapshot });
    return observer.size > 0 ? "ok" : "empty";
  } catch (error) {
    if (error instanceof CopseError) return error.code;
    throw error;
  }
}

describe("an observer's snapshot", () => {
  it("is of its suite, and whole", async () => {
    const { observer } = await observed();
    const snapshot = observer.snapshot();
    const { value } = unwrap("observer", observerVersion, snapshot) as { readonly value: object };
    const changed = (change: object): string => outcomeOf(wrap("observer", observerVersion, { ...value, ...change }));
    expect(changed({})).toBe("ok");
    expect(outcomeOf(snapshot, 3)).toBe("snapshot-identity");
    for (const tree of [new Uint8Array([1, 2, 3]), null, "tree", []]) {
      expect(changed({ tree })).toBe("snapshot-damaged");
    }
    for (const records of [null, [], [new Uint8Array(1)], {}, { epoch: 7 }, new Uint8Array(0)]) {
      expect(changed({ records })).toBe("snapshot-damaged");
    }
    for (const none of [null, 7, "text", [], new Uint8Array(3), {}]) {
      expect(outcomeOf(wrap("observer", observerVersion, none))).toBe("snapshot-damaged");
    }
    expect(() => Observer.restore({ ...trusting, suite, snapshot: "text" as never })).toThrow(TypeError);
    expect(() => Observer.restore({ ...trusting, snapshot } as never)).toThrow(TypeError);
    const both = { ...trusting, suite, snapshot, records: [] };
    expect(() => Observer.restore(both)).toThrow("either a snapshot or records");
  });

  it("of the first version is read with all its fields, and refused without one of them", async () => {
    const { groups, observer } = await observed();
    const update = await groups[1]!.propose({ update: {} });
    await observer.receive(update);
    const { value } = unwrap("observer", observerVersion, observer.snapshot()) as {
      readonly value: { readonly tree: Uint8Array; readonly records: Record<string, Uint8Array> };
    };
    const { width, ...epoch } = publicEpochRecord.read(value.records["epoch"]!);
    expect(width).toBe(4);
    const proposals = [publicProposalRecord.read(value.records["proposal/0"]!).authenticated];
    const whole = { tree: value.tree, ...epoch, proposals };
    const outcome = (change: object): string => outcomeOf(wrap("observer", 1, { ...whole, ...change }));
    expect(outcome({})).toBe("ok");
    const restored = Observer.restore({ ...trusting, suite, snapshot: wrap("observer", 1, whole) });
    expect(hex(restored.snapshot())).toBe(hex(observer.snapshot()));
    for (const name of Object.keys(whole)) {
      for (const none of [undefined, 7.5, "text", {}, [7]]) {
        expect([name, outcome({ [name]: none })]).toEqual([name, "snapshot-damaged"]);
      }
    }
  });

  it("keeps proposals, and no other content in their place", async () => {
    const { groups, observer } = await observed();
    const update = await groups[1]!.propose({ update: {} });
    await observer.receive(update);
    const { commit } = await groups[0]!.commit();
    const { value } = unwrap("observer", observerVersion, observer.snapshot()) as {
      readonly value: { readonly records: Record<string, Uint8Array> };
    };
    const outcome = (message: Uint8Array): string => {
      const decoded = decodeMessage(message);
      if (decoded.wireFormat !== "mls_public_message") throw new Error("a public message was expected");
      const authenticated = encode(AuthenticatedContent, {
        wireFormat: decoded.wireFormat,
        content: decoded.publicMessage.content,
        auth: decoded.publicMessage.auth,
      });
      const records = { ...value.records, "proposal/0": publicProposalRecord.write({ authenticated }) };
      return outcomeOf(wrap("observer", observerVersion, { ...value, records }));
    };
    expect(outcome(update)).toBe("ok");
    expect(outcome(commit)).toBe("snapshot-damaged");
  });

  it("knows that the group has ended with a ReInit, and is damaged where it says another thing", async () => {
    const { groups, observer } = await observed();
    const [alice] = groups as [Group];
    const { commit } = await commitTo(groups, alice, { reinit: { groupId: utf8("next"), cipherSuite: 1 } });
    await observer.receive(commit);
    const restored = Observer.restore({ ...trusting, suite, snapshot: observer.snapshot() });
    expect(hex(restored.snapshot())).toBe(hex(observer.snapshot()));
    const { value } = unwrap("observer", observerVersion, observer.snapshot()) as {
      readonly value: { readonly records: Record<string, Uint8Array> };
    };
    const epoch = publicEpochRecord.read(value.records["epoch"]!);
    const told = (reinit: Uint8Array | null): string => {
      const records = { ...value.records, epoch: publicEpochRecord.write({ ...epoch, reinit }) };
      return outcomeOf(wrap("observer", observerVersion, { ...value, records }));
    };
    expect(told(null)).toBe("ok");
    expect(told(encode(Proposal, { type: "remove", removed: 1 }))).toBe("snapshot-damaged");
    expect(told(Uint8Array.of(0))).toBe("snapshot-damaged");
  });
});
