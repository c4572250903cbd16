/** Reading what a FHIR server answered to a transaction or batch (FHIR R4, 3.1.0.11.3). */
import { children, isNode } from './nodes.ts';

/**
 * What an answer means for the delivery. `transient`: the same bundle, sent later, may be taken. `status` is the HTTP status that
 * decided, of the answer or of an entry in it. `text` is `bad-answer` for what is no FHIR response, and otherwise holds codes, severities and element paths only, because a server's own words may
 * repeat what it was sent.
 */
export type ResponseVerdict =
  | { readonly kind: 'ok' }
  | { readonly kind: 'transient' | 'permanent'; readonly status: number; readonly text: string };

/** Of the causes an answer can name only these pass by themselves: time-out, conflict, failed condition, too early, too many, 5xx. */
export function isTransientStatus(status: number): boolean {
  return (
    status === 408 || status === 409 || status === 412 || status === 425 || status === 429 || (status >= 500 && status <= 599)
  );
}

/** How many entries of a bundle are named in a text. */
const named = 5;

/**
 * Reads the whole answer, every entry of it. `body` is the parsed JSON, or undefined where the answer had none or was no JSON. One
 * entry that cannot succeed makes the whole permanent; otherwise one that may succeed later makes it transient.
 */
export function readResponse(status: number, body: unknown): ResponseVerdict {
  if (status < 200 || status > 299) {
    const said = outcomeText(body);
    const isFhir = isNode(body) && body.resourceType === 'OperationOutcome';
    // Redirects, and pages that are not there: whatever answered knows no FHIR here.
    if (!isFhir && (status < 400 || status === 404 || status === 405)) return badAnswer(status);
    return {
      kind: isTransientStatus(status) ? 'transient' : 'permanent',
      status,
      text: said === '' ? `HTTP ${status}` : `HTTP ${status}: ${said}`,
    };
  }
  if (!isNode(body)) return badAnswer(status);
  if (body.resourceType !== 'Bundle') return badAnswer(status);
  if (body.type !== 'transaction-response' && body.type !== 'batch-response') return badAnswer(status);
  return readEntries(status, body.entry);
}

/** Not what a FHIR server says: the address is wrong, or something stands in between. */
function badAnswer(status: number): ResponseVerdict {
  return { kind: 'permanent', status, text: 'bad-answer' };
}

function readEntries(status: number, entries: unknown): ResponseVerdict {
  if (entries === undefined) return { kind: 'ok' };
  if (!Array.isArray(entries)) return badAnswer(status);
  const failed: { index: number; status: number; text: string }[] = [];
  for (const [index, entry] of entries.entries()) {
    const response = isNode(entry) ? entry.response : undefined;
    if (!isNode(response)) return badAnswer(status);
    const own = /^\s*([1-5]\d\d)\b/.exec(String(response.status ?? ''));
    if (own === null) return badAnswer(status);
    const code = Number(own[1]);
    // 304 answers a conditional read; any other redirect inside a bundle leads nowhere.
    if ((code >= 200 && code <= 299) || code === 304) continue;
    failed.push({ index, status: code, text: outcomeText(response.outcome) });
  }
  const worst = failed.find((f) => !isTransientStatus(f.status)) ?? failed[0];
  if (worst === undefined) return { kind: 'ok' };
  const lines = failed.slice(0, named).map((f) => `entry[${f.index}] ${f.status}${f.text === '' ? '' : `: ${f.text}`}`);
  if (failed.length > named) lines.push(`and ${failed.length - named} more`);
  return { kind: isTransientStatus(worst.status) ? 'transient' : 'permanent', status: worst.status, text: lines.join('; ') };
}

const severities: ReadonlySet<unknown> = new Set(['fatal', 'error', 'warning', 'information']);

/** What an OperationOutcome says in codes: `error required at Patient.name`. Diagnostics, details and anything of another form are left out. */
function outcomeText(body: unknown): string {
  if (!isNode(body) || body.resourceType !== 'OperationOutcome') return '';
  const said: string[] = [];
  for (const issue of children(body, 'issue')) {
    if (!severities.has(issue.severity) || issue.severity === 'information' || !isIssueType(issue.code)) continue;
    const paths = [issue.expression, issue.location].flatMap((p) => (Array.isArray(p) ? p : [])).filter(isElementPath);
    said.push(`${String(issue.severity)} ${issue.code}${paths.length > 0 ? ` at ${paths[0]}` : ''}`);
    if (said.length === named) break;
  }
  return said.join(', ');
}

/** Codes of the value set issue-type; a server's own word could be anything. */
const issueTypes: ReadonlySet<unknown> = new Set(
  (
    'invalid structure required value invariant security login unknown expired forbidden suppressed processing not-supported duplicate ' +
    'multiple-matches not-found deleted too-long code-invalid extension too-costly business-rule conflict transient lock-error no-store ' +
    'exception timeout incomplete throttled informational'
  ).split(' '),
);

function isIssueType(code: unknown): code is string {
  return issueTypes.has(code);
}

/** Element names and indexes only: a FHIRPath with functions could compare with a value. */
function isElementPath(path: unknown): path is string {
  return typeof path === 'string' && path.length <= 200 && /^\/?[A-Z][A-Za-z]*(?:[./][a-z][A-Za-z]*(?:\[\d+\])?)*$/.test(path);
}
