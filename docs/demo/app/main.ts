/**
 * The page: a door, and a room behind it.
 */

import { Chat, newSelf, type Self } from "./chat.ts";
import { connect, lockOfLife, type Connection } from "./connection.ts";
import { find, note } from "./dom.ts";
import { suggestName } from "./people.ts";
import type { FromService, Person } from "./protocol.ts";
import { removeTile, removeTiles, showCallEpoch, showCallState, showCallStatistics, showTile } from "./call-view.ts";
import { TabCall } from "./tab-call.ts";
import type { Signal } from "./mesh.ts";
import { showChange, showEvent, showGroup, showMessage, showNoGroup, showSightings } from "./room-view.ts";

const door = find("door", HTMLElement);
const room = find("room", HTMLElement);
const state = find("state", HTMLParagraphElement);
const nameField = find("name", HTMLInputElement);
const takenNames = "copse-demo-names";

/** Names that were given in this browser lately, so that the next tab is offered another. */
function namesTaken(): readonly string[] {
  return (localStorage.getItem(takenNames) ?? "").split("\n").filter((name) => name !== "");
}

async function enter(name: string): Promise<void> {
  const self = await newSelf(name);
  localStorage.setItem(takenNames, [name, ...namesTaken()].slice(0, 7).join("\n"));
  door.hidden = true;
  room.hidden = false;
  document.title = `${name} - copse`;
  state.textContent = "Waiting to be let in.";
  begin(self, await lockOfLife(self.id));
}

function begin(self: Self, lock: string): void {
  const connection: Connection = connect(handle, failed);
  const chat = new Chat(self, connection, {
    onEpoch: (group, change) => {
      state.textContent = "";
      showGroup(group, remove);
      if (change === undefined) showEvent(group.size === 1 ? "You began the group" : "You were let in");
      else showChange(change);
    },
    onMessage: (from, text) => {
      showMessage(from, text, from.id === self.id);
    },
    onRemoved: (by) => {
      showNoGroup();
      connection.close();
      showEvent(`${by} removed you`);
      state.textContent =
        "You are out. You can't read what is said from here on. Reload the page to ask to be let in again.";
      note(`You were removed by ${by}.`);
    },
    onNote: note,
  });

  let people: readonly Person[] = [];
  let where: "out" | "entering" | "in" = "out";
  let statistics: ReturnType<typeof setInterval> | undefined;
  const nameOf = (id: string): string => people.find((person) => person.id === id)?.name ?? "somebody";
  const call = new TabCall(self, connection, {
    onEpoch: (current) => {
      stand("in");
      showCallEpoch(current);
      statistics ??= setInterval(() => void showCallStatistics(current).catch(() => undefined), 1_000);
    },
    onOwnPicture: (stream) => {
      showTile(self.id, self.name, stream, true);
    },
    onPicture: (id, stream) => {
      showTile(id, nameOf(id), stream, false);
    },
    onGone: removeTile,
    onOver: (why) => {
      clearInterval(statistics);
      statistics = undefined;
      removeTiles();
      stand("out");
      if (why !== undefined) note(why);
    },
    onNote: note,
  });

  function stand(next: typeof where): void {
    where = next;
    showCallState(where, people.filter(({ id, inCall }) => inCall && id !== self.id).length);
  }

  async function handle(message: FromService): Promise<void> {
    switch (message.kind) {
      case "seen":
        showSightings(message.sightings);
        return;
      case "people":
        people = message.people;
        stand(where);
        return;
      case "enterCall":
        if (chat.group !== undefined) await call.enter(chat.group, message.callId, message.start);
        return;
      case "call":
        await call.take(message.incoming);
        return;
      case "signal":
        await call.signal(message.from, message.data as Signal);
        return;
      default:
        await chat.handle(message);
    }
  }

  function remove(id: string): void {
    chat.remove(id).catch(failed);
  }

  connection.send({ kind: "hello", id: self.id, name: self.name, keyPackage: self.bundle.keyPackage, lock });

  find("say", HTMLFormElement).onsubmit = (event) => {
    event.preventDefault();
    const field = find("text", HTMLInputElement);
    const text = field.value.trim();
    if (text === "") return;
    field.value = "";
    chat.say(text).catch(failed);
  };
  find("join-call", HTMLButtonElement).onclick = () => {
    if (chat.group === undefined) return;
    stand("entering");
    call.join().catch(failed);
  };
  find("leave-call", HTMLButtonElement).onclick = () => {
    call.leave().catch(failed);
  };
  find("refresh", HTMLButtonElement).onclick = () => {
    chat.refresh().catch(failed);
  };
}

function failed(error: unknown): void {
  console.error(error);
  note(`That did not work: ${error instanceof Error ? error.message : String(error)}`);
}

nameField.value = suggestName(namesTaken());
nameField.select();
find("hello", HTMLFormElement).onsubmit = (event) => {
  event.preventDefault();
  const name = nameField.value.trim();
  if (name !== "") enter(name).catch(failed);
};
if (!("SharedWorker" in globalThis))
  note("This browser has no SharedWorker, which the demo uses as its server. Try Chromium or Firefox on a computer.");
