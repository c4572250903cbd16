/** An InboxDesk in memory, with invented messages, for tests of the API and the page. */
import type { Channel } from '../../src/channel/types.ts';
import type {
  ChannelFigures,
  DeliveryDetail,
  InboxDesk,
  MessageDetail,
  MessageLine,
  MessageState,
} from '../../src/inbox/types.ts';
import { defaultSettings } from '../../src/map/defaults.ts';

export class MemoryDesk implements InboxDesk {
  readonly messagesById = new Map<string, MessageDetail>();
  /** Ids in the order they were replayed. */
  readonly replayed: string[] = [];

  add(message: MessageDetail): void {
    this.messagesById.set(message.id, message);
  }

  async figures(): Promise<ChannelFigures[]> {
    const names = [...new Set([...this.messagesById.values()].map((message) => message.channel))];
    return names.map((channel) => {
      const own = [...this.messagesById.values()].filter((message) => message.channel === channel);
      const count = (state: MessageState) => own.filter((message) => message.state === state).length;
      const [delivered, filtered, waiting, parked] = [count('delivered'), count('filtered'), count('waiting'), count('parked')];
      return {
        channel,
        received: delivered + filtered + waiting + parked,
        delivered,
        filtered,
        waiting,
        parked,
        refused: count('refused'),
        duplicates: count('duplicate'),
        conflicts: own.filter((message) => message.conflict !== null).length,
        unanswered: own.filter((message) => message.reply?.state === 'owed').length,
        oldestWaiting: own.find((message) => message.state === 'waiting')?.received ?? null,
        lastHeard: own.at(-1)?.received ?? null,
      };
    });
  }

  /** As a careless store would: whole messages. The API must cut them down. */
  async messages(query: Parameters<InboxDesk['messages']>[0]): Promise<MessageLine[]> {
    return [...this.messagesById.values()]
      .reverse()
      .filter((message) => query.channel === undefined || message.channel === query.channel)
      .filter((message) => query.state === undefined || message.state === query.state)
      .filter((message) => query.before === undefined || BigInt(message.id) < BigInt(query.before))
      .slice(0, query.limit);
  }

  async message(id: string): Promise<MessageDetail | null> {
    return this.messagesById.get(id) ?? null;
  }

  async replay(id: string): Promise<boolean> {
    const message = this.messagesById.get(id);
    if (message === undefined || message.state === 'waiting') return false;
    this.replayed.push(id);
    this.messagesById.set(id, { ...message, state: 'waiting', cause: null });
    return true;
  }

  async park(id: string): Promise<boolean> {
    const message = this.messagesById.get(id);
    if (message?.state !== 'waiting') return false;
    const cause = { code: 'parked-by-hand', text: 'An operator parked the message; replay it when it may go on' } as const;
    this.messagesById.set(id, { ...message, state: 'parked', cause });
    return true;
  }
}

/** A message with invented content, whole but for what `parts` says. */
export function message(parts: Partial<MessageDetail> & { readonly id: string }): MessageDetail {
  const text = admission(parts.controlId ?? `C${parts.id}`);
  const received = parts.received ?? new Date('2026-03-01T08:00:00Z');
  const raw = parts.raw ?? new TextEncoder().encode(text);
  return {
    channel: 'adt',
    received,
    type: 'ADT^A01',
    controlId: `C${parts.id}`,
    sender: 'EPIC^MAIN',
    size: raw.length,
    state: 'delivered',
    ack: 'sent',
    cause: null,
    raw,
    peer: '127.0.0.1:50123',
    ackText: `MSH|^~\\&|WEIR|WEIR|EPIC|MAIN|20260301080000||ACK^A01^ACK|9${parts.id}|P|2.5.1\rMSA|AA|C${parts.id}\r`,
    mapping: 'ADT_A01',
    bundle: JSON.stringify(bundle),
    reply: null,
    conflict: null,
    findings: [],
    deliveries: [
      delivery({
        attempts: [{ at: new Date(received.getTime() + 1000), status: 200, ack: null, milliseconds: 12, error: null }],
      }),
    ],
    ...parts,
  };
}

export function delivery(parts: Partial<DeliveryDetail>): DeliveryDetail {
  return {
    destination: 'sandbox',
    content: 'bundle',
    sent: null,
    state: 'delivered',
    cause: null,
    attempts: [{ at: new Date('2026-03-01T08:00:01Z'), status: 200, ack: null, milliseconds: 12, error: null }],
    due: null,
    ...parts,
  };
}

export function channel(name: string, port: number): Channel {
  const source = { file: `channels/${name}.yaml`, line: 1, column: 1 };
  return {
    name,
    description: `The ${name} feed`,
    owner: 'interfaces@hospital.example',
    listen: {
      port,
      from: [],
      types: ['ADT^*'],
      release: 1,
      sequence: false,
      processing: [],
      versions: [],
      maxFrame: 1e7,
      frameTimeout: 6e4,
      idleTimeout: 0,
      keepAlive: 6e4,
      maxConnections: 2000,
      maxUnfinished: 0,
      maxConnectionsPerAddress: 0,
      allow: [],
      charset: null,
      tls: null,
    },
    overlays: [],
    orderBy: 'PID-3.1',
    duplicates: null,
    conform: null,
    acknowledge: { application: 'after-delivery', original: 'at-once', to: null, confirm: false },
    route: [],
    destinations: [
      {
        kind: 'fhir',
        name: 'sandbox',
        source: { file: 'channels/adt.yaml', line: 1, column: 1 },
        fhir: 'http://user:secret@127.0.0.1:8080/fhir?key=secret',
        concurrency: 8,
        timeout: 3e4,
        headers: { authorization: 'Bearer secret' },
        retry: { first: 1e3, max: 3e5, for: 2.6e8 },
        tls: null,
      },
    ],
    settings: defaultSettings,
    invalid: 'park',
    parked: 'go-on',
    tests: [],
    source,
  };
}

function admission(controlId: string): string {
  return [
    `MSH|^~\\&|EPIC|MAIN|WEIR|WEIR|20260301080000||ADT^A01^ADT_A01|${controlId}|P|2.5.1`,
    'EVN|A01|20260301080000',
    'PID|1||4711^^^MAIN^MR~900-11-2233^^^USSSA^SS||Quillfeather^Isolde^Maud^^Dr^^L||19620417|F|||12 Weaver\\T\\Sons Row^^Larkhaven^WA^98000^USA||^PRN^PH^^1^206^5550114',
    'PV1|1|I|WEST^204^B^MAIN|E|||1001^Okonjo^Femi^^^Dr||||||||||||V-2088|||||||||||||||||||||||||20260301075500',
    '',
  ].join('\r');
}

const bundle = {
  resourceType: 'Bundle',
  type: 'transaction',
  entry: [
    {
      fullUrl: 'urn:uuid:7c7e3ed2-0f2a-5f54-9d0c-3f7f1e0a9f10',
      resource: {
        resourceType: 'Patient',
        identifier: [{ system: 'urn:id:MAIN', value: '4711' }],
        name: [{ use: 'official', family: 'Quillfeather', given: ['Isolde', 'Maud'], prefix: ['Dr'] }],
        gender: 'female',
        birthDate: '1962-04-17',
      },
      request: { method: 'PUT', url: 'Patient?identifier=urn:id:MAIN|4711' },
    },
    {
      fullUrl: 'urn:uuid:1b3f4a6e-6ac3-5d2e-8a35-bd4d7f0c3a01',
      resource: {
        resourceType: 'Encounter',
        id: '1b3f4a6e-6ac3-5d2e-8a35-bd4d7f0c3a01',
        status: 'in-progress',
        class: { system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode', code: 'IMP' },
        subject: { reference: 'urn:uuid:7c7e3ed2-0f2a-5f54-9d0c-3f7f1e0a9f10' },
      },
      request: { method: 'PUT', url: 'Encounter/1b3f4a6e-6ac3-5d2e-8a35-bd4d7f0c3a01' },
    },
  ],
};
