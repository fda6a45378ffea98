import { expect, it } from "vitest";
import { selfRemove } from "../../src/extensions/self-remove.ts";
import { otherErrorCodes } from "../../src/errors.ts";
import { failure } from "../group/refusal.ts";
import { client, groupOf } from "../group/world.ts";

it("an error of an extension says its sentence, where groups are loaded, too", async () => {
  const [alice] = await groupOf([await client("alice")]);
  const place = { wireFormat: undefined, tree: { size: 1 } } as never;
  const error = await failure(() => selfRemove.isValid?.(new Uint8Array(), { type: "member", leafIndex: 0 }, place));
  expect(String(error)).toContain(`self-remove-by-value: ${otherErrorCodes["self-remove-by-value"]}`);
  expect(alice!.size).toBe(1);
});
