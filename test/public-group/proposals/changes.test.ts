/**
 * A change is exactly one: whoever names two has one of them refused in his own process, not left out in silence.
 */

import { expect, it } from "vitest";
import { hex } from "../../../src/bytes/text.ts";
import { proposeAsExternalSender } from "../../../src/public-group/proposals/external-proposal.ts";
import { failure } from "../../group/refusal.ts";
import { client, groupOf } from "../../group/world.ts";

const none: readonly object[] = [{}, { remove: undefined }];
const two: readonly object[] = [
  { remove: 1, extensions: [] },
  { remove: 1, psk: { type: "external", pskId: new Uint8Array(1) } },
];

it("a member proposes one change", async () => {
  const [alice] = await groupOf([await client("alice"), await client("bob")], { handshake: "public" });
  const before = hex(alice!.snapshot());
  for (const change of [...none, ...two, { update: {}, remove: 1 }]) {
    const error = await failure(() => alice!.propose(change as never));
    expect(error).toBeInstanceOf(TypeError);
    expect(String(error)).toContain("must be one change: add, remove, psk, extensions, reinit, custom");
  }
  expect(hex(alice!.snapshot())).toBe(before);
  for (const change of [{ remove: 1 }, { update: {} }])
    expect((await alice!.propose(change)).length).toBeGreaterThan(0);
});

it("an external sender proposes one change, and no Update", async () => {
  const { identity } = await client("server");
  const options = { identity, senderIndex: 0, groupId: new Uint8Array(1), epoch: 0n };
  for (const change of [...none, ...two]) {
    const error = await failure(() => proposeAsExternalSender({ ...options, change: change as never }));
    expect(error).toBeInstanceOf(TypeError);
    expect(String(error)).toContain("must be one change");
  }
  expect(await failure(() => proposeAsExternalSender({ ...options, change: { update: {} } as never }))).toBeInstanceOf(
    TypeError,
  );
  expect((await proposeAsExternalSender({ ...options, change: { remove: 1 } })).length).toBeGreaterThan(0);
});
