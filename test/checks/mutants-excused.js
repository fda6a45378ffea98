/**
 * Refusals that no input can show, each with the reason: another one stands behind it, or it only saves work.
 *
 * @type {ReadonlyMap<string, string>}
 */
export const excused = new Map([
  [
    "src/rules/x509.ts value throw 2",
    "a value that runs past its reader's end leaves it there, and `end` refuses that",
  ],
  [
    "src/rules/x509.ts #length throw 1",
    "no length, or one of five bytes, is too short for its form or too long for its reader",
  ],
  ["src/rules/x509.ts #next throw 1", "a length that is cut off is no number, and `end` refuses where that leads"],
]);
