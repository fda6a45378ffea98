/**
 * A receiver whose frames the browser opens, and the keys that it has. Which contexts a member sends with is known from
 * its frames only: the browser drops the first frame of a KID, says so, and gets the key. In the next epoch the same
 * member most likely goes on with the same context, and that key is there before its first frame.
 */

import { leafBits, mlsKid } from "../../sframe/mls-kid.ts";
import type { KidMember } from "../engine/member.ts";
import type { NativeSFrame, SFrameDecryptor, SFrameErrorEvent, SFrameTransformOptions } from "./api.ts";
import type { NativeKey } from "./keys.ts";

/** What a receiver is given. */
export interface NativeReceiverOptions {
  readonly receiver: RTCRtpReceiver;
  readonly api: NativeSFrame;
  readonly transform: SFrameTransformOptions;
  readonly epochBits: number;
  /** KIDs that may have keys in one epoch. The oldest gives way: if it is in use, its next frame brings it back. */
  readonly maxKids: number;
  readonly onError: (event: SFrameErrorEvent) => void;
  /** The browser has refused a key. */
  readonly onFailure: (error: unknown) => void;
}

/** A key and whose frames it opens. */
interface Entry extends NativeKey, KidMember {}

/** A receiver with its decryptor. */
export class NativeReceiver {
  readonly #options: NativeReceiverOptions;
  readonly #decryptor: SFrameDecryptor;
  /** By KID: what the decryptor should have. */
  readonly #wanted = new Map<bigint, Entry>();
  /** By KID: what it has. */
  readonly #held = new Map<bigint, Entry>();
  #isWorking = false;

  /** @throws Error where the browser takes no transform. */
  constructor(options: NativeReceiverOptions) {
    const { receiver, api, transform, onError } = options;
    this.#options = options;
    this.#decryptor = new api.Decryptor(transform);
    this.#decryptor.addEventListener("error", onError);
    receiver.transform = this.#decryptor;
  }

  /** Open the frames of a member that this KID names. */
  add(kid: bigint, member: KidMember, key: NativeKey): void {
    const before = this.#wanted.get(kid);
    if (before?.epoch.epoch === key.epoch.epoch) return;
    const { maxKids } = this.#options;
    const others = this.#kidsOf(key.epoch.epoch);
    for (const oldest of others.slice(0, Math.max(0, others.length - maxKids + 1))) this.#wanted.delete(oldest);
    this.#wanted.set(kid, { ...key, ...member });
    void this.#work();
  }

  /** An epoch's key has come: add it for all whose frames the epoch before it opens. */
  carryOver(before: bigint, { epoch, key }: NativeKey): void {
    const { epochBits } = this.#options;
    const leaves = new Map([...epoch.members].map(([leaf, participant]) => [participant, leaf]));
    for (const kid of this.#kidsOf(before)) {
      const { participant, context } = this.#wanted.get(kid)!;
      const leafIndex = leaves.get(participant);
      if (leafIndex === undefined || leafIndex === epoch.leafIndex) continue;
      const { treeWidth } = epoch;
      if (context >> BigInt(64 - epochBits - leafBits(treeWidth)) !== 0n) continue; // a wider tree has shortened it
      const next = mlsKid({ context, leafIndex, epoch: epoch.epoch, epochBits, treeWidth });
      this.add(next, { participant, context }, { epoch, key });
    }
  }

  /** Open nothing of this epoch any more. */
  remove(epoch: bigint): void {
    for (const kid of this.#kidsOf(epoch)) this.#wanted.delete(kid);
    void this.#work();
  }

  /** Open nothing any more. */
  close(): void {
    this.#wanted.clear();
    void this.#work();
  }

  #kidsOf(epoch: bigint): readonly bigint[] {
    return [...this.#wanted].filter(([, entry]) => entry.epoch.epoch === epoch).map(([kid]) => kid);
  }

  /** Make the decryptor's keys those that are wanted, one step after the other: keys that must go are removed first. */
  async #work(): Promise<void> {
    if (this.#isWorking) return;
    this.#isWorking = true;
    for (;;) {
      const [surplus] = [...this.#held].find(([kid, entry]) => this.#wanted.get(kid) !== entry) ?? [];
      const [missing, entry] = [...this.#wanted].find(([kid]) => !this.#held.has(kid)) ?? [];
      if (surplus !== undefined) {
        this.#held.delete(surplus);
        await this.#decryptor.removeDecryptionKey(surplus).catch(() => undefined); // it has no such key
      } else if (missing !== undefined && entry !== undefined) {
        this.#held.set(missing, entry);
        await this.#decryptor.addDecryptionKey(entry.key, missing).catch((error: unknown) => {
          if (this.#wanted.get(missing) === entry) this.#wanted.delete(missing);
          this.#held.delete(missing);
          this.#options.onFailure(error);
        });
      } else break;
    }
    this.#isWorking = false;
  }
}
