/**
 * What a recovery server refuses, whoever asks; and what a client refuses to take from a server or from its own platform.
 */

import { describe, expect, it, vi } from "vitest";
import { concat } from "../../../src/bytes/concat.ts";
import { utf8 } from "../../../src/bytes/text.ts";
import { blindInput } from "../../../src/crypto/oprf.ts";
import { platformRandom } from "../../../src/crypto/random.ts";
import { CopseError } from "../../../src/errors.ts";
import { VaultError } from "../../../src/vault/errors.ts";
import type { RecoveryLink } from "../../../src/vault/recovery/asking.ts";
import { memoryRecoveryPort } from "../../../src/vault/recovery/port.ts";
import {
  longestAccount,
  longestRequest,
  readAnswer,
  writeOperation,
  writeRequest,
  type Answer,
  type Operation,
} from "../../../src/vault/recovery/protocol.ts";
import { makeRecord, mostServers, readRecord } from "../../../src/vault/recovery/record.ts";
import { recover, recoveryStatus } from "../../../src/vault/recovery/recover.ts";
import { register } from "../../../src/vault/recovery/register.ts";
import { guessesAllowed, RecoveryServer } from "../../../src/vault/recovery/server.ts";
import type { Argon2id } from "../../../src/vault/recovery/stretch.ts";
import { account, linksOf, pin, quick, secretOf, testServer, testServers, textOf, type TestServer } from "./world.ts";

const threshold = 3;
const nothing = new Uint8Array(0);
const { blinded } = blindInput(platformRandom, Uint8Array.of(1));
const status: Operation = { kind: "status" };
const requestOf = (operation: Operation, more: { account?: Uint8Array; proof?: Uint8Array } = {}) =>
  writeRequest({ account, content: writeOperation(operation), proof: nothing, ...more });
const coreOf = (port = memoryRecoveryPort()) => new RecoveryServer({ port, authorize: () => true });
const askOf =
  (core: RecoveryServer) =>
  async (operation: Operation): Promise<Answer> =>
    readAnswer(await core.answer(requestOf(operation)));
const refused = (code: string) => ({ kind: "refused", code });

const enrol = (servers: readonly TestServer[], more: object = {}) =>
  register({
    ...{ servers: linksOf(servers), account, threshold, pin, secret: secretOf("the seed"), argon2id: quick },
    ...more,
  });
const restore = (servers: readonly TestServer[]) =>
  recover({ servers: linksOf(servers), account, threshold, pin, argon2id: quick });

/** A record of so many servers with such keys. */
const recordOf = (keys: readonly Uint8Array[], registration = 1) =>
  makeRecord({
    ...{ account, registration, threshold: 2, random: platformRandom },
    servers: keys.map((publicKey) => ({ publicKey, output: new Uint8Array(64) })),
    ...{ salt: new Uint8Array(16), stretched: new Uint8Array(32), secret: new Uint8Array(1) },
  });
const someKey = (fill: number) => new Uint8Array(32).fill(fill);

describe("a recovery server refuses", () => {
  it.each<readonly [string, Uint8Array]>([
    ["nothing at all", nothing],
    ["a request that is longer than any", requestOf(status, { proof: new Uint8Array(longestRequest) })],
    ["an account whose name is longer than any", requestOf(status, { account: new Uint8Array(longestAccount + 1) })],
  ])("%s, before its hook is asked", async (_, request) => {
    const authorize = vi.fn(() => true);
    const core = new RecoveryServer({ port: memoryRecoveryPort(), authorize });
    expect(readAnswer(await core.answer(request))).toEqual(refused("recovery-format"));
    expect(authorize).not.toHaveBeenCalled();
  });

  it("to begin anew under a number that was begun: the key under it stays, and the secret with it", async () => {
    const servers = testServers(3);
    await enrol(servers);
    for (const { port } of servers) {
      for (const registration of [0, 1]) {
        const answer = await askOf(coreOf(port))({ kind: "begin", registration, blinded });
        expect(answer).toEqual(refused("recovery-superseded"));
      }
    }
    expect(textOf((await restore(servers)).secret)).toBe("the seed");
  });

  it("a record that is not of what it has begun, and another one in place of what it has", async () => {
    const ask = askOf(coreOf());
    const begun = await ask({ kind: "begin", registration: 1, blinded });
    if (begun.kind !== "begun") throw new Error("not begun");
    const { publicKey } = begun;
    const record = recordOf([publicKey, someKey(1)]);
    const store = (more: object) => ask({ kind: "store", registration: 1, publicKey, record, ...more });
    const place = 1 + 1 + account.length + 4;
    const requiring = (needed: number) => record.map((byte, i) => (i === place ? needed : byte));
    for (const [more, code] of [
      [{ record: recordOf([someKey(1), someKey(2)]) }, "recovery-format"],
      [{ publicKey: someKey(1) }, "recovery-superseded"],
      [{ registration: 2, record: recordOf([publicKey, someKey(1)], 2) }, "recovery-superseded"],
      [{ record: nothing }, "recovery-format"],
      [{ record: concat(Uint8Array.of(2), record.subarray(1)) }, "recovery-version"],
      [{ record: requiring(0) }, "recovery-format"],
      [{ record: requiring(3) }, "recovery-format"],
      [
        { record: recordOf([publicKey, ...Array.from({ length: mostServers }, (_, i) => someKey(i))]) },
        "recovery-format",
      ],
    ] as const) {
      expect(await store(more)).toEqual(refused(code));
    }
    expect(await ask(status)).toMatchObject({ registered: [] });
    expect(await store({})).toEqual({ kind: "done" });
    // Somebody with a stolen sign-in would have the person's PIN open what he has put there.
    expect(await store({ record: recordOf([publicKey, someKey(2)]) })).toEqual(refused("recovery-superseded"));
    expect(await ask(status)).toMatchObject({ registered: [{ record }] });
    expect(readRecord(requiring(1), account, 1).threshold).toBe(1);
  });

  it("what is no element of the group, and keeps nothing of it", async () => {
    const port = memoryRecoveryPort();
    for (const blinded of [someKey(0), someKey(255)]) {
      const answer = await askOf(coreOf(port))({ kind: "begin", registration: 1, blinded });
      expect(answer).toEqual(refused("recovery-format"));
    }
    expect(await port.read(account)).toBeUndefined();
  });

  it("a change that always comes too late", async () => {
    const port = { ...memoryRecoveryPort(), swap: () => Promise.resolve(false) };
    expect(await askOf(coreOf(port))({ kind: "begin", registration: 1, blinded })).toEqual(refused("recovery-busy"));
  });

  it("to read what a newer version has kept, and leaves it as it is", async () => {
    const server = testServer("one");
    await enrol([server, ...testServers(2)]);
    const kept = (await server.port.read(account))!;
    const later = kept.map((byte, i) => (i === 0 ? 2 : byte));
    await server.port.swap(account, kept, later);
    for (const operation of [status, { kind: "begin", registration: 2, blinded }] as const) {
      expect(await askOf(coreOf(server.port))(operation)).toEqual(refused("recovery-version"));
    }
    expect(await server.port.read(account)).toEqual(later);
  });
});

describe("a recovery server gives no answer, and says why to its own log,", () => {
  it.each([new Error("the disk is full"), new VaultError("vault-fork")])(
    "where its database fails: %s",
    async (down) => {
      const port = { ...memoryRecoveryPort(), read: () => Promise.reject(down) };
      await expect(coreOf(port).answer(requestOf(status))).rejects.toBe(down);
    },
  );

  it("where it has no randomness: that is not the client's mistake", async () => {
    const server = testServer("one");
    await enrol([server, ...testServers(2)]);
    const random = (length: number) => new Uint8Array(length - 1);
    const core = new RecoveryServer({ port: server.port, authorize: () => true, random });
    const answer = core.answer(requestOf({ kind: "evaluate", registration: 1, blinded }));
    await expect(answer).rejects.toBeInstanceOf(CopseError);
  });
});

describe("a client", () => {
  it("takes nothing but bytes for an answer", async () => {
    const servers = testServers(3);
    await enrol(servers);
    const [first, ...others] = linksOf(servers) as [RecoveryLink, ...RecoveryLink[]];
    const list: RecoveryLink = {
      name: first.name,
      ask: async (request) => [...(await first.ask(request))] as unknown as Uint8Array,
    };
    const { servers: found } = await recoveryStatus({ servers: [list, ...others], account, threshold: 2 });
    expect(found).toMatchObject([{ state: "lies", lie: "format" }, { state: "well" }, { state: "well" }]);
  });

  it("asks no server that goes by the key of one that has answered", async () => {
    const servers = testServers(5);
    await enrol(servers);
    const told = await askOf(coreOf(servers[1]!.port))(status);
    servers[0]!.lie = (answer) => (answer.kind === "evaluated" ? { kind: "done" } : answer);
    servers[3]!.lie = (answer) => (answer.kind === "status" ? told : answer);
    const { secret, servers: found } = await restore(servers);
    expect(textOf(secret)).toBe("the seed");
    expect(found[3]).toMatchObject({ state: "lies", lie: "record" });
    expect(servers.map(({ evaluations }) => evaluations)).toEqual([1, 1, 1, 0, 1]);
  });

  it("says that the guesses are used up only where no server may still have the secret", async () => {
    const servers = testServers(3);
    await enrol(servers);
    const wrong = { servers: linksOf(servers), account, threshold, pin: "000000", argon2id: quick };
    for (let i = 0; i < guessesAllowed; i++) await expect(recover(wrong)).rejects.toThrow(VaultError);
    await expect(restore(servers)).rejects.toMatchObject({ code: "recovery-exhausted" });
    servers[0]!.down = true;
    await expect(restore(servers)).rejects.toMatchObject({ code: "recovery-servers" });
  });

  it("registers with no more servers than there are, before it asks one", async () => {
    const servers = testServers(4);
    const asked = vi.fn(() => Promise.reject(new Error("asked")));
    for (const { link } of servers) Object.assign(link, { ask: asked });
    for (const more of [{ threshold: 5 }, { atLeast: 2 }, { atLeast: 5 }]) {
      await expect(enrol(servers, more)).rejects.toThrow(TypeError);
    }
    expect(asked).not.toHaveBeenCalled();
  });

  it.each<readonly [string, unknown]>([
    ["31 bytes", new Uint8Array(31)],
    ["a list", new Array<number>(32).fill(0)],
    ["its tag in hex", "00".repeat(16)],
  ])("takes no tag of a platform's Argon2id that is %s", async (_, tag) => {
    const servers = testServers(3);
    const argon2id: Argon2id = () => tag as Uint8Array;
    await expect(enrol(servers, { argon2id })).rejects.toThrow("argon2id must give");
    for (const { port } of servers) expect(await port.read(account)).toBeUndefined();
  });

  it("says which package is missing", async () => {
    vi.doMock("hash-wasm", () => {
      throw new Error("not installed");
    });
    try {
      await expect(enrol(testServers(3), { argon2id: undefined })).rejects.toMatchObject({ code: "recovery-package" });
    } finally {
      vi.doUnmock("hash-wasm");
    }
  });
});

it("an account's name is compared whole", () => {
  const record = recordOf([someKey(1), someKey(2)]);
  expect(() => readRecord(record, utf8("mimi://example.org/u/alic"), 1)).toThrow(VaultError);
});
