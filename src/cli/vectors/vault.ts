/**
 * copse's own vectors of the vault and of reports: recovery by a PIN, records of a history, a backup file, a franked message. Formats:
 * vectors/README.md.
 */

import { hash } from "#symmetric";
import { concat } from "../../bytes/concat.ts";
import { Secret } from "../../bytes/secret.ts";
import { fromHex, hex } from "../../bytes/text.ts";
import { decode } from "../../codec/codec.ts";
import { blindInput, evaluateBlinded, finalizeEvaluated } from "../../crypto/oprf.ts";
import type { CipherSuite } from "../../crypto/provider.ts";
import { platformRandom } from "../../crypto/random.ts";
import { writeSafeAad } from "../../extensions/app-data/safe-aad.ts";
import { Frank } from "../../reports/formats.ts";
import { frankingNumbers, frankingTag } from "../../reports/franking.ts";
import { frankingStamp } from "../../reports/hub.ts";
import { headerLength } from "../../vault/backup/format.ts";
import { readBackup } from "../../vault/backup/read.ts";
import { writeBackup } from "../../vault/backup/write.ts";
import { chainOf, recordKeyOf, roomTagOf } from "../../vault/history/epoch.ts";
import { openEdge } from "../../vault/history/edge.ts";
import { openRecordAt } from "../../vault/history/record.ts";
import { recoveryKeyChain, sealedRootPlace, sealedRootsChain } from "../../vault/history/recovery-chain.ts";
import { checkedRecoveryKey, deriveRecoveryKey, openRoot } from "../../vault/history/recovery-key.ts";
import { openRecord, readRecord } from "../../vault/recovery/record.ts";
import { combine } from "../../vault/recovery/sharing.ts";
import { eachEntry, holds, same, type Verify } from "./check.ts";

interface RecoveryEntry {
  readonly account: string;
  readonly registration: number;
  readonly threshold: number;
  readonly stretched: string;
  readonly shared: string;
  readonly servers: readonly {
    readonly secret_key: string;
    readonly public_key: string;
    readonly output: string;
    readonly share: string;
  }[];
  readonly commitment: string;
  readonly secret: string;
  readonly record: string;
}

/** Each server's output is its function's, and the record opens with those of any two servers, and of none alone. */
export const verifyRecovery: Verify = eachEntry<RecoveryEntry>((entry) => {
  const stretched = fromHex(entry.stretched);
  const record = readRecord(fromHex(entry.record), fromHex(entry.account), entry.registration);
  same("threshold", record.threshold, entry.threshold);
  same("commitment", record.commitment, entry.commitment);
  const outputs = entry.servers.map(({ secret_key, public_key, output }, place) => {
    const key = { secretKey: fromHex(secret_key), publicKey: fromHex(public_key) };
    const blinded = blindInput(platformRandom, stretched);
    const evaluated = evaluateBlinded(platformRandom, key, blinded.blinded);
    const made = finalizeEvaluated(stretched, blinded, evaluated, key.publicKey);
    holds(`server ${String(place)}: its public key is the secret one's`, made !== undefined);
    same(`server ${String(place)}: output`, made, output);
    same(`server ${String(place)}: public key in the record`, record.servers[place]!.publicKey, public_key);
    return { place, output: made! };
  });
  const shares = entry.servers.map(({ share }, i) => ({ x: i + 1, bytes: fromHex(share) }));
  for (const left of outputs.keys()) {
    const without = <T>(list: readonly T[]): readonly T[] => list.filter((_, i) => i !== left);
    same("shared", combine(without(shares)), entry.shared);
    same("secret", openRecord(record, without(outputs), stretched)!.use(hex), entry.secret);
    holds("one output opens nothing", openRecord(record, [outputs[left]!], stretched) === undefined);
  }
});

interface VaultEntry {
  readonly account: string;
  readonly epoch: string;
  readonly authenticator: string;
  readonly root: string;
  readonly device: string;
  readonly room: string;
  readonly chain: string;
  readonly room_tag: string;
  readonly record_key: string;
  readonly before: {
    readonly epoch: string;
    readonly authenticator: string;
    readonly root: string;
    readonly tips: readonly { readonly device: string; readonly count: string; readonly last: string }[];
  };
  readonly edge: string;
  readonly first_edge: string;
  readonly recovery: {
    readonly cipher_suite: number;
    readonly seed: string;
    readonly number: number;
    readonly public_key: string;
    readonly root_key: string;
    readonly signed_key: string;
    readonly account_key: string;
    readonly key_chain: string;
    readonly root_chain: string;
    readonly root_place: string;
    readonly sealed_root: string;
  };
  readonly records: readonly {
    readonly at: number;
    readonly content: string;
    readonly record: string;
    readonly id: string;
  }[];
}

/**
 * Names and key are derived, and each record opens at its place and names the one before; the edges lead to what was before, and to nothing; the recovery
 * key is the seed's, the root key has signed it, and the epoch that was sealed to it opens.
 */
export const verifyVault: Verify = eachEntry<VaultEntry>(async (entry, suiteFor) => {
  const { device, room } = entry;
  const epoch = {
    number: BigInt(entry.epoch),
    authenticator: fromHex(entry.authenticator),
    root: Secret.of("vault_root", fromHex(entry.root)),
  };
  const [chain, roomTag] = [chainOf(epoch, device), roomTagOf(epoch, room)];
  same("chain", chain, entry.chain);
  same("room_tag", roomTag, entry.room_tag);
  same("record_key", recordKeyOf(epoch, { chain, roomTag, position: 0n }), entry.record_key);
  let before = "00".repeat(32);
  for (const [i, { at, content, record, id }] of entry.records.entries()) {
    const place = { account: fromHex(entry.account), epoch, device, position: BigInt(i) };
    const opened = openRecordAt(fromHex(record), place);
    same(`record ${String(i)}: room`, opened.record.room, room);
    same(`record ${String(i)}: at`, opened.record.at, at);
    same(`record ${String(i)}: content`, opened.record.content, content);
    same(`record ${String(i)}: id`, opened.record.id, id);
    same(`record ${String(i)}: the one before`, opened.previous, before);
    before = id;
  }
  const account = fromHex(entry.account);
  const earlier = openEdge(account, epoch, fromHex(entry.edge))!;
  same("before: epoch", String(earlier.epoch.number), entry.before.epoch);
  same("before: authenticator", earlier.epoch.authenticator, entry.before.authenticator);
  same("before: root", earlier.epoch.root.use(hex), entry.before.root);
  const tips = earlier.tips.map((tip) => [tip.device, String(tip.count), hex(tip.last)].join(" "));
  same("before: tips", tips.join(), entry.before.tips.map((tip) => [tip.device, tip.count, tip.last].join(" ")).join());
  holds("the first epoch's edge leads to nothing", openEdge(account, epoch, fromHex(entry.first_edge)) === undefined);
  await verifyRecoveryKey(entry, suiteFor(entry.recovery.cipher_suite));
});

async function verifyRecoveryKey(
  { account: of, epoch, authenticator, root, device, recovery }: VaultEntry,
  suite: CipherSuite,
): Promise<void> {
  const { number, public_key, root_key, signed_key, account_key } = recovery;
  const account = fromHex(of);
  const key = await deriveRecoveryKey({ suite, seed: Secret.of("seed", fromHex(recovery.seed)), number });
  same("public_key", key.publicKey, public_key);
  const signed = { suite, rootKey: fromHex(root_key), account, recoveryKey: fromHex(signed_key), least: number };
  same("signed_key", (await checkedRecoveryKey(signed)).publicKey, public_key);
  same("key_chain", recoveryKeyChain(account, fromHex(account_key)), recovery.key_chain);
  same("root_chain", sealedRootsChain(account, key.publicKey, device), recovery.root_chain);
  same("root_place", String(sealedRootPlace(BigInt(epoch), 0)), recovery.root_place);
  const opened = await openRoot({ suite, account, key, sealed: fromHex(recovery.sealed_root) });
  same("sealed_root: epoch", String(opened.number), epoch);
  same("sealed_root: authenticator", opened.authenticator, authenticator);
  same("sealed_root: root", opened.root.use(hex), root);
}

interface BackupEntry {
  readonly account: string;
  readonly key: string;
  readonly salt: string;
  readonly entries: readonly { readonly room: string; readonly at: number; readonly content: string }[];
  readonly header: string;
  readonly file_length: number;
  readonly file_sha256: string;
}

/** The file is the one that is made of the entries and the salt, and gives them back. */
export const verifyBackup: Verify = eachEntry<BackupEntry>(async ({ key, ...entry }) => {
  const account = fromHex(entry.account);
  const entries = entry.entries.map(({ room, at, content }) => ({ room, at, content: fromHex(content) }));
  const pieces: Uint8Array[] = [];
  for await (const piece of writeBackup({ account, key, entries, random: () => fromHex(entry.salt) })) {
    pieces.push(piece);
  }
  const file = concat(...pieces);
  same("header", file.subarray(0, headerLength), entry.header);
  same("file_length", file.length, entry.file_length);
  same("file_sha256", hash("sha256", file), entry.file_sha256);
  const bytes = (async function* () {
    yield* await Promise.resolve(pieces);
  })();
  let read = 0;
  for await (const page of readBackup({ account, key, bytes })) {
    for (const { room, at, content } of page.entries) {
      const { room: itsRoom, at: itsTime, content: itsContent } = entry.entries[read]!;
      same(`entry ${String(read)}: room`, room, itsRoom);
      same(`entry ${String(read)}: at`, at, itsTime);
      same(`entry ${String(read)}: content`, content, itsContent);
      read += 1;
    }
  }
  same("how many entries", read, entries.length);
});

interface FrankingEntry {
  readonly application_data: string;
  readonly franking_tag: string;
  readonly hub_key: string;
  readonly sender_uri: string;
  readonly room_uri: string;
  readonly accepted_timestamp: string;
  readonly server_frank: string;
  readonly cipher_suite: number;
  readonly signing_key: string;
  readonly signature: string;
  readonly frank: string;
}

/** The tag is the content's, and the hub's stamp is this frank. */
export const verifyFranking: Verify = eachEntry<FrankingEntry>(async (entry, suiteFor) => {
  const { cipher_suite: cipherSuite } = entry;
  const signer = await suiteFor(cipherSuite).signer(fromHex(entry.signing_key));
  const data = frankingTag(fromHex(entry.application_data));
  same("franking_tag", data, entry.franking_tag);
  const hubKeys = [{ from: 0, key: fromHex(entry.hub_key) }];
  const stamped = await frankingStamp({ hubKeys, agentFor: () => ({ cipherSuite, signer }) })({
    ...{ room: entry.room_uri, user: entry.sender_uri, at: Number(entry.accepted_timestamp) },
    authenticatedData: writeSafeAad([{ componentId: frankingNumbers.frank_aad, data }]),
  });
  holds("the hub stamps it", stamped !== undefined);
  same("frank", stamped, entry.frank);
  const frank = decode(Frank, stamped!);
  same("server_frank", frank.serverFrank, entry.server_frank);
  same("signature", frank.signature, entry.signature);
});
