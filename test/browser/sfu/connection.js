/**
 * A connection of the SFU that stays on this machine. It agrees on one codec of each kind, and on no feedback about
 * congestion: on a busy machine that would take a sender's upper layers away.
 */

import {
  RTCPeerConnection,
  RTCRtpCodecParameters,
  useDependencyDescriptor,
  useNACK,
  usePLI,
  useSdesMid,
  useSdesRTPStreamId,
} from "werift";

const h264 = "level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42001f";

/**
 * Answer an offer.
 *
 * @param {object} input
 * @param {string} input.video the codec
 * @param {"recvonly" | "sendonly"} input.direction the SFU's
 * @param {string} input.offer
 * @returns {Promise<{ connection: RTCPeerConnection, answer: () => Promise<string> }>}
 */
export async function accept({ video, direction, offer }) {
  const isSending = direction === "sendonly";
  const connection = new RTCPeerConnection({
    iceServers: [],
    debug: { disableSendNack: true },
    iceUseIpv6: false,
    iceAdditionalHostAddresses: ["127.0.0.1"],
    codecs: {
      audio: [new RTCRtpCodecParameters({ mimeType: "audio/opus", clockRate: 48_000, channels: 2 })],
      video: [
        new RTCRtpCodecParameters({
          mimeType: `video/${video}`,
          clockRate: 90_000,
          ...(video === "H264" && { parameters: h264 }),
          // Viewers get lost packets again. Senders are not asked to: numbers of several encodings are one to werift.
          rtcpFeedback: isSending ? [useNACK(), usePLI()] : [usePLI()],
        }),
      ],
    },
    headerExtensions: {
      audio: [useSdesMid()],
      video: [
        useSdesMid(),
        ...(isSending ? [] : [useSdesRTPStreamId()]),
        ...(video === "AV1" ? [useDependencyDescriptor()] : []),
      ],
    },
  });
  await connection.setRemoteDescription({ type: "offer", sdp: offer });
  for (const transceiver of connection.getTransceivers()) transceiver.setDirection(direction);
  return {
    connection,
    answer: async () => {
      await connection.setLocalDescription(await connection.createAnswer());
      return connection.localDescription?.sdp ?? "";
    },
  };
}
