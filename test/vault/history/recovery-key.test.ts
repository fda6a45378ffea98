/**
 * Roots that are sealed to a recovery key, for a person without a device; and roots that a group of devices agrees on.
 */

import { describe, expect, it } from "vitest";
import { Secret } from "../../../src/bytes/secret.ts";
import { hex, utf8 } from "../../../src/bytes/text.ts";
import { createRecoveryCode, rootKeyOf } from "../../../src/accounts/index.ts";
import { signerOf } from "../../../src/accounts/keys.ts";
import { cipherSuite, type Group } from "../../../src/index.ts";
import { client, groupOf } from "../../group/world.ts";
import { vaultEpochOf } from "../../../src/vault/history/group-epoch.ts";
import type { VaultEpoch } from "../../../src/vault/history/epoch.ts";
import { deriveRecoveryKey, openRoot, sealRoot, signRecoveryKey } from "../../../src/vault/history/recovery-key.ts";

const suite = cipherSuite(1);
const account = utf8("mimi://example.org/u/alice");
const epoch: VaultEpoch = {
  number: 12n,
  authenticator: new Uint8Array(32).fill(3),
  root: Secret.of("vault_root", new Uint8Array(32).fill(4)),
};

async function owner() {
  const { seed } = createRecoveryCode();
  const root = await rootKeyOf(suite, seed);
  const signer = await signerOf(root);
  const signed = async (number: number) => {
    const key = await deriveRecoveryKey({ suite, seed, number });
    return { key, recoveryKey: await signRecoveryKey({ suite, signer, account, key }) };
  };
  return { seed, rootKey: root.publicKey, signed };
}

describe("the group of a user's devices", () => {
  it("gives all of them the same root of an epoch, once, and a removed one none of the next", async () => {
    const [phone, laptop, lost] = (await groupOf(
      await Promise.all(["phone", "laptop", "lost"].map((name) => client(name))),
    )) as [Group, Group, Group];
    const roots = async (...groups: readonly Group[]) =>
      Promise.all(
        groups.map(async (group) => {
          const { number, authenticator, root } = await vaultEpochOf(group);
          return [number, hex(authenticator), root.use(hex)].join();
        }),
      );
    const [first, ...others] = await roots(phone, laptop, lost);
    expect(others).toEqual([first, first]);
    await expect(vaultEpochOf(phone)).rejects.toMatchObject({ code: "safe-export-used" });
    const pending = await phone.commit({ remove: [2] });
    await phone.apply(pending);
    await laptop.receive(pending.commit);
    await lost.receive(pending.commit);
    const [second, same] = await roots(phone, laptop);
    expect([second, second]).toEqual([same, expect.not.stringContaining(first!) as string]);
    await expect(vaultEpochOf(lost)).rejects.toMatchObject({ code: "group-gone" });
  });

  it("gives no root under the number of another epoch, where the group moves on meanwhile", async () => {
    const [phone, laptop] = (await groupOf([await client("phone"), await client("laptop")])) as [Group, Group];
    const { commit } = await phone.commit();
    const component: Group["component"] = (id) => {
      const own = laptop.component(id);
      const exportSecret = async () => {
        await laptop.receive(commit);
        return own.exportSecret();
      };
      return { ...own, exportSecret };
    };
    const moving = new Proxy(laptop, {
      get: (group, name) => (name === "component" ? component : (Reflect.get(group, name, group) as unknown)),
    });
    await expect(vaultEpochOf(moving)).rejects.toMatchObject({ code: "wrong-epoch" });
  });
});

describe("a recovery key", () => {
  it("opens what devices have sealed, from the seed alone", async () => {
    const { seed, rootKey, signed } = await owner();
    const { recoveryKey } = await signed(1);
    const sealed = await sealRoot({ suite, rootKey, account, recoveryKey, epoch });
    const key = await deriveRecoveryKey({ suite, seed, number: 1 }); // on a new device
    const opened = await openRoot({ suite, account, key, sealed });
    expect([opened.number, opened.authenticator[0], opened.root.use((root) => root[0])]).toEqual([12n, 3, 4]);
  });

  it("is taken only with the root's signature, for its account, and not below the newest number", async () => {
    const { rootKey, signed } = await owner();
    const { recoveryKey } = await signed(2);
    const refused = (options: object) =>
      expect(sealRoot({ suite, rootKey, account, recoveryKey, epoch, ...options })).rejects.toMatchObject({
        code: "vault-recovery-key",
      });
    await sealRoot({ suite, rootKey, account, recoveryKey, epoch, least: 2 });
    await refused({ least: 3 });
    await refused({ account: utf8("mimi://example.org/u/bob") });
    await refused({ rootKey: (await owner()).rootKey });
    await refused({ recoveryKey: recoveryKey.map((byte, i) => (i === recoveryKey.length - 1 ? byte ^ 1 : byte)) });
    await refused({ recoveryKey: new Uint8Array(3) });
  });

  it("opens nothing of another number, account or seed", async () => {
    const { rootKey, signed } = await owner();
    const { key, recoveryKey } = await signed(1);
    const sealed = await sealRoot({ suite, rootKey, account, recoveryKey, epoch });
    const other = await signed(2);
    const bob = utf8("mimi://example.org/u/bob");
    for (const options of [
      { key: other.key },
      { key: { ...other.key, number: 1 } },
      { key: { ...key, number: 2 } },
      { key: (await (await owner()).signed(1)).key },
      { account: bob },
      { sealed: sealed.map((byte, i) => (i === sealed.length - 1 ? byte ^ 1 : byte)) },
    ]) {
      await expect(openRoot({ suite, account, key, sealed, ...options })).rejects.toMatchObject({ code: "vault-open" });
    }
    const later = sealed.map((byte, i) => (i === 0 ? byte + 1 : byte));
    for (const [bytes, code] of [
      [new Uint8Array(0), "vault-format"],
      [later, "vault-version"],
    ] as const) {
      await expect(openRoot({ suite, account, key, sealed: bytes })).rejects.toMatchObject({ code });
    }
    const broken = new Error("the hardware is gone");
    const failing = {
      ...suite,
      open: () => {
        throw broken;
      },
    };
    await expect(openRoot({ suite: failing, account, key, sealed })).rejects.toBe(broken);
  });
});
