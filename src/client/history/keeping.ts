/**
 * What a client does for the encrypted history of its user without having fetched it: it marks what is to be kept, so that nothing is lost where
 * another process of this device, which does not write the history, opens a message.
 */

import type { AccountView } from "../../accounts/view.ts";
import type { Connection } from "../../delivery/delivery.ts";
import type { StoreChange } from "../../storage/store.ts";
import type { RoomCore } from "../room/core.ts";
import type { SharedMessage } from "../shared/messages.ts";
import type { Shared } from "../shared/shared.ts";
import type { Surroundings } from "../surroundings.ts";
import type { Account } from "../account/account.ts";
import type { Clockwork } from "../clockwork.ts";
import { Turns } from "../turns.ts";
import { dueMarks, writeAfter } from "./due.ts";
import type { History } from "./history.ts";
import type { HistoryOptions, RestoredHistory, RestoreHistoryOptions } from "./options.ts";
import type { HistoryParts } from "./parts.ts";
import type { UserHistory } from "./user-history.ts";

/** What it needs of the client. */
export interface KeepingParts {
  readonly around: Surroundings;
  readonly rooms: ReadonlyMap<string, { readonly core: RoomCore; readonly worker: { wakeToSend(): void } }>;
  readonly selfRoom: string | undefined;
  readonly devices: { readonly account: Account | undefined; view(): Promise<AccountView | undefined> };
  readonly clockwork: Pick<Clockwork, "setOnce" | "sooner">;
  readonly chores: { ask(of: "history"): void };
  shared(): Promise<Shared>;
}

export class HistoryKeeping implements UserHistory {
  readonly #parts: Omit<HistoryParts, "options"> & { readonly view: () => Promise<AccountView | undefined> };
  /** Undefined: nothing is written by this process. */
  readonly #options: HistoryOptions | undefined;
  #history: Promise<History> | undefined;

  readonly firstPlace: bigint = 2n ** 40n;

  constructor(client: KeepingParts, options: HistoryOptions | undefined) {
    const { rooms, clockwork } = client;
    this.#options = options;
    this.#parts = {
      around: () => client.around,
      find: (room) => rooms.get(room)?.core,
      selfRoom: () => client.selfRoom,
      account: () => client.devices.account,
      view: () => client.devices.view(),
      keyNumber: () => client.devices.account?.accountKey.certificate.number ?? 0,
      shared: () => client.shared(),
      marks: new Turns(),
      wake: (room) => rooms.get(room)?.worker.wakeToSend(),
      later: (delay) => {
        clockwork.setOnce("history", delay, () => {
          client.chores.ask("history");
        });
        clockwork.sooner("history", delay);
      },
    };
  }

  get isWriting(): boolean {
    return this.#options !== undefined;
  }

  #get(): Promise<History> {
    const options = this.#options ?? {};
    return (this.#history ??= import("./history.ts").then(({ History }) => new History({ ...this.#parts, options })));
  }

  marks(changes: readonly StoreChange[]): readonly StoreChange[] {
    const { around, later } = this.#parts;
    const marks = dueMarks(changes, around().clock());
    if (marks.length > 0 && this.isWriting) later(writeAfter);
    return marks;
  }

  async follow(room: string): Promise<void> {
    const core = this.#parts.find(room);
    if (core !== undefined && room === this.#parts.selfRoom()) await (await this.#get()).follow(core);
  }

  async heard(
    room: string,
    device: string,
    said: SharedMessage & { readonly kind: "history" },
  ): ReturnType<UserHistory["heard"]> {
    const core = this.#parts.find(room);
    return core === undefined ? { changes: [], events: [] } : (await this.#get()).heard(core, device, said);
  }

  async restore(connection: Connection, options: RestoreHistoryOptions): Promise<RestoredHistory> {
    return (await this.#get()).restore(connection, options);
  }

  async chore(connection: Connection, given?: AccountView): Promise<void> {
    const view = this.isWriting ? (given ?? (await this.#parts.view())) : undefined;
    if (view !== undefined) await (await this.#get()).chore(connection, view);
  }
}
