/**
 * What the eight configurations of the working group's test-runner play, in our own words. `deep.ts` has the random one.
 */

import { deepRandom } from "./deep.ts";
import type { Play } from "./play.ts";

/** A script of one configuration. */
export interface Scenario {
  readonly config: string;
  readonly name: string;
  readonly run: (play: Play) => Promise<void>;
}

type Script = Scenario["run"];

/** required_capabilities that require nothing, and external_senders that name nobody: valid, and of no consequence. */
const nothingRequired = { extension_type: 3, extension_data: Uint8Array.of(0, 0, 0) };
const nobodyOutside = { extension_type: 5, extension_data: Uint8Array.of(0) };

const everybody = ["bob", "charlie", "diana", "eliza"];
const all = ["alice", ...everybody] as [string, ...string[]];

/** Alice adds Bob, and both agree. */
function inviting(options: { readonly path?: boolean; readonly treeBeside?: boolean; readonly psk?: boolean }): Script {
  return async (play) => {
    await play.create("alice");
    await play.keyPackage("bob");
    const references = [await play.propose("alice", { add: "bob" })];
    if (options.psk === true) references.push(await play.propose("alice", { psk: await play.psk("alice", "bob") }));
    await play.commit("alice", { references, joiners: ["bob"], ...options });
    await play.agree("alice", "bob");
  };
}

/** Three messages, read in this order. */
function talking(order: readonly number[]): Script {
  return async (play) => {
    await play.create("alice", ["bob"]);
    const sent: Awaited<ReturnType<Play["protect"]>>[] = [];
    for (const n of [1, 2, 3]) sent.push(await play.protect("alice", `seen ${n}`, `hidden ${n}`));
    for (const n of order) await reads(play, sent[n - 1]!, n);
  };
}

async function reads(play: Play, message: Awaited<ReturnType<Play["protect"]>>, n: number): Promise<void> {
  const read = await play.unprotect("bob", message);
  if (read.join() !== `seen ${n},hidden ${n}`) throw new Error("Bob reads something else");
}

/** One of everything that a commit can hold, proposed by one member and by value. */
function allTogether(proposer: "alice" | "bob"): Script {
  return async (play) => {
    await play.create("alice", ["bob"]);
    await play.keyPackage("charlie1");
    await play.keyPackage("charlie2");
    const adds = [await play.propose("alice", { add: "charlie1" }), await play.propose("alice", { add: "charlie2" })];
    await play.commit("alice", { references: adds, members: ["bob"], joiners: ["charlie1", "charlie2"] });
    const [first, second] = [await play.psk("alice", "bob"), await play.psk("alice", "bob")];
    await play.keyPackage("charlie3");
    const references = [
      await play.propose(proposer, { add: "charlie3" }),
      await play.propose(proposer, { remove: "charlie1" }),
      await play.propose(proposer, { extensions: [nothingRequired, nobodyOutside] }),
      await play.propose(proposer, { psk: first }),
      await play.propose(proposer, { epoch: 1 }),
      ...(proposer === "bob" ? [await play.update("bob")] : []),
    ];
    await play.keyPackage("charlie4");
    await play.commit("alice", {
      references,
      values: [{ add: "charlie4" }, { remove: "charlie2" }, { psk: second }, { epoch: 2 }],
      members: ["bob"],
    });
    await play.agree("alice", "bob");
  };
}

/** A group, an outsider that it listens to, and what that outsider proposes. */
function outsider(wish: Parameters<Play["signerProposes"]>[2] | "psk"): Script {
  return async (play) => {
    await play.create("alice", ["bob", "charlie"]);
    const psk = wish === "psk" ? await play.psk("alice", "bob", "charlie") : undefined;
    const members = ["bob", "charlie"];
    await play.commit("alice", { references: [await play.addSigner("alice", "ds")], members });
    const asked = psk === undefined ? (wish as Exclude<typeof wish, "psk">) : { psk };
    const references = [await play.signerProposes("ds", "alice", asked)];
    const stay = "remove" in asked ? members.filter((name) => name !== asked.remove) : members;
    await play.commit("alice", { references, members: stay });
    await play.agree("alice", ...stay);
  };
}

function reinitializing(plan: Omit<Parameters<Play["reinit"]>[0], "committer" | "welcomer" | "members">): Script {
  return async (play) => {
    await play.create("alice", everybody);
    const parts = { proposer: "alice", committer: "bob", welcomer: "charlie", members: ["diana", "eliza"] };
    await play.reinit({ ...parts, ...plan });
    await play.agree(...all);
  };
}

function branching(plan?: Parameters<Play["branch"]>[2]): Script {
  return async (play) => {
    await play.create("alice", everybody);
    await play.branch("alice", everybody, plan);
    await play.agree(...all);
  };
}

const configs: Readonly<Record<string, Readonly<Record<string, Script>>>> = {
  welcome_join: {
    "without a path": inviting({}),
    "with a path": inviting({ path: true }),
    "with a PSK": inviting({ psk: true }),
    "with the tree beside": inviting({ treeBeside: true }),
  },

  application: {
    "in order": talking([1, 2, 3]),
    "out of order": talking([3, 2, 1]),
    "out of order, across epochs": async (play) => {
      await play.create("alice", ["bob"]);
      const early = [
        await play.protect("alice", "seen 1", "hidden 1"),
        await play.protect("alice", "seen 2", "hidden 2"),
      ];
      await play.commit("alice", { members: ["bob"] });
      const late = [
        await play.protect("alice", "seen 3", "hidden 3"),
        await play.protect("alice", "seen 4", "hidden 4"),
      ];
      await reads(play, late[1]!, 4);
      await reads(play, late[0]!, 3);
      await reads(play, early[1]!, 2);
      await reads(play, early[0]!, 1);
    },
  },

  commit: {
    empty: async (play) => {
      await play.create("alice", ["bob"]);
      await play.commit("alice", { members: ["bob"] });
      await play.agree("bob", "alice");
    },
    add: async (play) => {
      await play.create("alice", ["bob"]);
      const members = ["bob"];
      for (const [path, ...joiners] of [
        [true, "charlie1", "charlie2", "charlie3"],
        [false, "charlie4", "charlie5", "charlie6"],
      ] as const) {
        for (const joiner of joiners) await play.keyPackage(joiner);
        const references = [
          await play.propose("alice", { add: joiners[0] }),
          await play.propose("bob", { add: joiners[1] }),
        ];
        await play.commit("alice", { references, values: [{ add: joiners[2] }], members, joiners, path });
        members.push(...joiners);
      }
      await play.agree("alice", ...members);
    },
    remove: async (play) => {
      await play.create("alice", ["bob", "charlie1", "charlie2", "charlie3"]);
      const references = [
        await play.propose("alice", { remove: "charlie1" }),
        await play.propose("bob", { remove: "charlie2" }),
      ];
      await play.commit("alice", { references, values: [{ remove: "charlie3" }], members: ["bob"] });
      await play.agree("alice", "bob");
    },
    update: async (play) => {
      await play.create("alice", ["bob"]);
      await play.commit("alice", { references: [await play.update("bob")], members: ["bob"] });
      await play.agree("alice", "bob");
    },
    "group context extensions": async (play) => {
      await play.create("alice", ["bob"]);
      const both = await play.propose("alice", { extensions: [nothingRequired, nobodyOutside] });
      await play.commit("alice", { references: [both], members: ["bob"] });
      const none = await play.propose("bob", { extensions: [] });
      await play.commit("alice", { references: [none], members: ["bob"] });
      await play.commit("alice", { values: [{ extensions: [nothingRequired] }], members: ["bob"] });
      await play.agree("alice", "bob");
    },
    "external PSKs": async (play) => {
      await play.create("alice", ["bob"]);
      const psks = [
        await play.psk("alice", "bob"),
        await play.psk("alice", "bob"),
        await play.psk("alice", "bob"),
      ] as const;
      for (const path of [true, false]) {
        const references = [await play.propose("alice", { psk: psks[0] }), await play.propose("bob", { psk: psks[1] })];
        await play.commit("alice", { references, values: [{ psk: psks[2] }], members: ["bob"], path });
      }
      await play.agree("alice", "bob");
    },
    "resumption PSKs": async (play) => {
      await play.create("alice", ["bob"]);
      await play.commit("alice", { members: ["bob"] });
      await play.commit("alice", { members: ["bob"] });
      for (const epoch of [1, 2]) {
        const references = [await play.propose("alice", { epoch }), await play.propose("bob", { epoch: epoch + 1 })];
        await play.commit("alice", { references, values: [{ epoch: epoch + 2 }], members: ["bob"], path: true });
      }
      await play.agree("alice", "bob");
    },
    "all together, proposed by the committer": allTogether("alice"),
    "all together, proposed by another": allTogether("bob"),
  },

  external_join: {
    plain: async (play) => {
      await play.create("alice");
      await play.externalJoin("alice", "bob");
      await play.agree("alice", "bob");
    },
    "with a PSK": async (play) => {
      await play.create("alice");
      await play.externalJoin("alice", "bob", { psks: [await play.psk("alice")] });
      await play.agree("alice", "bob");
    },
    "in place of a former self": async (play) => {
      await play.create("alice");
      await play.externalJoin("alice", "bob");
      await play.externalJoin("alice", "bob", { replace: true });
      await play.agree("alice", "bob");
    },
    "with the tree beside": async (play) => {
      await play.create("alice");
      await play.externalJoin("alice", "bob", { treeBeside: true });
      await play.agree("alice", "bob");
    },
    "into a larger group": async (play) => {
      await play.create("alice", ["bob", "charlie", "diana"]);
      await play.externalJoin("diana", "ellen", { members: ["alice", "bob", "charlie"] });
      await play.agree("ellen", "alice", "bob", "charlie", "diana");
    },
  },

  external_proposals: {
    "an Add of oneself": async (play) => {
      await play.create("alice");
      await play.commit("alice", { references: [await play.proposeToJoin("alice", "bob")], joiners: ["bob"] });
      await play.agree("alice", "bob");
    },
    add: async (play) => {
      await play.create("alice", ["bob"]);
      await play.commit("alice", { references: [await play.addSigner("alice", "ds")], members: ["bob"] });
      await play.keyPackage("charlie");
      const references = [await play.signerProposes("ds", "alice", { add: "charlie" })];
      await play.commit("alice", { references, members: ["bob"], joiners: ["charlie"] });
      await play.agree("alice", "bob", "charlie");
    },
    remove: outsider({ remove: "bob" }),
    "external PSK": outsider("psk"),
    "resumption PSK": outsider({ epoch: 2 }),
    "group context extensions": outsider({ extensions: [nothingRequired] }),
    "several of several": async (play) => {
      const members = ["bob", "charlie"];
      await play.create("alice", members);
      const psks = [await play.psk("alice", ...members), await play.psk("alice", ...members)] as const;
      await play.commit("alice", { references: [await play.addSigner("alice", "ds1")], members });
      await play.commit("alice", { references: [await play.addSigner("alice", "ds2")], members });
      const references = [
        await play.signerProposes("ds1", "alice", { psk: psks[0] }),
        await play.signerProposes("ds2", "alice", { psk: psks[1] }),
      ];
      await play.commit("alice", { references, members });
      await play.agree("alice", ...members);
    },
    reinit: async (play) => {
      await play.create("alice", ["bob", "charlie"]);
      const members = ["bob", "charlie"];
      await play.commit("alice", { references: [await play.addSigner("alice", "ds")], members });
      const reinit = { suite: "other", groupId: "other", extensions: [nothingRequired] } as const;
      const proposal = await play.signerProposes("ds", "alice", { reinit });
      await play.reinit({ proposal, committer: "alice", welcomer: "bob", members: ["charlie"], path: true });
      await play.agree("charlie", "alice", "bob");
    },
  },

  reinit: {
    "another suite": reinitializing({ suite: "other" }),
    "another group id": reinitializing({ groupId: "other" }),
    "other extensions": reinitializing({ extensions: [nothingRequired, nobodyOutside] }),
    "all by one": async (play) => {
      await play.create("alice", everybody);
      const parts = { proposer: "alice", committer: "alice", welcomer: "alice", members: everybody };
      await play.reinit({ ...parts, groupId: "other" });
      await play.agree(...all);
    },
    "the tree beside": reinitializing({ groupId: "other", treeBeside: true }),
    "with a path": reinitializing({ groupId: "other", path: true }),
  },

  branch: {
    plain: branching(),
    "with extensions": branching({ extensions: [nothingRequired, nobodyOutside] }),
    "the tree beside": branching({ treeBeside: true }),
    "with a path": branching({ path: true }),
  },
};

/** Every script of a configuration but the random one. */
export const scenarios: readonly Scenario[] = Object.entries(configs).flatMap(([config, scripts]) =>
  Object.entries(scripts).map(([name, run]) => ({ config, name, run })),
);

/** The random one: as many commits as the working group's, or fewer. */
export function deepScenario(options: Parameters<typeof deepRandom>[0]): Scenario {
  const name = `${options.commits} commits, seed ${options.seed}`;
  return { config: "deep_random", name, run: deepRandom(options) };
}
