/**
 * What a client is made of, and how its parts are put together: the way to the service, the rooms with what keeps them going, the
 * timeline, calls, files, and the chores that are no room's.
 */

import { copyBytes } from "../bytes/copy.ts";
import { messagePadding } from "../content/padding.ts";
import { checkedRandom, platformRandom } from "../crypto/random.ts";
import type { Connection, News } from "../delivery/delivery.ts";
import { checkedClock } from "../bytes/clock.ts";
import type { GroupOptions } from "../public-group/options/settings.ts";
import { userOfDevice } from "../rooms/uri.ts";
import { Calls } from "./calls/calls.ts";
import { platformTimers } from "../bytes/timers.ts";
import { lookAtChanged } from "./changed-rooms.ts";
import { Chores } from "./chores.ts";
import { Clockwork, schedulerOf } from "./clockwork.ts";
import type { Blocking } from "./account/blocking.ts";
import { Contacts } from "./account/contacts.ts";
import { Devices } from "./account/devices.ts";
import { openAccount, type OpenedAccount } from "./account/opening.ts";
import { Connecting, openState, type ClientState } from "./connecting.ts";
import { DeviceQueue } from "./device-queue.ts";
import { hearing } from "./hearing.ts";
import { Ephemerals } from "./ephemeral/ephemerals.ts";
import { RoomWhispers, WhisperCounting } from "./ephemeral/whispers.ts";
import { ClientError } from "./errors.ts";
import { Files } from "./files/files.ts";
import type { Forks } from "./forks/forks.ts";
import { Copies } from "./healing/copies.ts";
import { watching } from "./idle/watching.ts";
import type { ClientOptions } from "./options.ts";
import { EventLog } from "./event-log.ts";
import type { KeyPackageSupply } from "./key-packages.ts";
import { isAway } from "./away.ts";
import type { Store } from "../storage/store.ts";
import type { ConsentPolicy } from "./people/consent-entries.ts";
import { openParts, type OpenedParts } from "./opened-parts.ts";
import { PeopleFetching } from "./people/fetching.ts";
import { renewalPeriod, renewDue } from "./room/renewing.ts";
import { RoomCore } from "./room/core.ts";
import { receiptsAllowed, receiptsIn } from "./room/receipts.ts";
import { LoadedRooms } from "./room/loaded.ts";
import { ClientRoom } from "./room/room.ts";
import { storedRooms } from "./room/state.ts";
import { unfinishedAmong } from "./room/unfinished.ts";
import { RoomWorker } from "./room/worker.ts";
import { openLayout } from "./store/layout.ts";
import { WriteBehind } from "./store/write-behind.ts";
import { foldingBeside } from "./shared/folding.ts";
import type { SelfRooms } from "./shared/self-rooms.ts";
import { SharedFetching } from "./shared/fetching.ts";
import type { Shared } from "./shared/shared.ts";
import { LogWatching } from "./transparency/watching.ts";
import type { Surroundings } from "./surroundings.ts";
import { Expiring } from "./timeline/expiring.ts";
import { Timeline } from "./timeline/timeline.ts";

/** A room and what keeps it going. */
export interface OpenRoom {
  readonly core: RoomCore;
  readonly worker: RoomWorker;
  readonly whispers: RoomWhispers;
}

/** How long what was read here is gathered before the user's other devices are told, in milliseconds. */
const shareAfter = 1_000;

/** How long receipts are gathered, in milliseconds. */
const reportAfter = 3_000;

/** Groups that are in memory at once. */
const mostLoaded = 64;

export class ClientCore {
  readonly around: Surroundings;
  readonly connecting: Connecting;
  readonly clockwork: Clockwork;
  readonly events: EventLog;
  readonly rooms: Map<string, OpenRoom> = new Map();
  readonly whispered: WhisperCounting = new WhisperCounting();
  readonly ephemerals: Ephemerals = new Ephemerals(this.whispered, this);
  readonly devices: Devices;
  readonly contacts: Contacts | undefined;
  readonly blocking: Blocking;
  readonly timeline: Timeline;
  readonly calls: Calls;
  readonly files: Files;
  readonly logWatching: LogWatching;
  readonly supply: KeyPackageSupply | undefined;
  readonly renewEvery: number;
  /** The rooms of the user's own devices: nobody sees them. */
  readonly selfRooms: SelfRooms;
  /** Whether receipts may wait that are to be sent. */
  #reportsDue = true;
  readonly consentPolicy: ConsentPolicy;
  readonly people: PeopleFetching = new PeopleFetching(this);
  readonly sharing: SharedFetching = new SharedFetching(this);
  queue: DeviceQueue | undefined;
  readonly chores: Chores;
  /** Whether there is a new connection, over which no room has been looked at. */
  isNew = false;
  readonly expiring: Expiring;
  /** Why nothing is done any more, where that is so. */
  failure: unknown;
  readonly fail = (cause: unknown): void => {
    this.failure ??= cause;
  };
  isClosed = false;
  readonly #find = (room: string): RoomCore | undefined => this.rooms.get(room)?.core;
  readonly #wakeToSend = (room: string): void => this.rooms.get(room)?.worker.wakeToSend();

  private constructor(
    options: ClientOptions & { readonly store: WriteBehind },
    events: EventLog,
    state: ClientState,
    opened: OpenedAccount,
    copies: Copies,
    { blocking, selfRooms, keeping }: OpenedParts,
  ) {
    this.blocking = blocking;
    this.selfRooms = selfRooms;
    const { store, delivery, group = {} } = options;
    const { account, book, own, appData } = opened;
    const clock = checkedClock(options.clock);
    const random = checkedRandom(options.random ?? platformRandom);
    this.events = events;
    this.supply = options.keyPackages;
    this.renewEvery = options.renewEvery ?? renewalPeriod;
    this.consentPolicy = options.consent ?? "everybody";
    this.clockwork = new Clockwork(clock, options.timers === "none" ? undefined : (options.timers ?? platformTimers));
    this.chores = new Chores({
      clockwork: this.clockwork,
      connection: () => this.around.connection(),
      run: async (connection, of) => (of === "all" ? this.#chore(connection) : this.around.history?.chore(connection)),
      failed: (error) => {
        this.#failed(error);
      },
    });
    const scheduler = schedulerOf(clock, this.clockwork);
    events.isHidden = (room) => selfRooms.has(room);
    this.contacts = book && new Contacts(book, store, clock, events);
    this.logWatching = new LogWatching(() => this.around, this.#wakeToSend, { keys: options.transparency, book });
    book?.onChange(() => {
      for (const { core, worker } of this.rooms.values()) {
        core.isLookedAt = false;
        if (core.loaded !== undefined) worker.wakeToSend();
      }
    });
    this.devices = new Devices({
      account: own,
      around: () => this.around,
      online: () => this.online(),
      rooms: () => {
        const own = Array.from(this.rooms.values()).filter(({ core }) => selfRooms.has(core.id));
        return own.length === 0 ? this.rooms.values() : new Set([...own, ...this.rooms.values()]); // what is said there is secret first
      },
      after: scheduler.after,
      chores: () => {
        this.chores.ask();
      },
    });
    this.calls = new Calls(() => this.around, this.#find, scheduler);
    this.files = new Files({
      around: () => this.around,
      timeline: () => this.timeline,
      find: (room) => this.rooms.get(room)?.core,
      wake: (room) => this.rooms.get(room)?.worker.wakeToSend(),
      after: scheduler.after,
      open: options.openFile,
    });
    this.timeline = new Timeline({
      ...{ store, device: account.device, random, calls: this.calls },
      may: (room, user, capability) => this.rooms.get(room)?.core.may(user, capability) ?? false,
      timers: (room) => this.rooms.get(room)?.core.timers,
      isBlocked: (user) => blocking.isBlocked(user),
      heard: async (message, content) => {
        this.chores.ask();
        return (await this.logWatching.heard(message, content)) ?? (await this.#forksOf()).heard(message, content);
      },
      receipts: {
        wanted: (room) => receiptsIn(this.rooms.get(room)?.core),
        allowed: (room) => receiptsAllowed(this.rooms.get(room)?.core),
        waits: () => {
          this.around.report();
        },
      },
    });
    this.expiring = new Expiring({
      timeline: this.timeline,
      ...{ store, events, clock },
      clockwork: this.clockwork,
      find: (room) => this.rooms.get(room)?.core,
      fail: this.fail,
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
    const history = keeping && new keeping(this, own && options.history);
    this.around = {
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
      folding: foldingBeside(this.timeline, selfRooms, {
        shared: () => this.shared(),
        heard: (room) => {
          if (this.sharing.awaits(room)) this.chores.ask();
        },
      }),
      idle: watching(options.removeIdle),
      loaded: new LoadedRooms(mostLoaded),
      groupOptions,
      connection: () => (this.failure === undefined && !copies.isCopied ? this.connecting.connection : undefined),
      writeId: () => copyBytes(random(16)),
      receipts: options.receipts ?? {},
      keepOriginals: options.keepOriginals ?? true,
      history,
      firstPlace: history?.firstPlace ?? 1n,
      isRecovered: opened.isRecovered,
      isSelf: (room) => selfRooms.has(room),
      report: () => {
        this.clockwork.setOnce("receipts", reportAfter, () => {
          this.#reportsDue = true;
          this.chores.ask();
        });
      },
      isSharing: false,
      share: () => {
        this.clockwork.setOnce("share", shareAfter, () => {
          this.chores.ask();
        });
      },
      met: (users) => {
        this.contacts?.met(users);
        if (this.contacts !== undefined) this.chores.ask();
      },
      expiring: (at) => {
        this.expiring.at(at);
      },
      later: (room, delay) => {
        this.clockwork.set(`room ${room}`, delay, () => this.rooms.get(room)?.worker.wake());
      },
      lost: () => {
        this.connecting.lost();
      },
      fail: this.fail,
    };
    events.retellBy((delay) => {
      this.clockwork.set("events", delay, () => {
        events.retell();
      });
    }, this.fail);
    this.connecting = new Connecting({
      store,
      delivery,
      identity: () => this.around.identity,
      state,
      copies,
      events,
      clockwork: this.clockwork,
      random,
      onOpen: () => {
        this.#onOpen();
      },
      onNews: (news) => {
        this.#onNews(news);
      },
      fail: this.fail,
    });
  }

  /**
   * The client of a store, which is this device's from now on.
   *
   * @throws ClientError "client-account" where the store is another device's, "client-version", "client-damaged".
   */
  static async open(given: ClientOptions): Promise<ClientCore> {
    const store = new WriteBehind(given.store);
    const options = { ...given, store };
    await openLayout(store);
    const events = await EventLog.open(store);
    const opened = await openAccount(options, events);
    const state = await openState(store, opened.account.device);
    const copies = await Copies.open(store, opened.account.identity);
    const parts = await openParts(store, { own: opened.own, history: options.history });
    const core = new ClientCore(options, events, state, opened, copies, parts);
    for await (const { id, state } of storedRooms(store)) core.add(new RoomCore(core.around, id, state, true));
    core.queue = await DeviceQueue.open(core.around, hearing(core));
    await core.expiring.run();
    if (options.online !== false) core.connecting.start();
    return core;
  }

  /** When nothing is under way: what waits for a timer, for the service or for others is not. */
  async settled(): Promise<void> {
    for (;;) {
      await this.connecting.settled();
      await this.expiring.settled();
      await this.chores.running;
      const workers = Array.from(this.rooms.values(), ({ worker }) => worker);
      for (const worker of workers) await worker.settled();
      await this.ephemerals.settled();
      await this.calls.settled();
      await this.files.settled();
      await this.events.settled();
      if (this.chores.running === undefined && !this.calls.isBusy && workers.every((worker) => !worker.isWorking))
        return;
    }
  }

  /** Let go of the service and the store, when what is under way is done; before that, do the last thing with it. */
  async close(last?: (store: Store) => Promise<void>): Promise<void> {
    if (this.isClosed) return;
    this.isClosed = true;
    this.devices.close();
    this.calls.close();
    await this.files.close();
    this.clockwork.stop();
    await this.connecting.stop();
    await this.chores.running;
    await this.expiring.stop();
    for (const { worker } of this.rooms.values()) await worker.settled();
    await this.ephemerals.settled();
    await this.events.stop();
    await last?.(this.around.store);
    await this.around.store.close();
  }

  /** The rooms as an application has them. */
  handles(): readonly ClientRoom[] {
    return Array.from(this.rooms.values())
      .filter(({ core }) => !this.selfRooms.has(core.id))
      .map((room) => this.handle(room));
  }

  /** The room of the user's own devices, where the user has an account of copse. */
  get selfRoom(): string | undefined {
    return this.selfRooms.current;
  }

  /** What the user's devices share. */
  shared(): Promise<Shared> {
    return this.sharing.get();
  }

  handle({ core, worker, whispers }: OpenRoom): ClientRoom {
    const hurrying = (work: () => void) => (): void => {
      work();
      this.connecting.hurry();
    };
    return new ClientRoom({
      core,
      timeline: this.timeline,
      calls: this.calls,
      files: this.files,
      whispers,
      shared: () => this.shared(),
      wake: hurrying(() => worker.wake()),
      wakeToSend: hurrying(() => worker.wakeToSend()),
    });
  }

  add(core: RoomCore): OpenRoom {
    const known = this.rooms.get(core.id);
    if (known?.core === core) return known;
    const room = { core, worker: new RoomWorker(core), whispers: new RoomWhispers(core, this.whispered) };
    this.rooms.set(core.id, room);
    return room;
  }

  online(): Connection {
    this.checkUsable();
    const connection = this.around.connection();
    if (connection === undefined) throw new ClientError("offline");
    return connection;
  }

  checkUsable(): void {
    if (this.isClosed) throw new ClientError("client-closed");
    if (this.failure !== undefined) throw new ClientError("client-failed", { cause: this.failure });
  }

  #onOpen(): void {
    this.isNew = true;
    this.chores.ask();
    this.files.wake();
  }

  #onNews(news: News): void {
    if (news.kind === "room") this.rooms.get(news.room)?.worker.wake();
    if (news.kind === "queue") this.chores.ask();
    if (news.kind === "whisper") {
      const room = this.rooms.get(news.room);
      if (room === undefined) return;
      this.ephemerals.take(room.core, room.whispers, news.bytes, this.fail);
    }
  }

  async #chore(connection: Connection): Promise<void> {
    if (this.isNew) {
      this.isNew = false;
      const cores = Array.from(this.rooms.values(), ({ core }) => core);
      for (const room of await unfinishedAmong(cores, this.around.store)) this.rooms.get(room)?.worker.wake();
    }
    const { devices } = this;
    if (devices.isRevoking) await (await import("./revoking/carry-out.ts")).carryOut(this, connection);
    await this.blocking.tell(connection, () => this.around.writeId());
    await this.people.chore(connection);
    await devices.publish(connection);
    await this.queue?.catchUp(connection);
    if (await devices.isKeyRenewed()) await (await import("./revoking/renewing.ts")).renewKeys(this, connection);
    await this.devices.bring();
    const view = await this.devices.view();
    const isOne = (view?.devices.length ?? 0) <= 1 && this.around.history?.isWriting !== true;
    this.around.isSharing = this.selfRoom !== undefined && !isOne;
    if (view !== undefined && this.around.isSharing) await this.sharing.chore(connection, view);
    if (this.#reportsDue) {
      this.#reportsDue = false;
      const { reportAll } = await import("./room/reporting.ts");
      for (const room of await reportAll(this.around, this.#find)) this.#wakeToSend(room);
    }
    await this.contacts?.refresh(connection);
    const { refill } = await import("./key-packages.ts");
    await refill(this.around, connection, this.supply);
    await this.devices.chore(connection);
    const cores = Array.from(this.rooms.values(), ({ core }) => core);
    for (const room of await renewDue(cores, this.renewEvery)) this.rooms.get(room)?.worker.wake();
    const { copies } = this.around;
    if (cores.every(({ state }) => state.status !== "behind")) await copies.forgetFormer(this.around.store);
    if (cores.length > 1) await (await this.#forksOf()).look(cores);
    await this.logWatching.chore(connection, cores);
    await lookAtChanged(this, connection);
  }

  /** What compares epochs: fetched by who is in more than one room. */
  async #forksOf(): Promise<Forks> {
    const { Forks } = await import("./forks/forks.ts");
    return (this.#forks ??= new Forks(this.#find, this.#wakeToSend));
  }
  #forks: Forks | undefined;

  #failed(error: unknown): void {
    if (isAway(error)) this.connecting.lost();
    else this.fail(error);
  }
}
