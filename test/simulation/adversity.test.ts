import { describe, expect, it } from "vitest";
import { turnOf } from "../../src/call/group/election.ts";
import { proposeAsExternalSender } from "../../src/public-group/proposals/external-proposal.ts";
import { keyPackageOf, type Client } from "../group/world.ts";
import { withSelfRemove } from "../../src/extensions/self-remove.ts";
import { agreeing } from "./agreeing.ts";
import { callId, World, type Device, type WorldOptions } from "./world.ts";

/** A world with these many devices in the call, out of those in the chat. */
async function callOf(inCall: number, options: WorldOptions, server?: Client): Promise<World> {
  const world = await World.create(options);
  const externalSenders = server === undefined ? [] : [server.identity];
  await world.start(world.device(0), { externalSenders });
  for (const device of world.devices.slice(1, inCall)) world.join(device);
  await world.clock.run(3_000);
  agreeing(world, { in: inCall, silent: 0 });
  return world;
}

/** The device whose turn it is to commit in the current epoch. */
function chosen(world: World): Device {
  const [some] = world.calling;
  const leaves = Array.from(some!.call!.members, ({ leafIndex }) => leafIndex);
  return world.calling.find(({ call }) => turnOf(call!.self.leafIndex, leaves, call!.epoch) === 0)!;
}

function refusals({ events }: Device): string[] {
  return events.flatMap((event) => (event.kind === "refused" ? [event.objection ?? event.code] : []));
}

describe("a call", () => {
  it("makes one commit of those who leave together", async () => {
    const world = await callOf(10, { devices: 10 });
    const before = world.service.epoch;
    const leavers = world.devices.slice(3, 7);
    await Promise.all(leavers.map(({ call }) => call!.leave()));
    await world.clock.run(2_000);
    agreeing(world, { in: 6, silent: 0 });
    expect(world.service.epoch).toBe(before + 1n);
    expect(leavers.map(({ events }) => events.at(-1))).toEqual(leavers.map(() => ({ kind: "out", why: "left" })));
  });

  it("ends for the last one who leaves, and for one whom nobody lets go", async () => {
    const world = await callOf(2, { devices: 2 });
    const [one, other] = [world.device(0), world.device(1)];
    world.crash(other);
    await one.call!.leave();
    expect(one.call!.state).toBe("leaving");
    await world.clock.run(10_000);
    expect(one.call!.state).toBe("out");
    await world.start(one);
    await one.call!.leave();
    expect(one.events.at(-1)).toEqual({ kind: "out", why: "left" });
  });

  it("goes on where the member whose turn it is has crashed", async () => {
    const world = await callOf(8, { devices: 9 });
    const silent = chosen(world);
    world.crash(silent);
    world.join(world.device(8));
    await world.clock.run(500 + 120 * 3);
    expect(world.device(8).call!.state).toBe("entering");
    await world.clock.run(4_000);
    agreeing(world, { in: 8, silent: 1 });
  });

  it("lets the service remove who has crashed, and add who asks it", async () => {
    const server = await World.stranger("server");
    const world = await callOf(5, { devices: 6 }, server);
    const [crashed, added] = [world.device(3), world.device(5)];
    const { leafIndex } = crashed.call!.self;
    world.crash(crashed);
    const propose = (change: Parameters<typeof proposeAsExternalSender>[0]["change"]): Promise<Uint8Array> =>
      proposeAsExternalSender({
        groupId: callId,
        epoch: world.service.epoch,
        identity: server.identity,
        senderIndex: 0,
        change,
      });
    world.service.propose(await propose({ remove: leafIndex }));
    const bundle = await keyPackageOf(added.client, { registry: withSelfRemove() });
    world.service.propose(await propose({ add: bundle.keyPackage }));
    await world.clock.run(5_000);
    const members = Array.from(world.device(0).call!.members, ({ credential }) => credential);
    expect(members).toHaveLength(5);
    expect(members).toContainEqual(added.client.identity.credential);
    expect(members).not.toContainEqual(crashed.client.identity.credential);
  });

  it("drops whom the chat removes, also where that one does not hear of it", async () => {
    const world = await callOf(8, { devices: 8 });
    const [told, deaf] = [world.device(4), world.device(5)];
    await world.removeFromChat(world.device(0), told, 300);
    await world.clock.run(3_000);
    agreeing(world, { in: 7, silent: 0 });
    expect(told.events.at(-1)).toEqual({ kind: "out", why: "chat" });
    world.cutFromChat(deaf);
    await world.removeFromChat(world.device(1), deaf, 300);
    await world.clock.run(3_000);
    expect(deaf.events.at(-1)).toEqual({ kind: "out", why: "removed" });
    agreeing(world, { in: 6, silent: 0 });
  });

  it("lets nobody in whom the chat removes while that one knocks", async () => {
    const world = await callOf(4, { devices: 5 });
    const late = world.device(4);
    world.cutFromChat(late);
    world.join(late);
    await world.clock.run(200);
    await world.removeFromChat(world.device(0), late, 50);
    await world.clock.run(20_000);
    expect(late.call!.state).toBe("entering");
    late.call!.wipe();
    agreeing(world, { in: 4, silent: 0 });
  });

  it("takes a device in from outside where nobody hears it knock, and those who were away follow", async () => {
    const world = await callOf(3, { devices: 4 });
    const away = world.devices.slice(0, 3);
    for (const { name } of away) world.service.setUp(name, false);
    world.join(world.device(3));
    await world.clock.run(20_000);
    expect(world.device(3).call!.state).toBe("in");
    for (const { name } of away) world.service.setUp(name, true);
    await world.clock.run(15_000);
    agreeing(world, { in: 4, silent: 0 });
    expect(away.flatMap(refusals)).toEqual([]);
  });

  it("heals after a partition in which both halves went on", async () => {
    const world = await callOf(6, { devices: 8 });
    const away = world.devices.slice(0, 3);
    for (const { name } of away) world.service.setUp(name, false);
    world.join(world.device(6));
    await away[0]!.call!.leave();
    await world.changeChat(world.device(3), {}, 500);
    await world.clock.run(5_000);
    world.join(world.device(7));
    await world.clock.run(5_000);
    for (const { name } of away) world.service.setUp(name, true);
    await world.clock.run(30_000);
    agreeing(world, { in: 7 });
  });

  it("brings back a member that is out of step for longer than the service remembers", async () => {
    const world = await callOf(4, { devices: 4 });
    const lost = world.device(1);
    world.service.setUp(lost.name, false);
    const forgotten = world.service.epoch + 20n;
    while (world.service.epoch < forgotten) {
      await world.device(3).call!.leave();
      await world.clock.run(4_000);
      world.join(world.device(3));
      await world.clock.run(4_000);
    }
    world.service.setUp(lost.name, true);
    await world.clock.run(40_000);
    expect(lost.events.map(({ kind }) => kind)).toContain("behind");
    agreeing(world, { in: 4, silent: 0 });
  });

  it("survives a race: of two commits for an epoch the first one counts", async () => {
    const world = await callOf(6, { devices: 8, timing: { turn: 1 } });
    const before = world.service.commits.size;
    world.join(world.device(6));
    world.join(world.device(7));
    await world.clock.run(5_000);
    expect(world.service.commits.size - before).toBeGreaterThan(1);
    agreeing(world, { in: 8, silent: 0 });
  });

  it("comes to rest on links that lose a fifth, in any order", async () => {
    const world = await World.create({
      devices: 10,
      link: { delay: [10, 900], loss: 0.2 },
      timing: { poll: 3_000 },
    });
    await world.start(world.device(0));
    await world.clock.run(2_000);
    for (const device of world.devices.slice(1)) world.join(device);
    await world.clock.run(20_000);
    await world.device(2).call!.leave();
    await world.clock.run(20_000);
    world.service.link = { ...world.service.link, loss: 0 };
    await world.clock.run(30_000);
    agreeing(world, { in: 9, silent: 0 });
  });
});
