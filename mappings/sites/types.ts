/** What a site function is given and gives: `use: ./sites/NAME/FILE.ts#FUNCTION` (docs/mapping-language.md, "Overlays"). */

export interface SiteValue {
  /** The text of a simple value, or the first leaf of any other, escapes resolved. */
  readonly text: string;
  /** Every component with its subcomponents, from 0: `components[3][1]` is CX.4.2. */
  readonly components: readonly (readonly string[])[];
}

/** A text, number or boolean (converted to the type of the element), an element's parts, or null: then the row does nothing. */
export type SiteResult = string | number | boolean | { readonly [part: string]: unknown } | null;

/** Pure: the same value gives the same result, whatever came before. */
export type SiteFunction = (value: SiteValue) => SiteResult;
