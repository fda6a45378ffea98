/**
 * Text in the width of a terminal: long lines go on below, under what they say, and the lines of a tree that is drawn stay whole.
 */

/** Narrower than this there is no room for words beside a tree. */
const leastWidth = 20;

/** The text with no line wider than the terminal; as it is where nobody says how wide that is. */
export function wrapped(text: string, width: number | undefined): string {
  if (width === undefined) return text;
  const columns = Math.max(width, leastWidth);
  return text
    .split("\n")
    .flatMap((line) => wrapLine(line, columns))
    .join("\n");
}

function wrapLine(line: string, width: number): readonly string[] {
  const characters = Array.from(line);
  if (characters.length <= width) return [line];
  const [indent, rest] = indentOf(line);
  const room = Math.floor((2 * width) / 3);
  const below = indent.length <= room ? indent : indent.slice(0, room);
  const lines: string[] = [];
  let left = characters;
  let start = characters.length - Array.from(rest).length;
  while (left.length > width) {
    const space = left.lastIndexOf(" ", width);
    const end = space > start ? space : width;
    lines.push(left.slice(0, end).join("").trimEnd());
    left = Array.from(below).concat(left.slice(left[end] === " " ? end + 1 : end));
    start = below.length;
  }
  return [...lines, left.join("")];
}

/** What stands before a line's words on the lines below it: the branches that go on, or as many spaces; and the words. */
function indentOf(line: string): readonly [indent: string, rest: string] {
  const branches = /^\s*(?:[│├└]\S* *)+/u.exec(line)?.[0];
  if (branches !== undefined) {
    return [
      `${branches.replaceAll("├", "│").replaceAll("└", " ").replaceAll("─", " ")}  `,
      line.slice(branches.length),
    ];
  }
  // A label, and behind two spaces or more what is said of it.
  const label = /^\s*(?:\S(?:\S| (?! ))* {2,})?/.exec(line)?.[0] ?? "";
  return [" ".repeat(label.length), line.slice(label.length)];
}
