/**
 * One stream on its way to one viewer: the chosen encoding of a simulcast, the chosen layers of SVC, as one stream without
 * gaps. What is left out leaves no trace in the sequence numbers; what was lost on the way here does.
 */

import { shiftVp8 } from "./packets.js";

/** @typedef {import("./packets.js").RtpPacket} RtpPacket */
/** @typedef {import("./packets.js").Layer} Layer */

/**
 * What of a sender a viewer gets.
 *
 * @typedef {object} Choice
 * @property {string} rid of a simulcast's encoding; "" where there is only one
 * @property {number} spatial the highest spatial layer
 * @property {number} temporal the highest temporal layer
 */

/** How often a key frame is asked for until it comes, in milliseconds. */
const patience = 400;

export class Forwarder {
  #options;
  /** @type {Choice} */
  #wanted;
  /** What is forwarded now; nothing before the first key frame. @type {Choice | undefined} */
  #current;
  /** The timestamp of the picture that is passing, as it came. @type {number | undefined} */
  #picture;
  /** What is added to the numbers of the current encoding. */
  #shift = { sequence: 0, timestamp: 0, picture: 0, base: 0 };
  /** The numbers that were sent last, and when. @type {{ sequence: number, timestamp: number, picture: number, base: number, at: number } | undefined} */
  #last;
  /** @type {ReturnType<typeof setInterval> | undefined} */
  #asking;

  /** How many packets went on, and how many were left out. */
  counts = { forwarded: 0, leftOut: 0 };

  /**
   * @param {object} options
   * @param {boolean} options.isVp8 whether the payloads are numbered too
   * @param {Choice} options.choice
   * @param {(packet: RtpPacket) => void} options.send
   * @param {(rid: string) => void} options.askForKeyFrame
   */
  constructor(options) {
    this.#options = options;
    this.#wanted = options.choice;
    this.choose(options.choice);
  }

  /** What is forwarded now. */
  get current() {
    return this.#current;
  }

  /** Less of the same encoding from the next picture on; anything else from its next key frame on. @param {Choice} choice */
  choose(choice) {
    this.#wanted = choice;
    if (this.#current !== undefined && isWithin(choice, this.#current)) return;
    this.askForKeyFrame();
    this.#asking ??= setInterval(() => {
      this.askForKeyFrame();
    }, patience);
  }

  askForKeyFrame() {
    this.#options.askForKeyFrame(this.#wanted.rid);
  }

  close() {
    clearInterval(this.#asking);
  }

  /** @param {string} rid @param {RtpPacket} packet @param {Layer} layer */
  take(rid, packet, layer) {
    const { header, payload } = packet;
    if (rid === this.#wanted.rid && layer.isKey && layer.begins) this.#begin(packet);
    if (rid !== this.#current?.rid) return;
    if (header.timestamp !== this.#picture) {
      this.#picture = header.timestamp;
      if (isWithin(this.#wanted, this.#current)) this.#current = this.#wanted;
    }
    const { spatial, temporal } = this.#current;
    if (payload.length === 0 || layer.spatial > spatial || layer.temporal > temporal) {
      this.#shift.sequence--; // padding, or a layer that isn't wanted
      this.counts.leftOut++;
      return;
    }
    this.#send(packet, header.marker || (layer.ends && layer.spatial === spatial));
  }

  /** Go on with the wanted choice. @param {RtpPacket} packet the first of a key frame */
  #begin({ header, payload }) {
    const isOther = this.#current?.rid !== this.#wanted.rid;
    this.#current = this.#wanted;
    clearInterval(this.#asking);
    this.#asking = undefined;
    if (!isOther || this.#last === undefined) return;
    const { sequence, timestamp, picture, base, at } = this.#last;
    const elapsed = Math.max(1, Math.round((performance.now() - at) * 90));
    const numbers = this.#options.isVp8 ? shiftVp8(payload, { picture: 0, base: 0 }) : { picture: 0, base: 0 };
    this.#shift = {
      sequence: sequence + 1 - header.sequenceNumber,
      timestamp: timestamp + elapsed - header.timestamp,
      picture: picture + 1 - numbers.picture,
      base: base + 1 - numbers.base,
    };
  }

  /** @param {RtpPacket} packet @param {boolean} marker whether it is the last of its picture, for this viewer */
  #send(packet, marker) {
    const copy = packet.clone();
    const { header } = copy;
    header.sequenceNumber = (header.sequenceNumber + this.#shift.sequence) & 0xffff;
    header.timestamp = (header.timestamp + this.#shift.timestamp) >>> 0;
    header.marker = marker;
    let numbers = { picture: 0, base: 0 };
    if (this.#options.isVp8) {
      const { payload, picture, base } = shiftVp8(packet.payload, this.#shift);
      copy.payload = payload;
      numbers = { picture: picture + this.#shift.picture, base: base + this.#shift.base };
    }
    this.#last = { sequence: header.sequenceNumber, timestamp: header.timestamp, ...numbers, at: performance.now() };
    this.counts.forwarded++;
    this.#options.send(copy);
  }
}

/** Whether a choice takes nothing that another doesn't. @param {Choice} one @param {Choice} other */
function isWithin(one, other) {
  return one.rid === other.rid && one.spatial <= other.spatial && one.temporal <= other.temporal;
}
