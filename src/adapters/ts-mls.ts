/**
 * Calls for who is on ts-mls: an `EpochSource` of its client state. The messenger's MLS stays as it is.
 *
 *     import { mlsExporter } from "ts-mls";
 *     const source = tsMlsSource({ state, cipherSuite, mlsExporter });
 *     const call = new Call({ source, backend });
 *     source.update(newState);   // whenever ts-mls has given a new one
 *
 * Written against ts-mls 1.6 and 2.0: of both, only shapes are known here, and the exporter is the caller's own.
 */

import { anything, bytes, hook, list, options as optionsOf, text, thing, uint32, uint64 } from "../bytes/takes.ts";
import type { EpochMember, EpochSource } from "../call/epoch-source.ts";
import type { Credential } from "../wire/credential.ts";

/** A credential of ts-mls: 1.6 names types, 2.0 numbers them. */
export interface TsMlsCredential {
  readonly credentialType: string | number;
  readonly identity?: Uint8Array;
  readonly certificates?: readonly Uint8Array[];
  readonly data?: Uint8Array;
}

/** What is read of a ts-mls `ClientState`. */
export interface TsMlsState {
  readonly groupContext: { readonly groupId: Uint8Array; readonly epoch: bigint };
  readonly keySchedule: { readonly exporterSecret: Uint8Array; readonly epochAuthenticator: Uint8Array };
  /** Leaves at even places, parents between them, blanks as undefined. */
  readonly ratchetTree: readonly (TsMlsNode | undefined)[];
  readonly privatePath: { readonly leafIndex: number };
  readonly groupActiveState: { readonly kind: string };
}

/** A node of ts-mls' ratchet tree. */
export type TsMlsNode =
  | { readonly leaf: { readonly credential: TsMlsCredential; readonly signaturePublicKey: Uint8Array } }
  | { readonly parent: object };

/** `mlsExporter` of ts-mls. */
export type TsMlsExporter<CipherSuite> = (
  exporterSecret: Uint8Array,
  label: string,
  context: Uint8Array,
  length: number,
  cipherSuite: CipherSuite,
) => Promise<Uint8Array>;

/** What an adapter is made of. */
export interface TsMlsSourceOptions<CipherSuite> {
  /** The client's state. Read until `update` brings the next. */
  readonly state: TsMlsState;
  /** The group's `CiphersuiteImpl`. */
  readonly cipherSuite: CipherSuite;
  readonly mlsExporter: TsMlsExporter<CipherSuite>;
}

/** An `EpochSource` that is told of new states. */
export interface TsMlsSource extends EpochSource {
  /** The client has a new state: the same group, in whichever epoch. Older ones are ignored. */
  update(state: TsMlsState): void;
}

/** An `EpochSource` of a ts-mls client. @throws TypeError where the state's shape is not one that is known. */
export function tsMlsSource<CipherSuite>(options: TsMlsSourceOptions<CipherSuite>): TsMlsSource {
  takenOptions("tsMlsSource", options);
  return new Source(options);
}

const state = thing(
  "a ClientState of ts-mls",
  {
    groupContext: thing("an object", { groupId: bytes, epoch: uint64 }, ["groupId", "epoch"]),
    keySchedule: thing("an object", { exporterSecret: bytes, epochAuthenticator: bytes }, [
      "exporterSecret",
      "epochAuthenticator",
    ]),
    ratchetTree: list(anything),
    privatePath: thing("an object", { leafIndex: uint32 }, ["leafIndex"]),
    groupActiveState: thing("an object", { kind: text }, ["kind"]),
  },
  ["groupContext", "keySchedule", "ratchetTree", "privatePath", "groupActiveState"],
);
const takenOptions = optionsOf(
  { state, cipherSuite: anything, mlsExporter: hook },
  "state",
  "cipherSuite",
  "mlsExporter",
);

class Source<CipherSuite> implements TsMlsSource {
  readonly #cipherSuite: CipherSuite;
  readonly #mlsExporter: TsMlsExporter<CipherSuite>;
  readonly #listeners = new Set<{ readonly listener: () => void }>();
  #state: TsMlsState;

  constructor({ state, cipherSuite, mlsExporter }: TsMlsSourceOptions<CipherSuite>) {
    membersOf(state);
    this.#state = state;
    this.#cipherSuite = cipherSuite;
    this.#mlsExporter = mlsExporter;
  }

  get id(): Uint8Array {
    return new Uint8Array(this.#state.groupContext.groupId);
  }

  get epoch(): bigint {
    return this.#state.groupContext.epoch;
  }

  get self(): Pick<EpochMember, "leafIndex"> {
    return { leafIndex: this.#state.privatePath.leafIndex };
  }

  get members(): Iterable<EpochMember> {
    return membersOf(this.#state);
  }

  /** The smallest power of two that holds every leaf: RFC 9420 section 7.7 cuts the tree to it. */
  get treeWidth(): number {
    const last = this.#state.ratchetTree.findLastIndex((node) => node !== undefined);
    let width = 1;
    while (2 * width - 2 < last) width *= 2;
    return width;
  }

  get epochAuthenticator(): Uint8Array {
    return new Uint8Array(this.#state.keySchedule.epochAuthenticator);
  }

  get isGone(): boolean {
    return this.#state.groupActiveState.kind === "removedFromGroup";
  }

  async exportSecret(label: string, context: Uint8Array, length: number): Promise<Uint8Array> {
    // a copy: ts-mls overwrites what an epoch leaves behind, and may do so before its exporter has read it
    const exporterSecret = new Uint8Array(this.#state.keySchedule.exporterSecret);
    try {
      return await this.#mlsExporter(exporterSecret, label, context, length, this.#cipherSuite);
    } finally {
      exporterSecret.fill(0);
    }
  }

  onEpoch(listener: () => void): () => void {
    hook("listener", listener);
    const entry = { listener };
    this.#listeners.add(entry);
    return () => {
      this.#listeners.delete(entry);
    };
  }

  update(next: TsMlsState): void {
    state("state", next);
    membersOf(next);
    const { epoch, isGone } = this;
    if (isGone || next.groupContext.epoch < epoch) return;
    this.#state = next;
    if (next.groupContext.epoch === epoch && !this.isGone) return;
    for (const { listener } of [...this.#listeners]) listener();
  }
}

/** The members of a state, by leaf. */
function membersOf({ ratchetTree }: TsMlsState): readonly EpochMember[] {
  return ratchetTree.flatMap((node, index) => {
    if (index % 2 !== 0 || node === undefined) return [];
    if (!("leaf" in node)) throw new TypeError("not a ratchet tree of ts-mls 1.6 or 2.0");
    const { credential, signaturePublicKey } = node.leaf;
    return [
      { leafIndex: index / 2, credential: credentialOf(credential), signatureKey: new Uint8Array(signaturePublicKey) },
    ];
  });
}

function credentialOf({ credentialType, identity, certificates, data }: TsMlsCredential): Credential {
  if (identity !== undefined) return { type: "basic", identity: new Uint8Array(identity) };
  if (certificates !== undefined) {
    return { type: "x509", certificates: certificates.map((certificate) => new Uint8Array(certificate)) };
  }
  const type = Number(credentialType);
  if (data === undefined || !Number.isInteger(type)) throw new TypeError("not a credential of ts-mls 1.6 or 2.0");
  return { type, data: new Uint8Array(data) };
}
