/**
 * What sealing and opening a message cost at the least: the primitives of one such call, with inputs as long as its own and
 * nothing around them. They are counted in docs/performance.md, and held to that in test/group/cost.test.ts.
 */

import { platformRandom as random } from "../../src/crypto/random.ts";
import { plaintext } from "./worlds.ts";
import { runSuite } from "./suite.ts";

/** Both floors, as work to be measured. */
export async function floors(): Promise<{ readonly seal: () => unknown; readonly open: () => unknown }> {
  const suite = runSuite();
  const { privateKey, publicKey } = await suite.generateSignatureKeyPair(random);
  const signer = await suite.signer(privateKey);
  const signed = random(plaintext.length + 180); // with the label, and the group context
  const signature = await signer.sign(signed);
  const [key, nonce, secret] = [random(suite.keyLength), random(suite.nonceLength), random(suite.hashLength)];
  const content = random(plaintext.length + signature.length + 3); // with the lengths of both
  const [senderData, header, senderHeader] = [random(12), random(28), random(26)];
  const message = random(content.length + 90);
  // KDFLabels: of a ratchet's key, nonce and next secret; of the sender data's key and nonce.
  const infos = [20, 22, 23, 46, 48].map(random);
  const sealed = suite.seal(key, nonce, header, content);
  const sealedSender = suite.seal(key, nonce, senderHeader, senderData);
  const derive = (): void => {
    for (const info of infos) suite.mac(secret, info);
  };
  return {
    seal: () => {
      derive();
      random(4); // the reuse guard
      suite.seal(key, nonce, header, content);
      suite.seal(key, nonce, senderHeader, senderData);
      suite.hash(message); // by which it is recognised when it comes back
      return signer.sign(signed);
    },
    open: () => {
      derive();
      suite.open(key, nonce, senderHeader, sealedSender);
      suite.open(key, nonce, header, sealed);
      suite.hash(message);
      return suite.verify({ publicKey, message: signed, signature });
    },
  };
}
