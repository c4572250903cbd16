import { defineCommand } from 'citty';
import { splitMessages } from '../hl7/batch.ts';
import { Message } from '../hl7/message.ts';
import { fault, misuse, readInput } from './input.ts';
import { MllpSender, type Reply } from './mllp-sender.ts';
import { readTlsFlags, tlsArgs } from './tls-options.ts';

interface Target {
  readonly host: string;
  readonly port: number;
}

interface Outgoing {
  readonly source: string;
  readonly bytes: Uint8Array;
  readonly controlId: string;
  readonly type: string;
  /** MSH-15 `NE`: the sender wants no ACK, so there is none to wait for. */
  readonly awaitsAck: boolean;
}

interface Sent extends Reply {
  readonly source: string;
  readonly to: string;
}

/** A sending system. Exit 0 where every message was answered AA or CA, 1 where one was not, 2 misuse. */
export default defineCommand({
  meta: { name: 'send', description: 'Send each message over MLLP, wait for its ACK, print the ACK: code, control id, text' },
  args: {
    file: { type: 'positional', description: 'Files of messages, batches or MLLP frames; - is standard input', required: true },
    to: {
      type: 'string',
      description:
        'HOST:PORT; without it 127.0.0.1, port 2575 for ADT and the like, 2576 for results (ORU, OUL), 2577 for orders and drugs',
      valueHint: 'HOST:PORT',
    },
    timeout: { type: 'string', description: 'Seconds to wait for each ACK', default: '30' },
    ...tlsArgs,
    json: { type: 'boolean', description: 'One line of JSON for each message' },
  },
  async run({ args }) {
    const to = args.to === undefined ? null : readTarget(args.to);
    const timeout = Number(args.timeout) * 1000;
    if (args.to !== undefined && to === null) return misuse(`--to ${args.to} is no address; write it like 127.0.0.1:2575`);
    if (!(timeout > 0)) return misuse(`--timeout ${args.timeout} is no number of seconds; write it like 30`);
    const tls = await readTlsFlags(args);
    if (tls === undefined) return;
    const outgoing: Outgoing[] = [];
    for (const file of args._) {
      const messages = await readMessages(file);
      if (messages === null) return;
      outgoing.push(...messages);
    }
    const senders = new Map<string, MllpSender>();
    let positive = true;
    for (const message of outgoing) {
      const target = to ?? { host: '127.0.0.1', port: portOf(message.type) };
      const name = address(target);
      const sender = senders.get(name) ?? new MllpSender({ ...target, tls: tls?.(target.host) ?? null }, timeout);
      senders.set(name, sender);
      const sent: Sent = { source: message.source, to: name, ...(await transmit(sender, message)) };
      console.log(args.json ? JSON.stringify(sent) : line(sent));
      positive &&= sent.positive;
    }
    await Promise.all([...senders.values()].map((sender) => sender.close()));
    process.exitCode = positive ? 0 : 1;
  },
});

async function transmit(sender: MllpSender, { bytes, controlId, awaitsAck }: Outgoing): Promise<Reply> {
  if (awaitsAck) return sender.send(bytes, controlId);
  const failure = await sender.post(bytes);
  return { code: '--', controlId, positive: failure === null, text: failure ?? 'Sent; its MSH-15 asks for no ACK' };
}

async function readMessages(file: string): Promise<Outgoing[] | null> {
  const bytes = await readInput(file);
  if (bytes === null) return null;
  const { messages } = splitMessages(bytes);
  if (messages.length === 0) {
    fault(`${file} holds no HL7 v2 message (no line begins with MSH); check that it is the right file`);
    return null;
  }
  return messages.map((raw, index) => {
    const message = Message.parse(raw);
    const { controlId, type } = message;
    return {
      source: `${file}#${index + 1}`,
      bytes: segmentsEnded(raw),
      controlId,
      type,
      awaitsAck: message.get('MSH-15') !== 'NE',
    };
  });
}

/**
 * HL7 ends segments with CR (2.9, 2.5.3). A file that an editor has saved has LF or CRLF; what is sent has what the standard wants. In a message
 * that has any CR of its own, a lone LF is part of a text and stays.
 */
function segmentsEnded(raw: Uint8Array): Uint8Array {
  const hasCr = raw.includes(13);
  const bytes: number[] = [];
  raw.forEach((byte, at) => {
    if (byte !== 10) bytes.push(byte);
    else if (!hasCr) bytes.push(13);
    else if (raw[at - 1] !== 13) bytes.push(byte);
  });
  if (bytes.at(-1) !== 13) bytes.push(13);
  return Uint8Array.from(bytes);
}

/** `HOST:PORT`, `[::1]:2575`; null where it is neither. */
function readTarget(text: string): Target | null {
  const match = /^(?:\[([^\]]+)\]|([^:]+)):(\d{1,5})$/.exec(text);
  const host = match?.[1] ?? match?.[2];
  const port = Number(match?.[3]);
  return host === undefined || port < 1 || port > 65_535 ? null : { host, port };
}

function address({ host, port }: Target): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}

function line(sent: Sent): string {
  return [sent.code, sent.controlId, sent.text].filter((part) => part !== '').join(' ');
}

/** The port of the newcomer's channel for a message type (channels/ of the repository). */
function portOf(type: string): number {
  if (type === 'ORU' || type === 'OUL') return 2576;
  return /^(O[MR][A-Z]|OSU|R[DGRA][A-Z])$/.test(type) ? 2577 : 2575;
}
