/** The files of `tls:` keys: there, readable, and fitting together. */
import { readTls, type TlsFiles } from '../tls.ts';
import type { ReadChannel } from './channel.ts';
import { finding } from './findings.ts';
import { isVariable } from './scalars.ts';
import type { Finding } from './types.ts';
import type { YamlPath } from './yaml.ts';

/** Findings about the certificates and keys that channels name, as they are at `now`. */
export async function lintTlsFiles(channels: readonly ReadChannel[], now: Date): Promise<Finding[]> {
  const found = await Promise.all(
    channels.flatMap(({ channel, yaml }) => {
      const declared: [TlsFiles | null, YamlPath][] = channel
        ? [
            [channel.listen.tls, ['listen', 'tls']],
            [channel.acknowledge.to?.tls ?? null, ['acknowledge', 'tls']],
            ...channel.destinations.map(({ tls }, index): [TlsFiles | null, YamlPath] => [tls, ['deliver', index, 'tls']]),
          ]
        : [];
      return declared.map(async ([files, path]) =>
        files === null || unfilled(files)
          ? []
          : (await readTls(files, now)).problems.map((problem) =>
              finding(problem.code, yaml.place([...path, problem.at]), problem.text),
            ),
      );
    }),
  );
  return found.flat();
}

/** A path that still waits for the environment is a finding already. */
function unfilled({ cert, key, ca, passphrase }: TlsFiles): boolean {
  return [cert, key, ca, passphrase].some((text) => text !== null && isVariable(text));
}
