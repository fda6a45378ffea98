import { expect, it } from "vitest";
import { Counter } from "../../../src/call/engine/counts.ts";
import { commonSettingsOf } from "../../../src/call/engine/defaults.ts";
import type { EngineEpoch } from "../../../src/call/engine/epochs.ts";
import { AllOpening } from "../../../src/call/engine/holding.ts";
import { Participants } from "../../../src/call/engine/participants.ts";
import { causeOf } from "../../../src/call/engine/track.ts";
import { CopseError, type ErrorCode } from "../../../src/errors.ts";

it("each error means one cause", () => {
  const causes: Partial<Record<ErrorCode, string>> = {
    "sframe-header": "header",
    "sframe-unknown-kid": "unknown-key",
    "sframe-kid-role": "own",
    "sframe-replay": "replayed",
    "sframe-open": "not-authentic",
    "limit-exceeded": "limit",
    "sframe-kid-range": "limit",
    "sframe-counter-overflow": "limit",
    "group-gone": "failed",
  };
  for (const [code, cause] of Object.entries(causes)) expect(causeOf(new CopseError(code as ErrorCode))).toBe(cause);
  expect(causeOf(new Error("sframe-replay"))).toBe("failed");
});

it("only the first frame that is dropped for its cause is one to report", () => {
  const counter = new Counter();
  expect((["passed", "held", "own", "own"] as const).map((fate) => counter.count(fate))).toEqual([
    false,
    false,
    true,
    false,
  ]);
});

it("a suite that is none of the registry's is a mistake", () => {
  expect(() => commonSettingsOf({ suite: { id: 4, keyLength: 16 } as never })).toThrow(TypeError);
});

it("nobody is woken for room that is not there", () => {
  const all = new AllOpening({ frames: 1, bytes: 10 });
  let woken = 0;
  for (let frames = 0; frames < 2; frames++) all.add(1);
  all.await(() => woken++);
  all.remove(1);
  expect(woken).toBe(0);
  all.remove(1);
  expect(woken).toBe(1);
});

it("a participant shows an epoch once, and one who is gone shows nothing", () => {
  const participants = new Participants(1000);
  const epochs = [5n, 6n].map((epoch) => ({
    epoch,
    leafIndex: 0,
    treeWidth: 2,
    members: new Map([
      [0, 100],
      [1, 101],
    ]),
    keyedAt: 0,
  })) as unknown as readonly EngineEpoch[];
  participants.follow(epochs);
  const shows = (number: number, place: number): boolean => participants.show(number, epochs[place]!, 0);
  expect([shows(101, 0), shows(101, 0), shows(101, 1), shows(101, 0), shows(7, 0)]).toEqual([
    true,
    false,
    true,
    false,
    false,
  ]);
  expect(participants.epochShownBy(7, 0)).toBeUndefined();
});
