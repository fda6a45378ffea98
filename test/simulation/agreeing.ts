/**
 * What must hold of a call once it has come to rest: those who are in it are in one epoch, know each other, and are all in
 * the chat.
 */

import { expect } from "vitest";
import { hex } from "../../src/bytes/text.ts";
import type { Device, World } from "./world.ts";

/** Who is in the call. @param expected how many are in, where that is known, and how many leaves nobody answers for */
export function agreeing(world: World, expected: { readonly in?: number; readonly silent?: number } = {}): Device[] {
  const calling = world.calling;
  const states = calling.map(({ name, call }) => `${name} ${call?.state ?? ""}`);
  expect(states).toEqual(calling.map(({ name }) => `${name} in`));
  if (expected.in !== undefined) expect(calling).toHaveLength(expected.in);
  const views = new Set(calling.map(({ call }) => `${String(call!.epoch)} ${hex(call!.epochAuthenticator)}`));
  expect(views.size).toBeLessThanOrEqual(1);
  const [first] = calling;
  if (first === undefined) return [];
  const inCall = Array.from(first.call!.members, ({ signatureKey }) => hex(signatureKey)).sort();
  const present = calling.map(({ client }) => hex(client.identity.signatureKey)).sort();
  if (expected.silent !== undefined) expect(inCall).toHaveLength(present.length + expected.silent);
  expect(inCall).toEqual(expect.arrayContaining(present));
  const inChat = Array.from(first.chat.members, ({ signatureKey }) => hex(signatureKey));
  expect(inChat).toEqual(expect.arrayContaining(inCall));
  return [...calling];
}
