import { describe, expect, test } from 'vitest';
import { optionProblem } from './options.ts';

const definitions = {
  file: { type: 'positional' },
  to: { type: 'string', alias: 't' },
  ndjson: { type: 'boolean' },
  maxErrors: { type: 'string' },
} as const;

describe('options of a command', () => {
  test.each([
    [['a.hl7']],
    [['--to', 'x:1', 'a.hl7']],
    [['-t', 'x:1']],
    [['--to=x:1', '--ndjson', '-']],
    [['--no-ndjson']],
    [['--max-errors', '3']],
    [['--', '--odd']],
  ])('are taken: %j', (args) => expect(optionProblem(args, definitions)).toBeNull());

  test.each([
    [['--too', 'x:1'], 'There is no option --too'],
    [['a.hl7', '-x'], 'There is no option -x'],
    [['--file', 'a'], 'There is no option --file'],
    [['--no-to'], 'There is no option --no-to'],
    [['--to'], 'The option --to lacks its value'],
    [['--to', '--ndjson'], 'The option --to lacks its value'],
  ])('are refused: %j', (args, sentence) => expect(optionProblem(args, definitions)).toBe(sentence));
});
