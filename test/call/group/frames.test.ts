/** A call over the group of its devices: frames pass between those who are in, and nobody else reads them. */

import { describe, expect, it } from "vitest";
import { Call } from "../../../src/call/call.ts";
import type { DropCause } from "../../../src/call/engine/protocol.ts";
import { localBackend, type LocalBackend } from "../../../src/call/local-backend.ts";
import type { Participant } from "../../../src/call/participants.ts";
import { cipherSuite } from "../../../src/crypto/choose.ts";
import { nodeProvider } from "../../../src/crypto/node.ts";
import { withPostQuantumSuites } from "../../../src/crypto/pq/post-quantum.ts";
import type { CipherSuite } from "../../../src/crypto/provider.ts";
import { baseKeyLabel } from "../../../src/sframe/mls-kid.ts";
import { World, type Device } from "../../simulation/world.ts";
import { settled } from "../virtual-clock.ts";

/** What somebody hears of a track. */
interface Heard {
  readonly frames: Uint8Array[];
  readonly causes: DropCause[];
  push(data: Uint8Array): Promise<void>;
}

function hearing(backend: LocalBackend): Heard {
  const frames: Uint8Array[] = [];
  const causes: DropCause[] = [];
  const deliver = (_frame: undefined, data: Uint8Array): unknown => frames.push(data);
  const track = backend.engine.incoming<undefined>({ track: "in", kind: "audio", deliver });
  backend.onEvent((event) => event.kind === "dropped" && causes.push(event.cause));
  const push = (data: Uint8Array): Promise<void> => {
    track.push(undefined, { data, codec: "opus", isKeyFrame: false });
    return settled();
  };
  return { frames, causes, push };
}

/** A device in the call, with its microphone and its loudspeaker. */
class Talker {
  readonly heard: Heard;
  readonly seen: Participant[] = [];
  readonly call: Call;
  readonly #backend: LocalBackend;
  readonly #microphone: ReturnType<LocalBackend["engine"]["outgoing"]>;

  constructor({ clock }: World, device: Device) {
    this.#backend = localBackend({ scheduler: clock });
    this.call = new Call({ source: device.call!, backend: this.#backend, scheduler: clock });
    this.call.on("seen", ({ participant }) => this.seen.push(participant));
    this.#microphone = this.#backend.engine.outgoing({ track: "out", kind: "audio" });
    this.heard = hearing(this.#backend);
  }

  /** Say something, and let these hear it. Gives what was sent, if anything was. */
  async say(word: string, ...to: readonly { readonly heard: Heard }[]): Promise<Uint8Array | undefined> {
    const sealed = await this.#microphone.seal({ data: Buffer.from(word), codec: "opus", isKeyFrame: false });
    for (const { heard } of to) if (sealed !== undefined) await heard.push(sealed);
    return sealed;
  }
}

const wordsOf = ({ heard }: { readonly heard: Heard }): readonly string[] =>
  heard.frames.map((frame) => Buffer.from(frame).toString());

/** Devices of a chat that are in its call, the others outside. */
async function callOf(
  inCall: number,
  devices: number,
  suite?: CipherSuite,
): Promise<{ world: World; talkers: readonly Talker[] }> {
  const world = await World.create({ devices, ...(suite && { suite }) });
  await world.start(world.device(0));
  for (const device of world.devices.slice(1, inCall)) world.join(device);
  await world.clock.run(3_000);
  return { world, talkers: world.devices.slice(0, inCall).map((device) => new Talker(world, device)) };
}

/** An engine of a device that keeps every key that it can get, and tells its call nothing. */
function keeper(world: World, { call }: Device): { readonly heard: Heard } {
  const backend = localBackend({ scheduler: world.clock, eraseDelay: 2 ** 30 });
  const { epoch, self, treeWidth, members } = call!;
  backend.post({
    kind: "epoch",
    epoch,
    leafIndex: self.leafIndex,
    treeWidth,
    members: Array.from(members, ({ leafIndex }) => ({ leafIndex, participant: leafIndex })),
    baseKey: call!.exportSecret(baseKeyLabel, new Uint8Array(0), backend.suite.keyLength),
  });
  return { heard: hearing(backend) };
}

describe("a call over its own group", () => {
  it("carries frames from each device to all others, under the name that the chat knows", async () => {
    const { world, talkers } = await callOf(3, 3);
    for (const [place, talker] of talkers.entries()) {
      await talker.say(`word ${String(place)}`, ...talkers.filter((other) => other !== talker));
    }
    expect(talkers.map(wordsOf)).toEqual([
      ["word 1", "word 2"],
      ["word 0", "word 2"],
      ["word 0", "word 1"],
    ]);
    expect(talkers[0]!.seen.map(({ signatureKey }) => signatureKey)).toEqual(
      [1, 2].map((place) => world.device(place).client.identity.signatureKey),
    );
    const codes = talkers.map(({ call }) => call.verification.digits);
    expect(new Set(codes).size).toBe(1);
  });

  it("carries them in a post-quantum suite", async () => {
    const suite = cipherSuite(
      "MLS_128_MLKEM768X25519_AES128GCM_SHA256_Ed25519",
      await withPostQuantumSuites(nodeProvider),
    );
    const { world, talkers } = await callOf(2, 3, suite);
    const [alice, bob] = talkers as [Talker, Talker];
    await alice.say("hello", bob);
    world.join(world.device(2));
    await world.clock.run(5_000);
    const carol = new Talker(world, world.device(2));
    await alice.say("all of you", bob, carol);
    expect(talkers.map(wordsOf)).toEqual([[], ["hello", "all of you"]]);
    expect(wordsOf(carol)).toEqual(["all of you"]);
    expect(world.device(2).chat.suite).toBe(suite);
  });

  it("leaves a device that has left with nothing new, whatever keys it kept", async () => {
    const { world, talkers } = await callOf(3, 3);
    const [alice, bob, carol] = talkers as [Talker, Talker, Talker];
    const kept = keeper(world, world.device(2));
    await alice.say("before", bob, carol, kept);
    expect([bob, carol, kept].map(wordsOf)).toEqual([["before"], ["before"], ["before"]]);

    await world.device(2).call!.leave();
    await world.clock.run(3_000);
    expect(carol.call.isOver).toBe(true);
    const after = await alice.say("after", bob, carol, kept);
    expect(after).toBeDefined();
    expect(wordsOf(bob)).toEqual(["before", "after"]);
    expect(wordsOf(carol)).toEqual(["before"]);
    await world.clock.run(2_000); // for which the keeper holds the frame
    expect(wordsOf(kept)).toEqual(["before"]);
    expect(kept.heard.causes).toEqual(["unknown-key"]);
    expect(await carol.say("still here", alice)).toBeUndefined();
    expect(alice.call.participants).toHaveLength(2);
  });

  it("lets a device that comes later hear what is said from then on, and nothing from before", async () => {
    const { world, talkers } = await callOf(2, 3);
    const [alice, bob] = talkers as [Talker, Talker];
    const before = await alice.say("before", bob);
    world.join(world.device(2));
    await world.clock.run(5_000);
    const carol = new Talker(world, world.device(2));
    await carol.heard.push(before!);
    await alice.say("after", bob, carol);
    await carol.say("hello", alice, bob);
    await world.clock.run(2_000);
    expect([alice, bob, carol].map(wordsOf)).toEqual([["hello"], ["before", "after", "hello"], ["after"]]);
  });
});
