/**
 * The application acknowledgment of a master file notification, MFK (HL7 2.9, 8.5): beside MSA it has the file (MFI) and what became of each
 * record (MFA). The records of a message are delivered together, so that one verdict holds for all.
 */
import type { AckCode } from '../errors.ts';
import { rawValue, timestamp } from './ack-header.ts';
import { structureName } from './dictionary-structures.ts';
import type { Message } from './message.ts';

/** MSH-9.1 and MSH-9.3 of an answer. */
export interface AnswerType {
  readonly type: string;
  readonly structure: string;
}

/** What answers a message when it is known what became of it: MFK a master file notification, ACK any other. */
export function answerTypeOf({ type, event, version }: Message): AnswerType {
  if (type !== 'MFN') return { type: 'ACK', structure: 'ACK' };
  return { type: 'MFK', structure: structureName('MFK', event, version) ?? 'MFK_M01' };
}

/**
 * MFI as it was sent, and an MFA for each MFE that the sender wants to hear of: MFI-6 (table 0179) says all, those in error, those in order or
 * none. None for a message that is no master file notification, or has no MFI.
 */
export function masterFileSegments(message: Message, code: AckCode, completed: Date): string[][] {
  const file = message.type === 'MFN' ? message.segments.find(({ name }) => name === 'MFI') : undefined;
  if (file === undefined) return [];
  const { field: separator, component } = message.delimiters;
  const text = code === 'AA' ? ['S', 'Successful posting'] : ['U', 'Unsuccessful posting'];
  const verdict = [...text, 'HL70181'].join(component === '' ? ' ' : component);
  const records = isWanted(file.field(6), code) ? message.segments.filter(({ name }) => name === 'MFE') : [];
  const echo = [rawValue(file.text).split(separator)];
  for (const record of records) {
    const [event = '', id = '', key = '', kind = ''] = [1, 2, 4, 5].map((field) => rawValue(record.field(field)));
    echo.push(['MFA', event, id, timestamp(completed), verdict, key, kind]);
  }
  return echo;
}

function isWanted(level: string, code: AckCode): boolean {
  if (level === 'ER') return code !== 'AA';
  if (level === 'SU') return code === 'AA';
  return level !== 'NE';
}
