/**
 * Ways into a group and out of the server's memory: CreateGroup, CreateKeyPackage, JoinGroup, ExternalJoin, Free.
 */

import { status } from "@grpc/grpc-js";
import type { Secret } from "../../../src/bytes/secret.ts";
import type { CipherSuite } from "../../../src/crypto/provider.ts";
import { Group } from "../../../src/group/group.ts";
import { OwnKeyPackage } from "../../../src/group/joining/key-package-bundle.ts";
import { Observer } from "../../../src/public-group/observer/observer.ts";
import type { GroupContext } from "../../../src/wire/group-context.ts";
import { decodeMessage } from "../../../src/wire/message.ts";
import type { Given, Handlers, Message } from "./descriptor.ts";
import { PskStore, suiteOf, type Memory, type Transaction } from "./memory.ts";
import { findMember, State } from "./state.ts";
import { Refusal, refuse } from "./status.ts";

type Joining = Handlers<"CreateGroup" | "CreateKeyPackage" | "JoinGroup" | "ExternalJoin" | "Free">;

export function joining(memory: Memory): Joining {
  return {
    CreateGroup: async ({ group_id, cipher_suite, encrypt_handshake, identity: name }) => {
      const identity = await memory.identity(suiteOf(cipher_suite), name);
      const psks = new PskStore();
      const options = memory.options(psks, encrypt_handshake);
      const group = await Group.create({ ...options, identity, groupId: group_id });
      return { state_id: memory.states.add(new State({ group, identity, psks, options })) };
    },

    CreateKeyPackage: async ({ cipher_suite, identity }) => {
      const transaction = await memory.transaction(suiteOf(cipher_suite), identity);
      return {
        transaction_id: memory.transactions.add(transaction),
        key_package: transaction.bundle.keyPackage,
        ...privateKeysOf(transaction),
      };
    },

    JoinGroup: async ({ transaction_id, welcome, encrypt_handshake, ratchet_tree }) => {
      const { identity, bundle, psks } = memory.transactions.get(transaction_id);
      const options = memory.options(psks, encrypt_handshake);
      const group = await Group.join({ ...options, identity, welcome, keyPackages: [bundle], ...beside(ratchet_tree) });
      memory.transactions.release(transaction_id);
      const state = new State({ group, identity, psks, options });
      return { state_id: memory.states.add(state), epoch_authenticator: state.epochAuthenticator };
    },

    ExternalJoin: async (request) => {
      const { suite } = groupOf(request.group_info);
      const identity = await memory.identity(suite, request.identity);
      const psks = new PskStore();
      for (const { psk_id, psk_secret } of request.psks) psks.set(psk_id, psk_secret);
      const options = memory.options(psks, request.encrypt_handshake);
      const { commit, complete } = await Group.joinExternally({
        ...options,
        ...(request.remove_prior ? { replace: await priorLeaf(memory, suite, request) } : {}),
        ...beside(request.ratchet_tree),
        identity,
        groupInfo: request.group_info,
        inject: request.psks.map(({ psk_id }) => ({ type: "external", pskId: psk_id })),
      });
      const state = new State({ group: await complete(), identity, psks, options });
      return { state_id: memory.states.add(state), commit, epoch_authenticator: state.epochAuthenticator };
    },

    // What had this number may be forgotten already: then there is nothing left to free.
    Free: ({ state_id }) => {
      if (!memory.numbers.has(state_id)) return Promise.reject(new Refusal(status.NOT_FOUND, "no such state"));
      memory.states.end(state_id);
      return Promise.resolve({});
    },
  };
}

/** The private keys that the harness wants beside a key package, in the format of RFC 9420's test vectors. */
export function privateKeysOf({
  identity,
  bundle,
}: Transaction): Pick<Given<"CreateKeyPackageResponse">, "init_priv" | "encryption_priv" | "signature_priv"> {
  if (!(bundle instanceof OwnKeyPackage)) throw new TypeError("a key package bundle of another engine");
  const bytesOf = (secret: Secret<string>): Uint8Array => secret.use((bytes) => bytes.slice());
  return {
    init_priv: bytesOf(bundle.initPrivateKey),
    encryption_priv: bytesOf(bundle.leafPrivateKey),
    signature_priv: bytesOf(identity.privateKey),
  };
}

/** The group of a GroupInfo, which nothing vouches for yet. */
export function groupOf(groupInfo: Uint8Array): { readonly context: GroupContext; readonly suite: CipherSuite } {
  const message = decodeMessage(groupInfo);
  if (message.wireFormat !== "mls_group_info") refuse("not a GroupInfo");
  const context = message.groupInfo.groupContext;
  return { context, suite: suiteOf(context.cipherSuite) };
}

/** A ratchet tree beside a message: no bytes mean that it is inside. */
export function beside(tree: Uint8Array): { readonly ratchetTree?: Uint8Array } {
  return tree.length === 0 ? {} : { ratchetTree: tree };
}

/** The leaf that the joiner had before: that of its name. */
async function priorLeaf(memory: Memory, suite: CipherSuite, request: Message<"ExternalJoinRequest">): Promise<number> {
  const observer = await Observer.follow({
    ...memory.options(new PskStore(), false),
    ...beside(request.ratchet_tree),
    suite,
    groupInfo: request.group_info,
  });
  return findMember(observer.members, request.identity).leafIndex;
}
