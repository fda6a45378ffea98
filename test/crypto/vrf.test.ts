/**
 * ECVRF-EDWARDS25519-SHA512-TAI, by the numbers of RFC 9381.
 */

import { ed25519 } from "@noble/curves/ed25519.js";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { fromHex, hex, utf8 } from "../../src/bytes/text.ts";
import { proveVrf, verifyVrf, vrfPublicKey } from "../../src/crypto/vrf.ts";

/** RFC 9381 appendix B.3, examples 16 to 18. */
const examples = [
  {
    secretKey: "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
    publicKey: "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
    input: "",
    proof:
      "8657106690b5526245a92b003bb079ccd1a92130477671f6fc01ad16f26f723f26f8a57ccaed74ee1b190bed1f479d9727d2d0f9b005a6e456a35d4fb0daab1268a1b0db10836d9826a528ca76567805",
    output:
      "90cf1df3b703cce59e2a35b925d411164068269d7b2d29f3301c03dd757876ff66b71dda49d2de59d03450451af026798e8f81cd2e333de5cdf4f3e140fdd8ae",
  },
  {
    secretKey: "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
    publicKey: "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
    input: "72",
    proof:
      "f3141cd382dc42909d19ec5110469e4feae18300e94f304590abdced48aed5933bf0864a62558b3ed7f2fea45c92a465301b3bbf5e3e54ddf2d935be3b67926da3ef39226bbc355bdc9850112c8f4b02",
    output:
      "eb4440665d3891d668e7e0fcaf587f1b4bd7fbfe99d0eb2211ccec90496310eb5e33821bc613efb94db5e5b54c70a848a0bef4553a41befc57663b56373a5031",
  },
  {
    secretKey: "c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
    publicKey: "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
    input: "af82",
    proof:
      "9bc0f79119cc5604bf02d23b4caede71393cedfbb191434dd016d30177ccbf8096bb474e53895c362d8628ee9f9ea3c0e52c7a5c691b6c18c9979866568add7a2d41b00b05081ed0f58ee5e31b3a970e",
    output:
      "645427e5d00c62a23fb703732fa5d892940935942101e456ecca7bb217c61c452118fec1219202a0edcf038bb6373241578be7217ba85a2687f7a0310b2df19f",
  },
];

describe("ECVRF-EDWARDS25519-SHA512-TAI", () => {
  it.each(examples)("makes the proof and the output of the RFC's example with the input '$input'", (example) => {
    const secretKey = fromHex(example.secretKey);
    const { output, proof } = proveVrf(secretKey, fromHex(example.input));
    expect(hex(vrfPublicKey(secretKey))).toBe(example.publicKey);
    expect(hex(proof)).toBe(example.proof);
    expect(hex(output)).toBe(example.output);
    expect(hex(verifyVrf(fromHex(example.publicKey), fromHex(example.input), proof)!)).toBe(example.output);
  });

  it("verifies what it proves, of any key and input, and nothing of another key or input", () => {
    const key = fc.uint8Array({ minLength: 32, maxLength: 32 });
    fc.assert(
      fc.property(key, fc.uint8Array({ maxLength: 64 }), (secretKey, input) => {
        const publicKey = vrfPublicKey(secretKey);
        const { output, proof } = proveVrf(secretKey, input);
        expect(verifyVrf(publicKey, input, proof)).toEqual(output);
        expect(verifyVrf(publicKey, Uint8Array.of(...input, 0), proof)).toBeUndefined();
        const other = vrfPublicKey(secretKey.map((byte) => byte ^ 1));
        expect(verifyVrf(other, input, proof)).toBeUndefined();
      }),
      { numRuns: 15 },
    );
  });

  it("refuses a proof of which any bit is another", () => {
    const [secretKey, input] = [new Uint8Array(32).fill(7), utf8("alice")];
    const publicKey = vrfPublicKey(secretKey);
    const { proof } = proveVrf(secretKey, input);
    for (let bit = 0; bit < 8 * proof.length; bit += 5) {
      const changed = proof.slice();
      changed[bit >> 3]! ^= 1 << (bit & 7);
      expect(verifyVrf(publicKey, input, changed)).toBeUndefined();
    }
    expect(verifyVrf(publicKey, input, proof.subarray(1))).toBeUndefined();
  });

  it("refuses s + q for s, which makes a second proof of one output: section 5.4.4", () => {
    const [secretKey, input] = [new Uint8Array(32).fill(7), utf8("alice")];
    const { proof } = proveVrf(secretKey, input);
    const second = proof.slice();
    const { ORDER } = ed25519.Point.Fn;
    let s = 0n;
    for (let i = 31; i >= 0; i--) s = (s << 8n) | BigInt(proof[48 + i]!);
    for (let i = 0, rest = s + ORDER; i < 32; i++, rest >>= 8n) second[48 + i] = Number(rest & 255n);
    expect(verifyVrf(vrfPublicKey(secretKey), input, second)).toBeUndefined();
  });

  it("refuses keys of small order, whose holder could prove two outputs: section 5.4.5", () => {
    const identity = ed25519.Point.ZERO.toBytes();
    const orderTwo = fromHex("ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f");
    const { proof } = proveVrf(new Uint8Array(32).fill(7), utf8("alice"));
    for (const key of [identity, orderTwo, new Uint8Array(31), fromHex("02".padEnd(64, "0"))]) {
      expect(() => verifyVrf(key, utf8("alice"), proof)).toThrow(expect.objectContaining({ code: "key-invalid" }));
    }
  });
});
