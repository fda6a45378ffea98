/**
 * A call of two that speak DAVE, each with a worker of `copse/adapters/dave/worker`: pictures are decoded, and sound is heard. The
 * page is the voice gateway.
 */

import { Call } from "../../../src/call/call.ts";
import { daveWorkerBackend, DaveSession, type DaveMessage, type DaveReply } from "../../../src/adapters/dave/index.ts";
import { basic, cipherSuite, createIdentity, proposeAsExternalSender } from "../../../src/index.ts";
import { link, type End, type LinkOptions } from "./link.ts";
import { fakeMedia, must, reception, until } from "./media.ts";

const channelId = 927310423890473011n;

/** Somebody in the call. */
class Speaker {
  readonly session: DaveSession;
  readonly backend: ReturnType<typeof daveWorkerBackend>;
  readonly call: Call;
  readonly #worker: Worker;

  private constructor(session: DaveSession) {
    this.session = session;
    this.#worker = new Worker("/dave-worker.js", { type: "module" });
    this.backend = daveWorkerBackend({ session, worker: this.#worker });
    this.call = new Call({ source: session, backend: this.backend });
  }

  static async create(userId: bigint): Promise<Speaker> {
    return new Speaker(await DaveSession.create({ userId, channelId }));
  }

  hear(message: DaveMessage): Promise<readonly DaveReply[]> {
    return this.session.receive(message);
  }

  end(): void {
    this.call.close();
    this.#worker.terminate();
  }
}

/** The reply of a kind. */
function of<Kind extends DaveReply["kind"]>(replies: readonly DaveReply[], kind: Kind): DaveReply & { kind: Kind } {
  const found = replies.find((reply): reply is DaveReply & { kind: Kind } => reply.kind === kind);
  if (found === undefined) throw new Error(`there is no ${kind}`);
  return found;
}

/** Two speakers in a group whose transition has been executed. */
async function together(userIds: readonly [bigint, bigint]): Promise<readonly [Speaker, Speaker]> {
  const gateway = await createIdentity({ suite: cipherSuite(2), credential: basic("gateway") });
  const speakers = [await Speaker.create(userIds[0]), await Speaker.create(userIds[1])] as const;
  const [first, second] = speakers;
  let keyPackage = new Uint8Array(0);
  for (const speaker of speakers) {
    await speaker.hear({ kind: "clientsConnect", userIds });
    const selected = await speaker.hear({ kind: "selectProtocol", protocolVersion: 1 });
    keyPackage = new Uint8Array(of(selected, "keyPackage").keyPackage);
    await speaker.hear({ kind: "externalSender", sequence: 1, externalSender: gateway });
  }
  const add = await proposeAsExternalSender({
    identity: gateway,
    senderIndex: 0,
    groupId: first.session.id,
    epoch: 0n,
    change: { add: Uint8Array.of(0, 1, 0, 5, ...keyPackage) },
    lifetime: { maximum: Infinity },
  });
  const proposed = await first.hear({ kind: "proposals", sequence: 2, proposals: [add] });
  const { commit, welcome } = of(proposed, "commitWelcome");
  of(await first.hear({ kind: "commit", sequence: 3, transitionId: 1, commit }), "readyForTransition");
  of(await second.hear({ kind: "welcome", sequence: 3, transitionId: 1, welcome: welcome! }), "readyForTransition");
  for (const speaker of speakers) await speaker.hear({ kind: "executeTransition", transitionId: 1 });
  return speakers;
}

/** Say whose the tracks are that come here. */
function assign(speaker: Speaker, { protection }: End, userId: bigint): void {
  for (const { track, direction } of protection!.tracks)
    if (direction === "incoming") speaker.backend.assign(track, userId);
}

export async function dave(options: LinkOptions): Promise<string> {
  const { video = "VP8" } = options;
  const userIds = [158049329150427136n, 158533742254751744n] as const;
  const speakers = await together(userIds);
  const media = await fakeMedia();
  const { ends } = await link(speakers, [media, media.clone()], options);
  await until("both tracks", () => ends.every(({ receivers }) => receivers.length === 2));
  // whose a track is nobody has said yet: nothing opens
  await until("dropped frames", async () => {
    const { tracks } = await speakers[0].call.statistics();
    return tracks.some(({ direction, dropped }) => direction === "incoming" && (dropped["unknown-key"] ?? 0) > 0);
  });
  must("nothing is decoded", ends[0].viewer().frames.length === 0);
  assign(speakers[0], ends[0], userIds[1]);
  assign(speakers[1], ends[1], userIds[0]);
  const seen: string[] = [];
  for (const [place, end] of ends.entries()) {
    await until("decoded frames", () => end.viewer().frames.length >= 20, 20_000);
    await until("sound", async () => (await reception(end.receiver("audio"))).energy > 1e-4);
    const picture = await reception(end.receiver("video"));
    must(`the video codec is ${picture.codec}`, picture.codec.toLowerCase() === `video/${video}`.toLowerCase());
    const { tracks, participants } = await speakers[place]!.call.statistics();
    must(
      "nothing passes in clear",
      tracks.every(({ clear }) => clear === undefined),
    );
    must("the other is counted", participants.length === 1 && participants[0]!.passed > 20);
    must(
      "no frame is forged",
      tracks.every(({ dropped }) => dropped["not-authentic"] === undefined),
    );
    seen.push(`${String(end.viewer().frames.length)} frames`);
  }
  for (const speaker of speakers) speaker.end();
  return `${seen.join(" and ")}, and sound`;
}
