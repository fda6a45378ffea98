/**
 * The keys by which `copse serve` franks messages: one file, which `copse verify-report` reads, too. It is made where it is not there.
 */

import { readFile } from "node:fs/promises";
import { hmac } from "#symmetric";
import { fromHex, hex, utf8 } from "../bytes/text.ts";
import { cipherSuite } from "../crypto/choose.ts";
import { platformRandom } from "../crypto/random.ts";
import type { DeliveryOptions } from "../delivery/options.ts";
import { basic, createIdentity } from "../public-group/identity.ts";
import { hubFranking } from "../reports/hub.ts";
import type { VerifyOptions } from "../reports/report.ts";
import { changeKeyFile, makeKeyFile } from "./key-file.ts";
import { ConfigurationError } from "./settings.ts";

/** The cipher suites for which a new file has a key. */
const newSuites = [1, 2, 3];

interface KeyFile {
  readonly hubKeys: readonly { readonly from: number; readonly key: string }[];
  readonly agentKeys: readonly {
    readonly cipherSuite: number;
    readonly publicKey: string;
    readonly privateKey?: string;
  }[];
}

/** What a service takes to frank messages, and to verify reports of them. */
type Franking = Required<Pick<DeliveryOptions, "stamp" | "frankingAgent">> & { readonly verify: VerifyOptions };

/** Franking by the keys of a file as it was when it was read the last time. */
export interface FileFranking extends Franking {
  /**
   * Read the file again: whether it has changed, and its keys are those of now. What can't be read, or holds no keys, leaves them as they were.
   *
   * @throws ConfigurationError, which names no key, and the file system's error
   */
  reread(): Promise<boolean>;
}

/** The franking of a service at this address by a file of keys, which is made where there is none. @throws as `reread` does */
export async function frankingBy(path: string, address: string): Promise<FileFranking> {
  await makeFrankingKeys(path, address);
  let text = await readFile(path, "utf8");
  let now = await frankingOf(text, address);
  return {
    stamp: (accepting) => now.stamp(accepting),
    frankingAgent: (suite) => now.frankingAgent(suite),
    verify: {
      get hubKeys() {
        return now.verify.hubKeys;
      },
      get agentKeys() {
        return now.verify.agentKeys;
      },
    },
    // Of two that overlap the one with the older text may come last: the next one finds that the file has another.
    reread: async () => {
      const found = await readFile(path, "utf8");
      if (found === text) return false;
      now = await frankingOf(found, address);
      text = found;
      return true;
    },
  };
}

async function frankingOf(text: string, address: string): Promise<Franking> {
  try {
    const { hubKeys, agentKeys } = JSON.parse(text) as KeyFile;
    if (hubKeys.length === 0) throw new TypeError("no hub key"); // which would have every message of a franked room refused
    const own = agentKeys.filter(({ privateKey }) => privateKey !== undefined);
    const keys = hubKeys.map(({ from, key }) => ({ from, key: fromHex(key) }));
    const franking = hubFranking({
      hubKeys: keys,
      agents: await Promise.all(
        own.map(async ({ cipherSuite: id, publicKey, privateKey = "" }) => {
          const identity = await identityOf(id, address, fromHex(privateKey));
          if (hex(identity.signatureKey) !== publicKey.toLowerCase()) throw new TypeError("the halves are of two keys");
          return identity;
        }),
      ),
    });
    const known = agentKeys.map(({ cipherSuite: id, publicKey }) => ({
      suite: cipherSuite(id),
      publicKey: fromHex(publicKey),
    }));
    return { ...franking, verify: { hubKeys: keys, agentKeys: known } };
  } catch (cause) {
    throw noKeys(cause);
  }
}

/** What can be said of the keys in a file: nothing that is a secret. */
export interface FrankingKeys {
  /** Hub keys by their names, the earliest first, with the time from which each is used in milliseconds since 1970. */
  readonly hubKeys: readonly { readonly name: string; readonly from: number }[];
  /** Keys that sign, with the public half in hex; `isOwn` where the private one is there, too. */
  readonly agentKeys: readonly { readonly cipherSuite: number; readonly publicKey: string; readonly isOwn: boolean }[];
}

/** Make the file, where there is none: whether it was made. */
export function makeFrankingKeys(path: string, address: string): Promise<boolean> {
  return makeKeyFile(path, () => freshKeys(address));
}

/** What a file of keys holds. @throws ConfigurationError */
export function frankingKeysIn(text: string): FrankingKeys {
  const { hubKeys, agentKeys } = keysIn(text);
  return {
    hubKeys: hubKeys.map(({ from, key }) => ({ name: nameOf(key), from })).sort((a, b) => a.from - b.from),
    agentKeys: agentKeys.map(({ cipherSuite: id, publicKey, privateKey }) => ({
      cipherSuite: id,
      publicKey,
      isOwn: privateKey !== undefined,
    })),
  };
}

/** Put one more hub key into a file, used from a time on. Those before it stay. @throws ConfigurationError where one is as late */
export function addHubKey(path: string, from: number): Promise<FrankingKeys["hubKeys"][number]> {
  return changeKeyFile(path, (text) => {
    const keys = keysIn(text);
    if (keys.hubKeys.some((each) => each.from >= from))
      throw new ConfigurationError("a hub key is there that is used from this time on, or from a later one");
    const key = hex(platformRandom(32));
    // What else stands in the file stays in it.
    return { keys: { ...keys, hubKeys: [...keys.hubKeys, { from, key }] }, result: { name: nameOf(key), from } };
  });
}

/** A name by which a hub key is told from others, and from which it is not found. */
function nameOf(key: string): string {
  return hex(hmac("sha256", fromHex(key), utf8("copse hub key name")).subarray(0, 8));
}

/** @throws ConfigurationError, which names no key */
function keysIn(text: string): KeyFile {
  try {
    const keys = JSON.parse(text) as KeyFile;
    for (const { from, key } of keys.hubKeys)
      if (!Number.isSafeInteger(from) || from < 0 || fromHex(key).length < 32) throw new TypeError("no hub key");
    for (const { cipherSuite: id, publicKey } of keys.agentKeys)
      if (fromHex(publicKey).length === 0 || !Number.isSafeInteger(id)) throw new TypeError("no agent key");
    return keys;
  } catch (cause) {
    throw noKeys(cause);
  }
}

function noKeys(cause: unknown): ConfigurationError {
  return new ConfigurationError("the file of --franking-keys holds no keys: docs/operating.md says what it holds", {
    cause,
  });
}

function identityOf(id: number, address: string, privateKey?: Uint8Array): ReturnType<typeof createIdentity> {
  const suite = cipherSuite(id);
  return createIdentity({ suite, credential: basic(address), ...(privateKey !== undefined && { privateKey }) });
}

async function freshKeys(address: string): Promise<KeyFile> {
  const agentKeys = await Promise.all(
    newSuites.map(async (id) => {
      const { signatureKey, privateKey } = await identityOf(id, address);
      return { cipherSuite: id, publicKey: hex(signatureKey), privateKey: privateKey.use(hex) };
    }),
  );
  return { hubKeys: [{ from: 0, key: hex(platformRandom(32)) }], agentKeys };
}
