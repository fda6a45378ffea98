/**
 * Linking a device: the account goes to the device that the person sees, and to nobody in between.
 */

import { describe, expect, it } from "vitest";
import { concat } from "../../src/bytes/concat.ts";
import { hex, utf8 } from "../../src/bytes/text.ts";
import { ExistingDeviceLink, type ExistingDeviceOptions } from "../../src/accounts/linking/existing-device.ts";
import { linkTimeout } from "../../src/accounts/linking/life.ts";
import { readMessage, writeMessage } from "../../src/accounts/linking/messages.ts";
import {
  NewDeviceLink,
  type Linked,
  type NewDeviceOptions,
  type ToCompare,
} from "../../src/accounts/linking/new-device.ts";
import { commitmentOf, digitsOf, transcriptOf } from "../../src/accounts/linking/secrets.ts";
import { sign } from "../../src/accounts/component.ts";
import { checkStatement } from "../../src/accounts/check-statement.ts";
import { createAccountKey } from "../../src/accounts/keys.ts";
import { basic, createIdentity } from "../../src/public-group/identity.ts";
import { client, suiteOf } from "../group/world.ts";
import { device, makerOf, person, refused, start, type TestDevice } from "./world.ts";

const alice = await person("alice", ["phone"]);
const mallory = await person("mallory", ["phone"]);
const clock = (): number => start;
/** Random bytes that are the same each time. */
function counted(seed: number): (length: number) => Uint8Array {
  let state = seed;
  return (length) =>
    new Uint8Array(length).map(() => {
      state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
      return state >>> 16;
    });
}

/** Keys that are the same each time, so that a test of chances has one outcome. */
const fixedIdentity = (seed: number): Promise<TestDevice["identity"]> =>
  createIdentity({ suite: suiteOf(), credential: basic("device"), privateKey: counted(seed)(32) });
const laptop = await fixedIdentity(7);

const begin = (options: Partial<NewDeviceOptions> = {}): Promise<NewDeviceLink> =>
  NewDeviceLink.begin({ suite: suiteOf(), name: "laptop", identity: laptop, clock, ...options });
const answer = (offer: Uint8Array, options: Partial<ExistingDeviceOptions> = {}): Promise<ExistingDeviceLink> =>
  ExistingDeviceLink.answer({ offer, user: alice.user, clock, ...options });

async function compared(link: NewDeviceLink, message: Uint8Array): Promise<ToCompare> {
  const step = await link.receive(message);
  if (step.kind !== "compare") throw new Error("a code was expected");
  return step;
}

/** Two devices that have come to the codes. */
async function codes(): Promise<{
  readonly fresh: NewDeviceLink;
  readonly old: ExistingDeviceLink;
  readonly atNew: ToCompare;
  readonly atOld: Awaited<ReturnType<ExistingDeviceLink["receive"]>>;
}> {
  const fresh = await begin();
  const old = await answer(fresh.offer);
  const atNew = await compared(fresh, old.reply);
  return { fresh, old, atNew, atOld: await old.receive(atNew.reply) };
}

/** What is handed over where all is well. */
async function account(
  added = { uri: `${alice.user.replace("/u/", "/d/")}/laptop`, cipherSuite: 1, signatureKey: laptop.signatureKey },
): Promise<{ accountKey: typeof alice.accountKey; statement: Uint8Array; data: Uint8Array }> {
  const statement = await alice.list({ changes: { add: [added] } });
  return { accountKey: alice.accountKey, statement, data: utf8("the vault's key") };
}

describe("linking a device", () => {
  it.each([1, 2, 4, 5, 7])("hands the account over, by the keys of suite %i", async (id) => {
    const suite = suiteOf(id);
    const identity = await createIdentity({ suite, credential: basic("laptop") });
    const fresh = await begin({ suite, identity, address: utf8("mailbox 7") });
    const old = await answer(fresh.offer);
    expect(old.address).toEqual(utf8("mailbox 7"));
    const atNew = await compared(fresh, old.reply);
    const atOld = await old.receive(atNew.reply);
    expect(atNew).toMatchObject({ kind: "compare", user: alice.user });
    expect(atNew.code).toMatch(/^\d{6}$/);
    expect(atOld.code).toBe(atNew.code);
    const uri = "mimi://example.org/d/alice/laptop";
    expect(atOld.device).toEqual({ uri, cipherSuite: id, signatureKey: identity.signatureKey });
    old.confirm();
    expect(await fresh.confirm()).toBeUndefined();
    const given = await account(atOld.device);
    const handOver = await old.handOver(given);
    expect(hex(handOver)).not.toContain(alice.accountKey.privateKey.use(hex));
    const linked = (await fresh.receive(handOver)) as Linked;
    expect(linked).toMatchObject({ kind: "linked", device: uri, data: given.data });
    expect(linked.view).toEqual(await checkStatement(alice.view, given.statement));
    expect(linked.accountKey.privateKey.use(hex)).toBe(alice.accountKey.privateKey.use(hex));
    old.finish(linked.reply);
    // It is over on both sides.
    await refused(fresh.receive(handOver), "link-ended");
    expect(() => {
      old.finish(linked.reply);
    }).toThrow("link-ended");
    // The new device makes lists.
    const maker = { uri, signer: identity.signer };
    const next = await alice.next({ view: linked.view, accountKey: linked.accountKey, maker });
    expect(next.maker).toBe(uri);
  });

  it("holds back what comes before the person has confirmed", async () => {
    const { fresh, old } = await codes();
    old.confirm();
    const handOver = await old.handOver(await account());
    await refused(fresh.receive(handOver.with(handOver.length - 1, handOver.at(-1)! ^ 1)), "link-message");
    expect(await fresh.receive(handOver)).toEqual({ kind: "held" });
    await refused(fresh.receive(handOver), "link-message");
    const linked = await fresh.confirm();
    old.finish(linked!.reply);
    await refused(fresh.confirm(), "link-ended");
  });

  it("hands nothing over before the person has confirmed, and only once", async () => {
    const fresh = await begin();
    const old = await answer(fresh.offer);
    await refused(old.handOver(await account()), "link-message");
    expect(() => {
      old.confirm();
    }).toThrow("link-message");
    await refused(fresh.confirm(), "link-message");
    const { reply } = await compared(fresh, old.reply);
    await old.receive(reply);
    await refused(old.handOver(await account()), "link-message");
    old.confirm();
    const given = await account();
    const both = await Promise.allSettled([old.handOver(given), old.handOver(given)]);
    expect(both.map(({ status }) => status).sort()).toEqual(["fulfilled", "rejected"]);
    await refused(old.handOver(await account()), "link-message");
  });

  it("is over for good where the codes differ", async () => {
    const { fresh, old, atNew } = await codes();
    old.confirm();
    const handOver = await old.handOver(await account());
    fresh.reject();
    old.reject();
    await refused(fresh.receive(handOver), "link-code");
    await refused(fresh.confirm(), "link-code");
    await refused(old.receive(atNew.reply), "link-code");
    await refused(old.receive(utf8("hello")), "link-code");
    await refused(old.handOver(await account()), "link-code");
    expect(() => {
      old.confirm();
    }).toThrow("link-code");
  });

  it("is over where the person says so in the middle of a step", async () => {
    const first = await begin();
    const answered = await answer(first.offer);
    const receiving = first.receive(answered.reply);
    first.reject();
    await refused(receiving, "link-code");
    const { fresh, old } = await codes();
    const second = await begin();
    const other = await answer(second.offer);
    const revealed = await compared(second, other.reply);
    const revealing = other.receive(revealed.reply);
    other.reject();
    await refused(revealing, "link-code");
    old.confirm();
    const given = await account();
    const handOver = await old.handOver(given);
    const opening = fresh.receive(handOver);
    fresh.reject();
    await refused(opening, "link-code");
    const third = await codes();
    third.old.confirm();
    const handing = third.old.handOver(given);
    third.old.reject();
    await refused(handing, "link-code");
  });

  it("takes no more than ten minutes, or what was said", async () => {
    let now = start;
    const timed = { clock: () => now };
    const fresh = await begin(timed);
    const old = await answer(fresh.offer, { ...timed, timeout: 1_000 });
    now += 1_000;
    const { reply } = await compared(fresh, old.reply);
    await old.receive(reply);
    now += 1;
    expect(() => {
      old.confirm();
    }).toThrow("link-expired");
    await refused(old.handOver(await account()), "link-expired");
    now = start + linkTimeout;
    await fresh.confirm();
    now += 1;
    await refused(fresh.confirm(), "link-expired");
    now = start; // a clock that is put back wakes nothing up
    await refused(fresh.confirm(), "link-expired");
    await refused(old.receive(reply), "link-expired");
    await expect(begin({ timeout: 0 })).rejects.toThrow(TypeError);
    await expect(answer(fresh.offer, { timeout: NaN })).rejects.toThrow(TypeError);
  });
});

describe("what does not belong in a linking", () => {
  it("is refused, and changes nothing: other messages, reflected ones, and those of other linkings", async () => {
    const fresh = await begin();
    const old = await answer(fresh.offer);
    const other = await codes();
    const noise = [new Uint8Array(0), utf8("hello"), new Uint8Array(100_000), fresh.offer, other.atNew.reply];
    for (const message of [...noise, other.old.reply, old.reply.slice(1), concat(old.reply, utf8("x"))]) {
      await refused(fresh.receive(message), "link-message");
    }
    await refused(fresh.receive(old.reply.with(0, 2)), "link-message");
    const atNew = await compared(fresh, old.reply);
    await refused(fresh.receive(old.reply), "link-message"); // once
    await refused(fresh.receive(atNew.reply), "link-message"); // its own
    for (const message of [...noise, old.reply, atNew.reply.slice(0, -1), other.atNew.reply]) {
      await refused(old.receive(message), "link-message");
    }
    const atOld = await old.receive(atNew.reply);
    expect(atOld.code).toBe(atNew.code);
    await refused(old.receive(atNew.reply), "link-message"); // once
    old.confirm();
    await fresh.confirm();
    const handOver = await old.handOver(await account());
    const noSecret = { ...readMessage("handOver", handOver), kemOutput: new Uint8Array(32) };
    await refused(fresh.receive(writeMessage("handOver", noSecret)), "link-message");
    other.old.confirm();
    await refused(fresh.receive(await other.old.handOver(await account())), "link-message");
    for (const message of [...noise, old.reply, handOver.slice(1)]) {
      await refused(fresh.receive(message), "link-message");
      expect(() => {
        old.finish(message);
      }).toThrow("link-message");
    }
    const linked = (await fresh.receive(handOver)) as Linked;
    const forged = writeMessage("done", { ...readMessage("done", linked.reply), tag: new Uint8Array(32) });
    const elsewhere = writeMessage("done", { ...readMessage("done", linked.reply), session: new Uint8Array(32) });
    for (const message of [forged, elsewhere]) {
      expect(() => {
        old.finish(message);
      }).toThrow("link-message");
    }
    expect(() => {
      other.old.finish(linked.reply);
    }).toThrow("link-message");
    old.finish(linked.reply);
  });

  it("is an offer that is none, or of a suite that is not there", async () => {
    const { offer } = await begin();
    const read = readMessage("offer", offer);
    for (const bytes of [
      utf8("hello"),
      offer.slice(1),
      concat(offer, utf8("x")),
      new Uint8Array(5_000),
      offer.with(1, 2),
    ]) {
      await refused(answer(bytes), "link-offer");
    }
    // Longer than it may be, and right otherwise.
    const long = concat(offer.slice(0, -1), new Uint8Array([0x40 | (3_000 >> 8), 3_000 & 0xff]), new Uint8Array(3_000));
    await refused(answer(long), "link-offer");
    await refused(answer(writeMessage("offer", { ...read, commitment: new Uint8Array(31) })), "link-offer");
    await refused(answer(writeMessage("offer", { ...read, cipherSuite: 0xf00f })), "statement-suite");
  });

  it("is an argument that is wrong", async () => {
    for (const name of ["", "a/b", ".", "my phone", "x".repeat(300)])
      await expect(begin({ name })).rejects.toThrow(TypeError);
    await expect(begin({ address: new Uint8Array(256) })).rejects.toThrow("address must have at most 255 bytes");
    await expect(begin({ nam: "x" } as never)).rejects.toThrow("has no option nam");
    await expect(begin({ identity: {} as never })).rejects.toThrow(TypeError);
    const fresh = await begin();
    await expect(answer(fresh.offer, { user: "alice" })).rejects.toThrow("a user's URI");
    await expect(fresh.receive("answer" as never)).rejects.toThrow(TypeError);
    const { old } = await codes();
    old.confirm();
    await expect(old.receive("x" as never)).rejects.toThrow(TypeError);
    await expect(old.handOver({} as never)).rejects.toThrow(TypeError);
    expect(() => {
      old.finish("x" as never);
    }).toThrow(TypeError);
    await expect(old.handOver({ ...(await account()), data: new Uint8Array(5 * 1024 * 1024) })).rejects.toThrow(
      "at most",
    );
  });

  it("is two answers at once: one of them counts", async () => {
    const fresh = await begin();
    const replies = await Promise.all([answer(fresh.offer), answer(fresh.offer)]);
    const outcomes = await Promise.allSettled(replies.map(({ reply }) => fresh.receive(reply)));
    expect(outcomes.map(({ status }) => status).sort()).toEqual(["fulfilled", "rejected"]);
    const { atNew, old } = await codes().then(async (all) => ({ ...all, old: await answer((await begin()).offer) }));
    await refused(old.receive(atNew.reply), "link-message");
  });

  it("is two reveals at once: one of them counts", async () => {
    const fresh = await begin();
    const old = await answer(fresh.offer);
    const { reply } = await compared(fresh, old.reply);
    const outcomes = await Promise.allSettled([old.receive(reply), old.receive(reply)]);
    expect(outcomes.map(({ status }) => status).sort()).toEqual(["fulfilled", "rejected"]);
  });

  it("is an account key, a list or a user that are not what they should be, which end it", async () => {
    const given = await account();
    const twin = await createAccountKey({ root: alice.root, user: alice.user });
    const renamed = await device(alice.user, "laptop");
    const suspended = await alice.next({
      changes: { add: [(await account(), { ...renamed.entry, signatureKey: laptop.signatureKey })] },
    });
    // The same key under another root.
    const same = (root: typeof alice.root): ReturnType<typeof createAccountKey> =>
      createAccountKey({ root, user: alice.user, random: (length) => counted(11)(length), after: 1 });
    const [ours, theirs] = [await same(alice.root), await same(mallory.root)];
    expect(hex(ours.certificate.accountKey)).toBe(hex(theirs.certificate.accountKey));
    const entry = {
      uri: `${alice.user.replace("/u/", "/d/")}/laptop`,
      cipherSuite: 1,
      signatureKey: laptop.signatureKey,
    };
    const rotated = await alice.list({ accountKey: ours, changes: { add: [entry] } });
    const cases = [
      [{ ...given, accountKey: theirs, statement: rotated }, "account-key"],
      [{ ...given, accountKey: mallory.accountKey }, "account-key"],
      [{ ...given, accountKey: mallory.accountKey, statement: mallory.view.statement }, "account-key"],
      [{ ...given, accountKey: twin }, "account-key"],
      [{ ...given, statement: alice.view.statement }, "device-unknown"],
      [{ ...given, statement: await alice.list({ changes: { add: [renamed.entry] } }) }, "device-unknown"],
      [
        { ...given, statement: await alice.list({ view: suspended, changes: { suspend: [renamed.uri] } }) },
        "device-unknown",
      ],
      [{ ...given, statement: given.statement.slice(1) }, "statement-malformed"],
    ] as const;
    for (const [handed, code] of cases) {
      const { fresh, old } = await codes();
      old.confirm();
      await fresh.confirm();
      await refused(fresh.receive(await old.handOver(handed)), code);
      await refused(fresh.confirm(), "link-ended");
    }
  });
});

describe("a man in the middle", () => {
  /** What he can put in the place of what he sees. */
  const evil = async (seed: number): Promise<{ fresh: NewDeviceLink; identity: TestDevice["identity"] }> => {
    const identity = await fixedIdentity(seed);
    return { fresh: await begin({ identity, random: counted(seed) }), identity };
  };

  it("who replaces the keys makes other digits on each screen, and gets nothing", async () => {
    const seen = new Set<string>();
    for (let i = 0; i < 40; i++) {
      const fresh = await begin({ random: counted(1_000 + i) });
      // He shows an offer of his own to the existing device, and answers the new one himself.
      const toOld = (await evil(2_000 + i)).fresh;
      const old = await answer(toOld.offer, { random: counted(3_000 + i) });
      const toNew = await answer(fresh.offer, { random: counted(4_000 + i) });
      const atNew = await compared(fresh, toNew.reply);
      const between = await compared(toOld, old.reply);
      const atOld = await old.receive(between.reply);
      expect(atOld.code).not.toBe(atNew.code);
      seen.add(atOld.code).add(atNew.code);
    }
    expect(seen.size).toBe(80); // no two of them are alike, and none is his choice
  });

  it("has a million codes to hit, each as probable as any other", () => {
    const count = 20_000;
    const suite = suiteOf();
    const seen = Array.from({ length: count }, (_, i) => digitsOf(suite, suite.hash(utf8(String(i)))));
    const twice = count - new Set(seen).size;
    expect(Math.abs(twice - count ** 2 / 2e6)).toBeLessThan(60); // 200 are expected, give or take 14
    for (let place = 0; place < 6; place++) {
      for (const digit of "0123456789") {
        const often = seen.filter((code) => code[place] === digit).length;
        expect(Math.abs(often - count / 10)).toBeLessThan(200);
      }
    }
  });

  it("who knows a code before his last message can't choose that message", async () => {
    // At the existing device: what he reveals is what he had committed to before he saw its nonce.
    const fresh = await begin();
    const { fresh: toOld } = await evil(1);
    const old = await answer(toOld.offer);
    const mine = await compared(toOld, old.reply);
    const reveal = readMessage("reveal", mine.reply);
    for (let i = 0; i < 20; i++) {
      const committed = { ...reveal.committed, nonce: counted(i)(32) };
      await refused(old.receive(writeMessage("reveal", { ...reveal, committed })), "link-mismatch");
    }
    const otherKey = { ...reveal.committed, kemKey: (await suiteOf().generateKemKeyPair(counted(5))).publicKey };
    await refused(old.receive(writeMessage("reveal", { ...reveal, committed: otherKey })), "link-mismatch");
    const otherDevice = { ...reveal.committed, device: { ...reveal.committed.device, name: utf8("tv") } };
    await refused(old.receive(writeMessage("reveal", { ...reveal, committed: otherDevice })), "link-mismatch");
    // What he had not committed to is no part of the code: he can't turn it until it fits.
    const { enc } = await suiteOf().encap(readMessage("answer", old.reply).kemKey, counted(9));
    const { code } = await old.receive(writeMessage("reveal", { ...reveal, kemOutput: enc }));
    expect(code).toBe(mine.code);
    // At the new device: he answers before he has seen its nonce, and once.
    const first = await answer(fresh.offer);
    await compared(fresh, first.reply);
    for (let i = 0; i < 20; i++) await refused(fresh.receive((await answer(fresh.offer)).reply), "link-message");
  });

  it("who passes all on, and puts a secret of his own in, reads nothing and hands nothing over", async () => {
    const fresh = await begin();
    const old = await answer(fresh.offer);
    const atNew = await compared(fresh, old.reply);
    const { enc } = await suiteOf().encap(readMessage("answer", old.reply).kemKey, counted(9));
    const changed = writeMessage("reveal", { ...readMessage("reveal", atNew.reply), kemOutput: enc });
    const atOld = await old.receive(changed);
    expect(atOld.code).toBe(atNew.code); // the same devices, the same people
    old.confirm();
    await fresh.confirm();
    await refused(fresh.receive(await old.handOver(await account())), "link-message");
  });

  it("whose device has not the key that it claims is refused", async () => {
    const thief = await client("thief");
    // He claims Bob's signature key for his own device.
    const claimed = { ...thief.identity, signatureKey: laptop.signatureKey };
    const fresh = await begin({ identity: claimed });
    const old = await answer(fresh.offer);
    const { reply } = await compared(fresh, old.reply);
    await refused(old.receive(reply), "link-message");
  });

  it("whose keys are none is refused", async () => {
    const fresh = await begin();
    const bad = new Uint8Array(32); // a point of small order
    const suite = suiteOf();
    const old = await answer(fresh.offer);
    const sent = readMessage("answer", old.reply);
    for (const changed of [
      { kemKey: bad },
      { kemKey: new Uint8Array(31) },
      { user: utf8("alice") },
      { user: utf8("mimi://example.org/r/room") },
    ]) {
      await refused(fresh.receive(writeMessage("answer", { ...sent, ...changed })), "link-message");
    }
    const { reply } = await compared(fresh, old.reply);
    const reveal = readMessage("reveal", reply);
    await refused(old.receive(writeMessage("reveal", { ...reveal, kemOutput: bad })), "link-message");
    await refused(old.receive(writeMessage("reveal", { ...reveal, signature: new Uint8Array(64) })), "link-message");
    // An offer of his own, whose commitment opens to a key that is none.
    const { fresh: evilLink, identity } = await evil(3);
    const toEvil = await answer(evilLink.offer);
    const honest = readMessage("reveal", (await compared(evilLink, toEvil.reply)).reply);
    const { device: named } = honest.committed;
    for (const [changed, code] of [
      [{}, undefined],
      [{ kemKey: bad }, "link-message"],
      [{ device: { ...named, name: utf8("a/b") } }, "link-message"],
      [{ device: { ...named, name: new Uint8Array([0xff]) } }, "link-message"],
      [{ device: { ...named, cipherSuite: 0xf00f } }, "statement-suite"],
    ] as const) {
      const committed = { ...honest.committed, ...changed };
      const commitment = commitmentOf(suite, committed);
      const offer = writeMessage("offer", { ...readMessage("offer", evilLink.offer), commitment });
      const victim = await answer(offer);
      const { session, kemKey } = readMessage("answer", victim.reply);
      const transcript = transcriptOf(suite, { offer, answer: victim.reply, committed });
      const signature = await sign(identity.signer, "LinkTBS", transcript);
      const { enc: kemOutput } = await suite.encap(kemKey, counted(4));
      const revealing = victim.receive(writeMessage("reveal", { session, committed, kemOutput, signature }));
      if (code === undefined) await revealing;
      else await refused(revealing, code);
    }
  });

  it("finds nothing of the account in what he sees", async () => {
    const { fresh, old, atNew, atOld } = await codes();
    old.confirm();
    await fresh.confirm();
    const given = await account(atOld.device);
    const messages = [fresh.offer, old.reply, atNew.reply, await old.handOver(given)].map(hex).join("");
    expect(messages).not.toContain(hex(given.statement));
    expect(messages).not.toContain(hex(given.data));
    expect(messages).not.toContain(hex(alice.accountKey.certificate.accountKey));
    expect(makerOf(alice.devices[0]!).uri).toContain("phone");
  });
});
