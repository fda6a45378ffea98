/**
 * The address of a chat that this device is not in.
 */

import type { JSX } from "preact";
import { hrefOf, route } from "../state/route.ts";

export function NoRoom(): JSX.Element {
  return (
    <div class="empty">
      <h1>This chat is not here</h1>
      <p>This device is in no chat of this address. Perhaps it was deleted here, or the link is another person’s.</p>
      <a class="button primary" href={hrefOf(route.value.person ?? "", "rooms")}>
        To your chats
      </a>
    </div>
  );
}
