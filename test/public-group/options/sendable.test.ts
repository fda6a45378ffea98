/**
 * What is too long to be received is not made: to the byte, and before a key is used up for it.
 */

import { describe, expect, it } from "vitest";
import { utf8 } from "../../../src/bytes/text.ts";
import { u16, vector } from "../../../src/codec/codec.ts";
import { defaultLimits, type Limits } from "../../../src/codec/limits.ts";
import { checkPrivateLength, checkSendable, encodeSendable } from "../../../src/public-group/options/sendable.ts";
import { decodeMessage } from "../../../src/wire/message.ts";
import { refusal } from "../../group/refusal.ts";
import { client, groupOf, keyPackageOf } from "../../group/world.ts";

const of = (messageBytes: number): Limits => ({ ...defaultLimits, messageBytes });

describe("a message", () => {
  it("is as long as it may be to be received, whatever it is, and no byte longer", async () => {
    const clients = await Promise.all(["alice", "bob"].map((name) => client(name)));
    const [alice, bob] = await groupOf(clients, { handshake: "public" });
    const { keyPackage } = await keyPackageOf(await client("carol"));
    const { commit, welcome } = await alice!.commit({ add: [keyPackage] });
    const messages = [
      commit,
      welcome!,
      await bob!.groupInfo(),
      await bob!.seal(utf8("hello")),
      await bob!.propose({ update: {} }),
      keyPackage,
    ];
    for (const bytes of messages) {
      const message = decodeMessage(bytes);
      expect(encodeSendable(message, { limits: of(bytes.length) })).toEqual(bytes);
      expect(await refusal(() => encodeSendable(message, { limits: of(bytes.length - 1) }))).toBe("limit-exceeded");
      decodeMessage(bytes, { limits: of(bytes.length) });
      expect(await refusal(() => decodeMessage(bytes, { limits: of(bytes.length - 1) }))).toBe("limit-exceeded");
    }
  });

  it("that will be encrypted is known by its length before", async () => {
    const [alice] = await groupOf([await client("alice")]);
    for (const authenticatedData of [
      new Uint8Array(0),
      new Uint8Array(63),
      new Uint8Array(64),
      new Uint8Array(20_000),
    ]) {
      const message = await alice!.seal(utf8("hello"), { authenticatedData });
      const read = decodeMessage(message);
      if (read.wireFormat !== "mls_private_message") throw new Error("a private message was expected");
      const { privateMessage } = read;
      const ciphertexts = [privateMessage.encryptedSenderData.length, privateMessage.ciphertext.length];
      checkPrivateLength(privateMessage, ciphertexts, of(message.length));
      expect(await refusal(() => checkPrivateLength(privateMessage, ciphertexts, of(message.length - 1)))).toBe(
        "limit-exceeded",
      );
    }
  });
});

describe("a value", () => {
  const list = vector(u16, "extensions");

  it("is within the limits that it would be read with", async () => {
    const limits = { ...defaultLimits, extensions: 2 };
    checkSendable(list, [1, 2], { limits });
    expect(await refusal(() => checkSendable(list, [1, 2, 3], { limits }))).toBe("limit-exceeded");
  });

  it("that is wrong in another way is for the rules to refuse", () => {
    const wrong: typeof list = {
      write: list.write,
      read: (input) => {
        throw input.fail("decode-trailing");
      },
    };
    checkSendable(wrong, [1], { limits: defaultLimits });
  });
});
