/**
 * Every shape the API takes and gives, declared once: requests are checked, answers are cut down to them (a field that is not
 * declared never leaves), and the OpenAPI document and the page's types come from them. Times are ISO 8601 in UTC.
 */
import { z } from 'zod';

const time = z.iso.datetime().describe('ISO 8601, UTC');
export const messageId = z
  .string()
  .regex(/^[0-9]{1,18}$/)
  .describe('Decimal; ids grow in the order received');
export const messageState = z.enum(['waiting', 'delivered', 'filtered', 'parked', 'refused', 'duplicate']);
const ackState = z.enum(['owed', 'sent', 'lost', 'not-owed']);

export const apiError = z
  .object({
    code: z.string().describe('A code of the table of errors'),
    text: z.string().describe('What happened (where, why); what to do next. Never message content'),
  })
  .meta({ id: 'Error' });

export const readyPart = z.object({ ready: z.boolean(), text: z.string() });
export const readyReport = z
  .object({
    ready: z.boolean().describe('All parts are'),
    parts: z.object({ database: readyPart, queue: readyPart, listeners: readyPart }),
  })
  .meta({ id: 'Ready' });
export const health = z.object({ up: z.literal(true), version: z.string() });

export const troubleKind = z.enum([
  'junk',
  'no-end',
  'too-large',
  'no-room',
  'cut-off',
  'slow',
  'handshake',
  'address',
  'connections',
  'not-hl7',
]);
export const troubleCount = z.object({
  kind: z.string(),
  count: z.int().describe('Those included that were not recorded; not-hl7 is kept as refused messages'),
  last: time,
});
export const listenerTls = z
  .object({
    loaded: time.describe('When the certificates that are in use were read'),
    expires: time.nullable().describe('When the first of them ends'),
    problem: z.string().nullable().describe('Why the files as they are now are not used, or soon cannot be'),
  })
  .meta({ id: 'ListenerTls' });

export const channelView = z
  .object({
    name: z.string(),
    running: z.boolean().describe('False for a channel that is no longer configured and still has messages'),
    description: z.string(),
    owner: z.string(),
    port: z.int().nullable(),
    from: z.array(z.string()).describe('Accepted MSH-3^MSH-4; empty: anyone'),
    types: z.array(z.string()).describe('Accepted MSH-9; empty: any'),
    destinations: z.array(
      z.object({
        name: z.string(),
        kind: z.enum(['fhir', 'mllp']),
        address: z.string().describe('A URL without user information and query, or HOST:PORT'),
      }),
    ),
    received: z.int().describe('= delivered + filtered + waiting + parked'),
    delivered: z.int(),
    filtered: z.int(),
    waiting: z.int(),
    parked: z.int(),
    refused: z.int(),
    duplicates: z.int(),
    conflicts: z.int().describe('Messages with the control id of another and other content'),
    unanswered: z.int().describe('Application ACKs that are owed and have not left'),
    oldestWaiting: time.nullable(),
    lastHeard: time.nullable(),
    connections: z.int().describe('Connections of senders to this engine'),
    tls: listenerTls.nullable().describe('null: plain TCP'),
    troubles: z.array(troubleCount).describe('What came to the listener and was no message, by kind'),
  })
  .meta({ id: 'Channel' });

export const verdict = z
  .object({
    level: z.enum(['well', 'watch', 'act']),
    text: z.string().describe('The state of the engine in one sentence'),
    cause: z.string().nullable().describe('Why, and what mends it'),
    action: z
      .object({
        kind: z.enum(['replay-parked', 'show']),
        label: z.string(),
        channel: z.string(),
        state: messageState,
        count: z.int(),
      })
      .nullable()
      .describe('The one thing to do from here'),
  })
  .meta({ id: 'Verdict' });

export const channelList = z
  .object({
    now: time.describe("The engine's clock: ages are counted from it"),
    verdict,
    channels: z.array(channelView),
  })
  .meta({ id: 'Channels' });

export const cause = z.object({ code: z.string(), text: z.string() }).meta({ id: 'Cause' });

export const messageLine = z
  .object({
    id: messageId,
    channel: z.string(),
    received: time,
    type: z.string(),
    controlId: z.string(),
    sender: z.string(),
    size: z.int().describe('Bytes'),
    state: messageState,
    ack: ackState,
    cause: cause.nullable(),
  })
  .meta({ id: 'MessageLine' });

export const messageQuery = z.object({
  channel: z.string().max(200).optional(),
  state: messageState.optional(),
  before: messageId.optional().describe('Only messages before this one: `next` of the page before'),
  limit: z.coerce.number().int().min(1).max(200).default(50),
});

export const messageList = z
  .object({
    now: time,
    messages: z.array(messageLine).describe('Newest first'),
    next: messageId.nullable().describe('`before` of the next page; null on the last'),
  })
  .meta({ id: 'Messages' });

/** A message may have ten thousand segments: taking them all apart, each time that a page asks, would hold up the engine. */
export const detailQuery = z.object({
  segments: z.coerce.number().int().min(1).max(1_000_000).default(300).describe('How many segments to take apart at most'),
});

/** A repetition is its components, a component its subcomponents; escapes are decoded. */
export const fieldView = z.object({
  position: z.string().describe('`PID-5`'),
  repetitions: z.array(z.array(z.array(z.string()))),
});
export const segmentView = z
  .object({ name: z.string(), fields: z.array(fieldView).describe('Populated fields only') })
  .meta({ id: 'Segment' });

export const attempt = z.object({
  at: time,
  status: z.int().nullable().describe('HTTP status; null where no HTTP answer came'),
  ack: z
    .object({
      code: z.string().describe('MSA-1, or the commit byte of MLLP release 2'),
      errors: z.array(z.string()).describe('Codes of the ERR segments (ERR-3); never their texts'),
    })
    .nullable()
    .describe('What an HL7 v2 receiver answered; null where no ACK came'),
  milliseconds: z.number(),
  error: cause.nullable(),
});

export const delivery = z
  .object({
    destination: z.string(),
    content: z.enum(['bundle', 'message']).describe('What it is sent'),
    sent: z.string().nullable().describe('The message as it was or is to be sent; null where that is the bundle'),
    state: z.enum(['waiting', 'delivered', 'parked']),
    cause: cause.nullable(),
    attempts: z.array(attempt),
    due: time.nullable().describe('When the next attempt is due'),
  })
  .meta({ id: 'Delivery' });

export const reply = z
  .object({
    state: z
      .enum(['owed', 'ready', 'sent', 'confirmed', 'rejected', 'not-needed'])
      .describe('ready: it waits for a way to the sender; not-needed: the sender does not want this outcome (MSH-16)'),
    controlId: z.string().describe('Its MSH-10'),
    code: z.string().nullable().describe('MSA-1'),
    attempts: z.int(),
    sent: time.nullable(),
    due: time.nullable().describe('When it is sent next'),
    cause: cause.nullable().describe('Why it could not leave at its last attempt, or was rejected'),
    text: z.string().nullable(),
  })
  .meta({ id: 'ApplicationAck' });

export const conformanceFinding = z
  .object({
    location: z.string().describe('The place, a path'),
    code: z.string().describe('HL7 table 0357'),
    severity: z.enum(['error', 'warning', 'information']),
    text: z.string(),
  })
  .meta({ id: 'ConformanceFinding' });

export const unmergedBy = z
  .object({
    id: messageId.describe('The message that takes it back'),
    by: z.string(),
    at: z.string().describe('As HL7 writes times'),
    reason: z.string(),
  })
  .meta({ id: 'Unmerged' });

export const messageDetail = messageLine
  .extend({
    now: time,
    peer: z.string(),
    raw: z.string().describe("The message's text, decoded by its MSH-18 or the channel's charset"),
    segments: z.array(segmentView).describe('The first of them; as many as were asked for'),
    segmentCount: z.int().describe('How many the message has'),
    charset: z.string().describe('The encoding that it was read in'),
    undecodable: z.int().nullable().describe('The first byte that means nothing in it; null where every byte was read'),
    ackText: z.string().nullable(),
    reply: reply.nullable().describe('The application ACK; null where none was asked for'),
    conflict: messageId.nullable().describe('The earlier message with its control id and other content'),
    unmerged: z.array(unmergedBy).describe('Who took back what it merged, and by which message; empty where nobody did'),
    findings: z
      .array(conformanceFinding)
      .describe('What a conformance check said of it; empty where it conforms, or was not checked'),
    mapping: z.string().nullable(),
    bundle: z.string().nullable().describe('The bundle as JSON; also where it must not be sent'),
    deliveries: z.array(delivery),
  })
  .meta({ id: 'Message' });

export const troubleLine = z
  .object({
    id: messageId,
    channel: z.string(),
    at: time,
    kind: z.string(),
    reason: z.string().nullable().describe('Of a handshake'),
    detail: z.string().nullable().describe('What OpenSSL calls it'),
    peer: z.string(),
    size: z.int().describe('Bytes that came'),
    kept: z.int().describe('Bytes of them that are kept'),
  })
  .meta({ id: 'TroubleLine' });

export const troubleQuery = z.object({
  channel: z.string().max(200).optional(),
  kind: troubleKind.optional(),
  before: messageId.optional().describe('Only those before this one: `next` of the page before'),
  limit: z.coerce.number().int().min(1).max(200).default(50),
});

export const troubleList = z
  .object({ now: time, troubles: z.array(troubleLine).describe('Newest first'), next: messageId.nullable() })
  .meta({ id: 'Troubles' });

export const troubleDetail = troubleLine
  .extend({ now: time, bytes: z.string().describe('The bytes that are kept, in base64') })
  .meta({ id: 'Trouble' });

export const explainedField = z.object({
  path: z.string(),
  value: z.string(),
  state: z.enum(['mapped', 'skipped', 'dropped']),
  rows: z.array(z.string()),
  why: z.string().nullable(),
  to: z.array(z.string()).describe('Where it went: `Patient.name[0].family`'),
});
export const explained = z
  .object({
    fields: z.array(explainedField).nullable().describe('null where no route of the channel maps the message'),
    edits: z
      .array(
        z.object({
          destination: z.string(),
          changes: z.array(
            z.object({
              step: z.string().describe('`lis, step 2`, `route 1, step 1`'),
              kind: z.string().describe('set, copy, translate, remove or add'),
              path: z.string().describe('What was changed: `PID-3[1].4`'),
            }),
          ),
        }),
      )
      .describe('What the edits for each destination change in the message'),
  })
  .meta({ id: 'Explained' });

export const replayed = z.object({ id: messageId, state: z.literal('waiting') });
export const parked = z.object({ id: messageId, state: z.literal('parked') });
export const replayParked = z.object({ channel: z.string().max(200).optional().describe('Default: every channel') }).nullish();
const line = (longest: number) =>
  z
    .string()
    .trim()
    .min(1)
    .max(longest)
    .regex(/^\P{Cc}*$/u, 'one line');
export const unmerge = z.object({
  by: line(100).describe('Who takes it back'),
  reason: line(500).describe('Why; it is kept with the message and sent nowhere'),
});
export const unmerged = z.object({ id: messageId, messages: z.array(messageId).describe('The messages that take it back') });

export const replayedParked = z.object({
  replayed: z.int().describe('Messages that wait again, in the order they were received'),
  left: z.int().describe('Messages that were no longer parked when their turn came'),
});
