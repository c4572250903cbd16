/** Times, sizes and counts for a person. Pure: the time now is passed in. */

/** A span of milliseconds: `3 s`, `4 min`, `2 h`, `5 days`. */
export function span(milliseconds: number): string {
  const seconds = Math.max(0, Math.round(milliseconds / 1000));
  if (seconds < 120) return `${seconds} s`;
  if (seconds < 7200) return `${Math.round(seconds / 60)} min`;
  if (seconds < 172_800) return `${Math.round(seconds / 3600)} h`;
  return `${Math.round(seconds / 86_400)} days`;
}

/** How long before `now` a time was: `3 s ago`, `just now`. */
export function ago(time: string, now: string): string {
  const milliseconds = Date.parse(now) - Date.parse(time);
  return milliseconds < 1000 ? 'just now' : `${span(milliseconds)} ago`;
}

/** Time of day, with the date where it is not the day of `now`. In the reader's zone. */
export function clock(time: string, now: string): string {
  const [date, today] = [new Date(time), new Date(now)];
  const hours = date.toLocaleTimeString('en-GB', { hour: '2-digit', minute: '2-digit', second: '2-digit' });
  if (date.toDateString() === today.toDateString()) return hours;
  const sameYear = date.getFullYear() === today.getFullYear();
  return `${date.toLocaleDateString('en-GB', { day: 'numeric', month: 'short', ...(sameYear ? {} : { year: 'numeric' }) })} ${hours}`;
}

/** How long until a time: `in 4 s`, `now`. */
export function until(time: string, now: string): string {
  const milliseconds = Date.parse(time) - Date.parse(now);
  return milliseconds < 1000 ? 'now' : `in ${span(milliseconds)}`;
}

export const count = (value: number) => value.toLocaleString('en');

export const plural = (value: number, noun: string) => `${count(value)} ${noun}${value === 1 ? '' : 's'}`;

export function bytes(size: number): string {
  if (size < 1024) return plural(size, 'byte');
  if (size < 1024 * 1024) return `${(size / 1024).toFixed(1)} KiB`;
  return `${(size / 1024 / 1024).toFixed(1)} MiB`;
}
