/**
 * ts-mls 1.6.4 behind the common face.
 */

import {
  createApplicationMessage,
  createCommit,
  createGroup,
  decodeGroupState,
  decodeMlsMessage,
  defaultCapabilities,
  emptyPskIndex,
  encodeGroupState,
  encodeMlsMessage,
  generateKeyPackageWithKey,
  getCiphersuiteFromName,
  getCiphersuiteImpl,
  joinGroup,
  mlsExporter,
  processPrivateMessage,
  type CiphersuiteImpl,
  type ClientState,
  type KeyPackage,
  type MLSMessage,
  type PrivateKeyPackage,
  type Proposal,
} from "ts-mls";
import {
  exporterContext,
  exporterLabel,
  lifetime,
  wholeState,
  type Changes,
  type Client,
  type Made,
  type Member,
  type OwnKeyPackage,
  type Peer,
} from "./peer.ts";

export async function tsMls1Peer(): Promise<Peer> {
  const suite = await getCiphersuiteImpl(getCiphersuiteFromName("MLS_128_DHKEMX25519_AES128GCM_SHA256_Ed25519"));
  return {
    name: "ts-mls-1",
    client: async (name) => new TsMlsClient(suite, name, await suite.signature.keygen()),
  };
}

interface Bundle {
  readonly publicPackage: KeyPackage;
  readonly privatePackage: PrivateKeyPackage;
}

class TsMlsClient implements Client {
  readonly #suite: CiphersuiteImpl;
  readonly #name: string;
  readonly #keys: Awaited<ReturnType<CiphersuiteImpl["signature"]["keygen"]>>;

  constructor(suite: CiphersuiteImpl, name: string, keys: Awaited<ReturnType<CiphersuiteImpl["signature"]["keygen"]>>) {
    this.#suite = suite;
    this.#name = name;
    this.#keys = keys;
  }

  async keyPackage(): Promise<OwnKeyPackage> {
    const { publicPackage, privatePackage } = await this.#generate();
    const suite = this.#suite;
    const join = async (bytes: Uint8Array): Promise<Member> => {
      const { welcome } = decodeAs(bytes, "mls_welcome");
      return new TsMlsMember(suite, await joinGroup(welcome, publicPackage, privatePackage, emptyPskIndex, suite));
    };
    return {
      message: encodeMlsMessage({ version: "mls10", wireformat: "mls_key_package", keyPackage: publicPackage }),
      join,
      joinStored: async (bytes) => wholeState(await join(bytes)),
    };
  }

  async create(): Promise<Member> {
    const { publicPackage, privatePackage } = await this.#generate();
    const groupId = this.#suite.rng.randomBytes(32);
    return new TsMlsMember(this.#suite, await createGroup(groupId, publicPackage, privatePackage, [], this.#suite));
  }

  #generate(): Promise<Bundle> {
    const identity = new TextEncoder().encode(this.#name);
    return generateKeyPackageWithKey(
      { credentialType: "basic", identity },
      defaultCapabilities(),
      lifetime(),
      [],
      this.#keys,
      this.#suite,
    );
  }
}

class TsMlsMember implements Member {
  readonly #suite: CiphersuiteImpl;
  #state: ClientState;

  constructor(suite: CiphersuiteImpl, state: ClientState) {
    this.#suite = suite;
    this.#state = state;
  }

  epochAuthenticator(): Uint8Array {
    return this.#state.keySchedule.epochAuthenticator;
  }

  async commit({ add = [], remove = [] }: Changes = {}): Promise<Made> {
    const extraProposals: Proposal[] = [
      ...remove.map((removed): Proposal => ({ proposalType: "remove", remove: { removed } })),
      ...add.map((bytes): Proposal => {
        return { proposalType: "add", add: { keyPackage: decodeAs(bytes, "mls_key_package").keyPackage } };
      }),
    ];
    const { newState, commit, welcome } = await createCommit(
      { state: this.#state, cipherSuite: this.#suite },
      { extraProposals, ratchetTreeExtension: true },
    );
    this.#state = newState;
    return {
      commit: encodeMlsMessage(commit),
      welcome: welcome && encodeMlsMessage({ version: "mls10", wireformat: "mls_welcome", welcome }),
    };
  }

  async receive(bytes: Uint8Array): Promise<Uint8Array | undefined> {
    const { privateMessage } = decodeAs(bytes, "mls_private_message");
    const result = await processPrivateMessage(this.#state, privateMessage, emptyPskIndex, this.#suite);
    this.#state = result.newState;
    return result.kind === "applicationMessage" ? result.message : undefined;
  }

  async seal(plaintext: Uint8Array): Promise<Uint8Array> {
    const { newState, privateMessage } = await createApplicationMessage(this.#state, plaintext, this.#suite);
    this.#state = newState;
    return encodeMlsMessage({ version: "mls10", wireformat: "mls_private_message", privateMessage });
  }

  export(): Promise<Uint8Array> {
    const { exporterSecret } = this.#state.keySchedule;
    return mlsExporter(exporterSecret, exporterLabel, exporterContext, 32, this.#suite);
  }

  snapshot(): Uint8Array {
    return encodeGroupState(this.#state);
  }

  restore(snapshot: Uint8Array): ClientState {
    const decoded = decodeGroupState(snapshot, 0);
    if (decoded === undefined) throw new Error("ts-mls does not decode its own state");
    return { ...decoded[0], clientConfig: this.#state.clientConfig };
  }
}

function decodeAs<Format extends MLSMessage["wireformat"]>(
  bytes: Uint8Array,
  wireformat: Format,
): Extract<MLSMessage, { wireformat: Format }> {
  const message = decodeMlsMessage(bytes, 0)?.[0];
  if (message?.wireformat !== wireformat) throw new Error(`not a message of format ${wireformat}`);
  return message as Extract<MLSMessage, { wireformat: Format }>;
}
