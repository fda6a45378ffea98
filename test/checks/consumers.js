/**
 * The types of the packed package, as strict consumers compile them: by the compilers that are in use, as Node and as bundlers
 * resolve modules, with the DOM's types and without, and with nobody skipping the check of declarations.
 *
 * The compilers come from npm into .runtimes, which git ignores.
 */

import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { tools } from "../runtimes/install.js";
import { root, run } from "./run.js";

const compilers = ["5.4.5", "5.9.3", "6.0.3", "7.0.2"];
const resolutions = /** @type {const} */ ([
  { module: "nodenext", moduleResolution: "nodenext" },
  { module: "esnext", moduleResolution: "bundler" },
]);
const platforms = [
  { lib: ["ES2022", "DOM", "DOM.Iterable"], files: ["everywhere.ts", "web.ts"] },
  { lib: ["ES2022"], files: ["everywhere.ts"] },
];

const { dependencies } = /** @type {{ dependencies: Record<string, string> }} */ (
  JSON.parse(readFileSync("package.json", "utf8"))
);
const folder = mkdtempSync(join(tmpdir(), "copse-consumers-"));
try {
  const installed = join(folder, "node_modules/copse");
  mkdirSync(installed, { recursive: true });
  for (const file of ["package.json", "dist"]) cpSync(file, join(installed, file), { recursive: true });
  for (const name of Object.keys(dependencies)) {
    const link = join(folder, "node_modules", name);
    mkdirSync(dirname(link), { recursive: true });
    symlinkSync(resolve(root, "node_modules", name), link, "junction");
  }
  writeFileSync(join(folder, "package.json"), JSON.stringify({ private: true, type: "module" }));
  cpSync("test/checks/consumer", folder, { recursive: true });

  /** @type {(() => Promise<void>)[]} */
  const jobs = [];
  for (const version of compilers) {
    const compiler = join(await tools(`typescript-${version}`, [`typescript@${version}`]), "node_modules/typescript");
    for (const resolution of resolutions) {
      for (const { lib, files } of platforms) {
        const name = `TypeScript ${version}, ${resolution.moduleResolution}, ${lib.join(" ")}`;
        const config = join(folder, `${name.replaceAll(/[^a-z0-9]+/gi, "-")}.json`);
        const compilerOptions = {
          ...resolution,
          lib,
          target: "es2022",
          types: [],
          strict: true,
          exactOptionalPropertyTypes: true,
          noUncheckedIndexedAccess: true,
          skipLibCheck: false,
          noEmit: true,
        };
        writeFileSync(config, JSON.stringify({ compilerOptions, files }));
        jobs.push(async () => {
          const { ok, output } = await run(process.execPath, [join(compiler, "bin/tsc"), "-p", config], {
            cwd: folder,
          });
          if (ok) return;
          process.exitCode = 1;
          console.log(`${name}\n${output}`);
        });
      }
    }
  }
  const worker = async () => {
    for (let job = jobs.shift(); job; job = jobs.shift()) await job();
  };
  await Promise.all([worker(), worker()]);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
