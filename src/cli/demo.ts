/**
 * `copse demo`: a group chat and a call, told while they happen, every statement verified.
 */

import { parseArgs } from "node:util";
import { cipherSuite } from "../crypto/choose.ts";
import { cipherSuites } from "../crypto/suites/cipher-suites.ts";
import { tellCall } from "./demo/call.ts";
import { tellChat } from "./demo/chat.ts";
import { tell } from "./demo/narrator.ts";
import { newScene } from "./demo/scene.ts";
import { UsageError, type Terminal } from "./terminal.ts";

const help = `usage: copse demo [--suite NUMBER]

Tells the story of a group chat and a call, from the first member to a removed one that is shut out, and then that of a
messenger's devices. It really happens, between members that exchange nothing but bytes, and every statement with a ✓ has
been verified.

  --suite NUMBER    the MLS cipher suite, 1 to ${cipherSuites.length}. Default: 1

Exit code 1 where a statement did not hold.
`;

/** Run the command. */
export async function demo(args: readonly string[], terminal: Terminal): Promise<number> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      suite: { type: "string", default: "1" },
      help: { type: "boolean", short: "h", default: false },
    },
  });
  if (values.help) {
    terminal.out(help);
    return 0;
  }
  const parameters = cipherSuites.find(({ id }) => String(id) === values.suite);
  if (parameters === undefined) {
    throw new UsageError(
      `no such cipher suite: ${JSON.stringify(values.suite)}; there are 1 to ${cipherSuites.length}`,
    );
  }
  return tell(terminal, async (narrator) => {
    const scene = newScene(cipherSuite(parameters.id), narrator);
    await tellChat(scene, parameters);
    await tellCall(scene);
    await scene.server.tellWhatItSaw(narrator);
    const messenger = await import("./demo/messenger.ts").catch(withoutCborg);
    if (messenger !== undefined) await messenger.tellMessenger(scene);
    else narrator.say("", "The rest of the story is a messenger's, and takes one package more: npm install cborg");
  });
}

/** What a messenger says to each other is CBOR, by an optional package. */
function withoutCborg(error: unknown): undefined {
  if (error instanceof Error && "code" in error && error.code === "ERR_MODULE_NOT_FOUND") return undefined;
  throw error;
}
