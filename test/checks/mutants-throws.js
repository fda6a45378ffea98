/**
 * Where a source refuses something: its throws, each with a name that says where it stands.
 */

import ts from "typescript";

/**
 * @typedef {{ id: string, line: number, start: number, end: number }} Throw
 *   named by its file, its function, and its number among those of the function
 */

/**
 * @param {string} text the source
 * @param {string} file its name
 * @returns {readonly Throw[]}
 */
export function throwsOf(text, file) {
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.ESNext, true);
  /** @type {Throw[]} */
  const found = [];
  /** @type {Map<string, number>} */
  const counts = new Map();
  /** @param {ts.Node} node @param {string} inside */
  const visit = (node, inside) => {
    const name = ts.isFunctionDeclaration(node) || ts.isMethodDeclaration(node) ? node.name?.getText() : undefined;
    const within = name ?? inside;
    if (ts.isThrowStatement(node)) {
      const line = source.getLineAndCharacterOfPosition(node.getStart()).line + 1;
      const number = (counts.get(within) ?? 0) + 1;
      counts.set(within, number);
      found.push({ id: `${file} ${within} ${String(number)}`, line, start: node.getStart(), end: node.getEnd() });
    }
    ts.forEachChild(node, (child) => visit(child, within));
  };
  visit(source, "");
  return found;
}
