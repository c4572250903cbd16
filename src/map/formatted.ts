/**
 * Formatting commands of FT (HL7 2.9, 2.7.6) as plain text: line ends where a command makes one, nothing for highlighting and
 * indentation. What is no command stays.
 */
export function plainFromFormatted(text: string, mark: string): string {
  if (mark === '') return text;
  let start = text.indexOf(mark);
  if (start < 0) return text;
  let result = '';
  let done = 0;
  while (start >= 0) {
    const end = text.indexOf(mark, start + 1);
    if (end < 0) break;
    const plain = command(text.slice(start + 1, end));
    if (plain === null) {
      start = end;
      continue;
    }
    result += text.slice(done, start) + plain;
    done = end + 1;
    start = text.indexOf(mark, done);
  }
  return result + text.slice(done);
}

/** What a command comes to; null for what is none. */
function command(code: string): string | null {
  if (code === 'H' || code === 'N') return '';
  if (code[0] !== '.') return null;
  const lines = /^\.(?:br|sp|ce)(?:\s*\+?(\d{1,2}))?$/i.exec(code);
  if (lines !== null) return '\n'.repeat(Math.max(1, Number(lines[1] ?? 1)));
  return /^\.(?:in|ti|sk)\s*[+-]?\d{0,3}$|^\.(?:fi|nf)$/i.test(code) ? '' : null;
}
