/**
 * Mentions in markdown, and text that is nothing but text.
 */

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { escapeMarkdown, mention, mentionsIn } from "../../../src/content/messages/mentions.ts";
import { texts } from "../arbitraries.ts";

const alice = "mimi://example.org/u/alice";
const bob = "mimi://example.org/u/bob";

describe("mentions", () => {
  test("are found where they were put, whatever stands around them", () => {
    fc.assert(
      fc.property(texts(), texts(), texts(), (before, label, behind) => {
        const text = `${escapeMarkdown(before)}${mention(alice, label)}${escapeMarkdown(behind)}${mention(bob)}`;
        expect(mentionsIn(text)).toEqual([{ uri: alice, label: label.replace(/\s+/g, " ") }, { uri: bob }]);
      }),
    );
  });

  test("are none in text that was escaped", () => {
    fc.assert(
      fc.property(texts(), (words) => {
        expect(mentionsIn(escapeMarkdown(`${words} [a](${alice}) <${alice}>`))).toEqual([]);
      }),
    );
  });

  test.each<[string, string, readonly object[]]>([
    ["a link", `[@Alice](${alice})`, [{ uri: alice, label: "@Alice" }]],
    ["a URI by itself", `<${alice}>`, [{ uri: alice }]],
    [
      "two",
      `[A](${alice})[B](${bob})`,
      [
        { uri: alice, label: "A" },
        { uri: bob, label: "B" },
      ],
    ],
    ["a label with brackets", `[a [b]](${alice})`, [{ uri: alice, label: "a [b]" }]],
    ["a link to the web", "[@Alice](https://example.org/u/alice)", []],
    ["code", `\`[@Alice](${alice})\``, []],
    ["a code block", `\`\`\`\n<${alice}>\n\`\`\``, []],
    ["code that never ends", `\`<${alice}>`, [{ uri: alice }]],
    ["code of two marks with one in it", `\`\`a\`<${alice}>\`\``, []],
    ["code whose first mark is escaped", `\\\`\`\`<${alice}>\`\``, []],
    ["two spans of code, and what is between them", `\`a\`<${alice}>\`b\``, [{ uri: alice }]],
    ["an escaped bracket", `\\[@Alice](${alice})`, []],
    ["an escaped angle", `\\<${alice}>`, []],
    ["a link that never ends", `[@Alice](${alice}`, []],
    ["a link with a title", `[@Alice](${alice} "hi")`, []],
    ["a URI with a space", "<mimi://example.org/u/a lice>", []],
    ["a URI that turns the text around", "<mimi://example.org/u/\u202ealice>", []],
    ["a URI of nothing", "<mimi://>", []],
    ["a URI that is too long", `<mimi://${"a".repeat(255)}>`, []],
    ["a bracket that was never opened", `@Alice](${alice})`, []],
    ["brackets in brackets, which are one link", `[[A](${alice})](${bob})`, [{ uri: alice, label: "A" }]],
  ])("%s", (_what, text, expected) => {
    expect(mentionsIn(text)).toEqual(expected);
  });

  test("are at most 256, of however many, in no time", () => {
    expect(mentionsIn(`<${alice}>`.repeat(1000))).toHaveLength(256);
    for (const piece of ["[", "]", "<mimi://", "`", "``", "[](mimi://", "\\"]) {
      expect(mentionsIn(piece.repeat(200_000 / piece.length))).toEqual([]);
    }
    expect(mentionsIn(Array.from({ length: 1400 }, (_, i) => "`".repeat(i)).join(" "))).toEqual([]);
  });

  test("are of MIMI URIs", () => {
    for (const wrong of ["https://example.org", "mimi://a b", "mimi://a)", `mimi://${"a".repeat(255)}`, 1, undefined]) {
      expect(() => mention(wrong as string)).toThrow(TypeError);
    }
    expect(() => mention(alice, 1 as never)).toThrow(TypeError);
    expect(() => mentionsIn(1 as never)).toThrow(TypeError);
  });
});
