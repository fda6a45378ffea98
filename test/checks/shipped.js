/**
 * For bundles that are written against src/ and run what is shipped: an esbuild plugin that leads every import of a
 * source file to the file that the build makes of it.
 */

import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { root } from "./run.js";

const sources = join(root, "src/");

/**
 * @param {string} dist where the build is
 * @param {boolean} external whether the built files stay outside of the bundle
 * @returns {import("esbuild").Plugin}
 */
export function shipped(dist, external) {
  return {
    name: "shipped",
    setup({ onResolve }) {
      onResolve({ filter: /^\.{1,2}\/.*\.ts$/ }, ({ path, resolveDir }) => {
        const file = resolve(resolveDir, path);
        if (!file.startsWith(sources)) return undefined;
        const built = join(dist, file.slice(sources.length).replace(/\.ts$/, ".js"));
        return external ? { path: pathToFileURL(built).href, external } : { path: built };
      });
    },
  };
}
