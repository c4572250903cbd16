import { defineCommand } from 'citty';
import { WeirError } from '../errors.ts';
import { splitMessages } from '../hl7/batch.ts';
import { Message } from '../hl7/message.ts';
import { parsePath } from '../hl7/path.ts';
import type { Path } from '../hl7/types.ts';
import { fault, misuse, readInput } from './input.ts';

/** The values at a path in the messages of a file. Exit 0 where there is one, 1 where there is none, 2 misuse. */
export default defineCommand({
  meta: { name: 'get', description: 'Print the values at a path, one a line: PID-3[2].4.2, OBX[3]-5, OBX[*]-3.1' },
  args: {
    path: {
      type: 'positional',
      description: 'SEGMENT[occurrence]-field[repetition].component.subcomponent; * for all',
      required: true,
    },
    file: {
      type: 'positional',
      description: 'A file of one message, many, a batch or MLLP frames; - is standard input',
      required: true,
    },
    charset: { type: 'string', description: 'Read the messages in this character set, whatever their MSH-18 says' },
    json: { type: 'boolean', description: 'A JSON array: for each message its control id and its values' },
  },
  async run({ args }) {
    const path = readPath(args.path);
    if (path === null) return;
    const bytes = await readInput(args.file);
    if (bytes === null) return;
    const { messages } = splitMessages(bytes);
    if (messages.length === 0)
      return fault(`${args.file} holds no HL7 v2 message (no line begins with MSH); check that it is the right file`);
    const found = messages.map((raw) => {
      const message = Message.parse(raw, { charset: args.charset });
      return { controlId: message.controlId, values: message.getAll(path) };
    });
    if (args.json) console.log(JSON.stringify(found, null, 2));
    else for (const { values } of found) for (const value of values) console.log(oneLine(value));
    if (found.every(({ values }) => values.length === 0)) process.exitCode = 1;
  },
});

function readPath(text: string): Path | null {
  try {
    return parsePath(text);
  } catch (error) {
    if (!(error instanceof WeirError)) throw error;
    misuse(error.message);
    return null;
  }
}

/** A value with line ends in it would look like several. */
function oneLine(value: string): string {
  return value.replaceAll('\r', '\\r').replaceAll('\n', '\\n');
}
