/**
 * test/wire/served-aws — the AWS API of a twin on a loopback port, an SDK client of it, and an aws
 * CLI that talks to it and to nothing else.
 */
import { execFile } from 'node:child_process';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { EC2 } from '@aws-sdk/client-ec2';
import { awsService } from '../../src/api/aws/service.ts';
import type { RunningTwin } from '../../src/api/running-twin.ts';
import type { Ran } from './served-api.ts';

export interface ServedAws {
  readonly endpoint: string;
  readonly ec2: EC2;
  /** Runs an aws CLI: `aws(path, 'ec2', 'describe-vpcs')`. */
  aws(path: string, ...args: readonly string[]): Promise<Ran>;
  close(): Promise<void>;
}

const LASTS_AT_MOST_MS = 60_000;
export const CREDENTIALS = { accessKeyId: 'AKIAEXAMPLE', secretAccessKey: 'unused' };

/** Serves the twin until `close`. */
export async function servedAws(running: RunningTwin): Promise<ServedAws> {
  const region = running.twin.cloud.region;
  const service = awsService(running, {
    onBug: (error) => {
      throw error;
    },
  });
  const server = createServer((request, response) => void service.request(request, response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const ec2 = new EC2({ region, endpoint, credentials: CREDENTIALS, maxAttempts: 1 });
  const env = {
    PATH: process.env.PATH,
    HOME: '/nonexistent',
    AWS_ACCESS_KEY_ID: CREDENTIALS.accessKeyId,
    AWS_SECRET_ACCESS_KEY: CREDENTIALS.secretAccessKey,
    AWS_REGION: region,
    AWS_DEFAULT_REGION: region,
    AWS_PAGER: '',
    AWS_MAX_ATTEMPTS: '1',
    AWS_EC2_METADATA_DISABLED: 'true',
    LC_ALL: 'C.UTF-8',
    COLUMNS: '200',
  };
  return {
    endpoint,
    ec2,
    aws: (path, ...args) =>
      new Promise((resolve) => {
        const options = { env, timeout: LASTS_AT_MOST_MS, maxBuffer: 64 * 1024 * 1024 };
        const all = ['--endpoint-url', endpoint, ...args];
        const child = execFile(path, all, options, (error, stdout, stderr) => {
          const code = (error as { code?: unknown } | null)?.code;
          const failed = typeof code === 'number' ? code : 1;
          resolve({ status: error === null ? 0 : failed, stdout, stderr });
        });
        child.stdin?.end();
      }),
    async close() {
      service.close();
      ec2.destroy();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
