/**
 * The sides of the benchmark of SFrame in a worker of a browser, over WebCrypto: several frames are on their way at any
 * time, as in a pipeline of media.
 */

import { webCrypto } from "../../src/sframe/web-crypto.ts";
import type { FromPage } from "./chromium.ts";
import { aadLength, Call } from "./sframe-call.ts";
import { measureSFrame, type Side } from "./sframe.ts";
import { sframeRowNames, type SFrameFigure } from "./sframe-rows.ts";

/** How many frames are on their way at once, for both sides. */
const inFlight = 8;

/** What the worker is told. */
export interface ToWorker {
  readonly rows: readonly string[];
  readonly rounds: number;
}

/** Do something for every number below a count, `inFlight` of them at a time. */
async function pipeline(count: number, work: (i: number) => Promise<unknown>): Promise<void> {
  let next = 0;
  const lane = async (): Promise<void> => {
    while (next < count) await work(next++);
  };
  await Promise.all(Array.from({ length: inFlight }, lane));
}

/** copse as it is used in a call. */
async function copseInBrowser(): Promise<Side> {
  const call = await Call.start(webCrypto());
  return {
    peer: "copse-browser",
    prepare: async (job, count) => {
      if (job.kind === "epoch-keys") {
        await call.commit();
        call.othersEnter();
        const firsts = await call.frameOfEach(new Uint8Array(100));
        return async () => {
          call.enter();
          await Promise.all([call.seal(new Uint8Array(100)), ...firsts.map((frame) => call.open(frame))]);
        };
      }
      const plaintext = new Uint8Array(job.length);
      if (job.kind === "seal") return () => pipeline(count, () => call.seal(plaintext));
      const frames = await call.frames(plaintext, count);
      return () => pipeline(count, (i) => call.open(frames[i]!));
    },
  };
}

/** What it takes at the least: one key, a nonce that counts, and as much associated data. */
async function bareInBrowser(): Promise<Side> {
  const { subtle } = crypto;
  const key = await subtle.generateKey({ name: "AES-GCM", length: 128 }, false, ["encrypt", "decrypt"]);
  const additionalData = new Uint8Array(aadLength);
  let counter = 0;
  const parameters = (of: number): AesGcmParams => {
    const iv = new Uint8Array(12);
    new DataView(iv.buffer).setUint32(8, of);
    return { name: "AES-GCM", iv, additionalData };
  };
  const seal = (plaintext: Uint8Array<ArrayBuffer>): Promise<ArrayBuffer> =>
    subtle.encrypt(parameters(counter++), key, plaintext);
  return {
    peer: "bare-browser",
    prepare: async (job, count) => {
      if (job.kind === "epoch-keys") return undefined;
      const plaintext = new Uint8Array(job.length);
      if (job.kind === "seal") return () => pipeline(count, () => seal(plaintext));
      const first = counter;
      const frames: ArrayBuffer[] = [];
      for (let i = 0; i < count; i++) frames.push(await seal(plaintext));
      return () => pipeline(count, (i) => subtle.decrypt(parameters(first + i), key, frames[i]!));
    },
  };
}

/**
 * The least program that makes and opens frames of SFrame over WebCrypto: one key, no replay window, no table of keys, no
 * check of an argument. What it costs beside the AEAD alone, the format costs: a nonce from salt and counter, a header that
 * is authenticated, and the ciphertext copied behind it, since WebCrypto leaves no room in front of what it returns.
 */
async function floorInBrowser(): Promise<Side> {
  const { subtle } = crypto;
  const key = await subtle.generateKey({ name: "AES-GCM", length: 128 }, false, ["encrypt", "decrypt"]);
  const salt = crypto.getRandomValues(new Uint8Array(12));
  let counter = 0;
  const parameters = (additionalData: Uint8Array<ArrayBuffer>): AesGcmParams => {
    const iv = salt.slice();
    for (let i = 1; i <= 3; i++) iv[12 - i]! ^= additionalData[aadLength - i]!;
    return { name: "AES-GCM", iv, additionalData };
  };
  const seal = async (plaintext: Uint8Array<ArrayBuffer>): Promise<Uint8Array<ArrayBuffer>> => {
    const header = new Uint8Array(aadLength);
    header.set([0xfa, 0, 0, 0, 0, 0, 0, 0, 0, counter >> 16, counter >> 8, counter]);
    counter++;
    const sealed = await subtle.encrypt(parameters(header), key, plaintext);
    const frame = new Uint8Array(aadLength + sealed.byteLength);
    frame.set(header);
    frame.set(new Uint8Array(sealed), aadLength);
    return frame;
  };
  const open = async (frame: Uint8Array<ArrayBuffer>): Promise<Uint8Array> => {
    const header = frame.subarray(0, aadLength);
    return new Uint8Array(await subtle.decrypt(parameters(header), key, frame.subarray(aadLength)));
  };
  return {
    peer: "floor-browser",
    prepare: async (job, count) => {
      if (job.kind === "epoch-keys") return undefined;
      const plaintext = new Uint8Array(job.length);
      if (job.kind === "seal") return () => pipeline(count, () => seal(plaintext));
      const frames: Uint8Array<ArrayBuffer>[] = [];
      for (let i = 0; i < count; i++) frames.push(await seal(plaintext));
      return () => pipeline(count, (i) => open(frames[i]!));
    },
  };
}

function tell(message: FromPage<SFrameFigure>): void {
  postMessage(message);
}

onmessage = ({ data }: MessageEvent<ToWorker>): void => {
  const { rows, rounds } = data;
  void (async () => {
    try {
      const figures = await measureSFrame({
        rows: sframeRowNames.filter((name) => rows.includes(name)),
        sides: [await copseInBrowser(), await bareInBrowser(), await floorInBrowser()],
        rounds,
        progress: (text) => {
          tell({ kind: "progress", text: `${text}, in a browser` });
        },
      });
      tell({ kind: "figures", figures, runtime: /Chrom\w+\/[\d.]+/.exec(navigator.userAgent)?.[0] ?? "a browser" });
    } catch (error) {
      tell({ kind: "failure", text: error instanceof Error ? (error.stack ?? error.message) : String(error) });
    }
  })();
};
