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
  test: { include: ["test/**/*.test.ts"] },
});
