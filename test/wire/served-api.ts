/**
 * test/wire/served-api — the Kubernetes API of a twin on a loopback port with TLS, and a shell whose
 * kubectl talks to it, with a home of its own.
 */
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { kubernetesService } from '../../src/api/kubernetes/service.ts';
import type { RunningTwin } from '../../src/api/running-twin.ts';
import { certificatesFor } from '../../src/up/certificates.ts';

export interface Ran {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface ServedApi {
  readonly url: string;
  /** PEM of what signed the server's certificate. */
  readonly authority: string;
  /** Home and working folder of its shells. */
  readonly folder: string;
  /** Runs a line of bash in `folder`, with kubectl's settings and these variables. */
  shell(line: string, variables: Readonly<Record<string, string>>): Promise<Ran>;
  /** Cuts every connection that is open; new ones are taken. */
  cutConnections(): void;
  close(): Promise<void>;
}

const LASTS_AT_MOST_MS = 40_000;

/** Serves the twin until `close`. */
export async function servedApi(running: RunningTwin): Promise<ServedApi> {
  const { authority, server: cert, serverKey } = certificatesFor(undefined, [], Date.now());
  const service = kubernetesService(running);
  const server = createServer({ cert, key: serverKey }, (request, response) => {
    void service.request(request, response);
  });
  server.on('upgrade', (request, socket, head) => {
    if (service.upgrade === undefined) socket.destroy();
    else void service.upgrade(request, socket, head);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const folder = mkdtempSync(join(tmpdir(), 'ekstwin-kubectl-'));
  const kubeconfig = join(folder, 'config');
  writeFileSync(kubeconfig, kubeconfigOf(url, authority, running.served.token));
  return {
    url,
    authority,
    folder,
    shell: (line, variables) =>
      run(line, folder, {
        ...process.env,
        HOME: folder,
        TMPDIR: folder,
        KUBECONFIG: kubeconfig,
        ...variables,
      }),
    cutConnections: () => server.closeAllConnections(),
    async close() {
      service.close();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

const kubeconfigOf = (url: string, authority: string, token: string): string =>
  JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': 'twin',
    contexts: [{ name: 'twin', context: { cluster: 'twin', user: 'twin' } }],
    clusters: [
      {
        name: 'twin',
        cluster: {
          server: url,
          'certificate-authority-data': Buffer.from(authority).toString('base64'),
        },
      },
    ],
    users: [{ name: 'twin', user: { token } }],
  });

function run(line: string, cwd: string, env: NodeJS.ProcessEnv): Promise<Ran> {
  return new Promise((resolve) => {
    const options = { env, cwd, timeout: LASTS_AT_MOST_MS, maxBuffer: 64 * 1024 * 1024 };
    execFile('bash', ['-c', line], options, (error, stdout, stderr) => {
      const code = (error as { code?: unknown } | null)?.code;
      const status = error === null ? 0 : typeof code === 'number' ? code : 1;
      resolve({ status, stdout, stderr });
    });
  });
}
