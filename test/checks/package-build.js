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

/**
 * What of msgpackr nothing calls that is packed and unpacked with the options of src/public-group/records/msgpack.ts: its own
 * types beside those of msgpack (dates, errors, clones), and records, which have no names in every value but one structure
 * for many. Nothing stored holds one; bytes that claim to are refused as of an extension that nobody knows.
 *
 * @type {Record<"pack" | "unpack", [from: string, to: string, instead: string][]>}
 */
const unused = {
  pack: [
    ["\t\t\tif (packing) {", "\t\t\tif (!target) {", ""],
    ["\t\t\tstructures = packr.structures;\n\t\t\tif (structures) {", "\t\t\tlet encodingError;", ""],
    ["\t\t\t\tif (packr._writeStruct &&", "\t\t\t\tpackr.offset = position; // update", "\t\t\t\tpack(value);\n"],
    ["\t\t\t\tif (structures) {\n\t\t\t\t\tresetStructures", "\t\t\t\tpacking = false;\n\t\t\t\t// don't keep", ""],
    ["\t\tconst rebuildTransitions =", "\t\tconst packArray =", ""],
    ["\t\t\t\tif (bundledStrings && strLength", "\t\t\t\tlet headerSize;", ""],
    ["\t\t\t\t\tif (referenceMap) {", "\t\t\t\t\tlet constructor =", ""],
    ["\t\tconst writeRecord =", "\t\tconst makeRoom =", "\t\tconst writeObject = writePlainObject;\n"],
    ["\t\t\t\t\t} else if (this.useBigIntExtension", "\t\t\t\t\t} else {\n\t\t\t\t\t\tthrow new RangeError", ""],
    [
      "\t\t\t\t\tlet useFloat32;",
      "\t\t\t\t\ttarget[position++] = 0xcb;\n\t\t\t\t\ttargetView.setFloat64(position, value);",
      "",
    ],
    ["\t\tconst newRecord =", "\t}\n\tuseBuffer(", ""],
    [
      "extensionClasses = [ Date",
      "const builtInExtensionCount",
      "extensionClasses = [Uint8Array];\nextensions = [{ pack: writeBuffer }];\n",
    ],
  ],
  unpack: [
    ["\t\tif (src) {\n\t\t\t// re-entrant", "\t\tif (!source.buffer", ""],
    [
      "\t\tif (this instanceof Unpackr) {",
      "\t\treturn checkedRead(options);\n\t}\n\tunpackMultiple",
      "\t\tcurrentUnpackr = this;\n",
    ],
    ["\tunpackMultiple(source", "\tdecode(source", ""],
    ["\t\tif (!currentUnpackr.trusted", "\t\tlet result;\n", ""],
    ["\t\tif (currentUnpackr._readStruct", "\t\tif (position == srcEnd) {", "\t\tresult = read();\n"],
    ["\t\t\t// finished reading this source", "\t\t\tsrc = null;\n\t\t\tif (referenceMap", ""],
    ["\t\tif (currentStructures && currentStructures.restoreStructures)", "\t\tclearSource();\n\t\tclassify", ""],
    ["\t\tclassifyIncomplete(error);", "\t\tthrow error;\n\t}\n}\n\nfunction classify", ""],
    ["function classifyIncomplete(", "export function read()", ""],
    // what it has read of a secret
    ["\t\t\tlet jsonView;", "\t\t}\n\t\t// else more to read", "\t\t\tthrow new Error('more than one value');\n"],
    [
      "\t\t\tlet string = length < 16 ? shortStringInJS",
      "\t\t\tif (string != null)\n\t\t\t\treturn string;",
      "\t\t\tlet string = longStringInJS(length);\n",
    ],
    ["\tif (length < 16) {\n\t\tif (result =", "\tif (length > 64 && decoder)", ""],
    ["function shortStringInJS(", "function readBin(", ""],
    [
      "\tlet string = length < 16 ? shortStringInJS(length) : longStringInJS(length);\n\tif",
      "\tif (string != null)\n\t\treturn entry",
      "\tlet string = longStringInJS(length);\n",
    ],
    [
      "\t\t\t\tif (currentUnpackr.int64AsType === 'number') {\n\t\t\t\t\tvalue = dataView.getUint32",
      "\t\t\t\t\tvalue = dataView.getBigUint64(position);\n\t\t\t\tposition += 8;",
      "",
    ],
    [
      "\t\t\t\tif (currentUnpackr.int64AsType === 'number') {\n\t\t\t\t\tvalue = dataView.getInt32",
      "\t\t\t\t\tvalue = dataView.getBigInt64(position);\n\t\t\t\tposition += 8;",
      "",
    ],
    [
      "\t\t\t\tif (currentUnpackr.useFloat32 > 2)",
      "\t\t\t\tposition += 4;\n\t\t\t\treturn value;\n\t\t\tcase 0xcb",
      "",
    ],
    ["\t\t\tif (token < 0x40)\n", "\t\t} else if (token < 0x90) {", "\t\t\treturn token;\n"],
    ["\t\t\t\tif (bundledStrings) {", "\t\t\t\treturn C1;", ""],
    ["\t\t\t\tif (value == 0x72) {\n\t\t\t\t\treturn", "\t\t\t\t\tlet extension =", "\t\t\t\t{\n"],
    ["\t\t\t\tvalue = src[position];\n\t\t\t\tif (value == 0x72)", "\t\t\tcase 0xd6:", "\t\t\t\treturn readExt(2);\n"],
    ["const validName =", "var readFixedString =", ""],
    ["// the registration of the record definition", "currentExtensions[0] = ", ""],
    ["currentExtensions[0x42] = ", "// registration of bulk record", "export const typedArrays = [];\n"],
    ["function saveState(", "export function clearSource(", ""],
  ],
};

/** @type {import("esbuild").Plugin} */
const withoutUnused = {
  name: "without what of msgpackr nothing calls",
  setup({ onLoad }) {
    onLoad({ filter: /msgpackr[\\/](un)?pack\.js$/ }, ({ path }) => {
      let contents = readFileSync(path, "utf8");
      for (const [from, to, instead] of unused[path.endsWith("unpack.js") ? "unpack" : "pack"]) {
        const start = contents.indexOf(from);
        const end = contents.indexOf(to, start);
        if (start < 0 || end < 0 || contents.includes(from, start + 1)) {
          throw new Error(`${path} is not as it was at "${from.trim()}": look at package-build.js again`);
        }
        contents = contents.slice(0, start) + instead + contents.slice(end);
      }
      return { contents };
    });
  },
};

/**
 * msgpackr as one module.
 *
 * @param {string} outfile
 */
export async function buildMsgpackr(outfile) {
  await build({
    stdin: { contents: 'export { Packr } from "msgpackr/pack";', resolveDir: root },
    absWorkingDir: root,
    outfile,
    bundle: true,
    format: "esm",
    platform: "browser",
    target: "es2020",
    plugins: [withoutUnused],
    banner: { js: `/*!\n${readFileSync(join(root, "node_modules/msgpackr/LICENSE"), "utf8").trim()}\n*/` },
    logLevel: "error",
  });
}

/**
 * Build into a folder, which is not emptied before.
 *
 * @param {string} folder
 * @returns {Promise<{ ok: boolean, output: string }>} whether the compiler accepts the sources, and what it says
 */
export async function buildInto(folder) {
  const compiled = await run("tsc", ["-p", "test/checks/tsconfig.build.json", "--outDir", folder]);
  await buildMsgpackr(join(folder, "public-group/records/msgpackr.js"));
  return compiled;
}
