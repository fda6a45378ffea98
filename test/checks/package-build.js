/**
 * The package out of src/: JavaScript, declarations and source maps, and msgpackr with them.
 *
 * msgpackr comes along as one module. As a dependency it would offer a native addon on installation and bring CommonJS, which not
 * every bundler reads; copse needs neither, nor code that is compiled from strings.
 */

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { build } from "esbuild";
import { root, run } from "./run.js";

/** The types that msgpackr adds to msgpack, such as dates, errors and clones: nothing stored holds one, and none is read. */
const extensionTypes = /currentExtensions\[0x42\] = [\s\S]*?(?=\/\/ registration of bulk record)/;

/** @type {import("esbuild").Plugin} */
const withoutExtensionTypes = {
  name: "without msgpackr's extension types",
  setup({ onLoad }) {
    onLoad({ filter: /msgpackr[\\/]unpack\.js$/ }, ({ path }) => {
      const source = readFileSync(path, "utf8");
      if (!extensionTypes.test(source)) throw new Error(`${path} is not as it was: look at package-build.js again`);
      return { contents: source.replace(extensionTypes, "export const typedArrays = [];\n") };
    });
  },
};

/**
 * Build into a folder, which is not emptied before.
 *
 * @param {string} folder
 * @returns {Promise<{ ok: boolean, output: string }>} whether the compiler accepts the sources, and what it says
 */
export async function buildInto(folder) {
  const compiled = await run("tsc", ["-p", "test/checks/tsconfig.build.json", "--outDir", folder]);
  await build({
    stdin: { contents: 'export { Packr } from "msgpackr/pack";', resolveDir: root },
    absWorkingDir: root,
    outfile: join(folder, "public-group/records/msgpackr.js"),
    bundle: true,
    format: "esm",
    platform: "browser",
    target: "es2020",
    plugins: [withoutExtensionTypes],
    define: { Function: "undefined" }, // what compiles code is looked for once, not found, and done without
    banner: { js: `/*!\n${readFileSync("node_modules/msgpackr/LICENSE", "utf8").trim()}\n*/` },
    logLevel: "error",
  });
  return compiled;
}
