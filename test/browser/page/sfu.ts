/**
 * A participant whose page it is alone, and who sends to an SFU and watches others through it. The runner carries the
 * group's messages from page to page, and calls these by name.
 */

import { protect } from "../../../src/call/transforms/protect.ts";
import { frameCodec } from "../../../src/call/codecs/codecs.ts";
import { MlsSFrame } from "../../../src/sframe/mls.ts";
import { sframeSuite } from "../../../src/sframe/suites.ts";
import { createKeyPackage, Group, trustAnyCredential, type KeyPackageBundle } from "../../../src/index.ts";
import { overhear, watch, type Reading, type WireFrame } from "./eavesdrop.ts";
import { only } from "./link.ts";
import { listen, must, until } from "./media.ts";
import { participant, type Participant } from "./room.ts";
import { camera, microphone, type Picture } from "./sign.ts";
import { Listener, Watcher } from "./watcher.ts";

const authentication = trustAnyCredential;

/** How long anything may take on a busy machine, in milliseconds. */
const patience = 40_000;

/** What a router reads of AV1. */
const dependencyDescriptor = "https://aomediacodec.github.io/av1-rtp-spec/#dependency-descriptor-rtp-header-extension";

/** Header extensions, which TypeScript's library does not know how to negotiate. */
interface NegotiatesExtensions {
  getHeaderExtensionsToNegotiate(): { readonly uri: string; direction: RTCRtpTransceiverDirection }[];
  setHeaderExtensionsToNegotiate(extensions: readonly { readonly uri: string }[]): void;
}

/** Whoever this page is. */
let self: Participant | undefined;
let bundle: KeyPackageBundle | undefined;
const connections: RTCPeerConnection[] = [];
const watchers = new Map<string, Watcher>();
const listeners = new Map<string, Listener>();

function me(): Participant {
  if (self === undefined) throw new Error("nobody is here yet");
  return self;
}

// The group: its messages as base64.

/** Be somebody. */
export async function introduce({ name }: { readonly name: string }): Promise<string> {
  self = await participant(name, { sendDelay: 0 }); // every frame is of the epoch in which all have come
  bundle = await createKeyPackage({ identity: self.identity });
  return toBase64(bundle.keyPackage);
}

/** Begin a group. */
export async function found(): Promise<void> {
  me().enter(await Group.create({ identity: me().identity, authentication }));
}

/** Add somebody. */
export async function invite({ keyPackage }: { readonly keyPackage: string }): Promise<{
  readonly commit: string;
  readonly welcome: string;
}> {
  const group = me().group!;
  const pending = await group.commit({ add: [fromBase64(keyPackage)] });
  await group.apply(pending);
  return { commit: toBase64(pending.commit), welcome: toBase64(pending.welcome!) };
}

/** Join. */
export async function enter({ welcome }: { readonly welcome: string }): Promise<void> {
  const { identity } = me();
  me().enter(await Group.join({ identity, authentication, welcome: fromBase64(welcome), keyPackages: [bundle!] }));
}

/** Hear of a new epoch. */
export async function hear({ commit }: { readonly commit: string }): Promise<void> {
  await me().group!.receive(fromBase64(commit));
}

// The media.

/** What is sent to the SFU. */
export interface Publication {
  readonly sfu: string;
  /** Under which name. */
  readonly name: string;
  readonly video: string;
  readonly picture: Picture;
  readonly encodings?: readonly (RTCRtpEncodingParameters & { readonly scalabilityMode?: string })[];
  /** Whether it is not protected: the control. */
  readonly isClear?: boolean;
}

/** Send to the SFU. */
export async function publish({ sfu, name, video, picture, encodings, isClear = false }: Publication): Promise<void> {
  const connection = connect(isClear);
  const track = camera(name, picture);
  const { sender } = transceive(
    connection,
    track,
    {
      direction: "sendonly",
      sendEncodings: [...(encodings ?? [{ maxBitrate: 400_000 }])],
    },
    video,
  );
  transceive(connection, microphone(name), { direction: "sendonly" });
  const parameters = sender.getParameters();
  await sender.setParameters(Object.assign(parameters, { degradationPreference: "maintain-resolution" }));
  await negotiate(connection, (offer) => ask(sfu, "publish", { name, video, offer }));
}

/** What is watched at the SFU. */
export interface Subscription {
  readonly sfu: string;
  readonly name: string;
  readonly video: string;
  readonly senders: readonly string[];
  readonly choice?: object;
}

/** Watch and hear others. */
export async function subscribe({ sfu, video, senders, ...rest }: Subscription): Promise<void> {
  const connection = connect(false);
  for (const sender of senders) {
    const { receiver } = transceive(connection, "video", { direction: "recvonly" }, video);
    watchers.set(sender, new Watcher(receiver, sender));
    const sound = transceive(connection, "audio", { direction: "recvonly" });
    listen(sound.receiver.track);
    listeners.set(sender, new Listener(sound.receiver.track, sender));
  }
  await negotiate(connection, (offer) => ask(sfu, "subscribe", { video, senders, ...rest, offer }));
}

/** Wait until somebody's sign has been seen in so many more pictures, of a width where one is given. */
export async function look({
  sender,
  frames = 10,
  width,
}: {
  readonly sender: string;
  readonly frames?: number;
  readonly width?: number;
}): Promise<string> {
  const watcher = watchers.get(sender)!;
  const [legible, illegible] = [watcher.legible(width), watcher.illegible];
  try {
    await until("its sign", () => watcher.legible(width) >= legible + frames, patience);
  } catch (error) {
    throw new Error(`${me().name} waits for ${frames} pictures of ${sender}: ${await watcher.state()}`, {
      cause: error,
    });
  }
  must(`${watcher.illegible - illegible} pictures of ${sender} are spoilt`, watcher.illegible === illegible);
  return `${watcher.last!.width}x${watcher.last!.height}`;
}

/** How many pictures of somebody have come, and how many packets were missed. */
export async function reckon({ sender }: { readonly sender: string }): Promise<{
  readonly pictures: number;
  readonly lost: number;
}> {
  const watcher = watchers.get(sender)!;
  return { pictures: watcher.count, lost: await watcher.lost() };
}

/** How many pictures of others have come, how many frames went through the engine for them, and why others did not. */
export async function account(): Promise<{
  readonly pictures: number;
  readonly passed: number;
  readonly drops: readonly string[];
}> {
  const { participants } = await me().call!.statistics();
  return {
    pictures: [...watchers.values()].reduce((sum, { count }) => sum + count, 0),
    passed: participants.reduce((sum, { passed }) => sum + passed, 0),
    drops: me().events.flatMap((event) =>
      event.kind === "dropped" && event.direction === "incoming" ? [event.cause] : [],
    ),
  };
}

/** Wait until somebody's tone is heard. */
export async function listenTo({ sender }: { readonly sender: string }): Promise<void> {
  const listener = listeners.get(sender)!;
  await until(`${me().name} waits for the tone of ${sender}`, () => listener.legible >= 5, patience);
}

/** Send and watch no more; the group stays. */
export function hangUp(): void {
  for (const connection of connections) {
    for (const { track } of connection.getSenders()) track?.stop();
    connection.close();
  }
}

// What the SFU has.

/** What is asked of the frames that the SFU has of somebody. */
export interface Inquiry {
  readonly sfu: string;
  readonly sender: string;
  readonly kind: "audio" | "video";
  readonly codec: string;
  /** Whose sign is looked for. */
  readonly name: string;
}

/** What the SFU can read without a key. */
export async function eavesdrop({ sfu, sender, kind, codec, name }: Inquiry): Promise<Reading> {
  const frames = await framesOf(sfu, sender, kind);
  return kind === "audio" ? overhear(frames, name) : watch(frames, codec, name);
}

/** How many of the SFU's frames open with this member's key, and how many with a key that it has made up. */
export async function unlock({ sfu, sender, kind, codec }: Inquiry): Promise<{
  readonly frames: number;
  readonly own: number;
  readonly other: number;
}> {
  const frames = await framesOf(sfu, sender, kind);
  const group = me().group!;
  const holder = (exporter: (label: string, context: Uint8Array, length: number) => Uint8Array): MlsSFrame => {
    const made = new MlsSFrame({ suite: sframeSuite(4), epochBits: 8 }); // as engines have it
    made.addEpoch({ epoch: group.epoch, leafIndex: group.self.leafIndex, treeWidth: group.treeWidth, exporter });
    return made;
  };
  const opens = (keys: MlsSFrame): number =>
    frames.filter(({ data, isKey }) => {
      const parts = frameCodec(codec.toLowerCase())!.join(data, isKey);
      try {
        return parts !== undefined && keys.open(parts.secret, parts.metadata).plaintext.length > 0;
      } catch {
        return false;
      }
    }).length;
  const own = opens(holder((label, context, length) => group.exportSecret(label, context, length)));
  const other = opens(holder((_label, _context, length) => crypto.getRandomValues(new Uint8Array(length))));
  return { frames: frames.length, own, other };
}

async function framesOf(sfu: string, sender: string, kind: string): Promise<WireFrame[]> {
  const frames = await ask<{ readonly data: string; readonly isKey: boolean; readonly timestamp: number }[]>(
    sfu,
    "frames",
    { sender, kind },
  );
  return frames.map(({ data, ...rest }) => ({ data: fromBase64(data), ...rest }));
}

// Connections.

function connect(isClear: boolean): RTCPeerConnection {
  const connection = new RTCPeerConnection({ encodedInsertableStreams: !isClear } as RTCConfiguration);
  if (!isClear) protect(connection, me().backend);
  connections.push(connection);
  return connection;
}

function transceive(
  connection: RTCPeerConnection,
  track: MediaStreamTrack | "audio" | "video",
  init: RTCRtpTransceiverInit,
  codec = "opus",
): RTCRtpTransceiver {
  const transceiver = connection.addTransceiver(track, init);
  transceiver.setCodecPreferences(only(codec === "opus" ? "audio" : "video", codec).slice(0, 1));
  if (codec === "AV1") describe(transceiver as RTCRtpTransceiver & NegotiatesExtensions);
  return transceiver;
}

/** Without layers, Chromium offers no dependency descriptor by itself. */
function describe(transceiver: NegotiatesExtensions): void {
  const extensions = transceiver.getHeaderExtensionsToNegotiate();
  for (const extension of extensions) if (extension.uri === dependencyDescriptor) extension.direction = "sendrecv";
  transceiver.setHeaderExtensionsToNegotiate(extensions);
}

/** Offer, and take the answer, with a bandwidth that no estimate takes away. */
async function negotiate(
  connection: RTCPeerConnection,
  exchange: (offer: string) => Promise<{ readonly answer: string }>,
): Promise<void> {
  await connection.setLocalDescription();
  await until("candidates", () => connection.iceGatheringState === "complete", patience);
  const { answer } = await exchange(connection.localDescription!.sdp);
  await connection.setRemoteDescription({ type: "answer", sdp: withBitrate(answer) });
  await until("a connection", () => connection.connectionState === "connected", patience);
}

function withBitrate(sdp: string): string {
  const payloadType = /m=video \d+ \S+ (\d+)/.exec(sdp)?.[1];
  if (payloadType === undefined) return sdp;
  const bitrates = "x-google-min-bitrate=3000;x-google-start-bitrate=4000;x-google-max-bitrate=6000";
  const fmtp = new RegExp(`a=fmtp:${payloadType} (.*)`, "g");
  return sdp.includes(`a=fmtp:${payloadType} `)
    ? sdp.replaceAll(fmtp, `a=fmtp:${payloadType} $1;${bitrates}`)
    : sdp.replaceAll(new RegExp(`(a=rtpmap:${payloadType} .*)`, "g"), `$1\r\na=fmtp:${payloadType} ${bitrates}`);
}

async function ask<T = { readonly answer: string }>(sfu: string, method: string, input: object): Promise<T> {
  const response = await fetch(`${sfu}/${method}`, { method: "POST", body: JSON.stringify(input) });
  if (!response.ok) throw new Error(`the SFU says: ${await response.text()}`);
  return (await response.json()) as T;
}

function toBase64(bytes: Uint8Array): string {
  return btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(""));
}

function fromBase64(text: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
}
