/**
 * Which tests are asked about a refusal first: those of its file, then those of its folder, then all.
 */

/** How many stages there are. */
export const stages = 3;

/**
 * The stage in which a test is asked about a refusal.
 *
 * @param {string} id the refusal, which begins with its file
 * @param {string} test the file of the test
 * @returns {number}
 */
export function stageOf(id, test) {
  const folder = id.split("/")[1] ?? "";
  // test/rfc breaks the rules one at a time, in real groups: what calls them is src/group.
  if (testOf(id) === test || ((folder === "group" || folder === "public-group") && test.startsWith("test/rfc/")))
    return 0;
  /** @type {Readonly<Record<string, readonly string[]>>} */
  const others = {
    rules: ["test/rfc/"],
    call: ["test/simulation/"],
    group: ["test/numbers/", "test/ways-in/"],
    "public-group": ["test/group/", "test/numbers/", "test/ways-in/"],
  };
  const near = [`test/${folder}/`, ...(others[folder] ?? [])];
  return near.some((place) => test.startsWith(place)) ? 1 : 2;
}

/** The test file that mirrors the source of a refusal. @param {string} id @returns {string} */
function testOf(id) {
  return id.replace(/^src\/(.*)\.ts .*$/, "test/$1.test.ts");
}
