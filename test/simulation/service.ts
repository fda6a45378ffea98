/**
 * A simulated delivery service with a network around it: links that delay, reorder and lose, and one commit an epoch. It
 * believes nobody about anything but who is on the other end of a link.
 */

import { bytesEqual } from "../../src/bytes/compare.ts";
import { hex } from "../../src/bytes/text.ts";
import type { CallGroup } from "../../src/call/group/call-group.ts";
import type { Incoming, Outgoing, Transport } from "../../src/call/group/transport.ts";
import { withSelfRemove } from "../../src/extensions/self-remove.ts";
import { trustAnyCredential } from "../../src/public-group/options/settings.ts";
import { settingsOf } from "../../src/public-group/options/settings-of.ts";
import { makeKeyPackageRef } from "../../src/crypto/labels.ts";
import { encodingOf } from "../../src/codec/retained.ts";
import type { CipherSuite } from "../../src/crypto/provider.ts";
import { KeyPackage } from "../../src/wire/key-package.ts";
import { decodeMessage } from "../../src/wire/message.ts";
import type { VirtualClock } from "./virtual-clock.ts";

const { reading } = settingsOf({ authentication: trustAnyCredential, registry: withSelfRemove() });

/** What a link is like. Delays are in milliseconds. */
export interface LinkQuality {
  readonly delay: readonly [least: number, most: number];
  /** The share of messages that it loses. */
  readonly loss: number;
}

/** A device on the network. */
interface Station {
  readonly name: string;
  call: CallGroup | undefined;
  role: "knocking" | "member";
  /** Whether its link is up. */
  up: boolean;
}

interface EpochLog {
  readonly proposals: Uint8Array[];
  commit?: Uint8Array;
}

/** The service of one call. */
export class Service {
  readonly #clock: VirtualClock;
  readonly #chance: () => number;
  readonly #suite: CipherSuite;
  readonly #stations = new Map<string, Station>();
  readonly #log = new Map<bigint, EpochLog>();
  readonly #refused = new Set<string>();
  readonly #knockers = new Map<string, Station>();
  #groupInfo: { readonly epoch: bigint; readonly message: Uint8Array } | undefined;
  link: LinkQuality;
  epoch: bigint = 0n;
  /** Commits that were sent, chosen or not, each once. */
  readonly commits: Set<string> = new Set();
  /** Messages that have reached a device. */
  delivered: number = 0;

  constructor(clock: VirtualClock, suite: CipherSuite, chance: () => number, link: LinkQuality) {
    this.#clock = clock;
    this.#suite = suite;
    this.#chance = chance;
    this.link = link;
  }

  /** A device's way to the service. Give the device with `connect`, when it is there. */
  transport(name: string): Transport {
    const station: Station = { name, call: undefined, role: "knocking", up: true };
    this.#stations.set(name, station);
    return {
      send: (message) => {
        this.#carry(station, () => this.#receive(station, message));
      },
    };
  }

  connect(name: string, call: CallGroup): void {
    this.#station(name).call = call;
  }

  /** Take a link down, or up again. */
  setUp(name: string, up: boolean): void {
    const station = this.#stations.get(name);
    if (station !== undefined) station.up = up;
  }

  /** Forget a device: it has crashed. */
  disconnect(name: string): void {
    this.#stations.delete(name);
  }

  /** A proposal of the service itself, as external sender. */
  propose(message: Uint8Array): void {
    this.#logOf(this.epoch).proposals.push(message);
    this.#broadcast({ kind: "proposal", message });
  }

  /** Take nothing from a device any more: it is not in the chat, as whoever carries the chat's commits knows. */
  refuse(name: string): void {
    this.#refused.add(name);
  }

  /** Pass something on that no honest service would: as if it were chosen. */
  inject(incoming: Incoming): void {
    this.#broadcast(incoming);
  }

  #receive(from: Station, message: Outgoing): void {
    if (this.#refused.has(from.name)) return;
    switch (message.kind) {
      case "ask":
        this.#answer(from, message);
        return;
      case "group-info":
        if (message.epoch === this.epoch) this.#groupInfo = message;
        return;
      case "proposal":
        this.#receiveProposal(from, message.message);
        return;
      case "commit":
        this.#receiveCommit(from, message);
    }
  }

  #answer(to: Station, { since, groupInfo = false }: Extract<Outgoing, { kind: "ask" }>): void {
    if (since === undefined) to.role = "knocking";
    else {
      to.role = "member";
      for (let epoch = since; epoch <= this.epoch; epoch++) {
        const { proposals = [], commit } = this.#log.get(epoch) ?? {};
        for (const message of proposals) this.#send(to, { kind: "proposal", message });
        if (commit !== undefined) this.#send(to, { kind: "commit", message: commit });
      }
    }
    const info = groupInfo && this.#groupInfo?.epoch === this.epoch ? { groupInfo: this.#groupInfo.message } : {};
    if (this.epoch > 0n) this.#send(to, { kind: "epoch", epoch: this.epoch, ...info });
  }

  #receiveProposal(from: Station, message: Uint8Array): void {
    const decoded = decodeMessage(message, reading);
    if (decoded.wireFormat !== "mls_public_message") return;
    const { content, epoch } = decoded.publicMessage.content;
    if (content.type !== "proposal" || epoch !== this.epoch) {
      if (from.role === "knocking") this.#send(from, { kind: "epoch", epoch: this.epoch });
      return;
    }
    const { proposal } = content;
    if (proposal.type === "add") {
      const ref = makeKeyPackageRef(this.#suite, encodingOf(KeyPackage, proposal.keyPackage));
      this.#knockers.set(hex(ref), from);
    }
    const { proposals } = this.#logOf(epoch);
    if (!proposals.some((known) => bytesEqual(known, message))) proposals.push(message);
    this.#broadcast({ kind: "proposal", message }, from);
  }

  #receiveCommit(from: Station, commit: Extract<Outgoing, { kind: "commit" }>): void {
    this.commits.add(hex(this.#suite.hash(commit.message)));
    if (commit.epoch !== this.epoch) return;
    this.#logOf(this.epoch).commit = commit.message;
    this.epoch++;
    this.#log.delete(this.epoch - 12n);
    this.#groupInfo = commit.groupInfo && { epoch: this.epoch, message: commit.groupInfo };
    from.role = "member";
    this.#broadcast({ kind: "commit", message: commit.message });
    if (commit.welcome !== undefined) this.#welcome(commit.welcome);
    for (const station of this.#stations.values()) {
      if (station.role === "knocking") this.#send(station, { kind: "epoch", epoch: this.epoch });
    }
  }

  #welcome(message: Uint8Array): void {
    const decoded = decodeMessage(message, reading);
    if (decoded.wireFormat !== "mls_welcome") return;
    for (const { newMember } of decoded.welcome.secrets) {
      const station = this.#knockers.get(hex(newMember));
      if (station === undefined) continue;
      station.role = "member";
      this.#send(station, { kind: "welcome", message });
    }
  }

  #broadcast(incoming: Incoming, except?: Station): void {
    for (const station of this.#stations.values()) {
      if (station.role === "member" && station !== except) this.#send(station, incoming);
    }
  }

  #send(to: Station, incoming: Incoming): void {
    this.#carry(to, async () => {
      if (this.#stations.get(to.name) !== to) return;
      this.delivered++;
      await to.call?.receive(incoming);
    });
  }

  #carry(station: Station, arrive: () => unknown): void {
    if (!station.up || this.#chance() < this.link.loss) return;
    const [least, most] = this.link.delay;
    this.#clock.after(least + this.#chance() * (most - least), arrive);
  }

  #logOf(epoch: bigint): EpochLog {
    const log = this.#log.get(epoch) ?? { proposals: [] };
    this.#log.set(epoch, log);
    return log;
  }

  #station(name: string): Station {
    const station = this.#stations.get(name);
    if (station === undefined) throw new TypeError(`no device ${name}`);
    return station;
  }
}
