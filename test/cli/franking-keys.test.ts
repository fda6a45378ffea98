/**
 * copse franking-keys, as whoever runs a service makes, lists and rotates the keys of reports.
 */

import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { fromHex, utf8 } from "../../src/bytes/text.ts";
import { encodeContent } from "../../src/content/encode.ts";
import { basic, cipherSuite, createIdentity } from "../../src/index.ts";
import { writeSafeAad } from "../../src/extensions/app-data/safe-aad.ts";
import { frankingNumbers, frankingTag } from "../../src/reports/franking.ts";
import { frankingStamp } from "../../src/reports/hub.ts";
import { writeReport } from "../../src/reports/report.ts";
import { addHubKey } from "../../src/server/franking-keys.ts";
import { copse } from "./terminal.ts";

const address = "mimi://example.org";
const folder = mkdtempSync(join(tmpdir(), "copse-franking-keys-"));
afterAll(() => {
  rmSync(folder, { recursive: true });
});
let count = 0;
const newPath = (): string => join(folder, `keys-${String(++count)}.json`);
const run = (...args: readonly string[]) => copse(["franking-keys", ...args]);
async function made(): Promise<string> {
  const file = newPath();
  expect(await run("make", file, "--address", address)).toMatchObject({ code: 0, out: "" });
  return file;
}

interface Keys {
  readonly hubKeys: readonly { readonly from: number; readonly key: string }[];
  readonly agentKeys: readonly {
    readonly cipherSuite: number;
    readonly publicKey: string;
    readonly privateKey: string;
  }[];
}
const keysIn = (file: string): Keys => JSON.parse(readFileSync(file, "utf8")) as Keys;

/** A report of what was said at a time, franked by the keys of a file as they are then. */
async function reportOf(file: string, at: number): Promise<string> {
  const { hubKeys, agentKeys } = keysIn(file);
  const agent = agentKeys[0]!;
  const suite = cipherSuite(agent.cipherSuite);
  const privateKey = fromHex(agent.privateKey);
  const { signer } = await createIdentity({ suite, credential: basic(address), privateKey });
  const [room, user] = [`${address}/r/room`, `${address}/u/alice`];
  const stamp = frankingStamp({
    hubKeys: hubKeys.map(({ from, key }) => ({ from, key: fromHex(key) })),
    agentFor: () => ({ cipherSuite: suite.id, signer }),
  });
  const applicationData = encodeContent({
    salt: new Uint8Array(16),
    senderUri: user,
    roomUri: room,
    nestedPart: { disposition: "render", cardinality: "single", contentType: "text/plain", content: utf8("hi") },
  });
  const data = frankingTag(applicationData);
  const authenticatedData = writeSafeAad([{ componentId: frankingNumbers.frank_aad, data }]);
  const franked = await stamp({ room, user, at, authenticatedData });
  const message = { applicationData, stamp: franked!, acceptedAt: at, sender: user, room };
  const path = newPath();
  writeFileSync(path, writeReport({ messages: [message], reason: 1 }));
  return path;
}

describe("copse franking-keys", () => {
  it("makes a file that nobody else reads, and leaves one that is there", async () => {
    const file = await made();
    expect(statSync(file).mode & 0o777).toBe(0o600);
    const before = readFileSync(file, "utf8");
    expect(keysIn(file).hubKeys).toMatchObject([{ from: 0 }]);
    expect(keysIn(file).agentKeys.map((each) => each.cipherSuite)).toEqual([1, 2, 3]);
    expect(await run("make", file, "--address", address)).toMatchObject({ code: 1 });
    expect(readFileSync(file, "utf8")).toBe(before);
  });

  it("lists keys by names, times and public halves, and tells no secret", async () => {
    const file = await made();
    await run("rotate", file);
    const { hubKeys, agentKeys } = keysIn(file);
    const [words, json] = [await run("list", file), await run("list", file, "--json")];
    expect([words.code, json.code]).toEqual([0, 0]);
    for (const { out, err } of [words, json])
      for (const secret of [...hubKeys.map(({ key }) => key), ...agentKeys.map(({ privateKey }) => privateKey)])
        expect(out + err).not.toContain(secret);
    const lines = words.out.split("\n");
    expect(lines[0]).toMatch(/^hub key [0-9a-f]{16} {2}from 1970-01-01T00:00:00.000Z {2}used now$/);
    expect(lines[1]).toMatch(/to come$/);
    expect(lines[2]).toBe(`agent key of suite 1  ${agentKeys[0]!.publicKey}  signs`);
    const listed = JSON.parse(json.out) as { hubKeys: { name: string; from: number }[] };
    expect(listed.hubKeys.map(({ from }) => from)).toEqual(hubKeys.map(({ from }) => from));
    expect(new Set(listed.hubKeys.map(({ name }) => name)).size).toBe(2);
  });

  it("rotates: what is said from then on has another key, and what was said before is proven as ever", async () => {
    const file = await made();
    chmodSync(file, 0o640);
    const before = await reportOf(file, Date.UTC(2023, 0, 1));
    const madeAt = Math.floor(statSync(file).mtimeMs);
    expect(await run("rotate", file)).toMatchObject({ code: 0 });
    expect(statSync(file).mode & 0o777, "who could read it can").toBe(0o640);
    const { hubKeys } = keysIn(file);
    const from = hubKeys[1]!.from;
    expect(from).toBeGreaterThanOrEqual(madeAt + 3_600_000);
    const after = await reportOf(file, from);
    const verify = async (report: string, keys: string): Promise<number> =>
      (await copse(["verify-report", report, "--keys", keys])).code;
    expect([await verify(before, file), await verify(after, file)]).toEqual([0, 0]);
    const old = newPath();
    writeFileSync(old, JSON.stringify({ ...keysIn(file), hubKeys: hubKeys.slice(0, 1) }));
    expect([await verify(before, old), await verify(after, old)]).toEqual([0, 1]);
    expect(existsSync(`${file}.new`)).toBe(false);
  });

  it("puts a key to a time that is told, in the future and after those that are there", async () => {
    const file = await made();
    const before = readFileSync(file, "utf8");
    for (const wrong of ["2001-01-01T00:00Z", "2101-01-01", "tomorrow", "2101-01-01T00:00"])
      expect((await run("rotate", file, "--from", wrong)).code, wrong).toBe(2);
    expect(readFileSync(file, "utf8")).toBe(before);
    expect(await run("rotate", file, "--from", "2101-01-01T00:00+01:00")).toMatchObject({ code: 0 });
    expect(keysIn(file).hubKeys[1]!.from).toBe(Date.UTC(2100, 11, 31, 23));
    expect(await run("rotate", file), "it would never be used").toMatchObject({ code: 1 });
    expect(keysIn(file).hubKeys).toHaveLength(2);
  });

  it("changes nothing while somebody else does, and leaves nothing behind where it fails", async () => {
    const file = await made();
    const before = readFileSync(file, "utf8");
    const tried = await Promise.allSettled([1, 2, 3].map((i) => addHubKey(file, 5_000_000_000_000 + i)));
    expect(tried.filter(({ status }) => status === "fulfilled").length).toBeGreaterThanOrEqual(1);
    expect(keysIn(file).hubKeys.length).toBe(1 + tried.filter(({ status }) => status === "fulfilled").length);
    writeFileSync(`${file}.new`, "");
    const busy = await run("rotate", file, "--from", "2201-01-01T00:00Z");
    expect(busy).toMatchObject({ code: 1 });
    expect(busy.err).toContain(`${file}.new`);
    rmSync(`${file}.new`);
    writeFileSync(file, before.replace(/"key": "[^"]+"/, '"key": "secret words"'));
    for (const args of [
      ["rotate", file],
      ["list", file],
    ]) {
      const refused = await run(...args);
      expect(refused).toMatchObject({ code: 1 });
      expect(refused.err).not.toMatch(/secret words/);
    }
    expect(existsSync(`${file}.new`)).toBe(false);
    expect((await run("list", newPath())).code, "there is none").toBe(1);
  });

  it("says what it takes", async () => {
    expect((await run("--help")).out).toContain("usage: copse franking-keys make");
    for (const wrong of [
      [],
      ["list"],
      ["burn", "x"],
      ["list", "x", "y"],
      ["make", "x"],
      ["make", "x", "--address", "x"],
    ])
      expect((await run(...wrong)).code, wrong.join(" ")).toBe(2);
    for (const wrong of [
      ["list", "x", "--from", "y"],
      ["rotate", "x", "--json"],
      ["list", "x", "--address", address],
    ])
      expect((await run(...wrong)).code, wrong.join(" ")).toBe(2);
  });
});
