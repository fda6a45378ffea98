import { describe, expect, it, vi } from "vitest";
import type { Group } from "../../src/group/group.ts";
import { client, commitTo, groupOf } from "./world.ts";

async function trio(): Promise<[Group, Group, Group]> {
  const clients = await Promise.all(["alice", "bob", "carol"].map((name) => client(name)));
  return (await groupOf(clients)) as [Group, Group, Group];
}

describe("who listens to a group's epochs", () => {
  it("is told of each, of the own commit's too, and of the end, by a group that can be read", async () => {
    const groups = await trio();
    const told: string[] = [];
    for (const [i, group] of groups.entries()) {
      group.onEpoch(() => told.push(`${String(i)}: ${group.isGone ? "gone" : String(group.epoch)}`));
    }
    await commitTo(groups, groups[0], { remove: [2] });
    expect(told.sort()).toEqual(["0: 2", "1: 2", "2: gone"]);
    groups[1].wipe();
    groups[1].wipe();
    expect(told.slice(3)).toEqual(["1: gone"]);
  });

  it("is not told of what is refused, of messages, nor after it has stopped", async () => {
    const [alice, bob] = await trio();
    let told = 0;
    const stop = bob.onEpoch(() => told++);
    await bob.receive(await alice.seal(new Uint8Array(1)));
    const pending = await alice.commit({ path: true });
    const damaged = pending.commit.slice();
    damaged[damaged.length - 1]! ^= 1;
    await expect(bob.receive(damaged)).rejects.toThrow();
    expect(told).toBe(0);
    stop();
    await bob.receive(pending.commit);
    expect(told).toBe(0);
  });

  it("does not undo an epoch by throwing", async () => {
    const thrown = vi.spyOn(globalThis, "queueMicrotask").mockImplementation(() => undefined);
    try {
      const [alice, bob] = await trio();
      const told: string[] = [];
      bob.onEpoch(() => {
        throw new Error("a listener's own");
      });
      bob.onEpoch(() => told.push("the next one"));
      const pending = await alice.commit({ path: true });
      await expect(bob.receive(pending.commit)).resolves.toMatchObject({ kind: "commit" });
      expect(told).toEqual(["the next one"]);
      expect(thrown).toHaveBeenCalledTimes(1);
      expect(thrown.mock.calls[0]![0]).toThrow("a listener's own");
    } finally {
      thrown.mockRestore();
    }
  });
});
