/**
 * What a delivery service does with rooms: one order, one commit an epoch, for members alone.
 */

import { selfRemoval } from "../../extensions/self-remove.ts";
import { Group } from "../../group/group.ts";
import type { Published } from "../../delivery/delivery.ts";
import { hostOf, roomUri } from "../../rooms/uri.ts";
import { newId } from "./device.ts";
import { accepted, flipped, headOf, numbersOf, refused } from "./published.ts";
import { fails, Listening, same, some, type DeliveryTests } from "./under-test.ts";

export const roomTests: DeliveryTests = {
  "devices begin a room, add each other, and talk in one order": async (scene) => {
    const [room, alice, bob, carol] = await scene.three();
    const [first, second] = [await alice.sealed(room, "hello"), await bob.sealed(room, "hi")];
    same("the first", await accepted("the first", alice.connection.publish(first)), 2n);
    same("the second", await accepted("the second", bob.connection.publish(second)), 3n);
    same("what Carol reads", await carol.catchUp(room), ["hello", "hi"]);
    const { items, head, goneThrough } = await carol.connection.fetch({ room, after: 1n });
    same(
      "the log",
      [items.map(({ message }) => message), head, goneThrough],
      [[first.message, second.message], 3n, 0n],
    );
    same("from a number on", await numbersOf(room, carol, 2n), [3n]);
    same("so many", (await carol.connection.fetch({ room, after: 1n, limit: 1 })).items.length, 1);
    same("behind the end", (await carol.connection.fetch({ room, after: 9n })).items, []);
  },

  "accepts one of two commits of one epoch, in every order, and tells the other": async (scene) => {
    for (const order of ["alice first", "bob first", "both at once"] as const) {
      const [room, [alice, bob]] = await scene.room(
        `alice-${order.replaceAll(" ", "-")}`,
        `bob-${order.replaceAll(" ", "-")}`,
      );
      const made = [await some(alice).prepare(room), await some(bob).prepare(room)] as const;
      const [ofAlice, ofBob] = [some(alice).connection, some(bob).connection];
      const publish = [() => ofAlice.publish(made[0].publication), () => ofBob.publish(made[1].publication)] as const;
      const answers: Published[] = [];
      if (order === "both at once") answers.push(...(await Promise.all([publish[0](), publish[1]()])));
      else if (order === "alice first") answers.push(await publish[0](), await publish[1]());
      else answers.push(await publish[1](), await publish[0]());
      same(order, answers.map(({ kind }) => kind).sort(), ["accepted", "refused"]);
      const loser = answers.find(({ kind }) => kind === "refused");
      same("the loser is told", loser, { kind: "refused", reason: "epoch", epoch: 2n, head: 2n });
      same("one item", (await numbersOf(room, some(bob), 1n)).length, 1);
    }
  },

  "accepts exactly one of many commits, proposals among them": async (scene) => {
    const users = ["a", "b", "c", "d", "e"].map((name) => `racer-${name}`);
    const [room, devices] = await scene.room(...users);
    for (let round = 0; round < 3; round++) {
      const head = await headOf(room, some(devices[0]));
      const made = await Promise.all(devices.map((device) => device.prepare(room)));
      const said = await Promise.all(devices.map((device) => device.sealed(room, "meanwhile")));
      const publications = made.flatMap((each, i) => [each.publication, some(said[i])]);
      const answers = await Promise.all(
        publications.map((publication, i) => some(devices[i >> 1]).connection.publish(publication)),
      );
      const commits = answers.filter((_, i) => i % 2 === 0);
      same("accepted commits", commits.filter(({ kind }) => kind === "accepted").length, 1);
      same(
        "every message",
        answers.filter((each, i) => i % 2 === 1 && each.kind === "accepted").length,
        devices.length,
      );
      const numbers = answers.flatMap((each) => (each.kind === "accepted" ? [each.number] : []));
      same(
        "numbers",
        [...numbers].sort((a, b) => Number(a - b)),
        numbers.map((_, i) => head + 1n + BigInt(i)),
      );
      const winner = commits.findIndex(({ kind }) => kind === "accepted");
      for (const [i, device] of devices.entries()) {
        const { items } = await device.connection.fetch({ room, after: head });
        for (const { number, message } of items) {
          device.read = number;
          await device.group.receive(message);
        }
        same(`the epoch of ${String(i)} behind ${String(winner)}`, device.group.epoch, some(devices[0]).group.epoch);
      }
    }
  },

  "answers what is said again as the first time, whatever the room is now": async (scene) => {
    const [room, alice, bob, carol] = await scene.three();
    const message = await bob.sealed(room, "once");
    const proposal = { id: newId(), room, message: await bob.group.propose({ custom: selfRemoval }) };
    const answers = [await bob.connection.publish(message), await bob.connection.publish(proposal)];
    same(
      "accepted",
      answers.map(({ kind }) => kind),
      ["accepted", "accepted"],
    );
    await alice.catchUp(room);
    const { publication, pending } = await alice.prepare(room);
    const answer = await alice.connection.publish(publication);
    await alice.group.apply(pending);
    await carol.catchUp(room);
    await carol.confirm(room);
    await accepted("another commit", alice.commit(room));
    same("the commit", await alice.connection.publish(publication), answer);
    same("the others", [await bob.connection.publish(message), await bob.connection.publish(proposal)], answers);
    same("the log", await numbersOf(room, carol), [2n, 3n, 4n, 5n]);
    await fails("another message", "id-taken", () =>
      alice.connection.publish({ ...publication, message: message.message }),
    );
    const other = { groupInfo: await alice.groupInfo() };
    await fails("another GroupInfo", "id-taken", () => alice.connection.publish({ ...publication, commit: other }));
    await accepted(
      "one's own id",
      carol
        .catchUp(room)
        .then(async () => carol.connection.publish({ ...(await carol.sealed(room, "mine")), id: message.id })),
    );
    same(
      "both at once",
      new Set(
        (await Promise.all([0, 1, 2].map(async () => alice.connection.publish(publication)))).map((each) =>
          JSON.stringify(each, (_, v: unknown) => (typeof v === "bigint" ? Number(v) : v)),
        ),
      ).size,
      1,
    );
  },

  "answers the same message, said several times at once, with one number": async (scene) => {
    const [room, alice, bob] = await scene.pair();
    const commit = (await alice.prepare(room)).publication;
    const message = await bob.sealed(room, "once");
    for (const [publication, { connection }] of [
      [message, bob],
      [commit, alice],
    ] as const) {
      const answers = await Promise.all([0, 1, 2, 3].map(() => connection.publish(publication)));
      const numbers = answers.map((each) => (each.kind === "accepted" ? each.number : each.reason));
      same("numbers", new Set(numbers).size, 1);
    }
    same("the log", (await numbersOf(room, bob, 1n)).length, 2);
  },

  "takes messages of the epoch before from members, for a short while": async (scene) => {
    const [room, alice, bob, carol] = await scene.three();
    const late = [await bob.sealed(room, "late"), await bob.sealed(room, "later"), await bob.sealed(room, "too late")];
    const ofCarol = await carol.sealed(room, "from outside");
    await accepted("a commit", alice.commit(room, { remove: [2] }));
    await accepted("late", bob.connection.publish(some(late[0])));
    await refused("of who was removed", "not-member", carol.connection.publish(ofCarol));
    await scene.subject.advance?.(10 * 60 * 1000);
    if (scene.subject.advance !== undefined) {
      await refused("much later", "epoch", bob.connection.publish(some(late[1])));
    }
    await bob.catchUp(room);
    await bob.confirm(room);
    await accepted("another commit", alice.commit(room));
    await refused("two epochs late", "epoch", bob.connection.publish(some(late[2])));
    const early = await alice.sealed(room, "in an epoch that there is");
    await accepted("of the current epoch", alice.connection.publish(early));
  },

  "takes proposals and commits of the current epoch alone": async (scene) => {
    const [room, alice, bob] = await scene.pair();
    const proposal = await bob.group.propose({ custom: selfRemoval });
    await accepted("a commit", alice.commit(room));
    const answer = await refused(
      "of the epoch before",
      "epoch",
      bob.connection.publish({ id: newId(), room, message: proposal }),
    );
    same("what it is told", answer, { kind: "refused", reason: "epoch", epoch: 2n, head: 2n });
    const ahead = await alice.prepare(room);
    await alice.group.apply(ahead.pending);
    const next = await alice.prepare(room);
    await refused("of a later epoch", "epoch", alice.connection.publish(next.publication));
    const soon = await alice.sealed(room, "of a later epoch");
    await refused("a message of a later epoch", "epoch", alice.connection.publish(soon));
  },

  "has a commit hold what waits: who leaves is not kept": async (scene) => {
    const [room, alice, bob, carol] = await scene.three();
    const before = await alice.prepare(room);
    const late = await bob.sealed(room, "still here?");
    await accepted("leaving", bob.connection.publish({ id: newId(), room, message: await bob.group.leave() }));
    await refused("without it", "pending", alice.connection.publish(before.publication));
    const made = await carol.connection.groupInfo({ room });
    same("for joiners", made.proposals.length, 1);
    before.pending.drop();
    await alice.catchUp(room);
    await accepted("with it", alice.commit(room));
    await refused("Bob is out", "not-member", bob.connection.publish(late));
  },

  "gives a device what is between its joining and its leaving": async (scene) => {
    const [room, [alice, bob]] = await scene.room("alice", "bob");
    const carol = await scene.device("carol");
    await carol.stock(2);
    const [a, b] = [some(alice), some(bob)];
    await accepted("before", a.say(room, "before Carol")); // 2
    await accepted("adding", a.add(room, carol)); // 3
    await carol.join();
    await accepted("with her", a.say(room, "with Carol")); // 4
    const leaf = 2;
    await b.catchUp(room);
    await b.confirm(room);
    await accepted("removing", a.commit(room, { remove: [leaf] })); // 5
    await accepted("after", a.say(room, "after Carol")); // 6
    same("Carol's", await numbersOf(room, carol), [4n, 5n]);
    same("Carol's end", await headOf(room, carol), 5n);
    same("Bob's", await numbersOf(room, b), [2n, 3n, 4n, 5n, 6n]);
    same("Alice's", await numbersOf(room, a), [1n, 2n, 3n, 4n, 5n, 6n]);
    same("what has changed for her", await carol.connection.changed(), [{ room, head: 5n }]);
    await carol.connection.acknowledge({ room, through: 5n });
    same("nothing is left", await carol.connection.changed(), []);
    await fails("behind her end", "invalid", () => carol.connection.acknowledge({ room, through: 6n }));
    await b.catchUp(room);
    await b.confirm(room);
    await accepted("adding again", a.add(room, carol)); // 7
    await carol.join();
    await accepted("with her again", a.say(room, "again")); // 8
    same("both times", await numbersOf(room, carol), [4n, 5n, 8n]);
    same("what has changed", await carol.connection.changed(), [{ room, head: 8n }]);
  },

  "tells a stranger of a room what it tells of one that was never there": async (scene) => {
    const [room, alice] = await scene.pair();
    const mallory = await scene.device("mallory");
    const never = roomUri(hostOf(room), "never-there");
    for (const name of [room, never]) {
      await fails("fetch", "not-found", () => mallory.connection.fetch({ room: name, after: 0n }));
      await fails("acknowledge", "not-found", () => mallory.connection.acknowledge({ room: name, through: 1n }));
      await fails("groupInfo", "not-found", () => mallory.connection.groupInfo({ room: name }));
      await fails("whisper", "not-found", () => mallory.connection.whisper({ room: name, bytes: new Uint8Array(1) }));
      const signature = new Uint8Array(64);
      await fails("confirm", "not-found", () => mallory.connection.confirm({ room: name, epoch: 1n, signature }));
      const complaint = { id: newId(), room: name, epoch: 1n, number: 1n, code: "x", evidence: signature };
      await fails("complain", "not-found", () => mallory.connection.complain(complaint));
      const message = await alice.sealed(room, "another's");
      same("message", await mallory.connection.publish({ ...message, room: name }), {
        kind: "refused",
        reason: "no-room",
      });
      const { publication, pending } = await alice.prepare(room);
      same("commit", await mallory.connection.publish({ ...publication, room: name }), {
        kind: "refused",
        reason: "no-room",
      });
      pending.drop();
      const { groupInfo, ratchetTree } = { groupInfo: await alice.groupInfo(), ratchetTree: alice.group.ratchetTree() };
      const { identity } = mallory;
      const join = await Group.joinExternally({ ...mallory.options, identity, groupInfo, ratchetTree });
      const commit = { groupInfo: await join.groupInfo({ ratchetTree: false }) };
      const external = { id: newId(), room: name, message: join.commit, commit };
      same("external commit", await mallory.connection.publish(external), { kind: "refused", reason: "no-room" });
    }
    same("what has changed", await mallory.connection.changed(), []);
  },

  "publishes nothing in another's name": async (scene) => {
    const [room, alice, bob] = await scene.pair();
    const { publication, pending } = await alice.prepare(room);
    const stolen = await refused("a commit", "invalid", bob.connection.publish(publication));
    same("its code", stolen.kind === "refused" && stolen.code, "not-the-sender");
    pending.drop();
    const proposal = await alice.group.leave();
    await refused("a proposal", "invalid", bob.connection.publish({ id: newId(), room, message: proposal }));
    same("the log", await headOf(room, bob), 1n);
  },

  "refuses what is not whole, or not of the room": async (scene) => {
    const [room, alice, bob] = await scene.pair();
    const [other, [carol]] = await scene.room("carol");
    const { publication, pending } = await alice.prepare(room);
    const { message } = publication;
    const commit = some(publication.commit);
    const send = (change: object): Promise<Published> =>
      alice.connection.publish({ ...publication, id: newId(), ...change });
    await refused("nothing", "invalid", send({ message: new Uint8Array(0) }));
    await refused("half of it", "invalid", send({ message: message.subarray(0, message.length >> 1) }));
    await refused("more behind it", "invalid", send({ message: Uint8Array.of(...message, 0) }));
    await refused("a changed one", "invalid", send({ message: flipped(message, -70) }));
    await refused("a GroupInfo", "invalid", send({ message: commit.groupInfo }));
    await refused("no GroupInfo", "invalid", alice.connection.publish({ id: newId(), room, message }));
    await refused("half a GroupInfo", "invalid", send({ commit: { groupInfo: commit.groupInfo.subarray(1) } }));
    await refused("a GroupInfo of this epoch", "invalid", send({ commit: { groupInfo: await alice.groupInfo() } }));
    await refused("a forged GroupInfo", "invalid", send({ commit: { groupInfo: flipped(commit.groupInfo, -1) } }));
    await refused("with a Welcome", "invalid", send({ commit: { ...commit, welcome: message } }));
    const foreign = await some(carol).sealed(other, "elsewhere");
    await refused("a message of another group", "invalid", alice.connection.publish({ ...foreign, id: newId(), room }));
    const foreignCommit = await some(carol).prepare(other);
    await refused("a commit of another group", "invalid", send({ message: foreignCommit.publication.message }));
    const private_ = await bob.sealed(room, "with a GroupInfo");
    await refused("a message with a GroupInfo", "invalid", bob.connection.publish({ ...private_, commit }));
    same("nothing of it is there", await headOf(room, bob), 1n);
    await accepted("the commit itself", alice.connection.publish(publication));
    await alice.group.apply(pending);
    same("Bob follows", await bob.catchUp(room), []);
  },

  "tells connected members that a room has more, and nobody else": async (scene) => {
    const [room, alice, bob] = await scene.pair();
    const mallory = await scene.device("mallory");
    const [bobs, mallorys] = [new Listening(bob.connection), new Listening(mallory.connection)];
    await accepted("a message", alice.say(room, "hello"));
    same("Bob is told", await bobs.first("room"), { kind: "room", room, head: 2n });
    await alice.connection.whisper({ room, bytes: Uint8Array.of(1, 2, 3) });
    const whisper = await bobs.first("whisper");
    same("a whisper", whisper, { kind: "whisper", room, from: alice.uri, bytes: Uint8Array.of(1, 2, 3) });
    same("Mallory is not", mallorys.news, []);
  },

  "begins a room once, of its creator alone": async (scene) => {
    const alice = await scene.device("alice");
    const bob = await scene.device("bob");
    const room = roomUri(hostOf(scene.subject.address), "once");
    await alice.create(room);
    const groupInfo = await alice.groupInfo();
    const ratchetTree = alice.group.ratchetTree();
    const id = newId();
    const other = roomUri(hostOf(room), "another");
    await fails("again", "not-allowed", () => alice.connection.createRoom({ id, room, groupInfo, ratchetTree }));
    await alice.connection.createRoom({ id, room: other, groupInfo, ratchetTree });
    await alice.connection.createRoom({ id, room: other, groupInfo, ratchetTree });
    const without = await alice.group.groupInfo({ ratchetTree: false, externalPub: false });
    await fails("another room", "id-taken", () =>
      alice.connection.createRoom({ id, room: other, groupInfo: without, ratchetTree }),
    );
    const third = roomUri(hostOf(room), "third");
    await fails("another's group", "invalid", () =>
      bob.connection.createRoom({ id, room: third, groupInfo, ratchetTree }),
    );
    await fails("elsewhere", "not-allowed", () =>
      alice.connection.createRoom({ id, room: "mimi://elsewhere.org/r/x", groupInfo, ratchetTree }),
    );
    await fails("half", "invalid", () =>
      alice.connection.createRoom({ id, room: third, groupInfo: groupInfo.subarray(3), ratchetTree }),
    );
    await fails("a forged one", "invalid", () =>
      alice.connection.createRoom({ id, room: third, groupInfo: flipped(groupInfo, -1), ratchetTree }),
    );
    await fails("another tree", "invalid", () =>
      alice.connection.createRoom({ id, room: third, groupInfo, ratchetTree: flipped(ratchetTree, -1) }),
    );
  },
};
