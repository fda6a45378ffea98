/**
 * What a delivery service does for devices and users: signing in, queues, key packages, the directory, blobs, consent.
 */

import { cipherSuite } from "../../crypto/choose.ts";
import { signInChallenge } from "../../delivery/sign-in.ts";
import { createKeyPackage } from "../../group/joining/key-package-bundle.ts";
import { basic, createIdentity } from "../../public-group/identity.ts";
import { newId, signedIn, testGroups, type TestDevice } from "./device.ts";
import { fails, Listening, same, some, type DeliveryTests } from "./under-test.ts";

async function claimed(by: TestDevice, of: TestDevice, id: Uint8Array = newId()): Promise<Uint8Array | undefined> {
  const answer = await by.connection.claimKeyPackages({ id, user: of.user, cipherSuite: of.suite.id });
  return answer.find(({ device }) => device === of.uri)?.keyPackage;
}

async function keyPackageOf({ identity, clock }: TestDevice): Promise<Uint8Array> {
  const { registry = {} } = testGroups;
  return (await createKeyPackage({ identity, registry, clock })).keyPackage;
}

/** What waits, in short. */
async function waiting({ connection }: TestDevice): Promise<readonly unknown[]> {
  return (await connection.queue()).map((item) => {
    if (item.kind === "parcel") return [item.number, item.from, item.topic, item.bytes];
    return item.kind === "consent" ? [item.operation, item.from, item.room] : [item.kind];
  });
}

export const deviceTests: DeliveryTests = {
  "lets a device in by a signature of its own key": async (scene) => {
    const { delivery } = scene.subject;
    const alice = await scene.device("alice");
    const { identity, uri } = alice;
    await signedIn(delivery, uri, identity);
    const other = await createIdentity({ suite: cipherSuite(1), credential: basic(uri) });
    await fails("another key", "not-allowed", () => signedIn(delivery, uri, other));
    const forged = { ...identity, signer: other.signer };
    await fails("another's signature", "not-allowed", () => signedIn(delivery, uri, forged));
    const challenges: Uint8Array[] = [];
    const sign = async (challenge: Uint8Array): Promise<Uint8Array> => {
      const expected = signInChallenge(scene.subject.address, uri, challenge.subarray(-32));
      same("what is signed", challenge, expected);
      challenges.push(challenge);
      return identity.signer.sign(some(challenges[0]));
    };
    const again = { ...identity, signer: { sign } };
    await signedIn(delivery, uri, again);
    await fails("an old signature", "not-allowed", () => signedIn(delivery, uri, again));
    await fails("no device", "not-allowed", () => signedIn(delivery, alice.user, identity));
    const elsewhere = "mimi://elsewhere.org/d/alice/phone";
    await fails("a device of another service", "not-allowed", () => signedIn(delivery, elsewhere, identity));
  },

  "replaces a device's connection by the next one": async (scene) => {
    const alice = await scene.device("alice");
    const first = alice.connection;
    const listening = new Listening(first);
    const second = await signedIn(scene.subject.delivery, alice.uri, alice.identity);
    same("the first is told", await listening.first("closed"), { kind: "closed", reason: "replaced" });
    await fails("the first is over", "unreachable", () => first.queue());
    same("the second is not", await second.queue(), []);
    await second.close();
    await fails("closed", "unreachable", () => second.queue());
  },

  "finds a device that was opened from an older copy of its store": async (scene) => {
    const { delivery } = scene.subject;
    const { uri, identity } = await scene.device("alice");
    const open = (known: bigint, next: bigint, id = newId()): ReturnType<typeof signedIn> =>
      signedIn(delivery, uri, identity, { known, next, id });
    const id = newId();
    const connection = await open(0n, 5n, id);
    await (await open(0n, 5n, id)).queue(); // the answer was lost, and is said again
    await fails("it was used", "incarnation", () => open(0n, 5n, id));
    await fails("a copy of before", "incarnation", () => open(0n, 5n));
    await fails("a copy of long before", "incarnation", () => open(3n, 6n));
    await open(5n, 5n); // another connection of the same opening
    await open(5n, 6n);
    await fails("the opening before", "incarnation", () => open(5n, 5n));
    await fails("another of the opening before", "incarnation", () => open(5n, 6n));
    await fails("its connection", "unreachable", () => connection.queue());
  },

  "hands each key package out once, and the last resort where none is left": async (scene) => {
    const bob = await scene.device("bob");
    await bob.stock(3);
    const lastResort = await keyPackageOf(bob);
    same("three are left", await bob.connection.keyPackageCount({ cipherSuite: 1 }), 3);
    const others = await Promise.all(["a", "b", "c", "d", "e"].map((user) => scene.device(user)));
    const got = (await Promise.all(others.map((other) => claimed(other, bob)))).filter((each) => each !== undefined);
    same("three get one", got.length, 3);
    same("of another each", new Set(got.map(String)).size, 3);
    same("none is left", await bob.connection.keyPackageCount({ cipherSuite: 1 }), 0);
    same("nothing", await claimed(some(others[0]), bob), undefined);
    await bob.connection.publishKeyPackages({ id: newId(), keyPackages: [], lastResort });
    same("the last resort", await claimed(some(others[0]), bob), lastResort);
    same("again", await claimed(some(others[1]), bob), lastResort);
    same("it is not counted", await bob.connection.keyPackageCount({ cipherSuite: 1 }), 0);
    same(
      "of another suite",
      await some(others[0]).connection.claimKeyPackages({ id: newId(), user: bob.user, cipherSuite: 3 }),
      [{ device: bob.uri, keyPackage: undefined }],
    );
    await bob.stock(1);
    await bob.connection.publishKeyPackages({ id: newId(), keyPackages: [await keyPackageOf(bob)], replace: true });
    same("in place of all", await bob.connection.keyPackageCount({ cipherSuite: 1 }), 1);
    same("the new one", (await claimed(some(others[0]), bob)) === undefined, false);
    same("the last resort is gone, too", await claimed(some(others[0]), bob), undefined);
  },

  "answers a claim that is said again with the same key packages": async (scene) => {
    const [alice, bob] = [await scene.device("alice"), await scene.device("bob")];
    const tablet = await scene.device("bob", "tablet");
    await bob.stock(2);
    await tablet.stock(2);
    const claim = { id: newId(), user: bob.user, cipherSuite: 1 };
    const first = await alice.connection.claimKeyPackages(claim);
    same("both devices", first.map(({ device }) => device).sort(), [bob.uri, tablet.uri]);
    same("again", await alice.connection.claimKeyPackages(claim), first);
    same("one is gone", await bob.connection.keyPackageCount({ cipherSuite: 1 }), 1);
    await fails("another claim", "id-taken", () => alice.connection.claimKeyPackages({ ...claim, devices: [bob.uri] }));
    const one = await alice.connection.claimKeyPackages({ ...claim, id: newId(), devices: [tablet.uri] });
    same(
      "of one device",
      one.map(({ device }) => device),
      [tablet.uri],
    );
    const upload = { id: newId(), keyPackages: [await keyPackageOf(bob)] };
    await bob.connection.publishKeyPackages(upload);
    await bob.connection.publishKeyPackages(upload);
    same("an upload that is said again", await bob.connection.keyPackageCount({ cipherSuite: 1 }), 2);
    const other = { ...upload, keyPackages: [await keyPackageOf(bob)] };
    await fails("another upload", "id-taken", () => bob.connection.publishKeyPackages(other));
  },

  "takes a device's own key packages alone, and whole ones": async (scene) => {
    const [alice, bob] = [await scene.device("alice"), await scene.device("bob")];
    const own = await keyPackageOf(bob);
    const publish = (...keyPackages: readonly Uint8Array[]): Promise<void> =>
      bob.connection.publishKeyPackages({ id: newId(), keyPackages });
    await fails("another's", "not-allowed", async () => publish(await keyPackageOf(alice)));
    const { suite } = bob;
    const pretending = await createIdentity({ suite, credential: basic(bob.uri) });
    await fails("another key", "not-allowed", async () =>
      publish((await createKeyPackage({ identity: pretending, clock: bob.clock })).keyPackage),
    );
    await fails("half of one", "invalid", () => publish(own, own.subarray(0, own.length - 1)));
    const changed = new Uint8Array(own);
    changed[changed.length - 1] = (changed[changed.length - 1] ?? 0) ^ 1;
    await fails("a wrong signature", "invalid", () => publish(own, changed));
    await fails("a last resort of another", "not-allowed", async () =>
      bob.connection.publishKeyPackages({ id: newId(), keyPackages: [own], lastResort: await keyPackageOf(alice) }),
    );
    const { keyPackage: over } = await createKeyPackage({
      identity: bob.identity,
      lifetime: { notBefore: 0n, notAfter: 1_000n },
      clock: () => 500_000,
    });
    await fails("one whose time is over", "invalid", () => publish(over));
    same("nothing of it was taken", await bob.connection.keyPackageCount({ cipherSuite: 1 }), 0);
    await publish(own);
    same("a whole one", await bob.connection.keyPackageCount({ cipherSuite: 1 }), 1);
  },

  "carries parcels to the devices of one user, once and in order": async (scene) => {
    const [alice, bob] = [await scene.device("alice"), await scene.device("bob")];
    const tablet = await scene.device("bob", "tablet");
    const bytes = Uint8Array.of(1, 2, 3);
    const parcel = { id: newId(), to: bob.user, topic: "knock", bytes };
    await alice.connection.send(parcel);
    await alice.connection.send(parcel);
    await alice.connection.send({ id: newId(), to: tablet.uri, topic: "knock", bytes: Uint8Array.of(4) });
    const first = [1n, alice.uri, "knock", bytes];
    same("Bob's", await waiting(bob), [first]);
    same("his tablet's", await waiting(tablet), [first, [2n, alice.uri, "knock", Uint8Array.of(4)]]);
    await fails("another one", "id-taken", () => alice.connection.send({ ...parcel, topic: "link" }));
    await tablet.connection.acknowledgeQueue({ through: 1n });
    same("from a number on", (await tablet.connection.queue({ after: 1n })).length, 1);
    same(
      "what was acknowledged is gone",
      (await tablet.connection.queue()).map(({ number }) => number),
      [2n],
    );
    await alice.connection.send(parcel);
    same(
      "and does not come back",
      (await tablet.connection.queue()).map(({ number }) => number),
      [2n],
    );
    await fails("to nobody", "not-found", () => alice.connection.send({ ...parcel, id: newId(), to: "somebody" }));
    const told = new Listening(bob.connection);
    await alice.connection.send({ id: newId(), to: bob.user, topic: "knock", bytes });
    same("Bob is told", await told.first("queue"), { kind: "queue" });
    same("so many", (await bob.connection.queue({ limit: 1 })).length, 1);
    await tablet.connection.send({ id: newId(), to: bob.user, topic: "link", bytes });
    same(
      "not to oneself",
      (await tablet.connection.queue()).filter((each) => each.kind === "parcel" && each.topic === "link"),
      [],
    );
  },

  "keeps statements in their order, of a user's devices alone": async (scene) => {
    const [alice, bob] = [await scene.device("alice"), await scene.device("bob")];
    const { user } = alice;
    const publish = (number: bigint, ...statement: readonly number[]): Promise<unknown> =>
      alice.connection.publishStatement({ user, number, statement: Uint8Array.from(statement) });
    same("not the first", await publish(1n, 1), "number");
    same("the first", await publish(0n, 0), "accepted");
    same("again", await publish(0n, 0), "accepted");
    same("another first", await publish(0n, 9), "number");
    same("the second", await publish(1n, 1), "accepted");
    same("with a gap", await publish(3n, 3), "number");
    same("two at once", (await Promise.all([publish(2n, 2), publish(2n, 22)])).sort(), ["accepted", "number"]);
    const statement = new Uint8Array(1);
    await fails("another's", "not-allowed", () => bob.connection.publishStatement({ user, number: 3n, statement }));
    same(
      "from a number on",
      (await bob.connection.statements({ user, from: 1n })).map(({ number }) => number),
      [1n, 2n],
    );
    same("all", (await bob.connection.statements({ user })).length, 3);
    same("of nobody", await bob.connection.statements({ user: `${user}-never` }), []);
  },

  "keeps a blob of parts, of which some come twice": async (scene) => {
    const [alice, bob] = [await scene.device("alice"), await scene.device("bob")];
    const whole = Uint8Array.from({ length: 10 }, (_, i) => i);
    const blob = newId();
    const part = (offset: number, end: number): Promise<unknown> =>
      alice.connection.upload({ blob, size: 10, offset, bytes: whole.subarray(offset, end) });
    same("the first", await part(0, 4), { received: 4 });
    await fails("a gap", "invalid", () => part(6, 10));
    same("again", await part(0, 4), { received: 4 });
    same("how much is there", await part(0, 0), { received: 4 });
    await fails("not yet whole", "not-found", () => bob.connection.download({ blob, offset: 0, length: 4 }));
    await fails("another's blob", "id-taken", () =>
      bob.connection.upload({ blob, size: 10, offset: 4, bytes: whole.subarray(4) }),
    );
    await fails("of another size", "id-taken", () =>
      alice.connection.upload({ blob, size: 11, offset: 4, bytes: whole.subarray(4, 6) }),
    );
    await fails("behind its end", "invalid", () =>
      alice.connection.upload({ blob, size: 10, offset: 4, bytes: whole }),
    );
    same("over what is there", await part(2, 10), { received: 10 });
    same("all", await bob.connection.download({ blob, offset: 0, length: 10 }), whole);
    same("a range", await bob.connection.download({ blob, offset: 3, length: 2 }), Uint8Array.of(3, 4));
    same("at its end", await bob.connection.download({ blob, offset: 8, length: 9 }), Uint8Array.of(8, 9));
    same("behind it", await bob.connection.download({ blob, offset: 11, length: 1 }), new Uint8Array(0));
    await fails("another blob", "not-found", () => bob.connection.download({ blob: newId(), offset: 0, length: 1 }));
  },

  "keeps blocked users away, and tells them what it tells whom the user has not let": async (scene) => {
    const [alice, mallory] = [await scene.device("alice"), await scene.device("mallory")];
    await alice.stock(2);
    const block = { id: newId(), user: mallory.user, blocked: true };
    await alice.connection.block(block);
    await alice.connection.block(block);
    await fails("another", "id-taken", () => alice.connection.block({ ...block, blocked: false }));
    await fails("no key package", "no-consent", () => claimed(mallory, alice));
    same("they are still there", await alice.connection.keyPackageCount({ cipherSuite: 1 }), 2);
    await fails("no parcel", "no-consent", () =>
      mallory.connection.send({ id: newId(), to: alice.user, topic: "knock", bytes: new Uint8Array(1) }),
    );
    await mallory.connection.consent({ id: newId(), user: alice.user, operation: "request" });
    same("nothing came", await waiting(alice), []);
    await alice.connection.block({ id: newId(), user: mallory.user, blocked: false });
    same("no longer", (await claimed(mallory, alice)) === undefined, false);
    await mallory.connection.send({ id: newId(), to: alice.user, topic: "knock", bytes: new Uint8Array(1) });
    same("it comes", (await waiting(alice)).length, 1);
    await fails("oneself", "invalid", () => alice.connection.block({ id: newId(), user: alice.user, blocked: true }));
  },

  "lets nobody add whom its user has blocked": async (scene) => {
    const [room, mallory] = await scene.pair();
    const carol = await scene.device("carol");
    await carol.stock();
    const add = await mallory.claim(carol);
    await carol.connection.block({ id: newId(), user: mallory.user, blocked: true });
    const answer = await mallory.commit(room, { add });
    same("the commit", answer.kind === "refused" ? answer.code : answer.kind, "no-consent");
    same("nothing came", await waiting(carol), []);
  },

  "forgets what was asked by whom a user blocks": async (scene) => {
    const [alice, mallory] = [await scene.device("alice"), await scene.device("mallory")];
    const ask = (): Promise<void> =>
      mallory.connection.consent({ id: newId(), user: alice.user, operation: "request" });
    await ask();
    await mallory.connection.send({ id: newId(), to: alice.user, topic: "knock", bytes: new Uint8Array(1) });
    same("both came", (await waiting(alice)).length, 2);
    await alice.connection.block({ id: newId(), user: mallory.user, blocked: true });
    same("they are gone", await waiting(alice), []);
    await ask();
    await alice.connection.block({ id: newId(), user: mallory.user, blocked: false });
    same("nothing is told of what was asked meanwhile", await waiting(alice), []);
    await ask();
    same("what is asked now is", (await waiting(alice)).length, 1);
  },

  "lets who refused somebody be left alone, also where everybody may write": async (scene) => {
    const [alice, bob] = [await scene.device("alice"), await scene.device("bob")];
    await bob.connection.consent({ id: newId(), user: alice.user, operation: "revoke" });
    await fails("a claim", "no-consent", () => claimed(alice, bob));
    const bytes = new Uint8Array(1);
    await fails("a parcel", "no-consent", () =>
      alice.connection.send({ id: newId(), to: bob.user, topic: "knock", bytes }),
    );
    await bob.connection.consent({ id: newId(), user: alice.user, operation: "grant" });
    same("a claim", await claimed(alice, bob), undefined);
  },
};

export const consentTests: DeliveryTests = {
  "gives key packages and parcels to whom the user has consented alone": async (scene) => {
    const [alice, bob] = [await scene.device("alice"), await scene.device("bob")];
    await bob.stock(2);
    const bytes = new Uint8Array(1);
    const send = (): Promise<void> => alice.connection.send({ id: newId(), to: bob.user, topic: "knock", bytes });
    await fails("a claim", "no-consent", () => claimed(alice, bob));
    await fails("a parcel", "no-consent", send);
    await fails("of who is not there", "no-consent", () =>
      alice.connection.claimKeyPackages({ id: newId(), user: `${bob.user}-never`, cipherSuite: 1 }),
    );
    const request = { id: newId(), user: bob.user, operation: "request" } as const;
    await alice.connection.consent(request);
    await alice.connection.consent(request);
    await alice.connection.consent({ ...request, id: newId() });
    same("one request", await waiting(bob), [["request", alice.user, undefined]]);
    await fails("another under its id", "id-taken", () =>
      alice.connection.consent({ ...request, operation: "cancel" }),
    );
    await fails("asking is not enough", "no-consent", () => claimed(alice, bob));
    const grant = { id: newId(), user: alice.user, operation: "grant" } as const;
    await bob.connection.consent(grant);
    await bob.connection.consent(grant);
    same("Alice is told", await waiting(alice), [["grant", bob.user, undefined]]);
    same("a key package", (await claimed(alice, bob)) === undefined, false);
    await send();
    await bob.connection.consent({ id: newId(), user: alice.user, operation: "revoke" });
    same("nobody is told", (await waiting(alice)).length, 1);
    await fails("no longer", "no-consent", () => claimed(alice, bob));
    same("one is left", await bob.connection.keyPackageCount({ cipherSuite: 1 }), 1);
    await fails("oneself", "invalid", () => bob.connection.consent({ ...request, id: newId() }));
  },

  "knows consents of one room, and requests that are taken back": async (scene) => {
    const [alice, bob] = [await scene.device("alice"), await scene.device("bob")];
    await bob.stock(1);
    const room = "mimi://example.org/r/hiking";
    const ask = (operation: "request" | "cancel", ofRoom?: string): Promise<void> =>
      alice.connection.consent({
        id: newId(),
        user: bob.user,
        operation,
        ...(ofRoom === undefined ? {} : { room: ofRoom }),
      });
    await ask("request", room);
    await ask("cancel", room);
    await ask("cancel", room);
    same("both", await waiting(bob), [
      ["request", alice.user, room],
      ["cancel", alice.user, room],
    ]);
    await bob.connection.consent({ id: newId(), user: alice.user, operation: "grant", room });
    same("who has taken it back is not told", await waiting(alice), []);
    await fails("in general", "no-consent", () => claimed(alice, bob));
    const claim = { id: newId(), user: bob.user, cipherSuite: 1 };
    await fails("of another room", "no-consent", () =>
      alice.connection.claimKeyPackages({ ...claim, room: `${room}-2` }),
    );
    const [got] = await alice.connection.claimKeyPackages({ ...claim, room });
    same("of the room", got?.keyPackage === undefined, false);
  },

  "keeps a user's encrypted history, for the user's devices alone": async (scene) => {
    const [phone, tablet] = [await scene.device("alice"), await scene.device("alice", "tablet")];
    const bob = await scene.device("bob");
    const chain = new Uint8Array(16).fill(1);
    const records = [1, 2, 3].map((each) => Uint8Array.of(each));
    const put = (position: bigint, ...given: Uint8Array[]): Promise<string> =>
      phone.connection.putHistory({ chain, position, records: given });
    same("records", await put(0n, ...records), "kept");
    same("the same again", await put(1n, records[1]!, records[2]!), "kept");
    same("another at a place", await put(2n, Uint8Array.of(9), Uint8Array.of(4)), "fork");
    const read = { chain, below: 9n };
    same("all", await tablet.connection.history(read), records.toReversed());
    same("the last but one", await tablet.connection.history({ chain, below: 2n, limit: 1 }), [records[1]]);
    same("another user's", await bob.connection.history(read), []);
    const edge = Uint8Array.of(7);
    same("an edge", await tablet.connection.putHistoryEdge({ epoch: 5n, edge }), "kept");
    same("again", await phone.connection.putHistoryEdge({ epoch: 5n, edge }), "kept");
    same("another", await phone.connection.putHistoryEdge({ epoch: 5n, edge: Uint8Array.of(8) }), "fork");
    same("it", await phone.connection.historyEdge({ epoch: 5n }), { edge });
    same("of another epoch", await phone.connection.historyEdge({ epoch: 6n }), {});
    same("another user's edge", await bob.connection.historyEdge({ epoch: 5n }), {});
  },

  "gives a user's own devices what they ask for": async (scene) => {
    const [phone, tablet] = [await scene.device("alice"), await scene.device("alice", "tablet")];
    await tablet.stock();
    same("a key package", (await claimed(phone, tablet)) === undefined, false);
    await phone.connection.send({ id: newId(), to: phone.user, topic: "link", bytes: Uint8Array.of(7) });
    same("a parcel", await waiting(tablet), [[1n, phone.uri, "link", Uint8Array.of(7)]]);
  },
};
