import { describe, it } from "vitest";
import { copse } from "./copse.ts";
import { play } from "./story.ts";
import { tsMls1 } from "./ts-mls-1.ts";
import { xWingSuites } from "./x-wing.ts";

describe.each([1, 2, 3, 4, 5, 6, 7])(`copse and ${tsMls1.name} in suite %i`, (suite) => {
  const handshakes = { host: "private", guest: "public" } as const;
  const length = suite <= 3 ? "all" : "essentials";

  it("share a group of ours", () => play({ suite, host: copse, guest: tsMls1, handshakes, length }));

  it("share a group of theirs", () => play({ suite, host: tsMls1, guest: copse, handshakes, length }));
});

describe(`copse and ${tsMls1.name} in its X-Wing suite`, () => {
  const suite = xWingSuites["1.6.4"];
  const handshakes = { host: "private", guest: "public" } as const;

  it("share a group of ours", () => play({ suite, host: copse, guest: tsMls1, handshakes }));

  it("share a group of theirs", () => play({ suite, host: tsMls1, guest: copse, handshakes }));
});

describe(`copse and ${tsMls1.name} with the wire formats changed over`, () => {
  const handshakes = { host: "public", guest: "private" } as const;

  it("share a group of ours", () => play({ suite: 1, host: copse, guest: tsMls1, handshakes }));

  it("share a group of theirs", () => play({ suite: 1, host: tsMls1, guest: copse, handshakes }));
});
