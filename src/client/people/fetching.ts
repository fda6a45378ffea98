/**
 * Fetches what a user has to do with others when there is any of it: of who only talks it costs nothing.
 */

import type { Connection } from "../../delivery/delivery.ts";
import type { Member } from "../../public-group/events.ts";
import type { Rooms } from "../device-queue.ts";
import type { People, PeopleParts } from "./people.ts";

/** What waits from before the client was opened. */
const waiting = ["consent-untold", "refused-room"];

export class PeopleFetching {
  readonly #parts: PeopleParts;
  #people: Promise<People> | undefined;
  #hasLooked = false;

  constructor(parts: PeopleParts) {
    this.#parts = parts;
  }

  get(): Promise<People> {
    return (this.#people ??= import("./people.ts").then(({ People }) => new People(this.#parts)));
  }

  /** What comes of being brought into a room by a user who may not. */
  async refused(by: string | undefined, room: string): ReturnType<Rooms["refused"]> {
    const { inviting } = await this.get();
    const code = await inviting.refusal(by, room);
    return code && inviting.refused(by ?? "", room, code);
  }

  /** Whether one of a room's members may bring this user into it: who has done so is not known, or nobody has. */
  async mayBe(members: Iterable<Member>, room: string): Promise<boolean> {
    return (await this.get()).inviting.mayBe(members, room);
  }

  /** What is to be done with a connection. */
  async chore(connection: Connection): Promise<void> {
    if (this.#people === undefined && (this.#hasLooked || !(await this.#hasWaiting()))) return;
    await (await this.get()).chore(connection);
  }

  async #hasWaiting(): Promise<boolean> {
    for (const prefix of waiting) {
      const found = this.#parts.around.store.range({ prefix: [prefix], limit: 1 });
      for await (const { key } of found) return key.length > 0;
    }
    this.#hasLooked = true;
    return false;
  }
}
