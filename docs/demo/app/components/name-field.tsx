/**
 * The field for a person's name at the service: where somebody signs up, links a browser, or comes back by a code.
 */

import type { JSX } from "preact";

/** What is said of a text that can be no name. */
export const noName =
  "A name has 1 to 32 letters from a to z, digits, dots and hyphens, and begins and ends with a letter or digit.";

/** A field with the label "Your name". */
export function NameField({
  name,
  value,
  onInput,
}: {
  /** The field's name in its form: browsers tell fields apart by it. */
  readonly name: string;
  readonly value: string;
  readonly onInput: (value: string) => void;
}): JSX.Element {
  return (
    <label>
      Your name
      <input
        name={name}
        value={value}
        onInput={({ currentTarget }) => onInput(currentTarget.value)}
        autocomplete="username"
        autocapitalize="none"
        spellcheck={false}
        maxLength={64}
        required
      />
    </label>
  );
}
