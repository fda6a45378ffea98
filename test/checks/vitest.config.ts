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
  // The slow curves in plain JavaScript, on a busy machine, take their time.
  test: { include: ["test/**/*.test.ts"], maxWorkers: 2, testTimeout: 60_000 },
});
