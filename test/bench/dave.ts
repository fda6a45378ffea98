/**
 * DAVE's frames beside davey, which is Rust behind N-API, in one call and in the same run: both seal, and both open the frames of a
 * third member.
 */

import { CopseClient, DaveyClient, Gateway } from "../adapters/dave/gateway.ts";
import { Caller } from "../adapters/dave/world.ts";
import { settleMemory } from "./clock.ts";
import { type DaveFigure, type DaveRowName } from "./dave-rows.ts";
import { median } from "./rows.ts";

/** How many frames a turn takes, and how many turns each side has in a round. */
const frames = 1_500;
const turns = 21;

/** One of the two: it seals so many frames, or opens these. */
interface Side {
  readonly peer: "copse" | "davey";
  readonly seal: () => void;
  readonly open: (sealed: readonly Uint8Array[]) => void;
}

/** What to measure. */
export interface DaveBenchOptions {
  readonly rows: readonly DaveRowName[];
  readonly rounds: number;
  readonly progress: (text: string) => void;
}

export async function measureDave({ rows, rounds, progress }: DaveBenchOptions): Promise<readonly DaveFigure[]> {
  const gateway = await Gateway.create();
  const alice = await CopseClient.create({ userId: 1n });
  const bob = new DaveyClient(2n);
  const carol = await CopseClient.create({ userId: 3n });
  const [calling, speaking] = [new Caller(alice), new Caller(carol)];
  for (const client of [alice, bob, carol]) await gateway.connect(client);
  await gateway.create(alice, [bob, carol]);
  const data = new Uint8Array(1200).fill(7);
  const packet = Buffer.from(data);
  const track = calling.backend.engine.outgoing({ track: "sealed", kind: "audio" });
  let delivered = 0;
  const heard = calling.backend.engine.incoming<undefined>({
    track: "opened",
    kind: "audio",
    userId: 3n,
    deliver: () => {
      delivered++;
    },
  });
  const sides: readonly Side[] = [
    {
      peer: "copse",
      seal: () => {
        for (let i = 0; i < frames; i++) track.sealNow({ data, codec: "opus", isKeyFrame: true });
      },
      open: (sealed) => {
        const before = delivered;
        for (const frame of sealed) heard.push(undefined, { data: frame, codec: "opus", isKeyFrame: true });
        if (delivered !== before + sealed.length) throw new Error("a frame did not open");
      },
    },
    {
      peer: "davey",
      seal: () => {
        for (let i = 0; i < frames; i++) bob.session.encryptOpus(packet);
      },
      open: (sealed) => {
        for (const frame of sealed) bob.session.decrypt("3", 0, frame as Buffer);
      },
    },
  ];
  const values = new Map<string, number[]>();
  for (let round = 0; round <= rounds; round++) {
    progress(round === 0 ? "dave: warming up" : `dave: round ${round} of ${rounds}`);
    for (const row of rows) {
      const samples = new Map<string, number[]>();
      for (let turn = 0; turn < (round === 0 ? 5 : turns); turn++) {
        const sealed = Array.from({ length: row === "dave-open-1200" ? frames : 0 }, () =>
          Buffer.from(speaking.say(data) ?? []),
        );
        for (const side of turn % 2 === 0 ? sides : sides.toReversed()) {
          settleMemory();
          const start = performance.now();
          if (row === "dave-open-1200") side.open(sealed);
          else side.seal();
          const perSecond = (1_000 * frames) / (performance.now() - start);
          samples.set(side.peer, [...(samples.get(side.peer) ?? []), perSecond]);
        }
      }
      if (round === 0) continue;
      for (const [peer, sampled] of samples) {
        const key = `${row} ${peer}`;
        values.set(key, [...(values.get(key) ?? []), median(sampled)]);
      }
    }
  }
  return rows.flatMap((name) =>
    sides.map(({ peer }): DaveFigure => {
      const measured = values.get(`${name} ${peer}`) ?? [];
      const spread = { median: median(measured), min: Math.min(...measured), max: Math.max(...measured) };
      return { name, size: 3, peer, ...spread, unit: "frames/s", runs: measured.length };
    }),
  );
}
