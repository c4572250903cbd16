/** Reading references (FHIR R4, 2.3.0.1). */
import { isResource } from './elements.ts';
import { isUuidFrom } from './uuid.ts';

/** What a reference's text is. `type` is the resource type it names, where it names one. */
export type ReferenceForm =
  | { readonly kind: 'local'; readonly id: string }
  | { readonly kind: 'relative'; readonly type: string; readonly id: string }
  | { readonly kind: 'conditional'; readonly type: string; readonly query: string }
  | { readonly kind: 'absolute'; readonly type: string | undefined }
  | { readonly kind: 'urn' };

const relative = /^([A-Z][A-Za-z]+)\/([A-Za-z\d\-.]{1,64})(?:\/_history\/[A-Za-z\d\-.]{1,64})?$/;
const conditional = /^([A-Z][A-Za-z]+)\?(\S+=\S*)$/;
const restUrl = /^https?:\/\/\S*?\/([A-Z][A-Za-z]+)\/[A-Za-z\d\-.]{1,64}(?:\/_history\/[A-Za-z\d\-.]{1,64})?$/;
const oid = /^urn:oid:[0-2](?:\.(?:0|[1-9]\d*))+$/;
const urn: ReferenceForm = { kind: 'urn' };

/** The form of a reference's text, or undefined where it has none that R4 allows. */
export function referenceForm(text: string): ReferenceForm | undefined {
  if (text.charCodeAt(0) === 35) return /^#[A-Za-z\d\-.]{0,64}$/.test(text) ? { kind: 'local', id: text.slice(1) } : undefined;
  if (text.startsWith('urn:uuid:')) return isUuidFrom(text, 9) ? urn : undefined;
  if (text.startsWith('urn:')) return oid.test(text) ? urn : undefined;
  const path = relative.exec(text);
  if (path) return isResource(path[1] ?? '') ? { kind: 'relative', type: path[1] ?? '', id: path[2] ?? '' } : undefined;
  const query = conditional.exec(text);
  if (query) return isResource(query[1] ?? '') ? { kind: 'conditional', type: query[1] ?? '', query: query[2] ?? '' } : undefined;
  if (!/^[a-z][a-z\d+.-]*:\S+$/.test(text)) return undefined;
  const type = restUrl.exec(text)?.[1];
  return { kind: 'absolute', type: type !== undefined && isResource(type) ? type : undefined };
}
