/** The process in which the memory of SFrame's keys and windows is measured: ten seconds an epoch at first, then one epoch. */

import { sample } from "../memory/sampling.ts";
import { VirtualCall } from "./virtual-call.ts";

const call = new VirtualCall();
const many = 300;
await sample({
  once(second) {
    if (second < many ? second % 10 === 0 : second === many) call.commit();
    call.second();
  },
  warmUp: 150,
  between: 15,
  samples: 31,
});
