/**
 * ts-mls 2.0.0-rc.10 behind the common face. docs/interop.md lists its faults; what is done about each is said where it is
 * done.
 */

import {
  acceptAll,
  ciphersuites,
  createApplicationMessage,
  createCommit,
  createGroup,
  createGroupInfoWithExternalPubAndRatchetTree,
  createProposal,
  decode as decodeBytes,
  defaultCapabilities,
  defaultCredentialTypes,
  defaultExtensionTypes,
  defaultProposalTypes,
  encode as encodeBytes,
  generateKeyPackageWithKey,
  getCiphersuiteImpl,
  joinGroup,
  joinGroupExternal,
  leafNodeSources,
  makeCustomExtension,
  mlsExporter,
  mlsMessageDecoder,
  mlsMessageEncoder,
  nodeTypes,
  processPrivateMessage,
  processPublicMessage,
  proposeAddExternal,
  protocolVersions,
  pskTypes,
  resumptionPSKUsages,
  unsafeTestingAuthenticationService,
  wireformats,
  type CiphersuiteImpl,
  type CiphersuiteName,
  type ClientState,
  type GroupContextExtension,
  type IncomingMessageCallback,
  type KeyPackage,
  type MlsContext,
  type MlsMessage,
  type PrivateKeyPackage,
  type Proposal,
} from "ts-mls-2";
import { tsMlsSource, type TsMlsSource } from "../../src/adapters/ts-mls.ts";
import { hex, utf8, utf8Decode } from "../../src/bytes/text.ts";
import { decode } from "../../src/codec/codec.ts";
import { RequiredCapabilities, type Extension } from "../../src/wire/extension.ts";
import type { LeafNode } from "../../src/wire/leaf-node.ts";
import {
  leafOf,
  lifetime,
  mendGroupInfo,
  pskRecord,
  readingExternalPub,
  signUpdate,
  uncompressed,
  type SignatureKeyPair,
} from "./mending.ts";
import {
  sharedExtension,
  type Change,
  type Client,
  type ClientOptions,
  type Engine,
  type Made,
  type Participant,
  type Plan,
  type Received,
  type View,
} from "./participant.ts";

export const tsMls2: Engine = {
  name: "ts-mls 2.0.0-rc.10",
  can: { commitOneRemoveOrUpdate: false, commitExtensions: false, treeBeside: false },
  client: async (name, options) => {
    const cipherSuiteName = (Object.keys(ciphersuites) as CiphersuiteName[]).find(
      (candidate) => ciphersuites[candidate] === options.suite,
    );
    if (cipherSuiteName === undefined) throw new TypeError("not a cipher suite of ts-mls");
    const suite = await getCiphersuiteImpl(cipherSuiteName);
    return new TsMlsClient(name, suite, await uncompressed(options.suite, await suite.signature.keygen()), options);
  },
};

const version = protocolVersions.mls10;

/** Both halves of a key package. */
interface Bundle {
  readonly publicPackage: KeyPackage;
  readonly privatePackage: PrivateKeyPackage;
  /** The public half as an MLSMessage. */
  readonly message: Uint8Array;
}

class TsMlsClient implements Client {
  readonly name: string;
  readonly engine = tsMls2.name;
  readonly suite: CiphersuiteImpl;
  readonly options: ClientOptions;
  readonly #signatureKeyPair: SignatureKeyPair;
  readonly #keyPackages: Bundle[] = [];

  constructor(name: string, suite: CiphersuiteImpl, signatureKeyPair: SignatureKeyPair, options: ClientOptions) {
    this.name = name;
    this.suite = suite;
    this.options = options;
    this.#signatureKeyPair = signatureKeyPair;
  }

  context(): MlsContext {
    return {
      cipherSuite: this.suite,
      authService: unsafeTestingAuthenticationService,
      externalPsks: pskRecord(this.options.psks),
    };
  }

  async create(groupId: Uint8Array): Promise<Participant> {
    const { publicPackage, privatePackage, message } = await this.#newKeyPackage();
    const context = this.context();
    const state = await createGroup({
      context,
      groupId,
      keyPackage: publicPackage,
      privateKeyPackage: privatePackage,
    });
    return new TsMlsParticipant(this, state, leafOf(message));
  }

  async keyPackage(): Promise<Uint8Array> {
    const bundle = await this.#newKeyPackage();
    this.#keyPackages.push(bundle);
    return bundle.message;
  }

  async join(welcome: Uint8Array, ratchetTree?: Uint8Array): Promise<Participant> {
    const { publicPackage, privatePackage, message } = this.#keyPackages.at(-1) ?? missing("key package");
    // The decoder of a ratchet tree is not exported, and nothing that is decodes one.
    if (ratchetTree !== undefined) throw new TypeError("the tree has to be inside the Welcome");
    const state = await joinGroup({
      context: this.context(),
      welcome: decodeAs(welcome, wireformats.mls_welcome).welcome,
      keyPackage: publicPackage,
      privateKeys: privatePackage,
    });
    return new TsMlsParticipant(this, state, leafOf(message));
  }

  async proposeToJoin(groupInfo: Uint8Array): Promise<Uint8Array> {
    const bundle = await this.#newKeyPackage();
    this.#keyPackages.push(bundle);
    const message = await proposeAddExternal(
      decodeAs(groupInfo, wireformats.mls_group_info).groupInfo,
      bundle.publicPackage,
      bundle.privatePackage,
      this.suite,
    );
    return encodeBytes(mlsMessageEncoder, message);
  }

  async joinExternally(groupInfo: Uint8Array, replace?: number): ReturnType<Client["joinExternally"]> {
    const { publicPackage, privatePackage, message } = await this.#newKeyPackage();
    const context = this.context();
    const hpke = readingExternalPub(this.options.suite, this.suite.hpke);
    const { publicMessage, newState } = await joinGroupExternal({
      context: { ...context, cipherSuite: { ...this.suite, hpke } },
      groupInfo: decodeAs(groupInfo, wireformats.mls_group_info).groupInfo,
      keyPackage: publicPackage,
      privateKeys: privatePackage,
      resync: replace !== undefined,
    });
    const commit = encodeBytes(mlsMessageEncoder, {
      version,
      wireformat: wireformats.mls_public_message,
      publicMessage,
    });
    return { commit, participant: new TsMlsParticipant(this, newState, leafOf(message)) };
  }

  async #newKeyPackage(): Promise<Bundle> {
    const capabilities = defaultCapabilities();
    const { publicPackage, privatePackage } = await generateKeyPackageWithKey({
      credential: { credentialType: defaultCredentialTypes.basic, identity: utf8(this.name) },
      capabilities: { ...capabilities, extensions: [...capabilities.extensions, sharedExtension] },
      lifetime: lifetime(),
      signatureKeyPair: this.#signatureKeyPair,
      cipherSuite: this.suite,
    });
    const message = encodeBytes(mlsMessageEncoder, {
      version,
      wireformat: wireformats.mls_key_package,
      keyPackage: publicPackage,
    });
    return { publicPackage, privatePackage, message };
  }
}

/** The key pair of an Update of ours that waits for a commit. */
interface OwnUpdate {
  readonly publicKey: Uint8Array;
  readonly privateKey: Uint8Array;
}

class TsMlsParticipant implements Participant {
  readonly client: TsMlsClient;
  readonly #leaf: LeafNode;
  readonly #updates: OwnUpdate[] = [];
  #current: ClientState;
  readonly source: TsMlsSource;

  constructor(client: TsMlsClient, state: ClientState, leaf: LeafNode) {
    this.client = client;
    this.#current = state;
    this.#leaf = leaf;
    this.source = tsMlsSource({ state, cipherSuite: client.suite, mlsExporter });
  }

  get #state(): ClientState {
    return this.#current;
  }

  set #state(state: ClientState) {
    this.#current = state;
    this.source.update(state);
  }

  get leafIndex(): number {
    return this.#state.privatePath.leafIndex;
  }

  async view(): Promise<View> {
    const { groupContext, keySchedule } = this.#state;
    const exported = await mlsExporter(keySchedule.exporterSecret, "interop", utf8("context"), 48, this.client.suite);
    return {
      epoch: groupContext.epoch,
      epochAuthenticator: hex(keySchedule.epochAuthenticator),
      treeHash: hex(groupContext.treeHash),
      exported: hex(exported),
    };
  }

  async seal(text: string): Promise<Uint8Array> {
    const { newState, message } = await createApplicationMessage({
      context: this.client.context(),
      state: this.#state,
      message: utf8(text),
    });
    this.#state = newState;
    return encodeBytes(mlsMessageEncoder, message);
  }

  async propose(change: Change): Promise<Uint8Array> {
    const { newState, message } = await createProposal({
      context: this.client.context(),
      state: this.#state,
      wireAsPublicMessage: this.client.options.handshake === "public",
      proposal: await this.#proposal(change),
    });
    this.#state = newState;
    return encodeBytes(mlsMessageEncoder, message);
  }

  async commit({ add = [], remove = [], psks = [], ...plan }: Plan = {}): Promise<Made> {
    const { extensions, reinit, treeBeside = false } = plan;
    const changes: Change[] = [
      ...(extensions === undefined ? [] : [{ extensions }]),
      ...(reinit === undefined ? [] : [{ reinit }]),
      ...remove.map((leafIndex) => ({ remove: leafIndex })),
      ...add.map((keyPackage) => ({ add: keyPackage })),
      ...psks.map((psk) => ({ psk })),
    ];
    const { newState, welcome, commit } = await createCommit({
      context: this.client.context(),
      state: this.#state,
      wireAsPublicMessage: this.client.options.handshake === "public",
      extraProposals: await Promise.all(changes.map((change) => this.#proposal(change))),
      ratchetTreeExtension: !treeBeside,
    });
    return {
      commit: encodeBytes(mlsMessageEncoder, commit),
      welcome: welcome && encodeBytes(mlsMessageEncoder, welcome),
      apply: () => {
        this.#state = newState;
        return Promise.resolve();
      },
      drop: () => {},
    };
  }

  async receive(bytes: Uint8Array): Promise<Received> {
    const message = decodeMessage(bytes);
    // A key pair of an Update has to be in place before the path of the commit that holds it is opened, and after its
    // proposals are known: in this callback.
    const state = { ...this.#state, privatePath: structuredClone(this.#state.privatePath) };
    let kind: "proposal" | "commit" | "removed" = "proposal";
    const callback: IncomingMessageCallback = (incoming) => {
      if (incoming.kind === "commit") {
        kind = "commit";
        for (const { proposal, senderLeafIndex } of incoming.proposals) {
          if (isRemove(proposal) && proposal.remove.removed === this.leafIndex) kind = "removed";
          if (isUpdate(proposal) && senderLeafIndex === this.leafIndex) {
            const key = hex(proposal.update.leafNode.hpkePublicKey);
            const own = this.#updates.find(({ publicKey }) => hex(publicKey) === key);
            if (own !== undefined) state.privatePath.privateKeys[2 * this.leafIndex] = own.privateKey;
          }
        }
      }
      // A removed member is in no resolution any more, and rc.10 looks for its path secret all the same. RFC 9420 section
      // 12.4.2: "clients need to be prepared to receive a valid Commit message that removes them from the group."
      return kind === "removed" ? "reject" : acceptAll(incoming);
    };
    const context = this.client.context();
    if (message.wireformat === wireformats.mls_public_message) {
      const { publicMessage } = message;
      this.#state = (await processPublicMessage({ context, state, publicMessage, callback })).newState;
      return { kind };
    }
    if (message.wireformat !== wireformats.mls_private_message) throw new TypeError("not a message of a group");
    // Not processMessage: it forgets the PSKs of a commit in a PrivateMessage. RFC 9420 section 12.4.2: "Verify that all
    // PreSharedKey proposals in the proposals vector are available."
    const { privateMessage } = message;
    const result = await processPrivateMessage({ context, state, privateMessage, callback });
    this.#state = result.newState;
    return result.kind === "applicationMessage"
      ? { kind: "message", text: utf8Decode(result.message) ?? "" }
      : { kind };
  }

  async groupInfo(form: "mended" | "as it is" = "mended"): Promise<Uint8Array> {
    const { suite } = this.client;
    const groupInfo = await createGroupInfoWithExternalPubAndRatchetTree(this.#state, [], suite);
    const message = encodeBytes(mlsMessageEncoder, { version, wireformat: wireformats.mls_group_info, groupInfo });
    return form === "mended" ? mendGroupInfo(message, this.#signer()) : message;
  }

  ratchetTree(): Uint8Array {
    throw new TypeError("the encoder of a ratchet tree is not exported");
  }

  async #proposal(change: Change): Promise<Proposal> {
    const { groupId, cipherSuite } = this.#state.groupContext;
    if ("add" in change) {
      const { keyPackage } = decodeAs(change.add, wireformats.mls_key_package);
      return { proposalType: defaultProposalTypes.add, add: { keyPackage } };
    }
    if ("remove" in change) {
      return { proposalType: defaultProposalTypes.remove, remove: { removed: change.remove } };
    }
    if ("psk" in change) {
      const { rng, kdf } = this.client.suite;
      const pskNonce = rng.randomBytes(kdf.size);
      const preSharedKeyId =
        change.psk instanceof Uint8Array
          ? { psktype: pskTypes.external, pskId: change.psk, pskNonce }
          : {
              psktype: pskTypes.resumption,
              usage: resumptionPSKUsages.application,
              pskGroupId: groupId,
              pskEpoch: change.psk.resumption,
              pskNonce,
            };
      return { proposalType: defaultProposalTypes.psk, psk: { preSharedKeyId } };
    }
    if ("extensions" in change) {
      const extensions = change.extensions.map(extensionOf);
      return {
        proposalType: defaultProposalTypes.group_context_extensions,
        groupContextExtensions: { extensions },
      };
    }
    if ("reinit" in change) {
      const extensions = change.reinit.extensions.map(extensionOf);
      const reinit = { groupId: change.reinit.groupId, version, cipherSuite, extensions };
      return { proposalType: defaultProposalTypes.reinit, reinit };
    }
    return this.#update();
  }

  /** An Update, which rc.10 can check, but not make: nor does it keep the private key. */
  async #update(): Promise<Proposal> {
    const { hpke } = this.client.suite;
    const keys = await hpke.generateKeyPair();
    const publicKey = await hpke.exportPublicKey(keys.publicKey);
    this.#updates.push({ publicKey, privateKey: await hpke.exportPrivateKey(keys.privateKey) });
    const { groupId } = this.#state.groupContext;
    const own = this.#state.ratchetTree[2 * this.leafIndex];
    if (own?.nodeType !== nodeTypes.leaf) throw new TypeError("this member is in no leaf");
    const { signaturePublicKey, credential, capabilities, extensions } = own.leaf;
    const position = { groupId, leafIndex: this.leafIndex };
    const signature = await signUpdate(this.#leaf, publicKey, position, this.#signer());
    const leafNode = { hpkePublicKey: publicKey, signaturePublicKey, credential, capabilities, extensions, signature };
    return {
      proposalType: defaultProposalTypes.update,
      update: { leafNode: { ...leafNode, leafNodeSource: leafNodeSources.update } },
    };
  }

  #signer(): { sign(message: Uint8Array): Promise<Uint8Array> } {
    const { signature } = this.client.suite;
    return { sign: (message) => signature.sign(this.#state.signaturePrivateKey, message) };
  }
}

function isRemove(proposal: Proposal): proposal is Extract<Proposal, { remove: unknown }> {
  return proposal.proposalType === defaultProposalTypes.remove;
}

function isUpdate(proposal: Proposal): proposal is Extract<Proposal, { update: unknown }> {
  return proposal.proposalType === defaultProposalTypes.update;
}

function extensionOf({ type, data }: Extension): GroupContextExtension {
  if (type !== defaultExtensionTypes.required_capabilities) {
    return makeCustomExtension({ extensionType: type, extensionData: data });
  }
  const { extensionTypes, proposalTypes, credentialTypes } = decode(RequiredCapabilities, data);
  return {
    extensionType: defaultExtensionTypes.required_capabilities,
    extensionData: {
      extensionTypes: [...extensionTypes],
      proposalTypes: [...proposalTypes],
      credentialTypes: [...credentialTypes],
    },
  };
}

function decodeMessage(bytes: Uint8Array): MlsMessage {
  return decodeBytes(mlsMessageDecoder, bytes) ?? missing("decoder for this message");
}

function decodeAs<Format extends MlsMessage["wireformat"]>(
  bytes: Uint8Array,
  wireformat: Format,
): Extract<MlsMessage, { wireformat: Format }> {
  const message = decodeMessage(bytes);
  if (message.wireformat !== wireformat) throw new TypeError("a message of another format");
  return message as Extract<MlsMessage, { wireformat: Format }>;
}

function missing(what: string): never {
  throw new TypeError(`ts-mls has no ${what}`);
}
