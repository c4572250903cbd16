import { defineConfig } from 'vitest/config';

// Tests must not meet a server of this machine: what they need they start.
for (const name of Object.keys(process.env)) {
  if (/^(DATABASE_URL|REDIS_URL|WEIR_.*|PG[A-Z]+)$/.test(name)) delete process.env[name];
}

const long = { testTimeout: 600_000, hookTimeout: 120_000 };

export default defineConfig({
  test: {
    // `npm test` runs unit and flow; the others take minutes or need a browser, and have scripts of their own.
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: [
            'src/**/*.test.ts',
            'scripts/**/*.test.ts',
            'test/*.test.ts',
            'test/golden/**/*.test.ts',
            'test/conformance/**/*.test.ts',
          ],
          testTimeout: 20_000,
        },
      },
      {
        extends: true,
        test: {
          name: 'flow',
          include: ['test/flow/**/*.test.ts', 'test/wire/**/*.test.ts'],
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
      { extends: true, test: { name: 'crash', include: ['test/crash/**/*.test.ts'], ...long } },
      { extends: true, test: { name: 'page', include: ['test/page/**/*.test.ts'], testTimeout: 120_000, hookTimeout: 60_000 } },
      { extends: true, test: { name: 'package', include: ['test/package/**/*.test.ts'], ...long } },
    ],
    environment: 'node',
    globalSetup: ['test/support/global-setup.ts'],
    maxWorkers: 2,
  },
});
