/**
 * Vectors of our own: our runner verifies them, and ts-mls follows their groups.
 */

import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { families } from "../../../src/cli/vectors/families.ts";
import { generate, generated } from "../../../src/cli/vectors/generate.ts";
import { runFamily } from "../../../src/cli/vectors/run.ts";
import { nobleProvider } from "../../../src/crypto/noble.ts";
import { nodeProvider } from "../../../src/crypto/node.ts";
import {
  follow,
  readMessages,
  readWelcome,
  type MessagesEntry,
  type PassiveEntry,
  type WelcomeEntry,
} from "./ts-mls.ts";
import { copse } from "../terminal.ts";

/** One of each kind of curve; ts-mls takes too long for the others. */
const suites = [1, 2];

let directory = "";
beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), "copse-generated-"));
  await generate({ directory, families: generated, provider: nodeProvider, suites, tell: () => {} });
});
afterAll(() => rmSync(directory, { recursive: true }));

function textOf(family: string): string {
  return readFileSync(join(directory, "mls", `${family}.json`), "utf8");
}

function entriesOf<Entry>(family: string): readonly Entry[] {
  return JSON.parse(textOf(family)) as readonly Entry[];
}

test.each(generated)("%s: our runner accepts every entry", async (name) => {
  const family = families.find((candidate) => candidate.name === name)!;
  const tally = await runFamily(family, { provider: nobleProvider, texts: [textOf(name)] });
  expect(tally.errors).toEqual([]);
  expect(tally.passed).toBe(entriesOf(name).length);
  expect(tally.passed).toBeGreaterThanOrEqual(suites.length);
});

describe("ts-mls", () => {
  test("reads every struct of messages.json, and writes the same bytes", () => {
    for (const entry of entriesOf<MessagesEntry>("messages")) expect(readMessages(entry)).toEqual(entry);
  });

  test("opens the Welcomes of welcome.json", async () => {
    for (const entry of entriesOf<WelcomeEntry>("welcome")) {
      expect(await readWelcome(entry)).toEqual({ signature: true, confirmationTag: true });
    }
  });

  test.each(["passive-client-welcome", "passive-client-handling-commit", "passive-client-random"])(
    "follows the groups of %s",
    async (family) => {
      for (const entry of entriesOf<PassiveEntry>(family)) {
        const expected = [entry.initial_epoch_authenticator, ...entry.epochs.map((epoch) => epoch.epoch_authenticator)];
        expect(await follow(entry)).toEqual(expected);
      }
    },
  );
});

describe("copse vectors --generate", () => {
  test("writes the families asked for, of all suites", async () => {
    const place = join(directory, "named");
    const { code, out } = await copse(["vectors", "--generate", place, "--family", "welcome", "--provider", "node"]);
    expect(code).toBe(0);
    expect(out).toBe(`${join("mls", "welcome.json")}: 7 entries\n`);
    const entries = JSON.parse(readFileSync(join(place, "mls/welcome.json"), "utf8")) as readonly WelcomeEntry[];
    expect(entries.map(({ cipher_suite }) => cipher_suite)).toEqual([1, 2, 3, 4, 5, 6, 7]);
  });

  test.each([
    ["--family", "treekem"],
    ["--provider", "openssl"],
    ["--provider", "node", "--provider", "web"],
  ])("refuses %s %s", async (...more) => {
    const { code, out } = await copse(["vectors", "--generate", join(directory, "never"), ...more]);
    expect([code, out]).toEqual([2, ""]);
  });
});
