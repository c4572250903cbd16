import type { FastifyInstance } from 'fastify';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { content, MemoryApi, well } from '../../test/page/api.ts';
import { channel, type MemoryDesk, message } from '../../test/page/desk.ts';
import { WeirError } from '../errors.ts';
import type { ApiOptions, RequestLine } from './types.ts';

let memory: MemoryApi;
let desk: MemoryDesk;
let log: RequestLine[];
let app: FastifyInstance;

async function start(parts: Partial<ApiOptions> = {}): Promise<void> {
  await app?.close();
  app = await memory.serve(parts);
}

beforeEach(async () => {
  memory = new MemoryApi();
  ({ desk, log } = memory);
  await start();
});
afterEach(() => app.close());

describe('what watches the engine', () => {
  test('/healthz says that the process is up, and which version', async () => {
    expect((await app.inject('/healthz')).json()).toEqual({ up: true, version: '0.1.0' });
  });

  test('/readyz is 503 with each part where one of them cannot work', async () => {
    expect((await app.inject('/readyz')).statusCode).toBe(200);
    await start({
      ready: async () => ({ database: { ready: false, text: 'PostgreSQL is away' }, queue: well, listeners: well }),
    });
    const answer = await app.inject('/readyz');
    expect(answer.statusCode).toBe(503);
    expect(answer.json()).toMatchObject({
      ready: false,
      parts: { database: { ready: false, text: 'PostgreSQL is away' }, queue: well },
    });
  });

  test('/metrics is Prometheus text as it stands', async () => {
    const answer = await app.inject('/metrics');
    expect(answer.headers['content-type']).toMatch(/^text\/plain; version=0.0.4/);
    expect(answer.body).toBe('weir_up 1\n');
  });
});

describe('channels', () => {
  test('each has its figures and facts, the sum holds (promise 2), and no secret leaves', async () => {
    const answer = await app.inject('/api/channels');
    const { channels } = answer.json();
    expect(channels.map((line: { name: string }) => line.name)).toEqual(['adt', 'lab']);
    expect(channels[1]).toMatchObject({ port: 2576, received: 2, waiting: 1, parked: 1, running: true, types: ['ADT^*'] });
    for (const line of channels) expect(line.received).toBe(line.delivered + line.filtered + line.waiting + line.parked);
    expect(channels[0].destinations).toEqual([{ name: 'sandbox', kind: 'fhir', address: 'http://127.0.0.1:8080/fhir' }]);
    expect(answer.body).not.toContain('secret');
  });

  test('a channel that is no longer configured keeps its line as long as it has messages', async () => {
    await start({ channels: () => [channel('adt', 2575)] });
    const { channels } = (await app.inject('/api/channels')).json();
    expect(channels[1]).toMatchObject({ name: 'lab', running: false, port: null, parked: 1 });
  });

  test('the verdict names the channel, the cause and the one thing to do', async () => {
    const { verdict } = (await app.inject('/api/channels')).json();
    expect(verdict).toMatchObject({
      level: 'act',
      text: 'lab: 1 message parked',
      cause: 'The destination refused the bundle.',
      action: { kind: 'replay-parked', channel: 'lab', count: 1 },
    });
  });
});

describe('messages', () => {
  test('a list holds no content, whatever the desk gives (promise 7)', async () => {
    const answer = await app.inject('/api/messages');
    expect(answer.json().messages).toHaveLength(7);
    expect(answer.body).not.toMatch(content);
    expect(Object.keys(answer.json().messages[0]).sort()).toEqual(
      ['ack', 'cause', 'channel', 'controlId', 'id', 'received', 'sender', 'size', 'state', 'type'].sort(),
    );
    expect(answer.headers['cache-control']).toBe('no-store');
  });

  test('pages follow each other without a gap or a repetition, and the last one says so', async () => {
    const ids: string[] = [];
    let next: string | null = '';
    while (next !== null) {
      const page: { messages: { id: string }[]; next: string | null } = (
        await app.inject(`/api/messages?limit=3${next === '' ? '' : `&before=${next}`}`)
      ).json();
      ids.push(...page.messages.map((line: { id: string }) => line.id));
      next = page.next;
    }
    expect(ids).toEqual(['7', '6', '5', '4', '3', '2', '1']);
  });

  test('channel and state choose', async () => {
    const page = (await app.inject('/api/messages?channel=lab&state=parked')).json();
    expect(page.messages.map((line: { id: string }) => line.id)).toEqual(['6']);
    expect(page.next).toBeNull();
  });

  test('one message has its segments with positions, escapes decoded, and is never cached', async () => {
    const answer = await app.inject('/api/messages/1');
    expect(answer.headers['cache-control']).toBe('no-store');
    const detail = answer.json();
    expect(detail.segments.map((segment: { name: string }) => segment.name)).toEqual(['MSH', 'EVN', 'PID', 'PV1']);
    const pid = Object.fromEntries(
      detail.segments[2].fields.map((field: { position: string; repetitions: unknown }) => [field.position, field.repetitions]),
    );
    expect(pid['PID-5']).toEqual([[['Quillfeather'], ['Isolde'], ['Maud'], [], ['Dr'], [], ['L']]]);
    expect(pid['PID-3']).toHaveLength(2);
    expect(pid['PID-11'][0][0]).toEqual(['12 Weaver&Sons Row']);
    expect(detail.segments[0].fields[0]).toEqual({ position: 'MSH-1', repetitions: [[['|']]] });
    expect(detail.raw.split('\n')[0]).toContain('ADT^A01^ADT_A01');
    expect(detail.ackText).toContain('MSA|AA|C1');
    expect(detail.deliveries[0].attempts[0]).toMatchObject({ status: 200, milliseconds: 12 });
  });

  test('of a message with many segments only as many are taken apart as are asked for, and it says how many there are', async () => {
    const lines = Array.from({ length: 1000 }, (_, index) => `NTE|${index + 1}||a note`);
    const raw = new TextEncoder().encode(['MSH|^~\\&|A|B|||||ADT^A01|1|P|2.5', ...lines].join('\r'));
    desk.add(message({ id: '8', raw }));
    const first = (await app.inject('/api/messages/8')).json();
    expect([first.segments.length, first.segmentCount]).toEqual([300, 1001]);
    expect(first.raw).toContain('NTE|1000||');
    expect((await app.inject('/api/messages/8?segments=1001')).json().segments.at(-1).fields[0].repetitions).toEqual([
      [['1000']],
    ]);
  });

  test('bytes that are no message, refused and kept, are shown as text without segments', async () => {
    desk.add(
      message({
        id: '8',
        state: 'refused',
        raw: new TextEncoder().encode('GET / HTTP/1.1\r\n'),
        deliveries: [],
        mapping: null,
        bundle: null,
      }),
    );
    expect((await app.inject('/api/messages/8')).json()).toMatchObject({ raw: 'GET / HTTP/1.1\n', segments: [] });
  });

  test("the channel's charset decides where the sender lies about MSH-18", async () => {
    const lab = channel('lab', 2576);
    await start({ channels: () => [{ ...lab, listen: { ...lab.listen, charset: '8859/2' } }] });
    const raw = Buffer.concat([
      Buffer.from('MSH|^~\\&|A|B|||||ADT^A01|1|P|2.5\rPID|||||K'),
      Buffer.from([0xb3]),
      Buffer.from('os\r'),
    ]);
    desk.add(message({ id: '8', channel: 'lab', raw }));
    expect((await app.inject('/api/messages/8')).json().raw).toContain('Kłos');
  });

  test('fields are explained where the engine can, and null where it cannot', async () => {
    expect((await app.inject('/api/messages/1/fields')).json()).toEqual({ fields: null, edits: [] });
    const field = { path: 'PID-8', value: 'F', state: 'mapped', rows: ['PID[Patient]#13'], why: null } as const;
    const edits = [{ destination: 'lis', changes: [{ step: 'lis, step 1', kind: 'set', path: 'MSH-5' }] }];
    await start({
      explain: ({ raw, channel: name }) => ({ fields: [{ ...field, to: [`${name} ${raw.length > 0}`] }, field], edits }),
    });
    const answer = await app.inject('/api/messages/1/fields');
    expect(answer.json()).toEqual({
      fields: [
        { ...field, to: ['adt true'] },
        { ...field, to: [] },
      ],
      edits,
    });
    expect(answer.headers['cache-control']).toBe('no-store');
  });
});

describe('replay and park', () => {
  test('replay lets a parked message wait again; one that waits is refused with 409', async () => {
    expect((await app.inject({ method: 'POST', url: '/api/messages/6/replay' })).json()).toEqual({ id: '6', state: 'waiting' });
    expect(desk.replayed).toEqual(['6']);
    const again = await app.inject({ method: 'POST', url: '/api/messages/6/replay' });
    expect(again.statusCode).toBe(409);
    expect(again.json().code).toBe('api-waiting');
  });

  test('park takes a waiting message; one that does not wait is refused with 409', async () => {
    expect((await app.inject({ method: 'POST', url: '/api/messages/7/park' })).json()).toEqual({ id: '7', state: 'parked' });
    expect((await app.inject({ method: 'POST', url: '/api/messages/7/park' })).json().code).toBe('api-not-waiting');
  });

  test('all parked of a channel are replayed oldest first, over every page (promise 3)', async () => {
    const ids = Array.from({ length: 1203 }, (_, index) => `${1000 + index}`);
    for (const id of ids) desk.add(message({ id, channel: 'adt', state: 'parked' }));
    const answer = await app.inject({ method: 'POST', url: '/api/parked/replay', payload: { channel: 'adt' } });
    expect(answer.json()).toEqual({ replayed: 1203, left: 0 });
    expect(desk.replayed).toEqual(ids);
    expect(desk.messagesById.get('6')?.state).toBe('parked');
  });

  test('without a body, all parked of every channel', async () => {
    desk.add(message({ id: '8', channel: 'adt', state: 'parked' }));
    expect((await app.inject({ method: 'POST', url: '/api/parked/replay' })).json()).toEqual({ replayed: 2, left: 0 });
    expect(desk.replayed).toEqual(['6', '8']);
  });
});

describe('unmerge', () => {
  const take = (id: string, payload: object = { by: 'jdoe', reason: 'two persons' }) =>
    app.inject({ method: 'POST', url: `/api/messages/${id}/unmerge`, payload });

  test('takes back a merge once, and the message says who did it and why', async () => {
    expect((await app.inject('/api/messages/3')).json().unmerged).toEqual([]);
    expect((await take('3')).json()).toEqual({ id: '3', messages: ['90'] });
    expect((await app.inject('/api/messages/3')).json().unmerged).toMatchObject([
      { id: '90', by: 'jdoe', reason: 'two persons' },
    ]);
    const again = await take('3');
    expect([again.statusCode, again.json().code]).toEqual([409, 'api-unmerged']);
    const other = await take('1');
    expect([other.statusCode, other.json().code]).toEqual([409, 'api-no-merge']);
  });

  test.each([[{}], [{ by: 'jdoe' }], [{ by: ' ', reason: 'x' }], [{ by: 'jdoe', reason: 'Quillfeather\rPID|1' }]])(
    'without a name or a reason of one line nothing is taken back: %o',
    async (payload) => {
      const answer = await take('3', payload);
      expect(answer.statusCode).toBe(400);
      expect(answer.body).not.toMatch(content);
      expect((await app.inject('/api/messages/3')).json().unmerged).toEqual([]);
    },
  );
});

describe('errors', () => {
  test.each([
    ['/api/messages/99', 404, 'api-no-message'],
    ['/api/messages/Quillfeather', 400, 'api-bad-request'],
    ['/api/messages?limit=0', 400, 'api-bad-request'],
    ['/api/messages?state=Quillfeather', 400, 'api-bad-request'],
    ['/api/Quillfeather', 404, 'api-not-found'],
    ['/%zzQuillfeather', 400, 'api-bad-request'],
  ])('%s is answered %i with code and sentence, and repeats nothing', async (url, status, code) => {
    const answer = await app.inject(url);
    expect(answer.statusCode).toBe(status);
    expect(Object.keys(answer.json())).toEqual(['code', 'text']);
    expect(answer.json().code).toBe(code);
    expect(answer.body).not.toMatch(content);
    expect(JSON.stringify(log)).not.toMatch(content);
  });

  test('a body that is not JSON is not quoted', async () => {
    const headers = { 'content-type': 'application/json' };
    const answer = await app.inject({ method: 'POST', url: '/api/parked/replay', headers, payload: 'Quillfeather' });
    expect(answer.statusCode).toBe(400);
    expect(answer.json().code).toBe('api-bad-request');
    expect(answer.body).not.toMatch(content);
  });

  test('a fault of ours says neither its text nor its place; the log has the place without the text', async () => {
    desk.message = () => Promise.reject(new Error('PID|1||4711||Quillfeather^Isolde\n    in this message'));
    const answer = await app.inject('/api/messages/1');
    expect(answer.statusCode).toBe(500);
    expect(answer.json().code).toBe('api-failed');
    expect(answer.body).not.toMatch(/Quillfeather|server\.test/);
    expect(log.at(-1)).toMatchObject({ route: '/api/messages/:id', status: 500, error: 'api-failed' });
    expect(log.at(-1)?.fault).toMatch(/^Error at .*server\.test/);
    expect(JSON.stringify(log)).not.toMatch(content);
  });

  test('a database that is away is 503, so that a caller tries again', async () => {
    desk.figures = () => Promise.reject(new WeirError('store-unavailable'));
    const answer = await app.inject('/api/channels');
    expect(answer.statusCode).toBe(503);
    expect(answer.json().code).toBe('store-unavailable');
  });

  test('requests are logged by route: no address, query or body', async () => {
    await app.inject('/api/messages/1?name=Quillfeather');
    expect(log).toEqual([
      { method: 'GET', route: '/api/messages/:id', status: 200, milliseconds: expect.any(Number), error: null, fault: null },
    ]);
  });
});

describe('OpenAPI', () => {
  test('every route of the API has a summary, a described answer and the error', async () => {
    const document = (await app.inject('/api/docs/json')).json();
    const routes = Object.entries<Record<string, { summary?: string; responses: Record<string, unknown> }>>(document.paths);
    expect(routes.map(([path]) => path).sort()).toEqual([
      '/api/channels',
      '/api/messages',
      '/api/messages/{id}',
      '/api/messages/{id}/fields',
      '/api/messages/{id}/park',
      '/api/messages/{id}/replay',
      '/api/messages/{id}/unmerge',
      '/api/parked/replay',
      '/api/troubles',
      '/api/troubles/{id}',
      '/healthz',
      '/metrics',
      '/readyz',
    ]);
    for (const [path, methods] of routes)
      for (const route of Object.values(methods)) {
        expect(route.summary, path).toMatch(/\w+ \w+/);
        expect(JSON.stringify(route.responses['200']), path).toContain('schema');
        expect(JSON.stringify(route.responses['4XX']), path).toContain('#/components/schemas/Error');
      }
    expect(document.components.schemas.Error.required).toEqual(['code', 'text']);
  });

  test('the documentation page asks nothing of another host', async () => {
    const html = (await app.inject('/api/docs')).body;
    expect(html).toContain('swagger-ui');
    expect(html).not.toMatch(/(?:src|href)="(?:https?:)?\/\//);
  });
});
