/**
 * Targets: Group.join, Group.joinExternally and Observer.follow, with Welcomes and GroupInfos that their member has changed
 * and then signed, hashed and encrypted again; and key packages that are added.
 */

import fc from "fast-check";
import { concat } from "../../src/bytes/concat.ts";
import { bytesEqual } from "../../src/bytes/compare.ts";
import { Secret } from "../../src/bytes/secret.ts";
import { decode, encode, type Codec } from "../../src/codec/codec.ts";
import { decryptWithLabel, encryptWithLabel, signWithLabel } from "../../src/crypto/labels.ts";
import { platformRandom } from "../../src/crypto/random.ts";
import { CopseError } from "../../src/errors.ts";
import { Group } from "../../src/group/group.ts";
import { Observer } from "../../src/public-group/observer/observer.ts";
import {
  confirmationTag,
  deriveEpoch,
  deriveWelcomeSecret,
  welcomeKeyAndNonce,
  zeroSecret,
} from "../../src/schedule/key-schedule.ts";
import { RatchetTree } from "../../src/tree/ratchet-tree.ts";
import { GroupContext } from "../../src/wire/group-context.ts";
import { decodeMessage, encodeMessage, MlsMessage } from "../../src/wire/message.ts";
import { RatchetTreeNodes, type Node } from "../../src/wire/ratchet-tree.ts";
import { extensionTypes } from "../../src/wire/registries.ts";
import { groupInfoTbs, GroupInfo, GroupSecrets, type Welcome } from "../../src/wire/welcome.ts";
import { reading } from "../wire/arbitraries.ts";
import { joinKeyPairBound, joinSymmetricBound, keyPairOperations, symmetricOperations } from "./bounds.ts";
import { fieldsOf } from "./fields.ts";
import { hold, outcome, target, type Tally, type Target } from "./harness.ts";
import { anyEdits, mutated, rarely, type Edit } from "./mutation.ts";
import { decodable, pick } from "./receiving.ts";
import { resignedKeyPackage, resignedLeaf } from "./resigning.ts";
import { counting, type CountingSuite } from "../group/counting.ts";
import type { World } from "./world.ts";

/** A Welcome as its receiver opens it. */
interface Opened {
  readonly welcome: Welcome;
  readonly secrets: GroupSecrets;
  readonly groupInfo: GroupInfo;
}

const parts = ["secrets", "context", "tree", "info"] as const;
type Part = (typeof parts)[number];

/** The ways into a group. */
export async function joiningTargets(world: World): Promise<readonly Target[]> {
  const { joiner, options, suite } = world;
  const bundle = joiner.bundle;
  const opened = await open(world);
  const counted = counting(suite);
  const identity = { ...joiner.identity, suite: counted.suite };
  const welcome = fieldsOf(MlsMessage, world.welcome, reading);
  const groupInfo = fieldsOf(MlsMessage, world.groupInfo, reading);
  const tree = fieldsOf(RatchetTreeNodes, world.ratchetTree, reading);
  const keyPackages = world.keyPackages.map((bytes) => fieldsOf(MlsMessage, bytes, reading));
  const external = groupInfoIn(world.groupInfo);
  const join = async (bytes: Uint8Array, tally: Tally, ratchetTree?: Uint8Array): Promise<void> => {
    const beside = ratchetTree === undefined ? {} : { ratchetTree };
    counted.reset();
    const result = await outcome(tally, () =>
      Group.join({ ...options, ...beside, identity, welcome: bytes, keyPackages: [bundle] }),
    );
    checkJoinBounds(counted, bytes.length + (ratchetTree?.length ?? 0));
    hold(!bundle.initPrivateKey.isWiped, "a last resort was wiped");
    if (result.ok) result.value.wipe();
  };
  const enter = async (bytes: Uint8Array, tally: Tally, ratchetTree?: Uint8Array): Promise<void> => {
    const beside = ratchetTree === undefined ? {} : { ratchetTree };
    counted.reset();
    const watching = await outcome(tally, () =>
      Observer.follow({ ...options, ...beside, suite: counted.suite, groupInfo: bytes }),
    );
    checkJoinBounds(counted, bytes.length + (ratchetTree?.length ?? 0));
    const joined = await outcome(tally, () =>
      Group.joinExternally({ ...options, ...beside, identity, groupInfo: bytes }),
    );
    checkJoinBounds(counted, 2 * (bytes.length + (ratchetTree?.length ?? 0)));
    if (joined.ok) (await joined.value.complete()).wipe();
    if (joined.ok) hold(watching.ok, "a group can be joined that an observer refuses");
  };
  const change = fc.record({ part: fc.constantFrom(...parts), edits: anyEdits });
  return [
    target({
      name: "join",
      counts: "others",
      share: 300,
      cases: anyEdits,
      run: (edits, tally) => join(mutated(welcome, edits), tally),
    }),
    target({
      name: "join resigned",
      counts: "others",
      share: 150,
      cases: fc.array(change, { minLength: 1, maxLength: 2 }),
      run: async (changes, tally) => {
        const bytes = await rewrapped(world, opened, changes);
        if (bytes !== undefined) await join(bytes, tally);
      },
    }),
    target({
      name: "enter",
      counts: "others",
      share: 300,
      cases: fc.record({ edits: anyEdits, beside: rarely(anyEdits) }),
      run: ({ edits, beside }, tally) =>
        enter(mutated(groupInfo, edits), tally, beside === null ? undefined : mutated(tree, beside)),
    }),
    target({
      name: "enter resigned",
      counts: "others",
      share: 150,
      cases: fc.record({ changes: fc.array(change, { minLength: 1, maxLength: 2 }), beside: fc.boolean() }),
      run: async ({ changes, beside }, tally) => {
        const changed = await changedGroupInfo(world, external, changes);
        if (changed === undefined) return;
        const bytes = encodeMessage({ wireFormat: "mls_group_info", groupInfo: await signedInfo(world, changed) });
        await enter(bytes, tally, beside ? world.ratchetTree : undefined);
      },
    }),
    target({
      name: "add",
      counts: "others",
      share: 200,
      cases: fc.record({ seed: fc.nat(99), edits: anyEdits, resign: fc.boolean(), bare: fc.boolean() }),
      run: async ({ seed, edits, resign, bare }, tally) => {
        let bytes = mutated(pick(keyPackages, seed), edits);
        const message = resign ? decodable(MlsMessage, bytes) : undefined;
        if (message?.wireFormat === "mls_key_package") {
          const keyPackage = await resignedKeyPackage(world.identities, message.keyPackage);
          bytes = encodeMessage({ wireFormat: "mls_key_package", keyPackage });
        }
        const { victim } = world;
        victim.group.pendingCommit?.drop();
        const before = victim.group.snapshot();
        const add = [bare ? bytes.subarray(4) : bytes];
        const result = await outcome(tally, () => victim.group.commit({ add, pending: "none" }));
        if (result.ok) return victim.renew();
        hold(bytesEqual(victim.group.snapshot(), before), "a refused key package has changed the group");
      },
    }),
  ];
}

function checkJoinBounds({ counts }: CountingSuite, bytes: number): void {
  const [slow, fast] = [keyPairOperations(counts), symmetricOperations(counts)];
  hold(slow <= joinKeyPairBound(bytes), `${slow} key pair operations, ${bytes} bytes`);
  hold(fast <= joinSymmetricBound(bytes), `${fast} symmetric operations, ${bytes} bytes`);
}

async function open({ suite, joiner, welcome: bytes }: World): Promise<Opened> {
  const message = decodeMessage(bytes);
  const bundle = joiner.bundle;
  if (message.wireFormat !== "mls_welcome") throw new TypeError("a Welcome was expected");
  const { welcome } = message;
  const { kemOutput, ciphertext } = welcome.secrets[0]!.encryptedGroupSecrets;
  const plaintext = await bundle.initPrivateKey.use((privateKey) =>
    decryptWithLabel(suite, {
      privateKey,
      label: "Welcome",
      context: welcome.encryptedGroupInfo,
      kemOutput,
      ciphertext,
    }),
  );
  const secrets = decode(GroupSecrets, plaintext);
  const { key, nonce } = welcomeKeys(suite, secrets.joinerSecret);
  const groupInfo = decode(GroupInfo, suite.open(key, nonce, new Uint8Array(0), welcome.encryptedGroupInfo));
  return { welcome, secrets, groupInfo };
}

function welcomeKeys(
  suite: World["suite"],
  joiner: Uint8Array,
): { readonly key: Uint8Array; readonly nonce: Uint8Array } {
  const joinerSecret = Secret.of("joiner_secret", joiner.slice());
  return welcomeKeyAndNonce(
    suite,
    deriveWelcomeSecret(suite, { joinerSecret, pskSecret: zeroSecret("psk_secret", suite) }),
  );
}

interface Change {
  readonly part: Part;
  readonly edits: readonly Edit[];
}

/** The Welcome again, with its confirmation tag, signature and encryption made for what it says now. */
async function rewrapped(
  world: World,
  { welcome, secrets, groupInfo }: Opened,
  changes: readonly Change[],
): Promise<Uint8Array | undefined> {
  const { suite, joiner } = world;
  const changed = await changedGroupInfo(world, groupInfo, changes);
  if (changed === undefined) return undefined;
  let secretBytes: Uint8Array = encode(GroupSecrets, secrets);
  let { joinerSecret } = secrets;
  for (const { part, edits } of changes) {
    if (part !== "secrets") continue;
    secretBytes = mutated(fieldsOf(GroupSecrets, encode(GroupSecrets, secrets)), edits);
    joinerSecret = decodable(GroupSecrets, secretBytes)?.joinerSecret ?? joinerSecret;
  }
  const { epochSecrets } = deriveEpoch(suite, {
    joinerSecret: Secret.of("joiner_secret", joinerSecret.slice()),
    pskSecret: zeroSecret("psk_secret", suite),
    groupContext: encode(GroupContext, changed.groupContext),
  });
  const tag = confirmationTag(suite, epochSecrets.confirmationKey, changed.groupContext.confirmedTranscriptHash);
  const confirmed = {
    ...changed,
    confirmationTag: changes.some(({ part }) => part === "info") ? changed.confirmationTag : tag,
  };
  const { key, nonce } = welcomeKeys(suite, joinerSecret);
  const info = encode(GroupInfo, await signedInfo(world, confirmed));
  const encryptedGroupInfo = suite.seal(key, nonce, new Uint8Array(0), info);
  const encryptedGroupSecrets = await encryptWithLabel(suite, {
    publicKey: joiner.bundle.value.initKey,
    label: "Welcome",
    context: encryptedGroupInfo,
    plaintext: secretBytes,
    random: platformRandom,
  });
  const entry = { newMember: welcome.secrets[0]!.newMember, encryptedGroupSecrets };
  return encodeMessage({ wireFormat: "mls_welcome", welcome: { ...welcome, secrets: [entry], encryptedGroupInfo } });
}

/** A GroupInfo after changes, with the tree hash and the leaf signatures of the tree that it holds then. */
async function changedGroupInfo(
  { suite, identities }: World,
  groupInfo: GroupInfo,
  changes: readonly Change[],
): Promise<GroupInfo | undefined> {
  let info = plain(GroupInfo, groupInfo);
  for (const { part, edits } of changes) {
    if (part === "info") info = changed(GroupInfo, info, edits) ?? info;
    if (part === "context") {
      info = { ...info, groupContext: changed(GroupContext, info.groupContext, edits) ?? info.groupContext };
    }
    if (part !== "tree") continue;
    const inside = info.extensions.find(({ type }) => type === extensionTypes.ratchet_tree)?.data;
    const nodes = inside && decodable(RatchetTreeNodes, inside);
    if (nodes === undefined) continue;
    const bytes = mutated(fieldsOf(RatchetTreeNodes, encode(RatchetTreeNodes, nodes)), edits);
    const decoded = decodable(RatchetTreeNodes, bytes);
    let data = bytes;
    if (decoded !== undefined) {
      const { groupId } = info.groupContext;
      const signed: (Node | undefined)[] = [];
      for (const [i, node] of decoded.entries()) {
        const leafNode = node?.type === "leaf" ? node.leafNode : undefined;
        const position = { groupId, leafIndex: i >> 1 };
        signed.push(
          leafNode === undefined
            ? node
            : { type: "leaf", leafNode: await resignedLeaf(identities, leafNode, position) },
        );
      }
      data = encode(RatchetTreeNodes, signed);
      const treeHash = hashOf(suite, data);
      if (treeHash !== undefined) info = { ...info, groupContext: { ...info.groupContext, treeHash } };
    }
    const extensions = info.extensions.map((extension) =>
      extension.type === extensionTypes.ratchet_tree ? { ...extension, data } : extension,
    );
    info = { ...info, extensions };
  }
  return info;
}

function hashOf(suite: World["suite"], nodes: Uint8Array): Uint8Array | undefined {
  try {
    return RatchetTree.fromNodes(suite, decode(RatchetTreeNodes, nodes)).hash();
  } catch (error) {
    if (error instanceof CopseError) return undefined;
    throw error;
  }
}

/** With the signature of whoever it says has signed it, or else of the one who did. */
async function signedInfo({ members }: World, info: GroupInfo): Promise<GroupInfo> {
  const signer = members[info.signer] ?? members[1]!;
  const unsigned = { ...info, signature: new Uint8Array(0) };
  return { ...info, signature: await signWithLabel(signer.signer, "GroupInfoTBS", groupInfoTbs(unsigned)) };
}

function groupInfoIn(bytes: Uint8Array): GroupInfo {
  const message = decodeMessage(bytes);
  if (message.wireFormat !== "mls_group_info") throw new TypeError("a GroupInfo was expected");
  return message.groupInfo;
}

/** A value without memory of its bytes. */
function plain<T extends object>(codec: Codec<T>, value: T): T {
  return { ...decode(codec, concat(encode(codec, value))) };
}

function changed<T extends object>(codec: Codec<T>, value: T, edits: readonly Edit[]): T | undefined {
  const result = decodable(codec, mutated(fieldsOf(codec, encode(codec, value)), edits));
  return result === undefined ? undefined : { ...result };
}
