/**
 * What a recovery server asks of its table, over each database there is.
 */

import { describe, expect, it } from "vitest";
import { utf8 } from "../../../src/bytes/text.ts";
import { writeKept, type KeptAccount } from "../../../src/vault/recovery/kept.ts";
import type { RecoveryPort } from "../../../src/vault/recovery/port.ts";

const [alice, bob] = [utf8("mimi://example.org/u/alice"), utf8("mimi://example.org/u/bob")];
const [one, two] = [utf8("one"), utf8("two")];

/** Ports on an empty table: each as another process has it. */
export function recoveryPortSuite(name: string, open: () => Promise<readonly [RecoveryPort, RecoveryPort]>): void {
  describe(`the recovery table on ${name}`, () => {
    it("is written only over what stands there, of this account", async () => {
      const [port, other] = await open();
      expect(await port.read(alice)).toBeUndefined();
      expect(await port.swap(alice, two, one)).toBe(false);
      expect(await port.swap(alice, undefined, one)).toBe(true);
      expect(await port.swap(alice, undefined, two)).toBe(false);
      expect(await port.swap(alice, two, one)).toBe(false);
      expect(await other.read(alice)).toEqual(one);
      expect(await other.read(bob)).toBeUndefined();
      expect(await other.swap(alice, one, two)).toBe(true);
      expect(await port.read(alice)).toEqual(two);
    });

    it("keeps nothing of what is forgotten", async () => {
      const [port] = await open();
      await port.swap(alice, undefined, one);
      await port.swap(bob, undefined, two);
      expect(await port.swap(alice, two, undefined)).toBe(false);
      expect(await port.swap(alice, one, undefined)).toBe(true);
      expect(await port.swap(alice, undefined, undefined)).toBe(true);
      expect(await port.swap(bob, undefined, undefined)).toBe(false);
      expect([await port.read(alice), await port.read(bob)]).toEqual([undefined, two]);
    });

    it("takes one of many changes at once, through whatever process they come", async () => {
      const [port, other] = await open();
      await port.swap(alice, undefined, one);
      const done = await Promise.all(
        Array.from({ length: 12 }, (_, i) => (i % 2 === 0 ? port : other).swap(alice, one, utf8(`next ${String(i)}`))),
      );
      expect(done.filter((each) => each).length).toBe(1);
      const begun = await Promise.all([port, other, port].map((each) => each.swap(bob, undefined, one)));
      expect(begun.filter((each) => each).length).toBe(1);
    });

    it("holds the longest that there is, under the longest name, with any bytes", async () => {
      const [port] = await open();
      const name = new Uint8Array(1_024).map((_, i) => i);
      const registrations = Array.from({ length: 4 }, (_, i) => ({
        registration: i + 1,
        secretKey: new Uint8Array(32),
        publicKey: new Uint8Array(32).fill(255),
        record: new Uint8Array(16_000).fill(i),
      }));
      const kept: KeptAccount = { guesses: 3, begun: 4, confirmed: 1, registrations };
      expect(await port.swap(name, undefined, writeKept(kept))).toBe(true);
      expect(await port.read(name)).toEqual(writeKept(kept));
    });
  });
}
