/**
 * The documentation's code: every ```ts block of README.md and docs/*.md is compiled against the built package and run.
 *
 * The blocks of a page are one module, in order. Each stands on the lines that it has in the page, so that an error's
 * line is the page's. The module lies inside the package: "copse" is the package itself, through its exports.
 */

import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { run } from "./run.js";

const folder = ".snippets";
const pages = ["README.md", ...readdirSync("docs").map((name) => join("docs", name))].filter((path) =>
  path.endsWith(".md"),
);

/**
 * The page with everything outside of its ```ts blocks blanked, or undefined where it has none.
 *
 * @param {string} page
 * @returns {string | undefined}
 */
function moduleOf(page) {
  let language = "";
  let blocks = 0;
  const lines = readFileSync(page, "utf8")
    .split("\n")
    .map((line, index) => {
      const fence = /^\s*```+(.*)$/.exec(line);
      if (!fence) return language === "ts" ? line : "";
      const info = fence[1]?.trim() ?? "";
      if (language === "") {
        if (/^(ts\b.|typescript|js|javascript|mjs|tsx)/.test(info)) {
          fail(`${page}:${String(index + 1)}: code of a page is marked \`\`\`ts, so that it is compiled and run`);
        }
        language = info === "" ? "text" : info;
        if (language === "ts") blocks++;
      } else language = "";
      return "";
    });
  return blocks === 0 ? undefined : lines.join("\n") + "\nexport {};\n";
}

/** @param {string} problem */
function fail(problem) {
  console.log(problem);
  process.exitCode = 1;
}

rmSync(folder, { recursive: true, force: true });
mkdirSync(folder);
/** @type {Map<string, string>} */
const modules = new Map();
for (const page of pages) {
  const text = moduleOf(page);
  if (text === undefined) continue;
  const name = basename(page, ".md");
  modules.set(name, page);
  writeFileSync(join(folder, `${name}.ts`), text);
}
writeFileSync(
  join(folder, "tsconfig.json"),
  JSON.stringify({
    extends: "../tsconfig.json",
    compilerOptions: {
      noEmit: false,
      declaration: false,
      isolatedDeclarations: false,
      sourceMap: true,
      // What a page shows is not always used on it.
      noUnusedLocals: false,
      noUnusedParameters: false,
      customConditions: [],
      rootDir: ".",
      outDir: ".",
    },
    include: [],
    files: [...modules.keys()].map((name) => `${name}.ts`),
  }),
);

/** @param {string} output names of modules, as the page's */
const inPages = (output) =>
  output.replaceAll(
    /(?:[^\s()]*\.snippets\/)?([\w-]+)\.ts\b/g,
    (all, /** @type {string} */ name) => modules.get(name) ?? all,
  );

const compiled = await run("tsc", ["-p", folder]);
if (!compiled.ok) fail(inPages(compiled.output));
else {
  for (const [name, page] of modules) {
    const script = join(folder, `${name}.js`);
    const { ok, output } = await run(process.execPath, ["--enable-source-maps", script], { timeout: 60_000 });
    if (!ok) fail(`${page} fails when run:\n${inPages(output)}`);
  }
}
if (process.exitCode !== 1) rmSync(folder, { recursive: true });
console.log(`${String(modules.size)} pages with code`);
