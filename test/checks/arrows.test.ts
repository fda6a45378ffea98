/**
 * Each import arrow of arrows.config.js, broken once: a rule that can't fail holds nothing.
 */

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { cruise, type ICruiseResult } from "dependency-cruiser";
import { afterEach, expect, test } from "vitest";
import config from "./arrows.config.js";

/** Files that keep every rule: each line of the broken fixtures is judged among these. */
const sound: Readonly<Record<string, string>> = {
  "package.json": `{ "name": "fixture", "dependencies": { "@noble/curves": "1" }, "devDependencies": { "dev": "1", "peer": "1" }, "peerDependencies": { "peer": "1" } }`,
  "node_modules/@noble/curves/package.json": `{ "name": "@noble/curves", "main": "index.js" }`,
  "node_modules/@noble/curves/index.js": "",
  "node_modules/dev/package.json": `{ "name": "dev", "main": "index.js" }`,
  "node_modules/dev/index.js": "",
  "node_modules/peer/package.json": `{ "name": "peer", "main": "index.js" }`,
  "node_modules/peer/index.js": "",
  "test/helper.ts": "",
  "src/errors.ts": "",
  "src/bytes/a.ts": `import "../errors.ts";`,
  "src/codec/a.ts": `import "../bytes/a.ts";`,
  "src/crypto/hkdf.ts": `import "../codec/a.ts";`,
  "src/crypto/symmetric-noble.ts": `import "./hkdf.ts";`,
  "src/crypto/symmetric-node.ts": `import "node:crypto"; import "./hkdf.ts";`,
  "src/crypto/node.ts": `import "node:crypto"; import "./symmetric-node.ts"; import "@noble/curves";`,
  "src/crypto/pq/a.ts": `import "../node.ts"; import "peer";`,
  "src/crypto/pq/native-node.ts": `import "node:crypto";`,
  "src/wire/a.ts": `import "../crypto/node.ts";`,
  "src/tree/a.ts": `import "../wire/a.ts";`,
  "src/schedule/a.ts": `import "../tree/a.ts";`,
  "src/rules/a.ts": `import "../schedule/a.ts";`,
  "src/extensions/a.ts": `import "../rules/a.ts";`,
  "src/public-group/a.ts": `import "../rules/a.ts"; import "./options/a.ts";`,
  "src/public-group/turns/a.ts": "",
  "src/public-group/records/a.ts": "",
  "src/public-group/options/a.ts": `import "../turns/a.ts"; import "../records/a.ts";`,
  "src/public-group/proposals/a.ts": `import "../a.ts"; import "../options/a.ts";`,
  "src/group/a.ts": `import "../rules/a.ts"; import "../public-group/a.ts"; import "./held/a.ts";`,
  "src/group/held/a.ts": "",
  "src/group/records/a.ts": `import "../held/a.ts";`,
  "src/group/sending/a.ts": `import "../a.ts";`,
  "src/sframe/a.ts": `import "../crypto/symmetric-noble.ts"; import "../codec/a.ts";`,
  "src/sframe/index.ts": `export * from "./a.ts";`,
  "src/cli/copse.ts": `import "node:fs"; import "../group/a.ts"; import "../crypto/pq/a.ts";`,
};

/** What breaks which rule: the file that gets the line, the line, and every rule that it breaks. */
const breaches: readonly (readonly [file: string, line: string, ...rules: string[]])[] = [
  ["src/errors.ts", `import "./bytes/b.ts";`, "errors-see-nothing"],
  ["src/bytes/b.ts", `import "../codec/a.ts";`, "bytes-sees-only-what-is-below"],
  ["src/codec/b.ts", `import "../crypto/node.ts";`, "codec-sees-only-what-is-below"],
  ["src/crypto/b.ts", `import "../wire/a.ts";`, "crypto-sees-only-what-is-below"],
  ["src/crypto/b.ts", `import "./pq/a.ts";`, "post-quantum-is-asked-for"],
  ["src/wire/b.ts", `import "../tree/a.ts";`, "wire-sees-only-what-is-below"],
  ["src/wire/b.ts", `import type { A } from "../tree/a.ts";`, "wire-sees-only-what-is-below"],
  ["src/tree/b.ts", `import "../schedule/a.ts";`, "tree-sees-only-what-is-below"],
  ["src/schedule/b.ts", `import "../rules/a.ts";`, "schedule-sees-only-what-is-below"],
  ["src/rules/b.ts", `import "../group/a.ts";`, "rules-sees-only-what-is-below"],
  ["src/extensions/b.ts", `import "../public-group/a.ts";`, "extensions-sees-only-what-is-below"],
  ["src/public-group/b.ts", `import "../group/a.ts";`, "public-group-sees-only-what-is-below"],
  ["src/public-group/b.ts", `import "../extensions/a.ts";`, "public-group-sees-only-what-is-below"],
  ["src/group/b.ts", `import "../extensions/a.ts";`, "group-sees-only-what-is-below"],
  ["src/public-group/turns/b.ts", `import "../a.ts";`, "public-group/turns-sees-only-what-is-below"],
  ["src/public-group/records/b.ts", `import "../options/a.ts";`, "public-group/records-sees-only-what-is-below"],
  ["src/public-group/options/b.ts", `import "../proposals/a.ts";`, "public-group/options-sees-only-what-is-below"],
  ["src/public-group/proposals/b.ts", `import "../records/a.ts";`, "public-group/proposals-sees-only-what-is-below"],
  ["src/group/held/b.ts", `import "../a.ts";`, "group/held-sees-only-what-is-below"],
  ["src/group/records/b.ts", `import "../a.ts";`, "group/records-sees-only-what-is-below"],
  ["src/group/sending/b.ts", `import "../records/a.ts";`, "group/sending-sees-only-what-is-below"],
  ["src/group/receiving/b.ts", `import "../sending/a.ts";`, "group/receiving-sees-only-what-is-below"],
  ["src/group/joining/b.ts", `import "../records/a.ts";`, "group/joining-sees-only-what-is-below"],
  ["src/group/components/b.ts", `import "../records/a.ts";`, "group/components-sees-only-what-is-below"],
  ["src/group/restoring/b.ts", `import "../sending/a.ts";`, "group/restoring-sees-only-what-is-below"],
  ["src/call/codecs/b.ts", `import "../engine/b.ts";`, "call/codecs-sees-only-what-is-below"],
  ["src/call/engine/b.ts", `import "../transforms/b.ts";`, "call/engine-sees-only-what-is-below"],
  ["src/call/transforms/b.ts", `import "../group/b.ts";`, "call/transforms-sees-only-what-is-below"],
  ["src/call/native/b.ts", `import "../group/b.ts";`, "call/native-sees-only-what-is-below"],
  ["src/call/group/b.ts", `import "../engine/b.ts";`, "call/group-sees-only-what-is-below"],
  ["src/group/b.ts", `import "../sframe/a.ts";`, "group-sees-only-what-is-below"],
  ["src/group/b.ts", `import "../storage/b.ts";`, "group-sees-only-what-is-below"],
  ["src/group/b.ts", `import "../cli/copse.ts";`, "group-sees-only-what-is-below"],
  ["src/sframe/b.ts", `import "../wire/a.ts";`, "sframe-sees-only-what-is-below"],
  ["src/call/b.ts", `import "../tree/a.ts";`, "call-sees-only-what-is-below"],
  ["src/adapters/b.ts", `import "../tree/a.ts";`, "adapters-sees-only-what-is-below"],
  ["src/content/b.ts", `import "../group/a.ts";`, "content-sees-only-what-is-below"],
  ["src/rooms/b.ts", `import "../group/a.ts";`, "rooms-sees-only-what-is-below"],
  ["src/accounts/b.ts", `import "../group/a.ts";`, "accounts-sees-only-what-is-below"],
  ["src/storage/b.ts", `import "../group/a.ts";`, "storage-sees-only-what-is-below"],
  ["src/testing/b.ts", `import "../call/b.ts";`, "testing-sees-only-what-is-below"],
  ["src/delivery/b.ts", `import "../storage/b.ts";`, "delivery-sees-only-what-is-below"],
  ["src/delivery/b.ts", `import "../group/a.ts";`, "delivery-sees-only-what-is-below"],
  ["src/server/b.ts", `import "../group/a.ts";`, "server-sees-only-what-is-below"],
  ["src/reports/b.ts", `import "../group/a.ts";`, "reports-sees-only-what-is-below"],
  ["src/vault/b.ts", `import "../call/b.ts";`, "vault-sees-only-what-is-below"],
  ["src/transparency/b.ts", `import "../group/a.ts";`, "transparency-sees-only-what-is-below"],
  ["src/client/b.ts", `import "../cli/copse.ts";`, "client-sees-only-what-is-below"],
  ["src/new/b.ts", `import "../bytes/a.ts";`, "every-folder-is-listed"],
  ["src/sframe/b.ts", `import "../crypto/node.ts";`, "sframe-sees-the-symmetric-half"],
  ["src/crypto/symmetric-b.ts", `import "./node.ts";`, "symmetric-half-stands-alone"],
  ["src/crypto/symmetric-b.ts", `import "@noble/curves";`, "symmetric-half-stands-alone"],
  ["src/sframe/b.ts", `import "./index.ts";`, "no-index-inside"],
  ["src/cli/b.ts", `import "../index.ts";`, "no-index-inside"],
  ["src/cli/b.ts", `import "../../test/helper.ts";`, "src-never-sees-test"],
  ["src/bytes/b.ts", `import "node:util";`, "node-modules-of-the-platform"],
  ["src/crypto/web.ts", `import "node:crypto";`, "node-modules-of-the-platform"],
  ["src/wire/b.ts", `import "@noble/curves";`, "noble-only-in-crypto"],
  ["src/cli/b.ts", `import "dev";`, "only-runtime-dependencies"],
  ["src/bytes/b.ts", `import "./c.ts";`, "no-cycle"],
  ["src/bytes/b.ts", `import "./nowhere.ts";`, "everything-resolves"],
];

/** Targets of the breaches that the sound files have not. */
const others: Readonly<Record<string, string>> = {
  "src/index.ts": "",
  "src/bytes/b.ts": "",
  "src/bytes/c.ts": `import "./b.ts";`,
  "src/storage/b.ts": "",
  "src/call/b.ts": "",
  "src/call/engine/b.ts": "",
  "src/call/transforms/b.ts": "",
  "src/call/group/b.ts": "",
};

let fixture: string | undefined;
afterEach(() => {
  if (fixture !== undefined) rmSync(fixture, { recursive: true, force: true });
});

/** The names of the rules that a tree of files breaks, each once, in order. */
async function brokenRules(files: Readonly<Record<string, string>>): Promise<string[]> {
  fixture = mkdtempSync(join(tmpdir(), "copse-arrows-"));
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(fixture, path)), { recursive: true });
    writeFileSync(join(fixture, path), text);
  }
  const { output } = await cruise(["src"], {
    ...config.options,
    baseDir: fixture,
    validate: true,
    ruleSet: { forbidden: config.forbidden ?? [] },
  });
  const { violations } = (output as ICruiseResult).summary;
  return [...new Set(violations.map((violation) => violation.rule.name))].sort();
}

test("files that keep the arrows break no rule", async () => {
  expect(await brokenRules({ ...sound, ...others })).toEqual([]);
});

test.each(breaches)("%s may not hold %s", async (file, line, ...rules) => {
  expect(await brokenRules({ ...sound, ...others, [file]: line })).toEqual(rules);
});

test("every rule is broken above", () => {
  const broken = new Set(breaches.flatMap(([, , ...rules]) => rules));
  expect((config.forbidden ?? []).map((rule) => rule.name).filter((name) => !broken.has(name ?? ""))).toEqual([]);
});
