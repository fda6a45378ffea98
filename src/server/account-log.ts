/**
 * The log of accounts of `copse serve`: its keys, which are one file, and what auditors read by HTTP.
 */

import { readFile } from "node:fs/promises";
import type { Hono } from "hono";
import { Secret } from "../bytes/secret.ts";
import { text } from "../bytes/takes.ts";
import { fromHex, hex } from "../bytes/text.ts";
import { cipherSuite } from "../crypto/choose.ts";
import { platformRandom } from "../crypto/random.ts";
import { vrfPublicKey } from "../crypto/vrf.ts";
import { accountLog, type AccountLog, type AccountLogStore } from "../transparency/account-log.ts";
import type { TransparencyStore } from "../transparency/stored-trees.ts";
import { accountLogPart, accountLogPath } from "../transparency/web.ts";
import { makeKeyFile } from "./key-file.ts";
import { ConfigurationError } from "./settings.ts";

/** Of the heads of a new log. */
const newSuite = 1;

/** What the file holds, in hex. `copse audit --keys` reads it, too: the public halves are enough for that. */
interface KeyFile extends AccountLogKeys {
  readonly privateKey: string;
  readonly vrfPrivateKey: string;
}

/** The public keys of a log of accounts, in hex: what `copse audit --keys` reads, and an application is built with. */
export interface AccountLogKeys {
  readonly cipherSuite: number;
  readonly publicKey: string;
  /** Of the VRF, 32 bytes. */
  readonly vrfKey: string;
}

/**
 * The public keys of the file of `copse serve --account-log`, which is made where it is not there.
 *
 *     writeFileSync("site/log-keys.json", JSON.stringify(await accountLogKeys("log.json")));
 */
export async function accountLogKeys(path: string): Promise<AccountLogKeys> {
  text("path", path);
  await makeKeyFile(path, freshKeys);
  const { cipherSuite, publicKey, vrfKey } = JSON.parse(await readFile(path, "utf8")) as KeyFile;
  return { cipherSuite, publicKey, vrfKey };
}

/** The log by the keys of a file. @throws ConfigurationError, which names no key */
export async function accountLogBy(path: string, store: TransparencyStore | AccountLogStore): Promise<AccountLog> {
  await makeKeyFile(path, freshKeys);
  const written = await readFile(path, "utf8");
  let options: Parameters<typeof accountLog>[0];
  try {
    const { cipherSuite: id, publicKey, privateKey, vrfKey, vrfPrivateKey } = JSON.parse(written) as KeyFile;
    const suite = cipherSuite(id);
    const [secret, vrfSecret] = [privateKey, vrfPrivateKey].map(fromHex) as [Uint8Array, Uint8Array];
    const publics = [await suite.signaturePublicKey(secret), vrfPublicKey(vrfSecret)].map(hex);
    if (publics[0] !== publicKey.toLowerCase() || publics[1] !== vrfKey.toLowerCase())
      throw new TypeError("the halves are of two keys");
    options = { store, signer: await suite.signer(secret), vrfKey: Secret.of("vrf_key", vrfSecret) };
    secret.fill(0);
  } catch (cause) {
    throw new ConfigurationError(
      "the file of --account-log holds no keys: docs/key-transparency.md says what it holds",
      {
        cause,
      },
    );
  }
  return accountLog(options);
}

async function freshKeys(): Promise<KeyFile> {
  const { privateKey, publicKey } = await cipherSuite(newSuite).generateSignatureKeyPair(platformRandom);
  const vrf = platformRandom(32);
  return {
    cipherSuite: newSuite,
    publicKey: hex(publicKey),
    privateKey: hex(privateKey),
    vrfKey: hex(vrfPublicKey(vrf)),
    vrfPrivateKey: hex(vrf),
  };
}

/** Requests for entries that are answered at once: anybody may ask. */
const mostAtOnce = 4;

/** The newest head, and entries in parts. */
export function accountLogRoutes(app: Hono, log: Pick<AccountLog, "head" | "entries">): void {
  let atWork = 0;
  const open = {
    "access-control-allow-origin": "*",
    "content-type": "application/octet-stream",
    "cache-control": "no-store",
  };
  app.get(`/${accountLogPath}/head`, async (c) => c.body(await log.head(), 200, open));
  app.get(`/${accountLogPath}/entries`, async (c) => {
    const [from, below] = [c.req.query("from"), c.req.query("below")].map(sizeOf);
    if (from === undefined || below === undefined) return c.text("from and below are numbers of entries", 400);
    if (below - from > accountLogPart) return c.text(`at most ${String(accountLogPart)} entries at once`, 400);
    if (atWork >= mostAtOnce) return c.text("others are reading", 503, { "retry-after": "1" });
    atWork++;
    try {
      const entries = await log.entries(from, below);
      return c.body(entries, 200, open);
    } finally {
      atWork--;
    }
  });
}

function sizeOf(said: string | undefined): number | undefined {
  return said !== undefined && /^[0-9]{1,15}$/.test(said) ? Number(said) : undefined;
}
