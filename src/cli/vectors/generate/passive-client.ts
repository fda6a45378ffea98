/**
 * Passive client scenarios of our own: a client that joins by a Welcome, and follows.
 */

import { hex } from "../../../bytes/text.ts";
import type { CipherSuite } from "../../../crypto/provider.ts";
import { randomBytes, platformRandom } from "../../../crypto/random.ts";
import { Party, person, personFields, psk, type PersonFields, type RecordedEpoch, type Step } from "./people.ts";

/** An entry of a passive-client file. */
export interface PassiveClient extends PersonFields {
  readonly cipher_suite: number;
  readonly external_psks: readonly { readonly psk_id: string; readonly psk: string }[];
  readonly welcome: string;
  readonly ratchet_tree: string | null;
  readonly initial_epoch_authenticator: string;
  readonly epochs: readonly RecordedEpoch[];
}

/** How a scenario begins. */
interface Beginning {
  readonly handshake?: "public" | "private";
  /** Whether the tree is beside the Welcome. Default: within. */
  readonly treeBeside?: boolean;
  /** Whether the Welcome asks for a PSK. Default false. */
  readonly withPsk?: boolean;
  /** Whether the tree has keys above its leaves. Default false. */
  readonly withPath?: boolean;
}

const injected = { type: "external", pskId: psk.id } as const;

/** A client who joins a group of four, and whatever happens then. */
async function scenario(
  suite: CipherSuite,
  beginning: Beginning,
  happen: (party: Party) => AsyncIterable<RecordedEpoch> = nothing,
): Promise<PassiveClient> {
  const party = await Party.of(suite, 4, beginning.handshake);
  if (beginning.withPath === true) for (const by of [1, 2, 3, 0]) await party.step({ by, commit: { path: true } });
  const passive = await person(suite, "passive client");
  const fields = personFields(passive);
  const inside = beginning.treeBeside !== true;
  const { welcome, epoch_authenticator } = await party.commit({
    by: 0,
    joining: [passive],
    commit: {
      path: beginning.withPath === true,
      welcome: { ratchetTree: inside },
      psks: beginning.withPsk === true ? [injected] : [],
    },
  });
  if (welcome === undefined) throw new TypeError("nobody is welcomed");
  const ratchetTree = inside ? null : hex(party.member(0).ratchetTree());
  const epochs: RecordedEpoch[] = [];
  for await (const epoch of happen(party)) epochs.push(epoch);
  return {
    cipher_suite: suite.id,
    external_psks: [{ psk_id: hex(psk.id), psk: hex(psk.key) }],
    ...fields,
    welcome: hex(welcome),
    ratchet_tree: ratchetTree,
    initial_epoch_authenticator: epoch_authenticator,
    epochs,
  };
}

async function* nothing(): AsyncIterable<RecordedEpoch> {}

/** Entries of passive-client-welcome.json: the ways to begin. */
export async function passiveClientWelcome(suite: CipherSuite): Promise<readonly PassiveClient[]> {
  const beginnings = [
    {},
    { treeBeside: true },
    { withPsk: true },
    { withPath: true },
    { withPath: true, withPsk: true },
  ];
  return Promise.all(beginnings.map((beginning) => scenario(suite, beginning)));
}

/** Entries of passive-client-handling-commit.json: one change each, by value and by reference, public and private. */
export async function passiveClientHandlingCommit(suite: CipherSuite): Promise<readonly PassiveClient[]> {
  const newcomer = async (): Promise<Uint8Array> => (await person(suite, "newcomer")).bundle.keyPackage;
  const steps: readonly (() => Step | Promise<Step>)[] = [
    () => ({ by: 0, commit: { path: true } }),
    async () => ({ by: 1, commit: { add: [await newcomer()] } }),
    async () => ({ proposals: [{ by: 2, change: { add: await newcomer() } }], by: 1 }),
    () => ({ by: 0, commit: { remove: [1] } }),
    () => ({ proposals: [{ by: 2, change: { remove: 1 } }], by: 0 }),
    () => ({ proposals: [{ by: 2, change: { update: {} } }], by: 1 }),
    () => ({ by: 3, commit: { psks: [injected] } }),
    () => ({ proposals: [{ by: 3, change: { psk: injected } }], by: 2 }),
    async () => ({
      proposals: [
        { by: 1, change: { update: {} } },
        { by: 2, change: { add: await newcomer() } },
        { by: 3, change: { remove: 2 } },
        { by: 3, change: { psk: injected } },
      ],
      by: 0,
    }),
  ];
  const entries: PassiveClient[] = [];
  for (const [index, make] of steps.entries()) {
    const handshake = index % 2 === 0 ? "public" : "private";
    entries.push(
      await scenario(suite, { handshake, withPath: true }, async function* (party) {
        yield await party.step(await make());
      }),
    );
  }
  entries.push(
    await scenario(suite, {}, async function* (party) {
      yield await party.joinExternally("newcomer");
    }),
  );
  return entries;
}

/** The entry of passive-client-random.json: a history in which chance decides what happens, and who does it. */
export async function passiveClientRandom(suite: CipherSuite, length: number): Promise<readonly PassiveClient[]> {
  const entry = await scenario(suite, {}, async function* (party) {
    for (let round = 0; round < length; round++) yield await randomEpoch(party, round);
  });
  return [entry];
}

async function randomEpoch(party: Party, round: number): Promise<RecordedEpoch> {
  const by = below(party.members.length);
  const newcomer = await person(party.suite, `newcomer ${round}`);
  switch (below(6)) {
    case 0:
      return party.step({ by, joining: [newcomer] });
    case 1:
      return party.joinExternally(`newcomer ${round}`);
    case 2:
      return party.step({ by, commit: { psks: [injected] } });
    case 3: {
      // Never the committer, and never the client that listens.
      const others = party.members.filter((_, place) => place !== by && place > 1);
      const removed = others[below(others.length)];
      const remove = removed === undefined ? [] : [removed.self.leafIndex];
      return party.step({ by, commit: { remove, path: true }, joining: [newcomer] });
    }
    case 4: {
      const updating = (by + 1) % party.members.length;
      return party.step({ by, proposals: [{ by: updating, change: { update: {} } }] });
    }
    default:
      return party.step({ by, commit: { path: true } });
  }
}

/** A number of 0 to less than this, by chance. */
function below(bound: number): number {
  return bound === 0 ? 0 : new DataView(randomBytes(platformRandom, 4).buffer).getUint32(0) % bound;
}
