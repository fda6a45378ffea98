/** The process in which a long call's memory is measured. */

import { sample } from "../../memory/sampling.ts";
import { LongCall } from "./long-call.ts";

const call = new LongCall();
await sample({ once: (second) => call.second(second), warmUp: 1500, between: 100, samples: 31 });
