/**
 * Recovery servers over HTTP: what a client makes of one that is down, slow, behind a proxy, lying, too long-winded, or restored from a
 * backup.
 */

import { describe, expect, it } from "vitest";
import type { Timers } from "../../../src/bytes/timers.ts";
import { httpRecoveryServer, type RecoveryFetch } from "../../../src/vault/recovery/http.ts";
import { memoryRecoveryPort } from "../../../src/vault/recovery/port.ts";
import { longestAnswer, readAnswer, writeAnswer } from "../../../src/vault/recovery/protocol.ts";
import { recover, recoveryStatus } from "../../../src/vault/recovery/recover.ts";
import { register } from "../../../src/vault/recovery/register.ts";
import { RecoveryServer } from "../../../src/vault/recovery/server.ts";
import type { RecoveryLink } from "../../../src/vault/recovery/asking.ts";
import { account, pin, quick, secretOf, textOf } from "./world.ts";

const type = { "content-type": "application/octet-stream" };
type Asked = Parameters<RecoveryFetch>[1] & { readonly url: string };

/** A server behind `fetch`, which can be made to answer otherwise. */
class Place {
  readonly port = memoryRecoveryPort();
  readonly asked: Asked[] = [];
  readonly #core = new RecoveryServer({ port: this.port, authorize: () => true });
  readonly link: RecoveryLink;
  answers: ((bytes: Uint8Array) => Response | Promise<Response>) | undefined;

  constructor(name: string, timers?: Timers) {
    this.link = httpRecoveryServer({
      name,
      url: "https://recovery.example.org/",
      fetch: async (url, request) => {
        this.asked.push({ ...request, url });
        const bytes = new Uint8Array(await this.#core.answer(request.body));
        return this.answers?.(bytes) ?? new Response(bytes, { headers: type });
      },
      ...(timers === undefined ? {} : { timers }),
    });
  }
}

const places = (): readonly [Place, Place, Place] => [new Place("one"), new Place("two"), new Place("three")];
const common = (all: readonly Place[]) => ({
  ...{ servers: all.map(({ link }) => link), account, threshold: 2, argon2id: quick },
});
const enrol = (all: readonly Place[], secret = "the seed") =>
  register({ ...common(all), pin, secret: secretOf(secret) });
const states = async (all: readonly Place[]) => (await recover({ ...common(all), pin })).servers;

describe("a recovery server over HTTP", () => {
  it("is asked by POST, without cookies, redirects, a referrer or a cache", async () => {
    const all = places();
    await enrol(all);
    expect(textOf((await recover({ ...common(all), pin })).secret)).toBe("the seed");
    for (const { url, method, headers, credentials, redirect, referrerPolicy, cache } of all[0].asked) {
      expect(url).toBe("https://recovery.example.org/recovery");
      expect({ method, headers, credentials, redirect, referrerPolicy, cache }).toEqual({
        ...{ method: "POST", headers: type, credentials: "omit", redirect: "error" },
        ...{ referrerPolicy: "no-referrer", cache: "no-store" },
      });
    }
  });

  it.each<readonly [string, (bytes: Uint8Array) => Response | Promise<Response>]>([
    ["is not reached", () => Promise.reject(new TypeError("fetch failed"))],
    ["says that its database is away", () => new Response(null, { status: 503 })],
    ["is busy", (bytes) => new Response(new Uint8Array(bytes), { status: 503, headers: type })],
    [
      "is answered for by a proxy's page",
      () => new Response("<p>Sign in</p>", { headers: { "content-type": "text/html" } }),
    ],
    [
      "breaks off",
      () =>
        new Response(
          new ReadableStream({
            pull(controller) {
              controller.error(new Error("the connection was reset"));
            },
          }),
          { headers: type },
        ),
    ],
  ])("that %s is down, and named; the others recover", async (_, answers) => {
    const all = places();
    await enrol(all);
    all[1].answers = answers;
    expect(await states(all)).toMatchObject([{ state: "well" }, { name: "two", state: "down" }, { state: "well" }]);
  });

  it("that does not answer in time is down, whatever becomes of the request", async () => {
    const due: (() => void)[] = [];
    const timers: Timers = {
      after: (milliseconds, run) => {
        expect(milliseconds).toBe(15_000);
        due.push(run);
        return () => {
          due.splice(due.indexOf(run), 1);
        };
      },
    };
    const all = [new Place("one"), new Place("two", timers), new Place("three")];
    await enrol(all);
    expect(due).toEqual([]);
    all[1]!.answers = () => new Promise<Response>(() => undefined);
    const status = recoveryStatus({ account, threshold: 2, servers: all.map(({ link }) => link) });
    while (due.length === 0) await new Promise((resolve) => setImmediate(resolve));
    due[0]!();
    expect((await status).servers[1]).toEqual({ name: "two", state: "down" });
    expect(all[1]!.asked.at(-1)?.signal.aborted).toBe(true);
    expect(due).toEqual([]);
  });

  it("that sends without end lies, and is read no further than an answer can be", async () => {
    const all = places();
    await enrol(all);
    let sent = 0;
    let isCancelled = false;
    all[1].answers = () =>
      new Response(
        new ReadableStream({
          pull(controller) {
            sent += 10_000;
            controller.enqueue(new Uint8Array(10_000).fill(1));
          },
          cancel() {
            isCancelled = true;
          },
        }),
        { headers: type },
      );
    expect((await states(all))[1]).toEqual({ name: "two", state: "lies", lie: "format" });
    expect(isCancelled).toBe(true);
    expect(sent).toBeLessThan(longestAnswer + 50_000);
  });

  it("whose proof does not verify lies, and another one is asked in its place", async () => {
    const all = places();
    await enrol(all);
    all[0].answers = (bytes) => {
      const answer = readAnswer(bytes);
      if (answer.kind !== "evaluated") return new Response(new Uint8Array(bytes), { headers: type });
      const proof = new Uint8Array(answer.proof.length);
      return new Response(new Uint8Array(writeAnswer({ ...answer, proof })), { headers: type });
    };
    expect((await states(all))[0]).toMatchObject({ name: "one", state: "lies", lie: "proof" });
  });

  it("that was restored from a backup of before the newest registration is behind, and named", async () => {
    const all = places();
    await enrol(all, "old");
    const backup = await all[2].port.read(account);
    await enrol(all, "new");
    await all[2].port.swap(account, await all[2].port.read(account), backup);
    const { secret, servers } = await recover({ ...common(all), pin });
    expect(textOf(secret)).toBe("new");
    expect(servers[2]).toMatchObject({ name: "three", state: "behind" });
  });

  it.each([
    "http://recovery.example.org",
    "ftp://x",
    "recovery.example.org",
    "https://a:b@x/",
    "https://a@x/",
    "https://:b@x/",
    "https://x/?a",
    "https://x/#a",
    "ftp://localhost",
    "http://127.0.0.1.example.org",
  ])("is not at %s: nobody would know who answers", (url) => {
    expect(() => httpRecoveryServer({ name: "one", url })).toThrow(TypeError);
  });

  it.each([{ url: new URL("https://x/") as unknown as string }, { timeout: 0 }, { timeout: 2 ** 31 }])(
    "has no such options: %o",
    (more) => {
      expect(() => httpRecoveryServer({ name: "one", url: "https://x/", ...more })).toThrow(TypeError);
    },
  );

  it("that a proxy answers for gives no answer at all, also where the page can be read on", async () => {
    const read = () => Promise.resolve({ done: true });
    const body = { getReader: () => ({ read, cancel: () => Promise.resolve() }) };
    const fetch: RecoveryFetch = () => Promise.resolve({ status: 503, headers: new Headers(type), body });
    const { ask } = httpRecoveryServer({ name: "one", url: "https://x/", fetch });
    await expect(ask(new Uint8Array(1))).rejects.toThrow("answers with HTTP 503");
  });

  it.each(["http://localhost:1", "http://127.0.0.1:1/a", "http://[::1]:1", "https://example.org/a/b"])(
    "may be at %s",
    (url) => {
      expect(httpRecoveryServer({ name: "one", url }).name).toBe("one");
    },
  );
});
