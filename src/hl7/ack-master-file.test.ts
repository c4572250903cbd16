import { describe, expect, test } from 'vitest';
import { buildAck, buildApplicationAck, type Refusal } from './ack.ts';
import { Message } from './message.ts';

const stamp = { time: new Date('2026-01-02T03:04:05.678Z'), controlId: 'W1' };

/** A notification of two records that asks for an application ACK. */
function notification({ version = '2.5.1', level = 'AL', asks = '|||AL|AL' } = {}): Message {
  return Message.fromText(
    [
      `MSH|^~\\&|STAFF|MAIN|WEIR|MERCY|20260101||MFN^M02|C1|P|${version}${asks}`,
      `MFI|PRA^Practitioners^HL70175||UPD|||${level}`,
      'MFE|MAD|R1|20260101|77^Okafor \\T\\ Son^L|CE',
      'STF|77',
      'MFE|MDC|R2||4W^412^A|PL',
    ].join('\r'),
  );
}

function answer(message: Message, fault: Refusal | null): string[] {
  const { bytes } = buildApplicationAck(message, fault, stamp, { confirm: false });
  return new TextDecoder().decode(bytes).trimEnd().split('\r');
}

const success = 'S^Successful posting^HL70181';
const failure = 'U^Unsuccessful posting^HL70181';

describe('the answer to a master file notification (HL7 2.9, 8.5)', () => {
  test('is an MFK: the file as it was sent, and what became of each record', () => {
    expect(answer(notification(), null)).toEqual([
      'MSH|^~\\&|WEIR|MERCY|STAFF|MAIN|20260102030405+0000||MFK^M02^MFK_M01|W1|P|2.5.1|||NE|NE',
      'MSA|AA|C1',
      'MFI|PRA^Practitioners^HL70175||UPD|||AL',
      `MFA|MAD|R1|20260102030405+0000|${success}|77^Okafor \\T\\ Son^L|CE`,
      `MFA|MDC|R2|20260102030405+0000|${success}|4W^412^A|PL`,
    ]);
  });

  test('says of every record that it was not posted where the message was parked', () => {
    const lines = answer(notification(), { code: 'fhir-invalid' });
    expect(lines.slice(1).map((line) => line.slice(0, 3))).toEqual(['MSA', 'ERR', 'MFI', 'MFA', 'MFA']);
    expect(lines.filter((line) => line.includes(failure))).toHaveLength(2);
  });

  test.each([
    ['AL', 2, 2],
    ['ER', 0, 2],
    ['SU', 2, 0],
    ['NE', 0, 0],
    ['', 2, 2],
  ])('MFI-6 %j: %d records in order, %d in error (table 0179)', (level, inOrder, inError) => {
    const records = (fault: Refusal | null) => answer(notification({ level }), fault).filter((line) => line.startsWith('MFA'));
    expect(records(null)).toHaveLength(inOrder);
    expect(records({ code: 'fhir-invalid' })).toHaveLength(inError);
  });

  test('is of the version of the message', () => {
    expect(answer(notification({ version: '2.2' }), null)[0]).toContain('|MFK^M02|');
    expect(answer(notification({ version: '2.9' }), null)[0]).toContain('|MFK^M02^MFK_M01|');
  });

  test('an accept ACK stays a general one: nothing is posted yet', () => {
    for (const asks of ['', '|||AL|AL']) {
      const ack = buildAck(notification({ asks }), null, stamp);
      expect(new TextDecoder().decode(ack?.bytes)).toMatch(/\|ACK\^M02\^ACK\|W1\|P\|2\.5\.1[^\r]*\rMSA\|[AC]A\|C1\r$/);
    }
  });

  test('other messages are answered as ever, also where they hold an MFI', () => {
    const other = Message.fromText('MSH|^~\\&|A|B|||20260101||ADT^A01|C1|P|2.5.1|||AL|AL\rMFI|X||UPD|||AL\rMFE|MAD|1||7|CE');
    expect(answer(other, null)).toHaveLength(2);
  });
});
