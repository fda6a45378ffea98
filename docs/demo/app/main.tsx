/**
 * The page begins here: who is it for, and what is shown.
 */

import { render } from "preact";
import { App } from "./views/app.tsx";
import { registerServiceWorker } from "./scripts.ts";

const root = document.querySelector("#app");
if (root !== null) render(<App />, root);
registerServiceWorker();
