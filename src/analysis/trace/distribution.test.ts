/**
 * Goal: shares are exact and are those of the walks themselves. Method: the shop with its pods in
 * one zone or another behind both sorts of targets, both traffic policies.
 */
import { describe, expect, test } from 'vitest';
import type { LoadBalancer } from '../../model/elbv2/load-balancer.ts';
import { Balancing, forwardTo } from './balanced.fixture.ts';
import { type Distribution, distributionOf } from './distribution.ts';
import { asNumber, formatFraction, fraction, ONE, plus, ZERO } from './fraction.ts';
import type { TraceAnswer } from './question.ts';
import { ask, shop } from './trace.fixture.ts';

const service = (policy: string): string => `
---
apiVersion: v1
kind: Service
metadata: {name: outer, namespace: shop}
spec:
  type: NodePort
  externalTrafficPolicy: ${policy}
  selector: {app: api}
  ports: [{port: 80, targetPort: http, nodePort: 31080}]
`;

interface Asked {
  readonly it: Balancing;
  readonly answer: TraceAnswer;
  readonly distribution: Distribution;
}

async function asked(
  policy: 'Cluster' | 'Local' | 'ip',
  type: LoadBalancer['type'],
): Promise<Asked> {
  const it = new Balancing(await shop(service(policy === 'ip' ? 'Cluster' : policy)));
  const balancer = it.balancer({ type });
  const isIp = policy === 'ip';
  const protocol = type === 'network' ? 'TCP' : 'HTTP';
  const group = it.targets({ targetType: isIp ? 'ip' : 'instance', protocol });
  it.listener(balancer, 80, protocol, forwardTo(group));
  if (isIp) it.registerPods(group, 'api');
  else it.registerNodes(group, 31_080);
  it.letIn(it.open);
  await it.twin.settle();
  it.health(group);
  const answer = ask(it.twin, 'internet', `${balancer.dnsName}:80`, { limit: 1000 });
  return { it, answer, distribution: distributionOf(it.twin.datapath.world, answer)! };
}

/** Shares of the walks by the pod they end in. */
function walked({ branches }: TraceAnswer): ReadonlyMap<string, number> {
  const shares = new Map<string, number>();
  for (const { receiver, probability, disposition } of branches) {
    const end = disposition === 'delivered' && receiver?.kind === 'namespace' ? receiver.id : '';
    shares.set(end, (shares.get(end) ?? 0) + probability);
  }
  return shares;
}

describe.each([
  ['Cluster', 'application'],
  ['Cluster', 'network'],
  ['Local', 'network'],
  ['Local', 'application'],
  ['ip', 'application'],
  ['ip', 'network'],
] as const)('%s behind an %s load balancer', (policy, type) => {
  test('has the shares of its walks, which make one whole', async () => {
    const { answer, distribution } = await asked(policy, type);
    const shares = walked(answer);
    const { shares: pods, lost } = distribution;
    expect(pods.reduce((sum, { share }) => plus(sum, share), lost)).toEqual(ONE);
    expect(pods.length).toBe(3);
    for (const { label, share } of pods)
      expect(asNumber(share), label).toBeCloseTo(shares.get(label)!, 6);
    expect(asNumber(lost)).toBeCloseTo(shares.get('') ?? 0, 6);
  });
});

test('with pods as targets of an ALB each has a third, and half of it comes from another zone', async () => {
  const { distribution } = await asked('ip', 'application');
  expect(distribution.shares.map(({ share }) => formatFraction(share))).toEqual([
    '1/3',
    '1/3',
    '1/3',
  ]);
  expect(formatFraction(distribution.crossing.any)).toBe('1/2');
  expect(distribution.policies).toEqual(['api: ip targets; the healthy ones, of all zones']);
});

test('Local never crosses zones behind a node, and is uneven where pods are', async () => {
  const { distribution } = await asked('Local', 'network');
  expect(distribution.policies).toEqual([
    'api: instance targets of shop/outer, externalTrafficPolicy Local; the healthy ones, of its own zone only',
  ]);
  expect(distribution.crossing).toEqual({ toTarget: ZERO, toPod: ZERO, any: ZERO });
  expect(distribution.shares.map(({ share }) => formatFraction(share)).sort()).toEqual([
    '1/2',
    '1/4',
    '1/4',
  ]);
});

describe('fractions', () => {
  test('are in lowest terms', () => {
    expect(fraction(6, 8)).toEqual({ over: 3n, under: 4n });
    expect(plus(fraction(1, 3), fraction(1, 6))).toEqual(fraction(1, 2));
  });
});
