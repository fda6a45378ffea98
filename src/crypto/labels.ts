/**
 * The labelled constructions that MLS builds on its cipher suite: every use of a key names its purpose.
 * RFC 9420 sections 5.1.2, 5.1.3, 5.2, 8, 8.3 and 9.
 */

import { isThenable } from "../bytes/decision.ts";
import { concat } from "../bytes/concat.ts";
import { nothing } from "../bytes/nothing.ts";
import { utf8 } from "../bytes/text.ts";
import { vectorHeaderSize, Writer } from "../codec/writer.ts";
import { hpkeExportReceive, hpkeExportSend, hpkeOpen, hpkeSealer } from "./hpke/hpke.ts";
import type { Awaitable, CipherSuite, KeyPair, Random, Signer } from "./provider.ts";

/** The label of a signature or an encryption: MLS's own are text, and those of an application's components an encoded struct. */
export type Label = string | Uint8Array;

/** A ciphertext of EncryptWithLabel, RFC 9420 section 7.6: `HPKECiphertext`'s two fields. */
export interface LabelledCiphertext {
  readonly kemOutput: Uint8Array;
  readonly ciphertext: Uint8Array;
}

/**
 * RFC 9420 section 8: ExpandWithLabel(Secret, Label, Context, Length).
 *
 *     struct {
 *         uint16 length;
 *         opaque label<V>;      // "MLS 1.0 " + Label
 *         opaque context<V>;
 *     } KDFLabel;
 */
export function expandWithLabel(
  suite: CipherSuite,
  secret: Uint8Array,
  label: string,
  context: Uint8Array,
  length: number,
): Uint8Array {
  const name = mlsLabel(label);
  const out = new Writer(2 + vectorSize(name) + vectorSize(context));
  out.u16(length);
  out.vectorBytes(name);
  out.vectorBytes(context);
  return suite.expand(secret, out.finish(), length);
}

/** RFC 9420 section 8: DeriveSecret(Secret, Label), of KDF.Nh bytes. */
export function deriveSecret(suite: CipherSuite, secret: Uint8Array, label: string): Uint8Array {
  return expandWithLabel(suite, secret, label, nothing, suite.hashLength);
}

/** RFC 9420 section 9: DeriveTreeSecret(Secret, Label, Generation, Length). */
export function deriveTreeSecret(
  suite: CipherSuite,
  secret: Uint8Array,
  label: string,
  generation: number,
  length: number,
): Uint8Array {
  const context = Uint8Array.of(generation >>> 24, generation >>> 16, generation >>> 8, generation);
  return expandWithLabel(suite, secret, label, context, length);
}

/** RFC 9420 section 5.2: RefHash(label, value); the label stands as it is. */
export function refHash(suite: Pick<CipherSuite, "hash">, label: string, value: Uint8Array): Uint8Array {
  return suite.hash(twoVectors(utf8(label), value));
}

/** RFC 9420 section 5.2: the KeyPackageRef of an encoded KeyPackage. */
export function makeKeyPackageRef(suite: Pick<CipherSuite, "hash">, keyPackage: Uint8Array): Uint8Array {
  return refHash(suite, "MLS 1.0 KeyPackage Reference", keyPackage);
}

/** RFC 9420 section 5.2: the ProposalRef of an encoded AuthenticatedContent that carries a proposal. */
export function makeProposalRef(suite: CipherSuite, authenticatedContent: Uint8Array): Uint8Array {
  return refHash(suite, "MLS 1.0 Proposal Reference", authenticatedContent);
}

/**
 * RFC 9420 section 5.1.2: the encoded SignContent, `opaque label<V>; opaque content<V>`, that a signature covers. The content
 * may come in parts.
 */
export function signContent(label: Label, ...content: readonly Uint8Array[]): Uint8Array {
  return twoVectors(mlsLabel(label), ...content);
}

/** What is signed: its bytes, or what writes them where they are needed for nothing else. */
export type SignedContent = Uint8Array | ((out: Writer) => void);

/** RFC 9420 section 5.1.2: SignWithLabel(SignatureKey, Label, Content). */
export function signWithLabel(signer: Signer, label: Label, content: SignedContent): Awaitable<Uint8Array> {
  return signer.sign(encodedSignContent(label, content));
}

function encodedSignContent(label: Label, content: SignedContent): Uint8Array {
  if (content instanceof Uint8Array) return signContent(label, content);
  const out = new Writer();
  out.vectorBytes(mlsLabel(label));
  out.vector(() => {
    content(out);
  });
  return out.finish();
}

/** RFC 9420 section 5.1.2: VerifyWithLabel(VerificationKey, Label, Content, SignatureValue). */
export function verifyWithLabel(
  suite: CipherSuite,
  signed: {
    readonly publicKey: Uint8Array;
    readonly label: Label;
    readonly content: SignedContent;
    readonly signature: Uint8Array;
  },
): Awaitable<boolean> {
  const { publicKey, label, content, signature } = signed;
  const answer: unknown = suite.verify({ publicKey, message: encodedSignContent(label, content), signature });
  return isThenable(answer) ? answer.then(isYes) : isYes(answer);
}

/** Only `true` is a yes, whatever the provider of a caller answers with. */
function isYes(answer: unknown): boolean {
  return answer === true;
}

/** What is encrypted to one of several receivers. */
export interface LabelledPlaintext {
  readonly publicKey: Uint8Array;
  readonly plaintext: Uint8Array;
  readonly random: Random;
}

/**
 * RFC 9420 section 5.1.3: EncryptWithLabel(PublicKey, Label, Context, Plaintext).
 *
 * @throws CopseError "key-invalid" where the public key is not one of the suite's KEM.
 */
export function encryptWithLabel(
  suite: CipherSuite,
  { label, context, ...input }: LabelledPlaintext & { readonly label: Label; readonly context: Uint8Array },
): Promise<LabelledCiphertext> {
  return encryptorWithLabel(suite, label, context)(input);
}

/** EncryptWithLabel to many receivers under one label and context: a Welcome's context is as long as the whole tree. */
export function encryptorWithLabel(
  suite: CipherSuite,
  label: Label,
  context: Uint8Array,
): (input: LabelledPlaintext) => Promise<LabelledCiphertext> {
  const seal = hpkeSealer(suite, twoVectors(mlsLabel(label), context));
  return async (input) => {
    const { enc, ciphertext } = await seal({ ...input, associatedData: nothing });
    return { kemOutput: enc, ciphertext };
  };
}

/**
 * RFC 9420 section 5.1.3: DecryptWithLabel(PrivateKey, Label, Context, KEMOutput, Ciphertext).
 *
 * @throws CopseError "decapsulation" for a KEM output that is not valid, "aead-open" where the tag does not verify.
 */
export function decryptWithLabel(
  suite: CipherSuite,
  input: {
    readonly privateKey: Uint8Array;
    /** The public key that belongs to it, where it is known. */
    readonly publicKey?: Uint8Array;
    readonly label: Label;
    readonly context: Uint8Array;
    readonly kemOutput: Uint8Array;
    readonly ciphertext: Uint8Array;
  },
): Promise<Uint8Array> {
  const { privateKey, publicKey, label, context, kemOutput, ciphertext } = input;
  const info = twoVectors(mlsLabel(label), context);
  return hpkeOpen(suite, { privateKey, publicKey, enc: kemOutput, info, associatedData: nothing, ciphertext });
}

const externalInit = utf8("MLS 1.0 external init secret");

/**
 * RFC 9420 section 8.3, the joiner's half: a new init secret for the group whose external public key this is.
 *
 * @throws CopseError "key-invalid".
 */
export async function externalInitSend(
  suite: CipherSuite,
  externalPub: Uint8Array,
  random: Random,
): Promise<{ readonly kemOutput: Uint8Array; readonly initSecret: Uint8Array }> {
  const { enc, exported } = await hpkeExportSend(suite, {
    publicKey: externalPub,
    info: nothing,
    exporterContext: externalInit,
    length: suite.hashLength,
    random,
  });
  return { kemOutput: enc, initSecret: exported };
}

/**
 * RFC 9420 section 8.3, the members' half: the init secret of an ExternalInit proposal.
 *
 * @throws CopseError "decapsulation".
 */
export function externalInitReceive(
  suite: CipherSuite,
  { privateKey, publicKey }: KeyPair,
  kemOutput: Uint8Array,
): Promise<Uint8Array> {
  return hpkeExportReceive(suite, {
    privateKey,
    publicKey,
    enc: kemOutput,
    info: nothing,
    exporterContext: externalInit,
    length: suite.hashLength,
  });
}

/** The labels that were encoded before. Applications may bring any number of their own, so the cache has an end. */
const labels = new Map<string, Uint8Array>();
const mostLabels = 128;

function mlsLabel(label: Label): Uint8Array {
  if (typeof label !== "string") return concat(utf8("MLS 1.0 "), label);
  let bytes = labels.get(label);
  if (bytes === undefined) {
    bytes = utf8(`MLS 1.0 ${label}`);
    if (labels.size < mostLabels) labels.set(label, bytes);
  }
  return bytes;
}

/** Two vectors one behind the other, the second of them in parts. */
function twoVectors(first: Uint8Array, ...second: readonly Uint8Array[]): Uint8Array {
  let length = 0;
  for (const part of second) length += part.length;
  const out = new Writer(vectorSize(first) + vectorHeaderSize(length) + length);
  out.vectorBytes(first);
  out.vectorHeader(length);
  for (const part of second) out.raw(part);
  return out.finish();
}

/** The length of `opaque value<V>`. */
function vectorSize(value: Uint8Array): number {
  return vectorHeaderSize(value.length) + value.length;
}
