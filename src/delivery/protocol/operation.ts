/**
 * A request of a device, as it crosses a network.
 */

import type { Connection } from "../delivery.ts";
import type { RequestName } from "../requests.ts";
import type { Form } from "./forms.ts";

/** The requests of a connection. */
export type OperationName = RequestName;

/** What a request says. */
export type Asked<Name extends OperationName> = Omit<NonNullable<Parameters<Connection[Name]>[0]>, "signal">;

/** What it is answered with. */
export type Answered<Name extends OperationName> = Awaited<ReturnType<Connection[Name]>>;

/** A request on the wire. */
export interface Operation<Name extends OperationName> {
  /** Its number, which never changes and is never used again. */
  readonly number: number;
  /** The endpoint of draft-ietf-mimi-protocol section 5 that does this between providers. */
  readonly mimi?: string;
  readonly asks: Form<Asked<Name>>;
  readonly answers: Form<Answered<Name>>;
}

/** The rows of some requests. */
export type Operations<Name extends OperationName> = { readonly [N in Name]: Operation<N> };
