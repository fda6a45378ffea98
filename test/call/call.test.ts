/** A call follows its group: keys, participants, codes, events, and the end. */

import { describe, expect, expectTypeOf, it } from "vitest";
import type { CallBackend } from "../../src/call/backend.ts";
import { Call } from "../../src/call/call.ts";
import type { EngineCommand, EngineEvent, EpochCommand } from "../../src/call/engine/protocol.ts";
import type { EpochSource } from "../../src/call/epoch-source.ts";
import type { CallEvent } from "../../src/call/events.ts";
import { localBackend } from "../../src/call/local-backend.ts";
import type { Participant } from "../../src/call/participants.ts";
import type { Group } from "../../src/group/group.ts";
import { basic } from "../../src/public-group/identity.ts";
import { sframeSuite } from "../../src/sframe/suites.ts";
import { client, commitTo, groupOf } from "../group/world.ts";
import { settled, VirtualClock } from "./virtual-clock.ts";

/** A group whose epochs the test begins, and whose exporter answers when it likes. */
class FakeSource implements EpochSource {
  readonly id = Uint8Array.of(1);
  readonly self = { leafIndex: 0 };
  readonly treeWidth = 4;
  readonly epochAuthenticator = new Uint8Array(32);
  readonly exported: Uint8Array[] = [];
  /** How to answer for an epoch. Default: at once, with its number. */
  readonly answers = new Map<bigint, (key: Uint8Array) => Promise<Uint8Array> | Uint8Array>();
  isGone = false;
  epoch = 1n;
  keys = ["a", "b"];
  #listener: (() => void) | undefined;

  get members(): EpochSource["members"] {
    return this.keys.map((name, leafIndex) => ({
      leafIndex,
      credential: basic(name),
      signatureKey: Uint8Array.of(name.charCodeAt(0)),
    }));
  }

  exportSecret(label: string, context: Uint8Array, length: number): Promise<Uint8Array> | Uint8Array {
    expect([label, context.length]).toEqual(["SFrame 1.0 Base Key", 0]);
    const key = new Uint8Array(length).fill(Number(this.epoch));
    this.exported.push(key);
    return this.answers.get(this.epoch)?.(key) ?? key;
  }

  onEpoch(listener: () => void): () => void {
    this.#listener = listener;
    return () => {
      this.#listener = undefined;
    };
  }

  get isFollowed(): boolean {
    return this.#listener !== undefined;
  }

  begin(epoch: bigint, keys = this.keys): void {
    this.epoch = epoch;
    this.keys = keys;
    this.#listener?.();
  }

  end(): void {
    this.isGone = true;
    this.#listener?.();
  }
}

/** A backend that remembers. */
class FakeBackend implements CallBackend {
  readonly suite = sframeSuite(4);
  readonly posted: EngineCommand[] = [];
  readonly transferred: (readonly ArrayBuffer[])[] = [];
  isClosed = false;
  #listener: ((event: EngineEvent) => void) | undefined;

  post(command: EngineCommand, transfer: readonly ArrayBuffer[] = []): void {
    this.posted.push(command);
    this.transferred.push(transfer);
  }

  onEvent(listener: (event: EngineEvent) => void): () => void {
    this.#listener = listener;
    return () => {
      this.#listener = undefined;
    };
  }

  report(event: EngineEvent): void {
    this.#listener?.(event);
  }

  close(): void {
    this.isClosed = true;
  }

  /** The epochs that were announced, and what came with them: the first byte of a key, or nothing. */
  get epochs(): readonly string[] {
    return this.posted.flatMap((command) =>
      command.kind === "epoch" ? [`${String(command.epoch)}: ${String(command.baseKey?.[0] ?? "announced")}`] : [],
    );
  }
}

/** A call over fakes, and every event of it. */
function fakeCall(prepare: (source: FakeSource) => void = () => undefined): {
  readonly source: FakeSource;
  readonly backend: FakeBackend;
  readonly call: Call;
  readonly clock: VirtualClock;
  readonly events: CallEvent[];
} {
  const [source, backend, clock] = [new FakeSource(), new FakeBackend(), new VirtualClock()];
  prepare(source);
  const call = new Call({ source, backend, scheduler: clock });
  const events: CallEvent[] = [];
  const kinds = [
    "epoch",
    "sending",
    "erased",
    "seen",
    "dropped",
    "keyFrameNeeded",
    "rekeyNeeded",
    "keyMissing",
  ] as const;
  for (const kind of [...kinds, "ended", "failed"] as const) call.on(kind, (event) => events.push(event));
  return { source, backend, call, clock, events };
}

/** A promise and what settles it. */
function deferred(): {
  readonly promise: Promise<Uint8Array>;
  readonly resolve: (key: Uint8Array) => void;
  readonly reject: (error: Error) => void;
} {
  let resolve!: (key: Uint8Array) => void;
  let reject!: (error: Error) => void;
  const promise = new Promise<Uint8Array>((fulfil, refuse) => {
    resolve = fulfil;
    reject = refuse;
  });
  return { promise, resolve, reject };
}

const names = (participants: readonly Participant[]): string[] =>
  participants.map(({ signatureKey }) => String.fromCharCode(signatureKey[0]!));

it("takes a Group as it is", () => {
  expectTypeOf<Group>().toExtend<EpochSource>();
});

describe("keys", () => {
  it("are exported once an epoch, handed over with their buffer, and wiped where they came from", () => {
    const { source, backend } = fakeCall();
    source.begin(1n);
    source.begin(2n);
    source.begin(2n);
    source.begin(1n);
    expect(backend.epochs).toEqual(["1: 1", "2: 2"]);
    expect(source.exported).toEqual([new Uint8Array(16), new Uint8Array(16)]);
    for (const [i, command] of backend.posted.entries()) {
      expect(backend.transferred[i]).toEqual([(command as EpochCommand).baseKey!.buffer]);
      expect((command as EpochCommand).baseKey).not.toBe(source.exported[i]);
    }
  });

  it("follow their epoch where exporting takes time, in the order of the epochs", async () => {
    const [first, second] = [deferred(), deferred()];
    const { source, backend } = fakeCall(({ answers }) => {
      answers.set(1n, () => first.promise);
      answers.set(2n, () => second.promise);
    });
    source.begin(2n);
    second.resolve(new Uint8Array(16).fill(2));
    await settled();
    expect(backend.epochs).toEqual(["1: announced", "2: announced"]);
    source.begin(3n);
    first.resolve(new Uint8Array(16).fill(1));
    await settled();
    expect(backend.epochs).toEqual(["1: announced", "2: announced", "3: announced", "1: 1", "2: 2", "3: 3"]);
  });

  it("do not wait forever for one that does not come, and it comes too late", async () => {
    const never = deferred();
    const { source, backend, clock, events } = fakeCall(({ answers }) => {
      answers.set(2n, () => never.promise);
    });
    source.begin(2n);
    source.begin(3n);
    clock.advance(999);
    source.begin(4n); // which gives the missing one no more time
    expect(backend.epochs).toEqual(["1: 1", "2: announced", "3: announced", "4: announced"]);
    clock.advance(1);
    expect(backend.epochs.slice(4)).toEqual(["3: 3", "4: 4"]);
    expect(events).toContainEqual(expect.objectContaining({ kind: "keyMissing", epoch: 2n }));
    const late = new Uint8Array(16).fill(2);
    never.resolve(late);
    await settled();
    expect(backend.epochs).toHaveLength(6);
    expect(late).toEqual(new Uint8Array(16));
    expect(clock.timers).toBe(0);
  });

  it.each<[string, (key: Uint8Array) => Promise<Uint8Array> | Uint8Array]>([
    ["rejects", () => Promise.reject(new Error("no"))],
    [
      "throws",
      () => {
        throw new Error("no");
      },
    ],
    ["gives too few bytes", () => new Uint8Array(15)],
    ["gives something else", () => "key" as never],
  ])("are missed where the exporter %s: the epoch counts all the same", async (_, answer) => {
    const { source, backend, events } = fakeCall(({ answers }) => answers.set(2n, answer));
    source.begin(2n);
    await settled();
    source.begin(3n);
    expect(backend.epochs).toEqual(["1: 1", "2: announced", "3: 3"]);
    expect(events.filter(({ kind }) => kind === "keyMissing")).toHaveLength(1);
  });
});

describe("participants", () => {
  it("keep their numbers, whichever leaf they are at, and are told when they come and go", () => {
    const { source, call, events } = fakeCall();
    const before = call.participants;
    expect(names(before)).toEqual(["a", "b"]);
    expect(before.map(({ isSelf }) => isSelf)).toEqual([true, false]);
    source.begin(2n, ["a", "c", "b"]);
    const [, c, b] = call.participants;
    expect(b).toMatchObject({ id: before[1]!.id, leafIndex: 2, credential: basic("b") });
    source.begin(3n, ["a", "d", "b"]);
    expect(call.participants[1]!.id).not.toBe(c!.id);
    const changes = events.filter((event) => event.kind === "epoch");
    expect(changes.map(({ joined, left }) => [names(joined), names(left)])).toEqual([
      [["c"], []],
      [["d"], ["c"]],
    ]);
    expect(call.participant(c!.id)).toMatchObject({ leafIndex: 1 });
  });

  it("are forgotten with the last epoch that they were in", () => {
    const { source, backend, call } = fakeCall();
    const [, b] = call.participants;
    source.begin(2n, ["a"]);
    expect(call.participant(b!.id)).toBeDefined();
    backend.report({ kind: "erased", epoch: 1n });
    expect(call.participant(b!.id)).toBeUndefined();
    expect(names(call.participants)).toEqual(["a"]);
  });

  it("stand in events instead of their numbers", () => {
    const { backend, call, events } = fakeCall();
    const participant = call.participants[1]!;
    const drop = { kind: "dropped", track: "t", direction: "incoming", cause: "replayed" } as const;
    backend.report({ kind: "seen", track: "t", participant: participant.id, epoch: 1n });
    backend.report({ ...drop, participant: participant.id });
    backend.report({ ...drop, participant: 999 });
    expect(events).toEqual([{ kind: "seen", track: "t", participant, epoch: 1n }, { ...drop, participant }, drop]);
  });
});

describe("statistics", () => {
  it("answer whoever asked", async () => {
    const { backend, call } = fakeCall();
    const asked = [call.statistics(), call.statistics()];
    const ids = backend.posted.flatMap((command) => (command.kind === "statistics" ? [command.id] : []));
    const statistics = { epoch: 1n } as never;
    backend.report({ kind: "statistics", id: ids[1]!, statistics });
    backend.report({ kind: "statistics", id: 12_345, statistics });
    await expect(asked[1]).resolves.toBe(statistics);
    call.close();
    await expect(asked[0]).rejects.toMatchObject({ code: "call-over" });
    await expect(call.statistics()).rejects.toMatchObject({ code: "call-over" });
  });
});

describe("the end", () => {
  it("of the group ends the call, and its engine", () => {
    const { source, backend, call, events } = fakeCall();
    source.end();
    expect(backend.posted.at(-1)).toEqual({ kind: "end" });
    expect(events.at(-1)).toEqual({ kind: "ended" });
    expect([call.isOver, source.isFollowed]).toEqual([true, false]);
    expect(() => call.verification).toThrow(expect.objectContaining({ code: "call-over" }));
  });

  it("of the group may have come before the call", () => {
    const { backend, call } = fakeCall((source) => {
      source.isGone = true;
    });
    expect(backend.posted).toEqual([{ kind: "end" }]);
    expect(call.isOver).toBe(true);
  });

  it("by closing closes the engine, and wipes keys that are on their way", async () => {
    const slow = deferred();
    const { source, backend, call } = fakeCall(({ answers }) => answers.set(2n, () => slow.promise));
    source.begin(2n);
    call.close();
    expect([backend.isClosed, call.isOver, source.isFollowed]).toEqual([true, true, false]);
    const key = new Uint8Array(16).fill(2);
    slow.resolve(key);
    await settled();
    expect(key).toEqual(new Uint8Array(16));
    expect(backend.epochs).toEqual(["1: 1", "2: announced"]);
  });

  it("comes before it has begun where its options can't be", () => {
    for (const exportPatience of [-1, 0.5, NaN, 2 ** 31]) {
      const make = (): Call => new Call({ source: new FakeSource(), backend: new FakeBackend(), exportPatience });
      expect(make).toThrow(TypeError);
    }
  });

  it("comes once, and nothing after it, whatever a group still tells", () => {
    let stopped = 0;
    let tell: () => void = () => undefined;
    const { source, backend, call } = fakeCall((source) => {
      source.onEpoch = (listener) => {
        tell = listener;
        return () => stopped++;
      };
    });
    call.close();
    call.close();
    source.begin(2n);
    tell();
    expect(stopped).toBe(1);
    expect(backend.epochs).toEqual(["1: 1"]);
  });

  it("comes when the engine fails", () => {
    const { backend, call, events } = fakeCall();
    backend.report({ kind: "failed", detail: "worker" });
    expect(call.isOver).toBe(true);
    expect(events.at(-1)).toEqual({ kind: "failed", detail: "worker" });
  });

  it("is not brought about by a listener that throws, and a listener can leave", () => {
    const { source, call } = fakeCall();
    let told = 0;
    call.on("epoch", () => {
      throw new Error("the listener's own");
    });
    const stop = call.on("epoch", () => told++);
    source.begin(2n);
    stop();
    source.begin(3n);
    expect(told).toBe(1);
  });
});

describe("over real groups", () => {
  const media = { codec: "opus", isKeyFrame: true } as const;

  it("frames pass through joins and leaves, and who left reads nothing more", async () => {
    const clock = new VirtualClock();
    const groups = await groupOf(await Promise.all(["alice", "bob", "carol"].map((name) => client(name))));
    const callers = groups.map((source) => {
      const backend = localBackend({ scheduler: clock });
      const heard: string[] = [];
      const call = new Call({ source, backend, scheduler: clock });
      const speaker = backend.engine.incoming<string>({
        track: "speaker",
        kind: "audio",
        deliver: (frame) => heard.push(frame),
      });
      return { call, heard, microphone: backend.engine.outgoing({ track: "mic", kind: "audio" }), speaker };
    });
    const [alice, bob, carol] = callers as [(typeof callers)[0], (typeof callers)[0], (typeof callers)[0]];
    const say = async (from: (typeof callers)[0], name: string): Promise<void> => {
      const data = await from.microphone.seal({ data: Uint8Array.of(1, 2, 3), ...media });
      for (const to of callers) if (to !== from) to.speaker.push(name, { data: data!, ...media });
      await settled();
    };
    await say(alice, "hello");
    await say(bob, "hi");
    expect([alice.heard, bob.heard, carol.heard]).toEqual([["hi"], ["hello"], ["hello", "hi"]]);
    expect(carol.call.verification).toEqual(alice.call.verification);

    await commitTo(groups, groups[0]!, { remove: [2] });
    expect(carol.call.isOver).toBe(true);
    expect(bob.call.participants).toHaveLength(2);
    expect(bob.call.verification.epoch).toBe(2n);
    await say(alice, "still with the old epoch");
    clock.advance(1000);
    await say(alice, "with the new one");
    expect(bob.heard.slice(1)).toEqual(["still with the old epoch", "with the new one"]);
    expect(carol.heard).toEqual(["hello", "hi"]);
    expect((await bob.call.statistics()).participants[0]).toMatchObject({ passed: 3, epoch: 2n });
    for (const { call } of callers) call.close();
    expect(clock.timers).toBe(0);
  });
});
