/**
 * How the tests run that need servers of their own: `npm run test:server`, which starts them.
 */

import { defineConfig } from "vitest/config";
import config from "./vitest.config.ts";

export default defineConfig({
  ...config,
  test: { ...config.test, include: ["test/server/**/*.{postgres,servers}.ts"], fileParallelism: false },
});
