import { expect, it } from "vitest";
import { utf8 } from "../../src/bytes/text.ts";
import { cipherSuite } from "../../src/crypto/choose.ts";
import { CopseError, errorCodes, type ErrorCode, type ErrorDetails } from "../../src/errors.ts";
import { Group } from "../../src/group/group.ts";
import { inspectMessage } from "../../src/public-group/unverified/inspect.ts";
import { failure } from "./refusal.ts";
import { client, groupOf, keyPackageOf, suiteOf, trusting } from "./world.ts";

/** The error says its sentence, and which thing it is about. */
async function says(operation: () => unknown, code: ErrorCode, details: ErrorDetails): Promise<void> {
  const error = await failure(operation);
  if (!(error instanceof CopseError)) throw error;
  expect(error.code).toBe(code);
  expect(error.message.startsWith(`${code}: ${errorCodes[code]}`)).toBe(true);
  expect(error.details).toEqual(details);
  expect(JSON.parse(JSON.stringify(error))).toMatchObject({ code });
}

it("an error says which leaf, which proposal, which limit, what came and what should have", async () => {
  const [alice, bob] = (await groupOf([await client("alice"), await client("bob")], { handshake: "public" })) as [
    Group,
    Group,
  ];
  await says(() => alice.commit({ remove: [7] }), "remove-blank-leaf", { leafIndex: 7 });
  const { keyPackage } = await keyPackageOf(await client("carol"));
  const proposal = await alice.propose({ add: keyPackage });
  const { commit } = await alice.commit();
  const { ref } = alice.pendingProposals[0]!;
  await says(() => bob.receive(commit), "proposal-not-found", { ref });
  await bob.receive(proposal);
  await bob.receive(commit);
  await says(() => bob.receive(commit.slice()), "wrong-epoch", { got: "1", expected: "2" });
  const limits = { messageBytes: 10 };
  await says(() => inspectMessage(commit, { limits }), "limit-exceeded", { limit: "messageBytes" });
  await says(() => inspectMessage(utf8("hello")), "decode-version", { got: 0x6865, expected: 1 });
  const other = await keyPackageOf(await client("carol", suiteOf(3)));
  await says(() => bob.commit({ add: [other.keyPackage] }), "key-package-suite", { got: 3, expected: 1 });
});

it("a joiner is told which leaf of a tree is wrong", async () => {
  const [alice] = await groupOf([await client("alice"), await client("bob"), await client("carol")]);
  const groupInfo = await alice!.groupInfo();
  const { identity } = await client("dave");
  for (const leafIndex of [0, 2]) {
    const { credential } = alice!.member(leafIndex)!;
    const authentication = {
      validate: (candidate: { credential: unknown }) => !isSame(candidate.credential, credential),
    };
    const join = (): unknown => Group.joinExternally({ ...trusting, authentication, identity, groupInfo });
    await says(join, "credential-invalid", { leafIndex });
  }
  function isSame(a: unknown, b: unknown): boolean {
    return JSON.stringify(a) === JSON.stringify(b);
  }
});

it("a cipher suite that nobody knows is answered with those that there are", async () => {
  const error = await failure(() => cipherSuite("X25519"));
  expect(error).toMatchObject({ code: "suite-unsupported" });
  expect(String(error)).toContain(
    "MLS_128_DHKEMX25519_AES128GCM_SHA256_Ed25519, MLS_128_DHKEMP256_AES128GCM_SHA256_P256",
  );
  await says(() => cipherSuite(77), "suite-unsupported", { got: 77 });
});
