/**
 * A button that opens a list of things to do: arrow keys move in it, Escape closes it. The list is a popover, which nothing around the button
 * cuts, and opens upwards where there is no room below.
 */

import type { JSX, TargetedKeyboardEvent } from "preact";
import { useLayoutEffect, useRef, useState } from "preact/hooks";
import { Icon, type IconName } from "./icon.tsx";
import { placed } from "./placing.ts";

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
  const list = useRef<HTMLDivElement>(null);
  const buttons = (): HTMLButtonElement[] => [
    ...(root.current?.querySelectorAll<HTMLButtonElement>("[role=menuitem]") ?? []),
  ];
  useLayoutEffect(() => {
    if (!isOpen) return undefined;
    list.current?.showPopover();
    // It stays at its button while that moves: messages come in below an open menu, or the window gets another size.
    let frame = 0;
    const stand = (): void => {
      if (standAt(root.current?.querySelector(".menu-button"), list.current)) frame = requestAnimationFrame(stand);
      else setOpen(false);
    };
    stand();
    buttons()[0]?.focus({ preventScroll: true });
    const outside = ({ target }: Event): void => {
      if (!root.current?.contains(target as Node)) setOpen(false);
    };
    document.addEventListener("pointerdown", outside);
    return () => {
      cancelAnimationFrame(frame);
      document.removeEventListener("pointerdown", outside);
    };
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
        <div ref={list} class="menu-list" popover="manual" role="menu" aria-label={label}>
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

/** Whether the list stands at its button: not where that is out of sight. */
function standAt(button: Element | null | undefined, list: HTMLElement | null): boolean {
  if (!button || list === null) return false;
  const box = button.getBoundingClientRect();
  if (box.bottom < 0 || box.top > innerHeight) return false;
  const size = { width: list.offsetWidth, height: list.offsetHeight };
  const { left, top } = placed(box, size, { width: document.documentElement.clientWidth, height: innerHeight });
  list.style.translate = `${String(left)}px ${String(top)}px`;
  return true;
}
