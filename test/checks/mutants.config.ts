/**
 * The tests as npm run mutants runs them: every refusal in question asks first whether it is there.
 */

import { readFileSync } from "node:fs";
import { relative } from "node:path";
import { mergeConfig, type ViteUserConfig } from "vitest/config";
import { refusalsOf, withQuestions } from "./refusals.js";
import base from "./vitest.config.ts";

const root = base.root!;
const { ids } = JSON.parse(readFileSync(process.env["COPSE_MUTANTS"]!, "utf8")) as { readonly ids: readonly string[] };
const numbers = new Map(ids.map((id, number) => [id, number]));
const files = new Set(ids.map((id) => id.slice(0, id.indexOf(" "))));

const config: ViteUserConfig = mergeConfig(base, {
  plugins: [
    {
      name: "mutants",
      enforce: "pre",
      transform(text: string, id: string) {
        const file = relative(root, id);
        if (!files.has(file)) return undefined;
        const code = withQuestions(text, refusalsOf(text, file), (refusal) => {
          const number = numbers.get(refusal);
          return number === undefined ? undefined : `globalThis.copseMay(${String(number)})`;
        });
        return { code, map: null };
      },
    },
  ],
  test: { runner: "test/checks/mutants-runner.ts", setupFiles: [], dangerouslyIgnoreUnhandledErrors: true },
});

export default config;
