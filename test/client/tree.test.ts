import { describe, expect, it } from "vitest";
import { hex } from "../../src/bytes/text.ts";
import type { RoomTree } from "../../src/client/index.ts";
import { delivery, person, settle, user, type Person } from "./world.ts";

async function treeFor({ client }: Person, room: string): Promise<RoomTree> {
  return client.room(room).tree();
}

/** Where each kind of node stands: its device, "parent" or "blank". */
function shape({ nodes }: RoomTree): string[] {
  return nodes.map((node) => (node === undefined ? "blank" : node.kind === "leaf" ? String(node.device) : "parent"));
}

function keys({ nodes }: RoomTree): string[] {
  return nodes.map((node) => (node === undefined ? "" : hex(node.encryptionKey)));
}

describe("a room's tree", () => {
  it("is the same for all members but for whose leaf is their own, and changes along the path of who commits", async () => {
    const service = delivery();
    const alice = await person(service, "alice");
    const bob = await person(service, "bob");
    const carol = await person(service, "carol");
    const people = [alice, bob, carol];
    await settle(...people);
    const { id } = await alice.client.createRoom({ participants: [user("bob"), user("carol")] });
    await settle(...people);

    const before = await treeFor(alice, id);
    const leaves = shape(before).filter((_, place) => place % 2 === 0);
    expect(before.nodes).toHaveLength(7); // four leaves and three parents
    expect(leaves[before.own / 2]).toBe(alice.client.device);
    expect([...leaves].sort()).toEqual([...people.map(({ client }) => client.device), "blank"].sort());
    expect(before.epoch).toBe((await alice.client.room(id).epoch()).epoch);
    const theirs = await treeFor(bob, id);
    expect(theirs.nodes).toEqual(before.nodes);
    expect(theirs.own).not.toBe(before.own);
    expect(leaves[theirs.own / 2]).toBe(bob.client.device);

    await bob.client.room(id).renew();
    await settle(...people);
    const after = await treeFor(carol, id);
    expect(after.epoch).toBe(before.epoch + 1n);
    const [old, now] = [keys(before), keys(after)];
    expect(now[theirs.own]).not.toBe(old[theirs.own]);
    expect(now[before.own]).toBe(old[before.own]);
    expect(now[after.own]).toBe(old[after.own]);
    expect(shape(after)[3]).toBe("parent"); // the root is on the path of everybody
    expect(now[3]).not.toBe(old[3]);
  });

  it("says which leaves don't know a parent's secret", async () => {
    const service = delivery();
    const people = [];
    for (const name of ["alice", "bob", "carol", "dora"]) people.push(await person(service, name));
    const [alice, bob] = people as [Person, Person, Person, Person];
    await settle(...people);
    const { id } = await alice.client.createRoom({ participants: [user("bob"), user("carol")] });
    await settle(...people);
    await bob.client.room(id).renew();
    await settle(...people);
    await alice.client.room(id).add(user("dora"));
    await settle(...people);
    const { nodes } = await treeFor(bob, id);
    const place = nodes.findIndex((node) => node?.kind === "leaf" && node.device?.includes("/dora/") === true);
    expect(place).toBeGreaterThan(-1);
    const parents = nodes.flatMap((node) => (node?.kind === "parent" ? [node] : []));
    expect(parents.length).toBeGreaterThan(0);
    const unmerged = parents.flatMap((node) => node.unmerged);
    // Whoever adds somebody gives the new leaf every secret of the own path: what is not on it, the new one does not know.
    for (const each of unmerged) expect(nodes[each]?.kind).toBe("leaf");
    expect(new Set(unmerged)).toEqual(new Set([place]));
  });

  it("is none where the device has left", async () => {
    const service = delivery();
    const alice = await person(service, "alice");
    const bob = await person(service, "bob");
    await settle(alice, bob);
    const { id } = await alice.client.createRoom({ participants: [user("bob")], policy: "cooperative" });
    await settle(alice, bob);
    await bob.client.room(id).leave();
    await settle(bob, alice, bob);
    await expect(bob.client.room(id).tree()).rejects.toMatchObject({ code: "room-left" });
  });
});
