/**
 * Lint rules: typescript-eslint's strict set with types, and the house rules that a machine can hold.
 */

import { defineConfig } from "eslint/config";
import tseslint from "typescript-eslint";
import { root } from "./run.js";

/** Syntax that style.md leaves out. */
const refused = [
  { selector: "ExportDefaultDeclaration", message: "Name what you export: there are no default exports here." },
  { selector: "TSEnumDeclaration", message: "Use a union of literals, not an enum." },
  { selector: "TSModuleDeclaration[kind='namespace']", message: "Use a module, not a namespace." },
  { selector: "TSParameterProperty", message: "Declare the field, not a parameter property." },
  {
    selector:
      "PropertyDefinition[accessibility='private'], MethodDefinition[accessibility='private'][kind!='constructor']",
    message: "Use a #private name: `private` is gone at run time.",
  },
];

/** What makes a result differ from one run to the next: injected everywhere, reached only where a platform is wrapped. */
const ambient = [
  { object: "Math", property: "random", message: "Take the injected Random." },
  { object: "Date", property: "now", message: "Take the injected Clock." },
  { object: "performance", property: "now", message: "Take the injected Clock." },
  { object: "crypto", property: "getRandomValues", message: "Take the injected Random." },
];

/**
 * What a test may not depend on: how fast the machine is, what time it is, and how much memory whatever else ran in the
 * process has left. Time is a virtual clock's; memory is measured by test/memory, in a process of its own.
 */
const measured = [
  { object: "performance", property: "now", message: "A test that reads the clock fails on a busy machine." },
  { object: "Date", property: "now", message: "Take a clock that the test sets." },
  { object: "process", property: "hrtime", message: "A test that reads the clock fails on a busy machine." },
  { object: "process", property: "memoryUsage", message: "Measure memory by test/memory/measure.ts." },
  { object: "process", property: "cpuUsage", message: "Count operations, as test/group/counting.ts does." },
  { object: "vi", property: "waitFor", message: "Wait for what is to happen, not for a while." },
  { object: "vi", property: "waitUntil", message: "Wait for what is to happen, not for a while." },
  { object: "Promise", property: "race", message: "Who comes first is the machine's choice." },
];
const waiting = ["setTimeout", "setInterval", "gc"].map((name) => ({
  name,
  message: "Wait for what is to happen, not for a while; and leave memory to test/memory.",
}));
const measuring = ["process", "node:process", "v8", "node:v8", "perf_hooks", "node:perf_hooks"].map((name) => ({
  name,
  importNames: ["memoryUsage", "hrtime", "cpuUsage", "performance", "setFlagsFromString", "getHeapStatistics"],
  message: "A test reads neither the clock nor the heap: see test/memory.",
}));
const pausing = ["timers", "node:timers", "timers/promises", "node:timers/promises"].map((name) => ({
  name,
  importNames: ["setTimeout", "setInterval", "scheduler"],
  message: "Wait for what is to happen, not for a while.",
}));
const now = {
  selector: "NewExpression[callee.name='Date'][arguments.length=0]",
  message: "Take a clock that the test sets.",
};

/** Files under test/ that do read clocks or the heap, and why. */
const measures = [
  "test/memory/sampling.ts", // the heap, in a process that does nothing else
  "test/bench/**", // what is measured is time
  "test/fuzz/soak.ts", // runs for as long as it is told to
  "test/checks/mutants-runner.ts", // a file's name
  "test/interop/mending.ts", // ts-mls reads the clock, and must accept the lifetime
  "test/browser/**", // a real browser, whose clock nobody sets
  "test/demo/**",
];

/** Globals that not every runtime has. */
const platform = ["process", "Buffer", "require", "__dirname", "__filename", "setImmediate"].map((name) => ({
  name,
  message: "src runs in browsers too: only the command and the node provider may use Node's globals.",
}));

export default defineConfig(
  {
    ignores: [
      "dist/",
      "docs/api/",
      "docs/api.d.ts",
      "coverage/",
      ".snippets/",
      ".examples/",
      ".runtimes/",
      "node_modules/",
    ],
  },
  { linterOptions: { reportUnusedDisableDirectives: "error" } },
  {
    files: ["**/*.ts", "**/*.tsx", "**/*.js"],
    extends: [tseslint.configs.strictTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: root } },
    rules: {
      "@typescript-eslint/no-non-null-assertion": "off", // the element of a checked index
      "@typescript-eslint/restrict-template-expressions": ["error", { allowNumber: true }],
      "@typescript-eslint/restrict-plus-operands": ["error", { allowNumberAndString: true }],
      "@typescript-eslint/no-confusing-void-expression": ["error", { ignoreArrowShorthand: true }],
      "@typescript-eslint/no-unnecessary-condition": [
        "error",
        { allowConstantLoopConditions: "only-allowed-literals" },
      ],
      "@typescript-eslint/unbound-method": "off", // interfaces of stateless functions are taken apart; a class's #private tells
      "@typescript-eslint/no-unnecessary-type-parameters": "off", // phantom names, and codecs that are read as a type
      "@typescript-eslint/consistent-type-imports": ["error", { fixStyle: "inline-type-imports" }],
      "@typescript-eslint/consistent-type-definitions": ["error", "interface"],
      "@typescript-eslint/prefer-readonly": "error",
      "@typescript-eslint/switch-exhaustiveness-check": ["error", { considerDefaultExhaustiveForUnions: true }],
      "no-restricted-syntax": ["error", ...refused],
      eqeqeq: "error",
      "no-console": "error",
      "no-eval": "error",
      "no-new-func": "error",
      "no-var": "error",
      "object-shorthand": "error",
      "prefer-const": "error",
    },
  },
  {
    files: ["src/**"],
    rules: {
      // Docstrings with their examples may be as long as they need to be.
      "max-lines": ["error", { max: 440, skipComments: true }],
      "no-restricted-properties": ["error", ...ambient],
      "no-restricted-globals": ["error", ...platform],
    },
  },
  {
    files: ["src/cli/**", "src/crypto/node.ts", "src/crypto/node/**", "src/crypto/symmetric-node.ts"],
    rules: { "no-restricted-properties": "off", "no-restricted-globals": "off" },
  },
  { files: ["src/cli/**"], rules: { "no-console": "off" } },
  {
    files: ["src/**/clock.ts", "src/**/random.ts"], // the platform's, as defaults
    rules: { "no-restricted-properties": "off" },
  },
  {
    files: ["test/**", "docs/**"],
    rules: {
      "no-console": "off",
      "@typescript-eslint/no-empty-function": "off",
    },
  },
  {
    files: ["test/**/*.ts"],
    ignores: measures,
    rules: {
      "no-restricted-properties": ["error", ...measured],
      "no-restricted-globals": ["error", ...waiting],
      "no-restricted-imports": ["error", { paths: [...measuring, ...pausing] }],
      "no-restricted-syntax": ["error", ...refused, now],
    },
  },
  {
    files: ["**/*.js"],
    rules: {
      // The linter can't see a type that JSDoc gives to an expression. The compiler can.
      "@typescript-eslint/no-unsafe-assignment": "off",
      "@typescript-eslint/no-unsafe-member-access": "off",
      // JavaScript has no word for it.
      "@typescript-eslint/prefer-readonly": "off",
    },
  },
  {
    files: ["**/*.config.js", "**/*.config.ts", "test/checks/mutants-runner.ts"], // the tools ask for a default export
    rules: { "no-restricted-syntax": ["error", ...refused.slice(1)] },
  },
);
