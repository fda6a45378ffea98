import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { customLine, dictionaryText } from "../../src/cli/inspect/app-data.ts";
import { inspect } from "../../src/cli/inspect.ts";
import { componentName, credentialTypeName, extensionTypeName, proposalTypeName } from "../../src/cli/inspect/words.ts";
import { writeAppAck } from "../../src/extensions/app-ack/app-ack.ts";
import { components } from "../../src/extensions/app-data/numbers.ts";
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
    const last = await keyPackageOf(await client("erin"), { registry: appData.registry, lastResort: true });
    expect(await said(last.keyPackage)).toContain("last_resort_key_package empty");
  });

  it("knows the name of everything that the draft defines", () => {
    const names = [6, 7, 8].map(extensionTypeName);
    expect(names).toEqual(["app_data_dictionary", "supported_wire_formats", "required_wire_formats"]);
    expect([8, 9, 10].map(proposalTypeName)).toEqual(["app_data_update", "app_ephemeral", "self_remove"]);
    expect([3, 4].map(credentialTypeName)).toEqual(["multi", "weak-multi"]);
    expect([1, 2, 3, 4, 5, 0x0a0a].map(componentName)).toEqual([
      "app_components",
      "safe_aad",
      "content_media_types",
      "last_resort_key_package",
      "app_ack",
      "GREASE 0x0a0a",
    ]);
  });

  it("says what an AppAck acknowledges, or its bytes", () => {
    const ranges = [
      { sender: 3, firstGeneration: 0, lastGeneration: 7 },
      { sender: 4, firstGeneration: 2, lastGeneration: 2 },
    ];
    const said = (data: Uint8Array): string =>
      customLine({ type: "custom", ...appData.ephemeral(components.app_ack, data) }).text;
    expect(said(writeAppAck(ranges))).toBe("component app_ack: of leaf 3 messages 0 to 7, of leaf 4 message 2");
    expect(said(hello)).toBe("component app_ack: 68656c6c6f (5 bytes)");
  });

  it("says what removes, and who leaves", () => {
    const removal = { type: "custom", ...appData.remove(roomName) } as const;
    expect(customLine(removal).text).toBe("component unknown 0x8001: remove all of it");
    expect(customLine({ type: "custom", ...selfRemoval }).text).toBe("its sender leaves");
    expect(dictionaryText([{ componentId: 1, data: hello }])).toBe("app_components 68656c6c6f (5 bytes)");
  });
});
