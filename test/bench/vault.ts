/**
 * What the vault costs beside its bare parts, in the same run: restoring a history, writing a record, a client that keeps one, and a secret that
 * comes back by a PIN.
 */

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Secret } from "../../src/bytes/secret.ts";
import { utf8 } from "../../src/bytes/text.ts";
import { decode, encode } from "../../src/codec/codec.ts";
import { blindInput, createOprfKey, evaluateBlinded, finalizeEvaluated } from "../../src/crypto/oprf.ts";
import { platformRandom, randomBytes } from "../../src/crypto/random.ts";
import { xchacha20Poly1305Open, xchacha20Poly1305Seal } from "../../src/crypto/symmetric-xchacha.ts";
import { basic, cipherSuite, createIdentity, Group, trustAnyCredential } from "../../src/index.ts";
import { levelStore } from "../../src/storage/level.ts";
import { Entry } from "../../src/vault/entry.ts";
import { sealEdge } from "../../src/vault/history/edge.ts";
import { writeHead } from "../../src/vault/history/head.ts";
import { emptyChain, sealRecords } from "../../src/vault/history/record.ts";
import { restoreHistory } from "../../src/vault/history/restore.ts";
import { localHistory } from "../../src/vault/history/store.ts";
import { memoryRecoveryPort } from "../../src/vault/recovery/port.ts";
import { recover } from "../../src/vault/recovery/recover.ts";
import { register } from "../../src/vault/recovery/register.ts";
import { RecoveryServer } from "../../src/vault/recovery/server.ts";
import { stretch, wasmArgon2id } from "../../src/vault/recovery/stretch.ts";
import { measureHistory } from "./history.ts";
import { figure, type ServerFigure } from "./server-figure.ts";

const account = utf8("mimi://example.org/u/alice");
const device = "mimi://example.org/d/alice/phone";
/** Bytes of a message, as it is kept. */
const contentLength = 200;
const rooms = 100;
/** The records of one upload. */
const upload = 1_000;

interface Measuring {
  readonly rounds: number;
  readonly progress: (text: string) => void;
}

/** All figures. `records` is how long the history is. */
export async function measureVault(
  measuring: Measuring & { readonly records: number },
): Promise<readonly ServerFigure[]> {
  return [
    ...(await measureRestoring(measuring)),
    ...(await measureWriting(measuring)),
    ...(await measureHistory(measuring)),
    ...(await measurePin(measuring)),
  ];
}

/** Milliseconds. */
async function timed(work: () => unknown): Promise<number> {
  const begun = performance.now();
  await work();
  return performance.now() - begun;
}

const entryOf = (i: number) => ({
  room: `mimi://example.org/r/${String(i % rooms)}`,
  at: i,
  content: new Uint8Array(contentLength).fill(i),
});

/** Restoring from a Level store, beside opening and decoding as many records of the same length that are at hand. */
async function measureRestoring({ rounds, progress, records }: Measuring & { readonly records: number }) {
  const root = Secret.of("vault_root", randomBytes(platformRandom, 32));
  const epoch = { number: 1n, authenticator: new Uint8Array(32), root };
  const folder = await mkdtemp(join(tmpdir(), "copse-bench-vault-"));
  const level = await levelStore(folder);
  try {
    const store = localHistory(level);
    let tip = emptyChain;
    progress(`${String(records)} records: writing`);
    for (let from = 0; from < records; from += upload) {
      const entries = Array.from({ length: Math.min(upload, records - from) }, (_, i) => entryOf(from + i));
      const made = sealRecords({ account, epoch, device, tip, entries });
      ({ tip } = made);
      await store.put(made.records);
    }
    await store.putEdge(1n, sealEdge({ account, epoch, before: undefined }));
    const head = writeHead(account, epoch, [{ device, ...tip }]);
    const [key, nonce, beside] = [new Uint8Array(32), new Uint8Array(24), new Uint8Array(200)];
    const inside = new Uint8Array(256);
    inside.set(encode(Entry, entryOf(0)));
    const length = encode(Entry, entryOf(0)).length;
    const sealed = xchacha20Poly1305Seal(key, nonce, beside, inside);
    const [bare, restored, memory]: [number[], number[], number[]] = [[], [], []];
    for (let round = 0; round < rounds; round++) {
      progress(`round ${String(round + 1)}: the bare AEAD`);
      const alone = await timed(() => {
        for (let i = 0; i < records; i++) {
          decode(Entry, xchacha20Poly1305Open(key, nonce, beside, sealed).subarray(0, length));
        }
      });
      bare.push((1000 * records) / alone);
      progress(`round ${String(round + 1)}: restoring`);
      const before = process.memoryUsage.rss();
      let [most, count] = [0, 0];
      const took = await timed(async () => {
        for await (const page of restoreHistory({ store, account, epoch, head })) {
          if (page.findings.length > 0) throw new Error("the history is not whole");
          count += page.records.length;
          most = Math.max(most, process.memoryUsage.rss() - before);
        }
      });
      if (count !== records) throw new Error("the history is not whole");
      restored.push((1000 * records) / took);
      memory.push(most / 1000);
    }
    return [
      figure("vault-bare", "per second", bare, "beside it"),
      figure("vault-restore", "per second", restored, "beside it"),
      figure(
        "vault-restore-ratio",
        "ratio",
        restored.map((each, i) => each / bare[i]!),
        "at least 0.5",
      ),
      figure("vault-restore-memory", "kB", memory, "at most 100,000"),
    ];
  } finally {
    await level.close();
    await rm(folder, { recursive: true, force: true });
  }
}

/** A record, beside sealing the message that it is of and the two batches that store it, in a Level store. */
async function measureWriting({ rounds, progress }: Measuring) {
  const suite = cipherSuite(1);
  const identity = await createIdentity({ suite, credential: basic("alice") });
  const group = await Group.create({ identity, authentication: trustAnyCredential, groupId: utf8("room") });
  const root = Secret.of("vault_root", randomBytes(platformRandom, 32));
  const epoch = { number: 1n, authenticator: new Uint8Array(32), root };
  const folder = await mkdtemp(join(tmpdir(), "copse-bench-vault-"));
  const store = await levelStore(folder);
  const ratios: number[] = [];
  try {
    const messages = 300;
    for (let round = 0; round < rounds; round++) {
      progress(`round ${String(round + 1)}: writing`);
      let [sending, writing] = [0, 0];
      let tip = emptyChain;
      for (let i = 0; i < messages; i++) {
        const entry = entryOf(i);
        sending += await timed(async () => {
          const message = await group.seal(entry.content);
          await store.batch([{ put: ["sent", BigInt(i)], value: message }], { flush: true });
          await store.batch([{ put: ["told", BigInt(i)], value: entry.content }], { flush: true });
        });
        writing += await timed(() => {
          ({ tip } = sealRecords({ account, epoch, device, tip, entries: [entry] }));
        });
      }
      ratios.push(writing / sending);
    }
    return [figure("vault-write", "ratio", ratios, "at most 0.1 of sending")];
  } finally {
    await store.close();
    await rm(folder, { recursive: true, force: true });
  }
}

/** Three of five servers in this process, beside one Argon2id and the evaluations that three answers take. */
async function measurePin({ rounds, progress }: Measuring) {
  const servers = ["a", "b", "c", "d", "e"].map((name) => {
    const server = new RecoveryServer({ port: memoryRecoveryPort(), authorize: () => true });
    return { name, ask: (request: Uint8Array) => server.answer(request) };
  });
  const asking = { servers, account, threshold: 3, proof: () => new Uint8Array(1) };
  const secret = Secret.of("seed", randomBytes(platformRandom, 16));
  const [ratios, recovered]: [number[], number[]] = [[], []];
  for (let round = 0; round < rounds; round++) {
    progress(`round ${String(round + 1)}: a PIN`);
    await register({ ...asking, pin: "271828", secret });
    const alone = await timed(async () => {
      const input = await stretch(wasmArgon2id, "271828", new Uint8Array(16));
      for (let i = 0; i < 3; i++) {
        const key = createOprfKey(platformRandom, utf8("bench"));
        const blinded = blindInput(platformRandom, input);
        finalizeEvaluated(input, blinded, evaluateBlinded(platformRandom, key, blinded.blinded), key.publicKey);
      }
    });
    const took = await timed(() => recover({ ...asking, pin: "271828" }));
    recovered.push(took);
    ratios.push(took / alone);
  }
  return [
    figure("vault-pin", "ms", recovered, "beside it: Argon2id of 64 MiB, 3 passes, 4 lanes"),
    figure("vault-pin-ratio", "ratio", ratios, "at most 2"),
  ];
}
