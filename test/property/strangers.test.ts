/**
 * What nobody has authenticated changes nothing that an honest message would meet later: with a stranger's input before,
 * between and after honest input, everything ends as it does without.
 */

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { hex, utf8 } from "../../src/bytes/text.ts";
import { Group } from "../../src/group/group.ts";
import { Observer } from "../../src/public-group/observer/observer.ts";
import type { GroupOptions } from "../../src/public-group/options/settings.ts";
import { writeSFrameHeader, readSFrameHeader } from "../../src/sframe/header.ts";
import { MlsSFrame } from "../../src/sframe/mls.ts";
import { SFrameRatchetReceiver } from "../../src/sframe/ratchet-receiver.ts";
import { SFrameRatchetSender } from "../../src/sframe/ratchet-sender.ts";
import { sframeSuite } from "../../src/sframe/suites.ts";
import { encodeMessage } from "../../src/wire/message.ts";
import { Party } from "../call/engine/world.ts";
import { settled } from "../call/virtual-clock.ts";
import { client, groupOf, keyPackageOf, setClock, suiteOf, trusting } from "../group/world.ts";

const none = new Uint8Array(0);

/** What a stranger says: one of the honest messages, changed, or an envelope of its own making. */
const forgery = fc.record({
  /** Before which honest message it comes. */
  before: fc.nat(11),
  of: fc.nat(11),
  at: fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
  bit: fc.nat(7),
  kind: fc.constantFrom("changed", "cut", "private commit", "private proposal", "private message", "noise"),
  epoch: fc.constantFrom(0n, 1n, 2n, 3n, 4n, 9n, 2n ** 64n - 1n),
});
type Forgery = typeof forgery extends fc.Arbitrary<infer T> ? T : never;

/** A stranger's message. Of an honest one, the last `spared` bytes stay as they are. */
function forge(
  { of, at, bit, kind, epoch }: Forgery,
  honest: readonly Uint8Array[],
  groupId: Uint8Array,
  spared = 0,
): Uint8Array {
  const bytes = honest[of % honest.length]!.slice();
  const place = Math.floor(at * (bytes.length - spared));
  switch (kind) {
    case "changed":
      bytes[place]! ^= 1 << bit;
      return bytes;
    case "cut":
      return bytes.subarray(0, place);
    case "noise":
      return bytes.map((byte, i) => (byte * 31 + i * 17 + bit) & 0xff);
    default: {
      const contentType = (
        { "private commit": "commit", "private proposal": "proposal", "private message": "application" } as const
      )[kind];
      const rest = { contentType, authenticatedData: none, encryptedSenderData: bytes.slice(0, 28), ciphertext: bytes };
      return encodeMessage({ wireFormat: "mls_private_message", privateMessage: { groupId, epoch, ...rest } });
    }
  }
}

/** Alice's messages over three epochs, and the state of Bob and of an observer before them. */
async function history(handshake: "public" | "private") {
  const clock = setClock(Date.UTC(2026, 10, 1));
  const options: GroupOptions = { ...trusting, handshake, clock };
  const clients = await Promise.all(["alice", "bob"].map((name) => client(name)));
  const [alice, bob] = (await groupOf(clients, options)) as [Group, Group];
  const observer = await Observer.follow({ ...options, suite: suiteOf(), groupInfo: await alice.groupInfo() });
  const state = { bob: bob.snapshot(), observer: observer.snapshot() };
  const messages: Uint8Array[] = [];
  for (let round = 0; round < 3; round++) {
    messages.push(await alice.seal(utf8(`hello ${String(round)}`)), await alice.seal(utf8("again")));
    const { keyPackage } = await keyPackageOf(await client(`newcomer ${String(round)}`), { clock });
    messages.push(await alice.propose({ add: keyPackage }));
    const pending = await alice.commit({ path: true });
    messages.push(pending.commit);
    await alice.apply(pending);
  }
  return { options, identity: clients[1]!.identity, groupId: alice.id, state, messages };
}

/** Give everything to someone: what came of the honest messages, and of nothing else. */
async function play(
  receive: (message: Uint8Array) => Promise<unknown>,
  honest: readonly Uint8Array[],
  forgeries: readonly (readonly [before: number, message: Uint8Array])[],
): Promise<readonly unknown[]> {
  const events: unknown[] = [];
  for (const [i, message] of honest.entries()) {
    for (const [before, forged] of forgeries) if (before === i) await receive(forged).catch(() => undefined);
    events.push(await receive(message).catch((error: unknown) => (error as { code?: string }).code));
  }
  return events;
}

describe("what a stranger says changes nothing", () => {
  it.each(["public", "private"] as const)("for a member and an observer, of %s handshakes", async (handshake) => {
    const { options, identity, groupId, state, messages } = await history(handshake);
    const member = () => Group.restore({ ...options, identity, snapshot: state.bob });
    const observer = () => Observer.restore({ ...options, suite: suiteOf(), snapshot: state.observer });
    const [usual, watched] = [await member(), observer()];
    const expected = await play((message) => usual.receive(message), messages, []);
    const seen = await play((message) => watched.receive(message), messages, []);
    expect(expected.filter((event) => (event as { kind?: string }).kind === undefined)).toEqual([]);
    await fc.assert(
      fc.asyncProperty(fc.array(forgery, { minLength: 1, maxLength: 12 }), async (forgeries) => {
        const group = await member();
        const forged = forgeries.map((each) => [each.before, forge(each, messages, groupId)] as const);
        expect(await play((message) => group.receive(message), messages, forged)).toEqual(expected);
        expect(hex(group.snapshot())).toBe(hex(usual.snapshot()));
        // A confirmation tag and a membership tag, which an observer can't check, are the end of a public message.
        const watching = observer();
        const others = forgeries.map((each) => [each.before, forge(each, messages, groupId, 66)] as const);
        expect(await play((message) => watching.receive(message), messages, others)).toEqual(seen);
        expect(hex(watching.snapshot())).toBe(hex(watched.snapshot()));
      }),
      { numRuns: 60 },
    );
  });

  it("for the frames of a call on other tracks, and on their own under keys that are there", async () => {
    const step = fc.record({
      does: fc.constantFrom("send", "send", "alice enters", "bob enters", "wait"),
      forged: fc.array(fc.record({ kid: fc.bigInt(0n, 2n ** 64n - 1n), low: fc.nat(7), own: fc.boolean() }), {
        maxLength: 3,
      }),
    });
    const run = async (
      steps: readonly (typeof step extends fc.Arbitrary<infer T> ? T : never)[],
      isAttacked: boolean,
    ) => {
      const [alice, bob] = [new Party(0, { holdTime: 500 }), new Party(1)];
      const stranger = alice.engine.incoming<string>({
        track: "a stranger's",
        kind: "audio",
        deliver: () => undefined,
      });
      let [hers, his, count] = [1, 1, 0];
      alice.enter(hers);
      bob.enter(his);
      let last: bigint | undefined;
      for (const { does, forged } of steps) {
        for (const { kid, low, own } of isAttacked ? forged : []) {
          const coming = BigInt(Math.max(0, his + (low % 4) - 1));
          const sender = last === undefined || kid % 2n === 0n ? kid : last; // his own KIDs, of the next epochs, too
          const chosen = own && last !== undefined ? last : sender - (sender % 256n) + coming;
          const data = Uint8Array.of(...writeSFrameHeader({ kid: chosen, ctr: 2n ** 40n }), ...new Uint8Array(20));
          // On his own track only under a key that she has: else it holds up that track, which who sends there can do anyway.
          if (own && last !== undefined && hers >= his) alice.push("forged", data);
          stranger.push("forged", { data, codec: "opus", isKeyFrame: false });
        }
        if (does === "alice enters" && hers < his) alice.enter(++hers);
        else if (does === "bob enters" && his < hers + 2) bob.enter(++his);
        else if (does === "wait") {
          for (const party of [alice, bob]) party.clock.advance(400);
        } else {
          const data = await bob.seal(utf8(`frame ${String(++count)}`));
          if (data === undefined) continue;
          last = readSFrameHeader(data).kid;
          alice.push(`frame ${String(count)}`, data);
        }
        await settled();
      }
      return { delivered: alice.delivered, dropped: alice.dropped.filter((frame) => frame !== "forged") };
    };
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 4, maxLength: 25 }), async (steps) => {
        expect(await run(steps, true)).toEqual(await run(steps, false));
      }),
      { numRuns: 150 },
    );
  });

  it("for receivers of SFrame: no window, no ratchet and no context moves", () => {
    const suite = sframeSuite(4);
    const key = new Uint8Array(16).fill(7);
    fc.assert(
      fc.property(
        fc.array(fc.record({ kid: fc.bigInt(0n, 4095n), ctr: fc.bigInt(0n, 2n ** 64n - 1n), bit: fc.nat() }), {
          maxLength: 20,
        }),
        fc.array(fc.boolean(), { minLength: 1, maxLength: 20 }),
        (forgeries, ratchets) => {
          const sender = new SFrameRatchetSender({ suite, stepBits: 4, generation: 1n, baseKey: key });
          const receivers = [0, 1].map(() => new SFrameRatchetReceiver({ suite, stepBits: 4 }));
          for (const receiver of receivers) receiver.addKey(sender.share());
          const members = [0, 1].map(() => new MlsSFrame({ suite, epochBits: 4, maxContexts: 2 }));
          const bob = new MlsSFrame({ suite, epochBits: 4 });
          for (const [i, frames] of [...members, bob].entries()) {
            frames.addEpoch({
              epoch: 1n,
              leafIndex: i < 2 ? 0 : 1,
              treeWidth: 4,
              exporter: () => key.map((byte) => byte + 1),
            });
          }
          for (const [i, ratchet] of ratchets.entries()) {
            if (ratchet) sender.ratchet();
            const frames = [
              sender.encrypt(utf8(`frame ${String(i)}`)),
              bob.sender({ epoch: 1n }).encrypt(utf8("media")),
            ] as const;
            for (const { kid, ctr, bit } of forgeries) {
              const made = Uint8Array.of(...writeSFrameHeader({ kid, ctr }), ...new Uint8Array(20));
              for (const honest of frames) {
                const changed = honest.slice();
                changed[bit % changed.length]! ^= 1 << (bit % 8);
                for (const bytes of [made, changed]) {
                  expect(() => receivers[0]!.open(bytes)).toThrow();
                  expect(() => members[0]!.open(bytes)).toThrow();
                }
              }
            }
            const [ratcheted, media] = frames;
            expect(receivers[0]!.open(ratcheted)).toEqual(receivers[1]!.open(ratcheted));
            expect(members[0]!.open(media)).toEqual(members[1]!.open(media));
          }
        },
      ),
      { numRuns: 60 },
    );
  });
});
