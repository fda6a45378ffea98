/**
 * Recovery servers in one process, which can be taken down, made to lie, or die at a write.
 */

import { hmac } from "#symmetric";
import { Secret } from "../../../src/bytes/secret.ts";
import { utf8 } from "../../../src/bytes/text.ts";
import type { RecoveryLink } from "../../../src/vault/recovery/asking.ts";
import { memoryRecoveryPort, type RecoveryPort } from "../../../src/vault/recovery/port.ts";
import { readAnswer, writeAnswer, type Answer } from "../../../src/vault/recovery/protocol.ts";
import { RecoveryServer, type RecoveryServerOptions } from "../../../src/vault/recovery/server.ts";
import type { Argon2id } from "../../../src/vault/recovery/stretch.ts";

export const account: Uint8Array = utf8("mimi://example.org/u/alice");
export const pin = "271828";

/** Not Argon2id: a hash that takes no time, for tests that are about something else. */
export const quick: Argon2id = (password, salt) => hmac("sha256", salt, password);

export const secretOf = (text: string): Secret<"seed"> => Secret.of("seed", utf8(text));
export const textOf = (secret: Secret<string>): string => secret.use((bytes) => new TextDecoder().decode(bytes));

/** A server and what is wrong with it. */
export interface TestServer {
  readonly name: string;
  readonly port: RecoveryPort;
  readonly link: RecoveryLink;
  down: boolean;
  /** Changes what it answers. */
  lie: ((answer: Answer) => Answer) | undefined;
  /** How many evaluations have left it. */
  evaluations: number;
}

export function testServer(
  name: string,
  options: { readonly port?: RecoveryPort; readonly authorize?: RecoveryServerOptions["authorize"] } = {},
): TestServer {
  const { port = memoryRecoveryPort(), authorize = () => true } = options;
  const core = new RecoveryServer({ port, authorize });
  const server: TestServer = {
    name,
    port,
    down: false,
    lie: undefined,
    evaluations: 0,
    link: {
      name,
      ask: async (request) => {
        if (server.down) throw new Error("connection refused");
        const answer = readAnswer(await core.answer(request));
        if (answer.kind === "evaluated") server.evaluations++;
        return writeAnswer(server.lie?.(answer) ?? answer);
      },
    },
  };
  return server;
}

export function testServers(count: number, name = "server"): readonly TestServer[] {
  return Array.from({ length: count }, (_, i) => testServer(`${name} ${String(i + 1)}`));
}

export const linksOf = (servers: readonly TestServer[]): readonly RecoveryLink[] => servers.map(({ link }) => link);
