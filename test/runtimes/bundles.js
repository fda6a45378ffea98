/**
 * The smoke test in the forms that bundlers make for others: Electron's two, and Rollup's without a plugin for CommonJS.
 *
 * Electron itself can't be had from npm, which only downloads its binary from elsewhere. What it needs is a CommonJS bundle for
 * its main process, which is a Node, and a classic script from a file for its renderer, which is a Chromium.
 */

import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { build } from "esbuild";
import { smokeFromFile } from "./chromium.js";
import { need, tools } from "./install.js";

/** @typedef {{ project: string, given: object, profile: string }} Input */

/**
 * Electron's main process and its renderer.
 *
 * @param {Input} input the folder that holds consumer.js, what the smoke test is given, and a folder for the browser's profile
 */
export async function smokeForElectron({ project, given, profile }) {
  const common = /** @type {const} */ ({ bundle: true, target: "es2022", logLevel: "silent", absWorkingDir: project });
  await build({
    ...common,
    stdin: {
      contents: `
        import { run } from "./consumer.js";
        if (typeof module !== "object" || typeof require !== "function") throw new Error("this is no CommonJS");
        run(${JSON.stringify({ ...given, provider: "node" })}).then(console.log);`,
      resolveDir: project,
    },
    platform: "node",
    format: "cjs",
    external: ["electron"],
    outfile: "electron-main.cjs",
  });
  const main = await need(process.execPath, ["electron-main.cjs"], { cwd: project, timeout: 120_000 });

  await build({
    ...common,
    stdin: {
      contents: `
        import { run } from "./consumer.js";
        const given = ${JSON.stringify({ ...given, provider: "web" })};
        run(given).then((done) => console.log("done: " + done), (error) => console.log("failed: " + error.stack));`,
      resolveDir: project,
    },
    platform: "browser",
    format: "iife",
    outfile: "electron-renderer.js",
  });
  const page = join(project, "electron.html");
  writeFileSync(
    page,
    `<!doctype html>
     <meta http-equiv="content-security-policy" content="default-src 'none'; script-src 'self' file:">
     <script defer src="electron-renderer.js"></script>`,
  );
  const renderer = await smokeFromFile({ address: pathToFileURL(page).href, profile });
  return `main as CommonJS in Node: ${main.trim()}; renderer from a file: ${renderer}`;
}

/**
 * Rollup, with the plugin that finds packages and none that reads CommonJS. In one file, what is imported when it is asked
 * for would stand behind the entry, which awaits it at its top level.
 *
 * @param {Pick<Input, "project">} input its given.json is for Node
 */
export async function smokeByRollup({ project }) {
  const place = await tools("rollup", ["rollup@4.68.8", "@rollup/plugin-node-resolve@16.0.3"]);
  writeFileSync(
    join(place, "build.mjs"),
    `import { rollup } from "rollup";
     import { nodeResolve } from "@rollup/plugin-node-resolve";
     const [input, dir] = process.argv.slice(2);
     const built = await rollup({
       input,
       plugins: [nodeResolve({ exportConditions: ["node"] })],
       external: /^node:/,
       onwarn: (warning) => {
         if (warning.code !== "CIRCULAR_DEPENDENCY") throw new Error(warning.message);
       },
     });
     await built.write({ dir, format: "es", entryFileNames: "rollup.mjs", chunkFileNames: "rollup-[name].mjs" });`,
  );
  await need(process.execPath, ["build.mjs", join(project, "main.js"), project], { cwd: place, timeout: 120_000 });
  return need(process.execPath, ["rollup.mjs"], { cwd: project, timeout: 120_000 });
}
