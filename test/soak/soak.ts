/**
 * test/soak/soak — one seeded life of a cluster: workloads come and go, nodes die, aws-node
 * restarts at any await, EC2 throttles, lies about addresses and dawdles, events are lost and
 * doubled. The invariants hold after every step and at rest. The same seed is the same life.
 */
import { isAwsError } from '../../src/model/aws-error.ts';
import type { KubernetesObject } from '../../src/model/kubernetes/meta.ts';
import { type Faults, noFaults } from '../../src/sim/faults.ts';
import { type Random, seeded } from '../../src/sim/random.ts';
import { buildTwin } from '../../src/twin/build.ts';
import type { Twin } from '../../src/twin/twin.ts';
import { alwaysHolds, holdsAtRest } from './invariants.ts';

export interface SoakOutcome {
  readonly seed: number;
  readonly steps: readonly string[];
  /** Broken invariants, each with the step after which it was seen. */
  readonly broken: readonly string[];
}

/** One hour of sweep, its random start, and time to act on it. */
const SWEEP_MS = 2 * 3_600_000;
const STEPS_MAX = 14;

const MODES = ['secondary', 'prefix', 'warm-ip', 'pod-eni', 'small-warm-prefix'] as const;

function cniEnv(mode: (typeof MODES)[number], random: Random): Record<string, string> {
  switch (mode) {
    case 'secondary':
      return { WARM_ENI_TARGET: String(random.int(3)) };
    case 'prefix':
      return { ENABLE_PREFIX_DELEGATION: 'true', WARM_PREFIX_TARGET: String(1 + random.int(2)) };
    case 'warm-ip':
      return {
        WARM_IP_TARGET: String(1 + random.int(6)),
        MINIMUM_IP_TARGET: String(random.int(10)),
      };
    case 'small-warm-prefix':
      return { ENABLE_PREFIX_DELEGATION: 'true', WARM_IP_TARGET: '3', MINIMUM_IP_TARGET: '5' };
    case 'pod-eni':
      return { ENABLE_POD_ENI: 'true' };
  }
}

function clusterConfig(random: Random): string {
  const mode = MODES[random.int(MODES.length)]!;
  const values = JSON.stringify({ env: cniEnv(mode, random) });
  // Subnets of a /24 VPC are /27: 27 addresses, so running out is everyday life.
  const cidr = ['10.20.0.0/24', '10.20.0.0/22', '10.20.0.0/20'][random.int(3)];
  return `apiVersion: eksctl.io/v1alpha5
kind: ClusterConfig
metadata: {name: soak, region: us-west-2, version: "1.33"}
availabilityZones: [us-west-2a, us-west-2b]
vpc: {cidr: ${cidr}}
managedNodeGroups:
  - {name: ng, instanceType: m5.large, desiredCapacity: ${1 + random.int(3)}, minSize: 0, maxSize: 8, privateNetworking: true}
addons:
  - {name: vpc-cni, configurationValues: '${values}'}
  - {name: coredns}
  - {name: kube-proxy}
`;
}

const deployment = (name: string, replicas: number): KubernetesObject => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name, namespace: 'default' },
  spec: {
    replicas,
    selector: { matchLabels: { app: name } },
    template: {
      metadata: { labels: { app: name } },
      spec: { terminationGracePeriodSeconds: 2, containers: [{ name: 'c', image: 'pause' }] },
    },
  },
});

/** What may happen next; each returns what it did. */
type Happening = (twin: Twin, random: Random) => string;

const pick = <T>(random: Random, list: readonly T[]): T | undefined =>
  list.length === 0 ? undefined : list[random.int(list.length)];

const happenings: readonly Happening[] = [
  (twin, random) => {
    const name = `app-${random.int(4)}`;
    const replicas = random.int(60);
    twin.apply([deployment(name, replicas)]);
    return `${name} gets ${replicas} replicas`;
  },
  (twin, random) => {
    const name = `app-${random.int(4)}`;
    twin.kubernetes.delete('Deployment', `default/${name}`);
    return `${name} is deleted`;
  },
  (twin, random) => {
    const instance = pick(
      random,
      twin.store.list('ec2/instance').filter((it) => it.state === 'running'),
    );
    if (instance !== undefined)
      twin.cloud.ec2.terminateInstances({ instanceIds: [instance.instanceId] });
    return `instance ${instance?.instanceId} is terminated`;
  },
  (twin, random) => {
    const desiredSize = random.int(6);
    twin.cloud.eks.updateNodegroupConfig({ clusterName: 'soak', nodegroupName: 'ng', desiredSize });
    return `the node group wants ${desiredSize}`;
  },
  (twin, random) => {
    const pods = twin.store
      .list('Pod')
      .filter((pod) => pod.metadata.labels?.['k8s-app'] === 'aws-node');
    const pod = pick(random, pods);
    if (pod !== undefined) {
      const key = `kube-system/${pod.metadata.name}`;
      twin.kubernetes.delete('Pod', key, { gracePeriodSeconds: random.int(2) === 0 ? 0 : 1 });
    }
    return `${pod?.metadata.name} is deleted`;
  },
  (twin, random) => {
    const value = String(1 + random.int(8));
    twin.setEnv([{ kind: 'daemonset', name: 'aws-node', key: 'WARM_IP_TARGET', value }]);
    return `aws-node rolls out with WARM_IP_TARGET=${value}`;
  },
  (twin, random) => {
    const subnet = pick(random, twin.store.list('ec2/subnet'))!;
    const count = random.int(12);
    const made = twin.cloud.ec2.createNetworkInterface({
      subnetId: subnet.subnetId,
      secondaryPrivateIpAddressCount: count,
      description: 'a stranger',
    });
    return `a stranger takes ${count + 1} addresses of ${subnet.cidrBlock}${isAwsError(made) ? `: ${made.code}` : ''}`;
  },
  (twin, random) => {
    const strangers = twin.store
      .list('ec2/network-interface')
      .filter((it) => it.description === 'a stranger');
    const eni = pick(random, strangers);
    if (eni !== undefined)
      twin.cloud.ec2.deleteNetworkInterface({ networkInterfaceId: eni.networkInterfaceId });
    return 'a stranger gives its addresses back';
  },
  (twin, random) => {
    const faults: Faults = {
      throttle: random.int(3) * 0.1,
      internalError: random.int(2) * 0.05,
      insufficientAddresses: random.int(2) * 0.1,
      slow: random.int(2) * 0.3,
      slowMs: 20_000,
      duplicateEvent: random.int(2) * 0.1,
      lostEvent: random.int(2) * 0.05,
      relistAfterMs: 5_000,
    };
    twin.setFaults(faults);
    return `faults: ${JSON.stringify(faults)}`;
  },
  (twin) => {
    twin.setFaults(noFaults);
    return 'no more faults';
  },
];

/** Lives one life; never throws, a crash is a broken invariant. */
export async function soak(seed: number): Promise<SoakOutcome> {
  const steps: string[] = [];
  const broken: string[] = [];
  const see = (what: readonly string[], when: string): void => {
    for (const sentence of what) broken.push(`${when}: ${sentence}`);
  };
  try {
    const random = seeded(seed).split('soak');
    const twin = await buildTwin([{ path: 'soak.yaml', text: clusterConfig(random) }], { seed });
    steps.push(`cluster of ${twin.store.count('ec2/instance')} nodes`);
    const count = 4 + random.int(STEPS_MAX - 3);
    for (let i = 0; i < count && broken.length === 0; i++) {
      const happening = happenings[random.int(happenings.length)]!;
      steps.push(`${twin.clock.now()}ms ${happening(twin, random)}`);
      see(alwaysHolds(twin), `right after step ${i}`);
      await twin.clock.runUntil(twin.clock.now() + random.int(90_000));
      see(alwaysHolds(twin), `some time after step ${i}`);
    }
    twin.setFaults(noFaults);
    const settled = await twin.settle();
    if (settled.kind !== 'settled') see(['it does not settle'], 'at the end');
    await twin.clock.runUntil(twin.clock.now() + SWEEP_MS);
    await twin.settle();
    see(holdsAtRest(twin), 'at rest');
    twin.stop();
  } catch (failure) {
    see([failure instanceof Error ? (failure.stack ?? failure.message) : String(failure)], 'crash');
  }
  return { seed, steps, broken };
}
