/** XChaCha20-Poly1305, beside the vector of its draft. */

import fc from "fast-check";
import { expect, it } from "vitest";
import { fromHex, hex, utf8 } from "../../src/bytes/text.ts";
import { xchacha20Poly1305Open, xchacha20Poly1305Seal } from "../../src/crypto/symmetric-xchacha.ts";

const bytes = (length: number) => fc.uint8Array({ minLength: length, maxLength: length });
const some = fc.uint8Array({ maxLength: 300 });

it("seals as the draft says, appendix A.3.1", () => {
  const key = Uint8Array.from({ length: 32 }, (_, i) => 0x80 + i);
  const nonce = Uint8Array.from({ length: 24 }, (_, i) => 0x40 + i);
  const text =
    "Ladies and Gentlemen of the class of '99: If I could offer you only one tip for the future, sunscreen would be it.";
  const sealed = xchacha20Poly1305Seal(key, nonce, fromHex("50515253c0c1c2c3c4c5c6c7"), utf8(text));
  expect(hex(sealed.subarray(0, 16))).toBe("bd6d179d3e83d43b9576579493c0e939");
  expect(hex(sealed.subarray(-16))).toBe("c0875924c1c7987947deafd8780acf49");
  expect(xchacha20Poly1305Open(key, nonce, fromHex("50515253c0c1c2c3c4c5c6c7"), sealed)).toEqual(utf8(text));
});

it("opens nothing of which a bit is another one", () => {
  fc.assert(
    fc.property(bytes(32), bytes(24), some, some, fc.nat(), (key, nonce, beside, plain, place) => {
      const parts = [key, nonce, beside, xchacha20Poly1305Seal(key, nonce, beside, plain)] as const;
      const bit = place % (8 * parts.reduce((sum, { length }) => sum + length, 0));
      let at = bit >> 3;
      const other = parts.map((part) => {
        const copy = part.slice();
        if (at >= 0 && at < copy.length) copy[at]! ^= 1 << (bit & 7);
        at -= copy.length;
        return copy;
      }) as [Uint8Array, Uint8Array, Uint8Array, Uint8Array];
      expect(() => xchacha20Poly1305Open(...other)).toThrow();
    }),
  );
});
