/**
 * copse's own vectors of recovery, the vault, backups and franking, written out by hand: node:crypto and the words of docs/vault.md and
 * draft-ietf-mimi-protocol. Elements and XChaCha20-Poly1305, which node:crypto has not, are noble's.
 */

import { createCipheriv, createHash, createHmac, createPrivateKey, sign } from "node:crypto";
import { xchacha20poly1305 } from "@noble/ciphers/chacha.js";
import { ristretto255_oprf } from "@noble/curves/ed25519.js";
import { componentLabel, labelled } from "../schedule/safe-longhand.ts";
import { curves, labeledKdf, privateKeyOf, publicBytes, sealBase } from "./copse-safe.ts";

const some = (label: string): Buffer => createHash("sha256").update(`copse vault ${label}`).digest();
const sha256 = (...parts: readonly Uint8Array[]): Buffer => createHash("sha256").update(Buffer.concat(parts)).digest();
const hmac = (key: Uint8Array, ...parts: readonly Uint8Array[]): Buffer =>
  createHmac("sha256", key).update(Buffer.concat(parts)).digest();
/** One block of HKDF-Expand is enough for all that is derived here. */
const expand = (prk: Uint8Array, info: Uint8Array, length = 32): Buffer =>
  hmac(prk, info, Buffer.of(1)).subarray(0, length);
const u16 = (value: number): Buffer => Buffer.of(value >> 8, value & 255);
const u32 = (value: number): Buffer => Buffer.concat([u16(value >>> 16), u16(value & 0xffff)]);
const u64 = (value: number): Buffer => Buffer.concat([u32(0), u32(value)]);
/** `opaque value<V>`, RFC 9420 section 2.1.2 */
const opaque = (bytes: Uint8Array): Buffer =>
  Buffer.concat([bytes.length < 64 ? Buffer.of(bytes.length) : u16(0x4000 | bytes.length), bytes]);
const text = (value: string): Buffer => opaque(Buffer.from(value));
const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");

/** The product in GF(2^8), by the definition. */
function times(a: number, b: number): number {
  let product = 0;
  for (let i = 0; i < 8; i++) if ((b >> i) & 1) product ^= a << i;
  for (let i = 14; i >= 8; i--) if ((product >> i) & 1) product ^= 0x11b << (i - 8);
  return product;
}

/** The OIDs of RFC 8410 end so, and the vault's component has this number. */
const [x25519, ed25519, vaultComponent] = ["6e", "70", 0xf0af] as const;
const account = Buffer.from("mimi://example.org/u/alice");

/** A registration with three servers, of which two are enough. */
function recoveryVector(): object {
  const [salt, stretched, shared, slope] = ["salt", "stretched", "shared", "slope"].map(some) as [
    Buffer,
    Buffer,
    Buffer,
    Buffer,
  ];
  const secret = some("secret").subarray(0, 16);
  const servers = [1, 2, 3].map((x) => {
    const { secretKey, publicKey } = ristretto255_oprf.voprf.deriveKeyPair(
      some(`server ${x}`),
      Buffer.from("copse recovery"),
    );
    const oprf = ristretto255_oprf.voprf as unknown as { evaluate(key: Uint8Array, input: Uint8Array): Uint8Array };
    const output = oprf.evaluate(secretKey, stretched);
    const share = shared.map((byte, i) => byte ^ times(slope[i]!, x));
    const mask = expand(
      hmac(Buffer.alloc(0), output),
      Buffer.concat([Buffer.from("copse recovery mask"), Buffer.of(x - 1)]),
    );
    return { secretKey, publicKey, output, share, masked: share.map((byte, i) => byte ^ mask[i]!) };
  });
  const head = Buffer.concat([
    ...[Buffer.of(1), opaque(account), u32(1), Buffer.of(2), salt.subarray(0, 16), Buffer.of(servers.length)],
    ...servers.flatMap(({ publicKey, masked }) => [publicKey, masked]),
  ]);
  const digest = sha256(head);
  const prk = hmac(digest, shared, stretched);
  const commitment = expand(prk, Buffer.from("copse recovery commitment"));
  const key = expand(prk, Buffer.from("copse recovery key"));
  const cipher = createCipheriv("aes-256-gcm", key, Buffer.alloc(12)).setAAD(digest);
  const sealed = Buffer.concat([cipher.update(secret), cipher.final(), cipher.getAuthTag()]);
  return {
    ...{ account: hex(account), registration: 1, threshold: 2, stretched: hex(stretched), shared: hex(shared) },
    servers: servers.map(({ secretKey, publicKey, output, share }) => ({
      secret_key: hex(secretKey),
      public_key: hex(publicKey),
      output: hex(output),
      share: hex(share),
    })),
    ...{
      commitment: hex(commitment),
      secret: hex(secret),
      record: hex(Buffer.concat([head, commitment, opaque(sealed)])),
    },
  };
}

/** Two records of a chain. */
function vaultVector(): object {
  const [root, authenticator] = [some("root"), some("authenticator")];
  const device = "mimi://example.org/d/alice/phone";
  const room = "mimi://example.org/r/hiking";
  const derive = (label: string, context: Uint8Array, length = 32): Buffer => {
    const info = Buffer.concat([text(`copse vault ${label}`), u64(5), opaque(authenticator), opaque(context)]);
    return expand(root, info, length);
  };
  const chain = derive("chain", Buffer.from(device), 16);
  const roomTag = derive("room", Buffer.from(room), 16);
  const key = derive("record", Buffer.concat([opaque(chain), opaque(roomTag), u64(0)]));
  let previous: Uint8Array = Buffer.alloc(32);
  const records = ["first", "second"].map((content, position) => {
    const nonce = some(`nonce ${position}`).subarray(0, 24);
    const head = Buffer.concat([Buffer.of(1), chain, u64(position), roomTag, previous, nonce]);
    const beside = Buffer.concat([opaque(account), u64(5), opaque(authenticator)]);
    const inside = Buffer.alloc(128);
    Buffer.concat([text(room), u64(1000 + position), text(content)]).copy(inside);
    const sealed = xchacha20poly1305(key, nonce, Buffer.concat([beside, head])).encrypt(inside);
    const record = Buffer.concat([head, opaque(sealed)]);
    previous = sha256(record);
    return { at: 1000 + position, content: hex(Buffer.from(content)), record: hex(record), id: hex(previous) };
  });
  const beside = Buffer.concat([Buffer.of(1), opaque(account), u64(5), opaque(authenticator)]);
  const [beforeRoot, beforeAuthenticator, last] = [some("root before"), some("authenticator before"), some("last")];
  const tip = Buffer.concat([text(device), u64(7), last]);
  const before = Buffer.concat([Buffer.of(1), u64(4), opaque(beforeAuthenticator), beforeRoot, Buffer.of(1), tip]);
  const edgeNonce = some("edge nonce").subarray(0, 24);
  const edgeOf = (inside: Buffer): string => {
    const sealed = xchacha20poly1305(derive("back edge", Buffer.alloc(0)), edgeNonce, beside).encrypt(inside);
    return hex(Buffer.concat([Buffer.of(1), edgeNonce, opaque(sealed)]));
  };
  const earlier = { epoch: "4", authenticator: hex(beforeAuthenticator), root: hex(beforeRoot) };
  return {
    before: { ...earlier, tips: [{ device, count: "7", last: hex(last) }] },
    ...{ edge: edgeOf(before), first_edge: edgeOf(Buffer.of(0)) },
    recovery: recoveryKeyVector({ epoch: 5, authenticator, root, device }),
    ...{ account: hex(account), epoch: "5", authenticator: hex(authenticator), root: hex(root), device, room },
    ...{ chain: hex(chain), room_tag: hex(roomTag), record_key: hex(key), records },
  };
}

/** The recovery key of a seed and a number, signed by a root key; where it stands, and an epoch's root that is sealed to it. */
function recoveryKeyVector(of: {
  readonly epoch: number;
  readonly authenticator: Buffer;
  readonly root: Buffer;
  readonly device: string;
}): object {
  const number = 3;
  const [suite] = curves;
  const seed = some("recovery seed").subarray(0, 16);
  const prk = hmac(Buffer.from("copse vault recovery"), seed);
  const ikm = expand(prk, Buffer.concat([Buffer.from("recovery key"), u16(1), u32(number)]));
  const kem = labeledKdf("sha256", Buffer.concat([Buffer.from("KEM"), u16(0x20)]));
  const secret = kem.expand(kem.extract(Buffer.alloc(0), "dkp_prk", ikm), "sk", Buffer.alloc(0), 32);
  const receiver = privateKeyOf(x25519, secret);
  const publicKey = publicBytes(receiver);
  const rootKey = privateKeyOf(ed25519, some("root key"));
  const tbs = Buffer.concat([Buffer.of(1), opaque(account), u16(1), u32(number), opaque(publicKey)]);
  const signature = sign(null, labelled(componentLabel(vaultComponent, "VaultRecoveryKeyTBS"), tbs), rootKey);
  const inside = Buffer.concat([u64(of.epoch), opaque(of.authenticator), of.root]);
  const context = Buffer.concat([opaque(account), u32(number)]);
  const info = labelled(componentLabel(vaultComponent, "VaultRoot"), context);
  const { enc, ciphertext } = sealBase(suite!, privateKeyOf(x25519, some("ephemeral")), receiver, info, inside);
  const accountKey = some("account key");
  const chainOf = (label: string, key: Buffer, device: string): string =>
    hex(sha256(text(`copse vault ${label}`), opaque(account), opaque(key), text(device)).subarray(0, 16));
  return {
    ...{ cipher_suite: 1, seed: hex(seed), number, public_key: hex(publicKey) },
    ...{ root_key: hex(publicBytes(rootKey)), signed_key: hex(Buffer.concat([tbs, opaque(signature)])) },
    ...{ account_key: hex(accountKey), key_chain: chainOf("recovery key", accountKey, "") },
    ...{ root_chain: chainOf("sealed roots", publicKey, of.device), root_place: String(of.epoch * 256) },
    sealed_root: hex(Buffer.concat([Buffer.of(1), u32(number), opaque(enc), opaque(ciphertext)])),
  };
}

/** A franked message: bare MIMI content, and what the hub makes of it. */
function frankingVector(): object {
  const salt = some("franking salt").subarray(0, 16);
  const sender = "mimi://example.org/u/alice";
  const room = "mimi://example.org/r/hiking";
  const cborText = (value: string): Buffer => Buffer.concat([Buffer.of(0x78, value.length), Buffer.from(value)]);
  // [salt, null, h'', null, null, {1: sender, 2: room}, [1, "", 1, "text/plain", h'6869']]
  const content = Buffer.concat([
    ...[Buffer.of(0x87, 0x50), salt, Buffer.of(0xf6, 0x40, 0xf6, 0xf6, 0xa2, 1), cborText(sender), Buffer.of(2)],
    ...[
      cborText(room),
      Buffer.of(0x85, 1, 0x60, 1, 0x6a),
      Buffer.from("text/plain"),
      Buffer.of(0x42),
      Buffer.from("hi"),
    ],
  ]);
  const tag = hmac(salt, content);
  const hubKey = some("hub key");
  const acceptedAt = 1_764_000_000_000;
  const at = Buffer.alloc(8);
  at.writeBigUInt64BE(BigInt(acceptedAt));
  const context = Buffer.concat([text(sender), text(room), at]);
  const serverFrank = hmac(hubKey, tag, context);
  const tbs = Buffer.concat([serverFrank, u16(1), context]);
  const seed = some("franking agent");
  const pkcs8 = Buffer.concat([Buffer.from("302e020100300506032b657004220420", "hex"), seed]);
  const privateKey = createPrivateKey({ key: pkcs8, format: "der", type: "pkcs8" });
  const signature = sign(null, Buffer.concat([text("MLS 1.0 FrankingIntegrityTBS"), opaque(tbs)]), privateKey);
  return {
    ...{
      application_data: hex(content),
      franking_tag: hex(tag),
      hub_key: hex(hubKey),
      sender_uri: sender,
      room_uri: room,
    },
    ...{
      accepted_timestamp: String(acceptedAt),
      server_frank: hex(serverFrank),
      cipher_suite: 1,
      signing_key: hex(seed),
    },
    ...{ signature: hex(signature), frank: hex(Buffer.concat([serverFrank, u16(1), opaque(signature)])) },
  };
}

/** A backup of two entries. */
function backupVector(): object {
  const salt = some("backup salt");
  const key = "12345679 12345670 12345674 12345671 12345677 12345672 12345675 12345678";
  const room = "mimi://example.org/r/hiking";
  const entries = ["second", "first"].map((words, i) => ({ room, at: 1001 - i, content: Buffer.from(words) }));
  const prk = hmac(salt, Buffer.from(key.replaceAll(" ", "")));
  const info = Buffer.concat([Buffer.from("copse backup"), Buffer.of(1, 1)]);
  let [block, okm] = [Buffer.alloc(0), Buffer.alloc(0)];
  for (let i = 1; okm.length < 103; i++) {
    block = Buffer.from(hmac(prk, block, info, Buffer.of(i)));
    okm = Buffer.concat([okm, block]);
  }
  const [chunkKey, prefix, commitment] = [okm.subarray(0, 32), okm.subarray(32, 39), okm.subarray(39, 71)];
  const accountTag = hmac(okm.subarray(71, 103), account).subarray(0, 16);
  const header = Buffer.concat([info, salt, commitment, accountTag]);
  const data = Buffer.concat(
    entries.map(({ at, content }) => {
      const entry = Buffer.concat([text(room), u64(at), opaque(content)]);
      return Buffer.concat([u32(entry.length), entry]);
    }),
  );
  const body = Buffer.alloc(65_536);
  Buffer.concat([u32(0), u32(data.length), data]).copy(body);
  const nonce = Buffer.concat([prefix, u32(0), Buffer.of(1)]);
  const cipher = createCipheriv("chacha20-poly1305", chunkKey, nonce, { authTagLength: 16 });
  cipher.setAAD(header, { plaintextLength: body.length });
  const file = Buffer.concat([header, cipher.update(body), cipher.final(), cipher.getAuthTag()]);
  return {
    ...{ account: hex(account), key, salt: hex(salt) },
    entries: entries.map(({ at, content }) => ({ room, at, content: hex(content) })),
    ...{ header: hex(header), file_length: file.length, file_sha256: hex(sha256(file)) },
  };
}

/** The files, by their names: one entry each. */
export function vaultVectors(): Readonly<Record<string, readonly object[]>> {
  return {
    "recovery.json": [recoveryVector()],
    "vault.json": [vaultVector()],
    "backup.json": [backupVector()],
    "franking.json": [frankingVector()],
  };
}
