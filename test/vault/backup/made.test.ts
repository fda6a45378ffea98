/**
 * Backups that somebody who has the key has made as he likes: nothing of them breaks the reading, and what is whole is given.
 */

import { expect, it } from "vitest";
import { chacha20Poly1305Seal } from "#symmetric";
import { concat } from "../../../src/bytes/concat.ts";
import { utf8 } from "../../../src/bytes/text.ts";
import { encode, opaque, u32, u64 } from "../../../src/codec/codec.ts";
import {
  backupKeys,
  backupKinds,
  bodyLength,
  chunkNonce,
  dataLength,
  headerOf,
} from "../../../src/vault/backup/format.ts";
import { createBackupKey } from "../../../src/vault/backup/key.ts";
import { readBackup } from "../../../src/vault/backup/read.ts";
import { pseudorandom } from "../../crypto/pseudorandom.ts";

const account = utf8("mimi://example.org/u/alice");
const key = createBackupKey(pseudorandom(1));

const entryOf = (at: number | bigint, room = utf8("mimi://example.org/r/room")) =>
  encode(opaqueWithLength, concat(encode(opaque, room), encode(u64, BigInt(at)), encode(opaque, Uint8Array.of(1))));
const opaqueWithLength: typeof opaque = {
  write: (out, value) => {
    u32.write(out, value.length);
    for (const byte of value) out.u8(byte);
  },
  read: (input) => opaque.read(input),
};
function bodyOf(data: Uint8Array, { first = 0, used = data.length } = {}): Uint8Array {
  const body = new Uint8Array(bodyLength);
  body.set(concat(encode(u32, first), encode(u32, used), data));
  return body;
}

/** What is read of a file with such bodies. */
async function readOf(...bodies: readonly Uint8Array[]) {
  const salt = new Uint8Array(32).fill(9);
  const keys = await backupKeys({ key }, salt);
  const header = headerOf(backupKinds.key, salt, keys, account);
  const sealed = bodies.map((body, i) =>
    chacha20Poly1305Seal(keys.chunkKey, chunkNonce(keys, i, i === bodies.length - 1), header, body),
  );
  async function* file(): AsyncGenerator<Uint8Array> {
    yield await Promise.resolve(concat(header, ...sealed));
  }
  const [times, findings]: [number[], object[]] = [[], []];
  for await (const page of readBackup({ account, bytes: file(), key })) {
    times.push(...page.entries.map(({ at }) => at));
    findings.push(...page.findings);
  }
  return { times, findings };
}

it.each<readonly [string, Uint8Array, readonly number[]]>([
  ["says that it has more data than there is room for", bodyOf(entryOf(1), { used: dataLength + 1 }), []],
  ["has its first entry behind its data", bodyOf(entryOf(1).subarray(0, 2), { first: 100 }), []],
  ["announces an entry of two gigabytes", bodyOf(concat(encode(u32, 2 ** 31), entryOf(1))), []],
  ["has an entry of a room whose name is no text", bodyOf(concat(entryOf(1, Uint8Array.of(255)), entryOf(2))), [2]],
  ["has an entry of a time that no number tells", bodyOf(concat(entryOf(2n ** 63n), entryOf(2))), [2]],
])("a chunk that %s is unreadable, and the next one is read", async (_, body, times) => {
  expect(await readOf(body, bodyOf(entryOf(3)))).toEqual({
    times: [...times, 3],
    findings: [{ kind: "unreadable", chunk: 0 }],
  });
});

it("a chunk that is too short is damaged, though it was sealed with the key", async () => {
  const findings = [{ kind: "damaged", chunk: 1 }];
  for (const length of [0, 4, bodyLength - 1]) {
    expect(await readOf(bodyOf(entryOf(1)), bodyOf(entryOf(2)).subarray(0, length))).toEqual({ times: [1], findings });
  }
});
