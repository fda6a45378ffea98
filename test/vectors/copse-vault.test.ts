/**
 * vectors/copse: recovery.json, vault.json and franking.json are what the words say, and the library agrees.
 */

import { readFileSync, writeFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { Secret } from "../../src/bytes/secret.ts";
import { fromHex, hex } from "../../src/bytes/text.ts";
import { cipherSuite } from "../../src/index.ts";
import { writeSafeAad } from "../../src/extensions/app-data/safe-aad.ts";
import { frankingNumbers, frankingTag } from "../../src/reports/franking.ts";
import { frankingStamp } from "../../src/reports/hub.ts";
import { openRecordAt } from "../../src/vault/history/record.ts";
import { openRecord, readRecord } from "../../src/vault/recovery/record.ts";
import { frankingVector, recoveryVector, vaultVector } from "./copse-vault.ts";

const vectors = { recovery: recoveryVector, vault: vaultVector, franking: frankingVector } as const;
function published<T>(name: keyof typeof vectors): T {
  const file = new URL(`../../vectors/copse/${name}.json`, import.meta.url);
  if (process.env["COPSE_WRITE_VECTORS"] === "1") writeFileSync(file, `${JSON.stringify(vectors[name](), null, 1)}\n`);
  return JSON.parse(readFileSync(file, "utf8")) as T;
}

describe.each(Object.keys(vectors) as (keyof typeof vectors)[])("%s.json", (name) => {
  it("is what is computed by hand", () => {
    expect(published(name)).toEqual(vectors[name]());
  });
});

it("a recovery record opens with the outputs of any two servers, and of none alone", () => {
  const vector = published<{
    readonly account: string;
    readonly registration: number;
    readonly stretched: string;
    readonly servers: readonly { readonly output: string }[];
    readonly secret: string;
    readonly record: string;
  }>("recovery");
  const record = readRecord(fromHex(vector.record), fromHex(vector.account), vector.registration);
  const outputs = vector.servers.map(({ output }, place) => ({ place, output: fromHex(output) }));
  const open = (...places: readonly number[]) =>
    openRecord(
      record,
      places.map((place) => outputs[place]!),
      fromHex(vector.stretched),
    )?.use(hex);
  expect([open(0, 1), open(2, 0), open(1, 2)]).toEqual([vector.secret, vector.secret, vector.secret]);
  expect([open(0), open(1), open(2)]).toEqual([undefined, undefined, undefined]);
});

it("vault records open, and name the one before", () => {
  const vector = published<{
    readonly account: string;
    readonly epoch: string;
    readonly authenticator: string;
    readonly root: string;
    readonly device: string;
    readonly room: string;
    readonly records: readonly {
      readonly at: number;
      readonly content: string;
      readonly record: string;
      readonly id: string;
    }[];
  }>("vault");
  const { device, room } = vector;
  const epoch = {
    number: BigInt(vector.epoch),
    authenticator: fromHex(vector.authenticator),
    root: Secret.of("vault_root", fromHex(vector.root)),
  };
  let before = "00".repeat(32);
  for (const [i, { at, content, record, id }] of vector.records.entries()) {
    const place = { account: fromHex(vector.account), epoch, device, position: BigInt(i) };
    const opened = openRecordAt(fromHex(record), place);
    expect([opened.record.room, opened.record.at, hex(opened.record.content)]).toEqual([room, at, content]);
    expect([hex(opened.record.id), hex(opened.previous)]).toEqual([id, before]);
    before = id;
  }
});

it("a franked message has this tag and this frank", async () => {
  const vector = published<Readonly<Record<string, string>>>("franking");
  const suite = cipherSuite(1);
  const signer = await suite.signer(fromHex(vector["signing_key"]!));
  const data = frankingTag(fromHex(vector["application_data"]!));
  expect(hex(data)).toBe(vector["franking_tag"]);
  const stamp = frankingStamp({
    hubKeys: [{ from: 0, key: fromHex(vector["hub_key"]!) }],
    agentFor: () => ({ cipherSuite: 1, signer }),
  });
  const frank = await stamp({
    ...{ room: vector["room_uri"]!, user: vector["sender_uri"]!, at: Number(vector["accepted_timestamp"]) },
    authenticatedData: writeSafeAad([{ componentId: frankingNumbers.frank_aad, data }]),
  });
  expect(frank && hex(frank)).toBe(vector["frank"]);
});
