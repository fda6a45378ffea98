/**
 * What clients can make grow at a delivery service, and how far.
 */

/** How often something may be done: as a bucket, which holds `burst` and gets `perSecond` more each second. */
export interface Rate {
  readonly burst: number;
  readonly perSecond: number;
}

/** The limits of a service. Sizes are in bytes, times in milliseconds. */
export interface DeliveryLimits {
  // Sizes
  readonly messageBytes: number;
  readonly handshakeBytes: number;
  readonly groupInfoBytes: number;
  readonly welcomeBytes: number;
  readonly keyPackageBytes: number;
  readonly parcelBytes: number;
  readonly whisperBytes: number;
  /** What the service says of a message. */
  readonly stampBytes: number;
  /** A report of messages. */
  readonly reportBytes: number;
  readonly statementBytes: number;
  readonly evidenceBytes: number;
  readonly blobBytes: number;
  /** One part of a blob that is sent, and one that is asked for. */
  readonly blobPartBytes: number;
  /** An answer with many items ends with the one that makes it longer. */
  readonly answerBytes: number;
  /** Messages and proposals of one room that wait for its members. Commits may be a quarter more, so that somebody can be removed. */
  readonly logBytes: number;
  /** Welcomes of one room that wait to be taken, and the trees beside them. */
  readonly welcomeBytesOfRoom: number;
  /** All reports of one user that wait for whoever looks at them. */
  readonly reportBytesOfUser: number;
  /** A record or an edge of a user's encrypted history. */
  readonly historyRecordBytes: number;
  /** All records and edges of one user: what is more is refused, and what is there stays. */
  readonly historyBytesOfUser: number;
  /** All statements of one user. What an unlisted device comes back with may be as much again. */
  readonly statementBytesOfUser: number;
  // Counts
  readonly answerItems: number;
  /** Key packages of one device and cipher suite. */
  readonly keyPackages: number;
  readonly devicesOfUser: number;
  /** What waits in one device's queue, beside Welcomes, and how much of it is of one sender. */
  readonly queueItems: number;
  readonly queueBytes: number;
  readonly queueItemsOfOne: number;
  /** What waits in it of all devices together that ask to be linked. */
  readonly queueItemsOfLinking: number;
  /** Welcomes that wait in it, and how many of them are by one user. What is more is lost: the device is not told of the room. */
  readonly queueWelcomes: number;
  readonly queueWelcomesOfOne: number;
  /** Consents and requests, of which requests are at most half, and blocked users, of one user. */
  readonly consents: number;
  /** All blobs of one user, in bytes and by their number. */
  readonly blobBytesOfUser: number;
  readonly blobsOfUser: number;
  /** Rooms that one user begins within `items`. */
  readonly roomsOfUser: number;
  /** Observers that are kept in memory. */
  readonly observers: number;
  /** Rooms that are looked through in one sweep. */
  readonly sweptRooms: number;
  // Times
  /** How long a device that was woken is not woken again, until it connects. */
  readonly pushPause: number;
  /** How long a device that asks to be linked keeps its place, however many others come. */
  readonly linkingKept: number;
  /** How long messages of the epoch before are taken. */
  readonly epochBefore: number;
  /** How long one user's complaint about a proposal waits for a second one's, before commits may leave it out. */
  readonly doubt: number;
  /** How long a user's next commit waits for others to confirm its last one, where the service does not know the rooms' rules. */
  readonly unconfirmed: number;
  /** How long items wait for devices that don't come. */
  readonly items: number;
  /** How long an id of a write is known, beyond the item. */
  readonly ids: number;
  readonly queue: number;
  readonly blobs: number;
  /** How long a report waits for a decision: what was reported goes then, as with one. */
  readonly undecided: number;
  /** How long a decision about a report is kept. */
  readonly decisions: number;
  // Rates of one device
  /** Everything that a device asks for. */
  readonly requests: Rate;
  /** Proposals and commits, which cost work. */
  readonly handshakes: Rate;
  readonly claims: Rate;
  /** Parcels and consent requests, which wait at others. */
  readonly parcels: Rate;
  /** Reports of messages. */
  readonly reports: Rate;
  readonly rooms: Rate;
  readonly whispers: Rate;
  /** Bytes of blobs. */
  readonly uploads: Rate;
  /** Sign-ins. */
  readonly connects: Rate;
  // Rates of one user, and of one room
  /** Everything that all devices of a user ask for. */
  readonly requestsOfUser: Rate;
  /** Messages of all members of a room. */
  readonly messagesOfRoom: Rate;
  /** Proposals and commits of all members of a room. All devices of one user together do at most a quarter of it, so that others can remove it. */
  readonly handshakesOfRoom: Rate;
  /** New devices that ask to be linked, which anybody can be. */
  readonly linkings: Rate;
  /** How often one user asks another for consent, about any room. */
  readonly asks: Rate;
}

const day = 24 * 60 * 60 * 1000;

/** For people's devices on the open internet. */
export const defaultDeliveryLimits: DeliveryLimits = {
  messageBytes: 256 * 1024,
  handshakeBytes: 4 * 1024 * 1024,
  groupInfoBytes: 256 * 1024,
  welcomeBytes: 8 * 1024 * 1024,
  keyPackageBytes: 32 * 1024,
  parcelBytes: 64 * 1024,
  whisperBytes: 16 * 1024,
  stampBytes: 1024,
  reportBytes: 1024 * 1024,
  statementBytes: 256 * 1024,
  evidenceBytes: 64 * 1024,
  blobBytes: 256 * 1024 * 1024,
  blobPartBytes: 1024 * 1024,
  answerBytes: 4 * 1024 * 1024,
  logBytes: 256 * 1024 * 1024,
  welcomeBytesOfRoom: 64 * 1024 * 1024,
  reportBytesOfUser: 16 * 1024 * 1024,
  historyRecordBytes: 1280 * 1024,
  historyBytesOfUser: 1024 * 1024 * 1024,
  statementBytesOfUser: 64 * 1024 * 1024,
  answerItems: 500,
  keyPackages: 200,
  devicesOfUser: 64,
  queueItems: 1_000,
  queueBytes: 8 * 1024 * 1024,
  queueItemsOfOne: 50,
  queueItemsOfLinking: 50,
  queueWelcomes: 5_000,
  queueWelcomesOfOne: 200,
  consents: 5_000,
  blobBytesOfUser: 2 * 1024 * 1024 * 1024,
  blobsOfUser: 50_000,
  roomsOfUser: 2_000,
  observers: 1_000,
  sweptRooms: 100_000,
  pushPause: 30 * 1000,
  linkingKept: 10 * 60 * 1000,
  epochBefore: 60 * 1000,
  doubt: 10 * 60 * 1000,
  unconfirmed: day,
  items: 30 * day,
  ids: 30 * day,
  queue: 30 * day,
  blobs: 30 * day,
  undecided: 90 * day,
  decisions: 365 * day,
  requests: { burst: 2_000, perSecond: 100 },
  handshakes: { burst: 200, perSecond: 5 },
  claims: { burst: 300, perSecond: 1 },
  parcels: { burst: 60, perSecond: 1 },
  reports: { burst: 20, perSecond: 0.01 },
  rooms: { burst: 60, perSecond: 0.1 },
  whispers: { burst: 100, perSecond: 20 },
  uploads: { burst: 64 * 1024 * 1024, perSecond: 4 * 1024 * 1024 },
  connects: { burst: 300, perSecond: 1 },
  requestsOfUser: { burst: 8_000, perSecond: 200 },
  messagesOfRoom: { burst: 10_000, perSecond: 1_000 },
  handshakesOfRoom: { burst: 2_000, perSecond: 20 },
  linkings: { burst: 20, perSecond: 0.05 },
  asks: { burst: 20, perSecond: 0.001 },
};
