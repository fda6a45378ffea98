/**
 * ts-mls 1.6.4 behind the common face. docs/interop.md lists its faults; what is done about each is said where it is done.
 */

import {
  acceptAll,
  branchGroup,
  ciphersuites,
  createApplicationMessage,
  createCommit,
  createGroup,
  createGroupInfoWithExternalPubAndRatchetTree,
  createProposal,
  decodeMlsMessage,
  defaultCapabilities,
  encodeMlsMessage,
  generateKeyPackageWithKey,
  getCiphersuiteFromName,
  getCiphersuiteImpl,
  joinGroup,
  joinGroupExternal,
  joinGroupFromBranch,
  joinGroupFromReinit,
  makePskIndex,
  mlsExporter,
  processPrivateMessage,
  processPublicMessage,
  proposeAddExternal,
  reinitCreateNewGroup,
  type CiphersuiteImpl,
  type CiphersuiteName,
  type ClientState,
  type Extension as TsMlsExtension,
  type IncomingMessageCallback,
  type KeyPackage,
  type MLSMessage,
  type PrivateKeyPackage,
  type Proposal,
  type PskIndex,
} from "ts-mls";
import { decodeRatchetTree, encodeRatchetTree } from "ts-mls/ratchetTree.js";
import { tsMlsSource, type TsMlsSource } from "../../src/adapters/ts-mls.ts";
import { hex, utf8, utf8Decode } from "../../src/bytes/text.ts";
import type { Extension } from "../../src/wire/extension.ts";
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
  type Linked,
  type LinkingParticipant,
  type Made,
  type Participant,
  type Plan,
  type Received,
  type Successor,
  type View,
} from "./participant.ts";

export const tsMls1: Engine = {
  name: "ts-mls 1.6.4",
  can: { commitOneRemoveOrUpdate: true, commitExtensions: false, treeBeside: true },
  client: async (name, options) => {
    const cipherSuiteName = (Object.keys(ciphersuites) as CiphersuiteName[]).find(
      (candidate) => ciphersuites[candidate] === options.suite,
    );
    if (cipherSuiteName === undefined) throw new TypeError("not a cipher suite of ts-mls");
    const suite = await getCiphersuiteImpl(getCiphersuiteFromName(cipherSuiteName));
    return new TsMlsClient(name, suite, await uncompressed(options.suite, await suite.signature.keygen()), options);
  },
};

/** Both halves of a key package. */
interface Bundle {
  readonly publicPackage: KeyPackage;
  readonly privatePackage: PrivateKeyPackage;
  /** The public half as an MLSMessage. */
  readonly message: Uint8Array;
}

class TsMlsClient implements Client {
  readonly name: string;
  readonly engine = tsMls1.name;
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

  psks(state: ClientState | undefined): PskIndex {
    return makePskIndex(state, pskRecord(this.options.psks));
  }

  async create(groupId: Uint8Array): Promise<Participant> {
    const { publicPackage, privatePackage, message } = await this.newKeyPackage();
    const state = await createGroup(groupId, publicPackage, privatePackage, [], this.suite);
    return new TsMlsParticipant(this, state, leafOf(message));
  }

  async keyPackage(): Promise<Uint8Array> {
    const bundle = await this.newKeyPackage();
    this.#keyPackages.push(bundle);
    return bundle.message;
  }

  async join(welcome: Uint8Array, ratchetTree?: Uint8Array, previous?: ClientState): Promise<Participant> {
    const message = decodeAs(welcome, "mls_welcome");
    const bundle = this.#keyPackages.at(-1);
    if (bundle === undefined) throw new TypeError("no key package was made");
    const keys = [bundle.publicPackage, bundle.privatePackage] as const;
    const tree = ratchetTree && decodeRatchetTree(ratchetTree, 0)?.[0];
    let state: ClientState;
    if (previous === undefined)
      state = await joinGroup(message.welcome, ...keys, this.psks(undefined), this.suite, tree);
    else if (previous.groupActiveState.kind === "active")
      state = await joinGroupFromBranch(previous, message.welcome, ...keys, tree, this.suite);
    else state = await joinGroupFromReinit(previous, message.welcome, ...keys, tree);
    return new TsMlsParticipant(this, state, leafOf(bundle.message));
  }

  async proposeToJoin(groupInfo: Uint8Array): Promise<Uint8Array> {
    const bundle = await this.newKeyPackage();
    this.#keyPackages.push(bundle);
    const { publicPackage, privatePackage } = bundle;
    const message = decodeAs(groupInfo, "mls_group_info");
    return encodeMlsMessage(await proposeAddExternal(message.groupInfo, publicPackage, privatePackage, this.suite));
  }

  async joinExternally(groupInfo: Uint8Array, replace?: number): ReturnType<Client["joinExternally"]> {
    const message = decodeAs(groupInfo, "mls_group_info");
    const { publicPackage, privatePackage, message: keyPackage } = await this.newKeyPackage();
    const { publicMessage, newState } = await joinGroupExternal(
      message.groupInfo,
      publicPackage,
      privatePackage,
      replace !== undefined,
      { ...this.suite, hpke: readingExternalPub(this.options.suite, this.suite.hpke) },
    );
    const commit = encodeMlsMessage({ version: "mls10", wireformat: "mls_public_message", publicMessage });
    return { commit, participant: new TsMlsParticipant(this, newState, leafOf(keyPackage)) };
  }

  async newKeyPackage(): Promise<Bundle> {
    const capabilities = defaultCapabilities();
    const { publicPackage, privatePackage } = await generateKeyPackageWithKey(
      { credentialType: "basic", identity: utf8(this.name) },
      { ...capabilities, extensions: [...capabilities.extensions, sharedExtension] },
      lifetime(),
      [],
      this.#signatureKeyPair,
      this.suite,
    );
    const message = encodeMlsMessage({ version: "mls10", wireformat: "mls_key_package", keyPackage: publicPackage });
    return { publicPackage, privatePackage, message };
  }
}

/** Key pairs of this member's Updates that wait for a commit, the latest last. */
interface OwnUpdate {
  readonly publicKey: Uint8Array;
  readonly privateKey: Uint8Array;
}

class TsMlsParticipant implements LinkingParticipant {
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
    const { newState, privateMessage } = await createApplicationMessage(this.#state, utf8(text), this.client.suite);
    this.#state = newState;
    return encodeMlsMessage({ version: "mls10", wireformat: "mls_private_message", privateMessage });
  }

  async propose(change: Change): Promise<Uint8Array> {
    const proposal = await this.#proposal(change);
    const isPublic = this.client.options.handshake === "public";
    const { newState, message } = await createProposal(this.#state, isPublic, proposal, this.client.suite);
    this.#state = newState;
    return encodeMlsMessage(message);
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
    const extraProposals = await Promise.all(changes.map((change) => this.#proposal(change)));
    const { newState, welcome, commit } = await createCommit(
      { state: this.#state, cipherSuite: this.client.suite, pskIndex: this.client.psks(this.#state) },
      {
        wireAsPublicMessage: this.client.options.handshake === "public",
        extraProposals,
        ratchetTreeExtension: !treeBeside,
      },
    );
    return {
      commit: encodeMlsMessage(commit),
      welcome: welcome && encodeMlsMessage({ version: "mls10", wireformat: "mls_welcome", welcome }),
      apply: () => {
        this.#state = newState;
        return Promise.resolve();
      },
      drop: () => {},
    };
  }

  async receive(bytes: Uint8Array): Promise<Received> {
    const message = decode(bytes);
    // A key pair of an Update has to be in place before the path of the commit that holds it is opened, and after its
    // proposals are known: in this callback.
    const state = { ...this.#state, privatePath: structuredClone(this.#state.privatePath) };
    let kind: "proposal" | "commit" | "removed" = "proposal";
    let replaced = false;
    const callback: IncomingMessageCallback = (incoming) => {
      if (incoming.kind === "commit") {
        kind = "commit";
        replaced = incoming.proposals.some(({ proposal }) => proposal.proposalType === "add");
        for (const { proposal, senderLeafIndex } of incoming.proposals) {
          if (proposal.proposalType === "remove" && proposal.remove.removed === this.leafIndex) kind = "removed";
          if (proposal.proposalType === "update" && senderLeafIndex === this.leafIndex) {
            const key = hex(proposal.update.leafNode.hpkePublicKey);
            const own = this.#updates.find(({ publicKey }) => hex(publicKey) === key);
            if (own !== undefined) state.privatePath.privateKeys[2 * this.leafIndex] = own.privateKey;
          }
        }
      }
      // 1.6.4 knows a removal by its own blank leaf, which an Add of the same commit may fill. RFC 9420 section 12.4.2:
      // "clients need to be prepared to receive a valid Commit message that removes them from the group."
      return kind === "removed" && replaced ? "reject" : acceptAll(incoming);
    };
    const psks = this.client.psks(state);
    const { suite } = this.client;
    if (message.wireformat === "mls_public_message") {
      this.#state = (await processPublicMessage(state, message.publicMessage, psks, suite, callback)).newState;
      return { kind };
    }
    if (message.wireformat !== "mls_private_message") throw new TypeError("not a message of a group");
    // Not processMessage: it forgets the PSKs of a commit in a PrivateMessage. RFC 9420 section 12.4.2: "Verify that all
    // PreSharedKey proposals in the proposals vector are available."
    const result = await processPrivateMessage(state, message.privateMessage, psks, suite, callback);
    this.#state = result.newState;
    return result.kind === "applicationMessage"
      ? { kind: "message", text: utf8Decode(result.message) ?? "" }
      : { kind };
  }

  async groupInfo(form: "mended" | "as it is" = "mended"): Promise<Uint8Array> {
    const { suite } = this.client;
    const groupInfo = await createGroupInfoWithExternalPubAndRatchetTree(this.#state, [], suite);
    const message = encodeMlsMessage({ version: "mls10", wireformat: "mls_group_info", groupInfo });
    return form === "mended" ? mendGroupInfo(message, this.#signer()) : message;
  }

  ratchetTree(): Uint8Array {
    return encodeRatchetTree(this.#state.ratchetTree);
  }

  async branch(groupId: Uint8Array, keyPackages: readonly Uint8Array[]): Promise<Linked> {
    const own = await this.client.newKeyPackage();
    const others = keyPackages.map((bytes) => decodeAs(bytes, "mls_key_package").keyPackage);
    const keys = [own.publicPackage, own.privatePackage] as const;
    return this.#linked(own, await branchGroup(this.#state, ...keys, others, groupId, this.client.suite));
  }

  async reinitialize({ groupId, extensions }: Successor, keyPackages: readonly Uint8Array[]): Promise<Linked> {
    const own = await this.client.newKeyPackage();
    const others = keyPackages.map((bytes) => decodeAs(bytes, "mls_key_package").keyPackage);
    const keys = [own.publicPackage, own.privatePackage] as const;
    const { name } = this.client.suite;
    const next = [groupId, name, extensions.map(extensionOf)] as const;
    return this.#linked(own, await reinitCreateNewGroup(this.#state, ...keys, others, ...next));
  }

  follow({ welcome, ratchetTree }: Omit<Linked, "participant">): Promise<Participant> {
    return this.client.join(welcome, ratchetTree, this.#state);
  }

  #linked(own: Bundle, { newState, welcome }: Awaited<ReturnType<typeof branchGroup>>): Linked {
    if (welcome === undefined) throw new TypeError("nobody was taken along");
    const participant = new TsMlsParticipant(this.client, newState, leafOf(own.message));
    const message = encodeMlsMessage({ version: "mls10", wireformat: "mls_welcome", welcome });
    return { participant, welcome: message, ratchetTree: participant.ratchetTree() };
  }

  async #proposal(change: Change): Promise<Proposal> {
    const { groupId, version, cipherSuite } = this.#state.groupContext;
    if ("add" in change) {
      return { proposalType: "add", add: { keyPackage: decodeAs(change.add, "mls_key_package").keyPackage } };
    }
    if ("remove" in change) return { proposalType: "remove", remove: { removed: change.remove } };
    if ("psk" in change) {
      const { rng, kdf } = this.client.suite;
      const pskNonce = rng.randomBytes(kdf.size);
      const preSharedKeyId: Extract<Proposal, { psk: unknown }>["psk"]["preSharedKeyId"] =
        change.psk instanceof Uint8Array
          ? { psktype: "external", pskId: change.psk, pskNonce }
          : {
              psktype: "resumption",
              usage: "application",
              pskGroupId: groupId,
              pskEpoch: change.psk.resumption,
              pskNonce,
            };
      return { proposalType: "psk", psk: { preSharedKeyId } };
    }
    if ("extensions" in change) {
      const extensions = change.extensions.map(extensionOf);
      return { proposalType: "group_context_extensions", groupContextExtensions: { extensions } };
    }
    if ("reinit" in change) {
      const extensions = change.reinit.extensions.map(extensionOf);
      return { proposalType: "reinit", reinit: { groupId: change.reinit.groupId, version, cipherSuite, extensions } };
    }
    return this.#update();
  }

  /** An Update, which 1.6.4 can commit and check, but not make: nor does it keep the private key. */
  async #update(): Promise<Proposal> {
    const { hpke } = this.client.suite;
    const keys = await hpke.generateKeyPair();
    const publicKey = await hpke.exportPublicKey(keys.publicKey);
    this.#updates.push({ publicKey, privateKey: await hpke.exportPrivateKey(keys.privateKey) });
    const { groupId } = this.#state.groupContext;
    const position = { groupId, leafIndex: this.leafIndex };
    const own = this.#state.ratchetTree[2 * this.leafIndex];
    if (own?.nodeType !== "leaf") throw new TypeError("this member is in no leaf");
    const { signaturePublicKey, credential, capabilities, extensions } = own.leaf;
    const signature = await signUpdate(this.#leaf, publicKey, position, this.#signer());
    const leafNode = { hpkePublicKey: publicKey, signaturePublicKey, credential, capabilities, extensions, signature };
    return { proposalType: "update", update: { leafNode: { ...leafNode, leafNodeSource: "update" } } };
  }

  #signer(): { sign(message: Uint8Array): Promise<Uint8Array> } {
    const { signature } = this.client.suite;
    return { sign: (message) => signature.sign(this.#state.signaturePrivateKey, message) };
  }
}

function extensionOf({ type, data }: Extension): TsMlsExtension {
  return { extensionType: type === 3 ? "required_capabilities" : type, extensionData: data };
}

function decode(bytes: Uint8Array): MLSMessage {
  const decoded = decodeMlsMessage(bytes, 0);
  if (decoded === undefined) throw new Error("ts-mls does not decode this message");
  return decoded[0];
}

function decodeAs<Format extends MLSMessage["wireformat"]>(
  bytes: Uint8Array,
  wireformat: Format,
): Extract<MLSMessage, { wireformat: Format }> {
  const message = decode(bytes);
  if (message.wireformat !== wireformat) throw new TypeError(`not a message of format ${wireformat}`);
  return message as Extract<MLSMessage, { wireformat: Format }>;
}
