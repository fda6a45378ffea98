/**
 * Each codec both ways between two participants: pictures are decoded, and sound is heard.
 */

import { link, type LinkOptions } from "./link.ts";
import { fakeMedia, must, reception, until } from "./media.ts";
import { room } from "./room.ts";

export async function codec(options: LinkOptions): Promise<string> {
  const { video = "VP8", encodedStreams = false } = options;
  const [alice, bob] = await room(["alice", "bob"], encodedStreams ? { api: "encoded-streams" } : {});
  const media = await fakeMedia();
  const { ends } = await link([alice, bob], [media, media.clone()], options);
  await until("both tracks", () => ends.every(({ receivers }) => receivers.length === 2));
  const seen: string[] = [];
  for (const end of ends) {
    await until("decoded frames", () => end.viewer().frames.length >= 20);
    await until("sound", async () => (await reception(end.receiver("audio"))).energy > 1e-4);
    const [picture, sound] = [await reception(end.receiver("video")), await reception(end.receiver("audio"))];
    must(`the video codec is ${picture.codec}`, picture.codec.toLowerCase() === `video/${video}`.toLowerCase());
    must(`the audio codec is ${sound.codec}`, sound.codec === "audio/opus");
    seen.push(`${end.viewer().frames.length} frames of ${end.viewer().last!.width}x${end.viewer().last!.height}`);
  }
  return `${seen.join(" and ")}, and sound`;
}

/** Three participants, each connected to each other: six directions. */
export async function three(): Promise<string> {
  const [alice, bob, carol] = await room(["alice", "bob", "carol"]);
  const media = await fakeMedia();
  const links = [];
  for (const pair of [
    [alice, bob],
    [bob, carol],
    [carol, alice],
  ] as const) {
    links.push(await link(pair, [media.clone(), media.clone()]));
  }
  const ends = links.flatMap((connected) => connected.ends);
  await until("all tracks", () => ends.every(({ receivers }) => receivers.length === 2));
  await until("decoded frames", () => ends.every((end) => end.viewer().frames.length >= 15), 20_000);
  for (const end of ends) {
    await until("sound", async () => (await reception(end.receiver("audio"))).energy > 1e-4);
  }
  return `${ends.map((end) => end.viewer().frames.length).join(", ")} frames`;
}
