/** What is promised of the files around the code: production settings in docker-compose.yml, the package's own claims. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { settingsTable } from '../src/settings.ts';
import { repositoryRoot } from './support/temp.ts';

const text = (name: string) => readFileSync(join(repositoryRoot, name), 'utf8');

interface Service {
  readonly image: string;
  readonly command?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  readonly ports?: readonly string[];
  readonly volumes?: readonly string[];
  readonly healthcheck?: { readonly test: readonly string[] };
  readonly depends_on?: Readonly<Record<string, { readonly condition: string }>>;
}

describe('docker-compose.yml', () => {
  const { services, volumes } = parse(text('docker-compose.yml')) as { services: Record<string, Service>; volumes: object };
  const service = (name: string): Service => {
    const found = services[name];
    if (found === undefined) throw new Error(`no service ${name}`);
    return found;
  };
  const option = (name: string, flag: string) => {
    const command = service(name).command ?? [];
    return command[command.indexOf(flag) + 1];
  };

  test('Redis keeps the queue over a restart and evicts nothing', () => {
    expect(option('redis', '--appendonly')).toBe('yes');
    expect(option('redis', '--appendfsync')).toBe('everysec');
    expect(option('redis', '--maxmemory-policy')).toBe('noeviction');
    expect(service('redis').volumes).toContain('redis:/data');
  });

  test('promise 1: PostgreSQL 18 syncs its commits, on a volume', () => {
    expect(service('postgres').image).toBe('postgres:18');
    expect(service('postgres').command).toEqual(expect.arrayContaining(['fsync=on', 'synchronous_commit=on']));
    // From 18 on the image keeps its data in a folder below this one.
    expect(service('postgres').volumes).toContain('postgres:/var/lib/postgresql');
    expect(Object.keys(volumes)).toEqual(['postgres', 'redis']);
  });

  test('Weir waits for healthy servers', () => {
    for (const name of ['postgres', 'redis']) {
      expect(service('weir').depends_on?.[name]?.condition).toBe('service_healthy');
      expect(service(name).healthcheck?.test.length).toBeGreaterThan(1);
    }
  });

  test('only Weir is published, and on loopback unless told otherwise', () => {
    expect(Object.entries(services).flatMap(([name, { ports }]) => (ports === undefined ? [] : [name]))).toEqual(['weir']);
    for (const port of service('weir').ports ?? []) expect(port).toMatch(/^(127\.0\.0\.1|\$\{WEIR_PUBLISH:-127\.0\.0\.1\}):/);
  });

  test('no password stands in the file', () => {
    for (const line of text('docker-compose.yml').split('\n')) {
      if (/^\s*#/.test(line) || !/PASSWORD|requirepass|:\/\//.test(line)) continue;
      expect(line).toMatch(/\$\{WEIR_(DB|REDIS)_PASSWORD:\?/);
    }
  });

  test('it sets settings that exist', () => {
    const known = settingsTable.map(({ name }) => name);
    for (const name of Object.keys(service('weir').environment ?? {})) expect(known).toContain(name);
  });
});

describe('Dockerfile', () => {
  const lines = text('Dockerfile').split('\n');

  test('runs on Node 24, not as root, and is asked by /readyz how it is', () => {
    expect(lines.filter((line) => line.startsWith('FROM'))).toEqual(['FROM node:24-slim AS build', 'FROM node:24-slim']);
    expect(lines.lastIndexOf('USER node')).toBeGreaterThan(lines.findLastIndex((line) => line.startsWith('RUN')));
    expect(text('Dockerfile')).toMatch(/HEALTHCHECK[\s\S]*\/readyz/);
  });
});

describe('package.json', () => {
  const about = JSON.parse(text('package.json')) as {
    bin: Record<string, string>;
    allowScripts: Record<string, boolean>;
    scripts: Record<string, string>;
    devDependencies: Record<string, string>;
  };

  test('the command is there and is a program', () => {
    expect(about.bin).toEqual({ weir: 'bin/weir.js' });
    expect(text('bin/weir.js').startsWith('#!/usr/bin/env node\n')).toBe(true);
  });

  test('every package with an install script is allowed or refused by name', () => {
    const lock = JSON.parse(text('package-lock.json')) as { packages: Record<string, { hasInstallScript?: boolean }> };
    const withScripts = Object.entries(lock.packages).filter(([path, entry]) => path !== '' && entry.hasInstallScript);
    const names = withScripts.map(([path]) => path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length));
    expect(names.filter((name) => !(name in about.allowScripts))).toEqual([]);
  });

  test('every script runs something that is there', () => {
    for (const command of Object.values(about.scripts)) {
      for (const [file] of command.matchAll(/\b(bin|scripts|bench)\/[\w.-]+\.[jt]s\b/g)) {
        expect(existsSync(join(repositoryRoot, file)), `${file} of "${command}"`).toBe(true);
      }
    }
  });
});
