/**
 * How the tests run: on the sources, which the condition `copse-src` of package.json's imports leads to.
 */

import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";
import { BaseSequencer, type TestSpecification } from "vitest/node";

const conditions = ["copse-src"];

/**
 * The files that take the longest, which a fresh clone can't know: they are short, and vitest would leave them for the end,
 * where one processor works and the others wait. Each provider's vectors are most of its minute.
 */
const longest = [
  "test/vectors/families-noble",
  "test/vectors/families-web",
  "test/vectors/families-node",
  "test/interop/ts-mls-1",
  "test/interop/ts-mls-2",
  "test/interop/history",
  "test/property/histories",
  "test/simulation/two-hundred",
  "test/interop/grpc/scenarios",
];

class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    const place = ({ moduleId }: TestSpecification): number => {
      const found = longest.findIndex((name) => moduleId.includes(name));
      return found < 0 ? longest.length : found;
    };
    return sorted.sort((a, b) => place(a) - place(b)); // stable: the others stay in vitest's order
  }
}

export default defineConfig({
  root: fileURLToPath(new URL("../..", import.meta.url)),
  resolve: { conditions },
  ssr: { resolve: { conditions } },
  test: {
    include: ["test/**/*.test.ts"],
    // Two workers even where vitest would leave a processor free: most machines that run this have two.
    maxWorkers: 2,
    // No test is about time: the timeouts are for what hangs, and a busy machine may take ten times as long as a quiet one.
    testTimeout: 600_000,
    hookTimeout: 600_000,
    sequence: { sequencer: LongestFirst },
  },
});
