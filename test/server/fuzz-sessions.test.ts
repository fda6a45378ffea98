/**
 * Malicious sessions over the databases that need nothing installed.
 */

import { memoryPort } from "../../src/delivery/memory-port/memory-port.ts";
import { fuzzSessions } from "./fuzz-sessions-suite.ts";
import { pgliteUnderTest } from "./under-test.ts";

fuzzSessions("in memory", () => Promise.resolve({ port: memoryPort(), close: () => Promise.resolve() }));

fuzzSessions(
  "over PGlite",
  async () => {
    const database = await pgliteUnderTest();
    return { port: database.port(), close: () => database.close() };
  },
  1 / 6, // each request is thirty looks at what it may have changed
);
