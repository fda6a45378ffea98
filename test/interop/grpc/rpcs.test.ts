import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { hex, utf8 } from "../../../src/bytes/text.ts";
import { decode } from "../../../src/codec/codec.ts";
import { nodeProvider } from "../../../src/crypto/node.ts";
import { decodeMessage } from "../../../src/wire/message.ts";
import { RatchetTreeNodes } from "../../../src/wire/ratchet-tree.ts";
import { Client } from "./client.ts";
import { rpcNames, service } from "./descriptor.ts";
import { serve, type InteropServer } from "./server.ts";

let servers: readonly InteropServer[] = [];
let alice: Client;
let bob: Client;

beforeAll(async () => {
  servers = await Promise.all([serve(), serve()]);
  [alice, bob] = servers.map(({ address }) => new Client(address)) as [Client, Client];
});

afterAll(async () => {
  alice.close();
  bob.close();
  await Promise.all(servers.map((server) => server.close()));
});

interface Pair {
  readonly alices: number;
  readonly bobs: number;
}

const identity = (name: string) => ({ identity: utf8(name) });

/** A group of Alice and Bob, each on a server. */
async function pair({ encrypt = false, suite = 1 } = {}): Promise<Pair> {
  const request = { group_id: utf8("pair"), cipher_suite: suite, encrypt_handshake: encrypt };
  const { state_id: alices } = await alice.call("CreateGroup", { ...request, ...identity("alice") });
  const waiting = await bob.call("CreateKeyPackage", { cipher_suite: suite, ...identity("bob") });
  const { transaction_id, key_package } = waiting;
  const by_value = [{ proposal_type: utf8("add"), key_package }];
  const { welcome, ratchet_tree } = await alice.call("Commit", { state_id: alices, by_value });
  expect(ratchet_tree).toHaveLength(0);
  await alice.call("HandlePendingCommit", { state_id: alices });
  const joined = await bob.call("JoinGroup", {
    transaction_id,
    welcome,
    encrypt_handshake: encrypt,
    ...identity("bob"),
  });
  return { alices, bobs: joined.state_id };
}

const proposals = (client: Client, rpc: "UpdateProposal", state_id: number) => client.call(rpc, { state_id });

describe("the RPCs of two servers", () => {
  it("say who they are, and what they can", async () => {
    expect(await alice.call("Name")).toEqual({ name: "copse" });
    expect(await bob.call("SupportedCiphersuites")).toEqual({ ciphersuites: [1, 2, 3, 4, 5, 6, 7] });
    expect(nodeProvider.suites).toHaveLength(7);
  });

  it("give the private keys of a key package in the format of the RFC's test vectors", async () => {
    const suite = nodeProvider.cipherSuite(1);
    const waiting = await alice.call("CreateKeyPackage", { cipher_suite: 1, ...identity("alice") });
    const message = decodeMessage(waiting.key_package);
    if (message.wireFormat !== "mls_key_package") throw new Error("no key package");
    const { initKey, leafNode } = message.keyPackage;
    expect(hex(await suite.kemPublicKey(waiting.init_priv))).toBe(hex(initKey));
    expect(hex(await suite.kemPublicKey(waiting.encryption_priv))).toBe(hex(leafNode.encryptionKey));
    expect(hex(await suite.signaturePublicKey(waiting.signature_priv))).toBe(hex(leafNode.signatureKey));
  });

  it.each([false, true])("commit exactly what is named by reference and by value (encrypted: %s)", async (encrypt) => {
    const { alices, bobs } = await pair({ encrypt });
    const { proposal: first } = await proposals(bob, "UpdateProposal", bobs);
    const { proposal: left } = await alice.call("GroupContextExtensionsProposal", {
      state_id: alices,
      extensions: [{ extension_type: 5, extension_data: Uint8Array.of(0) }],
    });
    expect(decodeMessage(first).wireFormat).toBe(encrypt ? "mls_private_message" : "mls_public_message");
    const made = await alice.call("Commit", { state_id: alices, by_reference: [first] });
    const { epoch_authenticator } = await alice.call("HandlePendingCommit", { state_id: alices });
    expect(made.welcome).toHaveLength(0);
    // Bob never sees the proposal that was left out.
    expect(left).not.toHaveLength(0);
    const request = { state_id: bobs, proposal: [first], commit: made.commit };
    expect((await bob.call("HandleCommit", request)).epoch_authenticator).toEqual(epoch_authenticator);
    expect((await bob.call("StateAuth", { state_id: bobs })).state_auth_secret).toEqual(epoch_authenticator);
  });

  it("take their own commit back through HandleCommit", async () => {
    const { alices, bobs } = await pair();
    const { commit } = await alice.call("Commit", { state_id: alices });
    const own = await alice.call("HandleCommit", { state_id: alices, commit });
    expect(await bob.call("HandleCommit", { state_id: bobs, commit })).toMatchObject({
      epoch_authenticator: own.epoch_authenticator,
    });
  });

  it("have a path where it is forced, and none where it is not needed", async () => {
    const { alices } = await pair();
    const psk = { psk_id: utf8("id"), psk_secret: utf8("secret") };
    await alice.call("StorePSK", { state_or_transaction_id: alices, ...psk });
    const by_value = [{ proposal_type: utf8("externalPSK"), psk_id: psk.psk_id }];
    for (const force_path of [false, true]) {
      const { commit } = await alice.call("Commit", { state_id: alices, by_value, force_path });
      await alice.call("HandlePendingCommit", { state_id: alices });
      const message = decodeMessage(commit);
      if (message.wireFormat !== "mls_public_message") throw new Error("not public");
      const { content } = message.publicMessage.content;
      if (content.type !== "commit") throw new Error("not a commit");
      expect(content.commit.path !== undefined).toBe(force_path);
    }
  });

  it("put the tree of the new epoch beside, and not inside, where it is asked for", async () => {
    const { alices, bobs } = await pair();
    const { transaction_id, key_package } = await bob.call("CreateKeyPackage", {
      cipher_suite: 1,
      ...identity("carol"),
    });
    const by_value = [{ proposal_type: utf8("add"), key_package }];
    const made = await alice.call("Commit", { state_id: alices, by_value, external_tree: true });
    expect(decode(RatchetTreeNodes, new Uint8Array(made.ratchet_tree))).toHaveLength(5);
    const request = { transaction_id, welcome: made.welcome, ...identity("carol") };
    await expect(bob.call("JoinGroup", request)).rejects.toMatchObject({ details: "tree-missing" });
    await bob.call("JoinGroup", { ...request, ratchet_tree: made.ratchet_tree });
    const inside = await bob.call("GroupInfo", { state_id: bobs });
    const outside = await bob.call("GroupInfo", { state_id: bobs, external_tree: true });
    expect(inside.ratchet_tree).toHaveLength(0);
    expect(outside.group_info.length).toBeLessThan(inside.group_info.length);
  });

  it("tell a member that a commit has removed it, with no authenticator", async () => {
    const { alices, bobs } = await pair();
    const { proposal } = await alice.call("RemoveProposal", { state_id: alices, removed_id: utf8("bob") });
    const { commit } = await alice.call("Commit", { state_id: alices, by_reference: [proposal] });
    const gone = await bob.call("HandleCommit", { state_id: bobs, proposal: [proposal], commit });
    expect(gone).toEqual({ state_id: bobs, epoch_authenticator: Buffer.alloc(0) });
    const refused = { code: 9, details: "group-gone" };
    await expect(bob.call("StateAuth", { state_id: bobs })).rejects.toMatchObject(refused);
    await expect(bob.call("Protect", { state_id: bobs })).rejects.toMatchObject(refused);
  });

  it("reinitialize with a single member, who needs no Welcome", async () => {
    const request = { group_id: utf8("alone"), cipher_suite: 1, ...identity("alice") };
    const { state_id } = await alice.call("CreateGroup", request);
    const by_value = [{ proposal_type: utf8("reinit"), group_id: utf8("again"), cipher_suite: 2 }];
    await alice.call("ReInitCommit", { state_id, by_value });
    const { reinit_id } = await alice.call("HandlePendingReInitCommit", { state_id });
    const again = await alice.call("ReInitWelcome", { reinit_id });
    expect(again.welcome).toHaveLength(0);
    const { group_info } = await alice.call("GroupInfo", { state_id: again.state_id });
    const message = decodeMessage(group_info);
    if (message.wireFormat !== "mls_group_info") throw new Error("no GroupInfo");
    expect(message.groupInfo.groupContext).toMatchObject({ cipherSuite: 2, epoch: 1n, groupId: utf8("again") });
  });
});

describe("the descriptor", () => {
  it("names the service and every RPC as the harness does", () => {
    expect(rpcNames).toHaveLength(34);
    for (const rpc of rpcNames) expect(service[rpc]).toMatchObject({ path: `/mls_client.MLSClient/${rpc}` });
  });

  it("numbers fields as the harness does", () => {
    const { requestSerialize, responseDeserialize } = service["ExternalSignerProposal"]!;
    const bytes = requestSerialize({
      signer_id: 1,
      signer_index: 2,
      group_info: Uint8Array.of(3),
      ratchet_tree: Uint8Array.of(4),
      description: {
        proposal_type: utf8("reinit"),
        key_package: Uint8Array.of(6),
        removed_id: Uint8Array.of(7),
        psk_id: Uint8Array.of(8),
        epoch_id: "18446744073709551615",
        extensions: [{ extension_type: 10, extension_data: Uint8Array.of(11) }],
        group_id: Uint8Array.of(12),
        cipher_suite: 13,
      },
    });
    const description = `0a06${hex(utf8("reinit"))}1201061a010722010828ffffffffffffffffff013205080a12010b3a010c400d`;
    expect(hex(bytes)).toBe(`080110021a0103220104` + `2a${(description.length / 2).toString(16)}${description}`);
    expect(responseDeserialize(Buffer.from("0a0105", "hex"))).toEqual({ proposal: Buffer.of(5) });
  });
});
