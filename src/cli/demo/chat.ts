/**
 * The first part of the story: a group chat, from its first member to one that is removed.
 */

import { bytesEqual } from "../../bytes/compare.ts";
import { hex } from "../../bytes/text.ts";
import type { CipherSuiteParameters } from "../../crypto/suites/cipher-suites.ts";
import { Group } from "../../group/group.ts";
import { basic, createIdentity } from "../../public-group/identity.ts";
import { createKeyPackage } from "../../group/joining/key-package-bundle.ts";
import { trustAnyCredential } from "../../public-group/options/settings.ts";
import {
  member,
  moveTo,
  newPerson,
  refuses,
  say,
  showEpoch,
  textFrom,
  toOthers,
  type Participant,
  type Scene,
} from "./scene.ts";
import { legend } from "./tree-picture.ts";

/** Tell it. It leaves a group of three, and a thief with what a removed member knew. */
export async function tellChat(scene: Scene, { id, dh, aead, hash, signature }: CipherSuiteParameters): Promise<void> {
  scene.narrator.title("A group chat and a call that nobody else can read");
  scene.narrator.say(
    "",
    "All of this happens now, in this process: everybody is an object of their own, with",
    "keys of their own, and between them there is a server that carries bytes and reads",
    "none. Each line with a ✓ has just been verified.",
    "",
    `MLS (RFC 9420), cipher suite ${id}: ${dh}, ${aead}, ${hash.toUpperCase().replace("SHA", "SHA-")}, ${signature}`,
    `Cryptography by the provider "${scene.suite.provider}"; times are of the whole step, everybody together`,
  );
  await aliceBegins(scene);
  await othersAreAdded(scene);
  await messagesArrive(scene);
  await carolUpdates(scene);
  await daveJoins(scene);
  await bobIsRemoved(scene);
}

async function aliceBegins(scene: Scene): Promise<void> {
  const { narrator, options } = scene;
  narrator.chapter("Alice begins a group");
  const alice = await narrator.step("Alice makes her signature key", () => newPerson(scene, "Alice"));
  const group = await narrator.step("Alice creates the group", () =>
    Group.create({ ...options, identity: alice.identity }),
  );
  scene.members = [{ ...alice, group }];
  await showEpoch(scene);
}

async function othersAreAdded(scene: Scene): Promise<void> {
  const { narrator, options } = scene;
  const alice = member(scene, "Alice");
  narrator.chapter("Bob and Carol are added, in one commit");
  narrator.say(
    "A key package is what others need to add somebody: public keys, signed. A commit takes",
    "the whole group from one epoch to the next, with new keys. A welcome is for those who",
    "come: it lets them in.",
    "",
  );
  const people = await Promise.all(["Bob", "Carol"].map((name) => newPerson(scene, name)));
  const bundles = await narrator.step("Bob and Carol publish a key package each", () =>
    Promise.all(people.map(({ identity }) => createKeyPackage({ identity }))),
  );
  const pending = await narrator.step("Alice makes a commit that adds them", () =>
    alice.group.commit({ add: bundles.map(({ keyPackage }) => scene.server.carry(keyPackage)), path: true }),
  );
  await narrator.check("nothing has changed while the commit waits: Alice is still alone, in epoch 0", () => {
    return alice.group.epoch === 0n && alice.group.size === 1;
  });
  scene.server.carry(pending.commit);
  await narrator.step("the server accepts it, and Alice applies it", () => alice.group.apply(pending));
  const welcome = scene.server.carry(pending.welcome ?? new Uint8Array(0));
  const joined = await narrator.step("Bob and Carol join with the welcome", () =>
    Promise.all(
      people.map(async (person, i): Promise<Participant> => {
        const { identity } = person;
        return { ...person, group: await Group.join({ ...options, identity, welcome, keyPackages: [bundles[i]!] }) };
      }),
    ),
  );
  scene.members = [alice, ...joined];
  narrator.say(
    "",
    "The group's tree: its members at the bottom, and above them keys, each known to the",
    "members below it and to nobody else. The code is the epoch's: members who compare it",
    "know that nobody stands between them.",
    "",
    legend,
  );
  await showEpoch(scene);
}

async function messagesArrive(scene: Scene): Promise<void> {
  const { narrator } = scene;
  const [alice, bob, carol] = ["Alice", "Bob", "Carol"].map((name) => member(scene, name));
  narrator.chapter("Messages, which arrive as they like");
  const texts = ["Shall we meet on Friday?", "At six, by the fountain.", "Bring the maps."];
  const messages = await narrator.step(`Alice seals ${texts.length} messages`, async () => {
    const sealed: Uint8Array[] = [];
    for (const text of texts) sealed.push(await say(scene, alice!, text));
    return sealed;
  });
  const opened: (string | undefined)[][] = [];
  await narrator.step("they arrive as the third, the first, the second", async () => {
    for (const i of [2, 0, 1]) {
      const events = await toOthers(scene, alice, messages[i]!);
      opened.push(events.map((event) => textFrom(event, alice!)));
    }
  });
  await narrator.check("Bob and Carol have read all three, out of order, and know that Alice wrote them", () =>
    [2, 0, 1].every((i, turn) => opened[turn]?.length === 2 && opened[turn].every((text) => text === texts[i])),
  );
  await narrator.check("a message opens once: the key of one that was read is gone", () =>
    refuses("private-message-open", () => bob!.group.receive(messages[0]!)),
  );
  const reply = await narrator.step("Bob replies", () => say(scene, bob!, "I'll be there, with the maps."));
  await narrator.check(
    "with one bit changed on the way it is refused, and Carol's state stays byte for byte as it was",
    async () => {
      const before = carol!.group.snapshot();
      const changed = reply.slice();
      changed[changed.length - 20]! ^= 1;
      const refused = await refuses("private-message-open", () => carol!.group.receive(changed));
      return refused && bytesEqual(carol!.group.snapshot(), before);
    },
  );
  await narrator.check("as Bob sent it, it opens", async () => {
    const events = await toOthers(scene, bob, reply);
    return events.every((event) => textFrom(event, bob!) === "I'll be there, with the maps.");
  });
}

async function carolUpdates(scene: Scene): Promise<void> {
  const { narrator } = scene;
  const [alice, bob, carol] = ["Alice", "Bob", "Carol"].map((name) => member(scene, name));
  narrator.chapter("Carol takes fresh keys");
  narrator.say("Whoever may have copied her old ones is shut out again. She proposes, and Bob commits.", "");
  const late = await say(scene, alice!, "This one takes the slow road.");
  const before = carol!.group.self.encryptionKey;
  const proposal = await narrator.step("Carol proposes an update", () => carol!.group.propose({ update: {} }));
  await toOthers(scene, carol, proposal);
  const pending = await narrator.step("Bob commits it", () => bob!.group.commit());
  await narrator.step("the others follow", () => toOthers(scene, bob, pending.commit));
  await bob!.group.apply(pending);
  await showEpoch(scene);
  await narrator.check("Carol has another key than before, and everybody knows the new one", () => {
    const { leafIndex, encryptionKey } = carol!.group.self;
    return (
      !bytesEqual(encryptionKey, before) &&
      scene.members.every(({ group }) => bytesEqual(group.member(leafIndex)!.encryptionKey, encryptionKey))
    );
  });
  await narrator.check("a message of Alice's from the epoch before, which arrives only now, still opens", async () => {
    const events = await toOthers(scene, alice, late);
    return events.every((event) => textFrom(event, alice!) === "This one takes the slow road.");
  });
}

async function daveJoins(scene: Scene): Promise<void> {
  const { narrator, options, suite } = scene;
  const bob = member(scene, "Bob");
  narrator.chapter("Dave joins from outside");
  narrator.say("Nobody adds him: the group has published how to join, and Dave makes the commit himself.", "");
  const said = await say(scene, bob, "Dave is not here yet, is he?");
  await toOthers(scene, bob, said);
  const groupInfo = scene.server.carry(await narrator.step("Bob publishes a group info", () => bob.group.groupInfo()));
  await narrator.check("somebody who calls herself Carol tries first, and everybody refuses her", async () => {
    const identity = await createIdentity({ suite, credential: basic("Carol") });
    const { commit } = await Group.joinExternally({ authentication: trustAnyCredential, identity, groupInfo });
    const refusals = scene.members.map(({ group }) => refuses("credential-invalid", () => group.receive(commit)));
    return (await Promise.all(refusals)).every(Boolean) && scene.members.every(({ group }) => group.epoch === 2n);
  });
  const dave = await newPerson(scene, "Dave");
  const join = await narrator.step("Dave makes an external commit", () =>
    Group.joinExternally({ ...options, identity: dave.identity, groupInfo }),
  );
  await narrator.step("the others let him in", () => toOthers(scene, undefined, join.commit));
  scene.members = [...scene.members, { ...dave, group: await join.complete() }];
  await showEpoch(scene);
  await narrator.check("Dave can't read what was said before he came", () =>
    refuses("epoch-unavailable", () => member(scene, "Dave").group.receive(said)),
  );
  await narrator.check("what is said from now on he can", async () => {
    const message = await say(scene, bob, "There he is. Welcome!");
    const events = await toOthers(scene, bob, message);
    return events.every((event) => textFrom(event, bob) === "There he is. Welcome!");
  });
}

async function bobIsRemoved(scene: Scene): Promise<void> {
  const { narrator } = scene;
  const [alice, bob] = ["Alice", "Bob"].map((name) => member(scene, name));
  const dave = member(scene, "Dave");
  narrator.chapter("Bob's phone is stolen, and Alice removes Bob");
  narrator.say(
    "The thief copies all that the phone had stored, its keys too, and sees all that the",
    "server sees. After the removal, every key above Bob's empty place is new or gone.",
    "",
  );
  const snapshot = bob!.group.snapshot();
  const last = await say(scene, dave, "Has anybody seen Bob?");
  await toOthers(scene, dave, last);
  const pending = await narrator.step("Alice commits Bob's removal", () =>
    alice!.group.commit({ remove: [bob!.group.self.leafIndex] }),
  );
  const events = await narrator.step("the others follow", () => toOthers(scene, alice, pending.commit));
  await alice!.group.apply(pending);
  scene.members = scene.members.filter((participant) => participant !== bob);
  await showEpoch(scene);
  await narrator.check("Bob's phone is told so, and wipes its keys: it can send nothing any more", async () => {
    const told = events.filter(({ kind }) => kind === "removed").length === 1 && bob!.group.isGone;
    return told && (await refuses("group-gone", () => bob!.group.seal(new Uint8Array(1))));
  });

  const text = "Bob's phone was stolen. New meeting point: the old mill.";
  const message = await say(scene, alice!, text);
  await narrator.check("Carol and Dave read what Alice writes now", async () => {
    const received = await toOthers(scene, alice, message);
    return received.length === 2 && received.every((event) => textFrom(event, alice!) === text);
  });

  narrator.say("", "Now the thief, with the copy:", "");
  const stolen = (): Promise<Group> => Group.restore({ ...scene.options, identity: bob!.identity, snapshot });
  const copy = await narrator.step("the thief brings the copy to life", stolen);
  await narrator.check("the copy works: it opens a message from before the removal", async () => {
    const event = await copy.receive(last);
    return textFrom(event, dave) === "Has anybody seen Bob?";
  });
  await narrator.check(
    "it has no keys for the new message: all that it sees is that it is of a later epoch",
    async () => {
      const event = await copy.receive(message);
      return event.kind === "later" && event.epoch === 4n;
    },
  );
  await narrator.check("given the commit, it learns that it is out", async () => {
    const event = await copy.receive(pending.commit);
    return event.kind === "removed" && copy.isGone;
  });
  const group = await stolen();
  scene.thief = { person: bob!, snapshot, group };
  await narrator.step("so the thief makes a commit of its own, to reach epoch 4 alone", () => moveTo(group, 4n));
  await narrator.check("the removed member cannot read what follows: in epoch 4 its keys open nothing", async () => {
    return group.epoch === 4n && (await refuses("private-message-open", () => group.receive(message)));
  });
  await narrator.check("its secrets are others than the group's", () => {
    const [own, theirs] = [group, alice!.group].map((side) => hex(side.exportSecret("demo", new Uint8Array(0), 32)));
    return own !== theirs;
  });
}
