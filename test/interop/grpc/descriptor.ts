/**
 * The MLSClient service of the MLS working group's interop harness, as data: what travels, and under which number. The
 * types of every request and response come from here, so that a handler with a wrong field does not compile.
 */

import { fromJSON, type PackageDefinition, type ServiceDefinition } from "@grpc/proto-loader";

/** Every message: its fields, each with its number and its type. */
export const messages = {
  Extension: { extension_type: [1, "uint32"], extension_data: [2, "bytes"] },
  PreSharedKey: { psk_id: [1, "bytes"], psk_secret: [2, "bytes"] },
  ProposalDescription: {
    proposal_type: [1, "bytes"],
    key_package: [2, "bytes"],
    removed_id: [3, "bytes"],
    psk_id: [4, "bytes"],
    epoch_id: [5, "uint64"],
    extensions: [6, "Extension[]"],
    group_id: [7, "bytes"],
    cipher_suite: [8, "uint32"],
  },

  NameRequest: {},
  NameResponse: { name: [1, "string"] },
  SupportedCiphersuitesRequest: {},
  SupportedCiphersuitesResponse: { ciphersuites: [1, "uint32[]"] },
  FreeRequest: { state_id: [1, "uint32"] },
  FreeResponse: {},

  CreateGroupRequest: {
    group_id: [1, "bytes"],
    cipher_suite: [2, "uint32"],
    encrypt_handshake: [3, "bool"],
    identity: [4, "bytes"],
  },
  CreateGroupResponse: { state_id: [1, "uint32"] },
  CreateKeyPackageRequest: { cipher_suite: [1, "uint32"], identity: [2, "bytes"] },
  CreateKeyPackageResponse: {
    transaction_id: [1, "uint32"],
    key_package: [2, "bytes"],
    init_priv: [3, "bytes"],
    encryption_priv: [4, "bytes"],
    signature_priv: [5, "bytes"],
  },
  JoinGroupRequest: {
    transaction_id: [1, "uint32"],
    welcome: [2, "bytes"],
    encrypt_handshake: [3, "bool"],
    identity: [4, "bytes"],
    ratchet_tree: [5, "bytes"],
  },
  JoinGroupResponse: { state_id: [1, "uint32"], epoch_authenticator: [2, "bytes"] },
  ExternalJoinRequest: {
    group_info: [1, "bytes"],
    ratchet_tree: [2, "bytes"],
    encrypt_handshake: [3, "bool"],
    identity: [4, "bytes"],
    remove_prior: [5, "bool"],
    psks: [6, "PreSharedKey[]"],
  },
  ExternalJoinResponse: { state_id: [1, "uint32"], commit: [2, "bytes"], epoch_authenticator: [3, "bytes"] },

  GroupInfoRequest: { state_id: [1, "uint32"], external_tree: [2, "bool"] },
  GroupInfoResponse: { group_info: [1, "bytes"], ratchet_tree: [2, "bytes"] },
  StateAuthRequest: { state_id: [1, "uint32"] },
  StateAuthResponse: { state_auth_secret: [1, "bytes"] },
  ExportRequest: { state_id: [1, "uint32"], label: [2, "string"], context: [3, "bytes"], key_length: [4, "uint32"] },
  ExportResponse: { exported_secret: [1, "bytes"] },
  ProtectRequest: { state_id: [1, "uint32"], authenticated_data: [2, "bytes"], plaintext: [3, "bytes"] },
  ProtectResponse: { ciphertext: [1, "bytes"] },
  UnprotectRequest: { state_id: [1, "uint32"], ciphertext: [2, "bytes"] },
  UnprotectResponse: { authenticated_data: [1, "bytes"], plaintext: [2, "bytes"] },
  StorePSKRequest: { state_or_transaction_id: [1, "uint32"], psk_id: [2, "bytes"], psk_secret: [3, "bytes"] },
  StorePSKResponse: {},

  ProposalResponse: { proposal: [1, "bytes"] },
  AddProposalRequest: { state_id: [1, "uint32"], key_package: [2, "bytes"] },
  UpdateProposalRequest: { state_id: [1, "uint32"] },
  RemoveProposalRequest: { state_id: [1, "uint32"], removed_id: [2, "bytes"] },
  ExternalPSKProposalRequest: { state_id: [1, "uint32"], psk_id: [2, "bytes"] },
  ResumptionPSKProposalRequest: { state_id: [1, "uint32"], epoch_id: [2, "uint64"] },
  GroupContextExtensionsProposalRequest: { state_id: [1, "uint32"], extensions: [2, "Extension[]"] },
  ReInitProposalRequest: {
    state_id: [1, "uint32"],
    cipher_suite: [2, "uint32"],
    group_id: [3, "bytes"],
    extensions: [4, "Extension[]"],
  },

  CommitRequest: {
    state_id: [1, "uint32"],
    by_reference: [2, "bytes[]"],
    by_value: [3, "ProposalDescription[]"],
    force_path: [4, "bool"],
    external_tree: [5, "bool"],
  },
  CommitResponse: { commit: [1, "bytes"], welcome: [2, "bytes"], ratchet_tree: [3, "bytes"] },
  HandleCommitRequest: { state_id: [1, "uint32"], proposal: [2, "bytes[]"], commit: [3, "bytes"] },
  HandleCommitResponse: { state_id: [1, "uint32"], epoch_authenticator: [2, "bytes"] },
  HandlePendingCommitRequest: { state_id: [1, "uint32"] },

  HandleReInitCommitResponse: {
    reinit_id: [1, "uint32"],
    key_package: [2, "bytes"],
    epoch_authenticator: [3, "bytes"],
  },
  ReInitWelcomeRequest: {
    reinit_id: [1, "uint32"],
    key_package: [2, "bytes[]"],
    force_path: [3, "bool"],
    external_tree: [4, "bool"],
  },
  HandleReInitWelcomeRequest: { reinit_id: [1, "uint32"], welcome: [2, "bytes"], ratchet_tree: [3, "bytes"] },
  CreateBranchRequest: {
    state_id: [1, "uint32"],
    group_id: [2, "bytes"],
    extensions: [3, "Extension[]"],
    key_packages: [4, "bytes[]"],
    force_path: [5, "bool"],
    external_tree: [6, "bool"],
  },
  CreateSubgroupResponse: {
    state_id: [1, "uint32"],
    welcome: [2, "bytes"],
    ratchet_tree: [3, "bytes"],
    epoch_authenticator: [4, "bytes"],
  },
  HandleBranchRequest: {
    state_id: [1, "uint32"],
    transaction_id: [2, "uint32"],
    welcome: [3, "bytes"],
    ratchet_tree: [4, "bytes"],
  },
  HandleBranchResponse: { state_id: [1, "uint32"], epoch_authenticator: [2, "bytes"] },

  NewMemberAddProposalRequest: { group_info: [1, "bytes"], identity: [2, "bytes"] },
  NewMemberAddProposalResponse: {
    transaction_id: [1, "uint32"],
    proposal: [2, "bytes"],
    init_priv: [3, "bytes"],
    encryption_priv: [4, "bytes"],
    signature_priv: [5, "bytes"],
  },
  CreateExternalSignerRequest: { cipher_suite: [1, "uint32"], identity: [2, "bytes"] },
  CreateExternalSignerResponse: { signer_id: [1, "uint32"], external_sender: [2, "bytes"] },
  AddExternalSignerRequest: { state_id: [1, "uint32"], external_sender: [2, "bytes"] },
  ExternalSignerProposalRequest: {
    signer_id: [1, "uint32"],
    signer_index: [2, "uint32"],
    group_info: [3, "bytes"],
    ratchet_tree: [4, "bytes"],
    description: [5, "ProposalDescription"],
  },
} as const;

/** Every RPC: the names of its request and its response. */
export const rpcs = {
  Name: ["NameRequest", "NameResponse"],
  SupportedCiphersuites: ["SupportedCiphersuitesRequest", "SupportedCiphersuitesResponse"],
  CreateGroup: ["CreateGroupRequest", "CreateGroupResponse"],
  CreateKeyPackage: ["CreateKeyPackageRequest", "CreateKeyPackageResponse"],
  JoinGroup: ["JoinGroupRequest", "JoinGroupResponse"],
  ExternalJoin: ["ExternalJoinRequest", "ExternalJoinResponse"],
  GroupInfo: ["GroupInfoRequest", "GroupInfoResponse"],
  StateAuth: ["StateAuthRequest", "StateAuthResponse"],
  Export: ["ExportRequest", "ExportResponse"],
  Protect: ["ProtectRequest", "ProtectResponse"],
  Unprotect: ["UnprotectRequest", "UnprotectResponse"],
  StorePSK: ["StorePSKRequest", "StorePSKResponse"],
  AddProposal: ["AddProposalRequest", "ProposalResponse"],
  UpdateProposal: ["UpdateProposalRequest", "ProposalResponse"],
  RemoveProposal: ["RemoveProposalRequest", "ProposalResponse"],
  ExternalPSKProposal: ["ExternalPSKProposalRequest", "ProposalResponse"],
  ResumptionPSKProposal: ["ResumptionPSKProposalRequest", "ProposalResponse"],
  GroupContextExtensionsProposal: ["GroupContextExtensionsProposalRequest", "ProposalResponse"],
  Commit: ["CommitRequest", "CommitResponse"],
  HandleCommit: ["HandleCommitRequest", "HandleCommitResponse"],
  HandlePendingCommit: ["HandlePendingCommitRequest", "HandleCommitResponse"],
  ReInitProposal: ["ReInitProposalRequest", "ProposalResponse"],
  ReInitCommit: ["CommitRequest", "CommitResponse"],
  HandlePendingReInitCommit: ["HandlePendingCommitRequest", "HandleReInitCommitResponse"],
  HandleReInitCommit: ["HandleCommitRequest", "HandleReInitCommitResponse"],
  ReInitWelcome: ["ReInitWelcomeRequest", "CreateSubgroupResponse"],
  HandleReInitWelcome: ["HandleReInitWelcomeRequest", "JoinGroupResponse"],
  CreateBranch: ["CreateBranchRequest", "CreateSubgroupResponse"],
  HandleBranch: ["HandleBranchRequest", "HandleBranchResponse"],
  NewMemberAddProposal: ["NewMemberAddProposalRequest", "NewMemberAddProposalResponse"],
  CreateExternalSigner: ["CreateExternalSignerRequest", "CreateExternalSignerResponse"],
  AddExternalSigner: ["AddExternalSignerRequest", "ProposalResponse"],
  ExternalSignerProposal: ["ExternalSignerProposalRequest", "ProposalResponse"],
  Free: ["FreeRequest", "FreeResponse"],
} as const;

export type RpcName = keyof typeof rpcs;
export type MessageName = keyof typeof messages;

/** How each type of the wire appears in a message. Sixty-four bits are a decimal string. */
interface Scalars {
  readonly bytes: Uint8Array;
  readonly string: string;
  readonly uint32: number;
  readonly uint64: string;
  readonly bool: boolean;
}
type Single<T> = T extends keyof Scalars ? Scalars[T] : T extends MessageName ? Message<T> : never;
type Value<T> = T extends `${infer Each}[]`
  ? readonly Single<Each>[]
  : T extends MessageName
    ? Message<T> | null
    : Single<T>;

/** A message as a handler sees it: every field is there, absent ones as their default. */
export type Message<N extends MessageName> = {
  readonly [F in keyof (typeof messages)[N]]: (typeof messages)[N][F] extends readonly [number, infer T]
    ? Value<T>
    : never;
};

/** A message as its sender may give it: what is left out is the default. */
export type Given<N extends MessageName> = Partly<Message<N>>;
type Partly<T> = { readonly [F in keyof T]?: PartlyField<T[F]> };
type PartlyField<T> = T extends Uint8Array
  ? T
  : T extends readonly (infer Each)[]
    ? readonly PartlyField<Each>[]
    : T extends object
      ? Partly<T>
      : T;

/** The names of an RPC's messages. */
export type RequestOf<R extends RpcName> = (typeof rpcs)[R][0];
export type ResponseOf<R extends RpcName> = (typeof rpcs)[R][1];

/** What carries out RPCs: each takes a whole request, and gives a response without its defaults. */
export type Handlers<R extends RpcName = RpcName> = {
  readonly [Each in R]: (request: Message<RequestOf<Each>>) => Promise<Given<ResponseOf<Each>>>;
};

/** Every name of the service, for loops. */
export const rpcNames: readonly RpcName[] = Object.keys(rpcs) as RpcName[];

const packageName = "mls_client";
const serviceName = "MLSClient";

/** The service for grpc-js. */
export const service: ServiceDefinition = loaded();

function loaded(): ServiceDefinition {
  const types = Object.entries(messages).map(([name, fields]) => [name, { fields: fieldsOf(fields) }] as const);
  const methods = Object.entries(rpcs).map(([name, [requestType, responseType]]) => {
    return [name, { requestType, responseType }] as const;
  });
  const nested = { ...Object.fromEntries<object>(types), [serviceName]: { methods: Object.fromEntries(methods) } };
  const descriptor = { nested: { [packageName]: { nested } } } as unknown as Parameters<typeof fromJSON>[0];
  const options = { keepCase: true, longs: String, defaults: true, arrays: true };
  const definition: PackageDefinition = fromJSON(descriptor, options);
  return definition[`${packageName}.${serviceName}`] as ServiceDefinition;
}

function fieldsOf(fields: Readonly<Record<string, readonly [number, string]>>): object {
  const entries = Object.entries(fields).map(([name, [id, type]]) => {
    const repeated = type.endsWith("[]");
    return [name, repeated ? { rule: "repeated", type: type.slice(0, -2), id } : { type, id }] as const;
  });
  return Object.fromEntries<object>(entries);
}
