import { formatLocation } from '../hl7/path.ts';
import type { Frame, Run } from './runtime.ts';
import { locationOf } from './trace.ts';
import type { MapIssue } from './types.ts';

/** A frame's place as a person writes it: `PID-8`, `PID-3[2].4`, `OBX[3]-5`. */
export function pathOf(frame: Frame): string {
  const { segments } = frame.run.message;
  const { name, index } = frame.segment;
  let before = 1;
  let several = false;
  for (const segment of segments) {
    if (segment.name !== name || segment.index === index) continue;
    several = true;
    if (segment.index < index) before += 1;
  }
  const location = locationOf(frame);
  const repetition = location.repetition === 1 ? 0 : location.repetition;
  return formatLocation({ ...location, repetition }, several ? before : undefined);
}

/** Reports something of a value. The sentence names the row and what to do, never the value. */
export function report(run: Run, frame: Frame, severity: MapIssue['severity'], code: MapIssue['code'], text: string): void {
  run.issues.push({ severity, code, path: pathOf(frame), text });
}
