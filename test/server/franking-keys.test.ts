/**
 * Keys of a running service: a file that has changed is read again, and what holds no keys changes nothing.
 */

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeEach, describe, expect, it, vi } from "vitest";
import { platformTimers } from "../../src/bytes/timers.ts";
import { addHubKey, frankingBy, makeFrankingKeys } from "../../src/server/franking-keys.ts";
import { silentLog } from "../../src/server/log.ts";
import { runService } from "../../src/server/run.ts";
import { configured, ConfigurationError } from "../../src/server/settings.ts";

const address = "mimi://example.org";
const folder = mkdtempSync(join(tmpdir(), "copse-franking-"));
const [path, another] = [join(folder, "keys.json"), join(folder, "another.json")];
afterAll(() => {
  rmSync(folder, { recursive: true });
});
beforeEach(async () => {
  for (const each of [path, another]) {
    rmSync(each, { force: true });
    await makeFrankingKeys(each, address);
  }
});
const replace = (text = readFileSync(another, "utf8")): void => {
  writeFileSync(path, text);
};

describe("franking by a file", () => {
  it("has the keys of a changed file once it is read again", async () => {
    const [franking, other] = [await frankingBy(path, address), await frankingBy(another, address)];
    expect(await franking.reread()).toBe(false);
    const { hubKeys, agentKeys } = franking.verify;
    replace();
    expect(franking.verify).toMatchObject({ hubKeys, agentKeys });
    expect(await franking.reread()).toBe(true);
    expect(franking.verify.hubKeys).toEqual(other.verify.hubKeys);
    expect(franking.verify.agentKeys.map(({ publicKey }) => publicKey)).toEqual(
      other.verify.agentKeys.map(({ publicKey }) => publicKey),
    );
    expect(await franking.frankingAgent(1)).toEqual(await other.frankingAgent(1));
    expect(await franking.reread()).toBe(false);
    await addHubKey(path, 4_000_000_000_000);
    expect(await franking.reread()).toBe(true);
    expect(franking.verify.hubKeys).toHaveLength(2);
  });

  it("keeps its keys where the file holds none, or is not there", async () => {
    const franking = await frankingBy(path, address);
    const { hubKeys } = franking.verify;
    const whole = readFileSync(path, "utf8");
    for (const text of ["", whole.slice(0, 100), "{}", JSON.stringify({ hubKeys: [], agentKeys: [] })]) {
      replace(text);
      await expect(franking.reread()).rejects.toThrow(ConfigurationError);
      expect(franking.verify.hubKeys).toEqual(hubKeys);
    }
    rmSync(path);
    await expect(franking.reread()).rejects.toThrow(/ENOENT/);
    replace();
    expect(await franking.reread(), "after all of that").toBe(true);
  });
});

describe("a service", () => {
  it("looks at the file again and again, and when it is told to, and says what came of it", async () => {
    const real = platformTimers.after.bind(platformTimers);
    let look: () => void = () => undefined;
    let begun: () => void = () => undefined;
    const after = vi.spyOn(platformTimers, "after").mockImplementation((milliseconds, run) => {
      if (milliseconds !== 30_000) return real(milliseconds, run);
      look = run;
      begun();
      return () => undefined;
    });
    const said: string[] = [];
    const log = {
      ...silentLog,
      info: (_: object, message: string) => void said.push(message),
      error: (_: object, message: string) => void said.push(message),
    };
    const settings = { memory: true, port: 0, address, "franking-keys": path, sweep: 0 };
    const running = await runService(configured({}, {}, settings), log);
    said.length = 0;
    const next = (): Promise<void> =>
      new Promise((resolve) => {
        begun = resolve; // the wait for the time after it
        look();
      });
    await next();
    expect(said, "nothing has changed").toEqual([]);
    replace();
    await next();
    expect(said.splice(0)).toEqual(["the file of franking keys has changed, and was read again"]);
    replace("no keys");
    await next();
    await running.reload();
    expect(said.splice(0)).toEqual(["franking keys stay as they were", "franking keys stay as they were"]);
    replace();
    await running.reload();
    expect(said, "as it was").toEqual([]);
    await running.close();
    after.mockRestore();
  });
});
