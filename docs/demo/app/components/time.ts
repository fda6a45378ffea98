/**
 * Times in words, as the person's language has them.
 */

const clock = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit" });
const date = new Intl.DateTimeFormat(undefined, { day: "numeric", month: "short" });
const dateOfYear = new Intl.DateTimeFormat(undefined, { day: "numeric", month: "short", year: "numeric" });
const weekday = new Intl.DateTimeFormat(undefined, { weekday: "long" });
const day = 24 * 60 * 60 * 1000;

/** 14:05 */
export function clockTime(at: number): string {
  return clock.format(at);
}

/** "Today", "Yesterday", "Monday", "3 Nov", "3 Nov 2025" */
export function dayOf(at: number, now: number = Date.now()): string {
  const days = Math.round((startOf(now) - startOf(at)) / day);
  if (days === 0) return "Today";
  if (days === 1) return "Yesterday";
  if (days > 1 && days < 7) return weekday.format(at);
  return new Date(at).getFullYear() === new Date(now).getFullYear() ? date.format(at) : dateOfYear.format(at);
}

/** The clock's time today, else the day. */
export function shortTime(at: number, now: number = Date.now()): string {
  return startOf(at) === startOf(now) ? clockTime(at) : dayOf(at, now);
}

function startOf(at: number): number {
  return new Date(at).setHours(0, 0, 0, 0);
}

/** "30 seconds", "1 hour", "4 weeks" */
export function span(seconds: number): string {
  const units = [
    ["week", 604_800],
    ["day", 86_400],
    ["hour", 3_600],
    ["minute", 60],
    ["second", 1],
  ] as const;
  const [unit, length] = units.find(([, each]) => seconds >= each && seconds % each === 0) ?? units[4];
  const count = seconds / length;
  return `${String(count)} ${unit}${count === 1 ? "" : "s"}`;
}

/** "2:05" */
export function duration(seconds: number): string {
  const whole = Math.floor(seconds);
  return `${String(Math.floor(whole / 60))}:${String(whole % 60).padStart(2, "0")}`;
}

/** "1.5 MB" */
export function size(bytes: number): string {
  if (bytes < 1_000) return `${String(bytes)} bytes`;
  const [value, unit] = bytes < 1_000_000 ? [bytes / 1_000, "kB"] : [bytes / 1_000_000, "MB"];
  return `${value < 10 ? value.toFixed(1) : String(Math.round(value))} ${unit}`;
}
