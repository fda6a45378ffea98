/**
 * Where a source refuses something, and how each refusal is taken away, one at a time.
 *
 * A refusal is
 * - `throw`: a throw;
 * - `call`: a statement that only calls a check (`checkX(...)`, awaited or not): the rule is left out at this one way in;
 * - `return`, `continue`: leaving early with nothing, `false`, `null` or a cause (a string), where more would have followed;
 *   a `return false` that ends its function becomes `return true`;
 * - `answer`: what a function that answers yes or no returns (`is...`, or its type is boolean): yes instead;
 * - `accept`: the condition of an `if` that returns something, before the refusal that ends its block: always;
 * - `else`: the condition of a `? :` that gives the caller nothing on one side: always the other side;
 * - `operand`: an operand of `&&` or `||` in the condition of any of these: as if it were not there.
 */

import ts from "typescript";

/**
 * @typedef {{ id: string, line: number, start: number, end: number, before: string, after: string, group: string }} Refusal
 *   named by its file, its function, its kind and its number; what stands around it asks `MAY` whether it is there.
 *   Those of one group may be taken away together without hiding each other: none of them stands in another.
 */

/** Stands in `before` for the question whether the refusal is there. */
const may = "MAY";

const around = {
  /** A statement that is left out. */
  statement: { before: `{ if (${may}) `, after: " }" },
  /** An expression that becomes true. */
  true: { before: `(!${may} || (`, after: "))" },
  /** An expression that becomes false. */
  false: { before: `(${may} && (`, after: "))" },
};

/**
 * @param {string} text the source
 * @param {string} file its name
 * @returns {readonly Refusal[]} in the order of the source, outer ones before those in them
 */
export function refusalsOf(text, file) {
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.ESNext, true);
  /** @type {Map<ts.Node, Refusal>} */
  const found = new Map();
  /** @type {Map<string, number>} */
  const counts = new Map();

  /** @param {ts.Node} node @param {string} kind @param {keyof typeof around} how @param {number} [depth] */
  const add = (node, kind, how, depth = 0) => {
    if (found.has(node)) return;
    const name = `${file} ${nameAround(node)} ${kind}`;
    const number = (counts.get(name) ?? 0) + 1;
    counts.set(name, number);
    const start = node.getStart();
    const line = source.getLineAndCharacterOfPosition(start).line + 1;
    const group = kind === "operand" ? `${kind} ${how} ${String(depth)}` : kind;
    found.set(node, { id: `${name} ${String(number)}`, line, start, end: node.getEnd(), ...around[how], group });
  };

  /** The operands of a condition, through `!` and parentheses. @param {ts.Expression} condition @param {number} [depth] */
  const operands = (condition, depth = 0) => {
    if (ts.isParenthesizedExpression(condition)) operands(condition.expression, depth);
    else if (ts.isPrefixUnaryExpression(condition)) operands(condition.operand, depth);
    else if (ts.isBinaryExpression(condition)) {
      const { left, right, operatorToken } = condition;
      const isAnd = operatorToken.kind === ts.SyntaxKind.AmpersandAmpersandToken;
      if (!isAnd && operatorToken.kind !== ts.SyntaxKind.BarBarToken) return;
      for (const operand of [left, right]) {
        // a && b && c is (a && b) && c: its operands are three.
        const isSame = ts.isBinaryExpression(operand) && operand.operatorToken.kind === operatorToken.kind;
        if (!isSame) add(operand, "operand", isAnd ? "true" : "false", depth);
        operands(operand, isSame ? depth : depth + 1);
      }
    }
  };

  /** What a function gives back. @param {ts.Expression} value @param {ts.Node} inside */
  const given = (value, inside) => {
    if (ts.isConditionalExpression(value)) {
      const { condition, whenTrue, whenFalse } = value;
      const refusesTrue = isNothing(whenTrue);
      if (refusesTrue === isNothing(whenFalse) || isMapping(condition)) return;
      add(condition, "else", refusesTrue ? "false" : "true");
      operands(condition);
    } else if (answers(inside) && value.kind !== ts.SyntaxKind.TrueKeyword && !isNothing(value)) {
      add(value, "answer", "true");
      operands(value);
    }
  };

  /** @param {ts.Node} node */
  const visit = (node) => {
    if (ts.isThrowStatement(node)) add(node, "throw", "statement");
    else if (ts.isExpressionStatement(node) && isCheck(node.expression)) add(node, "call", "statement");
    else if (ts.isContinueStatement(node) && !isLast(node)) add(node, "continue", "statement");
    else if (ts.isReturnStatement(node)) {
      const { expression } = node;
      const inside = functionAround(node);
      if (expression === undefined || isNothing(expression)) {
        if (!isLast(node)) add(node, "return", "statement");
        else if (expression?.kind === ts.SyntaxKind.FalseKeyword) add(expression, "return", "true");
      } else if (inside !== undefined) given(expression, inside);
    } else if (ts.isArrowFunction(node) && !ts.isBlock(node.body)) given(node.body, node);
    else if (ts.isIfStatement(node)) {
      if (isRefusal(node.thenStatement) || (node.elseStatement !== undefined && isRefusal(node.elseStatement))) {
        operands(node.expression);
      } else if (isAccepting(node)) {
        add(node.expression, "accept", "true");
        operands(node.expression);
      }
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return [...found.values()].sort((a, b) => a.start - b.start || b.end - a.end);
}

/**
 * The source, with a question before each refusal.
 *
 * @param {string} text
 * @param {readonly Refusal[]} refusals
 * @param {(id: string) => string | undefined} ask the question in JavaScript, or undefined where none is asked
 * @returns {string}
 */
export function withQuestions(text, refusals, ask) {
  /** @type {{ at: number, order: number, insert: string }[]} */
  const inserts = [];
  refusals.forEach(({ id, start, end, before, after }, index) => {
    const question = ask(id);
    if (question === undefined) return;
    // At one place, what ends goes first, the inner before the outer; then what begins, the outer before the inner.
    inserts.push({ at: start, order: index + 1, insert: before.replace(may, question) });
    inserts.push({ at: end, order: -index - 1, insert: after });
  });
  inserts.sort((a, b) => a.at - b.at || a.order - b.order);
  let code = "";
  let done = 0;
  for (const { at, insert } of inserts) {
    code += text.slice(done, at) + insert;
    done = at;
  }
  return code + text.slice(done);
}

/** @param {ts.Node} node @returns {ts.SignatureDeclaration | undefined} */
function functionAround(node) {
  return /** @type {ts.SignatureDeclaration | undefined} */ (ts.findAncestor(node.parent, ts.isFunctionLike));
}

/** The name of the nearest function that has one. @param {ts.Node} node */
function nameAround(node) {
  for (let inside = functionAround(node); inside !== undefined; inside = functionAround(inside)) {
    const name = nameOf(inside);
    if (name !== undefined) return name;
  }
  return "module";
}

/** @param {ts.SignatureDeclaration} inside */
function nameOf(inside) {
  if (ts.isConstructorDeclaration(inside)) return "constructor";
  const { name, parent } = inside;
  if (name !== undefined) return name.getText();
  if (ts.isVariableDeclaration(parent) || ts.isPropertyAssignment(parent) || ts.isPropertyDeclaration(parent))
    return parent.name.getText();
  return undefined;
}

/** Whether a function answers yes or no. @param {ts.Node} inside */
function answers(inside) {
  if (!ts.isFunctionLike(inside)) return false;
  if (inside.type !== undefined) return /^(Promise<)?boolean\b|\bis\b/.test(inside.type.getText());
  return /^#?is[A-Z]/.test(nameOf(inside) ?? "");
}

/** Nothing, no, or a cause. @param {ts.Expression} value */
function isNothing(value) {
  return (
    value.kind === ts.SyntaxKind.FalseKeyword ||
    value.kind === ts.SyntaxKind.NullKeyword ||
    ts.isStringLiteral(value) ||
    (ts.isIdentifier(value) && value.text === "undefined")
  );
}

/** `x === undefined`: what is not there stays away, and nobody is refused. @param {ts.Expression} condition */
function isMapping(condition) {
  return ts.isBinaryExpression(condition) && [condition.left, condition.right].some(isNothing);
}

/** `checkX(...)`, `a.checkX(...)`, `this.#checkX(...)`, awaited or not. @param {ts.Expression} expression */
function isCheck(expression) {
  const call = ts.isAwaitExpression(expression) ? expression.expression : expression;
  if (!ts.isCallExpression(call)) return false;
  const { expression: called } = call;
  const name = ts.isIdentifier(called) || ts.isPropertyAccessExpression(called) ? called.getText() : "";
  return /(^|\.)#?check([A-Z]|$)/.test(name);
}

/** Whether a statement ends in a refusal. @param {ts.Statement} statement @returns {boolean} */
function isRefusal(statement) {
  if (ts.isBlock(statement)) {
    const last = statement.statements.at(-1);
    return last !== undefined && isRefusal(last);
  }
  if (ts.isThrowStatement(statement) || ts.isContinueStatement(statement)) return true;
  return ts.isReturnStatement(statement) && (statement.expression === undefined || isNothing(statement.expression));
}

/** An `if` that returns something, in a block that ends in a refusal. @param {ts.IfStatement} node */
function isAccepting(node) {
  const { thenStatement, elseStatement, parent } = node;
  if (elseStatement !== undefined || !ts.isBlock(parent)) return false;
  const then = ts.isBlock(thenStatement) ? thenStatement.statements.at(-1) : thenStatement;
  return then !== undefined && ts.isReturnStatement(then) && isRefusal(parent);
}

/** Whether nothing would follow anyway: leaving early there changes nothing. @param {ts.Node} node @returns {boolean} */
function isLast(node) {
  const { parent } = node;
  if (ts.isBlock(parent)) {
    if (parent.statements.at(-1) !== node) return false;
    return ts.isFunctionLike(parent.parent) || ts.isIterationStatement(parent.parent, false) || isLast(parent);
  }
  if (ts.isIfStatement(parent) || ts.isTryStatement(parent) || ts.isCatchClause(parent)) return isLast(parent);
  return ts.isFunctionLike(parent);
}
