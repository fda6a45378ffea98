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
  ["src/rules/x509.ts #next throw 1", "a length that is cut off is no number, and `end` refuses where that leads"],
  [
    "src/call/codecs/h264-nal.ts next answer 1",
    "an empty unit is no slice and no parameter set; whoever walks on ends there, and asks whether the frame is malformed",
  ],
  [
    "src/group/state.ts wipeBetween return 1",
    "where nothing that has secrets has changed, all that was held is held: it saves looking through it",
  ],
]);
