/**
 * The ready policies are what docs/rooms.md says: the table of who may what is read from there.
 */

import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { readyPolicies, type Capability, type ReadyPolicyName, type Role } from "../../src/rooms/index.ts";
import { capabilities } from "../../src/rooms/index.ts";
import { mayMove } from "../../src/rooms/formats/roles.ts";

const page = readFileSync(new URL("../../docs/rooms.md", import.meta.url), "utf8");

function table(heading: RegExp): string[][] {
  const lines = page.split("\n");
  const start = lines.findIndex((line) => heading.test(line));
  const end = lines.findIndex((line, i) => i > start && !line.startsWith("|"));
  return lines.slice(start, end).map((line) =>
    line
      .split("|")
      .slice(1, -1)
      .map((cell) => cell.trim()),
  );
}

const may = (role: Role, capability: Capability): boolean => role.roleCapabilities.includes(capabilities[capability]);

/** What a row of the table asks for. */
const rows: Readonly<Record<string, (role: Role) => boolean>> = {
  write: (role) => may(role, "canSendMessage"),
  "add users": (role) => may(role, "canAddParticipant") && mayMove(role, 0, 2),
  "remove users": (role) => may(role, "canRemoveParticipant") && mayMove(role, 2, 0),
  "ban, kick, delete others' messages": (role) =>
    may(role, "canBan") && may(role, "canKick") && may(role, "canDeleteOtherMessage") && mayMove(role, 2, 1),
  leave: (role) => may(role, "canRemoveSelf") && mayMove(role, role.roleIndex, 0),
  "bring own devices": (role) => may(role, "canAddOwnClient"),
  rename: (role) => may(role, "canChangeRoomName"),
  "timers and other policies": (role) => may(role, "canChangeOtherPolicyAttribute"),
  "change roles' definitions": (role) => may(role, "canChangeRoleDefinitions"),
};
/** The page's words for roles. */
const words: Readonly<Record<string, readonly string[]>> = {
  member: ["ordinary_user", "guest", "subscriber", "caller"],
  admin: ["group_admin"],
};

describe("The table of docs/rooms.md", () => {
  const [header = [], , ...lines] = table(/^\| +\| cooperative/);

  it("has every policy", () => {
    const named = header.flatMap((cell) => cell.split(", ")).filter((name) => name !== "");
    expect(named).toEqual(Object.keys(readyPolicies));
    expect(lines.map(([what]) => what).filter((what) => what !== "come in by themselves")).toEqual(Object.keys(rows));
  });

  const cells = lines.flatMap(([what = "", ...answers]) =>
    answers.flatMap((answer, i) =>
      (header[i + 1] ?? "").split(", ").map((policy) => [policy as ReadyPolicyName, what, answer] as const),
    ),
  );
  it.each(cells)("%s: %s, %s", (policy, what, answer) => {
    const { roles } = readyPolicies[policy];
    if (what === "come in by themselves") {
      const [none] = roles;
      const by = [
        ["anybody", "canOpenJoin"],
        ["by a link", "canUseJoinCode"],
      ] as const;
      const way = by.find(([, capability]) => none !== undefined && may(none, capability) && mayMove(none, 0, 2));
      expect(way?.[0] ?? "nobody").toBe(answer);
      return;
    }
    const who = roles
      .filter((role) => role.roleIndex > 1 && rows[what]?.(role) === true)
      .map(({ roleName }) => roleName);
    const others = who.filter((name) => name !== "policy_enforcer");
    if (answer === "nobody") expect(others).toEqual([]);
    else expect(words[answer] ?? [answer]).toContain(who[0]);
    if (others.length > 0) {
      // From that role upwards all may.
      const above = roles.filter((role) => role.roleName !== "policy_enforcer").slice(-others.length);
      expect(others).toEqual(above.map(({ roleName }) => roleName));
    }
  });

  it("names the roles of each", () => {
    for (const [policy = "", , roles = "", given = ""] of table(/^\| policy /).slice(2)) {
      const { roles: list, creatorRole, memberRole } = readyPolicies[policy.replaceAll("`", "") as ReadyPolicyName];
      const named = list.filter(({ roleIndex }) => roleIndex > 1);
      expect(roles).toBe(named.map(({ roleIndex, roleName }) => `${String(roleIndex)} ${roleName}`).join(", "));
      expect(given).toBe(`${String(creatorRole)}, ${String(memberRole)}`);
    }
  });
});
