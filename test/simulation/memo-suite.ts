/**
 * A cipher suite that verifies each signature once in the whole process. Two hundred simulated devices would verify the same
 * thousands of signatures two hundred times, with the same answers: the answer is a function of the key, the message and the
 * signature, and is remembered under their hash. Nothing else is shared between devices.
 */

import { concat } from "../../src/bytes/concat.ts";
import { hex } from "../../src/bytes/text.ts";
import { cipherSuite } from "../../src/crypto/choose.ts";
import type { CipherSuite, Verification } from "../../src/crypto/provider.ts";

/** Suite 1 with remembered verifications. */
export function memoSuite(): CipherSuite {
  const suite = cipherSuite(1);
  const answers = new Map<string, boolean>();
  const verify = async (verification: Verification): Promise<boolean> => {
    const { publicKey, message, signature } = verification;
    // keys and signatures of this suite have one length each
    const key = hex(suite.hash(concat(publicKey, signature, message)));
    const known = answers.get(key);
    if (known !== undefined) return known;
    const answer = await suite.verify(verification);
    answers.set(key, answer);
    return answer;
  };
  const verifyAll = async (all: readonly Verification[]): Promise<readonly boolean[]> => Promise.all(all.map(verify));
  return Object.assign(Object.create(suite) as CipherSuite, { verify, verifyAll });
}
