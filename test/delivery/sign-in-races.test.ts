/**
 * A device signs in at the very moment it is put out: whichever step of the one comes before whichever of the other, it is out, and nobody had to look again.
 */

import { expect, it } from "vitest";
import { createAccountKey, rootKeyOf } from "../../src/accounts/keys.ts";
import { checkStatement } from "../../src/accounts/check-statement.ts";
import { createRecoveryCode } from "../../src/accounts/recovery-code.ts";
import { signDeviceList } from "../../src/accounts/statement.ts";
import { accountStatements } from "../../src/delivery/account-statements.ts";
import type { Connection } from "../../src/delivery/delivery.ts";
import { DeliveryError } from "../../src/delivery/errors.ts";
import { memoryPort } from "../../src/delivery/memory-port/memory-port.ts";
import type { DeliveryPort } from "../../src/delivery/port.ts";
import { noWakeups, type Wakeup, type Wakeups } from "../../src/delivery/wakeups.ts";
import { newId, signedIn, type TestDevice } from "../../src/testing/delivery/device.ts";
import { gated, TestWorld } from "./world.ts";

/** What puts a device out. */
interface Case {
  readonly phone: TestDevice;
  readonly tablet: TestDevice;
  readonly world: TestWorld;
}
type PuttingOut = (of: Case) => Promise<() => Promise<unknown>>;

const entryOf = ({ uri, identity }: TestDevice) => ({
  uri,
  cipherSuite: identity.suite.id,
  signatureKey: identity.signatureKey,
});

const ways: Readonly<Record<string, PuttingOut>> = {
  "its user is shut out": ({ tablet, world }) => Promise.resolve(() => world.delivery.shutOut(tablet.user, true)),
  "its account ends": ({ phone }) => Promise.resolve(() => phone.connection.deleteAccount({ id: newId() })),
  "a statement suspends it": async ({ phone, tablet }) => {
    const { user, suite, identity, uri } = phone;
    const root = await rootKeyOf(suite, createRecoveryCode().seed);
    const accountKey = await createAccountKey({ root, user });
    const maker = { uri, signer: identity.signer };
    const add = [entryOf(phone), entryOf(tablet)];
    const first = await signDeviceList({ accountKey, maker, changes: { add } });
    await phone.connection.publishStatement({ user, number: 0n, statement: first });
    const view = await checkStatement(undefined, first);
    const second = await signDeviceList({ view, accountKey, maker, changes: { suspend: [tablet.uri] } });
    return () => phone.connection.publishStatement({ user, number: 1n, statement: second });
  },
};

/** Hints between processes that are never lost. */
function hints(): () => Wakeups {
  const heard = new Set<(wakeup: Wakeup) => void>();
  return () => {
    let own: ((wakeup: Wakeup) => void) | undefined;
    return {
      ...noWakeups,
      tell: (wakeup) => {
        for (const hear of heard) if (hear !== own) hear(wakeup);
      },
      hear: (hear) => {
        heard.add((own = hear));
        return () => heard.delete(hear);
      },
    };
  };
}

/** Sign in, with something done before one of the steps. Undefined where there are fewer steps. */
async function signInWith(put: PuttingOut, processes: 1 | 2, step: number): Promise<unknown> {
  const port = memoryPort();
  const [wakeups, accounts] = [hints(), accountStatements()];
  const due: { left: number; act?: (() => Promise<unknown>) | undefined } = { left: step };
  const isStep = async (): Promise<void> => {
    const { act } = due;
    if (act === undefined || --due.left >= 0) return;
    due.act = undefined;
    await act();
  };
  const watched: DeliveryPort = gated(port, isStep);
  const one = new TestWorld({ accounts, wakeups: wakeups() }, watched);
  const other = processes === 1 ? one : new TestWorld({ accounts, wakeups: wakeups() }, port);
  const [phone, tablet] = [await other.device("alice"), await other.device("alice", "tablet")];
  due.act = await put({ phone, tablet, world: other });
  const incarnation = { known: 0n, next: 1n, id: newId() };
  let connection: Connection;
  try {
    connection = await signedIn(one.delivery, tablet.uri, tablet.identity, incarnation);
  } catch (error) {
    return error;
  }
  if (due.left >= 0) return undefined;
  await new Promise((resolve) => setImmediate(resolve)); // the hint comes, and what it makes the process look at
  return connection.queue().then(
    () => "answered",
    (error: unknown) => error,
  );
}

it.each(Object.keys(ways).flatMap((name) => [1, 2].map((processes) => [name, processes as 1 | 2] as const)))(
  "%s, in %i processes",
  async (name, processes) => {
    const put = ways[name]!;
    let step = 0;
    for (; ; step++) {
      const outcome = await signInWith(put, processes, step);
      if (outcome === undefined) break;
      expect(outcome, `before step ${String(step)}`).toBeInstanceOf(DeliveryError);
      expect((outcome as DeliveryError).code, `before step ${String(step)}`).toMatch(/^(not-allowed|unreachable)$/);
    }
    // The row, the statement, whether the user is out, the opening; and the same again.
    expect(step).toBeGreaterThanOrEqual(7);
  },
);

it("a service that is shut down meanwhile lets nobody in", async () => {
  const due: { act?: () => Promise<void> } = {};
  const world: TestWorld = new TestWorld(
    {},
    gated(memoryPort(), async (operation) => {
      if (operation === "devices.open") await due.act?.();
    }),
  );
  due.act = () => world.delivery.shutdown();
  await expect(world.device("alice")).rejects.toMatchObject({ code: "unreachable" });
});
