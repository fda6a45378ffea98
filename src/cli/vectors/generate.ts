/**
 * `copse vectors --generate`: vectors in the published formats, of groups of our own. Every run gives others.
 */

import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { cipherSuites } from "../../crypto/suites/cipher-suites.ts";
import type { CipherSuite, Provider } from "../../crypto/provider.ts";
import { keySchedule } from "./generate/key-schedule.ts";
import { messages, treeValidation, welcome } from "./generate/messages.ts";
import { passiveClientHandlingCommit, passiveClientRandom, passiveClientWelcome } from "./generate/passive-client.ts";

/** The epochs of a random history. */
const historyLength = 20;

/** The entries of each family, for one cipher suite. */
const generators: Readonly<Record<string, (suite: CipherSuite) => Promise<readonly object[]>>> = {
  messages,
  "key-schedule": keySchedule,
  "tree-validation": treeValidation,
  welcome,
  "passive-client-welcome": passiveClientWelcome,
  "passive-client-handling-commit": passiveClientHandlingCommit,
  "passive-client-random": (suite) => passiveClientRandom(suite, historyLength),
};

/** The families that can be generated. */
export const generated: readonly string[] = Object.keys(generators);

/**
 * Write `mls/<family>.json` into a directory, for every family asked for.
 *
 * @param tell hears of each file, and of how many entries it has
 */
export async function generate(input: {
  readonly directory: string;
  readonly families: readonly string[];
  readonly provider: Provider;
  /** Numbers of cipher suites. Default: all seven of RFC 9420. */
  readonly suites?: readonly number[];
  readonly tell: (file: string, entries: number) => void;
}): Promise<void> {
  const { directory, families, provider, suites = cipherSuites.map(({ id }) => id), tell } = input;
  mkdirSync(join(directory, "mls"), { recursive: true });
  for (const family of families) {
    const entries: object[] = [];
    for (const id of suites) entries.push(...(await generators[family]!(provider.cipherSuite(id))));
    const file = join("mls", `${family}.json`);
    writeFileSync(join(directory, file), `${JSON.stringify(entries, null, 2)}\n`);
    tell(file, entries.length);
  }
}
