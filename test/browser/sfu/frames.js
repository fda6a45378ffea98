/**
 * The frames of a stream, put together again from its packets: what a server that wants to see pictures begins with.
 */

import { AV1RtpPayload, H264RtpPayload, Vp8RtpPayload, Vp9RtpPayload } from "werift";

/** @typedef {import("./packets.js").RtpPacket} RtpPacket */
/** @typedef {import("./packets.js").Layer} Layer */

/** @typedef {{ data: Buffer, isKey: boolean, timestamp: number }} Frame */

/** More is not kept of a stream: its first frames, since they begin with a key frame. */
const most = 100;

const temporalDelimiter = Buffer.of(0x12, 0);

/** From the payloads of a frame to the frame. @type {Readonly<Record<string, (payloads: readonly Buffer[]) => Buffer>>} */
const depacketizers = {
  opus: (payloads) => Buffer.concat(payloads),
  VP8: (payloads) => Buffer.concat(payloads.map((payload) => Vp8RtpPayload.deSerialize(payload).payload)),
  VP9: (payloads) => Buffer.concat(payloads.map((payload) => Vp9RtpPayload.deSerialize(payload).payload)),
  H264: (payloads) => {
    /** @type {Buffer | undefined} */
    let fragment;
    const units = [];
    for (const payload of payloads) {
      const unit = H264RtpPayload.deSerialize(payload, fragment);
      fragment = unit.fragment;
      if (fragment === undefined) units.push(unit.payload);
    }
    return Buffer.concat(units);
  },
  AV1: (payloads) => {
    const packets = payloads.map((payload) => AV1RtpPayload.deSerialize(payload));
    // The last OBU is left without a size. A temporal delimiter behind it is taken off again.
    packets.push(AV1RtpPayload.deSerialize(Buffer.concat([Buffer.of(0b0001_0000), temporalDelimiter])));
    return AV1RtpPayload.getFrame(packets).subarray(0, -temporalDelimiter.length);
  },
};

/** Collects the frames of one stream. */
export class Frames {
  #depacketize;
  /** @type {Buffer[]} */
  #payloads = [];
  #isKey = false;
  /** The next packet of the frame that is open. @type {number | undefined} */
  #next;

  /** @type {Frame[]} */
  complete = [];

  /** @param {string} codec */
  constructor(codec) {
    const found = depacketizers[codec];
    if (found === undefined) throw new Error(`there is no depacketizer for ${codec}`);
    this.#depacketize = found;
  }

  /** @param {RtpPacket} packet @param {Layer} layer */
  take({ header, payload }, { begins, ends, isKey }) {
    if (payload.length === 0) return;
    if (begins) {
      this.#payloads = [];
      this.#isKey = isKey;
    } else if (header.sequenceNumber !== this.#next) return; // something is lost: wait for the next frame
    this.#payloads.push(payload);
    this.#next = ends ? undefined : (header.sequenceNumber + 1) & 0xffff;
    if (!ends || this.complete.length === most) return;
    this.complete.push({ data: this.#depacketize(this.#payloads), isKey: this.#isKey, timestamp: header.timestamp });
  }
}
