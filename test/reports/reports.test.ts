/**
 * Franking and reports between two members of a room, the hub between them, and those who would cheat.
 */

import { beforeAll, describe, expect, it } from "vitest";
import { utf8 } from "../../src/bytes/text.ts";
import { decode, encode } from "../../src/codec/codec.ts";
import { encodeContent } from "../../src/content/encode.ts";
import { signWithLabel } from "../../src/crypto/labels.ts";
import { createAppData } from "../../src/extensions/app-data/app-data.ts";
import { writeFraming } from "../../src/extensions/app-data/media-types.ts";
import { writeSafeAad } from "../../src/extensions/app-data/safe-aad.ts";
import { cipherSuite } from "../../src/index.ts";
import { platformRandom } from "../../src/crypto/random.ts";
import { checkFrank, type FrankedArrival, type FrankedMessage } from "../../src/reports/check.ts";
import { ReportError } from "../../src/reports/errors.ts";
import { AbuseReport, Frank, FrankingTbs } from "../../src/reports/formats.ts";
import {
  frankingAgent,
  frankingAgentComponent,
  frankingNumbers,
  frankingTag,
  serverFrank,
} from "../../src/reports/franking.ts";
import { frankingStamp, integrityLabel, type FrankingSigner } from "../../src/reports/hub.ts";
import { verifyReport, writeReport, type VerifyOptions } from "../../src/reports/report.ts";
import { newId, type TestDevice } from "../../src/testing/delivery/device.ts";
import { address, TestWorld } from "../delivery/world.ts";

const suite = cipherSuite(1);
const firstKey = new Uint8Array(32).fill(1);
const secondKey = new Uint8Array(32).fill(2);
const rotation = 1_800_000_500_000;
const hubKeys = [
  { from: 0, key: firstKey },
  { from: rotation, key: secondKey },
];

interface Agent extends FrankingSigner {
  readonly publicKey: Uint8Array;
}
async function newAgent(): Promise<Agent> {
  const { privateKey, publicKey } = await suite.generateSignatureKeyPair(platformRandom);
  return { cipherSuite: suite.id, signer: await suite.signer(privateKey), publicKey };
}

let agent: Agent;
let options: VerifyOptions;
let world: TestWorld;
let room: string;
let alice: TestDevice;
let bob: TestDevice;
beforeAll(async () => {
  agent = await newAgent();
  options = { hubKeys, agentKeys: [{ suite, publicKey: agent.publicKey }] };
  world = new TestWorld({ stamp: frankingStamp({ hubKeys, agentFor: () => agent }) });
  ({ room, alice, bob } = await world.pair());
});

/** What a message says, of this sender in this room. */
function contentOf(text: string, { sender = alice.user, room: of = room } = {}): Uint8Array {
  const salt = platformRandom(16);
  const nestedPart = {
    disposition: "render",
    cardinality: "single",
    contentType: "text/plain",
    content: utf8(text),
  } as const;
  return encodeContent({ salt, senderUri: sender, roomUri: of, nestedPart });
}
const aad = (tag: Uint8Array) => writeSafeAad([{ componentId: frankingNumbers.frank_aad, data: tag }]);

/** Alice says it under a tag, and what Bob knows of it then. */
async function said(applicationData: Uint8Array, tag?: Uint8Array): Promise<FrankedArrival> {
  const authenticatedData = tag === undefined ? new Uint8Array(0) : aad(tag);
  const message = await alice.group.seal(applicationData, { authenticatedData });
  const { items: before } = await bob.connection.fetch({ room, after: 1n });
  await alice.connection.publish({ id: newId(), room, message });
  const { items } = await bob.connection.fetch({ room, after: before.at(-1)?.number ?? 1n });
  const item = items.at(-1)!;
  const event = await bob.group.receive(item.message);
  if (event.kind !== "message") throw new Error(event.kind);
  return {
    suite,
    hub: address,
    agent: frankingAgent({ signatureKey: agent.publicKey, credential: { type: "basic", identity: utf8(address) } }),
    applicationData: event.plaintext,
    authenticatedData: event.authenticatedData,
    stamp: item.stamp,
    acceptedAt: item.at,
    sender: alice.user,
    room,
  };
}
async function franked(text: string): Promise<FrankedMessage> {
  const content = contentOf(text);
  return checkFrank(await said(content, frankingTag(content)));
}
const refusal = (arrival: FrankedArrival) => expect(checkFrank(arrival)).rejects;

/** The first verdict of a report that somebody has made by hand out of an honest one. */
async function verdictOn(message: FrankedMessage, change: (report: AbuseReport) => AbuseReport, of = options) {
  const report = decode(AbuseReport, writeReport({ messages: [message], reason: 1 }));
  const { verdicts } = await verifyReport(encode(AbuseReport, change(report)), of);
  return verdicts[0];
}

describe("a report", () => {
  it("proves who said it, when and where, and holds just the messages that were chosen", async () => {
    const chosen = await franked("you will regret this");
    const secret = await franked("what is not reported");
    const report = writeReport({ messages: [chosen], reason: 7, note: "threat", reportingUser: bob.user });
    expect(Buffer.from(report).includes("you will regret this")).toBe(true);
    expect(Buffer.from(report).includes("what is not reported")).toBe(false);
    expect(Buffer.from(report).includes(Buffer.from(secret.stamp))).toBe(false);
    expect(await verifyReport(report, { ...options, room })).toEqual({
      reportingUser: bob.user,
      allegedAbuser: alice.user,
      reason: 7,
      note: "threat",
      verdicts: [{ kind: "proven", sender: alice.user, room, at: chosen.acceptedAt, content: chosen.applicationData }],
    });
  });

  it("commits to the whole application data, framing included", async () => {
    const content = writeFraming(contentOf("framed"), { type: "application/mimi-content", parameters: [] });
    const message = await checkFrank(await said(content, frankingTag(content)));
    expect(await verdictOn(message, (report) => report)).toMatchObject({ kind: "proven", content });
    // The same content under another media type is another message.
    const other = writeFraming(contentOf("framed"), { type: "application/mimi-contenu", parameters: [] });
    const renamed = Uint8Array.from(content);
    renamed.set(other.subarray(0, 26));
    const verdict = await verdictOn(message, (report) => withMessage(report, { content: renamed }));
    expect(verdict).toEqual({ kind: "unproven", why: "frank" });
  });

  it.each<[string, (report: AbuseReport, message: FrankedMessage) => AbuseReport, string]>([
    ["altered", (report, { applicationData }) => withMessage(report, { content: flipped(applicationData) }), "frank"],
    ["re-dated", (report) => withMessage(report, { acceptedAt: report.messages[0]!.acceptedAt + 1n }), "frank"],
    ["re-dated to another key's time", (report) => withMessage(report, { acceptedAt: BigInt(rotation) }), "frank"],
    ["of bytes that are no content", (report) => withMessage(report, { content: utf8("hello") }), "content"],
    [
      "under a changed signature",
      (report) => withFrank(report, { signature: flipped(report.messages[0]!.frank.signature) }),
      "signature",
    ],
    ["under a suite that the hub has no key of", (report) => withFrank(report, { cipherSuite: 2 }), "signature"],
    ["under a frank of somebody's own", (report) => withFrank(report, { serverFrank: new Uint8Array(32) }), "frank"],
    ["of somebody else", (report) => ({ ...report, allegedAbuser: bob.user }), "sender"],
  ])("that is %s proves nothing", async (_, change, why) => {
    const message = await franked("so it was");
    expect(await verdictOn(message, (report) => change(report, message))).toEqual({ kind: "unproven", why });
    expect(await verdictOn(message, (report) => report)).toMatchObject({ kind: "proven" });
  });

  it("that puts words into somebody's mouth proves nothing", async () => {
    const honest = await franked("hello");
    // Mallory writes a content in Alice's name and takes the frank of what Alice did say.
    const forged = contentOf("I did it");
    expect(await verdictOn(honest, (report) => withMessage(report, { content: forged }))).toEqual({
      kind: "unproven",
      why: "frank",
    });
    // And what Mallory says himself in Alice's name the hub franks as Mallory's.
    const stamp = frankingStamp({ hubKeys, agentFor: () => agent });
    const frank = await stamp({ room, user: bob.user, at: world.now, authenticatedData: aad(frankingTag(forged)) });
    const message = { ...honest, applicationData: forged, stamp: frank!, acceptedAt: world.now };
    expect(await verdictOn(message, (report) => report)).toEqual({ kind: "unproven", why: "frank" });
  });

  it("of another room is not taken for this one's", async () => {
    const message = await franked("in our room");
    const elsewhere = { ...options, room: `${address}/r/other` };
    expect(await verdictOn(message, (report) => report, elsewhere)).toEqual({ kind: "unproven", why: "room" });
    const moved = contentOf("in our room", { room: `${address}/r/other` });
    expect(await verdictOn(message, (report) => withMessage(report, { content: moved }), elsewhere)).toEqual({
      kind: "unproven",
      why: "frank",
    });
  });

  it("stays verifiable when the hub's key has changed, and is not where the key is forgotten", async () => {
    const before = await franked("under the first key");
    const now = world.now;
    world.now = rotation + 1;
    const after = await franked("under the second key");
    world.now = now;
    for (const message of [before, after]) {
      expect(await verdictOn(message, (report) => report)).toMatchObject({ kind: "proven" });
    }
    const forgotten = { ...options, hubKeys: hubKeys.slice(1) };
    expect(await verdictOn(before, (report) => report, forgotten)).toEqual({ kind: "unproven", why: "time" });
    expect(await verdictOn(after, (report) => report, forgotten)).toMatchObject({ kind: "proven" });
  });

  it("stays verifiable when the franking agent has another key, as a ReInit gives it", async () => {
    const before = await franked("under the first agent");
    const next = await newAgent();
    const both = { hubKeys, agentKeys: [next, agent].map(({ publicKey }) => ({ suite, publicKey })) };
    expect(await verdictOn(before, (report) => report, both)).toMatchObject({ kind: "proven" });
    const onlyNext = { hubKeys, agentKeys: [{ suite, publicKey: next.publicKey }] };
    expect(await verdictOn(before, (report) => report, onlyNext)).toEqual({ kind: "unproven", why: "signature" });
    // a later key that does not fit takes nothing back, and a key is of one suite alone
    const reversed = { hubKeys, agentKeys: [...both.agentKeys].reverse() };
    expect(await verdictOn(before, (report) => report, reversed)).toMatchObject({ kind: "proven" });
    const otherSuite = { hubKeys, agentKeys: [{ suite: cipherSuite(3), publicKey: agent.publicKey }] };
    expect(await verdictOn(before, (report) => report, otherSuite)).toEqual({ kind: "unproven", why: "signature" });
  });

  it("is of one sender in one room", async () => {
    const message = await franked("one");
    expect(() => writeReport({ messages: [message, { ...message, sender: bob.user }], reason: 1 })).toThrow(TypeError);
    const tooMany = Array.from({ length: 65 }, () => message);
    for (const messages of [[], tooMany]) {
      expect(() => writeReport({ messages, reason: 1 })).toThrow(/^a report has 1 to 64 messages/);
    }
    expect(() => writeReport({ messages: [message], reason: 0 })).toThrow(TypeError);
  });

  it("that does not decode, or holds more than is taken, is refused", async () => {
    const message = await franked("many");
    const report = decode(AbuseReport, writeReport({ messages: [message], reason: 1 }));
    const many = encode(AbuseReport, { ...report, messages: Array.from({ length: 65 }, () => report.messages[0]!) });
    const unreadable = encode(AbuseReport, { ...report, allegedAbuser: "mimi://a" });
    unreadable[2] = 0xff;
    const huge = encode(AbuseReport, withMessage(report, { content: new Uint8Array(4 * 1024 * 1024) }));
    const without = [{ messages: [] }, { reason: 0 }].map((change) => encode(AbuseReport, { ...report, ...change }));
    for (const bytes of [many, new Uint8Array(0), ...without, unreadable, huge]) {
      await expect(verifyReport(bytes, options)).rejects.toMatchObject({ code: "report-format" });
    }
    await expect(verifyReport(new Uint8Array(0), options)).rejects.toMatchObject({
      cause: { code: "decode-truncated" },
    });
  });
});

describe("a receiver", () => {
  it("refuses what could not be reported", async () => {
    const content = contentOf("fine");
    const tag = frankingTag(content);
    await refusal(await said(content)).toMatchObject({ code: "frank-missing" });
    await refusal(await said(content, tag.subarray(1))).toMatchObject({ code: "frank-missing" });
    const { stamp } = await said(content, tag);
    await refusal({ ...(await said(content)), stamp }).toMatchObject({ code: "frank-missing" });
    await refusal(await said(content, flipped(tag))).toMatchObject({ code: "frank-tag" });
    const noContent = await said(utf8("hello"), tag);
    await refusal(noContent).toMatchObject({ code: "frank-content", cause: expect.any(Error) as unknown });
    const unnamed = encodeContent({
      salt: platformRandom(16),
      nestedPart: { disposition: "render", cardinality: "null" },
    });
    await refusal(await said(unnamed, tag)).toMatchObject({ code: "frank-content" });
    expect(() => frankingTag(unnamed)).toThrow(ReportError);
    const inBobsName = contentOf("x", { sender: bob.user });
    await refusal(await said(inBobsName, frankingTag(inBobsName))).toMatchObject({ code: "frank-sender" });
    const elsewhere = contentOf("x", { room: `${address}/r/other` });
    await refusal(await said(elsewhere, frankingTag(elsewhere))).toMatchObject({ code: "frank-room" });
  });

  it("refuses what somebody between the hub and it has changed", async () => {
    const content = contentOf("fine");
    const arrival = await said(content, frankingTag(content));
    await checkFrank(arrival);
    await refusal({ ...arrival, acceptedAt: arrival.acceptedAt - 1 }).toMatchObject({ code: "frank-signature" });
    await refusal({ ...arrival, stamp: flipped(arrival.stamp!) }).toMatchObject({ code: "frank-signature" });
    await refusal({ ...arrival, stamp: undefined }).toMatchObject({ code: "frank-missing" });
    await refusal({ ...arrival, stamp: new Uint8Array(3) }).toMatchObject({ code: "frank-missing" });
    const frank = decode(Frank, arrival.stamp!);
    const stamp = encode(Frank, { ...frank, cipherSuite: 2 });
    await refusal({ ...arrival, stamp }).toMatchObject({ code: "frank-suite" });
  });

  it("believes the agent of its room's hub and no other", async () => {
    const content = contentOf("fine");
    const arrival = await said(content, frankingTag(content));
    await refusal({ ...arrival, hub: "mimi://other.example" }).toMatchObject({ code: "frank-agent" });
    await refusal({ ...arrival, agent: new Uint8Array(1) }).toMatchObject({ code: "frank-agent" });
    const mallory = await newAgent();
    const context = { sender: alice.user, room, acceptedAt: BigInt(arrival.acceptedAt) };
    const made = serverFrank(new Uint8Array(32), frankingTag(content), context);
    const tbs = encode(FrankingTbs, { serverFrank: made, cipherSuite: suite.id, context });
    const signature = await signWithLabel(mallory.signer, integrityLabel, tbs);
    const stamp = encode(Frank, { serverFrank: made, cipherSuite: suite.id, signature });
    await refusal({ ...arrival, stamp }).toMatchObject({ code: "frank-signature" });
  });

  it("asks the application alone whether a certificate is the hub's, and takes its yes alone", async () => {
    const content = contentOf("fine");
    const arrival = await said(content, frankingTag(content));
    const certified = frankingAgent({
      signatureKey: agent.publicKey,
      credential: { type: "x509", certificates: [utf8("a certificate")] },
    });
    const isHub = (answer: boolean) => () => answer;
    const of = (answer?: boolean) => ({
      ...arrival,
      agent: certified,
      ...(answer === undefined ? {} : { isHub: isHub(answer) }),
    });
    expect(await checkFrank(of(true))).toMatchObject({ sender: alice.user });
    for (const answer of [false, undefined]) await refusal(of(answer)).toMatchObject({ code: "frank-agent" });
    await refusal(of("yes" as unknown as boolean)).toBeInstanceOf(TypeError);
    // a name is compared, and nobody is asked
    const renamed = { ...arrival, hub: "mimi://other.example", isHub: isHub(true) };
    await refusal(renamed).toMatchObject({ code: "frank-agent" });
  });
});

describe("the hub", () => {
  it("sees a tag and nothing of the content", () => {
    const first = contentOf("a secret");
    const second = contentOf("a secret");
    // The salt hides what is said: the same words have another tag each time.
    expect(frankingTag(first)).not.toEqual(frankingTag(second));
    expect(frankingTag(first)).toHaveLength(32);
  });

  it("stamps nothing without a tag, an agent or a key of the time", async () => {
    const content = contentOf("fine");
    const accepting = { room, user: alice.user, at: 5, authenticatedData: aad(frankingTag(content)) };
    const stamp = (of: Partial<Parameters<typeof frankingStamp>[0]>) =>
      frankingStamp({ hubKeys, agentFor: () => agent, ...of });
    expect(await stamp({})(accepting)).toBeInstanceOf(Uint8Array);
    expect(await stamp({})({ ...accepting, authenticatedData: new Uint8Array(0) })).toBeUndefined();
    expect(await stamp({ agentFor: () => undefined })(accepting)).toBeUndefined();
    expect(await stamp({ hubKeys: [{ from: 6, key: firstKey }] })(accepting)).toBeUndefined();
    expect(() => stamp({ hubKeys: [{ from: 0, key: new Uint8Array(31) }] })).toThrow(TypeError);
  });
});

describe("the franking agent in a room's context", () => {
  it("is valid data there, comes once, and is not replaced by an update", () => {
    createAppData({ components: [frankingAgentComponent] });
    const data = frankingAgent({
      signatureKey: agent.publicKey,
      credential: { type: "basic", identity: utf8(address) },
    });
    expect(frankingAgentComponent.isValid!(data, "group_context")).toBe(true);
    expect(frankingAgentComponent.isValid!(data, "leaf_node")).toBe(false);
    expect(frankingAgentComponent.isValid!(data.subarray(1), "group_context")).toBe(false);
    const { apply } = frankingAgentComponent.update!;
    const update = { update: data } as unknown as Parameters<typeof apply>[1][number];
    expect(apply(undefined, [update])).toBe(data);
    expect(apply(data, [update])).toBeUndefined();
    expect(apply(undefined, [update, update])).toBeUndefined();
  });
});

function flipped(bytes: Uint8Array): Uint8Array {
  return bytes.map((byte, i) => (i === bytes.length - 1 ? byte ^ 1 : byte));
}
function withMessage(report: AbuseReport, change: object): AbuseReport {
  return { ...report, messages: [{ ...report.messages[0]!, ...change }] };
}
function withFrank(report: AbuseReport, change: object): AbuseReport {
  return withMessage(report, { frank: { ...report.messages[0]!.frank, ...change } });
}
