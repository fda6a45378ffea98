/**
 * What a committer hands in beside its commit: Welcomes are signed by nobody, so the service splits them by whom the commit adds.
 */

import { expect, it } from "vitest";
import { decodeMessage, encodeMessage } from "../../src/wire/message.ts";
import type { Welcome } from "../../src/wire/welcome.ts";
import { newId, type TestDevice } from "../../src/testing/delivery/device.ts";
import { some } from "../../src/testing/delivery/under-test.ts";
import { address, TestWorld } from "./world.ts";

const room = `${address}/r/new`;

it("a Welcome is for those whom the commit adds, each of them once, and for nobody else", async () => {
  const world = new TestWorld();
  const [alice, ...others] = (await Promise.all(
    ["alice", "bob", "carol", "dora"].map((name) => world.device(name)),
  )) as [TestDevice, ...TestDevice[]];
  for (const each of others) await each.stock(2);
  await alice.create(room);
  const made = async (...added: readonly TestDevice[]) => {
    const { publication, pending } = await alice.prepare(room, { add: await alice.claim(...added) });
    pending.drop();
    const { welcome, groupInfo } = publication.commit!;
    const message = welcome === undefined ? undefined : decodeMessage(welcome);
    return { publication, groupInfo, welcome: message?.wireFormat === "mls_welcome" ? message.welcome : undefined };
  };
  const [bob, carol, dora] = others as [TestDevice, TestDevice, TestDevice];
  const { publication, groupInfo, welcome } = await made(bob, carol);
  const [first, second] = some(welcome).secrets as [Welcome["secrets"][number], Welcome["secrets"][number]];
  const stranger = some(some((await made(dora)).welcome).secrets[0]);
  const changed = (change: Partial<Welcome>): Uint8Array =>
    encodeMessage({ wireFormat: "mls_welcome", welcome: { ...some(welcome), ...change } });
  const wrong: Readonly<Record<string, Uint8Array | undefined>> = {
    none: undefined,
    "another message": groupInfo,
    "another cipher suite": changed({ cipherSuite: 3 }),
    "for nobody": changed({ secrets: [] }),
    "for one of two": changed({ secrets: [first] }),
    "for one of them twice": changed({ secrets: [first, first] }),
    "for both, and one of them twice": changed({ secrets: [first, second, second] }),
    "for a stranger in the place of one": changed({ secrets: [first, stranger] }),
    "for a stranger beside them": changed({ secrets: [first, second, stranger] }),
  };
  const refused = { kind: "refused", reason: "invalid", code: "welcome" };
  for (const [name, bytes] of Object.entries(wrong)) {
    const commit = { groupInfo, ...(bytes !== undefined && { welcome: bytes }) };
    expect(await alice.connection.publish({ ...publication, id: newId(), commit }), name).toMatchObject(refused);
  }
  const nobody = await made();
  const commit = { groupInfo: nobody.groupInfo, welcome: changed({}) };
  expect(await alice.connection.publish({ ...nobody.publication, commit }), "adds nobody").toMatchObject(refused);
  for (const each of others) expect(await each.connection.queue(), "nothing came of them").toEqual([]);
  expect((await alice.connection.publish(publication)).kind).toBe("accepted");
});
