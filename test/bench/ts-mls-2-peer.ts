/**
 * ts-mls 2.0.0-rc.10 behind the common face.
 */

import {
  ciphersuites,
  clientStateDecoder,
  clientStateEncoder,
  createApplicationMessage,
  createCommit,
  createGroup,
  decode,
  defaultCapabilities,
  defaultCredentialTypes,
  defaultProposalTypes,
  encode,
  generateKeyPackageWithKey,
  getCiphersuiteImpl,
  joinGroup,
  mlsExporter,
  mlsMessageDecoder,
  mlsMessageEncoder,
  processPrivateMessage,
  protocolVersions,
  unsafeTestingAuthenticationService,
  wireformats,
  type CiphersuiteName,
  type ClientState,
  type KeyPackage,
  type MlsContext,
  type MlsMessage,
  type PrivateKeyPackage,
  type Proposal,
  type SignatureKeyPair,
} from "ts-mls-2";
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

const suiteName: CiphersuiteName = "MLS_128_DHKEMX25519_AES128GCM_SHA256_Ed25519";
const version = protocolVersions.mls10;

export async function tsMls2Peer(): Promise<Peer> {
  if (ciphersuites[suiteName] !== 1) throw new Error("another ciphersuite 1");
  const cipherSuite = await getCiphersuiteImpl(suiteName);
  const context: MlsContext = { cipherSuite, authService: unsafeTestingAuthenticationService };
  return {
    name: "ts-mls-2",
    client: async (name) => new TsMlsClient(context, name, await cipherSuite.signature.keygen()),
  };
}

interface Bundle {
  readonly publicPackage: KeyPackage;
  readonly privatePackage: PrivateKeyPackage;
}

class TsMlsClient implements Client {
  readonly #context: MlsContext;
  readonly #name: string;
  readonly #signatureKeyPair: SignatureKeyPair;

  constructor(context: MlsContext, name: string, signatureKeyPair: SignatureKeyPair) {
    this.#context = context;
    this.#name = name;
    this.#signatureKeyPair = signatureKeyPair;
  }

  async keyPackage(): Promise<OwnKeyPackage> {
    const { publicPackage: keyPackage, privatePackage: privateKeys } = await this.#generate();
    const context = this.#context;
    const join = async (bytes: Uint8Array): Promise<Member> => {
      const { welcome } = decodeAs(bytes, wireformats.mls_welcome);
      return new TsMlsMember(context, await joinGroup({ context, welcome, keyPackage, privateKeys }));
    };
    return {
      message: encode(mlsMessageEncoder, { version, wireformat: wireformats.mls_key_package, keyPackage }),
      join,
      joinStored: async (bytes) => wholeState(await join(bytes)),
    };
  }

  async create(): Promise<Member> {
    const { publicPackage: keyPackage, privatePackage: privateKeyPackage } = await this.#generate();
    const context = this.#context;
    const groupId = context.cipherSuite.rng.randomBytes(32);
    return new TsMlsMember(context, await createGroup({ context, groupId, keyPackage, privateKeyPackage }));
  }

  #generate(): Promise<Bundle> {
    return generateKeyPackageWithKey({
      credential: {
        credentialType: defaultCredentialTypes.basic,
        identity: new TextEncoder().encode(this.#name),
      },
      capabilities: defaultCapabilities(),
      lifetime: lifetime(),
      signatureKeyPair: this.#signatureKeyPair,
      cipherSuite: this.#context.cipherSuite,
    });
  }
}

class TsMlsMember implements Member {
  readonly #context: MlsContext;
  #state: ClientState;

  constructor(context: MlsContext, state: ClientState) {
    this.#context = context;
    this.#state = state;
  }

  epochAuthenticator(): Uint8Array {
    return this.#state.keySchedule.epochAuthenticator;
  }

  async commit({ add = [], remove = [] }: Changes = {}): Promise<Made> {
    const extraProposals: Proposal[] = [
      ...remove.map((removed): Proposal => ({ proposalType: defaultProposalTypes.remove, remove: { removed } })),
      ...add.map((bytes): Proposal => {
        const { keyPackage } = decodeAs(bytes, wireformats.mls_key_package);
        return { proposalType: defaultProposalTypes.add, add: { keyPackage } };
      }),
    ];
    const { newState, commit, welcome } = await createCommit({
      context: this.#context,
      state: this.#state,
      extraProposals,
      ratchetTreeExtension: true,
    });
    this.#state = newState;
    return {
      commit: encode(mlsMessageEncoder, commit),
      welcome: welcome && encode(mlsMessageEncoder, welcome),
    };
  }

  async receive(bytes: Uint8Array): Promise<Uint8Array | undefined> {
    const { privateMessage } = decodeAs(bytes, wireformats.mls_private_message);
    const result = await processPrivateMessage({ context: this.#context, state: this.#state, privateMessage });
    this.#state = result.newState;
    return result.kind === "applicationMessage" ? result.message : undefined;
  }

  async seal(plaintext: Uint8Array): Promise<Uint8Array> {
    const { newState, message } = await createApplicationMessage({
      context: this.#context,
      state: this.#state,
      message: plaintext,
    });
    this.#state = newState;
    return encode(mlsMessageEncoder, message);
  }

  export(): Promise<Uint8Array> {
    const { exporterSecret } = this.#state.keySchedule;
    return mlsExporter(exporterSecret, exporterLabel, exporterContext, 32, this.#context.cipherSuite);
  }

  snapshot(): Uint8Array {
    return encode(clientStateEncoder, this.#state);
  }

  restore(snapshot: Uint8Array): ClientState {
    const state = decode(clientStateDecoder, snapshot);
    if (state === undefined) throw new Error("ts-mls does not decode its own state");
    return state;
  }
}

function decodeAs<Format extends MlsMessage["wireformat"]>(
  bytes: Uint8Array,
  wireformat: Format,
): Extract<MlsMessage, { wireformat: Format }> {
  const message = decode(mlsMessageDecoder, bytes);
  if (message?.wireformat !== wireformat) throw new Error(`not a message of format ${wireformat}`);
  return message as Extract<MlsMessage, { wireformat: Format }>;
}
