/**
 * Who is in the call: the devices of an epoch by leaf index, kept from commit to commit, and which of them are not in the
 * chat any more.
 */

import type { CommitEvent } from "../../public-group/events.ts";
import type { Group } from "../../group/group.ts";
import type { ChatView } from "./chat-view.ts";

/** The devices of the current epoch. */
export class Roster {
  readonly #chat: ChatView;
  readonly #leaves = new Map<string, number>();
  readonly #strangers = new Set<number>();
  #newcomers: ReadonlySet<string> | undefined;

  /** Of a group that was just entered: `change` where this device made the commit itself. */
  constructor(group: Group, chat: ChatView, change?: CommitEvent) {
    this.#chat = chat;
    for (const member of group.members) this.#leaves.set(chat.keyOf(member), member.leafIndex);
    this.#newcomers = change && new Set(change.added.map((member) => chat.keyOf(member)));
    this.findStrangers();
  }

  /** The members that are not in the chat, by leaf index. */
  get strangers(): ReadonlySet<number> {
    return this.#strangers;
  }

  /** Whether there are others, and none of them is in the chat. */
  get isLast(): boolean {
    return this.#strangers.size > 0 && this.#strangers.size === this.#leaves.size - 1;
  }

  /** All leaf indices. */
  get leaves(): Iterable<number> {
    return this.#leaves.values();
  }

  /** The leaf of a device. */
  leafOf(key: string): number | undefined {
    return this.#leaves.get(key);
  }

  /**
   * Whether the commit before this epoch may have added a device: where this device came in with it, it does not know whom
   * else.
   */
  isNew(key: string): boolean {
    return this.#newcomers?.has(key) ?? true;
  }

  /**
   * Take in the commit that has begun the next epoch. All its new members are looked up in the chat: a commit of this
   * device's own was made before that was asked, and may add a device that has been removed from the chat since.
   */
  apply({ removed, updated, added }: CommitEvent): void {
    for (const member of [...removed, ...updated.map(({ before }) => before)]) {
      this.#leaves.delete(this.#chat.keyOf(member));
      this.#strangers.delete(member.leafIndex);
    }
    const entering = [...updated.map(({ after }) => after), ...added];
    for (const member of entering) {
      const key = this.#chat.keyOf(member);
      this.#leaves.set(key, member.leafIndex);
      if (!this.#chat.hasKey(key)) this.#strangers.add(member.leafIndex);
    }
    this.#newcomers = new Set(added.map((member) => this.#chat.keyOf(member)));
  }

  /** The chat has removed somebody. */
  findStrangers(): void {
    this.#strangers.clear();
    for (const [key, leafIndex] of this.#leaves) if (!this.#chat.hasKey(key)) this.#strangers.add(leafIndex);
  }
}
