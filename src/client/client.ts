/**
 * A messenger's client: one device of one user, its rooms, and what it wants of them. What the application asks for is stored before
 * the call returns and carried out by itself; what happens is told by events, which are stored, too.
 *
 *     const client = await Client.open({ account, store: await levelStore("./alice"), delivery });
 *     client.listen(async (event) => show(event));
 *     const room = await client.createRoom({ participants: ["mimi://example.org/u/bob"], name: "Hiking" });
 *     await room.send(text("Hello"));
 */

import { copyBytes } from "../bytes/copy.ts";
import { bytes, text } from "../bytes/takes.ts";
import { messagePadding } from "../content/padding.ts";
import { checkedRandom, platformRandom } from "../crypto/random.ts";
import type { Connection, ConsentOperation, News } from "../delivery/delivery.ts";
import { checkedClock } from "../public-group/options/clock.ts";
import type { GroupOptions } from "../public-group/options/settings.ts";
import { userOfDevice } from "../rooms/uri.ts";
import { Calls } from "./calls/calls.ts";
import { platformTimers } from "../bytes/timers.ts";
import { Chores } from "./chores.ts";
import { Clockwork, schedulerOf } from "./clockwork.ts";
import type { Device, NewDevice } from "../accounts/devices.ts";
import { safetyNumber, type SafetyNumber } from "../accounts/safety-number.ts";
import { Contacts } from "./account/contacts.ts";
import { Devices } from "./account/devices.ts";
import { openAccount, type OpenedAccount } from "./account/opening.ts";
import { Connecting, openState, type ClientState } from "./connecting.ts";
import { createRoomTakes, knockTakes, openTakes } from "./arguments.ts";
import { DeviceQueue } from "./device-queue.ts";
import { Ephemerals, type EphemeralListener } from "./ephemeral/ephemerals.ts";
import { RoomWhispers, WhisperCounting, type WhisperCounts } from "./ephemeral/whispers.ts";
import { ClientError } from "./errors.ts";
import { linkTakes, type LinkOptions } from "./linking/options.ts";
import { Files } from "./files/files.ts";
import { adopt } from "./healing/adopt.ts";
import { Copies } from "./healing/copies.ts";
import { heal } from "./healing/heal.ts";
import type { ClientAccount, ClientOptions } from "./options.ts";
import { EventLog, type EventListener } from "./event-log.ts";
import { refill, type KeyPackageSupply } from "./key-packages.ts";
import { isAway } from "./away.ts";
import { renewalPeriod, renewDue } from "./room/renewing.ts";
import { createRoom, type NewRoomOptions } from "./room/creating.ts";
import { RoomCore } from "./room/core.ts";
import { LoadedRooms } from "./room/loaded.ts";
import { ClientRoom } from "./room/room.ts";
import { roomEntry } from "./room/state.ts";
import { unfinishedAmong } from "./room/unfinished.ts";
import { RoomWorker } from "./room/worker.ts";
import type { Folding, Surroundings } from "./surroundings.ts";
import { Expiring } from "./timeline/expiring.ts";
import { search, type Found, type SearchOptions } from "./timeline/search.ts";
import { Timeline } from "./timeline/timeline.ts";
import type { Unread } from "./timeline/unread.ts";
import { knock, knocked, knockTopic, type KnockOptions } from "./room/knocking.ts";
import { unreadOf } from "./room/muting.ts";

/** A room and what keeps it going. */
interface OpenRoom {
  readonly core: RoomCore;
  readonly worker: RoomWorker;
  readonly whispers: RoomWhispers;
}

/** Groups that are in memory at once. */
const mostLoaded = 64;

/** A messenger's client: one device of one user, its rooms, and what it wants of them. */
export class Client {
  readonly #around: Surroundings;
  readonly #connecting: Connecting;
  readonly #clockwork: Clockwork;
  readonly #events: EventLog;
  readonly #rooms = new Map<string, OpenRoom>();
  readonly #whispered = new WhisperCounting();
  readonly #ephemerals = new Ephemerals(this.#whispered);
  readonly #devices: Devices;
  readonly #contacts: Contacts | undefined;
  readonly #timeline: Timeline;
  readonly #calls: Calls;
  readonly #files: Files;
  readonly #supply: KeyPackageSupply | undefined;
  readonly #renewEvery: number;
  #queue: DeviceQueue | undefined;
  readonly #chores: Chores;
  /** Whether there is a new connection, over which no room has been looked at. */
  #isNew = false;
  readonly #expiring: Expiring;
  #failure: unknown;
  readonly #fail = (cause: unknown): void => {
    this.#failure ??= cause;
  };
  #isClosed = false;

  private constructor(
    options: ClientOptions,
    events: EventLog,
    state: ClientState,
    opened: OpenedAccount,
    copies: Copies,
  ) {
    const { store, delivery, group = {} } = options;
    const { account, book, own, appData } = opened;
    const clock = checkedClock(options.clock);
    const random = checkedRandom(options.random ?? platformRandom);
    this.#events = events;
    this.#supply = options.keyPackages;
    this.#renewEvery = options.renewEvery ?? renewalPeriod;
    this.#clockwork = new Clockwork(clock, options.timers === "none" ? undefined : (options.timers ?? platformTimers));
    this.#chores = new Chores({
      clockwork: this.#clockwork,
      connection: () => this.#around.connection(),
      run: (connection) => this.#chore(connection),
      failed: (error) => {
        this.#failed(error);
      },
    });
    const scheduler = schedulerOf(clock, this.#clockwork);
    this.#contacts = book && new Contacts(book, store, clock);
    book?.onChange(() => {
      for (const { core, worker } of this.#rooms.values()) {
        core.isLookedAt = false;
        if (core.loaded !== undefined) worker.wakeToSend();
      }
    });
    this.#devices = new Devices({
      account: own,
      around: () => this.#around,
      online: () => this.#online(),
      rooms: () => this.rooms.filter(({ status }) => status === "member"),
      after: scheduler.after,
      chores: () => {
        this.#chores.ask();
      },
    });
    this.#calls = new Calls(
      () => this.#around,
      (room) => this.#rooms.get(room)?.core,
      scheduler,
    );
    this.#files = new Files({
      around: () => this.#around,
      timeline: () => this.#timeline,
      find: (room) => this.#rooms.get(room)?.core,
      wake: (room) => this.#rooms.get(room)?.worker.wakeToSend(),
      after: scheduler.after,
      open: options.openFile,
    });
    this.#timeline = new Timeline({
      ...{ store, device: account.device, random, calls: this.#calls },
      may: (room, user, capability) => this.#rooms.get(room)?.core.may(user, capability) ?? false,
      timers: (room) => this.#rooms.get(room)?.core.timers,
    });
    this.#expiring = new Expiring({
      timeline: this.#timeline,
      store,
      events,
      clock,
      clockwork: this.#clockwork,
      find: (room) => this.#rooms.get(room)?.core,
      fail: this.#fail,
    });
    const groupOptions: GroupOptions = {
      padding: messagePadding,
      ...group,
      authentication: account.authentication,
      registry: appData.registry,
      handshake: "public",
      acceptHandshake: "public",
      clock,
      random,
    };
    this.#around = {
      store,
      events,
      clock,
      random,
      device: account.device,
      user: userOfDevice(account.device),
      identity: account.identity,
      leaf: account.leaf ?? {},
      copies,
      book,
      appData,
      folding: this.#timeline satisfies Folding,
      loaded: new LoadedRooms(mostLoaded),
      groupOptions,
      connection: () => (this.#failure === undefined && !copies.isCopied ? this.#connecting.connection : undefined),
      writeId: () => copyBytes(random(16)),
      met: (users) => {
        this.#contacts?.met(users);
        if (this.#contacts !== undefined) this.#chores.ask();
      },
      expiring: (at) => {
        this.#expiring.at(at);
      },
      later: (room, delay) => {
        this.#clockwork.set(`room ${room}`, delay, () => this.#rooms.get(room)?.worker.wake());
      },
      lost: () => {
        this.#connecting.lost();
      },
      fail: this.#fail,
    };
    events.retellBy((delay) => {
      this.#clockwork.set("events", delay, () => {
        events.retell();
      });
    });
    this.#connecting = new Connecting({
      store,
      delivery,
      identity: () => this.#around.identity,
      state,
      copies,
      events,
      clockwork: this.#clockwork,
      random,
      onOpen: () => {
        this.#onOpen();
      },
      onNews: (news) => {
        this.#onNews(news);
      },
      fail: this.#fail,
    });
  }

  /**
   * The client of a store, which is this device's from now on.
   *
   * @throws ClientError "client-account" where the store is another device's, "client-version", "client-damaged".
   */
  static async open(options: ClientOptions): Promise<Client> {
    openTakes("Client.open", options);
    const { store } = options;
    const events = await EventLog.open(store);
    const opened = await openAccount(options, events);
    const state = await openState(store, opened.account.device);
    const client = new Client(options, events, state, opened, await Copies.open(store, opened.account.identity));
    for await (const { key, value } of store.range({ prefix: ["room"] })) {
      client.#add(new RoomCore(client.#around, String(key[1]), roomEntry.read(value)));
    }
    client.#queue = await DeviceQueue.open(client.#around, {
      find: (room) => client.#rooms.get(room)?.core,
      add: (core) => {
        client.#add(core).worker.wake();
      },
      heard: async (item) => {
        if (item.kind !== "parcel") return undefined;
        if (item.topic !== knockTopic) return client.#devices.take(item);
        return knocked(item.from, item.bytes, (room) => client.#rooms.get(room)?.core);
      },
    });
    await client.#expiring.run();
    if (options.online !== false) client.#connecting.start();
    return client;
  }

  /** This device's URI. */
  get device(): string {
    return this.#around.device;
  }

  /** This device's user. */
  get user(): string {
    return this.#around.user;
  }

  /** Whether the service can be reached now. */
  get isOnline(): boolean {
    return this.#around.connection() !== undefined;
  }

  /** Why nothing is done any more, where that is so: close the client and open it again. */
  get failure(): unknown {
    return this.#failure;
  }

  /** Whether this store is an older copy of the device's, or one of two that run: nothing is encrypted before `heal`. */
  get isCopied(): boolean {
    return this.#around.copies.isCopied;
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
    this.#checkUsable();
    await heal(this.#around, { connecting: this.#connecting, devices: this.#devices, rooms: this.#rooms }, account);
  }

  /** Events go to this listener, one at a time, in their order: each again until it has returned. One listener at a time. */
  listen(listener: EventListener | undefined): void {
    this.#events.listen(listener);
  }

  /**
   * Hear what is said past the log, until the returned function is called: who is typing or present, and the signals of calls.
   * Nothing of it is stored, and what is said while nobody listens is not told later.
   *
   *     client.onEphemeral(({ room, user, said }) => said.kind === "typing" && showTyping(room, user, said.activity));
   */
  onEphemeral(listener: EphemeralListener): () => void {
    return this.#ephemerals.listen(listener);
  }

  /** What became of what was said past the log since this client was opened. */
  get whispers(): WhisperCounts {
    return this.#whispered.counts;
  }

  /** The rooms of this device, those that it has left included. */
  get rooms(): readonly ClientRoom[] {
    return Array.from(this.#rooms.values(), (room) => this.#handle(room));
  }

  /** A room of this device. @throws ClientError "room-unknown" */
  room(room: string): ClientRoom {
    const found = this.#rooms.get(room);
    if (found === undefined) throw new ClientError("room-unknown");
    return this.#handle(found);
  }

  /** What this user has not read in all rooms. Of a muted room only messages that name this user count. */
  get unread(): Unread {
    return unreadOf(Array.from(this.#rooms.values(), ({ core }) => core));
  }

  /**
   * The newest messages that hold all words of a text, in whatever case: of those that this device has.
   *
   *     const found = await client.search("summit path", { room: room.id });
   */
  search(text: string, how?: SearchOptions): Promise<readonly Found[]> {
    return search({ store: this.#around.store, timeline: this.#timeline, rooms: [...this.#rooms.keys()] }, text, how);
  }

  /** A new room. It is there at once; the service and its other participants hear of it when it can be reached. */
  async createRoom(options: NewRoomOptions): Promise<ClientRoom> {
    createRoomTakes("createRoom", options);
    this.#checkUsable();
    const core = await createRoom(this.#around, options);
    const room = this.#add(core);
    room.worker.wake();
    return this.#handle(room);
  }

  /**
   * Come into a room by a link, or by the room's URI where it lets everybody in. Its timeline begins here.
   *
   * @throws ClientError "link-invalid", "room-unknown", "not-allowed" where its policy or the service does not let this user in by it, "offline"
   */
  async joinByLink(link: string): Promise<ClientRoom> {
    text("link", link);
    const find = (room: string): RoomCore | undefined => this.#rooms.get(room)?.core;
    const { joinFromOutside } = await import("./room/joining.ts");
    const room = this.#add(await joinFromOutside(this.#around, this.#online(), link, find));
    room.worker.wake();
    return this.#handle(room);
  }

  /**
   * Ask a user who is in a room to be let in: one who may do so hears the event "knock". This user agrees to being let in by that one.
   *
   * @throws ClientError "link-invalid" where it is no room or no user, or more than 256 characters; "offline"; DeliveryError
   */
  async knock(room: string, how: KnockOptions): Promise<void> {
    text("room", room);
    knockTakes("knock", how);
    await knock(this.#around, this.#online(), room, how);
  }

  /** This user's devices, as the user's list names them. Empty for accounts of the application's own. */
  devices(): Promise<readonly Device[]> {
    return this.#devices.all();
  }

  /** Put a device on the user's list, and into all rooms. @throws ClientError "account-missing", "offline"; AccountError */
  async addDevice(device: NewDevice): Promise<void> {
    await this.#devices.change({ add: [device] });
  }

  /** Take a device off the user's list, and out of all rooms. @throws as `addDevice` */
  async removeDevice(device: string): Promise<void> {
    await this.#devices.change({ remove: [device] });
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
    linkTakes("linkDevice", options);
    return this.#devices.link(offer, options);
  }

  /**
   * What this user and another compare, to know that nobody is between them: of their root keys, so that it survives new devices.
   *
   * @throws ClientError "user-unknown" where nothing of the user is known
   */
  async safetyNumber(user: string): Promise<SafetyNumber> {
    const { book } = this.#around;
    const connection = this.#around.connection();
    const theirs = connection === undefined ? await book?.viewOf(user) : await book?.refresh(connection, user);
    const ours = await book?.viewOf(this.user);
    if (ours === undefined || theirs === undefined) throw new ClientError("user-unknown");
    return safetyNumber({ ours, theirs });
  }

  /** Ask a user for consent to be written to, give it, take it back. @throws ClientError "offline"; DeliveryError */
  async consent(user: string, consent: ConsentOperation): Promise<void> {
    await this.#online().consent({ id: this.#around.writeId(), user, ...consent });
  }

  /** Hear nothing more of a user, or hear again. @throws ClientError "offline"; DeliveryError */
  async block(user: string, blocked = true): Promise<void> {
    await this.#online().block({ id: this.#around.writeId(), user, blocked });
  }

  /** Look for news now: after a push, or where the application has reason to believe that a hint was lost. */
  refresh(): void {
    this.#checkUsable();
    this.#chores.ask();
  }

  /** Do what is due. The platform's timers do it, unless there are none. */
  tick(): void {
    this.#clockwork.tick();
  }

  /** When `tick` has something to do next, in milliseconds since 1970. */
  get nextTick(): number | undefined {
    return this.#clockwork.next;
  }

  /** Go online, where the client was opened offline or the service was away. */
  connect(): void {
    this.#checkUsable();
    this.#connecting.start();
  }

  /** When nothing is under way: what waits for a timer, for the service or for others is not. */
  async settled(): Promise<void> {
    for (;;) {
      await this.#connecting.settled();
      await this.#expiring.settled();
      await this.#chores.running;
      const workers = Array.from(this.#rooms.values(), ({ worker }) => worker);
      for (const worker of workers) await worker.settled();
      await this.#ephemerals.settled();
      await this.#calls.settled();
      await this.#files.settled();
      await this.#events.settled();
      if (this.#chores.running === undefined && !this.#calls.isBusy && workers.every((worker) => !worker.isWorking))
        return;
    }
  }

  /** Let go of the service and the store, when what is under way is done. */
  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#devices.close();
    this.#calls.close();
    await this.#files.close();
    this.#clockwork.stop();
    await this.#connecting.stop();
    await this.#chores.running;
    await this.#expiring.stop();
    for (const { worker } of this.#rooms.values()) await worker.settled();
    await this.#ephemerals.settled();
    await this.#events.stop();
    await this.#around.store.close();
  }

  #handle({ core, worker, whispers }: OpenRoom): ClientRoom {
    const wake = (): void => {
      worker.wake();
    };
    const wakeToSend = (): void => {
      worker.wakeToSend();
    };
    return new ClientRoom({
      core,
      timeline: this.#timeline,
      calls: this.#calls,
      files: this.#files,
      whispers,
      wake,
      wakeToSend,
    });
  }

  #add(core: RoomCore): OpenRoom {
    const known = this.#rooms.get(core.id);
    if (known?.core === core) return known;
    const room = { core, worker: new RoomWorker(core), whispers: new RoomWhispers(core, this.#whispered) };
    this.#rooms.set(core.id, room);
    return room;
  }

  #online(): Connection {
    this.#checkUsable();
    const connection = this.#around.connection();
    if (connection === undefined) throw new ClientError("offline");
    return connection;
  }

  #checkUsable(): void {
    if (this.#isClosed) throw new ClientError("client-closed");
    if (this.#failure !== undefined) throw new ClientError("client-failed", { cause: this.#failure });
  }

  #onOpen(): void {
    this.#isNew = true;
    this.#chores.ask();
    this.#files.wake();
  }

  #onNews(news: News): void {
    if (news.kind === "room") this.#rooms.get(news.room)?.worker.wake();
    if (news.kind === "queue") this.#chores.ask();
    if (news.kind === "whisper") {
      const room = this.#rooms.get(news.room);
      if (room === undefined) return;
      this.#ephemerals.take(room.core, room.whispers, news.bytes, (cause) => {
        this.#fail(cause);
      });
    }
  }

  async #chore(connection: Connection): Promise<void> {
    if (this.#isNew) {
      this.#isNew = false;
      const cores = Array.from(this.#rooms.values(), ({ core }) => core);
      for (const room of await unfinishedAmong(cores, this.#around.store)) this.#rooms.get(room)?.worker.wake();
    }
    await this.#devices.publish(connection);
    await this.#queue?.catchUp(connection);
    await this.#devices.bring();
    await this.#contacts?.refresh(connection);
    await refill(this.#around, connection, this.#supply);
    await this.#devices.chore(connection);
    const cores = Array.from(this.#rooms.values(), ({ core }) => core);
    for (const room of await renewDue(cores, this.#renewEvery)) this.#rooms.get(room)?.worker.wake();
    for (const { room } of await connection.changed()) {
      const core = await adopt(this.#around, room, this.#rooms.get(room)?.core);
      (core === undefined ? this.#rooms.get(room) : this.#add(core))?.worker.wake();
    }
  }

  #failed(error: unknown): void {
    if (isAway(error)) this.#connecting.lost();
    else this.#fail(error);
  }
}
