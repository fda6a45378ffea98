/**
 * The worker of a call that speaks DAVE, ready to run: `copse/adapters/dave/worker`. In a worker of a page it serves a call;
 * anywhere else it does nothing.
 *
 * @example
 * // dave-worker.js, which the page starts as a module worker:
 * import "copse/adapters/dave/worker";
 */

import { serveCall } from "../../call/transforms/serve.ts";
import { createDaveEngine } from "./engine.ts";

const { DedicatedWorkerGlobalScope: Scope } = globalThis as { readonly DedicatedWorkerGlobalScope?: typeof Object };

if (Scope !== undefined && globalThis instanceof Scope) {
  serveCall(globalThis, ({ maxFrameBytes, maxTracks, onEvent }) =>
    createDaveEngine({
      ...(maxFrameBytes !== undefined && { maxFrameBytes }),
      ...(maxTracks !== undefined && { maxTracks }),
      ...(onEvent && { onEvent }),
    }),
  );
}
