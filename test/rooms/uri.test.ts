/**
 * MIMI URIs: one spelling each.
 */

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { utf8 } from "../../src/bytes/text.ts";
import {
  bytesOfUri,
  deviceOf,
  deviceUri,
  groupUri,
  hostOf,
  isUri,
  parseUri,
  providerUri,
  roomNumbers,
  roomNumbersOf,
  roomUri,
  uriOfBytes,
  userOf,
  userOfDevice,
  userUri,
} from "../../src/rooms/index.ts";

const basic = (identity: string) => ({ type: "basic", identity: utf8(identity) }) as const;

describe("MIMI URIs", () => {
  it("name providers, users, devices, rooms and groups", () => {
    expect(parseUri("mimi://example.org")).toEqual({ kind: "provider", host: "example.org" });
    expect(parseUri("mimi://example.org/u/alice")).toEqual({ kind: "user", host: "example.org", user: "alice" });
    expect(parseUri("mimi://a.example/d/alice/ClientA1")).toEqual({
      kind: "device",
      host: "a.example",
      user: "alice",
      device: "ClientA1",
    });
    const room = "mimi://hub.example/r/Rl33FWLCYWOwxHrYnpWDQg";
    expect(parseUri(room)).toEqual({ kind: "room", host: "hub.example", room: "Rl33FWLCYWOwxHrYnpWDQg" });
    expect(parseUri(groupUri(room)).kind).toBe("group");
  });

  it("are made of their parts", () => {
    const alice = userUri("example.org", "alice");
    expect([providerUri("example.org"), alice]).toEqual(["mimi://example.org", "mimi://example.org/u/alice"]);
    expect(deviceUri(alice, "phone")).toBe("mimi://example.org/d/alice/phone");
    expect(userOfDevice(deviceUri(alice, "phone"))).toBe(alice);
    expect(groupUri(roomUri("example.org", "hiking"))).toBe("mimi://example.org/g/hiking");
    expect(hostOf(alice)).toBe("example.org");
    expect(uriOfBytes(bytesOfUri(alice))).toBe(alice);
  });

  it.each([
    "",
    "mimi:",
    "mimi://",
    "mimi:///u/alice",
    "MIMI://example.org/u/alice",
    "https://example.org/u/alice",
    "mimi://Example.org/u/alice",
    "mimi://example.org./u/alice",
    "mimi://example..org/u/alice",
    "mimi://-example.org/u/alice",
    "mimi://example-.org/u/alice",
    "mimi://exam_ple.org/u/alice",
    "mimi://127.0.0.1/u/alice",
    "mimi://0x7f.1/u/alice",
    "mimi://[::1]/u/alice",
    "mimi://exämple.org/u/alice",
    "mimi://alice@example.org/u/alice",
    "mimi://example.org:443/u/alice",
    "mimi://example.org/u/alice?",
    "mimi://example.org/u/alice#",
    "mimi://example.org/u/alice?a=b",
    "mimi://example.org/u/alice#b",
    "mimi://example.org/",
    "mimi://example.org/u",
    "mimi://example.org/u/",
    "mimi://example.org/u/alice/",
    "mimi://example.org/u/alice/phone",
    "mimi://example.org//u/alice",
    "mimi://example.org/U/alice",
    "mimi://example.org/x/alice",
    "mimi://example.org/u/Alice",
    "mimi://example.org/u/al%69ce",
    "mimi://example.org/u/%C3%A9",
    "mimi://example.org/u/é",
    "mimi://example.org/u/.",
    "mimi://example.org/u/..",
    "mimi://example.org/d/alice",
    "mimi://example.org/d/alice/..",
    "mimi://example.org/d/../phone",
    "mimi://example.org/d/Alice/phone",
    "mimi://example.org/r/..",
    "mimi://example.org/g/.",
    "mimi://example.org/u/alice\n",
    "\nmimi://example.org/u/alice",
    " mimi://example.org/u/alice",
    "mimi://example.org/u/al\u0000ice",
    `mimi://${"a".repeat(64)}.org/u/alice`,
    `mimi://example.org/u/${"a".repeat(237)}`,
  ])("refuses %j", (uri) => {
    expect(() => parseUri(uri)).toThrow(expect.objectContaining({ name: "RoomError", code: "uri" }) as Error);
    expect(isUri(uri, "user")).toBe(false);
  });

  it("takes 255 bytes", () => {
    expect(parseUri(`mimi://example.org/u/${"a".repeat(234)}`).kind).toBe("user");
  });

  it("has one spelling for each user", () => {
    const part = fc.stringMatching(/^[a-z0-9_~+.-]{1,30}$/).filter((text) => text !== "." && text !== "..");
    fc.assert(
      fc.property(part, part, (user, device) => {
        const alice = userUri("example.org", user);
        expect(parseUri(alice)).toEqual({ kind: "user", host: "example.org", user });
        expect(userOfDevice(deviceUri(alice, device))).toBe(alice);
      }),
    );
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (text) => {
        const uri = `mimi://example.org/u/${text}`;
        if (!isUri(uri, "user")) return;
        expect(uri).toBe(uri.toLowerCase());
        expect(new URL(uri).href).toBe(uri);
      }),
    );
  });

  it("of another kind are refused where one kind is wanted", () => {
    expect(() => deviceUri("mimi://example.org/r/alice", "phone")).toThrow(/^uri/);
    expect(() => groupUri("mimi://example.org/u/alice")).toThrow(/^uri/);
    expect(() => userOfDevice("mimi://example.org/u/alice")).toThrow(/^uri/);
    expect(() => userUri("example.org", "alice/../bob")).toThrow(/^uri/);
    expect(() => deviceUri("mimi://example.org/u/alice", "a/b")).toThrow(/^uri/);
    expect(() => providerUri("example.org/u/alice")).toThrow(/^uri/);
    expect(() => roomUri("example.org/u/alice?", "b")).toThrow(/^uri/);
    expect(() => bytesOfUri("alice")).toThrow(/^uri/);
    expect(uriOfBytes(utf8("mimi://example.org/u/.."))).toBeUndefined();
    expect(() => parseUri(7 as never)).toThrow(TypeError);
    expect(() => isUri(7 as never, "user")).toThrow(TypeError);
    expect(() => isUri("mimi://example.org", "host" as never)).toThrow(TypeError);
    expect(() => uriOfBytes("mimi://example.org" as never)).toThrow(TypeError);
  });

  it("of credentials are those of devices", () => {
    expect(deviceOf(basic("mimi://example.org/d/alice/phone"))).toBe("mimi://example.org/d/alice/phone");
    expect(userOf(basic("mimi://example.org/d/alice/phone"))).toBe("mimi://example.org/u/alice");
    const others = [
      basic("mimi://example.org/u/alice"),
      basic("alice"),
      basic(`mimi://example.org/d/alice/${"a".repeat(300)}`),
      basic("mimi://example.org/d/alice/."),
      { type: "basic", identity: Uint8Array.of(0xff) },
      { type: "x509", certificates: [] },
      { type: 0xf000, data: utf8("mimi://example.org/d/alice/phone") },
    ] as const;
    for (const credential of others) {
      expect(userOf(credential)).toBeUndefined();
      expect(deviceOf(credential)).toBeUndefined();
    }
  });
});

describe("The numbers of a room's components", () => {
  it("are for private use, each of its own", () => {
    const numbers = Object.values(roomNumbers);
    expect(new Set(numbers).size).toBe(numbers.length);
    for (const number of numbers) expect(number).toBeGreaterThanOrEqual(0xf000);
  });

  it("can be replaced, and not by one number for two", () => {
    expect(roomNumbersOf({ participant_list: 0x0022 }).participant_list).toBe(0x0022);
    expect(() => roomNumbersOf({ participant_list: roomNumbers.roles_list })).toThrow(TypeError);
    expect(() => roomNumbersOf({ participant_list: 0x1_0000 })).toThrow(TypeError);
    expect(() => roomNumbersOf({ participants: 1 } as never)).toThrow(TypeError);
  });
});
