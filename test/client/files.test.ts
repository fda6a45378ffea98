import { describe, expect, it } from "vitest";
import { bytesEqual } from "../../src/bytes/compare.ts";
import { concat } from "../../src/bytes/concat.ts";
import type { ClientOptions } from "../../src/client/options.ts";
import type { Connection, Delivery } from "../../src/delivery/delivery.ts";
import { DeliveryError } from "../../src/delivery/errors.ts";
import type { DownloadOptions } from "../../src/client/files/options.ts";
import { delivery, person, reborn, settle, user, type Person } from "./world.ts";

/** A service whose blobs a test can spoil, and cut off. */
class Blobs implements Delivery {
  readonly #service = delivery({ clock: () => this.now });
  now = 1_000_000;
  /** Bytes of ciphertext that are taken, and given, before the service is away. */
  mayTake = Infinity;
  mayGive = Infinity;
  taken = 0;
  given = 0;
  spoil: (bytes: Uint8Array<ArrayBuffer>) => Uint8Array<ArrayBuffer> = (bytes) => bytes;

  async connect(login: Parameters<Delivery["connect"]>[0]): Promise<Connection> {
    const connection = await this.#service.connect(login);
    const upload: Connection["upload"] = async (part) => {
      if (this.taken + part.bytes.length > this.mayTake) throw new DeliveryError("unreachable");
      this.taken += part.bytes.length;
      return connection.upload(part);
    };
    const download: Connection["download"] = async (request) => {
      if (this.given + request.length > this.mayGive) throw new DeliveryError("unreachable");
      this.given += request.length;
      return this.spoil(await connection.download(request));
    };
    return new Proxy(connection, {
      get: (target, name: keyof Connection) => {
        if (name === "upload") return upload;
        if (name === "download") return download;
        const value: unknown = Reflect.get(target, name, target);
        return typeof value === "function" ? (value.bind(target) as unknown) : value;
      },
    });
  }
}

async function pair(more: Partial<ClientOptions> = {}): Promise<[Blobs, Person, Person, string]> {
  const blobs = new Blobs();
  const clock = (): number => blobs.now;
  const alice = await person(blobs as never, "alice", "phone", { clock, ...more });
  const bob = await person(blobs as never, "bob", "phone", { clock });
  await settle(alice, bob);
  const { id } = await alice.client.createRoom({ participants: [user("bob")] });
  await settle(alice, bob);
  return [blobs, alice, bob, id];
}

const film = Uint8Array.from({ length: 700_000 }, (_, i) => (i * 7) ^ (i >> 8));
const type = { contentType: "video/mp4", filename: "film.mp4" };

async function downloaded({ client }: Person, room: string, place: bigint, how?: DownloadOptions): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of client.room(room).download(place, how)) chunks.push(chunk);
  return concat(...chunks);
}

async function keys({ options: { store } }: Person, kind: string): Promise<number> {
  let count = 0;
  for await (const { key } of store.range({ prefix: [kind] })) count += key.length > 1 ? 1 : 0;
  return count;
}

async function place({ client }: Person, room: string): Promise<bigint> {
  const [entry] = await client.room(room).timeline();
  return entry?.place ?? 0n;
}

describe("a file", () => {
  it("is uploaded, sent, and downloaded whole, in part, and from where it stopped", async () => {
    const [, alice, bob, room] = await pair();
    const done: number[] = [];
    const caption = { text: "watch this", format: "plain" } as const;
    const { intent } = await alice.client.room(room).send({
      ...{ ...type, attachment: film, as: "video", width: 640, caption },
      onProgress: (progress) => done.push(progress.done / progress.total),
    });
    await settle(alice, bob);
    expect(alice.events).toContainEqual(expect.objectContaining({ kind: "done", intent }));
    expect(done.at(-1)).toBe(1);
    expect(done).toEqual([...done].sort((a, b) => a - b));
    expect(await keys(alice, "upload")).toBe(0);
    const [entry] = await bob.client.room(room).timeline();
    expect(entry?.said).toMatchObject({ kind: "media", caption, attachments: [{ as: "video", width: 640 }] });
    const at = await place(bob, room);
    expect(bytesEqual(await downloaded(bob, room, at), film)).toBe(true);
    expect(
      bytesEqual(
        await downloaded(bob, room, at, { range: { start: 500_000, end: 500_010 } }),
        film.slice(500_000, 500_010),
      ),
    ).toBe(true);
    expect(bytesEqual(await downloaded(bob, room, at, { from: 131_072 }), film.slice(131_072))).toBe(true);
    expect(await keys(bob, "file")).toBe(0);
    await expect(downloaded(bob, room, at, { index: 1 })).rejects.toMatchObject({ code: "file-unknown" });
    await expect(downloaded(bob, room, at, { limit: 1000 })).rejects.toMatchObject({ code: "attachment-limit" });
    await expect(downloaded(bob, room, 99n)).rejects.toMatchObject({ code: "message-unknown" });
    await expect(downloaded(bob, room, at, { start: 1 } as DownloadOptions)).rejects.toThrow(TypeError);
  });

  it("goes on where the service has it, when the process has died and the service was away", async () => {
    const opened: string[] = [];
    const openFile = (name: string): Uint8Array => {
      opened.push(name);
      return film;
    };
    const [blobs, alice, bob, room] = await pair({ openFile });
    blobs.mayTake = 300_000;
    await alice.client.room(room).send({ ...type, attachment: film, source: "/films/1" });
    await alice.client.room(room).send({ text: "is not kept waiting" });
    await settle(alice);
    expect(await alice.client.room(room).uploads()).toMatchObject([{ source: "/films/1", isWaiting: false }]);
    const before = blobs.taken;
    expect(before).toBeGreaterThan(250_000);
    blobs.mayTake = Infinity;
    const again = await reborn(alice);
    await settle(again, bob);
    expect(opened).toEqual(["/films/1"]);
    expect(blobs.taken).toBeLessThan(film.length * 1.15); // nothing was uploaded twice: Padmé adds at most 12 %
    const said = (await bob.client.room(room).timeline()).map((entry) => entry.said?.kind);
    expect(said).toEqual(["media", "text"]);
    expect(bytesEqual(await downloaded(bob, room, await place(bob, room)), film)).toBe(true);
  });

  it("waits for the application where nobody can open it again, and can be given up", async () => {
    const [blobs, alice, bob, room] = await pair();
    blobs.mayTake = 100_000;
    await alice.client.room(room).send({ ...type, attachment: film });
    const { intent } = await alice.client.room(room).send({ ...type, attachment: film });
    await settle(alice);
    blobs.mayTake = Infinity;
    const again = await reborn(alice);
    await settle(again, bob);
    const waiting = await again.client.room(room).uploads();
    expect(waiting.map(({ isWaiting }) => isWaiting)).toEqual([true, true]);
    await again.client.room(room).cancelUpload(intent);
    await expect(again.client.room(room).cancelUpload(intent)).rejects.toMatchObject({ code: "file-unknown" });
    await expect(again.client.room(room).resumeUpload(intent, film)).rejects.toMatchObject({ code: "file-unknown" });
    const [left] = await again.client.room(room).uploads();
    await again.client.room(room).resumeUpload(left?.intent ?? intent, film);
    await settle(again, bob);
    expect(again.events).toContainEqual(expect.objectContaining({ kind: "failed", intent, code: "given-up" }));
    expect(bytesEqual(await downloaded(bob, room, await place(bob, room)), film)).toBe(true);
  });

  it("is not sent where it has changed since, or was given up by its signal", async () => {
    const [blobs, alice, bob, room] = await pair();
    blobs.mayTake = 100_000;
    const { intent } = await alice.client.room(room).send({ ...type, attachment: film });
    await settle(alice);
    blobs.mayTake = Infinity;
    const again = await reborn(alice);
    await settle(again);
    await again.client.room(room).resumeUpload(intent, film.slice().fill(1));
    await settle(again, bob);
    const failed: unknown = expect.objectContaining({
      kind: "failed",
      intent,
      code: "impossible",
      detail: "attachment-changed",
    });
    expect(again.events).toContainEqual(failed);
    const stop = new AbortController();
    const onProgress = (): void => {
      stop.abort();
    };
    const second = await again.client.room(room).send({ ...type, attachment: film, signal: stop.signal, onProgress });
    await settle(again, bob);
    const givenUp: unknown = expect.objectContaining({ kind: "failed", intent: second.intent, code: "given-up" });
    expect(again.events).toContainEqual(givenUp);
    expect(await bob.client.room(room).timeline()).toEqual([]);
    expect(await keys(again, "upload")).toBe(0);
  });

  it("that was spoilt is a coded error, and no byte of the spoilt chunk is given", async () => {
    const [blobs, alice, bob, room] = await pair();
    await alice.client.room(room).send({ ...type, attachment: film });
    await settle(alice, bob);
    const at = await place(bob, room);
    blobs.spoil = (bytes) => {
      const spoilt = bytes.slice();
      spoilt[100_000] = (spoilt[100_000] ?? 0) ^ 1;
      return spoilt;
    };
    const got: number[] = [];
    const all = async (): Promise<void> => {
      for await (const chunk of bob.client.room(room).download(at)) got.push(chunk.length);
    };
    await expect(all()).rejects.toMatchObject({ code: "attachment-damaged" });
    expect(got).toEqual([]); // a chunk is given when the next one has opened
    blobs.spoil = () => new Uint8Array(0);
    await expect(all()).rejects.toMatchObject({ code: "attachment-damaged" });
  });

  it("that is kept goes on by itself, is there without the service, and goes with its message", async () => {
    const [blobs, alice, bob, room] = await pair();
    const sent = { ...type, attachment: film, expires: { relative: false, time: 2_000 } };
    await alice.client.room(room).send(sent);
    await settle(alice, bob);
    const at = await place(bob, room);
    blobs.mayGive = 600_000;
    await expect(downloaded(bob, room, at, { keep: true })).rejects.toMatchObject({ code: "offline" });
    const chunks = await keys(bob, "file");
    expect(chunks).toBeGreaterThan(3);
    blobs.mayGive = Infinity;
    const again = await reborn(bob);
    await settle(again);
    const before = blobs.given;
    expect(bytesEqual(await downloaded(again, room, at, { keep: true }), film)).toBe(true);
    expect(blobs.given - before).toBeLessThan(film.length * 1.15 - (chunks - 1) * 65_536);
    const after = blobs.given;
    expect(bytesEqual(await downloaded(again, room, at, { keep: true, from: 65_536 }), film.slice(65_536))).toBe(true);
    expect(blobs.given).toBe(after);
    blobs.now = 2_000_001;
    again.client.tick();
    await settle(again);
    expect(await keys(again, "file")).toBe(0);
    await expect(downloaded(again, room, at, { keep: true })).rejects.toMatchObject({ code: "message-unknown" });
  });

  it("whose kept part is not of it is found out before its end is given", async () => {
    const [blobs, alice, bob, room] = await pair();
    await alice.client.room(room).send({ ...type, attachment: film });
    await settle(alice, bob);
    const at = await place(bob, room);
    blobs.mayGive = 600_000;
    await expect(downloaded(bob, room, at, { keep: true })).rejects.toMatchObject({ code: "offline" });
    blobs.mayGive = Infinity;
    bob.client.connect();
    await settle(bob);
    const value = new Uint8Array(65_536);
    await bob.options.store.batch([{ put: ["file", room, String(at), "0", 0n], value }]);
    await expect(downloaded(bob, room, at, { keep: true })).rejects.toMatchObject({ code: "attachment-mismatch" });
    expect(bytesEqual(await downloaded(bob, room, at, { keep: true }), film)).toBe(true);
  });

  it("of a message that is taken back is not kept", async () => {
    const [, alice, bob, room] = await pair();
    await alice.client.room(room).send({ ...type, attachment: film.subarray(0, 100_000) });
    await settle(alice, bob);
    const at = await place(bob, room);
    await downloaded(bob, room, at, { keep: true });
    expect(await keys(bob, "file")).toBe(2);
    const [entry] = await alice.client.room(room).timeline();
    if (entry !== undefined) await alice.client.room(room).unsend(entry.id);
    await settle(alice, bob);
    expect(await keys(bob, "file")).toBe(0);
  });

  it("is refused before anything is stored where it is none", async () => {
    const [, alice, , room] = await pair();
    const send = (what: object): Promise<unknown> => alice.client.room(room).send(what as { text: string });
    await expect(send({ ...type, attachment: "film" })).rejects.toThrow(TypeError);
    await expect(send({ attachment: film })).rejects.toThrow(TypeError);
    await expect(send({ ...type, attachment: film, name: "x" })).rejects.toThrow(TypeError);
    await expect(send({ ...type, attachment: film, signal: AbortSignal.abort() })).rejects.toThrow();
    expect(await keys(alice, "upload")).toBe(0);
  });
});
