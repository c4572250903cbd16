import type { FastifyInstance } from 'fastify';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { content, MemoryApi } from '../../test/page/api.ts';
import type { MemoryTroubles } from '../../test/page/troubles.ts';

let troubles: MemoryTroubles;
let app: FastifyInstance;
beforeEach(async () => {
  const memory = new MemoryApi();
  ({ troubles } = memory);
  app = await memory.serve();
});
afterEach(() => app.close());

describe('what came to a listener and was no message', () => {
  test('is counted by kind with the channel, and its certificates and connections are told', async () => {
    troubles.add();
    troubles.add();
    troubles.add({ kind: 'handshake', reason: 'version' });
    const { channels } = (await app.inject('/api/channels')).json();
    expect(channels[0]).toMatchObject({
      connections: 3,
      tls: { expires: '2026-03-01T03:00:00.000Z', problem: 'It is late (so); sleep' },
      troubles: [
        { kind: 'junk', count: 2 },
        { kind: 'handshake', count: 1 },
      ],
    });
    expect(channels[1]).toMatchObject({ connections: 0, tls: null, troubles: [] });
  });

  test('is listed newest first without its bytes (promise 7), by channel and kind, a page at a time', async () => {
    for (let turn = 0; turn < 3; turn += 1) troubles.add();
    troubles.add({ channel: 'lab', kind: 'address' });
    const answer = await app.inject('/api/troubles?channel=adt&kind=junk&limit=2');
    expect(answer.json()).toMatchObject({ troubles: [{ id: '3' }, { id: '2' }], next: '2' });
    expect(answer.body).not.toMatch(content);
    expect(answer.json().troubles[0]).not.toHaveProperty('bytes');
    expect((await app.inject('/api/troubles?channel=adt&before=2')).json()).toMatchObject({
      troubles: [{ id: '1' }],
      next: null,
    });
    expect((await app.inject('/api/troubles?kind=nonsense')).statusCode).toBe(400);
  });

  test('is shown with its bytes at its own address only, and never cached', async () => {
    const bytes = Uint8Array.of(0x0b, 0x4d, 0xff, 0);
    troubles.add({ bytes });
    const answer = await app.inject('/api/troubles/1');
    expect([...Buffer.from(answer.json().bytes, 'base64')]).toEqual([...bytes]);
    expect(answer.headers['cache-control']).toBe('no-store');
    expect((await app.inject('/api/troubles/9')).json()).toMatchObject({ code: 'api-no-trouble' });
  });
});
