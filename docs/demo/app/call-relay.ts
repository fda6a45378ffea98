/**
 * The delivery service's part in a call: it gives the commits of the call's group one order, and hands out what was missed.
 */

import type { Incoming, Outgoing } from "copse/call/group";

/** What the service keeps of a call. */
interface CallRecord {
  readonly callId: Uint8Array;
  epoch: bigint;
  groupInfo: Uint8Array | undefined;
  /** Proposals and commits, by the epoch in which they came. */
  readonly log: { readonly epoch: bigint; readonly incoming: Incoming }[];
}

const mostLogged = 200;

/** One call at a time. */
export class CallRelay {
  readonly #deliver: (to: string, incoming: Incoming) => void;
  readonly #inside = new Set<string>();
  #call: CallRecord | undefined;

  constructor(deliver: (to: string, incoming: Incoming) => void) {
    this.#deliver = deliver;
  }

  has(id: string): boolean {
    return this.#inside.has(id);
  }

  /** Somebody wants to be in the call: the one that there is, or a new one. */
  enter(id: string): { readonly callId: Uint8Array; readonly start: boolean } {
    const start = this.#call === undefined;
    this.#call ??= {
      callId: crypto.getRandomValues(new Uint8Array(16)),
      epoch: 0n,
      groupInfo: undefined,
      log: [],
    };
    this.#inside.add(id);
    return { callId: this.#call.callId, start };
  }

  /** Somebody is in it no longer. With the last one the call is over. */
  leave(id: string): void {
    this.#inside.delete(id);
    if (this.#inside.size === 0) this.#call = undefined;
  }

  /** Take in what a device of the call says. */
  take(from: string, outgoing: Outgoing): void {
    const call = this.#call;
    if (call === undefined) return;
    switch (outgoing.kind) {
      case "proposal":
        this.#pass(call, { kind: "proposal", message: outgoing.message });
        return;
      case "commit": {
        if (outgoing.epoch !== call.epoch) return; // another one was first: its sender hears of that one
        this.#pass(call, { kind: "commit", message: outgoing.message });
        call.epoch++;
        call.groupInfo = outgoing.groupInfo;
        const { welcome: message } = outgoing;
        if (message !== undefined) for (const id of this.#inside) this.#deliver(id, { kind: "welcome", message });
        for (const id of this.#inside) this.#deliver(id, { kind: "epoch", epoch: call.epoch });
        return;
      }
      case "group-info":
        if (outgoing.epoch === call.epoch) call.groupInfo = outgoing.message;
        return;
      case "ask": {
        const { since, groupInfo } = outgoing;
        if (since !== undefined) {
          for (const { epoch, incoming } of call.log) if (epoch >= since) this.#deliver(from, incoming);
        }
        const { epoch, groupInfo: kept } = call;
        const withInfo = groupInfo === true && kept !== undefined;
        this.#deliver(from, { kind: "epoch", epoch, ...(withInfo ? { groupInfo: kept } : {}) });
        return;
      }
    }
  }

  #pass(call: CallRecord, incoming: Incoming): void {
    call.log.push({ epoch: call.epoch, incoming });
    if (call.log.length > mostLogged) call.log.shift();
    for (const id of this.#inside) this.#deliver(id, incoming);
  }
}
