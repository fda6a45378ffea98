/**
 * What an observer refuses, one thing wrong at a time, in messages that are otherwise signed as they should be.
 */

import { describe, expect, it } from "vitest";
import { hex, utf8 } from "../../src/bytes/text.ts";
import type { ErrorCode } from "../../src/errors.ts";
import { proposeToJoin } from "../../src/group/joining/propose-to-join.ts";
import type { Group } from "../../src/group/group.ts";
import { Observer } from "../../src/public-group/observer/observer.ts";
import type { Content } from "../../src/wire/framing.ts";
import { decodeMessage, encodeMessage } from "../../src/wire/message.ts";
import { forge, type Choice } from "./insider.ts";
import { client, commitTo, groupOf, keyPackageOf, suiteOf, trusting } from "./world.ts";

const suite = suiteOf();
const remove = (removed: number): Content => ({ type: "proposal", proposal: { type: "remove", removed } });

interface Scene {
  readonly groups: readonly Group[];
  readonly alice: Group;
  readonly observer: Observer;
  /** A message of Alice's, with something else than usual. */
  from(content: Content, choice?: Choice): Promise<Uint8Array>;
}

async function scene(options: Partial<Parameters<typeof Observer.follow>[0]> = {}): Promise<Scene> {
  const clients = await Promise.all(["alice", "bob", "carol"].map((name) => client(name)));
  const groups = await groupOf(clients, { handshake: "public" });
  const alice = groups[0]!;
  const observer = await Observer.follow({ ...trusting, suite, groupInfo: await alice.groupInfo(), ...options });
  const from: Scene["from"] = (content, choice) => forge(alice, content, { format: "mls_public_message", ...choice });
  return { groups, alice, observer, from };
}

/** The observer refuses this with this code, and is as it was. */
async function refuses(observer: Observer, code: ErrorCode, act: () => unknown): Promise<void> {
  const before = hex(observer.snapshot());
  await expect(Promise.resolve().then(act)).rejects.toMatchObject({ name: "CopseError", code });
  expect(hex(observer.snapshot())).toBe(before);
}

describe("an observer refuses", () => {
  it("messages of another group, private and public", async () => {
    const { alice, observer, from } = await scene();
    const [other] = await groupOf([await client("mallory")], { handshake: "public" });
    await refuses(observer, "wrong-group", async () => observer.receive(await other!.seal(utf8("hello"))));
    await refuses(observer, "wrong-group", async () => observer.receive(await from(remove(1), { groupId: other!.id })));
    await refuses(observer, "wrong-group", async () => observer.receive((await other!.commit()).commit));
    expect(await observer.receive(await alice.seal(utf8("hello")))).toMatchObject({ kind: "envelope" });
  });

  it("an application message that is not encrypted", async () => {
    const { observer, from } = await scene();
    const message = await from({ type: "application", applicationData: utf8("hello") });
    await refuses(observer, "application-public", () => observer.receive(message));
  });

  it("a commit of an external sender, and a proposal of a new member that commits", async () => {
    const { alice, observer, from } = await scene();
    const { commit } = await alice.commit();
    const decoded = decodeMessage(commit);
    if (decoded.wireFormat !== "mls_public_message") throw new TypeError("a public message was expected");
    const { content, auth } = decoded.publicMessage;
    const outside = { ...content, sender: { type: "external", senderIndex: 0 } } as const;
    const message = encodeMessage({ wireFormat: "mls_public_message", publicMessage: { content: outside, auth } });
    await refuses(observer, "sender-content", () => observer.receive(message));
    const joining = await from(remove(1), { sender: { type: "new_member_commit" } });
    await refuses(observer, "sender-content", () => observer.receive(joining));
  });

  it("what belongs to an epoch that is over", async () => {
    const { groups, alice, observer, from } = await scene();
    const late = await from(remove(1));
    const { commit } = await commitTo(groups, alice);
    await observer.receive(commit);
    await refuses(observer, "wrong-epoch", () => observer.receive(commit));
    await refuses(observer, "proposal-epoch", () => observer.receive(late));
  });

  it("what another than the sender has signed, a member or somebody outside", async () => {
    const { alice, observer, from } = await scene();
    const { identity } = await client("mallory");
    const forged = await from(remove(1), { identity });
    await refuses(observer, "message-signature", () => observer.receive(forged));
    const commit = await from(
      { type: "commit", commit: { proposals: [], path: undefined } },
      {
        identity,
        confirmationTag: new Uint8Array(32),
      },
    );
    await refuses(observer, "message-signature", () => observer.receive(commit));
    const dave = await client("dave");
    const keyPackage = await keyPackageOf(dave);
    const knock = await proposeToJoin({ groupId: alice.id, epoch: alice.epoch, identity: dave.identity, keyPackage });
    const broken = knock.with(knock.length - 1, knock.at(-1)! ^ 1);
    await refuses(observer, "message-signature", () => observer.receive(broken));
    expect(await observer.receive(knock)).toMatchObject({ kind: "proposal" });
  });

  it("what a blank leaf sends", async () => {
    const { observer, from } = await scene();
    const message = await from(remove(1), { sender: { type: "member", leafIndex: 3 } });
    await refuses(observer, "sender-blank", () => observer.receive(message));
  });

  it("a proposal that breaks a rule, and more than it may keep", async () => {
    const { observer, from } = await scene({ limits: { proposals: 1 } });
    const blank = await from(remove(3));
    await refuses(observer, "remove-blank-leaf", () => observer.receive(blank));
    const first = await from(remove(1));
    await observer.receive(first);
    const second = await from(remove(2));
    await refuses(observer, "limit-exceeded", () => observer.receive(second));
    expect(await observer.receive(first)).toMatchObject({ kind: "proposal" }); // it is kept already
  });

  it("a commit that breaks a rule, and one that the application refuses", async () => {
    const { alice, observer, from } = await scene({ review: () => false });
    const noPath = await from(
      { type: "commit", commit: { proposals: [], path: undefined } },
      { confirmationTag: new Uint8Array(32) },
    );
    await refuses(observer, "commit-path-required", () => observer.receive(noPath));
    const { commit } = await alice.commit();
    await refuses(observer, "commit-refused", () => observer.receive(commit));
  });

  it("everything after a ReInit", async () => {
    const { groups, alice, observer, from } = await scene();
    const { commit } = await commitTo(groups, alice, { reinit: { groupId: utf8("next"), cipherSuite: 1 } });
    await observer.receive(commit);
    const late = await from(remove(1));
    await refuses(observer, "group-reinitialized", () => observer.receive(late));
  });

  it("what is no message of a group", async () => {
    const { observer } = await scene();
    const { keyPackage } = await keyPackageOf(await client("dave"));
    await refuses(observer, "not-a-group-message", () => observer.receive(keyPackage));
    await expect(observer.receive("message" as never)).rejects.toThrow(TypeError);
  });

  it("to begin again in another group, or in an epoch before its own", async () => {
    const { groups, alice, observer } = await scene();
    const old = await alice.groupInfo();
    const { commit } = await commitTo(groups, alice);
    await observer.receive(commit);
    const [other] = await groupOf([await client("mallory")], { handshake: "public" });
    for (let i = 0; i < 4; i++) await commitTo([other!], other!);
    const foreign = await other!.groupInfo();
    await refuses(observer, "wrong-group", () => observer.restart(foreign));
    await refuses(observer, "wrong-epoch", () => observer.restart(old));
    await observer.rollback(); // and it can still go back
    await observer.restart(await alice.groupInfo());
    expect(observer.epoch).toBe(alice.epoch);
  });
});
