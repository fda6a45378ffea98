/**
 * The primitive operations behind each figure: how often copse asks its cipher suite for each, without a clock.
 */

import { cipherSuite } from "../../src/crypto/choose.ts";
import type { CipherSuite, Signer } from "../../src/crypto/provider.ts";
import { counting, type Counts } from "../group/counting.ts";
import { copsePeer, groupOptions } from "./copse-peer.ts";
import { populated } from "./populated.ts";
import type { RowName } from "./rows.ts";
import { blankWorld, bystanders, plaintext, populatedWorld, victims } from "./worlds.ts";

/** What one row's operation asks for. An HMAC is one of HKDF's two steps, or a tag. */
export interface OperationCounts {
  readonly row: RowName;
  readonly hash: number;
  readonly hmac: number;
  readonly aead: number;
  readonly sign: number;
  readonly verify: number;
  readonly keyPairs: number;
  readonly encap: number;
  readonly decap: number;
}

/** The operations of every row in groups of this size, three members or more. */
export async function countOperations(size: number): Promise<readonly OperationCounts[]> {
  const { suite, counts, reset } = counted();
  const result: OperationCounts[] = [];
  const count = async <Result>(row: RowName, work: () => Result): Promise<Awaited<Result>> => {
    reset();
    const value = await work();
    result.push(summed(row, counts));
    return value;
  };

  const peer = copsePeer(suite);
  const client = await peer.client("the peer");
  const others = await bystanders(size - 1);
  await count("key-package", () => client.keyPackage());
  const creator = await client.create();
  await count("add-many", () => creator.commit({ add: others }));

  const blank = await blankWorld(peer, others.slice(1), { messages: 0, commits: 1, removes: 0 });
  const fresh = await count("join-blank", () => blank.keyPackage.join(blank.welcome));
  await count("commit-create-blank", () => creator.commit());
  await count("commit-process-blank", () => fresh.receive(blank.commits.messages[0]!));

  const base = await populated(cipherSuite(1), size - 1, groupOptions);
  const world = await populatedWorld(peer, base, { messages: 2, commits: 1, removes: 1 });
  const joined = await count("join-populated", () => world.keyPackage.join(world.welcome));
  await count("export", () => joined.export());
  // The first message in each direction also derives the sender's ratchet from the secret tree.
  await joined.seal(plaintext);
  await count("seal", () => joined.seal(plaintext));
  await joined.receive(world.messages[0]!);
  await count("open", () => joined.receive(world.messages[1]!));
  await count("commit-create", () => joined.commit());
  await count("remove-create", () => joined.commit({ remove: victims(size, 1) }));
  const receiver = await world.keyPackage.join(world.welcome);
  await count("commit-process", () => receiver.receive(world.commits.messages[0]!));
  const snapshot = await count("snapshot", () => receiver.snapshot());
  await count("restore", () => receiver.restore(snapshot));
  const remover = await world.keyPackage.join(world.welcome);
  await count("remove-process", () => remover.receive(world.removes.messages[0]!));
  return result;
}

/** The counting suite of the tests, which can't see a signer's signatures, and a counter for these. */
function counted(): ReturnType<typeof counting> {
  const { suite, counts, reset } = counting(cipherSuite(1));
  const signing: CipherSuite = new Proxy(suite, {
    get(target, property) {
      if (property !== "signer") return Reflect.get(target, property) as unknown;
      return async (privateKey: Uint8Array): Promise<Signer> => {
        const signer = await target.signer(privateKey);
        return {
          sign: (message) => {
            counts.sign++;
            return signer.sign(message);
          },
        };
      };
    },
  });
  return { suite: signing, counts, reset };
}

function summed(row: RowName, counts: Counts): OperationCounts {
  const { hash, mac, extract, expand, seal, open, sign, verify, deriveKeyPair, encap, decap } = counts;
  return {
    row,
    hash,
    hmac: mac + extract + expand,
    aead: seal + open,
    sign,
    verify,
    keyPairs: deriveKeyPair,
    encap,
    decap,
  };
}
