/**
 * copse's own vectors of draft-ietf-mls-extensions: the safe exporter, operations of components, their pre-shared keys, and
 * application data. Formats: vectors/README.md.
 */

import { Secret } from "../../bytes/secret.ts";
import { fromHex, hex } from "../../bytes/text.ts";
import type { CipherSuite } from "../../crypto/provider.ts";
import { CopseError } from "../../errors.ts";
import { createAppData } from "../../extensions/app-data/app-data.ts";
import { readFraming, readMediaTypes } from "../../extensions/app-data/media-types.ts";
import { draftNumbers } from "../../extensions/app-data/numbers.ts";
import { readSafeAad } from "../../extensions/app-data/safe-aad.ts";
import { concat } from "../../bytes/concat.ts";
import { openSealed, sealedFor } from "../../group/components/open.ts";
import { encryptForComponent } from "../../group/components/encrypt.ts";
import { verifyForComponent } from "../../group/components/verify.ts";
import { platformRandom } from "../../crypto/random.ts";
import { signWithLabel } from "../../crypto/labels.ts";
import { exporterTree, exportFrom, type ExporterTree } from "../../schedule/exporter-tree.ts";
import { epochSecretsFrom } from "../../schedule/key-schedule.ts";
import { pskSecret } from "../../schedule/psk.ts";
import { RatchetTree } from "../../tree/ratchet-tree.ts";
import { componentLabel } from "../../wire/component-label.ts";
import { leafOf } from "./message-protection.ts";
import { eachEntry, holds, same, type Verify } from "./check.ts";

interface SafeExporter {
  readonly cipher_suite: number;
  readonly epoch_secret: string;
  readonly application_export_secret: string;
  readonly exports: readonly { readonly component_id: number; readonly secret: string }[];
}

/** Each secret comes out of what the exports before it have left, and no second time. */
export const verifySafeExporter: Verify = eachEntry<SafeExporter>((entry, suiteFor) => {
  const suite = suiteFor(entry.cipher_suite);
  const secrets = epochSecretsFrom(suite, Secret.of("epoch_secret", fromHex(entry.epoch_secret)));
  secrets.applicationExportSecret.use((bytes) =>
    same("application_export_secret", bytes, entry.application_export_secret),
  );
  holds("an entry without exports", entry.exports.length > 0);
  let tree: ExporterTree = exporterTree(secrets.applicationExportSecret);
  for (const { component_id: id, secret } of entry.exports) {
    const exported = exportFrom(suite, tree, id);
    same(`component ${id}`, exported.secret, secret);
    tree = exported.after;
    const again = (): unknown => exportFrom(suite, tree, id);
    same(`component ${id}, again`, codeOf(again), "safe-export-used");
  }
});

interface Operations {
  readonly cipher_suite: number;
  readonly component_id: number;
  readonly sign_with_label: {
    readonly priv: string;
    readonly pub: string;
    readonly label: string;
    readonly component_operation_label: string;
    readonly content: string;
    readonly signature: string;
  };
  readonly encrypt_with_label: {
    readonly priv: string;
    readonly pub: string;
    readonly label: string;
    readonly component_operation_label: string;
    readonly context: string;
    readonly plaintext: string;
    readonly kem_output: string;
    readonly ciphertext: string;
  };
}

/** The signature verifies and is made again; the ciphertext opens, and so does one of our own. */
export const verifyComponentOperations: Verify = eachEntry<Operations>(async (entry, suiteFor) => {
  const suite = suiteFor(entry.cipher_suite);
  await verifySigning(suite, entry.component_id, entry.sign_with_label);
  await verifyEncryption(suite, entry.component_id, entry.encrypt_with_label);
});

async function verifySigning(suite: CipherSuite, id: number, entry: Operations["sign_with_label"]): Promise<void> {
  const label = componentLabel(id, entry.label);
  same("sign_with_label.component_operation_label", label, entry.component_operation_label);
  const claim = {
    suite,
    member: { signatureKey: fromHex(entry.pub) },
    componentId: id,
    label: entry.label,
    content: fromHex(entry.content),
  };
  const verifies = await verifyForComponent({ ...claim, signature: fromHex(entry.signature) });
  holds("the signature does not verify", verifies);
  const signer = await suite.signer(fromHex(entry.priv));
  const own = await signWithLabel(signer, label, claim.content);
  holds("priv does not sign for pub", await verifyForComponent({ ...claim, signature: own }));
}

async function verifyEncryption(
  suite: CipherSuite,
  id: number,
  entry: Operations["encrypt_with_label"],
): Promise<void> {
  const { label, plaintext } = entry;
  same("encrypt_with_label.component_operation_label", componentLabel(id, label), entry.component_operation_label);
  same("encrypt_with_label.pub", await suite.kemPublicKey(fromHex(entry.priv)), entry.pub);
  const context = fromHex(entry.context);
  const published = { kemOutput: fromHex(entry.kem_output), ciphertext: fromHex(entry.ciphertext) };
  const own = await encryptForComponent({
    suite,
    to: { member: { encryptionKey: fromHex(entry.pub) } },
    componentId: id,
    label,
    context,
    plaintext: fromHex(plaintext),
    random: platformRandom,
  });
  for (const [what, each] of Object.entries({ published, own })) {
    const opened = await openSealed(suite, fromHex(entry.priv), sealedFor(id, each, { label, context }));
    same(`encrypt_with_label, ${what}`, opened, plaintext);
  }
}

interface ApplicationPsk {
  readonly cipher_suite: number;
  readonly psks: readonly {
    readonly component_id: number;
    readonly psk_id: string;
    readonly psk: string;
    readonly psk_nonce: string;
  }[];
  readonly psk_secret: string;
}

/** As psk_secret.json, with the PSKs of components. */
export const verifyApplicationPsk: Verify = eachEntry<ApplicationPsk>((entry, suiteFor) => {
  const psks = entry.psks.map(({ component_id, psk_id, psk, psk_nonce }) => ({
    id: {
      type: "application",
      componentId: component_id,
      pskId: fromHex(psk_id),
      pskNonce: fromHex(psk_nonce),
    } as const,
    psk: fromHex(psk),
  }));
  pskSecret(suiteFor(entry.cipher_suite), psks).use((bytes) => same("psk_secret", bytes, entry.psk_secret));
});

/** What must come out, or be refused with this code. */
interface Result {
  readonly error?: string;
}

interface AppDataUpdates extends Result {
  readonly components: readonly number[];
  readonly before: string | null;
  readonly updates: readonly string[];
  readonly after?: string;
}

/** New data is the current data with all updates behind it, of up to 8 bytes. */
export const verifyAppDataUpdate: Verify = eachEntry<AppDataUpdates>((entry, suiteFor) => {
  const { appDataDictionary: type, appDataUpdate } = draftNumbers;
  const { registry } = createAppData({
    components: entry.components.map((id) => ({
      id,
      update: {
        apply: (current = new Uint8Array(0), updates) => {
          const next = concat(current, ...updates.map(({ update }) => update));
          return next.length <= 8 ? next : undefined;
        },
        from: ["external senders"],
      },
    })),
  });
  const proposalType = registry.proposals?.find((each) => each.type === appDataUpdate);
  const sender = { type: "external", senderIndex: 0 } as const;
  const entries = entry.updates.map((body) => ({
    proposal: { type: "custom", proposalType: appDataUpdate, body: fromHex(body) } as const,
    sender,
  }));
  const extensions = entry.before === null ? [] : [{ type, data: fromHex(entry.before) }];
  const place = { extensions, tree: RatchetTree.create(suiteFor(1), leafOf(new Uint8Array(0))), external: false };
  const proposed = { wireFormat: undefined, tree: place.tree };
  expected(entry, () => {
    for (const { proposal } of entries)
      holds("an update is not valid", proposalType?.isValid?.(proposal.body, sender, proposed) === true);
    const after = proposalType?.apply?.(entries, place).find((extension) => extension.type === type);
    same("after", after?.data, entry.after);
  });
});

interface Framing extends Result {
  readonly content_media_types: string;
  readonly application_data: string;
  readonly media_type?: {
    readonly type: string;
    readonly parameters: readonly { readonly name: string; readonly value: string }[];
  };
  readonly content?: string;
}

/** application_data in a group whose context has these content_media_types. */
export const verifyApplicationFraming: Verify = eachEntry<Framing>((entry) => {
  const types = readMediaTypes(fromHex(entry.content_media_types));
  expected(entry, () => {
    const { mediaType, content } = readFraming(fromHex(entry.application_data), types);
    same("media_type", JSON.stringify(mediaType), JSON.stringify(entry.media_type));
    same("content", content, entry.content);
  });
});

interface SafeAad extends Result {
  readonly authenticated_data: string;
  readonly items?: readonly { readonly component_id: number; readonly data: string }[];
}

/** authenticated_data in a group whose context has safe_aad. */
export const verifySafeAad: Verify = eachEntry<SafeAad>((entry) => {
  expected(entry, () => {
    const items = readSafeAad(fromHex(entry.authenticated_data));
    const ours = items.map(({ componentId, data }) => ({ component_id: componentId, data: hex(data) }));
    same("items", JSON.stringify(ours), JSON.stringify(entry.items));
  });
});

/** Hold what is checked to the entry's result: that it holds, or ends with the entry's code. */
function expected({ error }: Result, check: () => void): void {
  if (error === undefined) check();
  else same("error", codeOf(check), error);
}

/** The code that something is refused with. */
function codeOf(operation: () => unknown): string {
  try {
    operation();
  } catch (error) {
    if (error instanceof CopseError) return error.code;
    throw error;
  }
  return "none";
}
