/**
 * test/crash/crash — `ekstwin up` killed at random points under load, and started again: everything
 * acknowledged is there, revisions go on, and in the end the cluster comes to rest as if nothing had
 * happened.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { seeded } from '../../src/sim/random.ts';
import { copyOfRunning } from '../../src/up/ask-running.ts';
import { ServedTwin } from '../served-twin.ts';
import { alwaysHolds, holdsAtRest } from '../soak/invariants.ts';
import { Wire } from './wire.ts';
import { ConfigMapWriter, ScaleWriter, type Seen, TagWriter, type Writer } from './writers.ts';

export interface CrashOutcome {
  readonly points: number;
  readonly acknowledged: number;
  /** Longest time a start after a crash took, as the process itself says it. */
  readonly slowestMs: number;
  /** What was lost or wrong, one sentence each. */
  readonly wrong: readonly string[];
}

const CLUSTER = `apiVersion: eksctl.io/v1alpha5
kind: ClusterConfig
metadata: {name: crash, region: us-west-2, version: "1.33"}
vpc: {cidr: 10.30.0.0/20}
managedNodeGroups:
  - {name: ng, instanceType: m5.large, desiredCapacity: 1, privateNetworking: true}
`;
const RECOVERY_MS_MAX = 3_000;
/** The kill comes so long after the writers began. */
const RUN_MS = [20, 600] as const;
const CONFIG_MAPS = 8;
const TAGS = 3;
const REST_MS_MAX = 60_000;

/** Kills `points` times. */
export async function crash(
  main: string,
  points: number,
  seed: number,
  say: (line: string) => void,
): Promise<CrashOutcome> {
  const random = seeded(seed);
  const served = new ServedTwin(main);
  const wrong: string[] = [];
  let acknowledged = 0;
  let slowestMs = 0;
  try {
    const cluster = join(served.folder, 'cluster.yaml');
    writeFileSync(cluster, CLUSTER);
    await served.start(['-f', cluster, '--quiet']);
    const seen: Seen = { revision: 0 };
    const writers = await writersFor(served, random, seen);
    for (let point = 1; point <= points; point++) {
      const wire = wireOf(served);
      const runs = writers.map((it) => it.run(wire));
      const [least, most] = RUN_MS;
      await new Promise((next) => setTimeout(next, least + random.int(most - least)));
      await served.stop('SIGKILL');
      const counts = await Promise.all(runs);
      wire.close();
      acknowledged += counts.reduce((sum, it) => sum + it, 0);
      await served.start(['--quiet']);
      const tookMs = 1_000 * Number(/after ([\d.]+) s/.exec(served.printed)?.[1]);
      slowestMs = Math.max(slowestMs, tookMs);
      if (!(tookMs <= RECOVERY_MS_MAX)) wrong.push(`point ${point}: recovery took ${tookMs} ms`);
      const found = await problems(served, writers, seen);
      wrong.push(...found.map((it) => `point ${point}: ${it}`));
      say(`point ${point}: ${acknowledged} acknowledged so far, up after ${tookMs} ms`);
      if (wrong.length > 0) break;
    }
    wrong.push(...(await atRest(served)));
  } finally {
    await served.dispose();
  }
  return { points, acknowledged, slowestMs, wrong };
}

const wireOf = (served: ServedTwin): Wire => new Wire(served.env.XDG_STATE_HOME!);

async function writersFor(
  served: ServedTwin,
  random: ReturnType<typeof seeded>,
  seen: Seen,
): Promise<Writer[]> {
  const wire = wireOf(served);
  const vpcs = await wire.ec2('DescribeVpcs', {});
  wire.close();
  const vpcId = /<vpcId>(vpc-\w+)</.exec(vpcs?.body ?? '')?.[1];
  if (vpcId === undefined) throw new Error(`no VPC: ${vpcs?.body}`);
  const each = <Made>(count: number, make: (name: string, at: number) => Made): Made[] =>
    Array.from({ length: count }, (_, at) => make(String(at), at));
  return [
    ...each(CONFIG_MAPS, (it) => new ConfigMapWriter(`c${it}`, random.split(`map ${it}`), seen)),
    ...each(TAGS, (it) => new TagWriter(`t${it}`, vpcId)),
    new ScaleWriter('web', random.split('web')),
  ];
}

/** What of the acknowledged is not there. */
async function problems(
  served: ServedTwin,
  writers: readonly Writer[],
  seen: Seen,
): Promise<string[]> {
  const wire = wireOf(served);
  try {
    const lost = await Promise.all(writers.map((it) => it.check(wire)));
    const list = await wire.kubernetes('GET', '/api/v1/namespaces/default/configmaps?limit=1');
    const revision = Number(/"resourceVersion":"(\d+)"/.exec(list?.body ?? '')?.[1] ?? 0);
    const back = revision >= seen.revision ? [] : [`revision ${revision} after ${seen.revision}`];
    return [...lost.flatMap((it) => it ?? []), ...back];
  } finally {
    wire.close();
  }
}

/** Lets the cluster come to rest, and says what is not as it must be then. */
async function atRest(served: ServedTwin): Promise<string[]> {
  const wire = wireOf(served);
  const { state } = wire;
  wire.close();
  const until = performance.now() + REST_MS_MAX;
  for (;;) {
    const twin = await copyOfRunning(state);
    const wrong = alwaysHolds(twin);
    if (wrong.length > 0) return wrong;
    const web = twin.store.get('Deployment', 'default/web');
    const isThere = (web?.status?.readyReplicas ?? 0) === (web?.spec.replicas ?? 0);
    if (isThere && holdsAtRest(twin).length === 0) return [];
    if (performance.now() > until)
      return [`not at rest: ${JSON.stringify(web?.status)}`, ...holdsAtRest(twin)];
    await new Promise((next) => setTimeout(next, 500));
  }
}
