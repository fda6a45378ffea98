/**
 * Valid sessions of one device, and what a malicious one makes of them: fields of one request in another, names of other people and rooms, lengths at their limits,
 * requests out of order, twice, cut off and joined; frames, and blobs by HTTP. Whatever it is: a documented code, nothing that the server has to look after,
 * nothing changed by what was refused, and nobody else's changed by what was answered. COPSE_FUZZ is how many requests, COPSE_SEED which. The same over each database.
 */

import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { concat } from "../../src/bytes/concat.ts";
import { copyBytes } from "../../src/bytes/copy.ts";
import { hex, utf8 } from "../../src/bytes/text.ts";
import { decode, encode } from "../../src/codec/codec.ts";
import type { Connection } from "../../src/delivery/delivery.ts";
import { DeliveryError, deliveryErrorCodes } from "../../src/delivery/errors.ts";
import { defaultDeliveryLimits, type DeliveryLimits } from "../../src/delivery/limits.ts";
import { firstKeyCounts } from "../../src/delivery/options.ts";
import type { Form } from "../../src/delivery/protocol/forms.ts";
import { Refusal, writeClientFrame } from "../../src/delivery/protocol/frames.ts";
import type { OperationName } from "../../src/delivery/protocol/operation.ts";
import { operations } from "../../src/delivery/protocol/operations.ts";
import type { DeliveryPort } from "../../src/delivery/port.ts";
import { confirmationContent, confirmationLabel } from "../../src/delivery/rooms/confirm.ts";
import { deliveryOver, type DeliveryService } from "../../src/delivery/service.ts";
import { signWithLabel } from "../../src/crypto/labels.ts";
import { startServer, type RunningServer } from "../../src/server/server.ts";
import { newId, roomOf, TestDevice, testGroups } from "../../src/testing/delivery/device.ts";
import { some } from "../../src/testing/delivery/under-test.ts";
import { Chance } from "../../src/testing/simulation/chance.ts";
import { formOf, Mutator, type Asked, type Valid } from "./mutator.ts";
import { helloOf, Raw } from "./raw-connection.ts";

const address = "mimi://example.org";
const requests = Number(process.env["COPSE_FUZZ"] ?? 600);
const seed = Number(process.env["COPSE_SEED"] ?? 1);

/** Small, so that what is at a limit is small, too; and no rates: how often is another test's. */
const sizes = { messageBytes: 4096, handshakeBytes: 8192, parcelBytes: 1024, whisperBytes: 1024, statementBytes: 1024 };
const others = {
  keyPackageBytes: 4096,
  reportBytes: 1024,
  blobPartBytes: 4096,
  blobBytes: 8192,
  historyRecordBytes: 1024,
};
const limits: Partial<DeliveryLimits> = {
  ...Object.fromEntries(
    Object.entries(defaultDeliveryLimits)
      .filter(([, value]) => typeof value === "object")
      .map(([name]) => [name, { burst: Infinity, perSecond: Infinity }]),
  ),
  ...sizes,
  ...others,
};
const edges = [...new Set([...Object.values(sizes), ...Object.values(others)])];

/** What a service stands on. */
export interface FuzzedStore {
  readonly port: DeliveryPort;
  readonly close: () => Promise<void>;
}

const isCode = (code: string): boolean => Object.hasOwn(deliveryErrorCodes, code) && code !== "unreachable";

let service: DeliveryService;
let store: FuzzedStore;
let server: RunningServer;
let alice: TestDevice;
let bob: TestDevice;
let carol: TestDevice;
let mallory: TestDevice;
let theirs: string;
let ours: string;
let session: readonly Valid[];
const faults: string[] = [];
const whispered: string[] = [];
const blobOfAlice = newId();
const chain = new Uint8Array(16).fill(7);

/** Everything that can be asked, in an order in which all of it is answered; beside it what needs a service of another kind. */
async function validSession(): Promise<readonly Valid[]> {
  const { user, uri } = mallory;
  const signed = async (): Promise<Asked> => {
    const { epoch, groupContext } = mallory.group;
    const content = confirmationContent(ours, epoch, groupContext.confirmedTranscriptHash);
    return { room: ours, epoch, signature: await signWithLabel(mallory.identity.signer, confirmationLabel, content) };
  };
  const commit = (await mallory.prepare(ours)).publication;
  const own = await TestDevice.connect({ delivery: service, address }, { user: "builder" });
  const created: Asked[] = [];
  // What a device creates is taken down, and asked by another.
  const spy = { createRoom: (asked: Asked) => Promise.resolve(void created.push(asked)) } as unknown as Connection;
  own.connection = Object.assign(Object.create(own.connection) as Connection, spy);
  await own.create(`${address}/r/of-builder`);
  const blob = newId();
  return [
    ["publishKeyPackages", { id: newId(), keyPackages: [], replace: false }],
    ["keyPackageCount", { cipherSuite: 1 }],
    ["createRoom", some(created[0])],
    ["fetch", { room: ours, after: 0n, limit: 10 }],
    ["publish", { ...(await mallory.sealed(ours, "hello")) }],
    ["publish", { ...commit }],
    ["changed", {}],
    ["acknowledge", { room: ours, through: 1n }],
    ["groupInfo", { room: ours }],
    ["confirm", await signed()],
    ["complain", { id: newId(), room: ours, epoch: 1n, number: 1n, code: "x", evidence: new Uint8Array(3) }],
    ["whisper", { room: ours, bytes: utf8("psst") }],
    ["callServers", { room: ours }],
    ["frankingAgent", { cipherSuite: 1 }],
    ["queue", { after: 0n, limit: 3 }],
    ["acknowledgeQueue", { through: 0n }],
    ["claimKeyPackages", { id: newId(), user: carol.user, cipherSuite: 1, room: ours, devices: [carol.uri] }],
    ["consent", { id: newId(), user: carol.user, operation: "request", room: ours }],
    ["send", { id: newId(), to: carol.uri, topic: "topic", bytes: utf8("parcel") }],
    ["block", { id: newId(), user: `${address}/u/nobody`, blocked: true }],
    ["report", { id: newId(), room: ours, report: utf8("report") }],
    ["publishStatement", { user, number: 0n, statement: utf8("statement") }],
    ["statements", { user, from: 0n }],
    ["lookUp", { user: carol.user, size: 1 }],
    ["logProof", { from: 0, to: 1 }],
    ["upload", { blob, size: 6, offset: 0, bytes: utf8("abc") }],
    ["upload", { blob, size: 6, offset: 3, bytes: utf8("def") }],
    ["download", { blob, offset: 1, length: 4 }],
    ["putHistory", { chain: utf8(uri).slice(0, 16), position: 0n, records: [utf8("mine")] }],
    ["history", { chain: utf8(uri).slice(0, 16), below: 5n, limit: 3 }],
    ["putHistoryEdge", { epoch: 0n, edge: utf8("mine") }],
    ["historyEdge", { epoch: 0n }],
  ];
}

const words = (value: unknown): string =>
  JSON.stringify(value, (_, each: unknown) => {
    if (each instanceof Uint8Array) return hex(each);
    return typeof each === "bigint" ? String(each) : each;
  });

/** What two people have at the service that nobody but them may change. */
async function ofVictims(): Promise<string> {
  const seen: unknown[] = [whispered.length];
  for (const { connection, user } of [alice, bob])
    seen.push(
      await connection.fetch({ room: theirs, after: 0n }),
      await connection.groupInfo({ room: theirs }),
      await connection.changed(),
      await connection.statements({ user }),
      await connection.history({ chain, below: 9n }),
      await connection.historyEdge({ epoch: 0n }),
      await connection.download({ blob: blobOfAlice, offset: 0, length: 9 }),
    );
  return words(seen);
}

/** And all that a request may change where it is answered. */
async function ofAll(raw: Raw): Promise<string> {
  const seen: unknown[] = [await service.reports()];
  for (const { connection } of [alice, bob, carol])
    seen.push(await connection.queue(), await connection.keyPackageCount({ cipherSuite: 1 }));
  seen.push(await carol.connection.fetch({ room: ours, after: 0n }), await carol.connection.groupInfo({ room: ours }));
  for (const [name, asked] of [
    ["queue", {}],
    ["changed", {}],
    ["keyPackageCount", { cipherSuite: 1 }],
    ["statements", { user: mallory.user }],
    ["history", { chain: utf8(mallory.uri).slice(0, 16), below: 9n }],
    ["historyEdge", { epoch: 0n }],
  ] as const)
    seen.push(await raw.ask(name, encode(formOf(name), asked)));
  return words(seen);
}

/**
 * The tests, over a database.
 *
 * @param part Of the requests: how many of them, where each takes long.
 */
export function fuzzSessions(name: string, open: () => Promise<FuzzedStore>, part = 1): void {
  const count = Math.ceil(requests * part);
  describe(name, () => {
    beforeAll(async () => {
      store = await open();
      service = deliveryOver(store.port, {
        address,
        group: testGroups,
        accounts: firstKeyCounts,
        consent: "everybody",
        limits,
      });
      for (const list of [faults, whispered]) list.length = 0;
      const fault = (fields: object, message: string): void => void faults.push(`${message} ${JSON.stringify(fields)}`);
      const quiet = (): void => undefined;
      server = await startServer({
        delivery: service,
        partBytes: others.blobPartBytes,
        log: { info: quiet, debug: quiet, warn: fault, error: fault },
      });
      const [first, second] = [
        await roomOf({ delivery: service, address }, "alice", "bob"),
        await roomOf({ delivery: service, address }, "mallory", "carol"),
      ];
      [theirs, ours] = [first.room, second.room];
      [alice, bob] = [some(first.devices[0]), some(first.devices[1])];
      [mallory, carol] = [some(second.devices[0]), some(second.devices[1])];
      for (const each of [alice, bob, carol]) await each.stock(3);
      await alice.say(theirs, "between us");
      await alice.connection.upload({ blob: blobOfAlice, size: 3, offset: 0, bytes: Uint8Array.of(1, 2, 3) });
      await alice.connection.putHistory({ chain, position: 0n, records: [utf8("hers")] });
      await alice.connection.putHistoryEdge({ epoch: 0n, edge: utf8("hers") });
      for (const each of [alice, bob])
        each.connection.subscribe((news) => {
          if (news.kind === "whisper") whispered.push(news.room);
        });
      session = await validSession();
    });
    afterAll(async () => {
      await server.close();
      await store.close();
    });

    describe("a malicious device", () => {
      let raw: Raw;
      const outcomes = new Map<string, number>();
      afterAll(() => {
        const sorted = [...outcomes].sort(([a], [b]) => (a < b ? -1 : 1));
        console.log(sorted.map(([what, often]) => `${what} ${String(often)}`).join(", "));
      });

      it("is answered what is valid, whatever it may be refused for", async () => {
        raw = await Raw.signedIn(mallory, server.url);
        const before = await ofVictims();
        const codes = new Map<string, string>();
        for (const [name, asked] of session) {
          const answer = await raw.ask(name, encode(formOf(name), asked));
          codes.set(name, typeof answer === "string" ? answer : "ok");
        }
        const asked = new Set(session.map(([name]) => name));
        const never = (Object.keys(operations) as OperationName[]).filter((name) => !asked.has(name));
        expect(never, "which ends its account").toEqual(["deleteAccount"]);
        const refused = [...codes].filter(([, code]) => code !== "ok").map(([name]) => name);
        expect(refused.length, refused.join()).toBeLessThanOrEqual(4);
        expect(await ofVictims()).toBe(before);
      });

      it(`is told a documented code in ${String(count)} requests of seed ${String(seed)}, and nothing changes by what is refused`, async () => {
        const chance = new Chance(seed, "fuzz");
        const mutator = new Mutator(chance, { session, names: allNames(), edges });
        let [victims, all] = [await ofVictims(), await ofAll(raw)];
        for (let i = 0; i < count; i++) {
          const [name, asked] = some(chance.one(session));
          const form = formOf(name);
          let body: Uint8Array = encode(form, mutator.value(form.shape, asked, chance.one([0.1, 0.3, 0.8]) ?? 0));
          // Now and then the bytes of two requests: of one in the other's place, one behind the other, or cut off.
          const roll = chance.fraction;
          const [other, otherAsked] = some(chance.one(session));
          if (roll < 0.05) body = encode(formOf(other), otherAsked);
          else if (roll < 0.1) body = concat(body, encode(formOf(other), otherAsked));
          else if (roll < 0.15) body = body.slice(0, Math.floor(chance.fraction * body.length));
          const times = chance.fraction < 0.1 ? 2 : 1;
          for (let time = 0; time < times; time++) {
            const answer = await raw.ask(name, body);
            const where = `request ${String(i)} of seed ${String(seed)}: ${name} ${hex(body).slice(0, 400)}`;
            const code = typeof answer === "string" ? answer : "ok";
            outcomes.set(code, (outcomes.get(code) ?? 0) + 1);
            const nowVictims = await ofVictims();
            expect(nowVictims, `${where}: nobody else's`).toBe(victims);
            const now = await ofAll(raw);
            if (typeof answer === "string") {
              expect(isCode(answer), `${where}: ${answer}`).toBe(true);
              expect(now, `${where}: changed, and refused with ${answer}`).toBe(all);
            } else decode(operations[name].answers as Form<unknown>, answer);
            [victims, all] = [nowVictims, now];
          }
        }
        expect(faults).toEqual([]);
        expect(outcomes.get("ok") ?? 0, "some of it was valid").toBeGreaterThan(count / 10);
        expect(outcomes.get("invalid") ?? 0).toBeGreaterThan(count / 50);
      });

      it("ends its connection by frames that are none, or out of order, in each state, and nobody else's", async () => {
        const victims = await ofVictims();
        const hello = writeClientFrame(helloOf(mallory));
        const signature = writeClientFrame({ kind: "signature", signature: new Uint8Array(64) });
        const ping = writeClientFrame({ kind: "ping" });
        const request = writeClientFrame({ kind: "request", number: 1, operation: 4, body: new Uint8Array(0) });
        const valid = [hello, signature, ping, request];
        const chance = new Chance(seed, "frames");
        const frames = (): Uint8Array | string => {
          const [one, two] = [some(chance.one(valid)), some(chance.one(valid))];
          const roll = chance.fraction;
          if (roll < 0.3) return one;
          if (roll < 0.45) return one.slice(0, Math.floor(chance.fraction * one.length));
          if (roll < 0.6) return concat(one, two);
          if (roll < 0.75) {
            const at = Math.floor(chance.fraction * one.length);
            return one.map((byte, i) => (i === at ? byte ^ 0xff : byte));
          }
          if (roll < 0.9) return chance.bytes(Math.floor(chance.fraction * 70_000));
          return "text";
        };
        for (let i = 0; i < Math.ceil(count / 10); i++) {
          const stranger = chance.fraction < 0.7 ? await Raw.open(server.url) : await Raw.signedIn(carol, server.url);
          for (let sent = 0; sent < 4; sent++) stranger.send(frames());
          // Whatever it was, the connection is one that answers, or one that has ended.
          stranger.send(ping);
          await stranger.until((frame) => frame.kind === "pong");
          for (const frame of stranger.frames)
            if (frame.kind === "refusal") expect(isCode(frame.code), frame.code).toBe(true);
          stranger.socket.terminate();
        }
        carol.connection = await signedInAgain(carol);
        expect(await ofVictims()).toBe(victims);
        expect(faults).toEqual([]);
      });

      it("is answered by HTTP with a documented status, and touches nobody's blob", async () => {
        mallory.connection = await signedInAgain(mallory);
        const asker = await Raw.signedIn(mallory, server.url);
        const chance = new Chance(seed, "blobs");
        const own = hex(newId());
        const numbers = [
          "0",
          "1",
          "3",
          "6",
          "4095",
          "4096",
          "4097",
          "8192",
          "8193",
          "-1",
          "1e3",
          "9".repeat(16),
          "9".repeat(40),
          "x",
          "",
        ];
        const victims = await ofVictims();
        const statuses = new Map<number, number>();
        for (let i = 0; i < requests; i++) {
          const method =
            chance.one(["PATCH", "PATCH", "PATCH", "GET", "GET", "HEAD", "OPTIONS", "POST", "PUT", "DELETE"]) ?? "";
          const blob =
            chance.one([
              own,
              own,
              own,
              own,
              hex(blobOfAlice),
              hex(blobOfAlice),
              hex(newId()),
              own.slice(1),
              "..%2f..%2fetc",
              own.toUpperCase(),
            ]) ?? "";
          const token =
            chance.one([asker.token, asker.token, asker.token, "0".repeat(64), "", asker.token.slice(2)]) ?? "";
          const headers: Record<string, string> = { authorization: `Bearer ${token}` };
          const maybe = (name: string, values: readonly string[]): void => {
            if (chance.fraction < 0.8) headers[name] = chance.one(values) ?? "";
          };
          if (method !== "GET") {
            maybe("upload-length", ["6", "6", "6", ...numbers]);
            maybe("upload-offset", ["0", "3", ...numbers]);
            maybe("content-type", [...Array<string>(4).fill("application/offset+octet-stream"), "text/plain"]);
          }
          if (method === "GET")
            maybe("range", [
              ...Array.from({ length: 12 }, () => ["bytes=0-", "bytes=0-1", "bytes=1-", "bytes=2-9"]).flat(),
              ...numbers.flatMap((from) => [
                `bytes=${from}-`,
                `bytes=0-${from}`,
                `bytes=-${from}`,
                `items=${from}-`,
                `bytes=0-1,2-${from}`,
              ]),
            ]);
          if (chance.fraction < 0.05) headers["content-encoding"] = "gzip";
          const size = chance.one([0, 3, 6, 4096, 4097, 20_000]) ?? 0;
          const body = ["PATCH", "POST", "PUT"].includes(method) ? { body: copyBytes(chance.bytes(size)) } : {};
          const answer = await fetch(`${server.url}/v1/blobs/${blob}`, { method, headers, ...body });
          const where = `request ${String(i)} of seed ${String(seed)}: ${method} ${blob} ${JSON.stringify(headers)} ${String(size)}`;
          statuses.set(answer.status, (statuses.get(answer.status) ?? 0) + 1);
          expect([200, 204, 206, 400, 401, 403, 404, 409, 413, 415, 416, 429], where).toContain(answer.status);
          const bytes = new Uint8Array(await answer.arrayBuffer());
          if (method === "GET" && ![own, hex(blobOfAlice)].includes(blob)) expect(answer.ok, where).toBe(false);
          if (method === "GET" && blob === hex(blobOfAlice) && answer.status === 200)
            expect(bytes, where).toEqual(Uint8Array.of(1, 2, 3));
          const isRefusal = answer.status >= 400 && answer.headers.get("content-type") === "application/octet-stream";
          if (isRefusal && bytes.length > 0) expect(isCode(decode(Refusal, bytes).code), where).toBe(true);
          if (blob === hex(blobOfAlice) && answer.ok && method === "PATCH")
            expect(await ofVictims(), where).toBe(victims);
        }
        console.log([...statuses].map(([status, often]) => `${String(status)} ${String(often)}`).join(", "));
        for (const status of [204, 206, 400, 401, 404, 413, 415])
          expect(statuses.get(status) ?? 0, String(status)).toBeGreaterThan(0);
        expect(await ofVictims()).toBe(victims);
        expect(faults).toEqual([]);
      });

      it("leaves nothing behind when it is gone", async () => {
        Raw.endAll();
        for (;;) {
          const text = await (await fetch(`${server.url}/metrics`)).text();
          if (
            /copse_connections\{state="strangers"\} 0/.test(text) &&
            /copse_connections\{state="devices"\} 0/.test(text)
          )
            break;
        }
        // Others have seen nothing of it, and go on.
        expect((await alice.say(theirs, "still here")).kind).toBe("accepted");
        expect(await bob.catchUp(theirs)).toEqual(["between us", "still here"]);
      });
    });

    it("a blob that can't be read on in the middle is cut off, and not taken for whole", async () => {
      let parts = 0;
      const failing: DeliveryService = {
        ...service,
        connect: async (login) => {
          const connection = await service.connect(login);
          const download: Connection["download"] = () => {
            if (++parts > 1) return Promise.reject(new DeliveryError("unreachable", { cause: new Error("the disk") }));
            return Promise.resolve(new Uint8Array(others.blobPartBytes));
          };
          return Object.assign(connection, { download });
        },
      };
      const lines: string[] = [];
      const line = (fields: object, message: string): void => void lines.push(`${message} ${JSON.stringify(fields)}`);
      const quiet = (): void => undefined;
      const log = { info: quiet, debug: quiet, warn: line, error: line };
      const cut = await startServer({ delivery: failing, partBytes: others.blobPartBytes, log });
      const asker = await Raw.signedIn(mallory, cut.url);
      const headers = { authorization: `Bearer ${asker.token}` };
      const answer = fetch(`${cut.url}/v1/blobs/${hex(newId())}`, { headers });
      await expect(answer.then((each) => each.arrayBuffer())).rejects.toThrow();
      expect(lines).toMatchObject([expect.stringMatching(/^a request for a blob failed/)]);
      Raw.endAll();
      await cut.close();
    });
  });
}

/** Names of everybody, and of nobody. */
function allNames(): readonly string[] {
  const people = [alice, bob, carol, mallory].flatMap(({ uri, user }) => [uri, user]);
  const never = [
    `${address}/r/never`,
    `${address}/d/alice/none`,
    `${address}/u/none`,
    "mimi://elsewhere.example/u/alice",
  ];
  const strange = [address, "", "x".repeat(5_000), `${theirs}/`, theirs.toUpperCase(), "\u202e"];
  return [...people, theirs, ours, ...never, ...strange];
}

async function signedInAgain({ uri, identity }: TestDevice): Promise<Connection> {
  return service.connect({
    ...{ device: uri, cipherSuite: 1, signatureKey: identity.signatureKey.slice() },
    sign: async (challenge) => identity.signer.sign(challenge),
    incarnation: { known: 0n, next: 0n, id: newId() },
  });
}
