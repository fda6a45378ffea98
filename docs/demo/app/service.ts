/**
 * The delivery service of the demo: a SharedWorker, so that all tabs of a browser share one, and no other service is
 * needed. It carries bytes, lets one commit win each epoch, hands out key packages, and reads nothing. RFC 9750
 *
 * It knows that a tab is gone when the Web Lock that the tab held is free.
 */

import { CallRelay } from "./call-relay.ts";
import type { FromService, Person, Publication, Sighting, ToService } from "./protocol.ts";

/** A tab that said hello. */
interface Client {
  readonly id: string;
  readonly name: string;
  readonly keyPackage: Uint8Array;
  readonly port: MessagePort;
  inChat: boolean;
  gone: boolean;
}

const clients = new Map<string, Client>();
/** The epoch of the chat that the service has let a commit begin. */
let epoch = 0n;
const sightings: Sighting[] = [];
const mostSightings = 12;
/** Who was asked to commit, and has not answered. */
let asked: string | undefined;
const calls = new CallRelay((to, incoming) => {
  const client = clients.get(to);
  if (client !== undefined && !client.gone) say(client, { kind: "call", incoming });
});

function say(client: Client, message: FromService): void {
  client.port.postMessage(message);
}

function everybody(): readonly Client[] {
  return [...clients.values()].filter(({ gone }) => !gone);
}

function others(from: Client): readonly Client[] {
  return everybody().filter((client) => client.inChat && client !== from);
}

function see(from: Client, what: string, bytes: number): void {
  sightings.unshift({ from: from.name, what, bytes });
  sightings.length = Math.min(sightings.length, mostSightings);
  for (const client of everybody()) say(client, { kind: "seen", sightings });
}

function tellPeople(): void {
  const people: readonly Person[] = everybody().map(({ id, name, inChat }) => ({
    id,
    name,
    inChat,
    inCall: calls.has(id),
  }));
  for (const client of everybody()) say(client, { kind: "people", people });
}

/** Ask one member to commit what is to be done: whoever has been in the longest. */
function askForChanges(): void {
  const add = everybody().filter(({ inChat }) => !inChat);
  const remove = [...clients.values()].filter(({ inChat, gone }) => inChat && gone);
  if (add.length + remove.length === 0) return;
  const member = everybody().find(({ inChat }) => inChat);
  if (member === undefined) {
    startAfresh();
    return;
  }
  if (asked === member.id) return;
  asked = member.id;
  say(member, {
    kind: "please",
    add: add.map(({ id, keyPackage }) => ({ id, keyPackage })),
    remove: remove.map(({ id }) => id),
  });
}

/** Nobody is left in the group: whoever is there makes another. */
function startAfresh(): void {
  for (const [id, { gone }] of clients) if (gone) clients.delete(id);
  epoch = 0n;
  asked = undefined;
  const [first] = everybody();
  if (first === undefined) return;
  first.inChat = true;
  say(first, { kind: "create" });
  tellPeople();
  askForChanges();
}

/** "the first Commit for an epoch wins": the others are refused, and get the winner. */
function publish(from: Client, { epoch: ended, commit, welcome, added, removed }: Publication): void {
  if (asked === from.id) asked = undefined;
  if (epoch !== ended) {
    say(from, { kind: "refused" });
    askForChanges();
    return;
  }
  epoch = ended + 1n;
  const receivers = others(from);
  say(from, { kind: "accepted" });
  for (const client of receivers) say(client, { kind: "commit", bytes: commit });
  for (const client of [...clients.values()]) {
    if (welcome !== undefined && added.includes(client.id)) say(client, { kind: "welcome", bytes: welcome });
    if (added.includes(client.id)) client.inChat = true;
    if (removed.includes(client.id)) clients.delete(client.id);
  }
  see(from, "a commit", commit.length);
  if (welcome !== undefined) see(from, `a Welcome for ${String(added.length)}`, welcome.length);
  tellPeople();
  askForChanges();
}

function leave(client: Client): void {
  client.gone = true;
  client.port.onmessage = null;
  calls.leave(client.id);
  if (!client.inChat) clients.delete(client.id);
  if (asked === client.id) asked = undefined;
  tellPeople();
  askForChanges();
}

function greet(port: MessagePort, hello: Extract<ToService, { kind: "hello" }>): Client {
  const { id, name, keyPackage, lock } = hello;
  const client: Client = { id, name, keyPackage, port, inChat: false, gone: false };
  clients.set(id, client);
  void navigator.locks.request(lock, () => {
    if (!client.gone) leave(client);
  });
  say(client, { kind: "seen", sightings });
  see(client, "a key package", keyPackage.length);
  tellPeople();
  askForChanges();
  return client;
}

function take(client: Client, message: Exclude<ToService, { kind: "hello" }>): void {
  switch (message.kind) {
    case "commit":
      publish(client, message.publication);
      return;
    case "message":
      for (const other of others(client)) say(other, message);
      see(client, "a message", message.bytes.length);
      return;
    case "enterCall":
      say(client, { kind: "enterCall", ...calls.enter(client.id) });
      tellPeople();
      return;
    case "leaveCall":
      calls.leave(client.id);
      tellPeople();
      return;
    case "call":
      calls.take(client.id, message.outgoing);
      if (message.outgoing.kind !== "ask")
        see(client, `a ${message.outgoing.kind} for the call`, message.outgoing.message.length);
      return;
    case "signal": {
      const to = clients.get(message.to);
      if (to !== undefined && !to.gone) say(to, { kind: "signal", from: client.id, data: message.data });
      return;
    }
    case "bye":
      leave(client);
      return;
  }
}

/** What TypeScript's DOM library does not have. */
const scope = globalThis as unknown as {
  onconnect: (event: MessageEvent & { readonly ports: readonly MessagePort[] }) => void;
};

scope.onconnect = ({ ports: [port] }) => {
  if (port === undefined) return;
  let client: Client | undefined;
  port.onmessage = ({ data }: MessageEvent<ToService>) => {
    if (data.kind === "hello") client = greet(port, data);
    else if (client !== undefined) take(client, data);
  };
};
