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
  // These break the rules one at a time, in real groups, and on every way in: what calls them is src/group.
  const breaks = ["test/rfc/", "test/ways-in/"].some((place) => test.startsWith(place));
  if (testOf(id) === test || ((folder === "group" || folder === "public-group") && breaks)) return 0;
  /** @type {Readonly<Record<string, readonly string[]>>} */
  const others = {
    rules: ["test/rfc/"],
    call: ["test/simulation/"],
    // What a joiner requires and the last epoch are tested with the public side; what an extension asks of a member, there.
    group: ["test/numbers/", "test/public-group/requirements", "test/public-group/plan", "test/extensions/"],
    "public-group": ["test/group/", "test/numbers/"],
  };
  const near = [`test/${folder}/`, ...(others[folder] ?? [])];
  return near.some((place) => test.startsWith(place)) ? 1 : 2;
}

/** The test file that mirrors the source of a refusal. @param {string} id @returns {string} */
function testOf(id) {
  return id.replace(/^src\/(.*)\.ts .*$/, "test/$1.test.ts");
}
