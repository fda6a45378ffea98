/**
 * What it means that members are in one group: they see the same epoch, and they understand each other.
 */

import { expect } from "vitest";
import { hex, utf8, utf8Decode } from "../../src/bytes/text.ts";
import type { Group } from "../../src/group/group.ts";

/** What all members of an epoch have in common. */
export function viewOf(group: Group): object {
  return {
    epoch: group.epoch,
    authenticator: hex(group.epochAuthenticator),
    tree: hex(group.ratchetTree()),
    treeHash: hex(group.groupContext.treeHash),
    exported: hex(group.exportSecret("test", utf8("context"), 32)),
  };
}

/** Every group is the same epoch of the same group. */
export function agree(groups: readonly Group[]): void {
  const [first, ...others] = groups.map(viewOf);
  for (const other of others) expect(other).toEqual(first);
}

/** A message from each of the senders, and everybody opens it. */
export async function talk(groups: readonly Group[], senders: readonly Group[] = groups): Promise<void> {
  for (const from of senders) {
    const text = `from ${String(from.self.leafIndex)}`;
    const message = await from.seal(utf8(text));
    for (const to of groups) {
      const event = await to.receive(message);
      if (to === from) {
        expect(event).toEqual({ kind: "own", what: "message", epoch: from.epoch });
        continue;
      }
      expect(event).toMatchObject({ kind: "message", sender: { leafIndex: from.self.leafIndex }, epoch: from.epoch });
      if (event.kind === "message") expect(utf8Decode(event.plaintext)).toBe(text);
    }
  }
}
