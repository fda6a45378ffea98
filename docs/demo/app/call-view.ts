/**
 * What the page shows of the call: a tile for everybody, the epoch of its keys, their age, and the code.
 */

import type { Call } from "copse/call";
import { find, make } from "./dom.ts";
import { namedBy } from "./people.ts";

const tiles = find("tiles", HTMLUListElement);
const facts = find("call-facts", HTMLElement);
const state = find("call-state", HTMLParagraphElement);
const joinButton = find("join-call", HTMLButtonElement);
const leaveButton = find("leave-call", HTMLButtonElement);

/** The buttons and the words for where this tab stands. */
export function showCallState(where: "out" | "entering" | "in", othersInCall: number): void {
  joinButton.hidden = where !== "out";
  leaveButton.hidden = where === "out";
  facts.hidden = where !== "in";
  if (where === "entering") state.textContent = "Asking to be let in.";
  else if (where === "in") state.textContent = "Only who is in the call can see and hear it.";
  else
    state.textContent =
      othersInCall === 0 ? "Nobody is in a call." : `${count(othersInCall, "person is", "people are")} in a call.`;
}

/** Somebody's picture. */
export function showTile(id: string, name: string, stream: MediaStream, own: boolean): void {
  const video = make("video", { autoplay: true, muted: own, playsInline: true });
  video.srcObject = stream;
  const tile = make("li", {}, video, make("p", { textContent: own ? `${name} (you)` : name }));
  tile.dataset["id"] = id;
  removeTile(id);
  tiles.append(tile);
  video.play().catch(() => undefined); // the browser may want a click first, and shows its own button then
}

/** Somebody has gone. */
export function removeTile(id: string): void {
  for (const tile of tiles.querySelectorAll("li")) if (tile.dataset["id"] === id) tile.remove();
}

/** Nobody is there. */
export function removeTiles(): void {
  tiles.replaceChildren();
}

/** The epoch and its code. */
export function showCallEpoch(call: Call): void {
  const { epoch, digits } = call.verification;
  find("call-epoch", HTMLElement).textContent = String(epoch);
  find("call-code", HTMLElement).textContent = digits;
}

/** The age of the keys that are sent with, and what each participant's frames met with. */
export async function showCallStatistics(call: Call): Promise<void> {
  const { keyAge, participants } = await call.statistics();
  find("key-age", HTMLElement).textContent = keyAge === undefined ? "-" : `${String(Math.floor(keyAge / 1000))} s`;
  for (const { participant, passed, dropped } of participants) {
    const person = call.participant(participant);
    if (person === undefined || person.isSelf) continue;
    const { id, name } = namedBy(person.credential);
    const refused = Object.values(dropped).reduce((sum, frames) => sum + frames, 0);
    for (const tile of tiles.querySelectorAll("li")) {
      const caption = tile.dataset["id"] === id ? tile.querySelector("p") : null;
      if (caption !== null)
        caption.textContent = `${name}: ${count(passed, "frame", "frames")} opened${refused === 0 ? "" : `, ${String(refused)} refused`}`;
    }
  }
}

function count(number: number, one: string, many: string): string {
  return `${String(number)} ${number === 1 ? one : many}`;
}
