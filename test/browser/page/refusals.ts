/**
 * What must not be sent or decoded: other keys, unknown codecs, what a dead worker leaves behind.
 */

import { link } from "./link.ts";
import { bytesSent, fakeMedia, must, pause, reception, until } from "./media.ts";
import { room } from "./room.ts";

/** Two rooms alike but for their keys: everything arrives, and nothing is decoded. */
export async function wrongKey(): Promise<string> {
  const [alice] = await room(["alice", "bob"]);
  const [, bob] = await room(["alice", "bob"]);
  const media = await fakeMedia();
  const { ends } = await link([alice, bob], [media, media.clone()]);
  await until("tracks", () => ends.every(({ receivers }) => receivers.length === 2));
  const bytes: number[] = [];
  for (const end of ends) {
    await until("bytes", async () => (await reception(end.receiver("video"))).bytes > 20_000);
    const [picture, sound] = [await reception(end.receiver("video")), await reception(end.receiver("audio"))];
    must(
      `${picture.framesDecoded} frames were decoded`,
      picture.framesDecoded === 0 && end.viewer().frames.length === 0,
    );
    must("something was heard", sound.energy < 1e-6);
    must("no sound arrived", sound.bytes > 0);
    bytes.push(picture.bytes);
  }
  return `0 frames out of ${bytes.join(" and ")} bytes`;
}

/** A codec that has no frame codec is not sent; what runs beside it is. */
export async function unknownCodec(): Promise<string> {
  const [alice, bob] = await room(["alice", "bob"]);
  const media = await fakeMedia();
  const { ends } = await link([alice, bob], [media, undefined], { audio: "PCMU" });
  await until("decoded frames", () => ends[1].receivers.length === 2 && ends[1].viewer().frames.length >= 10);
  const bytes = await bytesSent(ends[0].sender.audio!);
  must(`${bytes} bytes of PCMU were sent`, bytes === 0);
  const dropped = alice.events.some((event) => event.kind === "dropped" && event.cause === "codec");
  must("the drop was not reported", dropped);
  return "0 bytes of PCMU";
}

/** A worker that ends in the middle of a call, and one that never begins. */
export async function deadWorker(): Promise<string> {
  const [alice, bob] = await room(["alice", "bob"]);
  const media = await fakeMedia();
  const { ends } = await link([alice, bob], [media, undefined]);
  await until("decoded frames", () => ends[1].receivers.length === 2 && ends[1].viewer().frames.length >= 10);
  alice.worker.terminate();
  await pause(500); // what was on its way
  const before = await bytesSent(ends[0].sender.video!);
  const frames = ends[1].viewer().frames.length;
  await pause(2000);
  const after = await bytesSent(ends[0].sender.video!);
  must(`${after - before} bytes were sent by a dead worker`, after === before);
  must("frames were decoded afterwards", ends[1].viewer().frames.length === frames);
  const foreign = ["header", "foreign", "not-authentic"]; // what a frame in clear is to an engine
  must(
    "frames in clear arrived",
    !bob!.events.some((event) => event.kind === "dropped" && foreign.includes(event.cause)),
  );

  const [carol, dave] = await room(["carol", "dave"], { script: "/missing.js" });
  const silent = await link([carol, dave], [media.clone(), undefined]);
  await pause(2000);
  for (const sender of [silent.ends[0].sender.video!, silent.ends[0].sender.audio!]) {
    must("a worker that was never loaded sent something", (await bytesSent(sender)) === 0);
  }
  must(
    "the failure was not reported",
    carol.events.some(({ kind }) => kind === "failed"),
  );
  return "0 bytes after the end, and 0 without a beginning";
}

/** In a connection that asks for encoded streams, what nobody protects is not sent; elsewhere it is, which is the control. */
export async function unprotected(): Promise<string> {
  const media = await fakeMedia();
  const sent = async (encodedStreams: boolean): Promise<number> => {
    const { ends, close } = await link([undefined, undefined], [media.clone(), undefined], { encodedStreams });
    await until("a connection", () => ends[0].connection.connectionState === "connected");
    await pause(1500);
    const bytes = await bytesSent(ends[0].sender.video!);
    close();
    return bytes;
  };
  const [without, control] = [await sent(true), await sent(false)];
  must(`${without} bytes were sent`, without === 0);
  must("nothing was sent in the control either", control > 0);
  return `0 bytes, where otherwise ${control} go out in clear`;
}
