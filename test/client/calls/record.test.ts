/** Which messages of a call's group count, in the order of the room's log; and what notices make of a call in a timeline. */

import { describe, expect, it } from "vitest";
import { isHandshake, readHandshake, writeHandshake, type CallHandshake } from "../../../src/client/calls/handshake.ts";
import { afterHandshake, type CallRecord } from "../../../src/client/calls/record.ts";
import { afterNotice, afterRinging, ringingCall, type CallEntry } from "../../../src/client/timeline/call-entry.ts";
import type { CallMessage } from "../../../src/content/messages/message.ts";
import type { MimiContent } from "../../../src/content/mimi.ts";

const caller = "mimi://example.org/d/alice/phone";
const other = "mimi://example.org/d/bob/phone";
const message = Uint8Array.of(1);

function record(change: Partial<CallRecord> = {}): CallRecord {
  return { place: 1n, caller, epoch: 0n, groupInfo: undefined, isOver: false, ...change };
}

function commit(epoch: bigint): CallHandshake {
  return { kind: "commit", epoch, message, welcome: undefined, groupInfo: Uint8Array.of(Number(epoch)) };
}

function content(part: MimiContent["nestedPart"]): MimiContent {
  return { salt: new Uint8Array(16), nestedPart: part };
}

describe("the log of a room as the service of its calls", () => {
  it("takes one commit for each epoch, the first", () => {
    const first = afterHandshake(record(), commit(0n), caller);
    expect(first).toEqual(record({ epoch: 1n, groupInfo: Uint8Array.of(0) }));
    expect(afterHandshake(first!, commit(0n), caller)).toBe(undefined);
    expect(afterHandshake(first!, commit(1n), other)?.epoch).toBe(2n);
    expect(afterHandshake(first!, commit(2n), other)?.epoch, "what was before it counted for those who are in").toBe(
      3n,
    );
  });

  it("lets nobody begin a call's group but the device that rang", () => {
    expect(afterHandshake(record(), commit(0n), other)).toBe(undefined);
  });

  it("keeps the GroupInfo of the epoch that it is in, and no other", () => {
    const info = { kind: "group-info", message, epoch: 3n } as const;
    expect(afterHandshake(record({ epoch: 3n }), info, other)?.groupInfo).toEqual(message);
    expect(afterHandshake(record({ epoch: 4n }), info, other)).toBe(undefined);
  });

  it("is where one who is in the call says that it is, once it has begun", () => {
    const reset = { kind: "reset", message, epoch: 3n } as const;
    for (const epoch of [2n, 3n, 9n])
      expect(afterHandshake(record({ epoch }), reset, other)).toEqual(record({ epoch: 3n, groupInfo: message }));
    expect(afterHandshake(record(), reset, other)).toBe(undefined);
    expect(afterHandshake(record({ epoch: 3n }), { ...reset, epoch: 0n }, other)).toBe(undefined);
  });

  it("goes on for those who are in a call that is said to be over, and it stays over", () => {
    const over = record({ epoch: 1n, isOver: true });
    expect(afterHandshake(over, commit(1n), other)).toEqual({ ...over, epoch: 2n, groupInfo: Uint8Array.of(1) });
    expect(afterHandshake(over, { kind: "proposal", message }, caller)).toEqual(over);
    expect(afterHandshake(record(), { kind: "proposal", message }, caller)).toEqual(record());
  });

  it("reads what it writes, and nothing that is damaged", () => {
    const call = Uint8Array.of(1, 2);
    const handshakes: readonly CallHandshake[] = [
      { kind: "proposal", message },
      commit(5n),
      { ...commit(5n), kind: "commit", epoch: 5n, message, welcome: message, groupInfo: undefined },
      { kind: "group-info", epoch: 7n, message },
      { kind: "reset", epoch: 7n, message },
    ];
    for (const handshake of handshakes) {
      const written = content(writeHandshake({ call, handshake }));
      expect(isHandshake(written)).toBe(true);
      expect(readHandshake(written)).toEqual({ call, handshake });
    }
    const part = writeHandshake({ call, handshake: handshakes[0]! });
    if (part.cardinality !== "single") throw new TypeError("a single part");
    expect(readHandshake(content({ ...part, content: part.content.subarray(0, -1) }))).toBe(undefined);
    expect(readHandshake(content(writeHandshake({ call: new Uint8Array(0), handshake: handshakes[0]! })))).toBe(
      undefined,
    );
    expect(readHandshake(content(writeHandshake({ call: new Uint8Array(65), handshake: handshakes[0]! })))).toBe(
      undefined,
    );
    const beyond: CallHandshake = { ...commit(5n), epoch: 2n ** 64n - 1n } as CallHandshake;
    expect(readHandshake(content(writeHandshake({ call, handshake: beyond })))).toBe(undefined);
    expect(isHandshake(content({ ...part, contentType: "text/plain" }))).toBe(false);
  });
});

describe("a call in a timeline", () => {
  const [alice, bob, carol] = ["mimi://example.org/u/alice", "mimi://example.org/u/bob", "mimi://example.org/u/carol"];
  const rings: CallMessage = {
    kind: "call",
    event: "ringing",
    call: Uint8Array.of(1),
    expires: { relative: false, time: 60 },
  };

  /** What becomes of a call of Alice's on a device of this user, after notices. */
  function told(me: string, ...notices: readonly (readonly [string, CallMessage["event"]])[]): CallEntry {
    let entry = ringingCall(rings, me === alice, 0);
    for (const [user, event] of notices) {
      const notice: CallMessage = { kind: "call", event, call: rings.call, ...(event === "ended" && { duration: 5 }) };
      entry = afterNotice(entry, notice, { caller: alice, user, me }) ?? entry;
    }
    return entry;
  }

  it("is accepted by one's own devices, or, one's own, by somebody else", () => {
    expect(told(bob, [bob, "accepted"]).state).toBe("accepted");
    expect(told(bob, [carol, "accepted"])).toMatchObject({ state: "ringing", joined: [carol] });
    expect(told(alice, [carol, "accepted"]).state).toBe("accepted");
    expect(told(alice, [alice, "accepted"]).state).toBe("ringing"); // it moves to another of her devices
    expect(told(bob, [bob, "declined"], [bob, "accepted"]).state).toBe("accepted");
  });

  it("is declined by oneself, or, one's own, by whoever was called", () => {
    expect(told(bob, [bob, "declined"]).state).toBe("declined");
    expect(told(bob, [bob, "busy"]).state).toBe("declined");
    expect(told(bob, [carol, "declined"]).state).toBe("ringing");
    expect(told(alice, [bob, "declined"]).state).toBe("declined");
    expect(told(alice, [alice, "declined"]).state).toBe("ringing");
    expect(told(bob, [bob, "accepted"], [bob, "declined"]).state).toBe("accepted");
  });

  it("is missed where it is taken back or rings to its end, and not answered by one's own", () => {
    expect(told(bob, [alice, "cancelled"]).state).toBe("missed");
    expect(told(bob, [carol, "cancelled"]).state).toBe("ringing");
    expect(told(alice, [alice, "cancelled"]).state).toBe("unanswered");
    expect(told(bob, [carol, "accepted"], [alice, "ended"]).state).toBe("missed");
    expect(afterRinging(told(bob)).state).toBe("missed");
    expect(afterRinging(told(alice)).state).toBe("unanswered");
    expect(afterRinging(told(bob, [bob, "declined"])).state).toBe("declined");
  });

  it("ends by whoever was in it, once", () => {
    expect(told(bob, [bob, "accepted"], [alice, "ended"])).toMatchObject({ state: "ended", duration: 5 });
    expect(told(bob, [bob, "accepted"], [carol, "ended"]).state).toBe("accepted");
    expect(told(bob, [bob, "accepted"], [alice, "ended"], [bob, "accepted"]).state).toBe("ended");
    expect(told(bob, [bob, "declined"], [alice, "ended"])).toMatchObject({ state: "declined", duration: 5 });
    expect(told(bob, [alice, "ringing"]).state).toBe("ringing");
  });

  it("rings on where somebody who was called says that it has ended", () => {
    const mallory = [carol, "accepted"] as const;
    expect(told(bob, mallory, [carol, "ended"])).toMatchObject({ state: "ringing", duration: undefined });
    expect(told(bob, mallory, [carol, "ended"], [bob, "accepted"]).state).toBe("accepted");
    expect(told(bob, [bob, "declined"], mallory, [carol, "ended"]).duration).toBe(undefined);
  });

  it("rings for an hour at the most, whatever its caller says", () => {
    const year = { ...rings, expires: { relative: false, time: 365 * 24 * 3600 } } as const;
    expect(ringingCall(year, false, 5_000).until).toBe(3_605_000);
    expect(ringingCall(rings, false, 5_000).until).toBe(60_000);
  });

  it("remembers so many who have joined, and no more", () => {
    const many = Array.from({ length: 100 }, (_one, i) => [`mimi://example.org/u/u${String(i)}`, "accepted"] as const);
    expect(told(bob, ...many).joined).toHaveLength(64);
    expect(told(bob, ...many, [bob, "accepted"]).state).toBe("accepted");
  });
});
