/**
 * How a delivery service takes a room from one epoch to the next, or back: who comes in, who confirms, what is forgotten.
 */

import { Group } from "../../group/group.ts";
import { newId } from "./device.ts";
import { accepted, numbersOf, refused } from "./published.ts";
import { fails, same, skipped, some, type DeliveryTests } from "./under-test.ts";

export const epochTests: DeliveryTests = {
  "has a commit bring a Welcome for those whom it adds, and for nobody else": async (scene) => {
    const [room, alice, bob] = await scene.pair();
    const [carol, dave] = [await scene.device("carol"), await scene.device("dave")];
    await carol.stock(2);
    await dave.stock(2);
    const one = await alice.prepare(room, { add: await alice.claim(carol) });
    one.pending.drop();
    const two = await alice.prepare(room, { add: await alice.claim(carol, dave) });
    const commit = some(two.publication.commit);
    const { groupInfo } = commit;
    await refused(
      "none",
      "invalid",
      alice.connection.publish({ ...two.publication, id: newId(), commit: { groupInfo } }),
    );
    const ofOne = some(some(one.publication.commit).welcome);
    await refused(
      "another's",
      "invalid",
      alice.connection.publish({ ...two.publication, id: newId(), commit: { groupInfo, welcome: ofOne } }),
    );
    await accepted("for both", alice.connection.publish(two.publication));
    await alice.group.apply(two.pending);
    const [carols, daves] = [await carol.join(), await dave.join()];
    same("where they begin", [carols.head, daves.head], [2n, 2n]);
    same("each has its own secrets alone", carols.welcome.length < some(commit.welcome).length, true);
    await accepted("Carol speaks", carol.say(room, "I am in"));
    same("Dave reads", await dave.catchUp(room), ["I am in"]);
    same("Bob reads", await bob.catchUp(room), ["I am in"]);
    same("taken", await carol.connection.queue(), []);
  },

  "lets a member come back from outside, in place of its old leaf": async (scene) => {
    const [room, alice, bob] = await scene.pair();
    await accepted("a message", alice.say(room, "missed"));
    const { groupInfo, ratchetTree, epoch, head, proposals } = await bob.connection.groupInfo({ room });
    same("where it is", [epoch, head, proposals.length], [1n, 2n, 0]);
    const { identity } = bob;
    const joining = { ...bob.options, identity, groupInfo, ratchetTree } as const;
    const join = await Group.joinExternally({ ...joining, replace: 1 });
    const commit = { groupInfo: await join.groupInfo({ ratchetTree: false }) };
    const number = await accepted(
      "coming back",
      bob.connection.publish({ id: newId(), room, message: join.commit, commit }),
    );
    bob.group = await join.complete();
    bob.read = number;
    await alice.catchUp(room);
    await accepted("speaking", bob.say(room, "I am back"));
    same("Alice reads", await alice.catchUp(room), ["I am back"]);
    same("two members", [...alice.group.members].length, 2);
  },

  "takes a commit back that its members can't follow": async (scene) => {
    const [room, alice, bob] = await scene.pair();
    const carol = await scene.device("carol");
    await carol.stock();
    const made = await alice.prepare(room, { add: await alice.claim(carol), remove: [] });
    const number = await accepted("the commit", alice.connection.publish(made.publication));
    await alice.group.apply(made.pending);
    await accepted("a message behind it", alice.say(room, "who follows me?"));
    same("the Welcome waits", (await carol.connection.queue()).length, 1);
    const complaint = { id: newId(), room, epoch: 2n, number, code: "path-secret", evidence: new Uint8Array(8) };
    await fails("no such commit", "invalid", () => bob.connection.complain({ ...complaint, number: 77n }));
    same("who made it", await alice.connection.complain({ ...complaint, id: newId() }), "kept");
    same("Bob's complaint", await bob.connection.complain(complaint), "rolled-back");
    same("said again", await bob.connection.complain(complaint), "rolled-back");
    const { items } = await bob.connection.fetch({ room, after: number - 1n });
    same(
      "the log",
      items.map((item) => [item.number, item.takesBack, item.message.length]),
      [
        [number, { number, epoch: 1n }, 0],
        [3n, { number: 3n, epoch: 1n }, 0],
        [4n, { number, epoch: 1n }, 0],
      ],
    );
    await fails("Carol was never in it", "not-found", () => carol.connection.fetch({ room, after: 0n }));
    same("her Welcome is gone", await carol.connection.queue(), []);
    await refused("Alice has gone on", "epoch", alice.say(room, "from a dead epoch"));
    same("what she published is not there", await alice.connection.publish(made.publication), {
      kind: "refused",
      reason: "epoch",
      epoch: 1n,
      head: 4n,
    });
    const next = await accepted("the room goes on", bob.commit(room));
    same("the old complaint is of another", await bob.connection.complain(complaint), "rolled-back");
    same(
      "the next commit stays",
      (await bob.connection.fetch({ room, after: 4n })).items.map((each) => each.number),
      [next],
    );
  },

  "keeps a commit that a second member has confirmed": async (scene) => {
    const [room, alice, bob, carol] = await scene.three();
    const number = await accepted("the commit", alice.commit(room));
    await alice.confirm(room);
    const complaint = { id: newId(), room, epoch: 2n, number, code: "path-secret", evidence: new Uint8Array(0) };
    same("one of two", await carol.connection.complain(complaint), "kept");
    same("the same once more", await carol.connection.complain({ ...complaint, id: newId() }), "kept");
    await bob.catchUp(room);
    const { epoch } = bob.group;
    const signature = new Uint8Array(64);
    await fails("a wrong signature", "invalid", () => bob.connection.confirm({ room, epoch, signature }));
    await fails("an epoch to come", "invalid", () => bob.connection.confirm({ room, epoch: epoch + 1n, signature }));
    await bob.confirm(room);
    await bob.confirm(room);
    same("too late", await bob.connection.complain({ ...complaint, id: newId() }), "kept");
    same("and for Carol", await carol.connection.complain({ ...complaint, id: newId() }), "kept");
    await accepted("the epoch goes on", bob.say(room, "here"));
  },

  "counts the word of another user alone, who was in the epoch before": async (scene) => {
    const [room, alice, bob, carol] = await scene.three();
    const laptop = await scene.device("carol", "laptop");
    await laptop.stock();
    const number = await accepted("her own device", carol.add(room, laptop));
    await laptop.join();
    await laptop.confirm(room);
    const complaint = { room, epoch: 2n, number, code: "path-open", evidence: new Uint8Array(0) };
    same("one", await alice.connection.complain({ id: newId(), ...complaint }), "kept");
    same("two", await bob.connection.complain({ id: newId(), ...complaint }), "rolled-back");
  },

  "insists on no proposal that two users can't take in": async (scene) => {
    const [room, alice, bob, carol] = await scene.three();
    const message = (await carol.group.leave()).slice();
    message[message.length - 1] = (message.at(-1) ?? 0) ^ 1; // the membership tag, which only members can check
    const number = await accepted("a leaving", carol.connection.publish({ id: newId(), room, message }));
    await refused("a commit without it", "pending", alice.commit(room));
    const { epoch } = alice.group;
    const complaint = { room, epoch, number, code: "membership-tag", evidence: message };
    same("the first", await alice.connection.complain({ ...complaint, id: newId() }), "kept");
    await refused("one user has said so", "pending", alice.commit(room));
    await carol.connection.complain({ ...complaint, id: newId() });
    await refused("who leaves does not count", "pending", alice.commit(room));
    same("the second", await bob.connection.complain({ ...complaint, id: newId() }), "kept");
    same("no joiner is told to hold it", (await bob.connection.groupInfo({ room })).proposals, []);
    await accepted("the room goes on", alice.commit(room));
  },

  "takes a commit back where two users say that they can't follow it": async (scene) => {
    const [room, alice, bob, carol] = await scene.three();
    const number = await accepted("the commit", alice.commit(room, { remove: [1] }));
    const complaint = { id: newId(), room, epoch: 2n, number, code: "path-secret", evidence: new Uint8Array(0) };
    await fails("who was removed", "not-allowed", () => bob.connection.complain(complaint));
    const dave = await scene.device("dave");
    await dave.stock();
    same("the only other one", await carol.connection.complain(complaint), "rolled-back");
    await accepted("Bob is in again", bob.say(room, "thanks"));
    same("Carol reads", await carol.catchUp(room), ["thanks"]);
  },

  "forgets items that everybody has, and those that are too old": async (scene) => {
    const { sweep, advance } = scene.subject;
    if (sweep === undefined) return skipped;
    const [room, alice, bob, carol] = await scene.three();
    for (const text of ["one", "two", "three"]) await accepted(text, alice.say(room, text)); // 2 to 4
    for (const device of [alice, bob]) await device.connection.acknowledge({ room, through: 4n });
    await sweep();
    same("Carol has not read", await numbersOf(room, carol), [2n, 3n, 4n]);
    await carol.connection.acknowledge({ room, through: 3n });
    await carol.connection.acknowledge({ room, through: 2n });
    await sweep();
    const page = await bob.connection.fetch({ room, after: 0n });
    same("what is left", [page.items.map(({ number }) => number), page.goneThrough], [[4n], 3n]);
    if (advance === undefined) return undefined;
    await advance(31 * 24 * 60 * 60 * 1000);
    await sweep();
    const later = await carol.connection.fetch({ room, after: 3n });
    same("too old", [later.items, later.goneThrough, later.head], [[], 4n, 4n]);
    return undefined;
  },
};
