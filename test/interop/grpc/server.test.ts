import { spawn } from "node:child_process";
import { once } from "node:events";
import { status } from "@grpc/grpc-js";
import fc from "fast-check";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { hex, utf8 } from "../../../src/bytes/text.ts";
import { errorCodes } from "../../../src/errors.ts";
import { Client } from "./client.ts";
import { messages, rpcNames, rpcs, type MessageName } from "./descriptor.ts";
import { serve, type InteropServer } from "./server.ts";

let server: InteropServer;
let client: Client;

beforeAll(async () => {
  server = await serve({ limit: 8 });
  client = new Client(server.address);
});
afterAll(async () => {
  client.close();
  await server.close();
});
beforeEach(() => server.memory.clear());

const create = async (): Promise<number> => {
  const request = { group_id: utf8("group"), cipher_suite: 1, identity: utf8("alice") };
  return (await client.call("CreateGroup", request)).state_id;
};

describe("what a server refuses", () => {
  it("has a status of gRPC's, and the code of the rule", async () => {
    const state_id = await create();
    const { group_info } = await client.call("GroupInfo", { state_id });
    const { signer_id } = await client.call("CreateExternalSigner", { cipher_suite: 1 });
    const description = { proposal_type: utf8("remove"), removed_id: utf8("alice") };
    const { ciphertext } = await client.call("Protect", { state_id });
    const { transaction_id } = await client.call("CreateKeyPackage", { cipher_suite: 1 });
    const invalid = status.INVALID_ARGUMENT;
    const unready = status.FAILED_PRECONDITION;
    const unknown = status.NOT_FOUND;
    for (const [asked, code, details] of [
      [() => client.call("CreateGroup", { cipher_suite: 99 }), invalid, "suite-unsupported"],
      [() => client.call("JoinGroup", { transaction_id: 4_000 }), unknown, "no such transaction"],
      [() => client.call("JoinGroup", { transaction_id, welcome: utf8("?!") }), invalid, "decode-version"],
      [() => client.call("ExternalJoin", { group_info: ciphertext }), invalid, "not a GroupInfo"],
      [() => client.call("ExternalJoin", { group_info, remove_prior: true }), unknown, "no such member"],
      [() => client.call("StateAuth", { state_id: 0 }), unknown, "no such state"],
      [() => client.call("Free", { state_id: 4_000 }), unknown, "no such state"],
      [() => client.call("StorePSK", {}), unknown, "no such state"],
      [() => client.call("Export", { state_id, key_length: 9_000 }), invalid, "key_length is more than the KDF gives"],
      [() => client.call("Unprotect", { state_id, ciphertext: group_info }), invalid, "not an application message"],
      [() => client.call("Unprotect", { state_id, ciphertext }), unready, "own message"],
      [() => client.call("AddProposal", { state_id, key_package: utf8("?") }), invalid, "decode-truncated"],
      [() => client.call("RemoveProposal", { state_id, removed_id: utf8("mallory") }), unknown, "no such member"],
      [() => client.call("ExternalPSKProposal", { state_id: 0 }), unknown, "no such state"],
      [() => client.call("Commit", { state_id, by_reference: [ciphertext] }), invalid, "not a proposal"],
      [() => client.call("Commit", { state_id, by_value: [{}] }), invalid, "unknown proposal_type"],
      [() => client.call("Commit", { state_id, by_value: [description] }), invalid, "commit-self-remove"],
      [
        () => client.call("Commit", { state_id, by_value: [{ proposal_type: utf8("externalPSK") }] }),
        unready,
        "psk-not-found",
      ],
      [() => client.call("HandleCommit", { state_id, commit: ciphertext }), invalid, "not a commit"],
      [() => client.call("HandlePendingCommit", { state_id }), unready, "pending-stale"],
      [() => client.call("ReInitCommit", { state_id }), invalid, "not a ReInit"],
      [() => client.call("HandlePendingReInitCommit", { state_id }), unready, "pending-stale"],
      [() => client.call("ReInitWelcome", {}), unknown, "no such reinit"],
      [() => client.call("HandleBranch", { state_id }), unknown, "no such transaction"],
      [() => client.call("ExternalSignerProposal", { signer_id, group_info }), invalid, "no description"],
      [
        () => client.call("ExternalSignerProposal", { signer_id, group_info, description }),
        unready,
        "external-sender-unknown",
      ],
    ] as const) {
      await expect(asked(), details).rejects.toMatchObject({ code, details });
    }
    // And after all of this, the group is as it was.
    await client.call("Commit", { state_id });
    await client.call("HandlePendingCommit", { state_id });
  });

  it("is any garbage, in any field of any RPC, and the server lives on", async () => {
    const state_id = await create();
    const known = new Set([...Object.keys(errorCodes)]);
    const value = (type: string): fc.Arbitrary<unknown> => {
      if (type.endsWith("[]")) return fc.array(value(type.slice(0, -2)), { maxLength: 3 });
      if (type === "bytes") return fc.uint8Array({ maxLength: 40 });
      if (type === "string") return fc.string();
      if (type === "bool") return fc.boolean();
      if (type === "uint64") return fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }).map(String);
      if (type === "uint32") return fc.oneof(fc.constant(state_id), fc.nat({ max: 8 }), fc.nat({ max: 0xffff_ffff }));
      return message(type as MessageName);
    };
    const message = (name: MessageName): fc.Arbitrary<object> => {
      const fields = Object.entries(messages[name] as Readonly<Record<string, readonly [number, string]>>);
      const values = fields.map(([field, [, type]]) => [field, value(type)] as const);
      return fc.record(Object.fromEntries(values), { requiredKeys: [] });
    };
    const call = fc.constantFrom(...rpcNames).chain((rpc) => fc.tuple(fc.constant(rpc), message(rpcs[rpc][0])));
    const sample = fc.asyncProperty(call, async ([rpc, request]) => {
      try {
        await client.call(rpc, request);
      } catch (error) {
        const { code, details } = error as { readonly code: status; readonly details: string };
        expect([status.INVALID_ARGUMENT, status.FAILED_PRECONDITION, status.NOT_FOUND]).toContain(code);
        expect(known.has(details) || /^[\w ]{5,60}$/.test(details)).toBe(true);
      }
    });
    await fc.assert(sample, { numRuns: 400 });
    expect(await client.call("Name")).toEqual({ name: "copse" });
  });

  it("says nothing of secrets", async () => {
    const state_id = await create();
    const psk_secret = utf8("a secret that is nobody's business");
    await client.call("StorePSK", { state_or_transaction_id: state_id, psk_id: utf8("id"), psk_secret });
    const error = await client.call("Commit", { state_id, by_value: [{ proposal_type: psk_secret }] }).catch(String);
    expect(error).not.toContain("nobody");
    expect(error).not.toContain(hex(psk_secret));
  });
});

describe("a server ends", () => {
  it("while clients are connected", async () => {
    const ending = await serve();
    const connected = new Client(ending.address);
    await connected.call("Name");
    await ending.close();
    await expect(connected.call("Name")).rejects.toMatchObject({ code: status.UNAVAILABLE });
    connected.close();
  });

  it("as a process, on SIGTERM, having said where it listens", async () => {
    const child = spawn(process.execPath, ["test/checks/interop-server.js", "--port", "0"]);
    const ended = once(child, "exit");
    const [line] = (await once(child.stdout.setEncoding("utf8"), "data")) as [string];
    const [address] = /127\.0\.0\.1:\d+/.exec(line) ?? [""];
    const connected = new Client(address);
    expect(await connected.call("Name")).toEqual({ name: "copse" });
    connected.close();
    child.kill("SIGTERM");
    expect(await ended).toEqual([0, null]);
  });
});

describe("what a server remembers", () => {
  it("is bounded: what was used longest ago goes, and can still be freed", async () => {
    const ids: number[] = [];
    for (let n = 0; n < 8; n++) ids.push(await create());
    await client.call("StateAuth", { state_id: ids[0]! });
    ids.push(await create());
    expect(server.memory.states.size).toBe(8);
    await client.call("StateAuth", { state_id: ids[0]! });
    const gone = { state_id: ids[1]! };
    await expect(client.call("StateAuth", gone)).rejects.toMatchObject({ code: status.NOT_FOUND });
    await client.call("Free", gone);
  });

  it("is freed with its secrets", async () => {
    const state_id = await create();
    const { group } = server.memory.states.get(state_id);
    await client.call("Free", { state_id });
    expect(group.isGone).toBe(true);
    await expect(client.call("Protect", { state_id })).rejects.toMatchObject({ code: status.NOT_FOUND });
    await client.call("Free", { state_id });
  });

  it("has a number of its own, whatever it is", async () => {
    const { transaction_id } = await client.call("CreateKeyPackage", { cipher_suite: 1 });
    const { signer_id } = await client.call("CreateExternalSigner", { cipher_suite: 1 });
    const ids = [await create(), transaction_id, signer_id, await create()];
    expect(new Set(ids).size).toBe(4);
    expect(ids).not.toContain(0);
  });
});
