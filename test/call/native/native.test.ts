/** The browser's own SFrame as a call's backend: what it is given, when, and that nothing passes without. */

import { afterEach, describe, expect, it, vi } from "vitest";
import { Call } from "../../../src/call/call.ts";
import { nativeSFrame } from "../../../src/call/native/api.ts";
import { nativeBackend } from "../../../src/call/native/backend.ts";
import { protect } from "../../../src/call/transforms/protect.ts";
import { mlsKid, splitMlsKid } from "../../../src/sframe/mls-kid.ts";
import { MlsSFrame } from "../../../src/sframe/mls.ts";
import { readSFrameHeader, writeSFrameHeader } from "../../../src/sframe/header.ts";
import { sframeSuite } from "../../../src/sframe/suites.ts";
import { client, commitTo, groupOf } from "../../group/world.ts";
import { baseKeyOf } from "../../sframe/cryptos.ts";
import { epochCommand } from "../engine/world.ts";
import { FakeConnection, settle } from "../transforms/browser.ts";
import { FakeDecryptor, FakeEncryptor, FakeSender } from "./fake-sframe.ts";
import { Person, picture, sealedBy } from "./world.ts";

const epochOf = (frame: Uint8Array): bigint => BigInt.asUintN(8, readSFrameHeader(frame).kid);
const layout = { epochBits: 8, treeWidth: 4 };

/** A frame of nobody, under a KID. */
function frameOf(kid: bigint): Uint8Array<ArrayBuffer> {
  return Uint8Array.from([...writeSFrameHeader({ kid, ctr: 0n }), ...new Uint8Array(20)]);
}

describe("detection", () => {
  afterEach(() => vi.unstubAllGlobals());

  function browser(without?: string): void {
    const ends = { RTCRtpSender: FakeSender, RTCRtpReceiver: FakeSender };
    const all = { ...ends, RTCRtpSFrameEncryptor: FakeEncryptor, RTCRtpSFrameDecryptor: FakeDecryptor };
    for (const [name, value] of Object.entries(all)) if (name !== without) vi.stubGlobal(name, value);
  }

  it("finds what the draft specifies", () => {
    browser();
    expect(nativeSFrame()).toEqual({ Encryptor: FakeEncryptor, Decryptor: FakeDecryptor });
    expect(nativeBackend().suite).toBe(sframeSuite(4));
  });

  it.each(["RTCRtpSender", "RTCRtpReceiver", "RTCRtpSFrameEncryptor", "RTCRtpSFrameDecryptor"])(
    "finds nothing without %s",
    (name) => {
      browser(name);
      expect(nativeSFrame()).toBeUndefined();
      expect(() => nativeBackend()).toThrow(TypeError);
    },
  );

  it.each(["RTCRtpSender", "RTCRtpSFrameEncryptor", "RTCRtpSFrameDecryptor"])(
    "finds nothing where %s is another than that of the draft",
    (name) => {
      browser();
      vi.stubGlobal(name, Map);
      expect(nativeSFrame()).toBeUndefined();
    },
  );
});

describe("frames", () => {
  it("pass between members of a group, once the first has brought its key", async () => {
    const groups = await groupOf([await client("alice"), await client("bob")]);
    const people = [new Person(), new Person()] as const;
    const calls = people.map(
      ({ backend, clock }, place) => new Call({ source: groups[place]!, backend, scheduler: clock }),
    );
    await settle();
    const [alice, bob] = people;
    const first = sealedBy(alice.out);
    expect(bob.in.receive(first)).toBeUndefined();
    await settle();
    expect(bob.in.receive(sealedBy(alice.out))).toEqual(picture);
    expect(await alice.hear(bob)).toEqual(picture);
    expect(alice.out.transform?.isExtractable).toBe(false);
    const [{ participants }] = [await calls[1]!.statistics()];
    expect(participants.map(({ dropped }) => dropped)).toEqual([{ "unknown-key": 1 }]);

    const pending = await commitTo(groups, groups[0]!, { path: true });
    expect(pending).toBeDefined();
    await settle();
    await alice.advance(1000);
    await bob.advance(1000);
    expect(epochOf(sealedBy(alice.out))).toBe(groups[0]!.epoch);
    expect(bob.in.receive(sealedBy(alice.out))).toEqual(picture); // the key was there before it
    for (const call of calls) call.close();
  });

  it("are SFrame, as copse opens it without metadata", async () => {
    for (const suite of [4, 5]) {
      const alice = new Person(0, { suite });
      const keyLength = sframeSuite(suite).keyLength;
      alice.backend.post({ ...epochCommand(1, { leafIndex: 0 }), baseKey: baseKeyOf(1, keyLength) });
      await settle();
      const frames = new MlsSFrame({ suite: sframeSuite(suite), epochBits: 8 });
      frames.addEpoch({ epoch: 1n, leafIndex: 1, treeWidth: 4, exporter: () => baseKeyOf(1, keyLength) });
      const { plaintext, leafIndex } = frames.open(sealedBy(alice.out));
      expect([plaintext, leafIndex]).toEqual([picture, 0]);
    }
  });

  it("do not leave before there is a key, nor after a call that never had one", async () => {
    const alice = new Person();
    expect(alice.out.send(picture)).toBeUndefined();
    await alice.enter(1, { key: "missing" });
    expect(alice.out.send(picture)).toBeUndefined();
    alice.backend.close();
    await settle();
    expect(alice.out.send(picture)).toBeUndefined();
  });

  it("of a connection have their transform in the turn in which it is given a track", () => {
    const { backend } = new Person();
    const connection = new FakeConnection();
    protect(connection.asConnection, backend);
    expect(connection.addTrack({ kind: "video" })).toHaveProperty("transform", expect.any(FakeEncryptor));
    connection.asConnection.addTransceiver("video");
    for (const transceiver of connection.transceivers) {
      expect((transceiver.sender as { transform?: unknown }).transform).toBeInstanceOf(FakeEncryptor);
      expect((transceiver.receiver as { transform?: unknown }).transform).toBeInstanceOf(FakeDecryptor);
    }
  });
});

describe("turnover", () => {
  it("sends with the old epoch until the delay is over", async () => {
    const alice = new Person(0, { sendDelay: 700 });
    await alice.enter(5);
    await alice.advance(100);
    await alice.enter(6);
    await alice.advance(699);
    expect(epochOf(sealedBy(alice.out))).toBe(5n);
    await alice.advance(1);
    expect(epochOf(sealedBy(alice.out))).toBe(6n);
    expect(alice.sent).toEqual([5n, 6n]);
  });

  it("keeps the order of epochs, however slowly the browser takes their keys", async () => {
    const alice = new Person(0, { sendDelay: 0 });
    for (const epoch of [5, 6, 7]) alice.backend.post(epochCommand(epoch, { leafIndex: 0 }));
    await settle();
    expect(epochOf(sealedBy(alice.out))).toBe(7n);
  });

  it("stops when the new epoch is due and its key is missing, and never falls back", async () => {
    const alice = new Person();
    await alice.enter(5);
    sealedBy(alice.out);
    await alice.enter(6, { key: "missing" });
    await alice.advance(999);
    expect(epochOf(sealedBy(alice.out))).toBe(5n);
    await alice.advance(1);
    expect(alice.out.send(picture)).toBeUndefined();
    expect(alice.sender("another").send(picture)).toBeUndefined();
    await alice.enter(6);
    expect(epochOf(sealedBy(alice.out))).toBe(6n);
    expect(alice.sent).toEqual([5n, undefined, 6n]);
  });

  it("has the keys of who was heard in the epoch before, and loses no frame", async () => {
    const [alice, bob] = [new Person(0), new Person(1, { sendDelay: 0 })];
    for (const person of [alice, bob]) await person.enter(5);
    expect(await alice.hear(bob)).toEqual(picture);
    for (const person of [alice, bob]) await person.enter(6);
    const sealed = sealedBy(bob.out);
    expect(epochOf(sealed)).toBe(6n);
    expect(alice.in.receive(sealed)).toEqual(picture);
    expect(alice.drops("in")).toEqual({ "unknown-key": 1 });
  });

  it("follows a member to another leaf, and forgets one that has left", async () => {
    const [alice, bob, carol] = [0, 1, 2].map((leaf) => new Person(leaf)) as [Person, Person, Person];
    for (const person of [alice, bob, carol]) await person.enter(5);
    expect(await alice.hear(bob)).toEqual(picture);
    expect(await alice.hear(carol)).toEqual(picture);
    const members = [
      { leafIndex: 0, participant: 100 },
      { leafIndex: 3, participant: 101 },
    ];
    alice.backend.post({ ...epochCommand(6, { leafIndex: 0 }), members });
    await settle();
    const ofEpoch6 = alice.in.kids.filter((kid) => BigInt.asUintN(8, kid) === 6n);
    expect(ofEpoch6.map((kid) => splitMlsKid(kid, layout).leafIndex)).toEqual([3]);
  });

  it("erases an old epoch with the timer: its frames do not open any more", async () => {
    const [alice, bob] = [new Person(0), new Person(1)];
    for (const person of [alice, bob]) await person.enter(5);
    await alice.hear(bob);
    await alice.enter(6);
    const [late, later] = [sealedBy(bob.out), sealedBy(bob.out)];
    await alice.advance(9_999);
    expect(alice.in.receive(late)).toEqual(picture);
    await alice.advance(1);
    expect(alice.in.receive(later)).toBeUndefined();
    expect(alice.in.kids.map((kid) => BigInt.asUintN(8, kid))).toEqual([6n]);
    expect(alice.statistics.epochs).toEqual([6n]);
    expect(alice.events).toContainEqual({ kind: "erased", epoch: 5n });
  });

  it("gives an epoch's bits to a new one with another key", async () => {
    const options = { epochBits: 1, sendDelay: 0 };
    const [alice, bob] = [new Person(0, options), new Person(1, options)];
    for (const person of [alice, bob]) await person.enter(5);
    const old = sealedBy(bob.out);
    await alice.hear(bob);
    expect(alice.in.receive(old)).toEqual(picture);
    for (const person of [alice, bob]) await person.enter(7); // the same bit
    expect(await alice.hear(bob)).toEqual(picture);
    expect(alice.in.receive(old)).toBeUndefined();
    expect(alice.in.kids).toHaveLength(1);
  });

  it("leaves who was removed with nothing once the delay is over", async () => {
    const groups = await groupOf([await client("alice"), await client("bob"), await client("mallory")]);
    const people = groups.map(() => new Person());
    const calls = people.map(
      ({ backend, clock }, place) => new Call({ source: groups[place]!, backend, scheduler: clock }),
    );
    await settle();
    const [alice, bob, mallory] = people as [Person, Person, Person];
    expect(await mallory.hear(alice)).toEqual(picture);
    await commitTo(groups, groups[0]!, { remove: [groups[2]!.self.leafIndex] });
    await settle();
    await alice.advance(1000);
    expect(await mallory.hear(alice)).toBeUndefined();
    expect(await bob.hear(alice)).toEqual(picture);
    expect(mallory.out.send(picture)).toBeUndefined(); // its call is over
    expect(calls.map(({ isOver }) => isOver)).toEqual([false, false, true]);
  });
});

describe("a key ID that is unknown", () => {
  it("of our own leaf is refused: a frame of ours came back", async () => {
    const alice = new Person();
    await alice.enter(5);
    expect(alice.in.receive(sealedBy(alice.out))).toBeUndefined();
    await settle();
    expect(alice.in.kids).toEqual([]);
    expect(alice.drops("in")).toEqual({ own: 1 });
    expect(alice.events).toContainEqual({ kind: "dropped", track: "in", direction: "incoming", cause: "own" });
  });

  it.each([
    ["of a leaf that is nobody's", mlsKid({ context: 1n, leafIndex: 3, epoch: 5n, ...layout }), "not-a-member"],
    ["of an epoch that is over", mlsKid({ context: 1n, leafIndex: 1, epoch: 4n, ...layout }), "unknown-key"],
    ["of an epoch that has not begun", mlsKid({ context: 1n, leafIndex: 1, epoch: 6n, ...layout }), "unknown-key"],
    ["of the largest number", 2n ** 64n - 1n, "unknown-key"],
  ])("%s gets no key", async (_, kid, cause) => {
    const alice = new Person();
    await alice.enter(5, { leaves: [0, 1, 2] });
    alice.in.receive(frameOf(kid));
    await settle();
    expect(alice.in.kids).toEqual([]);
    expect(alice.drops("in")).toEqual({ [cause]: 1 });
  });

  it("is taken as a number and as a bigint", async () => {
    const alice = new Person();
    await alice.enter(5);
    const kids = [0n, 2n ** 50n].map((context) => mlsKid({ context, leafIndex: 1, epoch: 5n, ...layout }));
    for (const kid of kids) alice.in.receive(frameOf(kid));
    await settle();
    expect(alice.in.kids).toEqual(kids);
  });

  it("opens nothing but what a member has sealed", async () => {
    const alice = new Person();
    await alice.enter(5);
    const forged = frameOf(mlsKid({ context: 1n, leafIndex: 1, epoch: 5n, ...layout }));
    alice.in.receive(forged);
    await settle();
    expect(alice.in.receive(forged)).toBeUndefined();
    alice.in.receive(Uint8Array.of(0x88));
    expect(alice.drops("in")).toEqual({ "unknown-key": 1, "not-authentic": 1, header: 1 });
  });

  it("in a flood of strangers' stays bounded, and shuts nobody out", async () => {
    const [alice, bob] = [new Person(0, { maxContexts: 8 }), new Person(1)];
    for (const person of [alice, bob]) await person.enter(5);
    for (let context = 0n; context < 2_000n; context++) {
      alice.in.transform?.report("keyID", mlsKid({ context, leafIndex: 2, epoch: 5n, ...layout }));
      if (context % 200n === 0n) await settle();
    }
    await settle(); // the browser takes one key after the other
    await settle();
    expect(await alice.hear(bob)).toEqual(picture);
    expect(alice.in.transform?.most).toBeLessThanOrEqual(8);
    await alice.enter(6); // to which no more than these are carried over
    expect(alice.in.transform?.most).toBeLessThanOrEqual(16);
    const { tracks, participants } = alice.statistics;
    expect(tracks.find(({ track }) => track === "in")?.sources.map(({ participant }) => participant)).toEqual([
      102, 101,
    ]);
    expect(participants.find(({ participant }) => participant === 102)?.dropped).toEqual({ "unknown-key": 2_000 });
    expect(alice.events.filter(({ kind }) => kind === "dropped")).toHaveLength(1);
  });
});

describe("keys that the browser is given", () => {
  const kidOf = (context: bigint, epoch = 5n): bigint => mlsKid({ context, leafIndex: 1, epoch, ...layout });

  it("are for what names no key, and for nothing else that is wrong with a frame", async () => {
    const alice = new Person();
    await alice.enter(5);
    alice.in.transform!.report("authentication", kidOf(1n));
    alice.in.transform!.report("syntax", kidOf(1n));
    await settle();
    expect(alice.in.kids).toEqual([]);
    expect(alice.drops("in")).toEqual({ "not-authentic": 1, header: 1 });
  });

  it("are none once the call is over, of which nothing is reported either", async () => {
    const alice = new Person();
    await alice.enter(5);
    alice.backend.post({ kind: "end" });
    alice.in.transform!.report("keyID", kidOf(1n));
    alice.in.transform!.report("syntax");
    await settle();
    expect(alice.in.kids).toEqual([]);
    expect(alice.drops("in")).toEqual({});
  });

  it("come once, one behind the other, and drops are reported once for their cause", async () => {
    const alice = new Person();
    await alice.enter(5);
    const decryptor = alice.in.transform!;
    const most = { now: 0, atOnce: 0 };
    const remove = vi.spyOn(decryptor, "removeDecryptionKey");
    const counted = vi.fn(async (...given: Parameters<FakeDecryptor["addDecryptionKey"]>): Promise<undefined> => {
      most.atOnce = Math.max(most.atOnce, ++most.now);
      await new Promise(setImmediate);
      await FakeDecryptor.prototype.addDecryptionKey.apply(decryptor, given);
      most.now--;
      return undefined;
    });
    Object.assign(decryptor, { addDecryptionKey: counted });
    for (const context of [1n, 2n, 1n, 3n]) decryptor.report("keyID", kidOf(context));
    await settle();
    decryptor.report("keyID", kidOf(1n));
    await settle();
    expect(alice.in.kids).toEqual([1n, 2n, 3n].map((context) => kidOf(context)));
    expect(counted).toHaveBeenCalledTimes(3);
    expect(remove).not.toHaveBeenCalled();
    expect(most.atOnce).toBe(1);
    expect(alice.events.filter(({ kind }) => kind === "dropped")).toHaveLength(1);
  });

  it("are not carried over to our own leaf, nor to a tree that has no room for the context", async () => {
    const alice = new Person();
    await alice.enter(5);
    alice.in.transform!.report("keyID", kidOf(1n));
    await settle();
    const swapped = [1, 0, 2, 3].map((leaf, place) => ({ leafIndex: place, participant: 100 + leaf }));
    alice.backend.post({ ...epochCommand(6, { leafIndex: 0 }), members: swapped });
    await settle();
    expect(alice.in.kids).toEqual([kidOf(1n)]);

    const bob = new Person();
    await bob.enter(5);
    for (const context of [1n, 2n ** 53n]) bob.in.transform!.report("keyID", kidOf(context));
    await settle();
    await bob.enter(6, { treeWidth: 2 ** 20 });
    const wide = { context: 1n, leafIndex: 1, epoch: 6n, epochBits: 8, treeWidth: 2 ** 20 };
    expect(bob.in.kids).toEqual([kidOf(1n), kidOf(2n ** 53n), mlsKid(wide)]);
  });

  it("are not those of an epoch that was over before the browser had taken its key", async () => {
    const alice = new Person(0, { maxEpochs: 2 });
    await alice.enter(5);
    alice.backend.post(epochCommand(6, { leafIndex: 0 }));
    for (const epoch of [7, 8, 9]) alice.backend.post(epochCommand(epoch, { leafIndex: 0, key: "missing" }));
    await settle();
    expect(alice.events.some(({ kind }) => kind === "failed")).toBe(false);
    expect(alice.statistics.epochs).not.toContain(6n);
  });
});

describe("a sender", () => {
  it("goes on with the key that it has, where an earlier one is refused late", async () => {
    const alice = new Person();
    await alice.enter(5);
    await alice.enter(6);
    let refuse: () => void = () => undefined;
    const encryptor = alice.out.transform!;
    const take = encryptor.setEncryptionKey.bind(encryptor);
    Object.assign(encryptor, {
      setEncryptionKey: (...given: Parameters<typeof take>) =>
        epochOf(writeSFrameHeader({ kid: BigInt(given[1]), ctr: 0n })) === 6n
          ? new Promise(
              (_, reject) =>
                (refuse = () => {
                  reject(new DOMException("refused"));
                }),
            )
          : take(...given),
    });
    await alice.advance(1000);
    await alice.enter(7);
    await alice.advance(1000);
    refuse();
    await settle();
    expect(epochOf(sealedBy(alice.out))).toBe(7n);
    expect(alice.drops("out")).toEqual({});
  });

  it("that has no key keeps its transform, and its track", async () => {
    const alice = new Person();
    const { transform } = alice.out;
    alice.out.isFixed = true;
    alice.backend.close();
    await settle();
    expect(alice.out.transform).toBe(transform);
    expect(alice.out.hasTrack).toBe(true);
    expect(alice.out.send(picture)).toBeUndefined();
  });
});

describe("counters", () => {
  it("begin anew under KIDs of their own: for each sender, each backend and each of its tracks", async () => {
    const [before, after] = [new Person(), new Person()]; // the same leaf, before a reload and after it
    for (const person of [before, after]) await person.enter(5);
    const senders = [before.out, after.out, ...["a", "b", "a"].map((track) => before.sender(track))];
    await settle();
    const kids = [];
    for (const sender of [...senders, ...senders]) {
      const sealed = sender.send(picture);
      if (sealed !== undefined) kids.push(readSFrameHeader(sealed).kid);
    }
    expect(new Set(kids).size).toBe(4); // and the fake refuses a nonce that it knows
    expect(senders[2]!.send(picture)).toBeUndefined(); // another took its name
  });

  it("do so beyond the tracks that one session has room for", async () => {
    const alice = new Person(0, { maxTracks: 600 });
    await alice.enter(5);
    const senders = Array.from({ length: 520 }, (_, place) => alice.sender(`more ${String(place)}`));
    await settle();
    const kids = new Set<bigint>();
    for (const sender of senders) kids.add(readSFrameHeader(sealedBy(sender)).kid);
    expect(kids.size).toBe(520);
  });
});

describe("a failure", () => {
  afterEach(() => {
    FakeEncryptor.isRefusing = false;
  });

  it("of the browser to take a key silences the track, and says so", async () => {
    const alice = new Person();
    await alice.enter(5);
    await alice.enter(6);
    FakeEncryptor.isRefusing = true;
    await alice.advance(1000);
    expect(alice.out.send(picture)).toBeUndefined();
    const detail = expect.any(String) as string;
    expect(alice.events).toContainEqual({
      kind: "dropped",
      track: "out",
      direction: "outgoing",
      cause: "failed",
      detail,
    });
    FakeEncryptor.isRefusing = false;
    await alice.enter(7);
    await alice.advance(1000);
    expect(epochOf(sealedBy(alice.out))).toBe(7n);
  });

  it("of the browser to take another transform takes the track away", async () => {
    const alice = new Person();
    await alice.enter(5);
    alice.out.isFixed = true;
    alice.backend.close();
    expect(alice.out.send(picture)).toBeUndefined();
    expect(alice.out.hasTrack).toBe(false);
  });

  it.each([
    ["a key of another length", { ...epochCommand(6, { leafIndex: 0 }), baseKey: new Uint8Array(15) }],
    ["no command at all", { kind: "hello" } as never],
  ])("to make sense of %s ends everything", async (_, command) => {
    const alice = new Person();
    await alice.enter(5);
    const failures = (): number => alice.events.filter(({ kind }) => kind === "failed").length;
    alice.backend.post(command);
    expect(failures()).toBe(1);
    alice.backend.post(command);
    alice.backend.post({ kind: "hello" } as never);
    expect(failures()).toBe(1);
    alice.backend.post(epochCommand(7, { leafIndex: 0 }));
    await settle();
    expect(alice.events.at(-1)).toEqual(expect.objectContaining({ kind: "failed" }));
    expect(alice.out.send(picture)).toBeUndefined();
  });

  it("to find room for a context in the KID silences the track", async () => {
    const alice = new Person(0, { epochBits: 16 });
    await alice.enter(5, { treeWidth: 2 ** 20 });
    expect(alice.out.send(picture)).toBeUndefined();
    expect(alice.drops("out")).toEqual({ limit: 1 });
  });

  it("to have so many tracks is an error, and nothing of the track flows", async () => {
    const alice = new Person(0, { maxTracks: 1 });
    await alice.enter(5);
    const second = new FakeSender();
    expect(() => alice.sender("second", second)).toThrow(expect.objectContaining({ code: "limit-exceeded" }));
    expect(() => alice.receiver("second")).toThrow(expect.objectContaining({ code: "limit-exceeded" }));
    expect(second.send(picture)).toBeUndefined();
    alice.sender("out");
    alice.receiver("in");
  });
});

describe("the end", () => {
  it.each(["close", "end"])("by %s takes every key away, for good", async (how) => {
    const [alice, bob] = [new Person(0), new Person(1)];
    for (const person of [alice, bob]) await person.enter(5);
    await alice.hear(bob);
    if (how === "close") alice.backend.close();
    else alice.backend.post({ kind: "end" });
    await settle();
    expect(alice.out.send(picture)).toBeUndefined();
    expect(await alice.hear(bob)).toBeUndefined();
    expect(alice.in.kids).toEqual([]);
    await alice.enter(6);
    await alice.advance(20_000);
    expect(alice.sender("late").send(picture)).toBeUndefined();
    expect(alice.clock.timers).toBe(0);
  });

  it("while a key is being taken is the end, too", async () => {
    const alice = new Person();
    const baseKey = baseKeyOf(5, 16);
    alice.backend.post({ ...epochCommand(5, { leafIndex: 0 }), baseKey });
    expect(baseKey).toEqual(new Uint8Array(16));
    alice.backend.close();
    await settle();
    expect(alice.out.send(picture)).toBeUndefined();
  });
});

it("an encoder is asked for a key frame", () => {
  const alice = new Person();
  alice.backend.generateKeyFrame("out");
  alice.backend.generateKeyFrame("another");
  expect(alice.out.parameters).toEqual([{ encodingOptions: [{ keyFrame: true }, { keyFrame: true }] }]);
});

it("statistics say which keys there are, and how old", async () => {
  const alice = new Person();
  await alice.enter(5);
  await alice.advance(300);
  await alice.enter(6);
  expect(alice.statistics).toMatchObject({ epoch: 6n, sendingEpoch: 5n, keyAge: 300, epochs: [5n, 6n] });
});
