/**
 * What a call hears from strangers, and from a service that is wrong once, ends nothing that honest messages go on with.
 */

import { describe, expect, it } from "vitest";
import { CallGroup } from "../../src/call/group/call-group.ts";
import type { Outgoing } from "../../src/call/group/transport.ts";
import { agreeing } from "./agreeing.ts";
import { World } from "./world.ts";

async function calling(): Promise<World> {
  const world = await World.create({ devices: 4 });
  await world.start(world.device(0));
  for (const i of [1, 2]) world.join(world.device(i));
  await world.clock.run(3_000);
  agreeing(world, { in: 3, silent: 0 });
  for (const { events } of world.devices) events.length = 0;
  return world;
}

describe("a call goes on", () => {
  it("after an epoch that the service was wrong about, once", async () => {
    const world = await calling();
    world.service.inject({ kind: "epoch", epoch: 1_000n });
    world.service.inject({ kind: "epoch", epoch: 2n ** 64n - 1n });
    await world.clock.run(10_000);
    expect(world.devices.flatMap(({ events }) => events)).toEqual([]);
    agreeing(world, { in: 3, silent: 0 });
  });

  it("and is announced until the service has answered, whatever strangers say meanwhile", async () => {
    const world = await World.create({ devices: 1 });
    const device = world.device(0);
    const sent: Outgoing[] = [];
    const transport = { send: (message: Outgoing) => sent.push(message) };
    const call = await CallGroup.start({ ...world.optionsFor(device), transport });
    device.call = call;
    const announcements = (): number => sent.filter(({ kind }) => kind === "commit").length;
    expect(announcements()).toBe(1);
    await call.receive({ kind: "proposal", message: new Uint8Array(9) });
    await call.receive({ kind: "commit", message: new Uint8Array(9) });
    await call.receive({ kind: "welcome", message: new Uint8Array(9) });
    await world.clock.run(2_500);
    expect(announcements()).toBe(2);
    const [own] = sent.flatMap((message) => (message.kind === "commit" ? [message.message] : []));
    await call.receive({ kind: "commit", message: own! });
    await world.clock.run(10_000);
    expect(announcements()).toBe(2);
  });

  it("without a device that was wiped while it came in", async () => {
    const world = await calling();
    const device = world.device(3);
    const call: CallGroup = CallGroup.join({
      ...world.optionsFor(device),
      authentication: {
        validate: () => {
          call.wipe(); // in the middle of joining by the Welcome
          return true;
        },
      },
    });
    device.call = call;
    world.service.connect(device.name, call);
    await world.clock.run(8_000);
    expect(device.events.map(({ kind }) => kind)).toContain("out");
    expect(device.events.map(({ kind }) => kind)).not.toContain("in");
    expect(call.state).toBe("out");
    expect(call.group).toBeUndefined();
  });
});

describe("a hook of a call's group", () => {
  it("that waits for the call gets an error; a listener that starts something does not", async () => {
    const world = await World.create({ devices: 2 });
    const device = world.device(0);
    const codes: unknown[] = [];
    let idle: Promise<void> | undefined;
    const options = world.optionsFor(device);
    const starting = CallGroup.start({
      ...options,
      onEvent: (event) => {
        options.onEvent?.(event);
      },
      review: async () => {
        await Promise.resolve();
        await device.call?.idle().catch((error: unknown) => codes.push((error as { code?: string }).code));
        return true;
      },
    });
    device.call = await starting;
    world.service.connect(device.name, device.call);
    device.call.onEpoch(() => {
      idle = device.call!.idle();
    });
    world.join(world.device(1));
    await world.clock.run(4_000);
    agreeing(world, { in: 2, silent: 0 });
    expect(codes.length).toBeGreaterThan(0);
    expect(new Set(codes)).toEqual(new Set(["reentrant-call"]));
    await idle;
  });

  it("answers with true or false, or is a mistake, which is thrown", async () => {
    const world = await calling();
    const device = world.device(1);
    const bad = await CallGroup.start({
      ...world.optionsFor(device),
      callId: new Uint8Array([1, 2]),
      review: () => undefined as unknown as boolean,
    }).catch((error: unknown) => error);
    expect(bad).toBeInstanceOf(TypeError);
  });
});
