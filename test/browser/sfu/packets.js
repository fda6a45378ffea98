/**
 * What a router reads of RTP packets without any key: payload descriptors, header extensions, and the few bytes that copse
 * leaves clear.
 */

import { H264RtpPayload, RTP_EXTENSION_URI, Vp8RtpPayload, Vp9RtpPayload } from "werift";
import { DependencyDescriptors } from "./dependency-descriptor.js";

/** @typedef {import("werift").RtpPacket} RtpPacket */
/** @typedef {import("werift").Extensions} Extensions */

/**
 * Where a packet belongs.
 *
 * @typedef {object} Layer
 * @property {number} spatial
 * @property {number} temporal
 * @property {boolean} begins whether it is the first of its frame: the layers of SVC are frames of their own
 * @property {boolean} ends whether it is the last of its frame
 * @property {boolean} isKey whether it is of a frame with which a decoder can begin
 */

/** @typedef {(packet: RtpPacket, extensions: Extensions) => Layer | undefined} Reader */

const plain = { spatial: 0, temporal: 0 };

/** A reader for one stream. @type {Readonly<Record<string, () => Reader>>} */
const readers = {
  opus: () => () => ({ ...plain, begins: true, ends: true, isKey: true }),

  VP8: () => {
    let isKey = false;
    return ({ header, payload }) => {
      const { sBit, pid, payload: inside } = Vp8RtpPayload.deSerialize(payload);
      const begins = sBit === 1 && pid === 0;
      if (begins) isKey = ((inside[0] ?? 1) & 1) === 0; // RFC 6386 section 9.1: copse leaves this byte clear
      return { ...plain, begins, ends: header.marker, isKey };
    };
  },

  VP9: () => {
    let isKey = false;
    return ({ payload }) => {
      const { bBit, eBit, pBit, sid = 0, tid = 0 } = Vp9RtpPayload.deSerialize(payload);
      if (bBit === 1 && sid === 0) isKey = pBit === 0;
      return { spatial: sid, temporal: tid, begins: bBit === 1, ends: eBit === 1, isKey: isKey && sid === 0 };
    };
  },

  H264: () => {
    let [isOpen, isKey] = [false, false];
    return ({ header, payload }) => {
      const begins = !isOpen;
      isOpen = !header.marker;
      isKey = (isKey && !begins) || H264RtpPayload.deSerialize(payload).isKeyframe || isParameterSet(payload);
      return { ...plain, begins, ends: header.marker, isKey };
    };
  },

  AV1: () => {
    const descriptors = new DependencyDescriptors();
    return (_packet, extensions) => {
      const descriptor = extensions[RTP_EXTENSION_URI.dependencyDescriptor];
      return Buffer.isBuffer(descriptor) ? descriptors.read(descriptor) : undefined;
    };
  },
};

/** RFC 6184: a sequence parameter set by itself, or first in a STAP-A. @param {Uint8Array} payload */
function isParameterSet(payload) {
  const type = (payload[0] ?? 0) & 0x1f;
  return type === 7 || (type === 24 && ((payload[3] ?? 0) & 0x1f) === 7);
}

/** @param {string} codec @returns {Reader} */
export function reader(codec) {
  const made = readers[codec];
  if (made === undefined) throw new Error(`there is no reader for ${codec}`);
  return made();
}

/**
 * The picture id and TL0PICIDX of a VP8 payload descriptor, each moved by so much. RFC 7741 section 4.2.
 *
 * @param {Buffer} payload
 * @param {{ picture: number, base: number }} shift
 * @returns {{ payload: Buffer, picture: number, base: number }} the new payload, and the two numbers as they were
 */
export function shiftVp8(payload, shift) {
  const moved = Buffer.from(payload);
  const [first = 0, flags = 0] = moved;
  let [place, picture, base] = [2, 0, 0];
  if ((first & 0x80) === 0) return { payload: moved, picture, base };
  if ((flags & 0x80) !== 0) {
    const isLong = ((moved[place] ?? 0) & 0x80) !== 0;
    picture = isLong ? moved.readUInt16BE(place) & 0x7fff : moved.readUInt8(place);
    const next = (picture + shift.picture) & (isLong ? 0x7fff : 0x7f);
    if (isLong) moved.writeUInt16BE(0x8000 | next, place);
    else moved.writeUInt8(next, place);
    place += isLong ? 2 : 1;
  }
  if ((flags & 0x40) !== 0) {
    base = moved.readUInt8(place);
    moved.writeUInt8((base + shift.base) & 0xff, place);
  }
  return { payload: moved, picture, base };
}
