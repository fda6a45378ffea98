/**
 * What a call's group keeps of what strangers post to its channel: bounded in bytes, in memory of its own, and refused before
 * it is copied where it is too long.
 */

import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { CallGroup } from "../../../src/call/group/call-group.ts";
import { Held } from "../../../src/call/group/held.ts";
import type { CallGroupEvent, CallGroupOptions } from "../../../src/call/group/options.ts";
import type { Outgoing } from "../../../src/call/group/transport.ts";
import type { Group } from "../../../src/group/group.ts";
import type { Sender } from "../../../src/wire/framing.ts";
import { encodeMessage } from "../../../src/wire/message.ts";
import { client, groupOf, trusting } from "../../group/world.ts";
import { VirtualClock } from "../virtual-clock.ts";

const callId = new Uint8Array(16).fill(9);

/** A proposal that nobody has signed. */
function forged({
  epoch,
  size,
  sender = { type: "external", senderIndex: 0 },
}: {
  readonly epoch: bigint;
  readonly size: number;
  readonly sender?: Sender;
}): Uint8Array {
  const content = { type: "proposal", proposal: { type: "remove", removed: 0 } } as const;
  const framed = { groupId: callId, epoch, sender, authenticatedData: new Uint8Array(size), content };
  return encodeMessage({
    wireFormat: "mls_public_message",
    publicMessage: { content: framed, auth: { signature: new Uint8Array(0) } },
  });
}

describe("a call's group", () => {
  let chat: Group;
  let call: CallGroup;
  const events: CallGroupEvent[] = [];
  const sent: Outgoing[] = [];
  const added: Uint8Array[] = [];
  const add = Held.prototype.add;
  const instances = new Set<Held>();

  /** What the call has kept. */
  function held(): Held {
    const [only, ...others] = instances;
    if (only === undefined || others.length > 0) throw new Error("one call keeps in one place");
    return only;
  }

  async function start(options: Partial<CallGroupOptions> = {}): Promise<void> {
    call = await CallGroup.start({
      ...trusting,
      chat,
      callId,
      transport: { send: (message) => sent.push(message) },
      scheduler: new VirtualClock(),
      onEvent: (event) => events.push(event),
      ...options,
    });
  }

  beforeEach(async () => {
    [chat] = (await groupOf([await client("alice")])) as [Group];
    events.length = sent.length = added.length = 0;
    instances.clear();
    vi.spyOn(Held.prototype, "add").mockImplementation(function (this: Held, ...given) {
      instances.add(this);
      added.push(given[0]);
      add.apply(this, given);
    });
  });

  afterEach(() => {
    call.wipe();
    vi.restoreAllMocks();
  });

  it("keeps no more bytes than it may, and nothing that is too long", async () => {
    await start({ heldMessageBytes: 20_000, heldBytes: 100_000 });
    for (let i = 0; i < 40; i++)
      await call.receive({ kind: "proposal", message: forged({ epoch: 9n + BigInt(i), size: 15_000 }) });
    expect(held().bytes).toBeGreaterThan(75_000);
    expect(held().bytes).toBeLessThanOrEqual(100_000);
    const before = held().size;
    await call.receive({ kind: "proposal", message: forged({ epoch: 2n, size: 20_000 }) });
    expect(held().size).toBe(before);
  });

  it("keeps the next epochs, whatever a flood claims to be of later ones", async () => {
    await start({ held: 4 });
    await call.receive({ kind: "proposal", message: forged({ epoch: 2n, size: 10 }) });
    for (let i = 0; i < 40; i++)
      await call.receive({ kind: "proposal", message: forged({ epoch: 99n + BigInt(i), size: 10 }) });
    expect(held().take(2n)).toHaveLength(1);
  });

  it("keeps copies: of a message in a large buffer, the message", async () => {
    await start();
    const message = forged({ epoch: 5n, size: 10 });
    const packets = new Uint8Array(100_000);
    packets.set(message, 500);
    await call.receive({ kind: "proposal", message: packets.subarray(500, 500 + message.length) });
    expect(added.map(({ buffer }) => buffer.byteLength)).toEqual([message.length]);
  });

  it("takes messages of up to 16 MiB where the application does not say", async () => {
    await start();
    const at = new Uint8Array(2 ** 24);
    await call.receive({ kind: "welcome", message: at });
    await call.receive({ kind: "proposal", message: at });
    expect(events.map((event) => event.kind === "refused" && event.code)).toEqual([false, "decode-version"]);
    await call.receive({ kind: "proposal", message: new Uint8Array(2 ** 24 + 1) });
    expect(events.at(-1)).toEqual({ kind: "refused", code: "limit-exceeded" });
  });

  it.each(["proposal", "commit", "welcome", "epoch"] as const)(
    "refuses a %s that is too long before it is copied",
    async (kind) => {
      await start({ limits: { messageBytes: 1000 } });
      const long = new Proxy(new Uint8Array(1001), {
        get: (target, property) => {
          const value: unknown = Reflect.get(target, property, target);
          if (property !== "length") throw new Error("its length is enough to refuse it");
          return value;
        },
      });
      await call.receive(kind === "epoch" ? { kind, epoch: 3n, groupInfo: long } : { kind, message: long });
      expect(events.at(-1)).toEqual({ kind: "refused", code: "limit-exceeded" });
    },
  );

  it("lets only so many bytes wait for their turn, and takes more when they are done", async () => {
    await start({ limits: { messageBytes: 10_000 } });
    const message = forged({ epoch: 5n, size: 9_000 });
    await Promise.all(
      Array.from({ length: 9 }, (_, i) => call.receive({ kind: "proposal", message: message.with(20, i) })),
    );
    expect(events.filter((event) => event.kind === "refused" && event.code === "limit-exceeded")).toHaveLength(5);
    await call.receive({ kind: "proposal", message });
    expect(events.filter((event) => event.kind === "refused" && event.code === "limit-exceeded")).toHaveLength(5);
  });

  it.each(["held", "heldMessageBytes", "heldBytes"])("wants %s to be a number of things", async (name) => {
    for (const value of [-1, 0.5, NaN, Infinity, 2 ** 33])
      await expect(start({ [name]: value })).rejects.toThrow(TypeError);
    await start({ [name]: 0 });
  });
});
