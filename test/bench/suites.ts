/**
 * `npm run bench -- --suites`: what a commit costs in each cipher suite under each provider, beside what its operations
 * with key pairs cost alone.
 *
 * Measured is the processor time of the whole process, on all its threads: WebCrypto works on others, and what else the
 * machine does has no part in it.
 */

import { cipherSuites } from "../../src/crypto/suites/cipher-suites.ts";
import { nobleProvider } from "../../src/crypto/noble.ts";
import { nodeProvider } from "../../src/crypto/node.ts";
import type { CipherSuite } from "../../src/crypto/provider.ts";
import { platformRandom } from "../../src/crypto/random.ts";
import { webProvider } from "../../src/crypto/web.ts";
import { counting, type Counts } from "../group/counting.ts";
import { settleMemory } from "./clock.ts";
import { groupOptions } from "./copse-peer.ts";
import { populated, type Populated } from "./populated.ts";
import { median } from "./rows.ts";
import type { Table } from "./table.ts";

/** What one suite costs under one provider, in milliseconds of processor time. */
export interface SuiteFigure {
  readonly suite: number;
  readonly provider: string;
  readonly create: number;
  readonly process: number;
  /** The same, for the operations with key pairs alone: how many there are, times what one costs. */
  readonly createKeys: number;
  readonly processKeys: number;
}

export interface SuitesOptions {
  readonly size: number;
  readonly progress: (text: string) => void;
}

const providers = [nodeProvider, webProvider, nobleProvider];
const runs = 9;

export async function measureSuites({ size, progress }: SuitesOptions): Promise<readonly SuiteFigure[]> {
  const figures: SuiteFigure[] = [];
  for (const { id } of cipherSuites) {
    progress(`suite ${id}: populating a tree of ${size}`);
    const world = await populated(nodeProvider.cipherSuite(id), size, groupOptions);
    for (const provider of providers) {
      progress(`suite ${id}, ${provider.name}`);
      settleMemory();
      figures.push({
        suite: id,
        provider: provider.name,
        ...(await measureCommits(world, provider.cipherSuite(id))),
      });
    }
  }
  return figures;
}

/** Commits of the first member that the last one processes: their lowest common ancestor is the root. */
async function measureCommits(world: Populated, suite: CipherSuite): Promise<Omit<SuiteFigure, "suite" | "provider">> {
  const costs = await operationCosts(suite);
  const [own, others] = [counting(suite), counting(suite)];
  const committer = await world.member(0, own.suite);
  const receiver = await world.member(world.size - 1, others.suite);
  receiver.ratchetTree(); // the tree is hashed once when it is restored, not by the commit
  const times = { create: [] as number[], process: [] as number[] };
  for (let run = 0; run < runs; run++) {
    own.reset();
    others.reset();
    const [pending, create] = await processorTime(() => committer.commit());
    const [, taken] = await processorTime(() => receiver.receive(pending.commit));
    await committer.apply(pending);
    if (run === 0) continue; // the first one loads and compiles
    times.create.push(create);
    times.process.push(taken);
  }
  return {
    create: median(times.create),
    process: median(times.process),
    // the counting suite does not see a signer's work: a commit has two signatures, of the leaf and of the message
    createKeys: sum({ ...own.counts, sign: 2 }, costs),
    processKeys: sum(others.counts, costs),
  };
}

const operations = ["sign", "verify", "deriveKeyPair", "encap", "decap"] as const;

type Costs = Readonly<Record<(typeof operations)[number], number>>;

function sum(counts: Counts, costs: Costs): number {
  return operations.reduce((total, name) => total + counts[name] * costs[name], 0);
}

/** What one operation costs when nothing else is done. Public keys are new each time, as a commit's are. */
async function operationCosts(suite: CipherSuite): Promise<Costs> {
  const random = platformRandom;
  const message = random(400);
  const signature = await suite.generateSignatureKeyPair(random);
  const signer = await suite.signer(signature.privateKey);
  const signed = await signer.sign(message);
  const pair = await suite.deriveKeyPair(random(suite.hashLength));
  const { enc } = await suite.encap(pair.publicKey, random);
  return {
    sign: await cost(() => signer.sign(message)),
    verify: await cost(() => suite.verify({ publicKey: signature.publicKey.slice(), message, signature: signed })),
    deriveKeyPair: await cost(() => suite.deriveKeyPair(random(suite.hashLength))),
    encap: await cost(() => suite.encap(pair.publicKey.slice(), random)),
    decap: await cost(() => suite.decap(enc.slice(), pair.privateKey, pair.publicKey)),
  };
}

/** The median of some rounds of ten. */
async function cost(work: () => unknown): Promise<number> {
  const rounds: number[] = [];
  for (let round = 0; round < 7; round++) {
    const [, spent] = await processorTime(async () => {
      for (let i = 0; i < 10; i++) await work();
    });
    if (round > 1) rounds.push(spent / 10);
  }
  return median(rounds);
}

async function processorTime<T>(work: () => Promise<T>): Promise<readonly [T, number]> {
  const before = process.cpuUsage();
  const result = await work();
  const { user, system } = process.cpuUsage(before);
  return [result, (user + system) / 1000];
}

/** A line a suite: for each provider what it costs to create and to process, and the key pairs' part in brackets. */
export function suitesTable(size: number, figures: readonly SuiteFigure[]): Table {
  const cell = (whole: number, keys: number): string => `${shown(whole)} (${shown(keys)})`;
  return {
    title: `A commit at ${size} members, in ms of processor time (of which operations with key pairs)`,
    header: ["suite", ...providers.flatMap(({ name }) => [`${name}, create`, `${name}, process`])],
    lines: cipherSuites.map(({ id, signature, dh }) => [
      `${id}: ${dh}, ${signature}`,
      ...providers.flatMap(({ name }) => {
        const found = figures.find(({ suite, provider }) => suite === id && provider === name);
        if (found === undefined) return ["", ""];
        return [cell(found.create, found.createKeys), cell(found.process, found.processKeys)];
      }),
    ]),
  };
}

function shown(milliseconds: number): string {
  return milliseconds.toPrecision(milliseconds < 100 ? 2 : 3);
}
