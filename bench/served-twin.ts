/**
 * bench/served-twin — `ekstwin up` in a process of its own, and where it is reached: read from what
 * it gives its users (`ekstwin env`, the kubeconfig), as they would.
 */
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parse } from 'yaml';
import { ServedTwin } from '../test/served-twin.ts';
import type { Target } from './http-load.ts';

interface Kubeconfig {
  readonly clusters: readonly {
    readonly cluster: { readonly server: string; readonly 'certificate-authority-data': string };
  }[];
  readonly users: readonly { readonly user: { readonly token: string } }[];
}

export class MeasuredTwin {
  readonly #served = new ServedTwin(resolve('dist/cli/main.js'));
  readonly #args: readonly string[];
  kubernetes!: Target;
  aws!: Target;

  /** @param args  of `ekstwin up`, `-f` among them; the data folder is kept between starts */
  constructor(args: readonly string[]) {
    this.#args = args;
  }

  /** Milliseconds until it was up. */
  async start(): Promise<number> {
    const data = join(this.#served.folder, 'data');
    const took = await this.#served.start([...this.#args, '--data', data]);
    const variables = this.#served.variables();
    const config = parse(readFileSync(variables.get('KUBECONFIG')!, 'utf8')) as Kubeconfig;
    const { cluster } = config.clusters[0]!;
    this.kubernetes = {
      url: new URL(cluster.server),
      certificateAuthority: Buffer.from(cluster['certificate-authority-data'], 'base64').toString(),
      headers: { authorization: `Bearer ${config.users[0]!.user.token}` },
    };
    this.aws = {
      url: new URL(variables.get('AWS_ENDPOINT_URL')!),
      headers: awsHeaders(variables.get('AWS_REGION')!),
    };
    return took;
  }

  /** Megabytes the process holds now. */
  memoryMb(): number {
    const status = readFileSync(`/proc/${this.#served.pid}/status`, 'utf8');
    return Math.round(Number(/VmRSS:\s+(\d+)/.exec(status)![1]) / 1024);
  }

  /** Milliseconds of processor time it has used so far: what a busy machine does not change. */
  cpuMs(): number {
    const stat = readFileSync(`/proc/${this.#served.pid}/stat`, 'utf8');
    // After the name, which may hold spaces: utime and stime are the 14th and 15th of all.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return (Number(fields[11]) + Number(fields[12])) * TICK_MS;
  }

  stop(): Promise<void> {
    return this.#served.stop();
  }

  dispose(): Promise<void> {
    return this.#served.dispose();
  }
}

/** The unit of /proc, on every Linux that Node runs on. */
const TICK_MS = 10;

/** What an SDK signs with; on loopback nobody checks more than the region. */
const awsHeaders = (region: string): Readonly<Record<string, string>> => ({
  'content-type': 'application/x-www-form-urlencoded; charset=utf-8',
  authorization:
    `AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20260101/${region}/ec2/aws4_request, ` +
    'SignedHeaders=host;x-amz-date, ' +
    'Signature=fe5f80f77d5fa3beca038a248ff027d0445342fe2855ddc963176630326f1024',
  'x-amz-date': '20260101T000000Z',
});
