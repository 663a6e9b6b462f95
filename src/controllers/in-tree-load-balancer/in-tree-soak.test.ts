import { expect, it } from 'vitest';
import type { Service } from '../../model/kubernetes/core.ts';
import { noFaults } from '../../sim/faults.ts';
import { type Random, seeded } from '../../sim/random.ts';
import { place } from './in-tree.fixture.ts';
import { balancerName } from './provider.ts';

const SEEDS = 20;
const STEPS = 30;
const NAMES = ['a', 'b', 'c', 'd'];

type Yard = ReturnType<typeof place>;

/**
 * Something happens to a Service or to a node.
 *
 * @param takesAway  whether Services and their ports may go
 */
function step(yard: Yard, random: Random, nodes: string[], takesAway: boolean): void {
  const name = NAMES[random.int(NAMES.length)]!;
  const drawn = random.int(10);
  if (drawn < 6) apply(yard, takesAway ? random : seeded(NAMES.indexOf(name)), random, name);
  else if (drawn < 8 && takesAway) yard.kubernetes.delete('Service', `default/${name}`);
  else if (drawn < 9 || nodes.length < 2) {
    const added = `n${random.int(1_000_000)}`;
    yard.node(added);
    nodes.push(added);
  } else {
    yard.kubernetes.delete('Node', nodes.shift()!);
  }
}

function apply(yard: Yard, ofPorts: Random, random: Random, name: string): void {
  const at = NAMES.indexOf(name) * 10;
  const ports = Array.from({ length: 1 + ofPorts.int(3) }, (_, i) => ({
    name: `p${i}`,
    port: 80 + ofPorts.int(3) * 100 + i,
    nodePort: 31_000 + at + i,
  }));
  // What a Service's load balancer is does not change, so its name decides.
  const type: Record<string, string> = at % 20 === 0 ? {} : { type: 'nlb' };
  const ranges = random.int(2) === 0 ? [] : ['198.51.100.0/24', '203.0.113.0/24'];
  yard.apply(type, { ports, loadBalancerSourceRanges: ranges }, name);
}

const wanting = ({ store }: Yard): readonly Service[] =>
  store.list('Service').filter(({ spec }) => spec.type === 'LoadBalancer');

/** Every Service has its load balancer with its ports and the nodes there are. */
function expectAsWanted(yard: Yard): void {
  const { store } = yard;
  const ids = store
    .list('Node')
    .map(({ spec }) => spec.providerID!.split('/').pop()!)
    .sort();
  const services = wanting(yard);
  for (const service of services) {
    const ports = service.spec.ports!.map(({ port }) => port).sort();
    const classic = store.get('elbv2/classic-load-balancer', balancerName(service));
    const [network] = store.lookup('elbv2/load-balancer', 'name', balancerName(service));
    const balancer = classic ?? network;
    expect(service.status?.loadBalancer?.ingress).toEqual([{ hostname: balancer?.dnsName }]);
    if (classic !== undefined) {
      expect(classic.listeners.map((it) => it.loadBalancerPort).sort()).toEqual(ports);
      expect(classic.instances.map(({ instanceId }) => instanceId).sort()).toEqual(ids);
    }
    if (network === undefined) continue;
    const listeners = store.lookup('elbv2/listener', 'load-balancer', network.loadBalancerArn);
    expect(listeners.map(({ port }) => port).sort()).toEqual(ports);
    for (const { defaultActions } of listeners) {
      const [action] = defaultActions;
      if (action?.type !== 'forward') throw new Error('a listener forwards');
      const { targetGroupArn } = action.targetGroups[0]!;
      const targets = store.lookup('elbv2/target', 'target-group', targetGroupArn);
      const staying = targets.filter(({ health }) => health.state !== 'draining');
      expect(staying.map(({ id }) => id).sort()).toEqual(ids);
    }
  }
  const balancers = store.count('elbv2/classic-load-balancer') + store.count('elbv2/load-balancer');
  expect(balancers).toBe(services.length);
}

/** Nothing of AWS is left of what the controller made. */
function expectNothingLeft({ store, nodeGroup, rulesOf }: Yard): void {
  expect(store.count('elbv2/classic-load-balancer')).toBe(0);
  expect(store.count('elbv2/load-balancer')).toBe(0);
  expect(store.count('elbv2/listener')).toBe(0);
  expect(store.count('elbv2/target-group')).toBe(0);
  expect(rulesOf(nodeGroup)).toEqual([]);
  const groups = store.list('ec2/security-group').map(({ groupName }) => groupName);
  expect(groups.filter((name) => name.startsWith('k8s-'))).toEqual([]);
  const interfaces = store.list('ec2/network-interface').map(({ description }) => description);
  expect(interfaces.filter((description) => description.startsWith('ELB '))).toEqual([]);
}

it('whatever happens and fails, load balancers are as wanted at rest and gone in the end', async () => {
  const seen = { classic: 0, network: 0, failures: 0 };
  for (let seed = 0; seed < SEEDS; seed++) {
    // Upstream forgets what it could not take away after the load balancer itself is gone: target
    // groups, groups, rules. So where things go, few calls fail three times in a row.
    const takesAway = seed % 2 === 0;
    const often = takesAway ? 0.03 : 0.15;
    let faults = { ...noFaults, throttle: often, internalError: often };
    const yard = place(() => faults);
    const random = seeded(seed);
    const nodes: string[] = [];
    for (let i = 0; i < STEPS; i++) {
      step(yard, random, nodes, takesAway);
      await yard.clock.runUntil(yard.clock.now() + random.int(8_000));
    }
    await yard.rest();
    faults = { ...noFaults };
    // A target group that was made when its listener was not keeps nodes that went since; it is
    // looked at again with the next node, as upstream does.
    yard.node('last');
    await yard.clock.runUntil(yard.clock.now() + 400_000);
    await yard.rest();
    expectAsWanted(yard);
    seen.classic += yard.store.count('elbv2/classic-load-balancer');
    seen.network += yard.store.count('elbv2/load-balancer');
    seen.failures += yard.events().filter(([reason]) => reason?.endsWith('Failed')).length;
    for (const name of NAMES) yard.kubernetes.delete('Service', `default/${name}`);
    await yard.rest();
    expect(wanting(yard)).toEqual([]);
    expectNothingLeft(yard);
  }
  // Otherwise nothing was shown.
  expect(Math.min(seen.classic, seen.network)).toBeGreaterThan(SEEDS / 2);
  expect(seen.failures).toBeGreaterThan(0);
}, 60_000);
