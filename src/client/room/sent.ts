/** What came of a try to send. "again": there may be more to do at once. "idle": nothing waits. "later": the room is looked at again. */
export type Sent = "again" | "idle" | "later";
