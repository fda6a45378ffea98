#!/usr/bin/env node
/**
 * The copse command. The exit code is set, never forced: what is still on its way through a pipe arrives.
 */

import { main } from "./main.ts";
import { processTerminal } from "./terminal.ts";

process.exitCode = await main(process.argv.slice(2), processTerminal());
