/**
 * Time alone parts nobody from a group: what we send is in time, and what others sent in time is taken whenever it comes.
 * RFC 9420 section 7.3.
 */

import { expect, it } from "vitest";
import { proposeAsExternalSender } from "../../src/public-group/proposals/external-proposal.ts";
import { proposeToJoin } from "../../src/group/joining/propose-to-join.ts";
import { Group } from "../../src/group/group.ts";
import { encode } from "../../src/codec/codec.ts";
import { ExternalSenders } from "../../src/wire/extension.ts";
import { extensionTypes } from "../../src/wire/registries.ts";
import { agree } from "./agreement.ts";
import { refusal, refuses } from "./refusal.ts";
import { client, groupOf, keyPackageOf, setClock, trusting } from "./world.ts";

const start = 1_700_000_000;
const year = 365 * 24 * 60 * 60 * 1_000;

it("an Add that has expired since it was proposed is left out of a commit, and refused where it is named", async () => {
  const clock = setClock(start * 1_000);
  const clients = await Promise.all(["alice", "bob"].map((name) => client(name)));
  const [alice, bob] = (await groupOf(clients, { clock })) as [Group, Group];
  const late = await keyPackageOf(await client("carol"), { clock });
  await alice.receive(await bob.propose({ add: late.keyPackage }));
  clock.now += year;
  const fresh = await keyPackageOf(await client("dave"), { clock });
  await alice.receive(await bob.propose({ add: fresh.keyPackage }));
  const [expired] = alice.pendingProposals;
  await refuses(alice, () => alice.commit({ pending: [expired!.ref] }), "leaf-lifetime");
  const pending = await alice.commit();
  expect(pending.leftOut.map(({ ref }) => ref)).toEqual([expired!.ref]);
  expect(pending.change.added).toHaveLength(1);
  await bob.receive(pending.commit);
  await alice.apply(pending);
  agree([alice, bob]);
});

it("a commit that was made in time is followed, applied, stored and restored whenever it comes", async () => {
  const clock = setClock(start * 1_000);
  const clients = await Promise.all(["alice", "bob"].map((name) => client(name)));
  const [alice, bob] = (await groupOf(clients, { clock })) as [Group, Group];
  const carol = await client("carol");
  const bundle = await keyPackageOf(carol, { clock });
  const pending = await alice.commit({ add: [bundle.keyPackage] });
  const snapshot = alice.snapshot();
  clock.now += 2 * year;
  // Even where receipt is strict: the commit is our own, and was in time when it was made.
  const again = await Group.restore({
    ...trusting,
    clock,
    lifetime: { checkAdds: true },
    identity: alice.identity,
    snapshot,
  });
  await again.apply(pending);
  await bob.receive(pending.commit);
  const joined = await Group.join({
    ...trusting,
    clock,
    identity: carol.identity,
    welcome: pending.welcome!,
    keyPackages: [bundle],
  });
  agree([again, bob, joined]);
});

it("outside of the group, too, nobody proposes a key package whose time is over or has not come", async () => {
  const clock = setClock(start * 1_000);
  const server = await client("server");
  const { signatureKey, credential } = server.identity;
  const data = encode(ExternalSenders, [{ signatureKey, credential }]);
  const [alice] = (await groupOf([await client("alice")], {
    clock,
    extensions: [{ type: extensionTypes.external_senders, data }],
  })) as [Group];
  const carol = await client("carol");
  const keyPackage = await keyPackageOf(carol, { clock });
  const view = { groupId: alice.id, epoch: alice.epoch };
  for (const [later, code] of [
    [-year, "leaf-lifetime"],
    [0, undefined],
    [year, "leaf-lifetime"],
  ] as const) {
    const then = setClock(clock.now + later);
    const asking = (): Promise<Uint8Array> =>
      proposeToJoin({ ...view, identity: carol.identity, keyPackage, clock: then });
    const change = { add: keyPackage.keyPackage };
    const adding = (): Promise<Uint8Array> =>
      proposeAsExternalSender({ ...view, identity: server.identity, senderIndex: 0, change, clock: then });
    for (const propose of [asking, adding]) {
      if (code !== undefined) expect(await refusal(propose)).toBe(code);
      else expect((await alice.receive(await propose())).kind).toBe("proposal");
    }
  }
});
