/**
 * bench/rollout — a cluster of N nodes gets M pods at once: VPC of five /16 blocks, three zones,
 * m5.4xlarge nodes, prefix delegation, services in front of every workload; settled in virtual
 * time. Sizes grow tenfold, so growth shows.
 */

import type { Cloud } from '../src/cloud/cloud.ts';
import { isAwsError } from '../src/model/aws-error.ts';
import type { KubernetesObject } from '../src/model/kubernetes/meta.ts';
import { newTwin } from '../src/twin/build.ts';

const REPLICAS = 300;
const ZONES = ['us-west-2a', 'us-west-2b', 'us-west-2c'];
/** Two /17 subnets in each /16 block. */
const SUBNETS = 10;

const must = <T>(result: T): Exclude<T, { readonly kind: 'aws-error' }> => {
  if (isAwsError(result)) throw new Error(`${result.code}: ${result.message}`);
  return result as Exclude<T, { readonly kind: 'aws-error' }>;
};

/** The VPC: prefixes come from reservations, as AWS advises, so that primaries do not spoil them. */
function buildVpc({ ec2 }: Cloud): string[] {
  const { vpcId } = must(ec2.createVpc({ cidrBlock: '10.0.0.0/16' }));
  for (let i = 1; i < SUBNETS / 2; i++) {
    must(ec2.associateVpcCidrBlock({ vpcId, cidrBlock: `10.${i}.0.0/16` }));
  }
  return Array.from({ length: SUBNETS }, (_, i) => {
    const [block, half] = [i >> 1, (i & 1) * 128];
    const { subnetId } = must(
      ec2.createSubnet({
        vpcId,
        cidrBlock: `10.${block}.${half}.0/17`,
        availabilityZone: ZONES[i % ZONES.length]!,
      }),
    );
    for (const cidr of [`10.${block}.${half + 64}.0/18`, `10.${block}.${half + 32}.0/19`]) {
      must(ec2.createSubnetCidrReservation({ subnetId, cidr, type: 'prefix' }));
    }
    return subnetId;
  });
}

function buildCluster(cloud: Cloud, nodes: number): void {
  const subnetIds = buildVpc(cloud);
  const { eks } = cloud;
  must(eks.createCluster({ name: 'bench', version: '1.33', subnetIds: subnetIds.slice(0, 3) }));
  const env = { ENABLE_PREFIX_DELEGATION: 'true', WARM_PREFIX_TARGET: '1' };
  const configurationValues = JSON.stringify({ env });
  must(eks.createAddon({ clusterName: 'bench', addonName: 'vpc-cni', configurationValues }));
  must(eks.createAddon({ clusterName: 'bench', addonName: 'kube-proxy' }));
  must(eks.createAddon({ clusterName: 'bench', addonName: 'coredns' }));
  subnetIds.forEach((subnetId, i) => {
    const size = Math.floor(nodes / SUBNETS) + (i < nodes % SUBNETS ? 1 : 0);
    must(
      eks.createNodegroup({
        clusterName: 'bench',
        nodegroupName: `ng-${i}`,
        subnetIds: [subnetId],
        instanceTypes: ['m5.4xlarge'],
        desiredSize: size,
        maxSize: size,
        cni: { prefixDelegation: true },
      }),
    );
  });
}

function workload(name: string, replicas: number): KubernetesObject[] {
  const labels = { app: name };
  return [
    {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name, namespace: 'default' },
      spec: {
        replicas,
        selector: { matchLabels: labels },
        template: {
          metadata: { labels },
          spec: {
            containers: [{ name: 'web', image: 'web', resources: { requests: { cpu: '100m' } } }],
          },
        },
      },
    },
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name, namespace: 'default' },
      spec: { selector: labels, ports: [{ port: 80 }] },
    },
  ];
}

async function rollout(nodes: number, pods: number): Promise<void> {
  const startedAt = performance.now();
  const twin = newTwin({ seed: 1, timeline: false }, (cloud) => buildCluster(cloud, nodes));
  await twin.settle();
  const readyAt = performance.now();
  const nodesReady = twin.store.count('Node');
  const appliedAtMs = twin.clock.now();
  const count = Math.ceil(pods / REPLICAS);
  for (let i = 0; i < count; i++) {
    const refused = twin.apply(workload(`app-${i}`, Math.min(REPLICAS, pods - i * REPLICAS)));
    if (refused.length > 0) throw new Error(refused[0]!.message);
  }
  await twin.settle();
  const wallS = (performance.now() - startedAt) / 1000;
  const running = twin.store.list('Pod').filter((pod) => pod.status?.phase === 'Running').length;
  const peakMb = Math.round(process.resourceUsage().maxRSS / 1024);
  const virtualS = Math.round((twin.clock.now() - appliedAtMs) / 1000);
  const joinS = (readyAt - startedAt) / 1000;
  console.log(
    `rollout ${nodes} nodes, ${pods} pods: ${wallS.toFixed(1)} s wall (${joinS.toFixed(1)} s for ${nodesReady} nodes to join), ` +
      `${twin.clock.wakes} events, ${running} pods Running after ${virtualS} s virtual, peak ${peakMb} MB`,
  );
  twin.stop();
}

/** Smallest first: peak memory only grows within a process. */
export async function run(sizes: readonly string[]): Promise<void> {
  const wanted = sizes.length > 0 ? sizes : ['50/1500', '500/15000', '5000/150000'];
  for (const size of wanted) {
    const [nodes, pods] = size.split('/').map(Number);
    await rollout(nodes!, pods!);
  }
}
