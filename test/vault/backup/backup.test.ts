/**
 * A backup file: what was written comes back on an empty device, and what is done to the file is found.
 */

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { hash } from "#symmetric";
import { concat } from "../../../src/bytes/concat.ts";
import { hex, utf8, utf8Decode } from "../../../src/bytes/text.ts";
import { createBackupKey, readBackupKey } from "../../../src/vault/backup/key.ts";
import { readBackup, type BackupFinding, type ReadBackupOptions } from "../../../src/vault/backup/read.ts";
import { writeBackup, type WriteBackupOptions } from "../../../src/vault/backup/write.ts";
import type { VaultEntry } from "../../../src/vault/entry.ts";
import { pseudorandom } from "../../crypto/pseudorandom.ts";

const account = utf8("mimi://example.org/u/alice");
const room = "mimi://example.org/r/hiking";
const key = createBackupKey(pseudorandom(1));
const header = 94;
const chunk = 65_552;

function entry(at: number, length: number): VaultEntry {
  return { room, at, content: new Uint8Array(length).fill(at) };
}
/** Entries of 20 kB: about three in a chunk, and one over each end. */
const many = Array.from({ length: 20 }, (_, at) => entry(at, 20_000));

async function written(entries: WriteBackupOptions["entries"], more: object = { key }): Promise<Uint8Array> {
  const pieces: Uint8Array[] = [];
  for await (const piece of writeBackup({ account, entries, ...more })) pieces.push(piece);
  return concat(...pieces);
}
async function* pieces(bytes: Uint8Array, length = 10_007): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += length) yield await Promise.resolve(bytes.subarray(at, at + length));
}
async function read(
  bytes: Uint8Array,
  more: Partial<ReadBackupOptions> = { key },
): Promise<{
  readonly entries: readonly VaultEntry[];
  readonly findings: readonly BackupFinding[];
  readonly read: number;
}> {
  const [entries, findings]: [VaultEntry[], BackupFinding[]] = [[], []];
  let count = 0;
  for await (const page of readBackup({ account, bytes: pieces(bytes), ...more })) {
    entries.push(...page.entries);
    findings.push(...page.findings);
    count = page.read;
  }
  return { entries, findings, read: count };
}
/** What entries are, in little: to compare their bytes one by one takes long. */
const told = (entries: readonly VaultEntry[]) =>
  entries.map(({ room: of, at, content }) => `${of} ${String(at)} ${hex(hash("sha256", content))}`);
const times = (entries: readonly VaultEntry[]) => entries.map(({ at }) => at);
const flipped = (bytes: Uint8Array, at: number) => bytes.map((byte, i) => (i === at ? byte ^ 1 : byte));

describe("a backup", () => {
  it("gives back what was written, in any lengths and pieces, and says nothing of it but its chunks", async () => {
    const lengths = fc.array(fc.oneof(fc.nat(200), fc.nat(200_000)), { maxLength: 12 });
    await fc.assert(
      fc.asyncProperty(lengths, fc.integer({ min: 1, max: 100_000 }), async (each, piece) => {
        const entries = each.map((length, at) => entry(at, length));
        const bytes = await written(entries);
        expect((bytes.length - header) % chunk).toBe(0);
        const back = await read(bytes, { key, bytes: pieces(bytes, Math.max(piece, 64)) });
        expect({ ...back, entries: told(back.entries) }).toEqual({
          entries: told(entries),
          findings: [],
          read: bytes.length,
        });
      }),
      { numRuns: 40 },
    );
  });

  it("shows neither the account nor a room, and two of the same have nothing in common", async () => {
    const [one, other] = [await written(many), await written(many)];
    for (const name of ["alice", "hiking", "example.org"]) expect(Buffer.from(one).includes(name)).toBe(false);
    expect(one.subarray(14, 200)).not.toEqual(other.subarray(14, 200));
  });

  it("takes no more memory than a chunk asks for: the next entry is asked for when it is needed", async () => {
    let asked = 0;
    function* entries(): Generator<VaultEntry> {
      for (let at = 0; at < 1_000; at++) {
        asked++;
        yield entry(at, 20_000);
      }
    }
    const stream = writeBackup({ account, entries: entries(), key });
    for (let i = 0; i < 3; i++) await stream.next();
    expect(asked).toBeLessThan(14);
    await stream.return();
  });

  it("is opened by its key or passphrase alone, of its own account", async () => {
    const bytes = await written(many.slice(0, 1));
    const other = createBackupKey(pseudorandom(2));
    const refusal = (more: Partial<ReadBackupOptions>, of = bytes) => expect(read(of, more)).rejects;
    await refusal({ key: other }).toMatchObject({ code: "backup-key" });
    await refusal({ passphrase: "correct horse" }).toMatchObject({ code: "backup-key" });
    await refusal({ key, account: utf8("mimi://example.org/u/bob") }).toMatchObject({ code: "backup-account" });
    const passphrase = "correct horse battery staple é";
    const behind = await written(many.slice(0, 2), { passphrase });
    expect(times((await read(behind, { passphrase: passphrase.normalize("NFD") })).entries)).toEqual([0, 1]);
    await refusal({ passphrase: `${passphrase}.` }, behind).toMatchObject({ code: "backup-key" });
    await refusal({ key }, behind).toMatchObject({ code: "backup-key" });
  });

  it("says so where it is none, or of a newer version", async () => {
    const bytes = await written([]);
    expect(await read(bytes)).toEqual({ entries: [], findings: [], read: header + chunk });
    for (const none of [new Uint8Array(0), bytes.subarray(0, header - 1), flipped(bytes, 3)]) {
      await expect(read(none)).rejects.toMatchObject({ code: "vault-format" });
    }
    await expect(read(flipped(bytes, 12))).rejects.toMatchObject({ code: "vault-version" });
    for (const at of [13, 14, 46]) await expect(read(flipped(bytes, at))).rejects.toMatchObject({ code: "backup-key" });
    await expect(read(flipped(bytes, 78))).rejects.toMatchObject({ code: "backup-account" });
  });

  it("that is damaged somewhere gives all that the damage did not reach", async () => {
    const bytes = await written(many);
    const chunks = (bytes.length - header) / chunk;
    for (let i = 0; i < chunks; i++) {
      const { entries, findings } = await read(flipped(bytes, header + i * chunk + 777));
      expect(findings).toEqual([{ kind: "damaged", chunk: i }]);
      const lost = times(many).filter((at) => !times(entries).includes(at));
      expect(lost.length).toBeGreaterThan(0);
      expect(lost.length).toBeLessThanOrEqual(5);
      expect(told(entries)).toEqual(told(many.filter(({ at }) => !lost.includes(at))));
    }
  });

  it("that was cut off, went on, or was put together anew is not taken for whole", async () => {
    const bytes = await written(many);
    const at = (i: number) => bytes.subarray(header + i * chunk, header + (i + 1) * chunk);
    const last = (bytes.length - header) / chunk - 1;
    expect((await read(bytes.subarray(0, -chunk))).findings).toEqual([{ kind: "truncated", chunk: last - 1 }]);
    expect((await read(bytes.subarray(0, -1))).findings).toEqual([{ kind: "damaged", chunk: last }]);
    expect((await read(bytes.subarray(0, header))).findings).toEqual([{ kind: "damaged", chunk: 0 }]);
    const more = await read(concat(bytes, at(0)));
    expect([times(more.entries), more.findings]).toEqual([times(many), [{ kind: "surplus", chunk: last }]]);
    const swapped = concat(bytes.subarray(0, header), at(1), at(0), bytes.subarray(header + 2 * chunk));
    expect((await read(swapped)).findings).toEqual([0, 1].map((i) => ({ kind: "damaged", chunk: i })));
    // a chunk of another backup under the same key
    const other = await written(many);
    const mixed = concat(
      bytes.subarray(0, header),
      other.subarray(header, header + chunk),
      bytes.subarray(header + chunk),
    );
    expect((await read(mixed)).findings).toEqual([{ kind: "damaged", chunk: 0 }]);
  });

  it("refuses what is no entry, and what is no key, before a byte is given", async () => {
    const of = (more: object) => () => writeBackup({ account, entries: many, ...more });
    for (const more of [
      {},
      { key, passphrase: "correct horse" },
      { passphrase: "short" },
      { key: 1 },
      { key, entries: 3 },
    ]) {
      expect(of(more)).toThrow(TypeError);
    }
    expect(() => readBackup({ account, bytes: pieces(account) })).toThrow(TypeError);
    expect(() => readBackup({ account, bytes: account as never, key })).toThrow(TypeError);
    await expect(written([{ ...many[0]!, at: -1 }])).rejects.toThrow(TypeError);
    await expect(written(many, { key: "1234" })).rejects.toMatchObject({ code: "backup-digits", groups: [] });
  });
});

describe("the key of a backup", () => {
  it("is 64 digits in eight groups, read with any spaces, and names the groups with a mistake", () => {
    const [one, other] = [createBackupKey(pseudorandom(3)), createBackupKey(pseudorandom(4))];
    expect(one).toMatch(/^([0-9]{8} ){7}[0-9]{8}$/);
    expect(one).not.toBe(other);
    const digits = readBackupKey(one).use(utf8Decode);
    expect(digits).toBe(one.replaceAll(" ", ""));
    for (const typed of [
      one.replaceAll(" ", "-"),
      ` ${digits!} `,
      one.replaceAll(" ", "\n"),
      digits!.replaceAll("1", "１"),
    ]) {
      expect(readBackupKey(typed).use(utf8Decode)).toBe(digits);
    }
    const groups = one.split(" ");
    for (const [i, group] of groups.entries()) {
      for (let place = 0; place < 8; place++) {
        for (let digit = 0; digit < 10; digit++) {
          const wrong = `${group.slice(0, place)}${String(digit)}${group.slice(place + 1)}`;
          if (wrong === group) continue;
          expect(mistakes(groups.with(i, wrong).join(" "))).toEqual([i + 1]);
        }
      }
    }
    expect(mistakes([groups[1], groups[0], ...groups.slice(2)].join(" "))).toEqual([1, 2]);
    for (const typed of ["", one.slice(1), `${one}0`, one.replace(/.$/, "x")]) expect(mistakes(typed)).toEqual([]);
  });

  it("has each digit as often as the others", () => {
    const counts = new Array<number>(10).fill(0);
    const random = pseudorandom(5);
    for (let i = 0; i < 300; i++) {
      for (const group of createBackupKey(random).split(" ")) {
        for (const digit of group.slice(0, 7)) counts[Number(digit)]! += 1;
      }
    }
    for (const count of counts) expect(Math.abs(count / 1_680 - 1)).toBeLessThan(0.12);
  });
});

function mistakes(typed: string): unknown {
  try {
    return readBackupKey(typed);
  } catch (error) {
    expect(error).toMatchObject({ code: "backup-digits" });
    return (error as { readonly groups: unknown }).groups;
  }
}
