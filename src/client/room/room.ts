/**
 * A room as an application has it: what it can ask for, and what it can read. What is asked for is stored when the promise is
 * fulfilled; its outcome is an event, "done" or "failed", with the intent's id.
 */

import type { Bytes } from "../../bytes/bytes.ts";
import { checkCount } from "../../bytes/numbers.ts";
import { bytes, text, uint64 } from "../../bytes/takes.ts";
import { encodeEphemeral, type Ephemeral, type Presence, type Typing } from "../../content/ephemeral.ts";
import type { Said } from "../../content/messages/message.ts";
import type { RoomData } from "../../rooms/rules.ts";
import type { RoomParticipant } from "../../rooms/room.ts";
import type { CallServers } from "../../delivery/delivery.ts";
import type { Calls } from "../calls/calls.ts";
import type { CallRoom, JoinCallOptions, StartCallOptions } from "../calls/options.ts";
import type { ClientCall } from "../calls/client-call.ts";
import { branchTakes, joinCallTakes, receiptsTakes, startCallTakes } from "../arguments.ts";
import { ClientError } from "../errors.ts";
import { knockKey } from "../store/keys.ts";
import type { RoomWhispers } from "../ephemeral/whispers.ts";
import type { Intent, RoomChange } from "../outbox/intent.ts";
import type { TimelineEntry } from "../timeline/shown.ts";
import type { Timeline, TimelineRange } from "../timeline/timeline.ts";
import type { Fork } from "../forks/branches.ts";
import type { MemberAlarm } from "./alarms.ts";
import type { RoomCore } from "./core.ts";
import { forGood, isMuted, mute } from "./muting.ts";
import { markAllRead, markRead } from "./reading.ts";
import type { Shared } from "../shared/shared.ts";
import type { Unread } from "../timeline/unread.ts";
import type { AttachmentSource } from "../../content/attachments/source.ts";
import type { Files } from "../files/files.ts";
import type { DownloadOptions, FileToSend, Upload } from "../files/options.ts";
import type { Asked, AskedMessage } from "./asked.ts";
import { askForChange, checkHasRoom, checkIsIn } from "./changing.ts";
import { bannedRole } from "../../rooms/formats/roles.ts";
import { readLink, writeLink } from "./link.ts";
import type { ReportWords } from "../reports/report.ts";
import type { ReceiptChoice } from "./receipt-choice.ts";
import { choiceBits } from "./receipts.ts";
import type { Knocking } from "./knocking.ts";
import { say } from "./saying.ts";
import { becoming, draftOf, type Sendable, type Words } from "./drafting.ts";
import type { RoomStatus } from "./state.ts";
import type { RoomTree } from "./tree.ts";

/** What a room's handle stands on. */
export interface RoomParts {
  readonly core: RoomCore;
  readonly timeline: Timeline;
  readonly whispers: RoomWhispers;
  readonly calls: Calls;
  readonly files: Files;
  readonly shared: () => Promise<Shared>;
  readonly wake: () => void;
  readonly wakeToSend: () => void;
}

/** A room as an application has it: what it can ask for, and what it can read. */
export class ClientRoom {
  readonly #core: RoomCore;
  readonly #timeline: Timeline;
  readonly #whispers: RoomWhispers;
  readonly #calls: Calls;
  readonly #files: Files;
  readonly #shared: RoomParts["shared"];
  readonly #wake: () => void;
  readonly #wakeToSend: () => void;

  /** @internal Rooms come from a client. */
  constructor({ core, timeline, whispers, calls, files, shared, wake, wakeToSend }: RoomParts) {
    this.#core = core;
    this.#timeline = timeline;
    this.#whispers = whispers;
    this.#calls = calls;
    this.#files = files;
    this.#shared = shared;
    this.#wake = wake;
    this.#wakeToSend = wakeToSend;
  }

  /** The room's URI. */
  get id(): string {
    return this.#core.id;
  }

  /** Whether this device is in it, and follows it. */
  get status(): RoomStatus {
    return this.#core.state.status;
  }

  /**
   * Send a message: words, any message of copse/content, or MIMI content, as it is or encoded. What says nothing of how long it stays gets
   * the room's timer.
   *
   *     const { id } = await room.send({ text: "Hello" });
   *     await room.send({ kind: "poll", question: "Where?", options: ["Hills", "Lakes"] });
   *
   * @throws ClientError "room-left", "too-many"; of a message about another "message-unknown", "message-foreign", "not-allowed" or
   * "impossible", where nobody would take it. ContentError, TypeError for what is no message. StoreError "store-not-written" where the store
   * has not taken it, and another one where nobody knows.
   */
  send(message: Sendable): Promise<AskedMessage>;
  /**
   * Send a file: encrypted in chunks, uploaded, and then its message is sent. It resolves when it is stored that this is wanted; what comes
   * after goes on through crashes and times without a connection, and "done" or "failed" says how it came out.
   *
   *     await room.send({ attachment: file, contentType: "video/mp4", filename: file.name, as: "video", onProgress });
   *
   * @throws ContentError "attachment-limit", ClientError "room-left", "too-many".
   */
  send(file: FileToSend): Promise<Asked>;
  async send(what: Sendable | FileToSend): Promise<Asked> {
    if (typeof what === "object" && "attachment" in what) return this.#files.send(this.#core, what);
    return this.#core.turn(async () => {
      checkIsIn(this.#core);
      await this.#core.group();
      const draft = draftOf(this.#core, what);
      await checkHasRoom(this.#core);
      const asked = await say(this.#core, this.#timeline, draft);
      this.#wakeToSend();
      return asked;
    });
  }

  /**
   * A file of a message, in chunks. It can go on `from` where it stopped (`checkAttachment` of copse/content looks at the whole then), read a
   * `range` as a player does, or `keep` the file in the store, where it goes on by itself and goes with its message.
   *
   *     for await (const chunk of room.download(entry.place)) await disk.write(chunk);
   *
   * @throws ContentError "attachment-damaged", "attachment-mismatch", "attachment-limit", "attachment-unsupported" where the file is not what
   * the message says; ClientError "message-unknown", "file-unknown", "file-gone", "offline".
   */
  download(entry: bigint, how?: DownloadOptions): AsyncGenerator<Bytes, void, undefined> {
    return this.#files.download(this.#core, entry, how);
  }

  /** Files that are on their way to the service. */
  async uploads(): Promise<readonly Upload[]> {
    return (await this.#files.engine()).uploads(this.#core.id);
  }

  /** Go on with an upload that another process began: this is the file. @throws ClientError "file-unknown" */
  async resumeUpload(
    intent: Uint8Array,
    source: AttachmentSource,
    how: Pick<FileToSend, "onProgress" | "signal"> = {},
  ): Promise<void> {
    bytes("intent", intent);
    return (await this.#files.engine()).resume(this.#core, intent, { source, ...how });
  }

  /** Give an upload up: the event "failed" says so. @throws ClientError "file-unknown" */
  async cancelUpload(intent: Uint8Array): Promise<void> {
    bytes("intent", intent);
    return (await this.#files.engine()).cancel(this.#core, intent);
  }

  /**
   * React to a message, with one emoji or several. `unsend` with the id that this gives takes it back.
   *
   *     await room.react(id, "👍");
   */
  react(message: Uint8Array, ...reactions: readonly string[]): Promise<AskedMessage> {
    return this.send({ kind: "reaction", inReplyTo: message, reactions });
  }

  /**
   * Say something else in the place of a message of this user. Whom it answers and how long it stays remains as it was.
   *
   *     await room.edit(id, { text: "Hello!" });
   */
  edit(message: Uint8Array, becomes: Words | Said): Promise<AskedMessage> {
    return this.send({ kind: "edit", replaces: message, becomes: becoming(becomes) });
  }

  /** Take back a message, a reaction or a vote of this user; where the room's policy lets this user, anybody's. */
  unsend(message: Uint8Array): Promise<AskedMessage> {
    return this.send({ kind: "unsend", replaces: message });
  }

  /**
   * Report messages of one user to whoever runs the service, who can verify then that they were sent, by whom and when, and learns nothing
   * else. Of a message that was edited, what it said first goes with it; also of one that has vanished or was taken back less than six hours
   * ago. Gives the report as it was sent, an AbuseReport of MIMI.
   *
   *     await room.report([id], 1, { note: "threats" });
   *
   * @param messages 1 to 64 of their ids
   * @param reason 1 to 255, as the service numbers them
   * @throws ClientError "not-reportable", "offline"; DeliveryError; TypeError where they are of several users
   */
  async report(messages: readonly Uint8Array[], reason: number, words: ReportWords = {}): Promise<Bytes> {
    const { reportMessages } = await import("../reports/report.ts");
    return this.#core.turn(() => reportMessages(this.#core, messages, reason, words));
  }

  /**
   * Say that this user is typing, or has stopped, to those who are connected now. Whether it was sent: it is lost without harm.
   *
   *     await room.typing();
   */
  typing(activity: Typing["activity"] = "typing", topicId?: Uint8Array): Promise<boolean> {
    return this.whisper({ kind: "typing", activity, ...(topicId !== undefined && { topicId }) });
  }

  /** Say that this user is there, to those of the room who are connected now. */
  presence(state: Presence["state"], since?: number): Promise<boolean> {
    return this.whisper({ kind: "presence", state, ...(since !== undefined && { since: BigInt(since) }) });
  }

  /** Say something past the log. A call's offers and candidates go this way: `{ kind: "signal", ... }`. */
  async whisper(said: Ephemeral): Promise<boolean> {
    return this.#whispers.send(encodeEphemeral(said));
  }

  /**
   * Call everybody in the room: their devices ring, until one of each user's answers or the time is over.
   *
   *     const call = await room.startCall({ backend: localBackend() });
   *
   * @throws ClientError "not-allowed" where the room's policy does not let this user, "call-joined", "room-left", "room-held".
   */
  async startCall(how: StartCallOptions = {}): Promise<ClientCall> {
    startCallTakes("startCall", how);
    await this.#checkNotHeld();
    return this.#calls.start(this.#callRoom, how);
  }

  /**
   * Answer a call, or come in while it is going on. This user's other devices stop ringing; one of them that is in the call hands it
   * over to this one.
   *
   * @throws ClientError "call-unknown" where it is over, "not-allowed", "call-joined", "room-left", "room-held".
   */
  async joinCall(call: Uint8Array, how: JoinCallOptions = {}): Promise<ClientCall> {
    bytes("call", call);
    joinCallTakes("joinCall", how);
    await this.#checkNotHeld();
    return this.#calls.join(this.#callRoom, call, how);
  }

  /** This user will not come: its other devices stop ringing, too. @throws ClientError "call-unknown" where it is over. */
  async declineCall(call: Uint8Array, reason: "declined" | "busy" = "declined"): Promise<void> {
    bytes("call", call);
    return this.#calls.decline(this.#callRoom, call, reason === "busy");
  }

  /** The call that this device is in. */
  get call(): ClientCall | undefined {
    return this.#calls.live(this.#core.id);
  }

  /**
   * Leaves that contradict what this device knows of their users' accounts. While one of them `holds`, this device's messages wait, and
   * its calls are refused: show it to the person, who takes the device out, or compares safety numbers. A commit without the leaf ends it.
   */
  async alarms(): Promise<readonly MemberAlarm[]> {
    const alarms = await this.#core.turn(() => this.#core.alarms.all());
    return alarms.map(({ user, device, findings, by, since, holds }) => ({ user, device, findings, by, since, holds }));
  }

  /** The person has looked at the alarms of this user: messages wait for them no longer, though the other one reads what is sent. */
  async acknowledge(user: string): Promise<void> {
    text("user", user);
    await this.#core.turn(async () => {
      const changes = await this.#core.alarms.acknowledging(user);
      if (changes.length > 0) await this.#core.write({ changes, flush: true });
    });
    this.#wakeToSend();
  }

  /** Branches of this room that other devices are in, and this one is not, and nobody has decided yet: the event "fork" tells of each. */
  async forks(): Promise<readonly Fork[]> {
    const { forksOf } = await import("../forks/branches.ts");
    return this.#core.turn(() => forksOf(this.#core));
  }

  /**
   * Whether what is to be said in this room waits for `chooseBranch`: another device is in another branch, or the service shows an older state
   * of the room than this device has read, in which case there may be no device to name in `forks`.
   */
  async isUndecided(): Promise<boolean> {
    const { isUndecided } = await import("../forks/branches.ts");
    return this.#core.turn(() => isUndecided(this.#core));
  }

  /**
   * The person has looked at the branches of this room: go on with this device's own, or join the other one from outside, as the service shows
   * it. What waits to be sent waits on.
   *
   * @throws ClientError "offline", "room-unknown" where there is no other branch, "impossible" where the service does not show the one
   */
  async chooseBranch(branch: "own" | "other"): Promise<void> {
    branchTakes("branch", branch);
    const { chooseBranch } = await import("../forks/branches.ts");
    await this.#core.turn(() => chooseBranch(this.#core, branch));
    this.#wake();
  }

  async #checkNotHeld(): Promise<void> {
    if (await this.#core.turn(() => this.#core.alarms.isHolding())) throw new ClientError("room-held");
  }

  get #callRoom(): CallRoom {
    return {
      core: this.#core,
      wake: this.#wake,
      send: (content) => this.send(content),
      whisper: (said) => this.whisper(said),
    };
  }

  /** Let a user in, with all devices. Default role: the one that the policy gives to newcomers. */
  add(user: string, role?: number): Promise<Asked> {
    return this.#change({ kind: "add", user, role });
  }

  /** Put a user out, with all devices. */
  remove(user: string): Promise<Asked> {
    return this.#change({ kind: "remove", user });
  }

  /** Let in one more device of a user who is in the room already. */
  addDevice(device: string): Promise<Asked> {
    return this.#change({ kind: "add-device", device });
  }

  /** Put one device of a user out, as one that was lost; the user stays. */
  removeDevice(device: string): Promise<Asked> {
    return this.#change({ kind: "remove-device", device });
  }

  /** Give a user another role: "banned" is role 1. */
  setRole(user: string, role: number): Promise<Asked> {
    return this.#change({ kind: "role", user, role });
  }

  /** Put a user out and keep it out. Who is not in the room can be banned, too. */
  ban(user: string): Promise<Asked> {
    return this.setRole(user, bannedRole);
  }

  /** Let a banned user be in the room again, in the policy's role for newcomers: `add` brings its devices. */
  async unban(user: string): Promise<Asked> {
    const role = await this.#core.turn(async () => {
      await this.#core.group();
      const { memberRole } = await import("../outbox/plan.ts");
      return memberRole(this.#core.rules);
    });
    return this.setRole(user, role);
  }

  /**
   * A way in for whoever has it, as the room's policy lets them: for one user, unless the policy says for several. It is one when the event
   * "done" has come.
   *
   *     const { link } = await room.createLink(); // mimi://example.org/r/hiking#5f...
   */
  async createLink(): Promise<Asked & { readonly link: string }> {
    const link = this.#core.around.random(32);
    return { ...(await this.#change({ kind: "link", link, revoked: false })), link: writeLink(this.#core.id, link) };
  }

  /** Nobody comes in by this link any more. @throws ClientError "link-invalid" where it is none of this room's. */
  async revokeLink(written: string): Promise<Asked> {
    const { room, link } = readLink(written);
    if (room !== this.#core.id || link === undefined) throw new ClientError("link-invalid");
    return this.#change({ kind: "link", link, revoked: true });
  }

  /** Users who have knocked and wait. */
  async knocks(): Promise<readonly Knocking[]> {
    const { knocksAt } = await import("./knocking.ts");
    return knocksAt(this.#core);
  }

  /** Let in a user who has knocked. */
  async admit(user: string, role?: number): Promise<Asked> {
    const asked = await this.add(user, role);
    await this.refuse(user);
    return asked;
  }

  /** Leave a user who has knocked outside, who is not told. */
  async refuse(user: string): Promise<void> {
    text("user", user);
    await this.#core.turn(() => this.#core.write({ changes: [{ delete: knockKey(this.id, user) }] }));
  }

  /** Leave, with all of this user's devices. */
  leave(): Promise<Asked> {
    return this.#change({ kind: "leave" });
  }

  /** Another name for the room. */
  rename(name: string): Promise<Asked> {
    return this.#change({ kind: "metadata", field: "roomName", value: name });
  }

  /** New messages of the room go so many seconds after they were read; undefined: they stay. */
  setTimer(seconds: number | undefined): Promise<Asked> {
    return this.#change({ kind: "timer", seconds });
  }

  /** New keys of this device's leaf: what a thief of its old ones can read ends here. */
  renew(): Promise<Asked> {
    return this.#change({ kind: "renew" });
  }

  /** Who is in the room, and in which role. */
  async participants(): Promise<readonly RoomParticipant[]> {
    return this.#core.turn(async () => {
      await this.#core.group();
      return [...this.#core.rules.participants];
    });
  }

  /** The room's name, policy and what else all members agree on. */
  async data(): Promise<RoomData> {
    return this.#core.turn(async () => {
      await this.#core.group();
      return this.#core.rules.data;
    });
  }

  /** The group's epoch, and a value that only its members know and that is the same for all of them. RFC 9420 section 8.7 */
  async epoch(): Promise<{ readonly epoch: bigint; readonly authenticator: Bytes }> {
    const { epoch, epochAuthenticator } = await this.#core.turn(() => this.#core.group());
    return { epoch, authenticator: epochAuthenticator };
  }

  /**
   * The ratchet tree of the group's epoch, for those who want to see it: public keys alone. It is read anew each time, all of it.
   * RFC 9420 section 4
   *
   * @throws ClientError "room-left", "room-behind"
   */
  async tree(): Promise<RoomTree> {
    const { treeOf } = await import("./tree.ts");
    return treeOf(await this.#core.turn(() => this.#core.group()));
  }

  /**
   * What a call in this room needs of servers, as whoever runs the service gives it: STUN and TURN, and where the SFU is. It is the service's word: a
   * server that it names sees the addresses of who uses it.
   *
   *     const { iceServers } = await room.callServers();
   *
   * @throws ClientError "offline", DeliveryError
   */
  async callServers(): Promise<CallServers> {
    const connection = this.#core.around.connection();
    if (connection === undefined) throw new ClientError("offline");
    return connection.callServers({ room: this.#core.id });
  }

  /** What waits to be sent or done. */
  async waiting(): Promise<readonly Intent[]> {
    return Array.from(await this.#core.outbox.intents());
  }

  /** Messages, the newest first. */
  timeline(range?: TimelineRange): Promise<readonly TimelineEntry[]> {
    return this.#timeline.read(this.#core.id, range);
  }

  /** One entry of the timeline. */
  entry(place: bigint): Promise<TimelineEntry | undefined> {
    return this.#timeline.at(this.#core.id, place);
  }

  /**
   * Where the timeline has a message, by its id or by that of a later version of it: `said.inReplyTo` of another names it so. Undefined where this
   * device has none.
   */
  async placeOf(id: Uint8Array): Promise<bigint | undefined> {
    bytes("id", id);
    return this.#timeline.placeOf(this.#core.id, id);
  }

  /** This user has seen a message: the timer of a disappearing one starts. */
  async markRead(place: bigint): Promise<void> {
    await markRead(this.#core, this.#timeline, place);
  }

  /** This user has seen all messages, or all up to a place of the timeline. */
  async markAllRead(through?: bigint): Promise<void> {
    if (through !== undefined) uint64("through", through);
    await markAllRead(this.#core, this.#timeline, through);
  }

  /**
   * Which receipts this device sends in the room, where its policy leaves it to users; undefined: those of `ClientOptions.receipts`. What
   * waits to be said is not said any more.
   */
  async setReceipts(choice: ReceiptChoice | undefined): Promise<void> {
    receiptsTakes("setReceipts", choice ?? {});
    const receipts = choiceBits(choice ?? {});
    await this.#core.turn(() => this.#core.write({ state: { receipts }, flush: true }));
  }

  /** How many messages this user has not read, and how many of them name this user. */
  get unread(): Unread {
    return this.#core.state.unread;
  }

  /**
   * Ring and show nothing for messages of this room until a time, in milliseconds since 1970; Infinity: for good; undefined: no longer. It is
   * the application that rings: it asks `isMuted`. This user's other devices follow.
   */
  async mute(until: number | undefined): Promise<void> {
    if (until !== undefined && until !== Infinity) checkCount("until", until, [0, forGood]);
    const time = until === Infinity ? forGood : until;
    await (await this.#shared()).set("mute", this.#core.id, time?.toString());
    await mute(this.#core, time);
  }

  /** Whether it is muted now. */
  get isMuted(): boolean {
    return isMuted(this.#core);
  }

  #change(change: RoomChange): Promise<Asked> {
    return askForChange(this.#core, change, this.#wake);
  }
}
