/**
 * Requests about rooms, and what is lost without harm.
 */

import type { Bytes } from "../../bytes/bytes.ts";
import type * as D from "../delivery.ts";
import { bytes, count, id, list, maybe, names, nothing, select, struct, text, u16, u64, type Form } from "./forms.ts";
import type { Asked, Operations } from "./operation.ts";

/** More than any service gives at once. */
const mostItems = 65_536;
const mostServers = 64;

const Commit: Form<NonNullable<D.Publication["commit"]>> = struct<NonNullable<D.Publication["commit"]>>("Commit", {
  groupInfo: bytes,
  welcome: maybe<Uint8Array>(bytes),
});

const TakesBack: Form<NonNullable<D.LogItem["takesBack"]>> = struct<NonNullable<D.LogItem["takesBack"]>>("TakesBack", {
  number: u64,
  epoch: u64,
});

const LogItem: Form<D.LogItem> = struct<D.LogItem>("LogItem", {
  number: u64,
  message: bytes,
  at: count,
  takesBack: maybe(TakesBack),
  stamp: maybe<Bytes>(bytes),
});

const IceServer: Form<D.IceServer> = struct<D.IceServer>("IceServer", {
  urls: list(text, mostServers),
  username: maybe(text),
  credential: maybe(text),
});

const RoomHead: Form<D.RoomHead> = struct<D.RoomHead>("RoomHead", { room: text, head: u64 });

export const roomOperations: Operations<
  | "createRoom"
  | "publish"
  | "fetch"
  | "changed"
  | "acknowledge"
  | "groupInfo"
  | "confirm"
  | "complain"
  | "whisper"
  | "callServers"
  | "frankingAgent"
> = {
  createRoom: {
    number: 1,
    asks: struct<Asked<"createRoom">>("NewRoom", { id, room: text, groupInfo: bytes, ratchetTree: bytes }),
    answers: nothing,
  },
  publish: {
    number: 2,
    mimi: "submitMessage, update",
    asks: struct<Asked<"publish">>("Publication", { id, room: text, message: bytes, commit: maybe(Commit) }),
    answers: select<D.Published, "kind">("Published", "kind", {
      accepted: { number: u64, at: count },
      refused: {
        reason: names("epoch", "pending", "invalid", "policy", "not-member", "no-room", "too-large", "rate"),
        epoch: maybe(u64),
        head: maybe(u64),
        code: maybe(text),
        retryAfter: maybe(count),
      },
    }),
  },
  fetch: {
    number: 3,
    asks: struct<Asked<"fetch">>("FetchRequest", { room: text, after: u64, limit: maybe(count) }),
    answers: struct<D.Page>("Page", { items: list(LogItem, mostItems), head: u64, goneThrough: u64 }),
  },
  changed: {
    number: 4,
    asks: struct<object>("Changed", {}),
    answers: list(RoomHead, mostItems),
  },
  acknowledge: {
    number: 5,
    asks: struct<Asked<"acknowledge">>("Acknowledgement", { room: text, through: u64 }),
    answers: nothing,
  },
  groupInfo: {
    number: 6,
    mimi: "groupInfo",
    asks: struct<Asked<"groupInfo">>("RoomRequest", { room: text }),
    answers: struct<D.CurrentGroupInfo>("CurrentGroupInfo", {
      groupInfo: bytes,
      ratchetTree: bytes,
      epoch: u64,
      head: u64,
      proposals: list(bytes, mostItems),
    }),
  },
  confirm: {
    number: 7,
    asks: struct<Asked<"confirm">>("Confirmation", { room: text, epoch: u64, signature: bytes }),
    answers: nothing,
  },
  complain: {
    number: 8,
    asks: struct<Asked<"complain">>("Complaint", {
      id,
      room: text,
      epoch: u64,
      number: u64,
      code: text,
      evidence: bytes,
    }),
    answers: names("rolled-back", "kept"),
  },
  whisper: {
    number: 9,
    asks: struct<Asked<"whisper">>("Whisper", { room: text, bytes }),
    answers: nothing,
  },
  callServers: {
    number: 10,
    asks: struct<Asked<"callServers">>("CallServersRequest", { room: text }),
    answers: struct<D.CallServers>("CallServers", {
      iceServers: list(IceServer, mostServers),
      sfu: maybe(text),
      expires: maybe(count),
    }),
  },
  frankingAgent: {
    number: 11,
    asks: struct<Asked<"frankingAgent">>("FrankingAgentRequest", { cipherSuite: u16 }),
    answers: struct<D.FrankingAgentAnswer>("FrankingAgentAnswer", { agent: maybe<Bytes>(bytes) }),
  },
};
