/**
 * What an application keeps among its user's devices: `client.shared`.
 */

/** Values that all of a user's devices have, by names of the application's. */
export interface SharedValues {
  /** Undefined where it was never set, or was taken away. */
  get(name: string): Promise<string | undefined>;
  /**
   * Names of at most 512 characters, values of at most 4,096; undefined takes a value away. At most 16,384 names, those that were taken away
   * and the client's own included.
   *
   * @throws ClientError "too-large", "too-many"
   */
  set(name: string, value: string | undefined): Promise<void>;
  /** What the application has set, by name: what was taken away and what is the client's own is not among it. */
  all(): Promise<ReadonlyMap<string, string>>;
}
