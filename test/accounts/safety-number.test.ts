/**
 * Safety numbers and group codes: the same on both sides, another for everything else.
 */

import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { groupCode, isSameGroupCode, isSameSafetyNumber, safetyNumber } from "../../src/accounts/safety-number.ts";
import { client, groupOf } from "../group/world.ts";

const alice = { user: "mimi://example.org/u/alice", cipherSuite: 1, rootKey: new Uint8Array(32).fill(1) };
const bob = { user: "mimi://example.org/u/bob", cipherSuite: 1, rootKey: new Uint8Array(32).fill(2) };

describe("a safety number", () => {
  const atAlice = safetyNumber({ ours: alice, theirs: bob });
  const atBob = safetyNumber({ ours: bob, theirs: alice });

  it("is twelve groups of five digits, the same on both sides, and so are the codes to scan", () => {
    expect(atAlice.digits).toMatch(/^(\d{5} ){11}\d{5}$/);
    expect(atAlice.digits).toBe(atBob.digits);
    expect(isSameSafetyNumber(atAlice, atBob.payload)).toBe(true);
    expect(isSameSafetyNumber(atBob, atAlice.payload)).toBe(true);
  });

  it("is what its definition says, computed by another implementation of SHA-512", () => {
    const half = ({ user, rootKey }: typeof alice): string => {
      const key = Buffer.concat([Buffer.from([0, 1, 32]), rootKey]);
      let value = Buffer.concat([Buffer.from([0, 0]), key, Buffer.from(user)]);
      for (let i = 0; i < 5_200; i++) value = createHash("sha512").update(value).update(key).digest();
      return [0, 5, 10, 15, 20, 25].map((at) => String(value.readUIntBE(at, 5) % 100_000).padStart(5, "0")).join(" ");
    };
    expect(atAlice.digits).toBe([half(alice), half(bob)].sort().join(" "));
  });

  it("is another for another key, another user, another suite, and one's own screen is not the other's", () => {
    const others = [
      safetyNumber({ ours: alice, theirs: { ...bob, rootKey: new Uint8Array(32).fill(3) } }),
      safetyNumber({ ours: { ...alice, rootKey: new Uint8Array(32).fill(3) }, theirs: bob }),
      safetyNumber({ ours: alice, theirs: { ...bob, user: "mimi://example.org/u/bobby" } }),
      safetyNumber({ ours: alice, theirs: { ...bob, cipherSuite: 3 } }),
    ];
    for (const other of others) {
      expect(other.digits).not.toBe(atAlice.digits);
      expect(isSameSafetyNumber(other, atBob.payload)).toBe(false);
    }
    expect(isSameSafetyNumber(atAlice, atAlice.payload)).toBe(false);
    expect(isSameSafetyNumber(atAlice, atBob.payload.slice(1))).toBe(false);
    expect(isSameSafetyNumber(atAlice, new Uint8Array(0))).toBe(false);
    expect(
      isSameSafetyNumber(
        atAlice,
        atBob.payload.map((byte, i) => (i === 0 ? 1 : byte)),
      ),
    ).toBe(false);
  });

  it("is of two users, who are users", () => {
    expect(() => safetyNumber({ ours: alice, theirs: alice })).toThrow("a safety number is of two users");
    expect(() => safetyNumber({ ours: alice, theirs: { ...bob, user: "bob" } })).toThrow(TypeError);
    expect(() => safetyNumber({ ours: alice } as never)).toThrow(TypeError);
    expect(() => safetyNumber({ ours: alice, theirs: { ...bob, rootKey: "key" } } as never)).toThrow(TypeError);
    expect(() => isSameSafetyNumber(atAlice, "payload" as never)).toThrow("scanned must be a Uint8Array");
  });
});

describe("a group code", () => {
  it("is the same for all members of an epoch, and another in the next", async () => {
    const [alices, bobs] = await groupOf(await Promise.all(["alice", "bob"].map((name) => client(name))));
    const code = groupCode(alices!.epochAuthenticator);
    expect(code.digits).toMatch(/^(\d{5} ){5}\d{5}$/);
    expect(groupCode(bobs!.epochAuthenticator)).toEqual(code);
    expect(isSameGroupCode(code, groupCode(bobs!.epochAuthenticator).payload)).toBe(true);
    await alices!.apply(await alices!.commit({}));
    const next = groupCode(alices!.epochAuthenticator);
    expect(next.digits).not.toBe(code.digits);
    expect(isSameGroupCode(next, code.payload)).toBe(false);
  });

  it("wants thirty bytes, keeps its own, and is five digits where a number is short", () => {
    expect(() => groupCode(new Uint8Array(29))).toThrow("at least 30 bytes");
    expect(() => groupCode([] as never)).toThrow(TypeError);
    const authenticator = new Uint8Array(30);
    const code = groupCode(authenticator);
    authenticator.fill(9);
    expect(code.payload[0]).toBe(0);
    expect(code.digits).toBe("00000 00000 00000 00000 00000 00000");
  });
});
