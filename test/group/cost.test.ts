import { describe, expect, it } from "vitest";
import { Group } from "../../src/group/group.ts";
import { counting, type Counts } from "./counting.ts";
import { client, keyPackageOf, suiteOf, trusting, type Client } from "./world.ts";

/** A member of a group of this size that received the creator's commits, after every node of the tree was populated. */
async function processed(size: number): Promise<Counts> {
  const plain = suiteOf();
  const { suite, counts, reset } = counting(plain);
  const names = Array.from({ length: size }, (_, i) => `member ${String(i)}`);
  const clients: Client[] = [];
  for (const name of names) clients.push(await client(name, name === "member 1" ? suite : plain));
  const options = { ...trusting, handshake: "public" as const, limits: { proposals: size } };
  const creator = await Group.create({ ...options, identity: clients[0]!.identity });
  const bundles = await Promise.all(clients.slice(1).map((other) => keyPackageOf(other)));
  const first = await creator.commit({ add: bundles.map(({ keyPackage }) => keyPackage), path: true });
  await creator.apply(first);
  const group = await Group.join({
    ...options,
    identity: clients[1]!.identity,
    welcome: first.welcome!,
    keyPackages: bundles,
  });
  const warm = await creator.commit({ path: true });
  await creator.apply(warm);
  await group.receive(warm.commit);
  const pending = await creator.commit({ path: true });
  await creator.apply(pending);
  reset();
  await group.receive(pending.commit);
  return { ...counts };
}

describe("the cost of processing a commit", () => {
  it.each([16, 64, 256, 1024])("grows with log N, not with N (N = %i)", async (size) => {
    const depth = Math.log2(size);
    const counts = await processed(size);
    // each level: one node's key and parent hash, one tree hash; beside that what an epoch costs whatever its size
    expect(counts.hash).toBeLessThanOrEqual(2 * depth + 6);
    expect(counts.mac).toBeLessThanOrEqual(3);
    expect(counts.expand).toBeLessThanOrEqual(2 * (depth + 1) + 24);
    expect(counts.extract).toBeLessThanOrEqual(4);
    expect(counts.deriveKeyPair).toBeLessThanOrEqual(depth);
    expect(counts.decap).toBe(1);
    expect(counts.verify).toBe(2);
    expect(counts.encap + counts.sign).toBe(0);
  });
});
