/**
 * Histories in memory.
 */

import { bytesEqual } from "../../bytes/compare.ts";
import { copyBytes } from "../../bytes/copy.ts";
import type { HistoriesPort, HistoryEdgeWrite, HistoryWrite, HistoryWritten } from "../port.ts";
import type { Sync } from "./sync.ts";

interface History {
  readonly chains: Map<string, Map<bigint, Uint8Array>>;
  readonly edges: Map<bigint, Uint8Array>;
  bytes: number;
}

export class MemoryHistories implements Sync<HistoriesPort> {
  readonly #histories = new Map<string, History>();
  readonly #ended = new Set<string>();

  put({ user, chain, position, records, most }: HistoryWrite): HistoryWritten {
    const history = this.#of(user);
    const places = history.chains.get(chain) ?? new Map<bigint, Uint8Array>();
    return this.#add(
      history,
      user,
      places,
      new Map(records.map((each, i) => [position + BigInt(i), each])),
      most,
      () => {
        history.chains.set(chain, places);
      },
    );
  }

  read(user: string, chain: string, below: bigint, limit: number, bytes: number): readonly Uint8Array[] {
    const places = this.#histories.get(user)?.chains.get(chain) ?? new Map<bigint, Uint8Array>();
    const wanted = [...places].filter(([position]) => position < below).sort(([a], [b]) => (a < b ? 1 : -1));
    const records: Uint8Array[] = [];
    let size = 0;
    for (const [, record] of wanted) {
      if (records.length >= limit || size >= bytes) break;
      records.push(record);
      size += record.length;
    }
    return records;
  }

  putEdge({ user, epoch, edge, most }: HistoryEdgeWrite): HistoryWritten {
    const history = this.#of(user);
    return this.#add(history, user, history.edges, new Map([[epoch, edge]]), most);
  }

  edge(user: string, epoch: bigint): Uint8Array | undefined {
    return this.#histories.get(user)?.edges.get(epoch);
  }

  end(user: string): void {
    this.#histories.delete(user);
    this.#ended.add(user);
  }

  #add(
    history: History,
    user: string,
    places: Map<bigint, Uint8Array>,
    given: ReadonlyMap<bigint, Uint8Array>,
    most: number,
    first: () => void = () => undefined,
  ): HistoryWritten {
    const fresh = [...given].filter(([at]) => !places.has(at));
    if ([...given].some(([at, bytes]) => places.has(at) && !bytesEqual(places.get(at)!, bytes))) return "fork";
    const bytes = fresh.reduce((sum, [, each]) => sum + each.length, history.bytes);
    if (fresh.length > 0 && (bytes > most || this.#ended.has(user))) return "full";
    first();
    for (const [at, each] of fresh) places.set(at, copyBytes(each));
    history.bytes = bytes;
    this.#histories.set(user, history);
    return "kept";
  }

  #of(user: string): History {
    return this.#histories.get(user) ?? { chains: new Map(), edges: new Map(), bytes: 0 };
  }
}
