// The public declarations of every subpath. Written by `npm run api`; compared by `npm run verify`.
// Read it in a diff: a line that goes or changes is a breaking change.

// ---- copse

export interface Add {
  readonly type: "add";
  readonly keyPackage: KeyPackage;
}
export type AeadName = "AES-128-GCM" | "AES-256-GCM" | "ChaCha20-Poly1305";
export interface ApplyPlace {
  readonly extensions: readonly Extension[];
  readonly tree: RatchetTree;
  readonly external: boolean;
}
export interface AuthenticationService {
  validate(candidate: Candidate): Awaitable<boolean>;
  clientKey?(credential: Credential, signatureKey: Uint8Array): Uint8Array;
  memberKey?(credential: Credential): Uint8Array;
}
export type Awaitable<T> = T | Promise<T>;
export type Bytes = ReturnType<Uint8Array["slice"]>;
export interface Candidate {
  readonly credential: Credential;
  readonly signatureKey: Uint8Array;
  readonly groupId: Uint8Array;
  readonly reason: "add" | "update" | "commit" | "join" | "external_sender";
  readonly leafExtensions?: readonly Extension[];
  readonly keyPackageExtensions?: readonly Extension[];
  readonly previous?: Credential;
}
export interface Capabilities {
  readonly versions: readonly number[];
  readonly cipherSuites: readonly number[];
  readonly extensions: readonly number[];
  readonly proposals: readonly number[];
  readonly credentials: readonly number[];
}
export type Change =
  | {
      readonly add: Uint8Array;
    }
  | {
      readonly update: LeafOptions & {
        readonly identity?: Identity;
      };
    }
  | {
      readonly remove: LeafIndex;
    }
  | {
      readonly psk: PskChoice;
    }
  | {
      readonly extensions: readonly Extension[];
    }
  | {
      readonly reinit: ReInitChoice;
    }
  | {
      readonly custom: CustomChoice;
    };
export interface CipherSuite {
  readonly id: number;
  readonly name: string;
  readonly provider: string;
  readonly hashLength: number;
  readonly keyLength: number;
  readonly nonceLength: number;
  readonly tagLength: number;
  readonly hpke: {
    readonly kem: number;
    readonly kdf: number;
    readonly aead: number;
  };
  hash(data: Uint8Array): Uint8Array;
  mac(key: Uint8Array, data: Uint8Array): Uint8Array;
  extract(salt: Uint8Array, ikm: Uint8Array): Uint8Array;
  expand(prk: Uint8Array, info: Uint8Array, length: number): Uint8Array;
  seal(key: Uint8Array, nonce: Uint8Array, associatedData: Uint8Array, plaintext: Uint8Array): Uint8Array;
  open(key: Uint8Array, nonce: Uint8Array, associatedData: Uint8Array, ciphertext: Uint8Array): Uint8Array;
  generateSignatureKeyPair(random: Random): Awaitable<KeyPair>;
  signaturePublicKey(privateKey: Uint8Array): Awaitable<Uint8Array>;
  signer(privateKey: Uint8Array): Awaitable<Signer>;
  isSignaturePublicKey(publicKey: Uint8Array): boolean;
  verify(verification: Verification): Awaitable<boolean>;
  verifyAll(verifications: readonly Verification[]): Awaitable<readonly boolean[]>;
  generateKemKeyPair(random: Random): Awaitable<KeyPair>;
  deriveKeyPair(ikm: Uint8Array): Awaitable<KeyPair>;
  kemPublicKey(privateKey: Uint8Array): Awaitable<Uint8Array>;
  isKemPublicKey(publicKey: Uint8Array): boolean;
  encap(publicKey: Uint8Array, random: Random): Awaitable<Encapsulation>;
  decap(enc: Uint8Array, privateKey: Uint8Array, publicKey?: Uint8Array): Awaitable<Uint8Array>;
}
export interface CipherSuiteDefinition {
  readonly id: number;
  readonly name: string;
  readonly kem: Kem;
  readonly hash: HashName;
  readonly aead: AeadName;
  readonly signature: SignatureName | SignatureScheme;
}
export type Clock = () => number;
export interface Codec<T> {
  readonly write: (out: Writer, value: T) => void;
  readonly read: (input: Reader) => T;
}
export interface CommitEvent {
  readonly kind: "commit";
  readonly committer: Member;
  readonly external: boolean;
  readonly epoch: bigint;
  readonly added: readonly Member[];
  readonly removed: readonly Member[];
  readonly left: readonly Member[];
  readonly proposers: {
    readonly added: readonly Sender[];
    readonly removed: readonly Sender[];
    readonly context: Sender | undefined;
    readonly reinit: Sender | undefined;
  };
  readonly updated: readonly UpdatedMember[];
  readonly psks: readonly PreSharedKeyId[];
  readonly contextChanged: boolean;
  readonly contextExtensions: {
    readonly before: readonly Extension[];
    readonly after: readonly Extension[];
  };
  readonly reinit: ReInit | undefined;
  readonly custom: readonly {
    readonly proposal: CustomProposal;
    readonly sender: Sender;
  }[];
  readonly authenticatedData: Uint8Array;
}
export interface CommitOptions {
  readonly add?: readonly Uint8Array[];
  readonly remove?: readonly LeafIndex[];
  readonly psks?: readonly PskChoice[];
  readonly extensions?: readonly Extension[];
  readonly reinit?: ReInitChoice;
  readonly custom?: readonly CustomChoice[];
  readonly pending?: "all" | "none" | ((proposal: PendingProposal) => boolean) | readonly Uint8Array[];
  readonly path?: boolean;
  readonly leaf?: LeafOptions;
  readonly identity?: Identity;
  readonly welcome?: GroupInfoContents;
  readonly groupInfo?: boolean | GroupInfoContents;
  readonly authenticatedData?: Uint8Array;
}
export interface CommittedProposal {
  readonly proposal: Proposal;
  readonly sender: Sender;
  readonly ref?: Uint8Array;
}
export interface ComponentDecryption extends ComponentPurpose {
  readonly key?: "leaf" | "external";
}
export interface ComponentEncryption {
  readonly suite: CipherSuite;
  readonly to: ComponentRecipient;
  readonly componentId: number;
  readonly label: string;
  readonly context?: Uint8Array;
  readonly plaintext: Uint8Array;
  readonly random?: Random;
}
export interface ComponentPurpose {
  readonly label: string;
  readonly context?: Uint8Array;
}
export type ComponentRecipient =
  | {
      readonly member: {
        readonly encryptionKey: Uint8Array;
      };
    }
  | {
      readonly keyPackage: Uint8Array;
    }
  | {
      readonly externalPub: Uint8Array;
    };
export interface ComponentSignature {
  readonly suite: CipherSuite;
  readonly member: {
    readonly signatureKey: Uint8Array;
  };
  readonly componentId: number;
  readonly label: string;
  readonly content: Uint8Array;
  readonly signature: Uint8Array;
}
export type ContentType = "application" | "proposal" | "commit";
export declare class CopseError extends Error {
  readonly name = "CopseError";
  readonly code: ErrorCode;
  readonly rule?: string;
  readonly offset?: number;
  readonly details: ErrorDetails;
  constructor(code: ErrorCode, given?: ErrorDetail);
}
export interface CreateOptions extends GroupOptions {
  readonly identity: Identity;
  readonly groupId?: Uint8Array;
  readonly extensions?: readonly Extension[];
  readonly leaf?: LeafOptions;
}
export type Credential =
  | {
      readonly type: "basic";
      readonly identity: Uint8Array;
    }
  | {
      readonly type: "x509";
      readonly certificates: readonly Uint8Array[];
    }
  | {
      readonly type: number;
      readonly data: Uint8Array;
    };
export type CustomChoice = Omit<CustomProposal, "type">;
export interface CustomEntry {
  readonly proposal: CustomProposal;
  readonly sender: Sender;
}
export interface CustomExtension {
  readonly type: number;
  readonly places: readonly ExtensionPlace[];
  readonly isValid?: (data: Uint8Array, place: ExtensionPlace) => boolean;
}
export interface CustomProposal {
  readonly type: "custom";
  readonly proposalType: number;
  readonly body: Uint8Array;
}
export interface CustomProposalType {
  readonly type: number;
  readonly pathRequired: boolean;
  readonly external: boolean;
  readonly externalCommit: boolean | "by value";
  readonly after: ProposalStep;
  readonly removesSender?: boolean;
  readonly wireFormat?: "mls_public_message";
  readonly readBody?: (input: Reader) => unknown;
  readonly isValid?: (body: Uint8Array, sender: Sender, place: ProposedPlace) => boolean;
  readonly apply?: (entries: readonly CustomEntry[], place: ApplyPlace) => readonly Extension[];
  readonly choose?: <
    Entry extends CustomEntry & {
      readonly ref?: Uint8Array;
    },
  >(
    entries: readonly Entry[],
    place: ApplyPlace,
  ) => readonly Entry[];
}
export interface Dh {
  readonly name: DhName;
  load(privateKey: Uint8Array, publicKey?: Uint8Array): Awaitable<DhKey>;
}
export interface DhKey {
  readonly publicKey: Uint8Array;
  agree(publicKey: Uint8Array): Awaitable<Uint8Array>;
}
export type DhName = "X25519" | "X448" | "P-256" | "P-384" | "P-521";
export interface Encapsulation {
  readonly enc: Uint8Array;
  readonly sharedSecret: Uint8Array;
}
export interface EnvelopeEvent {
  readonly kind: "envelope";
  readonly contentType: ContentType;
  readonly epoch: bigint;
}
export type ErrorCode = keyof typeof errorCodes;
export interface ErrorDetail extends ErrorDetails {
  readonly rule?: string;
  readonly offset?: number;
  readonly detail?: string;
  readonly cause?: unknown;
}
export interface ErrorDetails {
  readonly leafIndex?: number;
  readonly ref?: Uint8Array;
  readonly got?: number | string;
  readonly expected?: number | string;
  readonly type?: number;
  readonly limit?: string;
}
export interface Extension {
  readonly type: number;
  readonly data: Uint8Array;
  readonly beside?: ReadonlyMap<string, Uint8Array>;
}
export type ExtensionPlace = "leaf_node" | "key_package" | "group_info" | "group_context";
export interface ExtensionRegistry {
  readonly extensions?: readonly CustomExtension[];
  readonly proposals?: readonly CustomProposalType[];
  readonly credentials?: readonly number[];
  readonly rules?: readonly ExtensionRules[];
}
export interface ExtensionRules {
  readonly complete?: (
    extensions: readonly Extension[],
    place: ExtensionPlace,
    around: SendingPlace,
  ) => readonly Extension[];
  readonly checkLeaf?: (leaf: LeafNode, context?: readonly Extension[]) => void;
  readonly checkContext?: (
    context: readonly Extension[],
    before: readonly Extension[],
    leaves: () => Iterable<readonly [leafIndex: number, leaf: LeafNode]>,
  ) => void;
  readonly adopt?: (
    context: readonly Extension[],
    groupInfo: readonly Extension[],
    suite: CipherSuite,
  ) => readonly Extension[];
  readonly keepBeside?: (next: readonly Extension[], current: readonly Extension[]) => readonly Extension[];
  readonly checkReplacement?: (
    next: readonly Extension[],
    current: readonly Extension[],
    by: {
      readonly sender: Sender;
      readonly tree: RatchetTree;
    },
  ) => void;
  readonly frameAuthenticatedData?: (data: Uint8Array, context: readonly Extension[]) => Uint8Array;
  readonly checkAuthenticatedData?: (data: Uint8Array, context: readonly Extension[]) => void;
  readonly frameContent?: (
    content: Uint8Array,
    mediaType: MediaType | undefined,
    context: readonly Extension[],
  ) => Uint8Array | undefined;
  readonly openContent?: (
    applicationData: Uint8Array,
    context: readonly Extension[],
  ) =>
    | {
        readonly content: Uint8Array;
        readonly mediaType: MediaType;
      }
    | undefined;
}
export interface ExternalInit {
  readonly type: "external_init";
  readonly kemOutput: Uint8Array;
}
export interface ExternalJoin {
  readonly commit: Bytes;
  readonly leftOut: readonly LeftOut[];
  groupInfo(contents?: GroupInfoContents): Promise<Bytes>;
  complete(): Awaitable<Group>;
  drop(): void;
}
export interface ExternalProposalOptions extends OutsideView {
  readonly identity: Identity;
  readonly senderIndex: number;
  readonly change: PlainChange;
  readonly registry?: ExtensionRegistry;
  readonly lifetime?: Partial<LifetimePolicy>;
  readonly clock?: Clock;
  readonly random?: Random;
}
export interface ExternalSender {
  readonly signatureKey: Uint8Array;
  readonly credential: Credential;
}
export interface FollowOptions extends GroupOptions {
  readonly suite: CipherSuite;
  readonly groupInfo: Uint8Array;
  readonly ratchetTree?: Uint8Array;
}
export type FramingFormat = "mls_public_message" | "mls_private_message";
export type GreaseChoice =
  | boolean
  | {
      readonly extensions: boolean;
    };
export declare class Group {
  #private;
  private constructor();
  static create(options: CreateOptions): Promise<Group>;
  static join(options: JoinOptions): Promise<Group>;
  static joinExternally(options: JoinExternallyOptions): Promise<ExternalJoin>;
  static restore(options: RestoreOptions): Promise<Group>;
  get id(): Bytes;
  get epoch(): bigint;
  get suite(): CipherSuite;
  get identity(): Identity;
  get self(): Member;
  get members(): Iterable<Member>;
  member(leafIndex: LeafIndex): Member | undefined;
  get size(): number;
  get treeWidth(): number;
  get groupContext(): GroupContext;
  get epochAuthenticator(): Bytes;
  get pendingProposals(): readonly PendingProposal[];
  get proposalsForJoiners(): readonly Bytes[];
  get isGone(): boolean;
  get removal(): RemovedEvent | undefined;
  get joinedWith(): Uint8Array | undefined;
  get isReinitialized(): boolean;
  propose(
    change: Change,
    options?: {
      readonly authenticatedData?: Uint8Array;
    },
  ): Promise<Bytes>;
  leave(options?: { readonly authenticatedData?: Uint8Array }): Promise<Bytes>;
  forgetProposal(ref: Uint8Array): Promise<boolean>;
  commit(options?: CommitOptions): Promise<Pending>;
  apply(pending: Pending): Awaitable<void>;
  get pendingCommit(): Pending | undefined;
  seal(plaintext: Uint8Array, options?: SealOptions): Promise<Bytes>;
  receive(message: Uint8Array): Promise<GroupEvent>;
  inspect(message: Uint8Array): MessageInfo;
  exportSecret(label: string, context: Uint8Array, length: number): Bytes;
  component(componentId: number): GroupComponent;
  psks(): (id: PreSharedKeyId) => Secret<"resumption_psk"> | undefined;
  groupInfo(options?: GroupInfoContents): Promise<Bytes>;
  ratchetTree(): Bytes;
  reinitialize(options: LinkOptions): Promise<LinkedGroup>;
  branch(options: LinkOptions): Promise<LinkedGroup>;
  onEpoch(listener: () => void): () => void;
  expire(): void;
  snapshot(): Bytes;
  wipe(): void;
  toJSON(): object;
}
export interface GroupComponent {
  readonly id: number;
  exportSecret(): Promise<Bytes>;
  sign(label: string, content: Uint8Array): Promise<Bytes>;
  decrypt(sealed: HpkeCiphertext, decryption: ComponentDecryption): Promise<Bytes>;
}
export interface GroupContext {
  readonly version: number;
  readonly cipherSuite: number;
  readonly groupId: Uint8Array;
  readonly epoch: bigint;
  readonly treeHash: Uint8Array;
  readonly confirmedTranscriptHash: Uint8Array;
  readonly extensions: readonly Extension[];
}
export interface GroupContextExtensions {
  readonly type: "group_context_extensions";
  readonly extensions: readonly Extension[];
}
export type GroupEvent = MessageEvent | ProposalEvent | CommitEvent | RemovedEvent | OwnEvent | LaterEvent;
export interface GroupInfoContents {
  readonly ratchetTree?: boolean;
  readonly externalPub?: boolean;
  readonly extensions?: readonly Extension[];
}
export interface GroupInfoRequirements {
  readonly groupId?: Uint8Array;
  readonly epoch?: bigint;
  readonly group?: (group: OfferedGroup) => Awaitable<boolean>;
}
export interface GroupOptions {
  readonly authentication: AuthenticationService;
  readonly handshake?: "private" | "public";
  readonly acceptHandshake?: "private" | "public" | "any";
  readonly padding?: Padding;
  readonly window?: Partial<Window>;
  readonly limits?: Partial<Limits>;
  readonly lifetime?: Partial<LifetimePolicy>;
  readonly psks?: PskLookup;
  readonly hasGroup?: (id: Uint8Array) => Awaitable<boolean>;
  readonly review?: (change: CommitEvent) => Awaitable<boolean>;
  readonly persist?: Persist;
  readonly registry?: ExtensionRegistry;
  readonly acceptUnlistedSuite?: boolean;
  readonly grease?: GreaseChoice;
  readonly clock?: Clock;
  readonly random?: Random;
}
export type HashName = "sha256" | "sha384" | "sha512";
export interface HpkeCiphertext {
  readonly kemOutput: Uint8Array;
  readonly ciphertext: Uint8Array;
}
export interface Identity {
  readonly suite: CipherSuite;
  readonly credential: Credential;
  readonly signatureKey: Uint8Array;
  readonly signer: Signer;
}
export interface JoinExternallyOptions extends GroupOptions {
  readonly identity: Identity;
  readonly groupInfo: Uint8Array;
  readonly ratchetTree?: Uint8Array;
  readonly replace?: LeafIndex | ((members: Iterable<Member>) => LeafIndex | undefined);
  readonly require?: GroupInfoRequirements;
  readonly inject?: readonly PskChoice[];
  readonly proposals?: readonly Uint8Array[];
  readonly custom?: readonly CustomChoice[];
  readonly leaf?: LeafOptions;
  readonly authenticatedData?: Uint8Array;
}
export interface JoinOptions extends GroupOptions {
  readonly identity: Identity;
  readonly welcome: Uint8Array;
  readonly keyPackages: KeyPackageSource;
  readonly ratchetTree?: Uint8Array;
  readonly previous?: Group;
  readonly require?: WelcomeRequirements;
}
export interface JoinProposalOptions extends OutsideView {
  readonly identity: Identity;
  readonly keyPackage: KeyPackageBundle;
  readonly clock?: Clock;
}
export interface Kem {
  readonly id: number;
  readonly lengths: KemLengths;
  generateKeyPair(random: Random): Awaitable<KeyPair>;
  deriveKeyPair(ikm: Uint8Array): Awaitable<KeyPair>;
  publicKey(privateKey: Uint8Array): Awaitable<Uint8Array>;
  isPublicKey(publicKey: Uint8Array): boolean;
  encap(publicKey: Uint8Array, random: Random): Awaitable<Encapsulation>;
  decap(enc: Uint8Array, privateKey: Uint8Array, publicKey?: Uint8Array): Awaitable<Uint8Array>;
}
export interface KemLengths {
  readonly publicKey: number;
  readonly privateKey: number;
  readonly enc: number;
  readonly sharedSecret: number;
}
export interface KeyPackage {
  readonly version: number;
  readonly cipherSuite: number;
  readonly initKey: Uint8Array;
  readonly leafNode: LeafNode;
  readonly extensions: readonly Extension[];
  readonly signature: Uint8Array;
}
export interface KeyPackageBundle {
  readonly keyPackage: Bytes;
  readonly ref: Bytes;
  readonly lifetime: Lifetime;
  readonly lastResort: boolean;
  toBytes(): Bytes;
  wipe(): Awaitable<void>;
}
export interface KeyPackageChanges {
  readonly puts: ReadonlyMap<string, Uint8Array>;
  readonly deletes: readonly string[];
}
export interface KeyPackageComponent {
  readonly id: number;
  decrypt(sealed: HpkeCiphertext, purpose: ComponentPurpose): Promise<Bytes>;
}
export type KeyPackageEvent =
  | {
      readonly kind: "key-package-made";
      readonly keyPackage: Bytes;
      readonly ref: Bytes;
      readonly lastResort: boolean;
    }
  | {
      readonly kind: "key-package-wiped";
      readonly ref: Bytes;
    };
export interface KeyPackageImport extends Pick<KeyPackageOptions, "persist"> {
  readonly suite: CipherSuite;
  readonly keyPackage: Bytes;
  readonly initPrivateKey: Uint8Array;
  readonly encryptionPrivateKey: Uint8Array;
  readonly lastResort?: boolean;
}
export interface KeyPackageOptions extends LeafOptions {
  readonly identity: Identity;
  readonly lifetime?: {
    readonly notBefore: bigint;
    readonly notAfter: bigint;
  };
  readonly keyPackageExtensions?: readonly Extension[];
  readonly registry?: ExtensionRegistry;
  readonly lastResort?: boolean;
  readonly grease?: GreaseChoice;
  readonly clock?: Clock;
  readonly random?: Random;
  readonly persist?: PersistKeyPackage;
  readonly limits?: Partial<Limits>;
}
export type KeyPackageSource =
  | readonly KeyPackageBundle[]
  | ((ref: Uint8Array) => KeyPackageBundle | undefined | Promise<KeyPackageBundle | undefined>);
export interface KeyPair {
  readonly privateKey: Uint8Array;
  readonly publicKey: Uint8Array;
}
export interface LaterEvent {
  readonly kind: "later";
  readonly epoch: bigint;
}
export type LeafIndex = number;
export interface LeafNode {
  readonly encryptionKey: Uint8Array;
  readonly signatureKey: Uint8Array;
  readonly credential: Credential;
  readonly capabilities: Capabilities;
  readonly leafNodeSource: LeafNodeSource;
  readonly extensions: readonly Extension[];
  readonly signature: Uint8Array;
}
export type LeafNodeSource =
  | {
      readonly type: "key_package";
      readonly lifetime: Lifetime;
    }
  | {
      readonly type: "update";
    }
  | {
      readonly type: "commit";
      readonly parentHash: Uint8Array;
    };
export interface LeafOptions {
  readonly capabilities?: Partial<Capabilities>;
  readonly extensions?: readonly Extension[];
}
export interface LeftOut {
  readonly index: number;
  readonly error: CopseError;
}
export interface Lifetime {
  readonly notBefore: bigint;
  readonly notAfter: bigint;
}
export interface LifetimePolicy {
  readonly checkAdds: boolean;
  readonly checkTree: boolean;
  readonly clockSkew: number;
  readonly maximum: number;
}
export interface Limits {
  readonly messageBytes: number;
  readonly proposalBytes: number;
  readonly leaves: number;
  readonly extensions: number;
  readonly proposals: number;
  readonly capabilities: number;
  readonly certificates: number;
  readonly psks: number;
  readonly externalSenders: number;
}
export interface LinkOptions {
  readonly identity?: Identity;
  readonly keyPackages: readonly Uint8Array[];
  readonly groupId?: Uint8Array;
  readonly extensions?: readonly Extension[];
  readonly welcome?: GroupInfoContents;
  readonly options?: GroupOptions;
}
export interface LinkedGroup {
  readonly group: Group;
  readonly pending: Pending;
}
export interface LocalIdentity extends Identity {
  readonly privateKey: Secret<"signature_private_key">;
}
export interface MediaType {
  readonly type: string;
  readonly parameters: readonly MediaTypeParameter[];
}
export interface MediaTypeParameter {
  readonly name: string;
  readonly value: string;
}
export interface Member {
  readonly leafIndex: LeafIndex;
  readonly credential: Credential;
  readonly signatureKey: Uint8Array;
  readonly encryptionKey: Uint8Array;
  readonly capabilities: Capabilities;
  readonly extensions: readonly Extension[];
}
export interface MessageEvent {
  readonly kind: "message";
  readonly sender: Member;
  readonly epoch: bigint;
  readonly generation: number;
  readonly plaintext: Bytes;
  readonly mediaType?: MediaType;
  readonly authenticatedData: Uint8Array;
}
export interface MessageInfo {
  readonly wireFormat: WireFormat;
  readonly groupId?: Uint8Array;
  readonly epoch?: bigint;
  readonly contentType?: ContentType;
  readonly relation: "current" | "past" | "later" | "other";
  readonly unverifiedSender?: Sender;
  readonly unverifiedGeneration?: number;
  readonly own: boolean;
}
export declare class NotWrittenError extends Error {
  constructor(message?: string, options?: ErrorOptions);
}
export declare class Observer {
  #private;
  private constructor();
  static follow(options: FollowOptions): Promise<Observer>;
  static restore(options: ObserverSnapshotOptions): Observer;
  static restore(options: ObserverRecordsOptions): Promise<Observer>;
  get id(): Bytes;
  get epoch(): bigint;
  get groupContext(): GroupContext;
  get size(): number;
  get members(): Iterable<Member>;
  member(leafIndex: LeafIndex): Member | undefined;
  get proposalsForJoiners(): readonly Bytes[];
  get isStopped(): boolean;
  ratchetTree(): Bytes;
  receive(message: Uint8Array): Promise<ObserverEvent>;
  confirm(epoch?: bigint): Awaitable<void>;
  rollback(epoch?: bigint): Awaitable<void>;
  stop(): Awaitable<void>;
  restart(groupInfo: Uint8Array, ratchetTree?: Uint8Array): Promise<void>;
  snapshot(): Bytes;
}
export type ObserverEvent = ProposalEvent | CommitEvent | LaterEvent | EnvelopeEvent;
export interface ObserverRecordsOptions extends GroupOptions {
  readonly suite: CipherSuite;
  readonly records: StoredRecords;
}
export interface ObserverSnapshotOptions extends GroupOptions {
  readonly suite: CipherSuite;
  readonly snapshot: Uint8Array;
}
export interface OfferedGroup {
  readonly groupContext: GroupContext;
  readonly members: Iterable<Member>;
  readonly signer: Member;
}
export interface OutsideView {
  readonly groupId: Uint8Array;
  readonly epoch: bigint;
  readonly authenticatedData?: Uint8Array;
}
export interface OwnEvent {
  readonly kind: "own";
  readonly what: "commit" | "proposal" | "message";
  readonly epoch: bigint;
  readonly change?: CommitEvent;
  readonly welcome?: Bytes;
  readonly groupInfo?: Bytes;
}
export type Padding =
  | {
      readonly kind: "none";
    }
  | {
      readonly kind: "multiple";
      readonly of: number;
    }
  | {
      readonly kind: "padme";
      readonly least?: number;
    };
export interface Pending {
  readonly commit: Bytes;
  readonly welcome?: Bytes;
  readonly groupInfo?: Bytes;
  readonly change: CommitEvent;
  readonly leftOut: readonly PendingProposal[];
  ratchetTree(): Bytes;
  toBytes(): Bytes;
  drop(): void;
}
export interface PendingProposal extends CommittedProposal {
  readonly ref: Uint8Array;
}
export type Persist = (changes: StateChanges, event: StateEvent) => Awaitable<void>;
export type PersistKeyPackage = (changes: KeyPackageChanges, event: KeyPackageEvent) => Awaitable<void>;
export type PlainChange = Exclude<
  Change,
  {
    readonly update: unknown;
  }
>;
export interface PreSharedKey {
  readonly type: "psk";
  readonly psk: PreSharedKeyId;
}
export type PreSharedKeyId =
  | {
      readonly type: "external";
      readonly pskId: Uint8Array;
      readonly pskNonce: Uint8Array;
    }
  | {
      readonly type: "resumption";
      readonly usage: ResumptionPskUsage;
      readonly pskGroupId: Uint8Array;
      readonly pskEpoch: bigint;
      readonly pskNonce: Uint8Array;
    }
  | {
      readonly type: "application";
      readonly componentId: number;
      readonly pskId: Uint8Array;
      readonly pskNonce: Uint8Array;
    };
export type Proposal =
  Add | Update | Remove | PreSharedKey | ReInit | ExternalInit | GroupContextExtensions | CustomProposal;
export interface ProposalEvent {
  readonly kind: "proposal";
  readonly sender: Sender;
  readonly proposal: Proposal;
  readonly ref: Bytes;
  readonly authenticatedData: Uint8Array;
}
export type ProposalStep =
  "group_context_extensions" | "update" | "remove" | "add" | "psk" | "external_init" | "reinit";
export interface ProposedPlace {
  readonly wireFormat: FramingFormat | undefined;
  readonly tree: RatchetTree;
}
export interface Provider {
  readonly name: string;
  readonly suites: readonly number[];
  cipherSuite(id: number): CipherSuite;
  readonly dh?: (name: DhName) => Dh;
}
export type PskChoice =
  | {
      readonly type: "external";
      readonly pskId: Uint8Array;
    }
  | {
      readonly type: "application";
      readonly componentId: number;
      readonly pskId: Uint8Array;
    }
  | {
      readonly type: "resumption";
      readonly groupId: Uint8Array;
      readonly epoch: bigint;
    };
export type PskLookup = (id: PreSharedKeyId) => Awaitable<Uint8Array | Secret<string> | undefined>;
export type PskRequirement =
  | {
      readonly type: "external";
      readonly pskId: Uint8Array;
    }
  | {
      readonly type: "application";
      readonly componentId: number;
      readonly pskId: Uint8Array;
    }
  | {
      readonly type: "resumption";
      readonly groupId: Uint8Array;
      readonly usage?: "application" | "reinit" | "branch";
      readonly since?: bigint;
    };
export type Random = (length: number) => Uint8Array;
export interface ReInit {
  readonly type: "reinit";
  readonly groupId: Uint8Array;
  readonly version: number;
  readonly cipherSuite: number;
  readonly extensions: readonly Extension[];
}
export interface ReInitChoice {
  readonly groupId: Uint8Array;
  readonly cipherSuite: number;
  readonly extensions?: readonly Extension[];
}
export interface ReadOptions {
  readonly limits?: Limits;
  readonly proposals?: ReadonlyMap<number, (input: Reader) => unknown>;
}
export declare class Reader {
  #private;
  readonly bytes: Uint8Array;
  readonly limits: Limits;
  readonly proposals: ReadonlyMap<number, (input: Reader) => unknown> | undefined;
  offset: number;
  constructor(bytes: Uint8Array, options?: ReadOptions, start?: number, end?: number);
  get remaining(): number;
  fail(code: ErrorCode, details?: ErrorDetails): CopseError;
  u8(): number;
  u16(): number;
  u32(): number;
  u64(): bigint;
  take(length: number): Uint8Array;
  vectorLength(): number;
  vectorBytes(): Uint8Array;
  vector(): Reader;
  skip(bytes: Uint8Array): boolean;
  end(): void;
}
export type Records = Iterable<readonly [name: string, value: Uint8Array]>;
export interface Remove {
  readonly type: "remove";
  readonly removed: number;
}
export interface RemovedEvent {
  readonly kind: "removed";
  readonly by: Sender;
  readonly proposedBy: Sender;
  readonly epoch: bigint;
  readonly change: CommitEvent;
}
export interface RequiredCapabilities {
  readonly extensionTypes: readonly number[];
  readonly proposalTypes: readonly number[];
  readonly credentialTypes: readonly number[];
}
export interface RestoreOptions extends GroupOptions {
  readonly identity: Identity;
  readonly snapshot?: Uint8Array;
  readonly records?: StoredRecords;
  readonly pending?: Uint8Array;
  readonly nextIdentity?: Identity | readonly Identity[];
  readonly skip?: number;
}
export type ResumptionPskUsage = "application" | "reinit" | "branch";
export interface SealOptions {
  readonly authenticatedData?: Uint8Array;
  readonly padding?: Padding;
  readonly mediaType?: MediaType;
}
export declare class Secret<Name extends string> {
  #private;
  readonly name: Name;
  private constructor();
  static of<Name extends string>(name: Name, bytes: Uint8Array): Secret<Name>;
  get length(): number;
  get isWiped(): boolean;
  use<Result>(borrow: (bytes: Uint8Array) => Result): Result;
  copy(): Secret<Name>;
  wipe(): void;
  toString(): string;
  toJSON(): string;
}
export type Sender =
  | {
      readonly type: "member";
      readonly leafIndex: number;
    }
  | {
      readonly type: "external";
      readonly senderIndex: number;
    }
  | {
      readonly type: "new_member_proposal";
    }
  | {
      readonly type: "new_member_commit";
    };
export type SignatureName = "Ed25519" | "Ed448" | "ECDSA-P-256" | "ECDSA-P-384" | "ECDSA-P-521";
export type SignatureScheme = Pick<
  CipherSuite,
  "generateSignatureKeyPair" | "signaturePublicKey" | "signer" | "isSignaturePublicKey" | "verify" | "verifyAll"
>;
export interface Signer {
  sign(message: Uint8Array): Awaitable<Uint8Array>;
}
export interface StateChanges {
  readonly groupId: Uint8Array;
  readonly whole: boolean;
  readonly puts: ReadonlyMap<string, Uint8Array>;
  readonly deletes: readonly string[];
}
export type StateEvent =
  | {
      readonly kind: "created";
    }
  | {
      readonly kind: "joined";
      readonly keyPackage: Bytes;
      readonly lastResort: boolean;
    }
  | {
      readonly kind: "joined-externally";
    }
  | {
      readonly kind: "restored";
    }
  | {
      readonly kind: "sealed";
      readonly message: Bytes;
    }
  | {
      readonly kind: "proposed";
      readonly message: Bytes;
      readonly ref: Bytes;
    }
  | {
      readonly kind: "committed";
      readonly commit: Bytes;
      readonly welcome?: Bytes;
      readonly groupInfo?: Bytes;
      readonly change: CommitEvent;
    }
  | {
      readonly kind: "applied";
      readonly change: CommitEvent;
      readonly welcome?: Bytes;
    }
  | {
      readonly kind: "dropped";
    }
  | {
      readonly kind: "received";
      readonly event: GroupEvent;
    }
  | {
      readonly kind: "forgotten";
      readonly ref: Bytes;
    }
  | {
      readonly kind: "exported";
      readonly componentId: number;
      readonly secret: Bytes;
    }
  | {
      readonly kind: "expired";
    }
  | {
      readonly kind: "wiped";
    }
  | {
      readonly kind: "followed";
    }
  | {
      readonly kind: "rolled-back";
      readonly epoch: bigint;
    }
  | {
      readonly kind: "confirmed";
      readonly epoch: bigint;
    }
  | {
      readonly kind: "stopped";
    }
  | {
      readonly kind: "restarted";
    };
export type StoredRecords = Records | AsyncIterable<readonly [name: string, value: Uint8Array]>;
export interface UnverifiedGroupInfo {
  readonly groupContext: GroupContext;
  readonly groupId: Uint8Array;
  readonly epoch: bigint;
  readonly cipherSuite: number;
  readonly signer: LeafIndex;
  readonly extensions: readonly Extension[];
  readonly ratchetTree: Uint8Array | undefined;
  readonly externalPub: Uint8Array | undefined;
}
export interface UnverifiedKeyPackage {
  readonly ref: Uint8Array | undefined;
  readonly cipherSuite: number;
  readonly credential: Credential;
  readonly signatureKey: Uint8Array;
  readonly capabilities: Capabilities;
  readonly lifetime: Lifetime;
  readonly extensions: readonly Extension[];
  readonly leafExtensions: readonly Extension[];
}
export type UnverifiedMessage = {
  readonly size: number;
} & (
  | {
      readonly kind: "public-message";
      readonly groupId: Uint8Array;
      readonly epoch: bigint;
      readonly contentType: ContentType;
      readonly senderType: Sender["type"];
      readonly sender: Sender;
      readonly authenticatedData: Uint8Array;
    }
  | {
      readonly kind: "private-message";
      readonly groupId: Uint8Array;
      readonly epoch: bigint;
      readonly contentType: ContentType;
      readonly authenticatedData: Uint8Array;
      readonly ciphertextSize: number;
    }
  | {
      readonly kind: "welcome";
      readonly cipherSuite: number;
      readonly keyPackageRefs: readonly Uint8Array[];
      readonly groupInfoSize: number;
    }
  | {
      readonly kind: "group-info";
      readonly groupId: Uint8Array;
      readonly epoch: bigint;
      readonly cipherSuite: number;
      readonly signer: LeafIndex;
      readonly ratchetTreeSize: number;
    }
  | {
      readonly kind: "key-package";
      readonly cipherSuite: number;
      readonly ref: Uint8Array | undefined;
    }
);
export interface UnverifiedOptions {
  readonly limits?: Partial<Limits>;
  readonly suite?: CipherSuite;
  readonly registry?: ExtensionRegistry;
}
export interface Update {
  readonly type: "update";
  readonly leafNode: LeafNode;
}
export interface UpdatedMember {
  readonly before: Member;
  readonly after: Member;
}
export interface Verification {
  readonly publicKey: Uint8Array;
  readonly message: Uint8Array;
  readonly signature: Uint8Array;
}
export interface WelcomeRequirements extends GroupInfoRequirements {
  readonly psks?: readonly PskRequirement[];
}
export interface Window {
  readonly pastEpochs: number;
  readonly pastEpochAge: number;
  readonly generationGap: number;
  readonly outOfOrderKeys: number;
  readonly outOfOrderAge: number;
  readonly resumptionPsks: number;
  readonly ownMessages: number;
  readonly messagesPerEpoch: number;
}
export type WireFormat = keyof typeof wireFormats;
export declare class Writer {
  #private;
  constructor(capacity?: number);
  get length(): number;
  u8(value: number): void;
  u16(value: number): void;
  u32(value: number): void;
  u64(value: bigint): void;
  zeros(count: number): void;
  raw(bytes: Uint8Array): void;
  vectorHeader(length: number): void;
  vectorBytes(bytes: Uint8Array): void;
  vector(fill: () => void): void;
  finish(): Bytes;
  lend<Result>(use: (bytes: Uint8Array) => Result): Result;
}
export declare function applicationId(id: Uint8Array): Extension;
export declare function basic(identity: string | Uint8Array): Credential;
export declare function cipherSuite(idOrName: number | string, provider?: Provider): CipherSuite;
export declare function constantTimeEqual(a: Uint8Array, b: Uint8Array): boolean;
export declare function createIdentity(options: {
  readonly suite: CipherSuite;
  readonly credential: Credential;
  readonly privateKey?: Uint8Array;
  readonly random?: Random;
}): Promise<LocalIdentity>;
export declare function createKeyPackage(options: KeyPackageOptions): Promise<KeyPackageBundle>;
export declare const credentialTypes: {
  readonly basic: 1;
  readonly x509: 2;
};
export declare const defaultLimits: Limits;
export declare function encryptForComponent(encryption: ComponentEncryption): Promise<HpkeCiphertext>;
export declare const errorCodes: typeof engineErrorCodes & typeof otherErrorCodes;
export declare const extensionTypes: {
  readonly application_id: 1;
  readonly ratchet_tree: 2;
  readonly required_capabilities: 3;
  readonly external_pub: 4;
  readonly external_senders: 5;
};
export declare function externalSenders(senders: readonly ExternalSender[]): Extension;
export declare function importKeyPackage(options: KeyPackageImport): Promise<KeyPackageBundle>;
export declare function inspectMessage(bytes: Uint8Array, options?: UnverifiedOptions): UnverifiedMessage;
export declare function keyPackageComponent(
  suite: CipherSuite,
  bundle: KeyPackageBundle,
  componentId: number,
): KeyPackageComponent;
export declare const platformRandom: Random;
export declare const proposalTypes: {
  readonly add: 1;
  readonly update: 2;
  readonly remove: 3;
  readonly psk: 4;
  readonly reinit: 5;
  readonly external_init: 6;
  readonly group_context_extensions: 7;
};
export declare function proposeAsExternalSender(options: ExternalProposalOptions): Promise<Bytes>;
export declare function proposeToJoin(options: JoinProposalOptions): Promise<Bytes>;
export declare function readGroupInfo(bytes: Uint8Array, options?: UnverifiedOptions): UnverifiedGroupInfo;
export declare function readKeyPackage(bytes: Uint8Array, options?: UnverifiedOptions): UnverifiedKeyPackage;
export declare function requiredCapabilities(required: Partial<RequiredCapabilities>): Extension;
export declare function restoreKeyPackage(
  suite: CipherSuite,
  bytes: Uint8Array,
  options?: Pick<KeyPackageOptions, "persist">,
): KeyPackageBundle;
export declare const trustAnyCredential: AuthenticationService;
export declare function verifyForComponent(claim: ComponentSignature): Promise<boolean>;
export declare const wireFormats: {
  readonly mls_public_message: 1;
  readonly mls_private_message: 2;
  readonly mls_welcome: 3;
  readonly mls_group_info: 4;
  readonly mls_key_package: 5;
};
export declare function withCipherSuites(provider: Provider, definitions: readonly CipherSuiteDefinition[]): Provider;

// ---- copse/observer

export { AuthenticationService } from "copse";
export { Candidate } from "copse";
export { Change } from "copse";
export { CipherSuite } from "copse";
export { CommitEvent } from "copse";
export { CopseError } from "copse";
export { EnvelopeEvent } from "copse";
export { ErrorCode } from "copse";
export { ErrorDetail } from "copse";
export { ErrorDetails } from "copse";
export { ExternalProposalOptions } from "copse";
export { FollowOptions } from "copse";
export { GroupOptions } from "copse";
export { Identity } from "copse";
export { LaterEvent } from "copse";
export { LeafIndex } from "copse";
export { Limits } from "copse";
export { LocalIdentity } from "copse";
export { Member } from "copse";
export { NotWrittenError } from "copse";
export { Observer } from "copse";
export { ObserverEvent } from "copse";
export { OutsideView } from "copse";
export { PendingProposal } from "copse";
export { Persist } from "copse";
export { PlainChange } from "copse";
export { ProposalEvent } from "copse";
export { Provider } from "copse";
export { Random } from "copse";
export { Signer } from "copse";
export { StateChanges } from "copse";
export { StateEvent } from "copse";
export { UnverifiedGroupInfo } from "copse";
export { UnverifiedKeyPackage } from "copse";
export { UnverifiedMessage } from "copse";
export { UnverifiedOptions } from "copse";
export { UpdatedMember } from "copse";
export { basic } from "copse";
export { createIdentity } from "copse";
export { defaultLimits } from "copse";
export { inspectMessage } from "copse";
export { proposeAsExternalSender } from "copse";
export { readGroupInfo } from "copse";
export { readKeyPackage } from "copse";
export { trustAnyCredential } from "copse";

// ---- copse/extensions

export interface AppData {
  readonly registry: ExtensionRegistry;
  dictionary(entries: Readonly<Record<number, Uint8Array>>): Extension;
  context(options?: ContextOptions): readonly Extension[];
  data(groupContext: Pick<GroupContext, "extensions">, componentId: number): Uint8Array | undefined;
  extensionsFor(groupContext: Pick<GroupContext, "extensions">, suite: Hashing): readonly Extension[];
  attached(extensions: readonly Extension[], componentId: number): Uint8Array | undefined;
  isLastResort(extensions: readonly Extension[]): boolean;
  update(componentId: number, update: Uint8Array): CustomChoice;
  remove(componentId: number): CustomChoice;
  ephemeral(componentId: number, data: Uint8Array): CustomChoice;
  psk(componentId: number, pskId: Uint8Array): ApplicationPskChoice;
  psks(otherwise?: PskSource): PskSource;
  changes(commit: ContextChange): readonly ComponentChange[];
  ephemerals(commit: CustomChange): readonly EphemeralData[];
  authenticatedData(items: Readonly<Record<number, Uint8Array>>): Uint8Array;
  readAuthenticatedData(authenticatedData: Uint8Array): ReadonlyMap<number, Uint8Array>;
}
export interface AppDataNumbers {
  readonly appDataDictionary: number;
  readonly supportedWireFormats: number;
  readonly requiredWireFormats: number;
  readonly appDataUpdate: number;
  readonly appEphemeral: number;
}
export interface AppDataOptions {
  readonly components: readonly Component[];
  readonly mediaTypes?: readonly MediaType[];
  readonly wireFormats?: readonly number[];
  readonly supportsMediaTypes?: KnownSupport;
  readonly mayChangeRequirements?: MayChangeRequirements;
  readonly numbers?: Partial<AppDataNumbers>;
  readonly registry?: ExtensionRegistry;
}
export interface ApplicationPskChoice {
  readonly type: "application";
  readonly componentId: number;
  readonly pskId: Uint8Array;
}
export interface Comparison {
  readonly by: number;
  readonly missingHere: readonly MessageRange[];
  readonly missingThere: readonly MessageRange[];
}
export interface Component {
  readonly id: number;
  readonly isValid?: (data: Uint8Array, place: ExtensionPlace) => boolean;
  readonly update?: UpdateRules;
  readonly ephemeral?: EphemeralRules;
  readonly inlineUpTo?: number;
  readonly psk?: ComponentPsk;
  readonly safeAad?: boolean;
}
export interface ComponentChange {
  readonly componentId: number;
  readonly before: Uint8Array | undefined;
  readonly after: Uint8Array | undefined;
}
export type ComponentPsk = (pskId: Uint8Array) => Psk;
export type ComponentSender = "members" | "external senders" | "external commits";
export interface ComponentUpdate {
  readonly update: Uint8Array;
  readonly sender: Sender;
  readonly leaf: LeafNode | undefined;
}
export interface ContextChange {
  readonly contextExtensions: {
    readonly before: readonly Extension[];
    readonly after: readonly Extension[];
  };
}
export interface ContextOptions {
  readonly suite?: Hashing;
  readonly data?: Readonly<Record<number, Uint8Array>>;
  readonly requiredComponents?: readonly number[];
  readonly safeAad?: readonly number[];
  readonly mediaTypes?: readonly MediaType[];
  readonly requiredWireFormats?: readonly number[];
  readonly required?: Partial<RequiredCapabilities>;
}
export interface CustomChange {
  readonly custom: readonly CustomEntry[];
}
export type CustomChoice = Omit<CustomProposal, "type">;
export interface EphemeralData extends AppEphemeral {
  readonly sender: Sender;
}
export interface EphemeralRules {
  readonly isValid?: (data: Uint8Array, sender: Sender) => boolean;
  readonly from?: readonly ComponentSender[];
}
export type Hashing = Pick<CipherSuite, "hash">;
export type KnownSupport = (leaf: LeafNode) => boolean;
export type MayChangeRequirements = (change: RequirementChange) => boolean;
export interface MessageRange {
  readonly sender: number;
  readonly firstGeneration: number;
  readonly lastGeneration: number;
}
export type Psk = Awaitable<Uint8Array | Secret<string> | undefined>;
export type PskSource = (id: PreSharedKeyId) => Psk;
export interface Receipts {
  note(event: ReceivedMessage): void;
  noteSent(message: SentMessage): void;
  received(epoch: bigint): readonly MessageRange[];
  appAck(epoch: bigint): Uint8Array;
  compare(
    commit: {
      readonly epoch: bigint;
    },
    told: readonly EphemeralData[],
  ): readonly Comparison[];
}
export interface ReceiptsOptions {
  readonly self: number;
  readonly epochs?: number;
  readonly ranges?: number;
}
export interface ReceivedMessage {
  readonly kind: "message";
  readonly sender: {
    readonly leafIndex: number;
  };
  readonly epoch: bigint;
  readonly generation: number;
}
export interface RequirementChange extends Omit<ComponentUpdate, "update"> {
  readonly componentId: number;
  readonly update?: Uint8Array;
}
export interface SentMessage {
  readonly own: boolean;
  readonly epoch?: bigint;
  readonly contentType?: string;
  readonly unverifiedGeneration?: number;
}
export interface UpdateRules {
  readonly apply: (current: Uint8Array | undefined, updates: readonly ComponentUpdate[]) => Uint8Array | undefined;
  readonly isValid?: (update: Uint8Array, sender: Sender) => boolean;
  readonly mayRemove?: (current: Uint8Array, removal: Omit<ComponentUpdate, "update">) => boolean;
  readonly from?: readonly ComponentSender[];
}
export declare const appAck: Component;
export declare const components: {
  readonly app_components: 1;
  readonly safe_aad: 2;
  readonly content_media_types: 3;
  readonly last_resort_key_package: 4;
  readonly app_ack: 5;
};
export declare function createAppData(options: AppDataOptions): AppData;
export declare function createReceipts(options: ReceiptsOptions): Receipts;
export declare const draftNumbers: AppDataNumbers;
export declare function readAppAck(data: Uint8Array): readonly MessageRange[];
export declare const selfRemoval: Omit<CustomProposal, "type">;
export declare const selfRemove: CustomProposalType;
export declare const selfRemoveRequired: Extension;
export declare const selfRemoveType = 10;
export declare function withSelfRemove(registry?: ExtensionRegistry): ExtensionRegistry;
export declare function writeAppAck(ranges: readonly MessageRange[]): Uint8Array;

// ---- copse/sframe

export { CopseError } from "copse";
export interface CtrHmacKeys<F extends Form> {
  readonly ctr: (counterBlock: Uint8Array, data: Uint8Array) => Result<F, Uint8Array>;
  readonly hmac: (data: Uint8Array) => Result<F, Uint8Array>;
  readonly wipe: () => void;
}
export { ErrorCode } from "copse";
export type Form = "sync" | "async";
export interface FrameCipher<F extends Form> {
  readonly seal: (
    nonce: Uint8Array,
    aad: Uint8Array,
    plaintext: Uint8Array,
    room?: number,
  ) => Result<F, Uint8Array | ArrayBuffer>;
  readonly open: (nonce: Uint8Array, aad: Uint8Array, ciphertext: Uint8Array) => Result<F, Uint8Array | ArrayBuffer>;
  readonly wipe: () => void;
}
export { HashName } from "copse";
export interface MlsEpoch {
  readonly epoch: bigint;
  readonly leafIndex: number;
  readonly treeWidth: number;
  readonly exporter: MlsExporter;
}
export type MlsExporter = (label: string, context: Uint8Array, length: number) => Uint8Array;
export interface MlsKid {
  readonly context: bigint;
  readonly leafIndex: number;
  readonly epoch: bigint;
}
export interface MlsKidLayout {
  readonly epochBits: number;
  readonly treeWidth: number;
}
export type MlsOpenedFrame = OpenedFrame & MlsSFrameSource;
export declare class MlsSFrame<F extends Form = "sync"> {
  #private;
  readonly epochBits: number;
  constructor(options: MlsSFrameOptions<F>);
  get epochs(): readonly bigint[];
  addEpoch({ epoch, leafIndex, treeWidth, exporter }: MlsEpoch): void;
  removeEpoch(epoch: bigint): boolean;
  sender({ epoch, context }: { readonly epoch: bigint; readonly context?: bigint }): SFrameSender<F>;
  open(frame: Uint8Array, metadata?: Uint8Array): Result<F, MlsOpenedFrame>;
  wipe(): void;
}
export interface MlsSFrameOptions<F extends Form> extends ReceivingOptions<F> {
  readonly epochBits: number;
  readonly maxContexts?: number;
}
export interface MlsSFrameSource {
  readonly epoch: bigint;
  readonly leafIndex: number;
  readonly context: bigint;
}
export interface OpenedFrame {
  readonly kid: bigint;
  readonly ctr: bigint;
  readonly plaintext: Bytes;
}
export interface RatchetKid {
  readonly generation: bigint;
  readonly step: bigint;
}
export interface ReceivingOptions<F extends Form> {
  readonly suite: SFrameSuite;
  readonly crypto?: SFrameCrypto<F>;
  readonly replayWindow?: number;
  readonly maxKeys?: number;
}
export type Result<F extends Form, T> = F extends "sync" ? T : Promise<T>;
export interface SFrameCrypto<F extends Form> {
  readonly form: F;
  readonly symmetric: SFrameSymmetric;
  readonly gcm: (key: Secret<"sframe key">) => FrameCipher<F>;
  readonly ctrHmac: (suite: SFrameSuite, key: Secret<"sframe key">) => CtrHmacKeys<F>;
}
export interface SFrameHeader {
  readonly kid: bigint;
  readonly ctr: bigint;
  readonly length: number;
}
export declare class SFrameRatchetReceiver<F extends Form = "sync"> {
  #private;
  readonly stepBits: number;
  constructor(options: SFrameRatchetReceiverOptions<F>);
  get generations(): readonly bigint[];
  addKey({ kid, baseKey }: SharedSenderKey): void;
  removeGeneration(generation: bigint): boolean;
  forgetOldKeys(): void;
  open(frame: Uint8Array, metadata?: Uint8Array): Result<F, OpenedFrame>;
  wipe(): void;
}
export interface SFrameRatchetReceiverOptions<F extends Form> extends Omit<ReceivingOptions<F>, "maxKeys"> {
  readonly stepBits: number;
  readonly maxAhead?: number;
  readonly keepSteps?: number;
  readonly maxGenerations?: number;
}
export declare class SFrameRatchetSender<F extends Form = "sync"> {
  #private;
  readonly stepBits: number;
  constructor(options: SFrameRatchetSenderOptions<F>);
  get kid(): bigint;
  get generation(): bigint;
  get step(): bigint;
  share(): SharedSenderKey;
  ratchet(): void;
  replaceKey(baseKey: Uint8Array): void;
  encrypt(plaintext: Uint8Array, metadata?: Uint8Array): Result<F, Bytes>;
  wipe(): void;
}
export interface SFrameRatchetSenderOptions<F extends Form> {
  readonly suite: SFrameSuite;
  readonly stepBits: number;
  readonly baseKey: Uint8Array;
  readonly generation?: bigint;
  readonly crypto?: SFrameCrypto<F>;
}
export declare class SFrameReceiver<F extends Form = "sync"> {
  #private;
  constructor(options: ReceivingOptions<F>);
  hasKey(kid: bigint): boolean;
  addKey(kid: bigint, baseKey: Uint8Array): void;
  removeKey(kid: bigint): boolean;
  addSendingKid(kid: bigint): void;
  removeSendingKid(kid: bigint): boolean;
  open(frame: Uint8Array, metadata?: Uint8Array): Result<F, OpenedFrame>;
  wipe(): void;
}
export declare class SFrameSender<F extends Form = "sync"> {
  #private;
  readonly kid: bigint;
  constructor(options: SFrameSenderOptions<F>);
  get nextCounter(): bigint;
  encrypt(plaintext: Uint8Array, metadata?: Uint8Array): Result<F, Bytes>;
  advanceTo(ctr: bigint): void;
  wipe(): void;
}
export interface SFrameSenderOptions<F extends Form> {
  readonly suite: SFrameSuite;
  readonly kid: bigint;
  readonly baseKey: Uint8Array;
  readonly crypto?: SFrameCrypto<F>;
  readonly lastCounter?: bigint;
}
export interface SFrameSuite {
  readonly id: number;
  readonly name: string;
  readonly hash: "sha256" | "sha512";
  readonly aead: "gcm" | "ctr-hmac";
  readonly hashLength: number;
  readonly encryptionKeyLength: number;
  readonly keyLength: number;
  readonly nonceLength: number;
  readonly tagLength: number;
}
export interface SFrameSymmetric extends Pick<Symmetric, "aesGcmSeal" | "aesGcmOpen" | "aesCtr"> {
  hmac(name: SFrameSuite["hash"], key: Uint8Array, data: Uint8Array): Uint8Array;
}
export interface SharedSenderKey {
  readonly kid: bigint;
  readonly baseKey: Uint8Array;
}
export interface Symmetric {
  hash(name: HashName, data: Uint8Array): Uint8Array;
  hmac(name: HashName, key: Uint8Array, data: Uint8Array): Uint8Array;
  aesGcmSeal(
    key: Uint8Array,
    nonce: Uint8Array,
    associatedData: Uint8Array,
    plaintext: Uint8Array,
    room?: number,
  ): Uint8Array;
  aesGcmOpen(key: Uint8Array, nonce: Uint8Array, associatedData: Uint8Array, ciphertext: Uint8Array): Uint8Array;
  chacha20Poly1305Seal(
    key: Uint8Array,
    nonce: Uint8Array,
    associatedData: Uint8Array,
    plaintext: Uint8Array,
  ): Uint8Array;
  chacha20Poly1305Open(
    key: Uint8Array,
    nonce: Uint8Array,
    associatedData: Uint8Array,
    ciphertext: Uint8Array,
  ): Uint8Array;
  aesCtr(key: Uint8Array, counterBlock: Uint8Array, data: Uint8Array): Uint8Array;
}
export interface WebCryptoOptions {
  readonly subtle?: PlatformClass<"SubtleCrypto">;
  readonly symmetric?: SFrameSymmetric;
}
export declare function leafBits(treeWidth: number): number;
export declare const maxHeaderLength = 17;
export declare function mlsKid(parts: MlsKid & MlsKidLayout): bigint;
export declare function ratchetKid(
  parts: RatchetKid & {
    readonly stepBits: number;
  },
): bigint;
export declare function readSFrameHeader(frame: Uint8Array): SFrameHeader;
export declare function sframeBaseKey(exporter: MlsExporter, suite: SFrameSuite): Uint8Array;
export declare function sframeSuite(
  id: number,
  options?: {
    readonly experimental?: boolean;
  },
): SFrameSuite;
export declare const sframeSuites: readonly SFrameSuite[];
export declare function splitMlsKid(kid: bigint, layout: MlsKidLayout): MlsKid;
export declare function splitRatchetKid(kid: bigint, stepBits: number): RatchetKid;
export declare function syncCrypto(symmetric?: SFrameSymmetric): SFrameCrypto<"sync">;
export declare function webCrypto(options?: WebCryptoOptions): SFrameCrypto<"async">;
export declare function writeSFrameHeader(header: { readonly kid: bigint; readonly ctr: bigint }): Bytes;

// ---- copse/call

export declare class Call {
  #private;
  constructor(options: CallOptions);
  get epoch(): bigint;
  get participants(): readonly Participant[];
  participant(id: number): Participant | undefined;
  get isOver(): boolean;
  get verification(): Verification;
  statistics(): Promise<EngineStatistics>;
  on<Kind extends CallEvent["kind"]>(kind: Kind, listener: (event: CallEventOf<Kind>) => void): () => void;
  close(): void;
}
export interface CallBackend {
  readonly suite: SFrameSuite;
  readonly exportKey?: (source: EpochSource) => Awaitable<Uint8Array>;
  post(command: EngineCommand, transfer?: readonly ArrayBuffer[]): void;
  onEvent(listener: (event: EngineEvent) => void): () => void;
  close(): void;
}
export type CallEvent =
  | {
      readonly kind: "epoch";
      readonly epoch: bigint;
      readonly participants: readonly Participant[];
      readonly joined: readonly Participant[];
      readonly left: readonly Participant[];
    }
  | {
      readonly kind: "sending";
      readonly epoch: bigint | undefined;
    }
  | {
      readonly kind: "erased";
      readonly epoch: bigint;
    }
  | {
      readonly kind: "seen";
      readonly track: string;
      readonly participant: Participant;
      readonly epoch: bigint;
    }
  | {
      readonly kind: "dropped";
      readonly track: string;
      readonly direction: Direction;
      readonly cause: DropCause;
      readonly participant?: Participant;
      readonly detail?: string;
    }
  | {
      readonly kind: "keyFrameNeeded";
      readonly track: string;
    }
  | {
      readonly kind: "rekeyNeeded";
      readonly epoch: bigint;
    }
  | {
      readonly kind: "keyMissing";
      readonly epoch: bigint;
      readonly error: unknown;
    }
  | {
      readonly kind: "ended";
    }
  | {
      readonly kind: "failed";
      readonly detail: string;
    };
export type CallEventOf<Kind extends CallEvent["kind"]> = Extract<
  CallEvent,
  {
    readonly kind: Kind;
  }
>;
export interface CallOptions {
  readonly source: EpochSource;
  readonly backend: CallBackend;
  readonly exportPatience?: number;
  readonly scheduler?: Scheduler;
}
export type CodecName = "opus" | "vp8" | "vp9" | "h264" | "av1";
export { CopseError } from "copse";
export type Direction = "outgoing" | "incoming";
export type DropCause =
  | "closed"
  | "no-key"
  | "codec"
  | "empty"
  | "oversized"
  | "foreign"
  | "header"
  | "unknown-key"
  | "overflow"
  | "own"
  | "not-a-member"
  | "replayed"
  | "not-authentic"
  | "limit"
  | "failed";
export type EngineCommand =
  | EpochCommand
  | {
      readonly kind: "end";
    }
  | {
      readonly kind: "statistics";
      readonly id: number;
    };
export interface EngineDelays {
  readonly sendDelay?: number;
  readonly eraseDelay?: number;
  readonly holdTime?: number;
  readonly keyFrameInterval?: number;
  readonly maxKeyFrameInterval?: number;
}
export type EngineEvent =
  | {
      readonly kind: "sending";
      readonly epoch: bigint | undefined;
    }
  | {
      readonly kind: "erased";
      readonly epoch: bigint;
    }
  | {
      readonly kind: "seen";
      readonly track: string;
      readonly participant: number;
      readonly epoch: bigint;
    }
  | {
      readonly kind: "dropped";
      readonly track: string;
      readonly direction: Direction;
      readonly cause: DropCause;
      readonly participant?: number;
      readonly detail?: string;
    }
  | {
      readonly kind: "keyFrameNeeded";
      readonly track: string;
    }
  | {
      readonly kind: "rekeyNeeded";
      readonly epoch: bigint;
    }
  | {
      readonly kind: "statistics";
      readonly id: number;
      readonly statistics: EngineStatistics;
    }
  | {
      readonly kind: "failed";
      readonly detail: string;
    };
export interface EngineLimits {
  readonly maxEpochs?: number;
  readonly maxFramesPerKey?: bigint;
  readonly maxContexts?: number;
  readonly maxTracks?: number;
  readonly maxKeys?: number;
  readonly replayWindow?: number;
  readonly maxHeldFrames?: number;
  readonly maxHeldBytes?: number;
  readonly maxHeldFramesInAll?: number;
  readonly maxHeldBytesInAll?: number;
  readonly maxFrameBytes?: number;
}
export interface EngineMember {
  readonly leafIndex: number;
  readonly participant: number;
}
export interface EngineStatistics {
  readonly epoch: bigint | undefined;
  readonly sendingEpoch: bigint | undefined;
  readonly keyAge: number | undefined;
  readonly epochs: readonly bigint[];
  readonly waiting: {
    readonly frames: number;
    readonly bytes: number;
  };
  readonly tracks: readonly TrackStatistics[];
  readonly participants: readonly ParticipantStatistics[];
}
export interface EpochCommand {
  readonly kind: "epoch";
  readonly epoch: bigint;
  readonly leafIndex: number;
  readonly treeWidth: number;
  readonly members: readonly EngineMember[];
  readonly baseKey?: Uint8Array;
}
export interface EpochMember {
  readonly leafIndex: number;
  readonly credential: Credential;
  readonly signatureKey: Uint8Array;
}
export interface EpochSource {
  readonly id: Uint8Array;
  readonly epoch: bigint;
  readonly self: Pick<EpochMember, "leafIndex">;
  readonly members: Iterable<EpochMember>;
  readonly treeWidth: number;
  readonly epochAuthenticator: Uint8Array;
  readonly isGone: boolean;
  exportSecret(label: string, context: Uint8Array, length: number): Awaitable<Uint8Array>;
  onEpoch(listener: () => void): () => void;
}
export { ErrorCode } from "copse";
export interface FrameCodec {
  readonly name: CodecName;
  readonly split: (frame: Uint8Array, isKeyFrame: boolean) => FrameParts | undefined;
  readonly join: (frame: Uint8Array, isKeyFrame: boolean) => FrameParts | undefined;
  readonly front?: (frame: Uint8Array, isKeyFrame: boolean) => Uint8Array | undefined;
}
export interface FrameCounts {
  readonly passed: number;
  readonly held: number;
  readonly dropped: Readonly<Partial<Record<DropCause, number>>>;
  readonly clear?: number;
}
export interface FrameEngine {
  handle(command: EngineCommand): void;
  outgoing(options: TrackOptions): OutgoingTrack;
  incoming<T>(options: IncomingOptions<T>): IncomingTrack<T>;
  close(): void;
}
export interface FrameEngineOptions extends EngineDelays, EngineLimits {
  readonly suite?: SFrameSuite;
  readonly epochBits?: number;
  readonly crypto?: SFrameCrypto<"sync"> | SFrameCrypto<"async">;
  readonly codecs?: (name: CodecName) => FrameCodec | undefined;
  readonly session?: bigint;
  readonly scheduler?: Scheduler;
  readonly random?: Random;
  readonly onEvent?: (event: EngineEvent) => void;
}
export interface FrameParts {
  readonly secret: Uint8Array;
  readonly metadata: Uint8Array;
  readonly compose: (secret: Uint8Array) => Uint8Array;
}
export interface IncomingOptions<T> extends TrackOptions {
  readonly deliver: (frame: T, data: Uint8Array) => void;
  readonly drop?: (frame: T) => void;
  readonly requestKeyFrame?: () => void;
}
export interface IncomingTrack<T> {
  push(frame: T, media: MediaFrame): void;
  close(): void;
}
export interface LocalBackend extends CallBackend {
  readonly engine: FrameEngine;
}
export interface MediaFrame {
  readonly data: Uint8Array;
  readonly codec: CodecName;
  readonly isKeyFrame: boolean;
}
export interface OutgoingTrack {
  seal(frame: MediaFrame): Promise<Uint8Array | undefined>;
  close(): void;
}
export interface Participant {
  readonly id: number;
  readonly leafIndex: number;
  readonly credential: Credential;
  readonly signatureKey: Uint8Array;
  readonly isSelf: boolean;
}
export interface ParticipantStatistics extends FrameCounts {
  readonly participant: number;
  readonly epoch: bigint | undefined;
  readonly keyAge: number | undefined;
}
export type PayloadTypes = readonly (readonly [payloadType: number, mimeType: string])[];
export type PlatformClass<Name extends string> = typeof globalThis extends {
  readonly [N in Name]: {
    readonly prototype: infer Instance;
  };
}
  ? Instance
  : never;
export interface ProtectOptions {
  readonly name?: (transceiver: PlatformClass<"RTCRtpTransceiver">, direction: TrackDescription["direction"]) => string;
  readonly onFailure?: (error: unknown, transceiver: PlatformClass<"RTCRtpTransceiver">) => void;
}
export interface ProtectedTrack extends TrackDescription {
  readonly transceiver: PlatformClass<"RTCRtpTransceiver">;
}
export interface Protection {
  readonly tracks: readonly ProtectedTrack[];
  track(end: TrackEnd): ProtectedTrack | undefined;
  generateKeyFrame(sender: PlatformClass<"RTCRtpSender">): void;
}
export interface Scheduler {
  readonly now: () => number;
  readonly after: (milliseconds: number, run: () => void) => () => void;
}
export interface SourceStatistics extends FrameCounts {
  readonly participant: number;
}
export interface TrackDescription {
  readonly track: string;
  readonly kind: "audio" | "video";
  readonly direction: "outgoing" | "incoming";
}
export type TrackEnd = PlatformClass<"RTCRtpSender"> | PlatformClass<"RTCRtpReceiver">;
export interface TrackOptions {
  readonly track: string;
  readonly kind: "audio" | "video";
  readonly codecs?: readonly CodecName[];
}
export interface TrackStatistics extends FrameCounts {
  readonly track: string;
  readonly kind: "audio" | "video";
  readonly direction: Direction;
  readonly waiting: number;
  readonly keyFrameRequests: number;
  readonly sources: readonly SourceStatistics[];
}
export type TransformApi = "script-transform" | "encoded-streams";
export interface TransformBackend extends CallBackend {
  attach(end: TrackEnd, description: TrackDescription): void;
  negotiated(track: string, payloadTypes: PayloadTypes): void;
  generateKeyFrame(track: string): void;
}
export interface Verification {
  readonly epoch: bigint;
  readonly digits: string;
  readonly bytes: Uint8Array;
}
export interface WorkerBackendOptions extends WorkerEngineOptions {
  readonly worker: PlatformClass<"Worker">;
  readonly api?: TransformApi;
}
export interface WorkerEngineOptions extends EngineDelays, EngineLimits {
  readonly suite?: number;
  readonly epochBits?: number;
}
export declare function codecOfMimeType(mimeType: string): CodecName | undefined;
export declare function createFrameEngine(options: FrameEngineOptions): FrameEngine;
export declare function frameCodec(name: string): FrameCodec | undefined;
export declare function isSameVerification(ours: Uint8Array, scanned: Uint8Array): boolean;
export declare function localBackend(options?: Omit<FrameEngineOptions, "onEvent">): LocalBackend;
export declare const platformScheduler: Scheduler;
export declare function protect(
  connection: PlatformClass<"RTCPeerConnection">,
  backend: TransformBackend,
  options?: ProtectOptions,
): Protection;
export declare function transformApi(): TransformApi | undefined;
export declare function verificationOf(epoch: bigint, epochAuthenticator: Uint8Array): Verification;
export declare function workerBackend(given: WorkerBackendOptions): TransformBackend;

// ---- copse/call/group

export declare class CallGroup implements EpochSource {
  #private;
  private constructor();
  static start(options: StartOptions): Promise<CallGroup>;
  static join(options: CallGroupOptions): CallGroup;
  get group(): Group | undefined;
  get state(): CallGroupState;
  get id(): Bytes;
  get epoch(): bigint;
  get self(): EpochMember;
  get members(): Iterable<EpochMember>;
  get treeWidth(): number;
  get epochAuthenticator(): Bytes;
  get isGone(): boolean;
  exportSecret(label: string, context: Uint8Array, length: number): Bytes;
  onEpoch(listener: () => void): () => void;
  receive(incoming: Incoming): Promise<void>;
  refresh(): void;
  idle(): Promise<void>;
  leave(): Promise<void>;
  wipe(): void;
}
export type CallGroupEvent =
  | {
      readonly kind: "in";
    }
  | {
      readonly kind: "behind";
    }
  | {
      readonly kind: "out";
      readonly why: "left" | "removed" | "chat" | "replaced";
    }
  | {
      readonly kind: "refused";
      readonly code: ErrorCode;
      readonly objection?: Objection;
    };
export interface CallGroupOptions extends Omit<GroupOptions, "handshake" | "acceptHandshake" | "psks"> {
  readonly chat: Group;
  readonly callId: Uint8Array;
  readonly identity?: Identity;
  readonly transport: Transport;
  readonly timing?: Partial<Timing>;
  readonly held?: number;
  readonly heldMessageBytes?: number;
  readonly heldBytes?: number;
  readonly scheduler?: Scheduler;
  readonly onEvent?: (event: CallGroupEvent) => void;
}
export type CallGroupState = "entering" | "in" | "leaving" | "out";
export { CopseError } from "copse";
export { ErrorCode } from "copse";
export type Incoming =
  | {
      readonly kind: "proposal";
      readonly message: Uint8Array;
    }
  | {
      readonly kind: "commit";
      readonly message: Uint8Array;
    }
  | {
      readonly kind: "welcome";
      readonly message: Uint8Array;
    }
  | {
      readonly kind: "epoch";
      readonly epoch: bigint;
      readonly groupInfo?: Uint8Array;
    };
export type Objection =
  "psk-missing" | "psk-old" | "psk-later" | "psk-foreign" | "not-in-chat" | "parameters" | "removal" | "application";
export type Outgoing =
  | {
      readonly kind: "proposal";
      readonly message: Bytes;
    }
  | {
      readonly kind: "commit";
      readonly epoch: bigint;
      readonly message: Bytes;
      readonly welcome?: Bytes;
      readonly groupInfo?: Bytes;
    }
  | {
      readonly kind: "group-info";
      readonly epoch: bigint;
      readonly message: Bytes;
    }
  | {
      readonly kind: "ask";
      readonly since?: bigint;
      readonly groupInfo?: boolean;
    };
export interface StartOptions extends CallGroupOptions {
  readonly externalSenders?: readonly ExternalSender[];
  readonly keyPackages?: readonly Uint8Array[];
}
export interface Timing {
  readonly debounce: number;
  readonly turn: number;
  readonly knock: number;
  readonly knocks: number;
  readonly patience: number;
  readonly poll: number;
}
export interface Transport {
  send(message: Outgoing): void;
}
export declare const defaultTiming: Timing;
export { selfRemoval } from "copse/extensions";
export { selfRemove } from "copse/extensions";
export { selfRemoveRequired } from "copse/extensions";
export { withSelfRemove } from "copse/extensions";

// ---- copse/call/native

export interface NativeBackendOptions extends Pick<
  WorkerEngineOptions,
  "suite" | "epochBits" | "sendDelay" | "eraseDelay" | "maxEpochs"
> {
  readonly maxContexts?: number;
  readonly maxTracks?: number;
  readonly api?: NativeSFrame;
  readonly scheduler?: Scheduler;
  readonly random?: Random;
}
export interface NativeSFrame {
  readonly Encryptor: new (options: SFrameTransformOptions) => SFrameEncryptor;
  readonly Decryptor: new (options: SFrameTransformOptions) => SFrameDecryptor;
}
export interface SFrameDecryptor {
  addDecryptionKey(key: PlatformClass<"CryptoKey">, keyId: SFrameKeyId): Promise<undefined>;
  removeDecryptionKey(keyId: SFrameKeyId): Promise<undefined>;
  addEventListener(type: "error", listener: (event: SFrameErrorEvent) => void): void;
}
export interface SFrameEncryptor {
  setEncryptionKey(key: PlatformClass<"CryptoKey">, keyId: SFrameKeyId): Promise<undefined>;
}
export interface SFrameErrorEvent {
  readonly errorType: "authentication" | "keyID" | "syntax";
  readonly keyID: SFrameKeyId | null;
}
export type SFrameKeyId = number | bigint;
export interface SFrameTransformOptions {
  readonly cipherSuite: string;
}
export { TransformBackend } from "copse/call";
export declare function nativeBackend(options?: NativeBackendOptions): TransformBackend;
export declare function nativeSFrame(): NativeSFrame | undefined;

// ---- copse/call/worker

// ---- copse/adapters/dave

export { CopseError } from "copse";
export interface DaveBackend extends CallBackend, DaveSources {
  readonly engine: DaveEngine;
}
export interface DaveBackendOptions extends Omit<DaveEngineOptions, "onEvent"> {
  readonly session: DaveSession;
}
export type DaveCodec = CodecName | "h265";
export type DaveCommand = EngineCommand | DaveModeCommand | DaveSourceCommand;
export interface DaveEngine extends FrameEngine {
  handle(command: DaveCommand): void;
  outgoing(options: TrackOptions): DaveOutgoingTrack;
  incoming<T>(options: DaveIncomingOptions<T>): IncomingTrack<T>;
}
export interface DaveEngineOptions {
  readonly maxFrameBytes?: number;
  readonly maxTracks?: number;
  readonly scheduler?: Scheduler;
  readonly onEvent?: (event: EngineEvent) => void;
}
export interface DaveIncomingOptions<T> extends IncomingOptions<T> {
  readonly userId?: bigint;
}
export interface DaveJson {
  readonly op: number;
  readonly d: Readonly<Record<string, unknown>>;
}
export interface DaveMediaFrame extends Omit<MediaFrame, "codec"> {
  readonly codec: DaveCodec;
}
export interface DaveMember extends EpochMember {
  readonly userId: bigint;
}
export type DaveMessage =
  | {
      readonly kind: "selectProtocol";
      readonly protocolVersion: number;
    }
  | {
      readonly kind: "clientsConnect";
      readonly userIds: readonly bigint[];
    }
  | {
      readonly kind: "clientDisconnect";
      readonly userId: bigint;
    }
  | {
      readonly kind: "prepareTransition";
      readonly transitionId: number;
      readonly protocolVersion: number;
    }
  | {
      readonly kind: "executeTransition";
      readonly transitionId: number;
    }
  | {
      readonly kind: "prepareEpoch";
      readonly epoch: bigint;
      readonly protocolVersion: number;
    }
  | {
      readonly kind: "externalSender";
      readonly sequence: number;
      readonly externalSender: ExternalSender;
    }
  | {
      readonly kind: "proposals";
      readonly sequence: number;
      readonly proposals: readonly Uint8Array[];
    }
  | {
      readonly kind: "revocation";
      readonly sequence: number;
      readonly refs: readonly Uint8Array[];
    }
  | {
      readonly kind: "commit";
      readonly sequence: number;
      readonly transitionId: number;
      readonly commit: Uint8Array;
    }
  | {
      readonly kind: "welcome";
      readonly sequence: number;
      readonly transitionId: number;
      readonly welcome: Uint8Array;
    };
export interface DaveMode {
  readonly sending: Sending;
  readonly hearsClear: boolean;
}
export interface DaveModeCommand {
  readonly kind: "dave-mode";
  readonly mode: DaveMode;
}
export interface DaveOutgoingTrack extends OutgoingTrack {
  seal(frame: DaveMediaFrame): Promise<Uint8Array | undefined>;
  sealNow(frame: DaveMediaFrame): Uint8Array | undefined;
}
export type DaveRefused = "proposal" | "commit" | "welcome" | "externalSender" | "version";
export type DaveReply =
  | {
      readonly kind: "readyForTransition";
      readonly transitionId: number;
    }
  | {
      readonly kind: "keyPackage";
      readonly keyPackage: Uint8Array;
    }
  | {
      readonly kind: "commitWelcome";
      readonly commit: Uint8Array;
      readonly welcome?: Uint8Array;
    }
  | {
      readonly kind: "invalidCommitWelcome";
      readonly transitionId: number;
    };
export declare class DaveSession implements EpochSource {
  #private;
  readonly userId: bigint;
  readonly channelId: bigint;
  private constructor();
  static create(options: DaveSessionOptions): Promise<DaveSession>;
  get id(): Bytes;
  get epoch(): bigint;
  get self(): EpochMember;
  get members(): readonly DaveMember[];
  get treeWidth(): number;
  get epochAuthenticator(): Bytes;
  get isGone(): boolean;
  get protocolVersion(): number;
  get mode(): DaveMode;
  get voicePrivacyCode(): string;
  verificationCode(userId: bigint): Promise<string>;
  exportSecret(label: string, context: Uint8Array, length: number): Bytes;
  onEpoch(listener: () => void): () => void;
  onMode(listener: (mode: DaveMode) => void): () => void;
  receive(message: DaveMessage): Promise<readonly DaveReply[]>;
  close(): Promise<void>;
}
export type DaveSessionEvent =
  | {
      readonly kind: "mode";
      readonly mode: DaveMode;
    }
  | {
      readonly kind: "refused";
      readonly what: DaveRefused;
      readonly error: CopseError;
    }
  | {
      readonly kind: "removed";
    };
export interface DaveSessionOptions {
  readonly userId: bigint;
  readonly channelId: bigint;
  readonly privateKey?: Uint8Array;
  readonly allowClear?: boolean;
  readonly onEvent?: (event: DaveSessionEvent) => void;
  readonly provider?: Provider;
  readonly clock?: Clock;
  readonly random?: Random;
}
export interface DaveSourceCommand {
  readonly kind: "dave-source";
  readonly track: string;
  readonly userId: bigint | undefined;
}
export interface DaveSources {
  assign(track: string, userId: bigint | undefined): void;
}
export interface DaveUser {
  readonly userId: bigint;
  readonly signatureKey: Uint8Array;
}
export interface DaveWorkerBackend extends TransformBackend, DaveSources {}
export interface DaveWorkerBackendOptions extends Omit<DaveEngineOptions, "onEvent" | "scheduler"> {
  readonly session: DaveSession;
  readonly worker: PlatformClass<"Worker">;
  readonly api?: TransformApi;
}
export { ErrorCode } from "copse";
export type Sending = bigint | "clear" | undefined;
export declare function createDaveEngine(options?: DaveEngineOptions): DaveEngine;
export declare function daveBackend(options: DaveBackendOptions): DaveBackend;
export declare const daveProtocolVersion = 1;
export declare function daveWorkerBackend(options: DaveWorkerBackendOptions): DaveWorkerBackend;
export declare function displayableCode(bytes: Uint8Array, digits: number, groupSize: number): string;
export declare function pairwiseCode(one: DaveUser, other: DaveUser): Promise<string>;
export declare function pairwiseFingerprint(one: DaveUser, other: DaveUser): Promise<Bytes>;
export declare function readDaveMessage(payload: Uint8Array | object): DaveMessage | undefined;
export declare function readDaveReply(payload: Uint8Array | object): DaveReply | undefined;
export declare function voicePrivacyCode(epochAuthenticator: Uint8Array): string;
export declare function writeDaveMessage(message: DaveMessage): Bytes | DaveJson;
export declare function writeDaveReply(reply: DaveReply): Bytes | DaveJson;

// ---- copse/adapters/dave/worker

// ---- copse/adapters/ts-mls

export interface TsMlsCredential {
  readonly credentialType: string | number;
  readonly identity?: Uint8Array;
  readonly certificates?: readonly Uint8Array[];
  readonly data?: Uint8Array;
}
export type TsMlsExporter<CipherSuite> = (
  exporterSecret: Uint8Array,
  label: string,
  context: Uint8Array,
  length: number,
  cipherSuite: CipherSuite,
) => Promise<Uint8Array>;
export type TsMlsNode =
  | {
      readonly leaf: {
        readonly credential: TsMlsCredential;
        readonly signaturePublicKey: Uint8Array;
      };
    }
  | {
      readonly parent: object;
    };
export interface TsMlsSource extends EpochSource {
  update(state: TsMlsState): void;
}
export interface TsMlsSourceOptions<CipherSuite> {
  readonly state: TsMlsState;
  readonly cipherSuite: CipherSuite;
  readonly mlsExporter: TsMlsExporter<CipherSuite>;
}
export interface TsMlsState {
  readonly groupContext: {
    readonly groupId: Uint8Array;
    readonly epoch: bigint;
  };
  readonly keySchedule: {
    readonly exporterSecret: Uint8Array;
    readonly epochAuthenticator: Uint8Array;
  };
  readonly ratchetTree: readonly (TsMlsNode | undefined)[];
  readonly privatePath: {
    readonly leafIndex: number;
  };
  readonly groupActiveState: {
    readonly kind: string;
  };
}
export declare function tsMlsSource<CipherSuite>(options: TsMlsSourceOptions<CipherSuite>): TsMlsSource;

// ---- copse/crypto/node

export declare const nodeProvider: Provider;
export declare const provider: Provider;

// ---- copse/crypto/web

export declare const provider: Provider;
export declare const webProvider: Provider;

// ---- copse/crypto/noble

export declare const nobleProvider: Provider;
export declare const provider: Provider;

// ---- copse/crypto/pq

export { AeadName } from "copse";
export { CipherSuiteDefinition } from "copse";
export type HybridKemName = "MLKEM768-X25519" | "MLKEM768-P256" | "MLKEM1024-P384";
export { Kem } from "copse";
export { KemLengths } from "copse";
export type MlDsaName = "ML-DSA-44" | "ML-DSA-65" | "ML-DSA-87";
export type MlKemName = "ML-KEM-512" | "ML-KEM-768" | "ML-KEM-1024";
export interface PostQuantum {
  kem(name: PostQuantumKemName): Kem;
  signatures(name: MlDsaName): SignatureScheme;
}
export type PostQuantumKemName = MlKemName | HybridKemName;
export interface PostQuantumSuite {
  readonly name: PostQuantumSuiteName;
  readonly id: number;
  readonly kem: PostQuantumKemName;
  readonly hash: HashName;
  readonly aead: AeadName;
  readonly signature: SignatureName | MlDsaName;
}
export type PostQuantumSuiteName =
  | "MLS_128_MLKEM768X25519_AES128GCM_SHA256_Ed25519"
  | "MLS_128_MLKEM768X25519_AES256GCM_SHA384_Ed25519"
  | "MLS_128_MLKEM768P256_AES128GCM_SHA256_P256"
  | "MLS_128_MLKEM768P256_AES256GCM_SHA384_P256"
  | "MLS_192_MLKEM1024P384_AES256GCM_SHA384_P384"
  | "MLS_128_MLKEM768_AES256GCM_SHA384_Ed25519"
  | "MLS_128_MLKEM768_AES256GCM_SHA384_P256"
  | "MLS_192_MLKEM1024_AES256GCM_SHA384_P384"
  | "MLS_128_MLKEM768X25519_CHACHA20POLY1305_SHA384_MLDSA44"
  | "MLS_192_MLKEM768_AES256GCM_SHA384_MLDSA65"
  | "MLS_256_MLKEM1024_AES256GCM_SHA384_MLDSA87";
export { Provider } from "copse";
export { SignatureName } from "copse";
export { SignatureScheme } from "copse";
export declare function postQuantum(provider?: Provider): Promise<PostQuantum>;
export declare const postQuantumSuites: readonly PostQuantumSuite[];
export declare function withPostQuantumSuites(
  provider?: Provider,
  numbers?: Readonly<Partial<Record<PostQuantumSuiteName, number>>>,
): Promise<Provider>;

// ---- copse/content

export interface AcceptedContent {
  readonly id: Bytes;
  readonly content: MimiContent;
}
export interface Address {
  readonly senderUri: string;
  readonly roomUri: string;
}
export interface Arrival extends Address {
  readonly acceptedAt: number;
  readonly isKnown?: (id: Bytes) => boolean;
  readonly limits?: Partial<ContentLimits>;
}
export interface Attachment {
  readonly as: "file" | "image" | "video" | "audio" | "voice" | "sticker" | "animation" | "round-video";
  readonly file: InlineFile | ExternalFile;
  readonly width?: number;
  readonly height?: number;
  readonly duration?: number;
  readonly waveform?: Uint8Array;
  readonly emoji?: string;
  readonly pack?: string;
  readonly thumbnail?: Picture;
}
export interface AttachmentLayout {
  readonly length: number;
  readonly chunkSize: number;
  readonly size: number;
  readonly offsetOf: (position: number) => number;
}
export type AttachmentSource = Uint8Array | BlobLike | ((from: number) => AsyncIterable<Uint8Array>);
export interface BlobLike {
  readonly size: number;
  slice(
    start: number,
    end: number,
  ): {
    arrayBuffer(): Promise<ArrayBuffer>;
  };
}
export { Bytes } from "copse";
export interface CallMessage extends Surroundings, CallNotice {
  readonly kind: "call";
}
export interface CallNotice {
  readonly event: "ringing" | "accepted" | "declined" | "busy" | "cancelled" | "ended";
  readonly call: Uint8Array;
  readonly video?: true;
  readonly room?: string;
  readonly duration?: number;
}
export interface CborFloat {
  readonly float: number;
}
export type CborKey = number | string | Bytes;
export interface CborTag {
  readonly tag: number;
  readonly value: CborValue;
}
export type CborValue =
  | null
  | boolean
  | number
  | bigint
  | string
  | Bytes
  | CborFloat
  | CborTag
  | readonly CborValue[]
  | ReadonlyMap<CborKey, CborValue>;
export interface Circumstances {
  readonly senderUri: string;
  readonly find: (id: MessageId) => KnownMessage | undefined;
  readonly acceptedAt?: number;
  readonly can?: (capability: ContentCapability) => boolean;
}
export interface Contact {
  readonly name: string;
  readonly uri?: string;
  readonly phones?: readonly string[];
  readonly emails?: readonly string[];
}
export interface ContactMessage extends Surroundings {
  readonly kind: "contact";
  readonly contacts: readonly Contact[];
  readonly fallback?: string;
}
export type ContentCapability =
  | "canSendMessage"
  | "canReplyToMessage"
  | "canReactToMessage"
  | "canEditReaction"
  | "canDeleteOwnReaction"
  | "canDeleteOtherReaction"
  | "canEditOwnMessage"
  | "canDeleteOwnMessage"
  | "canDeleteOtherMessage"
  | "canStartTopic"
  | "canReplyInTopic"
  | "canSendLink"
  | "canSendLinkPreview"
  | "canUploadImage"
  | "canUploadVideo"
  | "canUploadAudio"
  | "canUploadAttachment"
  | "canStartCall";
export declare class ContentError extends Error {
  readonly name = "ContentError";
  readonly code: ContentErrorCode;
  constructor(code: ContentErrorCode, { detail, cause }?: ContentErrorDetail);
}
export type ContentErrorCode = keyof typeof contentErrorCodes;
export interface ContentErrorDetail {
  readonly detail?: string;
  readonly cause?: unknown;
}
export interface ContentLimits {
  readonly bytes: number;
  readonly parts: number;
  readonly depth: number;
  readonly extensions: number;
  readonly extensionBytes: number;
  readonly topicBytes: number;
  readonly textBytes: number;
  readonly nameBytes: number;
}
export interface CountedVote {
  readonly senderUri: string;
  readonly vote: Pick<Vote, "options">;
}
export interface DecryptOptions extends LongOptions {
  readonly limit?: number;
  readonly from?: number;
}
export type Disposition =
  "unspecified" | "render" | "reaction" | "profile" | "inline" | "icon" | "attachment" | "session" | "preview" | number;
export interface Edit {
  readonly kind: "edit";
  readonly replaces: MessageId;
  readonly becomes: Said;
}
export interface EncryptOptions extends LongOptions {
  readonly from?: number;
}
export type EncryptedFile = Pick<ExternalPart, "encAlg" | "key" | "nonce" | "aad" | "hashAlg" | "contentHash" | "size">;
export type Ephemeral = Typing | Presence | Signal;
export interface Expiration {
  readonly relative: boolean;
  readonly time: number;
}
export type ExternalFile = Omit<ExternalPart, "disposition" | "language">;
export interface ExternalPart extends PartHead {
  readonly cardinality: "external";
  readonly contentType: string;
  readonly url: string;
  readonly expires: number;
  readonly size: number;
  readonly encAlg: number;
  readonly key: Uint8Array;
  readonly nonce: Uint8Array;
  readonly aad: Uint8Array;
  readonly hashAlg: number;
  readonly contentHash: Uint8Array;
  readonly description: string;
  readonly filename: string;
}
export interface FileWords {
  readonly url: string;
  readonly contentType: string;
  readonly filename?: string;
  readonly description?: string;
  readonly expires?: number;
}
export type InlineFile = Pick<SinglePart, "cardinality" | "contentType" | "content"> & {
  readonly filename?: string;
};
export interface KnownMessage {
  readonly senderUri: string;
  readonly message: Message;
  readonly unsent?: boolean;
  readonly ended?: boolean;
}
export interface LinkPreview {
  readonly url: string;
  readonly title?: string;
  readonly description?: string;
  readonly image?: Picture;
}
export interface Location {
  readonly latitude: number;
  readonly longitude: number;
  readonly accuracy?: number;
  readonly name?: string;
  readonly address?: string;
  readonly liveUntil?: number;
}
export interface LocationMessage extends Surroundings, Location {
  readonly kind: "location";
  readonly fallback?: string;
}
export interface LongOptions {
  readonly signal?: PlatformClass<"AbortSignal">;
  readonly onProgress?: (progress: Progress) => void;
}
export interface Media extends Surroundings {
  readonly kind: "media";
  readonly attachments: readonly Attachment[];
  readonly caption?: {
    readonly text: string;
    readonly format: "plain" | "markdown" | "html";
  };
  readonly viewOnce?: true;
  readonly rest?: readonly Part[];
}
export interface Mention {
  readonly uri: string;
  readonly label?: string;
}
export type Message = Said | Edit | Unsend;
export type MessageId = Uint8Array;
export interface MimiContent {
  readonly salt: Uint8Array;
  readonly replaces?: MessageId;
  readonly topicId?: Uint8Array;
  readonly expires?: Expiration;
  readonly inReplyTo?: MessageId;
  readonly senderUri?: string;
  readonly roomUri?: string;
  readonly extensions?: ReadonlyMap<number | string, CborValue>;
  readonly nestedPart: Part;
}
export interface MultiPart extends PartHead {
  readonly cardinality: "multi";
  readonly partSemantics: PartSemantics;
  readonly parts: readonly Part[];
}
export interface NullPart extends PartHead {
  readonly cardinality: "null";
}
export type Part = NullPart | SinglePart | ExternalPart | MultiPart;
export interface PartHead {
  readonly disposition: Disposition;
  readonly language?: string;
}
export type PartSemantics = "chooseOne" | "singleUnit" | "processAll";
export interface Picture {
  readonly contentType: string;
  readonly content: Uint8Array;
}
export interface Pin extends Surroundings {
  readonly kind: "pin";
  readonly inReplyTo: MessageId;
  readonly pinned: boolean;
}
export interface Poll {
  readonly question: string;
  readonly options: readonly string[];
  readonly choices?: number;
  readonly hidden?: true;
  readonly endsAt?: number;
  readonly correct?: number;
}
export interface PollEnd extends Surroundings {
  readonly kind: "poll-end";
  readonly inReplyTo: MessageId;
}
export interface PollMessage extends Surroundings, Poll {
  readonly kind: "poll";
  readonly fallback?: string;
}
export interface PrepareOptions extends LongOptions {
  readonly chunkSize?: number;
  readonly limit?: number;
  readonly random?: Random;
}
export interface PreparedAttachment {
  readonly file: EncryptedFile;
  readonly chunkHashes: Uint8Array;
}
export interface Presence {
  readonly kind: "presence";
  readonly state: "offline" | "online" | "away" | "busy";
  readonly since?: bigint;
}
export interface Progress {
  readonly done: number;
  readonly total: number;
}
export { Random } from "copse";
export interface RangeOptions {
  readonly start: number;
  readonly end: number;
  readonly fetch: (from: number, length: number) => Promise<Uint8Array>;
  readonly limit?: number;
}
export interface Reaction extends Surroundings {
  readonly kind: "reaction";
  readonly inReplyTo: MessageId;
  readonly reactions: readonly string[];
}
export interface ReadOptions {
  readonly html?: boolean;
}
export type Refusal =
  "not-author" | "not-first-version" | "unsent" | "other-kind" | "wrong-kind" | "invalid-vote" | "not-permitted";
export type Ruling =
  | {
      readonly verdict: "accept";
    }
  | {
      readonly verdict: "wait";
      readonly for: MessageId;
    }
  | {
      readonly verdict: "refuse";
      readonly reason: Refusal;
      readonly capability?: ContentCapability;
    };
export type Said =
  | Text
  | Media
  | Reaction
  | PollMessage
  | Vote
  | PollEnd
  | LocationMessage
  | ContactMessage
  | CallMessage
  | Session
  | StatusReport
  | Pin
  | Unknown;
export interface Session extends Surroundings {
  readonly kind: "session";
  readonly url: string;
  readonly description: string;
}
export interface Signal {
  readonly kind: "signal";
  readonly call: Uint8Array;
  readonly to?: string;
  readonly signal: "offer" | "answer" | "candidates" | "restart" | "media-state" | "hang-up" | "alive";
  readonly data: Uint8Array;
}
export interface SinglePart extends PartHead {
  readonly cardinality: "single";
  readonly contentType: string;
  readonly content: Uint8Array;
}
export interface Status {
  readonly id: MessageId;
  readonly status: "unread" | "delivered" | "read" | "expired" | "deleted" | "hidden" | "error" | number;
}
export interface StatusReport extends Surroundings {
  readonly kind: "status";
  readonly reports: readonly Status[];
}
export interface Surroundings {
  readonly inReplyTo?: MessageId;
  readonly topicId?: Uint8Array;
  readonly expires?: Expiration;
  readonly forwarded?: number;
}
export interface Tally {
  readonly counts: readonly number[];
  readonly voters: number;
}
export interface Text extends Surroundings {
  readonly kind: "text";
  readonly text: string;
  readonly format: "plain" | "markdown" | "html";
  readonly language?: string;
  readonly previews?: readonly LinkPreview[];
  readonly rest?: readonly Part[];
}
export interface Typing {
  readonly kind: "typing";
  readonly activity: "stopped" | "typing" | "recording" | "uploading" | "choosing";
  readonly topicId?: Uint8Array;
}
export interface Unknown extends Surroundings {
  readonly kind: "unknown";
  readonly part: Part;
  readonly contentTypes: readonly string[];
}
export interface UnknownEphemeral {
  readonly kind: "unknown";
  readonly type: number;
}
export interface Unsend extends Surroundings {
  readonly kind: "unsend";
  readonly replaces: MessageId;
}
export interface Vote extends Surroundings {
  readonly kind: "vote";
  readonly inReplyTo: MessageId;
  readonly options: readonly number[];
}
export interface WriteOptions extends Address {
  readonly random?: Random;
}
export interface WrittenMessage {
  readonly id: Bytes;
  readonly bytes: Bytes;
  readonly content: MimiContent;
}
export declare function acceptContent(bytes: Uint8Array, arrival: Arrival): AcceptedContent;
export declare const attachmentAlgorithm = 49333;
export declare function attachmentLayout(file: EncryptedFile, limit?: number): AttachmentLayout;
export declare function checkAttachment(
  file: EncryptedFile,
  plaintext: AttachmentSource,
  { limit, signal }?: Pick<DecryptOptions, "limit" | "signal">,
): Promise<void>;
export declare const contentErrorCodes: {
  readonly "content-cbor": "the bytes are not one CBOR item in its deterministic encoding: drop the message";
  readonly "content-shape": "the CBOR is not what its format says: drop the message";
  readonly "content-limit": "the content is longer, deeper or has more parts than the limits allow: drop the message";
  readonly "content-expiry": "the message expires more than a year away from when it was accepted: drop it";
  readonly "content-sender": "the content names another sender than the one whose message it came in: drop it and report its sender";
  readonly "content-room": "the content names another room than the one that it came in: drop it and report its sender";
  readonly "content-duplicate": "a message with this id is known already: drop the second one";
  readonly "attachment-unsupported": "the attachment is encrypted or hashed in a way that copse does not know";
  readonly "attachment-limit": "the attachment is larger than the limits allow";
  readonly "attachment-damaged": "the encrypted attachment is not the one that was sent: bytes were changed, cut off, added or moved; fetch it again";
  readonly "attachment-mismatch": "the attachment does not have the key or the plaintext that its message names: whoever sent it made it so; report it";
  readonly "attachment-changed": "the file is not the one that was prepared for sending: prepare it again, under a new key";
};
export declare function decodeContent(bytes: Uint8Array, limits?: Partial<ContentLimits>): MimiContent;
export declare function decodeEphemeral(encoded: Uint8Array): Ephemeral | UnknownEphemeral;
export declare function decryptAttachment(
  file: EncryptedFile,
  ciphertext: AsyncIterable<Uint8Array>,
  how?: DecryptOptions,
): AsyncGenerator<Bytes, void, undefined>;
export declare function decryptWhole(file: EncryptedFile, ciphertext: Uint8Array, limit?: number): Bytes;
export declare const defaultContentLimits: ContentLimits;
export declare function edited(first: Said, { becomes }: Edit): Said;
export declare function encodeContent(content: MimiContent, limits?: Partial<ContentLimits>): Bytes;
export declare function encodeEphemeral(ephemeral: Ephemeral): Bytes;
export declare function encryptAttachment(
  source: AttachmentSource,
  prepared: PreparedAttachment,
  how?: EncryptOptions,
): AsyncGenerator<Bytes, void, undefined>;
export declare function escapeMarkdown(words: string): string;
export declare function externalFile(prepared: PreparedAttachment, words: FileWords): ExternalFile;
export declare function forwarded(said: Said): Said;
export declare function isRinging(message: Message, now: number): boolean;
export declare function judge(message: Message, circumstances: Circumstances): Ruling;
export declare const mediaTypes: {
  readonly plain: "text/plain;charset=utf-8";
  readonly markdown: "text/markdown;variant=GFM-MIMI";
  readonly html: "text/html;charset=utf-8";
  readonly status: "application/mimi-message-status";
  readonly media: "application/vnd.copse.media+cbor";
  readonly linkPreview: "application/vnd.copse.link-preview+cbor";
  readonly viewOnce: "application/vnd.copse.view-once+cbor";
  readonly poll: "application/vnd.copse.poll+cbor";
  readonly vote: "application/vnd.copse.vote+cbor";
  readonly pollEnd: "application/vnd.copse.poll-end+cbor";
  readonly location: "application/vnd.copse.location+cbor";
  readonly contact: "application/vnd.copse.contact+cbor";
  readonly call: "application/vnd.copse.call+cbor";
  readonly pin: "application/vnd.copse.pin+cbor";
};
export declare function mention(uri: string, label?: string): string;
export declare function mentionsIn(markdown: string): readonly Mention[];
export declare function messageId(content: Uint8Array, address: Address): Bytes;
export declare const messagePadding: {
  readonly kind: "padme";
  readonly least: number;
};
export declare function nextStatus(known: Status["status"] | undefined, reported: Status["status"]): Status["status"];
export declare function prepareAttachment(source: AttachmentSource, how?: PrepareOptions): Promise<PreparedAttachment>;
export declare function readMessage(content: MimiContent, how?: ReadOptions): Message;
export declare function readRange(file: EncryptedFile, range: RangeOptions): Promise<Bytes>;
export declare function tally(poll: Pick<PollMessage, "options">, votes: readonly CountedVote[]): Tally;
export declare function wordsOf(message: Message): string;
export declare function writeMessage(message: Message, how: WriteOptions): WrittenMessage;

// ---- copse/storage

export interface BatchOptions {
  readonly flush?: boolean;
}
export interface EncryptedOptions {
  readonly random?: Random;
}
export interface FlatDatabase {
  getMany(keys: readonly string[]): Awaitable<readonly (Uint8Array | undefined)[]>;
  page(range: FlatRange): Awaitable<readonly (readonly [key: string, value: Uint8Array])[]>;
  write(puts: ReadonlyMap<string, Uint8Array>, deletes: readonly string[], flush: boolean): Awaitable<void>;
  close(): Awaitable<void>;
}
export interface FlatRange {
  readonly from: string;
  readonly after: boolean;
  readonly below: string | undefined;
  readonly reverse: boolean;
  readonly limit: number;
}
export declare class MemoryDisk {
  #private;
  kill(): void;
  powerCut(lost?: number): void;
  get unflushed(): number;
  get contents(): ReadonlyMap<string, Uint8Array>;
  open(): FlatDatabase;
}
export interface Store {
  get(key: StoreKey): Promise<Uint8Array | undefined>;
  getMany(keys: readonly StoreKey[]): Promise<readonly (Uint8Array | undefined)[]>;
  range(range: StoreRange): AsyncIterable<StoreEntry>;
  batch(changes: readonly StoreChange[], options?: BatchOptions): Promise<void>;
  flush(): Promise<void>;
  close(): Promise<void>;
}
export type StoreChange =
  | {
      readonly put: StoreKey;
      readonly value: Uint8Array;
    }
  | {
      readonly delete: StoreKey;
    };
export interface StoreEntry {
  readonly key: StoreKey;
  readonly value: Uint8Array;
}
export declare class StoreError extends Error {
  readonly name = "StoreError";
  readonly code: StoreErrorCode;
  constructor(code: StoreErrorCode, { detail, cause }?: StoreErrorDetail);
}
export type StoreErrorCode = keyof typeof storeErrorCodes;
export interface StoreErrorDetail {
  readonly detail?: string;
  readonly cause?: unknown;
}
export type StoreKey = readonly [string, ...string[]] | readonly [string, ...string[], bigint];
export type StorePrefix = readonly string[];
export interface StoreRange {
  readonly prefix: StorePrefix;
  readonly from?: bigint;
  readonly below?: bigint;
  readonly reverse?: boolean;
  readonly limit?: number;
}
export declare function encrypted(store: Store, key: Uint8Array, { random }?: EncryptedOptions): Promise<Store>;
export declare function memoryStore({ disk }?: { readonly disk?: MemoryDisk }): Store;
export declare const storeErrorCodes: {
  readonly "store-locked": "another process or tab has the store: wait until it lets go, or take it over where that is offered";
  readonly "store-lost": "another process or tab has taken the store over: open it again to go on";
  readonly "store-closed": "the store was closed";
  readonly "store-not-written": "a batch could not be written, and nothing of it was";
  readonly "store-failed": "the database failed, and nobody knows what was written: close the store and open it again";
  readonly "store-version": "the store was made by a newer version of copse";
  readonly "store-key": "the store was encrypted under another key";
  readonly "store-damaged": "an entry of an encrypted store does not open, or was never encrypted: restore a backup";
  readonly "store-package": "an optional package is not installed";
};
export declare function storeOver(database: FlatDatabase): Store;

// ---- copse/storage/level

export declare function levelStore(path: string): Promise<Store>;

// ---- copse/storage/sqlite

export interface SqliteDatabase {
  exec(sql: string): unknown;
  prepare(sql: string): SqliteStatement;
  close(): unknown;
}
export interface SqliteLease {
  readonly milliseconds?: number;
  readonly clock?: () => number;
  readonly timers?: Timers;
}
export interface SqliteOptions {
  readonly exclusive?: boolean;
  readonly lease?: SqliteLease;
}
export interface SqliteStatement {
  run(...parameters: unknown[]): unknown;
  get(...parameters: unknown[]): unknown;
  all(...parameters: unknown[]): unknown[];
}
export declare function sqliteStore(database: SqliteDatabase, options?: SqliteOptions): Store;

// ---- copse/storage/indexeddb

export interface IndexedDbOptions {
  readonly second?: SecondTab;
  readonly signal?: AbortSignal;
  readonly locks?: LockRequests;
}
export interface LockRequests {
  request<T>(
    name: string,
    options: {
      readonly ifAvailable?: boolean;
      readonly steal?: boolean;
      readonly signal?: AbortSignal;
    },
    held: (lock: unknown) => Promise<T>,
  ): Promise<T>;
}
export type SecondTab = "error" | "wait" | "take";
export declare function indexedDbStore(name: string, options?: IndexedDbOptions): Promise<Store>;

// ---- copse/rooms

export interface AppMessagePolicy {
  readonly epochTolerance: number;
  readonly padToSize: number;
  readonly maxGenerationsSkipahead: number;
}
export interface AssetPolicy {
  readonly assetUploadLocation: AssetUploadLocation;
  readonly uploadDomains: readonly ProviderAssetUploadDomains[];
  readonly downloadPrivacy: DownloadPrivacy;
  readonly maxImage: bigint;
  readonly maxAudio: bigint;
  readonly maxVideo: bigint;
  readonly maxAttachment: bigint;
  readonly forbiddenMediaTypes: readonly MediaType[];
  readonly permittedMediaTypes: readonly MediaType[] | undefined;
}
export type AssetUploadLocation = "unspecified" | "localProvider" | "hub";
export interface BaseRoomPolicy {
  readonly fixedMembership: boolean;
  readonly parentDependent: boolean;
  readonly parentRoom: readonly string[];
  readonly multiDevice: boolean;
  readonly maxClients: number | undefined;
  readonly maxUsers: number | undefined;
  readonly pseudonymsAllowed: boolean;
  readonly persistentRoom: boolean;
  readonly discoverable: boolean;
  readonly policyComponentIds: readonly number[];
}
export interface Bot {
  readonly name: string;
  readonly description: string;
  readonly homepage: string;
  readonly localClientBot: boolean;
  readonly botRoleIndex: number;
  readonly canTargetMessageInGroup: boolean;
  readonly perUserContent: boolean;
}
export type Capability = keyof typeof capabilities;
export interface CheckOptions {
  readonly isInParent?: (user: string) => boolean;
}
export interface Claim {
  readonly credentialType: number;
  readonly id: Uint8Array;
  readonly value: Uint8Array;
}
export interface ClaimValue {
  readonly id: Uint8Array;
  readonly value: Uint8Array;
}
export interface DownloadPrivacy {
  readonly allowedDownloadTypes: readonly DownloadPrivacyType[];
  readonly forbiddenDownloadTypes: readonly DownloadPrivacyType[];
  readonly defaultDownloadType: DownloadPrivacyType;
}
export type DownloadPrivacyType = "direct" | "hubProxy" | "ohttp";
export interface ExtendedCapabilities {
  readonly versions: readonly number[];
  readonly cipherSuites: readonly number[];
  readonly extensions: readonly number[];
  readonly proposals: readonly number[];
  readonly credentials: readonly number[];
  readonly wireFormats: readonly number[];
  readonly componentIds: readonly number[];
  readonly safeAadTypes: readonly number[];
  readonly mediaTypes: readonly MediaType[];
  readonly contentTypes: readonly number[];
}
export interface FrankingAgentData {
  readonly signatureKey: Uint8Array;
  readonly credential: Credential;
}
export type HistoryPolicy =
  | {
      readonly historySharing: "forbidden";
    }
  | ({
      readonly historySharing: "optional";
    } & History)
  | ({
      readonly historySharing: "required";
    } & History);
export interface Identified {
  readonly user: string;
  readonly device: string;
}
export interface JoinLinkPolicy {
  readonly onRequest: boolean;
  readonly joinLink: string;
  readonly multiuser: boolean;
  readonly expiration: number;
}
export type LinkPreviewPolicy = Preview & ProxyUse;
export type LoggingPolicy =
  | {
      readonly logging: "forbidden";
    }
  | ({
      readonly logging: "optional";
    } & Logging)
  | ({
      readonly logging: "required";
    } & Logging);
export type MessageExpirationPolicy =
  | {
      readonly expiringMessages: "forbidden";
    }
  | ({
      readonly expiringMessages: "optional";
    } & Expiration)
  | ({
      readonly expiringMessages: "required";
    } & Expiration);
export type MimiUri =
  | {
      readonly kind: "provider";
      readonly host: string;
    }
  | {
      readonly kind: "user";
      readonly host: string;
      readonly user: string;
    }
  | {
      readonly kind: "device";
      readonly host: string;
      readonly user: string;
      readonly device: string;
    }
  | {
      readonly kind: "room";
      readonly host: string;
      readonly room: string;
    }
  | {
      readonly kind: "group";
      readonly host: string;
      readonly group: string;
    };
export interface MinDefaultMaxTime {
  readonly minimumTime: bigint;
  readonly defaultTime: bigint;
  readonly maximumTime: bigint;
}
export interface NewRoomOptions {
  readonly rooms: RoomAppData;
  readonly room: string;
  readonly creator: string;
  readonly participants?: readonly (string | Participant)[];
  readonly policy?: ReadyPolicyName;
  readonly base?: Partial<BaseRoomPolicy>;
  readonly parentRoom?: string;
  readonly metadata?: Partial<Omit<RoomMetadata, "roomUri">>;
  readonly data?: Partial<Omit<RoomData, "room_metadata" | "base_room_policy">>;
  readonly externalSenders?: readonly ExternalSender[];
  readonly suite?: Pick<CipherSuite, "hash">;
  readonly requiredComponents?: readonly number[];
  readonly otherData?: Readonly<Record<number, Uint8Array>>;
}
export interface OperationalParameters {
  readonly mandatoryCapabilities: ExtendedCapabilities;
  readonly defaultCapabilities: ExtendedCapabilities;
  readonly forbiddenCapabilities: ExtendedCapabilities;
  readonly handshakeFormats: readonly number[];
  readonly externalProposalAllowed: boolean;
  readonly externalCommitAllowed: boolean;
  readonly pendingProposalPolicy: PendingProposalPolicy;
  readonly leafNodeUpdateTime: MinDefaultMaxTime;
  readonly appMessagePolicy: AppMessagePolicy;
  readonly maxKpLifetime: bigint;
  readonly maxCredentialLifetime: bigint;
  readonly resumptionPskLifetime: bigint;
  readonly senderNonceKeypairLifetime: MinDefaultMaxTime;
  readonly maxKeypairs: number;
  readonly bufferIncomingMessageTime: MinDefaultMaxTime;
  readonly maxBufferedMessages: number;
}
export type Optionality = "optional" | "required" | "forbidden";
export interface Participant {
  readonly user: string;
  readonly role: number;
}
export type PendingProposalPolicy =
  | {
      readonly strategy: "unspecified";
    }
  | {
      readonly strategy: "immediateCommit";
    }
  | {
      readonly strategy: "randomDelay";
      readonly minimumDelayMs: bigint;
      readonly maximumDelayMs: bigint;
    };
export interface PreAuthEntry {
  readonly claimset: readonly Claim[];
  readonly targetRole: Role;
}
export interface ProviderAssetUploadDomains {
  readonly provider: string;
  readonly assetUploadDestinations: readonly string[];
}
export interface ReadyPolicy {
  readonly roles: readonly Role[];
  readonly base: Partial<BaseRoomPolicy>;
  readonly creatorRole: number;
  readonly memberRole: number;
  readonly statusNotification: StatusNotificationPolicy;
  readonly expiration: MessageExpirationPolicy;
  readonly history: HistoryPolicy;
}
export type ReadyPolicyName = "cooperative" | "administered" | "moderated" | "direct" | "secret" | "broadcast" | "call";
export interface RichDescription {
  readonly mediaType: string;
  readonly languageTag: string;
  readonly descriptionContent: Uint8Array;
}
export interface Role {
  readonly roleIndex: number;
  readonly roleName: string;
  readonly roleDescription: string;
  readonly roleCapabilities: readonly number[];
  readonly minimumParticipants: number;
  readonly maximumParticipants: number | undefined;
  readonly minimumActive: number;
  readonly maximumActive: number | undefined;
  readonly authorizedRoleChanges: readonly RoleChange[];
}
export interface RoleChange {
  readonly from: number;
  readonly to: readonly number[];
}
export interface RoleChoice {
  readonly index: number;
  readonly name: string;
  readonly description?: string;
  readonly can?: readonly Capability[];
  readonly changes?: readonly (readonly [from: number, to: readonly number[]])[];
  readonly participants?: {
    readonly min?: number;
    readonly max?: number;
  };
  readonly active?: {
    readonly min?: number;
    readonly max?: number;
  };
}
export declare class Room {
  #private;
  readonly rooms: RoomAppData;
  private constructor();
  static open(options: RoomOptions): Room;
  get epoch(): bigint;
  get uri(): string;
  get data(): RoomData;
  get participants(): Iterable<RoomParticipant>;
  get size(): number;
  participant(user: string): Standing | undefined;
  indexOf(user: string): number;
  role(index: number): Role | undefined;
  check(change: CommitEvent, options?: CheckOptions): void;
  allows(change: CommitEvent, refused?: (error: RoomError) => void): boolean;
  checkProposal(event: ProposalEvent): void;
  follow(change: CommitEvent): void;
  mayDo(user: string, action: RoomAction): boolean;
  checkMessage(user: string, needed?: readonly Capability[]): void;
  outsideParent(isInParent: (user: string) => boolean): readonly string[];
}
export type RoomAction =
  | {
      readonly kind: "add";
      readonly user: string;
      readonly role: number;
    }
  | {
      readonly kind: "remove" | "kick" | "ban";
      readonly user: string;
    }
  | {
      readonly kind: "unban" | "change-role";
      readonly user: string;
      readonly role: number;
    }
  | {
      readonly kind: "leave" | "add-own-client" | "remove-own-client";
    }
  | {
      readonly kind: "change-metadata";
      readonly field: Exclude<keyof RoomMetadata, "roomUri">;
    }
  | {
      readonly kind: "can";
      readonly capability: Capability;
    };
export interface RoomAppData {
  readonly registry: ExtensionRegistry;
  readonly appData: AppData;
  readonly numbers: RoomNumbers;
  readonly extensionNumbers: AppDataNumbers;
  readonly identify: (credential: Credential) => Identified | undefined;
  readonly claims: (credential: Credential) => readonly ClaimValue[];
}
export interface RoomAppDataOptions {
  readonly numbers?: Partial<RoomNumbers>;
  readonly participantsInlineUpTo?: number;
  readonly identify?: (credential: Credential) => Identified | undefined;
  readonly claims?: (credential: Credential) => readonly ClaimValue[];
  readonly appData?: Partial<Omit<AppDataOptions, "registry">>;
  readonly registry?: ExtensionRegistry;
}
export type RoomComponent = keyof RoomNumbers;
export interface RoomData {
  readonly franking_agent: FrankingAgentData | undefined;
  readonly room_metadata: RoomMetadata;
  readonly roles_list: readonly Role[];
  readonly base_room_policy: BaseRoomPolicy;
  readonly preauth_list: readonly PreAuthEntry[] | undefined;
  readonly mls_operational_policy: OperationalParameters | undefined;
  readonly status_notification_policy: StatusNotificationPolicy | undefined;
  readonly join_link_policy: JoinLinkPolicy | undefined;
  readonly join_links: readonly Uint8Array[] | undefined;
  readonly link_preview_policy: LinkPreviewPolicy | undefined;
  readonly asset_policy: AssetPolicy | undefined;
  readonly logging_policy: LoggingPolicy | undefined;
  readonly chat_history_policy: HistoryPolicy | undefined;
  readonly bot_policy: readonly Bot[] | undefined;
  readonly message_expiration_policy: MessageExpirationPolicy | undefined;
}
export declare class RoomError extends Error {
  readonly name = "RoomError";
  readonly code: RoomErrorCode;
  readonly rule: string | undefined;
  readonly by: Sender | undefined;
  constructor(code: RoomErrorCode, { detail, rule, by, cause }?: RoomErrorDetail);
}
export type RoomErrorCode = keyof typeof roomErrorCodes;
export interface RoomErrorDetail {
  readonly detail?: string;
  readonly rule?: string;
  readonly by?: Sender | undefined;
  readonly cause?: unknown;
}
export interface RoomMetadata {
  readonly roomUri: string;
  readonly roomName: string;
  readonly roomDescriptions: readonly RichDescription[];
  readonly roomAvatar: string;
  readonly roomSubject: string;
  readonly roomMood: string;
}
export interface RoomNumbers {
  readonly franking_agent: number;
  readonly participant_list: number;
  readonly room_metadata: number;
  readonly mls_operational_policy: number;
  readonly roles_list: number;
  readonly preauth_list: number;
  readonly base_room_policy: number;
  readonly status_notification_policy: number;
  readonly join_link_policy: number;
  readonly join_links: number;
  readonly link_preview_policy: number;
  readonly asset_policy: number;
  readonly logging_policy: number;
  readonly chat_history_policy: number;
  readonly bot_policy: number;
  readonly message_expiration_policy: number;
}
export interface RoomOptions {
  readonly rooms: RoomAppData;
  readonly groupContext: GroupContext;
  readonly members: Iterable<Member>;
}
export interface RoomParticipant {
  readonly user: string;
  readonly index: number;
  readonly role: number;
  readonly clients: number;
}
export interface SealedOptions {
  readonly suite: Pick<CipherSuite, "hash">;
  readonly random?: Random;
}
export interface SealedText {
  readonly sealed: string;
  readonly opening: Uint8Array;
}
export interface Standing {
  readonly role: number;
  readonly clients: number;
}
export interface StatusNotificationPolicy {
  readonly deliveryNotifications: Optionality;
  readonly readReceipts: Optionality;
}
export declare function addParticipants(room: Room, participants: readonly Participant[]): CustomChoice;
export declare function ban(room: Room, user: string): CustomChoice;
export declare const bannedRole = 1;
export declare function basicClaim(id: "uri" | "user" | "host", value: string): Claim;
export declare function basicClaims(credential: Credential): readonly ClaimValue[];
export declare function bytesOfUri(uri: string): Uint8Array;
export declare const capabilities: {
  readonly canAddParticipant: 0;
  readonly canRemoveParticipant: 1;
  readonly canAddOwnClient: 2;
  readonly canRemoveOwnClient: 3;
  readonly canOpenJoin: 4;
  readonly canJoinIfPreauthorized: 5;
  readonly canRemoveSelf: 6;
  readonly canCreateJoinCode: 7;
  readonly canDeleteJoinCode: 8;
  readonly canUseJoinCode: 9;
  readonly canBan: 10;
  readonly canUnBan: 11;
  readonly canKick: 12;
  readonly canKnock: 13;
  readonly canAcceptKnock: 14;
  readonly canChangeUserRole: 15;
  readonly canChangeOwnRole: 16;
  readonly canCreateSubgroup: 17;
  readonly canSendMessage: 256;
  readonly canReceiveMessage: 257;
  readonly canCopyMessage: 258;
  readonly canReportAbuse: 259;
  readonly canReplyToMessage: 260;
  readonly canReactToMessage: 261;
  readonly canEditReaction: 262;
  readonly canDeleteOwnReaction: 263;
  readonly canDeleteOtherReaction: 264;
  readonly canEditOwnMessage: 265;
  readonly canDeleteOwnMessage: 266;
  readonly canDeleteOtherMessage: 267;
  readonly canStartTopic: 268;
  readonly canReplyInTopic: 269;
  readonly canEditOwnTopic: 270;
  readonly canEditOtherTopic: 271;
  readonly canSendDirectMessage: 272;
  readonly canTargetMessage: 273;
  readonly canUploadImage: 512;
  readonly canUploadAudio: 513;
  readonly canUploadVideo: 514;
  readonly canUploadAttachment: 515;
  readonly canDownloadImage: 516;
  readonly canDownloadAudio: 517;
  readonly canDownloadVideo: 518;
  readonly canDownloadAttachment: 519;
  readonly canSendLink: 520;
  readonly canSendLinkPreview: 521;
  readonly canFollowLink: 522;
  readonly canCopyLink: 523;
  readonly canChangeRoomName: 768;
  readonly canChangeRoomDescription: 769;
  readonly canChangeRoomAvatar: 770;
  readonly canChangeRoomSubject: 771;
  readonly canChangeRoomMood: 772;
  readonly canChangeOwnName: 896;
  readonly canChangeOwnPresence: 897;
  readonly canChangeOwnMood: 898;
  readonly canChangeOwnAvatar: 899;
  readonly canStartCall: 1024;
  readonly canJoinCall: 1025;
  readonly canSendAudio: 1026;
  readonly canReceiveAudio: 1027;
  readonly canSendVideo: 1028;
  readonly canReceiveVideo: 1029;
  readonly canShareScreen: 1030;
  readonly canViewSharedScreen: 1031;
  readonly canCreateRoom: 1280;
  readonly canDestroyRoom: 1281;
  readonly canChangeRoomMembershipStyle: 1282;
  readonly canChangeRoleDefinitions: 1283;
  readonly canChangePreauthorizedUserList: 1284;
  readonly canChangeOtherPolicyAttribute: 1285;
  readonly canChangeMlsOperationalPolicies: 1536;
  readonly canSendMLSReinitProposal: 1537;
  readonly canSendMLSUpdateProposal: 1538;
  readonly canSendMLSPSKProposal: 1539;
  readonly canSendMLSExternalProposal: 1540;
  readonly canSendMLSExternalCommit: 1541;
};
export declare function capabilitiesOf(role: Role): readonly Capability[];
export declare function capabilityOf(value: number): Capability | undefined;
export declare function changeBasePolicy(room: Room, change: Partial<BaseRoomPolicy>): CustomChoice;
export declare function changeJoinLinks(
  room: Room,
  {
    add,
    remove,
  }: {
    readonly add?: readonly Uint8Array[];
    readonly remove?: readonly Uint8Array[];
  },
): CustomChoice;
export declare function changeMetadata(room: Room, change: Partial<Omit<RoomMetadata, "roomUri">>): CustomChoice;
export declare function changeParticipants(
  room: Room,
  change: {
    readonly add?: readonly Participant[];
    readonly remove?: readonly string[];
    readonly roles?: readonly Participant[];
  },
): CustomChoice;
export declare function changeRole(room: Room, user: string, role: number): CustomChoice;
export declare function createRoomExtensions(options: NewRoomOptions): readonly Extension[];
export declare function deviceOf(credential: Credential): string | undefined;
export declare function deviceUri(user: string, device: string): string;
export declare function groupUri(room: string): string;
export declare function hostOf(uri: string): string;
export declare function isSealed(field: string): boolean;
export declare function isUri(uri: string, kind: MimiUri["kind"]): boolean;
export declare function joinAs(
  room: Room,
  participant: Participant,
  {
    link,
  }?: {
    readonly link?: Uint8Array;
  },
): readonly CustomChoice[];
export declare function leave(room: Room, user: string): CustomChoice;
export declare const longestUri = 255;
export declare const noRole = 0;
export declare function openSealed(sealed: string, opening: Uint8Array, options: SealedOptions): string | undefined;
export declare function parseUri(uri: string): MimiUri;
export declare function providerUri(host: string): string;
export declare const readyPolicies: Readonly<Record<ReadyPolicyName, ReadyPolicy>>;
export declare function removeParticipants(room: Room, users: readonly string[]): CustomChoice;
export declare function rename(room: Room, roomName: string): CustomChoice;
export declare function roleOf(choice: RoleChoice): Role;
export declare function roomAppData(options?: RoomAppDataOptions): RoomAppData;
export declare const roomErrorCodes: {
  readonly uri: "it is no MIMI URI of this kind, or not in its one spelling: mimi://host/u/alice";
  readonly malformed: "the data of a component of the room is not what the drafts say";
  readonly missing: "the group has no participants, roles, policy or metadata: it is no room";
  readonly epoch: "the commit is not the next one of this room: follow those before it first";
  readonly credential: "a member's credential names no device of a user";
  readonly identity: "a member's new leaf is another device's";
  readonly "not-allowed": "the role of whoever proposed it lacks the capability, or may not make this change of role";
  readonly "no-user": "there is no such user in the room, or it is there already";
  readonly "role-unknown": "the room has no such role, or somebody would have a role that is gone";
  readonly "role-count": "fewer or more participants would have the role than it allows";
  readonly "active-count": "fewer or more participants of the role would have clients in the group than it allows";
  readonly "not-participant": "a client would be in the group whose user is no participant";
  readonly banned: "a client of a banned user would be in the group";
  readonly fixed: "nobody is added to a room of fixed membership, and nobody leaves it";
  readonly parent: "a participant of the room is none of the parent room";
  readonly "single-device": "a user would have several devices in a room of one device each";
  readonly "max-clients": "the room's group would have more clients than its policy allows";
  readonly "max-users": "the room would have more users than its policy allows";
  readonly mixed: "roles and preauthorizations don't change in one commit with participants";
  readonly twice: "a commit changes this once";
  readonly required: "a room keeps its participants, roles, policy and metadata, and the extensions that they need";
  readonly context: "the data of a room is changed by AppDataUpdates and by nothing else";
  readonly "room-uri": "a room keeps its URI";
  readonly "join-link": "the join link is none of the room's, or serves one user and is not taken back by it";
  readonly outside: "the room's operational policy allows no commits or proposals from outside";
};
export declare const roomNumbers: RoomNumbers;
export declare function roomNumbersOf(given?: Partial<RoomNumbers>): RoomNumbers;
export declare function roomUri(host: string, room: string): string;
export declare function sealText(text: string, options: SealedOptions): SealedText;
export declare function setExpiration(room: Room, policy: MessageExpirationPolicy): CustomChoice;
export declare function setPolicy<Name extends Exclude<keyof RoomData, "join_links" | "franking_agent">>(
  room: Room,
  name: Name,
  value: RoomData[Name],
): CustomChoice;
export declare function unban(room: Room, user: string, role: number): CustomChoice;
export declare function uriOfBytes(uri: Uint8Array): string | undefined;
export declare function userOf(credential: Credential): string | undefined;
export declare function userOfDevice(device: string): string;
export declare function userUri(host: string, user: string): string;

// ---- copse/accounts

export interface AccountAlarm {
  readonly kind: "fork" | "back" | "key" | "root";
  readonly user: string;
  readonly known: Bytes;
  readonly other: Bytes;
}
export interface AccountAuthenticationOptions extends AttestationOptions {
  readonly accountOf?: AccountResolver;
  readonly onFinding?: (found: LeafFound) => void;
  readonly schemes?: readonly IdentityScheme[];
  readonly externalSender?: (candidate: Candidate) => Awaitable<boolean>;
  readonly clock?: Clock;
}
export interface AccountCertificate extends AccountKeyTbs {
  readonly signature: Uint8Array;
}
export declare class AccountError extends Error {
  readonly name = "AccountError";
  readonly code: AccountErrorCode;
  readonly groups: readonly number[];
  readonly alarm: AccountAlarm | undefined;
  constructor(code: AccountErrorCode, { detail, groups, alarm, cause }?: AccountErrorDetail);
}
export type AccountErrorCode = keyof typeof accountErrorCodes;
export interface AccountErrorDetail {
  readonly detail?: string;
  readonly groups?: readonly number[];
  readonly alarm?: AccountAlarm;
  readonly cause?: unknown;
}
export interface AccountKey {
  readonly suite: CipherSuite;
  readonly certificate: AccountCertificate;
  readonly privateKey: Secret<"account_private_key">;
}
export type AccountResolver = (user: string) => Awaitable<AccountView | undefined>;
export interface AccountView {
  readonly user: string;
  readonly cipherSuite: number;
  readonly rootKey: Bytes;
  readonly accountKey: Bytes;
  readonly keyNumber: number;
  readonly number: bigint;
  readonly hash: Bytes;
  readonly at: number;
  readonly devices: readonly Device[];
  readonly maker: string;
  readonly statement: Bytes;
}
export interface Attestation {
  readonly user: string;
  readonly device: string;
  readonly cipherSuite: number;
  readonly rootKey: Bytes;
  readonly accountKey: Bytes;
  readonly keyNumber: number;
  readonly listNumber: bigint;
  readonly listHash: Bytes;
}
export interface AttestationOptions {
  readonly appDataDictionary?: number;
  readonly suites?: Suites;
}
export interface AttestedLeaf {
  readonly credential: Credential;
  readonly signatureKey: Uint8Array;
  readonly extensions: readonly Extension[];
}
export interface CheckedLeaf extends Attestation {
  readonly findings: readonly Finding[];
  readonly listed: Device | undefined;
}
export interface Device {
  readonly uri: string;
  readonly cipherSuite: number;
  readonly signatureKey: Uint8Array;
  readonly addedAt: number;
  readonly suspended: boolean;
  readonly rekeyed?: true;
}
export interface DeviceChanges {
  readonly add?: readonly NewDevice[];
  readonly remove?: readonly string[];
  readonly suspend?: readonly string[];
  readonly resume?: readonly string[];
}
export interface DeviceListOptions {
  readonly view?: AccountView;
  readonly accountKey: AccountKey;
  readonly maker: Maker;
  readonly changes?: DeviceChanges;
  readonly newRoot?: boolean;
  readonly clock?: Clock;
}
export declare class ExistingDeviceLink {
  #private;
  readonly reply: Bytes;
  readonly address: Bytes;
  private constructor();
  static answer(options: ExistingDeviceOptions): Promise<ExistingDeviceLink>;
  receive(message: Uint8Array): Promise<RevealedDevice>;
  confirm(): void;
  reject(): void;
  handOver(options: HandOverOptions): Promise<Bytes>;
  finish(message: Uint8Array): void;
}
export interface ExistingDeviceOptions extends LifeOptions {
  readonly offer: Uint8Array;
  readonly user: string;
  readonly suites?: Suites;
  readonly random?: Random;
}
export type Finding =
  | "root"
  | "key-conflict"
  | "list-conflict"
  | "key-newer"
  | "list-newer"
  | "key-retired"
  | "not-listed"
  | "suspended"
  | "stale";
export interface GroupCode {
  readonly digits: string;
  readonly payload: Bytes;
}
export interface HandOverOptions {
  readonly accountKey: AccountKey;
  readonly statement: Uint8Array;
  readonly data?: Uint8Array;
}
export interface HeldBack {
  readonly kind: "held";
}
export interface IdentityScheme {
  deviceOf(credential: Credential): string | undefined;
  proves(candidate: Candidate, device: string): Awaitable<boolean>;
}
export interface LeafFound extends CheckedLeaf {
  readonly candidate: Candidate;
}
export interface LifeOptions {
  readonly timeout?: number;
  readonly clock?: Clock;
}
export interface Linked {
  readonly kind: "linked";
  readonly accountKey: AccountKey;
  readonly view: AccountView;
  readonly device: string;
  readonly data: Bytes;
  readonly reply: Bytes;
}
export interface Maker {
  readonly uri: string;
  readonly signer: Signer;
}
export interface MendedCharacter {
  readonly group: number;
  readonly place: number;
  readonly right: string;
}
export type NewDevice = Pick<Device, "uri" | "cipherSuite" | "signatureKey">;
export declare class NewDeviceLink {
  #private;
  readonly offer: Bytes;
  private constructor();
  static begin(options: NewDeviceOptions): Promise<NewDeviceLink>;
  receive(message: Uint8Array): Promise<ToCompare | Linked | HeldBack>;
  confirm(): Promise<Linked | undefined>;
  reject(): void;
}
export interface NewDeviceOptions extends LifeOptions {
  readonly suite: CipherSuite;
  readonly name: string;
  readonly identity: {
    readonly suite: {
      readonly id: number;
    };
    readonly signatureKey: Uint8Array;
    readonly signer: Signer;
  };
  readonly address?: Uint8Array;
  readonly suites?: Suites;
  readonly random?: Random;
}
export interface ReadRecoveryCode {
  readonly seed: RecoverySeed;
  readonly mended: readonly MendedCharacter[];
  readonly code: string;
}
export interface RecoveryCode {
  readonly code: string;
  readonly seed: RecoverySeed;
}
export type RecoverySeed = Secret<"recovery_seed">;
export interface RevealedDevice {
  readonly code: string;
  readonly device: NewDevice;
}
export interface RootKey {
  readonly suite: CipherSuite;
  readonly publicKey: Bytes;
  readonly privateKey: Secret<"root_private_key">;
}
export interface RootedAccount {
  readonly user: string;
  readonly cipherSuite: number;
  readonly rootKey: Uint8Array;
}
export interface SafetyNumber {
  readonly digits: string;
  readonly payload: Bytes;
}
export interface StatementOptions {
  readonly begin?: "first" | "anywhere";
  readonly newRoot?: boolean;
  readonly suites?: Suites;
}
export type Suites = (id: number) => CipherSuite;
export interface ToCompare {
  readonly kind: "compare";
  readonly code: string;
  readonly user: string;
  readonly reply: Bytes;
}
export declare function accountAuthentication(options?: AccountAuthenticationOptions): AuthenticationService;
export declare const accountComponent: Component;
export declare const accountComponentId = 61612;
export declare const accountErrorCodes: {
  readonly "recovery-length": "a recovery code has eight groups of five characters: look whether one is missing or there twice";
  readonly "recovery-mistakes": "more characters are wrong than can be mended: read the groups again that are named, or all";
  readonly "recovery-version": "the recovery code was made by a newer version of copse";
  readonly "statement-malformed": "the bytes are no statement of an account, or hold more than one may";
  readonly "statement-user": "the statement is another user's";
  readonly "statement-number": "the statement's number does not follow the last one: fetch what is between, or make it again";
  readonly "statement-predecessor": "the statement follows another one than that of its number that is known: a fork, keep both";
  readonly "statement-root": "the account has a new root: ask the person before anything is sent to it";
  readonly "statement-key": "the account key is older than the last one, or another one of its number";
  readonly "statement-signature": "a signature of the statement does not verify";
  readonly "statement-maker": "the statement was made by a device that may not make it";
  readonly "statement-devices": "a list names a device twice, or another user's, or too many, or says another time of adding than the list before";
  readonly "statement-suite": "the statement is of a cipher suite that is not there";
  readonly "account-key": "the key given is not the account's current one";
  readonly "device-unknown": "there is no such device on the list";
  readonly "device-known": "the device, or its key, is on the list already";
  readonly "attestation-missing": "a leaf says nothing of the account that its device is of";
  readonly "attestation-invalid": "what a leaf says of its account does not hold for this leaf";
  readonly "link-offer": "this is no offer to link a device, or not one of this version";
  readonly "link-message": "a message of linking does not belong here: begin again on both devices";
  readonly "link-mismatch": "what the other device has revealed is not what it had committed to: somebody is in between";
  readonly "link-code": "the codes on the two screens differ: somebody is in between, and nothing was handed over";
  readonly "link-expired": "linking took too long: begin again";
  readonly "link-ended": "the linking has ended: begin again";
};
export declare function accountsAgree(
  members: Iterable<Member>,
  change: Pick<CommitEvent, "added" | "removed" | "updated">,
  options?: Pick<AttestationOptions, "appDataDictionary">,
): boolean;
export declare function attestationFor(options: {
  readonly accountKey: AccountKey;
  readonly view: AccountView;
  readonly identity: {
    readonly credential: Credential;
    readonly signatureKey: Uint8Array;
  };
}): Promise<Bytes>;
export declare function checkLeaf(
  leaf: AttestedLeaf,
  view: AccountView,
  {
    now,
    ...options
  }: AttestationOptions & {
    readonly now: number;
  },
): Promise<CheckedLeaf>;
export declare function checkStatement(
  previous: AccountView | undefined,
  statement: Uint8Array,
  options?: StatementOptions,
): Promise<AccountView>;
export declare function createAccountKey(options: {
  readonly root: RootKey;
  readonly user: string;
  readonly after?: number;
  readonly random?: Random;
}): Promise<AccountKey>;
export declare function createRecoveryCode(options?: { readonly random?: Random }): RecoveryCode;
export declare function groupCode(epochAuthenticator: Uint8Array): GroupCode;
export declare function isAlarm(
  alarm: AccountAlarm,
  {
    suites,
  }?: {
    readonly suites?: Suites;
  },
): Promise<boolean>;
export declare function isSameGroupCode(ours: GroupCode, scanned: Uint8Array): boolean;
export declare function isSameSafetyNumber(ours: SafetyNumber, scanned: Uint8Array): boolean;
export declare function isStale(view: AccountView, now: number): boolean;
export declare const linkTimeout: number;
export declare const longestStatement: number;
export declare const mostDevices = 64;
export declare function readAccountKey(
  written: Uint8Array,
  {
    suites,
  }?: {
    readonly suites?: Suites;
  },
): Promise<AccountKey>;
export declare function readAttestation(leaf: AttestedLeaf, options?: AttestationOptions): Promise<Attestation>;
export declare function readRecoveryCode(text: string): ReadRecoveryCode;
export declare function rootKeyOf(suite: CipherSuite, seed: RecoverySeed): Promise<RootKey>;
export declare function safetyNumber(accounts: {
  readonly ours: RootedAccount;
  readonly theirs: RootedAccount;
}): SafetyNumber;
export declare function signDeviceList(options: DeviceListOptions): Promise<Bytes>;
export declare const staleAfter: number;
export declare function writeAccountKey(key: AccountKey): Secret<"account_key">;
export declare function writeRecoveryCode(seed: RecoverySeed): string;

// ---- copse/delivery

export interface AccountLogging {
  append(
    updates: readonly {
      readonly user: string;
      readonly account: StatedAccount;
    }[],
  ): Promise<void>;
  lookUp(user: string, size?: number): Promise<LookedUpAccount>;
  proof(from: number, to: number): Promise<Uint8Array | undefined>;
}
export interface AccountLookup extends Request {
  readonly user: string;
  readonly size?: number;
}
export interface AccountStatementsOptions {
  readonly mayRegister?: (login: CheckedLogin) => Awaitable<boolean>;
  readonly mayChangeRoot?: (next: CheckedStatement) => Awaitable<boolean>;
  readonly suites?: Suites;
}
export interface AccountsCheck {
  device(login: CheckedLogin): Awaitable<"listed" | "linking" | "refused">;
  statement(next: CheckedStatement): Awaitable<boolean>;
  recovers?(next: CheckedRecovery): Awaitable<boolean>;
  stated?(statement: Uint8Array): Awaitable<StatedAccount>;
  agree?(members: Iterable<Member>, change: CommitEvent): boolean;
}
export interface Acknowledgement extends Request {
  readonly room: string;
  readonly through: bigint;
}
export interface Ages {
  readonly items: number;
  readonly ids: number;
  readonly welcomes: number;
  readonly queues: number;
  readonly blobs: number;
  readonly undecided: number;
  readonly decisions: number;
  readonly now: number;
}
export interface Append {
  readonly room: string;
  readonly once: Once;
  readonly message: Uint8Array;
  readonly at: number;
  readonly mostBytes: number;
  readonly change: AppendedMessage | AppendedProposal | AppendedCommit;
}
export type Appended =
  | {
      readonly kind: "accepted";
      readonly number: bigint;
      readonly at: number;
      readonly revision?: bigint;
    }
  | AppendedBefore
  | {
      readonly kind: "no-room" | "not-member" | "epoch" | "moved" | "log-full" | "welcomes-full";
    };
export type AppendedBefore =
  | {
      readonly kind: "known";
      readonly number: bigint;
      readonly at: number;
    }
  | {
      readonly kind: "taken" | "gone";
    };
export interface AppendedCommit {
  readonly kind: "commit";
  readonly revision: bigint;
  readonly records: RecordChanges;
  readonly epoch: bigint;
  readonly groupInfo: Uint8Array;
  readonly committer: string;
  readonly joined: readonly string[];
  readonly left: readonly string[];
  readonly welcomes: readonly {
    readonly device: string;
    readonly welcome: Uint8Array;
  }[];
  readonly ratchetTree: Uint8Array | undefined;
  readonly mostWelcomeBytes: number;
}
export interface AppendedMessage {
  readonly kind: "message";
  readonly stamp: Uint8Array | undefined;
  readonly epoch: bigint;
  readonly since: number;
  readonly revision?: bigint;
}
export interface AppendedProposal {
  readonly kind: "proposal";
  readonly revision: bigint;
  readonly records: RecordChanges;
}
export interface BlobAppend {
  readonly blob: string;
  readonly owner: string;
  readonly size: number;
  readonly offset: number;
  readonly bytes: Uint8Array;
  readonly at: number;
  readonly quota: number;
  readonly most: number;
}
export interface BlobPart extends Request {
  readonly blob: Uint8Array;
  readonly size: number;
  readonly offset: number;
  readonly bytes: Uint8Array;
}
export interface BlobRequest extends Request {
  readonly blob: Uint8Array;
  readonly offset: number;
  readonly length: number;
}
export interface BlobsPort {
  append(part: BlobAppend): Promise<
    | {
        readonly kind: "received";
        readonly received: number;
      }
    | {
        readonly kind: "taken" | "gap" | "full";
      }
  >;
  read(blob: string, offset: number, length: number): Promise<Uint8Array | undefined>;
  collect(ages: Ages): Promise<void>;
}
export interface CallServers {
  readonly iceServers: readonly IceServer[];
  readonly sfu?: string;
  readonly expires?: number;
}
export interface CheckedLogin {
  readonly user: string;
  readonly device: string;
  readonly cipherSuite: number;
  readonly signatureKey: Uint8Array;
  readonly known: Uint8Array | undefined;
  readonly statement: Uint8Array | undefined;
}
export interface CheckedRecovery extends CheckedStatement {
  readonly cipherSuite: number;
  readonly signatureKey: Uint8Array;
}
export interface CheckedStatement {
  readonly user: string;
  readonly number: bigint;
  readonly statement: Uint8Array;
  readonly last: Uint8Array | undefined;
  readonly device: string;
}
export interface ClaimedKeyPackage {
  readonly device: string;
  readonly keyPackage: Bytes | undefined;
}
export type Complained = "rolled-back" | "kept";
export interface Complainer {
  readonly device: string;
  readonly code: string;
}
export interface Complaint extends Write {
  readonly room: string;
  readonly epoch: bigint;
  readonly number: bigint;
  readonly code: string;
  readonly evidence: Uint8Array;
}
export interface Complaints {
  readonly room: string;
  readonly epoch: bigint;
  readonly members: number;
  readonly complaints: readonly {
    readonly device: string;
    readonly user: string;
    readonly code: string;
  }[];
  readonly evidence: Uint8Array;
}
export interface Confirmation extends RoomRequest {
  readonly epoch: bigint;
  readonly signature: Uint8Array;
}
export interface Connection {
  createRoom(room: NewRoom): Promise<void>;
  publish(publication: Publication): Promise<Published>;
  fetch(request: FetchRequest): Promise<Page>;
  changed(request?: Request): Promise<readonly RoomHead[]>;
  acknowledge(request: Acknowledgement): Promise<void>;
  groupInfo(request: RoomRequest): Promise<CurrentGroupInfo>;
  confirm(confirmation: Confirmation): Promise<void>;
  complain(complaint: Complaint): Promise<Complained>;
  queue(request?: QueueRequest): Promise<readonly QueueItem[]>;
  acknowledgeQueue(
    request: Request & {
      readonly through: bigint;
    },
  ): Promise<void>;
  consent(consent: ConsentEntry): Promise<void>;
  send(parcel: Parcel): Promise<void>;
  publishKeyPackages(upload: KeyPackageUpload): Promise<void>;
  keyPackageCount(
    request: Request & {
      readonly cipherSuite: number;
    },
  ): Promise<number>;
  claimKeyPackages(claim: KeyPackageClaim): Promise<readonly ClaimedKeyPackage[]>;
  publishStatement(statement: Statement): Promise<StatementAnswer>;
  statements(
    request: Request & {
      readonly user: string;
      readonly from?: bigint;
    },
  ): Promise<readonly StoredStatement[]>;
  upload(part: BlobPart): Promise<Uploaded>;
  download(request: BlobRequest): Promise<Bytes>;
  putHistory(records: HistoryUpload): Promise<HistoryKept>;
  history(request: HistoryRequest): Promise<readonly Bytes[]>;
  putHistoryEdge(
    edge: Request & {
      readonly epoch: bigint;
      readonly edge: Uint8Array;
    },
  ): Promise<HistoryKept>;
  historyEdge(
    request: Request & {
      readonly epoch: bigint;
    },
  ): Promise<HistoryEdge>;
  whisper(
    whisper: Request & {
      readonly room: string;
      readonly bytes: Uint8Array;
    },
  ): Promise<void>;
  subscribe(listener: (news: News) => void): void;
  callServers(request: RoomRequest): Promise<CallServers>;
  frankingAgent(
    request: Request & {
      readonly cipherSuite: number;
    },
  ): Promise<FrankingAgentAnswer>;
  lookUp(request: AccountLookup): Promise<LookedUpAccount>;
  logProof(request: LogProofRequest): Promise<LogProof>;
  report(report: Report): Promise<void>;
  block(
    request: Write & {
      readonly user: string;
      readonly blocked: boolean;
    },
  ): Promise<void>;
  deleteAccount(request: Write): Promise<void>;
  close(): Promise<void>;
}
export interface ConsentEntry extends Write, ConsentOperation {
  readonly user: string;
}
export type ConsentMode =
  | "opt-in"
  | "everybody"
  | {
      readonly areContacts: (from: string, to: string) => Awaitable<boolean>;
    };
export interface ConsentOperation {
  readonly operation: "request" | "cancel" | "grant" | "revoke";
  readonly room?: string;
}
export interface ConsentRow {
  readonly granted: boolean;
  readonly requested: boolean;
  readonly refused: boolean;
}
export interface CurrentGroupInfo {
  readonly groupInfo: Bytes;
  readonly ratchetTree: Bytes;
  readonly epoch: bigint;
  readonly head: bigint;
  readonly proposals: readonly Bytes[];
}
export interface Decision {
  readonly what: "dismissed" | "shut-out";
  readonly about: string;
  readonly words: string;
  readonly decidedAt: number;
}
export interface DecisionRow extends Decision, Omit<NewReport, "bytes"> {}
export interface Delivery {
  connect(login: DeviceLogin): Promise<Connection>;
}
export declare class DeliveryError extends Error {
  readonly name = "DeliveryError";
  readonly code: DeliveryErrorCode;
  readonly detail: string | undefined;
  readonly retryAfter: number | undefined;
  readonly incarnation: bigint | undefined;
  constructor(code: DeliveryErrorCode, { detail, retryAfter, incarnation, cause }?: DeliveryErrorDetail);
}
export type DeliveryErrorCode = keyof typeof deliveryErrorCodes;
export interface DeliveryErrorDetail {
  readonly detail?: string;
  readonly retryAfter?: number;
  readonly incarnation?: bigint;
  readonly cause?: unknown;
}
export interface DeliveryLimits {
  readonly messageBytes: number;
  readonly handshakeBytes: number;
  readonly groupInfoBytes: number;
  readonly welcomeBytes: number;
  readonly keyPackageBytes: number;
  readonly parcelBytes: number;
  readonly whisperBytes: number;
  readonly stampBytes: number;
  readonly reportBytes: number;
  readonly statementBytes: number;
  readonly evidenceBytes: number;
  readonly blobBytes: number;
  readonly blobPartBytes: number;
  readonly answerBytes: number;
  readonly logBytes: number;
  readonly welcomeBytesOfRoom: number;
  readonly reportBytesOfUser: number;
  readonly historyRecordBytes: number;
  readonly historyBytesOfUser: number;
  readonly statementBytesOfUser: number;
  readonly answerItems: number;
  readonly keyPackages: number;
  readonly devicesOfUser: number;
  readonly queueItems: number;
  readonly queueBytes: number;
  readonly queueItemsOfOne: number;
  readonly queueItemsOfLinking: number;
  readonly queueWelcomes: number;
  readonly queueWelcomesOfOne: number;
  readonly consents: number;
  readonly blobBytesOfUser: number;
  readonly blobsOfUser: number;
  readonly roomsOfUser: number;
  readonly observers: number;
  readonly sweptRooms: number;
  readonly pushPause: number;
  readonly linkingKept: number;
  readonly epochBefore: number;
  readonly doubt: number;
  readonly unconfirmed: number;
  readonly items: number;
  readonly ids: number;
  readonly queue: number;
  readonly blobs: number;
  readonly undecided: number;
  readonly decisions: number;
  readonly requests: Rate;
  readonly handshakes: Rate;
  readonly claims: Rate;
  readonly parcels: Rate;
  readonly reports: Rate;
  readonly rooms: Rate;
  readonly whispers: Rate;
  readonly uploads: Rate;
  readonly connects: Rate;
  readonly requestsOfUser: Rate;
  readonly messagesOfRoom: Rate;
  readonly handshakesOfRoom: Rate;
  readonly linkings: Rate;
  readonly asks: Rate;
}
export interface DeliveryOptions {
  readonly address: string;
  readonly group: Pick<GroupOptions, "authentication" | "registry" | "limits" | "lifetime" | "acceptUnlistedSuite">;
  readonly accounts: AccountsCheck;
  readonly rooms?: RoomAppData;
  readonly reviewRoom?: (change: CommitEvent, room: RoomView) => Awaitable<boolean>;
  readonly reviewProposal?: (proposal: ProposalEvent, room: RoomView) => Awaitable<boolean>;
  readonly mayCreate?: (
    room: RoomView & {
      readonly user: string;
    },
  ) => Awaitable<boolean>;
  readonly mayJoin?: (joining: Joining) => Awaitable<boolean>;
  readonly consent?: ConsentMode;
  readonly isProven?: (complaints: Complaints) => Awaitable<boolean>;
  readonly suites?: (id: number) => CipherSuite | undefined;
  readonly push?: (devices: readonly string[]) => Awaitable<void>;
  readonly stamp?: (accepting: Stamping) => Awaitable<Uint8Array | undefined>;
  readonly frankingAgent?: (cipherSuite: number) => Awaitable<Uint8Array | undefined>;
  readonly onReport?: (report: ReportOfMessages) => Awaitable<void>;
  readonly accountLog?: AccountLogging;
  readonly callServers?: (calling: {
    readonly room: string;
    readonly user: string;
    readonly device: string;
  }) => Awaitable<CallServers>;
  readonly limits?: Partial<DeliveryLimits>;
  readonly wakeups?: Wakeups;
  readonly clock?: Clock;
  readonly random?: Random;
}
export interface DeliveryPort {
  readonly rooms: RoomsPort;
  readonly devices: DevicesPort;
  readonly users: UsersPort;
  readonly histories: HistoriesPort;
  readonly blobs: BlobsPort;
}
export interface DeliveryService extends Delivery {
  sweep(): Promise<void>;
  lookForNews(): Promise<void>;
  reports(limit?: number): Promise<readonly WaitingReport[]>;
  settleReport(report: Pick<WaitingReport, "user" | "key">): Promise<void>;
  decideReport(report: Pick<WaitingReport, "user" | "key">, verdict: ReportVerdict): Promise<boolean>;
  decisions(limit?: number): Promise<readonly ReportDecision[]>;
  shutOut(user: string, isOut: boolean): Promise<void>;
  shutOutUsers(limit?: number): Promise<readonly ShutOutUser[]>;
  shutdown(): Promise<void>;
}
export interface DeviceLogin extends Request {
  readonly device: string;
  readonly cipherSuite: number;
  readonly signatureKey: Uint8Array;
  readonly sign: (challenge: Uint8Array) => Promise<Uint8Array>;
  readonly incarnation: {
    readonly known: bigint;
    readonly next: bigint;
    readonly id: Uint8Array;
  };
}
export interface DeviceRow {
  readonly device: string;
  readonly user: string;
  readonly cipherSuite: number;
  readonly signatureKey: Uint8Array;
  readonly listed: boolean;
  readonly incarnation: bigint;
  readonly incarnationId: string;
}
export interface DevicesPort {
  row(device: string): Promise<DeviceRow | undefined>;
  ofUser(user: string): Promise<readonly DeviceRow[]>;
  open(row: DeviceRow, known: bigint, limits: OpenLimits): Promise<"opened" | "incarnation" | "full" | "ended">;
  used(device: string, incarnation: bigint): Promise<void>;
  list(device: string, listed: boolean, statement: bigint): Promise<void>;
  enqueue(item: Enqueue): Promise<
    | Written<bigint>
    | {
        readonly kind: "full";
      }
  >;
  queue(device: string, after: bigint, limit: number, bytes: number): Promise<readonly QueuedRow[]>;
  acknowledge(device: string, through: bigint): Promise<readonly QueuedRow[]>;
  dropFrom(device: string, user: string): Promise<void>;
  stock(stock: KeyPackageStock): Promise<
    | Written<undefined>
    | {
        readonly kind: "full";
      }
  >;
  count(device: string, cipherSuite: number, now: number): Promise<number>;
  claim(device: string, cipherSuite: number, once: Once, now: number): Promise<Written<Uint8Array | undefined>>;
  collect(ages: Ages): Promise<void>;
}
export interface Enqueue {
  readonly device: string;
  readonly once: Once;
  readonly at: number;
  readonly content: QueuedContent;
  readonly adder?: string;
  readonly limits: {
    readonly items: number;
    readonly bytes: number;
    readonly ofOne: number;
    readonly welcomes: number;
    readonly welcomesOfOne: number;
  };
}
export interface FetchRequest extends Request {
  readonly room: string;
  readonly after: bigint;
  readonly limit?: number;
}
export interface FrankingAgentAnswer {
  readonly agent?: Bytes;
}
export interface HistoriesPort {
  put(write: HistoryWrite): Promise<HistoryWritten>;
  read(user: string, chain: string, below: bigint, limit: number, bytes: number): Promise<readonly Uint8Array[]>;
  putEdge(write: HistoryEdgeWrite): Promise<HistoryWritten>;
  edge(user: string, epoch: bigint): Promise<Uint8Array | undefined>;
}
export interface HistoryEdge {
  readonly edge?: Bytes;
}
export interface HistoryEdgeWrite {
  readonly user: string;
  readonly epoch: bigint;
  readonly edge: Uint8Array;
  readonly most: number;
}
export type HistoryKept = "kept" | "fork";
export interface HistoryRequest extends Request {
  readonly chain: Uint8Array;
  readonly below: bigint;
  readonly limit?: number;
}
export interface HistoryUpload extends Request {
  readonly chain: Uint8Array;
  readonly position: bigint;
  readonly records: readonly Uint8Array[];
}
export interface HistoryWrite {
  readonly user: string;
  readonly chain: string;
  readonly position: bigint;
  readonly records: readonly Uint8Array[];
  readonly most: number;
}
export type HistoryWritten = "kept" | "fork" | "full";
export interface IceServer {
  readonly urls: readonly string[];
  readonly username?: string;
  readonly credential?: string;
}
export interface ItemRange {
  readonly room: string;
  readonly spans: readonly Span[];
  readonly after: bigint;
  readonly limit: number;
  readonly bytes: number;
}
export interface ItemRow {
  readonly number: bigint;
  readonly at: number;
  readonly message: Uint8Array;
  readonly takesBack:
    | {
        readonly number: bigint;
        readonly epoch: bigint;
      }
    | undefined;
  readonly stamp: Uint8Array | undefined;
}
export interface Joining extends RoomView {
  readonly user: string;
  readonly device: string;
  readonly hasMember: boolean;
  readonly mimi: Room | undefined;
}
export interface KeyPackageClaim extends Write {
  readonly user: string;
  readonly cipherSuite: number;
  readonly room?: string;
  readonly devices?: readonly string[];
}
export interface KeyPackageRow {
  readonly ref: string;
  readonly cipherSuite: number;
  readonly keyPackage: Uint8Array;
  readonly notAfter: number;
}
export interface KeyPackageStock {
  readonly device: string;
  readonly once: Once;
  readonly keyPackages: readonly KeyPackageRow[];
  readonly lastResort: KeyPackageRow | undefined;
  readonly replace: boolean;
  readonly most: number;
  readonly at: number;
}
export interface KeyPackageUpload extends Write {
  readonly keyPackages: readonly Uint8Array[];
  readonly lastResort?: Uint8Array;
  readonly replace?: boolean;
}
export interface LogItem {
  readonly number: bigint;
  readonly message: Bytes;
  readonly at: number;
  readonly takesBack?: {
    readonly number: bigint;
    readonly epoch: bigint;
  };
  readonly stamp?: Bytes;
}
export interface LogProof {
  readonly consistency?: Bytes;
}
export interface LogProofRequest extends Request {
  readonly from: number;
  readonly to: number;
}
export interface LookedUpAccount {
  readonly lookup?: Bytes;
  readonly consistency?: Bytes;
}
export interface MemberRow {
  readonly spans: readonly Span[];
  readonly acknowledged: bigint;
}
export interface NewReport {
  readonly user: string;
  readonly room: string;
  readonly at: number;
  readonly bytes: Uint8Array;
}
export interface NewRoom extends Write {
  readonly room: string;
  readonly groupInfo: Uint8Array;
  readonly ratchetTree: Uint8Array;
}
export type News =
  | {
      readonly kind: "room";
      readonly room: string;
      readonly head: bigint;
    }
  | {
      readonly kind: "queue";
    }
  | {
      readonly kind: "whisper";
      readonly room: string;
      readonly from: string;
      readonly bytes: Bytes;
    }
  | {
      readonly kind: "closed";
      readonly reason: "replaced" | "unreachable" | "shutdown";
    };
export interface Once {
  readonly device: string;
  readonly id: string;
  readonly digest: string;
}
export interface OpenLimits {
  readonly most: number;
  readonly at: number;
  readonly since: number;
}
export interface Page {
  readonly items: readonly LogItem[];
  readonly head: bigint;
  readonly goneThrough: bigint;
}
export interface Parcel extends Write {
  readonly to: string;
  readonly topic: string;
  readonly bytes: Uint8Array;
}
export interface Publication extends Write {
  readonly room: string;
  readonly message: Uint8Array;
  readonly commit?: {
    readonly groupInfo: Uint8Array;
    readonly welcome?: Uint8Array;
  };
}
export type Published =
  | {
      readonly kind: "accepted";
      readonly number: bigint;
      readonly at: number;
    }
  | {
      readonly kind: "refused";
      readonly reason: "epoch" | "pending" | "invalid" | "policy" | "not-member" | "no-room" | "too-large" | "rate";
      readonly epoch?: bigint;
      readonly head?: bigint;
      readonly code?: string;
      readonly retryAfter?: number;
    };
export type QueueContent =
  | {
      readonly kind: "welcome";
      readonly room: string;
      readonly head: bigint;
      readonly welcome: Bytes;
      readonly ratchetTree: Bytes;
    }
  | ({
      readonly kind: "consent";
      readonly from: string;
    } & ConsentOperation)
  | {
      readonly kind: "parcel";
      readonly from: string;
      readonly topic: string;
      readonly bytes: Bytes;
    };
export type QueueItem = {
  readonly number: bigint;
  readonly at: number;
} & QueueContent;
export interface QueueRequest extends Request {
  readonly after?: bigint;
  readonly limit?: number;
}
export type QueuedContent =
  | {
      readonly kind: "welcome";
      readonly room: string;
      readonly number: bigint;
    }
  | {
      readonly kind: "consent";
      readonly from: string;
      readonly operation: "request" | "cancel" | "grant" | "revoke";
      readonly room: string | undefined;
    }
  | {
      readonly kind: "parcel";
      readonly from: string;
      readonly topic: string;
      readonly bytes: Uint8Array;
    };
export interface QueuedRow {
  readonly number: bigint;
  readonly at: number;
  readonly content: QueuedContent;
}
export interface Rate {
  readonly burst: number;
  readonly perSecond: number;
}
export interface RecordChanges {
  readonly whole: boolean;
  readonly puts: ReadonlyMap<string, Uint8Array>;
  readonly deletes: readonly string[];
}
export interface Report extends Write {
  readonly room: string;
  readonly report: Uint8Array;
}
export interface ReportDecision extends Required<ReportVerdict> {
  readonly user: string;
  readonly room: string;
  readonly at: number;
  readonly decidedAt: number;
}
export interface ReportOfMessages {
  readonly user: string;
  readonly room: string;
  readonly at: number;
  readonly bytes: Uint8Array;
}
export interface ReportRow extends NewReport {
  readonly key: string;
}
export interface ReportVerdict {
  readonly what: "dismissed" | "shut-out";
  readonly about?: string;
  readonly words?: string;
}
export interface Request {
  readonly signal?: PlatformClass<"AbortSignal">;
}
export interface RoomDevices {
  readonly revision: bigint;
  readonly devices: readonly string[];
}
export interface RoomHead {
  readonly room: string;
  readonly head: bigint;
}
export interface RoomRequest extends Request {
  readonly room: string;
}
export interface RoomRow {
  readonly room: string;
  readonly groupId: Uint8Array;
  readonly cipherSuite: number;
  readonly epoch: bigint;
  readonly epochAt: number;
  readonly epochHead: bigint;
  readonly head: bigint;
  readonly goneThrough: bigint;
  readonly revision: bigint;
  readonly unconfirmed: Unconfirmed | undefined;
}
export interface RoomStart {
  readonly room: string;
  readonly once: Once;
  readonly groupId: Uint8Array;
  readonly cipherSuite: number;
  readonly epoch: bigint;
  readonly device: string;
  readonly groupInfo: Uint8Array;
  readonly records: RecordChanges;
  readonly at: number;
}
export interface RoomView {
  readonly room: string;
  readonly epoch: bigint;
  readonly extensions: readonly Extension[];
}
export interface RoomsPort {
  row(room: string): Promise<RoomRow | undefined>;
  create(start: RoomStart): Promise<
    | Written<undefined>
    | {
        readonly kind: "exists";
      }
  >;
  followed(room: string): Promise<
    | {
        readonly row: RoomRow;
        readonly records: readonly (readonly [string, Uint8Array])[];
      }
    | undefined
  >;
  groupInfo(room: string): Promise<
    | {
        readonly row: RoomRow;
        readonly groupInfo: Uint8Array;
      }
    | undefined
  >;
  written(room: string, once: Once): Promise<AppendedBefore | undefined>;
  append(append: Append): Promise<Appended>;
  member(room: string, device: string): Promise<MemberRow | undefined>;
  devices(room: string): Promise<RoomDevices | undefined>;
  changed(
    device: string,
    all?: boolean,
  ): Promise<
    readonly {
      readonly room: string;
      readonly head: bigint;
    }[]
  >;
  items(range: ItemRange): Promise<readonly ItemRow[]>;
  acknowledge(room: string, device: string, through: bigint): Promise<void>;
  confirm(room: string, revision: bigint, records: RecordChanges): Promise<boolean>;
  complain(room: string, revision: bigint, complainer: Complainer): Promise<boolean>;
  rollBack(room: string, revision: bigint, records: RecordChanges, at: number): Promise<bigint | undefined>;
  outbox(room: string): Promise<readonly WelcomeRow[]>;
  relayed(room: string, number: bigint, device: string): Promise<void>;
  welcome(
    room: string,
    number: bigint,
    device: string,
  ): Promise<
    | {
        readonly welcome: Uint8Array;
        readonly ratchetTree: Uint8Array;
      }
    | undefined
  >;
  taken(room: string, number: bigint, device: string): Promise<void>;
  collect(room: string, ages: Ages): Promise<void>;
  names(after: string, limit: number): Promise<readonly string[]>;
}
export interface ShutOutUser {
  readonly user: string;
  readonly at: number;
}
export interface Span {
  readonly after: bigint;
  readonly through: bigint | undefined;
}
export interface Stamping {
  readonly room: string;
  readonly user: string;
  readonly at: number;
  readonly authenticatedData: Uint8Array;
  readonly agent?: FrankingAgentData;
  readonly cipherSuite?: number;
}
export interface StatedAccount {
  readonly cipherSuite: number;
  readonly rootKey: Uint8Array;
  readonly keyNumber: number;
  readonly number: bigint;
  readonly hash: Uint8Array;
}
export interface Statement extends Request {
  readonly user: string;
  readonly number: bigint;
  readonly statement: Uint8Array;
}
export type StatementAnswer = "accepted" | "number" | "invalid";
export interface StoredStatement {
  readonly number: bigint;
  readonly statement: Bytes;
}
export interface Unconfirmed {
  readonly committer: string;
  readonly joined: readonly string[];
  readonly complaints: readonly Complainer[];
}
export interface Uploaded {
  readonly received: number;
}
export interface UserWrite {
  readonly once: Once;
  readonly at: number;
  readonly most: number;
}
export type UserWritten =
  | {
      readonly kind: "done";
      readonly before: ConsentRow;
    }
  | {
      readonly kind: "known" | "taken" | "full";
    };
export interface UsersPort {
  lastStatement(user: string): Promise<
    | {
        readonly number: bigint;
        readonly statement: Uint8Array;
      }
    | undefined
  >;
  statements(
    user: string,
    from: bigint,
    limit: number,
    bytes: number,
  ): Promise<
    readonly {
      readonly number: bigint;
      readonly statement: Uint8Array;
    }[]
  >;
  addStatement(user: string, number: bigint, statement: Uint8Array, most: number): Promise<"added" | "number" | "full">;
  unlogged(limit: number): Promise<
    readonly {
      readonly user: string;
      readonly number: bigint;
      readonly statement: Uint8Array;
    }[]
  >;
  logged(user: string, number: bigint): Promise<void>;
  beginRoom(user: string, room: string, at: number, most: number): Promise<"counted" | "known" | "full">;
  dropRoom(user: string, room: string): Promise<void>;
  consent(user: string, from: string, room: string): Promise<ConsentRow | undefined>;
  setConsent(
    user: string,
    from: string,
    room: string,
    change: Partial<ConsentRow>,
    write: UserWrite,
  ): Promise<UserWritten>;
  block(user: string, other: string, blocked: boolean, write: UserWrite): Promise<UserWritten>;
  end(user: string): Promise<readonly string[]>;
  isBlocked(user: string, other: string): Promise<boolean>;
  addReport(report: NewReport, once: Once, most: number): Promise<"added" | "known" | "taken" | "full">;
  reports(limit: number): Promise<readonly ReportRow[]>;
  dropReport(user: string, key: string): Promise<void>;
  decideReport(user: string, key: string, decision: Decision): Promise<boolean>;
  decisions(limit: number): Promise<readonly DecisionRow[]>;
  shutOut(user: string, at: number | undefined): Promise<void>;
  isShutOut(user: string): Promise<boolean>;
  allShutOut(limit: number): Promise<
    readonly {
      readonly user: string;
      readonly at: number;
    }[]
  >;
  collect(ages: Ages): Promise<void>;
}
export interface WaitingReport extends ReportOfMessages {
  readonly key: string;
}
export type Wakeup =
  | {
      readonly kind: "room";
      readonly room: string;
      readonly head: bigint;
      readonly left: readonly string[];
    }
  | {
      readonly kind: "queue";
      readonly device: string;
    }
  | {
      readonly kind: "whisper";
      readonly room: string;
      readonly from: string;
      readonly bytes: Uint8Array;
    }
  | {
      readonly kind: "opened";
      readonly device: string;
      readonly incarnation: bigint;
    };
export interface Wakeups {
  tell(wakeup: Wakeup): void;
  hear(listener: (wakeup: Wakeup) => void, lost?: () => void): () => void;
}
export interface WelcomeRow {
  readonly number: bigint;
  readonly device: string;
  readonly committer: string;
  readonly welcome: Uint8Array;
  readonly at: number;
}
export interface Write extends Request {
  readonly id: Uint8Array;
}
export type Written<T> =
  | {
      readonly kind: "done";
      readonly value: T;
    }
  | WrittenBefore<T>;
export type WrittenBefore<T> =
  | {
      readonly kind: "known";
      readonly value: T;
    }
  | {
      readonly kind: "taken";
    };
export declare function accountStatements(options?: AccountStatementsOptions): AccountsCheck;
export declare function confirmationContent(
  room: string,
  epoch: bigint,
  confirmedTranscriptHash: Uint8Array,
): Uint8Array;
export declare const confirmationLabel = "copse epoch confirmation";
export declare const defaultDeliveryLimits: DeliveryLimits;
export declare const deliveryErrorCodes: {
  readonly unreachable: "the service does not answer, or the connection is closed: connect and ask again, writes under the same id";
  readonly "not-allowed": "the service does not let this device do that";
  readonly incarnation: "the device was opened elsewhere, or from an older copy of its store: nothing must be encrypted from it";
  readonly "no-consent": "the user has not agreed to be written to: ask for it";
  readonly "not-found": "there is no such user, room or blob";
  readonly "id-taken": "another write had this id: make a new one";
  readonly "too-large": "it is larger than the service takes";
  readonly rate: "too much in too short a time: wait";
  readonly invalid: "the service can't read it, or it contradicts itself";
  readonly unsupported: "the service does not know this request, or this version of the protocol: one of the two is older";
};
export declare function deliveryOver(port: DeliveryPort, options: DeliveryOptions): DeliveryService;
export declare const firstKeyCounts: AccountsCheck;
export declare function memoryDelivery(options: DeliveryOptions): DeliveryService;
export declare function memoryPort(): DeliveryPort;
export declare function signInChallenge(address: string, device: string, random: Uint8Array): Uint8Array;

// ---- copse/delivery/http

export type FetchLike = (
  url: string,
  request: {
    readonly method: string;
    readonly headers: Record<string, string>;
    readonly body?: Bytes;
    readonly signal: PlatformClass<"AbortSignal">;
  },
) => Promise<FetchedLike>;
export interface FetchedLike {
  readonly status: number;
  readonly headers: HeadersLike;
  arrayBuffer(): Promise<ArrayBuffer>;
}
export interface HeadersLike {
  get(name: string): string | null;
}
export interface HttpDeliveryOptions {
  readonly url: string;
  readonly address: string;
  readonly invitation?: string;
  readonly WebSocket?: WebSocketClass;
  readonly fetch?: FetchLike;
  readonly silence?: number;
  readonly timers?: Timers;
}
export interface Timers {
  readonly after: (milliseconds: number, run: () => void) => () => void;
}
export type WebSocketClass = new (url: string) => WebSocketLike;
export interface WebSocketLike {
  binaryType: string;
  readonly bufferedAmount: number;
  send(data: Bytes): void;
  close(): void;
  addEventListener(type: "open" | "close" | "error", listener: () => void): void;
  addEventListener(type: "message", listener: (event: { readonly data: unknown }) => void): void;
}
export declare function httpDelivery(options: HttpDeliveryOptions): Delivery;

// ---- copse/server

export interface AccountLogKeys {
  readonly cipherSuite: number;
  readonly publicKey: string;
  readonly vrfKey: string;
}
export type DatabaseAddress =
  | {
      readonly url: string;
      readonly connections?: number;
    }
  | {
      readonly folder: string;
    };
export declare class DatabaseError extends Error {
  readonly name = "DatabaseError";
  readonly code: DatabaseErrorCode;
  constructor(code: DatabaseErrorCode, { detail, cause }?: DatabaseErrorDetail);
}
export type DatabaseErrorCode = keyof typeof databaseErrorCodes;
export interface DatabaseErrorDetail {
  readonly detail?: string;
  readonly cause?: unknown;
}
export type DatabaseOptions = DatabaseAddress & {
  readonly blobs?: string;
};
export type MayRegister = (registering: Registering) => Awaitable<boolean>;
export declare class MissingPackages extends Error {
  readonly name = "MissingPackages";
  readonly packages: readonly string[];
  constructor(packages: readonly string[], cause?: unknown);
}
export declare class NatsError extends Error {
  readonly name = "NatsError";
}
export interface NatsOptions {
  readonly url: string;
  readonly address: string;
  readonly timers?: Timers;
}
export declare class NatsWakeups implements Wakeups {
  #private;
  connect(): Promise<void>;
  tell(wakeup: Wakeup): void;
  hear(listener: (wakeup: Wakeup) => void, lost?: () => void): () => void;
  close(): Promise<void>;
}
export interface OpenDatabase {
  readonly port: DeliveryPort;
  readonly wakeups: Wakeups;
  readonly recovery: RecoveryPort;
  readonly accountLog: AccountLogStore;
  check(): Promise<void>;
  close(): Promise<void>;
}
export interface OperatorOptions {
  readonly secret: string;
  readonly verify: Omit<VerifyOptions, "room">;
}
export interface RecoveryTokenOptions {
  readonly secret: string;
  readonly lifetime?: number;
  readonly clock?: Clock;
}
export interface Registering {
  readonly user: string;
  readonly device: string;
  readonly invitation: string | undefined;
}
export interface RunningServer {
  readonly url: string;
  readonly port: number;
  close(): Promise<void>;
}
export interface ServerLimits {
  readonly connections: number;
  readonly strangers: number;
  readonly strangerBytes: number;
  readonly signIn: number;
  readonly frameBytes: number;
  readonly atOnce: number;
  readonly unsentBytes: number;
  readonly untoldRooms: number;
  readonly silence: number;
  readonly headers: number;
  readonly body: number;
  readonly recoveriesAtOnce: number;
  readonly recoveryRequests: number;
  readonly recoveryRegistrations: number;
  readonly operatorTries: number;
  readonly operatorTriesOfAll: number;
  readonly shutdown: number;
}
export interface ServerLog {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
  debug(fields: object, message: string): void;
}
export interface ServerOptions {
  readonly delivery?: DeliveryService;
  readonly recovery?: Omit<RecoveryServerOptions, "random">;
  readonly operator?: OperatorOptions;
  readonly port?: number;
  readonly host?: string;
  readonly addressHeader?: string;
  readonly limits?: Partial<ServerLimits>;
  readonly partBytes?: number;
  readonly log?: ServerLog;
  readonly ready?: () => Promise<void>;
  readonly accountLog?: Pick<AccountLog, "head" | "entries">;
  readonly site?: string;
  readonly processMetrics?: boolean;
  readonly timers?: Timers;
  readonly clock?: Clock;
  readonly random?: Random;
}
export interface TurnOptions {
  readonly urls: readonly string[];
  readonly secret: string;
  readonly lifetime?: number;
  readonly clock?: Clock;
  readonly random?: Random;
}
export declare function accountLogKeys(path: string): Promise<AccountLogKeys>;
export declare const databaseErrorCodes: {
  readonly "database-package": "an optional package is not installed";
  readonly "database-version": "the database was made by a newer version of copse: run that version, or restore a backup";
  readonly "database-old": "the server of the database is too old: PostgreSQL 15 or newer is needed";
  readonly "database-in-use": "another process has the folder: end it first, or use PostgreSQL for several; where none has it, delete the file that is named here";
  readonly "database-failed": "the database does not answer, or failed; what was asked may have been done";
};
export declare const defaultServerLimits: ServerLimits;
export declare function natsWakeups(options: NatsOptions): Promise<NatsWakeups>;
export declare function openDatabase(options: DatabaseOptions): Promise<OpenDatabase>;
export declare function recoveryTokens(options: RecoveryTokenOptions): (account: Uint8Array) => string;
export declare function startServer(options: ServerOptions): Promise<RunningServer>;
export declare function turnServers(options: TurnOptions): () => CallServers;
export declare function withRegistration(accounts: AccountsCheck, mayRegister: MayRegister): AccountsCheck;

// ---- copse/client

export interface Account {
  readonly user: string;
  readonly device: string;
  readonly identity: LocalIdentity;
  readonly accountKey: AccountKey;
  readonly view: AccountView;
  readonly recoveryKey?: Uint8Array | undefined;
}
export interface Asked {
  readonly intent: Bytes;
}
export interface AskedMessage extends Asked {
  readonly id: Bytes;
  readonly entry: bigint;
}
export interface CallDevice {
  readonly device: string;
  readonly user: string;
  readonly isSilent: boolean;
}
export interface CallEntry {
  readonly call: Uint8Array;
  readonly state: CallState;
  readonly outgoing: boolean;
  readonly video: boolean;
  readonly until: number;
  readonly joined: readonly string[];
  readonly duration: number | undefined;
}
export type CallState = "ringing" | "accepted" | "declined" | "missed" | "unanswered" | "ended" | "failed";
export declare class Client {
  #private;
  private constructor();
  static open(options: ClientOptions): Promise<Client>;
  get device(): string;
  get user(): string;
  get isOnline(): boolean;
  get refusal(): DeliveryErrorCode | undefined;
  onConnection(listener: () => void): () => void;
  get failure(): unknown;
  get isCopied(): boolean;
  heal(account?: ClientAccount): Promise<void>;
  listen(listener: EventListener | undefined): void;
  onEphemeral(listener: EphemeralListener): () => void;
  get whispers(): WhisperCounts;
  get rooms(): readonly ClientRoom[];
  room(room: string): ClientRoom;
  get shared(): SharedValues;
  get history(): ClientHistory;
  get unread(): Unread;
  search(text: string, how?: SearchOptions): Promise<readonly Found[]>;
  openOne(wakeup?: Wakeup): Promise<Pushed>;
  createRoom(options: NewRoomOptions): Promise<ClientRoom>;
  joinByLink(link: string): Promise<ClientRoom>;
  knock(room: string, how: KnockOptions): Promise<void>;
  compareLogged(user: string): Promise<LoggedComparison | undefined>;
  devices(): Promise<readonly Device[]>;
  addDevice(device: NewDevice): Promise<void>;
  removeDevice(device: string): Promise<void>;
  revokeDevice(device: string | readonly string[], options?: RevokeOptions): Promise<readonly MendedCharacter[]>;
  setRecoveryPin(options: RecoveryPinOptions): Promise<RecoveryPin>;
  linkDevice(offer: Uint8Array, options: LinkOptions): Promise<string>;
  safetyNumber(user: string): Promise<SafetyNumber>;
  requestConsent(user: string, about?: ConsentAbout): Promise<void>;
  cancelConsent(user: string, about?: ConsentAbout): Promise<void>;
  grantConsent(user: string, about?: ConsentAbout): Promise<void>;
  revokeConsent(user: string, about?: ConsentAbout): Promise<void>;
  consents(): Promise<readonly Consent[]>;
  block(user: string, blocked?: boolean): Promise<void>;
  get blocked(): readonly string[];
  deleteAccount(): Promise<void>;
  refresh(): void;
  tick(): void;
  get nextTick(): number | undefined;
  connect(): void;
  settled(): Promise<void>;
  close(): Promise<void>;
}
export interface ClientAccount {
  readonly device: string;
  readonly identity: Identity;
  readonly authentication: AuthenticationService;
  readonly leaf?: LeafOptions;
}
export declare class ClientCall {
  #private;
  get id(): Bytes;
  get room(): string;
  get video(): boolean;
  get state(): CallGroupState;
  get media(): Call | undefined;
  get group(): CallGroup | undefined;
  get participants(): readonly CallDevice[];
  listen(listener: ClientCallListener): () => void;
  hangUp(): Promise<void>;
  get isBusy(): boolean;
}
export type ClientCallEvent =
  | {
      readonly kind: "in";
    }
  | {
      readonly kind: "participants";
      readonly participants: readonly CallDevice[];
    }
  | {
      readonly kind: "out";
      readonly why: "left" | "removed" | "chat" | "replaced";
    }
  | {
      readonly kind: "behind";
    }
  | {
      readonly kind: "refused";
      readonly code: string;
    };
export type ClientCallListener = (event: ClientCallEvent) => void;
export declare class ClientError extends Error {
  readonly name = "ClientError";
  readonly code: ClientErrorCode;
  constructor(code: ClientErrorCode, { detail, cause }?: ClientErrorDetail);
}
export type ClientErrorCode = keyof typeof clientErrorCodes;
export interface ClientErrorDetail {
  readonly detail?: string;
  readonly cause?: unknown;
}
export type ClientEvent =
  | {
      readonly kind: "joined";
      readonly room: string;
    }
  | {
      readonly kind: "left";
      readonly room: string;
      readonly by: string;
      readonly asked: boolean;
    }
  | {
      readonly kind: "room-changed";
      readonly room: string;
      readonly epoch: bigint;
      readonly by: string;
    }
  | {
      readonly kind: "message";
      readonly room: string;
      readonly entry: bigint;
    }
  | {
      readonly kind: "entry-changed";
      readonly room: string;
      readonly entry: bigint;
    }
  | {
      readonly kind: "call";
      readonly room: string;
      readonly entry: bigint;
      readonly call: Uint8Array;
      readonly state: CallState;
    }
  | {
      readonly kind: "expired";
      readonly room: string;
      readonly entry: bigint;
    }
  | {
      readonly kind: "done";
      readonly room: string;
      readonly intent: Uint8Array;
    }
  | {
      readonly kind: "failed";
      readonly room: string;
      readonly intent: Uint8Array;
      readonly code: ClientErrorCode;
      readonly detail: string;
    }
  | {
      readonly kind: "unreadable";
      readonly room: string;
      readonly item: bigint;
      readonly code: string;
    }
  | {
      readonly kind: "refused";
      readonly room: string;
      readonly item: bigint;
      readonly by: string;
      readonly reason: Refusal | "too-many" | "too-long" | ReportErrorCode;
    }
  | {
      readonly kind: "shared-changed";
      readonly name: string;
    }
  | {
      readonly kind: "restored";
      readonly room: string;
      readonly entries: number;
    }
  | {
      readonly kind: "history-failed";
      readonly code: string;
    }
  | {
      readonly kind: "muted";
      readonly room: string;
      readonly until: number | undefined;
    }
  | {
      readonly kind: "knock";
      readonly room: string;
      readonly user: string;
      readonly words: string;
    }
  | {
      readonly kind: "broken-commit";
      readonly room: string;
      readonly item: bigint;
      readonly author: string | undefined;
      readonly code: string;
    }
  | {
      readonly kind: "withheld";
      readonly room: string;
      readonly from: bigint;
      readonly through: bigint;
    }
  | {
      readonly kind: "log-differs";
      readonly room: string;
      readonly by: string;
      readonly item: bigint;
    }
  | {
      readonly kind: "fork";
      readonly room: string;
      readonly by: string;
      readonly epoch: bigint;
      readonly known: Uint8Array;
      readonly other: Uint8Array;
    }
  | {
      readonly kind: "frozen";
      readonly room: string;
    }
  | {
      readonly kind: "thawed";
      readonly room: string;
    }
  | {
      readonly kind: "rejoined";
      readonly room: string;
    }
  | {
      readonly kind: "copied";
    }
  | {
      readonly kind: "healed";
    }
  | {
      readonly kind: "device-changed";
      readonly user: string;
      readonly device: string;
      readonly what: "added" | "removed" | "rekeyed";
    }
  | {
      readonly kind: "account-alarm";
      readonly user: string;
      readonly what: AccountAlarm["kind"];
      readonly known: Uint8Array;
      readonly other: Uint8Array;
    }
  | {
      readonly kind: "member-alarm";
      readonly room: string;
      readonly user: string;
      readonly device: string;
      readonly by: string | undefined;
      readonly findings: readonly Finding[];
      readonly holds: boolean;
    }
  | {
      readonly kind: "account-renewed";
      readonly user: string;
      readonly by: string;
      readonly keyNumber: number;
    }
  | {
      readonly kind: "list-stale";
      readonly user: string;
      readonly at: number;
    }
  | {
      readonly kind: "logged-differently";
      readonly user: string;
      readonly what: LoggedFinding;
    }
  | {
      readonly kind: "log-alarm";
      readonly what: LogFinding;
      readonly evidence?: Uint8Array;
      readonly known?: Uint8Array;
      readonly other?: Uint8Array;
    }
  | {
      readonly kind: "revocation-failed";
      readonly code: ClientErrorCode;
    }
  | {
      readonly kind: "device-idle";
      readonly device: string;
    }
  | {
      readonly kind: "was-idle";
      readonly room: string;
      readonly isBack: boolean;
    }
  | ({
      readonly kind: "consent";
      readonly from: string;
    } & ConsentOperation)
  | ({
      readonly kind: "consent-failed";
      readonly user: string;
      readonly code: "no-contact" | "refused";
    } & ConsentOperation)
  | {
      readonly kind: "invitation-refused";
      readonly room: string;
      readonly by: string;
      readonly code: "blocked" | "no-consent";
    }
  | {
      readonly kind: "hook-failed";
      readonly hook: "areContacts";
      readonly user: string;
    }
  | {
      readonly kind: "link-asked";
      readonly device: string;
      readonly offer: Uint8Array;
    }
  | {
      readonly kind: "parcel";
      readonly from: string;
      readonly topic: string;
      readonly bytes: Uint8Array;
    }
  | {
      readonly kind: "welcome-failed";
      readonly room: string;
      readonly code: string;
    };
export interface ClientHistory {
  restore(options?: RestoreHistoryOptions): Promise<RestoredHistory>;
}
export interface ClientOptions {
  readonly account?: ClientAccount | Account;
  readonly store: Store;
  readonly delivery: Delivery;
  readonly rooms?: RoomAppDataOptions;
  readonly group?: Pick<GroupOptions, "padding" | "window" | "limits" | "lifetime" | "grease">;
  readonly keyPackages?: KeyPackageSupply;
  readonly clock?: Clock;
  readonly random?: Random;
  readonly timers?: Timers | "none";
  readonly renewEvery?: number;
  readonly removeIdle?: number;
  readonly receipts?: ReceiptChoice;
  readonly keepOriginals?: boolean;
  readonly history?: HistoryOptions;
  readonly transparency?: LogKeys;
  readonly consent?: ConsentPolicy;
  readonly openFile?: OpenFile;
  readonly online?: boolean;
}
export declare class ClientRoom {
  #private;
  get id(): string;
  get status(): RoomStatus;
  send(message: Sendable): Promise<AskedMessage>;
  send(file: FileToSend): Promise<Asked>;
  download(entry: bigint, how?: DownloadOptions): AsyncGenerator<Bytes, void, undefined>;
  uploads(): Promise<readonly Upload[]>;
  resumeUpload(
    intent: Uint8Array,
    source: AttachmentSource,
    how?: Pick<FileToSend, "onProgress" | "signal">,
  ): Promise<void>;
  cancelUpload(intent: Uint8Array): Promise<void>;
  react(message: Uint8Array, ...reactions: readonly string[]): Promise<AskedMessage>;
  edit(message: Uint8Array, becomes: Words | Said): Promise<AskedMessage>;
  unsend(message: Uint8Array): Promise<AskedMessage>;
  report(messages: readonly Uint8Array[], reason: number, words?: ReportWords): Promise<Bytes>;
  typing(activity?: Typing["activity"], topicId?: Uint8Array): Promise<boolean>;
  presence(state: Presence["state"], since?: number): Promise<boolean>;
  whisper(said: Ephemeral): Promise<boolean>;
  startCall(how?: StartCallOptions): Promise<ClientCall>;
  joinCall(call: Uint8Array, how?: JoinCallOptions): Promise<ClientCall>;
  declineCall(call: Uint8Array, reason?: "declined" | "busy"): Promise<void>;
  get call(): ClientCall | undefined;
  alarms(): Promise<readonly MemberAlarm[]>;
  acknowledge(user: string): Promise<void>;
  forks(): Promise<readonly Fork[]>;
  isUndecided(): Promise<boolean>;
  chooseBranch(branch: "own" | "other"): Promise<void>;
  add(user: string, role?: number): Promise<Asked>;
  remove(user: string): Promise<Asked>;
  addDevice(device: string): Promise<Asked>;
  removeDevice(device: string): Promise<Asked>;
  setRole(user: string, role: number): Promise<Asked>;
  ban(user: string): Promise<Asked>;
  unban(user: string): Promise<Asked>;
  createLink(): Promise<
    Asked & {
      readonly link: string;
    }
  >;
  revokeLink(written: string): Promise<Asked>;
  knocks(): Promise<readonly Knocking[]>;
  admit(user: string, role?: number): Promise<Asked>;
  refuse(user: string): Promise<void>;
  leave(): Promise<Asked>;
  rename(name: string): Promise<Asked>;
  setTimer(seconds: number | undefined): Promise<Asked>;
  renew(): Promise<Asked>;
  participants(): Promise<readonly RoomParticipant[]>;
  data(): Promise<RoomData>;
  epoch(): Promise<{
    readonly epoch: bigint;
    readonly authenticator: Bytes;
  }>;
  tree(): Promise<RoomTree>;
  callServers(): Promise<CallServers>;
  waiting(): Promise<readonly Intent[]>;
  timeline(range?: TimelineRange): Promise<readonly TimelineEntry[]>;
  entry(place: bigint): Promise<TimelineEntry | undefined>;
  placeOf(id: Uint8Array): Promise<bigint | undefined>;
  markRead(place: bigint): Promise<void>;
  markAllRead(through?: bigint): Promise<void>;
  setReceipts(choice: ReceiptChoice | undefined): Promise<void>;
  get unread(): Unread;
  mute(until: number | undefined): Promise<void>;
  get isMuted(): boolean;
}
export interface Consent {
  readonly user: string;
  readonly room: string | undefined;
  readonly asked: "no" | "asked" | "granted";
  readonly given: "no" | "grant" | "revoke";
  readonly wants: boolean;
  readonly isTold: boolean;
}
export interface ConsentAbout {
  readonly room?: string;
}
export type ConsentPolicy =
  | "everybody"
  | "opt-in"
  | {
      readonly areContacts: (user: string) => Awaitable<boolean>;
    };
export type ContentDraft = Omit<MimiContent, "salt"> & Partial<Pick<MimiContent, "salt">>;
export interface DownloadOptions {
  readonly index?: number;
  readonly range?: {
    readonly start: number;
    readonly end: number;
  };
  readonly from?: number;
  readonly keep?: boolean;
  readonly limit?: number;
  readonly signal?: PlatformClass<"AbortSignal">;
  readonly onProgress?: (progress: Progress) => void;
}
export interface EntryReceipt {
  readonly user: string;
  readonly status: ReceiptStatus;
  readonly at: number;
}
export type EntryStatus = "waiting" | "sent" | "failed" | "received" | "restored";
export interface EphemeralEvent {
  readonly room: string;
  readonly user: string;
  readonly device: string;
  readonly at: number;
  readonly said: Ephemeral;
}
export type EphemeralListener = (event: EphemeralEvent) => void;
export type EventListener = (event: NumberedEvent) => unknown;
export interface FileToSend
  extends
    Omit<Attachment, "as" | "file">,
    Pick<Media, "caption" | "viewOnce" | "inReplyTo" | "topicId" | "expires" | "forwarded"> {
  readonly attachment: AttachmentSource;
  readonly contentType: string;
  readonly filename?: string;
  readonly description?: string;
  readonly as?: Attachment["as"];
  readonly source?: string;
  readonly onProgress?: (progress: Progress) => void;
  readonly signal?: PlatformClass<"AbortSignal">;
}
export interface Fork {
  readonly device: string;
  readonly epoch: bigint;
  readonly known: Bytes;
  readonly other: Bytes;
}
export interface Found {
  readonly room: string;
  readonly entry: TimelineEntry;
}
export interface HistoryOptions {
  readonly keeps?: (entry: TimelineEntry, room: string) => boolean;
}
export interface Intent {
  readonly id: Uint8Array;
  readonly created: number;
  readonly wish: Wish;
  readonly state: IntentState;
}
export type IntentState =
  | {
      readonly kind: "waiting";
      readonly lost: number;
    }
  | {
      readonly kind: "made";
      readonly write: Uint8Array;
      readonly epoch: bigint;
      readonly message: Uint8Array;
    };
export type JoinCallOptions = Pick<StartCallOptions, "backend">;
export interface KeyPackageSupply {
  readonly full: number;
  readonly low: number;
}
export interface KnockOptions {
  readonly at: string;
  readonly words?: string;
}
export interface Knocking {
  readonly user: string;
  readonly words: string;
}
export interface LinkDeviceOptions extends LinkOptions {
  readonly user: string;
  readonly device?: string;
  readonly store: Store;
  readonly delivery: Delivery;
  readonly onOffer: (offer: Uint8Array) => unknown;
  readonly ask?: boolean;
  readonly suite?: CipherSuite;
  readonly clock?: Clock;
  readonly random?: Random;
  readonly timers?: Timers | "none";
}
export interface LinkOptions {
  readonly compare: (code: string, device: string) => Awaitable<boolean>;
  readonly onProgress?: (step: LinkStep) => void;
  readonly signal?: PlatformClass<"AbortSignal">;
  readonly timeout?: number;
}
export type LinkStep = "offered" | "compare" | "handing-over" | "linked";
export type LogFinding = TransparencyErrorCode | "no-log";
export type LoggedFinding = Exclude<LoggedComparison, "same">;
export interface MemberAlarm {
  readonly user: string;
  readonly device: string;
  readonly findings: readonly Finding[];
  readonly by: string | undefined;
  readonly since: bigint;
  readonly holds: boolean;
}
export interface NewAccount {
  readonly account: Account;
  readonly recoveryCode: string;
}
export interface NewAccountOptions {
  readonly user: string;
  readonly device?: string;
  readonly suite?: CipherSuite;
  readonly random?: Random;
  readonly clock?: Clock;
}
export interface NewRoomOptions {
  readonly participants?: readonly (string | Participant)[];
  readonly name?: string;
  readonly policy?: NonNullable<NewRoomExtensions["policy"]>;
  readonly room?: string;
  readonly more?: Pick<
    NewRoomExtensions,
    "base" | "data" | "metadata" | "parentRoom" | "externalSenders" | "requiredComponents" | "otherData"
  >;
}
export type NumberedEvent = ClientEvent & {
  readonly number: bigint;
};
export type OpenFile = (source: string) => AttachmentSource | undefined | Promise<AttachmentSource | undefined>;
export interface OpenPushOptions
  extends Omit<ClientOptions, "store" | "online" | "keyPackages" | "renewEvery" | "removeIdle">, Wakeup {
  readonly store: () => Store | Promise<Store>;
  readonly askOwner?: (wakeup: Wakeup) => Promise<Pushed | undefined>;
  readonly show?: (pushed: Pushed) => unknown;
  readonly within?: number;
}
export interface PinServers {
  readonly servers: readonly RecoveryLink[];
  readonly threshold: number;
  readonly proof?: (request: ProofRequest) => Uint8Array | Promise<Uint8Array>;
  readonly argon2id?: Argon2id;
}
export type PinWeakness = "short" | "same" | "steps" | "repeated";
export interface Pushed {
  readonly messages: readonly PushedMessage[];
  readonly isComplete: boolean;
}
export interface PushedMessage {
  readonly room: string;
  readonly roomName: string | undefined;
  readonly user: string;
  readonly entry: bigint;
  readonly at: number;
  readonly kind: Said["kind"];
  readonly text: string;
  readonly isMuted: boolean;
}
export interface Reaction {
  readonly user: string;
  readonly id: Uint8Array;
  readonly content: Uint8Array;
}
export interface ReceiptChoice {
  readonly delivered?: boolean;
  readonly read?: boolean;
}
export type ReceiptStatus = Exclude<Status["status"], number>;
export type RecoverAccountOptions = RecoveringOptions &
  (
    | {
        readonly recoveryCode: string;
      }
    | ({
        readonly pin: string;
        readonly registration?: number;
      } & PinServers)
  );
export interface RecoveredAccount {
  readonly account: Account;
  readonly mended: readonly MendedCharacter[];
  readonly history: "found" | "none" | "damaged";
  readonly pin?: RecoveredPin;
}
export interface RecoveredPin {
  readonly recoveryCode: string;
  readonly isRenewed: boolean;
  readonly servers: readonly ServerFinding[];
}
export interface RecoveringOptions {
  readonly user: string;
  readonly store: Store;
  readonly delivery: Delivery;
  readonly device?: string;
  readonly suite?: CipherSuite;
  readonly clock?: Clock;
  readonly random?: Random;
}
export interface RecoveryPin {
  readonly servers: readonly ServerFinding[];
  readonly mended: readonly MendedCharacter[];
}
export interface RecoveryPinOptions extends PinServers {
  readonly recoveryCode: string;
  readonly pin: string;
  readonly atLeast?: number;
}
export interface ReportWords {
  readonly note?: string;
}
export interface RestoreHistoryOptions {
  readonly onProgress?: (progress: RestoringProgress) => void;
  readonly signal?: PlatformClass<"AbortSignal">;
}
export interface RestoredHistory {
  readonly restored: number;
  readonly unreadable: number;
  readonly misplaced: number;
  readonly findings: readonly RestoreFinding[];
  readonly isWhole: boolean;
}
export interface RestoringProgress {
  readonly restored: number;
  readonly done: bigint;
  readonly total: bigint;
}
export interface RevokeOptions {
  readonly recoveryCode?: string;
}
export type RoomChange =
  | {
      readonly kind: "add";
      readonly user: string;
      readonly role: number | undefined;
    }
  | {
      readonly kind: "remove";
      readonly user: string;
    }
  | {
      readonly kind: "role";
      readonly user: string;
      readonly role: number;
    }
  | {
      readonly kind: "leave";
    }
  | {
      readonly kind: "add-device";
      readonly device: string;
    }
  | {
      readonly kind: "remove-device";
      readonly device: string;
    }
  | {
      readonly kind: "metadata";
      readonly field: string;
      readonly value: string;
    }
  | {
      readonly kind: "timer";
      readonly seconds: number | undefined;
    }
  | {
      readonly kind: "link";
      readonly link: Uint8Array;
      readonly revoked: boolean;
    }
  | {
      readonly kind: "renew";
    };
export type RoomStatus = "creating" | "member" | "left" | "frozen" | "behind";
export interface RoomTree {
  readonly epoch: bigint;
  readonly own: number;
  readonly nodes: readonly (RoomTreeNode | undefined)[];
}
export type RoomTreeNode =
  | {
      readonly kind: "leaf";
      readonly device: string | undefined;
      readonly encryptionKey: Bytes;
    }
  | {
      readonly kind: "parent";
      readonly encryptionKey: Bytes;
      readonly unmerged: readonly number[];
    };
export interface SearchOptions {
  readonly room?: string;
  readonly limit?: number;
}
export type Sendable = Words | Message | ContentDraft | Uint8Array;
export interface SharedValues {
  get(name: string): Promise<string | undefined>;
  set(name: string, value: string | undefined): Promise<void>;
  all(): Promise<ReadonlyMap<string, string>>;
}
export interface StartCallOptions {
  readonly video?: boolean;
  readonly ringFor?: number;
  readonly backend?: CallBackend;
}
export interface TimelineEntry extends Omit<
  StoredEntry,
  "otherIds" | "expires" | "number" | "edit" | "isEnded" | "timer" | "counts"
> {
  readonly place: bigint;
  readonly user: string;
  readonly said: Said | undefined;
  readonly message: MimiContent | undefined;
  readonly editedAt: number | undefined;
}
export interface TimelineRange {
  readonly before?: bigint;
  readonly limit?: number;
}
export { Timers } from "copse/delivery/http";
export interface Unread {
  readonly messages: number;
  readonly mentions: number;
}
export interface Upload {
  readonly intent: Bytes;
  readonly source: string;
  readonly isWaiting: boolean;
}
export interface Wakeup {
  readonly room?: string;
}
export interface WhisperCounts {
  readonly sent: number;
  readonly heard: number;
  readonly refused: Readonly<Partial<Record<WhisperRefusal, number>>>;
}
export type WhisperRefusal = "shape" | "epoch" | "sender" | "replay" | "stale" | "open" | "signature" | "busy";
export type Wish =
  | {
      readonly kind: "message";
      readonly content: Uint8Array;
      readonly entry: bigint;
      readonly until: number | undefined;
    }
  | {
      readonly kind: "change";
      readonly change: RoomChange;
    };
export type Words = Omit<Text, "kind" | "format"> & Partial<Pick<Text, "kind" | "format">>;
export declare const clientErrorCodes: {
  readonly "client-closed": "the client was closed: open it again";
  readonly offline: "the service can't be reached now: try again when the client is online";
  readonly "client-failed": "the store failed, and nobody knows what it holds: close the client and open it again";
  readonly "client-copied": "the account was opened from an older copy of its store, or runs elsewhere: its rooms are joined anew first";
  readonly "device-replaced": "the service takes this device's key no more: another copy of it was chosen, or it was taken off the list: link it anew";
  readonly "client-version": "the store was made by a newer version of copse: install that";
  readonly "client-damaged": "an entry of the store can't be read: restore a backup, or link the device anew";
  readonly "account-missing": "the store has no account: make one, or link this device to one";
  readonly "recovery-needed": "only the recovery code makes a new account key: ask the person for it, or take a device that is only lost off by removeDevice";
  readonly "recovery-other": "the recovery code is another account's: look at the user's name and at the code again";
  readonly "pin-weak": "the PIN is among those that are tried first: six characters or more, not all alike, no even steps, no repetition";
  readonly "client-account": "the store belongs to another device";
  readonly "room-unknown": "there is no such room on this device";
  readonly "room-left": "this device is not in the room any more: ask to be let in again";
  readonly "room-frozen": "a commit broke the room's rules and the service kept it: leave the room, or choose a branch of it";
  readonly "room-behind": "the room has gone on out of this device's sight: it is joined anew when that is possible";
  readonly "room-held": "somebody in the room contradicts what is known of the account: look at its alarms and acknowledge them";
  readonly "room-gone": "the service has no such room any more";
  readonly "not-allowed": "the room's policy does not let this user do that";
  readonly "user-unknown": "nobody has published keys for this user: check the address";
  readonly "user-unreachable": "none of the user's devices has a key package left: try later, when one was online";
  readonly "user-outdated": "the room needs what the clients on all of the user's devices do not know yet: try again when one of them was updated";
  readonly "no-consent": "the user has not agreed to be written to: ask for it";
  readonly "already-so": "the room is as it was asked for already";
  readonly impossible: "what was asked for can't be done any more: the room has changed since";
  readonly refused: "the service refused it, and would again";
  readonly "message-unknown": "this device does not have that message";
  readonly "message-foreign": "only its author may change a message";
  readonly "not-reportable": "the message can't be reported: it is this user's own, the room's messages are not franked, or its original is gone";
  readonly "history-off": "no history is kept on this device: open the client with the option history";
  readonly "history-early": "this device is not among the user's other devices yet: try again when it has been online for a while";
  readonly "call-unknown": "this device has heard of no such call in the room, or it is over";
  readonly "call-joined": "this device is in a call of the room already: hang up first";
  readonly "too-large": "it is larger than can be sent: make it shorter, or send it as an attachment";
  readonly "file-unknown": "the message has no such file at the delivery service, or there is no such upload";
  readonly "file-gone": "the service has the file no more: ask its sender for it";
  readonly "link-invalid": "it is no link to a room, or a knock that nobody would hear: ask for it again";
  readonly "given-up": "the application has given it up";
  readonly "too-many": "too many are waiting to be sent: wait until some of them are out";
};
export declare function createAccount(options: NewAccountOptions): Promise<NewAccount>;
export declare function linkDevice(options: LinkDeviceOptions): Promise<Account>;
export declare function openPush(options: OpenPushOptions): Promise<Pushed | undefined>;
export declare function pinWeakness(pin: string): PinWeakness | undefined;
export declare function recoverAccount(options: RecoverAccountOptions): Promise<RecoveredAccount>;

// ---- copse/reports

export interface AgentKey {
  readonly suite: CipherSuite;
  readonly publicKey: Uint8Array;
}
export interface FrankedArrival {
  readonly suite: CipherSuite;
  readonly agent: Uint8Array;
  readonly hub: string;
  readonly isHub?: (credential: Credential) => boolean;
  readonly applicationData: Uint8Array;
  readonly authenticatedData: Uint8Array;
  readonly stamp: Uint8Array | undefined;
  readonly acceptedAt: number;
  readonly sender: string;
  readonly room: string;
}
export interface FrankedMessage {
  readonly applicationData: Uint8Array;
  readonly stamp: Uint8Array;
  readonly acceptedAt: number;
  readonly sender: string;
  readonly room: string;
}
export interface FrankingNumbers {
  readonly frank_aad: number;
  readonly franking_agent: number;
}
export interface FrankingOptions {
  readonly hubKeys: readonly HubKey[];
  readonly agentFor: (
    room: string,
    accepting: Parameters<FrankingStamp>[0],
  ) => FrankingSigner | undefined | Promise<FrankingSigner | undefined>;
}
export interface FrankingSigner {
  readonly cipherSuite: number;
  readonly signer: Signer;
}
export type FrankingStamp = (accepting: {
  readonly room: string;
  readonly user: string;
  readonly at: number;
  readonly authenticatedData: Uint8Array;
  readonly agent?: FrankingAgentData;
  readonly cipherSuite?: number;
}) => Promise<Bytes | undefined>;
export interface HubAgent {
  readonly suite: Pick<CipherSuite, "id">;
  readonly credential: Credential;
  readonly signatureKey: Uint8Array;
  readonly signer: Signer;
}
export interface HubFranking {
  readonly stamp: FrankingStamp;
  readonly frankingAgent: (cipherSuite: number) => Bytes | undefined;
}
export interface HubFrankingOptions {
  readonly hubKeys: readonly HubKey[];
  readonly agents: readonly HubAgent[];
}
export interface HubKey {
  readonly from: number;
  readonly key: Uint8Array;
}
export declare class ReportError extends Error {
  readonly name = "ReportError";
  readonly code: ReportErrorCode;
  constructor(
    code: ReportErrorCode,
    options?: {
      readonly cause?: unknown;
    },
  );
}
export type ReportErrorCode = keyof typeof reportErrorCodes;
export interface ReportOptions {
  readonly messages: readonly FrankedMessage[];
  readonly reason: number;
  readonly note?: string;
  readonly reportingUser?: string;
}
export type Unproven = "content" | "time" | "frank" | "signature" | "sender" | "room";
export type Verdict =
  | {
      readonly kind: "proven";
      readonly sender: string;
      readonly room: string;
      readonly at: number;
      readonly content: Bytes;
    }
  | {
      readonly kind: "unproven";
      readonly why: Unproven;
    };
export interface VerifiedReport {
  readonly reportingUser: string;
  readonly allegedAbuser: string;
  readonly reason: number;
  readonly note: string;
  readonly verdicts: readonly Verdict[];
}
export interface VerifyOptions {
  readonly hubKeys: readonly HubKey[];
  readonly agentKeys: readonly AgentKey[];
  readonly room?: string;
}
export declare function checkFrank(arrival: FrankedArrival): Promise<FrankedMessage>;
export declare const frankAadComponent: Component;
export declare function frankingAgent(agent: {
  readonly signatureKey: Uint8Array;
  readonly credential: Credential;
}): Bytes;
export declare const frankingAgentComponent: Component;
export declare const frankingNumbers: FrankingNumbers;
export declare function frankingStamp(options: FrankingOptions): FrankingStamp;
export declare function frankingTag(applicationData: Uint8Array): Bytes;
export declare function hubFranking(options: HubFrankingOptions): HubFranking;
export declare const reportErrorCodes: {
  readonly "frank-missing": "the message has no franking tag or the hub has not franked it, in a room whose messages are: drop it";
  readonly "frank-content": "the content names no salt, no sender or no room, so that nobody could report it: drop it";
  readonly "frank-tag": "the franking tag is not that of the content: whoever sent it made it so; drop it";
  readonly "frank-sender": "the content names another sender than the one whose message it came in: drop it";
  readonly "frank-room": "the content names another room than the one that it came in: drop it";
  readonly "frank-agent": "the room's franking agent is not its hub's, or its data does not decode: tell the person";
  readonly "frank-suite": "the frank is of another cipher suite than the room's: drop the message";
  readonly "frank-signature": "the hub's signature over the frank does not verify: somebody on the way has changed it; drop the message";
  readonly "report-format": "the bytes are no abuse report, or a longer one than is taken";
};
export declare function verifyReport(report: Uint8Array, options: VerifyOptions): Promise<VerifiedReport>;
export declare function writeReport(options: ReportOptions): Bytes;

// ---- copse/transparency

export interface AccountLog {
  append(updates: readonly LogUpdate[]): Promise<void>;
  lookUp(user: string, size?: number): Promise<ProvenAccount>;
  proof(from: number, to: number): Promise<Bytes | undefined>;
  head(): Promise<Bytes>;
  entries(from: number, below: number): Promise<Bytes>;
}
export interface AccountLogOptions extends Omit<TransparencyLogOptions, "store"> {
  readonly store: TransparencyStore | AccountLogStore;
}
export type AccountLogStore = TransparencyStore & {
  alone<T>(work: (store: TransparencyStore) => Promise<T>): Promise<T>;
};
export interface Audit {
  readonly heads: readonly AuditedHead[];
  readonly entries: number;
  readonly outOfOrder: number | undefined;
}
export interface AuditOptions {
  readonly keys: LogKeys;
  readonly heads: readonly Uint8Array[];
  readonly entries: AsyncIterable<Uint8Array>;
}
export interface AuditedHead {
  readonly head: LogHead | undefined;
  readonly finding: HeadFinding;
}
export type Evidence =
  | {
      readonly kind: "heads";
      readonly size: number;
    }
  | {
      readonly kind: "accounts";
      readonly user: string;
      readonly one: LoggedVersion | undefined;
      readonly other: LoggedVersion | undefined;
    };
export type HeadFinding = "sound" | "log" | "map" | "short" | "signature";
export type HeardHead = "same" | "newer" | "older" | "ask";
export interface LogHead {
  readonly size: number;
  readonly at: number;
}
export interface LogKeys {
  readonly suite: CipherSuite;
  readonly publicKey: Uint8Array;
  readonly vrfKey: Uint8Array;
}
export declare class LogMonitor {
  #private;
  private constructor();
  static open(options: MonitorOptions): Promise<LogMonitor>;
  get head(): Bytes | undefined;
  get known(): LogHead | undefined;
  hear(head: Uint8Array, consistency?: Uint8Array): Promise<HeardHead>;
  check(lookedUp: LookedUp): Promise<LoggedVersion | undefined>;
}
export interface LogUpdate {
  readonly user: string;
  readonly account: LoggedAccount;
}
export interface LoggedAccount {
  readonly cipherSuite: number;
  readonly rootKey: Uint8Array;
  readonly keyNumber: number;
  readonly number: bigint;
  readonly hash: Uint8Array;
}
export type LoggedComparison = "same" | "behind" | "ahead" | "missing" | "root" | "fork" | "rewritten";
export interface LoggedVersion {
  readonly version: number;
  readonly account: LoggedAccount;
}
export interface LookedUp {
  readonly user: string;
  readonly lookup: Uint8Array;
  readonly consistency?: Uint8Array;
}
export interface MonitorOptions {
  readonly keys: LogKeys;
  readonly head?: Uint8Array;
}
export interface ProvenAccount {
  readonly lookup: Bytes;
  readonly consistency?: Bytes;
}
export declare class TransparencyError extends Error {
  readonly name = "TransparencyError";
  readonly code: TransparencyErrorCode;
  readonly evidence: Uint8Array | undefined;
  constructor(
    code: TransparencyErrorCode,
    options?: {
      readonly cause?: unknown;
      readonly evidence?: Uint8Array;
    },
  );
}
export type TransparencyErrorCode = keyof typeof transparencyErrorCodes;
export declare class TransparencyLog {
  #private;
  static readonly mostEntries: number;
  private constructor();
  static open(options: TransparencyLogOptions): Promise<TransparencyLog>;
  get vrfPublicKey(): Bytes;
  get head(): Bytes;
  get size(): number;
  append(updates: readonly LogUpdate[]): Promise<Bytes>;
  logged(user: string): Promise<LoggedAccount | undefined>;
  lookup(user: string): Promise<Bytes>;
  consistency(from: number, to: number): Promise<Bytes>;
  entries(from: number, below: number): Promise<Bytes>;
}
export interface TransparencyLogOptions {
  readonly store: TransparencyStore;
  readonly signer: Signer;
  readonly vrfKey: Secret<"vrf_key">;
  readonly random?: Random;
  readonly clock?: Clock;
}
export type TransparencyStore = Pick<Store, "get" | "getMany" | "batch">;
export declare function accountLog(options: AccountLogOptions): Promise<AccountLog>;
export declare function auditLog(options: AuditOptions): Promise<Audit>;
export declare function compareLogged(
  found: LoggedVersion | undefined,
  known: LoggedAccount,
  before?: LoggedVersion,
): LoggedComparison;
export declare const transparencyComponentId = 61614;
export declare const transparencyErrorCodes: {
  readonly "transparency-format": "the bytes are no head, look-up, proof, log or evidence: drop them and ask again";
  readonly "transparency-version": "the bytes were made by a newer version of copse: update this side";
  readonly "vrf-proof": "the proof is not that of this user under the log's VRF key: the service lies, or it is another log's";
  readonly "map-proof": "the proof does not lead to the root that the head signs: the service lies";
  readonly "head-signature": "the log has not signed the head: drop it";
  readonly "head-back": "the head is older than one that is known: the service withholds something";
  readonly "head-fork": "the log has signed two heads of one size: publish the evidence that the error holds";
  readonly "consistency-proof": "nothing shows that the log has only grown: ask for the proof, and have both heads audited where none comes";
  readonly "evidence-invalid": "the evidence proves nothing against this log: it is of another log, or made up";
};
export declare function verifyEvidence(keys: LogKeys, evidence: Uint8Array): Promise<Evidence>;
export declare function writeEvidence(user: string, one: Uint8Array, other: Uint8Array): Bytes;

// ---- copse/vault

export type Argon2id = (
  password: Uint8Array,
  salt: Uint8Array,
  parameters: Argon2idParameters,
) => Uint8Array | Promise<Uint8Array>;
export interface Argon2idParameters {
  readonly memoryKiB: number;
  readonly passes: number;
  readonly lanes: number;
  readonly length: number;
}
export interface AskingOptions {
  readonly servers: readonly RecoveryLink[];
  readonly account: Uint8Array;
  readonly proof?: (request: ProofRequest) => Uint8Array | Promise<Uint8Array>;
}
export interface BackupFinding {
  readonly kind: "damaged" | "truncated" | "surplus" | "unreadable";
  readonly chunk: number;
}
export interface BackupKeyOptions {
  readonly key?: string;
  readonly passphrase?: string;
  readonly argon2id?: Argon2id;
}
export interface BackupPage {
  readonly entries: readonly VaultEntry[];
  readonly findings: readonly BackupFinding[];
  readonly read: number;
}
export interface ChainTip {
  readonly count: bigint;
  readonly last: Uint8Array;
}
export interface DeviceTip extends ChainTip {
  readonly device: string;
}
export interface EarlierEpoch {
  readonly epoch: VaultEpoch;
  readonly tips: readonly DeviceTip[];
}
export interface HistoryStore {
  put(records: readonly SealedRecord[]): Promise<void>;
  read(
    chain: Uint8Array,
    range: {
      readonly below: bigint;
      readonly limit: number;
    },
  ): Promise<readonly Uint8Array[]>;
  putEdge(epoch: bigint, edge: Uint8Array): Promise<void>;
  edge(epoch: bigint): Promise<Uint8Array | undefined>;
}
export interface HttpRecoveryOptions {
  readonly name: string;
  readonly url: string;
  readonly fetch?: RecoveryFetch;
  readonly timeout?: number;
  readonly timers?: Timers;
}
export interface ProofRequest {
  readonly server: string;
  readonly account: Uint8Array;
  readonly content: Uint8Array;
}
export interface ReadBackupOptions extends BackupKeyOptions {
  readonly account: Uint8Array;
  readonly bytes: AsyncIterable<Uint8Array>;
}
export interface RecoverOptions extends AskingOptions {
  readonly threshold: number;
  readonly pin: string;
  readonly registration?: number;
  readonly argon2id?: Argon2id;
  readonly random?: Random;
}
export interface Recovered {
  readonly secret: Secret<"recovered">;
  readonly registration: number;
  readonly servers: readonly ServerFinding[];
}
export type RecoveryFetch = (
  url: string,
  request: {
    readonly method: "POST";
    readonly headers: Record<string, string>;
    readonly body: Bytes;
    readonly credentials: "omit";
    readonly redirect: "error";
    readonly referrerPolicy: "no-referrer";
    readonly cache: "no-store";
    readonly signal: PlatformClass<"AbortSignal">;
  },
) => Promise<RecoveryResponse>;
export interface RecoveryKey {
  readonly number: number;
  readonly publicKey: Bytes;
  readonly privateKey: Secret<"vault_recovery_key">;
}
export interface RecoveryLink {
  readonly name: string;
  readonly ask: (request: Bytes) => Promise<Uint8Array>;
}
export interface RecoveryPort {
  read(account: Uint8Array): Promise<Uint8Array | undefined>;
  swap(account: Uint8Array, expected: Uint8Array | undefined, next: Uint8Array | undefined): Promise<boolean>;
}
export interface RecoveryReader {
  read(): Promise<{
    readonly done: boolean;
    readonly value?: Uint8Array | undefined;
  }>;
  cancel(): Promise<void>;
}
export interface RecoveryRequest {
  readonly account: Uint8Array;
  readonly operation: Operation["kind"];
  readonly content: Uint8Array;
  readonly proof: Uint8Array;
}
export interface RecoveryResponse {
  readonly status: number;
  readonly headers: {
    get(name: string): string | null;
  };
  readonly body: {
    getReader(): RecoveryReader;
  } | null;
}
export declare class RecoveryServer {
  #private;
  constructor(options: RecoveryServerOptions);
  answer(request: Uint8Array): Promise<Uint8Array>;
}
export interface RecoveryServerOptions {
  readonly port: RecoveryPort;
  readonly authorize: (request: RecoveryRequest) => boolean | Promise<boolean>;
  readonly random?: Random;
}
export interface RecoveryStatus {
  readonly registrations: readonly number[];
  readonly triesLeft: number;
  readonly servers: readonly ServerFinding[];
}
export interface RegisterOptions extends AskingOptions {
  readonly threshold: number;
  readonly pin: string;
  readonly secret: Secret<string>;
  readonly atLeast?: number;
  readonly argon2id?: Argon2id;
  readonly random?: Random;
}
export interface Registration {
  readonly registration: number;
  readonly servers: readonly ServerFinding[];
}
export interface RestoreFinding {
  readonly kind: "missing" | "damaged" | "replaced" | "edge";
  readonly epoch: bigint;
  readonly device?: string;
  readonly position?: bigint;
  readonly count?: bigint;
}
export interface RestoreOptions {
  readonly store: HistoryStore;
  readonly account: Uint8Array;
  readonly epoch: VaultEpoch;
  readonly head: Uint8Array;
  readonly known?: readonly Uint8Array[];
  readonly pageSize?: number;
}
export interface RestoreProgress {
  readonly epoch: bigint;
  readonly done: bigint;
  readonly total: bigint;
}
export interface RestoreRest {
  readonly epoch: VaultEpoch;
  readonly tips: readonly DeviceTip[];
}
export interface RestoredPage {
  readonly records: readonly VaultRecord[];
  readonly findings: readonly RestoreFinding[];
  readonly progress: RestoreProgress;
  readonly rest: RestoreRest | undefined;
}
export interface SealedRecord {
  readonly chain: Bytes;
  readonly position: bigint;
  readonly id: Bytes;
  readonly bytes: Bytes;
}
export interface ServerFinding {
  readonly name: string;
  readonly state: ServerState;
  readonly lie?: ServerLie;
  readonly guessesLeft?: number;
}
export type ServerLie = "proof" | "record" | "format";
export type ServerState = "well" | "down" | "refused" | "unknown" | "behind" | "exhausted" | "lies";
export interface VaultEntry {
  readonly room: string;
  readonly at: number;
  readonly content: Uint8Array;
}
export interface VaultEpoch {
  readonly number: bigint;
  readonly authenticator: Uint8Array;
  readonly root: Secret<"vault_root">;
}
export declare class VaultError extends Error {
  readonly name = "VaultError";
  readonly code: VaultErrorCode;
  readonly triesLeft: number | undefined;
  readonly registration: number | undefined;
  readonly older: readonly number[];
  readonly servers: readonly ServerFinding[];
  readonly groups: readonly number[];
  constructor(code: VaultErrorCode, details?: VaultErrorDetail);
}
export type VaultErrorCode = keyof typeof vaultErrorCodes;
export interface VaultErrorDetail {
  readonly detail?: string;
  readonly triesLeft?: number;
  readonly registration?: number;
  readonly older?: readonly number[];
  readonly servers?: readonly ServerFinding[];
  readonly groups?: readonly number[];
  readonly cause?: unknown;
}
export interface VaultHead {
  readonly epoch: bigint;
  readonly authenticator: Uint8Array;
  readonly tips: readonly DeviceTip[];
}
export interface VaultRecord extends VaultEntry {
  readonly device: string;
  readonly epoch: bigint;
  readonly position: bigint;
  readonly id: Bytes;
}
export interface WriteBackupOptions extends BackupKeyOptions {
  readonly account: Uint8Array;
  readonly entries: Iterable<VaultEntry> | AsyncIterable<VaultEntry>;
  readonly random?: Random;
}
export declare const argon2idParameters: Argon2idParameters;
export declare function compareHeads(head: VaultHead, known: VaultHead): "same" | "newer" | "older" | "apart" | "fork";
export declare function createBackupKey(random?: Random): string;
export declare function deriveRecoveryKey(options: {
  readonly suite: CipherSuite;
  readonly seed: Secret<string>;
  readonly number: number;
}): Promise<RecoveryKey>;
export declare const emptyChain: ChainTip;
export declare function forgetRecovery(options: AskingOptions): Promise<void>;
export declare const guessesAllowed = 10;
export declare function httpRecoveryServer(options: HttpRecoveryOptions): RecoveryLink;
export declare function localHistory(store: Store): HistoryStore;
export declare function memoryRecoveryPort(): RecoveryPort;
export declare function openEdge(account: Uint8Array, epoch: VaultEpoch, bytes: Uint8Array): EarlierEpoch | undefined;
export declare function openRoot(options: {
  readonly suite: CipherSuite;
  readonly account: Uint8Array;
  readonly key: RecoveryKey;
  readonly sealed: Uint8Array;
}): Promise<VaultEpoch>;
export declare function readBackup(options: ReadBackupOptions): AsyncGenerator<BackupPage, void, undefined>;
export declare function readHead(account: Uint8Array, epoch: VaultEpoch, bytes: Uint8Array): VaultHead;
export declare function recover(options: RecoverOptions): Promise<Recovered>;
export declare function recoveryStatus(
  options: AskingOptions & {
    readonly threshold: number;
  },
): Promise<RecoveryStatus>;
export declare function register(options: RegisterOptions): Promise<Registration>;
export declare function restoreHistory(options: RestoreOptions): AsyncGenerator<RestoredPage, void, undefined>;
export declare function sealEdge(options: {
  readonly account: Uint8Array;
  readonly epoch: VaultEpoch;
  readonly before: EarlierEpoch | undefined;
  readonly random?: Random;
}): Bytes;
export declare function sealRecords(options: {
  readonly account: Uint8Array;
  readonly epoch: VaultEpoch;
  readonly device: string;
  readonly tip: ChainTip;
  readonly entries: readonly VaultEntry[];
  readonly random?: Random;
}): {
  readonly records: readonly SealedRecord[];
  readonly tip: ChainTip;
};
export declare function sealRoot(options: {
  readonly suite: CipherSuite;
  readonly rootKey: Uint8Array;
  readonly account: Uint8Array;
  readonly recoveryKey: Uint8Array;
  readonly least?: number;
  readonly epoch: VaultEpoch;
  readonly random?: Random;
}): Promise<Bytes>;
export declare function signRecoveryKey(options: {
  readonly suite: CipherSuite;
  readonly signer: Signer;
  readonly account: Uint8Array;
  readonly key: RecoveryKey;
}): Promise<Bytes>;
export declare function storedRecoveryPort(store: Store): RecoveryPort;
export declare const vaultComponentId = 61615;
export declare function vaultEpochOf(group: Group): Promise<VaultEpoch>;
export declare const vaultErrorCodes: {
  readonly "recovery-format": "the bytes are no request, answer or record of recovery: drop them";
  readonly "recovery-version": "the bytes were made by a newer version of copse: update this side";
  readonly "recovery-denied": "the server's hook does not let this one ask for this account: sign in anew";
  readonly "recovery-unknown": "nothing is registered for this account, or not under this number";
  readonly "recovery-exhausted": "the guesses are used up and the servers have forgotten the secret: use the recovery code";
  readonly "recovery-superseded": "another registration has begun, or was confirmed: begin again";
  readonly "recovery-busy": "others change this account at the same time: try again";
  readonly "recovery-full": "several registrations were begun and none was confirmed: forget them all and register again";
  readonly "recovery-pin": "the PIN is wrong: the error says how many tries are left";
  readonly "recovery-servers": "too few recovery servers did their part: the error says which, and what was wrong with each";
  readonly "vault-format": "the bytes are no record, edge, head or key of a vault: drop them";
  readonly "vault-version": "the bytes were made by a newer version of copse: update this device";
  readonly "vault-open": "the bytes are of another account, epoch or place, or were changed: drop them";
  readonly "vault-rollback": "the history is older than what is known: whoever keeps it withholds something";
  readonly "vault-fork": "there are two histories of one place: a device was restored from an old backup, or somebody lies";
  readonly "vault-recovery-key": "the recovery key is not one that the account's root has signed, or an older one: seal nothing to it";
  readonly "backup-digits": "these are not the 64 digits of a backup: the error says which groups of eight have a mistake";
  readonly "backup-key": "the key or the passphrase is not this backup's, or the beginning of the file was changed: try another";
  readonly "backup-account": "the backup is of another account: restore it there";
  readonly "recovery-package": "Argon2id is missing: npm install hash-wasm, or pass argon2id";
};
export declare function writeBackup(options: WriteBackupOptions): AsyncGenerator<Bytes, void, undefined>;
export declare function writeHead(account: Uint8Array, epoch: VaultEpoch, tips: readonly DeviceTip[]): Bytes;

// ---- copse/testing

export declare class Chance {
  #private;
  constructor(seed: number, name?: string);
  get fraction(): number;
  between(least: number, most: number): number;
  happens(probability: number): boolean;
  one<T>(list: readonly T[]): T | undefined;
  weighted<Name extends string>(weights: Readonly<Record<Name, number>>): Name;
  readonly bytes: Random;
}
export interface ClientVersion {
  readonly name: string;
  readonly client: Partial<Pick<ClientOptions, "group" | "rooms" | "keyPackages" | "renewEvery">>;
  readonly leaf?: LeafOptions;
}
export interface ConformanceTest {
  readonly name: string;
  readonly run: () => Promise<"passed" | "skipped">;
}
export type Death = "crash" | "power-cut";
export type Deed =
  | "take-role"
  | "put-out"
  | "rename"
  | "bring-in"
  | "broken-path"
  | "second-commit"
  | "proposal"
  | "in-anothers-name"
  | "edit-another"
  | "unsend-another"
  | "again"
  | "nonsense"
  | "large"
  | "too-large";
export interface DeliveryNeeds {
  readonly consent: "opt-in" | "everybody";
}
export interface DeliveryUnderTest {
  readonly delivery: Delivery;
  readonly address: string;
  readonly clock?: () => number;
  readonly advance?: (milliseconds: number) => void | Promise<void>;
  readonly sweep?: () => Promise<void>;
}
export interface DeviceOptions {
  readonly uri: string;
  readonly identity: Identity | ((entrance: Entrance) => Promise<Account>);
  readonly service: Delivery;
  readonly time: VirtualTime;
  readonly chance: Chance;
  readonly weather: () => Weather;
  readonly left: (bytes: Uint8Array) => void;
  readonly client: Omit<ClientOptions, "account" | "store" | "delivery" | "clock" | "random" | "timers"> &
    Pick<ClientAccount, "authentication">;
  readonly version?: ClientVersion;
}
export interface Entrance {
  readonly store: Store;
  readonly delivery: Delivery;
}
export declare class ForkingService {
  #private;
  constructor(services: readonly [Delivery, Delivery], others: (device: string) => boolean);
  fork(room: string): void;
  end(room: string, branch: "first" | "second"): void;
  get delivery(): Delivery;
}
export interface GivenRecord {
  readonly chain: string;
  readonly position: bigint;
  readonly bytes: Uint8Array;
}
export type HistoryLie = "rollback" | "truncation" | "omission" | "reorder" | "damage" | "fork";
export interface HistoryLiesEnd {
  readonly lie: HistoryLie;
  readonly violations: readonly string[];
  readonly messages: number;
  readonly lies: number;
  readonly told: number;
}
export interface HistoryLiesOptions extends Omit<WorldOptions, "between" | "accounts"> {
  readonly lie?: HistoryLie;
  readonly deaths?: readonly Death[];
  readonly log?: (line: string) => void;
}
export declare class HistoryTap {
  #private;
  get records(): readonly GivenRecord[];
  get edges(): readonly Uint8Array[];
  reused(): readonly string[];
  over(service: Delivery): Delivery;
}
export interface InsiderEnd {
  readonly violations: readonly string[];
  readonly oversight: Oversight;
  readonly messages: number;
  readonly deeds: readonly {
    readonly deed: Deed;
    readonly answer: Answer;
  }[];
  readonly named: number;
  readonly rejoined: number;
  readonly lacking: number;
}
export interface InsiderOptions extends Omit<WorldOptions, "between" | "service"> {
  readonly deeds?: readonly Deed[];
  readonly oversight?: Oversight;
  readonly log?: (line: string) => void;
}
export type Lie = "withhold" | "replay" | "reorder" | "cut-off" | "gone" | "refuse" | "hand-out-twice";
export interface Lies {
  readonly shown?: (item: ShownItem, where: LyingRoom) => readonly ShownItem[];
  readonly isCutOff?: (room: string) => boolean;
  readonly groupInfo?: (info: CurrentGroupInfo, room: string) => CurrentGroupInfo;
  readonly claimed?: (
    claimed: Awaited<ReturnType<Connection["claimKeyPackages"]>>,
  ) => Awaited<ReturnType<Connection["claimKeyPackages"]>>;
  readonly published?: (answer: Published) => Published;
  readonly goneThrough?: (page: Page, room: string) => bigint;
}
export interface LyingRoom {
  readonly room: string;
  readonly isOwn: boolean;
  readonly before: readonly ShownItem[];
}
export interface MaliceEnd {
  readonly violations: readonly string[];
  readonly messages: number;
  readonly told: number;
  readonly lacking: number;
}
export interface MaliceOptions extends Omit<WorldOptions, "between"> {
  readonly lies?: readonly Lie[];
  readonly log?: (line: string) => void;
}
export type Oversight = "checks" | "blind" | "colludes";
export interface Prepared {
  readonly pending: Pending;
  readonly publication: Publication;
}
export declare class RecoveryServers {
  #private;
  constructor(chance: Chance);
  get asking(): PinServers;
  remember(): void;
  spoil(chance: Chance): string;
  begin(): void;
  mend(): void;
  suffice(account: string): boolean;
  unsaid({ servers: found }: Pick<RecoveredPin, "servers">): string[];
}
export type ShownItem = Omit<LogItem, "number">;
export declare class SimulatedDevice {
  #private;
  readonly uri: string;
  disk: MemoryDisk;
  readonly events: NumberedEvent[];
  readonly asked: Map<string, string>;
  deaths: number;
  failures: unknown[];
  isCut: boolean;
  isAway: boolean;
  version: ClientVersion;
  entryFailure: unknown;
  constructor(options: DeviceOptions);
  get identity(): Identity;
  get hasAccount(): boolean;
  get client(): Client | undefined;
  start(): Promise<void>;
  die(death: Death): void;
  doom(points: number, death: Death): void;
  get isRunning(): boolean;
  pardon(): void;
  ask(what: (client: Client) => Promise<Asked | undefined>): void;
  readonly refused: unknown[];
}
export interface SimulatedUser {
  readonly uri: string;
  readonly recoveryCode: string;
  readonly devices: SimulatedDevice[];
  pin?: string;
}
export declare class SimulatedWorld {
  #private;
  readonly seed: number;
  readonly time: VirtualTime;
  readonly chance: Chance;
  readonly port: DeliveryPort;
  readonly service: DeliveryService;
  readonly watched: WatchedSuite;
  readonly devices: SimulatedDevice[];
  readonly users: SimulatedUser[];
  readonly histories: HistoryTap;
  readonly recoveryServers: RecoveryServers;
  readonly unsaid: string[];
  weather: Weather;
  constructor(options: WorldOptions);
  device(user: string, name: string, version?: ClientVersion): Promise<SimulatedDevice>;
  user(name: string, device: string): Promise<SimulatedUser>;
  link(user: SimulatedUser, device: string, by: SimulatedDevice): Promise<SimulatedDevice>;
  recover(user: SimulatedUser, device: string): Promise<SimulatedDevice>;
  pass(milliseconds: number): Promise<void>;
}
export interface StoreUnderTest {
  readonly store: Store;
  readonly reopen: () => Promise<Store>;
  readonly second?: () => Promise<Store>;
  readonly kill?: () => Promise<Store>;
  readonly powerCut?: () => Promise<Store>;
}
export interface StoryEnd {
  readonly seed: number;
  readonly violations: readonly string[];
  readonly messages: number;
  readonly deaths: number;
  readonly world: SimulatedWorld;
}
export interface StoryOptions extends Omit<WorldOptions, "seed"> {
  readonly seed: number;
  readonly steps?: number;
  readonly deaths?: readonly Death[];
  readonly mixed?: boolean;
  readonly accounts?: boolean;
  readonly log?: (line: string) => void;
}
export declare class TestDevice {
  #private;
  readonly uri: string;
  readonly user: string;
  readonly identity: LocalIdentity;
  readonly suite: CipherSuite;
  readonly clock: Clock;
  readonly groups: typeof testGroups;
  connection: Connection;
  bundles: readonly KeyPackageBundle[];
  read: bigint;
  private constructor();
  static connect(
    { delivery, address, clock, groups }: TestService,
    name: {
      readonly user: string;
      readonly device?: string;
    },
  ): Promise<TestDevice>;
  get options(): GroupOptions;
  get group(): Group;
  set group(group: Group);
  create(room: string, extensions?: readonly Extension[]): Promise<void>;
  groupInfo(): Promise<Uint8Array>;
  stock(count?: number): Promise<void>;
  prepare(room: string, options?: CommitOptions): Promise<Prepared>;
  commit(room: string, options?: CommitOptions): Promise<Published>;
  confirm(room: string): Promise<void>;
  sealed(room: string, text: string): Promise<Publication>;
  say(room: string, text: string): Promise<Published>;
  claim(...others: readonly TestDevice[]): Promise<readonly Uint8Array[]>;
  add(room: string, ...others: readonly TestDevice[]): Promise<Published>;
  join(): Promise<
    Extract<
      QueueItem,
      {
        kind: "welcome";
      }
    >
  >;
  catchUp(room: string): Promise<readonly string[]>;
}
export interface TestService {
  readonly delivery: Delivery;
  readonly address: string;
  readonly clock?: Clock;
  readonly groups?: typeof testGroups;
}
export declare class VirtualTime implements Timers {
  #private;
  readonly now: () => number;
  readonly after: (milliseconds: number, run: () => void) => () => void;
  during<T>(work: Promise<T>): Promise<T>;
  settle(comesMore: () => Promise<boolean>): void;
  pass(milliseconds: number): Promise<void>;
}
export interface WatchedSuite {
  readonly suite: CipherSuite;
  readonly left: (bytes: Uint8Array) => void;
  readonly reused: () => number;
}
export interface Weather {
  readonly delay: readonly [least: number, most: number];
  readonly spike: number;
  readonly loseRequest: number;
  readonly loseAnswer: number;
  readonly loseNews: number;
  readonly duplicate: number;
}
export interface WorldOptions {
  readonly seed: number;
  readonly weather?: Weather;
  readonly service?: Partial<DeliveryOptions>;
  readonly knowsRooms?: boolean;
  readonly client?: Partial<Pick<ClientOptions, "group" | "keyPackages" | "rooms" | "removeIdle" | "renewEvery">>;
  readonly accounts?: boolean;
  readonly port?: DeliveryPort;
  readonly reach?: (service: DeliveryService, world: SimulatedWorld) => Promise<Delivery>;
  readonly between?: (service: Delivery, device: string, world: SimulatedWorld) => Delivery;
}
export declare const allDeeds: readonly Deed[];
export declare const allHistoryLies: readonly HistoryLie[];
export declare const allLies: readonly Lie[];
export declare const allVersions: readonly ClientVersion[];
export declare function deliveryConformance(
  create: (needs: DeliveryNeeds) => Promise<DeliveryUnderTest>,
): readonly ConformanceTest[];
export declare const fairWeather: Weather;
export declare const foulWeather: Weather;
export declare function lying(service: Delivery, lies: Lies): Delivery;
export declare function newId(): Uint8Array;
export declare function playHistoryLies(options: HistoryLiesOptions): Promise<HistoryLiesEnd>;
export declare function playInsider(options: InsiderOptions): Promise<InsiderEnd>;
export declare function playMalice(options: MaliceOptions): Promise<MaliceEnd>;
export declare function playStory(options: StoryOptions): Promise<StoryEnd>;
export declare function roomOf(
  service: TestService,
  ...users: readonly string[]
): Promise<{
  readonly room: string;
  readonly devices: readonly TestDevice[];
}>;
export declare function signedIn(
  delivery: Delivery,
  device: string,
  { suite, signatureKey, signer }: LocalIdentity,
  incarnation?: DeviceLogin["incarnation"],
): Promise<Connection>;
export declare const simulatedHost = "example.org";
export declare function storeConformance(create: () => Promise<StoreUnderTest>): readonly ConformanceTest[];
export declare const testGroups: Pick<GroupOptions, "authentication" | "registry">;

// ---- not exported, but named above

interface AccountKeyTbs {
  readonly user: Uint8Array;
  readonly cipherSuite: number;
  readonly rootKey: Uint8Array;
  readonly number: number;
  readonly accountKey: Uint8Array;
}
type Answer = Published["kind"];
interface AppEphemeral {
  readonly componentId: number;
  readonly data: Uint8Array;
}
declare const AppEphemeral: Codec<AppEphemeral>;
interface Base<K> {
  counts: Map<K, number>;
  version: number;
}
type ClientKey = (credential: Credential, signatureKey: Uint8Array) => Uint8Array;
declare class Counted<K> {
  #private;
  constructor(base?: Base<K>, delta?: ReadonlyMap<K, number>, repeated?: number);
  get hasRepeated(): boolean;
  count(key: K): number;
  add(key: K): void;
  remove(key: K): void;
  fork(): Counted<K>;
  settle(forks?: readonly Counted<K>[]): void;
  entries(): Iterable<[K, number]>;
}
type Counting = "nothing" | "unread" | "mention";
interface Edit {
  readonly id: Uint8Array;
  readonly number: bigint;
  readonly at: number;
}
interface Expiration {
  readonly min: number;
  readonly max: number;
  readonly default: number | undefined;
}
interface History {
  readonly rolesThatCanShare: readonly number[];
  readonly automaticallyShare: boolean;
  readonly maxTimePeriod: number;
}
type LeafDifference = readonly [leafIndex: number, leafNode: LeafNode | undefined];
interface LeafLookup {
  readonly suite: CipherSuite;
  leaf(leafIndex: number): LeafNode | undefined;
  readonly root: TreeNode;
  differencesFrom(other: LeafLookup): readonly LeafDifference[];
  withLeaves(differences: readonly LeafDifference[]): LeafLookup;
}
declare class LeafSlot {
  #private;
  readonly level = 0;
  readonly firstLeaf: number;
  readonly leafNode: LeafNode | undefined;
  constructor(leafIndex: number, leafNode: LeafNode | undefined);
  get isLeaf(): true;
  get width(): number;
  get members(): number;
  get resolutionSize(): number;
  hash(suite: CipherSuite): Uint8Array;
}
interface Logging {
  readonly loggingClients: readonly string[];
  readonly machineReadablePolicy: string;
  readonly humanReadablePolicy: string;
}
type Node =
  | {
      readonly type: "leaf";
      readonly leafNode: LeafNode;
    }
  | {
      readonly type: "parent";
      readonly parentNode: ParentNode;
    };
declare const Node: Codec<Node>;
type NodeDifference = readonly [nodeIndex: number, node: Node | undefined];
type Operation =
  | {
      readonly kind: "begin";
      readonly registration: number;
      readonly blinded: Uint8Array;
    }
  | {
      readonly kind: "store";
      readonly registration: number;
      readonly publicKey: Uint8Array;
      readonly record: Uint8Array;
    }
  | {
      readonly kind: "confirm";
      readonly registration: number;
    }
  | {
      readonly kind: "status";
    }
  | {
      readonly kind: "evaluate";
      readonly registration: number;
      readonly blinded: Uint8Array;
    }
  | {
      readonly kind: "forget";
    };
interface ParentNode {
  readonly encryptionKey: Uint8Array;
  readonly parentHash: Uint8Array;
  readonly unmergedLeaves: readonly number[];
}
declare const ParentNode: Codec<ParentNode>;
declare class ParentSlot {
  #private;
  readonly level: number;
  readonly firstLeaf: number;
  readonly members: number;
  readonly parentNode: ParentNode | undefined;
  constructor(
    level: number,
    firstLeaf: number,
    parentNode: ParentNode | undefined,
    children?: readonly [left: TreeNode, right: TreeNode],
  );
  get left(): TreeNode;
  get right(): TreeNode;
  get isLeaf(): false;
  get width(): number;
  get resolutionSize(): number;
  childToward(leafIndex: number): TreeNode;
  childAwayFrom(leafIndex: number): TreeNode;
  withChild(leafIndex: number, child: TreeNode, parentNode: ParentNode | undefined): ParentSlot;
  hash(suite: CipherSuite): Uint8Array;
}
interface Parts {
  readonly encryptionKeys: Counted<string>;
  readonly signatureKeys: Counted<string>;
  readonly clients: Counted<string>;
  readonly credentialsUsed: Counted<number>;
  readonly credentials: Counted<number>;
  readonly extensions: Counted<number>;
  readonly proposals: Counted<number>;
}
interface PathStep {
  readonly level: number;
  readonly node: ParentSlot;
  readonly copath: TreeNode;
}
interface PlannedPath {
  readonly parents: ReadonlyMap<number, ParentNode>;
  readonly parentHash: Uint8Array;
}
interface Preview {
  readonly autodetectHyperlinksInText: Optionality;
  readonly sendLinkPreviews: Optionality;
  readonly automaticLinkPreviews: Optionality;
}
interface Proxies {
  readonly linkPreviewProxy: readonly string[];
}
type ProxyUse =
  | {
      readonly linkPreviewProxyUse: "forbidden";
    }
  | ({
      readonly linkPreviewProxyUse: "optional";
    } & Proxies)
  | ({
      readonly linkPreviewProxyUse: "required";
    } & Proxies);
declare class RatchetTree {
  #private;
  readonly suite: CipherSuite;
  readonly indexes: TreeIndexes;
  private constructor();
  static create(suite: CipherSuite, leafNode: LeafNode, clientKey?: ClientKey): RatchetTree;
  static fromNodes(
    suite: CipherSuite,
    nodes: RatchetTreeNodes,
    clientKey?: ClientKey,
    counted?: TreeIndexes,
  ): RatchetTree;
  get root(): TreeNode;
  get width(): number;
  get size(): number;
  leaf(leafIndex: number): LeafNode | undefined;
  leaves(): Iterable<[leafIndex: number, leafNode: LeafNode]>;
  hash(): Uint8Array;
  toNodes(): RatchetTreeNodes;
  withLeaves(differences: readonly LeafDifference[]): LeafLookup;
  differencesFrom(other: LeafLookup): readonly LeafDifference[];
  withNodes(differences: readonly NodeDifference[]): RatchetTree;
  fork(): RatchetTree;
  settle(fork?: RatchetTree): void;
  get nextLeaf(): number;
  add(leafNode: LeafNode): number;
  reserve(): number;
  update(leafIndex: number, leafNode: LeafNode): void;
  remove(leafIndex: number): void;
  truncate(): void;
  filteredDirectPath(leafIndex: number): readonly PathStep[];
  planPath(path: readonly PathStep[], encryptionKeys: readonly Uint8Array[]): PlannedPath;
  mergePath(leafIndex: number, leafNode: LeafNode, { parents }: PlannedPath): void;
}
type RatchetTreeNodes = readonly (Node | undefined)[];
declare const RatchetTreeNodes: Codec<RatchetTreeNodes>;
interface SendingPlace {
  readonly capabilities?: readonly number[];
  readonly lastResort?: boolean;
  readonly context?: readonly Extension[];
  readonly grease?:
    | {
        readonly random: (length: number) => Uint8Array;
        readonly extensions: boolean;
      }
    | undefined;
}
interface StoredEntry {
  readonly id: Uint8Array;
  readonly device: string;
  readonly status: EntryStatus;
  readonly number: bigint;
  readonly at: number;
  readonly content: Uint8Array;
  readonly edit: Edit | undefined;
  readonly timer: Expiration | undefined;
  readonly readAt: number | undefined;
  readonly expires: bigint | undefined;
  readonly reactions: readonly Reaction[];
  readonly otherIds: readonly Uint8Array[];
  readonly call: CallEntry | undefined;
  readonly isEnded: boolean;
  readonly counts: Counting;
  readonly receipts: readonly EntryReceipt[];
}
declare class TreeIndexes {
  #private;
  readonly clientKey: ClientKey | undefined;
  constructor(clientKey?: ClientKey, parts?: Parts);
  fork(): TreeIndexes;
  settle(fork?: TreeIndexes): void;
  addLeaf(leaf: LeafNode): void;
  removeLeaf(leaf: LeafNode): void;
  addNode(node: Node | undefined): void;
  addParent(parent: ParentNode): void;
  removeParent(parent: ParentNode): void;
  encryptionKeyCount(key: Uint8Array): number;
  get repeatsEncryptionKeys(): boolean;
  get repeatsMembers(): boolean;
  signatureKeyCount(key: Uint8Array): number;
  clientCount(leaf: LeafNode): number;
  credentialTypesInUse(): Iterable<number>;
  credentialSupport(type: number): number;
  extensionSupport(type: number): number;
  proposalSupport(type: number): number;
}
type TreeNode = LeafSlot | ParentSlot;
declare const engineErrorCodes: {
  readonly "decode-truncated": "the input ends before the value does";
  readonly "decode-trailing": "bytes are left after the value";
  readonly "decode-length": "a vector's length is not encoded in the fewest bytes, or uses the reserved prefix";
  readonly "decode-presence": "the presence octet of an optional value is neither 0 nor 1";
  readonly "decode-value": "a field holds a value that its type does not define";
  readonly "decode-version": "the protocol version is not mls10";
  readonly "limit-exceeded": "the input is larger than a configured limit allows";
  readonly "suite-unsupported": "this cipher suite is not known, or the provider can't offer it";
  readonly "key-invalid": "a key is not valid for its algorithm";
  readonly "aead-open": "a ciphertext does not open: wrong key, nonce, associated data or tag";
  readonly decapsulation: "a KEM output is not valid for the private key";
  readonly "random-source": "the random source is missing or gave the wrong number of bytes";
  readonly "secret-wiped": "a secret was used after it had been wiped";
  readonly "credential-invalid": "the authentication service refused a credential (section 5.3.1)";
  readonly "leaf-signature": "the signature of a leaf node does not verify (section 7.3)";
  readonly "leaf-required-capabilities": "a leaf node lacks capabilities that the group requires (section 7.3)";
  readonly "leaf-version-unsupported": "a leaf node's capabilities lack the group's protocol version or cipher suite (section 7.2)";
  readonly "leaf-credential-unsupported": "some member does not support the credential type of a leaf node, or the reverse (section 7.3)";
  readonly "leaf-lifetime": "the current time is outside a leaf node's lifetime (section 7.3)";
  readonly "leaf-lifetime-range": "a leaf node's total lifetime is longer than the application accepts (section 7.2)";
  readonly "leaf-extension-unlisted": "an extension of a leaf node is not listed in its capabilities (section 7.3)";
  readonly "leaf-source": "the leaf node's source is not the one that its place demands (section 7.3)";
  readonly "leaf-encryption-key-reused": "a new leaf node keeps the encryption key of the one it replaces (section 7.3)";
  readonly "duplicate-signature-key": "two members have the same signature key (section 7.3)";
  readonly "duplicate-client": "two members are the same client, according to the application (section 12.2)";
  readonly "duplicate-encryption-key": "an encryption key appears twice in the tree (sections 7.3, 12.4.2, 12.4.3.1)";
  readonly "leaf-credential-unlisted": "the credential type of a leaf node is not in its own capabilities (section 7.2)";
  readonly "x509-key-mismatch": "the end-entity certificate's public key is not the leaf node's signature key (section 5.3)";
  readonly "x509-malformed": "a certificate is not a DER X.509 certificate (section 5.3)";
  readonly "key-package-suite": "a key package's version or cipher suite is not the group's (section 10.1)";
  readonly "key-package-signature": "the signature of a key package does not verify (section 10.1)";
  readonly "key-package-init-key": "a key package's init key is its leaf's encryption key (section 10.1)";
  readonly "key-package-version": "a key package's version is not that of its enclosing message (section 10)";
  readonly "key-package-unknown": "no key package of ours matches, or its private keys are gone (section 12.4.3.1)";
  readonly "extension-duplicate": "an extension type appears twice in one list (section 13.4)";
  readonly "extension-misplaced": "an extension stands where its type is not allowed (section 17.3)";
  readonly "extension-malformed": "the data of an extension does not decode";
  readonly "extension-unsupported": "a group context extension is not supported by every member (section 13.4)";
  readonly "proposal-unknown-type": "a proposal's type is neither defined by RFC 9420 nor registered (section 12.2)";
  readonly "proposal-unsupported": "some member does not support a proposal's type (section 12.2)";
  readonly "proposal-epoch": "a proposal is of another epoch (section 12.1)";
  readonly "update-sender": "an Update proposal does not come from a member (section 12.1.2)";
  readonly "remove-blank-leaf": "a Remove proposal names a leaf that is blank or outside the tree (section 12.1.3)";
  readonly "psk-usage-reinit": "a resumption PSK with usage reinit outside a reinitialization (section 12.1.4)";
  readonly "psk-usage-branch": "a resumption PSK with usage branch outside a branching (section 12.1.4)";
  readonly "psk-nonce-length": "a psk_nonce is not of length KDF.Nh (section 12.1.4)";
  readonly "reinit-version": "a ReInit proposal asks for an older protocol version (section 12.1.5)";
  readonly "required-capabilities-unsupported": "some member does not support the required capabilities (section 12.1.7)";
  readonly "custom-proposal-refused": "a custom proposal type's own validation refused a proposal";
  readonly "safe-aad": "authenticated data is no SafeAAD, in a group whose context has safe_aad (section 4.9)";
  readonly "application-framing": "application data lacks a media type, or has one that its group does not ask for (section 6.2.4)";
  readonly "safe-export-used": "a component's secret of this epoch was exported before (section 4.4)";
  readonly "safe-export-missing": "this epoch was stored by a version without a safe exporter; the next one has it";
  readonly "component-open": "what was encrypted for a component does not open (section 4.2)";
  readonly "leave-alone": "nobody else is in the group: wipe it (section 6.3)";
  readonly "commit-own-update": "a commit holds an Update by its committer (section 12.2)";
  readonly "commit-self-remove": "a commit removes its committer (section 12.2)";
  readonly "commit-leaf-changed-twice": "two Updates or Removes apply to one leaf (section 12.2)";
  readonly "commit-duplicate-add": "two Adds represent the same client (section 12.2)";
  readonly "commit-add-existing": "an Add represents a client that is already a member (section 12.2)";
  readonly "commit-duplicate-psk": "two PreSharedKey proposals name the same PSK (section 12.2)";
  readonly "commit-duplicate-extensions": "a commit holds two GroupContextExtensions proposals (section 12.2)";
  readonly "commit-reinit-not-alone": "a ReInit is committed together with other proposals (section 12.2)";
  readonly "commit-external-init": "a regular commit holds an ExternalInit (section 12.2)";
  readonly "external-commit-init": "an external commit does not hold exactly one ExternalInit (section 12.2)";
  readonly "external-commit-removes": "an external commit holds more than one Remove (section 12.2)";
  readonly "external-commit-proposal": "an external commit holds a proposal of a type not allowed there (section 12.2)";
  readonly "external-commit-path": "an external commit has no path (section 12.4.3.2)";
  readonly "external-commit-reference": "an external commit holds a proposal by reference (section 12.4.3.2)";
  readonly "external-commit-sender": "an ExternalInit comes from another sender type than new_member_commit (section 12.4.3.2)";
  readonly "wrong-group": "the message belongs to another group";
  readonly "wrong-epoch": "the message is not of the current epoch (section 12.4.2)";
  readonly "epoch-unavailable": "the message is of a past epoch whose keys are gone (section 9.2)";
  readonly "epoch-overflow": "the group has reached the last epoch (section 12)";
  readonly "proposal-not-found": "a commit refers to a proposal that has not been received (section 12.4)";
  readonly "psk-not-found": "a pre-shared key is not available (section 12.4.2)";
  readonly "commit-path-required": "a commit without a path whose proposals require one (section 12.4)";
  readonly "path-length": "an UpdatePath has not one node for each of the filtered direct path (section 7.5)";
  readonly "path-ciphertexts": "an UpdatePathNode has not one ciphertext for each node of the resolution (section 7.6)";
  readonly "path-key-mismatch": "a path secret does not give the public key of its node (section 7.5)";
  readonly "path-open": "a path secret does not decrypt (section 7.6)";
  readonly "parent-hash": "a parent hash does not verify (sections 7.9, 12.4.2)";
  readonly "confirmation-tag": "the confirmation tag does not verify (section 12.4.2)";
  readonly "membership-tag": "the membership tag does not verify (section 6.2)";
  readonly "external-init-open": "the KEM output of an ExternalInit is not valid (section 8.3)";
  readonly "commit-refused": "the application's review refused the commit (section 12.2)";
  readonly "message-signature": "the signature of a message does not verify (section 6.1)";
  readonly "private-message-open": "a private message does not open (section 6.3)";
  readonly "message-key-used": "a message's key is gone: it was used, or it has expired (section 9.2)";
  readonly "generation-gap": "the generation is further ahead than the window allows (section 9.1)";
  readonly "sender-blank": "the sender's leaf is blank or outside the tree (section 6)";
  readonly "sender-content": "this sender type can't send this content (section 6.1)";
  readonly "application-public": "application data in a PublicMessage (section 6)";
  readonly "handshake-policy": "the group's policy refuses handshakes of this wire format";
  readonly "external-sender-unknown": "no external sender has this index (section 12.1.8.1)";
  readonly "external-sender-proposal": "this proposal type is not allowed from an external sender (section 12.1.8)";
  readonly "new-member-proposal": "a new member's proposal is not an Add (section 6.1)";
  readonly "welcome-not-for-us": "a Welcome holds no secrets for any key package of ours (section 12.4.3.1)";
  readonly "welcome-suite": "the cipher suites of Welcome, key package and GroupInfo differ (section 12.4.3.1)";
  readonly "welcome-open": "a Welcome does not decrypt (section 12.4.3.1)";
  readonly "welcome-psks": "a Welcome's PSKs are not allowed together (section 12.4.3.1)";
  readonly "welcome-leaf": "our leaf is not in the tree (section 12.4.3.1)";
  readonly "welcome-epoch": "a reinitialized or branched group does not begin at epoch 1 (section 12.4.3.1)";
  readonly "welcome-reinit": "the new group does not match the ReInit of the old, or does not link to it (section 12.4.3.1)";
  readonly "welcome-branch": "the new group is no subgroup of the old, or does not link to it (section 12.4.3.1)";
  readonly "join-requirement": "a Welcome or a GroupInfo does not lead to what the joiner requires";
  readonly "group-info-signature": "the signature of a GroupInfo does not verify (section 12.4.3.1)";
  readonly "group-info-signer": "the signer of a GroupInfo is a blank leaf (section 12.4.3.1)";
  readonly "group-exists": "the client is already in a group of this id (section 12.4.3.1)";
  readonly "group-info-external-pub": "a GroupInfo has no external_pub extension (section 12.4.3.2)";
  readonly "tree-missing": "the ratchet tree is neither inside the message nor beside it (section 12.4.3.3)";
  readonly "tree-malformed": "a ratchet tree has a node of the wrong kind, a blank end or a bad size (section 12.4.3.3)";
  readonly "tree-hash": "the tree hash is not the group context's (section 12.4.3.1)";
  readonly "unmerged-leaves": "an unmerged_leaves list is not sorted, or names a leaf that it must not (sections 7.1, 12.4.3.1)";
  readonly "group-gone": "this group has ended for us: removed, left, or wiped";
  readonly "group-reinitialized": "a ReInit was committed: the group sends nothing more (section 12.4.2)";
  readonly "pending-proposals": "proposals are pending: commit before sending application data (section 12.4)";
  readonly "pending-stale": "a pending commit of another epoch, or one already dropped or applied";
  readonly "pending-own-commit": "a commit of ours is pending: apply it or drop it first";
  readonly "own-message-unknown": "a message names us as its sender, and we don't remember sending it";
  readonly "not-a-group-message": "the message is of a kind that is not taken here";
  readonly "send-limit": "the encryption limit of this epoch is reached: commit first (section 15.2)";
  readonly "generation-overflow": "a ratchet has reached its last generation (section 9.1)";
  readonly "reentrant-call": "a hook has called the group that waits for it: start it from an onEpoch listener, or when the operation is over";
  readonly "private-handshake": "an observer can't follow a private handshake";
  readonly "state-not-written": "the persist hook has written nothing: the group is as it was, and the operation can be called again";
  readonly "state-unknown": "the persist hook has failed, and nobody knows what it has written: restore the group from the store";
  readonly "snapshot-damaged": "what was stored is not what is read: a checksum does not match, a record is missing, or does not decode";
  readonly "snapshot-version": "the snapshot, or a record, was written by a newer version";
  readonly "snapshot-identity": "the snapshot is of another identity or cipher suite";
  readonly "sframe-header": "an SFrame header does not decode (RFC 9605 section 4.3)";
  readonly "sframe-unknown-kid": "no key is known for this KID (RFC 9605 section 4.4.4)";
  readonly "sframe-open": "an SFrame ciphertext does not open (RFC 9605 section 4.4.4)";
  readonly "sframe-replay": "the counter was seen before, or is older than the replay window (RFC 9605 section 9.3)";
  readonly "sframe-counter-overflow": "the sender's counter has reached its end (RFC 9605 section 4.4.3)";
  readonly "sframe-counter-reuse": "the sender has used this counter, or a later one (RFC 9605 section 9.1)";
  readonly "sframe-kid-role": "the KID is used for sending: it can't be used for receiving, or the reverse (RFC 9605 section 4.4.1)";
  readonly "sframe-kid-range": "a leaf index, context or key generation does not fit in the KID (RFC 9605 section 5)";
  readonly "sframe-key-order": "a key of an epoch or generation that is older than one already added (RFC 9605 section 5)";
  readonly "call-over": "the call is over: closed, failed, or its group has ended for us";
};
declare const otherErrorCodes: {
  readonly "component-unknown": "an AppDataUpdate or AppEphemeral is for a component that the application does not know";
  readonly "component-refused": "a component refused data, or its sender: who may send what is said where the component is registered";
  readonly "component-unsupported": "some member does not support a component that the group requires (section 5)";
  readonly "leaf-components": "a leaf node that lists app_data_dictionary says nothing of its components (section 4.6)";
  readonly "wire-format-unsupported": "some member does not support a wire format that the group requires (section 5)";
  readonly "app-data-operations": "a commit removes a component's data and changes or removes it again (section 4.7)";
  readonly "app-data-nothing-to-remove": "an AppDataUpdate removes data that is not there (section 4.7)";
  readonly "app-data-missing": "a group context names large data by its hash, and the data is not there: a GroupInfo must bring it, a store keep it";
  readonly "app-data-replaced": "a GroupContextExtensions proposal changes the dictionary, where AppDataUpdate is required (section 4.7)";
  readonly "self-remove-by-value": "a commit holds a SelfRemove by value (section 6.3)";
  readonly "self-remove-private": "a SelfRemove came in a PrivateMessage (section 6.3)";
  readonly "vectors-unavailable": "the published vectors are not on this machine";
  readonly "vectors-hash": "a vector file is not the one that the manifest names";
};
