/**
 * The keys by which `copse serve` franks messages: one file, which `copse verify-report` reads, too. It is made where it is not there.
 */

import { readFile } from "node:fs/promises";
import { fromHex, hex } from "../bytes/text.ts";
import { cipherSuite } from "../crypto/choose.ts";
import { platformRandom } from "../crypto/random.ts";
import type { DeliveryOptions } from "../delivery/options.ts";
import { basic, createIdentity } from "../public-group/identity.ts";
import { hubFranking } from "../reports/hub.ts";
import type { VerifyOptions } from "../reports/report.ts";
import { makeKeyFile } from "./key-file.ts";
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

/** What a service at this address takes to frank messages by the keys of a file, and to verify reports of them. @throws ConfigurationError, which names no key */
export async function frankingBy(
  path: string,
  address: string,
): Promise<Required<Pick<DeliveryOptions, "stamp" | "frankingAgent">> & { readonly verify: VerifyOptions }> {
  await makeKeyFile(path, () => freshKeys(address));
  const text = await readFile(path, "utf8");
  try {
    const { hubKeys, agentKeys } = JSON.parse(text) as KeyFile;
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
    throw new ConfigurationError("the file of --franking-keys holds no keys: docs/operating.md says what it holds", {
      cause,
    });
  }
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
