/**
 * A button that opens a list of things to do: arrow keys move in it, Escape closes it.
 */

import type { JSX, TargetedKeyboardEvent } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { Icon, type IconName } from "./icon.tsx";

/** One thing to do. */
export interface MenuItem {
  readonly label: string;
  readonly act: () => void;
  readonly isDangerous?: boolean;
}

/** A menu. */
export function Menu({
  label,
  items,
  icon = "more",
}: {
  readonly label: string;
  readonly items: readonly MenuItem[];
  readonly icon?: IconName;
}): JSX.Element {
  const [isOpen, setOpen] = useState(false);
  const root = useRef<HTMLDivElement>(null);
  const buttons = (): HTMLButtonElement[] => [
    ...(root.current?.querySelectorAll<HTMLButtonElement>("[role=menuitem]") ?? []),
  ];
  useEffect(() => {
    if (!isOpen) return undefined;
    buttons()[0]?.focus();
    const outside = (event: Event): void => {
      if (!root.current?.contains(event.target as Node)) setOpen(false);
    };
    document.addEventListener("pointerdown", outside);
    return () => document.removeEventListener("pointerdown", outside);
  }, [isOpen]);
  const close = (): void => {
    setOpen(false);
    root.current?.querySelector<HTMLButtonElement>(".menu-button")?.focus();
  };
  const onKeyDown = (event: TargetedKeyboardEvent<HTMLDivElement>): void => {
    if (!isOpen) return;
    const all = buttons();
    const at = all.indexOf(document.activeElement as HTMLButtonElement);
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (event.key === "Escape") close();
    else if (event.key === "Tab") setOpen(false);
    else if (step !== undefined) all[(at + step + all.length) % all.length]?.focus();
    if (event.key === "Escape" || step !== undefined) event.preventDefault();
  };
  return (
    <div class="menu" ref={root} onKeyDown={onKeyDown}>
      <button
        type="button"
        class="icon-button menu-button"
        aria-label={label}
        aria-haspopup="menu"
        aria-expanded={isOpen}
        onClick={() => setOpen(!isOpen)}
      >
        <Icon name={icon} />
      </button>
      {isOpen && (
        <div class="menu-list" role="menu" aria-label={label}>
          {items.map(({ label: words, act, isDangerous = false }) => (
            <button
              key={words}
              type="button"
              role="menuitem"
              class={isDangerous ? "danger" : ""}
              tabIndex={-1}
              onClick={() => {
                close();
                act();
              }}
            >
              {words}
            </button>
          ))}
        </div>
      )}
    </div>
  );
}
