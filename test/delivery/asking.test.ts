/**
 * What a hostile client asks about users, reports and its own devices: each refusal by what would come of it without.
 */

import { describe, expect, it, vi } from "vitest";
import { createKeyPackage, basic, cipherSuite, createIdentity } from "../../src/index.ts";
import type { ConsentEntry } from "../../src/delivery/delivery.ts";
import { DeliveryError } from "../../src/delivery/errors.ts";
import { newId, signedIn, type TestDevice } from "../../src/testing/delivery/device.ts";
import { address, TestWorld } from "./world.ts";

const bytes = Uint8Array.of(1, 2, 3);
const ids = (): { readonly id: Uint8Array } => ({ id: newId() });

describe("consent", () => {
  const asks = (by: TestDevice, entry: Omit<ConsentEntry, "id">): Promise<void> =>
    by.connection.consent({ ...ids(), ...entry });

  it("is about another user, and a room or none", async () => {
    const world = new TestWorld();
    const alice = await world.device("alice");
    const operation = "grant";
    for (const user of ["bob", "", alice.uri, `${address}/r/room`, alice.user])
      await expect(asks(alice, { user, operation }), user).rejects.toMatchObject({ detail: "no other user" });
    const user = `${address}/u/bob`;
    for (const room of ["", "room", user, "a b"])
      await expect(asks(alice, { user, operation, room }), room).rejects.toMatchObject({ detail: "no room" });
    for (const each of ["bob", "", alice.uri, alice.user])
      await expect(alice.connection.block({ ...ids(), user: each, blocked: true }), each).rejects.toMatchObject({
        detail: "no other user",
      });
  });

  it("by contacts is for those who are: others neither write nor ask, and none is kept of who is not there", async () => {
    let areContacts = false;
    const world = new TestWorld({ consent: { areContacts: () => areContacts } });
    const [alice, bob] = [await world.device("alice"), await world.device("bob")];
    const request = { user: bob.user, operation: "request" } as const;
    const send = (): Promise<void> => alice.connection.send({ ...ids(), to: bob.user, topic: "knock", bytes });
    const noConsent = { code: "no-consent" };
    await expect(send()).rejects.toMatchObject(noConsent);
    await expect(asks(alice, request)).rejects.toMatchObject(noConsent);
    await asks(bob, { user: alice.user, operation: "revoke" });
    expect(await bob.connection.queue()).toEqual([]);
    areContacts = true;
    await expect(send(), "whom the user refuses is no contact of it").rejects.toMatchObject(noConsent);
    await asks(alice, request);
    await asks(alice, { ...request, user: `${address}/u/nobody` });
    expect(await world.port.users.consent(`${address}/u/nobody`, alice.user, "")).toBeUndefined();
    expect((await bob.connection.queue()).map(({ kind }) => kind)).toEqual(["consent"]);
  });

  it("in general is refused as a whole, and given about one room beside that", async () => {
    const world = new TestWorld();
    const [alice, bob] = [await world.device("alice"), await world.device("bob")];
    const room = `${address}/r/one`;
    const claim = (about?: string): Promise<unknown> =>
      alice.connection.claimKeyPackages({
        ...ids(),
        user: bob.user,
        cipherSuite: 1,
        ...(about !== undefined && { room: about }),
      });
    await asks(bob, { user: alice.user, operation: "revoke", room });
    await expect(claim(room)).rejects.toMatchObject({ code: "no-consent" });
    await claim();
    await asks(bob, { user: alice.user, operation: "revoke" });
    await expect(claim()).rejects.toMatchObject({ code: "no-consent" });
    await expect(claim(`${address}/r/two`)).rejects.toMatchObject({ code: "no-consent" });
    await asks(bob, { user: alice.user, operation: "grant", room });
    await claim(room);
    await expect(claim()).rejects.toMatchObject({ code: "no-consent" });
  });

  it("is announced to whoever has asked, and neither taken back aloud nor told unasked", async () => {
    const world = new TestWorld({ consent: "opt-in" });
    const [alice, bob] = [await world.device("alice"), await world.device("bob")];
    const heard = async (): Promise<readonly unknown[]> =>
      (await alice.connection.queue()).map((item) => item.kind === "consent" && item.operation);
    const about = { user: alice.user };
    await asks(bob, { ...about, operation: "grant" });
    expect(await heard(), "unasked").toEqual([]);
    await asks(bob, { ...about, operation: "revoke" });
    await asks(alice, { user: bob.user, operation: "request" });
    await asks(bob, { ...about, operation: "revoke" });
    expect(await heard(), "taken back").toEqual([]);
    await asks(alice, { user: bob.user, operation: "request" });
    await asks(bob, { ...about, operation: "grant" });
    expect(await heard()).toEqual(["grant"]);
  });
});

describe("who is let in again", () => {
  it("is out of nothing by it", async () => {
    const world = new TestWorld();
    const alice = await world.device("alice");
    await world.delivery.shutOut(alice.user, false);
    expect(await alice.connection.changed()).toEqual([]);
  });
});

describe("a report", () => {
  it("is by who has been in the room, once, and as much as is kept", async () => {
    const world = new TestWorld({ limits: { reportBytes: 3, reportBytesOfUser: 4 } });
    const { room, alice, bob } = await world.pair();
    const mallory = await world.device("mallory");
    const report = (by: TestDevice, given: object = {}): Promise<void> =>
      by.connection.report({ ...ids(), room, report: bytes, ...given });
    const notFound = { code: "not-found" };
    await expect(report(mallory)).rejects.toMatchObject(notFound);
    for (const other of ["", "room", `${address}/r/never`, alice.user])
      await expect(report(bob, { room: other }), other).rejects.toMatchObject(notFound);
    await expect(report(bob, { report: new Uint8Array(4) })).rejects.toMatchObject({ code: "too-large" });
    const given = ids();
    await report(bob, given);
    await report(bob, given);
    await expect(report(bob, { ...given, report: bytes.subarray(1) })).rejects.toMatchObject({ code: "id-taken" });
    await expect(report(bob, { report: bytes.subarray(1) })).rejects.toMatchObject({ code: "too-large" });
    world.now++;
    await report(alice);
    expect((await world.delivery.reports()).map(({ user }) => user)).toEqual([bob.user, alice.user]);
  });

  it("is told once, and stored where whoever is told can't hear it", async () => {
    const told: Uint8Array[] = [];
    const world = new TestWorld({
      onReport: (report) => {
        told.push(report.bytes);
        report.bytes.fill(0);
        throw new Error("away");
      },
    });
    const { room, bob } = await world.pair();
    const given = { ...ids(), room, report: bytes };
    await bob.connection.report(given);
    await bob.connection.report(given);
    expect(told.length).toBe(1);
    expect((await world.delivery.reports()).map((report) => report.bytes)).toEqual([bytes]);
  });
});

describe("a key package", () => {
  it("is of the device that publishes it, by its name and its key", async () => {
    const world = new TestWorld();
    const [alice, bob] = [await world.device("alice"), await world.device("bob")];
    const { registry = {} } = alice.groups;
    const other = await createIdentity({ suite: cipherSuite(1), credential: basic(alice.uri) });
    const { signer, signatureKey } = alice.identity;
    const asBob = { suite: cipherSuite(1), credential: basic(bob.uri), signer, signatureKey };
    const wrong = { "another key": other, "another name": asBob, "another device's": bob.identity };
    for (const [name, identity] of Object.entries(wrong)) {
      const { keyPackage } = await createKeyPackage({ identity, registry, clock: world.clock });
      for (const upload of [{ keyPackages: [keyPackage] }, { keyPackages: [], lastResort: keyPackage }])
        await expect(alice.connection.publishKeyPackages({ ...ids(), ...upload }), name).rejects.toMatchObject({
          code: "not-allowed",
        });
    }
    expect(await alice.connection.keyPackageCount({ cipherSuite: 1 })).toBe(0);
  });

  it("is looked at where there are no more than are kept", async () => {
    const world = new TestWorld({ limits: { keyPackages: 1 } });
    const alice = await world.device("alice");
    const many = { ...ids(), keyPackages: [bytes, bytes] };
    await expect(alice.connection.publishKeyPackages(many)).rejects.toMatchObject({ code: "too-large" });
  });
});

describe("who signs in", () => {
  it("is a device of this host, with a key of its suite, and a signature", async () => {
    const world = new TestWorld();
    const { uri, user, identity } = await world.device("alice");
    const login = async (given: object): Promise<string> => {
      const { signer, signatureKey } = identity;
      const incarnation = { known: 0n, next: 0n, id: newId() };
      const sign = (challenge: Uint8Array) => signer.sign(challenge);
      return world.delivery
        .connect({ device: uri, cipherSuite: 1, signatureKey, sign, incarnation, ...given } as never)
        .then(
          () => "in",
          (error: unknown) => (error instanceof DeliveryError ? error.code : String(error)),
        );
    };
    for (const device of [user, "alice", uri.replace("example.org", "example.com")])
      expect(await login({ device }), device).toBe("not-allowed");
    const isAsked = vi.fn(() => new Uint8Array(64));
    for (const length of [0, 31, 33]) {
      const given = { signatureKey: new Uint8Array(length), sign: isAsked };
      expect(await login(given), String(length)).toBe("not-allowed");
    }
    expect(isAsked, "what is no key signs nothing").not.toHaveBeenCalled();
    expect(await login({ sign: () => new Uint8Array(64) })).toBe("not-allowed");
    for (const signature of [undefined, "signature", [1, 2], null])
      expect(await login({ sign: () => signature }), String(signature)).toContain("login.sign must give a Uint8Array");
    expect(await login({ cipherSuite: 0xffff })).toBe("invalid");
    await signedIn(world.delivery, uri, identity);
  });
});
