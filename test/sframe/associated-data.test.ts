/**
 * The associated data of a frame is put together in an array that a key uses again: a short one, and no more than one. What a
 * stranger gives, however long, is not kept.
 */

import { expect, test } from "vitest";
import * as node from "../../src/crypto/symmetric-node.ts";
import { syncCrypto, type SFrameCrypto } from "../../src/sframe/crypto.ts";
import { SFrameReceiver } from "../../src/sframe/receiver.ts";
import { SFrameSender } from "../../src/sframe/sender.ts";
import { sframeSuite } from "../../src/sframe/suites.ts";
import { baseKeyOf } from "./cryptos.ts";

const suite = sframeSuite(4);
const [kid, baseKey] = [5n, baseKeyOf(1)];

/** Cryptography that notes the associated data that it is given. */
function watched(): { readonly crypto: SFrameCrypto<"sync">; readonly given: Uint8Array[] } {
  const given: Uint8Array[] = [];
  const crypto = syncCrypto(node);
  const gcm: (typeof crypto)["gcm"] = (key) => {
    const cipher = crypto.gcm(key);
    return {
      ...cipher,
      seal: (nonce, aad, ...rest) => {
        given.push(aad);
        return cipher.seal(nonce, aad, ...rest);
      },
      open: (nonce, aad, ...rest) => {
        given.push(aad);
        return cipher.open(nonce, aad, ...rest);
      },
    };
  };
  return { crypto: { ...crypto, gcm }, given };
}

test.each([
  ["short", 100, 1],
  ["long", 10_000, 4],
])("of %s metadata, %i bytes, four frames take arrays: %i", (_, length, arrays) => {
  const { crypto, given } = watched();
  const receiver = new SFrameReceiver({ suite, crypto });
  receiver.addKey(kid, baseKey);
  const forged = new SFrameSender({ suite, kid, baseKey: baseKeyOf(2) });
  for (let i = 0; i < 4; i++) {
    const frame = forged.encrypt(new Uint8Array(10));
    expect(() => receiver.open(frame, new Uint8Array(length))).toThrow();
  }
  expect(new Set(given).size).toBe(arrays);

  const own = watched();
  const sender = new SFrameSender({ suite, kid, baseKey, crypto: own.crypto });
  for (let i = 0; i < 4; i++) sender.encrypt(new Uint8Array(10), new Uint8Array(length));
  expect(new Set(own.given).size).toBe(arrays);
});
