import { beforeEach, describe, expect, it } from "vitest";
import type { CallGroup } from "../../src/call/group/call-group.ts";
import { selfRemoval, withSelfRemove } from "../../src/extensions/self-remove.ts";
import { proposeAsExternalSender } from "../../src/public-group/proposals/external-proposal.ts";
import { proposeToJoin } from "../../src/group/joining/propose-to-join.ts";
import { Group } from "../../src/group/group.ts";
import type { JoinExternallyOptions } from "../../src/group/options.ts";
import type { GroupOptions } from "../../src/public-group/options/settings.ts";
import { keyPackageOf, trusting, type Client } from "../group/world.ts";
import { agreeing } from "./agreeing.ts";
import { callId, World, type Device } from "./world.ts";

const registry = withSelfRemove();
const options: GroupOptions = { ...trusting, registry, handshake: "public", grease: false };

describe("nobody is put out of a call by", () => {
  let world: World;
  let members: readonly Device[];
  /** In the call, and about to be removed from the chat. */
  let former: Device;

  beforeEach(async () => {
    world = await World.create({ devices: 4 });
    members = world.devices.slice(0, 3);
    former = world.device(3);
    await world.start(members[0]!);
    for (const device of world.devices.slice(1)) world.join(device);
    await world.clock.run(3_000);
    agreeing(world, { in: 4, silent: 0 });
  });

  const callOf = ({ call }: Device): CallGroup => call!;
  const groupOf = (device: Device): Group => callOf(device).group!;
  const leafOf = (device: Device): number => groupOf(device).self.leafIndex;

  /** What a member holds of the call, without its rules. */
  function holdings({ client, chat, call }: Device): Promise<Group> {
    const snapshot = call!.group!.snapshot();
    return Group.restore({ ...options, identity: client.identity, snapshot, psks: chat.psks() });
  }

  /** The chat removes the former member; the others know, and have not yet locked it out of the call. */
  async function removed(): Promise<Group> {
    const held = await holdings(former);
    world.cutFromChat(former);
    await world.removeFromChat(members[0]!, former);
    await world.clock.run(1);
    expect(Array.from(groupOf(members[1]!).members)).toHaveLength(4);
    return held;
  }

  /** Everybody is still there, and has said why: the victim as well as the others. */
  function refused(why: string, devices: readonly Device[] = members): void {
    for (const { events, call } of devices) {
      expect(call!.state).toBe("in");
      const told = events.flatMap((event) => (event.kind === "refused" ? [event.objection ?? event.code] : []));
      expect(told).toEqual([why]);
    }
  }

  function forget(): void {
    for (const { events } of world.devices) events.length = 0;
  }

  async function inject(kind: "commit" | "proposal", message: Uint8Array): Promise<void> {
    world.service.inject({ kind, message });
    await world.clock.run(150);
  }

  async function fromOutside(who: Client, more: Partial<JoinExternallyOptions>): Promise<Uint8Array> {
    const groupInfo = await groupOf(members[0]!).groupInfo({ externalPub: true });
    return (await Group.joinExternally({ ...options, identity: who.identity, groupInfo, ...more })).commit;
  }

  /** A PSK that claims to be the chat's current one. */
  const claimed = () => {
    const { chat } = members[0]!;
    const inject = [{ type: "resumption", groupId: chat.id, epoch: chat.epoch } as const];
    return { inject, psks: () => new Uint8Array(32) };
  };

  it("the commit of who is not in the chat any more", async () => {
    const held = await removed();
    forget();
    const { commit } = await held.commit({ remove: [leafOf(members[1]!)], pending: "none" });
    await inject("commit", commit);
    refused("not-in-chat");
    await world.clock.run(3_000);
    agreeing(world, { in: 3, silent: 0 });
  });

  it("the Remove, or the Add, that who is not in the chat any more proposes", async () => {
    const held = await removed();
    forget();
    const again = await keyPackageOf(members[1]!.client, { registry });
    await inject("proposal", await held.propose({ remove: leafOf(members[1]!) }));
    await inject("proposal", await held.propose({ add: again.keyPackage }));
    await world.clock.run(3_000);
    // the next commit locks it out, and nobody else
    agreeing(world, { in: 3, silent: 0 });
    expect(members.map(({ call }) => call!.state)).toEqual(["in", "in", "in"]);
    expect(members.flatMap(({ events }) => events)).toEqual([]);
    expect(callOf(former).state).toBe("out");
  });

  it("and nobody stays as another device of the chat, with a key stolen from one that has left the call", async () => {
    await callOf(members[1]!).leave();
    await world.clock.run(3_000);
    const stay = [members[0]!, members[2]!];
    const held = await holdings(former);
    const again = await holdings(former);
    world.cutFromChat(former);
    await world.removeFromChat(members[0]!, former);
    await world.clock.run(1);
    forget();
    const { identity } = members[1]!.client;
    const { commit } = await held.commit({ identity, pending: "none" });
    await inject("commit", commit);
    refused("not-in-chat", stay);
    // Nobody commits its Update either: the next commit locks it out.
    await inject("proposal", await again.propose({ update: { identity } }));
    await world.clock.run(3_000);
    for (const device of stay) expect(groupOf(device).size).toBe(2);
  });

  it("an external commit with a stolen key of a device that is not there: its victim refuses it like everybody", async () => {
    await callOf(former).leave();
    await world.clock.run(3_000);
    forget();
    await inject("commit", await fromOutside(former.client, { replace: leafOf(members[1]!), ...claimed() }));
    refused("removal", [members[1]!]);
    refused("confirmation-tag", [members[0]!, members[2]!]);
    await world.clock.run(3_000);
    agreeing(world, { in: 3, silent: 0 });
  });

  it("an external commit with its own stolen key, which it can't check", async () => {
    forget();
    await inject("commit", await fromOutside(members[1]!.client, { replace: leafOf(members[1]!), ...claimed() }));
    refused("removal", [members[1]!]);
    refused("confirmation-tag", [members[0]!, members[2]!, former]);
    await world.clock.run(3_000);
    agreeing(world, { in: 4, silent: 0 });
  });

  it("a self_remove that is played again", async () => {
    // Device 1 leaves, and comes back to the same leaf.
    const leaf = leafOf(members[1]!);
    const old = await (await holdings(members[1]!)).propose({ custom: selfRemoval });
    await callOf(members[1]!).leave();
    await world.clock.run(3_000);
    world.join(members[1]!);
    await world.clock.run(5_000);
    agreeing(world, { in: 4, silent: 0 });
    expect(leafOf(members[1]!)).toBe(leaf);
    const { epoch } = callOf(members[1]!);
    await inject("proposal", old);
    await world.clock.run(3_000);
    agreeing(world, { in: 4, silent: 0 });
    expect(callOf(members[1]!).epoch).toBe(epoch);
  });

  it("an external sender that the call does not name", async () => {
    forget();
    const stranger = await World.stranger("server");
    const { epoch } = callOf(members[0]!);
    const change = { remove: leafOf(members[1]!) };
    const sent = { groupId: callId, epoch, identity: stranger.identity, senderIndex: 0, change };
    await inject("proposal", await proposeAsExternalSender(sent));
    refused("external-sender-unknown", world.devices);
    await world.clock.run(3_000);
    agreeing(world, { in: 4, silent: 0 });
  });

  it("a member that removes it from outside: coming back is for one's own leaf", async () => {
    // Device 3 is in the chat, holds its PSK, and leaves the call to come in again in the place of another.
    await callOf(former).leave();
    await world.clock.run(3_000);
    forget();
    const { chat, client } = former;
    const psk = { type: "resumption", groupId: chat.id, epoch: chat.epoch } as const;
    const replace = leafOf(members[1]!);
    await inject("commit", await fromOutside(client, { replace, inject: [psk], psks: chat.psks() }));
    refused("removal");
    await world.clock.run(3_000);
    agreeing(world, { in: 3, silent: 0 });
  });
});

describe("a device in whose place another has come in with its key", () => {
  it("is told so", async () => {
    const world = await World.create({ devices: 3 });
    await world.start(world.device(0));
    for (const device of world.devices.slice(1)) world.join(device);
    await world.clock.run(3_000);
    // Commits go on, so that nobody is a newcomer any more.
    await world.device(2).call!.leave();
    await world.clock.run(3_000);
    const victim = world.device(1);
    const { identity } = victim.client;
    const keyPackage = await keyPackageOf(victim.client, { registry });
    const { epoch } = world.device(0).call!;
    const knock = await proposeToJoin({ groupId: callId, epoch, identity, keyPackage });
    world.service.inject({ kind: "proposal", message: knock });
    await world.clock.run(6_000);
    expect(victim.events.at(-1)).toEqual({ kind: "out", why: "replaced" });
  });
});
