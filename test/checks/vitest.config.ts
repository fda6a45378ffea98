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
  // The slow curves in plain JavaScript, on a busy machine, take their time.
  test: { include: ["test/**/*.test.ts"], testTimeout: 60_000 },
});
