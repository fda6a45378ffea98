import { expect, test } from "vitest";
import { platformRandom } from "../../src/crypto/random.ts";
import { checkSignatures, type SignatureCheck } from "../../src/rules/signatures.ts";
import { providers } from "../crypto/providers.ts";
import { laterVerdict } from "./verdict.ts";

test.each(providers)(
  "signatures are verified together, and the first that fails says which rule it breaks: $name",
  async (provider) => {
    const suite = provider.cipherSuite(1);
    const { privateKey, publicKey } = await suite.generateSignatureKeyPair(platformRandom);
    const signer = await suite.signer(privateKey);
    const message = new Uint8Array([1, 2, 3]);
    const signature = await signer.sign(message);
    const good: SignatureCheck = {
      verification: { publicKey, message, signature },
      code: "leaf-signature",
      rule: "valn0102",
    };
    const bad: SignatureCheck = { ...good, verification: { publicKey, message: message.with(0, 0), signature } };
    const worse: SignatureCheck = { ...bad, code: "key-package-signature", rule: "valn0203" };
    const check = (...checks: SignatureCheck[]): Promise<string> => laterVerdict(() => checkSignatures(suite, checks));
    expect(await check()).toBe("kept");
    expect(await check(good, good)).toBe("kept");
    expect(await check(good, bad)).toBe("leaf-signature, valn0102");
    expect(await check(good, worse, bad)).toBe("key-package-signature, valn0203");
    expect(await check(bad, worse, good)).toBe("leaf-signature, valn0102");
  },
);

test("where there is nothing to verify, no verifier is asked", async () => {
  const verifyAll = (): never => {
    throw new Error("asked");
  };
  expect(await laterVerdict(() => checkSignatures({ ...providers[0]!.cipherSuite(1), verifyAll }, []))).toBe("kept");
});

test("a verifier that gives fewer answers than questions has verified nothing", async () => {
  const suite = { ...providers[0]!.cipherSuite(1), verifyAll: () => [true] };
  const check: SignatureCheck = {
    verification: {
      publicKey: (await suite.generateSignatureKeyPair(platformRandom)).publicKey,
      message: new Uint8Array(0),
      signature: new Uint8Array(0),
    },
    code: "leaf-signature",
    rule: "valn0102",
  };
  expect(await laterVerdict(() => checkSignatures(suite, [check, check]))).toBe("leaf-signature, valn0102");
});
