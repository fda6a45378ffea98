/**
 * SFrame: headers, the AES-CTR with HMAC construction, and whole frames. RFC 9605 appendix C.
 */

import { fromHex, hex } from "../../bytes/text.ts";
import { Secret } from "../../bytes/secret.ts";
import * as nobleSymmetric from "../../crypto/symmetric-noble.ts";
import * as nodeSymmetric from "../../crypto/symmetric-node.ts";
import { frameCipher } from "../../sframe/cipher.ts";
import { asArray, syncCrypto, type SFrameCrypto } from "../../sframe/crypto.ts";
import type { Form } from "../../sframe/form.ts";
import { readSFrameHeader, writeSFrameHeader } from "../../sframe/header.ts";
import { deriveKeyAndSalt, sframeLabel, sframeNonce, sframeSecret } from "../../sframe/key.ts";
import { SFrameReceiver } from "../../sframe/receiver.ts";
import { SFrameSender } from "../../sframe/sender.ts";
import { sframeSuite } from "../../sframe/suites.ts";
import { webCrypto } from "../../sframe/web-crypto.ts";
import { outcome, same, type Outcome, type Verify } from "./check.ts";

/** Parsed by `parseBigJson`. */
type Integer = number | bigint;

interface HeaderEntry {
  readonly kid: Integer;
  readonly ctr: Integer;
  readonly encoded: string;
}

interface CtrHmacEntry {
  readonly cipher_suite: number;
  readonly key: string;
  readonly enc_key: string;
  readonly auth_key: string;
  readonly nonce: string;
  readonly aad: string;
  readonly pt: string;
  readonly ct: string;
}

interface FrameEntry {
  readonly cipher_suite: number;
  readonly kid: Integer;
  readonly ctr: Integer;
  readonly base_key: string;
  readonly sframe_key_label: string;
  readonly sframe_salt_label: string;
  readonly sframe_secret: string;
  readonly sframe_key: string;
  readonly sframe_salt: string;
  readonly metadata: string;
  readonly nonce: string;
  readonly aad: string;
  readonly pt: string;
  readonly ct: string;
}

/** The lists that a file may hold. */
const lists: Readonly<Record<string, (crypto: SFrameCrypto<Form>, entry: never) => void | Promise<void>>> = {
  header: checkHeader,
  aes_ctr_hmac: checkCtrHmac,
  aes_256_ctr_hmac: checkCtrHmac,
  sframe: checkFrame,
  sframe_aes_256_ctr_hmac: checkFrame,
};

/** Verify the working group's files over the symmetric primitives of the provider under test. */
export const verifySframe: Verify = (suiteFor, files) => verifySframeFiles(cryptoOf(suiteFor(1).provider), files);

/** Verify the working group's files, parsed by `parseBigJson`: an outcome for each entry. */
export async function* verifySframeFiles(
  crypto: SFrameCrypto<Form>,
  files: readonly unknown[],
): AsyncIterable<Outcome> {
  for (const file of files) {
    for (const [name, entries] of Object.entries(file as Readonly<Record<string, readonly never[]>>)) {
      const check = lists[name];
      if (check === undefined || !Array.isArray(entries)) {
        yield { entry: name, error: `${name}: not a list of this format` };
        continue;
      }
      for (const [index, entry] of entries.entries()) {
        yield await outcome(`${name} ${index}`, () => check(crypto, entry));
      }
    }
  }
}

/** The form of SFrame that goes with a provider: promises over WebCrypto for "web". */
function cryptoOf(provider: string): SFrameCrypto<Form> {
  if (provider === "web") return webCrypto({ symmetric: nobleSymmetric });
  return syncCrypto(provider === "noble" ? nobleSymmetric : nodeSymmetric);
}

function checkHeader(_crypto: SFrameCrypto<Form>, entry: HeaderEntry): void {
  const [kid, ctr] = [BigInt(entry.kid), BigInt(entry.ctr)];
  same("encoded", writeSFrameHeader({ kid, ctr }), entry.encoded);
  const header = readSFrameHeader(fromHex(entry.encoded));
  same("kid", header.kid, kid);
  same("ctr", header.ctr, ctr);
  same("length", header.length, entry.encoded.length / 2);
}

async function checkCtrHmac(crypto: SFrameCrypto<Form>, entry: CtrHmacEntry): Promise<void> {
  const suite = sframeSuite(entry.cipher_suite, { experimental: true });
  const key = fromHex(entry.key);
  same("key", key.length, suite.keyLength);
  same("enc_key", key.subarray(0, suite.encryptionKeyLength), entry.enc_key);
  same("auth_key", key.subarray(suite.encryptionKeyLength), entry.auth_key);
  const cipher = frameCipher(crypto, suite, Secret.of("sframe key", key));
  const [nonce, aad] = [fromHex(entry.nonce), fromHex(entry.aad)];
  same("ct", asArray(await cipher.seal(nonce, aad, fromHex(entry.pt))), entry.ct);
  same("pt", asArray(await cipher.open(nonce, aad, fromHex(entry.ct))), entry.pt);
  cipher.wipe();
}

async function checkFrame(crypto: SFrameCrypto<Form>, entry: FrameEntry): Promise<void> {
  const suite = sframeSuite(entry.cipher_suite, { experimental: true });
  const [kid, ctr] = [BigInt(entry.kid), BigInt(entry.ctr)];
  const [baseKey, metadata] = [fromHex(entry.base_key), fromHex(entry.metadata)];
  same("sframe_key_label", sframeLabel("key", suite, kid), entry.sframe_key_label);
  same("sframe_salt_label", sframeLabel("salt", suite, kid), entry.sframe_salt_label);
  same("sframe_secret", sframeSecret(crypto.symmetric, suite, baseKey), entry.sframe_secret);
  const { key, salt } = deriveKeyAndSalt(crypto.symmetric, { suite, kid, baseKey });
  same("sframe_key", key.use(hex), entry.sframe_key);
  same("sframe_salt", salt.use(hex), entry.sframe_salt);
  same(
    "nonce",
    salt.use((bytes) => hex(sframeNonce(bytes, ctr))),
    entry.nonce,
  );
  same("aad", hex(writeSFrameHeader({ kid, ctr })) + entry.metadata, entry.aad);

  const sender = new SFrameSender({ suite, kid, baseKey, crypto });
  sender.advanceTo(ctr);
  same("ct", await sender.encrypt(fromHex(entry.pt), metadata), entry.ct);
  const receiver = new SFrameReceiver({ suite, crypto });
  receiver.addKey(kid, baseKey);
  const opened = await receiver.open(fromHex(entry.ct), metadata);
  same("pt", opened.plaintext, entry.pt);
  same("kid", opened.kid, kid);
  same("ctr", opened.ctr, ctr);
}
