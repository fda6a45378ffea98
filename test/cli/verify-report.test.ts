/**
 * copse verify-report, as a provider runs it.
 */

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { hex, utf8 } from "../../src/bytes/text.ts";
import { encodeContent } from "../../src/content/encode.ts";
import { platformRandom } from "../../src/crypto/random.ts";
import { cipherSuite } from "../../src/index.ts";
import { writeSafeAad } from "../../src/extensions/app-data/safe-aad.ts";
import { frankingNumbers, frankingTag } from "../../src/reports/franking.ts";
import { frankingStamp } from "../../src/reports/hub.ts";
import { encode } from "../../src/codec/codec.ts";
import { AbuseReport } from "../../src/reports/formats.ts";
import { writeReport } from "../../src/reports/report.ts";
import { copse as run } from "./terminal.ts";

const suite = cipherSuite(1);
const room = "mimi://example.org/r/room";
const sender = "mimi://example.org/u/alice";
const at = Date.UTC(2026, 10, 29, 12);
const key = new Uint8Array(32).fill(7);

let folder: string;
let report: Uint8Array;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "copse-report-"));
  const { privateKey, publicKey } = await suite.generateSignatureKeyPair(platformRandom);
  const signer = await suite.signer(privateKey);
  const stamp = frankingStamp({ hubKeys: [{ from: 0, key }], agentFor: () => ({ cipherSuite: suite.id, signer }) });
  const content = {
    disposition: "render",
    cardinality: "single",
    contentType: "text/plain",
    content: utf8("hi"),
  } as const;
  const applicationData = encodeContent({
    ...{ salt: platformRandom(16), senderUri: sender, roomUri: room, nestedPart: content },
  });
  const data = frankingTag(applicationData);
  const authenticatedData = writeSafeAad([{ componentId: frankingNumbers.frank_aad, data }]);
  const franked = (await stamp({ room, user: sender, at, authenticatedData }))!;
  const message = { applicationData, stamp: franked, acceptedAt: at, sender, room };
  report = writeReport({ messages: [message], reason: 3, note: "rude \u001b[31m" });
  const agentKeys = [{ cipherSuite: suite.id, publicKey: hex(publicKey) }];
  const hubKeys = [{ from: 0, key: hex(key) }];
  writeFileSync(join(folder, "report.bin"), report);
  writeFileSync(join(folder, "keys.json"), JSON.stringify({ hubKeys, agentKeys }));
  const others = [{ from: 0, key: hex(key.map((byte) => byte + 1)) }];
  writeFileSync(join(folder, "other.json"), JSON.stringify({ hubKeys: others, agentKeys }));
  writeFileSync(join(folder, "bad.json"), "{}");
});
afterAll(() => {
  rmSync(folder, { recursive: true });
});
const verify = (keys: string, ...more: string[]) =>
  run(["verify-report", join(folder, "report.bin"), "--keys", join(folder, keys), ...more]);

it("says who said what, when and where", async () => {
  const { code, out } = await verify("keys.json", "--room", room);
  expect(code).toBe(0);
  expect(out).toContain(`message 1: proven: "${sender}" said`);
  expect(out).toContain(`in "${room}" at 2026-11-29T12:00:00.000Z`);
  expect(out).not.toContain("\u001b"); // what a stranger wrote does not steer the terminal
});

it("says why a message proves nothing, and exits with 1", async () => {
  expect(await verify("other.json")).toMatchObject({
    code: 1,
    out: expect.stringContaining("message 1: proves nothing: this hub has accepted no such content") as string,
  });
  const elsewhere = await verify("keys.json", "--room", `${room}2`);
  expect([elsewhere.code, elsewhere.out.includes("it is of another room")]).toEqual([1, true]);
});

it("gives JSON", async () => {
  const { out } = await verify("keys.json", "--json");
  expect(JSON.parse(out)).toMatchObject({
    allegedAbuser: sender,
    reason: 3,
    verdicts: [{ kind: "proven", sender, room, at }],
  });
});

it("reads standard input, and says what is wrong with it and with the keys", async () => {
  const keys = ["--keys", join(folder, "keys.json")];
  expect((await run(["verify-report", ...keys], { input: report })).code).toBe(0);
  const garbled = await run(["verify-report", ...keys], { input: report.subarray(1) });
  expect([garbled.code, garbled.err.includes("report-format")]).toEqual([1, true]);
  const bad = await verify("bad.json");
  expect([bad.code, bad.err.includes("--help")]).toEqual([1, true]);
  expect((await run(["verify-report"])).code).toBe(2);
});

it("takes no hub keys that are none", async () => {
  for (const bad of [
    { from: -1, key: hex(key) },
    { from: "0", key: hex(key) },
    { from: 0, key: "0707" },
  ]) {
    writeFileSync(join(folder, "bad.json"), JSON.stringify({ hubKeys: [bad], agentKeys: [] }));
    const { code, err } = await run(["verify-report", join(folder, "report.bin"), "--keys", join(folder, "bad.json")]);
    expect([code, err]).toEqual([1, expect.stringContaining("the file of --keys is not as")]);
  }
});

it("shows nothing of others that steers a terminal, or turns a line around", async () => {
  const hidden = "\u001b[2J\u009b2J\u007f\u202e\u2066\u2028\u200b\u{e0041}";
  const written = encode(AbuseReport, {
    ...{
      reportingUser: hidden,
      allegedAbuser: hidden,
      reason: 1,
      note: `${hidden} said "Grüße" 👋`,
      extensions: utf8(""),
    },
    messages: [
      {
        content: utf8("x"),
        frank: { serverFrank: key, cipherSuite: 1, signature: utf8("") },
        acceptedAt: 2n ** 64n - 1n,
      },
    ],
  });
  for (const more of [[], ["--json"]]) {
    const { out } = await run(["verify-report", "-", ...more, "--keys", join(folder, "keys.json")], { input: written });
    expect(out.replaceAll("\n", "")).not.toMatch(/[\p{C}\p{Zl}\p{Zp}]/u);
    expect(out).toContain("Grüße");
    if (more.length > 0) expect((JSON.parse(out) as { readonly allegedAbuser: string }).allegedAbuser).toBe(hidden);
  }
});
