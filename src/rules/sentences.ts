/**
 * The sentences of errors, as far as what raises them is loaded: of the engine where groups or observers are, of extensions with them.
 */

import type { ErrorCode } from "../errors.ts";

/** By their codes. Whoever raises others adds theirs. */
export const sentences: Partial<Record<ErrorCode, string>> = {};
