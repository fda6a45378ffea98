/**
 * What the compiler says of a source without one of its refusals. A condition that only tells types apart
 * (`sender.type === "member" && sender.leafIndex === own`) can't be missed by a test; it can't be left out either, because
 * the source would not compile.
 */

import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import ts from "typescript";
import { withQuestions } from "./refusals.js";

/**
 * @param {string} root the repository's
 * @returns {(file: string, refusal: import("./refusals.js").Refusal) => boolean} whether the source compiles without it
 */
export function compiler(root) {
  const { config } = ts.readConfigFile(join(root, "tsconfig.json"), ts.sys.readFile);
  const { options } = ts.parseJsonConfigFileContent({ ...config, include: ["src"] }, ts.sys, root);
  /** @type {Map<string, { text: string, version: number }>} */
  const changed = new Map();
  /** @type {ts.LanguageServiceHost} */
  const host = {
    getCompilationSettings: () => ({ ...options, noUnusedLocals: false, noUnusedParameters: false }),
    getScriptFileNames: () => [...changed.keys()],
    getScriptVersion: (name) => String(changed.get(name)?.version ?? 0),
    getScriptSnapshot: (name) => {
      const text = changed.get(name)?.text ?? ts.sys.readFile(name);
      return text === undefined ? undefined : ts.ScriptSnapshot.fromString(text);
    },
    getCurrentDirectory: () => root,
    getDefaultLibFileName: ts.getDefaultLibFilePath,
    fileExists: ts.sys.fileExists,
    readFile: ts.sys.readFile,
    directoryExists: ts.sys.directoryExists,
    getDirectories: ts.sys.getDirectories,
  };
  const service = ts.createLanguageService(host);
  return (file, refusal) => {
    const path = resolve(root, file);
    const text = readFileSync(path, "utf8");
    const version = (changed.get(path)?.version ?? 0) + 1;
    changed.set(path, { text: withQuestions(text, [refusal], () => "false"), version });
    const compiles = service.getSemanticDiagnostics(path).length === 0;
    changed.set(path, { text, version: version + 1 });
    return compiles;
  };
}
