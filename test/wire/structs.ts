/**
 * The list of all structs on the wire: each with its codec, arbitrary values and the naive encoding.
 */

import fc from "fast-check";
import type { Codec } from "../../src/codec/codec.ts";
import { Commit, ProposalOrRef } from "../../src/wire/commit.ts";
import { Credential } from "../../src/wire/credential.ts";
import {
  ApplicationId,
  Extension,
  Extensions,
  ExternalPub,
  ExternalSender,
  ExternalSenders,
  RequiredCapabilities,
} from "../../src/wire/extension.ts";
import {
  AuthenticatedContent,
  ContentType,
  FramedContent,
  framedContentAuthData,
  Sender,
} from "../../src/wire/framing.ts";
import { GroupContext } from "../../src/wire/group-context.ts";
import { KeyPackage } from "../../src/wire/key-package.ts";
import { Capabilities, LeafNode, LeafNodeSource, Lifetime } from "../../src/wire/leaf-node.ts";
import { MlsMessage } from "../../src/wire/message.ts";
import { PreSharedKeyId, PskLabel } from "../../src/wire/pre-shared-key.ts";
import { PrivateContentAad, PrivateMessage, SenderData, SenderDataAad } from "../../src/wire/private-message.ts";
import { Proposal } from "../../src/wire/proposal.ts";
import { PublicMessage } from "../../src/wire/public-message.ts";
import { Node, ParentHashInput, ParentNode, RatchetTreeNodes, TreeHashInput } from "../../src/wire/ratchet-tree.ts";
import { WireFormat } from "../../src/wire/registries.ts";
import { InterimTranscriptHashInput } from "../../src/wire/transcript.ts";
import { HpkeCiphertext, UpdatePath, UpdatePathNode } from "../../src/wire/update-path.ts";
import { EncryptedGroupSecrets, GroupInfo, GroupSecrets, Welcome } from "../../src/wire/welcome.ts";
import * as arbitrary from "./arbitraries.ts";
import * as naive from "./naive.ts";

/** A struct of RFC 9420. */
export interface WireStruct {
  readonly name: string;
  readonly codec: Codec<unknown>;
  readonly values: fc.Arbitrary<unknown>;
  readonly naive: (value: unknown) => Uint8Array;
}

function of<T>(
  name: string,
  codec: Codec<T>,
  values: fc.Arbitrary<NoInfer<T>>,
  encode: (value: NoInfer<T>) => Uint8Array,
): WireStruct {
  return { name, codec: codec as Codec<unknown>, values, naive: encode as (value: unknown) => Uint8Array };
}

/** The list, in the RFC's order. */
export const structs: readonly WireStruct[] = [
  of("Credential", Credential, arbitrary.credential, naive.credential),
  of("WireFormat", WireFormat, fc.constantFrom<WireFormat[]>("mls_welcome", "mls_key_package"), (name) =>
    naive.uint(2, naive.wireFormats[name]),
  ),
  of("ContentType", ContentType, arbitrary.contentType, (name) => naive.uint(1, naive.contentTypes[name])),
  of("Sender", Sender, arbitrary.sender, naive.sender),
  of("FramedContent", FramedContent, arbitrary.framedContent, naive.framedContent),
  of("auth data of a commit", framedContentAuthData("commit"), arbitrary.authData("commit"), naive.authData),
  of("auth data of a proposal", framedContentAuthData("proposal"), arbitrary.authData("proposal"), naive.authData),
  of("AuthenticatedContent", AuthenticatedContent, arbitrary.authenticatedContent, naive.authenticatedContent),
  of("PublicMessage", PublicMessage, arbitrary.publicMessage, naive.publicMessage),
  of("PrivateMessage", PrivateMessage, arbitrary.privateMessage, naive.privateMessage),
  of("PrivateContentAAD", PrivateContentAad, arbitrary.privateContentAad, naive.privateContentAad),
  of("SenderData", SenderData, arbitrary.senderData, naive.senderData),
  of("SenderDataAAD", SenderDataAad, arbitrary.senderDataAad, naive.senderDataAad),
  of("ParentNode", ParentNode, arbitrary.parentNode, naive.parentNode),
  of("Capabilities", Capabilities, arbitrary.capabilities, naive.capabilities),
  of("Lifetime", Lifetime, arbitrary.lifetime, naive.lifetime),
  of("Extension", Extension, arbitrary.extension, naive.extension),
  of("Extension extensions<V>", Extensions, arbitrary.extensions, naive.extensions),
  of("LeafNodeSource", LeafNodeSource, arbitrary.leafNodeSource, naive.leafNodeSource),
  of("LeafNode", LeafNode, arbitrary.leafNode, naive.leafNode),
  of("HPKECiphertext", HpkeCiphertext, arbitrary.hpkeCiphertext, naive.hpkeCiphertext),
  of("UpdatePathNode", UpdatePathNode, arbitrary.updatePathNode, naive.updatePathNode),
  of("UpdatePath", UpdatePath, arbitrary.updatePath, naive.updatePath),
  of("TreeHashInput", TreeHashInput, arbitrary.treeHashInput, naive.treeHashInput),
  of("ParentHashInput", ParentHashInput, arbitrary.parentHashInput, naive.parentHashInput),
  of("GroupContext", GroupContext, arbitrary.groupContext, naive.groupContext),
  of("InterimTranscriptHashInput", InterimTranscriptHashInput, arbitrary.interimTranscriptHashInput, (value) =>
    naive.vec(value.confirmationTag),
  ),
  of("PreSharedKeyID", PreSharedKeyId, arbitrary.preSharedKeyId, naive.preSharedKeyId),
  of("PSKLabel", PskLabel, arbitrary.pskLabel, naive.pskLabel),
  of("KeyPackage", KeyPackage, arbitrary.keyPackage, naive.keyPackage),
  of("RequiredCapabilities", RequiredCapabilities, arbitrary.requiredCapabilities, naive.requiredCapabilities),
  of("Proposal", Proposal, arbitrary.proposal, naive.proposal),
  of("ExternalSender", ExternalSender, arbitrary.externalSender, naive.externalSender),
  of("ExternalSender external_senders<V>", ExternalSenders, arbitrary.externalSenders, (list) =>
    naive.vec(...list.map(naive.externalSender)),
  ),
  of("ProposalOrRef", ProposalOrRef, arbitrary.proposalOrRef, naive.proposalOrRef),
  of("Commit", Commit, arbitrary.commit, naive.commit),
  of("GroupInfo", GroupInfo, arbitrary.groupInfo, naive.groupInfo),
  of("GroupSecrets", GroupSecrets, arbitrary.groupSecrets, naive.groupSecrets),
  of("EncryptedGroupSecrets", EncryptedGroupSecrets, arbitrary.encryptedGroupSecrets, naive.encryptedGroupSecrets),
  of("Welcome", Welcome, arbitrary.welcome, naive.welcome),
  of("ExternalPub", ExternalPub, arbitrary.externalPub, ({ externalPub }) => naive.vec(externalPub)),
  of("application_id", ApplicationId, arbitrary.applicationId, (id) => naive.vec(id)),
  of("Node", Node, arbitrary.node, naive.node),
  of("optional<Node> ratchet_tree<V>", RatchetTreeNodes, arbitrary.ratchetTreeNodes, naive.ratchetTreeNodes),
  of("MLSMessage", MlsMessage, arbitrary.mlsMessage, naive.mlsMessage),
];
