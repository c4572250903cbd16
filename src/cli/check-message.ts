/** `weir check --message`: the messages of a file against the standard and a profile. */
import { readFile } from 'node:fs/promises';
import { readProfile } from '../channel/profile.ts';
import { splitMessages } from '../hl7/batch.ts';
import { type ConformanceFinding, compileConformance } from '../hl7/conformance/check.ts';
import type { Profile } from '../hl7/conformance/profile.ts';
import { Message } from '../hl7/message.ts';
import { fault, misuse, readInput } from './input.ts';
import { count, reportLines } from './report.ts';

export interface MessageCheck {
  readonly message: string;
  readonly profile?: string | undefined;
  readonly charset?: string | undefined;
  readonly json?: boolean | undefined;
}

interface Checked {
  readonly source: string;
  readonly type: string;
  readonly controlId: string;
  readonly findings: readonly ConformanceFinding[];
}

/** Prints every deviation. Exit 0 where no message has an error, 1 where one has, 2 misuse. */
export async function checkMessages({ message: file, profile: profileFile, charset, json }: MessageCheck): Promise<void> {
  const profile = profileFile === undefined ? null : await profileOf(profileFile);
  if (profile === undefined) return;
  const bytes = await readInput(file);
  if (bytes === null) return;
  const { messages } = splitMessages(bytes);
  if (messages.length === 0)
    return fault(`${file} holds no HL7 v2 message (no line begins with MSH); check that it is the right file`);
  const check = compileConformance({ standard: true, profile });
  const checked = messages.map((raw, index): Checked => {
    const message = Message.parse(raw, { charset });
    const type = `${message.type}^${message.event}`;
    return { source: `${file}#${index + 1}`, type, controlId: message.controlId, findings: check(message) };
  });
  process.stdout.write(json ? `${JSON.stringify({ messages: checked })}\n` : report(checked));
  if (checked.some(({ findings }) => findings.some(({ severity }) => severity === 'error'))) process.exitCode = 1;
}

/** Null where none is wanted; undefined where it cannot be used: then its findings went to standard error, and the exit code is 2. */
async function profileOf(file: string): Promise<Profile | null | undefined> {
  const text = await readFile(file, 'utf8').catch(() => null);
  if (text === null) {
    misuse(`The profile ${file} could not be read; check its name`);
    return undefined;
  }
  const { profile, findings } = readProfile(file, text);
  if (profile !== null && findings.length === 0) return profile;
  for (const line of reportLines(findings)) process.stderr.write(`${line}\n`);
  process.exitCode = 2;
  return undefined;
}

/** A line a finding: the message of the file, the place in it, how grave, the code of table 0357. */
function report(checked: readonly Checked[]): string {
  const lines = checked.flatMap(({ source, findings }) =>
    findings.map(({ location, severity, code, text }) => `${source} ${location} ${severity} ${code} ${text}.`),
  );
  const all = checked.flatMap(({ findings }) => findings);
  const of = (wanted: string): number => all.filter(({ severity }) => severity === wanted).length;
  const sum =
    all.length === 0
      ? `Nothing to find: ${count(checked.length, 'message')} as the standard has ${checked.length === 1 ? 'it' : 'them'}.`
      : `${count(of('error'), 'error')}, ${count(of('warning'), 'warning')}, ${of('information')} for information.`;
  return `${[...lines, sum].join('\n')}\n`;
}
