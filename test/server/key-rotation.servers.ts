/**
 * The keys of a process that runs are changed: told by SIGHUP, it franks and verifies by those of the file, and its connections stay.
 */

import { mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { hex } from "../../src/bytes/text.ts";
import { platformTimers } from "../../src/bytes/timers.ts";
import { httpDelivery } from "../../src/delivery/http/http-delivery.ts";
import { TestDevice } from "../../src/testing/delivery/device.ts";
import { copse } from "../cli/terminal.ts";
import { person, user } from "../client/world.ts";
import { ended, ServeProgram } from "./serve-program.ts";

const address = "mimi://example.org";
const folder = mkdtempSync(join(tmpdir(), "copse-rotation-"));
let program: ServeProgram;
beforeAll(async () => {
  program = await ServeProgram.build();
});
afterAll(() => {
  program.remove();
  rmSync(folder, { recursive: true });
});

it("a running process takes changed keys when it is told SIGHUP", async () => {
  const [keys, secret, fresh] = [join(folder, "keys.json"), join(folder, "secret"), join(folder, "fresh.json")];
  writeFileSync(secret, "s".repeat(40), { mode: 0o600 });
  const flags = { address, port: 0, accounts: "first-key", consent: "everybody" };
  let isRead: () => void = () => undefined;
  const read = new Promise<void>((resolve) => (isRead = resolve));
  const log = (line: string): void => {
    if (line.includes("was read again")) isRead();
  };
  const server = await program.start({ ...flags, "franking-keys": keys, "operator-secret": secret }, ["memory"], log);
  const url = `http://127.0.0.1:${String(server.port)}`;
  const delivery = httpDelivery({ url, address });
  const device = await TestDevice.connect({ delivery, address }, { user: "dave" });
  const agent = async (): Promise<string> =>
    hex((await device.connection.frankingAgent({ cipherSuite: 1 })).agent ?? new Uint8Array(0));
  const before = await agent();
  expect((await copse(["franking-keys", "make", fresh, "--address", address])).code).toBe(0);
  renameSync(fresh, keys);
  expect(await agent()).toBe(before);
  server.child.kill("SIGHUP");
  await read;
  expect(await agent(), "on the connection of before").not.toBe(before);

  const comes = async (name: string) => {
    const own = httpDelivery({ url, address });
    const who = await person(own as never, name, "phone", { delivery: own, timers: platformTimers });
    await who.client.settled();
    return who.client;
  };
  const [alice, bob] = [await comes("alice"), await comes("bob")];
  const heard = new Promise<void>((resolve) => {
    bob.listen((event) => {
      if (event.kind === "message") resolve();
    });
  });
  const { id: room } = await alice.createRoom({ participants: [user("bob")] });
  const { id } = await alice.room(room).send({ text: "you will regret this" });
  await heard;
  const report = await bob.room(room).report([id], 1);
  const file = join(folder, "report.bin");
  writeFileSync(file, report);
  const verified = await copse(["verify-report", file, "--keys", keys, "--room", room]);
  expect(verified.out, "it franks by the new keys").toContain("message 1: proven");
  const asked = await fetch(`${url}/operator/reports`, { headers: { authorization: `Bearer ${"s".repeat(40)}` } });
  const { reports } = (await asked.json()) as { readonly reports: readonly { readonly messages: readonly object[] }[] };
  expect(reports[0]?.messages[0], "and verifies by them").toMatchObject({ kind: "proven" });
  for (const client of [alice, bob]) await client.close();
  expect(await ended(server, "SIGTERM")).toBe(0);
});
