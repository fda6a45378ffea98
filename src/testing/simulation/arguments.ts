/**
 * What a caller must pass to a simulation.
 */

import { anything, hook, is, options, thing, uint32, type Shape, type Takes } from "../../bytes/takes.ts";
import type { Weather } from "./network.ts";

const share = is("a number, 0 to 1", (value) => typeof value === "number" && value >= 0 && value <= 1);
const weatherShape: Shape<Weather> = {
  delay: anything,
  spike: share,
  loseRequest: share,
  loseAnswer: share,
  loseNews: share,
  duplicate: share,
};

const portParts = ["rooms", "devices", "users", "blobs", "histories"];

export const worldTakes: Takes = thing(
  "an object",
  {
    seed: uint32,
    weather: options(weatherShape, ...Object.keys(weatherShape)),
    port: thing("a DeliveryPort", Object.fromEntries(portParts.map((name) => [name, anything])), portParts),
    reach: hook,
  },
  ["seed"],
);
