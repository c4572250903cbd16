import { Button } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { messageQuery } from '../lib/api.ts';
import { count } from '../lib/format.ts';
import { occurrences } from '../lib/hl7.ts';
import type { Message } from '../lib/types.ts';
import { SegmentBlock } from './segment-block.tsx';
import classes from './segments.module.css';
import { usePositions } from './use-positions.ts';

const first = 60;

/** The message's segments with their populated fields. One value at a time tells its position: under the pointer, or by the arrow keys. */
export function Segments({ message }: { readonly message: Message }) {
  const [shown, setShown] = useState(first);
  const { position, handlers } = usePositions();
  const all = useQuery({ ...messageQuery(message.id, message.segmentCount), enabled: shown > message.segments.length });
  const segments = all.data?.segments ?? message.segments;
  if (segments.length === 0)
    return <p className={classes.none}>The bytes are no HL7 v2 message; they stand under Raw text as they came.</p>;
  const numbers = occurrences(segments);
  return (
    <>
      <p className={classes.position} aria-live="polite">
        {position === null ? (
          <span className={classes.hint}>Point at a value, or press Tab and the arrow keys, for its position</span>
        ) : (
          <>
            <code className={classes.path}>{position}</code>
            <span className={classes.hint}>npx weir get {position} FILE</span>
          </>
        )}
      </p>
      <div {...handlers}>
        {segments.slice(0, shown).map((segment, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: segments have no other identity, and never change place
          <SegmentBlock key={index} segment={segment} occurrence={numbers[index] ?? 0} first={index === 0} />
        ))}
      </div>
      {message.segmentCount > shown && (
        <div className={classes.more}>
          <Button variant="default" loading={all.isLoading} onClick={() => setShown(shown + 500)}>
            Show more of {count(message.segmentCount)} segments
          </Button>
        </div>
      )}
    </>
  );
}
