/** The clients that the wire tests are run with; in CI none of them may be missing. */
import { expect, test } from 'vitest';
import { awsClis, kubectls } from './tools.ts';

test.skipIf(!process.env.CI)('CI has a kubectl and an aws (CI is not set here)', () => {
  expect(kubectls().length).toBeGreaterThan(0);
  expect(awsClis().length).toBeGreaterThan(0);
});

test('a version is found once, however often it is on the PATH', () => {
  for (const found of [kubectls(), awsClis()]) {
    const versions = found.map(({ version }) => version);
    expect(new Set(versions).size).toBe(versions.length);
  }
});
