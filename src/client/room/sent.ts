/** What came of a try to send. "again": there may be more to do at once. "idle": nothing waits. "later": the room is looked at again. */
export type Sent = "again" | "idle" | "later";

/** The longest that a room is left alone after a try that came to nothing, in milliseconds. */
export const longestWait = 30_000;
