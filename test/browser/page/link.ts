/**
 * Two connections of one page, talking to each other, each protected by its participant's backend.
 */

import { protect, type Protection } from "../../../src/call/transforms/protect.ts";
import { listen, Viewer } from "./media.ts";
import type { TransformBackend } from "../../../src/call/transforms/backend.ts";

/** Whoever has a backend. */
interface Participant {
  readonly backend: TransformBackend;
}

/** What goes over a link. */
export interface LinkOptions {
  /** The video codec, and its sdpFmtpLine's beginning where that matters. Default: VP8. */
  readonly video?: string;
  /** The audio codec. Default: opus. */
  readonly audio?: string;
  readonly scalabilityMode?: string;
  /** Made for createEncodedStreams. */
  readonly encodedStreams?: boolean;
}

/** One end of a link. */
export interface End {
  readonly connection: RTCPeerConnection;
  readonly protection: Protection | undefined;
  readonly sender: { readonly video: RTCRtpSender | undefined; readonly audio: RTCRtpSender | undefined };
  readonly receivers: RTCRtpReceiver[];
  /** What is seen here of the other's camera. */
  readonly viewer: () => Viewer;
  readonly receiver: (kind: "audio" | "video") => RTCRtpReceiver;
}

/** A link that is up. */
export interface Link {
  readonly ends: readonly [End, End];
  close(): void;
}

/** Only these codecs; retransmission stays. */
export function only(kind: "audio" | "video", name: string): RTCRtpCodec[] {
  const codecs = RTCRtpReceiver.getCapabilities(kind)?.codecs ?? [];
  const wanted = codecs.filter(({ mimeType }) => mimeType.toLowerCase() === `${kind}/${name}`.toLowerCase());
  if (wanted.length === 0) throw new Error(`this browser has no ${name}`);
  return [...wanted.slice(0, 1), ...codecs.filter(({ mimeType }) => mimeType === "video/rtx")];
}

/** A low rate, and layers where they are asked for. */
function limit(sender: RTCRtpSender, scalabilityMode: string | undefined): void {
  const parameters = sender.getParameters();
  Object.assign(parameters.encodings[0]!, { maxBitrate: 400_000, ...(scalabilityMode && { scalabilityMode }) });
  void sender.setParameters(parameters);
}

/** Connect two participants; each sends the media that it is given. Nobody in a participant's place protects nothing. */
export async function link(
  participants: readonly [Participant | undefined, Participant | undefined],
  media: readonly [MediaStream | undefined, MediaStream | undefined],
  options: LinkOptions = {},
): Promise<Link> {
  const { video = "VP8", audio = "opus", scalabilityMode, encodedStreams = false } = options;
  const configuration = { encodedInsertableStreams: encodedStreams } as RTCConfiguration;
  const ends = participants.map((participant, place): End => {
    const connection = new RTCPeerConnection(configuration);
    const protection = participant && protect(connection, participant.backend);
    const receivers: RTCRtpReceiver[] = [];
    let viewer: Viewer | undefined;
    connection.addEventListener("track", ({ track, receiver }) => {
      receivers.push(receiver);
      if (track.kind === "video") viewer = new Viewer(track);
      else listen(track);
    });
    const stream = media[place];
    const [videoTrack, audioTrack] = [stream?.getVideoTracks()[0], stream?.getAudioTracks()[0]];
    const sender = {
      video: videoTrack && connection.addTrack(videoTrack, stream!),
      audio: audioTrack && connection.addTrack(audioTrack, stream!),
    };
    if (sender.video !== undefined) limit(sender.video, scalabilityMode);
    for (const transceiver of connection.getTransceivers()) {
      const kind = transceiver.receiver.track.kind as "audio" | "video";
      transceiver.setCodecPreferences(only(kind, kind === "audio" ? audio : video));
    }
    return {
      connection,
      protection,
      sender,
      receivers,
      viewer: () => {
        if (viewer === undefined) throw new Error("no video has come");
        return viewer;
      },
      receiver: (kind) => receivers.find(({ track }) => track.kind === kind)!,
    };
  }) as unknown as [End, End];
  const [one, other] = [ends[0].connection, ends[1].connection];
  one.addEventListener("icecandidate", ({ candidate }) => void other.addIceCandidate(candidate ?? undefined));
  other.addEventListener("icecandidate", ({ candidate }) => void one.addIceCandidate(candidate ?? undefined));
  await one.setLocalDescription();
  await other.setRemoteDescription(one.localDescription!);
  await other.setLocalDescription();
  await one.setRemoteDescription(other.localDescription!);
  return {
    ends,
    close: () => {
      one.close();
      other.close();
    },
  };
}
