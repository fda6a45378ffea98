/** Every error code, and every event of the client, has a sentence of its own for a person: none falls back on the library's words. */

import { describe, expect, it } from "vitest";
import { accountErrorCodes } from "../../src/accounts/errors.ts";
import { clientErrorCodes } from "../../src/client/errors.ts";
import type { ClientEvent } from "../../src/client/events.ts";
import { contentErrorCodes } from "../../src/content/errors.ts";
import { deliveryErrorCodes } from "../../src/delivery/errors.ts";
import { storeErrorCodes } from "../../src/storage/errors.ts";
import { ofClient, sentences } from "../../docs/demo/app/state/sentences.ts";
import { warningsOf, type ShownEvent, type WarningEvent } from "../../docs/demo/app/state/warnings.ts";
import { sentenceOf, sentenceOfFailure, wordsOf } from "../../docs/demo/app/state/words.ts";

const codes = Object.keys({
  ...contentErrorCodes,
  ...storeErrorCodes,
  ...accountErrorCodes,
  ...deliveryErrorCodes,
  ...clientErrorCodes,
});
const library: Readonly<Record<string, string>> = { ...deliveryErrorCodes, ...storeErrorCodes, ...clientErrorCodes };

const isSentence = /^[A-Z“].+[.!?”]$/su;

describe("a person is told of every error", () => {
  it.each(codes)("%s in words of their own", (code) => {
    expect(Object.hasOwn(sentences, code)).toBe(true);
    expect(sentenceOf(code)).toMatch(isSentence);
    expect(sentenceOf(code).toLowerCase()).not.toContain(library[code]?.toLowerCase() ?? "\0");
  });

  it("of the client's, each in another sentence", () => {
    const said = Object.values(ofClient);
    expect(new Set(said).size).toBe(said.length);
  });

  it("by the reason, where the room's rules say one, and by the kind else", () => {
    expect(sentenceOfFailure("not-allowed", "role-count")).toBe(sentenceOf("role-count"));
    expect(sentenceOfFailure("not-allowed", "anything")).toBe(sentenceOf("not-allowed"));
  });

  it("with the groups of the recovery code to look at, and with when to come again", () => {
    expect(wordsOf({ code: "recovery-mistakes", groups: [2, 3, 5] })).toContain("Look at groups 2, 3 and 5.");
    expect(wordsOf({ code: "recovery-mistakes", groups: [4] })).toContain("Look at group 4.");
    expect(wordsOf({ code: "rate", retryAfter: 2_500 })).toContain("In 3 s");
  });

  it("and of what they stopped themselves as that", () => {
    expect(wordsOf(new DOMException("given up", "AbortError"))).toBe(sentenceOf("given-up"));
  });
});

const [me, alice, room] = [
  "mimi://demo.localhost/u/me",
  "mimi://demo.localhost/u/alice",
  "mimi://demo.localhost/r/hike",
];
const [mine, hers] = ["mimi://demo.localhost/d/me/laptop", "mimi://demo.localhost/d/alice/phone"];
const bytes = new Uint8Array(16);
const naming = {
  user: me,
  device: "mimi://demo.localhost/d/me/phone",
  nameOf: (user: string) => (user === alice ? "Alice" : "Me"),
  deviceNameIn: (device: string) => device.split("/").at(-1) ?? "",
  userOfDevice: (device: string) => device.replace("/d/", "/u/").replace(/\/[^/]+$/, ""),
};

/** Of each kind at least one event, and one of each sentence that it may have. A kind that is missing does not compile. */
const events: { readonly [Kind in WarningEvent["kind"]]: readonly Extract<WarningEvent, { readonly kind: Kind }>[] } = {
  "device-changed": (["added", "removed", "rekeyed"] as const).flatMap((what) => [
    { kind: "device-changed", user: alice, device: hers, what },
    { kind: "device-changed", user: me, device: mine, what },
  ]),
  "account-renewed": [alice, me].map((user) => ({ kind: "account-renewed", user, by: hers, keyNumber: 2 })),
  "list-stale": [alice, me].map((user) => ({ kind: "list-stale", user, at: 0 })),
  "account-alarm": [alice, me].map((user) => ({
    ...{ kind: "account-alarm", user, what: "root", known: bytes, other: bytes },
  })),
  "logged-differently": [alice, me].map((user) => ({ kind: "logged-differently", user, what: "root" })),
  "log-alarm": [
    { kind: "log-alarm", what: "no-log" },
    { kind: "log-alarm", what: "head-fork" },
  ],
  "member-alarm": [alice, me].map((user) => ({
    ...{ kind: "member-alarm", room, user, device: hers, by: undefined, findings: ["not-listed"], holds: false },
  })),
  knock: [
    { kind: "knock", room, user: alice, words: "" },
    { kind: "knock", room, user: alice, words: "It is me" },
  ],
  withheld: [{ kind: "withheld", room, from: 2n, through: 3n }],
  "log-differs": [{ kind: "log-differs", room, by: hers, item: 2n }],
  fork: [],
  "broken-commit": [undefined, hers].map((author) => ({
    ...{ kind: "broken-commit", room, item: 2n, author, code: "not-allowed" },
  })),
  frozen: [],
  rejoined: [{ kind: "rejoined", room }],
  refused: (
    ["not-author", "wrong-kind", "unsent", "invalid-vote", "not-permitted", "too-many", "frank-missing"] as const
  ).map((reason) => ({ kind: "refused", room, item: 2n, by: hers, reason })),
  unreadable: [{ kind: "unreadable", room, item: 2n, code: "content-cbor" }],
  copied: [{ kind: "copied" }],
  healed: [{ kind: "healed" }],
  "welcome-failed": [{ kind: "welcome-failed", room, code: "missing" }],
  "history-failed": ["too-large", "vault-fork", "vault-rollback", "unreachable"].map((code) => ({
    ...{ kind: "history-failed", code },
  })),
  "consent-failed": (["no-contact", "refused"] as const).map((code) => ({
    ...{ kind: "consent-failed", user: alice, code, operation: "request" },
  })),
  "invitation-refused": [{ kind: "invitation-refused", room, by: alice, code: "no-consent" }],
  "device-idle": [{ kind: "device-idle", device: mine }],
  "was-idle": [true, false].map((isBack) => ({ kind: "was-idle", room, isBack })),
  "revocation-failed": [{ kind: "revocation-failed", code: "impossible" }],
  "hook-failed": [],
  parcel: [],
};

describe("a person is told of every event", () => {
  const told = Object.values(events).flatMap((each: readonly WarningEvent[]) =>
    each.map((event) => ({ event, warnings: warningsOf(event, naming) })),
  );

  it.each(told)("$event.kind in one sentence", ({ event, warnings }) => {
    const [warning, ...others] = warnings;
    expect(others).toEqual([]);
    expect(warning?.kind).toBe(event.kind);
    expect(warning?.text).toMatch(isSentence);
    expect(warning?.text).not.toMatch(/undefined|mimi:/);
  });

  it("each in another one", () => {
    const texts = told.map(({ warnings: [warning] }) => warning?.text);
    expect(new Set(texts).size).toBe(texts.length);
  });

  it("with something to press, where it is a danger to the whole account", () => {
    for (const { warnings } of told)
      for (const { tone, room: of, ways = [], text } of warnings)
        if (tone === "danger" && of === undefined) expect([text, ways.length > 0]).toEqual([text, true]);
  });

  it("by a way to the safety number of the other one, and never to one's own", () => {
    for (const { event, warnings } of told)
      for (const { about, ways = [] } of warnings) {
        if ("user" in event && event.user === me) expect([event.kind, about]).toEqual([event.kind, undefined]);
        if (ways.includes("compare") || ways.includes("agree"))
          expect([event.kind, about]).toEqual([event.kind, alice]);
      }
  });

  it("but not of what blocked people do, of this device itself, or of what stands in its chat", () => {
    const quiet: readonly WarningEvent[] = [
      { kind: "invitation-refused", room, by: alice, code: "blocked" },
      { kind: "fork", room, by: hers, epoch: 2n, known: bytes, other: bytes },
      { kind: "frozen", room },
      { kind: "device-changed", user: me, device: naming.device, what: "added" },
      {
        ...{ kind: "member-alarm", room, user: alice, device: hers, by: undefined, findings: ["root"], holds: true },
      },
    ];
    expect(quiet.flatMap((event) => warningsOf(event, naming))).toEqual([]);
  });
});

/** No event is in both lists, and none in neither: checked by the compiler. */
export const shown: readonly Exclude<ClientEvent["kind"], WarningEvent["kind"] | ShownEvent["kind"]>[] = [];
