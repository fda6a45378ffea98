/**
 * OpenMLS and mls-rs as peers: programs over their crates (native/), built by cargo where it is there, which join copse's own
 * groups and tell how long their library took. native/dialogue.rs is the other end of the conversation.
 */

import { spawn, type ChildProcessWithoutNullStreams } from "node:child_process";
import { createInterface } from "node:readline";
import { join } from "node:path";
import { hex, fromHex } from "../../src/bytes/text.ts";
import type { NativePeerName } from "./rows.ts";

/** Where the crates are, and where they are built: both beside the sources that the benchmark is bundled from. */
const sources = "test/bench/native";
const built = "node_modules/.cache/copse-bench-native";

/** An answer: how long it took, how long with merging or applying a commit, and what came out. */
export interface Answer {
  readonly time: number;
  readonly merged: number;
  readonly bytes: Uint8Array;
}

/** A process that holds one client, which is in at most one group. */
export interface NativePeer {
  readonly name: NativePeerName;
  ask(
    word: "key-package" | "commit" | "authenticator" | "join" | "receive" | "seal",
    bytes?: Uint8Array,
  ): Promise<Answer>;
  end(): void;
}

/** Start a peer, or say why it can't be measured. */
export async function nativePeer(name: NativePeerName): Promise<NativePeer | string> {
  const target = join(built, name);
  const manifest = join(sources, name, "Cargo.toml");
  const args = ["build", "--release", "--locked", "--quiet", "--manifest-path", manifest, "--target-dir", target];
  const failed = await runCargo(args);
  if (failed !== undefined) return failed;
  return talk(
    name,
    spawn(join(target, "release", `copse-bench-${name}`), { stdio: ["pipe", "pipe", "inherit"] as never }),
  );
}

/** Why cargo has not done it, or undefined where it has. */
function runCargo(args: readonly string[]): Promise<string | undefined> {
  return new Promise((resolve) => {
    const child = spawn("cargo", args, { stdio: ["ignore", "ignore", "pipe"] });
    let said = "";
    child.stderr.setEncoding("utf8").on("data", (text: string) => (said += text));
    child.on("error", () => resolve("there is no cargo"));
    child.on("close", (code) => {
      const error = said.split("\n").find((line) => line.startsWith("error")) ?? "it says nothing";
      resolve(code === 0 ? undefined : `cargo does not build it: ${error}`);
    });
  });
}

function talk(name: NativePeerName, child: ChildProcessWithoutNullStreams): NativePeer {
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  child.stdin.on("error", () => undefined); // its end is told by the line that does not come
  return {
    name,
    ask: async (word, bytes = new Uint8Array(0)) => {
      child.stdin.write(`${word} ${hex(bytes)}\n`);
      const line = await lines.next();
      if (line.done === true) throw new Error(`${name} has ended at "${word}"`);
      const [time = "", merged = "", out = ""] = line.value.split(" ");
      return { time: Number(time), merged: Number(merged), bytes: fromHex(out) };
    },
    end: () => {
      child.stdin.end();
    },
  };
}
