/**
 * Fetches what watches the service's log of accounts, where the application has the log's keys.
 */

import type { MimiContent } from "../../content/mimi.ts";
import type { Connection } from "../../delivery/delivery.ts";
import type { StoreChange } from "../../storage/store.ts";
import type { LogKeys } from "../../transparency/head.ts";
import type { AccountBook } from "../account/book.ts";
import type { RoomCore } from "../room/core.ts";
import type { OpenedMessage, Surroundings } from "../surroundings.ts";
import { logHeadIn } from "./content.ts";
import { dueLookup } from "./due.ts";
import type { LogWatch } from "./watch.ts";

/** What of it there is: of users without accounts of copse nothing is logged. */
export interface Watched {
  readonly keys: LogKeys | undefined;
  readonly book: AccountBook | undefined;
}

export class LogWatching {
  readonly #around: () => Surroundings;
  readonly #wake: (room: string) => void;
  readonly #keys: LogKeys | undefined;
  #watch: Promise<LogWatch> | undefined;

  constructor(around: () => Surroundings, wake: (room: string) => void, { keys, book }: Watched) {
    this.#around = around;
    this.#wake = wake;
    this.#keys = book && keys;
    if (this.#keys === undefined) return;
    book?.keepBeside(({ user }) => {
      const { user: own, clock } = around();
      return user === own ? [] : [dueLookup(user, clock())];
    });
  }

  /** Undefined where nothing is watched. */
  async get(): Promise<LogWatch | undefined> {
    const [keys, wake] = [this.#keys, this.#wake];
    if (keys === undefined) return undefined;
    return (this.#watch ??= import("./watch.ts").then(({ LogWatch }) =>
      LogWatch.open({ around: this.#around(), keys, wake }),
    ));
  }

  /** What a member has said, where it is a head of the log. */
  async heard(message: OpenedMessage, content: MimiContent): Promise<readonly StoreChange[] | undefined> {
    if (logHeadIn(content) === undefined) return undefined;
    return (await this.get())?.heard(message, content) ?? [];
  }

  async chore(connection: Connection, cores: readonly RoomCore[]): Promise<void> {
    await (await this.get())?.chore(connection, cores);
  }
}
