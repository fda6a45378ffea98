import { describe, expect, it } from "vitest";
import { hex, utf8 } from "../../../src/bytes/text.ts";
import type { Group } from "../../../src/group/group.ts";
import { failure, refusal } from "../refusal.ts";
import { client, commitTo, groupOf, keyPackageOf } from "../world.ts";

describe("inspecting a message", () => {
  it("says what it is, from whom and of which epoch, and consumes nothing", async () => {
    const groups = (await groupOf([await client("alice"), await client("bob")])) as [Group, Group];
    const [alice, bob] = groups;
    const message = await alice.seal(utf8("x"));
    const before = hex(bob.snapshot());
    const { id: groupId } = alice;
    const sender = { type: "member", leafIndex: 0 };
    expect(bob.inspect(message)).toEqual({
      wireFormat: "mls_private_message",
      groupId,
      epoch: 1n,
      contentType: "application",
      relation: "current",
      unverifiedSender: sender,
      unverifiedGeneration: 0,
      own: false,
    });
    expect(alice.inspect(message)).toMatchObject({ own: true, unverifiedSender: sender });
    // Not verified: what follows the sender data may be anything.
    const forged = message.slice();
    forged[forged.length - 1]! ^= 1;
    expect(bob.inspect(forged)).toMatchObject({ unverifiedSender: sender });
    const nobody = message.slice();
    nobody[4 + 1 + 32 + 8 + 1 + 1 + 1]! ^= 1; // the sender data
    expect(bob.inspect(nobody)).not.toHaveProperty("unverifiedSender");
    expect(hex(bob.snapshot())).toBe(before);
    expect((await bob.receive(message)).kind).toBe("message");

    const { commit } = await commitTo([alice], alice);
    expect(bob.inspect(commit)).toMatchObject({ contentType: "commit", relation: "current", unverifiedSender: sender });
    expect(bob.inspect(await alice.seal(utf8("y")))).toEqual({
      wireFormat: "mls_private_message",
      groupId,
      epoch: 2n,
      contentType: "application",
      relation: "later",
      own: false,
    });
    await bob.receive(commit);
    expect(bob.inspect(message)).toMatchObject({ relation: "past" });
    expect(bob.inspect(message)).not.toHaveProperty("unverifiedSender");
  });

  it("knows every kind of message", async () => {
    const groups = (await groupOf([await client("alice"), await client("bob")], { handshake: "public" })) as [
      Group,
      Group,
    ];
    const [alice, bob] = groups;
    const proposal = await alice.propose({ update: {} });
    expect(bob.inspect(proposal)).toMatchObject({
      wireFormat: "mls_public_message",
      contentType: "proposal",
      relation: "current",
      unverifiedSender: { type: "member", leafIndex: 0 },
    });
    const { keyPackage } = await keyPackageOf(await client("carol"));
    const { welcome } = await bob.commit({ add: [keyPackage] });
    expect(bob.inspect(keyPackage)).toEqual({ wireFormat: "mls_key_package", relation: "other", own: false });
    expect(bob.inspect(welcome!)).toEqual({ wireFormat: "mls_welcome", relation: "other", own: false });
    expect(bob.inspect(await alice.groupInfo())).toMatchObject({ wireFormat: "mls_group_info", relation: "current" });
    const [stranger] = (await groupOf([await client("x")])) as [Group];
    expect(bob.inspect(await stranger.groupInfo())).toMatchObject({ relation: "other", epoch: 0n });
    expect(bob.inspect(await stranger.seal(utf8("x")))).toMatchObject({ relation: "other" });
    bob.wipe();
    expect(bob.inspect(await groups[0].groupInfo())).toMatchObject({ relation: "current" });
    expect(bob.inspect(proposal)).toMatchObject({ relation: "current" });
  });

  it("refuses what is no message", async () => {
    const [alice] = (await groupOf([await client("alice")])) as [Group];
    expect(await refusal(() => alice.inspect(utf8("hello")))).toBe("decode-version");
    expect(await refusal(() => alice.inspect(new Uint8Array(0)))).toBe("decode-truncated");
    expect(await failure(() => alice.inspect(3 as never))).toBeInstanceOf(TypeError);
  });
});
