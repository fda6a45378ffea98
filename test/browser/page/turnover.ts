/**
 * Epochs that change in the middle of a call: nobody's picture stands still for long.
 */

import { link, type Link } from "./link.ts";
import { fakeMedia, must, pause, until } from "./media.ts";
import { join, participant, remove, room } from "./room.ts";

/** What issue and measurements allow. */
const longestFreeze = 500;

/** How long an engine goes on sending with the old epoch, and how long the other participants take to hear of a new one. */
const sendDelay = 1000;
const delivery = 60;

function checkGaps(links: readonly Link[], [from, to]: readonly [number, number]): string {
  const gaps = links.flatMap(({ ends }) => ends.map((end) => Math.round(end.viewer().longestGap(from, to))));
  must(`a picture stood still: ${gaps.join(", ")} ms`, Math.max(...gaps) <= longestFreeze);
  return `longest gaps ${gaps.join(" and ")} ms`;
}

async function running({ ends }: Link): Promise<void> {
  await until("tracks", () => ends.every(({ receivers }) => receivers.length === 2));
  await until("decoded frames", () => ends.every((end) => end.viewer().frames.length >= 15));
}

/** Somebody joins and is removed again: the others see no freeze, and the one who left reads nothing. */
export async function joinAndLeave(): Promise<string> {
  const [alice, bob] = await room(["alice", "bob"], { sendDelay });
  const media = await fakeMedia();
  const first = await link([alice, bob], [media, media.clone()]);
  await running(first);

  const carol = await participant("carol", { sendDelay });
  const joined = performance.now();
  await join([alice, bob!], carol, () => delivery);
  const second = await link([alice, carol], [media.clone(), media.clone()]);
  await running(second);
  await pause(Math.max(0, joined + sendDelay + 1000 - performance.now()));
  const joining = checkGaps([first], [joined, performance.now()]);

  const left = performance.now();
  await remove([alice, bob!], carol);
  await pause(sendDelay + 1500);
  const leaving = checkGaps([first], [left, performance.now()]);
  const late = second.ends[1].viewer().since(left + sendDelay + 400);
  must(`the one who left saw ${late} frames more`, late === 0);
  must("the one who left saw none before", second.ends[1].viewer().frames.length > 0);
  return `${joining} at the join, ${leaving} at the leave, then 0 frames for the one who left`;
}

/** Frames of a key that comes 300 ms late are held, and the picture recovers. */
export async function lateKey(): Promise<string> {
  const [alice, bob] = await room(["alice", "bob"], { sendDelay: 0 });
  const media = await fakeMedia();
  const connected = await link([alice, bob], [media, media.clone()]);
  await running(connected);
  const changed = performance.now();
  await join([alice, bob!], await participant("carol"), () => 300);
  await pause(1500);
  const gap = Math.round(connected.ends[1].viewer().longestGap(changed, performance.now()));
  must(`the picture stood still for ${gap} ms`, gap <= longestFreeze);
  must(`it did so for only ${gap} ms: the key was not late`, gap >= 200);
  return `recovered after ${gap} ms`;
}
