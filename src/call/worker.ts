/**
 * The worker of a call, ready to run: `copse/call/worker`. In a worker of a page it serves a call; anywhere else it does
 * nothing.
 *
 * @example
 * // call-worker.js, which the page starts as a module worker:
 * import "copse/call/worker";
 */

import { createFrameEngine } from "./engine/engine.ts";
import { serveCall } from "./transforms/serve.ts";

const { DedicatedWorkerGlobalScope: Scope } = globalThis as { readonly DedicatedWorkerGlobalScope?: typeof Object };

if (Scope !== undefined && globalThis instanceof Scope) {
  serveCall(globalThis, createFrameEngine);
}
