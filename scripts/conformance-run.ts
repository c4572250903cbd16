/** Runs one case of the suite on one implementation, in a process of its own that whoever started it may end: `adapter, first case`. Prints a line a case. */
import { answerOf } from '../test/conformance/adapter.ts';
import { cases } from '../test/conformance/cases/all.ts';
import { hl7v2 } from '../test/conformance/hl7v2.ts';
import { nodeHl7Client } from '../test/conformance/node-hl7-client.ts';
import { weir } from '../test/conformance/weir.ts';

export const adapters = { weir, hl7v2, 'node-hl7-client': nodeHl7Client };
export type AdapterName = keyof typeof adapters;

if (import.meta.main) {
  const [name = 'weir', first = '0'] = process.argv.slice(2);
  const adapter = adapters[name as AdapterName];
  for (let at = Number(first); at < cases.length; at += 1) {
    const row = cases[at];
    if (!row) break;
    let verdict = 'wrong';
    try {
      // What an ACK says is read by Weir for all, so that a reader's fault is not the ACK's.
      const answer = answerOf(adapter, row, weir);
      verdict = answer === undefined ? 'none' : text(answer) === text(row.expect) ? 'right' : 'wrong';
    } catch {
      verdict = 'wrong';
    }
    process.stdout.write(`${at} ${verdict}\n`);
  }
}

function text(value: unknown): string {
  return JSON.stringify(value);
}
