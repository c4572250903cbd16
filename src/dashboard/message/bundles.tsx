import type { Message } from '../lib/types.ts';
import classes from './bundle.module.css';
import { BundleView } from './bundle-view.tsx';

/** What the message was mapped to, and to whom it goes or went. */
export function Bundles({ message }: { readonly message: Message }) {
  if (message.bundle === null)
    return <p className={classes.none}>There is no bundle: the message has not been mapped, or its channel does not map it.</p>;
  const takers = message.deliveries.filter((delivery) => delivery.content === 'bundle');
  return <BundleView body={message.bundle} destinations={takers.map((delivery) => delivery.destination)} />;
}
