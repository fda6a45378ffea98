/**
 * The end of an account. Its name stays taken: else somebody could come as the user whom others know.
 */

import type { Caller, Core } from "../core.ts";

/** Delete the caller's account. */
export async function deleteAccount({ port, news }: Core, { user, device }: Caller): Promise<void> {
  const devices = await port.users.end(user);
  for (const each of devices) if (each !== device) news.gone(each);
  // Last, and when it is answered: who asks learns that it is done.
  queueMicrotask(() => {
    news.gone(device);
  });
}
