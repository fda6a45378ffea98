import davey from "@snazzah/davey";
import { describe, expect, test } from "vitest";
import { type DaveUser, pairwiseCode, pairwiseFingerprint, displayableCode } from "../../../src/adapters/dave/index.ts";
import { CopseClient, DaveyClient, Gateway } from "./gateway.ts";

const [aliceId, bobId, carolId] = [158049329150427136n, 158533742254751744n, 1090123456789012345n];

describe("groups with davey", () => {
  test.each(["copse", "davey"] as const)("%s creates the group, and both are in it", async (creator) => {
    const gateway = await Gateway.create();
    const copse = await CopseClient.create({ userId: aliceId });
    const peer = new DaveyClient(bobId);
    await gateway.connect(copse);
    await gateway.connect(peer);
    if (creator === "copse") await gateway.create(copse, [peer]);
    else await gateway.create(peer, [copse]);
    expect(copse.authenticator).toEqual(new Uint8Array(peer.authenticator!));
    expect(copse.session.members.map(({ userId }) => userId).sort()).toEqual([aliceId, bobId].sort());
    expect(copse.session.voicePrivacyCode).toBe(peer.session.voicePrivacyCode);
    expect(await copse.session.verificationCode(bobId)).toBe(await peer.session.getVerificationCode(String(aliceId)));
    expect(copse.session.mode).toEqual({ sending: 1n, hearsClear: false });
  });

  test("members come and go, whoever commits", async () => {
    const gateway = await Gateway.create();
    const alice = await CopseClient.create({ userId: aliceId });
    const bob = new DaveyClient(bobId);
    const carol = await CopseClient.create({ userId: carolId });
    await gateway.connect(alice);
    await gateway.connect(bob);
    await gateway.create(bob, [alice]);
    await gateway.connect(carol);
    await gateway.change(bob, { added: [carol] });
    expect(carol.authenticator).toEqual(alice.authenticator);
    await gateway.disconnect(bob);
    await gateway.change(alice, { removed: [bob] });
    expect(carol.authenticator).toEqual(alice.authenticator);
    const again = new DaveyClient(bobId);
    await gateway.connect(again);
    await gateway.change(carol, { added: [again] });
    expect(carol.authenticator).toEqual(new Uint8Array(again.authenticator!));
    expect(alice.session.epoch).toBe(4n);
  });
});

describe("codes, as davey has them", () => {
  test("of bytes, in groups of any size", () => {
    const bytes = Uint8Array.from({ length: 64 }, (_, i) => (i * 89 + 7) & 0xff);
    for (const [digits, size] of [
      [30, 5],
      [45, 5],
      [28, 7],
      [3, 1],
      [64, 4],
    ] as const) {
      expect(displayableCode(bytes, digits, size)).toBe(
        davey.generateDisplayableCode(Buffer.from(bytes), digits, size),
      );
    }
  });

  test("of no other numbers", () => {
    const bytes = new Uint8Array(64);
    for (const [digits, size] of [
      [30, 0],
      [30, -5],
      [30, 2.5],
      [32, 8],
      [30.5, 5],
      [0, 5],
      [-5, 5],
      [31, 5],
      [65, 5],
    ] as const) {
      expect(() => displayableCode(bytes, digits, size)).toThrow(TypeError);
    }
    expect(() => displayableCode("0".repeat(64) as unknown as Uint8Array, 30, 5)).toThrow(TypeError);
  });

  test("of a key that is the beginning of another", async () => {
    const id = [0, 0, 0, 0, 0, 0, 0, 7];
    const one: DaveUser = { userId: 7n, signatureKey: Uint8Array.of(1) };
    const other: DaveUser = { userId: 9n, signatureKey: Uint8Array.of(1, ...id, 5) };
    expect(await pairwiseFingerprint(one, other)).toEqual(await pairwiseFingerprint(other, one));
  });

  test("of two users, whichever comes first", async () => {
    const user = (userId: bigint): DaveUser => ({ userId, signatureKey: davey.generateP256Keypair().public });
    const [one, other] = [user(1n << 40n), user(2n)];
    const expected = await davey.generatePairwiseFingerprint(
      0,
      Buffer.from(one.signatureKey),
      String(one.userId),
      Buffer.from(other.signatureKey),
      String(other.userId),
    );
    expect(await pairwiseFingerprint(one, other)).toEqual(new Uint8Array(expected));
    expect(await pairwiseFingerprint(other, one)).toEqual(new Uint8Array(expected));
    expect(await pairwiseCode(one, other)).toBe(davey.generateDisplayableCode(expected, 45, 5));
  });
});
