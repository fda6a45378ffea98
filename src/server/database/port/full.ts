/**
 * A limit that is reached: thrown within a transaction to take back what it had begun, and told as an answer.
 */

export class Full extends Error {
  override readonly name = "Full";
}

/** What the work gives, or "full". */
export async function unlessFull<T>(work: () => Promise<T>): Promise<T | { readonly kind: "full" }> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof Full) return { kind: "full" };
    throw error;
  }
}
