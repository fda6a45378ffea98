/**
 * A person who has lost her only device, over `copse serve` with its own database, PGlite: by the recovery code the history comes back on an empty
 * device, and what the service has on its disk is enough for it.
 */

import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { checkedClock } from "../../src/bytes/clock.ts";
import { utf8Decode } from "../../src/bytes/text.ts";
import { createAccount } from "../../src/client/account/create-account.ts";
import { Client } from "../../src/client/client.ts";
import type { ClientOptions } from "../../src/client/options.ts";
import { recoverAccount } from "../../src/client/recovering/recover-account.ts";
import type { Connection, Delivery } from "../../src/delivery/delivery.ts";
import { httpDelivery } from "../../src/delivery/http/http-delivery.ts";
import { memoryStore } from "../../src/storage/memory.ts";
import { between } from "../client/people/world.ts";
import { ended, ServeProgram, type Served } from "./serve-program.ts";

const address = "mimi://example.org";
const alice = `${address}/u/alice`;
let program: ServeProgram;

beforeAll(async () => {
  program = await ServeProgram.build();
});

afterAll(() => {
  program.remove();
});

function served(port: number): Promise<Served> {
  const data = join(program.folder, "data");
  return program.start({ address, port, data, accounts: "statements", consent: "everybody", "log-level": "error" });
}

test("the recovery code brings the history back on an empty device, from a server that was killed in between", async () => {
  let server = await served(0);
  const { port } = server;
  // The clients' own clock, which passes when they are done.
  let now = checkedClock(undefined)();
  const clock = (): number => now;
  const pass = async (client: Client, isThere: () => boolean | Promise<boolean>): Promise<void> => {
    while (!(await isThere())) {
      now += 10_000;
      client.tick();
      await client.settled();
    }
  };
  let records = 0;
  const http = httpDelivery({ url: `http://127.0.0.1:${String(port)}`, address });
  const counted: Delivery = between(http, (connection: Connection) => ({
    putHistory: async (upload) => {
      const answer = await connection.putHistory(upload);
      if (answer === "kept" && upload.records[0]!.length >= 200) records += upload.records.length;
      return answer;
    },
  }));
  const options = { clock, timers: "none", history: {} } satisfies Partial<ClientOptions>;
  try {
    const { account, recoveryCode } = await createAccount({ user: alice, device: "phone", clock });
    const phone = await Client.open({ account, store: memoryStore(), delivery: counted, ...options });
    const room = await phone.createRoom({ name: "notes" });
    for (const text of ["one", "two"]) await room.send({ text });
    await pass(phone, () => records === 2);
    await phone.close();
    await ended(server, "SIGKILL");
    server = await served(port);

    const store = memoryStore();
    const { history } = await recoverAccount({
      user: alice,
      device: "new",
      recoveryCode,
      store,
      delivery: http,
      clock,
    });
    expect(history).toBe("found");
    const fresh = await Client.open({ store, delivery: http, ...options });
    await pass(fresh, async () => {
      const outcome = await fresh.history.restore().catch((error: unknown) => {
        if (["offline", "history-early"].includes((error as { code?: string }).code ?? "")) return undefined;
        throw error;
      });
      return outcome?.isWhole === true;
    });
    // The room is one of hers alone: she is in it again.
    const back = fresh.room(room.id);
    expect(back.status).toBe("member");
    const texts = (await back.timeline()).map(({ message }) => message?.nestedPart);
    expect(texts.map((part) => part?.cardinality === "single" && utf8Decode(part.content))).toEqual(["two", "one"]);
    await fresh.close();
  } finally {
    await ended(server, "SIGTERM");
  }
});
