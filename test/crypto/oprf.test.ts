/**
 * The oblivious function against the numbers of RFC 9497, appendix A.1.2 (ristretto255-SHA512, mode VOPRF).
 */

import { describe, expect, it } from "vitest";
import { fromHex, hex } from "../../src/bytes/text.ts";
import { littleEndian } from "../../src/crypto/curves/integers.ts";
import { littleEndianBytes } from "../../src/crypto/curves/little-endian.ts";
import { blindInput, deriveOprfKey, evaluateBlinded, finalizeEvaluated } from "../../src/crypto/oprf.ts";
import { platformRandom } from "../../src/crypto/random.ts";

const seed = new Uint8Array(32).fill(0xa3);
const keyInfo = fromHex("74657374206b6579");
const secretKey = "e6f73f344b79b379f1a0dd37e07ff62e38d9f71345ce62ae3a9bc60b04ccd909";
const publicKey = "c803e2cc6b05fc15064549b5920659ca4a77b2cca6f04f6b357009335476ad4e";
const blind = "64d37aed22a27f5191de1c1d69fadb899d8862b58eb4220029e036ec4c1f6706";
const proofScalar = "222a5e897cf59db8145db8d16e597e8facb80ae7d4e26d9881aa6f61d645fc0e";

const published = [
  {
    input: "00",
    blinded: "863f330cc1a1259ed5a5998a23acfd37fb4351a793a5b3c090b642ddc439b945",
    evaluated: "aa8fa048764d5623868679402ff6108d2521884fa138cd7f9c7669a9a014267e",
    proof:
      "ddef93772692e535d1a53903db24367355cc2cc78de93b3be5a8ffcc6985dd06" +
      "6d4346421d17bf5117a2a1ff0fcb2a759f58a539dfbe857a40bce4cf49ec600d",
    output:
      "b58cfbe118e0cb94d79b5fd6a6dafb98764dff49c14e1770b566e42402da1a7d" +
      "a4d8527693914139caee5bd03903af43a491351d23b430948dd50cde10d32b3c",
  },
  {
    input: "5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a",
    blinded: "cc0b2a350101881d8a4cba4c80241d74fb7dcbfde4a61fde2f91443c2bf9ef0c",
    evaluated: "60a59a57208d48aca71e9e850d22674b611f752bed48b36f7a91b372bd7ad468",
    proof:
      "401a0da6264f8cf45bb2f5264bc31e109155600babb3cd4e5af7d181a2c9dc0a" +
      "67154fabf031fd936051dec80b0b6ae29c9503493dde7393b722eafdf5a50b02",
    output:
      "8a9a2f3c7f085b65933594309041fc1898d42d0858e59f90814ae90571a6df60" +
      "356f4610bf816f27afdd84f47719e480906d27ecd994985890e5f539e7ea74b6",
  },
];

/** A source whose bytes become this scalar: the library takes them modulo the order less 1, and adds 1. */
const scalar = (text: string) => (length: number) => littleEndianBytes(littleEndian(fromHex(text)) - 1n, length);

describe("VOPRF over ristretto255", () => {
  it("derives the published key", () => {
    const key = deriveOprfKey(seed, keyInfo);
    expect([hex(key.secretKey), hex(key.publicKey)]).toEqual([secretKey, publicKey]);
  });

  it.each(published)("gives the published values of the input $input", ({ input, ...rest }) => {
    const key = deriveOprfKey(seed, keyInfo);
    const blinded = blindInput(scalar(blind), fromHex(input));
    const { evaluated, proof } = evaluateBlinded(scalar(proofScalar), key, blinded.blinded);
    const output = finalizeEvaluated(fromHex(input), blinded, { evaluated, proof }, key.publicKey);
    expect({
      blinded: hex(blinded.blinded),
      evaluated: hex(evaluated),
      proof: hex(proof),
      output: output && hex(output),
    }).toEqual(rest);
  });

  it("takes no answer of another key, and none that was changed", () => {
    const key = deriveOprfKey(seed, keyInfo);
    const other = deriveOprfKey(new Uint8Array(32), keyInfo);
    const input = new Uint8Array([1]);
    const blinded = blindInput(platformRandom, input);
    const answer = evaluateBlinded(platformRandom, other, blinded.blinded);
    expect(finalizeEvaluated(input, blinded, answer, key.publicKey)).toBeUndefined();
    expect(finalizeEvaluated(input, blinded, answer, other.publicKey)).toHaveLength(64);
    for (const at of [0, 31, 32, 63]) {
      const proof = answer.proof.map((byte, i) => (i === at ? byte ^ 1 : byte));
      expect(finalizeEvaluated(input, blinded, { ...answer, proof }, other.publicKey)).toBeUndefined();
    }
    const wrong = { ...answer, evaluated: blinded.blinded };
    expect(finalizeEvaluated(input, blinded, wrong, other.publicKey)).toBeUndefined();
  });

  it("evaluates no identity and nothing that is no element (section 3.3)", () => {
    const key = deriveOprfKey(seed, keyInfo);
    for (const bytes of [new Uint8Array(32), new Uint8Array(32).fill(0xff), new Uint8Array(31)]) {
      expect(() => evaluateBlinded(platformRandom, key, bytes)).toThrow(
        expect.objectContaining({ code: "key-invalid" }),
      );
    }
  });
});
