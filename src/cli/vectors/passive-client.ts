/**
 * Passive Client Scenarios: a client that joins by a Welcome and follows the group, commit by commit. RFC 9420 sections
 * 12.4.2, 12.4.3.1.
 */

import { fromHex, hex } from "../../bytes/text.ts";
import type { CipherSuite } from "../../crypto/provider.ts";
import { Group } from "../../group/group.ts";
import { createIdentity, type Identity } from "../../public-group/identity.ts";
import { OwnKeyPackage } from "../../group/joining/key-package-bundle.ts";
import { trustAnyCredential } from "../../public-group/options/settings.ts";
import type { KeyPackage } from "../../wire/key-package.ts";
import { decodeMessage } from "../../wire/message.ts";
import type { PreSharedKeyId } from "../../wire/pre-shared-key.ts";
import { Difference, eachEntry, same, type Verify } from "./check.ts";
import { privateKeyOf } from "./private-key.ts";

interface Epoch {
  readonly proposals: readonly string[];
  readonly commit: string;
  readonly epoch_authenticator: string;
}

interface Entry {
  readonly cipher_suite: number;
  readonly external_psks: readonly { readonly psk_id: string; readonly psk: string }[];
  readonly key_package: string;
  readonly signature_priv: string;
  readonly encryption_priv: string;
  readonly init_priv: string;
  readonly welcome: string;
  readonly ratchet_tree: string | null;
  readonly initial_epoch_authenticator: string;
  readonly epochs: readonly Epoch[];
}

/** The lifetimes of recorded leaves are over, or have no end: whether that matters is policy, and not the vectors'. */
const lifetime = { checkAdds: false, checkTree: false, maximum: Infinity };

/** Hold an entry of a passive-client file to the whole engine. */
export const verifyPassiveClient: Verify = eachEntry<Entry>(async (entry, suiteFor) => {
  const suite = suiteFor(entry.cipher_suite);
  const { identity, keyPackage } = await client(suite, entry);
  const psks = new Map(entry.external_psks.map(({ psk_id, psk }) => [psk_id, psk]));
  const group = await Group.join({
    identity,
    authentication: trustAnyCredential,
    welcome: fromHex(entry.welcome),
    keyPackages: [keyPackage],
    ...(entry.ratchet_tree === null ? {} : { ratchetTree: fromHex(entry.ratchet_tree) }),
    psks: (id) => externalPsk(id, psks),
    lifetime,
    clock: () => 0,
  });
  same("initial_epoch_authenticator", group.epochAuthenticator, entry.initial_epoch_authenticator);

  for (const [index, epoch] of entry.epochs.entries()) {
    const before = group.epoch;
    for (const [place, proposal] of epoch.proposals.entries()) {
      const { kind } = await group.receive(fromHex(proposal));
      same(`epochs[${index}].proposals[${place}]`, kind, "proposal");
    }
    const { kind } = await group.receive(fromHex(epoch.commit));
    same(`epochs[${index}].commit`, kind, "commit");
    same(`epochs[${index}]: the epoch`, group.epoch, before + 1n);
    same(`epochs[${index}].epoch_authenticator`, group.epochAuthenticator, epoch.epoch_authenticator);
  }
  group.wipe();
});

/** The client that an entry describes, once each of its private keys has proved to be that of its key package. */
async function client(
  suite: CipherSuite,
  entry: Entry,
): Promise<{ readonly identity: Identity; readonly keyPackage: OwnKeyPackage }> {
  const value = keyPackageOf(entry);
  const [signaturePriv, encryptionPriv, initPriv] = [
    privateKeyOf(suite, entry.signature_priv),
    privateKeyOf(suite, entry.encryption_priv),
    privateKeyOf(suite, entry.init_priv),
  ];
  const { leafNode, initKey } = value;
  same("signature_priv", await suite.signaturePublicKey(signaturePriv), hex(leafNode.signatureKey));
  same("encryption_priv", await suite.kemPublicKey(encryptionPriv), hex(leafNode.encryptionKey));
  same("init_priv", await suite.kemPublicKey(initPriv), hex(initKey));
  return {
    identity: await createIdentity({ suite, credential: leafNode.credential, privateKey: signaturePriv }),
    keyPackage: new OwnKeyPackage(suite, value, { init: initPriv, leaf: encryptionPriv, lastResort: false }),
  };
}

function keyPackageOf({ key_package: text, cipher_suite: suite }: Entry): KeyPackage {
  const message = decodeMessage(fromHex(text));
  if (message.wireFormat !== "mls_key_package") throw new Difference("key_package is no KeyPackage");
  same("key_package.cipher_suite", message.keyPackage.cipherSuite, suite);
  return message.keyPackage;
}

/** The engine knows the resumption PSKs of its own past epochs: it asks for the others. */
function externalPsk(id: PreSharedKeyId, psks: ReadonlyMap<string, string>): Uint8Array | undefined {
  const psk = id.type === "external" ? psks.get(hex(id.pskId)) : undefined;
  return psk === undefined ? undefined : fromHex(psk);
}
