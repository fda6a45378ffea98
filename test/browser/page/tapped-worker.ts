/**
 * The worker of a call with a tap in front of it.
 */

import "./tap.ts";
import "../../../src/call/worker.ts";
