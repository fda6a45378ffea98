/**
 * A messenger's client: one device of one user, its rooms, and what it wants of them. What the application asks for is stored before
 * the call returns and carried out by itself; what happens is told by events, which are stored, too.
 *
 *     const client = await Client.open({ account, store: await levelStore("./alice"), delivery });
 *     client.listen(async (event) => show(event));
 *     const room = await client.createRoom({ participants: ["mimi://example.org/u/bob"], name: "Hiking" });
 *     await room.send(text("Hello"));
 */

import { bytes, flag, hook, text } from "../bytes/takes.ts";
import type { ConsentOperation } from "../delivery/delivery.ts";
import type { DeliveryErrorCode } from "../delivery/errors.ts";
import type { Device, NewDevice } from "../accounts/devices.ts";
import type { MendedCharacter } from "../accounts/recovery-code.ts";
import { safetyNumber, type SafetyNumber } from "../accounts/safety-number.ts";
import { consentTakes, createRoomTakes, openTakes, otherUser } from "./arguments.ts";
import type { EphemeralListener } from "./ephemeral/ephemerals.ts";
import type { WhisperCounts } from "./ephemeral/whispers.ts";
import { ClientError } from "./errors.ts";
import type { RecoveryPin, RecoveryPinOptions } from "./recovering/options.ts";
import type { RevokeOptions } from "./revoking/options.ts";
import type { ClientHistory } from "./history/options.ts";
import type { LinkOptions } from "./linking/options.ts";
import type { ClientAccount, ClientOptions } from "./options.ts";
import type { EventListener } from "./event-log.ts";
import type { NewRoomOptions } from "./room/creating.ts";
import type { RoomCore } from "./room/core.ts";
import { ClientCore } from "./core.ts";
import type { ClientRoom } from "./room/room.ts";
import type { SharedValues } from "./shared/values.ts";
import type { Found, SearchOptions } from "./timeline/search.ts";
import type { Unread } from "./timeline/unread.ts";
import type { Consent } from "./people/consent-entries.ts";
import type { KnockOptions } from "./room/knocking.ts";
import type { LoggedComparison } from "../transparency/monitor.ts";
import { StoreError } from "../storage/errors.ts";
import type { Wakeup } from "./push/options.ts";
import type { Pushed } from "./push/showing.ts";
import { unreadOf } from "./room/muting.ts";

/** What a consent is about. */
export interface ConsentAbout {
  /** mimi://host/r/name. Default: everything. */
  readonly room?: string;
}

/** A messenger's client: one device of one user, its rooms, and what it wants of them. */
export class Client {
  readonly #core: ClientCore;

  private constructor(core: ClientCore) {
    this.#core = core;
  }

  /**
   * The client of a store, which is this device's from now on.
   *
   * @throws ClientError "client-account" where the store is another device's, "client-version", "client-damaged".
   */
  static async open(options: ClientOptions): Promise<Client> {
    openTakes("Client.open", options);
    return new Client(await ClientCore.open(options));
  }

  /** This device's URI. */
  get device(): string {
    return this.#core.around.device;
  }

  /** This device's user. */
  get user(): string {
    return this.#core.around.user;
  }

  /** Whether the service can be reached now. */
  get isOnline(): boolean {
    return this.#core.around.connection() !== undefined;
  }

  /**
   * Why the service could not be reached when it was tried last, or did not let this device in: "not-allowed" where the name is another's,
   * an invitation is missing, or the device was taken off its user's list. It is tried again all the same, after growing waits. Undefined where
   * there is a connection, or none was tried.
   */
  get refusal(): DeliveryErrorCode | undefined {
    return this.#core.connecting.refusal;
  }

  /**
   * Hear when `isOnline` or `refusal` may have changed, until the returned function is called. Nothing of it is stored.
   *
   *     client.onConnection(() => showState(client.isOnline, client.refusal));
   */
  onConnection(listener: () => void): () => void {
    hook("listener", listener);
    return this.#core.connecting.listen(listener);
  }

  /** Why nothing is done any more, where that is so: close the client and open it again. */
  get failure(): unknown {
    return this.#core.failure;
  }

  /** Whether this store is an older copy of the device's, or one of two that run: nothing is encrypted before `heal`. */
  get isCopied(): boolean {
    return this.#core.around.copies.isCopied;
  }

  /**
   * Of two copies of this device, this one lives: it gets a new key, and joins its rooms anew; what waits to be sent is sent
   * then. The other copy is out of all rooms, and is refused by the service. Nothing happens where this is no copy. Two copies
   * that did so by themselves would put each other out without end: so a person decides.
   *
   * @param account Where the application has accounts of its own: the device with another key, which `open` is given from then on.
   * @throws ClientError "device-replaced" where the other copy was chosen before, "offline", "client-account"
   */
  async heal(account?: ClientAccount): Promise<void> {
    this.#core.checkUsable();
    const { heal } = await import("./healing/heal.ts");
    await heal(
      this.#core.around,
      { connecting: this.#core.connecting, devices: this.#core.devices, rooms: this.#core.rooms },
      account,
    );
  }

  /** Events go to this listener, one at a time, in their order: each again until it has returned. One listener at a time. */
  listen(listener: EventListener | undefined): void {
    this.#core.events.listen(listener);
  }

  /**
   * Hear what is said past the log, until the returned function is called: who is typing or present, and the signals of calls.
   * Nothing of it is stored, and what is said while nobody listens is not told later.
   *
   *     client.onEphemeral(({ room, user, said }) => said.kind === "typing" && showTyping(room, user, said.activity));
   */
  onEphemeral(listener: EphemeralListener): () => void {
    return this.#core.ephemerals.listen(listener);
  }

  /** What became of what was said past the log since this client was opened. */
  get whispers(): WhisperCounts {
    return this.#core.whispered.counts;
  }

  /** The rooms of this device, those that it has left included. */
  get rooms(): readonly ClientRoom[] {
    return this.#core.handles();
  }

  /** A room of this device. @throws ClientError "room-unknown" */
  room(room: string): ClientRoom {
    const found = this.#core.rooms.get(room);
    if (found === undefined || this.#core.selfRooms.has(room)) throw new ClientError("room-unknown");
    return this.#core.handle(found);
  }

  /**
   * Small values that all of this user's devices have: drafts, names given to contacts, settings. Each has a name of the application's. What is
   * set is stored when the promise is fulfilled, and goes to the other devices when they and this one can be reached; the event
   * "shared-changed" tells of what another device has set. What two devices set without knowing of each other comes to the same on all of them.
   *
   *     await client.shared.set("draft mimi://example.org/r/hiking", "Shall we go on");
   */
  get shared(): SharedValues {
    const core = this.#core;
    return {
      get: async (name) => (await core.shared()).get("app", name),
      set: async (name, value) => {
        text("name", name);
        if (value !== undefined) text("value", value);
        core.checkUsable();
        await (await core.shared()).set("app", name, value);
      },
      all: async () => (await core.shared()).all("app"),
    };
  }

  /** The user's encrypted history, where the client was opened with the option `history`. */
  get history(): ClientHistory {
    const core = this.#core;
    return {
      restore: async (options = {}) => {
        const { history } = core.around;
        if (history?.isWriting !== true) throw new ClientError("history-off");
        return history.restore(core.online(), options);
      },
    };
  }

  /** What this user has not read in all rooms. Of a muted room only messages that name this user count. */
  get unread(): Unread {
    return unreadOf(Array.from(this.#core.rooms.values(), ({ core }) => core));
  }

  /**
   * The newest messages that hold all words of a text, in whatever case: of those that this device has.
   *
   *     const found = await client.search("summit path", { room: room.id });
   */
  async search(text: string, how?: SearchOptions): Promise<readonly Found[]> {
    const { search } = await import("./timeline/search.ts");
    return search(
      { store: this.#core.around.store, timeline: this.#core.timeline, rooms: [...this.#core.rooms.keys()] },
      text,
      how,
    );
  }

  /**
   * What a push handler shows, where this process has the store and the handler asks it: see `openPush`. Of what the application was told
   * already nothing is shown: it has shown it.
   *
   * @throws ClientError "client-closed"; "client-failed", also where the handler's process has taken the store over meanwhile: close the client
   * and open it again. An application that comes to the front calls it to find that out.
   */
  async openOne(wakeup: Wakeup = {}): Promise<Pushed> {
    const core = this.#core;
    core.checkUsable();
    const { showing } = await import("./push/showing.ts");
    const { room } = wakeup;
    const workers = Array.from(core.rooms.values()).filter((each) => room === undefined || each.core.id === room);
    for (const { worker } of workers) worker.wake();
    for (const { worker } of workers) await worker.settled();
    await core.events.settled();
    return showing(core, this.isOnline).catch((error: unknown) => {
      if (error instanceof StoreError) core.fail(error);
      core.checkUsable();
      throw error;
    });
  }

  /** A new room. It is there at once; the service and its other participants hear of it when it can be reached. */
  async createRoom(options: NewRoomOptions): Promise<ClientRoom> {
    createRoomTakes("createRoom", options);
    this.#core.checkUsable();
    const { createRoom } = await import("./room/creating.ts");
    const core = await createRoom(this.#core.around, options);
    const room = this.#core.add(core);
    room.worker.wake();
    return this.#core.handle(room);
  }

  /**
   * Come into a room by a link, or by the room's URI where it lets everybody in. Its timeline begins here.
   *
   * @throws ClientError "link-invalid", "room-unknown", "not-allowed" where its policy or the service does not let this user in by it, "offline"
   */
  async joinByLink(link: string): Promise<ClientRoom> {
    text("link", link);
    const find = (room: string): RoomCore | undefined => this.#core.rooms.get(room)?.core;
    const { joinFromOutside } = await import("./room/joining.ts");
    const add = (core: RoomCore): void => {
      this.#core.add(core);
    };
    const room = this.#core.add(await joinFromOutside(this.#core.around, this.#core.online(), link, find, { add }));
    room.worker.wake();
    return this.#core.handle(room);
  }

  /**
   * Ask a user who is in a room to be let in: one who may do so hears the event "knock". This user agrees to being let in by that one.
   *
   * @throws ClientError "link-invalid" where it is no room or no user, or more than 256 characters; "offline"; DeliveryError
   */
  async knock(room: string, how: KnockOptions): Promise<void> {
    text("room", room);
    const { knock, knockTakes } = await import("./room/knocking.ts");
    knockTakes("knock", how);
    const { consents } = await this.#core.people.get();
    await knock(this.#core.around, this.#core.online(), consents, { ...how, room });
  }

  /**
   * What the service's log of accounts says of a user, asked now, beside the newest list that is known: where two people compare codes, both can see
   * that everybody is shown the same. Undefined where no log is watched, the service has none or it is not sound (which the event "log-alarm" tells),
   * or nothing is known of the user.
   *
   *     if ((await client.compareLogged(user)) === "same") show("as the log of all accounts says");
   *
   * @throws ClientError "offline"; DeliveryError
   */
  async compareLogged(user: string): Promise<LoggedComparison | undefined> {
    text("user", user);
    const connection = this.#core.online();
    return (await this.#core.logWatching.get())?.ask(connection, user);
  }

  /** This user's devices, as the user's list names them. Empty for accounts of the application's own. */
  devices(): Promise<readonly Device[]> {
    return this.#core.devices.all();
  }

  /** Put a device on the user's list, and into all rooms. @throws ClientError "account-missing", "offline"; AccountError */
  async addDevice(device: NewDevice): Promise<void> {
    await this.#core.devices.change({ add: [device] });
  }

  /** Take a device off the user's list, and out of all rooms: a lost one, or an old one. One that was stolen is `revokeDevice`'s. @throws as `addDevice` */
  async removeDevice(device: string): Promise<void> {
    await this.#core.devices.change({ remove: [device] });
  }

  /**
   * Put out a device that may be in somebody's hands, with all its keys: it knows the account key, and could make lists of its own. The recovery code
   * gives the root, which signs a new account key; a list of that key names the devices that `devices` names, whatever the stolen one has changed
   * meanwhile, without those to be put out. They leave all rooms, the others are handed the new key, and each device attests its leaves anew.
   *
   * It is stored when the promise is fulfilled, and carried out as soon as the service can be reached: the event "account-renewed" says so, and
   * "revocation-failed" what else came of it. Gives what was wrong with the code and mended.
   *
   *     await client.revokeDevice("mimi://example.org/d/alice/tablet", { recoveryCode });
   *
   * @throws ClientError "recovery-needed" without a code, "recovery-other" for another account's, "account-missing"; AccountError of a code that
   * can't be read, "device-unknown" for what is not on the list, or this device
   */
  async revokeDevice(
    device: string | readonly string[],
    options: RevokeOptions = {},
  ): Promise<readonly MendedCharacter[]> {
    this.#core.checkUsable();
    const { revoke } = await import("./revoking/revoke.ts");
    return revoke(this.#core, typeof device === "string" ? [device] : device, options);
  }

  /**
   * Set the PIN that brings the account back when all devices and the recovery code are lost, at recovery servers of which a threshold must answer;
   * or set another one, with all its guesses. The one of before opens until enough servers have the new one. The PIN opens the account's root, so
   * that it stays what it is after a revocation or a recovery.
   *
   *     await client.setRecoveryPin({ recoveryCode, pin, servers, threshold: 3, proof });
   *
   * @throws ClientError "pin-weak", "recovery-other" for another account's code, "account-missing"; AccountError of a code that can't be read;
   * VaultError "recovery-servers" with what was found of each: the PIN of before is still valid; "recovery-package"
   */
  async setRecoveryPin(options: RecoveryPinOptions): Promise<RecoveryPin> {
    this.#core.checkUsable();
    const { setPin } = await import("./recovering/set-pin.ts");
    return setPin(this.#core, options);
  }

  /**
   * Let a new device into the account and into all rooms: its offer was scanned, or came by the event "link-asked". Both screens show six
   * digits, and nothing happens before the person has said here that they are the same. Gives the device's URI.
   *
   *     const device = await client.linkDevice(offer, { compare: askPerson, signal });
   *
   * @throws ClientError "account-missing", "offline"; AccountError "link-offer", "link-code", "link-mismatch", "link-expired",
   * "link-ended", "device-known" where the list has another device of that name; the reason of the signal. The list is as it was then.
   */
  async linkDevice(offer: Uint8Array, options: LinkOptions): Promise<string> {
    bytes("offer", offer);
    const { linkTakes } = await import("./linking/options.ts");
    linkTakes("linkDevice", options);
    return this.#core.devices.link(offer, options);
  }

  /**
   * What this user and another compare, to know that nobody is between them: of their root keys, so that it survives new devices.
   *
   * @throws ClientError "user-unknown" where nothing of the user is known, "offline" where nothing is and the service can't be asked
   */
  async safetyNumber(user: string): Promise<SafetyNumber> {
    const { book } = this.#core.around;
    const connection = this.#core.around.connection();
    const theirs = connection === undefined ? await book?.viewOf(user) : await book?.refresh(connection, user);
    const ours = await book?.viewOf(this.user);
    if (ours === undefined || theirs === undefined)
      throw new ClientError(connection === undefined ? "offline" : "user-unknown");
    return safetyNumber({ ours, theirs });
  }

  /**
   * Ask a user to let this one write: in general, or about one room. It is stored when the promise is fulfilled, and the service is told as soon as
   * it can be reached; the event "consent" says that the user agrees. A refusal is not announced.
   *
   * @throws TypeError for what is no other user's URI; ClientError "too-many", "too-large" as `shared.set`
   */
  requestConsent(user: string, about: ConsentAbout = {}): Promise<void> {
    return this.#consent("requestConsent", user, "request", about);
  }

  /** Ask no more. @throws as `requestConsent` */
  cancelConsent(user: string, about: ConsentAbout = {}): Promise<void> {
    return this.#consent("cancelConsent", user, "cancel", about);
  }

  /**
   * Let a user write to this one, whether it has asked (the event "consent") or not. Rooms into which it has brought this user before are
   * joined now. @throws as `requestConsent`
   */
  grantConsent(user: string, about: ConsentAbout = {}): Promise<void> {
    return this.#consent("grantConsent", user, "grant", about);
  }

  /** Let a user no more, who is not told. Rooms that both are in go on. @throws as `requestConsent` */
  revokeConsent(user: string, about: ConsentAbout = {}): Promise<void> {
    return this.#consent("revokeConsent", user, "revoke", about);
  }

  /** What this user has asked of others and let them, and who waits for an answer: `wants`. */
  async consents(): Promise<readonly Consent[]> {
    return (await this.#core.people.get()).consents.all();
  }

  async #consent(
    name: string,
    user: string,
    operation: ConsentOperation["operation"],
    about: ConsentAbout,
  ): Promise<void> {
    otherUser(this.user)("user", user);
    consentTakes(name, about);
    this.#core.checkUsable();
    await (await this.#core.people.get()).consents.decide(user, operation, about.room);
  }

  /**
   * Hear nothing more of another user, or hear again: on all devices, and at the service as soon as it can be told. What the other says in rooms
   * with more people is passed over as long as he is blocked, and is not there afterwards; no call of his rings. He can't tell.
   *
   * @throws TypeError for what is no other user's URI
   */
  async block(user: string, blocked = true): Promise<void> {
    this.#core.checkUsable();
    otherUser(this.user)("user", user);
    flag("blocked", blocked);
    const { blocking, chores, selfRoom } = this.#core;
    // In this order: what is shared is carried out after a crash.
    if (selfRoom !== undefined) await (await this.#core.shared()).set("block", user, blocked ? "yes" : undefined);
    await blocking.set(user, blocked);
    chores.ask();
  }

  /** The users whom this one has blocked. */
  get blocked(): readonly string[] {
    return this.#core.blocking.users;
  }

  /**
   * Delete this user's account at the service, for good: nobody can have its name again, and the recovery code brings nothing back. The rooms are
   * asked to let the user go, the user's other devices are refused from then on ("not-allowed"), and this client is closed and its store empty. Where
   * a room needs the user in its role, hand that on first (`setRole`): others take the user out of it else. A process that dies before the
   * end leaves the store as it is: the service refuses the device then, and the store is the application's to delete.
   *
   *     await client.deleteAccount();
   *
   * @throws ClientError "offline", DeliveryError: then the account is there, and rooms may have been left.
   */
  async deleteAccount(): Promise<void> {
    const { deleteAccount } = await import("./account/deleting.ts");
    await deleteAccount(this.#core);
  }

  /** Look for news now: after a push, or where the application has reason to believe that a hint was lost. */
  refresh(): void {
    this.#core.checkUsable();
    this.#core.chores.ask();
  }

  /** Do what is due. The platform's timers do it, unless there are none. */
  tick(): void {
    this.#core.clockwork.tick();
  }

  /** When `tick` has something to do next, in milliseconds since 1970. */
  get nextTick(): number | undefined {
    return this.#core.clockwork.next;
  }

  /** Go online, where the client was opened offline or the service was away. */
  connect(): void {
    this.#core.checkUsable();
    this.#core.connecting.start();
  }

  /** When nothing is under way: what waits for a timer, for the service or for others is not. */
  settled(): Promise<void> {
    return this.#core.settled();
  }

  /** Let go of the service and the store, when what is under way is done. */
  close(): Promise<void> {
    return this.#core.close();
  }
}
