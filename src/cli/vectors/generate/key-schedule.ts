/**
 * A key schedule of our own: key-schedule.json.
 */

import { Secret } from "../../../bytes/secret.ts";
import { hex } from "../../../bytes/text.ts";
import { encode } from "../../../codec/codec.ts";
import type { CipherSuite } from "../../../crypto/provider.ts";
import { platformRandom } from "../../../crypto/random.ts";
import { deriveEpoch, deriveJoinerSecret, exportSecret } from "../../../schedule/key-schedule.ts";
import { GroupContext } from "../../../wire/group-context.ts";
import { mls10 } from "../../../wire/registries.ts";
import { names, type Published } from "../key-schedule.ts";

/** An entry of key-schedule.json: a few epochs of random inputs. */
export async function keySchedule(suite: CipherSuite): Promise<readonly object[]> {
  const random = (): Uint8Array => platformRandom(suite.hashLength);
  const [groupId, initial] = [random(), random()];
  const epochs: object[] = [];
  let initSecret = Secret.of("init_secret", initial.slice());
  for (let epoch = 0n; epoch < 5n; epoch++) {
    const context = { epoch, groupId, treeHash: random(), confirmedTranscriptHash: random() };
    const { fields, next } = await deriveFields(suite, { context, initSecret, commit: random(), psk: random() });
    epochs.push(fields);
    initSecret = next;
  }
  return [{ cipher_suite: suite.id, group_id: hex(groupId), initial_init_secret: hex(initial), epochs }];
}

async function deriveFields(
  suite: CipherSuite,
  input: {
    readonly context: Pick<GroupContext, "epoch" | "groupId" | "treeHash" | "confirmedTranscriptHash">;
    readonly initSecret: Secret<"init_secret">;
    readonly commit: Uint8Array;
    readonly psk: Uint8Array;
  },
): Promise<{ readonly fields: object; readonly next: Secret<"init_secret"> }> {
  const { context, initSecret, commit, psk } = input;
  const groupContext = encode(GroupContext, { version: mls10, cipherSuite: suite.id, ...context, extensions: [] });
  const given = {
    tree_hash: hex(context.treeHash),
    commit_secret: hex(commit),
    psk_secret: hex(psk),
    confirmed_transcript_hash: hex(context.confirmedTranscriptHash),
    group_context: hex(groupContext),
  };
  const commitSecret = Secret.of("commit_secret", commit);
  const joinerSecret = deriveJoinerSecret(suite, { initSecret, commitSecret, groupContext });
  const joiner = joinerSecret.use(hex);
  const pskSecret = Secret.of("psk_secret", psk);
  const { welcomeSecret, epochSecrets } = deriveEpoch(suite, { joinerSecret, pskSecret, groupContext });
  const external = await epochSecrets.externalSecret.use((bytes) => suite.deriveKeyPair(bytes));
  const exporter = { label: hex(platformRandom(8)), context: platformRandom(suite.hashLength), length: 48 };
  const exported = exportSecret(suite, epochSecrets.exporterSecret, exporter.label, exporter.context, exporter.length);
  const secrets: Record<string, string> = {};
  for (const name of Object.keys(names) as Published[]) {
    const secret: Secret<string> = epochSecrets[name];
    secrets[names[name]] = secret.use(hex);
  }
  const fields = {
    ...given,
    joiner_secret: joiner,
    welcome_secret: welcomeSecret.use(hex),
    ...secrets,
    external_pub: hex(external.publicKey),
    exporter: { ...exporter, context: hex(exporter.context), secret: hex(exported) },
  };
  return { fields, next: epochSecrets.initSecret };
}
