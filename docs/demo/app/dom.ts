/**
 * Elements of the page, found and made. Text is only ever set as text.
 */

/** The element of this id. @throws TypeError where the page has none of that kind. */
export function find<T extends HTMLElement>(id: string, kind: new () => T): T {
  const element = document.getElementById(id);
  if (!(element instanceof kind)) throw new TypeError(`the page has no ${kind.name} ${id}`);
  return element;
}

/** A new element. */
export function make<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  properties: Partial<HTMLElementTagNameMap[K]> = {},
  ...children: readonly (Node | string)[]
): HTMLElementTagNameMap[K] {
  const element = Object.assign(document.createElement(tag), properties);
  element.append(...children);
  return element;
}

/** Say something that the person must notice, until it is dismissed or a newer one with the same words comes. */
export function note(text: string): void {
  const notes = find("notes", HTMLDivElement);
  for (const old of notes.children) if (old.firstChild?.textContent === text) old.remove();
  const close = make("button", { textContent: "Close" });
  const shown = make("div", { className: "note" }, make("span", { textContent: text }), close);
  close.onclick = () => {
    shown.remove();
  };
  notes.append(shown);
}
