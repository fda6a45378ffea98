/**
 * A tab's part in the call: the call's own group, the keys that come of it, and connections to everybody in it.
 */

import type { Group } from "copse";
import { Call, protect, workerBackend } from "copse/call";
import { CallGroup, type CallGroupEvent, type Incoming } from "copse/call/group";
import { openMedia, type OwnMedia } from "./camera.ts";
import { groupOptions, type Self } from "./chat.ts";
import type { Connection } from "./connection.ts";
import { Mesh, type Signal } from "./mesh.ts";
import { namedBy } from "./people.ts";

/** What the page is told. */
export interface CallListener {
  /** This tab is in the call, in an epoch of its group with these people. */
  readonly onEpoch: (call: Call, people: readonly string[]) => void;
  readonly onOwnPicture: (stream: MediaStream) => void;
  readonly onPicture: (id: string, stream: MediaStream) => void;
  readonly onGone: (id: string) => void;
  /** This tab is out of the call, and why if not by its own wish. */
  readonly onOver: (why: string | undefined) => void;
  readonly onNote: (text: string) => void;
}

/** Everything that ends with the call. */
interface Parts {
  readonly media: OwnMedia;
  readonly group: CallGroup;
  readonly worker: Worker;
  readonly mesh: Mesh;
  call: Call | undefined;
}

/** A tab that can be in one call at a time. */
export class TabCall {
  readonly #self: Self;
  readonly #connection: Connection;
  readonly #listener: CallListener;
  #media: OwnMedia | undefined;
  #parts: Parts | undefined;

  constructor(self: Self, connection: Connection, listener: CallListener) {
    this.#self = self;
    this.#connection = connection;
    this.#listener = listener;
  }

  /** Ask for the camera, and for the call. */
  async join(): Promise<void> {
    if (this.#media !== undefined) return;
    this.#media = await openMedia(this.#self.name);
    if (this.#media.problem !== undefined) this.#listener.onNote(this.#media.problem);
    this.#listener.onOwnPicture(this.#media.stream);
    this.#connection.send({ kind: "enterCall" });
  }

  /** The service says which call there is: begin its group, or knock. */
  async enter(chat: Group, callId: Uint8Array, start: boolean): Promise<void> {
    const media = this.#media;
    if (media === undefined || this.#parts !== undefined) return;
    const options = {
      chat,
      callId,
      authentication: groupOptions.authentication,
      transport: { send: (outgoing) => this.#connection.send({ kind: "call", outgoing }) },
      onEvent: (event) => this.#happened(event),
    } satisfies Parameters<typeof CallGroup.join>[0];
    const group = start ? await CallGroup.start(options) : CallGroup.join(options);
    const worker = new Worker(new URL("./call-worker.ts", import.meta.url), { type: "module" });
    const backend = workerBackend({ worker });
    const mesh = new Mesh({
      self: this.#self.id,
      stream: media.stream,
      signal: (to, data) => {
        this.#connection.send({ kind: "signal", to, data });
      },
      protect: (connection) => {
        protect(connection, backend);
      },
      onStream: this.#listener.onPicture,
      onGone: this.#listener.onGone,
    });
    const parts: Parts = { media, group, worker, mesh, call: undefined };
    this.#parts = parts;
    const follow = (): void => {
      if (group.state === "entering" || group.isGone) return;
      parts.call ??= new Call({ source: group, backend });
      const people = [...group.members].map(({ credential }) => namedBy(credential).id);
      this.#listener.onEpoch(parts.call, people);
      mesh.follow(people).catch(this.#failed);
    };
    group.onEpoch(follow);
    follow();
  }

  /** What the service brings for the call's group. */
  async take(incoming: Incoming): Promise<void> {
    await this.#parts?.group.receive(incoming);
  }

  /** What another tab says to get connected. */
  async signal(from: string, signal: Signal): Promise<void> {
    await this.#parts?.mesh.take(from, signal);
  }

  async leave(): Promise<void> {
    await this.#parts?.group.leave();
    this.#end(undefined);
  }

  readonly #failed = (error: unknown): void => {
    this.#listener.onNote(`The call has a problem: ${error instanceof Error ? error.message : String(error)}`);
  };

  #happened(event: CallGroupEvent): void {
    if (event.kind !== "out" || event.why === "left") return;
    this.#end(
      event.why === "removed"
        ? "You were removed from the call."
        : event.why === "replaced"
          ? "Somebody is in the call in your place, with this device's key."
          : "You are no longer in the chat, and so out of its call.",
    );
  }

  #end(why: string | undefined): void {
    this.#media?.stop();
    this.#media = undefined;
    const parts = this.#parts;
    this.#parts = undefined;
    parts?.mesh.close();
    parts?.call?.close();
    parts?.worker.terminate();
    this.#connection.send({ kind: "leaveCall" });
    this.#listener.onOver(why);
  }
}
