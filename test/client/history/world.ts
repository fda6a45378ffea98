/**
 * Users whose clients keep their history, over a service in this process and a clock that is set.
 */

import type { ClientOptions } from "../../../src/client/options.ts";
import type { Delivery } from "../../../src/delivery/delivery.ts";
import type { DeliveryService } from "../../../src/delivery/service.ts";
import type { DeliveryOptions } from "../../../src/delivery/options.ts";
import type { TimelineEntry } from "../../../src/client/timeline/shown.ts";
import { settle, user, type Person } from "../world.ts";
import { first, second, service } from "../people/world.ts";
import { time } from "../people/time.ts";

export interface HistoryWorld {
  readonly hub: DeliveryService;
  readonly clock: () => number;
  readonly phone: Person & { readonly recoveryCode: string };
  readonly bob: Person;
  /** The room of Alice and Bob. */
  readonly room: string;
  pass(milliseconds: number, ...people: readonly Person[]): Promise<void>;
  /** Until what is due is written and told. */
  write(...people: readonly Person[]): Promise<void>;
  /** Another device of Alice's, that is in all rooms. */
  link(by: Person, name: string, more?: Partial<ClientOptions>): Promise<Person>;
}

/** Alice, whose client keeps her history, and Bob, whose client does not. */
export async function historyWorld({
  hub: options = {},
  there = (each) => each,
  more = {},
}: {
  readonly hub?: Partial<DeliveryOptions>;
  readonly there?: (hub: Delivery) => Delivery;
  readonly more?: Partial<ClientOptions>;
} = {}): Promise<HistoryWorld> {
  const { clock, pass } = time();
  const hub = service({ clock, ...options });
  const delivery = there(hub);
  const history = { clock, history: {}, ...more };
  const phone = await first(delivery, "alice", history);
  const bob = await first(hub, "bob", { clock });
  await settle(phone, bob);
  const write = async (...people: readonly Person[]): Promise<void> => {
    for (let i = 0; i < 9; i++) await pass(10_000, ...people);
  };
  const { id: room } = await phone.client.createRoom({ participants: [user("bob")] });
  await write(phone, bob);
  return {
    ...{ hub, clock, phone, bob, room, pass, write },
    link: async (by, name, moreOf = {}) => {
      const person = await second(by, delivery, name, { ...history, ...moreOf });
      await write(by, person, bob);
      await write(by, person, bob);
      return person;
    },
  };
}

/** What a timeline says, the oldest first: words, or "-" where they were taken back, and "*" behind what was restored. */
export async function told({ client }: Person, room: string): Promise<string[]> {
  const entries = await client.room(room).timeline({ limit: 1_000 });
  return entries.toReversed().map((entry) => `${wordsOf(entry)}${entry.status === "restored" ? "*" : ""}`);
}

function wordsOf({ said }: TimelineEntry): string {
  if (said === undefined) return "-";
  return said.kind === "text" ? said.text : said.kind;
}
