/**
 * Refusals that no input can show, each with the reason: another one stands behind it, or it only saves work.
 *
 * @type {ReadonlyMap<string, string>}
 */
export const excused = new Map([
  [
    "src/accounts/checked-characters.ts solve return 1",
    "any four places, and all places of any two groups, are independent: a test of recovery codes says so",
  ],
  [
    "src/adapters/dave/payloads.ts readJsonMessage return 1",
    "an opcode that is none of DAVE's gives nothing, as a function does that ends: it is said for the compiler",
  ],
  [
    "src/extensions/app-data/update.ts isAccepted throw 1",
    "what a component's code throws has become a CopseError before: what is left would be a fault of copse's own",
  ],
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
    "src/group/held/sent.ts find return 1",
    "nothing is found among no messages: it saves the hash of what was received",
  ],
  [
    "src/transparency/audit.ts compare return 1",
    "no finding is set where no head is of this size: it saves making the roots of the log and the map",
  ],
  [
    "src/public-group/proposals/proposal-store.ts find else 1",
    "a reference longer than any hash is no ref that is kept: it saves making a string of it",
  ],
  ["src/public-group/turns/queue.ts #take operand 1", "no turn waits for none of them: it saves looking"],
  [
    "src/group/records/write.ts writeProposals operand 2",
    "a number is given again only in a later epoch, and the step that begins it has emptied all of them",
  ],
  ["src/content/cbor.ts readItem throw 3", "cborg reads no other items as it is set: it is said for the compiler"],
  [
    "src/content/decode.ts textOf operand 1",
    "a text of a third as many characters is never too long: it saves making its bytes",
  ],
  [
    "src/content/messages/mentions.ts uriAt return 1",
    "what is cut out is asked the same again: it saves looking for its end behind every bracket",
  ],
  [
    "src/content/messages/read.ts readRecord return 1",
    "a media type that is none of copse's gives nothing, as a function does that ends: it is said for the compiler",
  ],
  [
    "src/group/state.ts wipeBetween return 1",
    "where nothing that has secrets has changed, all that was held is held: it saves looking through it",
  ],
]);
