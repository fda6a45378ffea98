/**
 * Every sender and every receiver of a connection gets its transform before media flows.
 *
 * A transform must be set in the turn in which its sender is made: Chromium ignores, without a word, one that is set
 * later, and sends in clear. So `addTrack` and `addTransceiver` of the connection itself are extended; what comes by a
 * remote description is met at the events that are dispatched with it. A reused sender keeps the transform that it has,
 * whatever its track is replaced with.
 *
 * Beyond that, a connection that was made with `encodedInsertableStreams: true` sends nothing in Chromium without a
 * transform: pass it wherever you make one.
 */

import type { PlatformClass } from "../../bytes/platform.ts";
import { having, hook, options as optionsOf, type Shape } from "../../bytes/takes.ts";
import type { TransformBackend, TrackEnd } from "./backend.ts";
import type { TrackDescription } from "./messages.ts";

/** A track of a protected connection. */
export interface ProtectedTrack extends TrackDescription {
  readonly transceiver: PlatformClass<"RTCRtpTransceiver">;
}

/** How to protect a connection. */
export interface ProtectOptions {
  /** Names a track in events and statistics, each name once a call. Default: a number behind the direction. */
  readonly name?: (transceiver: PlatformClass<"RTCRtpTransceiver">, direction: TrackDescription["direction"]) => string;
  /** Hears why a transceiver had to be stopped: its media could not be protected. Default: the error is reported. */
  readonly onFailure?: (error: unknown, transceiver: PlatformClass<"RTCRtpTransceiver">) => void;
}

/** A protected connection. */
export interface Protection {
  /** The tracks that have their transforms. */
  readonly tracks: readonly ProtectedTrack[];
  /** The track of a sender or a receiver, and so its name in events and statistics. */
  track(end: TrackEnd): ProtectedTrack | undefined;
  /** Have the encoder of a sender give a key frame, where the browser can. */
  generateKeyFrame(sender: PlatformClass<"RTCRtpSender">): void;
}

const aConnection = having("an RTCPeerConnection", "getTransceivers", "addTrack", "addTransceiver");
const aBackend = having("a TransformBackend, as workerBackend gives", "attach");
const optionShape: Shape<ProtectOptions> = { name: hook, onFailure: hook };
const takenOptions = optionsOf(optionShape);

/** Numbers tracks apart across the connections of a page. */
let count = 0;

/**
 * Protect a connection with a call's backend, before anything is added to it.
 *
 * What can't be given a transform is stopped, and nothing of it flows.
 *
 * @throws TypeError where the connection has transceivers already: it is too late for them.
 * @example
 * const connection = new RTCPeerConnection({ encodedInsertableStreams: true });
 * protect(connection, backend);
 * connection.addTrack(camera, stream);
 */
export function protect(
  connection: PlatformClass<"RTCPeerConnection">,
  backend: TransformBackend,
  options: ProtectOptions = {},
): Protection {
  aConnection("connection", connection);
  aBackend("backend", backend);
  takenOptions("protect", options);
  const { name = numbered, onFailure = report } = options;
  if (connection.getTransceivers().length > 0)
    throw new TypeError("a connection is protected before anything is added");
  const tracks = new Map<TrackEnd, ProtectedTrack>();

  const attach = (transceiver: PlatformClass<"RTCRtpTransceiver">, direction: TrackDescription["direction"]): void => {
    const end = direction === "outgoing" ? transceiver.sender : transceiver.receiver;
    if (tracks.has(end)) return;
    const { kind } = transceiver.receiver.track;
    const description = { track: name(transceiver, direction), kind: kind as "audio" | "video", direction };
    backend.attach(end, description);
    tracks.set(end, { ...description, transceiver });
  };

  const attachAll = (): void => {
    for (const transceiver of connection.getTransceivers()) {
      if (transceiver.currentDirection === "stopped") continue;
      try {
        attach(transceiver, "outgoing");
        attach(transceiver, "incoming");
      } catch (error) {
        transceiver.stop();
        onFailure(error, transceiver);
      }
    }
  };

  const negotiated = (): void => {
    for (const [end, { track }] of tracks) {
      const { codecs } = end.getParameters() as Partial<RTCRtpParameters>;
      backend.negotiated(track, codecs?.map(({ payloadType, mimeType }) => [payloadType, mimeType] as const) ?? []);
    }
  };

  const { addTrack, addTransceiver } = connection;
  connection.addTrack = (...given) => {
    const sender = addTrack.apply(connection, given);
    attachAll();
    return sender;
  };
  connection.addTransceiver = (...given) => {
    const transceiver = addTransceiver.apply(connection, given);
    attachAll();
    return transceiver;
  };
  for (const event of ["track", "negotiationneeded", "signalingstatechange"] as const) {
    connection.addEventListener(event, attachAll);
  }
  connection.addEventListener("signalingstatechange", () => {
    if (connection.signalingState === "stable") negotiated();
  });

  return {
    get tracks() {
      return [...tracks.values()];
    },
    track: (end) => tracks.get(end),
    generateKeyFrame: (sender) => {
      const found = tracks.get(sender);
      if (found !== undefined) backend.generateKeyFrame(found.track);
    },
  };
}

function numbered(_transceiver: PlatformClass<"RTCRtpTransceiver">, direction: TrackDescription["direction"]): string {
  return `${direction}-${count++}`;
}

function report(error: unknown): void {
  globalThis.reportError(error);
}
