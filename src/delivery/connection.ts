/**
 * A device's connection to the service: each request is checked for its form, its rate and who may make it at all, and goes to the
 * part that answers it.
 */

import type { Bytes } from "../bytes/bytes.ts";
import { copyBytes } from "../bytes/copy.ts";
import { hook } from "../bytes/takes.ts";
import { downloadPart, uploadPart } from "./blobs.ts";
import { callServers } from "./call-servers.ts";
import type { Caller, Core } from "./core.ts";
import type * as D from "./delivery.ts";
import { claimKeyPackages, publishKeyPackages } from "./devices/key-packages.ts";
import { acknowledgeQueue, queueOf, sendParcel } from "./devices/queue.ts";
import { DeliveryError } from "./errors.ts";
import type { RateName } from "./rates.ts";
import { requestTakes, untilAborted, type RequestName } from "./requests.ts";
import { publish } from "./rooms/accept.ts";
import { complain, confirmEpoch } from "./rooms/confirm.ts";
import { createRoom } from "./rooms/create.ts";
import { acknowledge, changedRooms, currentGroupInfo, fetchItems } from "./rooms/reading.ts";
import type { Session } from "./sessions.ts";
import { logProof, lookUp } from "./users/account-log.ts";
import { block, consent } from "./users/consent.ts";
import { publishStatement, statementsOf } from "./users/directory.ts";
import { historyEdge, historyOf, putHistory, putHistoryEdge } from "./users/history.ts";
import { report } from "./users/reports.ts";
import { deleteAccount } from "./users/deletion.ts";
import { whisper } from "./whispers.ts";

/** What a device may ask that is not listed yet: to be linked, or to come back by the user's root. */
const linking: ReadonlySet<string> = new Set(["queue", "acknowledgeQueue", "send", "statements", "publishStatement"]);

export class DeviceConnection implements D.Connection, Session {
  readonly #core: Core;
  readonly #caller: Caller;
  readonly #incarnation: bigint;
  #listener: ((news: D.News) => void) | undefined;
  #isOpen = true;
  #isUsed = false;

  constructor(core: Core, caller: Caller, incarnation: bigint) {
    this.#core = core;
    this.#caller = caller;
    this.#incarnation = incarnation;
  }

  get device(): string {
    return this.#caller.device;
  }

  get user(): string {
    return this.#caller.user;
  }

  get listed(): boolean {
    return this.#caller.listed;
  }

  get isOpen(): boolean {
    return this.#isOpen;
  }

  get incarnation(): bigint {
    return this.#incarnation;
  }

  tell(news: D.News): void {
    const listener = this.#listener;
    // Not within the request that made the news, and without its failures.
    if (listener !== undefined)
      queueMicrotask(() => {
        try {
          listener(news);
        } catch {
          // The listener is the application's.
        }
      });
  }

  end(reason: "replaced" | "unreachable" | "shutdown"): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    this.#core.sessions.ended(this);
    this.tell({ kind: "closed", reason });
  }

  createRoom(room: D.NewRoom): Promise<void> {
    return this.#ask("createRoom", room, "rooms", (core, caller) => createRoom(core, caller, copied(room)));
  }

  async publish(publication: D.Publication): Promise<D.Published> {
    try {
      return await this.#ask("publish", publication, undefined, (core, caller) =>
        publish(core, caller, copied(publication)),
      );
    } catch (error) {
      if (!(error instanceof DeliveryError) || error.code !== "rate" || error.retryAfter === undefined) throw error;
      return { kind: "refused", reason: "rate", retryAfter: error.retryAfter };
    }
  }

  fetch(request: D.FetchRequest): Promise<D.Page> {
    return this.#ask("fetch", request, undefined, (core, caller) => fetchItems(core, caller, request));
  }

  changed(request: D.Request = {}): Promise<readonly D.RoomHead[]> {
    return this.#ask("changed", request, undefined, (core, caller) => changedRooms(core, caller));
  }

  acknowledge(request: D.Acknowledgement): Promise<void> {
    return this.#ask("acknowledge", request, undefined, (core, caller) => acknowledge(core, caller, request));
  }

  groupInfo(request: D.RoomRequest): Promise<D.CurrentGroupInfo> {
    return this.#ask("groupInfo", request, "handshakes", (core, caller) => currentGroupInfo(core, caller, request));
  }

  confirm(confirmation: D.Confirmation): Promise<void> {
    return this.#ask("confirm", confirmation, undefined, (core, caller) =>
      confirmEpoch(core, caller, copied(confirmation)),
    );
  }

  complain(complaint: D.Complaint): Promise<D.Complained> {
    return this.#ask("complain", complaint, "handshakes", (core, caller) => complain(core, caller, copied(complaint)));
  }

  queue(request: D.QueueRequest = {}): Promise<readonly D.QueueItem[]> {
    return this.#ask("queue", request, undefined, (core, caller) => queueOf(core, caller, request));
  }

  acknowledgeQueue(request: D.Request & { readonly through: bigint }): Promise<void> {
    return this.#ask("acknowledgeQueue", request, undefined, (core, caller) =>
      acknowledgeQueue(core, caller, request.through),
    );
  }

  consent(entry: D.ConsentEntry): Promise<void> {
    return this.#ask("consent", entry, "parcels", (core, caller) => consent(core, caller, copied(entry)));
  }

  send(parcel: D.Parcel): Promise<void> {
    return this.#ask("send", parcel, "parcels", (core, caller) => sendParcel(core, caller, copied(parcel)));
  }

  publishKeyPackages(upload: D.KeyPackageUpload): Promise<void> {
    return this.#ask("publishKeyPackages", upload, "handshakes", (core, caller) =>
      publishKeyPackages(core, caller, { ...copied(upload), keyPackages: upload.keyPackages.map(copyBytes) }),
    );
  }

  keyPackageCount(request: D.Request & { readonly cipherSuite: number }): Promise<number> {
    return this.#ask("keyPackageCount", request, undefined, ({ port, settings }, { device }) =>
      port.devices.count(device, request.cipherSuite, settings.clock()),
    );
  }

  claimKeyPackages(claim: D.KeyPackageClaim): Promise<readonly D.ClaimedKeyPackage[]> {
    return this.#ask("claimKeyPackages", claim, "claims", (core, caller) =>
      claimKeyPackages(core, caller, copied(claim)),
    );
  }

  publishStatement(statement: D.Statement): Promise<D.StatementAnswer> {
    return this.#ask("publishStatement", statement, "handshakes", (core, caller) =>
      publishStatement(core, caller, copied(statement)),
    );
  }

  statements(
    request: D.Request & { readonly user: string; readonly from?: bigint },
  ): Promise<readonly D.StoredStatement[]> {
    return this.#ask("statements", request, undefined, (core) => statementsOf(core, request));
  }

  upload(part: D.BlobPart): Promise<D.Uploaded> {
    return this.#ask("upload", part, undefined, (core, caller) => uploadPart(core, caller, copied(part)));
  }

  download(request: D.BlobRequest): Promise<Bytes> {
    return this.#ask("download", request, undefined, (core) => downloadPart(core, copied(request)));
  }

  putHistory(given: D.HistoryUpload): Promise<D.HistoryKept> {
    return this.#ask("putHistory", given, undefined, (core, caller) => putHistory(core, caller, copied(given)));
  }

  history(request: D.HistoryRequest): Promise<readonly Bytes[]> {
    return this.#ask("history", request, undefined, (core, caller) => historyOf(core, caller, copied(request)));
  }

  putHistoryEdge(given: D.Request & { readonly epoch: bigint; readonly edge: Uint8Array }): Promise<D.HistoryKept> {
    return this.#ask("putHistoryEdge", given, undefined, (core, caller) => putHistoryEdge(core, caller, copied(given)));
  }

  historyEdge(request: D.Request & { readonly epoch: bigint }): Promise<D.HistoryEdge> {
    return this.#ask("historyEdge", request, undefined, (core, caller) => historyEdge(core, caller, request.epoch));
  }

  whisper(given: D.Request & { readonly room: string; readonly bytes: Uint8Array }): Promise<void> {
    return this.#ask("whisper", given, undefined, (core, caller) => whisper(core, caller, copied(given)));
  }

  subscribe(listener: (news: D.News) => void): void {
    hook("listener", listener);
    this.#listener = listener;
  }

  callServers(request: D.RoomRequest): Promise<D.CallServers> {
    return this.#ask("callServers", request, "claims", (core, caller) => callServers(core, caller, request));
  }

  frankingAgent({ cipherSuite, signal }: Parameters<D.Connection["frankingAgent"]>[0]): Promise<D.FrankingAgentAnswer> {
    const request = { cipherSuite, ...(signal !== undefined && { signal }) };
    return this.#ask("frankingAgent", request, undefined, async ({ settings }) => {
      const agent = await settings.frankingAgent?.(cipherSuite);
      return agent === undefined ? {} : { agent: copyBytes(agent) };
    });
  }

  lookUp(request: D.AccountLookup): Promise<D.LookedUpAccount> {
    return this.#ask("lookUp", request, "claims", (core) => lookUp(core, request));
  }

  logProof(request: D.LogProofRequest): Promise<D.LogProof> {
    return this.#ask("logProof", request, undefined, (core) => logProof(core, request));
  }

  report(given: D.Report): Promise<void> {
    return this.#ask("report", given, "reports", (core, caller) => report(core, caller, copied(given)));
  }

  deleteAccount(request: D.Write): Promise<void> {
    return this.#ask("deleteAccount", request, "handshakes", (core, caller) => deleteAccount(core, caller));
  }

  block(request: D.Write & { readonly user: string; readonly blocked: boolean }): Promise<void> {
    return this.#ask("block", request, undefined, (core, caller) => block(core, caller, copied(request)));
  }

  async close(): Promise<void> {
    this.#listener = undefined;
    this.end("unreachable");
    return Promise.resolve();
  }

  async #ask<T>(
    name: RequestName,
    given: D.Request,
    rate: RateName | undefined,
    answer: (core: Core, caller: Caller) => Promise<T>,
  ): Promise<T> {
    requestTakes[name](name, given);
    const core = this.#core;
    const caller = this.#caller;
    given.signal?.throwIfAborted();
    this.#checkOpen();
    if (!caller.listed && !linking.has(name)) throw new DeliveryError("not-allowed");
    for (const each of rate === undefined ? (["requests"] as const) : (["requests", rate] as const)) {
      const retryAfter = core.rates.take(each, caller.device);
      if (retryAfter > 0) throw new DeliveryError("rate", { retryAfter });
    }
    const ofUser = core.rates.take("requestsOfUser", caller.user);
    if (ofUser > 0) throw new DeliveryError("rate", { retryAfter: ofUser });
    return untilAborted(this.#answer(answer), given.signal);
  }

  async #answer<T>(answer: (core: Core, caller: Caller) => Promise<T>): Promise<T> {
    try {
      if (!this.#isUsed) {
        await this.#core.port.devices.used(this.#caller.device, this.#incarnation);
        this.#isUsed = true;
      }
      return await answer(this.#core, this.#caller);
    } catch (cause) {
      // The database, or a hook: nobody did anything wrong, and the same may be accepted later.
      throw cause instanceof DeliveryError ? cause : new DeliveryError("unreachable", { cause });
    }
  }

  #checkOpen(): void {
    if (!this.#isOpen) throw new DeliveryError("unreachable");
  }
}

/** The caller goes on with its arrays; the work goes on with these. */
function copied<T extends object>(given: T): T {
  return Object.fromEntries(
    Object.entries(given).map(([name, value]: [string, unknown]) => [name, copiedValue(value)]),
  ) as T;
}

function copiedValue(value: unknown): unknown {
  if (value instanceof Uint8Array) return copyBytes(value);
  if (Array.isArray(value)) return value.map(copiedValue);
  return typeof value === "object" && value !== null && !(value instanceof AbortSignal) ? copied(value) : value;
}
