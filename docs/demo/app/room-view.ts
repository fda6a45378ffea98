/**
 * What the page shows of the chat: who is in it, what was said, its epoch, its code and its tree.
 */

import type { CommitEvent, Group, Member } from "copse";
import { verificationOf } from "copse/call";
import { find, make } from "./dom.ts";
import { namedBy, type Named } from "./people.ts";
import type { Sighting } from "./protocol.ts";
import { showNoTree, showTree } from "./tree-view.ts";

const people = find("people", HTMLUListElement);
const messages = find("messages", HTMLOListElement);
const seen = find("seen", HTMLOListElement);

/** Show a group as it is in this epoch. `remove` is called when somebody is to be put out. */
export function showGroup(group: Group, remove: (id: string) => void): void {
  find("epoch", HTMLOutputElement).textContent = String(group.epoch);
  find("code", HTMLParagraphElement).textContent = verificationOf(group.epoch, group.epochAuthenticator).digits;
  people.replaceChildren(...[...group.members].map((member) => personLine(member, group.self.leafIndex, remove)));
  showTree(group);
}

/** Nobody is there any more. */
export function showNoGroup(): void {
  people.replaceChildren();
  find("epoch", HTMLOutputElement).textContent = "-";
  find("code", HTMLParagraphElement).textContent = "";
  showNoTree();
}

/** Tell what a commit has changed. */
export function showChange({ committer, added, removed, external }: CommitEvent): void {
  const by = nameOf(committer);
  for (const member of removed) showEvent(`${by} removed ${nameOf(member)}`);
  for (const member of added) if (!external) showEvent(`${by} let ${nameOf(member)} in`);
  if (added.length + removed.length === 0) showEvent(`${by} made fresh keys`);
}

/** Something that was said. */
export function showMessage(from: Named, text: string, own: boolean): void {
  append(make("li", { className: own ? "own" : "" }, make("b", { textContent: from.name }), text));
}

/** Something that has happened. */
export function showEvent(text: string): void {
  append(make("li", { className: "event", textContent: text }));
}

/** What the service has seen, the newest first. */
export function showSightings(sightings: readonly Sighting[]): void {
  seen.replaceChildren(
    ...sightings.map(({ from, what, bytes }) =>
      make(
        "li",
        {},
        make("span", { textContent: `${what} from ${from}` }),
        make("span", { textContent: `${String(bytes)} B` }),
      ),
    ),
  );
}

function append(line: HTMLLIElement): void {
  messages.append(line);
  while (messages.children.length > 300) messages.firstElementChild?.remove();
  line.scrollIntoView({ block: "nearest" });
}

function personLine(member: Member, self: number, remove: (id: string) => void): HTMLLIElement {
  const { id, name } = namedBy(member.credential);
  const own = member.leafIndex === self;
  const line = make("li", {}, make("span", { textContent: name, className: own ? "self" : "" }));
  if (own) return line;
  const button = make("button", { textContent: "Remove", ariaLabel: `Remove ${name}` });
  button.onclick = () => {
    remove(id);
  };
  line.append(button);
  return line;
}

function nameOf({ credential }: Member): string {
  return namedBy(credential).name;
}
