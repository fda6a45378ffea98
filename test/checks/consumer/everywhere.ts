// What a consumer in TypeScript writes, on any platform. test/checks/consumers.js compiles it; nothing runs it.
import * as accounts from "copse/accounts";
import * as adapter from "copse/adapters/ts-mls";
import * as dave from "copse/adapters/dave";
import "copse/adapters/dave/worker";
import * as call from "copse/call";
import * as callGroup from "copse/call/group";
import * as native from "copse/call/native";
import "copse/call/worker";
import * as client from "copse/client";
import * as content from "copse/content";
import * as copse from "copse";
import * as delivery from "copse/delivery";
import * as deliveryHttp from "copse/delivery/http";
import * as extensions from "copse/extensions";
import { nobleProvider } from "copse/crypto/noble";
import { nodeProvider } from "copse/crypto/node";
import { webProvider } from "copse/crypto/web";
import * as observer from "copse/observer";
import * as rooms from "copse/rooms";
import * as sframe from "copse/sframe";
import * as storage from "copse/storage";
import * as sqlite from "copse/storage/sqlite";
import * as testing from "copse/testing";

export {
  accounts,
  adapter,
  call,
  callGroup,
  client,
  content,
  dave,
  delivery,
  deliveryHttp,
  extensions,
  native,
  observer,
  rooms,
  sframe,
  sqlite,
  storage,
  testing,
};

/** Optional properties are left out, and never undefined. */
export interface Settings {
  readonly random?: copse.Random;
  readonly authentication: copse.AuthenticationService;
}

export async function start(settings: Settings): Promise<copse.Group> {
  const suite = copse.cipherSuite(1, [nodeProvider, webProvider][0] ?? nobleProvider);
  const identity = await copse.createIdentity({ suite, credential: copse.basic("alice") });
  return copse.Group.create({ ...settings, identity });
}

/** Every kind of event can be told apart. */
export async function receive(group: copse.Group, message: Uint8Array): Promise<string> {
  const event = await group.receive(message);
  switch (event.kind) {
    case "message":
      return `${String(event.sender.leafIndex)}: ${String(event.plaintext.length)} bytes`;
    case "commit":
      return `epoch ${String(event.epoch)}`;
    default:
      return event.kind;
  }
}
