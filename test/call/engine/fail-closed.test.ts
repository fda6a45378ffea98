/** Whatever goes wrong, a frame leaves sealed or not at all. */

import { describe, expect, it } from "vitest";
import type { CodecName, FrameCodec } from "../../../src/call/media.ts";
import { webCrypto } from "../../../src/sframe/web-crypto.ts";
import { settled } from "../virtual-clock.ts";
import { bytes, epochCommand, Party, sealed } from "./world.ts";

describe("nothing is sent", () => {
  it("before there is a key", async () => {
    const alice = new Party(0);
    expect(await alice.seal(bytes(1))).toBeUndefined();
    alice.enter(5, { key: "missing" });
    expect(await alice.seal(bytes(1))).toBeUndefined();
    expect(alice.causes).toEqual(["no-key"]);
    expect(alice.track("out").dropped).toEqual({ "no-key": 2 });
  });

  it("of a codec that is not known", async () => {
    const alice = new Party(0);
    alice.enter(5);
    expect(await alice.seal(bytes(1), "h265" as CodecName)).toBeUndefined();
    expect(alice.causes).toEqual(["codec"]);
  });

  it("of a backup codec that the track may not carry", async () => {
    const alice = new Party(0);
    alice.enter(5);
    const track = alice.engine.outgoing({ track: "camera", kind: "video", codecs: ["vp8"] });
    expect(await track.seal({ data: bytes(1, 2), codec: "vp8", isKeyFrame: true })).toBeDefined();
    expect(await track.seal({ data: bytes(1, 2), codec: "opus", isKeyFrame: true })).toBeUndefined();
  });

  it("that its codec does not know for one of its own", async () => {
    const alice = new Party(0);
    alice.enter(5);
    expect(await alice.seal(bytes(1), "vp8")).toBeUndefined();
    expect(alice.causes).toEqual(["foreign"]);
  });

  it.each<[string, Partial<FrameCodec>]>([
    ["split", { split: () => fail() }],
    ["compose", { split: (secret) => ({ secret, metadata: new Uint8Array(0), compose: () => fail() }) }],
  ])("where a codec's %s throws", async (_, broken) => {
    const codec: FrameCodec = { name: "opus", split: () => undefined, join: () => undefined, ...broken };
    const alice = new Party(0, { codecs: () => codec });
    alice.enter(5);
    expect(await alice.seal(bytes(1))).toBeUndefined();
    expect(alice.events).toContainEqual({
      kind: "dropped",
      track: "out",
      direction: "outgoing",
      cause: "failed",
      detail: "RangeError",
    });
  });

  it("where the cryptography fails", async () => {
    const subtle = new Proxy(crypto.subtle, {
      get: (target, name: keyof SubtleCrypto) =>
        name === "encrypt" ? () => Promise.reject(new DOMException("no", "OperationError")) : target[name].bind(target),
    });
    const alice = new Party(0, { crypto: webCrypto({ subtle }) });
    alice.enter(5);
    expect(await alice.seal(bytes(1))).toBeUndefined();
    expect(alice.causes).toEqual(["failed"]);
  });

  it("after the track or the engine is closed, or the group is over", async () => {
    for (const end of [
      (party: Party) => {
        party.out.close();
      },
      (party: Party) => {
        party.engine.close();
      },
      (party: Party) => {
        party.engine.handle({ kind: "end" });
      },
    ]) {
      const alice = new Party(0);
      alice.enter(5);
      end(alice);
      expect(await alice.seal(bytes(1))).toBeUndefined();
      expect(alice.causes).toEqual(["closed"]);
    }
  });

  it("of a track that is made when it is too late", async () => {
    const alice = new Party(0);
    alice.enter(5);
    alice.engine.close();
    alice.enter(6);
    const track = alice.engine.outgoing({ track: "late", kind: "audio" });
    expect(await track.seal({ data: bytes(1), codec: "opus", isKeyFrame: true })).toBeUndefined();
  });
});

describe("an engine that can't trust what it is told", () => {
  it.each([
    ["a base key of another length", { ...epochCommand(6, { leafIndex: 0 }), baseKey: new Uint8Array(31) }],
    ["a leaf outside the tree", epochCommand(6, { leafIndex: 4 })],
    ["a tree of no width", epochCommand(6, { leafIndex: 0, treeWidth: 0 })],
    ["something else", { kind: "hello" } as never],
    ["nothing", undefined as never],
  ])("fails, and neither seals nor opens: %s", async (_, command) => {
    const [alice, bob] = [new Party(0), new Party(1)];
    alice.enter(5);
    bob.enter(5);
    const frame = await sealed(bob);
    expect(() => {
      alice.engine.handle(command);
    }).not.toThrow();
    expect(alice.events.filter(({ kind }) => kind === "failed")).toHaveLength(1);
    expect(await alice.seal(bytes(1))).toBeUndefined();
    alice.push("frame", frame);
    alice.enter(7);
    await settled();
    expect(alice.delivered).toEqual([]);
    expect(alice.causes).toEqual(["failed", "failed"]);
  });

  it("says so once, and nothing where it was closed; how it ended first stays the cause", async () => {
    const nonsense = { kind: "hello" } as never;
    const [alice, bob] = [new Party(0), new Party(1)];
    alice.engine.handle(nonsense);
    alice.engine.handle(nonsense);
    alice.engine.close();
    bob.engine.close();
    bob.engine.handle(nonsense);
    await alice.seal(bytes(1));
    await bob.seal(bytes(1));
    const failures = [alice, bob].map(({ events }) => events.filter(({ kind }) => kind === "failed").length);
    expect(failures).toEqual([1, 0]);
    expect([alice.causes, bob.causes]).toEqual([["failed"], ["closed"]]);
  });

  it("wipes the key that it was given", () => {
    const alice = new Party(0);
    alice.engine.close();
    const command = epochCommand(5, { leafIndex: 0 });
    alice.engine.handle(command);
    expect(command.baseKey).toEqual(new Uint8Array(16));
  });

  it("erases a key with its epoch", () => {
    const alice = new Party(0);
    const command = epochCommand(5, { leafIndex: 0 });
    alice.engine.handle(command);
    expect(command.baseKey).not.toEqual(new Uint8Array(16));
    alice.engine.close();
    expect(command.baseKey).toEqual(new Uint8Array(16));
    expect(alice.clock.timers).toBe(0);
  });
});

function fail(): never {
  throw new RangeError("secret");
}
