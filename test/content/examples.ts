/**
 * The examples of draft-ietf-mimi-content: each as its bytes, and with the id and the sender that its notation names. They are
 * found where the published vectors lie, never committed.
 */

import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "vitest";
import { fromHex } from "../../src/bytes/text.ts";
import { vectorDirectories } from "../vectors/published.ts";

export interface Example {
  readonly name: string;
  readonly bytes: Uint8Array;
  readonly id: Uint8Array;
  readonly senderUri: string;
  readonly roomUri: string;
}

const folder = vectorDirectories()
  .map((directory) => join(directory, "mimi"))
  .find((path) => existsSync(join(path, "original.cbor")));

/** The messages: implied-original is no message, and has no id. */
export const examples: readonly Example[] =
  folder === undefined
    ? []
    : readdirSync(folder)
        .filter((file) => file.endsWith(".cbor") && file !== "implied-original.cbor")
        .map((file) => {
          const notation = readFileSync(join(folder, file.replace(/cbor$/, "edn")), "utf8");
          const [, first = "", second = ""] = /message ID = h'([0-9a-f]+)\s*#\s*([0-9a-f]+)'/.exec(notation) ?? [];
          return {
            name: file.replace(/\.cbor$/, ""),
            bytes: new Uint8Array(readFileSync(join(folder, file))),
            id: fromHex(first + second),
            senderUri: /^ *1: "(.+)",?$/m.exec(notation)?.[1] ?? "",
            roomUri: /^ *2: "(.+)",?$/m.exec(notation)?.[1] ?? "",
          };
        });

/** Say where the examples are missing: skipped by name, or failed where they are required. */
export function testPresence(): void {
  test("the examples of the draft are there to be tested", (context) => {
    if (examples.length === 14) return;
    const reason = "mimi/ is not on this machine: see vectors/README.md";
    if (process.env["COPSE_REQUIRE_VECTORS"] === "1" || examples.length > 0) throw new Error(reason);
    context.skip(reason);
  });
}

/** The bytes of an example by its name. */
export function example(name: string): Example | undefined {
  return examples.find((each) => each.name === name);
}
