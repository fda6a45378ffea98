/**
 * What is left where a recovery server, or a client in the middle of registering, dies at any moment.
 */

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { blindInput } from "../../../src/crypto/oprf.ts";
import { platformRandom } from "../../../src/crypto/random.ts";
import { memoryStore } from "../../../src/storage/memory.ts";
import { VaultError } from "../../../src/vault/errors.ts";
import type { RecoveryLink } from "../../../src/vault/recovery/asking.ts";
import { memoryRecoveryPort, storedRecoveryPort, type RecoveryPort } from "../../../src/vault/recovery/port.ts";
import {
  longestRequest,
  mostRegistrations,
  readAnswer,
  writeOperation,
  writeRequest,
  type Operation,
} from "../../../src/vault/recovery/protocol.ts";
import { makeRecord, readRecord } from "../../../src/vault/recovery/record.ts";
import { recover } from "../../../src/vault/recovery/recover.ts";
import { register } from "../../../src/vault/recovery/register.ts";
import { guessesAllowed, RecoveryServer } from "../../../src/vault/recovery/server.ts";
import { account, linksOf, pin, quick, secretOf, testServer, testServers, textOf } from "./world.ts";

const threshold = 2;
const nothing = new Uint8Array(0);
const requestOf = (operation: Operation) =>
  writeRequest({ account, content: writeOperation(operation), proof: nothing });
const guess = (): Operation => ({
  kind: "evaluate",
  registration: 1,
  blinded: blindInput(platformRandom, new Uint8Array([1])).blinded,
});
const enrol = (servers: readonly RecoveryLink[], secret: string) =>
  register({ servers, account, threshold, pin, secret: secretOf(secret), argon2id: quick });
const restore = (servers: readonly RecoveryLink[]) => recover({ servers, account, threshold, pin, argon2id: quick });

/** A server with a registration whose port is the given one from then on. */
async function enrolled(port: RecoveryPort): Promise<void> {
  await enrol(linksOf([testServer("one", { port }), ...testServers(2)]), "the seed");
}
const coreOf = (port: RecoveryPort) => new RecoveryServer({ port, authorize: () => true });

describe("a guess", () => {
  it("is not answered before it is on the disk", async () => {
    const port = memoryRecoveryPort();
    await enrolled(port);
    let written: () => void = () => undefined;
    const slow: RecoveryPort = {
      read: port.read,
      swap: async (...change) => {
        await new Promise<void>((resolve) => (written = resolve));
        return port.swap(...change);
      },
    };
    let answered = false;
    const answer = coreOf(slow)
      .answer(requestOf(guess()))
      .then((bytes) => {
        answered = true;
        return bytes;
      });
    for (let turn = 0; turn < 100; turn++) await Promise.resolve();
    expect(answered).toBe(false);
    written();
    expect(readAnswer(await answer)).toMatchObject({ kind: "evaluated", guessesLeft: guessesAllowed - 1 });
  });

  it("is counted where the server dies behind the write, and not answered where it dies before it", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.constantFrom("before", "behind", "never"), { minLength: 8, maxLength: 14 }),
        async (deaths) => {
          const port = memoryRecoveryPort();
          await enrolled(port);
          let answers = 0;
          let behind = 0;
          for (const death of deaths) {
            // Each time another process over what is on the disk.
            const dying: RecoveryPort = {
              read: port.read,
              swap: async (...change) => {
                if (death === "before") throw new Error("killed");
                const done = await port.swap(...change);
                if (death === "behind") throw new Error("killed");
                return done;
              },
            };
            const bytes = await coreOf(dying)
              .answer(requestOf(guess()))
              .catch(() => undefined);
            if (bytes === undefined) behind += Number(death === "behind");
            else if (readAnswer(bytes).kind === "evaluated") answers++;
          }
          expect(answers + behind).toBeLessThanOrEqual(guessesAllowed);
          const tried = deaths.filter((death) => death !== "before").length;
          expect(answers + behind).toBe(Math.min(tried, guessesAllowed));
        },
      ),
      { numRuns: 6 },
    );
  });

  it.each(["memory", "store"])("is counted once for each answer when many come at once (%s)", async (kind) => {
    const port = kind === "memory" ? memoryRecoveryPort() : storedRecoveryPort(memoryStore());
    await enrolled(port);
    const core = coreOf(port);
    const answers = await Promise.all(Array.from({ length: 12 }, () => core.answer(requestOf(guess()))));
    const kinds = answers.map(readAnswer);
    const left = kinds.flatMap((answer) => (answer.kind === "evaluated" ? [answer.guessesLeft] : []));
    expect(left).toHaveLength(guessesAllowed);
    expect(new Set(left).size).toBe(guessesAllowed);
    expect(kinds.filter((answer) => answer.kind === "refused").map(({ code }) => code)).toEqual([
      "recovery-exhausted",
      "recovery-exhausted",
    ]);
  });

  it("is not given back by confirming a registration twice", async () => {
    const port = memoryRecoveryPort();
    await enrolled(port);
    const core = coreOf(port);
    await core.answer(requestOf(guess()));
    await core.answer(requestOf({ kind: "confirm", registration: 1 }));
    expect(readAnswer(await core.answer(requestOf({ kind: "status" })))).toMatchObject({
      guessesLeft: guessesAllowed - 1,
    });
  });

  it("is counted for all registrations together: to begin another one gives no guesses", async () => {
    const servers = testServers(3);
    await enrol(linksOf(servers), "the first");
    let evaluated = 0;
    for (let registration = 2; registration < 20; registration++) {
      const core = coreOf(servers[0]!.port);
      const { blinded } = blindInput(platformRandom, new Uint8Array([1]));
      await core.answer(requestOf({ kind: "begin", registration, blinded }));
      const answer = readAnswer(await core.answer(requestOf(guess())));
      if (answer.kind === "evaluated") evaluated++;
    }
    expect(evaluated).toBe(guessesAllowed);
  });
});

describe("a registration that breaks off", () => {
  it("leaves the one before or itself with a threshold of servers, wherever it does", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.record({ requests: fc.nat(20), unreachable: fc.nat(3) }), { minLength: 1, maxLength: 4 }),
        async (breaks) => {
          const servers = testServers(3);
          await enrol(linksOf(servers), "0");
          for (const [i, { requests, unreachable }] of breaks.entries()) {
            let sent = 0;
            const dying = servers.map(({ link }, place): RecoveryLink => ({
              name: link.name,
              ask: async (request) => {
                if (place === unreachable - 1 || sent++ >= requests) throw new Error("the phone is off");
                return link.ask(request);
              },
            }));
            await enrol(dying, String(i + 1)).catch((error: unknown) => {
              if (!(error instanceof VaultError)) throw error;
            });
          }
          const { secret } = await restore(linksOf(servers));
          expect(Array.from({ length: breaks.length + 1 }, (_, i) => String(i))).toContain(textOf(secret));
        },
      ),
      { numRuns: 10 },
    );
  });

  it("is not lost because another one begins, and a server that is full of them says so", async () => {
    const port = memoryRecoveryPort();
    await enrolled(port);
    const core = coreOf(port);
    const { blinded } = blindInput(platformRandom, new Uint8Array([1]));
    const kept: number[] = [1];
    for (let registration = 2; registration <= mostRegistrations; registration++) {
      const begun = readAnswer(await core.answer(requestOf({ kind: "begin", registration, blinded })));
      if (begun.kind !== "begun") throw new Error("not begun");
      const { publicKey } = begun;
      const outputs = [publicKey, new Uint8Array(32)].map((key) => ({ publicKey: key, output: new Uint8Array(64) }));
      const record = makeRecord({
        ...{ account, registration, threshold, servers: outputs, random: platformRandom },
        ...{ salt: new Uint8Array(16), stretched: new Uint8Array(32), secret: new Uint8Array(1) },
      });
      const store = requestOf({ kind: "store", registration, publicKey, record });
      expect(readAnswer(await core.answer(store))).toEqual({ kind: "done" });
      expect(readAnswer(await core.answer(store))).toEqual({ kind: "done" }); // said twice, answered as the first time
      kept.push(registration);
      const status = readAnswer(await core.answer(requestOf({ kind: "status" })));
      expect(status.kind === "status" && status.registered.map((each) => each.registration)).toEqual(kept);
    }
    const next = requestOf({ kind: "begin", registration: mostRegistrations + 1, blinded });
    expect(readAnswer(await core.answer(next))).toEqual({ kind: "refused", code: "recovery-full" });
    await core.answer(requestOf({ kind: "confirm", registration: 3 }));
    const status = readAnswer(await core.answer(requestOf({ kind: "status" })));
    expect(status.kind === "status" && status.registered.map((each) => each.registration)).toEqual([3, 4]);
    expect(readAnswer(await core.answer(next))).toMatchObject({ kind: "begun" });
  });

  it("replaces the one before where all is well: its keys are gone", async () => {
    const servers = testServers(3);
    await enrol(linksOf(servers), "the first");
    const before = await Promise.all(servers.map(({ port }) => port.read(account)));
    await enrol(linksOf(servers), "the second");
    expect(textOf((await restore(linksOf(servers))).secret)).toBe("the second");
    for (const [i, { port }] of servers.entries()) {
      expect((await port.read(account))!.length).toBe(before[i]!.length + "the second".length - "the first".length);
    }
  });

  it("keeps the one before where too few servers have stored it", async () => {
    const servers = testServers(3);
    await enrol(linksOf(servers), "the first");
    const breaking = servers.map(({ link }, place) => (place === 0 ? link : upTo(3, link)));
    await expect(enrol(breaking, "the second")).rejects.toMatchObject({ code: "recovery-servers" });
    expect(textOf((await restore(linksOf(servers))).secret)).toBe("the first");
  });
});

/** It carries so many requests: of a register, status, confirm (what was before) and begin. */
function upTo(requests: number, { name, ask }: RecoveryLink): RecoveryLink {
  let sent = 0;
  return {
    name,
    ask: (request) => (sent++ < requests ? ask(request) : Promise.reject(new Error("connection refused"))),
  };
}

describe("what a stranger sends", () => {
  it("is answered with a refusal, whatever it is", async () => {
    const core = coreOf(memoryRecoveryPort());
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 200 }), async (bytes) => {
        const answer = readAnswer(await core.answer(bytes));
        expect(answer.kind).toBe("refused");
      }),
    );
    const long = new Uint8Array(longestRequest + 1).fill(1);
    expect(readAnswer(await core.answer(long))).toEqual({ kind: "refused", code: "recovery-format" });
    const later = requestOf({ kind: "status" }).map((byte, i) => (i === 0 ? 2 : byte));
    expect(readAnswer(await core.answer(later))).toEqual({ kind: "refused", code: "recovery-version" });
  });

  it("is no record of another account, and none under another key", async () => {
    const port = memoryRecoveryPort();
    await enrolled(port);
    const core = coreOf(port);
    const status = readAnswer(await core.answer(requestOf({ kind: "status" })));
    if (status.kind !== "status") throw new Error("no status");
    const { record } = status.registered[0]!;
    const { blinded } = blindInput(platformRandom, new Uint8Array([1]));
    const begun = readAnswer(await core.answer(requestOf({ kind: "begin", registration: 2, blinded })));
    if (begun.kind !== "begun") throw new Error("not begun");
    const stored = await core.answer(requestOf({ kind: "store", registration: 2, publicKey: begun.publicKey, record }));
    expect(readAnswer(stored)).toEqual({ kind: "refused", code: "recovery-format" });
    expect(readRecord(record, account, 1).threshold).toBe(threshold);
    expect(() => readRecord(record, new Uint8Array(account.length), 1)).toThrow(VaultError);
    expect(() => readRecord(record, account, 2)).toThrow(VaultError);
    // What has only begun can't be guessed at, nor confirmed.
    const early = await core.answer(requestOf({ kind: "evaluate", registration: 2, blinded }));
    expect(readAnswer(early)).toEqual({ kind: "refused", code: "recovery-unknown" });
    const confirmed = await core.answer(requestOf({ kind: "confirm", registration: 2 }));
    expect(readAnswer(confirmed)).toEqual({ kind: "refused", code: "recovery-superseded" });
  });
});
