import { describe, expect, test } from "vitest";
import { fromHex, hex } from "../../src/bytes/text.ts";
import { nodeProvider } from "../../src/crypto/node.ts";
import { pskSecret, type NamedPsk } from "../../src/schedule/psk.ts";
import { providers } from "../crypto/providers.ts";
import { describePublished } from "../vectors/published.ts";

const suite = nodeProvider.cipherSuite(1);

interface PskVector {
  readonly cipher_suite: number;
  readonly psks: readonly { readonly psk_id: string; readonly psk: string; readonly psk_nonce: string }[];
  readonly psk_secret: string;
}

describePublished("mls", "psk_secret.json", (text) => {
  const vectors = (JSON.parse(text) as PskVector[]).map((vector) => ({ ...vector, count: vector.psks.length }));
  for (const provider of providers) {
    test.each(vectors)(`$count PSKs, suite $cipher_suite, ${provider.name}`, (vector) => {
      const psks = vector.psks.map(({ psk_id, psk, psk_nonce }) =>
        named(fromHex(psk_id), fromHex(psk), fromHex(psk_nonce)),
      );
      const secret = pskSecret(provider.cipherSuite(vector.cipher_suite), psks);
      expect(secret.use(hex)).toBe(vector.psk_secret);
    });
  }
});

describe("the PSK secret", () => {
  const one = named(new Uint8Array([1]), new Uint8Array([11]), new Uint8Array(32));
  const two = named(new Uint8Array([2]), new Uint8Array([22]), new Uint8Array(32));

  test("is all zeros without PSKs", () => {
    expect(pskSecret(suite, []).use(hex)).toBe("00".repeat(32));
  });

  test("depends on the order of the PSKs", () => {
    expect(pskSecret(suite, [one, two]).use(hex)).not.toBe(pskSecret(suite, [two, one]).use(hex));
  });

  test("depends on the nonce under which a PSK is injected", () => {
    const again = named(new Uint8Array([1]), new Uint8Array([11]), new Uint8Array(32).fill(1));
    expect(pskSecret(suite, [one]).use(hex)).not.toBe(pskSecret(suite, [again]).use(hex));
  });

  test("leaves the PSKs as they are", () => {
    pskSecret(suite, [one, two]);
    expect(one.psk).toEqual(new Uint8Array([11]));
  });

  test("is of at most 65535 PSKs, which is what PSKLabel can count", () => {
    const tooMany = new Array<NamedPsk>(65_536).fill(one);
    expect(() => pskSecret(suite, tooMany)).toThrow(new TypeError("a commit injects at most 65535 PSKs"));
  });
});

function named(pskId: Uint8Array, psk: Uint8Array, pskNonce: Uint8Array): NamedPsk {
  return { id: { type: "external", pskId, pskNonce }, psk };
}
