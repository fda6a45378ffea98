/**
 * Which commits count for a device that is in a call, and when it believes that the others are beyond it.
 */

import { describe, expect, it } from "vitest";
import type { CallGroup } from "../../../src/call/group/call-group.ts";
import type { Incoming } from "../../../src/call/group/transport.ts";
import { Deciding } from "../../../src/client/calls/deciding.ts";
import type { CallHandshake } from "../../../src/client/calls/handshake.ts";
import { callRecord } from "../../../src/client/calls/record.ts";
import { callKey } from "../../../src/client/store/keys.ts";
import type { RoomCore } from "../../../src/client/room/core.ts";
import { basic } from "../../../src/public-group/identity.ts";
import { deviceUri } from "../../../src/rooms/uri.ts";
import { memoryStore } from "../../../src/storage/memory.ts";
import type { StoreChange } from "../../../src/storage/store.ts";
import { VirtualClock } from "../../call/virtual-clock.ts";
import { user } from "../world.ts";

const room = "mimi://example.org/r/hiking";
const id = Uint8Array.of(1);
const phone = (name: string): string => deviceUri(user(name), "phone");
const good = Uint8Array.of(7);

const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

interface Setting {
  readonly others?: readonly string[];
  /** Who is not in the room any more. */
  readonly gone?: readonly string[];
  /** Alice's leaf. */
  readonly self?: number;
  /** What the group makes of a message. */
  readonly receive?: (group: { epoch: bigint }) => void;
}

/** Alice's device, in a call with others, whose group is in epoch 2. */
function inCall({ others = ["bob", "carol"], gone = [], self = 0, receive }: Setting = {}) {
  const store = memoryStore();
  const clock = new VirtualClock();
  const group = { epoch: 2n, groupInfo: () => Promise.resolve(good) };
  const received: Incoming[] = [];
  const said: CallHandshake[] = [];
  const names = ["alice", ...others];
  const leafOf = (i: number): number => (i === 0 ? self : i <= self ? i - 1 : i);
  const members = names.map((name, i) => ({ leafIndex: leafOf(i), credential: basic(phone(name)) }));
  const call = { group, members, self: members[0] } as unknown as CallGroup;
  const core = {
    id: room,
    around: { device: phone("alice"), store },
    may: (who: string) => !gone.some((name) => user(name) === who),
    turn: <T>(work: () => Promise<T>) => work(),
    write: ({ changes = [] }: { readonly changes?: readonly StoreChange[] }) => store.batch(changes),
  } as unknown as RoomCore;
  const silent = new Set<string>();
  const forgotten: Uint8Array[] = [];
  const deciding = new Deciding({
    ...{ core, id, scheduler: clock },
    group: () => call,
    isSilent: (device) => silent.has(device),
    receive: async (incoming) => {
      await nextTurn();
      received.push(incoming);
      receive?.(group);
    },
    forget: (message) => void forgotten.push(message),
    say: (handshake) => Promise.resolve(void said.push(handshake)),
    track: () => undefined,
  });
  const keep = (epoch: bigint, groupInfo?: Uint8Array): Promise<void> => {
    const record = { place: 1n, caller: phone("alice"), epoch, groupInfo, isOver: false };
    return store.batch([{ put: callKey(room, id), value: callRecord.write(record) }]);
  };
  const kept = async () => callRecord.read((await store.get(callKey(room, id)))!);
  const later = async (): Promise<void> => {
    clock.advance(2_000);
    await nextTurn();
  };
  return { deciding, group, received, said, silent, forgotten, keep, kept, later };
}

function commit(epoch: bigint): Exclude<CallHandshake, { kind: "proposal" }> {
  return { kind: "commit", epoch, message: Uint8Array.of(1), welcome: undefined, groupInfo: Uint8Array.of(9) };
}

describe("a commit that the group does not take", () => {
  it("counts for nobody: what is kept is as the group is, and the first of those who speak says so once", async () => {
    const { deciding, keep, kept, said, received, forgotten, later } = inCall();
    await keep(5n, Uint8Array.of(9));
    for (const epoch of [2n, 3n, 4n]) await deciding.take(commit(epoch), phone("mallory"));
    expect(received.map(({ kind }) => kind)).toEqual(["commit", "commit", "commit"]);
    expect(forgotten).toHaveLength(3);
    expect(await kept()).toMatchObject({ epoch: 2n, groupInfo: good });
    expect(said).toEqual([]);
    await later();
    expect(said).toEqual([{ kind: "reset", epoch: 2n, message: good }]);
    await later();
    expect(said).toHaveLength(1);
  });

  it("costs the log ever less the longer it goes on, until the group is in another epoch", async () => {
    const { deciding, group, keep, said, later } = inCall();
    const flood = async (): Promise<number> => {
      const before = said.length;
      for (let i = 0; i < 60; i++) {
        await keep(group.epoch + 1n);
        await deciding.take(commit(group.epoch), phone("mallory"));
        await later();
      }
      return said.length - before;
    };
    expect(await flood()).toBe(6); // 2, 4, 8, 16, 32 and 32 seconds apart
    expect(await flood()).toBeLessThan(5);
    group.epoch++;
    expect(await flood()).toBe(6);
  });

  it("is answered by who is first in the tree and not silent", async () => {
    const { deciding, keep, said, silent, later } = inCall({ self: 1 });
    await keep(3n);
    await deciding.take(commit(2n), phone("mallory"));
    await later();
    expect(said).toEqual([]);
    silent.add(phone("bob"));
    await keep(3n);
    await deciding.take(commit(2n), phone("mallory"));
    await later();
    expect(said).toHaveLength(1);
  });
});

describe("another epoch", () => {
  const reset = (epoch: bigint) => ({ kind: "reset", epoch, message: good }) as const;

  it("is answered by one user where it was said from outside of the call, and by two where from inside", async () => {
    for (const [who, times] of [
      ["mallory", 0],
      ["carol", 1],
    ] as const) {
      const { deciding, keep, said, later } = inCall({ self: 1 });
      await keep(9n);
      await deciding.take(reset(9n), phone(who));
      await later();
      await deciding.take(reset(2n), phone("mallory"));
      await deciding.take(reset(2n), phone("bob"));
      await later();
      expect(said).toHaveLength(times);
      await deciding.take(reset(2n), phone("alice"));
      await later();
      expect(said).toHaveLength(times);
    }
  });

  it("is believed of two who go on with a commit that this device's group does not take", async () => {
    const { deciding, keep, said, received, later } = inCall();
    await keep(3n);
    await deciding.take(commit(2n), phone("bob"));
    await later();
    expect(said).toEqual([reset(2n)]); // and so the others answer
    await deciding.take(reset(3n), phone("mallory"));
    expect(deciding.epoch).toBe(2n);
    await deciding.take(reset(3n), phone("carol"));
    expect(deciding.epoch).toBe(undefined);
    await nextTurn();
    expect(received.at(-1)).toEqual({ kind: "epoch", epoch: 3n });
  });
});

it("takes the GroupInfo of the commit that its group has taken in place of what the log had first", async () => {
  const { deciding, group, keep, kept } = inCall();
  await keep(3n, Uint8Array.of(8));
  group.epoch = 3n;
  await deciding.take(commit(2n), phone("bob"));
  expect(await kept()).toMatchObject({ epoch: 3n, groupInfo: Uint8Array.of(9) });
});

it("says nothing of commits that its group has not come to yet", async () => {
  const { deciding, group, keep, kept, said, later } = inCall({
    receive: (there) => {
      there.epoch++;
    },
  });
  await keep(5n, Uint8Array.of(9));
  await Promise.all([2n, 3n, 4n].map((epoch) => deciding.take(commit(epoch), phone("bob"))));
  expect([group.epoch, (await kept()).epoch]).toEqual([5n, 5n]);
  await later();
  expect(said).toEqual([]);
});

describe("a device that can't follow", () => {
  it("believes two users of the call, and nobody who is not in it", async () => {
    const { deciding, keep, received } = inCall({ others: ["bob", "carol", "dave"] });
    await keep(5n);
    for (const who of ["mallory", "mallory", "alice", "bob", "bob"]) await deciding.take(commit(4n), phone(who));
    expect(deciding.epoch).toBe(2n);
    await deciding.take({ kind: "group-info", epoch: 5n, message: good }, phone("carol"));
    expect(deciding.epoch).toBe(undefined);
    await nextTurn();
    expect(received.at(-1)).toEqual({ kind: "epoch", epoch: 5n });
    deciding.moved();
    await deciding.take(commit(4n), phone("bob"));
    expect(deciding.epoch).toBe(2n);
    deciding.lost();
    expect(deciding.epoch).toBe(undefined);
  });

  it("believes the only other one, and the one who is left in the room", async () => {
    for (const others of [{ others: ["bob"] }, { gone: ["carol"] }]) {
      const { deciding, keep, received } = inCall(others);
      await keep(5n);
      await deciding.take(commit(3n), phone("carol"));
      expect(deciding.epoch).toBe(2n);
      await deciding.take(commit(3n), phone("bob"));
      await nextTurn();
      expect(received.at(-1)).toEqual({ kind: "epoch", epoch: 4n });
    }
  });

  it("does not believe whom the room has removed since, and says so to the group", async () => {
    const gone: string[] = [];
    const { deciding, keep, received } = inCall({ others: ["bob"], gone });
    await keep(5n);
    await deciding.take(commit(3n), phone("bob"));
    expect(deciding.epoch).toBe(undefined);
    gone.push("bob");
    expect(deciding.epoch).toBe(2n);
    await deciding.take(commit(2n), phone("alice"));
    await nextTurn();
    expect(
      received
        .slice(-2)
        .map(({ kind }) => kind)
        .sort(),
    ).toEqual(["commit", "epoch"]);
    expect(received).toContainEqual({ kind: "epoch", epoch: 2n });
  });
});
