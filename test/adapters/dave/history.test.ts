import { describe, expect, test } from "vitest";
import { CopseClient, DaveyClient, Gateway, type Client } from "./gateway.ts";
import { Caller, daveyHears, daveySays, frames, noise } from "./world.ts";
import { codecs } from "./davey.ts";

/** Numbers from 0 to 1, the same for the same seed. */
function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

/** One call's life: who comes, goes, comes back and speaks, among three clients of copse and three of davey. */
async function play(seed: number, steps: number): Promise<Record<string, number>> {
  const next = random(seed);
  const pick = <T>(of: readonly T[]): T => of[Math.floor(next() * of.length)]!;
  const gateway = await Gateway.create();
  const callers = new Map<Client, Caller>();
  const away = new Set<bigint>([1n, 2n, 3n, 4n, 5n, 6n]);
  const done: Record<string, number> = { create: 0, add: 0, remove: 0, replace: 0, revoke: 0, speak: 0 };

  const enter = async (): Promise<Client> => {
    const id = pick([...away]);
    away.delete(id);
    if (id > 3n) return new DaveyClient(id);
    const client = await CopseClient.create({ userId: id });
    callers.set(client, new Caller(client));
    return client;
  };
  const leave = async (client: Client): Promise<void> => {
    away.add(client.userId);
    await gateway.disconnect(client);
  };
  const begin = async (): Promise<void> => {
    for (const client of [...gateway.clients]) await leave(client);
    const clients = [await enter(), await enter(), await enter()];
    for (const client of clients) await gateway.connect(client);
    await gateway.create(clients[0]!, clients.slice(1));
    done["create"]!++;
  };
  /** Everybody speaks in one codec, and everybody hears it. */
  const speak = (): void => {
    const frame = pick(frames);
    const isAudio = frame.codec === "opus";
    for (const speaker of gateway.members) {
      const data = isAudio ? noise(20 + Math.floor(next() * 200), Math.floor(next() * 1000)) : frame.data;
      const received = isAudio ? data : (frame.received ?? data);
      const sealed =
        speaker instanceof DaveyClient
          ? daveySays(speaker, data, codecs[frame.codec])
          : callers.get(speaker)!.say(data, frame.codec)!;
      for (const listener of gateway.members) {
        if (listener === speaker) continue;
        const heard =
          listener instanceof DaveyClient
            ? daveyHears(listener, speaker, sealed, isAudio)
            : callers.get(listener)!.hear(speaker.userId, sealed, isAudio ? "audio" : "video");
        expect(heard).toEqual(received);
      }
    }
    done["speak"]!++;
  };
  const agree = (): void => {
    const [first, ...others] = gateway.members.map(({ authenticator }) => [...(authenticator ?? [])]);
    for (const other of others) expect(other).toEqual(first);
  };

  await begin();
  for (let step = 0; step < steps; step++) {
    const roll = next();
    const { members } = gateway;
    if (roll < 0.3) speak();
    else if (roll < 0.34) await begin();
    else if (roll < 0.6 && away.size > 0) {
      const client = await enter();
      const committer = pick(members);
      await gateway.connect(client);
      await gateway.change(committer, { added: [client] });
      done["add"]!++;
    } else if (roll < 0.8 && members.length > 2) {
      const client = pick(members);
      await leave(client);
      await gateway.change(pick(members.filter((member) => member !== client)), { removed: [client] });
      done["remove"]!++;
    } else if (roll < 0.9 && members.length > 2 && away.size > 0) {
      const client = pick(members);
      await leave(client);
      const another = await enter();
      await gateway.connect(another);
      await gateway.change(pick(members.filter((member) => member !== client)), {
        removed: [client],
        added: [another],
      });
      done["replace"]!++;
    } else if (away.size > 1) {
      // two are proposed, and one is taken back: a committer of copse, since davey makes no Welcome after that
      const committer = members.find((member) => member instanceof CopseClient);
      if (committer === undefined) continue;
      const [one, two] = [await enter(), await enter()];
      await gateway.connect(one);
      await gateway.connect(two);
      const proposals = [await gateway.add(one), await gateway.add(two)];
      const refs = [gateway.refOf(proposals[1]!)];
      for (const member of members) await member.receive({ kind: "proposals", sequence: 0, proposals });
      await leave(two);
      for (const member of members) {
        if (member !== committer) await member.receive({ kind: "revocation", sequence: 0, refs });
      }
      const replies = await committer.receive({ kind: "revocation", sequence: 0, refs });
      await gateway.choose(committer, replies, { added: [one], removed: [] });
      done["revoke"]!++;
    }
    agree();
  }
  speak();
  return done;
}

describe("a random history with davey's clients", () => {
  test("of 200 steps: all agree, and everybody hears everybody", { timeout: 300_000 }, async () => {
    const done = await play(16, 200);
    for (const count of Object.values(done)) expect(count).toBeGreaterThan(3);
  });
});
