/**
 * Two servers on one database take an account's next statements at once, or one lets a device in meanwhile: in whichever order their steps come, each device is
 * listed as the last statement says.
 */

import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { utf8, utf8Decode } from "../../src/bytes/text.ts";
import type { AccountsCheck } from "../../src/delivery/options.ts";
import type { DeliveryPort } from "../../src/delivery/port.ts";
import { newId, signedIn, type TestDevice } from "../../src/testing/delivery/device.ts";
import { gated, TestWorld } from "../delivery/world.ts";
import { pgliteUnderTest, type UnderTest } from "./under-test.ts";

/** A statement is the names of those whom it lists. */
const accounts: AccountsCheck = {
  device: ({ device, statement }) =>
    statement === undefined || utf8Decode(statement)?.includes(device) === true ? "listed" : "linking",
  statement: () => true,
};

let database: UnderTest;
beforeAll(async () => {
  database = await pgliteUnderTest();
});
afterAll(() => database.close());

interface Servers {
  readonly phone: TestDevice;
  readonly tablet: TestDevice;
  /** The one whose steps are counted. */
  readonly slow: TestWorld;
  readonly port: DeliveryPort;
  readonly publish: (number: bigint, ...listed: readonly TestDevice[]) => Promise<string>;
}

/** Do something at one server, and something else at the other before one of its steps. False where it has fewer steps. */
async function meanwhile(
  step: number,
  slow: (servers: Servers) => Promise<unknown>,
  fast: (servers: Servers) => Promise<unknown>,
): Promise<boolean> {
  await database.clear();
  const port = database.port();
  const due: { left: number; isDone: boolean; act?: (() => Promise<unknown>) | undefined } = {
    left: step,
    isDone: false,
  };
  const watched = gated(database.port(), async () => {
    const { act } = due;
    if (act === undefined || --due.left >= 0) return;
    due.act = undefined;
    await act();
    due.isDone = true;
  });
  const [one, other] = [new TestWorld({ accounts }, watched), new TestWorld({ accounts }, port)];
  const [phone, tablet] = [await other.device("alice"), await other.device("alice", "tablet")];
  const said = (number: bigint, listed: readonly TestDevice[]) => ({
    user: phone.user,
    number,
    statement: utf8(listed.map(({ uri }) => uri).join(" ")),
  });
  const publish = (number: bigint, ...listed: readonly TestDevice[]): Promise<string> =>
    phone.connection.publishStatement(said(number, listed));
  expect(await publish(0n, phone, tablet)).toBe("accepted");
  const servers = { phone, tablet, slow: one, port, publish };
  // The phone has a connection to each, so that either takes its statements.
  const connection = await signedIn(one.delivery, phone.uri, phone.identity);
  const atSlow = {
    ...servers,
    publish: (number: bigint, ...listed: readonly TestDevice[]) => connection.publishStatement(said(number, listed)),
  };
  await connection.queue();
  due.act = () => fast(servers);
  await slow(atSlow);
  return due.isDone;
}

const listedOf = async ({ port, phone }: Servers): Promise<readonly string[]> =>
  (await port.devices.ofUser(phone.user)).filter(({ listed }) => listed).map(({ device }) => device);

describe("two servers on one database", () => {
  it.each([
    ["takes the device off and back on", false],
    ["leaves it on and takes it off", true],
  ] as const)("list each device by the last of two statements: the list %s", async (_, isFirstOn) => {
    let step = 0;
    for (; ; step++) {
      let found: readonly string[] = [];
      let expected: readonly string[] = [];
      const hasStep = await meanwhile(
        step,
        async (servers) => {
          const { phone, tablet, publish } = servers;
          await publish(1n, ...(isFirstOn ? [phone, tablet] : [phone])); // "number" where the other was first
          const last = (await servers.port.users.lastStatement(phone.user))?.statement ?? new Uint8Array(0);
          expected = (utf8Decode(last) ?? "").split(" ");
          found = await listedOf(servers);
        },
        async ({ phone, tablet, port, publish }) => {
          const last = (await port.users.lastStatement(phone.user))?.number ?? 0n;
          expect(await publish(last + 1n, ...(isFirstOn ? [phone] : [phone, tablet]))).toBe("accepted");
        },
      );
      if (!hasStep) break;
      expect([...found].sort(), `before step ${String(step)}`).toEqual([...expected].sort());
    }
    // The last statement, adding one, the devices, and listing the tablet where that is another.
    expect(step).toBeGreaterThanOrEqual(isFirstOn ? 3 : 4);
  });

  it("list a device that signs in as the last statement says", async () => {
    let step = 0;
    for (; ; step++) {
      let found: readonly string[] = [];
      const hasStep = await meanwhile(
        step,
        async (servers) => {
          const { slow, tablet } = servers;
          await signedIn(slow.delivery, tablet.uri, tablet.identity, { known: 0n, next: 1n, id: newId() }).catch(
            () => undefined,
          );
          found = await listedOf(servers);
        },
        async ({ phone, tablet, publish }) => {
          await publish(1n, phone);
          await publish(2n, phone, tablet);
        },
      );
      if (!hasStep) break;
      expect(found, `before step ${String(step)}`).toHaveLength(2);
    }
    expect(step).toBeGreaterThanOrEqual(6);
  });
});
