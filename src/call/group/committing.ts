/**
 * Committing: what happens within one debounce becomes one commit, made by the member whose turn it is, and by the next ones
 * where that one is gone or silent. A commit that was sent is never taken back by its maker, only by the service's choice of
 * another: until then it is sent again.
 */

import type { Group } from "../../group/group.ts";
import type { Pending } from "../../group/held/pending.ts";
import { agendaOf, candidatesOf, leavingIn, type AgendaInput } from "./agenda.ts";
import { turnOf } from "./election.ts";
import type { Surroundings } from "./surroundings.ts";

/** What committing needs of the member that it commits for. */
export interface CommittingInput extends Surroundings {
  /** The group and what is known around it; undefined where this member must not commit now. */
  readonly agenda: () => AgendaInput | undefined;
}

/** What a member waits for in an epoch. */
interface Wait {
  readonly group: Group;
  readonly epoch: bigint;
  /** When there was something to commit for the first time. */
  readonly began: number;
  /** How many members were about to go, and so no candidates, when the turns were given. */
  readonly leaving: number;
  readonly cancel: () => void;
}

/** The timer of one epoch's commit. */
export class Committing {
  readonly #input: CommittingInput;
  #wait: Wait | undefined;

  constructor(input: CommittingInput) {
    this.#input = input;
  }

  /** Something may have changed: wait for our turn where there is something to commit, and stop where the epoch is over. */
  consider(): void {
    const input = this.#input.agenda();
    const before = this.#wait;
    if (input === undefined) {
      this.stop();
      return;
    }
    const { group } = input;
    const isSame = before?.group === group && before.epoch === group.epoch;
    if (isSame && group.pendingCommit !== undefined) return;
    const leaving = leavingIn(input);
    if (isSame && before.leaving === leaving.size) return;
    this.stop();
    if (agendaOf(input) === undefined) return;
    const turn = turnOf(group.self.leafIndex, candidatesOf(input, leaving), group.epoch);
    if (turn === undefined) return;
    const { timing, scheduler } = this.#input;
    const began = isSame ? before.began : scheduler.now();
    const at = began + timing.debounce + turn * timing.turn;
    this.#waitFor({ group, epoch: group.epoch, began, leaving: leaving.size }, at - scheduler.now());
  }

  /** Wait for nothing any more. */
  stop(): void {
    this.#wait?.cancel();
    this.#wait = undefined;
  }

  #waitFor(wait: Omit<Wait, "cancel">, delay: number): void {
    const { scheduler, enqueue } = this.#input;
    const cancel = scheduler.after(Math.max(0, delay), () => {
      enqueue(() => this.#act(current));
    });
    const current: Wait = { ...wait, cancel };
    this.#wait = current;
  }

  async #act(wait: Wait): Promise<void> {
    const { group, epoch } = wait;
    const input = this.#input.agenda();
    if (wait !== this.#wait || input?.group !== group || epoch !== group.epoch) return;
    this.#wait = undefined;
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
    this.#waitFor(wait, Math.max(turn, debounce));
  }
}

function make(input: AgendaInput): Promise<Pending | undefined> {
  const options = agendaOf(input);
  return options === undefined ? Promise.resolve(undefined) : input.group.commit(options);
}
