import { VisuallyHidden } from '@mantine/core';
import classes from './app.module.css';
import { Link, useAddress } from './lib/router.tsx';
import { MessagePage } from './message/message-page.tsx';
import { OverviewPage } from './overview/overview-page.tsx';
import { ColorScheme } from './parts/color-scheme.tsx';
import { Mark } from './parts/mark.tsx';
import { TroublePage } from './trouble/trouble-page.tsx';
import { TroublesPage } from './trouble/troubles-page.tsx';

export function App() {
  const address = useAddress();
  return (
    <>
      <a className={classes.skip} href="#main">
        Go to the content
      </a>
      <header className={classes.header}>
        <div className={classes.bar}>
          <Link href="/" className={classes.name}>
            <Mark />
            Weir
            <VisuallyHidden>, overview</VisuallyHidden>
          </Link>
          <nav aria-label="Elsewhere" className={classes.nav}>
            <a href="/api/docs">API</a>
            <ColorScheme />
          </nav>
        </div>
      </header>
      <main id="main" className={classes.main} tabIndex={-1}>
        <Place address={address} />
      </main>
    </>
  );
}

/** What stands at an address. */
function Place({ address }: { readonly address: URL }) {
  const [, kind, id] = /^\/(messages|troubles)(?:\/([0-9]+))?$/.exec(address.pathname) ?? [];
  if (kind === 'messages' && id !== undefined) return <MessagePage key={id} id={id} />;
  if (kind === 'troubles') return id === undefined ? <TroublesPage address={address} /> : <TroublePage key={id} id={id} />;
  return <OverviewPage address={address} />;
}
