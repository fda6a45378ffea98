/**
 * The data of one component of a room in a group context, whether it stands there or beside it.
 */

import type { Extension } from "../wire/extension.ts";
import type { RoomAppData } from "./components.ts";
import { RoomError } from "./errors.ts";
import type { RoomComponent } from "./numbers.ts";

/** @throws RoomError "missing" */
export function dataInContextOf(
  extensions: readonly Extension[],
  name: RoomComponent,
  { appData, numbers }: Pick<RoomAppData, "appData" | "numbers">,
): Uint8Array {
  let data: Uint8Array | undefined;
  try {
    data = appData.data({ extensions }, numbers[name]);
  } catch (cause) {
    throw new RoomError("missing", { cause });
  }
  if (data === undefined) throw new RoomError("missing");
  return data;
}
