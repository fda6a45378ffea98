import { expect, test } from "vitest";
import { left, level, nodeWidth, parent, right, root, sibling } from "../../src/tree/index-math.ts";
import * as appendixC from "./appendix-c.ts";

const widths = [1, 2, 4, 8, 64, 1024];

test.each(widths)("in a tree of %i leaves, every relation is that of appendix C", (leaves) => {
  expect(nodeWidth(leaves)).toBe(appendixC.nodeWidth(leaves));
  expect(root(leaves)).toBe(appendixC.root(leaves));
  for (let x = 0; x < nodeWidth(leaves); x++) {
    expect(level(x)).toBe(appendixC.level(x));
    if (level(x) > 0) expect([left(x), right(x)]).toEqual([appendixC.left(x), appendixC.right(x)]);
    if (x === root(leaves)) continue;
    expect(parent(x, leaves)).toBe(appendixC.parent(x, leaves));
    expect(sibling(x, leaves)).toBe(appendixC.sibling(x, leaves));
  }
});

test("what the RFC raises an exception for is undefined", () => {
  for (const leaves of widths) {
    expect(parent(root(leaves), leaves)).toBeUndefined();
    expect(sibling(root(leaves), leaves)).toBeUndefined();
    expect([left(2 * leaves - 2), right(2 * leaves - 2)]).toEqual([undefined, undefined]);
  }
  expect(nodeWidth(0)).toBe(0);
});

test("the numbers of the largest trees are no problem", () => {
  const leaves = 2 ** 30;
  expect(root(leaves)).toBe(2 ** 30 - 1);
  expect(level(2 ** 30 - 1)).toBe(30);
  expect(left(2 ** 30 - 1)).toBe(2 ** 29 - 1);
  expect(right(2 ** 30 - 1)).toBe(2 ** 30 + 2 ** 29 - 1);
  expect(parent(2 ** 31 - 2, leaves)).toBe(2 ** 31 - 3);
  expect(sibling(2 ** 29 - 1, leaves)).toBe(2 ** 30 + 2 ** 29 - 1);
});
