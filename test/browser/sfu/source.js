/**
 * What somebody sends to the SFU of one kind: a stream, or one for each encoding of a simulcast.
 */

import { Frames } from "./frames.js";
import { reader } from "./packets.js";

/** @typedef {import("./packets.js").RtpPacket} RtpPacket */
/** @typedef {import("./packets.js").Layer} Layer */
/** @typedef {import("./packets.js").Extensions} Extensions */
/** @typedef {import("werift").RTCRtpTransceiver} Transceiver */
/** @typedef {import("werift").MediaStreamTrack} Track */

/** @typedef {(rid: string, packet: RtpPacket, layer: Layer, extensions: Extensions) => void} Listener */

export class Source {
  /** The codec of its frames. */
  codec;
  /** How many frames of each layer have come, by "rid spatial temporal". @type {Map<string, number>} */
  layers = new Map();
  /** The frames of each encoding, by rid. @type {Map<string, Frames>} */
  frames = new Map();
  /** @type {Listener[]} */
  listeners = [];
  #transceiver;
  /** @type {Map<string, number>} */
  #ssrcs = new Map();

  /** @param {Transceiver} transceiver @param {string} codec */
  constructor(transceiver, codec) {
    this.codec = codec;
    this.#transceiver = transceiver;
    for (const track of transceiver.receiver.tracks) this.#take(track);
  }

  /** Ask for a key frame of an encoding. @param {string} rid */
  askForKeyFrame(rid) {
    const ssrc = this.#ssrcs.get(rid);
    if (ssrc !== undefined && this.codec !== "opus") void this.#transceiver.receiver.sendRtcpPLI(ssrc);
  }

  /** @param {Track} track */
  #take(track) {
    const { rid = "" } = track;
    /** @type {number | undefined} */
    let newest;
    const read = reader(this.codec);
    const frames = new Frames(this.codec);
    this.frames.set(rid, frames);
    track.onReceiveRtp.subscribe((packet, extensions = {}) => {
      const { ssrc, sequenceNumber } = packet.header;
      this.#ssrcs.set(rid, ssrc);
      if (newest !== undefined && ((sequenceNumber - newest - 1) & 0xffff) >= 0x8000) return; // late, or for the second time
      newest = sequenceNumber;
      const layer = packet.payload.length === 0 ? padding : read(packet, extensions);
      if (layer === undefined) return;
      if (layer.begins) {
        const name = `${rid} ${String(layer.spatial)} ${String(layer.temporal)}`.trim();
        this.layers.set(name, (this.layers.get(name) ?? 0) + 1);
      }
      frames.take(packet, layer);
      for (const listener of this.listeners) listener(rid, packet, layer, extensions);
    });
  }
}

/** Packets without a payload, with which a sender tries how much passes. @type {Layer} */
const padding = { spatial: 0, temporal: 0, begins: false, ends: false, isKey: false };
