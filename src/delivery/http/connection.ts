/**
 * A device's connection to a service behind a network.
 */

import type { Bytes } from "../../bytes/bytes.ts";
import { hook } from "../../bytes/takes.ts";
import type * as D from "../delivery.ts";
import { DeliveryError } from "../errors.ts";
import type { ServerFrame } from "../protocol/frames.ts";
import type { Answered, Asked, OperationName } from "../protocol/operation.ts";
import { requestTakes, untilAborted } from "../requests.ts";
import { downloadOver, uploadOver, type BlobsAt } from "./blobs.ts";
import { Calls } from "./calls.ts";
import type { Link } from "./link.ts";

export class HttpConnection implements D.Connection {
  readonly #link: Link;
  readonly #calls: Calls;
  readonly #blobs: BlobsAt;
  readonly #over = new AbortController();
  #listener: ((news: D.News) => void) | undefined;
  #closed: Extract<D.News, { kind: "closed" }> | undefined;

  constructor(link: Link, blobs: Omit<BlobsAt, "over">) {
    this.#link = link;
    this.#calls = new Calls(link);
    this.#blobs = { ...blobs, over: this.#over.signal };
    link.listen({
      frame: (frame) => {
        this.#receive(frame);
      },
      ended: () => {
        this.#ended();
      },
    });
    if (!link.isOpen) this.#ended();
  }

  createRoom(room: D.NewRoom): Promise<void> {
    return this.#ask("createRoom", room);
  }

  async publish(publication: D.Publication): Promise<D.Published> {
    return this.#ask("publish", publication);
  }

  fetch(request: D.FetchRequest): Promise<D.Page> {
    return this.#ask("fetch", request);
  }

  changed(request: D.Request = {}): Promise<readonly D.RoomHead[]> {
    return this.#ask("changed", request);
  }

  acknowledge(request: D.Acknowledgement): Promise<void> {
    return this.#ask("acknowledge", request);
  }

  groupInfo(request: D.RoomRequest): Promise<D.CurrentGroupInfo> {
    return this.#ask("groupInfo", request);
  }

  confirm(confirmation: D.Confirmation): Promise<void> {
    return this.#ask("confirm", confirmation);
  }

  complain(complaint: D.Complaint): Promise<D.Complained> {
    return this.#ask("complain", complaint);
  }

  queue(request: D.QueueRequest = {}): Promise<readonly D.QueueItem[]> {
    return this.#ask("queue", request);
  }

  acknowledgeQueue(request: D.Request & { readonly through: bigint }): Promise<void> {
    return this.#ask("acknowledgeQueue", request);
  }

  consent(entry: D.ConsentEntry): Promise<void> {
    return this.#ask("consent", entry);
  }

  send(parcel: D.Parcel): Promise<void> {
    return this.#ask("send", parcel);
  }

  publishKeyPackages(upload: D.KeyPackageUpload): Promise<void> {
    return this.#ask("publishKeyPackages", upload);
  }

  keyPackageCount(request: D.Request & { readonly cipherSuite: number }): Promise<number> {
    return this.#ask("keyPackageCount", request);
  }

  claimKeyPackages(claim: D.KeyPackageClaim): Promise<readonly D.ClaimedKeyPackage[]> {
    return this.#ask("claimKeyPackages", claim);
  }

  publishStatement(statement: D.Statement): Promise<D.StatementAnswer> {
    return this.#ask("publishStatement", statement);
  }

  statements(
    request: D.Request & { readonly user: string; readonly from?: bigint },
  ): Promise<readonly D.StoredStatement[]> {
    return this.#ask("statements", request);
  }

  async upload(part: D.BlobPart): Promise<D.Uploaded> {
    this.#check("upload", part);
    return (await uploadOver(this.#blobs, part)) ?? this.#ask("upload", part);
  }

  async download(request: D.BlobRequest): Promise<Bytes> {
    this.#check("download", request);
    return (await downloadOver(this.#blobs, request)) ?? this.#ask("download", request);
  }

  whisper(whisper: D.Request & { readonly room: string; readonly bytes: Uint8Array }): Promise<void> {
    return this.#ask("whisper", whisper);
  }

  callServers(request: D.RoomRequest): Promise<D.CallServers> {
    return this.#ask("callServers", request);
  }

  frankingAgent(request: D.Request & { readonly cipherSuite: number }): Promise<D.FrankingAgentAnswer> {
    return this.#ask("frankingAgent", request);
  }

  lookUp(request: D.AccountLookup): Promise<D.LookedUpAccount> {
    return this.#ask("lookUp", request);
  }

  logProof(request: D.LogProofRequest): Promise<D.LogProof> {
    return this.#ask("logProof", request);
  }

  report(report: D.Report): Promise<void> {
    return this.#ask("report", report);
  }

  deleteAccount(request: D.Write): Promise<void> {
    return this.#ask("deleteAccount", request);
  }

  putHistory(records: D.HistoryUpload): Promise<D.HistoryKept> {
    return this.#ask("putHistory", records);
  }

  history(request: D.HistoryRequest): Promise<readonly Bytes[]> {
    return this.#ask("history", request);
  }

  putHistoryEdge(edge: D.Request & { readonly epoch: bigint; readonly edge: Uint8Array }): Promise<D.HistoryKept> {
    return this.#ask("putHistoryEdge", edge);
  }

  historyEdge(request: D.Request & { readonly epoch: bigint }): Promise<D.HistoryEdge> {
    return this.#ask("historyEdge", request);
  }

  block(request: D.Write & { readonly user: string; readonly blocked: boolean }): Promise<void> {
    return this.#ask("block", request);
  }

  subscribe(listener: (news: D.News) => void): void {
    hook("listener", listener);
    this.#listener = listener;
    // Whoever listens too late is told that much.
    if (this.#closed !== undefined && !this.#link.isOpen) this.#tell(this.#closed);
  }

  async close(): Promise<void> {
    this.#listener = undefined;
    this.#link.end();
    return Promise.resolve();
  }

  #check(name: OperationName, given: D.Request): void {
    requestTakes[name](name, given);
    given.signal?.throwIfAborted();
    if (!this.#link.isOpen) throw new DeliveryError("unreachable");
  }

  async #ask<Name extends OperationName>(name: Name, given: Asked<Name> & D.Request): Promise<Answered<Name>> {
    this.#check(name, given);
    return untilAborted(this.#calls.ask(name, given), given.signal);
  }

  #receive(frame: ServerFrame): void {
    switch (frame.kind) {
      case "answer":
      case "refusal":
        this.#calls.answered(frame);
        return;
      case "news":
        if (frame.news.kind === "closed") {
          this.#closed = frame.news;
          this.#link.end();
        } else this.#tell(frame.news);
        return;
      case "challenge":
      case "welcome":
      case "pong":
    }
  }

  #ended(): void {
    this.#calls.end();
    this.#over.abort();
    this.#closed ??= { kind: "closed", reason: "unreachable" };
    this.#tell(this.#closed);
  }

  #tell(news: D.News): void {
    const listener = this.#listener;
    if (listener === undefined) return;
    queueMicrotask(() => {
      try {
        listener(news);
      } catch {
        // The listener is the application's.
      }
    });
  }
}
