/** Every vector set passes, or its difference is listed with a reason; see conformance/run.ts. */
import { execFileSync } from 'node:child_process';
import { describe, expect, test } from 'vitest';

const run = (...folders: string[]): string =>
  execFileSync(process.execPath, ['--import', 'tsx', 'conformance/run.ts', ...folders], {
    encoding: 'utf8',
  });

describe('npm run conformance', () => {
  test('passes on our own sets, and on the shared ones where they are', () => {
    const lines = run().split('\n');
    expect(lines.at(-2)).toBe('conformance: ok');
    const ran = lines.filter((line) => /\d+\/\d+/.test(line));
    expect(ran.length).toBeGreaterThan(10);
  });

  test('takes any folder of the same schemas', () => {
    const output = run('conformance/sets/planning');
    expect(output).toContain('conformance: ok');
    expect(output).not.toContain('awsapi');
  });

  test('says which folder is not there', () => {
    expect(() => run('conformance/nowhere')).toThrow(/no such file or folder/);
  });
});
