/**
 * Every public function and class of the engine and of calls, as its entry exports it: one that is added is asked, too.
 */

import { expect, it } from "vitest";
import * as copse from "../../src/index.ts";
import * as observer from "../../src/public-group/index.ts";
import * as extensions from "../../src/extensions/index.ts";
import * as sframe from "../../src/sframe/index.ts";
import * as call from "../../src/call/index.ts";
import * as callGroup from "../../src/call/group/index.ts";
import * as native from "../../src/call/native/index.ts";
import * as tsMls from "../../src/adapters/ts-mls.ts";

const entries = { copse, observer, extensions, sframe, call, callGroup, native, tsMls };

/** What nobody calls with arguments of an application, or what takes none. */
const untaken = new Set([
  // errors, which the library makes; NotWrittenError takes words as Error does
  "CopseError",
  "NotWrittenError",
  // a random source: what it gives is checked where it is used
  "platformRandom",
  // they take nothing
  "transformApi",
  "nativeSFrame",
  // made by `Group.create`, `Observer.follow` and so on, whose options test/group/arguments.test.ts goes through
  "Group",
  "Observer",
  "CallGroup",
  "Secret",
  // their argument may be left out, and what it holds is asked when the first key is made
  "syncCrypto",
]);

/** What an engine says that has stumbled, and not been told. */
const stumbled = /^Cannot |is not (a function|a constructor|iterable)|undefined \(|reading '/;

it("every public function names an argument that is none, and does not stumble over it", async () => {
  const asked: string[] = [];
  const wrong: string[] = [];
  for (const [entry, exported] of Object.entries(entries)) {
    for (const [name, made] of Object.entries<unknown>(exported)) {
      if (typeof made !== "function" || untaken.has(name)) continue;
      asked.push(name);
      const isClass = Function.prototype.toString.call(made).startsWith("class");
      const calling = made as ((...given: unknown[]) => unknown) & (new (...given: unknown[]) => unknown);
      const none = Symbol("no argument is this");
      for (const given of [[none], [none, none, none], [null, null, null], [7, 7, 7], [{ adds: [] }, { adds: [] }]]) {
        try {
          await (isClass ? new calling(...given) : calling(...given));
          // A number or an object may be what belongs there.
          if (typeof given[0] === "symbol") wrong.push(`${entry}.${name} takes anything`);
        } catch (error) {
          const words = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
          const isTold = error instanceof TypeError || typeof given[0] !== "symbol";
          if (!isTold || stumbled.test((error as Error).message)) wrong.push(`${entry}.${name}: ${words}`);
        }
      }
    }
  }
  expect(wrong).toEqual([]);
  expect(asked.length).toBeGreaterThan(50);
});
