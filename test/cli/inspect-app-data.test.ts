import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { customLine, dictionaryText } from "../../src/cli/inspect/app-data.ts";
import { inspect } from "../../src/cli/inspect.ts";
import { selfRemoval } from "../../src/extensions/self-remove.ts";
import { client, commitTo, keyPackageOf } from "../group/world.ts";
import { appData, hello, roomName, trio } from "../extensions/app-data/world.ts";

const directory = mkdtempSync(join(tmpdir(), "copse-inspect-"));
afterAll(() => {
  rmSync(directory, { recursive: true });
});

/** What the command says of some bytes. */
async function said(bytes: Uint8Array): Promise<string> {
  const file = join(directory, "input");
  writeFileSync(file, bytes);
  let out = "";
  const terminal = { out: (text: string) => (out += text), err: () => undefined, environment: {}, columns: 80 };
  await inspect([file], terminal as unknown as Parameters<typeof inspect>[1]);
  return out;
}

describe("copse inspect", () => {
  it("names the extensions draft's proposals, extensions and components", async () => {
    const groups = await trio();
    const { commit } = await commitTo(groups, groups[0], {
      custom: [appData.update(roomName, hello), appData.ephemeral(roomName, hello)],
    });
    const text = await said(commit);
    expect(text).toContain("app_data_update");
    expect(text).toContain("app_ephemeral");
    expect(text).toContain("component unknown 0x8001: update 68656c6c6f (5 bytes)");
    const groupInfo = await said(await groups[1].groupInfo());
    expect(groupInfo).toContain("app_data_dictionary");
    const { keyPackage } = await keyPackageOf(await client("dave"), { registry: appData.registry });
    expect(await said(keyPackage)).toContain("app_components");
  });

  it("says what removes, and who leaves", () => {
    const removal = { type: "custom", ...appData.remove(roomName) } as const;
    expect(customLine(removal).text).toBe("component unknown 0x8001: remove all of it");
    expect(customLine({ type: "custom", ...selfRemoval }).text).toBe("its sender leaves");
    expect(dictionaryText([{ componentId: 1, data: hello }])).toBe("app_components 68656c6c6f (5 bytes)");
  });
});
