/**
 * What 0.1.0 stored is read by every later version, and goes on from there: groups with all that can be under way, pending
 * commits, observers and key packages. The bytes were written by that release.
 */

import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { fromHex, hex, utf8, utf8Decode } from "../../../src/bytes/text.ts";
import type { CipherSuite } from "../../../src/crypto/provider.ts";
import { hash } from "../../../src/crypto/symmetric-node.ts";
import { Group } from "../../../src/group/group.ts";
import { basic, createIdentity, type Identity } from "../../../src/public-group/identity.ts";
import { restoreKeyPackage } from "../../../src/group/joining/key-package-bundle.ts";
import { Observer } from "../../../src/public-group/observer/observer.ts";
import { setClock, suiteOf, trusting } from "../world.ts";

interface View {
  readonly epoch: string;
  readonly authenticator: string;
  readonly exported: string;
  readonly tree: string;
  readonly members: readonly (readonly [leafIndex: number, name: string])[];
  readonly proposals: number;
}

interface Case {
  readonly kind: "group" | "observer" | "key package";
  readonly what: string;
  readonly suite: number;
  readonly privateKey?: string;
  readonly nextPrivateKey?: string;
  readonly credential?: string;
  readonly stored: string;
  readonly beside?: string;
  readonly view: View;
  readonly opens?: readonly { readonly message: string; readonly plaintext: string }[];
  readonly commit?: string;
  readonly pending?: { readonly commit: string; readonly welcome: string; readonly groupInfo: string };
  readonly reinitialized?: true;
  readonly keyPackage?: string;
  readonly ref?: string;
  readonly welcome?: string;
  readonly after?: View;
}

const file = new URL("stored-0.1.0.json", import.meta.url);
const { cases } = JSON.parse(readFileSync(file, "utf8")) as { readonly cases: readonly Case[] };
const of = (kind: Case["kind"]): readonly (readonly [name: string, entry: Case])[] =>
  cases.filter((entry) => entry.kind === kind).map((entry) => [`${entry.what}, suite ${String(entry.suite)}`, entry]);

// The clock of those who stored them, and windows that no time closes.
const options = {
  ...trusting,
  clock: setClock(1_790_000_000_000),
  window: { pastEpochAge: 1e15, outOfOrderAge: 1e15 },
  handshake: "private",
} as const;

describe("a group that 0.1.0 stored", () => {
  it.each(of("group"))("goes on: %s", async (_, entry) => {
    const suite = suiteOf(entry.suite);
    const identity = await identityOf(suite, entry.privateKey, entry.credential);
    const group = await Group.restore({
      ...options,
      identity,
      snapshot: fromHex(entry.stored),
      ...(entry.beside !== undefined && { pending: fromHex(entry.beside) }),
      ...(entry.nextPrivateKey !== undefined && { nextIdentity: await identityOf(suite, entry.nextPrivateKey) }),
    });
    expect(viewOf(group)).toEqual(entry.view);
    expect(group.isReinitialized).toBe(entry.reinitialized ?? false);
    await expect(group.component(1).exportSecret()).rejects.toMatchObject({ code: "safe-export-missing" });
    for (const { message, plaintext } of entry.opens ?? []) {
      const event = await group.receive(fromHex(message));
      expect(event.kind === "message" && utf8Decode(event.plaintext)).toBe(plaintext);
    }
    if (entry.pending !== undefined) {
      const pending = group.pendingCommit!;
      const { commit, welcome, groupInfo } = pending;
      expect({ commit: hex(commit), welcome: hex(welcome!), groupInfo: hex(groupInfo!) }).toEqual(entry.pending);
      await group.apply(pending);
    }
    if (entry.commit !== undefined) await group.receive(fromHex(entry.commit));
    if (entry.after !== undefined) expect(viewOf(group)).toEqual(entry.after);
    // What is stored now is read by this version.
    if (entry.beside !== undefined || entry.reinitialized === true) return;
    const again = await Group.restore({ ...options, identity: group.identity, snapshot: group.snapshot() });
    expect(viewOf(again)).toEqual(entry.after ?? entry.view);
  });
});

describe("an observer that 0.1.0 stored", () => {
  it.each(of("observer"))("follows: %s", async (_, entry) => {
    const observer = Observer.restore({ ...options, suite: suiteOf(entry.suite), snapshot: fromHex(entry.stored) });
    expect({ epoch: String(observer.epoch), tree: digest(observer.ratchetTree()) }).toEqual(entry.view);
    await observer.receive(fromHex(entry.commit!));
    expect({ epoch: String(observer.epoch), tree: digest(observer.ratchetTree()) }).toEqual(entry.after);
  });
});

describe("a key package that 0.1.0 stored", () => {
  it.each(of("key package"))("joins: %s", async (_, entry) => {
    const suite = suiteOf(entry.suite);
    const bundle = restoreKeyPackage(suite, fromHex(entry.stored));
    expect(hex(bundle.keyPackage)).toBe(entry.keyPackage);
    expect(hex(bundle.ref)).toBe(entry.ref);
    const identity = await identityOf(suite, entry.privateKey, entry.credential);
    const join = { ...options, identity, welcome: fromHex(entry.welcome!), keyPackages: [bundle] };
    expect(viewOf(await Group.join(join))).toEqual(entry.after);
    const again = Group.join(join);
    if (entry.what === "a last resort") expect(viewOf(await again)).toEqual(entry.after);
    else await expect(again).rejects.toMatchObject({ code: "key-package-unknown" });
  });
});

it("is there in every kind", () => {
  expect(cases.map(({ kind }) => kind)).toEqual(expect.arrayContaining(["group", "observer", "key package"]));
  expect(cases.length).toBe(22);
});

function identityOf(suite: CipherSuite, privateKey = "", name = "alice"): Promise<Identity> {
  return createIdentity({ suite, credential: basic(name), privateKey: fromHex(privateKey) });
}

function viewOf(group: Group): View {
  return {
    epoch: String(group.epoch),
    authenticator: hex(group.epochAuthenticator),
    exported: hex(group.exportSecret("stored", utf8("context"), 32)),
    tree: digest(group.ratchetTree()),
    members: Array.from(group.members, ({ leafIndex, credential }) => [
      leafIndex,
      (credential.type === "basic" && utf8Decode(credential.identity)) || "",
    ]),
    proposals: group.pendingProposals.length,
  };
}

function digest(bytes: Uint8Array): string {
  return hex(hash("sha256", bytes)).slice(0, 32);
}
