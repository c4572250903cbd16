/** The content of a narrative (FHIR R4, 2.4.0; constraints txt-1 and txt-2). */

const tags: ReadonlySet<string> = new Set(
  (
    'a abbr acronym address b bdo big blockquote br caption cite code col colgroup dd dfn div dl dt em h1 h2 h3 h4 h5 h6 hr i img ins kbd li ' +
    'map area ol p pre q samp small span strong sub sup table tbody td tfoot th thead tr tt ul var del'
  ).split(' '),
);
const attributes: ReadonlySet<string> = new Set(
  (
    'abbr accesskey align alt axis bgcolor border cellhalign cellpadding cellspacing cellvalign char charoff charset cite class colspan compact coords ' +
    'dir frame headers height href hreflang hspace id lang longdesc name nowrap rel rev rowspan rules scope shape span src start style summary tabindex ' +
    'title type valign value vspace width xmlns xml:lang'
  ).split(' '),
);

const tag =
  /<(\/?)([A-Za-z][A-Za-z\d]*)((?:\s+[A-Za-z:]+\s*=\s*(?:"[^"<]*"|'[^'<]*'))*)\s*(\/?)>|<!--[\s\S]*?-->|<|&(?!(?:[A-Za-z][A-Za-z\d]*|#\d+|#x[\dA-Fa-f]+);)/g;
const attribute = /([A-Za-z:]+)\s*=/g;

/** What is wrong with a `div`: `txt-1` for what is not basic, well-formed XHTML in its name space, `txt-2` for one that says nothing. */
export function narrativeFault(div: string): 'txt-1' | 'txt-2' | undefined {
  const text = div.trim();
  if (!/^<div\b[^>]*\sxmlns\s*=\s*["']http:\/\/www\.w3\.org\/1999\/xhtml["']/.test(text)) return 'txt-1';
  const open: string[] = [];
  let says = false;
  let end = 0;
  for (const m of text.matchAll(tag)) {
    if (!says && text.slice(end, m.index).trim() !== '') says = true;
    // Nothing may stand outside of the one div.
    if (open.length === 0 && m.index > 0) return 'txt-1';
    end = m.index + m[0].length;
    if (m[0].startsWith('<!--')) continue;
    const name = m[2];
    if (name === undefined || !tags.has(name)) return 'txt-1';
    if (m[1] === '/') {
      if (open.pop() !== name) return 'txt-1';
      continue;
    }
    for (const a of (m[3] ?? '').replace(/"[^"]*"|'[^']*'/g, '').matchAll(attribute))
      if (!attributes.has(a[1] ?? '')) return 'txt-1';
    if (name === 'img') says = true;
    if (m[4] !== '/') open.push(name);
    else if (open.length === 0) return 'txt-2';
  }
  if (open.length > 0 || end !== text.length) return 'txt-1';
  return says ? undefined : 'txt-2';
}
