/**
 * Two devices of one user edit one message: the edit that the log has later has the last word, at everybody's.
 */

import { describe, expect, it } from "vitest";
import type { Connection, Delivery } from "../../../src/delivery/delivery.ts";
import { DeliveryError } from "../../../src/delivery/errors.ts";
import { roomAppData } from "../../../src/rooms/components.ts";
import { delivery, person, plain, settle, user, words, type Person } from "../world.ts";

/** A service whose answers to messages are lost while the line is bad. */
function losingAnswers(service: Delivery, line: { isBad: boolean }): Delivery {
  return {
    connect: async (login) => {
      const connection = await service.connect(login);
      const publish: Connection["publish"] = async (publication) => {
        const answer = await connection.publish(publication);
        if (line.isBad) throw new DeliveryError("unreachable");
        return answer;
      };
      return new Proxy(connection, {
        get: (target, name) => {
          if (name === "publish") return publish;
          const own: unknown = Reflect.get(target, name);
          return typeof own === "function" ? (own as (...all: unknown[]) => unknown).bind(target) : own;
        },
      });
    },
  };
}

async function world(line: { isBad: boolean }): Promise<{ phone: Person; laptop: Person; bob: Person; room: string }> {
  const service = delivery({ rooms: roomAppData() });
  const phone = await person(service, "alice", "phone", { delivery: losingAnswers(service, line) });
  const laptop = await person(service, "alice", "laptop");
  const bob = await person(service, "bob");
  await settle(phone, laptop, bob);
  const { id: room } = await bob.client.createRoom({ participants: [user("alice")] });
  await settle(phone, laptop, bob);
  await phone.client.room(room).send(plain("first"));
  await settle(phone, laptop, bob);
  return { phone, laptop, bob, room };
}

const edit = async ({ client }: Person, room: string, text: string): Promise<void> => {
  const [entry] = await client.room(room).timeline();
  await client.room(room).send({ ...plain(text), replaces: entry!.id });
};

describe("an edit race of two devices of one user", () => {
  it("is won by the later one in the log, where the answer to the earlier one was lost", async () => {
    const line = { isBad: false };
    const { phone, laptop, bob, room } = await world(line);
    line.isBad = true;
    await edit(phone, room, "by the phone");
    await settle(phone);
    await edit(laptop, room, "by the laptop");
    await settle(laptop, bob);
    line.isBad = false;
    phone.client.connect();
    await settle(phone, laptop, bob);
    for (const each of [phone, laptop, bob]) expect(await words(each, room)).toEqual(["by the laptop"]);
    expect(await phone.client.room(room).waiting()).toEqual([]);
    expect(phone.events.filter(({ kind }) => kind === "failed")).toEqual([]);
  });

  it("is won by the later one in the log, where the earlier one is read first", async () => {
    const line = { isBad: false };
    const { phone, laptop, bob, room } = await world(line);
    await edit(laptop, room, "by the laptop");
    await edit(phone, room, "by the phone"); // both before either has heard of the other
    await settle(laptop, phone, bob);
    const shown = await Promise.all([phone, laptop, bob].map((each) => words(each, room)));
    expect(new Set(shown.map((all) => all.join())).size).toBe(1);
  });
});
