import { describe, expect, test } from 'vitest';
import { type PlanFlags, plan } from './plan.ts';

const GUIDE: PlanFlags = {
  nodes: 10,
  instanceType: 'm5.large',
  pods: 100,
  prefixLength: 24,
  loadBalancers: 5,
  natGateways: 2,
  variables: {},
};

describe("the guide's example: 10 nodes, 100 pods, 5 load balancers, 2 NAT gateways in a /24", () => {
  test('the guide says 122, and that a /24 will do', () => {
    const { seed } = plan(GUIDE);
    expect(seed).toEqual({ total: 122, formula: '10 × 1 + 100 + 5 + 2 + 5 = 122', fits: true });
  });

  test('the nodes alone take 300 of the 251: it does not fit, a /23 does', () => {
    const { terms, total, fits, prefixLengthNeeded } = plan(GUIDE);
    expect(terms[0]).toMatchObject({ count: 10, each: 30, addresses: 300 });
    expect(total).toBe(300 + 5 + 2 + 2 + 5);
    expect(fits).toBe(false);
    expect(prefixLengthNeeded).toBe(23);
  });

  test("the guide's own WARM_IP_TARGET=2 MINIMUM_IP_TARGET=2 makes it fit: 140 for the nodes", () => {
    const variables = { WARM_IP_TARGET: '2', MINIMUM_IP_TARGET: '2' };
    const answer = plan({ ...GUIDE, variables });
    expect(answer.terms[0]).toMatchObject({ each: 14, addresses: 140 });
    expect(answer.fits).toBe(true);
  });

  test('settings are compared on the same nodes: prefixes cost 33 a node and do not fit', () => {
    const rows = new Map(plan(GUIDE).settings.map((row) => [row.id, row]));
    expect(rows.get('now')).toMatchObject({ addresses: 300, fits: false });
    expect(rows.get('warm-ip-2')).toMatchObject({
      addresses: 140,
      fits: true,
    });
    expect(rows.get('prefixes')).toMatchObject({
      addresses: 330,
      fits: false,
    });
    expect(rows.get('ipv6')).toMatchObject({ addresses: 10, fits: true });
  });

  test('custom networking leaves ten addresses here and needs a /24 beside for 200', () => {
    const row = plan(GUIDE).settings.find((it) => it.id === 'custom-networking')!;
    const [own, pods] = row.subnets;
    expect(own).toMatchObject({ addresses: 10, fits: true });
    expect(pods).toMatchObject({ addresses: 200, prefixLengthNeeded: 24 });
  });
});

test('pods beyond max pods are named, not spread in silence', () => {
  const answer = plan({ ...GUIDE, pods: 400 });
  expect(answer.maxPods.maxPods).toBe(29);
  expect(answer.podsWithoutSlot).toBe(400 - 10 * 27);
});

test('an unknown type is told with its neighbours', () => {
  expect(() => plan({ ...GUIDE, instanceType: 'm5.lrge' })).toThrow(/m5\.large/);
});
