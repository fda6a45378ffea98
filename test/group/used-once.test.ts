/**
 * Keys and nonces that are derived for one use: none is left in memory after it, whether what was sealed opens or not.
 * RFC 9420 section 9.2.
 */

import { expect, test } from "vitest";
import { utf8 } from "../../src/bytes/text.ts";
import { encode } from "../../src/codec/codec.ts";
import { Group } from "../../src/group/group.ts";
import { settingsOf } from "../../src/public-group/options/settings-of.ts";
import { decodeMessage, MlsMessage } from "../../src/wire/message.ts";
import type { PrivateMessage } from "../../src/wire/private-message.ts";
import { refusal } from "./refusal.ts";
import { client, keyPackageOf, suiteOf, trusting } from "./world.ts";

const { reading } = settingsOf(trusting);

/** The bytes with the last one changed. */
function damaged(bytes: Uint8Array): Uint8Array {
  const copy = bytes.slice();
  copy[copy.length - 1]! ^= 1;
  return copy;
}

function withPrivate(bytes: Uint8Array, change: (message: PrivateMessage) => Partial<PrivateMessage>): Uint8Array {
  const message = decodeMessage(bytes, reading);
  if (message.wireFormat !== "mls_private_message") throw new TypeError("is public");
  const { privateMessage } = message;
  return encode(MlsMessage, { ...message, privateMessage: { ...privateMessage, ...change(privateMessage) } });
}

test("a key and a nonce are wiped after their use, on every way out", async () => {
  const lent: Uint8Array[] = [];
  let sealing = true;
  const suite = suiteOf(1);
  const watching: typeof suite = {
    ...suite,
    seal(key, nonce, ...rest) {
      lent.push(key, nonce);
      if (!sealing) throw new RangeError("no memory left");
      return suite.seal(key, nonce, ...rest);
    },
    open(key, nonce, ...rest) {
      lent.push(key, nonce);
      return suite.open(key, nonce, ...rest);
    },
  };
  /** At least so many seals and opens have been, and nothing of them is left. */
  const spent = (least: number): void => {
    expect(lent.length).toBeGreaterThanOrEqual(2 * least);
    expect(lent.filter((bytes) => bytes.some((byte) => byte !== 0))).toEqual([]);
    lent.length = 0;
  };

  const [alice, bob] = [await client("alice", watching), await client("bob", watching)];
  const group = await Group.create({ ...trusting, identity: alice.identity, psks: () => utf8("psk") });
  const bundle = await keyPackageOf(bob);
  const adding = { add: [bundle.keyPackage], psks: [{ type: "external", pskId: utf8("id") }] } as const;
  sealing = false;
  await expect(group.commit(adding)).rejects.toThrow();
  spent(1);
  sealing = true;
  const pending = await group.commit(adding);
  await group.apply(pending);
  spent(4); // the GroupInfo, its secrets, the commit and its sender data

  const joining = { ...trusting, identity: bob.identity, keyPackages: [bundle], welcome: pending.welcome! };
  // With another PSK the group's secrets open, and the GroupInfo does not.
  const psks = (): Uint8Array => utf8("another");
  expect(await refusal(() => Group.join({ ...joining, psks }))).toBe("welcome-open");
  spent(2);
  const bobs = await Group.join({ ...joining, psks: () => utf8("psk") });
  spent(2);

  const sealed = await group.seal(utf8("hello"));
  spent(2);
  for (const bad of [
    withPrivate(sealed, ({ ciphertext }) => ({ ciphertext: damaged(ciphertext) })),
    withPrivate(sealed, ({ encryptedSenderData }) => ({ encryptedSenderData: damaged(encryptedSenderData) })),
  ]) {
    expect(await refusal(() => bobs.receive(bad))).toBe("private-message-open < aead-open");
    spent(1);
  }
  await bobs.receive(sealed);
  spent(2);
  sealing = false;
  await expect(group.seal(utf8("again"))).rejects.toThrow();
  spent(1);
});
