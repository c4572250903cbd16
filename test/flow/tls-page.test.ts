/**
 * The commands of docs/tls.md do what the page says of them: they are taken from the page and run as they are printed, against a Weir whose certificates
 * they made. Only the host is another, and the file of the message stands in the repository.
 */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { connect } from 'node:tls';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { cleanEnvironment, repositoryRoot, type TempFolder, tempFolder } from '../support/temp.ts';
import { prepareWeir, type Weir } from '../support/weir.ts';

const missing = ['openssl', 'bash'].filter((command) => spawnSync(command, ['--help'], { stdio: 'ignore' }).error !== undefined);
const page = readFileSync(join(repositoryRoot, 'docs', 'tls.md'), 'utf8');
const blocks = [...page.matchAll(/^```sh\n([\s\S]*?)^```/gm)].map(([, text = '']) => text);

/** The block of the page that holds a text. */
function block(part: string): string {
  return blocks.find((text) => text.includes(part)) ?? expect.fail(`no command of docs/tls.md has ${part}`);
}
/** The commands of a block, one by one. */
function commands(part: string): string[] {
  const lines = block(part).replaceAll('\\\n', '').split('\n');
  return lines.filter((line) => line.trim() !== '' && !line.startsWith('#'));
}
function command(part: string): string {
  return commands(part).find((line) => line.includes(part)) ?? expect.fail(part);
}

interface Ran {
  readonly code: number | null;
  readonly output: string;
}

describe.skipIf(missing.length > 0)(
  `docs/tls.md${missing.length > 0 ? `: ${missing.join(', ')} not on this machine` : ''}`,
  () => {
    let folder: TempFolder;
    let data: TempFolder;
    let weir: Weir;
    let env: NodeJS.ProcessEnv;
    let fingerprint = '';

    /** Runs it without a terminal. What is asked for on one is read from `typed`; where that is null nothing is typed, for as long as it runs. */
    async function run(text: string, typed: string | null = ''): Promise<Ran> {
      const child = spawn('bash', ['-e', '-c', text], { cwd: folder.path, env, detached: true });
      let output = '';
      for (const stream of [child.stdout, child.stderr])
        stream.setEncoding('utf8').on('data', (chunk: string) => (output += chunk));
      child.stdin.on('error', () => {});
      if (typed !== null) child.stdin.end(typed);
      const [code] = (await once(child, 'close')) as [number | null];
      child.stdin.destroy();
      return { code, output };
    }
    async function good(text: string, typed?: string): Promise<string> {
      const { code, output } = await run(text, typed);
      expect(`${code}: ${output}`).toMatch(/^0: /);
      return output;
    }
    /** A certificate for another name, by the same commands. */
    const issue = (name: string) =>
      good(
        block('name=')
          .replace(/[\s\S]*?(?=^name=)/m, '')
          .replace(/^name=.*/m, `name=${name}`),
      );
    /** The command with our host in place of the page's. */
    const here = (text: string, port = 'ADT_PORT'): string =>
      text
        .replace('weir.mercy.example:2575', `localhost:${weir.ports[port]}`)
        .replace('npx weir', `'${process.execPath}' '${join(repositoryRoot, 'bin', 'weir.js')}'`)
        .replace(' test/fixtures', ` ${repositoryRoot}/test/fixtures`);

    beforeAll(async () => {
      [folder, data] = await Promise.all([tempFolder('tls-page'), tempFolder('tls-page-data')]);
      env = cleanEnvironment({ WEIR_CHANNELS: folder.path });
      await good(block('-x509'));
      await issue('localhost');
      // What a hospital's authority gives: our pair with its own certificate as PKCS #12, and that one in DER.
      await good(
        'openssl pkcs12 -export -inkey localhost.key -in localhost.crt -certfile ca.crt -out weir.pfx -passout pass:typed',
      );
      await good('openssl x509 -in ca.crt -outform der -out hospital-ca.cer');
      for (const one of commands('pkcs12')) await good(one, 'typed\n');
      mkdirSync(join(folder.path, 'tls'));
      for (const file of ['weir.crt', 'weir.key', 'hospital-ca.crt'])
        copyFileSync(join(folder.path, file), join(folder.path, 'tls', file));
      fingerprint = (await good(command('-fingerprint'))).trim().replace(/^.*=/, '');
      for (const [name, more] of Object.entries({ adt: '', quantum: ', post-quantum: required' }))
        writeFileSync(
          join(folder.path, `${name}.yaml`),
          `channel: ${name}
listen:
  mllp: {port: "\${${name.toUpperCase()}_PORT:-2575${name.length}}"}
  tls:
    {cert: tls/weir.crt, key: tls/weir.key, ca: tls/hospital-ca.crt, clients: required,
     senders: [{fingerprint: "${fingerprint}", from: ["*"]}]${more}}
route: [{filter: it has come}]
deliver: [{to: cdr, fhir: sandbox}]
`,
        );
      weir = await prepareWeir({ channels: folder.path, ports: ['ADT_PORT', 'QUANTUM_PORT'], dataDir: data.path });
      await weir.start();
    }, 120_000);
    afterAll(async () => {
      await weir?.stop();
      await Promise.all([folder?.remove(), data?.remove()]);
    });

    test('the request for a certificate has the name as an alternative name too', async () => {
      await good(block('weir.csr'));
      expect(await good('openssl req -in weir.csr -noout -verify -text')).toMatch(/DNS:weir\.mercy\.example/);
    });

    test('weir check finds nothing in what the commands made, and weir send is answered AA', async () => {
      expect(await good(here(command('npx weir check')))).toMatch(/Nothing to find/);
      expect(await good(here(command('npx weir send')))).toMatch(/^AA /m);
    });

    test('s_client shows version, cipher and key exchange', async () => {
      const output = await good(here(command('s_client')));
      expect(output).toMatch(/Protocol version: TLSv1\.3/);
      expect(output).toMatch(/Ciphersuite: TLS_/);
      expect(output).toMatch(/Verification: OK/);
      expect(output).toMatch(/X25519/);
    });

    test('without -cert it ends with the alert of the table, behind what looks like a connection', async () => {
      const { code, output } = await run(here(command('s_client')).replace(/-cert \S+ -key \S+ /, ''), null);
      expect(code).not.toBe(0);
      expect(output).toMatch(/CONNECTION ESTABLISHED[\s\S]*certificate required/);
    });

    test('-tls1_1 fails', async () => {
      const { code, output } = await run(`${here(command('s_client'))} -tls1_1`, null);
      expect(code).not.toBe(0);
      // Where its own configuration forbids it, OpenSSL does not even ask.
      expect(output).toMatch(/alert protocol version|no protocols available/);
    });

    test('a sender without the hybrid key exchange, where it is required, gets the alert of the table', async () => {
      const { code, output } = await run(`${here(command('s_client'), 'QUANTUM_PORT')} -groups X25519`, null);
      expect(code).not.toBe(0);
      expect(output).toMatch(/alert handshake failure/);
    });

    test.skipIf(process.platform === 'win32')('files renewed as the page renews them are in use behind SIGHUP', async () => {
      await issue('localhost');
      for (const end of ['crt', 'key']) copyFileSync(join(folder.path, `localhost.${end}`), join(folder.path, `new.${end}`));
      await good(block('new.crt'));
      const expected = (await good('openssl x509 -in new.crt -noout -fingerprint -sha256')).trim().replace(/^.*=/, '');
      weir.signal('SIGHUP');
      const read = (file: string): Buffer => readFileSync(join(folder.path, file));
      await expect
        .poll(
          async () => {
            const pair = { cert: read('epic.mercy.example.crt'), key: read('epic.mercy.example.key') };
            const socket = connect({ host: 'localhost', port: weir.ports.ADT_PORT ?? 0, ca: read('ca.crt'), ...pair });
            await once(socket, 'secureConnect');
            const shown = socket.getPeerX509Certificate()?.fingerprint256;
            socket.destroy();
            return shown;
          },
          { timeout: 20_000 },
        )
        .toBe(expected);
    });
  },
);
