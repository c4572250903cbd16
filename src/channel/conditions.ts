import type { Condition } from '../hl7/condition.ts';
import { ConditionError, parseCondition } from '../hl7/condition-parse.ts';
import { finding } from './findings.ts';
import type { Finding } from './types.ts';
import type { YamlFile, YamlPath } from './yaml.ts';

/** The condition written at `path`; undefined, with a finding at the place inside the text, where it cannot be read. */
export function readCondition(text: string, yaml: YamlFile, path: YamlPath, findings: Finding[]): Condition | undefined {
  try {
    return parseCondition(text);
  } catch (error) {
    if (!(error instanceof ConditionError)) throw error;
    findings.push(finding('bad-condition', yaml.place(path, error.offset), error.message));
    return undefined;
  }
}
