/**
 * copse audit, as an auditor runs it.
 */

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { hex } from "../../src/bytes/text.ts";
import { signHead } from "../../src/transparency/head.ts";
import { emptyRoot } from "../../src/transparency/log.ts";
import { nowhere } from "../../src/transparency/map.ts";
import { pseudorandom } from "../crypto/pseudorandom.ts";
import { writeEvidence } from "../../src/transparency/evidence.ts";
import { account, alice, aLog, crowd } from "../transparency/world.ts";
import { copse as run } from "./terminal.ts";

let folder: string;
let server: Server;
let address: string;
const at = (name: string) => join(folder, name);
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "copse-audit-"));
  const [{ log, keys }, { log: other }] = [await aLog(), await aLog()];
  for (const each of [log, other]) await crowd(each, 0, 4);
  await log.append([{ user: alice, account: account(0n) }]);
  await other.append([{ user: alice, account: account(0n, 66) }]);
  const entries = await log.entries(0, log.size);
  writeFileSync(at("log"), entries);
  writeFileSync(at("head"), log.head);
  writeFileSync(at("other"), other.head);
  writeFileSync(at("evidence"), writeEvidence(alice, await log.lookup(alice), await other.lookup(alice)));
  writeFileSync(at("nothing"), writeEvidence(alice, await log.lookup(alice), await log.lookup(alice)));
  const [publicKey, vrfKey] = [hex(keys.publicKey), hex(keys.vrfKey)];
  writeFileSync(at("keys.json"), JSON.stringify({ cipherSuite: 1, publicKey, vrfKey }));
  writeFileSync(at("bad.json"), "{}");
  const { suite } = keys;
  const { privateKey, publicKey: lateKey } = await suite.generateSignatureKeyPair(pseudorandom(1));
  const tbs = { version: 1, size: 0, logRoot: emptyRoot(), mapRoot: nowhere, at: Number.MAX_SAFE_INTEGER };
  const late = await signHead(await suite.signer(privateKey), tbs);
  writeFileSync(at("late.json"), JSON.stringify({ cipherSuite: 1, publicKey: hex(lateKey), vrfKey }));
  server = createServer((request, response) => {
    if (request.url === "/log") response.end(entries);
    else if (request.url === "/head") response.end(log.head);
    else if (request.url === "/long") response.end(new Uint8Array(70_000));
    else if (request.url === "/late") response.end(late);
    else if (request.url === "/broken") {
      response.writeHead(200, { "content-length": "720" });
      response.write(entries.subarray(0, 72), () => response.destroy());
    } else response.writeHead(404).end();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  address = `http://127.0.0.1:${String((server.address() as { readonly port: number }).port)}`;
});
afterAll(() => {
  server.close();
  rmSync(folder, { recursive: true });
});
const audit = (...args: readonly string[]) => run(["audit", ...args, "--keys", at("keys.json")]);

it("finds an honest log sound, from files and over the network", async () => {
  for (const place of [(name: string) => at(name), (name: string) => `${address}/${name}`]) {
    const { code, out } = await audit(place("log"), "--head", place("head"));
    expect(code).toBe(0);
    expect(out).toContain("5 entries");
    expect(out).toMatch(/of 5 entries, 1970-.*: sound/);
  }
});

it("audits what a log says that it has signed at no time that there is", async () => {
  const { code, out } = await run(["audit", at("log"), "--head", `${address}/late`, "--keys", at("late.json")]);
  expect([code, out]).toEqual([0, expect.stringContaining("of no time that there is: sound")]);
});

it("fails with a line where an answer breaks off", async () => {
  const { code, err } = await audit(`${address}/broken`, "--head", at("head"));
  expect([code, err]).toEqual([1, `copse: what "${address}/broken" answers breaks off\n`]);
});

it("finds a head that the log does not make, and exits with 1", async () => {
  const { code, out } = await audit(at("log"), "--head", at("head"), "--head", at("other"));
  expect(code).toBe(1);
  expect(out).toContain("two were shown");
});

it("says what evidence proves", async () => {
  const { code, out } = await audit("--evidence", at("evidence"));
  expect(code).toBe(1);
  expect(out).toContain(`proven: the log has said two things of "${alice}"`);
  const nothing = await audit("--evidence", at("nothing"));
  expect([nothing.code, nothing.out]).toEqual([0, "proves nothing against the log of these keys\n"]);
});

it("says what is wrong with what it was given", async () => {
  for (const args of [[], [at("log")], [at("log"), at("log"), "--head", at("head")]]) {
    expect((await audit(...args)).code).toBe(2);
  }
  const missing = await audit(`${address}/no`, "--head", at("head"));
  expect([missing.code, missing.err.includes("404")]).toEqual([1, true]);
  const long = await audit(at("log"), "--head", `${address}/long`);
  expect([long.code, long.err.includes("too long")]).toEqual([1, true]);
  const garbled = await audit("--evidence", at("log"));
  expect([garbled.code, garbled.err.includes("transparency-")]).toEqual([1, true]);
  const bad = await run(["audit", at("log"), "--head", at("head"), "--keys", at("bad.json")]);
  expect([bad.code, bad.err.includes("--help")]).toEqual([1, true]);
});
