/**
 * Every form of every codec's frames, under everything that RTP may do to them: it opens to what the encoder gave, and
 * whatever else is done to it, nothing else is ever shown.
 */

import { describe, expect, it } from "vitest";
import { concat } from "../../../src/bytes/concat.ts";
import { frameCodec } from "../../../src/call/codecs/codecs.ts";
import type { CodecName, FrameCodec } from "../../../src/call/media.ts";
import { SFrameReceiver } from "../../../src/sframe/receiver.ts";
import { SFrameSender } from "../../../src/sframe/sender.ts";
import { sframeSuite } from "../../../src/sframe/suites.ts";
import { forms } from "./forms.ts";
import { isSlice, nalUnits, slice, stream, transits } from "./transit.ts";

const suite = sframeSuite(4);
const baseKey = new Uint8Array(16).fill(7);
const kid = 0x1234_5678n;

const codec = (name: CodecName): FrameCodec => frameCodec(name)!;

function seal(name: CodecName, frame: Uint8Array): Uint8Array {
  const parts = codec(name).split(frame, true);
  if (parts === undefined) throw new Error("an encoder's frame was refused");
  return parts.compose(new SFrameSender({ suite, kid, baseKey }).encrypt(parts.secret, parts.metadata));
}

/** Undefined where it does not open. */
function open(name: CodecName, wire: Uint8Array): Uint8Array | undefined {
  const { front, join } = codec(name);
  const first = front?.(wire, true);
  const parts = join(wire, true);
  if (parts === undefined || first === undefined) return undefined;
  expect(first.subarray(0, 17)).toEqual(parts.secret.subarray(0, Math.min(17, first.length)));
  const receiver = new SFrameReceiver({ suite });
  receiver.addKey(kid, baseKey);
  try {
    return parts.compose(receiver.open(parts.secret, parts.metadata).plaintext);
  } catch {
    return undefined;
  }
}

/** AV1's delimiters and sizes are no longer there where RTP has taken them: a decoder needs neither. */
function normal(name: CodecName, frame: Uint8Array | undefined): Uint8Array | undefined {
  if (name !== "av1" || frame === undefined) return frame;
  const parts = codec(name).split(frame, true);
  return parts && concat(parts.metadata, parts.secret);
}

const names = Object.keys(forms) as readonly CodecName[];

const matrix = names.flatMap((name) =>
  Object.entries(forms[name]).flatMap(([form, frame]) =>
    Object.entries(transits[name]).map(([change, transit]) => ({ name, form, frame, change, transit })),
  ),
);

describe("a frame opens to what the encoder gave", () => {
  it.each(matrix)("$name: $form; on the way: $change", ({ name, frame, transit }) => {
    const opened = open(name, transit(seal(name, frame)));
    expect(opened).toBeDefined();
    expect(normal(name, opened)).toEqual(normal(name, frame));
    if (name === "h264") expect(opened).toEqual(frame);
  });

  it.each(names.flatMap((name) => Object.entries(forms[name]).map(([form, frame]) => ({ name, form, frame }))))(
    "$name: $form; after all changes, one upon another",
    ({ name, frame }) => {
      const apart = new Set(["parameter sets taken away"]);
      let wire = seal(name, frame);
      for (const [change, transit] of Object.entries(transits[name])) if (!apart.has(change)) wire = transit(wire);
      expect(normal(name, open(name, wire))).toEqual(normal(name, frame));
    },
  );
});

describe("of a frame that was tampered with, nothing but what the encoder gave is shown", () => {
  it.each(names.flatMap((name) => Object.entries(forms[name]).map(([form, frame]) => ({ name, form, frame }))))(
    "$name: $form, a bit of any byte changed",
    ({ name, frame }) => {
      const wire = seal(name, frame);
      for (let place = 0; place < wire.length; place += Math.ceil(wire.length / 150)) {
        const changed = wire.slice();
        changed[place]! ^= 1 << (place % 8);
        const opened = open(name, changed);
        if (opened !== undefined) expect(normal(name, opened)).toEqual(normal(name, frame));
      }
    },
  );

  const sliced = Object.entries(forms.h264)
    .map(([form, frame]) => ({ form, wire: seal("h264", frame) }))
    .map(({ form, wire }) => ({ form, units: nalUnits(wire) }));

  it.each(sliced)("h264: $form, a clear byte of a slice changed", ({ units }) => {
    for (const [place, nal] of units.entries()) {
      if (!isSlice(nal)) continue;
      for (const bit of [5, 6]) {
        const changed = nal.slice();
        changed[0]! ^= 1 << bit; // nal_ref_idc
        expect(open("h264", stream(units.with(place, changed)))).toBeUndefined();
      }
      const otherMacroblock = nal.slice();
      otherMacroblock[1]! ^= 0x80;
      expect(open("h264", stream(units.with(place, otherMacroblock)))).toBeUndefined();
    }
  });

  it.each(sliced)("h264: $form, a slice lost, added, repeated or moved", ({ units }) => {
    const slices = units.filter(isSlice);
    expect(open("h264", stream([...units, slice()]))).toBeUndefined();
    expect(open("h264", stream([slice(), ...units]))).toBeUndefined();
    expect(open("h264", stream(slices.slice(1)))).toBeUndefined();
    expect(open("h264", stream(slices.slice(0, -1)))).toBeUndefined();
    expect(open("h264", stream([...slices, ...slices.slice(-1)]))).toBeUndefined();
    if (slices.length > 1) expect(open("h264", stream(slices.toReversed()))).toBeUndefined();
  });

  it("av1: a sequence header changed, lost, added or repeated", () => {
    const frame = forms.av1["a key frame"]!;
    const wire = seal("av1", frame);
    const [delimiter, sequence, rest] = [wire.subarray(0, 2), wire.subarray(2, 15), wire.subarray(15)];
    expect(open("av1", concat(delimiter, sequence, rest))).toEqual(frame);
    const changed = sequence.slice();
    changed[4]! ^= 1;
    for (const other of [changed, new Uint8Array(0), concat(sequence, sequence)]) {
      expect(open("av1", concat(delimiter, other, rest))).toBeUndefined();
    }
  });
});
