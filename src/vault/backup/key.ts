/**
 * The key of a backup as a person keeps it: 64 digits in eight groups. The last digit of each group checks the others and which group it is,
 * by ISO/IEC 7064, MOD 11,10, which finds each wrong digit. The other 56 are 186 bits.
 */

import { Secret } from "../../bytes/secret.ts";
import { hook, text as aText } from "../../bytes/takes.ts";
import { utf8 } from "../../bytes/text.ts";
import type { Random } from "../../crypto/provider.ts";
import { platformRandom, randomBytes } from "../../crypto/random.ts";
import { VaultError } from "../errors.ts";

const groups = 8;
const groupLength = 8;

/** The 64 digits of a new key, in groups, to show to the person: "27182818 28459045 ...". */
export function createBackupKey(random: Random = platformRandom): string {
  hook("random", random);
  return Array.from({ length: groups }, (_, group) => {
    const digits = randomDigits(random, groupLength - 1);
    return `${digits}${checkDigit(group, digits)}`;
  }).join(" ");
}

/**
 * The key that a person has typed: spaces and hyphens are left out.
 *
 * @throws VaultError "backup-digits": `groups` says which have a mistake, 1 to 8; none where there are not 64 digits.
 */
export function readBackupKey(typed: string): Secret<"backup_key"> {
  aText("key", typed);
  const digits = typed.normalize("NFKC").replace(/[\s\p{Pd}]/gu, "");
  if (!/^[0-9]{64}$/.test(digits)) throw new VaultError("backup-digits");
  const wrong = Array.from({ length: groups }, (_, group) => group).filter((group) => {
    const start = group * groupLength;
    return digits[start + groupLength - 1] !== checkDigit(group, digits.slice(start, start + groupLength - 1));
  });
  if (wrong.length > 0) throw new VaultError("backup-digits", { groups: wrong.map((group) => group + 1) });
  return Secret.of("backup_key", utf8(digits));
}

/** Digits, each as likely as the others: a byte of 250 and more would make some more likely, and is left out. */
function randomDigits(random: Random, count: number): string {
  let digits = "";
  while (digits.length < count) {
    for (const byte of randomBytes(random, count)) if (byte < 250 && digits.length < count) digits += String(byte % 10);
  }
  return digits;
}

/** MOD 11,10 of the group's number and its digits. */
function checkDigit(group: number, digits: string): string {
  let product = 10;
  for (const digit of [group, ...Array.from(digits, Number)]) {
    const sum = (product + digit) % 10;
    product = ((sum === 0 ? 10 : sum) * 2) % 11;
  }
  return String((11 - product) % 10);
}
