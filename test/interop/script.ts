/**
 * What a history is told to do. Steps are plain numbers, so that they can be drawn and shrunk.
 */

import fc from "fast-check";
import type { Handshake } from "./participant.ts";

/** What can happen, and how often it is drawn. After a ReInit the group is young again, so few have one. */
const stepKinds = {
  add: 3,
  remove: 3,
  update: 3,
  empty: 1,
  psk: 2,
  resume: 2,
  extensions: 4,
  say: 3,
  join: 2,
  race: 2,
  branch: 1,
  reinit: 1,
} as const;

/** One step: who acts, on whom, and a choice that each kind reads in its way. */
export interface Step {
  readonly kind: keyof typeof stepKinds;
  readonly by: number;
  readonly other: number;
  readonly choice: boolean;
}

/** How a history begins, and what happens. */
export interface Script {
  readonly suite: number;
  readonly hostIsCopse: boolean;
  readonly handshakes: readonly [copse: Handshake, tsMls: Handshake];
  readonly steps: readonly Step[];
}

const anyStep: fc.Arbitrary<Step> = fc.record({
  kind: fc.oneof(
    ...Object.entries(stepKinds).map(([kind, weight]) => ({
      weight,
      arbitrary: fc.constant(kind as keyof typeof stepKinds),
    })),
  ),
  by: fc.nat({ max: 9 }),
  other: fc.nat({ max: 9 }),
  choice: fc.boolean(),
});

const anyHandshake = fc.constantFrom("private" as const, "public" as const);

export const anyScript: fc.Arbitrary<Script> = fc.record({
  suite: fc.constantFrom(1, 3),
  hostIsCopse: fc.boolean(),
  handshakes: fc.tuple(anyHandshake, anyHandshake),
  steps: fc.array(anyStep, { minLength: 1, maxLength: 24, size: "max" }),
});
