import { describe, expect, it } from "vitest";
import { hex, utf8, utf8Decode } from "../../src/bytes/text.ts";
import type { CipherSuite, Verification } from "../../src/crypto/provider.ts";
import { Group } from "../../src/group/group.ts";
import type { GroupOptions, Window } from "../../src/public-group/options/settings.ts";
import { NotWrittenError, type StateChanges, type StateEvent } from "../../src/public-group/records/persist.ts";
import { LiveSecrets } from "../schedule/live-secrets.ts";
import { agree } from "./agreement.ts";
import { storedOf } from "./insider.ts";
import { refuses, refusal } from "./refusal.ts";
import { client, commitTo, groupOf, keyPackageOf, setClock, suiteOf, trusting } from "./world.ts";

async function pair(options: Partial<GroupOptions> = {}): Promise<[alice: Group, bob: Group]> {
  return (await groupOf([await client("alice"), await client("bob")], options)) as [Group, Group];
}

function windowed(window: Partial<Window>, options: Partial<GroupOptions> = {}): Promise<[alice: Group, bob: Group]> {
  return pair({ ...options, window });
}

async function sealed(group: Group, count: number): Promise<Uint8Array[]> {
  const messages: Uint8Array[] = [];
  for (let i = 0; i < count; i++) messages.push(await group.seal(utf8(String(i))));
  return messages;
}

async function text(group: Group, message: Uint8Array): Promise<string> {
  const event = await group.receive(message);
  return event.kind === "message" ? (utf8Decode(event.plaintext) ?? "") : event.kind;
}

const gone = "private-message-open < message-key-used";

describe("messages out of order", () => {
  it("are opened in any order, each once", async () => {
    const [alice, bob] = await pair();
    const messages = await sealed(alice, 12);
    const order = [5, 0, 11, 3, 4, 10, 1, 2, 9, 6, 8, 7];
    for (const i of order) expect(await text(bob, messages[i]!)).toBe(String(i));
    for (const i of order) await refuses(bob, () => bob.receive(messages[i]!), gone);
  });

  it("may jump ahead as far as generationGap, and no further", async () => {
    const [alice, bob] = await windowed({ generationGap: 4 });
    const messages = await sealed(alice, 12);
    await refuses(bob, () => bob.receive(messages[5]!), "private-message-open < generation-gap");
    expect(await text(bob, messages[4]!)).toBe("4");
    await refuses(bob, () => bob.receive(messages[10]!), "private-message-open < generation-gap");
    expect(await text(bob, messages[9]!)).toBe("9");
    for (const i of [0, 1, 2, 3, 5, 6, 7, 8]) expect(await text(bob, messages[i]!)).toBe(String(i));
  });

  it("are kept for as many as outOfOrderKeys, the oldest go first", async () => {
    const [alice, bob] = await windowed({ outOfOrderKeys: 3 });
    const messages = await sealed(alice, 8);
    expect(await text(bob, messages[5]!)).toBe("5");
    for (const i of [0, 1]) await refuses(bob, () => bob.receive(messages[i]!), gone);
    expect(await text(bob, messages[7]!)).toBe("7");
    await refuses(bob, () => bob.receive(messages[2]!), gone);
    for (const i of [3, 4, 6]) expect(await text(bob, messages[i]!)).toBe(String(i));
  });

  it("are kept as long as outOfOrderAge, whatever is done or not done meanwhile", async () => {
    const clock = setClock(1_700_000_000_000);
    const [alice, bob] = await windowed({ outOfOrderAge: 1_000 }, { clock });
    const messages = await sealed(alice, 4);
    await bob.receive(messages[3]!);
    clock.now += 999;
    expect(await text(bob, messages[0]!)).toBe("0");
    clock.now += 1;
    const before = hex(bob.snapshot());
    expect(await refusal(() => bob.receive(messages[1]!))).toBe(gone);
    expect(hex(bob.snapshot())).toBe(before);
    expect(storedOf(bob).secretTree.leaves.find(([leaf]) => leaf === 0)![2][2]).toEqual([]);
  });
});

describe("a message whose key grows too old while it is being received", () => {
  it.each(["kept in memory", "stored"] as const)("is not opened: the group is %s", async (how) => {
    const clock = setClock(1_700_000_000_000);
    const window = { outOfOrderAge: 1_000 };
    const suite = suiteOf();
    let during: (() => void) | undefined;
    // A platform that verifies beside this thread.
    const verify = async (verification: Verification): Promise<boolean> => {
      const isValid = await suite.verify(verification);
      during?.();
      return isValid;
    };
    const slow = Object.assign(Object.create(suite) as CipherSuite, { verify });
    const clients = [await client("alice"), await client("bob", slow)];
    const [alice, first] = (await groupOf(clients, { clock, window })) as [Group, Group];
    const persist = (): void => undefined;
    const options = { ...trusting, clock, window, ...(how === "stored" && { persist }) };
    const bob = await Group.restore({ ...options, identity: first.identity, snapshot: first.snapshot() });
    const messages = await sealed(alice, 2);
    await bob.receive(messages[1]!);
    during = () => {
      clock.now += 1_000;
      bob.snapshot();
    };
    expect(await refusal(() => bob.receive(messages[0]!))).toBe("private-message-open");
    during = undefined;
    expect(await refusal(() => bob.receive(messages[0]!))).toBe(gone);
    expect(await text(bob, (await sealed(alice, 1))[0]!)).toBe("0");
  });
});

describe("a group that is wiped while an operation waits for the application", () => {
  it("is stored as one that is over, and as nothing else", async () => {
    let during: (() => void) | undefined;
    const validate = async (): Promise<boolean> => {
      await Promise.resolve();
      during?.();
      return true;
    };
    const options: GroupOptions = { authentication: { validate }, handshake: "public" };
    const [first, bob] = await pair(options);
    const stored: string[] = [];
    const persist = (_: StateChanges, { kind }: StateEvent): void => void stored.push(kind);
    const alice = await Group.restore({
      ...options,
      persist,
      identity: first.identity,
      snapshot: first.snapshot(),
    });
    const { keyPackage } = await keyPackageOf(await client("carol"));
    const proposal = await bob.propose({ add: keyPackage });
    during = () => {
      alice.wipe();
    };
    expect(await refusal(() => alice.receive(proposal))).toBe("group-gone");
    during = undefined;
    await new Promise(setImmediate);
    expect(stored).toEqual(["restored", "wiped"]);
  });
});

describe("a group whose first write fails", () => {
  it.each(["state-not-written", "state-unknown"])("is not there: %s", async (code) => {
    const { identity } = await client("alice");
    const live = new LiveSecrets();
    const persist = (): never => {
      if (code === "state-not-written") throw new NotWrittenError();
      throw new Error("the connection was closed");
    };
    expect(await refusal(() => Group.create({ ...trusting, identity, persist }))).toBe(code);
    expect(live.names()).toEqual([]);
    live.stop();
  });
});

describe("messages of past epochs", () => {
  it("are opened for as many epochs as the window holds", async () => {
    const [alice, bob] = await windowed({ pastEpochs: 2 });
    const messages: Uint8Array[] = [];
    for (let i = 0; i < 4; i++) {
      messages.push(...(await sealed(alice, 2)));
      if (i < 3) await commitTo([alice, bob], alice);
    }
    const [first] = messages;
    await refuses(bob, () => bob.receive(first!), "epoch-unavailable");
    for (const i of [3, 2, 4, 6, 5, 7]) {
      const event = await bob.receive(messages[i]!);
      expect(event).toMatchObject({ kind: "message", epoch: BigInt(1 + (i >> 1)), sender: { leafIndex: 0 } });
    }
    for (const i of [2, 3]) await refuses(bob, () => bob.receive(messages[i]!), gone);
    agree([alice, bob]);
  });

  it("are opened as long as pastEpochAge", async () => {
    const clock = setClock(1_700_000_000_000);
    const [alice, bob] = await windowed({ pastEpochs: 5, pastEpochAge: 1_000 }, { clock });
    const [first, second, third] = await sealed(alice, 3);
    await commitTo([alice, bob], alice);
    clock.now += 999;
    const [later] = await sealed(alice, 1);
    await commitTo([alice, bob], bob);
    expect(await text(bob, first!)).toBe("0");
    clock.now += 1;
    await refuses(bob, () => bob.receive(second!), "epoch-unavailable");
    expect(await text(bob, later!)).toBe("0");
    clock.now += 998;
    expect(storedOf(bob).past.length).toBe(1);
    clock.now += 1;
    bob.expire();
    expect(storedOf(bob).past.length).toBe(0);
    clock.now = 0; // a clock that was set back brings nothing back
    await refuses(bob, () => bob.receive(third!), "epoch-unavailable");
  });

  it("of members that have left or changed, by whom they were then", async () => {
    const clients = await Promise.all(["alice", "bob", "carol"].map((name) => client(name)));
    const [alice, bob, carol] = (await groupOf(clients)) as [Group, Group, Group];
    const fromCarol = await carol.seal(utf8("before I go"));
    const fromAlice = await alice.seal(utf8("under my old key"));
    const oldKey = alice.self.signatureKey;
    const dave = await client("dave");
    await commitTo([alice, bob], alice, { remove: [2], identity: dave.identity });
    await commitTo([alice, bob], bob);
    const restored = await Group.restore({ ...trusting, identity: bob.identity, snapshot: bob.snapshot() });
    for (const group of [bob, restored]) {
      expect(group.member(2)).toBeUndefined();
      expect(await group.receive(fromCarol)).toMatchObject({ kind: "message", sender: { leafIndex: 2 }, epoch: 1n });
      const event = await group.receive(fromAlice);
      expect(event.kind === "message" && event.sender.signatureKey).toEqual(oldKey);
      expect(alice.self.signatureKey).toEqual(dave.identity.signatureKey);
    }
  });

  it("of a tree of another width, also after a restore", async () => {
    const clients = await Promise.all(["alice", "bob", "carol"].map((name) => client(name)));
    const [alice, bob, carol] = (await groupOf(clients, { window: { pastEpochs: 4 } })) as [Group, Group, Group];
    const messages = [await alice.seal(utf8("wide")), await carol.seal(utf8("wide, and gone"))];
    await commitTo([alice, bob], alice, { remove: [2] });
    messages.push(await alice.seal(utf8("narrow")));
    const { keyPackage } = await keyPackageOf(await client("dave"));
    await commitTo([alice, bob], bob, { add: [keyPackage] });
    messages.push(await alice.seal(utf8("wide again")));
    await commitTo([alice, bob], bob);
    const snapshot = bob.snapshot();
    const window = { pastEpochs: 4 };
    const restored = await Group.restore({ ...trusting, window, identity: bob.identity, snapshot });
    expect(hex(restored.snapshot())).toBe(hex(snapshot));
    for (const group of [bob, restored]) {
      const texts = [];
      for (const message of [...messages].reverse()) texts.push(await text(group, message));
      expect(texts).toEqual(["wide again", "narrow", "wide, and gone", "wide"]);
    }
    expect(hex(restored.snapshot())).toBe(hex(bob.snapshot()));
  });
});

describe("the resumption PSKs of past epochs", () => {
  it("are kept by a count of their own", async () => {
    const [alice, bob] = await windowed({ pastEpochs: 0, resumptionPsks: 2 });
    for (let i = 0; i < 4; i++) await commitTo([alice, bob], alice);
    // Epoch 5: those of 3 and 4 are kept, and the current one.
    const psk = (epoch: bigint) => ({ type: "resumption", groupId: alice.id, epoch }) as const;
    await refuses(alice, () => alice.commit({ psks: [psk(2n)] }), "psk-not-found");
    await commitTo([alice, bob], alice, { psks: [psk(3n), psk(5n), psk(4n)] });
    agree([alice, bob]);
    const restored = await Group.restore({ ...trusting, identity: bob.identity, snapshot: bob.snapshot() });
    await commitTo([alice, restored], restored, { psks: [psk(4n), psk(5n)] });
    agree([alice, restored]);
  });
});
