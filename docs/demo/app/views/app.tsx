/**
 * Which view the tab shows.
 */

import type { JSX } from "preact";
import { lazy, Suspense } from "preact/compat";
import { useEffect } from "preact/hooks";
import { effect } from "@preact/signals";
import { route } from "../state/route.ts";
import { totalUnread } from "../state/rooms.ts";
import { close, open, recoveryCode, session } from "../state/session.ts";
import { peopleHere } from "../state/people.ts";
import { Door } from "./door.tsx";
import { Elsewhere, Failed, Opening } from "./closed.tsx";
import { RecoveryCode } from "./recovery-code.tsx";
import { Shell } from "./shell.tsx";

/** Fetched when it is shown. */
const Locked = lazy(() => import("../lock/locked.tsx").then((loaded) => ({ default: loaded.Locked })));

effect(() => {
  document.title = totalUnread.value === 0 ? "copse messenger" : `(${String(totalUnread.value)}) copse messenger`;
});

/** All of it. */
export function App(): JSX.Element {
  const { person } = route.value;
  const now = session.value;
  const shown = "person" in now ? now.person : undefined;
  useEffect(() => {
    const isHere = person !== undefined && peopleHere().includes(person);
    if (shown !== undefined && shown !== person) void close();
    else if (isHere && now.kind === "nobody") void open(person);
  }, [person, shown, now.kind]);
  switch (now.kind) {
    case "nobody":
      return person !== undefined && peopleHere().includes(person) ? <Opening /> : <Door />;
    case "opening":
      return <Opening />;
    case "elsewhere":
    case "taken":
      return <Elsewhere person={now.person} isTaken={now.kind === "taken"} />;
    case "locked":
      return (
        <Suspense fallback={<Opening />}>
          <Locked key={now.person} person={now.person} take={now.take} />
        </Suspense>
      );
    case "failed":
      return <Failed person={now.person} why={now.why} />;
    case "open":
      return recoveryCode.value === undefined ? <Shell /> : <RecoveryCode code={recoveryCode.value} />;
  }
}
