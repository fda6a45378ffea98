/**
 * copse/extensions: the working group's extensions of MLS (draft-ietf-mls-extensions): data of an application's components
 * in a group, members who leave by themselves, and receipts of messages. What is registered of it costs; the rest does not.
 *
 * @module
 */

export { appAck, readAppAck, writeAppAck, type MessageRange } from "./app-ack/app-ack.ts";
export {
  createReceipts,
  type Comparison,
  type ReceivedMessage,
  type Receipts,
  type ReceiptsOptions,
  type SentMessage,
} from "./app-ack/receipts.ts";
export {
  createAppData,
  type AppData,
  type AppDataOptions,
  type ContextOptions,
  type CustomChange,
} from "./app-data/app-data.ts";
export type { MayChangeRequirements, RequirementChange } from "./app-data/basics.ts";
export type { ComponentChange, ContextChange } from "./app-data/changes.ts";
export type { Component, ComponentSender, ComponentUpdate, EphemeralRules, UpdateRules } from "./app-data/component.ts";
export type { Hashing } from "./app-data/large.ts";
export type { KnownSupport } from "./app-data/media-types.ts";
export type { CustomChoice } from "./app-data/update.ts";
export type { EphemeralData } from "./app-data/ephemeral.ts";
export { components, draftNumbers, type AppDataNumbers } from "./app-data/numbers.ts";
export type { ApplicationPskChoice, ComponentPsk, Psk, PskSource } from "./app-data/psk.ts";
export { selfRemoval, selfRemove, selfRemoveRequired, selfRemoveType, withSelfRemove } from "./self-remove.ts";
