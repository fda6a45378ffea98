import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { publishedVectors, vectorDirectories } from "./published.ts";

describe("published vectors", () => {
  let directory = "";
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), "copse-vectors-"));
    mkdirSync(join(directory, "mls"));
    writeFileSync(join(directory, "mls/only-here.json"), "[1]");
    vi.stubEnv("COPSE_VECTORS", directory);
  });
  afterEach(() => {
    vi.unstubAllEnvs();
    rmSync(directory, { recursive: true });
  });

  test("are taken from $COPSE_VECTORS before anywhere else", () => {
    expect(vectorDirectories()[0]).toBe(directory);
    expect(publishedVectors("mls", "only-here.json")).toBe("[1]");
  });

  test("that no directory holds are undefined, not empty", () => {
    expect(publishedVectors("sframe", "only-here.json")).toBeUndefined();
    vi.stubEnv("COPSE_VECTORS", "");
    expect(publishedVectors("mls", "only-here.json")).toBeUndefined();
  });
});
