/**
 * The tests as npm run mutants runs them: every throw of the folders in question asks first whether it may.
 */

import { relative } from "node:path";
import { mergeConfig, type ViteUserConfig } from "vitest/config";
import { throwsOf } from "./mutants-throws.js";
import base from "./vitest.config.ts";

const root = base.root!;
const folders = (process.env["COPSE_MUTANTS"] ?? "").split(",");

const config: ViteUserConfig = mergeConfig(base, {
  plugins: [
    {
      name: "mutants",
      enforce: "pre",
      transform(text: string, id: string) {
        const file = relative(root, id);
        if (!folders.some((folder) => file.startsWith(folder))) return undefined;
        let code = text;
        for (const { id: name, start, end } of [...throwsOf(text, file)].reverse()) {
          const guarded = `if (globalThis.copseMay(${JSON.stringify(name)})) ${text.slice(start, end)}`;
          code = code.slice(0, start) + guarded + code.slice(end);
        }
        return { code, map: null };
      },
    },
  ],
  test: { runner: "test/checks/mutants-runner.ts", setupFiles: [] },
});

export default config;
