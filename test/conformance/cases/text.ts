import { type Case, header, latin1, message, section, withBytes } from '../case.ts';

const get = (path: string) => ({ get: path });
const inCharset = (code: string): string => header({ rest: `||||||${code}` });
const named = (code: string): string => `${inCharset(code)}\rPID|||1||{}`;

/** Escape sequences and character sets: HL7 2.9, 2.7 and 2.14.9.18. */
export const text: readonly Case[] = [
  ...section('2.7 Escape sequences', [
    ['\\F\\', message('PID|||a\\F\\b'), get('PID-3'), 'a|b'],
    ['\\S\\', message('PID|||a\\S\\b'), get('PID-3'), 'a^b'],
    ['\\T\\', message('PID|||a\\T\\b'), get('PID-3'), 'a&b'],
    ['\\R\\', message('PID|||a\\R\\b'), get('PID-3'), 'a~b'],
    ['\\E\\', message('PID|||a\\E\\b'), get('PID-3'), 'a\\b'],
    ['several', message('PID|||\\F\\\\S\\\\E\\'), get('PID-3'), '|^\\'],
    ['an escaped delimiter divides nothing', message('PID|||a\\S\\b^c'), get('PID-3.1'), 'a^b'],
    ['what comes out is not read again', message('PID|||\\E\\F\\E\\'), get('PID-3'), '\\F\\'],
    ['a lone escape character is text', message('PID|||C:\\temp'), get('PID-3'), 'C:\\temp'],
    ['one at the end', message('PID|||a\\'), get('PID-3'), 'a\\'],
    ['an unknown sequence is kept', message('PID|||a\\Q\\b'), get('PID-3'), 'a\\Q\\b'],
    ['a lone one before a sequence', message('PID|||a\\b\\F\\c'), get('PID-3'), 'a\\b|c'],
  ]),
  ...section('2.7.5 Hexadecimal', [
    ['a byte', message('PID|||a\\X42\\c'), get('PID-3'), 'aBc'],
    ['several bytes', message('PID|||\\X414243\\'), get('PID-3'), 'ABC'],
    ['small letters', message('PID|||\\X4a\\'), get('PID-3'), 'J'],
    ['a line end', message('PID|||a\\X0D\\b'), get('PID-3'), 'a\rb'],
    ['bytes of the message’s character set', `${inCharset('8859/1')}\rPID|||\\XE4\\`, get('PID-3'), 'ä'],
    ['and of UTF-8', `${inCharset('UNICODE UTF-8')}\rPID|||\\XC3A4\\`, get('PID-3'), 'ä'],
    ['a character spread over two sequences', `${inCharset('UNICODE UTF-8')}\rPID|||\\XC3\\\\XA4\\`, get('PID-3'), 'ä'],
    ['an odd number of digits is no sequence', message('PID|||\\X4\\'), get('PID-3'), '\\X4\\'],
    ['nor is what is no digit', message('PID|||\\XZZ\\'), get('PID-3'), '\\XZZ\\'],
  ]),
  ...section('2.7.1, 2.7.3, 2.7.6 Formatted text', [
    ['a new line', message('OBX|1|FT|||a\\.br\\b'), get('OBX-5'), 'a\\.br\\b'],
    ['an indentation', message('OBX|1|FT|||\\.in+4\\b'), get('OBX-5'), '\\.in+4\\b'],
    ['highlighting', message('OBX|1|FT|||\\H\\a\\N\\'), get('OBX-5'), '\\H\\a\\N\\'],
  ]),
  ...section('2.7.2, 2.7.7 Other character sets and local sequences', [
    ['a single-byte set', message('PID|||\\C2842\\'), get('PID-3'), '\\C2842\\'],
    ['a multi-byte set', message('PID|||\\M2442\\'), get('PID-3'), '\\M2442\\'],
    ['a local sequence', message('PID|||\\Z01\\'), get('PID-3'), '\\Z01\\'],
  ]),
  ...section('2.14.9.18 MSH-18 character set', [
    ['none: ASCII, and UTF-8 of those who do not say', message('PID|||1||Jürgen'), get('PID-5'), 'Jürgen'],
    ['UNICODE UTF-8', `${inCharset('UNICODE UTF-8')}\rPID|||1||Łukasz`, get('PID-5'), 'Łukasz'],
    ['8859/1', latin1(named('8859/1').replace('{}', 'Jürgen')), get('PID-5'), 'Jürgen'],
    ['8859/2', withBytes(named('8859/2'), [0xa3, 0x75]), get('PID-5'), 'Łu'],
    ['8859/5', withBytes(named('8859/5'), [0xb8]), get('PID-5'), 'И'],
    ['8859/7', withBytes(named('8859/7'), [0xe1]), get('PID-5'), 'α'],
    ['8859/9', withBytes(named('8859/9'), [0xfd]), get('PID-5'), 'ı'],
    ['8859/15', withBytes(named('8859/15'), [0xa4]), get('PID-5'), '€'],
    ['GB 18030-2000', withBytes(named('GB 18030-2000'), [0xd6, 0xd0]), get('PID-5'), '中'],
    ['BIG-5', withBytes(named('BIG-5'), [0xa4, 0xa4]), get('PID-5'), '中'],
    ['KS X 1001', withBytes(named('KS X 1001'), [0xb0, 0xa1]), get('PID-5'), '가'],
    [
      'several: the first is that of the message',
      latin1(named('8859/1~UNICODE').replace('{}', 'Jürgen')),
      get('PID-5'),
      'Jürgen',
    ],
    [
      'ISO IR87: switched to by an escape',
      withBytes(named('~ISO IR87'), [0x1b, 0x24, 0x42, 0x34, 0x41, 0x1b, 0x28, 0x42]),
      get('PID-5'),
      '漢',
    ],
    ['a set of nobody', `${inCharset('OURS')}\rPID|||1||Jürgen`, get('PID-5'), 'Jürgen'],
  ]),
  ...section('2.6 What is read is written again', [
    ['every delimiter and escape', message('PID|||a\\F\\b^^^c&d~e||""|', 'ZZZ|\\Z9\\|^^'), { same: true }, true],
    ['its own line ends', `${header()}\nPID|||1\r\nPV1|1\r\r`, { same: true }, true],
    ['empty fields at the end', message('PID|||1|||||', 'PV1|||'), { same: true }, true],
    ['other delimiters', 'MSH$%*!@$A$B$C$D$1$$ADT%A01$1$P$2.9\rPID$$$a%b', { same: true }, true],
    ['bytes of its character set', latin1(named('8859/1').replace('{}', 'Jürgen')), { same: true }, true],
    ['bytes that mean nothing in it', withBytes(named('UNICODE UTF-8'), [0xff, 0xfe]), { same: true }, true],
  ]),
  ...section('2.6.1 Rules for the sender', [
    ['a value is escaped', message('PID|||1||x'), { set: ['PID-5.1', 'a^b|c\\d'] }, message('PID|||1||a\\S\\b\\F\\c\\E\\d')],
    [
      'in the message’s own delimiters',
      'MSH$%*!@$A$B$C$D$1$$ADT%A01$1$P$2.9\rPID$$$1',
      { set: ['PID-5', 'a%b^c$d'] },
      'MSH$%*!@$A$B$C$D$1$$ADT%A01$1$P$2.9\rPID$$$1$$a!S!b^c!F!d',
    ],
    ['a line end must not end the segment', message('NTE|1||x'), { set: ['NTE-3', 'a\rb'] }, message('NTE|1||a\\X0D\\b')],
    [
      'what is around stays',
      message('PID|||1^^^M~2||A^B|""', 'ZZZ|\\X\\'),
      { set: ['PID-3[2].4', 'N'] },
      message('PID|||1^^^M~2^^^N||A^B|""', 'ZZZ|\\X\\'),
    ],
    ['fields that are missing come into being', message('PV1|1'), { set: ['PV1-4', 'x'] }, message('PV1|1|||x')],
  ]),
];
