import { useMemo } from 'react';
import { plural } from '../lib/format.ts';
import classes from './bundle.module.css';
import { RawText } from './raw-text.tsx';
import { ResourceView } from './resource-view.tsx';

interface Entry {
  readonly resource?: { readonly resourceType?: string; readonly id?: string };
  readonly request?: { readonly method?: string; readonly url?: string; readonly ifNoneExist?: string };
}

interface BundleViewProps {
  readonly body: string;
  readonly destinations: readonly string[];
}

/** A bundle, resource by resource. A body that is no bundle is shown as text. */
export function BundleView({ body, destinations }: BundleViewProps) {
  const bundle = useMemo(() => parse(body), [body]);
  // A bundle that must not be sent is for nobody but the reader.
  const audience = destinations.length === 0 ? 'no destination' : destinations.join(' and ');
  if (bundle === null) return <RawText text={body} label="The body as it was to be sent" />;
  return (
    <section aria-label={`Bundle for ${audience}`}>
      <p className={classes.what}>
        {bundle.type.charAt(0).toUpperCase() + bundle.type.slice(1)} of {plural(bundle.entries.length, 'resource')} for {audience}
      </p>
      {bundle.entries.map((entry, index) => (
        <ResourceView
          // biome-ignore lint/suspicious/noArrayIndexKey: an entry's place is its identity
          key={index}
          title={entry.resource?.resourceType ?? 'Entry'}
          request={requestOf(entry)}
          json={entry.resource ?? entry}
          open={bundle.entries.length <= 12}
        />
      ))}
    </section>
  );
}

function requestOf({ request }: Entry): string {
  if (request === undefined) return '';
  const condition = request.ifNoneExist === undefined ? '' : ` if none exists with ${request.ifNoneExist}`;
  return `${request.method ?? ''} ${request.url ?? ''}${condition}`.trim();
}

function parse(body: string): { readonly type: string; readonly entries: readonly Entry[] } | null {
  try {
    const bundle = JSON.parse(body) as { resourceType?: string; type?: string; entry?: Entry[] };
    if (bundle.resourceType !== 'Bundle') return null;
    return { type: bundle.type ?? 'bundle', entries: bundle.entry ?? [] };
  } catch {
    return null;
  }
}
