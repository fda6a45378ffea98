/**
 * Recovery by PIN: what a person is told, which server is named, and what the servers count.
 */

import { describe, expect, it } from "vitest";
import { utf8 } from "../../../src/bytes/text.ts";
import { VaultError } from "../../../src/vault/errors.ts";
import { wholeTries } from "../../../src/vault/recovery/finding.ts";
import type { RecoveryLink } from "../../../src/vault/recovery/asking.ts";
import { readAnswer, readRequest, writeAnswer, type Answer } from "../../../src/vault/recovery/protocol.ts";
import { recover, recoveryStatus, type RecoverOptions } from "../../../src/vault/recovery/recover.ts";
import { forgetRecovery, register, type RegisterOptions } from "../../../src/vault/recovery/register.ts";
import { guessesAllowed } from "../../../src/vault/recovery/server.ts";
import { account, linksOf, pin, quick, secretOf, testServer, testServers, textOf, type TestServer } from "./world.ts";

const threshold = 3;
const enrol = (servers: readonly TestServer[], options: Partial<RegisterOptions> = {}) =>
  register({
    servers: linksOf(servers),
    account,
    threshold,
    pin,
    secret: secretOf("the seed"),
    argon2id: quick,
    ...options,
  });
const restore = (servers: readonly TestServer[], options: Partial<RecoverOptions> = {}) =>
  recover({ servers: linksOf(servers), account, threshold, pin, argon2id: quick, ...options });
const look = (servers: readonly TestServer[]) => recoveryStatus({ servers: linksOf(servers), account, threshold });

/** The error of a promise that fails. */
async function failure(promise: Promise<unknown>): Promise<VaultError> {
  const error: unknown = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!(error instanceof VaultError)) throw new Error(`expected a VaultError, not ${String(error)}`);
  return error;
}
const statesOf = ({ servers }: { readonly servers: readonly { readonly state: string }[] }) =>
  servers.map(({ state }) => state);

describe("recovery by PIN", () => {
  it("gives the secret back for the PIN, also in another order of servers", async () => {
    const servers = testServers(5);
    expect(await enrol(servers)).toMatchObject({ registration: 1 });
    const { secret, registration } = await restore([...servers].reverse());
    expect([textOf(secret), registration]).toEqual(["the seed", 1]);
  });

  it("takes a PIN however a keyboard composes it", async () => {
    const servers = testServers(3);
    await enrol(servers, { pin: "ﬁancée" });
    expect(textOf((await restore(servers, { pin: "fiance\u0301e" })).secret)).toBe("the seed");
  });

  it("takes the guesses of a threshold of servers and no more", async () => {
    const servers = testServers(5);
    await enrol(servers);
    await restore(servers);
    expect(servers.reduce((sum, { evaluations }) => sum + evaluations, 0)).toBe(3);
  });

  it("says of a wrong PIN how many tries are left", async () => {
    const servers = testServers(5);
    await enrol(servers);
    expect((await look(servers)).triesLeft).toBe(16);
    const error = await failure(restore(servers, { pin: "000000" }));
    expect([error.code, error.triesLeft]).toEqual(["recovery-pin", 15]);
    expect((await look(servers)).triesLeft).toBe(15);
  });

  it("lets nobody guess more than 16 times with 3 of 5, and forgets then", async () => {
    const servers = testServers(5);
    await enrol(servers);
    const told: (number | undefined)[] = [];
    let last: VaultError;
    do {
      last = await failure(restore(servers, { pin: "000000" }));
      if (last.code === "recovery-pin") told.push(last.triesLeft);
    } while (last.code === "recovery-pin");
    expect(told).toEqual(Array.from({ length: 16 }, (_, i) => 15 - i));
    for (const { evaluations } of servers) expect(evaluations).toBeLessThanOrEqual(guessesAllowed);
    // The right PIN does not help any more, whatever is asked and in which order.
    expect((await failure(restore([...servers].reverse()))).code).toMatch(/^recovery-(servers|exhausted)$/);
  });

  it("forgets the key with the last guess: nothing of it is left in the database", async () => {
    const server = testServer("one");
    const others = testServers(2);
    await enrol([server, ...others]);
    const before = (await server.port.read(account))!;
    for (let i = 0; i < guessesAllowed; i++) await failure(restore([server, ...others], { pin: "000000" }));
    const after = (await server.port.read(account))!;
    expect(before.length).toBeGreaterThan(96);
    expect(after.length).toBeLessThan(32); // a count, and no key
    expect((await failure(restore([server, ...others]))).code).toBe("recovery-exhausted");
    // The account registers again, and begins with all guesses.
    await enrol([server, ...others]);
    expect((await look([server, ...others])).triesLeft).toBe(10);
  });

  it("names a server that is down, and recovers as long as the threshold is met", async () => {
    const servers = testServers(5);
    await enrol(servers);
    servers[0]!.down = servers[3]!.down = true;
    const recovered = await restore(servers);
    expect(statesOf(recovered)).toEqual(["down", "well", "well", "down", "well"]);
    servers[1]!.down = true;
    const error = await failure(restore(servers));
    expect(error.code).toBe("recovery-servers");
    expect(statesOf(error).filter((state) => state === "down")).toHaveLength(3);
    expect(servers[2]!.evaluations).toBe(1); // the try that could not succeed has cost no guess
  });

  it.each<[string, (answer: Answer) => Answer, object]>([
    [
      "evaluates with another key",
      (answer) => (answer.kind === "evaluated" ? { ...answer, evaluated: generator } : answer),
      { state: "lies", lie: "proof" },
    ],
    [
      "changes its proof",
      (answer) => (answer.kind === "evaluated" ? { ...answer, proof: answer.proof.map((byte) => byte ^ 1) } : answer),
      { state: "lies", lie: "proof" },
    ],
    [
      "tells of another record",
      (answer) =>
        answer.kind === "status"
          ? {
              ...answer,
              registered: answer.registered.map((each) => ({
                ...each,
                record: each.record.map((byte, i) => (i === each.record.length - 1 ? byte ^ 1 : byte)),
              })),
            }
          : answer,
      { state: "lies", lie: "record" },
    ],
    [
      "says that it is another server",
      (answer) =>
        answer.kind === "status"
          ? { ...answer, registered: answer.registered.map((each) => ({ ...each, publicKey: generator })) }
          : answer,
      { state: "lies", lie: "record" },
    ],
    [
      "answers something else",
      (answer) => (answer.kind === "evaluated" ? { kind: "done" } : answer),
      { state: "lies", lie: "format" },
    ],
  ])("names the server that %s, and recovers without it", async (_, lie, finding) => {
    const servers = testServers(5);
    await enrol(servers);
    const liar = servers[0]!; // among those that are asked first
    liar.lie = lie;
    const { secret, servers: found } = await restore(servers);
    expect(textOf(secret)).toBe("the seed");
    expect(found[0]).toMatchObject({ name: liar.name, ...finding });
    expect(found.slice(1).every(({ state }) => state === "well")).toBe(true);
  });

  it("registers without a server whose proof does not hold, and names it", async () => {
    const servers = testServers(5);
    servers[2]!.lie = (answer) => (answer.kind === "begun" ? { ...answer, publicKey: generator } : answer);
    const { servers: found } = await enrol(servers);
    expect(found[2]).toMatchObject({ state: "lies", lie: "proof" });
    expect(textOf((await restore(servers)).secret)).toBe("the seed");
  });

  it("believes no record that fewer servers than the threshold agree on", async () => {
    const servers = testServers(5);
    const evil = testServers(2, "evil");
    await enrol(servers);
    // Two servers have a later registration of their own making, in which two are enough.
    await register({
      servers: linksOf(evil),
      account,
      threshold: 2,
      pin,
      secret: secretOf("made up"),
      argon2id: quick,
    });
    await register({
      servers: linksOf(evil),
      account,
      threshold: 2,
      pin,
      secret: secretOf("made up"),
      argon2id: quick,
    });
    const { secret } = await restore([...servers.slice(0, 3), ...evil]);
    expect(textOf(secret)).toBe("the seed");
  });

  it("believes no record that one server says it has several times", async () => {
    const servers = testServers(5);
    const evil = testServers(3, "evil"); // one server, with three keys, and a guess of the PIN
    await enrol(servers);
    await enrol(evil);
    await enrol(evil, { secret: secretOf("made up") });
    let evaluations = 0;
    const liar: RecoveryLink = {
      name: "liar",
      ask: async (request) => {
        const { kind } = readRequest(request).operation;
        if (kind !== "status") return evil[evaluations++ % 3]!.link.ask(request);
        const all = await Promise.all(evil.map(async ({ link }) => readAnswer(await link.ask(request))));
        const registered = all.flatMap((answer) => (answer.kind === "status" ? answer.registered : []));
        return writeAnswer({ kind: "status", registered, guessesLeft: 10, begun: 2 });
      },
    };
    const asked = { servers: [...linksOf(servers.slice(0, 4)), liar], account, threshold };
    const { secret, registration, servers: found } = await recover({ ...asked, pin, argon2id: quick });
    expect([textOf(secret), registration]).toEqual(["the seed", 1]);
    expect(found[4]).toEqual({ name: "liar", state: "lies", lie: "format" });
    expect((await recoveryStatus(asked)).registrations).toEqual([1]);
  });

  it("goes on where a server has counted up the registrations to use up their numbers", async () => {
    const servers = testServers(5);
    await enrol(servers);
    servers[1]!.lie = (answer) => (answer.kind === "status" ? { ...answer, begun: 0xffff_ffff } : answer);
    const { registration, servers: found } = await enrol(servers, { secret: secretOf("the second") });
    expect(registration).toBe(2);
    expect(found[1]).toMatchObject({ state: "lies" });
    expect(textOf((await restore(servers)).secret)).toBe("the second");
  });

  it("asks the hook before anything is counted or told", async () => {
    const asked: string[] = [];
    const servers = Array.from({ length: 3 }, (_, i) =>
      testServer(`server ${String(i)}`, {
        authorize: ({ operation, proof }) => {
          asked.push(operation);
          return new TextDecoder().decode(proof) === "alice";
        },
      }),
    );
    const proof = () => utf8("alice");
    await enrol(servers, { proof });
    const error = await failure(restore(servers, { proof: () => utf8("mallory") }));
    expect([error.code, ...statesOf(error)]).toEqual(["recovery-servers", "refused", "refused", "refused"]);
    expect(textOf((await restore(servers, { proof })).secret)).toBe("the seed");
    expect((await recoveryStatus({ servers: linksOf(servers), account, threshold, proof })).triesLeft).toBe(9);
    expect(new Set(asked)).toEqual(new Set(["status", "begin", "store", "confirm", "evaluate"]));
  });

  it("takes only true for a yes of the hook", async () => {
    const servers = Array.from({ length: 3 }, (_, i) =>
      testServer(`server ${String(i)}`, { authorize: () => "yes" as unknown as boolean }),
    );
    expect((await failure(enrol(servers))).code).toBe("recovery-servers");
  });

  it("forgets on all servers, and says which did not", async () => {
    const servers = testServers(3);
    await enrol(servers);
    servers[1]!.down = true;
    const asking = { servers: linksOf(servers), account };
    expect(statesOf(await failure(forgetRecovery(asking)))).toEqual(["well", "down", "well"]);
    servers[1]!.down = false;
    await forgetRecovery(asking);
    expect((await failure(restore(servers))).code).toBe("recovery-unknown");
    for (const { port } of servers) expect(await port.read(account)).toBeUndefined();
  });

  it("stretches by Argon2id of RFC 9106 in the package that is there", async () => {
    const servers = testServers(2);
    const shared = { servers: linksOf(servers), account, threshold: 2, pin };
    await register({ ...shared, secret: secretOf("the seed") });
    expect(textOf((await recover(shared)).secret)).toBe("the seed");
  });

  it("counts whole tries over subsets", () => {
    expect(wholeTries([10, 10, 10, 10, 10], 3)).toBe(16);
    expect(wholeTries([10, 10, 10], 3)).toBe(10);
    expect(wholeTries([10, 1, 1], 2)).toBe(2);
    expect(wholeTries([10], 2)).toBe(0);
    // Two of five are corrupt and count nothing: each guess takes one honest server of three.
    expect(wholeTries([30, 30, 10, 10, 10], 3)).toBe(30);
  });
});

/** The encoding of the base point: an element that no server has made. RFC 9496 appendix A.1. */
const generator = Uint8Array.from(
  "e2f2ae0a6abc4e71a884a961c500515f58e30b6aa582dd8db6a65945e08d2d76".match(/../g)!,
  (pair) => parseInt(pair, 16),
);
