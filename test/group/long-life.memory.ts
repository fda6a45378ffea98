/**
 * The process in which the memory of a group's life is measured: two members and an observer, a commit a step, messages
 * of which one comes late and one twice, and a proposal that comes to nothing every other step.
 */

import { Group } from "../../src/group/group.ts";
import { Observer } from "../../src/public-group/observer/observer.ts";
import { sample } from "../memory/sampling.ts";
import { client, keyPackageOf, suiteOf, trusting } from "./world.ts";

const suite = suiteOf();
const options = { ...trusting, handshake: "public" } as const;
const [founder, guest] = [await client("alice", suite), await client("bob", suite)];
const bundle = await keyPackageOf(guest);
const alice = await Group.create({ ...options, identity: founder.identity });
const added = await alice.commit({ add: [bundle.keyPackage] });
if (added.welcome === undefined) throw new Error("no Welcome");
const welcome = added.welcome;
await alice.apply(added);
const bob = await Group.join({ ...options, identity: guest.identity, welcome, keyPackages: [bundle] });
const observer = await Observer.follow({ ...options, suite, groupInfo: await alice.groupInfo() });

async function refuses(group: Group, message: Uint8Array): Promise<void> {
  const opened = await group.receive(message).then(
    () => true,
    () => false,
  );
  if (opened) throw new Error("opened twice");
}

async function once(step: number): Promise<void> {
  const [from, to] = step % 2 === 0 ? [alice, bob] : [bob, alice];
  const [late, first, second] = [await from.seal(data), await from.seal(data), await from.seal(data)];
  await to.receive(first);
  await to.receive(second);
  await to.receive(late);
  await refuses(to, second);
  if (step % 4 < 2) {
    const proposal = await to.propose({ update: {} });
    await from.receive(proposal);
    await observer.receive(proposal);
  }
  const pending = await from.commit();
  await to.receive(pending.commit);
  await observer.receive(pending.commit);
  await from.apply(pending);
}

const data = new Uint8Array(100);
await sample({ once, warmUp: 160, between: 16, samples: 25 });
