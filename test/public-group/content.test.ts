import { expect, it } from "vitest";
import { utf8 } from "../../src/bytes/text.ts";
import { framedContent, openedContent } from "../../src/public-group/content.ts";
import { prepareRegistry } from "../../src/rules/registry.ts";
import { failure, refuses } from "../group/refusal.ts";
import { client, groupOf } from "../group/world.ts";

const text = { type: "text/plain", parameters: [] };

it("a message has no media type in a group that says none of its messages", async () => {
  const registry = prepareRegistry(undefined);
  const context = { extensions: [] };
  expect(framedContent(utf8("hello"), undefined, context, registry)).toEqual(utf8("hello"));
  expect(openedContent(utf8("hello"), context, registry)).toEqual({ plaintext: utf8("hello") });
  // No mistake of the caller's alone: a member may have removed them from the context.
  const code = "application-framing";
  expect(await failure(() => framedContent(utf8("hello"), text, context, registry))).toMatchObject({ code });
  const [alice] = await groupOf([await client("alice")]);
  await refuses(alice!, () => alice!.seal(utf8("hello"), { mediaType: text }), code);
});
