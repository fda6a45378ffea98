/**
 * Items of the log that don't open: fetched by who meets one.
 */

import { attempt } from "../../bytes/attempt.ts";
import { CopseError } from "../../errors.ts";
import type { Group } from "../../group/group.ts";
import type { MessageInfo } from "../../group/receiving/inspect.ts";
import type { LogItem } from "../../delivery/delivery.ts";
import { deviceOf } from "../../rooms/uri.ts";
import type { RoomError } from "../../rooms/errors.ts";
import type { ClientEvent } from "../events.ts";
import { complainOf } from "./complaining.ts";
import type { RoomCore } from "./core.ts";
import { passed } from "./log.ts";
import { isSignedByMember } from "./signed.ts";
import { unreadable } from "./unreadable.ts";
import { verdictOn } from "./verdict.ts";

/** An item that does not open: told, and passed over. Of a commit that is signed by a member, this is the end for now. */
export async function passOver(core: RoomCore, item: LogItem, error: CopseError | RoomError): Promise<void> {
  if (error.code === "own-message-unknown") {
    await core.write({ ...core.around.copies.found(), flush: true }); // handshakes are public: our key has signed it
    return;
  }
  const group = await core.group();
  const info = inspected(group, item.message);
  // With a wrong tag nothing of it is followed; where its signature is good, the service has gone on with it all the same.
  const isWronglyTagged = error.code === "membership-tag" && info?.contentType === "commit";
  const verdict = isWronglyTagged && (await isSignedByMember(group, item.message)) ? "behind" : verdictOn(error);
  // What was said before this device came in is not for it, though it may come late.
  if (info?.relation === "past" && info.contentType === "application" && (info.epoch ?? 0n) < core.state.since) {
    await core.write({ state: await passed(core, item) });
    return;
  }
  if (verdict === "forged" || info?.contentType !== "commit") {
    await core.write(await unreadable(core, item, error.code));
    const connection = core.around.connection();
    if (connection !== undefined && info?.contentType === "proposal" && info.relation === "current") {
      const { number, message } = item;
      await complainOf(core, connection, { epoch: group.epoch, number, code: error.code, message });
    }
    return;
  }
  const { unverifiedSender: sender } = info; // its signature was verified before anything else of it was
  const author = sender?.type === "member" ? group.member(sender.leafIndex) : undefined;
  const told: ClientEvent[] = [
    {
      kind: "broken-commit",
      room: core.id,
      item: item.number,
      author: author && (deviceOf(author.credential) ?? ""),
      code: error.code,
    },
  ];
  if (verdict === "broken") told.push({ kind: "frozen", room: core.id });
  // The cursor stays before it: if the service takes it back, the room goes on from here.
  core.stuckFor = error.code;
  await core.write({
    state: { status: verdict === "broken" ? "frozen" : "behind", stuckAt: item.number },
    events: told,
  });
}

/** What a message says of itself, where it can be read at all. */
function inspected(group: Group, message: Uint8Array): MessageInfo | undefined {
  return attempt(CopseError, () => group.inspect(message));
}
