/**
 * What a stranger can make grow, and how far. RFC 9420 leaves every size open; each bound here is an option.
 */

/** Limits on what is accepted. Every one is a count, except those that say that they are in bytes. */
export interface Limits {
  /** The longest message, key package, tree or stored pending commit, in bytes. */
  readonly messageBytes: number;
  /** Proposals kept between two commits, in bytes together: outsiders may ask to be added as often as they like. */
  readonly proposalBytes: number;
  /** Leaves of a ratchet tree, blank ones included. */
  readonly leaves: number;
  /** Extensions in one list. */
  readonly extensions: number;
  /** Proposals in one commit, and proposals kept between two commits. */
  readonly proposals: number;
  /** Entries in each list of a Capabilities or RequiredCapabilities. */
  readonly capabilities: number;
  /** Certificates in one credential. */
  readonly certificates: number;
  /** Pre-shared keys in one Welcome or commit. */
  readonly psks: number;
  /** Entries of an external_senders extension. */
  readonly externalSenders: number;
}

/** The limits that are counts. */
export type CountLimit = Exclude<keyof Limits, "messageBytes" | "proposalBytes">;

/** Generous for real groups, and bearable for a server on the open internet. */
export const defaultLimits: Limits = {
  messageBytes: 64 * 1024 * 1024,
  proposalBytes: 4 * 1024 * 1024,
  leaves: 65_536,
  extensions: 64,
  proposals: 4_096,
  capabilities: 256,
  certificates: 16,
  psks: 64,
  externalSenders: 64,
};

/** No limits: for what is already within them. */
export const unlimited: Limits = {
  messageBytes: Infinity,
  proposalBytes: Infinity,
  leaves: Infinity,
  extensions: Infinity,
  proposals: Infinity,
  capabilities: Infinity,
  certificates: Infinity,
  psks: Infinity,
  externalSenders: Infinity,
};
