/**
 * Where the figures come from.
 */

import { arch, cpus, platform } from "node:os";

/** The processor, its cores and the runtime. */
export function machineName(runtime: string): string {
  const processors = cpus();
  const model = processors[0]?.model.trim() ?? "an unknown processor";
  return `${model}, ${processors.length} cores, ${platform()} ${arch()}, ${runtime}`;
}
