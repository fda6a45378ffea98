import { describe, it } from "vitest";
import { copse } from "./copse.ts";
import { play } from "./story.ts";
import { tsMls2 } from "./ts-mls-2.ts";

describe.each([1, 2, 3, 4, 5, 6, 7])("copse and ${name} in suite %i", (suite) => {
  it("share a group of ours", async () => {
    await play({ suite, host: copse, guest: tsMls2, handshakes: { host: "private", guest: "public" } });
  });
  it("share a group of theirs", async () => {
    await play({ suite, host: tsMls2, guest: copse, handshakes: { host: "private", guest: "public" } });
  });
});
