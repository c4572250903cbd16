import { useEffect, useRef } from 'react';

/** Sets the window's title, and gives the focus to the page's heading when it opens, so that reading starts there. */
export function usePage(title: string): React.RefObject<HTMLHeadingElement | null> {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    document.title = `${title} · Weir`;
  }, [title]);
  useEffect(() => heading.current?.focus({ preventScroll: true }), []);
  return heading;
}
