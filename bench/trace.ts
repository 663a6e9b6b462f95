/**
 * bench/trace — how many packets a second one core follows, there and back with all evidence: from
 * pods to pods, from pods to Services (one backend by chance), and to every backend of a Service;
 * in a settled cluster whose every pod is isolated in both directions.
 *
 * In two orders. A sweep asks as whoever checks a whole cluster does: each pod of each application
 * towards each pod that it calls, no flow twice. Random pairs are the hardest order there is: in a
 * large cluster every trace meets two pods and two nodes that none met for a long time.
 */
import { Chance } from '../src/datapath/chance.ts';
import { walkBranch } from '../src/datapath/walk/branch.ts';
import { walkBranches } from '../src/datapath/walk/branches.ts';
import type { Branch, Flow } from '../src/datapath/walk/flow.ts';
import type { World } from '../src/datapath/walk/world.ts';
import type { Pod } from '../src/model/kubernetes/core.ts';
import { type Ip, type Packet, PROTOCOL_TCP, parseIp } from '../src/net/index.ts';
import { type Random, seeded } from '../src/sim/random.ts';
import { newTwin } from '../src/twin/build.ts';
import type { Twin } from '../src/twin/twin.ts';
import {
  APPS_PER_NAMESPACE,
  application,
  CALLS,
  nameOf,
  namespaceOf,
  neighbour,
  REPLICAS,
  SERVICE_PORT,
  TARGET_PORT,
} from './application.ts';
import { buildCluster } from './cluster.ts';

/** As long as one figure is measured. */
const MEASURED_MS = 8_000;
/** Walks between looks at the clock. */
const BATCH = 200;

/** Pods by application, and the address of each application's Service. */
interface Population {
  readonly pods: readonly (readonly Pod[])[];
  readonly services: readonly Ip[];
}

/** Teams come one after the other: what is measured is a cluster at rest, not how it filled. */
async function settledTwin(nodes: number, pods: number): Promise<Twin> {
  const twin = newTwin({ seed: 1, timeline: false }, (cloud) =>
    buildCluster(cloud, { nodes, hasNetworkPolicy: true }),
  );
  await twin.settle();
  const apps = Math.ceil(pods / REPLICAS);
  for (let app = 0; app < apps; app++) {
    if (app % APPS_PER_NAMESPACE === 0) {
      await twin.settle();
      const metadata = { name: namespaceOf(app) };
      twin.apply([{ apiVersion: 'v1', kind: 'Namespace', metadata }]);
    }
    const refused = twin.apply(application(app));
    if (refused.length > 0) throw new Error(refused[0]!.message);
  }
  await twin.settle();
  return twin;
}

function populationOf({ store }: Twin, apps: number): Population {
  const pods = Array.from({ length: apps }, (): Pod[] => []);
  const places = new Map(pods.map((_, app) => [`${namespaceOf(app)}/${nameOf(app)}`, app]));
  for (const { value: pod } of store.entries('Pod')) {
    const app = places.get(`${pod.metadata.namespace}/${pod.metadata.labels?.app}`);
    if (app !== undefined && pod.status?.podIP !== undefined) pods[app]!.push(pod);
  }
  const services = pods.map((_, app) => {
    const service = store.get('Service', `${namespaceOf(app)}/${nameOf(app)}`);
    return parseIp(service?.spec.clusterIP ?? '')!;
  });
  return { pods, services };
}

const one = <Value>(random: Random, values: readonly Value[]): Value =>
  values[random.int(values.length)]!;

/** A packet from a random pod to an application it may call. */
function flowFrom(random: Random, { pods }: Population): { sender: Pod; called: number } {
  const app = random.int(pods.length);
  return { sender: one(random, pods[app]!), called: neighbour(app, one(random, CALLS)) };
}

function flowTo(sender: Pod, destination: Ip, destinationPort: number): Flow {
  const { name, namespace } = sender.metadata;
  const packet: Packet = {
    protocol: PROTOCOL_TCP,
    source: parseIp(sender.status!.podIP!)!,
    destination,
    sourcePort: 40_000,
    destinationPort,
    icmpType: -1,
    icmpCode: -1,
    sizeBytes: 60,
    dontFragment: true,
  };
  const id = `pod/${namespace}/${name}` as const;
  return { origin: { kind: 'namespace', id, label: id }, packet };
}

/** Who sends, the application it calls, and which of that one's replicas. */
interface Call {
  readonly sender: Pod;
  readonly called: number;
  readonly replica: number;
}

type NextCall = () => Call;

/** Each pod of each application towards each replica of those it calls, one after the other. */
function sweep({ pods }: Population): NextCall {
  function* calls(): Generator<Call, never> {
    for (;;)
      for (const [app, senders] of pods.entries())
        for (const places of CALLS)
          for (const sender of senders)
            for (let replica = 0; replica < REPLICAS; replica++)
              yield { sender, called: neighbour(app, places), replica };
  }
  const all = calls();
  return () => all.next().value;
}

function atRandom(random: Random, population: Population): NextCall {
  return () => ({ ...flowFrom(random, population), replica: random.int(REPLICAS) });
}

type Walk = (call: Call) => readonly Branch[];

function walks(
  world: World,
  { pods, services }: Population,
): Readonly<Record<'pod' | 'service' | 'backends', Walk>> {
  return {
    pod: ({ sender, called, replica }) => {
      const address = parseIp(pods[called]![replica]!.status!.podIP!)!;
      return [walkBranch(world, flowTo(sender, address, TARGET_PORT), new Chance(), true)];
    },
    service: ({ sender, called, replica }) => {
      const flow = flowTo(sender, services[called]!, SERVICE_PORT);
      return [walkBranch(world, flow, new Chance([replica]), true)];
    },
    backends: ({ sender, called }) =>
      walkBranches(world, flowTo(sender, services[called]!, SERVICE_PORT)),
  };
}

/** Both ends' policies said yes to the packet, and the answer came back. */
function requireWhole({ disposition, text, forward }: Branch): void {
  if (disposition !== 'delivered') throw new Error(`${disposition}: ${text}`);
  const kinds = new Set(forward.flatMap(({ steps }) => steps.map(({ kind }) => kind)));
  for (const kind of ['network-policy-egress', 'network-policy-ingress'])
    if (!kinds.has(kind)) throw new Error(`no ${kind} in a trace`);
}

/**
 * Every node sends and is sent to: what is measured after it is a twin that has been asked before.
 * How long the first question takes is said on its own.
 */
function warmUp(world: World, { pods, services }: Population): void {
  const seen = new Set<string>();
  for (const [app, senders] of pods.entries())
    for (const sender of senders) {
      const node = sender.spec.nodeName ?? '';
      if (seen.has(node)) continue;
      seen.add(node);
      const called = neighbour(app, CALLS[0]!);
      const receiver = parseIp(pods[called]![seen.size % REPLICAS]!.status!.podIP!)!;
      walkBranch(world, flowTo(sender, receiver, TARGET_PORT), new Chance(), true);
      walkBranch(world, flowTo(sender, services[called]!, SERVICE_PORT), new Chance(), true);
    }
}

/** Walks for a while. */
function measure(name: string, next: NextCall, walk: Walk): string {
  const cpuBefore = process.cpuUsage();
  const startedAt = performance.now();
  let traces = 0;
  let steps = 0;
  let wallMs = 0;
  while (wallMs < MEASURED_MS) {
    for (let i = 0; i < BATCH; i++) {
      const branches = walk(next());
      traces++;
      for (const branch of branches) {
        if (branch.disposition !== 'delivered') requireWhole(branch);
        for (const hop of branch.forward) steps += hop.steps.length;
        for (const hop of branch.return ?? []) steps += hop.steps.length;
      }
      if (i === 0) for (const branch of branches) requireWhole(branch);
    }
    wallMs = performance.now() - startedAt;
  }
  const { user, system } = process.cpuUsage(cpuBefore);
  const perCore = Math.round(traces / ((user + system) / 1e6));
  const perSecond = Math.round(traces / (wallMs / 1000));
  const stepsEach = (steps / traces).toFixed(0);
  return `${name}: ${perCore}/s per core (${perSecond}/s wall, ${stepsEach} steps each)`;
}

const peakMb = (): number => Math.round(process.resourceUsage().maxRSS / 1024);

async function trace(nodes: number, pods: number): Promise<void> {
  const startedAt = performance.now();
  const twin = await settledTwin(nodes, pods);
  const settledS = (performance.now() - startedAt) / 1000;
  const { store } = twin;
  const apps = Math.ceil(pods / REPLICAS);
  const population = populationOf(twin, apps);
  // What filling the cluster left behind is not the traces' to clean up.
  globalThis.gc?.();
  const running = population.pods.reduce((sum, { length }) => sum + length, 0);
  console.log(
    `trace ${nodes} nodes, ${pods} pods (${running} run), ${apps} services, ` +
      `${store.count('NetworkPolicy')} policies: settled in ${settledS.toFixed(1)} s, ` +
      `peak ${peakMb()} MB`,
  );
  const askedAt = performance.now();
  const { pod, service, backends } = walks(twin.datapath.world, population);
  for (const branch of service(sweep(population)())) requireWhole(branch);
  console.log(`  first trace: ${((performance.now() - askedAt) / 1000).toFixed(3)} s`);
  warmUp(twin.datapath.world, population);
  const random = (name: string) => atRandom(seeded(7).split(name), population);
  for (const [name, next, walk] of [
    ['sweep, pod to pod', sweep(population), pod],
    ['sweep, pod to service', sweep(population), service],
    ['random pairs, pod to pod', random('pod'), pod],
    ['random pairs, pod to service', random('service'), service],
    [`random pairs, pod to service, all ${REPLICAS} backends`, random('backends'), backends],
  ] as const)
    console.log(`  ${measure(name, next, walk)}`);
  console.log(`  peak ${peakMb()} MB`);
  twin.stop();
}

/** Smallest first: peak memory only grows within a process. */
export async function run(sizes: readonly string[]): Promise<void> {
  const wanted = sizes.length > 0 ? sizes : ['50/1500', '500/15000', '5000/150000'];
  for (const size of wanted) {
    const [nodes, pods] = size.split('/').map(Number);
    await trace(nodes!, pods!);
  }
}
