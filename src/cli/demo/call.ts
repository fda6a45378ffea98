/**
 * The second part of the story: a call, whose media keys come from the group's epochs. RFC 9605 section 5.2.
 */

import { bytesEqual } from "../../bytes/compare.ts";
import { platformRandom } from "../../crypto/random.ts";
import { Group } from "../../group/group.ts";
import { createKeyPackage } from "../../group/joining/key-package-bundle.ts";
import { readSFrameHeader } from "../../sframe/header.ts";
import { MlsSFrame } from "../../sframe/mls.ts";
import { sframeBaseKey, type MlsExporter } from "../../sframe/mls-kid.ts";
import { SFrameReceiver } from "../../sframe/receiver.ts";
import { sframeSuite } from "../../sframe/suites.ts";
import {
  listed,
  member,
  moveTo,
  newPerson,
  refuses,
  showEpoch,
  sizeText,
  toOthers,
  type Participant,
  type Scene,
} from "./scene.ts";

/** AES_128_GCM_SHA256_128 */
const suite = sframeSuite(4);
/** How many bits of the epoch a frame's key id carries: the keys of 2^4 epochs can be told apart. */
const epochBits = 4;

const media = [
  { what: "audio", bytes: 100 },
  { what: "small video", bytes: 1_200 },
  { what: "large video", bytes: 20_000 },
] as const;
/** Frames that each sender sends of each size, in each epoch. */
const frameCount = 10;

/** A frame on its way. */
interface Sent {
  readonly from: Participant;
  readonly plaintext: Uint8Array;
  readonly frame: Uint8Array;
}

/** Who is in the call, each with the media keys of the epochs that they were in. */
type Call = Map<Participant, MlsSFrame>;

/** Tell it. */
export async function tellCall(scene: Scene): Promise<void> {
  const { narrator } = scene;
  const call: Call = new Map();

  narrator.chapter("A call begins");
  narrator.say(
    "Each epoch of the group gives the keys for the frames of a call: nobody has to be",
    `asked or told. The frames are SFrame (RFC 9605), ${suite.name}.`,
    "",
  );
  for (const participant of scene.members) call.set(participant, new MlsSFrame({ suite, epochBits }));
  const first = await talk(scene, call);
  await narrator.check("a frame that is sent a second time is refused", () => {
    const { from, frame } = first[0]!;
    const [listener] = [...call].filter(([participant]) => participant !== from);
    return refuses("sframe-replay", () => listener![1].open(frame));
  });

  narrator.chapter("Erin is added during the call");
  const late = sealFrame(call, member(scene, "Dave"), mediaFrame(scene, 1_200));
  scene.server.carry(late.frame);
  await addErin(scene);
  await showEpoch(scene);
  call.set(member(scene, "Erin"), new MlsSFrame({ suite, epochBits }));
  await talk(scene, call);
  await narrator.check("a late frame of Dave's from the epoch before still opens", () => {
    const frames = call.get(member(scene, "Alice"))!;
    return bytesEqual(frames.open(late.frame).plaintext, late.plaintext);
  });
  await narrator.check("Erin, who was not there, can't open it", () =>
    refuses("sframe-unknown-kid", () => call.get(member(scene, "Erin"))!.open(late.frame)),
  );

  narrator.chapter("Carol takes fresh keys during the call");
  const carol = member(scene, "Carol");
  const pending = await narrator.step("Carol commits fresh keys", () => carol.group.commit({ path: true }));
  await narrator.step("the others follow", () => toOthers(scene, carol, pending.commit));
  await carol.group.apply(pending);
  await showEpoch(scene);
  await talk(scene, call);
}

async function addErin(scene: Scene): Promise<void> {
  const { narrator, options, server } = scene;
  const dave = member(scene, "Dave");
  const erin = await newPerson(scene, "Erin");
  const bundle = await createKeyPackage({ identity: erin.identity });
  const pending = await narrator.step("Dave makes a commit that adds her", () =>
    dave.group.commit({ add: [server.carry(bundle.keyPackage)], path: true }),
  );
  await narrator.step("the others follow", () => toOthers(scene, dave, pending.commit));
  await dave.group.apply(pending);
  const welcome = server.carry(pending.welcome ?? new Uint8Array(0));
  const group = await narrator.step("Erin joins with the welcome", () =>
    Group.join({ ...options, identity: erin.identity, welcome, keyPackages: [bundle] }),
  );
  scene.members = [...scene.members, { ...erin, group }];
}

/** Everybody takes the epoch's keys, talks to all others, and the thief listens. */
async function talk(scene: Scene, call: Call): Promise<readonly Sent[]> {
  const { narrator } = scene;
  const { epoch } = scene.members[0]!.group;
  await narrator.step(`everybody derives the media keys of epoch ${epoch}`, () => {
    for (const [{ group }, frames] of call) {
      const { self, treeWidth } = group;
      frames.addEpoch({ epoch: group.epoch, leafIndex: self.leafIndex, treeWidth, exporter: exporterOf(group) });
    }
  });
  narrator.say("");
  const sent: Sent[] = [];
  let opened = 0;
  let expected = 0;
  for (const { what, bytes } of media) {
    const raw = [...call.keys()].flatMap((from) =>
      Array.from({ length: frameCount }, () => ({ from, plaintext: mediaFrame(scene, bytes) })),
    );
    const sealing = performance.now();
    const frames = raw.map(({ from, plaintext }) => sealFrame(call, from, plaintext));
    const opening = performance.now();
    const right = openAll(call, frames);
    const end = performance.now();
    for (const { frame } of frames) scene.server.carry(frame);
    opened += right;
    expected += frames.length * (call.size - 1);
    sent.push(...frames);
    narrator.say(
      [
        what.padEnd(12),
        sizeText(bytes).padStart(6),
        `${frames.length} sealed in ${(opening - sealing).toFixed(1)} ms`.padStart(24),
        `${right} opened in ${(end - opening).toFixed(1)} ms`.padStart(24),
      ].join("  "),
    );
  }
  narrator.say("");
  const names = listed([...call.keys()].map(({ name }) => name));
  await narrator.check(`${names}: each has opened every frame of the others, byte for byte`, () => opened === expected);
  await thiefListens(scene, sent);
  return sent;
}

/** What a camera or a microphone would give. */
function mediaFrame({ server }: Scene, bytes: number): Uint8Array {
  return server.mustNotSee(platformRandom(bytes));
}

function sealFrame(call: Call, from: Participant, plaintext: Uint8Array): Sent {
  const frame = call.get(from)!.sender({ epoch: from.group.epoch }).encrypt(plaintext);
  return { from, plaintext, frame };
}

/** Let everybody open everybody else's frames: how many came out as they were, under their sender's name. */
function openAll(call: Call, sent: readonly Sent[]): number {
  let right = 0;
  for (const [listener, frames] of call) {
    for (const { from, plaintext, frame } of sent) {
      if (from === listener) continue;
      const opened = frames.open(frame);
      if (opened.leafIndex === from.group.self.leafIndex && bytesEqual(opened.plaintext, plaintext)) right++;
    }
  }
  return right;
}

/**
 * The removed member's attempt on every frame: with the keys of the last epoch that it was in, and with those of the
 * epoch that it has made up. What an honest member's keys do in its place is the control.
 */
async function thiefListens(scene: Scene, sent: readonly Sent[]): Promise<void> {
  const { narrator, thief, options, members } = scene;
  if (thief === undefined) throw new TypeError("nothing was stolen");
  const { person, snapshot, group } = thief;
  const { epoch } = members[0]!.group;
  await moveTo(group, epoch);
  const old = await Group.restore({ ...options, identity: person.identity, snapshot });
  await narrator.check(
    `the removed member opens none of these ${sent.length} frames, with its last keys or its own epoch ${epoch}'s`,
    async () => {
      const attempts = sent.flatMap(({ frame }) => [old, group].map((stolen) => ({ frame, stolen })));
      const refusals = attempts.map(({ frame, stolen }) => refuses("sframe-open", () => openWith(stolen, frame)));
      const control = sent.every(({ frame, plaintext }) => bytesEqual(openWith(members[0]!.group, frame), plaintext));
      return group.epoch === epoch && (await Promise.all(refusals)).every(Boolean) && control;
    },
  );
}

/** Open a frame with a group's keys of its epoch, whatever the frame says of its own. */
function openWith(group: Group, frame: Uint8Array): Uint8Array {
  const receiver = new SFrameReceiver({ suite });
  receiver.addKey(readSFrameHeader(frame).kid, sframeBaseKey(exporterOf(group), suite));
  return receiver.open(frame).plaintext;
}

function exporterOf(group: Group): MlsExporter {
  return (label, context, length) => group.exportSecret(label, context, length);
}
