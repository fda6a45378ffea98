/**
 * A number that does not fit where it goes is a TypeError at the door: never wrapped, cut, or an error from inside.
 */

import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { maxUint64 } from "../../src/bytes/numbers.ts";
import { Writer } from "../../src/codec/writer.ts";
import { decodeMessage } from "../../src/wire/message.ts";
import {
  basic,
  cipherSuite,
  createIdentity,
  createKeyPackage,
  encryptForComponent,
  Group,
  keyPackageComponent,
  Observer,
  proposeAsExternalSender,
  proposeToJoin,
  requiredCapabilities,
  trustAnyCredential,
  verifyForComponent,
  withCipherSuites,
  type GroupOptions,
} from "../../src/index.ts";
import { nobleProvider } from "../../src/crypto/noble.ts";
import { draftNumbers } from "../../src/extensions/app-data/numbers.ts";
import { writeAppAck } from "../../src/extensions/app-ack/app-ack.ts";
import { createReceipts } from "../../src/extensions/app-ack/receipts.ts";
import { createAppData } from "../../src/extensions/index.ts";
import * as accounts from "../../src/accounts/index.ts";
import * as content from "../../src/content/index.ts";
import * as dave from "../../src/adapters/dave/index.ts";
import * as sframe from "../../src/sframe/index.ts";
import * as rooms from "../../src/rooms/index.ts";
import { defaultDeliveryLimits } from "../../src/delivery/limits.ts";
import { firstKeyCounts } from "../../src/delivery/options.ts";
import { memoryDelivery, type DeliveryService } from "../../src/delivery/service.ts";
import { httpDelivery } from "../../src/delivery/http/index.ts";
import { defaultServerLimits, openDatabase, recoveryTokens, startServer, turnServers } from "../../src/server/index.ts";
import { writeSafeAad } from "../../src/extensions/app-data/safe-aad.ts";
import * as reports from "../../src/reports/index.ts";
import * as transparency from "../../src/transparency/index.ts";
import * as vault from "../../src/vault/index.ts";
import { Secret } from "../../src/bytes/secret.ts";
import { Client } from "../../src/client/client.ts";
import { linkDevice } from "../../src/client/linking/link-device.ts";
import { foulWeather } from "../../src/testing/simulation/network.ts";
import { createAccount } from "../../src/client/account/create-account.ts";
import { recoverAccount } from "../../src/client/recovering/recover-account.ts";
import { openPush } from "../../src/client/push/open-push.ts";
import { sqliteStore, type SqliteOptions } from "../../src/storage/sqlite.ts";
import { playStory } from "../../src/testing/simulation/play.ts";
import { playInsider } from "../../src/testing/simulation/insiders.ts";
import { playMalice } from "../../src/testing/simulation/malice.ts";
import { SimulatedWorld } from "../../src/testing/simulation/world.ts";
import { TestDevice, testGroups } from "../../src/testing/delivery/device.ts";
import { memoryStore } from "../../src/storage/memory.ts";
import { Call, createFrameEngine, localBackend, workerBackend } from "../../src/call/index.ts";
import { CallGroup } from "../../src/call/group/index.ts";
import { nativeBackend } from "../../src/call/native/index.ts";
import { madeUpKem, madeUpSuite } from "../crypto/made-up-kem.ts";
import { client, groupOf, keyPackageOf, seeded, setClock, suiteOf, trusting } from "../group/world.ts";

const anyone = { ...trusting };
const nothing = new Uint8Array(0);
const clients = await Promise.all(["alice", "bob"].map((name) => client(name)));
const [alice] = (await groupOf(clients, { handshake: "public" })) as [Group, Group];
const { identity } = clients[0]!;
const suite = suiteOf();
const observer = await Observer.follow({ ...anyone, suite, groupInfo: await alice.groupInfo() });
const groupInfo = await alice.groupInfo();
const snapshot = alice.snapshot();
const bundle = await keyPackageOf(await client("carol"));
const frames = sframe.sframeSuite(4);
const baseKey = new Uint8Array(16).fill(1);

/** What a caller may pass by mistake for a number, and for a bigint. */
const badNumbers: readonly unknown[] = [NaN, -1, 1.5, -Infinity, "1", null, 1n, {}];
const badBigints: readonly unknown[] = [-1n, maxUint64 + 1n, 1, NaN, "1", null, 1.5];

/** A parameter of the public API, and how to pass it a value. */
interface Row {
  readonly name: string;
  readonly bad: readonly unknown[];
  readonly pass: (value: never) => unknown;
}

const number = (name: string, most: number, pass: (value: number) => unknown): Row => ({
  name,
  bad: most === Infinity ? badNumbers : [...badNumbers, most + 1, Infinity],
  pass,
});
const bigint = (name: string, pass: (value: bigint) => unknown): Row => ({
  name,
  bad: badBigints,
  pass,
});
const u16 = 0xffff;
const u32 = 0xffff_ffff;

function create(
  options: Partial<GroupOptions> & { readonly extensions?: readonly { type: number; data: Uint8Array }[] },
): Promise<Group> {
  return Group.create({ ...anyone, identity, ...options });
}

const mlsEpoch = (fields: object): unknown => {
  const keys = new sframe.MlsSFrame({ suite: frames, epochBits: 8 });
  keys.addEpoch({ epoch: 1n, leafIndex: 0, treeWidth: 2, exporter: () => baseKey, ...fields });
  return keys;
};
const engine = (options: object): unknown => createFrameEngine(options);
const custom = { pathRequired: false, external: true, externalCommit: false, after: "add" } as const;

const message = { kind: "message", sender: { leafIndex: 0 }, epoch: 0n, generation: 0 } as const;

const address = { senderUri: "mimi://a/u/a", roomUri: "mimi://a/r/a" };
const words = { kind: "text", text: "", format: "plain" } as const;
const pictureWith = (info: object): content.Message => ({
  kind: "media",
  attachments: [{ as: "image", file: { cardinality: "single", contentType: "image/png", content: nothing }, ...info }],
});

const prepared = await content.prepareAttachment(nothing);
async function* noPieces(): AsyncGenerator<Uint8Array> {
  // nothing
}
const clear = { encAlg: 0, key: nothing, nonce: nothing, aad: nothing, hashAlg: 0, contentHash: nothing };
const external = { contentType: "image/png", url: "", expires: 0, size: 0, ...clear, description: "", filename: "" };
const fileWith = (fields: object): content.Message => ({
  kind: "media",
  attachments: [{ as: "image", file: { cardinality: "external", ...external, ...fields } }],
});

const newRoom = (options: object): unknown =>
  rooms.createRoomExtensions({
    rooms: rooms.roomAppData(),
    room: "mimi://a.example/r/a",
    creator: "mimi://a.example/u/a",
    ...options,
  });
const data = (components: object): unknown => newRoom({ data: components });
const roles = (more: readonly object[]): unknown =>
  data({ roles_list: [...rooms.readyPolicies.cooperative.roles, ...more] });
const role = (choice: object): unknown => roles([rooms.roleOf({ index: 9, name: "x", ...choice })]);
const times = { minimumTime: 0n, defaultTime: 0n, maximumTime: 0n };
const lists = {
  versions: [],
  cipherSuites: [],
  extensions: [],
  proposals: [],
  credentials: [],
  wireFormats: [],
  componentIds: [],
  safeAadTypes: [],
  mediaTypes: [],
  contentTypes: [],
};
const operational = (parameters: object): unknown =>
  data({
    mls_operational_policy: {
      mandatoryCapabilities: lists,
      defaultCapabilities: lists,
      forbiddenCapabilities: lists,
      handshakeFormats: [],
      externalProposalAllowed: true,
      externalCommitAllowed: true,
      pendingProposalPolicy: { strategy: "unspecified" },
      leafNodeUpdateTime: times,
      appMessagePolicy: { epochTolerance: 0, padToSize: 0, maxGenerationsSkipahead: 0 },
      maxKpLifetime: 0n,
      maxCredentialLifetime: 0n,
      resumptionPskLifetime: 0n,
      senderNonceKeypairLifetime: times,
      maxKeypairs: 0,
      bufferIncomingMessageTime: times,
      maxBufferedMessages: 0,
      ...parameters,
    },
  });
const openRoom = (): rooms.Room => {
  const app = rooms.roomAppData();
  const extensions = rooms.createRoomExtensions({
    rooms: app,
    room: "mimi://a.example/r/a",
    creator: "mimi://a.example/u/a",
  });
  return rooms.Room.open({ rooms: app, groupContext: { ...alice.groupContext, extensions }, members: [] });
};

const person = "mimi://example.org/u/alice";
const root = await accounts.rootKeyOf(suite, accounts.createRecoveryCode().seed);
const accountKey = await accounts.createAccountKey({ root, user: person });
const phone = {
  uri: "mimi://example.org/d/alice/phone",
  cipherSuite: 1,
  signatureKey: identity.signatureKey,
};
const listWith = (fields: object): Promise<Uint8Array> =>
  accounts.signDeviceList({
    accountKey,
    maker: { uri: phone.uri, signer: identity.signer },
    changes: { add: [{ ...phone, ...fields }] },
  });
const view = await accounts.checkStatement(undefined, await listWith({}));
const bareLeaf = { ...identity, extensions: [] };
const linkOf = (options: object): Promise<unknown> =>
  accounts.NewDeviceLink.begin({ suite, name: "phone", identity, ...options });

const recovering = {
  servers: ["one", "two"].map((name) => ({ name, ask: async () => Promise.resolve(new Uint8Array(0)) })),
  ...{ account: new Uint8Array(1), threshold: 2, pin: "0000" },
};
const enrolling = { ...recovering, secret: Secret.of("seed", new Uint8Array(16)) };

const vaultEpoch = { number: 1n, authenticator: nothing, root: Secret.of("vault_root", new Uint8Array(32)) } as const;
const sealing = (options: object): unknown =>
  vault.sealRecords({
    ...{ account: nothing, epoch: vaultEpoch, device: "mimi://example.org/d/alice/phone" },
    ...{ tip: vault.emptyChain, entries: [] },
    ...options,
  });
const loggedAccount = { cipherSuite: 1, rootKey: nothing, keyNumber: 1, number: 0n, hash: nothing };
const accountLog = await transparency.TransparencyLog.open({
  ...{ store: memoryStore(), signer: identity.signer },
  vrfKey: Secret.of("vrf_key", new Uint8Array(32)),
});
const franked = writeSafeAad([{ componentId: reports.frankingNumbers.frank_aad, data: new Uint8Array(32) }]);

const served = "mimi://example.org";
const room = `${served}/r/room`;
const user = `${served}/u/alice`;
const sixteen = new Uint8Array(16);
const hub = (limits: object): DeliveryService =>
  memoryDelivery({ address: served, group: testGroups, accounts: firstKeyCounts, limits });
const { connection } = await TestDevice.connect({ delivery: hub({}), address: served }, { user: "alice" });
const signingIn = {
  device: `${served}/d/bob/phone`,
  cipherSuite: 1,
  signatureKey: sixteen,
  sign: async (): Promise<Uint8Array> => Promise.resolve(sixteen),
  incarnation: { known: 0n, next: 0n, id: sixteen },
};

const phoneUri = `${served}/d/alice/phone`;
const phoneIdentity = await createIdentity({ suite, credential: basic(phoneUri) });
const opening = (options: object): Promise<Client> =>
  Client.open({
    account: { device: phoneUri, identity: phoneIdentity, authentication: trustAnyCredential },
    store: memoryStore(),
    delivery: hub({}),
    online: false,
    timers: "none",
    ...options,
  });
const chatting = await opening({});
const made = await createAccount({ user });
const withAccount = await opening({ account: made.account });
const remembered = { servers: recovering.servers, threshold: 2, pin: "271828" };
const lost = { ...remembered, user, store: memoryStore(), delivery: hub({}) };
const clientRoom = await chatting.createRoom({});
const stormy = (fields: object): unknown => new SimulatedWorld({ seed: 1, weather: { ...foulWeather, ...fields } });

const anyStatement = { run: () => undefined, get: () => ({ encoding: "UTF-8" }), all: () => [] };
const leased = (milliseconds: number): SqliteOptions => ({ exclusive: false, lease: { milliseconds } });

const rows: readonly Row[] = [
  number("ClientOptions.renewEvery", Infinity, (renewEvery) => opening({ renewEvery })),
  number("ClientOptions.removeIdle", Infinity, (removeIdle) => opening({ removeIdle })),
  number("OpenPushOptions.within", Infinity, (within) =>
    openPush({ delivery: hub({}), store: () => Promise.reject(new TypeError("no store")), within }),
  ),
  number("SqliteLease.milliseconds", Infinity, (milliseconds) =>
    sqliteStore({ exec: () => undefined, prepare: () => anyStatement, close: () => undefined }, leased(milliseconds)),
  ),
  number("SearchOptions.limit", 1_000, (limit) => chatting.search("word", { limit })),
  ...["index", "from", "limit"].map((name) =>
    number(`DownloadOptions.${name}`, Infinity, (value) => clientRoom.download(1n, { [name]: value }).next()),
  ),
  number("DownloadOptions.start", Infinity, (start) => clientRoom.download(1n, { range: { start, end: 1 } }).next()),
  number("DownloadOptions.end", Infinity, (end) => clientRoom.download(1n, { range: { start: 0, end } }).next()),
  number("KeyPackageSupply.full", u32, (full) => opening({ keyPackages: { full, low: 1 } })),
  number("KeyPackageSupply.low", u32, (low) => opening({ keyPackages: { full: 1, low } })),
  number("RoomChange.role", u32, (role) => clientRoom.setRole(user, role)),
  number("RoomChange.seconds", u32, (seconds) => clientRoom.setTimer(seconds)),
  number("StartCallOptions.ringFor", Infinity, (ringFor) => clientRoom.startCall({ ringFor })),
  number("LinkOptions.timeout", Infinity, (timeout) =>
    linkDevice({
      ...{ user, store: memoryStore(), delivery: hub({}), timers: "none" },
      ...{ compare: () => false, onOffer: () => undefined, timeout },
    }),
  ),
  number("TimelineRange.limit", Infinity, (limit) => clientRoom.timeline({ limit })),
  bigint("TimelineRange.before", (before) => clientRoom.timeline({ before })),
  number("WorldOptions.seed", u32, (seed) => new SimulatedWorld({ seed })),
  number("StoryOptions.seed", u32, (seed) => playStory({ seed })),
  number("InsiderOptions.seed", u32, (seed) => playInsider({ seed })),
  number("MaliceOptions.seed", u32, (seed) => playMalice({ seed })),
  number("StoryOptions.steps", u32, (steps) => playStory({ seed: 1, steps })),
  ...["spike", "loseRequest", "loseAnswer", "loseNews", "duplicate"].map((name) => ({
    name: `Weather.${name}`,
    bad: badNumbers.filter((value) => value !== 0.5),
    pass: (value: number) => stormy({ [name]: value }),
  })),
  ...["cipherSuite", "keyNumber"].map((name) =>
    number(`LoggedAccount.${name}`, name === "keyNumber" ? u32 : u16, (value) =>
      transparency.compareLogged(undefined, { ...loggedAccount, [name]: value }),
    ),
  ),
  bigint("LoggedAccount.number", (value) =>
    accountLog.append([{ user, account: { ...loggedAccount, number: value } }]),
  ),
  number("TransparencyLog.from", 0, (from) => accountLog.consistency(from, 0)),
  number("TransparencyLog.to", 0, (to) => accountLog.consistency(0, to)),
  number("TransparencyLog.below", 0, (below) => accountLog.entries(0, below)),
  bigint("VaultEpoch.number", (value) => vault.writeHead(nothing, { ...vaultEpoch, number: value }, [])),
  bigint("ChainTip.count", (count) => sealing({ tip: { count, last: sixteen } })),
  bigint("DeviceTip.count", (count) => vault.writeHead(nothing, vaultEpoch, [{ device: user, count, last: sixteen }])),
  number("VaultEntry.at", Infinity, (at) => sealing({ entries: [{ room, at, content: nothing }] })),
  number("RestoreOptions.pageSize", 10_000, (pageSize) =>
    vault
      .restoreHistory({
        ...{ store: vault.localHistory(memoryStore()), account: nothing, epoch: vaultEpoch, head: nothing },
        pageSize,
      })
      .next(),
  ),
  number("deriveRecoveryKey.number", u32, (value) =>
    vault.deriveRecoveryKey({ suite, seed: Secret.of("seed", new Uint8Array(16)), number: value }),
  ),
  number("sealRoot.least", u32, (least) =>
    vault.sealRoot({ suite, least, rootKey: nothing, account: nothing, recoveryKey: nothing, epoch: vaultEpoch }),
  ),
  number("HubKey.from", Infinity, (from) =>
    reports.frankingStamp({ hubKeys: [{ from, key: new Uint8Array(32) }], agentFor: () => undefined }),
  ),
  number("FrankingSigner.cipherSuite", u16, (id) =>
    reports.frankingStamp({
      hubKeys: [{ from: 0, key: new Uint8Array(32) }],
      agentFor: () => ({ cipherSuite: id, signer: identity.signer }),
    })({ room, user, at: 1, authenticatedData: franked }),
  ),
  number("FrankingStamp.at", Infinity, (at) =>
    reports.frankingStamp({ hubKeys: [], agentFor: () => undefined })({ room, user, at, authenticatedData: nothing }),
  ),
  number("FrankingStamp.cipherSuite", u16, (id) =>
    reports.frankingStamp({ hubKeys: [], agentFor: () => undefined })({
      ...{ room, user, at: 1, authenticatedData: nothing },
      cipherSuite: id,
    }),
  ),
  number("FrankedArrival.acceptedAt", Infinity, (acceptedAt) =>
    reports.checkFrank({
      ...{ suite, hub: served, sender: user, room, acceptedAt, stamp: nothing },
      ...{ agent: nothing, applicationData: nothing, authenticatedData: nothing },
    }),
  ),
  number("ReportOptions.reason", 255, (reason) =>
    reports.writeReport({
      messages: [{ sender: user, room, applicationData: nothing, stamp: nothing, acceptedAt: 1 }],
      reason,
    }),
  ),
  ...["threshold", "atLeast"].map((name) =>
    number(`RegisterOptions.${name}`, 16, (value) => vault.register({ ...enrolling, [name]: value })),
  ),
  number("RecoverOptions.threshold", 16, (threshold) => vault.recover({ ...recovering, threshold })),
  number("RecoverOptions.registration", u32, (registration) => vault.recover({ ...recovering, registration })),
  number("recoveryStatus.threshold", 16, (threshold) =>
    vault.recoveryStatus({ servers: recovering.servers, account: recovering.account, threshold }),
  ),
  number("PinServers.threshold", 16, (threshold) => recoverAccount({ ...lost, threshold })),
  number("RecoverAccountOptions.registration", u32, (registration) => recoverAccount({ ...lost, registration })),
  number("RecoveryPinOptions.atLeast", 16, (atLeast) =>
    withAccount.setRecoveryPin({ ...remembered, recoveryCode: made.recoveryCode, atLeast }),
  ),
  number("HttpRecoveryOptions.timeout", 2 ** 31 - 1, (timeout) =>
    vault.httpRecoveryServer({ name: "one", url: "https://example.org", timeout }),
  ),
  number("createAccountKey.after", u32, (after) => accounts.createAccountKey({ root, user: person, after })),
  number("NewDevice.cipherSuite", u16, (cipherSuite) => listWith({ cipherSuite })),
  number("checkLeaf.now", 2 ** 53 - 1, (now) => accounts.checkLeaf(bareLeaf, view, { now })),
  number("isStale.now", 2 ** 53 - 1, (now) => accounts.isStale(view, now)),
  number("AttestationOptions.appDataDictionary", u16, (appDataDictionary) =>
    accounts.readAttestation(bareLeaf, { appDataDictionary }),
  ),
  number("AccountAuthenticationOptions.appDataDictionary", u16, (appDataDictionary) =>
    accounts.accountAuthentication({ appDataDictionary }),
  ),
  number("RootedAccount.cipherSuite", u16, (cipherSuite) =>
    accounts.safetyNumber({ ours: { ...view, cipherSuite }, theirs: { ...view, user: "mimi://example.org/u/bob" } }),
  ),
  number("LifeOptions.timeout", 2 ** 53 - 1, (timeout) => linkOf({ timeout })),
  number("NewDeviceOptions.id", u16, (id) => linkOf({ identity: { ...identity, suite: { id } } })),
  ...Object.entries(defaultDeliveryLimits)
    .filter(([, limit]) => typeof limit === "number")
    .map(([name]) => number(`DeliveryLimits.${name}`, Infinity, (value) => hub({ [name]: value }))),
  ...["burst", "perSecond"].map((name) => ({
    name: `Rate.${name}`,
    bad: badNumbers.filter((value) => value !== 1.5),
    pass: (value: never) => hub({ requests: { burst: 1, perSecond: 1, [name]: value } }),
  })),
  number("RecoveryTokenOptions.lifetime", 2 ** 31 - 1, (lifetime) =>
    recoveryTokens({ secret: "x".repeat(32), lifetime }),
  ),
  number("TurnOptions.lifetime", 2 ** 31 - 1, (lifetime) => turnServers({ urls: ["turn:x"], secret: "x", lifetime })),
  number("DeviceLogin.cipherSuite", u16, (cipherSuite) => hub({}).connect({ ...signingIn, cipherSuite })),
  ...["known", "next"].map((name) =>
    bigint(`DeviceLogin.${name}`, (value) =>
      hub({}).connect({ ...signingIn, incarnation: { ...signingIn.incarnation, [name]: value } }),
    ),
  ),
  bigint("FetchRequest.after", (after) => connection.fetch({ room, after })),
  number("FetchRequest.limit", Infinity, (limit) => connection.fetch({ room, after: 0n, limit })),
  bigint("QueueRequest.after", (after) => connection.queue({ after })),
  number("QueueRequest.limit", Infinity, (limit) => connection.queue({ limit })),
  bigint("Acknowledgement.through", (through) => connection.acknowledge({ room, through })),
  number("AccountLookup.size", Infinity, (size) => connection.lookUp({ user, size })),
  ...["from", "to"].map((name) =>
    number(`LogProofRequest.${name}`, Infinity, (value) => connection.logProof({ from: 0, to: 0, [name]: value })),
  ),
  bigint("Connection.through", (through) => connection.acknowledgeQueue({ through })),
  bigint("HistoryUpload.position", (position) => connection.putHistory({ chain: sixteen, position, records: [] })),
  bigint("HistoryRequest.below", (below) => connection.history({ chain: sixteen, below })),
  number("HistoryRequest.limit", Infinity, (limit) => connection.history({ chain: sixteen, below: 0n, limit })),
  bigint("Connection.epoch", (epoch) => connection.historyEdge({ epoch })),
  bigint("Connection.epoch of an edge that is put", (epoch) => connection.putHistoryEdge({ epoch, edge: nothing })),
  bigint("Connection.from", (from) => connection.statements({ user, from })),
  number("Connection.cipherSuite", u16, (cipherSuite) => connection.keyPackageCount({ cipherSuite })),
  number("KeyPackageClaim.cipherSuite", u16, (cipherSuite) =>
    connection.claimKeyPackages({ id: sixteen, user, cipherSuite }),
  ),
  bigint("Confirmation.epoch", (epoch) => connection.confirm({ room, epoch, signature: nothing })),
  ...["epoch", "number"].map((name) =>
    bigint(`Complaint.${name}`, (value) =>
      connection.complain({ id: sixteen, room, epoch: 0n, number: 0n, code: "x", evidence: nothing, [name]: value }),
    ),
  ),
  bigint("Statement.number", (value) => connection.publishStatement({ user, number: value, statement: nothing })),
  ...["size", "offset"].map((name) =>
    number(`BlobPart.${name}`, Infinity, (value) =>
      connection.upload({ blob: sixteen, size: 1, offset: 0, bytes: nothing, [name]: value }),
    ),
  ),
  ...["offset", "length"].map((name) =>
    number(`BlobRequest.${name}`, Infinity, (value) =>
      connection.download({ blob: sixteen, offset: 0, length: 1, [name]: value }),
    ),
  ),
  ...[
    "pastEpochs",
    "pastEpochAge",
    "generationGap",
    "outOfOrderKeys",
    "outOfOrderAge",
    "resumptionPsks",
    "ownMessages",
    "messagesPerEpoch",
  ].map((name) => number(`Window.${name}`, Infinity, (value) => create({ window: { [name]: value } }))),
  ...[
    "messageBytes",
    "proposalBytes",
    "leaves",
    "extensions",
    "proposals",
    "capabilities",
    "certificates",
    "psks",
    "externalSenders",
  ].map((name) => number(`Limits.${name}`, Infinity, (value) => create({ limits: { [name]: value } }))),
  ...["bytes", "parts", "extensions", "extensionBytes", "topicBytes", "textBytes", "nameBytes"].map((name) =>
    number(`ContentLimits.${name}`, 2 ** 32, (value) => content.decodeContent(nothing, { [name]: value })),
  ),
  number("ContentLimits.depth", 4, (depth) => content.decodeContent(nothing, { depth })),
  number("Arrival.acceptedAt", Infinity, (acceptedAt) => content.acceptContent(nothing, { ...address, acceptedAt })),
  number("Circumstances.acceptedAt", Infinity, (acceptedAt) =>
    content.judge(words, { senderUri: "", find: () => undefined, acceptedAt }),
  ),
  number("Surroundings.forwarded", 255, (forwarded) => content.writeMessage({ ...words, forwarded }, address)),
  number("Expiration.time", u32, (time) =>
    content.writeMessage({ ...words, expires: { relative: false, time } }, address),
  ),
  ...["width", "height"].map((name) =>
    number(`Attachment.${name}`, u16, (value) => content.writeMessage(pictureWith({ [name]: value }), address)),
  ),
  number("Attachment.duration", u32, (duration) => content.writeMessage(pictureWith({ duration }), address)),
  ...["choices", "correct", "endsAt"].map((name) =>
    number(`Poll.${name}`, name === "endsAt" ? u32 : 2, (value) =>
      content.writeMessage({ kind: "poll", question: "?", options: ["a", "b"], [name]: value }, address),
    ),
  ),
  ...["accuracy", "liveUntil"].map((name) =>
    number(`Location.${name}`, u32, (value) =>
      content.writeMessage({ kind: "location", latitude: 0, longitude: 0, [name]: value }, address),
    ),
  ),
  number("CallNotice.duration", u32, (duration) =>
    content.writeMessage({ kind: "call", event: "ended", call: Uint8Array.of(1), duration }, address),
  ),
  ...["latitude", "longitude"].map((name) => ({
    name: `Location.${name}`,
    bad: [NaN, 181, -181, Infinity, "1", null, 1n, {}],
    pass: (value: never) =>
      content.writeMessage({ kind: "location", latitude: 0, longitude: 0, [name]: value }, address),
  })),
  number("Vote.options", 31, (option) =>
    content.writeMessage({ kind: "vote", inReplyTo: new Uint8Array(32).fill(1), options: [option] }, address),
  ),
  number("CborTag.tag", Infinity, (tag) =>
    content.encodeContent({
      salt: new Uint8Array(16),
      extensions: new Map([[3, { tag, value: null }]]),
      nestedPart: { disposition: "render", cardinality: "null" },
    }),
  ),
  ...Object.entries({ expires: u32, size: Infinity, encAlg: u16, hashAlg: 255 }).map(([name, most]) =>
    number(`ExternalPart.${name}`, most, (value) => content.writeMessage(fileWith({ [name]: value }), address)),
  ),
  ...["chunkSize", "limit"].map((name) =>
    number(`PrepareOptions.${name}`, Infinity, (value) => content.prepareAttachment(nothing, { [name]: value })),
  ),
  number("EncryptOptions.from", Infinity, (from) => content.encryptAttachment(nothing, prepared, { from })),
  ...["from", "limit"].map((name) =>
    number(`DecryptOptions.${name}`, Infinity, (value) =>
      content.decryptAttachment(prepared.file, noPieces(), { [name]: value }),
    ),
  ),
  ...["start", "end", "limit"].map((name) =>
    number(`RangeOptions.${name}`, Infinity, (value) =>
      content.readRange(prepared.file, {
        start: 0,
        end: 0,
        fetch: () => Promise.resolve(nothing),
        [name]: value,
      }),
    ),
  ),
  number("FileWords.expires", u32, (expires) =>
    content.externalFile(prepared, { url: "", contentType: "a/b", expires }),
  ),
  number("BlobLike.size", Infinity, (size) =>
    content.prepareAttachment({ size, slice: () => ({ arrayBuffer: () => Promise.resolve(new ArrayBuffer(0)) }) }),
  ),
  bigint("Presence.since", (since) => content.encodeEphemeral({ kind: "presence", state: "away", since })),
  number("isRinging.now", Infinity, (now) => content.isRinging(words, now)),
  number("LifetimePolicy.clockSkew", Infinity, (clockSkew) => create({ lifetime: { clockSkew } })),
  number("LifetimePolicy.maximum", Infinity, (maximum) => create({ lifetime: { maximum } })),
  number("Padding.of", 2 ** 20, (of) => alice.seal(nothing, { padding: { kind: "multiple", of } })),
  number("Padding.least", 2 ** 20, (least) => alice.seal(nothing, { padding: { kind: "padme", least } })),
  number("RestoreOptions.skip", 1_000, (skip) => Group.restore({ ...anyone, identity, snapshot, skip })),
  number("JoinExternallyOptions.replace", u32, (replace) =>
    Group.joinExternally({ ...anyone, identity, groupInfo, replace }),
  ),
  number("Change.remove", u32, (remove) => alice.propose({ remove })),
  number("CommitOptions.remove", u32, (remove) => alice.commit({ remove: [remove] })),
  bigint("PskChoice.epoch", (epoch) => alice.propose({ psk: { type: "resumption", groupId: nothing, epoch } })),
  number("ReInitChoice.cipherSuite", u16, (id) => alice.propose({ reinit: { groupId: nothing, cipherSuite: id } })),
  number("CustomProposal.proposalType", u16, (proposalType) =>
    alice.propose({ custom: { proposalType, body: nothing } }),
  ),
  number("Extension.type", u16, (type) => create({ extensions: [{ type, data: nothing }] })),
  number("Extension.type of a proposal", u16, (type) => alice.propose({ extensions: [{ type, data: nothing }] })),
  number("Extension.type of a ReInit", u16, (type) =>
    alice.propose({ reinit: { groupId: nothing, cipherSuite: 1, extensions: [{ type, data: nothing }] } }),
  ),
  number("Extension.type of a leaf", u16, (type) =>
    createKeyPackage({ identity, extensions: [{ type, data: nothing }] }),
  ),
  number("Extension.type of a key package", u16, (type) =>
    createKeyPackage({ identity, keyPackageExtensions: [{ type, data: nothing }] }),
  ),
  number("Extension.type of a GroupInfo", u16, (type) => alice.groupInfo({ extensions: [{ type, data: nothing }] })),
  ...["versions", "cipherSuites", "extensions", "proposals", "credentials"].map((name) =>
    number(`Capabilities.${name}`, u16, (value) => createKeyPackage({ identity, capabilities: { [name]: [value] } })),
  ),
  ...["extensionTypes", "proposalTypes", "credentialTypes"].map((name) =>
    number(`RequiredCapabilities.${name}`, u16, (value) => requiredCapabilities({ [name]: [value] })),
  ),
  bigint("GroupInfoRequirements.epoch", (epoch) =>
    Group.joinExternally({ ...anyone, identity, groupInfo, require: { epoch } }),
  ),
  bigint("PskRequirement.since", (since) =>
    Group.join({
      ...anyone,
      identity,
      welcome: nothing,
      keyPackages: [],
      require: { psks: [{ type: "resumption", groupId: nothing, since }] },
    }),
  ),
  bigint("KeyPackageOptions.notBefore", (notBefore) =>
    createKeyPackage({ identity, lifetime: { notBefore, notAfter: maxUint64 } }),
  ),
  bigint("KeyPackageOptions.notAfter", (notAfter) =>
    createKeyPackage({ identity, lifetime: { notBefore: 0n, notAfter } }),
  ),
  number("ExtensionRegistry.credentials", u16, (value) => create({ registry: { credentials: [value] } })),
  number("CustomExtension.type", u16, (type) => create({ registry: { extensions: [{ type, places: [] }] } })),
  number("CustomProposalType.type", u16, (type) => create({ registry: { proposals: [{ type, ...custom }] } })),
  number("ExternalProposalOptions.senderIndex", u32, (senderIndex) =>
    proposeAsExternalSender({ identity, senderIndex, change: { remove: 1 }, groupId: nothing, epoch: 1n }),
  ),
  bigint("OutsideView.epoch", (epoch) => proposeToJoin({ identity, keyPackage: bundle, groupId: nothing, epoch })),
  bigint("OutsideView.epoch of an external sender", (epoch) =>
    proposeAsExternalSender({ identity, senderIndex: 0, change: { remove: 1 }, groupId: nothing, epoch }),
  ),
  number("Group.member", u32, (leafIndex) => alice.member(leafIndex)),
  number("Observer.member", u32, (leafIndex) => observer.member(leafIndex)),
  number("Group.exportSecret", 255 * 32, (length) => alice.exportSecret("label", nothing, length)),
  number("cipherSuite", u16, (id) => (typeof id === "string" ? cipherSuite(NaN) : cipherSuite(id))),
  number("sframeSuite", u16, (id) => sframe.sframeSuite(id)),
  bigint("SFrameHeader.kid", (kid) => sframe.writeSFrameHeader({ kid, ctr: 0n })),
  bigint("SFrameHeader.ctr", (ctr) => sframe.writeSFrameHeader({ kid: 0n, ctr })),
  bigint("SFrameSenderOptions.kid", (kid) => new sframe.SFrameSender({ suite: frames, kid, baseKey })),
  bigint(
    "SFrameSenderOptions.lastCounter",
    (lastCounter) => new sframe.SFrameSender({ suite: frames, kid: 1n, baseKey, lastCounter }),
  ),
  bigint("SFrameSender.advanceTo", (ctr) =>
    new sframe.SFrameSender({ suite: frames, kid: 1n, baseKey }).advanceTo(ctr),
  ),
  ...(["addKey", "removeKey", "hasKey", "addSendingKid", "removeSendingKid"] as const).map((name) =>
    bigint(`SFrameReceiver.${name}`, (kid) => {
      new sframe.SFrameReceiver({ suite: frames })[name](kid, baseKey);
    }),
  ),
  number(
    "ReceivingOptions.replayWindow",
    2 ** 16,
    (replayWindow) => new sframe.SFrameReceiver({ suite: frames, replayWindow }),
  ),
  number("ReceivingOptions.maxKeys", 2 ** 32, (maxKeys) => new sframe.SFrameReceiver({ suite: frames, maxKeys })),
  number("MlsSFrameOptions.epochBits", 63, (epochBits) => new sframe.MlsSFrame({ suite: frames, epochBits })),
  number(
    "MlsSFrameOptions.maxContexts",
    2 ** 32,
    (maxContexts) => new sframe.MlsSFrame({ suite: frames, epochBits: 8, maxContexts }),
  ),
  bigint("MlsEpoch.epoch", (epoch) => mlsEpoch({ epoch })),
  number("MlsEpoch.leafIndex", u32, (leafIndex) => mlsEpoch({ leafIndex })),
  number("MlsEpoch.treeWidth", 2 ** 31, (treeWidth) => mlsEpoch({ treeWidth })),
  bigint("MlsKid.context", (context) =>
    sframe.mlsKid({ context, leafIndex: 0, epoch: 0n, epochBits: 8, treeWidth: 2 }),
  ),
  bigint("MlsKid.epoch", (epoch) => sframe.mlsKid({ context: 0n, leafIndex: 0, epoch, epochBits: 8, treeWidth: 2 })),
  number("MlsKid.leafIndex", u32, (leafIndex) =>
    sframe.mlsKid({ context: 0n, leafIndex, epoch: 0n, epochBits: 8, treeWidth: 2 }),
  ),
  number("MlsKidLayout.epochBits", 63, (epochBits) => sframe.splitMlsKid(1n, { epochBits, treeWidth: 2 })),
  number("MlsKidLayout.treeWidth", 2 ** 31, (treeWidth) => sframe.splitMlsKid(1n, { epochBits: 8, treeWidth })),
  number("leafBits", 2 ** 31, (treeWidth) => sframe.leafBits(treeWidth)),
  bigint("RatchetKid.generation", (generation) => sframe.ratchetKid({ generation, step: 0n, stepBits: 8 })),
  bigint("RatchetKid.step", (step) => sframe.ratchetKid({ generation: 0n, step, stepBits: 8 })),
  number(
    "SFrameRatchetSenderOptions.stepBits",
    63,
    (stepBits) => new sframe.SFrameRatchetSender({ suite: frames, stepBits, baseKey }),
  ),
  bigint(
    "SFrameRatchetSenderOptions.generation",
    (generation) => new sframe.SFrameRatchetSender({ suite: frames, stepBits: 8, baseKey, generation }),
  ),
  number(
    "SFrameRatchetReceiverOptions.stepBits",
    63,
    (stepBits) => new sframe.SFrameRatchetReceiver({ suite: frames, stepBits }),
  ),
  ...["maxAhead", "keepSteps", "maxGenerations"].map((name) =>
    number(
      `SFrameRatchetReceiverOptions.${name}`,
      2 ** 32,
      (value) => new sframe.SFrameRatchetReceiver({ suite: frames, stepBits: 8, [name]: value }),
    ),
  ),
  bigint("SharedSenderKey.kid", (kid) =>
    new sframe.SFrameRatchetReceiver({ suite: frames, stepBits: 8 }).addKey({ kid, baseKey }),
  ),
  ...["sendDelay", "eraseDelay", "holdTime", "keyFrameInterval", "maxKeyFrameInterval"].map((name) =>
    number(`EngineDelays.${name}`, 2 ** 31 - 1, (value) => engine({ [name]: value })),
  ),
  ...[
    "maxEpochs",
    "maxContexts",
    "maxTracks",
    "maxKeys",
    "replayWindow",
    "maxHeldFrames",
    "maxHeldBytes",
    "maxHeldFramesInAll",
    "maxHeldBytesInAll",
    "maxFrameBytes",
  ].map((name) => number(`EngineLimits.${name}`, 2 ** 32, (value) => engine({ [name]: value }))),
  bigint("EngineLimits.maxFramesPerKey", (maxFramesPerKey) => engine({ maxFramesPerKey })),
  bigint("FrameEngineOptions.session", (session) => engine({ session })),
  number("FrameEngineOptions.epochBits", 63, (epochBits) => engine({ epochBits })),
  number("WorkerEngineOptions.suite", u16, (id) => workerOf({ suite: id })),
  number("WorkerEngineOptions.epochBits", 63, (epochBits) => workerOf({ epochBits })),
  number("WorkerEngineOptions.holdTime", 2 ** 31 - 1, (holdTime) => workerOf({ holdTime })),
  bigint("WorkerEngineOptions.maxFramesPerKey", (maxFramesPerKey) => workerOf({ maxFramesPerKey })),
  number(
    "CallOptions.exportPatience",
    2 ** 31 - 1,
    (exportPatience) => new Call({ source: alice, backend: localBackend(), exportPatience }),
  ),
  ...["held", "heldMessageBytes", "heldBytes"].map((name) =>
    number(`CallGroupOptions.${name}`, 2 ** 32, (value) => callGroup({ [name]: value })),
  ),
  ...["debounce", "turn", "knock", "knocks", "patience", "poll"].map((name) =>
    number(`Timing.${name}`, 2 ** 31 - 1, (value) => callGroup({ timing: { [name]: value } })),
  ),
  number("CipherSuiteDefinition.id", u16, (id) => withCipherSuites(nobleProvider, [{ ...madeUpSuite, id }])),
  number("Kem.id", u16, (id) => withKem({ id })),
  ...["publicKey", "privateKey", "enc", "sharedSecret"].map((name) =>
    number(`KemLengths.${name}`, Infinity, (value) => withKem({ lengths: { ...madeUpKem.lengths, [name]: value } })),
  ),
  ...(Object.keys(draftNumbers) as (keyof typeof draftNumbers)[]).map((name) =>
    number(`AppDataNumbers.${name}`, u16, (value) => createAppData({ components: [], numbers: { [name]: value } })),
  ),
  ...Object.keys(rooms.roomNumbers).map((name) =>
    number(`RoomNumbers.${name}`, u16, (value) => rooms.roomAppData({ numbers: { [name]: value } })),
  ),
  number("RoomAppDataOptions.participantsInlineUpTo", u32, (participantsInlineUpTo) =>
    rooms.roomAppData({ participantsInlineUpTo }),
  ),
  number("NewRoomOptions.requiredComponents", u16, (id) => newRoom({ requiredComponents: [id] })),
  number("UserRolePair.role", u32, (role) => newRoom({ participants: [{ user: "mimi://a.example/u/b", role }] })),
  ...["maxClients", "maxUsers", "policyComponentIds"].map((name) =>
    number(`BaseRoomPolicy.${name}`, name.startsWith("max") ? u32 : u16, (value) =>
      newRoom({ base: { [name]: name.startsWith("max") ? value : [value] } }),
    ),
  ),
  ...["min", "max"].flatMap((name) => [
    number(`RoleChoice.${name} participants`, u32, (value) => role({ participants: { [name]: value } })),
    number(`RoleChoice.${name} active`, u32, (value) => role({ active: { [name]: value } })),
  ]),
  number("RoleChoice.index", u32, (index) => role({ index })),
  number("RoleChoice.changes from", u32, (from) => role({ changes: [[from, [2]]] })),
  number("RoleChoice.changes to", u32, (to) => role({ changes: [[2, [to]]] })),
  ...["roleIndex", "minimumParticipants", "maximumParticipants", "minimumActive", "maximumActive"].map((name) =>
    number(`Role.${name}`, u32, (value) => roles([{ ...rooms.roleOf({ index: 9, name: "x" }), [name]: value }])),
  ),
  number("Role.roleCapabilities", u16, (value) =>
    roles([{ ...rooms.roleOf({ index: 9, name: "x" }), roleCapabilities: [value] }]),
  ),
  ...["from", "to"].map((name) =>
    number(`RoleChange.${name}`, u32, (value) => {
      const change = { from: 2, to: [2], [name]: name === "to" ? [value] : value };
      return roles([{ ...rooms.roleOf({ index: 9, name: "x" }), authorizedRoleChanges: [change] }]);
    }),
  ),
  number("Claim.credentialType", u16, (credentialType) =>
    data({
      preauth_list: [
        {
          claimset: [{ credentialType, id: nothing, value: nothing }],
          targetRole: rooms.roleOf({ index: 2, name: "x" }),
        },
      ],
    }),
  ),
  number("JoinLinkPolicy.expiration", u32, (expiration) =>
    data({ join_link_policy: { onRequest: false, joinLink: "", multiuser: true, expiration } }),
  ),
  ...["rolesThatCanShare", "maxTimePeriod"].map((name) =>
    number(`HistoryPolicy.${name}`, u32, (value) => {
      const policy = { historySharing: "optional", rolesThatCanShare: [], automaticallyShare: false, maxTimePeriod: 1 };
      return data({ chat_history_policy: { ...policy, [name]: name === "maxTimePeriod" ? value : [value] } });
    }),
  ),
  ...["min", "max", "default"].map((name) =>
    number(`MessageExpirationPolicy.${name}`, u32, (value) =>
      data({
        message_expiration_policy: { expiringMessages: "optional", min: 0, max: u32, default: 1, [name]: value },
      }),
    ),
  ),
  number("Bot.botRoleIndex", u32, (botRoleIndex) =>
    data({
      bot_policy: [
        {
          name: "",
          description: "",
          homepage: "",
          localClientBot: false,
          botRoleIndex,
          canTargetMessageInGroup: false,
          perUserContent: false,
        },
      ],
    }),
  ),
  ...["maxImage", "maxAudio", "maxVideo", "maxAttachment"].map((name) =>
    bigint(`AssetPolicy.${name}`, (value) =>
      data({
        asset_policy: {
          assetUploadLocation: "unspecified",
          uploadDomains: [],
          downloadPrivacy: {
            allowedDownloadTypes: ["direct"],
            forbiddenDownloadTypes: [],
            defaultDownloadType: "direct",
          },
          maxImage: 0n,
          maxAudio: 0n,
          maxVideo: 0n,
          maxAttachment: 0n,
          forbiddenMediaTypes: [],
          permittedMediaTypes: undefined,
          [name]: value,
        },
      }),
    ),
  ),
  ...["maxKpLifetime", "maxCredentialLifetime", "resumptionPskLifetime"].map((name) =>
    bigint(`OperationalParameters.${name}`, (value) => operational({ [name]: value })),
  ),
  ...["maxKeypairs", "maxBufferedMessages"].map((name) =>
    number(`OperationalParameters.${name}`, u32, (value) => operational({ [name]: value })),
  ),
  number("OperationalParameters.handshakeFormats", u16, (value) => operational({ handshakeFormats: [value] })),
  ...["minimumTime", "defaultTime", "maximumTime"].map((name) =>
    bigint(`MinDefaultMaxTime.${name}`, (value) => operational({ leafNodeUpdateTime: { ...times, [name]: value } })),
  ),
  ...["minimumDelayMs", "maximumDelayMs"].map((name) =>
    bigint(`PendingProposalPolicy.${name}`, (value) =>
      operational({
        pendingProposalPolicy: { strategy: "randomDelay", minimumDelayMs: 0n, maximumDelayMs: 0n, [name]: value },
      }),
    ),
  ),
  ...(
    [
      ["epochTolerance", 0xff],
      ["padToSize", u16],
      ["maxGenerationsSkipahead", u32],
    ] as const
  ).map(([name, most]) =>
    number(`AppMessagePolicy.${name}`, most, (value) =>
      operational({ appMessagePolicy: { epochTolerance: 0, padToSize: 0, maxGenerationsSkipahead: 0, [name]: value } }),
    ),
  ),
  ...Object.keys(lists)
    .filter((name) => name !== "mediaTypes")
    .map((name) =>
      number(`ExtendedCapabilities.${name}`, name === "contentTypes" ? 0xff : u16, (value) =>
        operational({ mandatoryCapabilities: { ...lists, [name]: [value] } }),
      ),
    ),
  number("RoomAction.role", u32, (role) =>
    openRoom().mayDo("mimi://a.example/u/a", { kind: "add", user: "mimi://a.example/u/b", role }),
  ),
  number("Room.role", u32, (role) => openRoom().role(role)),
  number("AppDataOptions.wireFormats", u16, (format) => createAppData({ components: [], wireFormats: [format] })),
  number("Component.id", u16, (id) => createAppData({ components: [{ id }] })),
  number("ReceiptsOptions.self", u32, (self) => createReceipts({ self })),
  number("ReceiptsOptions.epochs", 2 ** 16, (epochs) => createReceipts({ self: 0, epochs })),
  number("ReceiptsOptions.ranges", 2 ** 16, (ranges) => createReceipts({ self: 0, ranges })),
  ...["sender", "firstGeneration", "lastGeneration"].map((name) =>
    number(`MessageRange.${name}`, u32, (value) =>
      writeAppAck([{ sender: 0, firstGeneration: 0, lastGeneration: 0, [name]: value }]),
    ),
  ),
  number("ReceivedMessage.leafIndex", u32, (leafIndex) => {
    createReceipts({ self: 0 }).note({ ...message, sender: { leafIndex } });
  }),
  number("ReceivedMessage.generation", u32, (generation) => {
    createReceipts({ self: 0 }).note({ ...message, generation });
  }),
  bigint("ReceivedMessage.epoch", (epoch) => {
    createReceipts({ self: 0 }).note({ ...message, epoch });
  }),
  number("SentMessage.unverifiedGeneration", u32, (unverifiedGeneration) => {
    createReceipts({ self: 0 }).noteSent({ own: true, contentType: "application", epoch: 0n, unverifiedGeneration });
  }),
  bigint("SentMessage.epoch", (epoch) => {
    createReceipts({ self: 0 }).noteSent({ own: true, contentType: "application", epoch, unverifiedGeneration: 0 });
  }),
  bigint("Receipts.epoch", (epoch) => createReceipts({ self: 0 }).compare({ epoch }, [])),
  number("ApplicationPskChoice.componentId", u16, (componentId) =>
    createAppData({ components: [] }).psk(componentId, nothing),
  ),
  bigint("StoreRange.from", (from) => ranged({ from })),
  bigint("StoreRange.below", (below) => ranged({ below })),
  number("StoreRange.limit", Infinity, (limit) => ranged({ limit })),
  number("Component.inlineUpTo", u32, (inlineUpTo) => createAppData({ components: [{ id: 0x8001, inlineUpTo }] })),
  ...["requiredComponents", "safeAad", "requiredWireFormats"].map((name) =>
    number(`ContextOptions.${name}`, u16, (value) => createAppData({ components: [] }).context({ [name]: [value] })),
  ),
  number("GroupComponent.id", u16, (id) => alice.component(id)),
  number("KeyPackageComponent.id", u16, (id) => keyPackageComponent(suite, bundle, id)),
  number("ComponentEncryption.componentId", u16, (componentId) =>
    encryptForComponent({ suite, to: { member: alice.self }, componentId, label: "", plaintext: nothing }),
  ),
  number("ComponentSignature.componentId", u16, (componentId) =>
    verifyForComponent({ suite, member: alice.self, componentId, label: "", content: nothing, signature: nothing }),
  ),
  number("PskChoice.componentId", u16, (componentId) =>
    alice.propose({ psk: { type: "application", componentId, pskId: nothing } }),
  ),
  number("PskRequirement.componentId", u16, (componentId) =>
    Group.join({
      ...anyone,
      identity,
      welcome: nothing,
      keyPackages: [],
      require: { psks: [{ type: "application", componentId, pskId: nothing }] },
    }),
  ),
  number("DatabaseAddress.connections", 10_000, (value) =>
    openDatabase({ url: "postgres://127.0.0.1:1/nobody", connections: value }),
  ),
  ...Object.keys(defaultServerLimits).map((name) =>
    number(`ServerLimits.${name}`, 2 ** 31 - 1, (value) => server({ limits: { [name]: value } })),
  ),
  number("ServerOptions.port", u16, (port) => server({ port })),
  number("ServerOptions.partBytes", 2 ** 31 - 1, (partBytes) => server({ partBytes })),
  number("HttpDeliveryOptions.silence", 2 ** 31 - 1, (silence) =>
    httpDelivery({ url: "http://127.0.0.1", address: "mimi://a.example", silence }),
  ),
  number("NativeBackendOptions.maxContexts", 2 ** 32, (maxContexts) => native({ maxContexts })),
  number("NativeBackendOptions.maxTracks", 2 ** 32, (maxTracks) => native({ maxTracks })),
  bigint("DaveSessionOptions.userId", (userId) => dave.DaveSession.create({ userId, channelId: 1n })),
  bigint("DaveSessionOptions.channelId", (channelId) => dave.DaveSession.create({ userId: 1n, channelId })),
  number("DaveEngineOptions.maxFrameBytes", 2 ** 32, (maxFrameBytes) => dave.createDaveEngine({ maxFrameBytes })),
  number("DaveEngineOptions.maxTracks", 2 ** 32, (maxTracks) => dave.createDaveEngine({ maxTracks })),
  bigint("DaveIncomingOptions.userId", (userId) =>
    dave.createDaveEngine().incoming({ track: "track", kind: "audio", deliver: () => undefined, userId }),
  ),
  ...(["protocolVersion", "transitionId"] as const).map((name) =>
    number(`DaveMessage.${name}`, u16, (value) =>
      dave.writeDaveMessage({ kind: "prepareTransition", protocolVersion: 1, transitionId: 1, [name]: value }),
    ),
  ),
  number("DaveMessage.sequence", u16, (sequence) => dave.writeDaveMessage({ kind: "revocation", sequence, refs: [] })),
  bigint("DaveMessage.userId", (userId) => dave.writeDaveMessage({ kind: "clientDisconnect", userId })),
  bigint("DaveMessage.userIds", (userId) => dave.writeDaveMessage({ kind: "clientsConnect", userIds: [userId] })),
  bigint("DaveMessage.epoch", (epoch) => dave.writeDaveMessage({ kind: "prepareEpoch", protocolVersion: 1, epoch })),
  number("DaveReply.transitionId", u16, (transitionId) =>
    dave.writeDaveReply({ kind: "readyForTransition", transitionId }),
  ),
  bigint("DaveUser.userId", (userId) =>
    dave.pairwiseCode({ userId, signatureKey: baseKey }, { userId: 1n, signatureKey: baseKey }),
  ),
];

async function server(options: object): Promise<void> {
  const running = await startServer({ delivery: hub({}), ...options });
  await running.close();
}

function ranged(range: object): unknown {
  return memoryStore()
    .range({ prefix: [], ...range })
    [Symbol.asyncIterator]()
    .next();
}

function withKem(fields: object): unknown {
  return withCipherSuites(nobleProvider, [{ ...madeUpSuite, kem: { ...madeUpKem, ...fields } }]);
}

function workerOf(options: object): unknown {
  const worker = { postMessage: () => undefined, addEventListener: () => undefined } as unknown as Worker;
  return workerBackend({ worker, api: "script-transform", ...options });
}

function callGroup(options: object): unknown {
  const call = CallGroup.join({
    ...anyone,
    chat: alice,
    callId: nothing,
    transport: { send: () => undefined },
    ...options,
  });
  call.wipe();
  return call;
}

function native(options: object): unknown {
  const Nothing = function (): void {
    // no browser
  };
  const api = { Encryptor: Nothing, Decryptor: Nothing } as unknown as NonNullable<
    Parameters<typeof nativeBackend>[0]
  >["api"];
  return nativeBackend({ ...(api === undefined ? {} : { api }), ...options });
}

describe.each(rows)("$name", ({ bad, pass }) => {
  it.each(
    bad.map((value) => [
      typeof value === "bigint" ? `${String(value)}n` : JSON.stringify(value) + String(value),
      value,
    ]),
  )("%s", async (_, value) => {
    const error: unknown = await Promise.resolve()
      .then(() => pass(value as never))
      .then(
        () => "it was taken",
        (thrown: unknown) => thrown,
      );
    expect(error).toBeInstanceOf(TypeError);
    expect((error as Error).message).not.toMatch(/undefined|not a function|convert|mix BigInt|iterable/);
  });
});

/** Numbers that copse gives and does not take, or that are of messages it has read, by the type that holds them. */
const given: ReadonlySet<string> = new Set([
  "AccountCertificate",
  "AccountError",
  "AccountLogKeys",
  "AccountView",
  "Ages",
  "Append",
  "Appended",
  "AppendedBefore",
  "AppendedCommit",
  "AppendedMessage",
  "AppendedProposal",
  "Argon2idParameters",
  "AskedMessage",
  "AttachmentLayout",
  "Attestation",
  "Audit",
  "AuditedHead",
  "BackupFinding",
  "BackupPage",
  "BlobAppend",
  "BlobsPort",
  "Call",
  "CallEntry",
  "CallEvent",
  "CallGroup",
  "CallGroupEvent",
  "CallServers",
  "CborFloat",
  "CheckedLogin",
  "CheckedRecovery",
  "CheckedStatement",
  "CipherSuite",
  "ClientEvent",
  "ClientRoom",
  "CommitEvent",
  "Comparison",
  "Complaints",
  "ComponentChange",
  "CopseError",
  "Credential",
  "CurrentGroupInfo",
  "DaveJson",
  "DaveMember",
  "DaveSession",
  "DaveSourceCommand",
  "Decision",
  "DeliveryError",
  "Device",
  "DeviceRow",
  "EngineCommand",
  "EngineEvent",
  "EngineMember",
  "EngineStatistics",
  "Enqueue",
  "EntryReceipt",
  "EnvelopeEvent",
  "EpochCommand",
  "EpochMember",
  "EpochSource",
  "ErrorDetails",
  "Evidence",
  "FetchedLike",
  "FlatRange",
  "Fork",
  "FrameCounts",
  "FrankedMessage",
  "FrankingNumbers",
  "GivenRecord",
  "Group",
  "GroupContext",
  "HistoryEdgeWrite",
  "HistoryStore",
  "HistoryWrite",
  "Incoming",
  "InsiderEnd",
  "Intent",
  "IntentState",
  "ItemRange",
  "ItemRow",
  "Joining",
  "KeyPackage",
  "KeyPackageRow",
  "KeyPackageStock",
  "LaterEvent",
  "LeftOut",
  "Lifetime",
  "LocalBackend",
  "LogHead",
  "LogItem",
  "LoggedVersion",
  "MaliceEnd",
  "Member",
  "MemberRow",
  "MendedCharacter",
  "MessageEvent",
  "MessageInfo",
  "MlsKid",
  "MlsSFrame",
  "MlsSFrameSource",
  "NewReport",
  "News",
  "NumberedEvent",
  "Observer",
  "OpenLimits",
  "OpenedFrame",
  "Outgoing",
  "OwnEvent",
  "Page",
  "Participant",
  "ParticipantStatistics",
  "PreSharedKeyId",
  "Progress",
  "Provider",
  "Published",
  "PushedMessage",
  "QueueItem",
  "QueuedContent",
  "QueuedRow",
  "ReInit",
  "Reader",
  "ReadyPolicy",
  "Recovered",
  "RecoveryKey",
  "RecoveryResponse",
  "RecoveryStatus",
  "Registration",
  "Remove",
  "RemovedEvent",
  "ReportDecision",
  "ReportOfMessages",
  "RequirementChange",
  "RestoreFinding",
  "RestoredHistory",
  "RestoringProgress",
  "RestoreProgress",
  "RoomHead",
  "RoomParticipant",
  "RoomDevices",
  "RoomRow",
  "RoomStart",
  "RoomTree",
  "RoomTreeNode",
  "RoomView",
  "RoomsPort",
  "RunningServer",
  "SFrameErrorEvent",
  "SFrameHeader",
  "SFrameRatchetReceiver",
  "SFrameRatchetSender",
  "SFrameSender",
  "SFrameSuite",
  "SealedRecord",
  "Secret",
  "Sender",
  "ServerFinding",
  "ShutOutUser",
  "Signer",
  "SimulatedWorld",
  "SourceStatistics",
  "Span",
  "Stamping",
  "Standing",
  "StateEvent",
  "StatedAccount",
  "StoredStatement",
  "StoryEnd",
  "Tally",
  "TimelineEntry",
  "TrackStatistics",
  "TransparencyLog",
  "TsMlsCredential",
  "TsMlsState",
  "UnknownEphemeral",
  "Unread",
  "UnverifiedGroupInfo",
  "UnverifiedKeyPackage",
  "UnverifiedMessage",
  "Uploaded",
  "UserWrite",
  "VaultError",
  "VaultErrorDetail",
  "VaultHead",
  "VaultRecord",
  "Verdict",
  "Verification",
  "VerifiedReport",
  "WaitingReport",
  "Wakeup",
  "WebSocketLike",
  "WelcomeRow",
  "WhisperCounts",
]);

describe("docs/api.d.ts", () => {
  it("has no option with a number in it that has no row here", () => {
    const page = readFileSync("docs/api.d.ts", "utf8");
    const missing: string[] = [];
    for (const [, name = "", body = ""] of page.matchAll(
      /^export (?:interface|declare class|type) (\w+)(.*?)^(?:\}|export)/gms,
    )) {
      if (given.has(name)) continue;
      for (const [, property = ""] of body.matchAll(
        /readonly (\w+)\??: (?:readonly )?(?:number|bigint|LeafIndex)\b/g,
      )) {
        if (!rows.some((row) => row.name.startsWith(`${name}.${property}`))) missing.push(`${name}.${property}`);
      }
    }
    expect(missing).toEqual([]);
  });
});

describe("the writer, behind every door", () => {
  it.each([
    ["u8", 0xff],
    ["u16", 0xffff],
    ["u32", 0xffff_ffff],
  ] as const)("%s takes what fits and nothing else", (name, most) => {
    const write = (value: unknown): Uint8Array => {
      const out = new Writer();
      out[name](value as number);
      return out.finish();
    };
    expect(write(0).every((byte) => byte === 0)).toBe(true);
    expect(write(most).every((byte) => byte === 0xff)).toBe(true);
    for (const bad of [...badNumbers, most + 1, Infinity, undefined]) expect(() => write(bad)).toThrow(TypeError);
  });

  it("u64 takes what fits and nothing else", () => {
    const write = (value: unknown): Uint8Array => {
      const out = new Writer();
      out.u64(value as bigint);
      return out.finish();
    };
    expect(write(maxUint64)).toEqual(new Uint8Array(8).fill(0xff));
    expect(write(0x0102_0304_0506_0708n)).toEqual(new Uint8Array([1, 2, 3, 4, 5, 6, 7, 8]));
    for (const bad of [...badBigints, undefined]) expect(() => write(bad)).toThrow(TypeError);
  });
});

describe("a clock", () => {
  const lifetimeAt = async (now: number): Promise<{ notBefore: bigint; notAfter: bigint }> => {
    const { keyPackage } = await createKeyPackage({ identity, clock: () => now });
    const message = decodeMessage(keyPackage);
    if (message.wireFormat !== "mls_key_package") throw new TypeError("a key package was expected");
    const { leafNodeSource } = message.keyPackage.leafNode;
    if (leafNodeSource.type !== "key_package") throw new TypeError("a lifetime was expected");
    return leafNodeSource.lifetime;
  };
  const days = 90n * 24n * 60n * 60n;

  it("of before 1970 makes a valid key package, of 1970", async () => {
    for (const now of [-1, -1e15, -2, 0, 1.5, 3_599_999]) {
      const lifetime = await lifetimeAt(now);
      expect(lifetime.notBefore).toBe(0n);
      expect(lifetime.notAfter).toBe(BigInt(Math.max(0, Math.floor(now / 1000))) + days);
    }
    const clock = setClock(-1e12);
    const joiner = await client("late");
    const group = await Group.create({ ...anyone, identity, clock });
    const { keyPackage } = await keyPackageOf(joiner, { clock });
    await group.commit({ add: [keyPackage] });
  });

  it("far ahead makes one, too", async () => {
    const { notAfter } = await lifetimeAt(2 ** 53);
    expect(notAfter).toBe(BigInt(Math.floor(2 ** 53 / 1000)) + days);
  });

  it("that gives no time is a TypeError", async () => {
    for (const now of [NaN, Infinity, -Infinity, 2 ** 54, "1", null, 1n, undefined]) {
      await expect(lifetimeAt(now as number)).rejects.toThrow(TypeError);
      await expect(create({ clock: () => now as number })).rejects.toThrow(TypeError);
    }
    await expect(create({ clock: 5 as unknown as () => number })).rejects.toThrow(TypeError);
  });
});

describe("a random source", () => {
  it("that gives too few bytes, too many, or none is found out", async () => {
    for (const random of [
      () => new Uint8Array(1),
      () => new Uint8Array(99),
      () => "bytes",
      () => null,
    ] as unknown as (() => Uint8Array)[]) {
      const identityOf = (): unknown => createIdentity({ suite, credential: basic("x"), random });
      for (const make of [() => create({ random }), () => createKeyPackage({ identity, random }), identityOf]) {
        await expect(Promise.resolve().then(make)).rejects.toMatchObject({ code: "random-source" });
      }
    }
    await expect(create({ random: 5 as never })).rejects.toThrow(TypeError);
    await create({ random: seeded("fine") });
  });
});
