/**
 * JSON whose integers may be larger than 2^53: JSON.parse would round them without a word, and only newer runtimes tell
 * a reviver the source text.
 */

/** A string or a number of JSON. Strings are matched so that what stands inside them is left alone. */
const token = /"(?:[^"\\]|\\.)*"|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/g;

/**
 * The value of a JSON text. Integers that a number can't hold exactly are bigints; all else is what JSON.parse gives.
 *
 * @throws SyntaxError where the text is not JSON.
 */
export function parseBigJson(text: string): unknown {
  const mark = unusedMark(text);
  const marked = text.replace(token, (match) => (isLargeInteger(match) ? `"${mark}${match}"` : match));
  return JSON.parse(marked, (_key, value: unknown) =>
    typeof value === "string" && value.startsWith(mark) ? BigInt(value.slice(mark.length)) : value,
  );
}

/** What no string of the text begins with, however it is escaped. */
function unusedMark(text: string): string {
  let longest = 0;
  JSON.parse(text, (_key, value: unknown) => {
    if (typeof value === "string") longest = Math.max(longest, /^#*/.exec(value)![0].length);
    return null;
  });
  return "#".repeat(longest + 1);
}

function isLargeInteger(match: string): boolean {
  return /^-?\d+$/.test(match) && !Number.isSafeInteger(Number(match));
}
