/**
 * The worker in which the call's keys live and its frames are sealed and opened: copse's own, under an address that the
 * bundler knows.
 */

import "copse/call/worker";
