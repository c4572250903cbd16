/** The feed of the crash tests: who is sent, in which order, and what must be found at the end. */
import { openSender } from '../support/sender.ts';

/** A patient belongs to one connection: its order is the order in which that one sends. So many that none comes to a thousand versions, which is all that the sandbox's history shows. */
const PATIENTS_OF_ONE = 25;

/** What was acknowledged: for each patient the numbers of its messages, in the order sent. */
export interface Feed {
  readonly acknowledged: ReadonlyMap<string, readonly number[]>;
  /** Messages that were sent more than once, because no ACK came. */
  readonly repeated: number;
  /** Ends the feed: each connection gets the ACK of the message it is at. */
  stop(): Promise<void>;
}

export interface FeedPace {
  readonly connections: number;
  /** Milliseconds from a sender's ACK to its next message. */
  readonly pause: () => number;
}

/** Fast enough that queues grow and drains read many batches in a pass. */
const steady: FeedPace = { connections: 8, pause: () => 4 };
/** Ten times a second one message of each sender, all at once: the engine takes each time for a flood, and keeps up with them. */
export const floods: FeedPace = { connections: 40, pause: () => 100 - (Date.now() % 100) };

/** Starts senders that keep going, each with patients of its own, through everything that happens to the engine. */
export function startFeed(
  addresses: () => readonly { host: string; port: number }[],
  { connections, pause }: FeedPace = steady,
): Feed {
  const patients = PATIENTS_OF_ONE * connections;
  const acknowledged = new Map<string, number[]>();
  let [repeated, stopped, number] = [0, false, 0];

  async function run(connection: number): Promise<void> {
    let turn = connection;
    // At each new connection the next engine: a sender behind a balancer does not choose.
    const sender = openSender(() => {
      const all = addresses();
      return all[turn++ % all.length] ?? { host: '127.0.0.1', port: 0 };
    });
    for (let step = 0; !stopped; step++) {
      const patient = `P${(connection + step * connections) % patients}`;
      const message = ++number;
      const { code, sent } = await sender.send(admission(patient, message));
      if (code !== 'AA') throw new Error(`message ${message} was answered ${code}`);
      if (sent > 1) repeated++;
      acknowledged.set(patient, [...(acknowledged.get(patient) ?? []), message]);
      await new Promise((resolve) => setTimeout(resolve, pause()));
    }
    sender.close();
  }

  const running = Promise.all(Array.from({ length: connections }, (_, connection) => run(connection)));
  running.catch(() => {});
  return {
    acknowledged,
    get repeated() {
      return repeated;
    },
    async stop() {
      stopped = true;
      await running;
    },
  };
}

/** An update of a patient whose given name is the message's number, at a visit of its own. */
function admission(patient: string, number: number): string {
  return [
    `MSH|^~\\&|FEED|TEST|WEIR|TEST|20260301120000||ADT^A08^ADT_A01|C${number}|P|2.5.1`,
    'EVN|A08|20260301120000',
    `PID|1||${patient}^^^CRASH^MR||Doe^N${number}||19800101|F`,
    `PV1|1|I|||||||||||||||||V${number}^^^CRASH^VN`,
    '',
  ].join('\r');
}

/** What the sandbox must hold when every message had its effect once and in order. Gives the faults; none is right. */
export async function faultsOf(feed: Feed, fhir: string): Promise<string[]> {
  const faults: string[] = [];
  let visits = 0;
  for (const [patient, numbers] of feed.acknowledged) {
    const found = await search(`${fhir}/Patient?identifier=${encodeURIComponent(`urn:id:CRASH|${patient}`)}`);
    const [resource, ...more] = found;
    if (!resource || more.length > 0) {
      faults.push(`${patient}: ${found.length} patients`);
      continue;
    }
    const history = await search(`${fhir}/Patient/${resource.id}/_history?_count=100000`);
    const given = history.map((version) => Number(version.name?.[0]?.given?.[0]?.slice(1))).reverse();
    if (given.join() !== numbers.join())
      faults.push(`${patient}: acknowledged ${numbers.length}, versions ${given.length}: ${firstDifference(given, numbers)}`);
    visits += numbers.length;
  }
  const encounters = await total(`${fhir}/Encounter?_count=0`);
  if (encounters !== visits) faults.push(`${visits} visits acknowledged, ${encounters} encounters`);
  return faults;
}

interface Found {
  readonly id: string;
  readonly name?: { given?: string[] }[];
}

async function search(url: string): Promise<Found[]> {
  const response = await fetch(url, { headers: { accept: 'application/fhir+json' } });
  if (!response.ok) throw new Error(`${response.status} from ${url}`);
  const bundle = (await response.json()) as { entry?: { resource: Found }[] };
  return (bundle.entry ?? []).map(({ resource }) => resource);
}

async function total(url: string): Promise<number> {
  const response = await fetch(url, { headers: { accept: 'application/fhir+json' } });
  return ((await response.json()) as { total: number }).total;
}

function firstDifference(given: readonly number[], wanted: readonly number[]): string {
  const at = wanted.findIndex((number, index) => given[index] !== number);
  const from = Math.max(at === -1 ? wanted.length - 1 : at - 1, 0);
  return `at ${from}: wanted ${wanted.slice(from, from + 4)}, found ${given.slice(from, from + 4)}`;
}
