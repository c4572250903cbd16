import { expect, test } from 'vitest';
import { parseRange } from '../channel/addresses.ts';
import { Gate } from './gate.ts';
import { plainAddress } from './peer.ts';

const gate = (...allow: string[]) => new Gate({ allow: allow.map((text) => parseRange(text) ?? expect.fail(text)) });
const admits = (one: Gate, address: string) => one.enter(plainAddress(address)) === null;

test.each([
  [['10.0.0.0/8'], '10.200.3.4', true],
  [['10.0.0.0/8'], '11.0.0.1', false],
  [['10.0.0.0/8'], '::ffff:10.200.3.4', true],
  [['10.0.0.0/8'], '::ffff:11.0.0.1', false],
  [['::ffff:10.0.0.0/104'], '10.200.3.4', true],
  [['192.168.1.7'], '192.168.1.7', true],
  [['192.168.1.7'], '192.168.1.70', false],
  [['fe80::/10'], 'fe80::1%eth0', true],
  [['fe80::/10'], '2001:db8::1', false],
  [['fe80::/10'], '10.1.2.3', false],
  [['2001:DB8::7'], '2001:db8:0:0::7', true],
  [['0.0.0.0/0'], '8.8.8.8', true],
  [['0.0.0.0/0'], '2001:db8::1', false],
  [['::/0'], '2001:db8::1', true],
  [['10.1.0.0/16', '2001:db8::/32'], '2001:db8::1', true],
  [[], '8.8.8.8', true],
])('allow %j and %s: %s', (allow, address, admitted) => {
  expect(admits(gate(...allow), address)).toBe(admitted);
});

test('more connections than allowed wait for nobody: they are refused until one has gone', () => {
  const one = new Gate({ maxConnections: 3, maxConnectionsPerAddress: 2 });
  expect([one.enter('a'), one.enter('a'), one.enter('a')]).toEqual([null, null, 'connections']);
  expect([one.enter('b'), one.enter('c')]).toEqual([null, 'connections']);
  one.leave('a');
  expect([one.enter('c'), one.enter('a')]).toEqual([null, 'connections']);
});

test.each(['10.0.0.0/33', '10.0.0/8', '::1/129', 'lab.example', '10.0.0.1/', '/8', '', '10.0.0.1%eth0', '::ffff:10.0.0.0/8'])(
  '%j is no range',
  (text) => {
    expect(parseRange(text)).toBeNull();
  },
);
