/**
 * Groups of the post-quantum suites: each does all that a group asks of one, in every provider, and calls.
 */

import { describe, expect, test } from "vitest";
import { Call } from "../../src/call/call.ts";
import { localBackend, type LocalBackend } from "../../src/call/local-backend.ts";
import { postQuantumSuites } from "../../src/crypto/pq/suites.ts";
import { settled, VirtualClock } from "../call/virtual-clock.ts";
import { postQuantumProviders } from "../crypto/pq/providers.ts";
import { live } from "./suite-life.ts";
import { client, groupOf, commitTo } from "./world.ts";

describe.each(postQuantumSuites)("$name", ({ id, name }) => {
  const [node] = postQuantumProviders;

  test("a group lives on it, with members of all providers", async () => {
    const suites = postQuantumProviders.map((provider) => provider.cipherSuite(id));
    expect(suites.map((suite) => suite.name)).toEqual([name, name, name]);
    await live(suites[0]!, ...suites.slice(1));
  });

  test("a call over its group: frames of one epoch and of the next", async () => {
    const people = await Promise.all(["alice", "bob"].map((person) => client(person, node!.cipherSuite(id))));
    const groups = await groupOf(people);
    const scheduler = new VirtualClock();
    const [alice, bob] = groups.map((source): { backend: LocalBackend; call: Call } => {
      const backend = localBackend({ scheduler });
      return { backend, call: new Call({ source, backend, scheduler }) };
    });
    const heard: Uint8Array[] = [];
    const out = alice!.backend.engine.outgoing({ track: "out", kind: "audio" });
    const into = bob!.backend.engine.incoming<undefined>({
      track: "in",
      kind: "audio",
      deliver: (_, data) => heard.push(data),
    });
    for (const word of ["before", "after"]) {
      await settled();
      scheduler.advance(2_000);
      const sealed = await out.seal({ data: Buffer.from(word), codec: "opus", isKeyFrame: false });
      into.push(undefined, { data: sealed!, codec: "opus", isKeyFrame: false });
      await settled();
      if (word === "before") await commitTo(groups, groups[1]!, { path: true });
    }
    expect(heard.map((data) => Buffer.from(data).toString())).toEqual(["before", "after"]);
    for (const { call } of [alice!, bob!]) call.close();
  });
});
