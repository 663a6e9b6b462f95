/**
 * bench/load-balancer — Ingresses in groups of ten, five Services behind each, four pods behind each
 * of those: everything reconciled to rest; then one Ingress changes, and the calls to AWS that costs
 * are counted, with ten times as many other groups as before.
 */

import { Chance } from '../src/datapath/chance.ts';
import { plainRequest } from '../src/datapath/elb/http-request.ts';
import { walkBranch } from '../src/datapath/walk/branch.ts';
import type { Branch, Origin } from '../src/datapath/walk/flow.ts';
import type { KubernetesObject } from '../src/model/kubernetes/meta.ts';
import { namespaceOfPod } from '../src/model/linux/namespace.ts';
import { type Packet, PROTOCOL_TCP, parseIp } from '../src/net/index.ts';
import { seeded } from '../src/sim/random.ts';
import { newTwin } from '../src/twin/build.ts';
import { componentObjects } from '../src/twin/components.ts';
import type { Twin } from '../src/twin/twin.ts';
import { buildCluster } from './cluster.ts';

const INGRESSES_PER_GROUP = 10;
const SERVICES_PER_INGRESS = 5;
const PODS_PER_SERVICE = 4;
const PODS_PER_NODE = 100;
const CALLER = 'aws-load-balancer-controller';

function service(name: string): KubernetesObject[] {
  const labels = { app: name };
  const ports = [{ containerPort: 8080 }];
  return [
    {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name, namespace: 'default' },
      spec: {
        replicas: PODS_PER_SERVICE,
        selector: { matchLabels: labels },
        template: {
          metadata: { labels },
          spec: {
            containers: [
              { name: 'web', image: 'web', ports, resources: { requests: { cpu: '100m' } } },
            ],
          },
        },
      },
    },
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name, namespace: 'default' },
      spec: { selector: labels, ports: [{ port: 80, targetPort: 8080 }] },
    },
  ];
}

const servicesOf = (ingress: number): string[] =>
  Array.from({ length: SERVICES_PER_INGRESS }, (_, i) => `app-${ingress}-${i}`);

/** @param healthPath  changes the target groups of this Ingress and nothing else */
const ingress = (at: number, healthPath = '/'): KubernetesObject => ({
  apiVersion: 'networking.k8s.io/v1',
  kind: 'Ingress',
  metadata: {
    name: `web-${at}`,
    namespace: 'default',
    annotations: {
      'alb.ingress.kubernetes.io/group.name': `group-${Math.floor(at / INGRESSES_PER_GROUP)}`,
      'alb.ingress.kubernetes.io/target-type': 'ip',
      'alb.ingress.kubernetes.io/healthcheck-path': healthPath,
    },
  },
  spec: {
    ingressClassName: 'alb',
    rules: [
      {
        host: `web-${at}.example.com`,
        http: {
          paths: servicesOf(at).map((name, i) => ({
            path: `/${i}`,
            pathType: 'Prefix',
            backend: { service: { name, port: { number: 80 } } },
          })),
        },
      },
    ],
  },
});

function must(twin: Twin, objects: readonly KubernetesObject[]): void {
  const refused = twin.apply(objects)[0];
  if (refused !== undefined) throw new Error(refused.message);
}

/** A cluster with its pods Running and the controller at work. */
async function clusterOf(ingresses: number): Promise<Twin> {
  const services = ingresses * SERVICES_PER_INGRESS;
  const pods = services * PODS_PER_SERVICE;
  const nodes = Math.ceil(pods / PODS_PER_NODE) + 1;
  const quotas = {
    applicationLoadBalancers: ingresses,
    targetGroups: services,
    targetsPerApplicationLoadBalancer: 10_000,
  };
  const twin = newTwin({ seed: 1, timeline: false, quotas }, (cloud) =>
    buildCluster(cloud, { nodes, hasNetworkPolicy: false }),
  );
  await twin.settle();
  must(twin, componentObjects(['aws-load-balancer-controller'], 'bench'));
  await twin.settle();
  for (let at = 0; at < ingresses; at++) must(twin, servicesOf(at).flatMap(service));
  await twin.settle();
  return twin;
}

const callsOf = ({ calls }: Twin): number =>
  [...calls.countByAction.values()].reduce((sum, count) => sum + count, 0);

async function reconcile(ingresses: number): Promise<void> {
  const twin = await clusterOf(ingresses);
  const { store } = twin;
  const startedAt = performance.now();
  const startedCpu = process.cpuUsage();
  const startedMs = twin.clock.now();
  for (let at = 0; at < ingresses; at++) must(twin, [ingress(at)]);
  await twin.settle();
  const wallS = (performance.now() - startedAt) / 1000;
  const { user, system } = process.cpuUsage(startedCpu);
  const cpuS = (user + system) / 1e6;
  const virtualS = Math.round((twin.clock.now() - startedMs) / 1000);
  const named = store.list('Ingress').filter((it) => it.status?.loadBalancer?.ingress?.length);
  const healthy = store.list('elbv2/target').filter(({ health }) => health.state === 'healthy');
  const calls = callsOf(twin);
  console.log(
    `load-balancer ${ingresses} Ingresses in ${store.count('elbv2/load-balancer')} groups, ` +
      `${store.count('Service')} Services, ${store.count('Pod')} pods: ${wallS.toFixed(1)} s wall ` +
      `(${cpuS.toFixed(1)} s of CPU) to rest, ${virtualS} s virtual, ${named.length} with an address, ` +
      `${healthy.length} of ${store.count('elbv2/target')} targets healthy, ${calls} calls in all`,
  );
  traceRequests(twin, ingresses);
  await change(twin, 0);
  await change(twin, ingresses - 1);
  twin.stop();
}

/** As long as the figure is measured. */
const TRACED_MS = 8_000;
/** Walks between looks at the clock. */
const BATCH = 100;

/** Requests of random pods to random Ingresses, by name to a target, both connections and back. */
function traceRequests(twin: Twin, ingresses: number): void {
  const { store, datapath } = twin;
  const random = seeded(7);
  const pods = store.list('Pod').filter(({ spec }) => spec.hostNetwork !== true);
  const one = (): Branch => {
    const at = random.int(ingresses);
    const pod = pods[random.int(pods.length)]!;
    const host = `web-${at}.example.com`;
    const group = Math.floor(at / INGRESSES_PER_GROUP);
    const balancer = balancers[group]!;
    const { networkInterfaceId } = balancer.zones[random.int(balancer.zones.length)]!;
    const eni = store.get('ec2/network-interface', networkInterfaceId)!;
    const packet: Packet = {
      protocol: PROTOCOL_TCP,
      source: parseIp(pod.status!.podIP!)!,
      destination: parseIp(eni.privateIpAddresses[0]!.address)!,
      sourcePort: 40_000,
      destinationPort: 80,
      icmpType: -1,
      icmpCode: -1,
      sizeBytes: 60,
      dontFragment: true,
    };
    const origin: Origin = { kind: 'namespace', id: namespaceOfPod(pod), label: '' };
    const request = plainRequest('http', host, `/${random.int(SERVICES_PER_INGRESS)}/x`);
    const chance = new Chance([random.int(PODS_PER_SERVICE)]);
    return walkBranch(datapath.world, { origin, packet, request }, chance, true);
  };
  const byGroup = new Map(
    store.list('elbv2/load-balancer').map((it) => [it.tags['ingress.k8s.aws/stack'], it] as const),
  );
  const balancers = Array.from(
    { length: Math.ceil(ingresses / INGRESSES_PER_GROUP) },
    (_, group) => byGroup.get(`group-${group}`)!,
  );
  const startedAt = performance.now();
  let wallMs = 0;
  let traces = 0;
  let delivered = 0;
  const cpuBefore = process.cpuUsage();
  while (wallMs < TRACED_MS) {
    for (let i = 0; i < BATCH; i++, traces++) if (one().disposition === 'delivered') delivered++;
    wallMs = performance.now() - startedAt;
  }
  const { user, system } = process.cpuUsage(cpuBefore);
  if (delivered < traces) throw new Error(`${traces - delivered} of ${traces} are not delivered`);
  console.log(
    `load-balancer HTTP traces through an ALB: ${Math.round(traces / ((user + system) / 1e6))}/s ` +
      `per core (${Math.round(traces / (wallMs / 1000))}/s wall), every one delivered`,
  );
}

/** One Ingress changes; what it costs the controller. */
async function change(twin: Twin, at: number): Promise<void> {
  await twin.clock.runUntil(twin.clock.now() + 3_600_000);
  const before = new Map(twin.calls.countByAction);
  const startedAt = performance.now();
  must(twin, [ingress(at, '/healthz')]);
  await twin.settle();
  const wallMs = performance.now() - startedAt;
  const made = [...twin.calls.countByAction]
    .map(([action, count]) => [action, count - (before.get(action) ?? 0)] as const)
    .filter(([, count]) => count > 0);
  const calls = made.reduce((sum, [, count]) => sum + count, 0);
  console.log(
    `load-balancer one change of group ${Math.floor(at / INGRESSES_PER_GROUP)}: ` +
      `${calls} calls of ${CALLER}, ${wallMs.toFixed(0)} ms wall: ` +
      made.map(([action, count]) => `${action} ${count}`).join(', '),
  );
}

/** Smallest first: the calls of one change must be the same. */
export async function run(sizes: readonly string[]): Promise<void> {
  for (const size of sizes.length > 0 ? sizes : ['100', '1000']) await reconcile(Number(size));
}
