import { expect, test } from "vitest";
import { isCallContext } from "../../../src/call/group/call-context.ts";
import { selfRemoveRequired, withSelfRemove } from "../../../src/extensions/self-remove.ts";
import { externalSenders } from "../../../src/public-group/extensions.ts";
import { client, groupOf } from "../../group/world.ts";

test("a group's parameters are a call's where self_remove is required, and nothing else is agreed upon but external senders", async () => {
  const options = { registry: withSelfRemove(), extensions: [selfRemoveRequired] };
  const [alice] = await groupOf([await client("alice")], options);
  const is = (...extensions: (typeof selfRemoveRequired)[]): boolean =>
    isCallContext({ ...alice!.groupContext, extensions });
  const other = { type: 0xff01, data: new Uint8Array(0) };
  expect(is(selfRemoveRequired)).toBe(true);
  expect(is(externalSenders([]), selfRemoveRequired)).toBe(true);
  expect([is(), is(other), is(selfRemoveRequired, other), is(other, selfRemoveRequired)]).not.toContain(true);
  expect(is({ ...selfRemoveRequired, data: selfRemoveRequired.data.slice(1) })).toBe(false);
  expect(is({ ...selfRemoveRequired, type: 0xff01 })).toBe(false);
});
