/**
 * What linking needs: in a file of its own, which is fetched with the first linking, so that nobody carries it who links nothing.
 */

export { linkExisting } from "./existing-device.ts";
export { linkNewDevice } from "./new-device.ts";
