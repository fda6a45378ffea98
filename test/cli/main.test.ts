import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { copse } from "./terminal.ts";

describe("copse", () => {
  test("without a command says how it is used, and exits with 2", async () => {
    const { code, out, err } = await copse([]);
    expect(code).toBe(2);
    expect(out).toBe("");
    expect(err).toContain("usage: copse <command>");
    expect(err).toContain("Begin with copse demo");
  });

  test("refuses a command that it does not know", async () => {
    const { code, out, err } = await copse(["toString"]);
    expect(code).toBe(2);
    expect(out).toBe("");
    expect(err).toContain('no such command: "toString"');
  });

  test("--help names every command on standard output", async () => {
    for (const option of ["--help", "-h"]) {
      const { code, out, err } = await copse([option]);
      expect(code).toBe(0);
      expect(err).toBe("");
      for (const command of ["vectors", "inspect"]) expect(out).toMatch(new RegExp(`^  ${command} `, "m"));
    }
  });

  test("--version is the package's", async () => {
    const { version } = JSON.parse(readFileSync("package.json", "utf8")) as { version: string };
    expect(await copse(["--version"])).toEqual({ code: 0, out: `${version}\n`, err: "" });
  });

  test.for(["vectors", "inspect"])("%s --help explains its options", async (command) => {
    const { code, out } = await copse([command, "--help"]);
    expect(code).toBe(0);
    expect(out).toMatch(new RegExp(`^usage: copse ${command} `));
    expect(out).toContain("--json");
  });

  test.for(["vectors", "inspect"])("%s refuses an option that it does not know", async (command) => {
    const { code, out, err } = await copse([command, "--fast"]);
    expect(code).toBe(2);
    expect(out).toBe("");
    expect(err).toContain("--fast");
    expect(
      err
        .trimEnd()
        .split("\n")
        .every((line) => line.startsWith("copse: ")),
    ).toBe(true);
  });
});
