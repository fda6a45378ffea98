/**
 * The page of whoever runs the messenger: what people report, and what was decided about it. It is a page of its own, for somebody who is in no
 * chat: nothing of the messenger is loaded with it, and its secret is in memory alone.
 */

import { render } from "preact";
import { Moderation } from "./moderation.tsx";

const root = document.querySelector("#app");
if (root !== null) render(<Moderation />, root);
