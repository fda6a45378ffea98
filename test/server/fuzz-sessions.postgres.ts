/**
 * Malicious sessions over PostgreSQL.
 */

import { openDatabase } from "../../src/server/database/open-database.ts";
import { fuzzSessions } from "./fuzz-sessions-suite.ts";
import { PostgresServer, postgresPrograms } from "./postgres-server.ts";

fuzzSessions(
  "over PostgreSQL",
  async () => {
    const server = await PostgresServer.start(postgresPrograms() ?? "");
    const { port, close } = await openDatabase({ url: server.url });
    return {
      port,
      close: async () => {
        await close();
        server.stop();
      },
    };
  },
  1 / 2,
);
