import { expect, test } from "vitest";
import { parseBigJson } from "../../src/cli/vectors/big-json.ts";
import type { Outcome } from "../../src/cli/vectors/check.ts";
import { verifySframeFiles } from "../../src/cli/vectors/sframe.ts";
import type { SFrameCrypto } from "../../src/sframe/crypto.ts";
import type { Form } from "../../src/sframe/form.ts";
import { describePublished } from "../vectors/published.ts";
import { cryptos } from "./cryptos.ts";

async function outcomesOf(crypto: SFrameCrypto<Form>, file: unknown): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  for await (const outcome of verifySframeFiles(crypto, [file])) outcomes.push(outcome);
  return outcomes;
}

for (const [file, entries] of [
  ["test-vectors.json", 300],
  ["test-vectors-aes256.json", 3],
] as const) {
  describePublished("sframe", file, (text) => {
    test.each(cryptos)("every entry holds over %s", async (_name, crypto) => {
      const outcomes = await outcomesOf(crypto, parseBigJson(text));
      expect(outcomes.filter(({ error }) => error !== undefined)).toEqual([]);
      expect(outcomes).toHaveLength(entries);
    });
  });
}

describePublished("sframe", "test-vectors.json", (text) => {
  test("an entry that is wrong is found, in whichever field", async () => {
    const parsed = parseBigJson(text) as Record<string, Record<string, unknown>[]>;
    for (const [list, entries] of Object.entries(parsed)) {
      const entry = entries.at(-1)!;
      for (const [field, value] of Object.entries(entry)) {
        const wrong =
          typeof value === "string" ? value.replace(/^./, (digit) => (digit === "0" ? "1" : "0")) : Number(value) - 1;
        const outcomes = await outcomesOf(cryptos[0]![1], { [list]: [{ ...entry, [field]: wrong }] });
        expect([list, field, outcomes[0]?.error !== undefined]).toEqual([list, field, true]);
      }
    }
  });
});

test("a list that the format does not know is a failure", async () => {
  const outcomes = await outcomesOf(cryptos[0]![1], { surprise: [], header: "none" });
  expect(outcomes.map(({ error }) => error !== undefined)).toEqual([true, true]);
});
