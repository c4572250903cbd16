import { type Case, header, message, section } from '../case.ts';

const pid = 'PID|||1';
const taken = (...read: readonly string[]) => ({ ack: 'taken', read }) as const;
const refused = (...read: readonly string[]) => ({ ack: 'refused', read }) as const;
const asking = (accept: string, application: string): string => `${header({ rest: `|||${accept}|${application}` })}\r${pid}`;
const of = (version: string, type = 'ADT^A01'): string => `${header({ version, type })}\r${pid}`;

/** Acknowledgement: HL7 2.9, 2.9. */
export const answers: readonly Case[] = [
  ...section('2.9.2 Original processing rules', [
    ['AA when it is taken', message(pid), taken('MSA-1'), ['AA']],
    ['MSA-2 is MSH-10', message(pid), taken('MSA-2'), ['C1']],
    [
      'sender and receiver change places',
      message(pid),
      taken('MSH-3', 'MSH-4', 'MSH-5', 'MSH-6'),
      ['WEIR', 'LAKE', 'EHR', 'MERCY'],
    ],
    ['the type is ACK, of the event, with its structure', message(pid), taken('MSH-9'), ['ACK^A01^ACK']],
    ['no structure before 2.3.1', of('2.3'), taken('MSH-9'), ['ACK^A01']],
    ['no event before 2.2', of('2.1'), taken('MSH-9'), ['ACK']],
    ['the processing id comes back', `${header({ processing: 'T' })}\r${pid}`, taken('MSH-11'), ['T']],
    ['the version comes back', of('2.3.1'), taken('MSH-12'), ['2.3.1']],
    ['in the sender’s delimiters', 'MSH$%*!@$A$B$C$D$1$$ADT%A01$1$P$2.5\rPID$$$1', taken('MSH-1', 'MSH-2'), ['$', '%*!@']],
    ['in its character set', `${header({ rest: '||||||UNICODE UTF-8' })}\r${pid}`, taken('MSH-18'), ['UNICODE UTF-8']],
    ['a control id with an escape comes back as sent', `${header({ id: 'a\\T\\b' })}\r${pid}`, taken('MSA-2'), ['a&b']],
    ['a message without a control id', `${header({ id: '' })}\r${pid}`, taken('MSA-1'), ['AA']],
    ['AR for a type that is not taken', message(pid), refused('MSA-1'), ['AR']],
    ['ERR-2 says where', message(pid), refused('ERR-2'), ['MSH^1^9']],
    ['ERR-3 says which condition, table 0357', message(pid), refused('ERR-3.1', 'ERR-3.3'), ['200', 'HL70357']],
    ['ERR-4 says how bad', message(pid), refused('ERR-4'), ['E']],
    ['before 2.5 ERR-1 says both', of('2.4'), refused('ERR-1.1', 'ERR-1.3', 'ERR-1.4.1'), ['MSH', '9', '200']],
    [
      'and MSA-6 the condition',
      of('2.4'),
      refused('MSA-6.1', 'MSA-6.2', 'MSA-6.3'),
      ['200', 'Unsupported message type', 'HL70357'],
    ],
    ['MSA-6 from 2.2 on, beside the text in MSA-3', of('2.2'), refused('MSA-4', 'MSA-5', 'MSA-6.1'), [null, null, '200']],
    ['2.1 has no MSA-6', of('2.1'), refused('MSA-1', 'MSA-6'), ['AR', null]],
    ['from 2.5 on ERR-3 has the condition', of('2.5'), refused('MSA-6', 'ERR-3.1'), [null, '200']],
    ['nothing of the kind where it is taken', of('2.4'), taken('MSA-1', 'MSA-6'), ['AA', null]],
    ['an ACK is never acknowledged', `${header({ type: 'ACK^A01^ACK' })}\rMSA|AA|C0`, taken('MSA-1'), null],
    ['nor is a delayed one', `${header({ type: 'MCF^Q02' })}\rMSA|AA|C0`, taken('MSA-1'), null],
    ['nor is a response', `${header({ type: 'RSP^K22^RSP_K22' })}\rMSA|AA|C0`, taken('MSA-1'), null],
  ]),
  ...section('2.9.3 Enhanced processing rules', [
    ['CA when it is stored', asking('AL', 'NE'), taken('MSA-1'), ['CA']],
    ['CR when it is rejected', asking('AL', 'NE'), refused('MSA-1'), ['CR']],
    ['NE: never', asking('NE', 'AL'), taken('MSA-1'), null],
    ['NE: not even a rejection', asking('NE', 'AL'), refused('MSA-1'), null],
    ['ER: nothing when it is stored', asking('ER', 'NE'), taken('MSA-1'), null],
    ['ER: when it is rejected', asking('ER', 'NE'), refused('MSA-1'), ['CR']],
    ['SU: when it is stored', asking('SU', 'NE'), taken('MSA-1'), ['CA']],
    ['SU: nothing when it is rejected', asking('SU', 'NE'), refused('MSA-1'), null],
    ['the accept ACK asks for none itself', asking('AL', 'AL'), taken('MSH-15', 'MSH-16'), [null, null]],
    ['MSH-16 alone is enhanced mode', asking('', 'AL'), taken('MSA-1'), ['CA']],
  ]),
];
