/**
 * Forty characters of five bits, thirteen of which check the others: a code in which any two words differ in at least nine places.
 *
 * It is a BCH code over GF(32) of length 93, shortened to 40: its generator has the roots a^0 to a^7, where a has the order 93 in
 * GF(1024), and eight roots in a row make a distance of nine. So up to four wrong characters are found, and where no more than three
 * are mended, no four or five become another word. The form is that of the codes by which keys are written on paper (BIP 93).
 */

/** Characters of a word, and those of them that check the others. */
export const wordLength = 40;
export const checkLength = 13;

/** x^13 + ... : the coefficients below x^13, the highest first. checked-characters.test.ts finds its roots. */
const generator: readonly number[] = [2, 22, 22, 13, 22, 18, 3, 0, 28, 3, 3, 24, 13];

/**
 * Added to the check characters, so that what is shifted, or all the same, is no word: the first 65 binary digits of pi behind the
 * point, by fives.
 */
const offset: readonly number[] = [4, 16, 31, 22, 21, 2, 4, 5, 20, 12, 4, 13, 6];

/** GF(32) as GF(2)[x] / (x^5 + x^2 + 1): powers of x, twice, and their logarithms. */
const powers: number[] = [];
const logarithms: number[] = [];
for (let i = 0, value = 1; i < 62; i++) {
  powers.push(value);
  if (i < 31) logarithms[value] = i;
  value = (value << 1) ^ (value & 0x10 ? 0b100101 : 0);
}

/** The product of two characters. */
export function times(a: number, b: number): number {
  return a === 0 || b === 0 ? 0 : powers[logarithms[a]! + logarithms[b]!]!;
}

function inverse(a: number): number {
  return powers[31 - logarithms[a]!]!;
}

/** The remainder, modulo the generator, of x^13 times the polynomial that these characters are, the highest first. */
function remainder(characters: readonly number[]): number[] {
  const rest = new Array<number>(checkLength).fill(0);
  for (const character of characters) {
    const factor = character ^ rest.shift()!;
    rest.push(0);
    for (const [i, coefficient] of generator.entries()) rest[i]! ^= times(factor, coefficient);
  }
  return rest;
}

/** The word of 27 characters: with 13 behind them. */
export function withCheck(characters: readonly number[]): number[] {
  return [...characters, ...remainder(characters).map((check, i) => check ^ offset[i]!)];
}

/** What each place of a word adds to the syndrome for every 1 in it. */
const columns: readonly (readonly number[])[] = Array.from({ length: wordLength }, (_, place) => {
  const unit = new Array<number>(wordLength).fill(0);
  unit[place] = 1;
  return syndromeOf(unit);
});

/** Zeros alone for a word; for others the sum of what is wrong in them, whatever the word is. */
function syndromeOf(characters: readonly number[]): number[] {
  const data = wordLength - checkLength;
  return remainder(characters.slice(0, data)).map((check, i) => check ^ characters[data + i]!);
}

/** Mistakes of a word, each with what has to be added to the character that stands there. */
export type Mistakes = ReadonlyMap<number, number>;

/**
 * The mistakes of 40 characters, where they are at most `most`, which is at most four: then there is no other explanation with so
 * few. Undefined where there are more.
 */
export function mistakesIn(characters: readonly number[], most: number): Mistakes | undefined {
  const syndrome = syndromeOf(characters).map((check, i) => check ^ offset[i]!);
  for (let count = 0; count <= most; count++) {
    const places = search(count, { from: 0, rest: syndrome, eliminated: [] });
    const values = places && solve(places, syndrome);
    if (places !== undefined && values !== undefined) return new Map(places.map((place, i) => [place, values[i]!]));
  }
  return undefined;
}

/** A column in which another, and what it was a part of, has no share any more at one row. */
interface Eliminated {
  readonly column: readonly number[];
  readonly row: number;
}

/** So many places, from one on, whose columns together give the rest of a syndrome. */
function search(
  count: number,
  {
    from,
    rest,
    eliminated,
  }: { readonly from: number; readonly rest: readonly number[]; readonly eliminated: readonly Eliminated[] },
): readonly number[] | undefined {
  if (count === 0) return rest.every((value) => value === 0) ? [] : undefined;
  for (let place = from; place <= wordLength - count; place++) {
    const column = eliminated.reduce(without, columns[place]!);
    const one = { column, row: column.findIndex((value) => value !== 0) };
    const others = search(count - 1, { from: place + 1, rest: without(rest, one), eliminated: [...eliminated, one] });
    if (others !== undefined) return [place, ...others];
  }
  return undefined;
}

/** A vector less as much of a column as makes it zero at the column's row. */
function without(vector: readonly number[], { column, row }: Eliminated): readonly number[] {
  const share = times(vector[row]!, inverse(column[row]!));
  return share === 0 ? vector : vector.map((value, i) => value ^ times(share, column[i]!));
}

/** Whether mistakes at these places alone, at most ten, explain what is wrong. */
export function isExplainedBy(characters: readonly number[], places: readonly number[]): boolean {
  const syndrome = syndromeOf(characters).map((check, i) => check ^ offset[i]!);
  return solve(places, syndrome) !== undefined;
}

/** The values at some places that give this syndrome, by elimination. Undefined where there are none. */
function solve(places: readonly number[], syndrome: readonly number[]): number[] | undefined {
  // A row a check: what each place adds to it, and what the sum is.
  const rows = syndrome.map((sum, check) => [...places.map((place) => columns[place]![check]!), sum]);
  for (let column = 0; column < places.length; column++) {
    const at = rows.findIndex((row, i) => i >= column && row[column] !== 0);
    const pivot = rows[at];
    if (pivot === undefined) return undefined; // at most eight columns are always independent: of nine or ten, not all are
    [rows[column], rows[at]] = [pivot, rows[column]!];
    const factor = inverse(pivot[column]!);
    for (let k = column; k < pivot.length; k++) pivot[k] = times(pivot[k]!, factor);
    for (const row of rows) {
      const multiple = row[column]!;
      if (row === pivot) continue;
      for (let k = column; k < row.length; k++) row[k]! ^= times(multiple, pivot[k]!);
    }
  }
  const last = places.length;
  return rows.slice(last).some((row) => row[last] !== 0) ? undefined : rows.slice(0, last).map((row) => row[last]!);
}
