/**
 * Committing: what happens within one debounce becomes one commit, made by the member whose turn it is, and by the next ones
 * where that one is gone or silent. A commit that was sent is never taken back by its maker, only by the service's choice of
 * another: until then it is sent again.
 */

import type { Group } from "../../group/group.ts";
import type { Pending } from "../../group/pending.ts";
import { agendaOf, candidatesOf, type AgendaInput } from "./agenda.ts";
import { turnOf } from "./election.ts";
import type { Surroundings } from "./surroundings.ts";

/** What committing needs of the member that it commits for. */
export interface CommittingInput extends Surroundings {
  /** The group and what is known around it; undefined where this member must not commit now. */
  readonly agenda: () => AgendaInput | undefined;
}

/** The timer of one epoch's commit. */
export class Committing {
  readonly #input: CommittingInput;
  #waiting: { readonly group: Group; readonly epoch: bigint; readonly cancel: () => void } | undefined;

  constructor(input: CommittingInput) {
    this.#input = input;
  }

  /** Something may have changed: begin to wait where there is something to commit, and stop where the epoch is over. */
  consider(): void {
    const input = this.#input.agenda();
    if (input === undefined) {
      this.stop();
      return;
    }
    if (this.#waiting?.group === input.group && this.#waiting.epoch === input.group.epoch) return;
    this.stop();
    if (agendaOf(input) === undefined) return;
    const turn = turnOf(input.group.self.leafIndex, candidatesOf(input), input.group.epoch);
    if (turn === undefined) return;
    const { debounce, turn: length } = this.#input.timing;
    this.#wait(input.group, debounce + turn * length);
  }

  /** Wait for nothing any more. */
  stop(): void {
    this.#waiting?.cancel();
    this.#waiting = undefined;
  }

  #wait(group: Group, delay: number): void {
    const { scheduler, enqueue } = this.#input;
    const cancel = scheduler.after(delay, () => {
      enqueue(() => this.#act(group));
    });
    this.#waiting = { group, epoch: group.epoch, cancel };
  }

  async #act(group: Group): Promise<void> {
    const input = this.#input.agenda();
    const isOver = this.#waiting?.group !== group || this.#waiting.epoch !== group.epoch;
    if (isOver || input?.group !== group) return;
    this.#waiting = undefined;
    try {
      const pending = group.pendingCommit ?? (await make(input));
      if (pending === undefined) return;
      const { commit: message, welcome, groupInfo } = pending;
      this.#input.transport.send({
        kind: "commit",
        epoch: group.epoch,
        message,
        ...(welcome === undefined ? {} : { welcome }),
        ...(groupInfo === undefined ? {} : { groupInfo }),
      });
    } catch (error) {
      this.#input.refused(error);
    }
    const { turn, debounce } = this.#input.timing;
    if (!group.isGone) this.#wait(group, Math.max(turn, debounce));
  }
}

function make(input: AgendaInput): Promise<Pending | undefined> {
  const options = agendaOf(input);
  return options === undefined ? Promise.resolve(undefined) : input.group.commit(options);
}
