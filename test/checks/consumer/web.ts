// What leaves copse goes into WebSocket.send, fetch and crypto.subtle as it is. test/checks/consumers.js compiles it.
import type { Group, KeyPackageBundle, Observer, Pending, StateEvent } from "copse";
import { proposeAsExternalSender, proposeToJoin } from "copse";
import type { Outgoing } from "copse/call/group";
import type { SFrameReceiver, SFrameSender } from "copse/sframe";

declare const group: Group;
declare const pending: Pending;
declare const bundle: KeyPackageBundle;
declare const event: StateEvent;
declare const outgoing: Outgoing;
declare const observer: Observer;
declare const sender: SFrameSender;
declare const receiver: SFrameReceiver;

export async function send(socket: WebSocket, bytes: Uint8Array): Promise<void> {
  socket.send(await group.seal(bytes));
  socket.send(await group.propose({ update: {} }));
  socket.send(pending.commit);
  if (pending.welcome !== undefined) socket.send(pending.welcome);
  if (pending.groupInfo !== undefined) socket.send(pending.groupInfo);
  socket.send(pending.ratchetTree());
  socket.send(bundle.keyPackage);
  socket.send(bundle.ref);
  socket.send(await proposeAsExternalSender({} as Parameters<typeof proposeAsExternalSender>[0]));
  socket.send(await proposeToJoin({} as Parameters<typeof proposeToJoin>[0]));
  if ("message" in outgoing) socket.send(outgoing.message);
  socket.send(sender.encrypt(bytes));
}

export async function store(bytes: Uint8Array): Promise<void> {
  await fetch("/groups", { method: "PUT", body: group.snapshot() });
  await fetch("/groups", { method: "PUT", body: await group.groupInfo() });
  await fetch("/groups", { method: "PUT", body: group.ratchetTree() });
  await fetch("/groups", { method: "PUT", body: pending.toBytes() });
  await fetch("/groups", { method: "PUT", body: bundle.toBytes() });
  await fetch("/groups", { method: "PUT", body: observer.snapshot() });
  if (event.kind === "committed") await fetch("/groups", { method: "PUT", body: event.commit });
  new Blob([group.id, receiver.open(bytes).plaintext]);
}

export async function derive(bytes: Uint8Array): Promise<void> {
  await crypto.subtle.importKey("raw", group.exportSecret("files", bytes, 32), "AES-GCM", false, ["encrypt"]);
  await crypto.subtle.digest("SHA-256", group.epochAuthenticator);
  const received = await group.receive(bytes);
  if (received.kind === "message") await crypto.subtle.digest("SHA-256", received.plaintext);
}
