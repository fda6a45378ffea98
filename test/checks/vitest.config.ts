/**
 * How the tests run: on the sources, which the condition `copse-src` of package.json's imports leads to.
 */

import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

const conditions = ["copse-src"];

export default defineConfig({
  root: fileURLToPath(new URL("../..", import.meta.url)),
  resolve: { conditions },
  ssr: { resolve: { conditions } },
  // Two workers even where vitest would leave a processor free: most machines that run this have two.
  // No test is about time: the timeouts are for what hangs, and a busy machine may take ten times as long as a quiet one.
  test: { include: ["test/**/*.test.ts"], maxWorkers: 2, testTimeout: 600_000, hookTimeout: 600_000 },
});
