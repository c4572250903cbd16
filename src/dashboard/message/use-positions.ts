import { type FocusEvent, type KeyboardEvent, type PointerEvent, useState } from 'react';

const closest = (target: EventTarget) => (target instanceof Element ? target.closest<HTMLElement>('[data-position]') : null);

/**
 * One value of many is pointed at, by the pointer or by the focus. The values are elements with `data-position`; the first takes the focus by Tab,
 * the arrow keys go on from there, so that a message of a thousand values is one stop.
 */
export function usePositions() {
  const [position, setPosition] = useState<string | null>(null);
  const point = (event: PointerEvent | FocusEvent) => {
    const found = closest(event.target)?.dataset.position;
    if (found !== undefined) setPosition(found);
  };
  const move = (event: KeyboardEvent<HTMLElement>) => {
    const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
    const from = closest(event.target);
    if (step === undefined || from === null) return;
    const all = [...event.currentTarget.querySelectorAll<HTMLElement>('[data-position]')];
    const next = all[all.indexOf(from) + step];
    if (next === undefined) return;
    event.preventDefault();
    next.focus();
  };
  return { position, handlers: { onPointerOver: point, onFocus: point, onKeyDown: move } };
}
