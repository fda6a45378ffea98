/**
 * A tab's line to the delivery service: what comes is handled one after the other.
 */

import type { FromService, ToService } from "./protocol.ts";

/** A line that is open. */
export interface Connection {
  readonly send: (message: ToService) => void;
  readonly close: () => void;
}

/** Open a line. `handle` is not called again before its promise is settled; what it throws goes to `failed`. */
export function connect(handle: (message: FromService) => Promise<void>, failed: (error: unknown) => void): Connection {
  const worker = new SharedWorker(new URL("./service.ts", import.meta.url), { type: "module", name: "copse demo" });
  let turn = Promise.resolve();
  worker.port.onmessage = ({ data }: MessageEvent<FromService>) => {
    turn = turn.then(() => handle(data)).catch(failed);
  };
  return {
    send: (message) => {
      worker.port.postMessage(message);
    },
    close: () => {
      worker.port.postMessage({ kind: "bye" } satisfies ToService);
      worker.port.close();
    },
  };
}

/** Hold a Web Lock until this tab is gone: its name. */
export async function lockOfLife(id: string): Promise<string> {
  const name = `copse-demo-${id}`;
  await new Promise<void>((held) => {
    void navigator.locks.request(name, () => {
      held();
      return new Promise<never>(() => undefined);
    });
  });
  return name;
}
