import { describe, expect, it } from "vitest";
import { utf8 } from "../../../src/bytes/text.ts";
import { appAck, readAppAck, writeAppAck, type MessageRange } from "../../../src/extensions/app-ack/app-ack.ts";
import { createReceipts, type Comparison, type Receipts } from "../../../src/extensions/app-ack/receipts.ts";
import { createAppData } from "../../../src/extensions/app-data/app-data.ts";
import { components } from "../../../src/extensions/app-data/numbers.ts";
import type { Group } from "../../../src/group/group.ts";
import type { CommitEvent } from "../../../src/public-group/events.ts";
import { client, groupOf } from "../../group/world.ts";
import { brokenBy, refuses } from "../../rfc/breaking.ts";

const appData = createAppData({ components: [appAck] });
const options = { handshake: "public", registry: appData.registry, extensions: appData.context() } as const;

const range = (sender: number, firstGeneration: number, lastGeneration = firstGeneration): MessageRange => ({
  sender,
  firstGeneration,
  lastGeneration,
});

/** A member with its receipts. */
interface Reader {
  readonly group: Group;
  readonly receipts: Receipts;
}

async function readers(): Promise<[Reader, Reader, Reader]> {
  const clients = await Promise.all(["alice", "bob", "carol"].map((name) => client(name)));
  const groups = await groupOf(clients, options);
  return groups.map((group) => ({ group, receipts: createReceipts({ self: group.self.leafIndex }) })) as [
    Reader,
    Reader,
    Reader,
  ];
}

async function say({ group, receipts }: Reader, count: number): Promise<readonly Uint8Array[]> {
  const messages: Uint8Array[] = [];
  for (let i = 0; i < count; i++) {
    messages.push(await group.seal(utf8(String(i))));
    receipts.noteSent(group.inspect(messages[i]!));
  }
  return messages;
}

async function hear({ group, receipts }: Reader, messages: readonly Uint8Array[]): Promise<void> {
  for (const message of messages) {
    const event = await group.receive(message);
    if (event.kind === "message") receipts.note(event);
  }
}

/** A commit with an AppAck, and what each of the others makes of it. */
async function acknowledge(by: Reader, others: readonly Reader[]): Promise<readonly (readonly Comparison[])[]> {
  const { group, receipts } = by;
  const custom = [appData.ephemeral(components.app_ack, receipts.appAck(group.epoch))];
  const pending = await group.commit({ custom });
  const seen: (readonly Comparison[])[] = [];
  for (const other of others) {
    const event = (await other.group.receive(pending.commit)) as CommitEvent;
    seen.push(other.receipts.compare(event, appData.ephemerals(event)));
  }
  await group.apply(pending);
  return seen;
}

describe("receipts", () => {
  it("find nothing where everything has come, in whatever order", async () => {
    const [alice, bob, carol] = await readers();
    const [one, two, three, four] = await say(alice, 4);
    await hear(bob, [four!, two!, one!, three!]);
    await hear(carol, [one!, two!, three!, four!]);
    await hear(alice, await say(bob, 1));
    expect(bob.receipts.received(1n)).toEqual([range(0, 0, 3)]);
    const nothing = { by: 1, missingHere: [], missingThere: [] };
    expect(await acknowledge(bob, [alice])).toEqual([[nothing]]);
  });

  it("find what the service has kept from one of them, on both sides, and also after the last that came", async () => {
    const [alice, bob, carol] = await readers();
    const [one, two, three, four, five] = await say(alice, 5);
    await hear(bob, [one!, three!, four!]);
    await hear(carol, [one!, two!, five!]);
    const [atAlice, atBob] = await acknowledge(carol, [alice, bob]);
    expect(atAlice).toEqual([{ by: 2, missingHere: [], missingThere: [range(0, 2, 3)] }]);
    expect(atBob).toEqual([{ by: 2, missingHere: [range(0, 1), range(0, 4)], missingThere: [range(0, 2, 3)] }]);
  });

  it("miss everything of an epoch of which nothing has come", async () => {
    const [alice, bob, carol] = await readers();
    await hear(bob, await say(alice, 3));
    expect(await acknowledge(bob, [carol])).toEqual([[{ by: 1, missingHere: [range(0, 0, 2)], missingThere: [] }]]);
    // The next epoch begins anew.
    expect(bob.receipts.received(2n)).toEqual([]);
  });

  it("count a message once that comes twice, which the group refuses anyway", async () => {
    const [alice, bob] = await readers();
    const [one] = await say(alice, 1);
    const event = await bob.group.receive(one!);
    if (event.kind !== "message") throw new Error("a message was expected");
    bob.receipts.note(event);
    bob.receipts.note(event);
    expect(await brokenBy(() => bob.group.receive(one!))).toEqual(["message-key-used", undefined]);
    expect([event.generation, bob.receipts.received(1n)]).toEqual([0, [range(0, 0)]]);
  });

  it("say what somebody claims to have received of others, and hold it to nothing", () => {
    const receipts = createReceipts({ self: 0 });
    const sender = { type: "member", leafIndex: 1 } as const;
    const all = range(2, 0, 2 ** 32 - 1);
    const data = writeAppAck([all, range(0, 9), range(3, 5, 4), range(1, 0, 7), range(2, 4, 6)]);
    const told = [{ componentId: components.app_ack, data, sender }];
    const own = { type: "member", leafIndex: 0 } as const;
    const others = [
      { componentId: 0x8001, data: new Uint8Array(3), sender },
      { componentId: components.app_ack, data, sender: own },
      { componentId: components.app_ack, data, sender: { type: "external", senderIndex: 0 } as const },
    ];
    expect(receipts.compare({ epoch: 5n }, [...others, ...told])).toEqual([
      { by: 1, missingHere: [range(1, 0, 7), all], missingThere: [] },
    ]);
  });

  it("are of messages of ours, as they were sent", () => {
    const receipts = createReceipts({ self: 0 });
    const sent = { own: true, epoch: 1n, contentType: "application", unverifiedGeneration: 0 } as const;
    const own = { own: true, contentType: "application" } as const;
    const without = { ...own, unverifiedGeneration: 0 };
    const unnamed = { ...own, epoch: 1n };
    for (const message of [{ ...sent, own: false }, { ...sent, contentType: "proposal" }, without, unnamed]) {
      receipts.noteSent(message);
    }
    const told = [
      { componentId: components.app_ack, data: writeAppAck([]), sender: { type: "member", leafIndex: 1 } as const },
    ];
    expect(receipts.compare({ epoch: 2n }, told)).toEqual([{ by: 1, missingHere: [], missingThere: [] }]);
    receipts.noteSent(sent);
    expect(receipts.received(1n)).toEqual([]);
    expect(receipts.compare({ epoch: 2n }, told)).toEqual([{ by: 1, missingHere: [], missingThere: [range(0, 0)] }]);
  });

  it("keep so many epochs and so many ranges, and say nothing of what they have forgotten", () => {
    const receipts = createReceipts({ self: 0, epochs: 2, ranges: 3 });
    const note = (epoch: bigint, generation: number): void => {
      receipts.note({ kind: "message", sender: { leafIndex: 1 }, epoch, generation });
    };
    for (const generation of [0, 2, 4, 6, 0]) note(7n, generation);
    expect(receipts.received(7n)).toEqual([range(1, 2), range(1, 4), range(1, 6)]);
    const ack = (...ranges: readonly MessageRange[]) => [
      {
        componentId: components.app_ack,
        data: writeAppAck(ranges),
        sender: { type: "member", leafIndex: 2 } as const,
      },
    ];
    const compared = { by: 2, missingHere: [range(1, 1), range(1, 3), range(1, 5)], missingThere: [] };
    expect(receipts.compare({ epoch: 8n }, ack(range(1, 0, 6)))).toEqual([compared]);
    for (const generation of [3, 5, 0]) note(7n, generation);
    expect(receipts.received(7n)).toEqual([range(1, 2, 6)]);
    note(8n, 0);
    note(9n, 0);
    expect([7n, 8n, 9n].map((epoch) => receipts.received(epoch).length)).toEqual([0, 1, 1]);
    note(7n, 0);
    expect([7n, 8n, 9n].map((epoch) => receipts.received(epoch).length)).toEqual([0, 1, 1]);
    expect(receipts.compare({ epoch: 8n }, ack(range(1, 0, 6)))).toEqual([]);
    expect(receipts.compare({ epoch: 11n }, ack(range(1, 0)))).toEqual([
      { by: 2, missingHere: [range(1, 0)], missingThere: [] },
    ]);
  });

  it("take numbers that fit", () => {
    for (const wrong of [{ self: -1 }, { self: 0, epochs: 0 }, { self: 0, ranges: 0.5 }]) {
      expect(() => createReceipts(wrong)).toThrow(TypeError);
    }
    const receipts = createReceipts({ self: 0 });
    const noted = { epoch: 1n, sender: { leafIndex: 1 }, generation: 1 };
    for (const wrong of [{ epoch: 1 }, { epoch: -1n }, { sender: { leafIndex: 0.5 } }, { generation: 2 ** 32 }]) {
      expect(() => receipts.note({ ...noted, ...wrong } as never)).toThrow(TypeError);
    }
    expect(receipts.received(1n)).toEqual([]);
    for (const epoch of [1, -1n, 2n ** 64n])
      expect(() => receipts.compare({ epoch: epoch as never }, [])).toThrow(TypeError);
  });
});

describe("an AppAck", () => {
  it("is of a list of ranges, and of an epoch that is one", () => {
    for (const ranges of [undefined, {}, 7, range(0, 1)]) {
      expect(() => writeAppAck(ranges as never)).toThrow(/^ranges must be an array/);
    }
    for (const name of ["sender", "firstGeneration", "lastGeneration"]) {
      for (const wrong of [-1, 2 ** 32, 0.5, 1n, undefined]) {
        const ranges = [range(0, 1), { ...range(0, 1), [name]: wrong }];
        expect(() => writeAppAck(ranges as never)).toThrow(new RegExp(`^${name} must be a whole number`));
      }
    }
    const receipts = createReceipts({ self: 0 });
    for (const epoch of [1, -1n, 2n ** 64n, undefined]) {
      expect(() => receipts.received(epoch as never)).toThrow(/^epoch must be a uint64/);
      expect(() => receipts.appAck(epoch as never)).toThrow(/^epoch must be a uint64/);
    }
  });

  it("extensions 6.1 (1): is an AppEphemeral of its component, and one that is none is refused", async () => {
    const [alice, bob] = await readers();
    const ranges = [range(0, 1, 2), range(7, 2 ** 32 - 1)];
    expect(Buffer.from(writeAppAck(ranges)).toString("hex")).toBe(
      "18000000000000000100000002" + "00000007ffffffffffffffff",
    );
    expect(readAppAck(writeAppAck(ranges))).toEqual(ranges);
    const wrong = appData.ephemeral(components.app_ack, writeAppAck(ranges).slice(0, -1));
    await refuses(alice.group, () => alice.group.commit({ custom: [wrong] }), ["decode-truncated"]);
    const plain = createAppData({ components: [] });
    const others = await groupOf(await Promise.all(["dave", "erin"].map((name) => client(name))), {
      ...options,
      registry: plain.registry,
    });
    const ack = appData.ephemeral(components.app_ack, bob.receipts.appAck(1n));
    const broken = ["component-unknown", "extensions 4.8 (1)"] as const;
    await refuses(others[0]!, () => others[0]!.commit({ custom: [ack] }), broken);
  });
});
