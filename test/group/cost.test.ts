import { describe, expect, it } from "vitest";
import { populated } from "../bench/populated.ts";
import { counting } from "./counting.ts";
import { suiteOf, trusting } from "./world.ts";

describe("the cost of processing a commit in a populated tree", () => {
  it.each([16, 64, 1024])("grows with log N, not with N (N = %i)", async (size) => {
    const depth = Math.log2(size);
    const world = await populated(suiteOf(), size, { ...trusting, handshake: "public" });
    const { suite, counts, reset } = counting(suiteOf());
    const committer = await world.member(size - 1);
    const receiver = await world.member(0, suite);
    receiver.ratchetTree(); // the tree is hashed once when it is joined or restored, not by the commit
    const first = await committer.commit();
    await receiver.receive(first.commit);
    await committer.apply(first);
    const second = await committer.commit();
    reset();
    await receiver.receive(second.commit);
    // each level costs one parent hash and one tree hash, and one node key where the path secret is ours to derive;
    // beside that there is what an epoch costs whatever the size of the group
    expect(counts.hash).toBeLessThanOrEqual(2 * depth + 8);
    expect(counts.expand).toBeLessThanOrEqual(2 * depth + 24);
    expect(counts.deriveKeyPair).toBeLessThanOrEqual(depth);
    expect(counts).toMatchObject({ mac: 2, decap: 1, decapWithPublicKey: 1, verify: 2, encap: 0, sign: 0, seal: 0 });
  });
});
