/** The form of a UUID (RFC 9562, 4). Every reference within a bundle is one, so it is read without a regular expression. */

/** Whether the text from this offset to its end is a UUID, in letters of either case. */
export function isUuidFrom(text: string, start: number): boolean {
  if (text.length - start !== 36) return false;
  for (let at = 0; at < 36; at += 1) {
    const unit = text.charCodeAt(start + at);
    const isHyphen = at === 8 || at === 13 || at === 18 || at === 23;
    if (isHyphen ? unit !== 45 : !isHex(unit)) return false;
  }
  return true;
}

function isHex(unit: number): boolean {
  return (unit >= 48 && unit <= 57) || (unit >= 97 && unit <= 102) || (unit >= 65 && unit <= 70);
}
