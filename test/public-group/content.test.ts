import { expect, it } from "vitest";
import { utf8 } from "../../src/bytes/text.ts";
import { framedContent, openedContent } from "../../src/public-group/content.ts";
import { prepareRegistry } from "../../src/rules/registry.ts";
import { failure } from "../group/refusal.ts";
import { client, groupOf } from "../group/world.ts";

const text = { type: "text/plain", parameters: [] };

it("a message has no media type in a group that says none of its messages", async () => {
  const registry = prepareRegistry(undefined);
  const context = { extensions: [] };
  expect(framedContent(utf8("hello"), undefined, context, registry)).toEqual(utf8("hello"));
  expect(openedContent(utf8("hello"), context, registry)).toEqual({ plaintext: utf8("hello") });
  const sentence = "TypeError: this group does not say the media type of its messages";
  expect(String(await failure(() => framedContent(utf8("hello"), text, context, registry)))).toBe(sentence);
  const [alice] = await groupOf([await client("alice")]);
  expect(String(await failure(() => alice!.seal(utf8("hello"), { mediaType: text })))).toBe(sentence);
});
