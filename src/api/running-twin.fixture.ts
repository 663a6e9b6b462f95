/** api/running-twin.fixture — a running twin for tests of the wire: in memory, time runs at once. */
import type { Twin } from '../twin/twin.ts';
import type { RunningTwin, Served } from './running-twin.ts';

export const SERVED: Served = {
  kubernetesUrl: 'https://127.0.0.1:6443',
  awsUrl: 'http://127.0.0.1:4566',
  certificateAuthority: '-----BEGIN CERTIFICATE-----\nMA==\n-----END CERTIFICATE-----\n',
  token: 'test-token',
  awsSecret: 'test-secret',
  isLoopback: true,
};

/** Changes take effect at once; what controllers make of them follows in the next macrotask. */
export function runningTwin(twin: Twin, served: Served = SERVED): RunningTwin {
  let running: Promise<unknown> = Promise.resolve();
  const run = (task: () => Promise<unknown>): Promise<unknown> => {
    running = running.then(() => new Promise((resolve) => setImmediate(resolve))).then(task);
    return running;
  };
  return {
    twin,
    served,
    commit: async (change) => {
      const result = change();
      void run(() => twin.settle(600_000));
      return result;
    },
    sleep: async (forMs) => {
      const until = twin.clock.now() + forMs;
      await run(() => twin.clock.runUntil(until));
    },
  };
}
