/** The pages in docs/ are true: a channel that one of them shows in full passes `weir check` with the mappings of this repository. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { checkTexts } from '../src/channel/load.ts';
import { readMappings } from '../src/channel/mappings.ts';
import { isMessageText } from '../src/channel/types.ts';
import { runChannelTests } from '../src/engine/trials.ts';
import { messageOf } from '../src/map/trial.ts';
import { repositoryRoot } from './support/temp.ts';

const pages = ['README.md', ...readdirSync(join(repositoryRoot, 'docs')).map((name) => `docs/${name}`)].filter(
  // What stands in findings.md is wrong on purpose.
  (name) => name.endsWith('.md') && name !== 'docs/findings.md',
);

/** Whole channel files among the YAML blocks of a page, each named by its line. */
const examples = pages.flatMap((page) => {
  const text = readFileSync(join(repositoryRoot, page), 'utf8');
  return [...text.matchAll(/^```yaml\n(.*?)^```$/gms)].flatMap((match) => {
    const [, block = ''] = match;
    if (!/^channel: /m.test(block) || !/^deliver:/m.test(block)) return [];
    return [{ name: `${page}:${text.slice(0, match.index).split('\n').length}`, block }];
  });
});

const result = [
  'MSH|^~\\&|LAB|MERCY|X|Y|20260101||ORU^R01^ORU_R01|R1|P|2.5.1',
  'PID|1||MRN7^^^MERCY^MR||Doe^Jane||19800101|F|||||||||||123-45-6789',
  'OBR|1|P1|F1|GLU^Glucose^L|||20260101',
  'OBX|1|NM|GLU^Glucose^L||5.4|mmol/L|||||F',
  '',
].join('\r');

describe('channels in the pages pass weir check', () => {
  let read: Awaited<ReturnType<typeof readMappings>>;
  beforeAll(async () => {
    read = await readMappings(join(repositoryRoot, 'mappings'));
  }, 60_000);

  it('there are some', () => {
    expect(examples.length).toBeGreaterThan(0);
  });

  it.each(examples)('$name', ({ name, block }) => {
    const { findings } = checkTexts([{ file: name, text: block }], read, { CDR_URL: 'https://cdr.example/fhir' });
    expect(findings.filter(({ file }) => file === name).map(({ line, column, text }) => `${line}:${column} ${text}`)).toEqual([]);
  });

  /** What the tests of a page's channel find otherwise than expected, and the channel's text. */
  function trial(page: string) {
    const { name = '', block = '' } = examples.find((one) => one.name.startsWith(page)) ?? {};
    const differences = async (text: string) => {
      const { config } = checkTexts([{ file: name, text }], read, {});
      const channel = config?.channels[0];
      if (!config || !channel) throw new Error('the channel has findings');
      const given = async (test: { readonly given: string }) =>
        Buffer.from(isMessageText(test.given) ? messageOf(test.given).text : result);
      return (await runChannelTests(config, channel, given)).flatMap((one) => one.differences);
    };
    return { block, differences };
  }

  it('the example of master-files.md does what the page says of it, and its tests can fail', async () => {
    const { block, differences } = trial('docs/master-files.md');
    expect(await differences(block)).toEqual([]);
    const always = block.replace('MFN^M02 and MFI-3 != "REP"', 'MFN^M02');
    expect(await differences(always)).toMatchObject([{ path: 'park', expected: 'route-none' }]);
    expect(await differences(block.replace('MFE|MAD', 'MFE|MDC'))).toMatchObject([{ found: 'false' }, { found: 'false' }]);
  });

  it('the example of routing-v2.md does what the page says of it, and its test can fail', async () => {
    const { block, differences } = trial('docs/routing-v2.md');
    expect(await differences(block)).toEqual([]);
    expect(await differences(block.replace('{copy: PID-3.1, to: PID-2}', '{set: "3", to: PID-8}'))).toEqual([
      { path: 'park', expected: 'not parked', found: expect.stringContaining('edit-unlisted') },
      { path: 'messages.ward.MSH-5', expected: 'WARD', found: 'X' },
      { path: 'messages.ward.PID-8', expected: '2', found: 'F' },
      { path: 'messages.ward.PID-19', expected: 'empty', found: '123-45-6789' },
    ]);
  });
});
