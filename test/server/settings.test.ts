import { expect, test } from "vitest";
import { configured, settings } from "../../src/server/settings.ts";
import { copse } from "../cli/terminal.ts";

const address = "mimi://example.org";

test("a flag counts before the environment, the environment before the file, and the file before the default", () => {
  const file = { port: 3, host: "::1", consent: "everybody" };
  const environment = { COPSE_PORT: "2", COPSE_HOST: "0.0.0.0" };
  const found = configured({ address, port: "1" }, environment, file);
  expect(found).toMatchObject({ address, port: 1, host: "0.0.0.0", consent: "everybody", registration: "open" });
});

test.each([
  ["no address", {}, {}, {}, "--address"],
  ["an address that is none", { address: "https://example.org" }, {}, {}, "--address"],
  ["a port that is no number", { address, port: "x" }, {}, {}, "--port"],
  ["a choice that there is not", { address }, { COPSE_CONSENT: "nobody" }, {}, "COPSE_CONSENT"],
  ["a switch that is none", { address }, { COPSE_MEMORY: "perhaps" }, {}, "COPSE_MEMORY"],
  ["a name that is not known", { address }, {}, { prot: 1 }, "prot"],
  ["two databases", { address, memory: true, database: "postgres://x" }, {}, {}, "--memory"],
])("%s is refused, and named", (_, flags, environment, file, named) => {
  expect(() => configured(flags, environment, file)).toThrow(named);
});

test("the help names every setting, and a wrong one ends with 2", async () => {
  const { out, code } = await copse(["serve", "--help"]);
  expect(code).toBe(0);
  for (const name of Object.keys(settings)) expect(out).toContain(`--${name}`);
  expect(await copse(["serve"])).toMatchObject({ code: 2 });
  expect(await copse(["serve", "--nothing"])).toMatchObject({ code: 2 });
});
