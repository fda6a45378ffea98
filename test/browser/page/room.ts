/**
 * A chat of participants on one page: a real group, and a worker with the call's engine for each of them.
 */

import { Call } from "../../../src/call/call.ts";
import { workerBackend, type TransformApi } from "../../../src/call/transforms/worker-backend.ts";
import type { TransformBackend } from "../../../src/call/transforms/backend.ts";
import type { EngineEvent } from "../../../src/call/engine/protocol.ts";
import type { WorkerEngineOptions } from "../../../src/call/transforms/messages.ts";
import {
  basic,
  cipherSuite,
  createIdentity,
  createKeyPackage,
  Group,
  trustAnyCredential,
  type LocalIdentity,
} from "../../../src/index.ts";

const suite = cipherSuite(1);
const authentication = trustAnyCredential;

/** How a participant's engine is made, beside the defaults. */
export interface ParticipantOptions extends WorkerEngineOptions {
  readonly api?: TransformApi;
  /** The worker's script. */
  readonly script?: string;
}

/** Somebody in the chat, on a device. */
export class Participant {
  readonly name: string;
  readonly worker: Worker;
  readonly backend: TransformBackend;
  readonly events: EngineEvent[] = [];
  readonly identity: LocalIdentity;
  group: Group | undefined;
  call: Call | undefined;

  constructor(name: string, identity: LocalIdentity, { api, script = "/worker.js", ...options }: ParticipantOptions) {
    this.name = name;
    this.identity = identity;
    this.worker = new Worker(script, { type: "module", name });
    this.backend = workerBackend({ worker: this.worker, ...(api && { api }), ...options });
    this.backend.onEvent((event) => this.events.push(event));
  }

  /** Be in a group, and in its call. */
  enter(group: Group): void {
    this.group = group;
    this.call = new Call({ source: group, backend: this.backend });
  }

  end(): void {
    this.call?.close();
    this.worker.terminate();
  }
}

export async function participant(name: string, options: ParticipantOptions = {}): Promise<Participant> {
  return new Participant(name, await createIdentity({ suite, credential: basic(name) }), options);
}

/** A participant in a group of its own. */
async function host(name: string, options: ParticipantOptions = {}): Promise<Participant> {
  const created = await participant(name, options);
  created.enter(await Group.create({ identity: created.identity, authentication }));
  return created;
}

/** Bring somebody in: the first of the room commits, the others hear of it, each after so many milliseconds. */
export async function join(
  room: readonly [Participant, ...Participant[]],
  newcomer: Participant,
  delay: (participant: Participant) => number = () => 0,
): Promise<void> {
  const [first] = room;
  const bundle = await createKeyPackage({ identity: newcomer.identity });
  const pending = await first.group!.commit({ add: [bundle.keyPackage] });
  await first.group!.apply(pending);
  newcomer.enter(
    await Group.join({
      identity: newcomer.identity,
      authentication,
      welcome: pending.welcome!,
      keyPackages: [bundle],
    }),
  );
  await tell(room.slice(1), pending.commit, delay);
}

/** Have somebody removed. */
export async function remove(room: readonly [Participant, ...Participant[]], leaver: Participant): Promise<void> {
  const [first] = room;
  const pending = await first.group!.commit({ remove: [leaver.group!.self.leafIndex] });
  await first.group!.apply(pending);
  await tell(room.slice(1), pending.commit, () => 0);
}

async function tell(
  others: readonly Participant[],
  commit: Uint8Array,
  delay: (participant: Participant) => number,
): Promise<void> {
  await Promise.all(
    others.map(async (other) => {
      await new Promise((resolve) => setTimeout(resolve, delay(other)));
      await other.group!.receive(commit);
    }),
  );
}

/** A room of so many participants. */
export async function room(
  names: readonly string[],
  options: ParticipantOptions = {},
): Promise<readonly [Participant, ...Participant[]]> {
  const [first, ...rest] = names;
  const all: [Participant, ...Participant[]] = [await host(first!, options)];
  for (const name of rest) {
    const newcomer = await participant(name, options);
    await join(all, newcomer);
    all.push(newcomer);
  }
  return all;
}
