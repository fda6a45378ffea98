/**
 * Hybrid public key encryption in the base mode: a message, or a secret, for whoever holds a private key.
 * RFC 9180 sections 5.1 and 6.1. The context is used once and then wiped: MLS never sends a second message in one.
 */

import { concat } from "../../bytes/concat.ts";
import { nothing } from "../../bytes/nothing.ts";
import { utf8 } from "../../bytes/text.ts";
import { labeledExpand, labeledExtract } from "./labeled-kdf.ts";
import type { CipherSuite, Random } from "../provider.ts";

/** One message to seal. */
export interface SealInput {
  readonly publicKey: Uint8Array;
  readonly associatedData: Uint8Array;
  readonly plaintext: Uint8Array;
  readonly random: Random;
}

/** What SealBase gives: the KEM output and the ciphertext. */
export interface Sealed {
  readonly enc: Uint8Array;
  readonly ciphertext: Uint8Array;
}

/** RFC 9180 section 6.1: SealBase(pkR, info, aad, pt). @throws CopseError "key-invalid". */
export function hpkeSeal(
  suite: CipherSuite,
  { info, ...input }: SealInput & { readonly info: Uint8Array },
): Promise<Sealed> {
  return hpkeSealer(suite, info)(input);
}

/** SealBase to many receivers under one info, which may be long and is hashed once. */
export function hpkeSealer(suite: CipherSuite, info: Uint8Array): (input: SealInput) => Promise<Sealed> {
  const context = keyScheduleContext(suite, info);
  return async ({ publicKey, associatedData, plaintext, random }) => {
    const { enc, sharedSecret } = await suite.encap(publicKey, random);
    const ciphertext = withKey(suite, sharedSecret, context, (key, nonce) =>
      suite.seal(key, nonce, associatedData, plaintext),
    );
    return { enc, ciphertext };
  };
}

/** RFC 9180 section 6.1: OpenBase(enc, skR, info, aad, ct). @throws CopseError "decapsulation" or "aead-open". */
export async function hpkeOpen(
  suite: CipherSuite,
  input: {
    readonly privateKey: Uint8Array;
    /** The public key that belongs to it, where it is known. */
    readonly publicKey?: Uint8Array | undefined;
    readonly enc: Uint8Array;
    readonly info: Uint8Array;
    readonly associatedData: Uint8Array;
    readonly ciphertext: Uint8Array;
  },
): Promise<Uint8Array> {
  const sharedSecret = await suite.decap(input.enc, input.privateKey, input.publicKey);
  return withKey(suite, sharedSecret, keyScheduleContext(suite, input.info), (key, nonce) =>
    suite.open(key, nonce, input.associatedData, input.ciphertext),
  );
}

/** RFC 9180 sections 5.1.1 and 5.3: SetupBaseS(pkR, info), then Export. @throws CopseError "key-invalid". */
export async function hpkeExportSend(
  suite: CipherSuite,
  input: {
    readonly publicKey: Uint8Array;
    readonly info: Uint8Array;
    readonly exporterContext: Uint8Array;
    readonly length: number;
    readonly random: Random;
  },
): Promise<{ readonly enc: Uint8Array; readonly exported: Uint8Array }> {
  const { enc, sharedSecret } = await suite.encap(input.publicKey, input.random);
  return { enc, exported: exportSecret(suite, sharedSecret, input) };
}

/** RFC 9180 sections 5.1.1 and 5.3: SetupBaseR(enc, skR, info), then Export. @throws CopseError "decapsulation". */
export async function hpkeExportReceive(
  suite: CipherSuite,
  input: {
    readonly privateKey: Uint8Array;
    /** The public key that belongs to it, where it is known. */
    readonly publicKey?: Uint8Array | undefined;
    readonly enc: Uint8Array;
    readonly info: Uint8Array;
    readonly exporterContext: Uint8Array;
    readonly length: number;
  },
): Promise<Uint8Array> {
  return exportSecret(suite, await suite.decap(input.enc, input.privateKey, input.publicKey), input);
}

/** What the key schedule of a suite needs and no message changes. */
interface Constants {
  readonly suiteId: Uint8Array;
  /** mode_base, then LabeledExtract("", "psk_id_hash", ""): the constant head of every key_schedule_context. */
  readonly contextHead: Uint8Array;
}

const constants = new WeakMap<CipherSuite, Constants>();
const label = {
  pskIdHash: utf8("psk_id_hash"),
  infoHash: utf8("info_hash"),
  secret: utf8("secret"),
  key: utf8("key"),
  baseNonce: utf8("base_nonce"),
  exp: utf8("exp"),
  sec: utf8("sec"),
} as const;

function constantsOf(suite: CipherSuite): Constants {
  let known = constants.get(suite);
  if (known === undefined) {
    const suiteId = new Uint8Array(10);
    suiteId.set(utf8("HPKE"));
    const view = new DataView(suiteId.buffer);
    view.setUint16(4, suite.hpke.kem);
    view.setUint16(6, suite.hpke.kdf);
    view.setUint16(8, suite.hpke.aead);
    const pskIdHash = labeledExtract(suite, suiteId, nothing, label.pskIdHash, nothing);
    known = { suiteId, contextHead: concat(new Uint8Array([0]), pskIdHash) };
    constants.set(suite, known);
  }
  return known;
}

/** The key_schedule_context of the base mode: the same for every message under this info. RFC 9180 section 5.1 */
function keyScheduleContext(suite: CipherSuite, info: Uint8Array): Uint8Array {
  const { suiteId, contextHead } = constantsOf(suite);
  return concat(contextHead, labeledExtract(suite, suiteId, nothing, label.infoHash, info));
}

/** KeySchedule(mode_base, shared_secret, info, "", "") as far as its `secret`, RFC 9180 section 5.1. Wipes both. */
function withSecret<Result>(suite: CipherSuite, sharedSecret: Uint8Array, use: (secret: Uint8Array) => Result): Result {
  const { suiteId } = constantsOf(suite);
  const secret = labeledExtract(suite, suiteId, sharedSecret, label.secret, nothing);
  sharedSecret.fill(0);
  try {
    return use(secret);
  } finally {
    secret.fill(0);
  }
}

function withKey(
  suite: CipherSuite,
  sharedSecret: Uint8Array,
  context: Uint8Array,
  use: (key: Uint8Array, nonce: Uint8Array) => Uint8Array,
): Uint8Array {
  const { suiteId } = constantsOf(suite);
  return withSecret(suite, sharedSecret, (secret) => {
    const key = labeledExpand(suite, suiteId, secret, label.key, context, suite.keyLength);
    const nonce = labeledExpand(suite, suiteId, secret, label.baseNonce, context, suite.nonceLength);
    try {
      return use(key, nonce);
    } finally {
      key.fill(0);
      nonce.fill(0);
    }
  });
}

function exportSecret(
  suite: CipherSuite,
  sharedSecret: Uint8Array,
  input: { readonly info: Uint8Array; readonly exporterContext: Uint8Array; readonly length: number },
): Uint8Array {
  const { suiteId } = constantsOf(suite);
  const context = keyScheduleContext(suite, input.info);
  return withSecret(suite, sharedSecret, (secret) => {
    const exporter = labeledExpand(suite, suiteId, secret, label.exp, context, suite.hashLength);
    const exported = labeledExpand(suite, suiteId, exporter, label.sec, input.exporterContext, input.length);
    exporter.fill(0);
    return exported;
  });
}
