/** A messenger on ts-mls in one call with members on copse: real states of both versions, real frames. */

import { describe, expect, it } from "vitest";
import { tsMlsSource, type TsMlsState } from "../../src/adapters/ts-mls.ts";
import { hex } from "../../src/bytes/text.ts";
import { Call } from "../../src/call/call.ts";
import { localBackend, type LocalBackend } from "../../src/call/local-backend.ts";
import { basic } from "../../src/public-group/identity.ts";
import { settled, VirtualClock } from "../call/virtual-clock.ts";
import { copse } from "../interop/copse.ts";
import type { Engine, Participant } from "../interop/participant.ts";
import { Room } from "../interop/room.ts";
import { tsMls1 } from "../interop/ts-mls-1.ts";
import { tsMls2 } from "../interop/ts-mls-2.ts";

/** A member of a room in the call. */
class Caller {
  readonly clock = new VirtualClock();
  readonly backend: LocalBackend = localBackend({ scheduler: this.clock });
  readonly call: Call;
  readonly #heard: Uint8Array[] = [];

  constructor({ source }: Participant) {
    this.call = new Call({ source, backend: this.backend, scheduler: this.clock });
  }

  async say(data: Uint8Array): Promise<Uint8Array | undefined> {
    return this.backend.engine
      .outgoing({ track: "mic", kind: "audio" })
      .seal({ data, codec: "opus", isKeyFrame: true });
  }

  async hear(data: Uint8Array): Promise<Uint8Array | undefined> {
    const deliver = (_: string, opened: Uint8Array): void => {
      this.#heard.push(opened);
    };
    const track = this.backend.engine.incoming<string>({ track: "peer", kind: "audio", deliver });
    track.push("frame", { data, codec: "opus", isKeyFrame: true });
    await settled();
    track.close();
    return this.#heard.pop();
  }
}

/** Promises of ts-mls' WebCrypto take more than one turn: until the engine sends with the epoch that is wanted. */
async function reach(callers: readonly Caller[], epoch: bigint): Promise<void> {
  for (const { call, clock } of callers) {
    while ((await call.statistics()).epochs.at(-1) !== epoch) await settled();
    clock.advance(1000);
  }
}

async function talk(from: Caller, to: Caller): Promise<void> {
  const words = Uint8Array.of(1, 2, 3);
  const frame = await from.say(words);
  expect(frame).toBeDefined();
  expect(await to.hear(frame!)).toEqual(words);
}

const handshake = "private";

async function roomOf(engine: Engine, suite: number): Promise<Room> {
  const alice = await copse.client("alice", { suite, handshake });
  const bob = await engine.client("bob", { suite, handshake });
  const carol = await engine.client("carol", { suite, handshake });
  const room = await Room.create(alice, Uint8Array.of(suite));
  await room.commit("alice", {}, [bob, carol]);
  return room;
}

describe.each([tsMls1, tsMls2])("$name", (engine) => {
  it.each([1, 2])("has calls with copse in suite %i, through a change of epochs", async (suite) => {
    const room = await roomOf(engine, suite);
    const callers = ["alice", "bob", "carol"].map((name) => new Caller(room.of(name)));
    const [alice, bob, carol] = callers as [Caller, Caller, Caller];
    await reach(callers, 1n);
    await talk(alice, bob);
    await talk(bob, alice);
    await talk(bob, carol);
    expect(bob.call.verification).toEqual(alice.call.verification);
    expect(bob.call.participants.map(({ credential }) => credential)).toEqual(["alice", "bob", "carol"].map(basic));
    expect(bob.call.participants.map(({ isSelf }) => isSelf)).toEqual([false, true, false]);

    await room.commit("alice"); // an empty commit
    await reach(callers, 2n);
    await talk(alice, carol);
    await talk(carol, alice);
  });

  it("is told by a removal who is left, and its keys open nothing of the next epoch", async () => {
    const room = await roomOf(engine, 1);
    const [alice, bob, carol] = ["alice", "bob", "carol"].map((name) => new Caller(room.of(name)));
    await reach([alice!, bob!, carol!], 1n);
    await room.commit("alice", { remove: [room.leafOf("carol")] });
    await reach([alice!, bob!], 2n);
    await talk(alice!, bob!);
    await talk(bob!, alice!);
    expect(bob!.call.participants).toHaveLength(2);
    const frame = await alice!.say(Uint8Array.of(9));
    expect(await carol!.hear(frame!)).toBeUndefined();
    if (engine === tsMls1) expect(carol!.call.isOver).toBe(true); // 2.0.0-rc.10 does not say that it was removed
  });
});

describe("tsMlsSource", () => {
  const leaf = (n: number): TsMlsState["ratchetTree"][number] => ({
    leaf: {
      credential: { credentialType: 0xf0f0, data: Uint8Array.of(n) },
      signaturePublicKey: Uint8Array.of(n, n),
    },
  });
  const state = (epoch: bigint, ratchetTree: TsMlsState["ratchetTree"], kind = "active"): TsMlsState => ({
    groupContext: { groupId: Uint8Array.of(1), epoch },
    keySchedule: { exporterSecret: Uint8Array.of(Number(epoch)), epochAuthenticator: new Uint8Array(32) },
    ratchetTree,
    privatePath: { leafIndex: 0 },
    groupActiveState: { kind },
  });
  const sourceOf = (first: TsMlsState, exporter = (secret: Uint8Array) => Promise.resolve(secret.slice())) =>
    tsMlsSource({ state: first, cipherSuite: undefined, mlsExporter: exporter });

  it.each([
    [1, [leaf(0)]],
    [2, [leaf(0), undefined, leaf(1)]],
    [4, [leaf(0), undefined, undefined, undefined, leaf(2), undefined, undefined]],
    [4, [leaf(0), undefined, leaf(1), undefined, undefined, undefined, leaf(3)]],
    [8, [leaf(0), ...Array<undefined>(7), leaf(4), ...Array<undefined>(6)]],
    [2, [leaf(0), undefined, leaf(1), ...Array<undefined>(4)]],
  ])("knows a tree of width %i, however many blanks end the array", (width, tree) => {
    expect(sourceOf(state(1n, tree)).treeWidth).toBe(width);
  });

  it("lists the members by leaf, with credentials of types of their own", () => {
    const tree = [leaf(0), undefined, undefined, undefined, leaf(2)];
    expect([...sourceOf(state(1n, tree)).members]).toEqual([
      { leafIndex: 0, credential: { type: 0xf0f0, data: Uint8Array.of(0) }, signatureKey: Uint8Array.of(0, 0) },
      { leafIndex: 2, credential: { type: 0xf0f0, data: Uint8Array.of(2) }, signatureKey: Uint8Array.of(2, 2) },
    ]);
  });

  it("exports from the epoch in which it was asked, whatever comes meanwhile", async () => {
    const source = sourceOf(state(1n, [leaf(0)]), async (secret) => {
      await settled();
      return secret.slice();
    });
    const first = state(1n, [leaf(0)]);
    source.update(first);
    const asked = source.exportSecret("label", new Uint8Array(0), 1);
    first.keySchedule.exporterSecret.fill(0); // as ts-mls may, when the epoch is over
    source.update(state(2n, [leaf(0)]));
    expect(hex(await asked)).toBe("01");
    expect(hex(await source.exportSecret("label", new Uint8Array(0), 1))).toBe("02");
  });

  it("tells listeners of new epochs and of the end, and of nothing else", () => {
    const source = sourceOf(state(1n, [leaf(0)]));
    const told: string[] = [];
    const stop = source.onEpoch(() => {
      told.push(source.isGone ? "gone" : String(source.epoch));
    });
    source.update(state(1n, [leaf(0)]));
    source.update(state(3n, [leaf(0)]));
    source.update(state(2n, [leaf(0)]));
    source.update(state(3n, [leaf(0)], "removedFromGroup"));
    source.update(state(4n, [leaf(0)]));
    stop();
    expect(told).toEqual(["3", "gone"]);
  });

  it("refuses what is no state that it knows", () => {
    const known = state(1n, [leaf(0)]);
    const parent = state(2n, [{ parent: {} }]);
    const withCredential = (credential: object): TsMlsState => {
      const node = { leaf: { credential, signaturePublicKey: Uint8Array.of(1) } };
      return state(2n, [node as TsMlsState["ratchetTree"][number]]);
    };
    const data = Uint8Array.of(1);
    const credentials = [{ credentialType: "vc", data }, { data }, { credentialType: 0xf0f0 }, {}].map(withCredential);
    for (const [strange, what] of [
      [parent, "not a ratchet tree of ts-mls 1.6 or 2.0"],
      ...credentials.map((strange) => [strange, "not a credential of ts-mls 1.6 or 2.0"] as const),
    ] as const) {
      expect(() => sourceOf(strange)).toThrow(new TypeError(what));
      const source = sourceOf(known);
      expect(() => source.update(strange)).toThrow(new TypeError(what));
      expect(source.epoch).toBe(1n);
    }
  });
});
