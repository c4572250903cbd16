/** What senders send and what nobody should: messages, broken in every way there is. */
import type { Random } from './random.ts';

const text = (value: string): Uint8Array => new TextEncoder().encode(value);

const seeds = [
  'MSH|^~\\&|EPIC|MAIN|WEIR|MERCY|20260101080000+0100||ADT^A01^ADT_A01|C1|P|2.5.1\rEVN||20260101\rPID|1||11^^^M&1.2&ISO^MR~22||DOE^J\\T\\J^^^^^L||198001|F\rPV1|1|I|W^1^2\r',
  'MSH|^~\\&|LAB|A|||20260101||ORU^R01|C2|P|2.3||||||8859/1\rPID|1||7\rORC|RE|1\rOBR|1|1|2|C^N^L|||20260101\rOBX|1|NM|G^Glucose^L||5.4|mmol/l\rNTE|1||free \\.br\\ text\rOBX|2|CE|X||1^one^L~2^two^L|""\r',
  'MSH$%*!@$A$B$$$2026$$ADT%A04$C3$P$2.7\rPID$1$$A%%%N@1@ISO*B$$x|y^z!F!\r',
  'MSH|^~\\&#|A|||||||C4|P|2.9||||||UNICODE UTF-8\rPID|1||é山😀#|\\XC3A9\\\\XC3\\\\XA9\\\\P\\\r',
  'MSH|^~\\&|A|B|C|D|2026||ACK^A01^ACK|C5|P|2.4||1|AL|NE||~ISO IR87\rMSA|AA|C1\rERR|^^^207\r',
  'MSH|^|A\rPID|1||a^b~c\\F\\d\r',
  'MSH|^~\\&|A\nPID|1||11\n\nsecond line: of a text\nOBX|1|ED|||^application^pdf^Base64^QUJD\nZZZ\n__proto__|x\n',
  'FHS|^~\\&|A\rBHS|^~\\&|A|||||||||B1\rMSH|^~\\&|A|||||||1\rPID|1\rBTS|1\rFTS|1\r',
  'MSH|^~\\&|A|B|||2026||ADT^A40|C6|P|2.3.1\rEVN|A40\rPID|1||1\rMRG|2\rPID|2||3\rMRG|4\rMSH|^~\\&|inner\r',
  'MSH|^~\\&|A|B|||2026||MFN^M02|C7|P|2.5\rMFI|PRA\rMFE|MAD||2026|a^b|CWE\rRDF|2|A^CX^20~B^XPN^20\rRDT|1^^^H|DOE^J\r',
].map(text);

/** What means something somewhere. */
const tokens = [
  ...['|', '^', '~', '\\', '&', '#', '$', '\r', '\n', '\r\n', '\0', '\v', '\x1c\r', '\x1c', '\x1b$B', '\x1b(B', '\x1b(J', '\x1b'],
  ...[
    '\\F\\',
    '\\S\\',
    '\\E\\',
    '\\X',
    '\\XFF\\',
    '\\X0D\\',
    '\\.br\\',
    '\\C2842\\',
    '\\M244242\\',
    '\\Z1\\',
    '\\H\\',
    '\\',
    '\\\\',
  ],
  ...[
    'MSH|^~\\&|',
    'MSH',
    'PID|',
    'OBX|1|',
    'OBR|',
    'ZZZ',
    '__proto__|',
    'constructor|',
    'FHS|',
    'BHS|',
    'BTS|9',
    'FTS|',
    '""',
    '\ufeff',
  ],
  ...[
    '8859/1',
    '8859/7',
    'UNICODE UTF-8',
    'UNICODE UTF-16',
    'GB 18030-2000',
    'BIG-5',
    'KS X 1001',
    'ISO IR87',
    'CNS 11643-1992',
    'x',
  ],
  ...[
    '20260230',
    '2026013124',
    '198001',
    'ORU^R01',
    'ADT^A08',
    '2.1',
    '2.9',
    '9.9',
    '999999',
    '-1',
    '1e9',
    'é',
    '山',
    '😀',
    '\u2028',
  ],
].map(text);

const bytes = [[0xff], [0xc3], [0xe2, 0x82], [0x81, 0x7c], [0xf0, 0x9f], [0xed, 0xa0, 0x80], [0x80], [0xa4, 0xa4]].map((one) =>
  Uint8Array.from(one),
);

/** A message, changed in up to eight places; now and then in UTF-16, or nothing but noise. */
export function messageBytes(random: Random): Uint8Array {
  if (random.chance(40)) return Uint8Array.from(random.list(120, () => random.below(256)));
  let message = random.pick(seeds);
  for (let left = random.below(9); left > 0; left -= 1) message = changed(message, random);
  return random.chance(30) ? wide(message, random) : message;
}

/** Text of the same kind, for paths, values, conditions. */
export function someText(random: Random): string {
  return random.list(8, () => new TextDecoder('utf-8', { ignoreBOM: true }).decode(random.pick(tokens))).join('');
}

function changed(message: Uint8Array, random: Random): Uint8Array {
  const at = random.below(message.length + 1);
  const end = Math.min(message.length, at + random.below(20));
  switch (random.below(8)) {
    case 0:
      return joined(message.subarray(0, at), message.subarray(end));
    case 1:
      return joined(message.subarray(0, end), message.subarray(at));
    case 2:
      return message.subarray(0, random.chance(4) ? at : message.length);
    case 3: {
      const other = random.pick(seeds);
      return joined(message.subarray(0, at), other.subarray(random.below(other.length)));
    }
    case 4:
      return joined(message.subarray(0, at), random.pick(bytes), message.subarray(end));
    case 5:
      return joined(
        message.subarray(0, at),
        ...Array.from({ length: random.below(30) }, () => random.pick(tokens)),
        message.subarray(at),
      );
    default:
      return joined(message.subarray(0, at), random.pick(tokens), message.subarray(random.chance(2) ? at : end));
  }
}

function wide(message: Uint8Array, random: Random): Uint8Array {
  const bigEndian = random.chance(2);
  const found = new Uint8Array(message.length * 2 + random.below(2));
  for (const [index, byte] of message.entries()) found[index * 2 + (bigEndian ? 1 : 0)] = byte;
  return found;
}

export function joined(...parts: readonly Uint8Array[]): Uint8Array {
  return new Uint8Array(Buffer.concat(parts));
}
