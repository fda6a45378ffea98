import { afterEach, describe, expect, test, vi } from "vitest";
import { tell } from "../../src/cli/demo/narrator.ts";
import { legend, treePicture } from "../../src/cli/demo/tree-picture.ts";
import { Timeline } from "../../src/client/timeline/timeline.ts";
import { showsColours } from "../../src/cli/terminal.ts";
import { CopseError } from "../../src/errors.ts";
import { Group } from "../../src/group/group.ts";
import { SFrameSender } from "../../src/sframe/sender.ts";
import { client, commitTo, groupOf } from "../group/world.ts";
import { copse, memoryTerminal } from "./terminal.ts";

const held = (out: string): readonly string[] => out.split("\n").filter((line) => line.startsWith("✓ "));

/** What is printed without anybody's keys and without times: the same in every run. */
const constant = (out: string): string =>
  out.replaceAll(/\.{3,} +[\d.]+ ms| in [\d.]+ ms|\(.*?\)/g, "").replaceAll(/ +/g, " ");

afterEach(() => {
  vi.restoreAllMocks();
});

describe("copse demo", () => {
  test("tells its story to the end, and its last line counts what held", async () => {
    const { code, out, err } = await copse(["demo"]);
    expect({ code, err }).toEqual({ code: 0, err: "" });
    expect(held(out).length).toBeGreaterThan(30);
    expect(out.endsWith(`\n${held(out).length} checks held\n`)).toBe(true);
    expect(out).not.toContain("✗");
    expect(out).not.toContain("\x1b");
    expect(out).toContain(legend);
    for (const line of out.split("\n")) expect(line.length).toBeLessThanOrEqual(100);
  });

  test("says of the removed member that it cannot read what follows, and so of every epoch of the call", async () => {
    const { out } = await copse(["demo"]);
    expect(held(out).filter((line) => line.includes("the removed member cannot read"))).toHaveLength(1);
    const epochs = held(out).flatMap((line) => /the removed member opens none .* epoch (\d)'s$/.exec(line)?.[1] ?? []);
    expect(epochs).toEqual(["4", "5", "6"]);
  });

  test("shows every epoch's tree and every step's time", async () => {
    const { out } = await copse(["demo"]);
    for (let epoch = 0; epoch <= 6; epoch++) expect(out).toMatch(new RegExp(`^✓ epoch ${epoch}: `, "m"));
    expect(out.match(/^ +Alice( |$)/gm)?.length).toBeGreaterThanOrEqual(7);
    expect(out.match(/\.{3,} +\d+\.\d ms$/gm)?.length).toBeGreaterThan(20);
    for (const size of ["100 B", "1.2 kB", "20 kB"]) expect(out.split(`  ${size}  `)).toHaveLength(4);
  });

  test("tells of a messenger's devices: a timer, a lost race, a crash, a call, a ban", async () => {
    const { out } = await copse(["demo"]);
    const { [1]: messenger = "" } = out.split(". The same for a messenger");
    expect(held(messenger).map((line) => line.slice(2))).toEqual([
      "both of Bob's devices, and Carol's, have read Alice's message",
      "Bob reads a message that disappears after 30 seconds",
      "31 seconds later it is gone, at him and at its author",
      "one of them lost the race, made it again, and all see one name",
      "opened again, she has sent it, once",
      "it rings at Carol's, and at both of Bob's devices",
      "his phone is quiet again, and both ends have the keys of one epoch",
      "Carol did not answer: it stands in her timeline as missed",
      "neither of his devices reads on, and Carol does",
    ]);
  });

  test.for(["2", "3", "4", "5", "6", "7"])("holds in cipher suite %s", async (suite) => {
    const { code, out } = await copse(["demo", "--suite", suite]);
    expect(code).toBe(0);
    expect(out).toContain(`cipher suite ${suite}: `);
    expect(held(out).length).toBeGreaterThan(30);
  });

  test("is coloured on a terminal that shows colours, and otherwise the same", async () => {
    const { out } = await copse(["demo"], { colours: true });
    const plain = await copse(["demo"]);
    expect(out).toContain("\x1b[32m✓\x1b[0m ");
    expect(constant(out.replaceAll(/\x1b\[\d+m/g, ""))).toBe(constant(plain.out));
  });

  test("--help explains its options; others are refused", async () => {
    const help = await copse(["demo", "--help"]);
    expect(help.code).toBe(0);
    expect(help.out).toMatch(/^usage: copse demo /);
    for (const wrong of [["--fast"], ["--suite", "8"], ["--suite", "one"], ["now"]]) {
      const { code, out, err } = await copse(["demo", ...wrong]);
      expect({ code, out }).toEqual({ code: 2, out: "" });
      expect(err).toMatch(/^copse: /);
    }
  });
});

describe("an engine that is broken breaks the story", () => {
  test("where frames are not encrypted", async () => {
    vi.spyOn(SFrameSender.prototype, "encrypt").mockImplementation((plaintext) => plaintext.slice());
    const { code, out } = await copse(["demo"]);
    expect(code).toBe(1);
    expect(out).not.toContain("checks held");
  });

  test("where every epoch exports the same secret", async () => {
    vi.spyOn(Group.prototype, "exportSecret").mockImplementation((_label, _context, length) => new Uint8Array(length));
    const { code, out } = await copse(["demo"]);
    expect(code).toBe(1);
    expect(out.trimEnd().split("\n").at(-1)).toBe("✗ its secrets are others than the group's");
  });

  test("where a removal removes nobody", async () => {
    const commit = Group.prototype.commit;
    vi.spyOn(Group.prototype, "commit").mockImplementation(function (this: Group, options = {}) {
      const { remove = [], ...others } = options;
      return commit.call(this, remove.length === 0 ? options : { ...others, path: true });
    });
    const { code, out } = await copse(["demo"]);
    expect(code).toBe(1);
    expect(out.trimEnd().split("\n").at(-1)).toMatch(/^✗ epoch 4: /);
  });

  test("where reading a message starts no timer", async () => {
    vi.spyOn(Timeline.prototype, "reading").mockResolvedValue({ changes: [] });
    const { code, out } = await copse(["demo"]);
    expect(code).toBe(1);
    expect(out.trimEnd().split("\n").at(-1)).toMatch(/^✗ 31 seconds later it is gone/);
  });

  test("where what is sealed is not what was said", async () => {
    const seal = Group.prototype.seal;
    vi.spyOn(Group.prototype, "seal").mockImplementation(function (this: Group) {
      return seal.call(this, new Uint8Array(3));
    });
    const { code, out } = await copse(["demo"]);
    expect(code).toBe(1);
    expect(out.trimEnd().split("\n").at(-1)).toMatch(/^✗ Bob and Carol have read all three/);
  });
});

describe("a statement", () => {
  test("that does not hold ends the story with exit code 1", async () => {
    const { terminal, written } = memoryTerminal();
    const code = await tell(terminal, async (narrator) => {
      await narrator.check("water is wet", () => true);
      await narrator.check("the moon is a cheese", () => Promise.resolve(false));
      await narrator.check("nobody comes here", () => true);
    });
    expect(code).toBe(1);
    expect(written()).toEqual({ out: "✓ water is wet\n✗ the moon is a cheese\n", err: "" });
  });

  test("whose verification throws does not hold", async () => {
    const { terminal, written } = memoryTerminal();
    const code = await tell(terminal, (narrator) =>
      narrator.check("it opens", () => {
        throw new CopseError("private-message-open");
      }),
    );
    expect(code).toBe(1);
    expect(written().out).toBe("✗ it opens\n");
    expect(written().err).toMatch(/^copse: private-message-open: /);
  });

  test("is not needed for a step to fail", async () => {
    const { terminal, written } = memoryTerminal();
    const code = await tell(terminal, async (narrator) => {
      await narrator.step("the bridge is crossed", () => Promise.reject(new RangeError("too long")));
    });
    expect(code).toBe(1);
    expect(written().out).toBe("✗ the bridge is crossed\n");
    expect(written().err).toMatch(/^copse: RangeError: too long\n/);
  });
});

test("colours are for terminals that have them and users that want them", () => {
  expect(showsColours(true, {})).toBe(true);
  expect(showsColours(true, { NO_COLOR: "", TERM: "xterm" })).toBe(true);
  expect(showsColours(false, {})).toBe(false);
  expect(showsColours(true, { NO_COLOR: "1" })).toBe(false);
  expect(showsColours(true, { TERM: "dumb" })).toBe(false);
});

describe("a tree's picture", () => {
  test("has the root on top, names along the bottom, and tells new keys from old", async () => {
    const [alice, bob, carol, dave] = await Promise.all(["Alice", "Bob", "Carol", "Dave"].map((name) => client(name)));
    const groups = await groupOf([alice!, bob!, carol!, dave!]);
    await commitTo(groups, groups[2]!, { path: true });
    const before = groups[0]!.ratchetTree();
    expect(treePicture(before).map((line) => line.trimEnd())).toEqual([
      "             ◉",
      "      ┌──────┴──────┐",
      "      ○             ◉",
      "   ┌──┴───┐      ┌──┴───┐",
      "   ◉      ◉      ◉      ◉",
      " Alice   Bob   Carol  Dave",
    ]);
    await commitTo(groups, groups[0]!, { remove: [1] });
    expect(treePicture(groups[0]!.ratchetTree(), before).join("\n")).toMatch(/◉\n.*\n +○ +●\n.*\n +◉ +○ +● +●\n/);
  });

  test("has room for five, and for one", async () => {
    const clients = await Promise.all(["A", "B", "C", "D", "E"].map((name) => client(name)));
    const [one] = await groupOf(clients.slice(0, 1));
    expect(treePicture(one!.ratchetTree())).toEqual([" ◉", " A"]);
    const [five] = await groupOf(clients);
    const lines = treePicture(five!.ratchetTree());
    expect(lines).toHaveLength(8);
    expect(lines.at(-1)!.trim().split(/ +/)).toEqual(["A", "B", "C", "D", "E"]);
  });
});
