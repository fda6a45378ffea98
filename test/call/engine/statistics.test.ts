/** What an engine counts and tells, per participant and per track. */

import { expect, it } from "vitest";
import { settled } from "../virtual-clock.ts";
import { bytes, Party, sealed } from "./world.ts";

it("counts per track and per participant, and knows epochs and key ages", async () => {
  const [alice, bob, carol] = [0, 1, 2].map((leaf) => new Party(leaf)) as [Party, Party, Party];
  for (const party of [alice, bob, carol]) party.enter(5);
  alice.clock.advance(3000);
  await sealed(alice);
  const frame = await sealed(bob);
  alice.push("bob", frame);
  alice.push("bob again", frame);
  alice.push("carol", await sealed(carol));
  alice.push("empty", bytes());
  await settled();
  alice.clock.advance(100);
  alice.enter(6);
  alice.clock.advance(50);

  const nothing = { passed: 0, held: 0, dropped: {} };
  expect(alice.statistics).toEqual({
    epoch: 6n,
    sendingEpoch: 5n,
    keyAge: 3150,
    epochs: [5n, 6n],
    waiting: { frames: 0, bytes: 0 },
    tracks: [
      {
        track: "out",
        kind: "audio",
        direction: "outgoing",
        ...nothing,
        passed: 1,
        waiting: 0,
        keyFrameRequests: 0,
        sources: [],
      },
      {
        track: "in",
        kind: "audio",
        direction: "incoming",
        passed: 2,
        held: 0,
        dropped: { replayed: 1, empty: 1 },
        waiting: 0,
        keyFrameRequests: 0,
        sources: [
          { participant: 101, passed: 1, held: 0, dropped: { replayed: 1 } },
          { participant: 102, ...nothing, passed: 1 },
        ],
      },
    ],
    participants: [
      { participant: 101, epoch: 5n, keyAge: 3150, passed: 1, held: 0, dropped: { replayed: 1 } },
      { participant: 102, epoch: 5n, keyAge: 3150, ...nothing, passed: 1 },
      { participant: 103, epoch: undefined, keyAge: undefined, ...nothing },
    ],
  });
});

it("says of whom a track's first frame of an epoch is, once", async () => {
  const [alice, bob] = [new Party(0), new Party(1)];
  alice.enter(5);
  bob.enter(5);
  const late = await sealed(bob);
  for (const epoch of [5, 6]) {
    if (epoch === 6) for (const party of [alice, bob]) party.enter(6);
    bob.clock.advance(1000);
    for (let i = 0; i < 3; i++) alice.push("frame", await sealed(bob));
  }
  alice.push("late", late);
  await settled();
  expect(alice.events.filter(({ kind }) => kind === "seen")).toEqual([
    { kind: "seen", track: "in", participant: 101, epoch: 5n },
    { kind: "seen", track: "in", participant: 101, epoch: 6n },
  ]);
});

it("counts a held frame for the participant that it turns out to be from", async () => {
  const [alice, bob] = [new Party(0), new Party(1)];
  alice.enter(5);
  bob.enter(6);
  alice.push("held", await sealed(bob));
  alice.enter(6);
  await settled();
  expect(alice.statistics.participants[0]).toMatchObject({ participant: 101, passed: 1, held: 1 });
  expect(alice.track("in").sources).toEqual([{ participant: 101, passed: 1, held: 1, dropped: {} }]);
});

it("forgets who is gone, once no epoch is held that they were in", async () => {
  const [alice, bob] = [new Party(0), new Party(1)];
  alice.enter(5);
  bob.enter(5);
  alice.push("frame", await sealed(bob));
  await settled();
  alice.enter(6, { leaves: [0, 2] });
  expect(alice.statistics.participants.map(({ participant }) => participant)).toContain(101);
  alice.clock.advance(10_000);
  expect(alice.statistics.participants.map(({ participant }) => participant)).toEqual([102]);
  expect(alice.track("in").sources).toEqual([]);
});

it("forgets tracks that are closed", () => {
  const alice = new Party(0);
  alice.in.close();
  alice.out.close();
  expect(alice.statistics.tracks).toEqual([]);
});

it("survives a listener that throws", async () => {
  const alice = new Party(0, {
    onEvent: () => {
      throw new Error("the listener's own");
    },
  });
  alice.enter(5);
  expect(await alice.seal(bytes(1))).toBeDefined();
});
