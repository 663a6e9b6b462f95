import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['src/**/*.test.ts', 'test/**/*.test.ts', 'conformance/**/*.test.ts'],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // Vitest leaves one core to itself. Most of the suite's time is spent by commands that tests
    // wait for, so on two cores that would be one test file at a time.
    maxWorkers: Math.max(2, availableParallelism() - 1),
  },
});
