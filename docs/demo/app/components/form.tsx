/**
 * A form whose work is done by this page, and sent nowhere.
 */

import type { ComponentChildren, JSX } from "preact";

export function Form({
  submit,
  children,
  layout = "stack",
}: {
  readonly submit: () => unknown;
  readonly children: ComponentChildren;
  readonly layout?: "stack" | "inline" | "composer-row";
}): JSX.Element {
  return (
    <form
      class={layout}
      onSubmit={(event) => {
        event.preventDefault();
        submit();
      }}
    >
      {children}
    </form>
  );
}
