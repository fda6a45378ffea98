/**
 * Who sends to the SFU, who watches whom, and what of each sender goes to each viewer. Nobody here has a key.
 */

import { RTP_EXTENSION_URI } from "werift";
import { accept } from "./connection.js";
import { Forwarder } from "./forwarder.js";
import { Source } from "./source.js";

/** @typedef {import("./forwarder.js").Choice} Choice */
/** @typedef {import("werift").RTCRtpTransceiver} Transceiver */
/** @typedef {import("werift").RTCPeerConnection} RTCPeerConnection */

/** @type {Choice} */
const whole = { rid: "", spatial: 7, temporal: 7 };

/** Long extensions need the two-byte form. RFC 8285 section 4.3. */
const twoByte = 0x1000;

export class Room {
  /** By "sender kind". @type {Map<string, Source>} */
  #sources = new Map();
  /** By "viewer sender kind". @type {Map<string, Forwarder>} */
  #forwarders = new Map();
  /** @type {RTCPeerConnection[]} */
  #connections = [];

  /**
   * Take in what somebody sends.
   *
   * @param {{ name: string, video: string, offer: string }} input with the codec of video
   * @returns {Promise<{ answer: string }>}
   */
  async publish({ name, video, offer }) {
    const { connection, answer } = await accept({ video, direction: "recvonly", offer });
    this.#connections.push(connection);
    for (const transceiver of connection.getTransceivers()) {
      const { kind } = transceiver;
      this.#sources.set(`${name} ${kind}`, new Source(transceiver, kind === "audio" ? "opus" : video));
    }
    return { answer: await answer() };
  }

  /**
   * Let somebody see and hear others.
   *
   * @param {{ name: string, video: string, senders: readonly string[], choice?: Choice, offer: string }} input the senders
   *   in the order of the offer, which has a video and a sound for each; the choice is for every video
   * @returns {Promise<{ answer: string }>}
   */
  async subscribe({ name, video, senders, choice = whole, offer }) {
    const { connection, answer } = await accept({ video, direction: "sendonly", offer });
    this.#connections.push(connection);
    for (const [place, transceiver] of connection.getTransceivers().entries()) {
      const sender = senders[place >> 1] ?? "";
      const { kind } = transceiver;
      this.#forwarders.set(
        `${name} ${sender} ${kind}`,
        forwardTo(transceiver, this.#source(sender, kind), kind === "audio" ? whole : choice),
      );
    }
    return { answer: await answer() };
  }

  /** @param {{ viewer: string, sender: string, choice: Choice }} input */
  choose({ viewer, sender, choice }) {
    this.#forwarder(viewer, sender).choose(choice);
    return {};
  }

  /**
   * How many frames of each layer a sender's video has had, by "rid spatial temporal".
   *
   * @param {{ sender: string }} input
   */
  layers({ sender }) {
    return Object.fromEntries(this.#source(sender, "video").layers);
  }

  /** How many packets went from a sender to a viewer, and how many did not. @param {{ viewer: string, sender: string }} input */
  counts({ viewer, sender }) {
    return this.#forwarder(viewer, sender).counts;
  }

  /**
   * What the SFU has of a sender: the last frames, as they were before they were cut into packets.
   *
   * @param {{ sender: string, kind: string, rid?: string }} input
   */
  frames({ sender, kind, rid = "" }) {
    const frames = this.#source(sender, kind).frames.get(rid)?.complete ?? [];
    return frames.map(({ data, isKey, timestamp }) => ({ data: data.toString("base64"), isKey, timestamp }));
  }

  async close() {
    for (const forwarder of this.#forwarders.values()) forwarder.close();
    await Promise.all(this.#connections.map((connection) => connection.close()));
  }

  /** @param {string} sender @param {string} kind */
  #source(sender, kind) {
    const source = this.#sources.get(`${sender} ${kind}`);
    if (source === undefined) throw new Error(`${sender} sends no ${kind}`);
    return source;
  }

  /** @param {string} viewer @param {string} sender */
  #forwarder(viewer, sender) {
    const forwarder = this.#forwarders.get(`${viewer} ${sender} video`);
    if (forwarder === undefined) throw new Error(`${viewer} does not watch ${sender}`);
    return forwarder;
  }
}

/** @param {Transceiver} transceiver @param {Source} source @param {Choice} choice */
function forwardTo({ sender, headerExtensions }, source, choice) {
  const { dependencyDescriptor: uri } = RTP_EXTENSION_URI;
  const id = headerExtensions.find((extension) => extension.uri === uri)?.id;
  const forwarder = new Forwarder({
    isVp8: source.codec === "VP8",
    choice,
    askForKeyFrame: (rid) => {
      source.askForKeyFrame(rid);
    },
    send: (packet) => {
      void sender.sendRtp(packet);
    },
  });
  sender.onPictureLossIndication.subscribe(() => {
    forwarder.askForKeyFrame();
  });
  source.listeners.push((rid, packet, layer, extensions) => {
    const copy = packet.clone();
    const payload = extensions[uri];
    copy.header.extensions = id !== undefined && Buffer.isBuffer(payload) ? [{ id, payload }] : [];
    if (Buffer.isBuffer(payload) && payload.length > 16) copy.header.extensionProfile = twoByte;
    forwarder.take(rid, copy, layer);
  });
  return forwarder;
}
