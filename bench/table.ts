/** The bench's table: what was reached beside its reference and its budget of DESIGN section 8. */

export type Unit = '/s' | 'ms' | 's' | 'MB';

export interface Row {
  readonly what: string;
  readonly reached: number;
  readonly unit: Unit;
  /** What was measured beside it in the same run, in the same unit. */
  readonly reference?: { readonly what: string; readonly value: number };
  readonly budget?: Budget;
}

/** `ratio`: at least so many times the reference. `atLeast`, `under`: in the row's own unit. */
export type Budget = { readonly ratio: number } | { readonly atLeast: number } | { readonly under: number };

/** Whether a row keeps its budget; null for one that has none. */
export function isMet({ reached, reference, budget }: Row): boolean | null {
  if (budget === undefined) return null;
  if ('atLeast' in budget) return reached >= budget.atLeast;
  if ('under' in budget) return reached < budget.under;
  return reference === undefined ? null : reached / reference.value >= budget.ratio;
}

/** The rows as a table in Markdown, its columns aligned for reading in a terminal. */
export function markdown(rows: readonly Row[]): string {
  const head = ['what', 'reached', 'reference', 'ratio', 'budget', 'met'];
  const lines = rows.map((row) => [
    row.what,
    amount(row.reached, row.unit),
    row.reference ? `${row.reference.what}: ${amount(row.reference.value, row.unit)}` : '',
    row.reference ? `${round(row.reached / row.reference.value)} x` : '',
    row.budget ? budgetText(row.budget, row.unit) : '',
    { true: 'yes', false: 'NO', null: '' }[`${isMet(row)}`] ?? '',
  ]);
  const widths = head.map((text, column) => Math.max(text.length, ...lines.map((line) => line[column]?.length ?? 0)));
  const line = (cells: readonly string[]) => `| ${cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |`;
  return [line(head), line(widths.map((width) => '-'.repeat(width))), ...lines.map(line)].join('\n');
}

function budgetText(budget: Budget, unit: Unit): string {
  if ('ratio' in budget) return `at least ${round(budget.ratio)} x`;
  return 'atLeast' in budget ? `at least ${amount(budget.atLeast, unit)}` : `under ${amount(budget.under, unit)}`;
}

function amount(value: number, unit: Unit): string {
  return unit === '/s' ? `${round(value)}/s` : `${round(value)} ${unit}`;
}

/** Three figures are what such a measurement can tell. */
function round(value: number): string {
  const digits = value >= 100 ? 0 : value >= 10 ? 1 : 2;
  return (value >= 1_000 ? Number(value.toPrecision(3)) : value).toLocaleString('en-US', { maximumFractionDigits: digits });
}

/** The middle of some measurements, or the mean of the middle two. */
export function median(values: readonly number[]): number {
  return (percentile(values, 0.5, 'below') + percentile(values, 0.5, 'above')) / 2;
}

/** The value that a share (0 to 1) of the measurements does not exceed; NaN where there are none. */
export function percentile(values: readonly number[], share: number, side: 'below' | 'above' = 'below'): number {
  const sorted = Float64Array.from(values).sort();
  const at = (sorted.length - 1) * share;
  return sorted[side === 'below' ? Math.floor(at) : Math.ceil(at)] ?? Number.NaN;
}
