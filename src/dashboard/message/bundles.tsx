import type { Delivery } from '../lib/types.ts';
import classes from './bundle.module.css';
import { BundleView } from './bundle-view.tsx';

/** What is, or was, sent to each destination. Destinations that get the same bundle share it. */
export function Bundles({ deliveries }: { readonly deliveries: readonly Delivery[] }) {
  if (deliveries.length === 0)
    return <p className={classes.none}>There is no bundle: the message has not been mapped, or its channel does not map it.</p>;
  const bodies = [...new Set(deliveries.map((delivery) => delivery.body))];
  return bodies.map((body) => {
    const names = deliveries.filter((delivery) => delivery.body === body).map((delivery) => delivery.destination);
    return <BundleView key={names.join()} body={body} destinations={names} />;
  });
}
