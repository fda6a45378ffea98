/**
 * `copse serve --recovery-only` on PGlite, killed while it answers guesses.
 */

import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { ended, ServeProgram, type Served } from "../serve-program.ts";
import { killWhileGuessing } from "./killing.ts";

let program: ServeProgram;
let served: Served;
const begin = async (): Promise<void> => {
  const flags = { recovery: "open", data: join(program.folder, "data"), port: 0, "log-level": "error" };
  served = await program.start(flags, ["recovery-only"]);
};
beforeAll(async () => {
  program = await ServeProgram.build();
  await begin();
});
afterAll(async () => {
  await ended(served, "SIGKILL");
  program.remove();
});

it("has counted every guess that it has answered", { timeout: 240_000 }, async () => {
  const { answered } = await killWhileGuessing(
    {
      url: () => `http://127.0.0.1:${String(served.port)}`,
      kill: async () => {
        await ended(served, "SIGKILL");
      },
      begin,
    },
    3,
  );
  expect(answered).toBeGreaterThanOrEqual(3);
});
