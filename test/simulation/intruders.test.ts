import { beforeEach, describe, expect, it } from "vitest";
import { withSelfRemove } from "../../src/extensions/self-remove.ts";
import { proposeToJoin } from "../../src/group/joining/propose-to-join.ts";
import { Group } from "../../src/group/group.ts";
import type { JoinExternallyOptions } from "../../src/group/options.ts";
import type { GroupOptions } from "../../src/public-group/options/settings.ts";
import { keyPackageOf, trusting, type Client } from "../group/world.ts";
import { agreeing } from "./agreeing.ts";
import { callId, World, type Device } from "./world.ts";

const registry = withSelfRemove();
const options: GroupOptions = { ...trusting, registry, handshake: "public", grease: false };

describe("a call lets in", () => {
  let world: World;
  let members: readonly Device[];
  let mallory: Client;

  beforeEach(async () => {
    world = await World.create({ devices: 5 });
    members = world.devices.slice(0, 3);
    mallory = await World.stranger("mallory");
    await world.start(members[0]!);
    for (const device of members.slice(1)) world.join(device);
    await world.clock.run(3_000);
    agreeing(world, { in: 3, silent: 0 });
  });

  /** The members take in what no honest service would pass on: all of them refuse it, and the call goes on. */
  async function refused(
    message: Uint8Array,
    expected: string | undefined,
    {
      kind = "commit",
      fromInside = false,
    }: { readonly kind?: "commit" | "proposal"; readonly fromInside?: boolean } = {},
  ): Promise<void> {
    const before = members.map(({ call }) => call!.epoch);
    for (const { events } of members) events.length = 0;
    world.service.inject({ kind, message });
    await world.clock.run(3_000);
    expect(members.map(({ call }) => call!.epoch)).toEqual(before);
    const told = members.map(({ events }) =>
      events.map((event) => (event.kind === "refused" ? (event.objection ?? event.code) : event.kind)),
    );
    const each = expected === undefined ? [] : [expected];
    // the device whose keys the insider has did not make this commit
    expect(told).toEqual([each, each, fromInside ? ["own-message-unknown"] : each]);
    agreeing(world, { in: 3, silent: 0 });
  }

  async function external(who: Client, more: Partial<JoinExternallyOptions>): Promise<Uint8Array> {
    const groupInfo = await members[0]!.call!.group!.groupInfo();
    return (await Group.joinExternally({ ...options, identity: who.identity, groupInfo, ...more })).commit;
  }

  /** A member that does not keep to the rules: the same group without a review. */
  async function insider(): Promise<Group> {
    const { client, chat, call } = members[2]!;
    const snapshot = call!.group!.snapshot();
    return Group.restore({ ...options, identity: client.identity, snapshot, psks: chat.psks() });
  }

  it("nobody who knocks from outside the chat", async () => {
    const keyPackage = await keyPackageOf(mallory, { registry });
    const view = { groupId: callId, epoch: members[0]!.call!.epoch };
    await refused(await proposeToJoin({ ...view, identity: mallory.identity, keyPackage }), undefined, {
      kind: "proposal",
    });
  });

  it("nobody by an external commit without the chat's PSK, in the chat or not", async () => {
    await refused(await external(mallory, {}), "psk-missing");
    await refused(await external(world.device(3).client, {}), "psk-missing");
  });

  it("nobody with a PSK of another group", async () => {
    const other = await Group.create({ ...trusting, identity: mallory.identity });
    const inject = [{ type: "resumption", groupId: other.id, epoch: 0n } as const];
    // the members have no such key: they can't even compute the epoch
    const groupInfo = await members[0]!.call!.group!.groupInfo();
    const psks = other.psks();
    const join = await Group.joinExternally({ ...options, psks, identity: mallory.identity, groupInfo, inject });
    for (const { events } of members) events.length = 0;
    world.service.inject({ kind: "commit", message: join.commit });
    await world.clock.run(1_000);
    expect(members.map(({ events }) => events)).toEqual(
      members.map(() => [{ kind: "refused", code: "psk-not-found" }]),
    );
    agreeing(world, { in: 3, silent: 0 });
  });

  it("nobody with a PSK that is made up for the chat's epoch, now or later", async () => {
    const { chat } = members[0]!;
    const psks = (): Uint8Array => new Uint8Array(32);
    const inject = (epoch: bigint) => [{ type: "resumption", groupId: chat.id, epoch } as const];
    const now = await external(mallory, { psks, inject: inject(chat.epoch) });
    for (const { events } of members) events.length = 0;
    world.service.inject({ kind: "commit", message: now });
    // One of a later epoch waits for the chat, and keeps nobody from going on.
    world.service.inject({ kind: "commit", message: await external(mallory, { psks, inject: inject(1_000n) }) });
    await world.clock.run(1_000);
    expect(members.map(({ events }) => events)).toEqual(
      members.map(() => [{ kind: "refused", code: "confirmation-tag" }]),
    );
    world.join(world.device(3));
    await world.clock.run(4_000);
    agreeing(world, { in: 4, silent: 0 });
    await world.device(3).call!.leave();
    await world.clock.run(4_000);
    agreeing(world, { in: 3, silent: 0 });
  });

  it("nobody whom a member brings along without being in the chat, by an Add or as itself", async () => {
    const { chat } = members[2]!;
    const { keyPackage } = await keyPackageOf(mallory, { registry });
    const psks = [{ type: "resumption", groupId: chat.id, epoch: chat.epoch } as const];
    const byValue = await (await insider()).commit({ add: [keyPackage], psks, pending: "none" });
    await refused(byValue.commit, "not-in-chat", { fromInside: true });
    const asItself = await (await insider()).commit({ identity: mallory.identity, pending: "none" });
    await refused(asItself.commit, "not-in-chat", { fromInside: true });
  });

  it("nobody of the chat without its PSK, whoever commits", async () => {
    const { keyPackage } = await keyPackageOf(world.device(3).client, { registry });
    const { commit } = await (await insider()).commit({ add: [keyPackage], pending: "none" });
    await refused(commit, "psk-missing", { fromInside: true });
  });

  it("no change of what it is", async () => {
    const group = await insider();
    const { commit } = await group.commit({ extensions: [], pending: "none" });
    await refused(commit, "parameters", { fromInside: true });
    const end = await (await insider()).commit({ reinit: { groupId: callId, cipherSuite: 1 }, pending: "none" });
    await refused(end.commit, "parameters", { fromInside: true });
  });

  it("no former member of the chat with the PSKs of its time, alone or with help from inside", async () => {
    const former = world.device(4);
    const old = former.chat.epoch;
    const psks = former.chat.psks();
    // a device that is thrown out and keeps what it had
    world.cutFromChat(former);
    await world.removeFromChat(members[0]!, former);
    await world.clock.run(1_000);
    const inject = [{ type: "resumption", groupId: former.chat.id, epoch: old } as const];
    await refused(await external(former.client, { psks, inject }), "psk-not-found");
    const { keyPackage } = await keyPackageOf(former.client, { registry });
    const helped = await (await insider()).commit({ add: [keyPackage], psks: inject, pending: "none" });
    await refused(helped.commit, "psk-not-found", { fromInside: true });
  });
});
