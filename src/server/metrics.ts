/**
 * What a server counts, as Prometheus reads it.
 */

import type { Counter, Gauge, Histogram, Registry } from "prom-client";
import type { ServerPackages } from "./packages.ts";

/** Why a connection ended. */
export type Ending =
  "left" | "replaced" | "shutdown" | "not-signed-in" | "silent" | "slow-reader" | "bad-frame" | "too-many-strangers";

export interface Metrics {
  readonly registry: Registry;
  readonly connections: Gauge<"state">;
  readonly ended: Counter<"reason">;
  readonly signIns: Counter<"result">;
  readonly operatorTries: Counter<"result">;
  readonly requests: Counter<"operation" | "result">;
  readonly seconds: Histogram<"operation">;
  readonly news: Counter<"kind">;
  readonly newsLost: Counter<"kind">;
  readonly bytes: Counter<"direction">;
}

/** Bounds of the buckets, in seconds. */
const buckets = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10];

/** The metrics of one server. `ofProcess`: those of the process, too, of which there is one. */
export function metricsOf({ prometheus }: ServerPackages, ofProcess: boolean): Metrics {
  const registry = new prometheus.Registry();
  const registers = [registry];
  if (ofProcess) prometheus.collectDefaultMetrics({ register: registry });
  return {
    registry,
    connections: new prometheus.Gauge({
      name: "copse_connections",
      help: "Connections that are open: strangers have not signed in yet.",
      labelNames: ["state"],
      registers,
    }),
    ended: new prometheus.Counter({
      name: "copse_connections_ended_total",
      help: "Connections that have ended, and why.",
      labelNames: ["reason"],
      registers,
    }),
    signIns: new prometheus.Counter({
      name: "copse_sign_ins_total",
      help: "Sign-ins, by the code that they were refused with, or ok.",
      labelNames: ["result"],
      registers,
    }),
    operatorTries: new prometheus.Counter({
      name: "copse_operator_tries_total",
      help: "Requests under /operator, by whether they said the secret.",
      labelNames: ["result"],
      registers,
    }),
    requests: new prometheus.Counter({
      name: "copse_requests_total",
      help: "Requests, by the code that they were refused with, or ok.",
      labelNames: ["operation", "result"],
      registers,
    }),
    seconds: new prometheus.Histogram({
      name: "copse_request_seconds",
      help: "How long requests took from being read to being answered.",
      labelNames: ["operation"],
      buckets,
      registers,
    }),
    news: new prometheus.Counter({
      name: "copse_news_total",
      help: "News that were told.",
      labelNames: ["kind"],
      registers,
    }),
    newsLost: new prometheus.Counter({
      name: "copse_news_lost_total",
      help: "News that slow readers were not told.",
      labelNames: ["kind"],
      registers,
    }),
    bytes: new prometheus.Counter({
      name: "copse_frame_bytes_total",
      help: "Bytes of frames, received and sent.",
      labelNames: ["direction"],
      registers,
    }),
  };
}
