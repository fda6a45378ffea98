/**
 * The audit of a log by somebody who knows nobody in it.
 */

import { describe, expect, it } from "vitest";
import { concat } from "../../src/bytes/concat.ts";
import { decode } from "../../src/codec/codec.ts";
import { auditLog, type HeadFinding } from "../../src/transparency/audit.ts";
import { LogEntry, SignedHead } from "../../src/transparency/formats.ts";
import { signHead, type LogKeys } from "../../src/transparency/head.ts";
import { leafHash, nodeHash } from "../../src/transparency/log.ts";
import { mapRootOf } from "../../src/transparency/map.ts";
import { pseudorandom } from "../crypto/pseudorandom.ts";
import { account, alice, aLog, crowd, suite } from "./world.ts";

/** The bytes in pieces of uneven lengths, as a network gives them. */
async function* pieces(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  for (let at = 0, length = 1; at < bytes.length; at += length++)
    yield await Promise.resolve(bytes.subarray(at, at + length));
}

async function findings(keys: LogKeys, log: Uint8Array, heads: readonly Uint8Array[]): Promise<readonly HeadFinding[]> {
  const audit = await auditLog({ keys, heads, entries: pieces(log) });
  return audit.heads.map(({ finding }) => finding);
}

describe("an audit", () => {
  it("finds every head of an honest log sound, the empty one too", async () => {
    const { log, keys } = await aLog();
    const heads = [log.head];
    for (let i = 0; i < 9; i++) {
      await log.append([{ user: alice, account: account(BigInt(i)) }]);
      await crowd(log, 3 * i, 3 * i + 3);
      heads.push(log.head);
    }
    const entries = await log.entries(0, log.size);
    expect(new Set(await findings(keys, entries, heads))).toEqual(new Set(["sound"]));
    expect(await findings(keys, entries.subarray(0, -1), heads.slice(-2))).toEqual(["sound", "short"]);
    const { keys: others } = await aLog({ key: 2 });
    expect(await findings(others, entries, heads.slice(-1))).toEqual(["signature"]);
  });

  it("finds the head of another log that the service has shown to somebody", async () => {
    const [{ log, keys }, { log: other }] = [await aLog(), await aLog()];
    for (const each of [log, other]) await crowd(each, 0, 4);
    await log.append([{ user: alice, account: account(0n) }]);
    await other.append([{ user: alice, account: account(0n, 66) }]);
    await crowd(log, 4, 9);
    expect(await findings(keys, await log.entries(0, log.size), [other.head, log.head])).toEqual(["log", "sound"]);
  });

  it("finds a map that the entries don't make, and versions that don't follow", async () => {
    const { log, keys } = await aLog();
    await crowd(log, 0, 2);
    const { privateKey } = await suite.generateSignatureKeyPair(pseudorandom(1));
    const signer = await suite.signer(privateKey);
    const bytes = await log.entries(0, 2);
    const head = decode(SignedHead, log.head);
    const liar = await signHead(signer, { ...head, mapRoot: head.logRoot });
    expect(await findings(keys, bytes, [liar, log.head])).toEqual(["map", "sound"]);

    // The second entry once more as the third, so that a version is there twice, and the map is as it was.
    const repeated = concat(bytes, bytes.subarray(72));
    const [a, b] = [bytes.subarray(0, 72), bytes.subarray(72)];
    const logRoot = nodeHash(nodeHash(leafHash(a), leafHash(b)), leafHash(b));
    const mapRoot = mapRootOf([decode(LogEntry, a), decode(LogEntry, b)]);
    const again = await signHead(signer, { ...head, size: 3, logRoot, mapRoot });
    const audit = await auditLog({ keys, heads: [again, log.head], entries: pieces(repeated) });
    expect(audit).toMatchObject({ outOfOrder: 2, heads: [{ finding: "map" }, { finding: "sound" }] });
  });

  it("reads no more than the largest head says, from whoever has no end", async () => {
    const { log, keys } = await aLog();
    await crowd(log, 0, 3);
    const bytes = await log.entries(0, 3);
    let given = 0;
    async function* endless(): AsyncGenerator<Uint8Array> {
      yield await Promise.resolve(bytes);
      for (;;) {
        given++;
        yield new Uint8Array(1_000);
      }
    }
    const audit = await auditLog({ keys, heads: [log.head], entries: endless() });
    expect([audit.entries, audit.heads[0]?.finding, given]).toEqual([3, "sound", 0]);
    async function* never(): AsyncGenerator<Uint8Array> {
      given++;
      yield await Promise.resolve(bytes);
    }
    expect(await auditLog({ keys, heads: [], entries: never() })).toMatchObject({ entries: 0, heads: [] });
    expect(given).toBe(0);
  });

  it("asks for no entry where no head has any", async () => {
    const { log, keys } = await aLog();
    const entries = {
      [Symbol.asyncIterator]: (): never => {
        throw new Error("asked");
      },
    };
    expect(await auditLog({ keys, heads: [log.head], entries })).toMatchObject({
      heads: [{ finding: "sound" }],
      entries: 0,
    });
    expect(await auditLog({ keys, heads: [], entries })).toMatchObject({ heads: [], entries: 0 });
  });

  it("calls no head false because its own cryptography fails", async () => {
    const { log, keys } = await aLog();
    const fault = new Error("the provider is gone");
    const broken = { ...keys, suite: { ...suite, verify: () => Promise.reject(fault) } };
    await expect(auditLog({ keys: broken, heads: [log.head], entries: pieces(new Uint8Array(0)) })).rejects.toBe(fault);
  });
});
