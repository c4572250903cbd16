/** Addresses of the page: `/` and `/troubles` with what is chosen, `/messages/ID`, `/troubles/ID`. They hold names and ids, never content. */
import { type AnchorHTMLAttributes, type MouseEvent, useSyncExternalStore } from 'react';

const moved = 'weir:moved';

function subscribe(changed: () => void): () => void {
  window.addEventListener('popstate', changed);
  window.addEventListener('hashchange', changed);
  window.addEventListener(moved, changed);
  return () => {
    window.removeEventListener('popstate', changed);
    window.removeEventListener('hashchange', changed);
    window.removeEventListener(moved, changed);
  };
}

/** The address as `path?query`; the component is drawn again when it changes. */
export function useAddress(): URL {
  const address = useSyncExternalStore(subscribe, () => window.location.pathname + window.location.search);
  return new URL(address, window.location.origin);
}

/** What stands behind the `#` of the address. */
export function useHash(): string {
  return useSyncExternalStore(subscribe, () => window.location.hash.slice(1));
}

/** Goes to an address of the page. `replace` leaves no entry to come back to. */
export function go(address: string, options: { readonly replace?: boolean } = {}): void {
  if (options.replace === true) window.history.replaceState(null, '', address);
  else window.history.pushState(null, '', address);
  window.dispatchEvent(new Event(moved));
}

/** A link within the page; with a key held it opens as any link does. */
export function Link({ href, onClick, ...rest }: AnchorHTMLAttributes<HTMLAnchorElement> & { readonly href: string }) {
  const follow = (event: MouseEvent<HTMLAnchorElement>) => {
    onClick?.(event);
    if (event.defaultPrevented || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    go(href);
  };
  return <a {...rest} href={href} onClick={follow} />;
}

/** The overview with a choice of messages. */
export function overviewAddress(choice: {
  readonly channel?: string | null;
  readonly state?: string | null;
  readonly before?: string | null;
}): string {
  return withChoice('/', choice);
}

/** What came to the listeners and was no message, by channel. */
export function troublesAddress(choice: { readonly channel?: string | null; readonly before?: string | null }): string {
  return withChoice('/troubles', choice);
}

function withChoice(path: string, choice: Readonly<Record<string, string | null | undefined>>): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(choice))
    if (value !== null && value !== undefined && value !== '') query.set(name, value);
  return query.size === 0 ? path : `${path}?${query}`;
}
