/**
 * The vectors of vectors/copse for draft-ietf-mls-extensions, computed without the library: node:crypto and the words of the
 * draft, RFC 9420 and RFC 9180, written out by hand.
 */

import {
  createCipheriv,
  createHash,
  createHmac,
  createPrivateKey,
  createPublicKey,
  diffieHellman,
  sign,
  type KeyObject,
} from "node:crypto";
import {
  applicationExportSecret,
  componentLabel,
  expandWithLabel,
  hashOf,
  labelled,
  safeExportSecret,
  uint16,
  vector,
} from "../schedule/safe-longhand.ts";

const { from, concat, alloc } = Buffer;
const text = (words: string): Buffer => from(words, "utf8");
const hex = (bytes: Uint8Array): string => from(bytes).toString("hex");

/** Bytes that look random: SHA-256 of "copse safe <label> <n>" for n = 0, 1, ..., in a row. */
function made(label: string, length: number): Buffer {
  const parts: Buffer[] = [];
  for (let n = 0; n * 32 < length; n++) {
    parts.push(
      createHash("sha256")
        .update(`copse safe ${label} ${String(n)}`)
        .digest(),
    );
  }
  return concat(parts).subarray(0, length);
}

function safeExporter(): readonly object[] {
  return Object.entries(hashOf).map(([id, [, length]]) => {
    const suite = Number(id);
    const epochSecret = made(`epoch ${id}`, length);
    const root = applicationExportSecret(suite, epochSecret);
    return {
      cipher_suite: suite,
      epoch_secret: hex(epochSecret),
      application_export_secret: hex(root),
      exports: [0x8001, 0, 1, 0x8000, 0x7fff, 0xffff, 5].map((componentId) => ({
        component_id: componentId,
        secret: hex(safeExportSecret(suite, root, componentId)),
      })),
    };
  });
}

/** The suites whose signatures are the same each time, and whose keys are bytes of any kind: X25519 and X448. */
export interface Curves {
  readonly suite: number;
  readonly length: number;
  readonly kem: readonly [name: "x25519" | "x448", oid: string, id: number, hash: string];
  readonly signature: readonly [oid: string, length: number];
  readonly kdf: number;
  readonly aead: readonly [id: number, name: "aes-128-gcm" | "aes-256-gcm" | "chacha20-poly1305", keyLength: number];
}
const x25519 = ["x25519", "6e", 0x20, "sha256"] as const;
const x448 = ["x448", "6f", 0x21, "sha512"] as const;
export const curves: readonly Curves[] = [
  { suite: 1, length: 32, kem: x25519, signature: ["70", 32], kdf: 1, aead: [1, "aes-128-gcm", 16] },
  { suite: 3, length: 32, kem: x25519, signature: ["70", 32], kdf: 1, aead: [3, "chacha20-poly1305", 32] },
  { suite: 4, length: 56, kem: x448, signature: ["71", 57], kdf: 3, aead: [2, "aes-256-gcm", 32] },
  { suite: 6, length: 56, kem: x448, signature: ["71", 57], kdf: 3, aead: [3, "chacha20-poly1305", 32] },
];

/** A private key of RFC 8410, of its bytes: the OIDs are 1.3.101.110 to 113. */
export function privateKeyOf(oid: string, bytes: Buffer): KeyObject {
  const inner = concat([from([0x04, bytes.length]), bytes]);
  const body = concat([from("020100" + "3005" + "06032b65" + oid, "hex"), from([0x04, inner.length]), inner]);
  return createPrivateKey({ key: concat([from([0x30, body.length]), body]), format: "der", type: "pkcs8" });
}

export function publicBytes(key: KeyObject): Buffer {
  const { x } = createPublicKey(key).export({ format: "jwk" });
  return from(x!, "base64url");
}

/** RFC 9180 section 4: LabeledExtract and LabeledExpand, with HKDF of RFC 5869. */
export function labeledKdf(
  hash: string,
  suiteId: Buffer,
): {
  extract: (salt: Buffer, label: string, ikm: Buffer) => Buffer;
  expand: (prk: Buffer, label: string, info: Buffer, length: number) => Buffer;
} {
  const prefix = (label: string): Buffer => concat([text("HPKE-v1"), suiteId, text(label)]);
  return {
    extract: (salt, label, ikm) =>
      createHmac(hash, salt)
        .update(concat([prefix(label), ikm]))
        .digest(),
    expand: (prk, label, info, length) => {
      const labeled = concat([uint16(length), prefix(label), info]);
      let out = alloc(0);
      let block = alloc(0);
      for (let n = 1; out.length < length; n++) {
        block = createHmac(hash, prk)
          .update(concat([block, labeled, from([n])]))
          .digest();
        out = concat([out, block]);
      }
      return out.subarray(0, length);
    },
  };
}

/** RFC 9180 sections 4.1, 5.1.1, 5.2: SealBase with this ephemeral key and no associated data. */
export function sealBase(
  { kem, kdf, aead, suite }: Curves,
  ephemeral: KeyObject,
  receiver: KeyObject,
  info: Buffer,
  plaintext: Buffer,
): { readonly enc: Buffer; readonly ciphertext: Buffer } {
  const [, , kemId, kemHash] = kem;
  const enc = publicBytes(ephemeral);
  const dh = diffieHellman({ privateKey: ephemeral, publicKey: createPublicKey(receiver) });
  const ofKem = labeledKdf(kemHash, concat([text("KEM"), uint16(kemId)]));
  const prk = ofKem.extract(alloc(0), "eae_prk", dh);
  const kemContext = concat([enc, publicBytes(receiver)]);
  const secret = ofKem.expand(prk, "shared_secret", kemContext, kemHash === "sha512" ? 64 : 32);
  const [aeadId, name, keyLength] = aead;
  const own = labeledKdf(hashOf[suite]![0], concat([text("HPKE"), uint16(kemId), uint16(kdf), uint16(aeadId)]));
  const nothing = alloc(0);
  const pskIdHash = own.extract(nothing, "psk_id_hash", nothing);
  const context = concat([from([0]), pskIdHash, own.extract(nothing, "info_hash", info)]);
  const scheduled = own.extract(secret, "secret", nothing);
  const key = own.expand(scheduled, "key", context, keyLength);
  const nonce = own.expand(scheduled, "base_nonce", context, 12);
  const cipher = createCipheriv(name as "aes-128-gcm", key, nonce, { authTagLength: 16 });
  const ciphertext = concat([cipher.update(plaintext), cipher.final(), cipher.getAuthTag()]);
  return { enc, ciphertext };
}

function componentOperations(): readonly object[] {
  return curves.map((each) => {
    const { suite, length, kem, signature } = each;
    const componentId = 0x8000 + suite;
    const signer = made(`signature key ${String(suite)}`, signature[1]);
    const key = privateKeyOf(signature[0], signer);
    const content = text("I vote for the blue one");
    const signLabel = componentLabel(componentId, "vote");
    const receiving = made(`receiver ${String(suite)}`, length);
    const receiver = privateKeyOf(kem[1], receiving);
    const ephemeral = privateKeyOf(kem[1], made(`ephemeral ${String(suite)}`, length));
    const encryptLabel = componentLabel(componentId, "invitation");
    const context = text("room 7");
    const plaintext = text("the keys are under the mat");
    const info = labelled(encryptLabel, context);
    const { enc, ciphertext } = sealBase(each, ephemeral, receiver, info, plaintext);
    return {
      cipher_suite: suite,
      component_id: componentId,
      sign_with_label: {
        priv: hex(signer),
        pub: hex(publicBytes(key)),
        label: "vote",
        component_operation_label: hex(signLabel),
        content: hex(content),
        signature: hex(sign(null, labelled(signLabel, content), key)),
      },
      encrypt_with_label: {
        priv: hex(receiving),
        pub: hex(publicBytes(receiver)),
        label: "invitation",
        component_operation_label: hex(encryptLabel),
        context: hex(context),
        plaintext: hex(plaintext),
        kem_output: hex(enc),
        ciphertext: hex(ciphertext),
      },
    };
  });
}

/** RFC 9420 section 8.4, with the PreSharedKeyID of the draft's section 4.5. */
function applicationPsk(): readonly object[] {
  return Object.entries(hashOf).map(([id, [hash, length]]) => {
    const suite = Number(id);
    const psks = [0x8001, 0x8002, 5].map((componentId, n) => ({
      component_id: componentId,
      psk_id: text(n === 1 ? "" : "door"),
      psk: made(`psk ${id} ${String(n)}`, 16 + n),
      psk_nonce: made(`nonce ${id} ${String(n)}`, length),
    }));
    let secret = alloc(length);
    for (const [index, { component_id, psk_id, psk, psk_nonce }] of psks.entries()) {
      const extracted = createHmac(hash, alloc(length)).update(psk).digest();
      const pskId = concat([from([3]), uint16(component_id), vector(psk_id), vector(psk_nonce)]);
      const label = concat([pskId, uint16(index), uint16(psks.length)]);
      const input = expandWithLabel(suite, extracted, "derived psk", label);
      secret = createHmac(hash, input).update(secret).digest();
    }
    return {
      cipher_suite: suite,
      psks: psks.map(({ component_id, psk_id, psk, psk_nonce }) => ({
        component_id,
        psk_id: hex(psk_id),
        psk: hex(psk),
        psk_nonce: hex(psk_nonce),
      })),
      psk_secret: hex(secret),
    };
  });
}

type Entries = readonly (readonly [componentId: number, data: string])[];

/** `struct { ComponentID component_id; opaque data<V>; }` in a vector: a dictionary, and a SafeAAD. */
function listed(entries: Entries): Buffer {
  return vector(concat(entries.map(([id, data]) => concat([uint16(id), vector(text(data))]))));
}
const update = (id: number, data: string): Buffer => concat([uint16(id), from([1]), vector(text(data))]);
const remove = (id: number): Buffer => concat([uint16(id), from([2])]);

function appDataUpdates(): readonly object[] {
  const before: Entries = [
    [2, ""],
    [0x8001, "ab"],
    [0x9000, "of nobody"],
  ];
  const entry = (was: Entries | undefined, updates: readonly Buffer[], after: Entries | string): object => ({
    components: [0x8001, 0x8002],
    before: was === undefined ? null : hex(listed(was)),
    updates: updates.map(hex),
    ...(typeof after === "string" ? { error: after } : { after: hex(listed(after)) }),
  });
  return [
    entry(undefined, [update(0x8002, "x")], [[0x8002, "x"]]),
    entry([], [update(0x8002, "x"), update(0x8002, "y")], [[0x8002, "xy"]]),
    entry(before, [update(0x8001, "cd")], [before[0]!, [0x8001, "abcd"], before[2]!]),
    entry(
      before,
      [update(0x8002, "2"), update(0x8001, "c"), update(0x8002, "3"), update(0x8001, "")],
      [before[0]!, [0x8001, "abc"], [0x8002, "23"], before[2]!],
    ),
    entry(before, [remove(0x8001)], [before[0]!, before[2]!]),
    entry(before, [remove(0x8001), update(0x8002, "")], [before[0]!, [0x8002, ""], before[2]!]),
    entry([[0x8001, ""]], [remove(0x8001)], []),
    entry(before, [remove(0x8001), remove(0x8001)], "app-data-operations"),
    entry(before, [update(0x8001, "c"), remove(0x8001)], "app-data-operations"),
    entry(before, [remove(0x8001), update(0x8001, "c")], "app-data-operations"),
    entry(before, [remove(0x8002)], "app-data-nothing-to-remove"),
    entry(undefined, [remove(0x8001)], "app-data-nothing-to-remove"),
    entry(before, [update(0x9000, "more")], "component-unknown"),
    entry(before, [remove(0x9000)], "component-unknown"),
    entry(before, [update(0x8001, "cdefghi")], "component-refused"),
    entry(before, [update(0x8002, "x"), update(0x8001, "cdef"), update(0x8001, "ghi")], "component-refused"),
  ];
}

type Type = readonly [type: string, parameters: readonly (readonly [name: string, value: string])[]];
function mediaType([type, parameters]: Type): Buffer {
  const list = parameters.map(([name, value]) => concat([vector(text(name)), vector(text(value))]));
  return concat([vector(text(type)), vector(concat(list))]);
}

function applicationFraming(): readonly object[] {
  const plain: Type = ["text/plain", [["charset", "UTF-8"]]];
  const image: Type = ["image/png", []];
  const shown = ([type, parameters]: Type): object => ({
    type,
    parameters: parameters.map(([name, value]) => ({ name, value })),
  });
  const types = hex(vector(concat([mediaType(plain), mediaType(image)])));
  const content = text("hello");
  const entry = (applicationData: Buffer, result: { is: Type; content: Buffer } | "application-framing"): object => ({
    content_media_types: types,
    application_data: hex(applicationData),
    ...(typeof result === "string"
      ? { error: result }
      : { media_type: shown(result.is), content: hex(result.content) }),
  });
  const framed = (type: Type, inner: Buffer): Buffer => concat([mediaType(type), vector(inner)]);
  const other: Type = [
    "multipart/alternative",
    [
      ["boundary", 'a "quoted" one'],
      ["x", ""],
    ],
  ];
  return [
    entry(framed(["", []], content), { is: plain, content }),
    entry(framed(plain, content), { is: plain, content }),
    entry(framed(image, alloc(0)), { is: image, content: alloc(0) }),
    entry(framed(other, content), { is: other, content }),
    entry(alloc(0), "application-framing"),
    entry(content, "application-framing"),
    entry(concat([framed(plain, content), alloc(1)]), "application-framing"),
    entry(framed(plain, content).subarray(0, -1), "application-framing"),
  ];
}

function safeAad(): readonly object[] {
  const good = (items: Entries): object => ({
    authenticated_data: hex(listed(items)),
    items: items.map(([component_id, data]) => ({ component_id, data: hex(text(data)) })),
  });
  const bad = (bytes: Buffer, reason: string): object => ({
    authenticated_data: hex(bytes),
    error: "safe-aad",
    reason,
  });
  return [
    good([]),
    good([[0x8001, ""]]),
    good([
      [5, "received"],
      [0x8001, "1"],
      [0xffff, "2".repeat(70)],
    ]),
    bad(alloc(0), "no SafeAAD, not even an empty one"),
    bad(text("hello"), "other authenticated data"),
    bad(listed([[0x8002, ""], [0x8001, ""]]), "the items are not in order"), // prettier-ignore
    bad(listed([[0x8001, "1"], [0x8001, "2"]]), "two items of one component"), // prettier-ignore
    bad(concat([listed([[0x8001, "1"]]), alloc(1)]), "something behind the SafeAAD"),
    bad(listed([[0x8001, "12"]]).subarray(0, -1), "the end is missing"),
  ];
}

/** The files of vectors/copse, by name. */
export function safeVectors(): Readonly<Record<string, readonly object[]>> {
  return {
    "safe-exporter.json": safeExporter(),
    "component-operations.json": componentOperations(),
    "application-psk.json": applicationPsk(),
    "app-data-update.json": appDataUpdates(),
    "application-framing.json": applicationFraming(),
    "safe-aad.json": safeAad(),
  };
}
