/** When a member commits, with a hand on what is late: the timer of one epoch, and what comes of it. */

import { beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { AgendaInput } from "../../../src/call/group/agenda.ts";
import { ChatView } from "../../../src/call/group/chat-view.ts";
import { Committing } from "../../../src/call/group/committing.ts";
import { Roster } from "../../../src/call/group/roster.ts";
import { selfRemoval, selfRemoveRequired, withSelfRemove } from "../../../src/extensions/self-remove.ts";
import { defaultTiming, type Outgoing } from "../../../src/call/group/transport.ts";
import type { Group } from "../../../src/group/group.ts";
import { client, groupOf, trusting, type Client } from "../../group/world.ts";
import { VirtualClock } from "../virtual-clock.ts";

const options = { handshake: "public", registry: withSelfRemove(), extensions: [selfRemoveRequired] } as const;
const { debounce, turn } = defaultTiming;

describe("a member's turn", () => {
  let everybody: readonly Client[];
  let alice: Group, bob: Group, carol: Group, dave: Group;
  let agenda: AgendaInput | undefined;
  let clock: VirtualClock;
  /** How many timers were ever set. */
  let set: number;
  let late: (() => Promise<void> | void)[];
  let sent: Outgoing[];
  let refused: unknown[];
  let committing: Committing;
  let send: (message: Outgoing) => void;

  beforeAll(async () => {
    everybody = await Promise.all(["alice", "bob", "carol", "dave"].map((name) => client(name)));
  });

  beforeEach(async () => {
    [alice, bob, carol, dave] = (await groupOf(everybody, options)) as [Group, Group, Group, Group];
    const [chat] = (await groupOf(everybody)) as [Group];
    const view = new ChatView(chat, trusting.authentication);
    agenda = { group: alice, chat: view, roster: new Roster(alice, view) };
    clock = new VirtualClock();
    late = [];
    sent = [];
    refused = [];
    set = 0;
    send = (message) => sent.push(message);
    committing = new Committing({
      scheduler: {
        now: clock.now,
        after: (delay, run) => {
          set++;
          return clock.after(delay, run);
        },
      },
      timing: defaultTiming,
      transport: {
        send: (message) => {
          send(message);
        },
      },
      enqueue: (run) => late.push(run),
      refused: (error) => refused.push(error),
      agenda: () => agenda,
    });
  });

  /** What is due has its turn. */
  async function pass(milliseconds: number): Promise<void> {
    clock.advance(milliseconds);
    for (const run of late.splice(0)) await run();
  }

  async function leaves(who: Group): Promise<void> {
    await alice.receive(await who.propose({ custom: selfRemoval }));
    committing.consider();
  }

  /** Long enough for whoever is chosen last. */
  const whole = debounce + 2 * turn;

  it("comes with something to commit, and goes on until the epoch is over", async () => {
    committing.consider();
    expect(set).toBe(0);
    await leaves(bob);
    await pass(whole);
    expect(sent).toEqual([expect.objectContaining({ kind: "commit", epoch: 1n })]);
    await pass(turn);
    expect(sent).toEqual([sent[0], sent[0]]);
    await alice.apply(alice.pendingCommit!);
    committing.consider();
    expect(clock.timers).toBe(0);
  });

  it("stays where it is, whatever is considered without news, and with it once the commit is sent", async () => {
    await leaves(bob);
    expect(set).toBe(1);
    for (let times = 0; times < 5; times++) committing.consider();
    expect(set).toBe(1);
    await pass(whole);
    await leaves(carol);
    await pass(turn - 1);
    expect(sent).toHaveLength(1);
  });

  it("never comes for who is to go itself", async () => {
    await alice.propose({ custom: selfRemoval });
    committing.consider();
    await leaves(bob);
    expect({ set, timers: clock.timers }).toEqual({ set: 0, timers: 0 });
  });

  const happenings: Readonly<Record<string, () => Promise<void> | void>> = {
    "it was stopped": () => {
      committing.stop();
    },
    "this device commits no more": () => {
      agenda = undefined;
    },
    "another epoch has begun, with something to commit": async () => {
      const { commit } = await dave.commit({ path: true });
      for (const group of [alice, bob]) await group.receive(commit);
      await alice.receive(await bob.propose({ update: {} }));
    },
    "there is nothing to commit any more": async () => {
      const [alone] = (await groupOf(everybody.slice(0, 1))) as [Group];
      agenda = { ...agenda!, chat: new ChatView(alone, trusting.authentication) };
    },
  };

  it.each(Object.entries(happenings))(
    "that has come, but waits behind something else, leads to nothing where %s",
    async (_, happen) => {
      await alice.receive(await bob.propose({ update: {} }));
      committing.consider();
      clock.advance(whole);
      expect(late).toHaveLength(1);
      await happen();
      await pass(0);
      expect({ sent, refused, pending: alice.pendingCommit }).toEqual({ sent: [], refused: [], pending: undefined });
    },
  );

  it("comes again where the commit was made, and handing it over has failed", async () => {
    send = () => {
      throw new TypeError("a transport with a mistake");
    };
    await leaves(bob);
    await pass(whole);
    expect(refused).toHaveLength(1);
    // Whoever threw in between has stopped everything: it is taken up again.
    committing.stop();
    send = (message) => sent.push(message);
    committing.consider();
    await pass(whole);
    expect(sent).toHaveLength(1);
  });
});
