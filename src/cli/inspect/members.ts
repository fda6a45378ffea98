/**
 * Explaining what stands for a client: leaf nodes, key packages, and the extensions of both. RFC 9420 sections 7.2, 10.
 */

import { AppDataDictionary } from "../../extensions/app-data/dictionary.ts";
import { draftNumbers } from "../../extensions/app-data/numbers.ts";
import { dictionaryText } from "./app-data.ts";
import { decode, type Codec } from "../../codec/codec.ts";
import {
  ApplicationId,
  ExternalPub,
  ExternalSenders,
  RequiredCapabilities,
  type Extension,
} from "../../wire/extension.ts";
import type { KeyPackage } from "../../wire/key-package.ts";
import type { Capabilities, LeafNode, LeafNodeSource } from "../../wire/leaf-node.ts";
import { RatchetTreeNodes } from "../../wire/ratchet-tree.ts";
import { extensionTypes } from "../../wire/registries.ts";
import { treeSummary } from "./draw-tree.ts";
import {
  bytesText,
  count,
  credentialText,
  credentialTypeName,
  extensionTypeName,
  line,
  listText,
  nameText,
  proposalTypeName,
  suiteName,
  suiteNumber,
  timeText,
  versionName,
  type Line,
} from "./words.ts";

/** The lines of a KeyPackage. */
export function keyPackageLines(keyPackage: KeyPackage): readonly Line[] {
  return [
    line("version", versionName(keyPackage.version)),
    line("cipher suite", suiteName(keyPackage.cipherSuite)),
    line("init key", bytesText(keyPackage.initKey)),
    leafNodeLine(keyPackage.leafNode),
    extensionsLine(keyPackage.extensions),
    line("signature", bytesText(keyPackage.signature)),
  ];
}

/** The line of a LeafNode, with its fields inside. */
export function leafNodeLine(leaf: LeafNode): Line {
  return line("leaf node", sourceText(leaf.leafNodeSource), [
    line("credential", credentialText(leaf.credential)),
    line("signature key", bytesText(leaf.signatureKey)),
    line("encryption key", bytesText(leaf.encryptionKey)),
    line("capabilities", "", capabilityLines(leaf.capabilities)),
    extensionsLine(leaf.extensions),
    line("signature", bytesText(leaf.signature)),
  ]);
}

function sourceText(source: LeafNodeSource): string {
  switch (source.type) {
    case "key_package":
      return `from a key package, valid from ${timeText(source.lifetime.notBefore)} until ${timeText(source.lifetime.notAfter)}`;
    case "update":
      return "from an Update";
    case "commit":
      return `from a commit, parent hash ${bytesText(source.parentHash)}`;
  }
}

function capabilityLines(capabilities: Capabilities): readonly Line[] {
  return [
    line("versions", listText(capabilities.versions, versionName)),
    line("cipher suites", listText(capabilities.cipherSuites, suiteNumber)),
    line("extensions", listText(capabilities.extensions, extensionTypeName)),
    line("proposals", listText(capabilities.proposals, proposalTypeName)),
    line("credentials", listText(capabilities.credentials, credentialTypeName)),
  ];
}

/** The line of an extension list, with each extension inside. */
export function extensionsLine(extensions: readonly Extension[]): Line {
  if (extensions.length === 0) return line("extensions", "none");
  return line("extensions", extensions.length, extensions.map(extensionLine));
}

function extensionLine({ type, data }: Extension): Line {
  const explain = extensionTexts.get(type);
  const text = explain === undefined ? bytesText(data) : explain(data);
  return line(extensionTypeName(type), text);
}

/** What to say of the data of each extension type of the RFC. */
const extensionTexts = new Map<number, (data: Uint8Array) => string>([
  [extensionTypes.application_id, told(ApplicationId, nameText)],
  [extensionTypes.ratchet_tree, told(RatchetTreeNodes, treeSummary)],
  [
    extensionTypes.required_capabilities,
    told(
      RequiredCapabilities,
      ({ extensionTypes: extensions, proposalTypes: proposals, credentialTypes: credentials }) =>
        [
          `extensions ${listText(extensions, extensionTypeName)}`,
          `proposals ${listText(proposals, proposalTypeName)}`,
          `credentials ${listText(credentials, credentialTypeName)}`,
        ].join("; "),
    ),
  ],
  [draftNumbers.appDataDictionary, told(AppDataDictionary, dictionaryText)],
  [extensionTypes.external_pub, told(ExternalPub, ({ externalPub }) => bytesText(externalPub))],
  [
    extensionTypes.external_senders,
    told(
      ExternalSenders,
      (senders) =>
        `${count(senders.length, "sender")}: ${listText(senders, ({ credential }) => credentialText(credential))}`,
    ),
  ],
]);

/** Malformed data of an extension does not hide the message around it. */
function told<T>(codec: Codec<T>, say: (value: T) => string): (data: Uint8Array) => string {
  return (data) => {
    let value: T;
    try {
      value = decode(codec, data);
    } catch {
      return `does not decode: ${bytesText(data)}`;
    }
    return say(value);
  };
}
