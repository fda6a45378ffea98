/** One device's part in a call, where its timers, its leaving and its coming back meet what others send. */

import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { utf8 } from "../../../src/bytes/text.ts";
import { CallGroup } from "../../../src/call/group/call-group.ts";
import { Held } from "../../../src/call/group/held.ts";
import type { CallGroupEvent, CallGroupOptions } from "../../../src/call/group/options.ts";
import { selfRemoval, withSelfRemove } from "../../../src/extensions/self-remove.ts";
import { defaultTiming, type Outgoing } from "../../../src/call/group/transport.ts";
import { Group } from "../../../src/group/group.ts";
import type { GroupOptions } from "../../../src/public-group/options/settings.ts";
import { failure, refusal } from "../../group/refusal.ts";
import { client, commitTo, groupOf, keyPackageOf, trusting, type Client } from "../../group/world.ts";
import { VirtualClock } from "../virtual-clock.ts";

const callId = utf8("call");
const registry = withSelfRemove();
const options: GroupOptions = { ...trusting, registry, handshake: "public" };
const { turn, patience, debounce, poll } = defaultTiming;
const garbage = new Uint8Array(9);

describe("a device in a call", () => {
  let everybody: readonly [Client, Client, Client];
  let chats: readonly [alice: Group, bob: Group, carol: Group];
  /** Alice's. */
  let call: CallGroup;
  /** Bob's, without a call's rules around it. */
  let bob: Group;
  let clock: VirtualClock;
  let sent: Outgoing[];
  let events: CallGroupEvent[];

  beforeAll(async () => {
    everybody = [await client("alice"), await client("bob"), await client("carol")];
  });

  beforeEach(async () => {
    chats = (await groupOf(everybody)) as [Group, Group, Group];
    clock = new VirtualClock();
    sent = [];
    events = [];
  });

  afterEach(() => {
    vi.restoreAllMocks();
  });

  const base = (chat: Group): CallGroupOptions => ({
    ...trusting,
    chat,
    callId,
    transport: { send: (message) => sent.push(message) },
    scheduler: clock,
    onEvent: (event) => events.push(event),
  });

  /** Alice alone. */
  async function start(more: Partial<CallGroupOptions> = {}): Promise<void> {
    call = await CallGroup.start({ ...base(chats[0]), ...more });
  }

  /** Alice and Bob, in epoch 1, as the service knows. */
  async function startWithBob(more: Partial<CallGroupOptions> = {}): Promise<void> {
    const { identity } = everybody[1];
    const bundle = await keyPackageOf(everybody[1], { registry });
    call = await CallGroup.start({ ...base(chats[0]), ...more, keyPackages: [bundle.keyPackage] });
    const [first] = sent;
    if (first?.kind !== "commit" || first.welcome === undefined) throw new TypeError("a Welcome was expected");
    const { welcome } = first;
    const psks = chats[1].psks();
    bob = await Group.join({ ...options, psks, identity, welcome, keyPackages: [bundle], previous: chats[1] });
    await call.receive({ kind: "epoch", epoch: 1n });
    sent.length = events.length = 0;
  }

  const commit = (message: Uint8Array): Promise<void> => call.receive({ kind: "commit", message });
  const proposal = (message: Uint8Array): Promise<void> => call.receive({ kind: "proposal", message });
  const sentOf = (kind: Outgoing["kind"]): Outgoing[] => sent.filter((message) => message.kind === kind);

  /** The service is in a later epoch, for too long. */
  async function fallBehind(): Promise<void> {
    await call.receive({ kind: "epoch", epoch: 9n });
    clock.advance(patience);
    await call.idle();
    expect(events).toEqual([{ kind: "behind" }]);
  }

  it("leaves at once where it is alone, and once", async () => {
    await start();
    sent.length = events.length = 0;
    await call.leave();
    await call.leave();
    call.wipe();
    await call.idle();
    expect(call.state).toBe("out");
    expect(events).toEqual([{ kind: "out", why: "left" }]);
    expect({ sent, timers: clock.timers }).toEqual({ sent: [], timers: 0 });
  });

  it("is deserted where all of its devices are gone, and never when it is over", async () => {
    await startWithBob();
    expect([call.isDeserted(), call.isDeserted(({ leafIndex }) => leafIndex === 0)]).toEqual([false, false]);
    expect(call.isDeserted(() => true)).toBe(true);
    call.wipe();
    expect(call.isDeserted(() => true)).toBe(false);
  });

  it("says that it leaves, once a turn, until it has said so long enough, however often it is told to leave", async () => {
    await startWithBob();
    await call.leave();
    for (let at = turn; at < patience + turn; at += turn) {
      clock.advance(turn);
      await call.leave();
      expect(call.state).toBe("leaving");
    }
    clock.advance(turn);
    await call.idle();
    expect(events).toEqual([{ kind: "out", why: "left" }]);
    expect(sentOf("proposal")).toHaveLength(3);
    expect(clock.timers).toBe(0);
  });

  it("says nothing more where it is wiped while the next word waits for its turn", async () => {
    await startWithBob();
    await call.leave();
    sent.length = 0;
    const busy = proposal(garbage);
    clock.advance(turn);
    call.wipe();
    await busy;
    await call.idle();
    expect({ sent, timers: clock.timers }).toEqual({ sent: [], timers: 0 });
  });

  it("goes with whoever comes in from outside, once it has asked to", async () => {
    await startWithBob();
    await call.leave();
    const [leave] = sentOf("proposal");
    if (leave?.kind !== "proposal") throw new TypeError("a proposal was expected");
    const groupInfo = await bob.groupInfo({ externalPub: true });
    const { identity } = everybody[2];
    const psk = { type: "resumption", groupId: chats[2].id, epoch: chats[2].epoch } as const;
    const from = { ...options, identity, groupInfo, proposals: [leave.message], inject: [psk], psks: chats[2].psks() };
    const join = await Group.joinExternally(from);
    await commit(join.commit);
    expect(events).toEqual([{ kind: "out", why: "left" }]);
  });

  it("does not come back where it is leaving, and comes back once", async () => {
    await startWithBob();
    await call.leave();
    await call.receive({ kind: "epoch", epoch: 9n });
    clock.advance(patience);
    await call.idle();
    expect(events).toEqual([]);
    expect(sent.some((message) => message.kind === "ask" && message.since === undefined)).toBe(false);
    call.wipe();

    chats = (await groupOf(everybody)) as [Group, Group, Group];
    sent.length = events.length = 0;
    await startWithBob();
    await fallBehind();
    await call.receive({ kind: "epoch", epoch: 10n });
    clock.advance(patience);
    await call.idle();
    expect(events).toEqual([{ kind: "behind" }]);
  });

  it("commits nothing in the group that it can't follow, and is not out with it", async () => {
    await startWithBob();
    const leaving = await bob.propose({ custom: selfRemoval });
    const { commit: message } = await bob.commit({ remove: [0], pending: "none" });
    await fallBehind();
    await proposal(leaving);
    clock.advance(debounce + 2 * turn);
    await call.idle();
    expect(sentOf("commit")).toEqual([]);
    await commit(message);
    expect(call.group).toBeUndefined();
    expect({ state: call.state, events }).toEqual({ state: "in", events: [{ kind: "behind" }] });
  });

  it("locks out all others whom the chat has removed, though the group was said to be beyond it", async () => {
    for (const isBehind of [true, false]) {
      chats = (await groupOf(everybody)) as [Group, Group, Group];
      sent.length = events.length = 0;
      await startWithBob();
      if (isBehind) await fallBehind();
      else await call.receive({ kind: "epoch", epoch: 9n });
      clock.advance(patience - debounce / 2);
      await call.idle();
      await chats[0].apply(await chats[0].commit({ remove: [1] }));
      await call.idle();
      clock.advance(debounce);
      await call.idle();
      const [made] = sentOf("commit");
      if (made?.kind !== "commit") throw new TypeError("a commit was expected");
      await commit(made.message);
      expect([call.state, call.epoch, Array.from(call.members).length]).toEqual(["in", 2n, 1]);
      clock.advance(patience);
      await call.idle();
      expect(events).toEqual(isBehind ? [{ kind: "behind" }] : []);
      call.wipe();
    }
  });

  it("takes only what the application's review takes", async () => {
    const seen: number[] = [];
    let answer = false;
    await startWithBob({ review: ({ epoch }) => epoch === 1n || (seen.push(Number(epoch)), answer) });
    const pending = await bob.commit({ path: true });
    await commit(pending.commit);
    expect(events).toEqual([{ kind: "refused", code: "commit-refused", objection: "application" }]);
    expect(call.epoch).toBe(1n);
    answer = true;
    await commit(pending.commit);
    expect(call.epoch).toBe(2n);
    expect(seen).toEqual([2, 2]);
  });

  it("lets a mistake of the application's review be seen", async () => {
    const mistake = new Error("a mistake");
    await startWithBob({
      review: ({ epoch }) => {
        if (epoch > 1n) throw mistake;
        return true;
      },
    });
    const { commit: message } = await bob.commit({ path: true });
    expect(await failure(() => commit(message))).toBe(mistake);
    expect(events).toEqual([]);
  });

  it("tries nothing again where nothing waits", async () => {
    await startWithBob();
    const first = await bob.propose({ update: {} });
    const take = vi.spyOn(Held.prototype, "take");
    const tries = (): number => take.mock.calls.length;
    // Nothing waits: a proposal is news, and there is nothing to try.
    await proposal(first);
    expect(tries()).toBe(0);
    await proposal(garbage);
    expect(tries()).toBe(0);
  });

  it("tries a commit again that waits for a proposal where that may have come, and not for each word of a stranger", async () => {
    await startWithBob();
    const carol = await keyPackageOf(everybody[2], { registry });
    const psk = { type: "resumption", groupId: chats[1].id, epoch: chats[1].epoch } as const;
    const add = await bob.propose({ add: carol.keyPackage });
    const { commit: waits } = await bob.commit({ psks: [psk] });
    await commit(waits);
    const take = vi.spyOn(Held.prototype, "take");
    for (let times = 0; times < 5; times++) await proposal(garbage);
    expect(take).not.toHaveBeenCalled();
    expect(call.epoch).toBe(1n);
    await proposal(add);
    expect(call.epoch).toBe(2n);
  });

  it("is out where its device has another identity in the chat", async () => {
    await startWithBob();
    const renewed = await client("alice");
    await commitTo(chats, chats[0], { identity: renewed.identity });
    await call.idle();
    expect(events).toEqual([{ kind: "out", why: "chat" }]);
  });

  it("announces the call until the service is in an epoch of it: at its beginning there is none", async () => {
    await start();
    await call.receive({ kind: "epoch", epoch: 0n });
    clock.advance(turn);
    expect(sentOf("commit")).toHaveLength(2);
    await call.receive({ kind: "epoch", epoch: 1n });
    clock.advance(poll);
    expect(sentOf("commit")).toHaveLength(2);
  });

  it("does not begin where the chat is over for it meanwhile", async () => {
    const { groupInfo } = Group.prototype;
    vi.spyOn(Group.prototype, "groupInfo").mockImplementationOnce(function (this: Group, ...given) {
      chats[0].wipe();
      return groupInfo.apply(this, given);
    });
    const starting = CallGroup.start(base(chats[0]));
    expect(await refusal(() => starting)).toBe("group-gone");
    expect(events).toEqual([{ kind: "out", why: "chat" }]);
    expect({ sent, timers: clock.timers }).toEqual({ sent: [], timers: 0 });
  });

  it.each(Object.keys(defaultTiming))("wants its %s to be a time that timers keep", (name) => {
    for (const value of [-1, 0.5, NaN, Infinity, 2 ** 31, "5" as never]) {
      expect(() => CallGroup.join({ ...base(chats[0]), timing: { [name]: value } })).toThrow(TypeError);
    }
    expect(clock.timers).toBe(0);
  });

  it("hears nothing any more once it is wiped, also while it knocks", async () => {
    call = CallGroup.join(base(chats[1]));
    sent.length = 0;
    const busy = proposal(garbage);
    clock.advance(5_000);
    call.wipe();
    await busy;
    await call.receive({ kind: "epoch", epoch: 3n });
    expect({ sent, timers: clock.timers }).toEqual({ sent: [], timers: 0 });
  });

  it("takes no Welcome before it has knocked", async () => {
    await startWithBob();
    const other = CallGroup.join(base(chats[2]));
    events.length = 0;
    await other.receive({ kind: "welcome", message: garbage });
    expect(events).toEqual([]);
    other.wipe();
  });
});
