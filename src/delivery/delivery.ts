/**
 * What a client asks of a delivery service: one interface, whether the service is in the same process or behind HTTP.
 *
 * A room is one ordered log: proposals, commits and messages get consecutive numbers when the service accepts them, and a
 * device reads on from where it was. What has no room yet waits in the device's own queue. Every write carries an id of its
 * sender: said twice, it is answered as the first time. RFC 9750 section 5; draft-ietf-mimi-protocol section 5.
 */

import type { PlatformClass } from "../bytes/platform.ts";
import type { Bytes } from "../bytes/bytes.ts";

/** A call that can be given up. What was given up may have happened: say it again under its id to know. */
export interface Request {
  readonly signal?: PlatformClass<"AbortSignal">;
}

/** A call that changes something. */
export interface Write extends Request {
  /** 16 random bytes of the sender, one for each thing that is written. */
  readonly id: Uint8Array;
}

/** Signs in as a device. */
export interface Delivery {
  /** @throws DeliveryError "not-allowed" where the service does not know the device; "incarnation" where it runs elsewhere. */
  connect(login: DeviceLogin): Promise<Connection>;
}

/** Who signs in. */
export interface DeviceLogin extends Request {
  /** The device's URI: mimi://host/d/user/device */
  readonly device: string;
  /** The key of the device's leaves, of the signature scheme of this cipher suite. */
  readonly cipherSuite: number;
  readonly signatureKey: Uint8Array;
  /**
   * Sign what `signInChallenge` gives: a label, the service's address, the device and 32 random bytes of the service. Whoever
   * implements a `Delivery` makes it on the device's side, so that a service has nothing else signed.
   */
  readonly sign: (challenge: Uint8Array) => Promise<Uint8Array>;
  /**
   * How often this device was opened: the service compares it with what it knows and sets the next, so that a copy of the
   * device's store, or an old backup of it, finds out before it encrypts anything. `id` are 16 random bytes, stored before the
   * service is asked: where the answer was lost, the same question is answered again, until the connection has been used once. `next` is
   * `known`, for another connection of the same opening, or greater.
   */
  readonly incarnation: { readonly known: bigint; readonly next: bigint; readonly id: Uint8Array };
}

/** A device's way to the service. Every promise is refused with a DeliveryError, or with the reason of the signal. */
export interface Connection {
  // Rooms

  /** A new room, whose group has this device as its only member. */
  createRoom(room: NewRoom): Promise<void>;
  /** Put a message of a group into its room's log. */
  publish(publication: Publication): Promise<Published>;
  /** Items of a room behind a number, in order: as many as the service gives at once. */
  fetch(request: FetchRequest): Promise<Page>;
  /**
   * The rooms of this device with more in them than it has acknowledged. Also rooms in which it never was, and devices of its user are or have not
   * acknowledged everything that are off the list: who has lost all devices finds them so, and puts those out.
   */
  changed(request?: Request): Promise<readonly RoomHead[]>;
  /** Everything up to this number is in the device's store, on the disk. */
  acknowledge(request: Acknowledgement): Promise<void>;
  /** What somebody needs who joins a room from outside, where the room's policy lets them. */
  groupInfo(request: RoomRequest): Promise<CurrentGroupInfo>;
  /** An epoch that this member has reached: until a second member says so, the service keeps the one before. */
  confirm(confirmation: Confirmation): Promise<void>;
  /** A commit that this member can't follow, or a proposal that it can't take in, with what shows it. */
  complain(complaint: Complaint): Promise<Complained>;

  // What has no room yet

  /** What waits for this device, in order. */
  queue(request?: QueueRequest): Promise<readonly QueueItem[]>;
  /** Everything up to this number is in the device's store, on the disk. */
  acknowledgeQueue(request: Request & { readonly through: bigint }): Promise<void>;
  /** Ask for, give, take back a consent. draft-ietf-mimi-protocol section 5.7 */
  consent(consent: ConsentEntry): Promise<void>;
  /** Bytes for devices of one user, which the service can't read: linking, a knock, an invitation. */
  send(parcel: Parcel): Promise<void>;

  // Key packages

  /** Key packages of this device, in place of nothing: the service hands each out once, but for the last resort. */
  publishKeyPackages(upload: KeyPackageUpload): Promise<void>;
  /** How many are left, without the last resort. */
  keyPackageCount(request: Request & { readonly cipherSuite: number }): Promise<number>;
  /** One key package of each of a user's devices. */
  claimKeyPackages(claim: KeyPackageClaim): Promise<readonly ClaimedKeyPackage[]>;

  // The directory

  /** The next statement about a user's keys or devices: accepted where its number follows the last one's. */
  publishStatement(statement: Statement): Promise<StatementAnswer>;
  /** The statements about a user from a number on. */
  statements(request: Request & { readonly user: string; readonly from?: bigint }): Promise<readonly StoredStatement[]>;

  // Blobs

  /** A part of an encrypted file. Its answer says how much of it the service has. */
  upload(part: BlobPart): Promise<Uploaded>;
  /** Bytes of a blob: fewer than asked for at its end. */
  download(request: BlobRequest): Promise<Bytes>;

  // The user's encrypted history

  /** Keep records of the user's history, all of them or none: "fork" where another record stands at one of the places. */
  putHistory(records: HistoryUpload): Promise<HistoryKept>;
  /** Records of a chain of the user's history below a position, the last first: as many as the service gives at once. */
  history(request: HistoryRequest): Promise<readonly Bytes[]>;
  /** Keep the edge of an epoch of the user's history: "fork" where it has another one. */
  putHistoryEdge(edge: Request & { readonly epoch: bigint; readonly edge: Uint8Array }): Promise<HistoryKept>;
  /** The edge of an epoch of the user's history. */
  historyEdge(request: Request & { readonly epoch: bigint }): Promise<HistoryEdge>;

  // What is lost without harm

  /** Bytes for those members of a room who are connected now. */
  whisper(whisper: Request & { readonly room: string; readonly bytes: Uint8Array }): Promise<void>;
  /**
   * Told of news: each is a hint, which may be lost or told twice; what it says is in the log or the queue. At most one
   * listener.
   */
  subscribe(listener: (news: News) => void): void;

  /** What a member of the room needs for a call: TURN servers with credentials, and an SFU, where the service has them. */
  callServers(request: RoomRequest): Promise<CallServers>;

  /** The data of the component franking_agent for a new room of this cipher suite, where the service franks messages. */
  frankingAgent(request: Request & { readonly cipherSuite: number }): Promise<FrankingAgentAnswer>;

  /**
   * What the service's log of accounts has of a user, with its proof: see copse/transparency. Nothing where it keeps no log.
   *
   * @throws DeliveryError "not-found" where it is no user's URI
   */
  lookUp(request: AccountLookup): Promise<LookedUpAccount>;

  /** The proof that the log of accounts has only grown between two sizes; nothing where it has no such sizes. */
  logProof(request: LogProofRequest): Promise<LogProof>;

  /**
   * Show messages of a room to whoever runs the service: the bytes of an AbuseReport. draft-ietf-mimi-protocol, "Report abuse"
   */
  report(report: Report): Promise<void>;

  /** From now on the service keeps a user's messages and key packages from this device's user, or no longer. */
  block(request: Write & { readonly user: string; readonly blocked: boolean }): Promise<void>;
  /**
   * Delete the account of this device's user: its devices, their queues and key packages, its statements, consents and blocks. Nobody signs in
   * under its name again. Rooms go on without it: leave them first. Its blobs go when they are old.
   */
  deleteAccount(request: Write): Promise<void>;
  /** Let go of the connection. What waits for the device stays with the service. */
  close(): Promise<void>;
}

/** Records of one chain, each at the place behind the one before. */
export interface HistoryUpload extends Request {
  /** The chain's name: 16 bytes. */
  readonly chain: Uint8Array;
  /** The place of the first one. */
  readonly position: bigint;
  readonly records: readonly Uint8Array[];
}

/** "fork": something else stands there, and nothing was written. */
export type HistoryKept = "kept" | "fork";

export interface HistoryRequest extends Request {
  readonly chain: Uint8Array;
  readonly below: bigint;
  /** At most so many. Default: as the service likes */
  readonly limit?: number;
}

/** The edge of an epoch, where the service has one. */
export interface HistoryEdge {
  readonly edge?: Bytes;
}

/** Whom to look up in the log of accounts. */
export interface AccountLookup extends Request {
  readonly user: string;
  /** The size of the head that the asker knows: the answer has the proof from there. */
  readonly size?: number;
}

/** What the log of accounts has of a user, for `LogMonitor.check` of copse/transparency. */
export interface LookedUpAccount {
  readonly lookup?: Bytes;
  readonly consistency?: Bytes;
}

/** Two sizes of the log of accounts, the smaller first. */
export interface LogProofRequest extends Request {
  readonly from: number;
  readonly to: number;
}

/** For `LogMonitor.hear` of copse/transparency. */
export interface LogProof {
  readonly consistency?: Bytes;
}

/** Who franks the messages of new rooms: undefined where nobody does. */
export interface FrankingAgentAnswer {
  readonly agent?: Bytes;
}

/** Messages that a user reports, as `writeReport` of copse/reports makes it. */
export interface Report extends Write {
  readonly room: string;
  readonly report: Uint8Array;
}

/** A room as it begins. */
export interface NewRoom extends Write {
  /** mimi://host/r/name */
  readonly room: string;
  /** The MLSMessage with the GroupInfo of the epoch that the group begins with. */
  readonly groupInfo: Uint8Array;
  readonly ratchetTree: Uint8Array;
}

/** A message of a group for its room. */
export interface Publication extends Write {
  readonly room: string;
  /** The MLSMessage: a PublicMessage for handshakes, a PrivateMessage for messages. */
  readonly message: Uint8Array;
  /** Of a commit: what belongs to the epoch that it begins, in one transaction with it. */
  readonly commit?: {
    /** The MLSMessage with the new epoch's GroupInfo, signed by the committer, without the tree, which the service has itself. */
    readonly groupInfo: Uint8Array;
    readonly welcome?: Uint8Array;
  };
}

/** What became of a publication. */
export type Published =
  | {
      readonly kind: "accepted";
      /** Its number in the room's log. */
      readonly number: bigint;
      /** When, by the service's clock, in milliseconds since 1970. */
      readonly at: number;
    }
  | {
      readonly kind: "refused";
      /**
       * "epoch": the room is in another epoch: fetch what came before, and make it again. "pending": proposals wait that a
       * commit must hold first. "invalid" and "policy": it breaks the RFC, or the room's rules. "not-member", "no-room": not
       * any more. "too-large", "rate": the service's limits; of "rate", the code "log-full" says that the room's log is, and "welcomes-full"
       * that too many Welcomes wait in it: there is room again when members have read.
       */
      readonly reason: "epoch" | "pending" | "invalid" | "policy" | "not-member" | "no-room" | "too-large" | "rate";
      /** The room's epoch and the number of its last item, where the device may know. */
      readonly epoch?: bigint;
      readonly head?: bigint;
      /** The code of what it breaks. */
      readonly code?: string;
      /** Of "rate": when to come again, in milliseconds from now. */
      readonly retryAfter?: number;
    };

export interface FetchRequest extends Request {
  readonly room: string;
  /** Items with greater numbers. */
  readonly after: bigint;
  /** At most so many. Default: as the service likes */
  readonly limit?: number;
}

/** Items of a room. */
export interface Page {
  readonly items: readonly LogItem[];
  /** The number of the last item of the log that this device may read. */
  readonly head: bigint;
  /** Items up to here are gone: who has not read them joins again from outside. */
  readonly goneThrough: bigint;
}

/** An item of a room's log. */
export interface LogItem {
  readonly number: bigint;
  readonly message: Bytes;
  readonly at: number;
  /**
   * Of an item whose message is empty. A commit was taken back, and the epoch before it goes on: whoever is in a later one joins again
   * from outside. Where the commit stood, and what was said in its epoch, such an item stands in its place, with its own number here;
   * one more, with the commit's, is for those who had read on.
   */
  readonly takesBack?: { readonly number: bigint; readonly epoch: bigint };
  /** What the service said of a message when it accepted it: its part of a frank. draft-ietf-mimi-protocol section 5.4.2 */
  readonly stamp?: Bytes;
}

/** A room, with the number of the last item of its log that this device may read. */
export interface RoomHead {
  readonly room: string;
  readonly head: bigint;
}

export interface Acknowledgement extends Request {
  readonly room: string;
  readonly through: bigint;
}

export interface RoomRequest extends Request {
  readonly room: string;
}

/** An epoch that can be joined from outside. */
export interface CurrentGroupInfo {
  readonly groupInfo: Bytes;
  readonly ratchetTree: Bytes;
  readonly epoch: bigint;
  /** The number of the last item of the log in the epoch: who joins reads on behind it. */
  readonly head: bigint;
  /** Proposals of this epoch that a commit must hold, as self_remove. */
  readonly proposals: readonly Bytes[];
}

export interface Confirmation extends RoomRequest {
  readonly epoch: bigint;
  /**
   * By the member's leaf key: SignWithLabel under `confirmationLabel` over `confirmationContent`, which holds the room, the epoch and
   * its confirmed transcript hash.
   */
  readonly signature: Uint8Array;
}

export interface Complaint extends Write {
  readonly room: string;
  /**
   * The epoch that the commit begins, and its number in the room's log: another may begin an epoch of the same number. Of a proposal, the
   * epoch that it is of.
   */
  readonly epoch: bigint;
  readonly number: bigint;
  /** The code of what is wrong. */
  readonly code: string;
  /** What shows it. Of a proposal: its MLSMessage. */
  readonly evidence: Uint8Array;
}

/**
 * "rolled-back": the epoch is gone, and the one before it goes on. "kept": a second member has confirmed it, or not enough has been
 * shown yet. Of a proposal always "kept": where two users say so of it, or one does and nobody has committed it for a while, commits
 * may leave it out.
 */
export type Complained = "rolled-back" | "kept";

export interface QueueRequest extends Request {
  readonly after?: bigint;
  readonly limit?: number;
}

/** What waits for a device. */
export type QueueItem = {
  /** Consecutive for this device. */
  readonly number: bigint;
  readonly at: number;
} & QueueContent;

/** What an item of a device's queue holds: a Welcome, what a user says about consent, or a parcel. */
export type QueueContent =
  | {
      readonly kind: "welcome";
      readonly room: string;
      /** The number of the commit in the room's log: this device reads on behind it. */
      readonly head: bigint;
      readonly welcome: Bytes;
      readonly ratchetTree: Bytes;
    }
  | ({ readonly kind: "consent"; /** The user who did it. */ readonly from: string } & ConsentOperation)
  | {
      readonly kind: "parcel";
      /** The device that sent it. */
      readonly from: string;
      readonly topic: string;
      readonly bytes: Bytes;
    };

/** What one user says to another about being written to, in general or about one room. */
export interface ConsentOperation {
  readonly operation: "request" | "cancel" | "grant" | "revoke";
  readonly room?: string;
}

export interface ConsentEntry extends Write, ConsentOperation {
  /** The other user. */
  readonly user: string;
}

export interface Parcel extends Write {
  /** A user, for all of its devices, or one device. */
  readonly to: string;
  /** What it is about, for the one who takes it: "link", "knock". */
  readonly topic: string;
  readonly bytes: Uint8Array;
}

export interface KeyPackageUpload extends Write {
  /** MLSMessages. */
  readonly keyPackages: readonly Uint8Array[];
  /** Handed out again and again where no other is left; in place of the last one of its cipher suite. */
  readonly lastResort?: Uint8Array;
  /** Forget whatever this device had published before. Default false. */
  readonly replace?: boolean;
}

export interface KeyPackageClaim extends Write {
  readonly user: string;
  readonly cipherSuite: number;
  /** The room that it is for, where the user has consented to that one alone. */
  readonly room?: string;
  /** Only of these devices. Default: of all. */
  readonly devices?: readonly string[];
}

/** What a claim gave of one of the user's devices. */
export interface ClaimedKeyPackage {
  readonly device: string;
  /** The MLSMessage; undefined where the device has none left. */
  readonly keyPackage: Bytes | undefined;
}

/** A signed statement about a user's keys and devices: the service keeps its number, and what the check of accounts says. */
export interface Statement extends Request {
  readonly user: string;
  /** 0 for the first, then one more each time. */
  readonly number: bigint;
  readonly statement: Uint8Array;
}

/** A statement about a user, as the service keeps it. */
export interface StoredStatement {
  readonly number: bigint;
  readonly statement: Bytes;
}

/** "number": another statement of that number was first: it is the last of `statements`. "invalid": it is not for the user. */
export type StatementAnswer = "accepted" | "number" | "invalid";

/** A server for ICE, as RTCIceServer has it. */
export interface IceServer {
  readonly urls: readonly string[];
  readonly username?: string;
  readonly credential?: string;
}

/** What a call needs of servers. */
export interface CallServers {
  readonly iceServers: readonly IceServer[];
  /** Where the SFU is. */
  readonly sfu?: string;
  /** Until when the credentials are good, in milliseconds since 1970. */
  readonly expires?: number;
}

export interface BlobPart extends Request {
  /** 16 random bytes. */
  readonly blob: Uint8Array;
  /** Of the whole, in bytes. */
  readonly size: number;
  readonly offset: number;
  readonly bytes: Uint8Array;
}

/** What came of a part of an encrypted file. */
export interface Uploaded {
  /** How much of the blob the service has, in bytes. */
  readonly received: number;
}

export interface BlobRequest extends Request {
  readonly blob: Uint8Array;
  readonly offset: number;
  readonly length: number;
}

/** A hint. */
export type News =
  | { readonly kind: "room"; readonly room: string; readonly head: bigint }
  | { readonly kind: "queue" }
  | {
      readonly kind: "whisper";
      readonly room: string;
      /** The device that sent it. */ readonly from: string;
      readonly bytes: Bytes;
    }
  /** The connection is gone: connect again. "replaced": by another opening of this device. */
  | { readonly kind: "closed"; readonly reason: "replaced" | "unreachable" | "shutdown" };
