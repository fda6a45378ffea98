import { createHash } from "node:crypto";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { vectors } from "../../src/cli/vectors.ts";
import { download, type Fetch } from "../../src/cli/vectors/download.ts";
import { families } from "../../src/cli/vectors/families.ts";
import { readManifest, sourceUrl, type Manifest } from "../../src/cli/vectors/manifest.ts";
import { publishedVectors, type PublishedSet } from "../vectors/published.ts";
import { memoryTerminal } from "./terminal.ts";

const contents = new TextEncoder().encode('[{ "vlbytes_header": "00", "length": 0 }]');
const manifest: Manifest = {
  about: "",
  sets: {
    mls: {
      about: "",
      repository: "someone/vectors",
      commit: "0123456789abcdef",
      files: {
        "deserialization.json": {
          path: "test-vectors/deserialization.json",
          bytes: contents.length,
          sha256: createHash("sha256").update(contents).digest("hex"),
        },
      },
    },
  },
};

/** A network that gives one answer to everything, and remembers what was asked for. */
function network(body: Uint8Array, status = 200): { readonly fetch: Fetch; readonly urls: string[] } {
  const urls: string[] = [];
  return {
    urls,
    fetch: (url) => {
      urls.push(url);
      const buffer = body.slice().buffer;
      return Promise.resolve({ ok: status === 200, status, arrayBuffer: () => Promise.resolve(buffer) });
    },
  };
}

describe("downloading the published vectors", () => {
  let directory = "";
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), "copse-download-"));
  });
  afterEach(() => rmSync(directory, { recursive: true }));

  test("fetches each file from its publisher's commit and keeps it as it is", async () => {
    const { fetch, urls } = network(contents);
    await download(manifest, { directory, fetch });
    expect(urls).toEqual([
      "https://raw.githubusercontent.com/someone/vectors/0123456789abcdef/test-vectors/deserialization.json",
    ]);
    expect(new Uint8Array(readFileSync(join(directory, "mls/deserialization.json")))).toEqual(contents);
  });

  test("fetches nothing that is there already", async () => {
    await download(manifest, { directory, fetch: network(contents).fetch });
    const { fetch, urls } = network(contents);
    await download(manifest, { directory, fetch });
    expect(urls).toEqual([]);
  });

  test("replaces a file that is there and is not the manifest's", async () => {
    mkdirSync(join(directory, "mls"));
    writeFileSync(join(directory, "mls/deserialization.json"), "[]");
    await download(manifest, { directory, fetch: network(contents).fetch });
    expect(readFileSync(join(directory, "mls/deserialization.json"))).toHaveLength(contents.length);
  });

  test.for([
    ["other bytes of the same length", contents.map((byte, i) => (i === 3 ? byte ^ 1 : byte))],
    ["more bytes", new Uint8Array([...contents, 0x0a])],
    ["nothing", new Uint8Array(0)],
  ] as const)("writes nothing where %s come", async ([, body]) => {
    await expect(download(manifest, { directory, fetch: network(body).fetch })).rejects.toMatchObject({
      code: "vectors-hash",
    });
    expect(readdirSync(directory)).toEqual([]);
  });

  test("says which address did not answer", async () => {
    await expect(download(manifest, { directory, fetch: network(contents, 404).fetch })).rejects.toMatchObject({
      code: "vectors-unavailable",
      message: expect.stringContaining("deserialization.json answers 404") as string,
    });
    const broken: Fetch = () => Promise.reject(new TypeError("fetch failed"));
    await expect(download(manifest, { directory, fetch: broken })).rejects.toMatchObject({
      code: "vectors-unavailable",
    });
    expect(readdirSync(directory)).toEqual([]);
  });

  test("copse vectors --download brings what our manifest names, and verifies it", async (context) => {
    const { sets } = readManifest();
    const published = new Map<string, Uint8Array>();
    for (const [setName, set] of Object.entries(sets)) {
      for (const [name, file] of Object.entries(set.files)) {
        const text = publishedVectors(setName as PublishedSet, name);
        if (text === undefined) context.skip(`${setName}/${name} is not on this machine`);
        published.set(sourceUrl(set, file), new TextEncoder().encode(text));
      }
    }
    const { terminal, written } = memoryTerminal();
    const args = ["--download", "--dir", directory, "--family", "deserialization", "--json"];
    const code = await vectors(args, terminal, (url) => network(published.get(url)!).fetch(url));
    expect(code).toBe(0);
    expect(JSON.parse(written().out)).toMatchObject([{ passed: 14 }, { passed: 14 }, { passed: 14 }]);
    expect(written().err).toContain("sframe/test-vectors.json fetched\n");
    expect(readdirSync(directory).sort()).toEqual(Object.keys(sets).sort());
  });

  test("copse vectors --download believes our manifest only", async () => {
    const { terminal, written } = memoryTerminal();
    const { fetch, urls } = network(contents);
    const run = vectors(["--download", "--dir", directory, "--json"], terminal, fetch);
    await expect(run).rejects.toMatchObject({ code: "vectors-hash" });
    expect(urls).toHaveLength(1);
    expect(existsSync(join(directory, "mls"))).toBe(false);
    expect(written().out).toBe("");
  });
});

describe("the manifest of published vectors", () => {
  const { sets } = readManifest();

  test("names every file of every family, but those of copse's own, which are in the package", () => {
    for (const file of families.flatMap((family) => family.files)) {
      const [set, name] = file.split("/") as [string, string];
      if (set === "copse") expect(existsSync(join("vectors", file)), file).toBe(true);
      else expect(Object.keys(sets[set]?.files ?? {}), file).toContain(name);
    }
  });

  test("pins each file by commit, size and hash", () => {
    for (const { repository, commit, files } of Object.values(sets)) {
      expect(repository).toMatch(/^[\w-]+\/[\w-]+$/);
      expect(commit).toMatch(/^[0-9a-f]{40}$/);
      for (const { path, bytes, sha256 } of Object.values(files)) {
        expect(path).toMatch(/\.json$/);
        expect(bytes).toBeGreaterThan(0);
        expect(sha256).toMatch(/^[0-9a-f]{64}$/);
      }
    }
  });
});
