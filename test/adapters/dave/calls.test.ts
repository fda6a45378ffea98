import { beforeEach, describe, expect, test } from "vitest";
import { CopseError } from "../../../src/errors.ts";
import type { DaveSessionEvent } from "../../../src/adapters/dave/index.ts";
import { CopseClient, DaveyClient, Gateway } from "./gateway.ts";
import { Caller, daveyHears, daveySays, noise } from "./world.ts";

const [aliceId, bobId, carolId] = [158049329150427136n, 158533742254751744n, 1090123456789012345n];
const sound = noise(80);

let gateway: Gateway;
let alice: CopseClient;
let carol: CopseClient;
let aliceCall: Caller;
let carolCall: Caller;
let events: DaveSessionEvent[];

beforeEach(async () => {
  gateway = await Gateway.create();
  events = [];
  alice = await CopseClient.create({ userId: aliceId, onEvent: (event) => events.push(event) });
  carol = await CopseClient.create({ userId: carolId });
  aliceCall = new Caller(alice);
  carolCall = new Caller(carol);
});

async function together(): Promise<void> {
  for (const client of [alice, carol]) await gateway.connect(client);
  await gateway.create(alice, [carol]);
}

describe("transitions", () => {
  test("nothing is sent before a group is established", async () => {
    await gateway.connect(alice);
    expect(aliceCall.say(sound)).toBeUndefined();
    expect((await aliceCall.call.statistics()).tracks[0]?.dropped).toEqual({ "no-key": 1 });
    expect(aliceCall.call.epoch).toBe(-1n);
    expect(() => alice.session.epochAuthenticator).toThrow(CopseError);
  });

  test("the new epoch is heard when it is announced, and sent with when it is executed", async () => {
    await together();
    const bob = new DaveyClient(bobId);
    await gateway.connect(bob);
    const proposals = [await gateway.add(bob)];
    const replies = await alice.receive({ kind: "proposals", sequence: 0, proposals });
    await carol.receive({ kind: "proposals", sequence: 0, proposals });
    const transition = await gateway.choose(alice, replies, { added: [bob], removed: [] }, false);
    expect(aliceCall.call.epoch).toBe(2n);
    expect(alice.session.mode.sending).toBe(1n);
    expect(carolCall.hear(aliceId, aliceCall.say(sound)!)).toEqual(sound);
    expect(aliceCall.hear(bobId, daveySays(bob, sound))).toEqual(sound); // davey sends at once
    expect(() => daveyHears(bob, alice, aliceCall.say(sound)!)).toThrow();
    await gateway.execute(transition);
    expect(alice.session.mode.sending).toBe(2n);
    expect(daveyHears(bob, alice, aliceCall.say(sound)!)).toEqual(sound);
    expect(aliceCall.events.filter(({ kind }) => kind === "sending")).toMatchObject([{ epoch: 1n }, { epoch: 2n }]);
  });

  test("what is on its way opens for ten seconds", async () => {
    await together();
    const [one, two] = [aliceCall.say(sound)!, aliceCall.say(sound)!];
    const bob = new DaveyClient(bobId);
    await gateway.connect(bob);
    await gateway.change(alice, { added: [bob] });
    carolCall.clock.advance(9_999);
    expect(carolCall.hear(aliceId, one)).toEqual(sound);
    carolCall.clock.advance(1);
    expect(carolCall.hear(aliceId, two)).toBeUndefined();
    expect(carolCall.events.filter(({ kind }) => kind === "erased")).toMatchObject([{ epoch: 1n }]);
    expect((await carolCall.call.statistics()).epochs).toEqual([2n]);
  });

  test("who was removed hears nothing of the new epoch, and nobody hears who was removed", async () => {
    const bob = new DaveyClient(bobId);
    for (const client of [alice, bob, carol]) await gateway.connect(client);
    await gateway.create(bob, [alice, carol]);
    const late = daveySays(bob, sound);
    await gateway.disconnect(bob);
    await gateway.change(carol, { removed: [bob] });
    expect(() => daveyHears(bob, alice, aliceCall.say(sound)!)).toThrow();
    expect(carolCall.hear(aliceId, aliceCall.say(sound)!)).toEqual(sound);
    expect(carolCall.hear(bobId, late)).toEqual(sound); // sent before
    carolCall.clock.advance(10_000);
    expect(carolCall.hear(bobId, daveySays(bob, sound))).toBeUndefined();
    const dropped = carolCall.events.filter(({ kind }) => kind === "dropped");
    expect(dropped.at(-1)).toMatchObject({ cause: "not-a-member" });
  });

  test("a transition that is never executed is executed when the old keys go", async () => {
    const bob = new DaveyClient(bobId);
    for (const client of [alice, bob, carol]) await gateway.connect(client);
    await gateway.create(alice, [bob, carol]);
    const proposals = [await gateway.propose({ remove: bob })];
    const replies = await alice.receive({ kind: "proposals", sequence: 0, proposals });
    await carol.receive({ kind: "proposals", sequence: 0, proposals });
    await gateway.choose(alice, replies, { added: [], removed: [bob] }, false);
    expect(daveyHears(bob, alice, aliceCall.say(sound)!)).toEqual(sound);
    aliceCall.clock.advance(10_000);
    const frame = aliceCall.say(sound)!;
    expect(() => daveyHears(bob, alice, frame)).toThrow();
    expect(carolCall.hear(aliceId, frame)).toEqual(sound);
  });

  test("an old transition that is executed late leads nowhere", async () => {
    await together();
    const stale = { transitionId: 500, protocolVersion: 1 } as const;
    await alice.receive({ kind: "prepareTransition", ...stale });
    const bob = new DaveyClient(bobId);
    await gateway.connect(bob);
    await gateway.change(carol, { added: [bob] });
    expect(alice.session.mode.sending).toBe(2n);
    events = [];
    await alice.receive({ kind: "executeTransition", transitionId: 500 });
    expect(alice.session.mode.sending).toBe(2n);
    expect(events).toEqual([]);
    await alice.receive({ kind: "executeTransition", transitionId: 500 }); // nor twice
    expect(alice.session.protocolVersion).toBe(1);
    expect(daveyHears(bob, alice, aliceCall.say(sound)!)).toEqual(sound);
  });

  test("a transition that was announced before there was a group takes nothing away from it", async () => {
    for (const client of [alice, carol]) await gateway.connect(client);
    await alice.receive({ kind: "prepareTransition", transitionId: 500, protocolVersion: 1 });
    await gateway.create(alice, [carol]);
    await alice.receive({ kind: "executeTransition", transitionId: 500 });
    expect(alice.session.mode.sending).toBe(1n);
  });

  test("who is removed sends nothing any more, and hears what is on its way", async () => {
    await together();
    const frames = [aliceCall.say(sound)!, aliceCall.say(sound)!];
    const proposals = [await gateway.propose({ remove: carol })];
    await carol.receive({ kind: "proposals", sequence: 0, proposals });
    const [reply] = await alice.receive({ kind: "proposals", sequence: 0, proposals });
    if (reply?.kind !== "commitWelcome") throw new Error("no commit");
    expect(await carol.receive({ kind: "commit", sequence: 0, transitionId: 9, commit: reply.commit })).toEqual([]);
    expect(carol.session.mode.sending).toBeUndefined();
    expect(carolCall.say(sound)).toBeUndefined();
    await carol.receive({ kind: "executeTransition", transitionId: 9 }); // it is not in that epoch
    expect(carolCall.say(sound)).toBeUndefined();
    carolCall.clock.advance(9_999);
    expect(carolCall.hear(aliceId, frames[0]!)).toEqual(sound);
    carolCall.clock.advance(1);
    expect(carolCall.hear(aliceId, frames[1]!)).toBeUndefined();
    expect((await carolCall.call.statistics()).epochs).toEqual([]);
  });

  test("closed in the middle of a commit, a session sends and enters nothing", async () => {
    for (const client of [alice, carol]) await gateway.connect(client);
    gateway.leaves = [alice];
    const proposals = [await gateway.add(carol)];
    const [reply] = await alice.receive({ kind: "proposals", sequence: 0, proposals });
    if (reply?.kind !== "commitWelcome") throw new Error("no commit");
    const receiving = alice.session.receive({ kind: "commit", sequence: 0, transitionId: 0, commit: reply.commit });
    await Promise.resolve(); // its turn has come
    const closing = alice.session.close();
    expect(await receiving).toEqual([]);
    await closing;
    expect(alice.session.mode).toEqual({ sending: undefined, hearsClear: false });
    expect(alice.session.epoch).toBe(-1n);
  });

  test("a new group goes on where the old one was: with higher numbers, and keys of its own", async () => {
    await together();
    const bob = new DaveyClient(bobId);
    await gateway.connect(bob);
    await gateway.change(carol, { added: [bob] });
    const old = aliceCall.say(sound)!;
    for (const client of gateway.clients) {
      gateway.keep(client, await client.receive({ kind: "prepareEpoch", epoch: 1n, protocolVersion: 1 }));
      await client.receive({ kind: "externalSender", sequence: 0, externalSender: gateway.externalSender });
    }
    expect(carolCall.hear(aliceId, aliceCall.say(sound)!)).toEqual(sound); // meanwhile the old keys serve
    await gateway.create(bob, [alice, carol]);
    expect(aliceCall.call.epoch).toBe(3n);
    expect(alice.session.epochAuthenticator).toEqual(new Uint8Array(bob.authenticator!));
    expect(carolCall.hear(aliceId, aliceCall.say(sound)!)).toEqual(sound);
    expect(daveyHears(bob, alice, aliceCall.say(sound)!)).toEqual(sound);
    expect(carolCall.hear(aliceId, old)).toEqual(sound);
  });
});

describe("a call's own", () => {
  test("events, participants, verification and statistics are those of every call", async () => {
    await together();
    const frame = aliceCall.say(sound)!;
    expect(carolCall.hear(aliceId, frame)).toEqual(sound);
    carolCall.hear(aliceId, frame);
    const { participants } = await carolCall.call.statistics();
    expect(participants).toMatchObject([{ passed: 1, dropped: { replayed: 1 }, epoch: 1n }]);
    expect(carolCall.events.find(({ kind }) => kind === "seen")).toMatchObject({
      participant: { isSelf: false },
      epoch: 1n,
    });
    expect(carolCall.call.participants).toHaveLength(2);
    expect(carolCall.call.verification.digits.replaceAll(" ", "")).toBe(carol.session.voicePrivacyCode);
    await carol.session.close();
    expect(carolCall.call.isOver).toBe(true);
    expect(carolCall.say(sound)).toBeUndefined();
    await expect(carol.receive({ kind: "executeTransition", transitionId: 1 })).rejects.toThrow(CopseError);
  });

  test("a track is whose the application says, and may say so before or after it is there", async () => {
    await together();
    const heard: Uint8Array[] = [];
    const track = carolCall.backend.engine.incoming<string>({
      track: "ssrc 5",
      kind: "audio",
      deliver: (_, data) => void heard.push(data),
    });
    const push = (): void => {
      track.push("frame", { data: aliceCall.say(sound)!, codec: "opus", isKeyFrame: true });
    };
    push();
    expect(heard).toHaveLength(0);
    carolCall.backend.assign("ssrc 5", aliceId);
    push();
    expect(heard).toHaveLength(1);
    carolCall.backend.assign("ssrc 5", undefined);
    push();
    expect(heard).toHaveLength(1);
    expect((await carolCall.call.statistics()).tracks[0]).toMatchObject({ passed: 1, dropped: { "unknown-key": 2 } });
  });

  test("in a long call the tracks that were assigned first are forgotten, unless they are open", async () => {
    await together();
    const heard: string[] = [];
    const listen = (track: string): void => {
      const made = carolCall.backend.engine.incoming<string>({
        track,
        kind: "audio",
        deliver: (name) => void heard.push(name),
      });
      made.push(track, { data: aliceCall.say(sound)!, codec: "opus", isKeyFrame: true });
    };
    carolCall.backend.assign("first", aliceId);
    listen("first");
    for (let ssrc = 0; ssrc < 1024; ssrc++) carolCall.backend.assign(`ssrc ${String(ssrc)}`, aliceId);
    for (const track of ["ssrc 1023", "ssrc 0", "first"]) listen(track);
    expect(heard).toEqual(["first", "ssrc 1023", "ssrc 0"]);
  });

  test("a second sender of one epoch would use its nonces again: it may hear, and not send", async () => {
    await together();
    const frame = aliceCall.say(sound)!;
    carolCall.call.close();
    const again = new Caller(carol);
    expect(again.hear(aliceId, frame)).toEqual(sound);
    expect(again.say(sound)).toBeUndefined();
    const bob = new DaveyClient(bobId);
    await gateway.connect(bob);
    await gateway.change(alice, { added: [bob] });
    expect(aliceCall.hear(carolId, again.say(sound)!)).toEqual(sound);
  });

  test("whoever asks while an epoch begins is never given its keys as those of the one before", async () => {
    await together();
    const bob = new DaveyClient(bobId);
    await gateway.connect(bob);
    const proposals = [await gateway.add(bob)];
    const [reply] = await alice.receive({ kind: "proposals", sequence: 0, proposals });
    await carol.receive({ kind: "proposals", sequence: 0, proposals });
    if (reply?.kind !== "commitWelcome") throw new Error("no commit");
    const { session } = carol;
    const secrets = new Map<bigint, Set<string>>();
    const state = { isOver: false };
    const receiving = session
      .receive({ kind: "commit", sequence: 0, transitionId: 9, commit: reply.commit })
      .then(() => (state.isOver = true));
    while (!state.isOver) {
      await Promise.resolve();
      try {
        const secret = session.exportSecret("test", new Uint8Array(0), 8).join(" ");
        secrets.set(session.epoch, (secrets.get(session.epoch) ?? new Set()).add(secret));
      } catch (error) {
        expect(error).toMatchObject({ code: "group-gone" });
      }
    }
    await receiving;
    expect([...secrets].map(([epoch, { size }]) => [epoch, size])).toEqual([
      [1n, 1],
      [2n, 1],
    ]);
  });

  test("a session is closed once, and has codes of its members alone", async () => {
    await together();
    await expect(alice.session.verificationCode(77n)).rejects.toMatchObject({ code: "group-gone" });
    let told = 0;
    alice.session.onEpoch(() => told++);
    await alice.session.close();
    await alice.session.close();
    expect(told).toBe(1);
  });

  test("a backend is of its session", async () => {
    await together();
    expect(() => carolCall.backend.exportKey!(alice.session)).toThrow(TypeError);
  });
});

describe("clear frames", () => {
  /** A frame that is none of the protocol's. */
  const clear = noise(60, 9);

  async function downgrade(client: CopseClient): Promise<void> {
    const replies = await client.receive({ kind: "prepareTransition", transitionId: 900, protocolVersion: 0 });
    expect(replies).toEqual([{ kind: "readyForTransition", transitionId: 900 }]);
  }

  test("are never sent or heard unless the application allows it", async () => {
    await together();
    await downgrade(alice);
    expect(aliceCall.hear(carolId, clear)).toBeUndefined();
    await alice.receive({ kind: "executeTransition", transitionId: 900 });
    expect(aliceCall.say(sound)).toBeUndefined();
    expect(aliceCall.hear(carolId, clear)).toBeUndefined();
    expect(alice.session.mode).toEqual({ sending: undefined, hearsClear: false });
    expect(alice.session.protocolVersion).toBe(0);
    expect(aliceCall.hear(carolId, carolCall.say(sound)!)).toEqual(sound); // it was on its way
    aliceCall.clock.advance(10_000);
    expect(aliceCall.hear(carolId, carolCall.say(sound)!)).toBeUndefined();
    await alice.receive({ kind: "selectProtocol", protocolVersion: 0 });
    expect(aliceCall.say(sound)).toBeUndefined();
  });

  test("pass by the protocol's transitions, and are told and counted", async () => {
    alice = await CopseClient.create({ userId: aliceId, allowClear: true, onEvent: (event) => events.push(event) });
    aliceCall = new Caller(alice);
    await together();
    expect(aliceCall.hear(carolId, clear)).toBeUndefined();
    await downgrade(alice);
    expect(aliceCall.hear(carolId, clear)).toEqual(clear);
    expect(aliceCall.say(clear)).not.toEqual(clear); // until it is executed
    await alice.receive({ kind: "executeTransition", transitionId: 900 });
    expect(aliceCall.say(clear)).toEqual(clear);
    expect(aliceCall.hear(carolId, carolCall.say(sound)!)).toEqual(sound); // still on its way
    expect(events.filter(({ kind }) => kind === "mode").at(-1)).toEqual({
      kind: "mode",
      mode: { sending: "clear", hearsClear: true },
    });
    const { tracks } = await aliceCall.call.statistics();
    expect(tracks).toMatchObject([{ direction: "outgoing", clear: 1 }]);

    // up again: a new group, and ten seconds for what is on its way in clear
    for (const client of gateway.clients) {
      gateway.keep(client, await client.receive({ kind: "prepareEpoch", epoch: 1n, protocolVersion: 1 }));
    }
    await gateway.create(alice, [carol]);
    expect(aliceCall.say(clear)).not.toEqual(clear);
    aliceCall.clock.advance(9_999);
    expect(aliceCall.hear(carolId, clear)).toEqual(clear);
    aliceCall.clock.advance(1);
    expect(aliceCall.hear(carolId, clear)).toBeUndefined();
  });

  test("the SFU's silence passes, on audio only, and is counted", async () => {
    await together();
    const silence = Uint8Array.of(0xf8, 0xff, 0xfe);
    expect(aliceCall.hear(carolId, silence)).toEqual(silence);
    expect(aliceCall.hear(carolId, silence, "video")).toBeUndefined();
    expect(aliceCall.hear(carolId, Uint8Array.of(0xf8, 0xff, 0xfd))).toBeUndefined();
  });
});
