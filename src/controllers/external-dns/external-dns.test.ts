import { describe, expect, test } from 'vitest';
import { must } from '../../cloud/cloud.fixture.ts';
import { ALB, ALPHA, Names } from './external-dns.fixture.ts';

const OWNED =
  '"heritage=external-dns,external-dns/owner=mine,external-dns/resource=ingress/shop/web" 300';
const ALIAS = `alias ${ALB}. Z1H1FL5HABSF5`;

describe('an Ingress with a host', () => {
  test('gets aliases to its load balancer and a record that says whose they are', async () => {
    const names = new Names();
    names.install('v0.21.0');
    names.ingress('web', 'web.example.com');
    await names.settle();
    expect(names.records()).toEqual([
      `aaaa-web.example.com. TXT -> ${OWNED}`,
      `cname-web.example.com. TXT -> ${OWNED}`,
      `web.example.com. A -> ${ALIAS}`,
      `web.example.com. AAAA -> ${ALIAS}`,
    ]);
  });

  test('has its ownership under a- since v0.22.0, and under its bare name too until v0.17', async () => {
    const now = new Names();
    now.install('v0.22.0', '--policy=sync');
    now.ingress('web', 'web.example.com');
    await now.settle();
    expect(now.records()[0]).toBe(`a-web.example.com. TXT -> ${OWNED}`);
    const old = new Names();
    old.install('v0.16.1');
    old.ingress('web', 'web.example.com');
    await old.settle();
    // "5 record(s) were successfully updated", as the EKS workshop prints it.
    expect(old.records()).toHaveLength(5);
    expect(old.records()).toContain(`web.example.com. TXT -> ${OWNED}`);
  });

  test('is left alone by a v0.22.0 that was not told its policy: that one does not start', async () => {
    const names = new Names();
    names.install('v0.22.0');
    names.ingress('web', 'web.example.com');
    await names.settle();
    expect(names.records()).toEqual([]);
    expect(names.dns.reports()[0]?.failures[0]).toMatch(/^--policy must be set explicitly/);
  });

  test('that has no load balancer yet gets its name at the next look after it has', async () => {
    const names = new Names();
    names.install('v0.21.0');
    names.ingress('web', 'web.example.com', {}, '');
    await names.settle();
    expect(names.records()).toEqual([]);
    const beforeMs = names.world.clock.now();
    names.ingress('web', 'web.example.com');
    await names.settle();
    expect(names.records()).toHaveLength(4);
    // One look finds the load balancer, the next finds nothing left to do: 1m each.
    expect(names.world.clock.now() - beforeMs).toBeLessThan(121_000);
  });

  test('loses its records with policy sync and keeps them with upsert-only', async () => {
    for (const policy of ['sync', 'upsert-only']) {
      const names = new Names();
      names.install('v0.21.0', `--policy=${policy}`);
      names.ingress('web', 'web.example.com');
      await names.settle();
      names.remove('Ingress', 'web');
      await names.settle();
      expect(names.records()).toHaveLength(policy === 'sync' ? 0 : 4);
    }
  });

  test('that moves to another load balancer has its aliases written over', async () => {
    const names = new Names();
    names.install('v0.21.0', '--policy=upsert-only');
    names.ingress('web', 'web.example.com');
    await names.settle();
    const other = ALB.replace('k8s-shop-web', 'k8s-shop-new');
    names.ingress('web', 'web.example.com', {}, other);
    await names.settle();
    expect(names.records()).toContain(`web.example.com. A -> alias ${other}. Z1H1FL5HABSF5`);
    expect(names.records()).toHaveLength(4);
  });

  test('of another owner’s name is refused, and who owns it is said', async () => {
    const names = new Names();
    const { hostedZoneId } = names.zone;
    const recordSet = {
      name: 'web.example.com.',
      type: 'A' as const,
      ttlSeconds: 60,
      values: ['192.0.2.1'],
    };
    must(
      names.world.cloud.route53.changeResourceRecordSets({
        hostedZoneId,
        changes: [{ action: 'CREATE', recordSet }],
      }),
    );
    names.install('v0.21.0');
    names.ingress('web', 'web.example.com');
    await names.settle();
    expect(names.records()).toEqual(['web.example.com. A -> 192.0.2.1 60']);
    expect(names.dns.reports()[0]?.foreign[0]).toEqual({
      dnsName: 'web.example.com',
      resource: 'ingress/shop/web',
      reason: 'nobody of external-dns owns the A record that is there',
    });
  });

  test('whose load balancer somebody took the record of gets it back', async () => {
    const names = new Names();
    names.install('v0.21.0');
    names.ingress('web', 'web.example.com');
    await names.settle();
    const { route53 } = names.world.cloud;
    const { hostedZoneId } = names.zone;
    const [recordSet] = must(route53.listResourceRecordSets({ hostedZoneId })).filter(
      ({ type }) => type === 'A',
    );
    const changes = [{ action: 'DELETE' as const, recordSet: recordSet! }];
    must(route53.changeResourceRecordSets({ hostedZoneId, changes }));
    await names.settle();
    expect(names.records()).toHaveLength(4);
  });
});

describe('which zone a name goes to', () => {
  test('the longest public one, and every private one', async () => {
    const names = new Names();
    const { route53 } = names.world.cloud;
    const { vpcId } = names.world.vpc;
    const zone = (name: string, vpcIds?: readonly string[]) =>
      must(route53.createHostedZone({ name, vpcIds }));
    const longer = zone('shop.example.com');
    const inside = [zone('shop.example.com', [vpcId]), zone('example.com', [vpcId])];
    names.install('v0.21.0');
    names.ingress('web', 'web.shop.example.com');
    await names.settle();
    expect(names.records()).toEqual([]);
    for (const each of [longer, ...inside]) expect(names.records(each)).toHaveLength(4);
  });

  test('private ones only with --aws-zone-type=private; a name outside is said to be homeless', async () => {
    const names = new Names();
    names.install('v0.21.0', '--aws-zone-type=private');
    names.ingress('web', 'web.example.com');
    await names.settle();
    expect(names.records()).toEqual([]);
    expect(names.dns.reports()[0]?.homeless).toEqual([
      {
        dnsName: 'web.example.com',
        resource: 'ingress/shop/web',
        reason: 'no hosted zone it looks at has the name',
      },
    ]);
  });

  test('none beyond --domain-filter', async () => {
    const names = new Names();
    names.install('v0.21.0', '--domain-filter=other.com');
    names.ingress('web', 'web.example.com');
    await names.settle();
    expect(names.records()).toEqual([]);
  });
});

describe('annotations', () => {
  test('give a Service a name, a TTL and targets', async () => {
    const names = new Names();
    names.install('v0.21.0');
    const annotations = {
      [`${ALPHA}/hostname`]: 'db.example.com, db2.example.com',
      [`${ALPHA}/ttl`]: '2m',
      [`${ALPHA}/target`]: '192.0.2.7',
    };
    names.service('db', annotations, { type: 'ClusterIP', clusterIP: '10.100.0.9' });
    await names.settle();
    expect(names.records().filter((it) => it.includes(' A '))).toEqual([
      'db.example.com. A -> 192.0.2.7 120',
      'db2.example.com. A -> 192.0.2.7 120',
    ]);
  });

  test('of general availability are nobody’s before v0.22.0', async () => {
    const names = new Names();
    names.install('v0.21.0');
    const stable = { 'external-dns.kubernetes.io/hostname': 'nlb.example.com' };
    const nlb = 'k8s-shop-nlb-0a1b2c3d4e-0123456789abcdef.elb.us-west-2.amazonaws.com';
    names.service('nlb', stable, { type: 'LoadBalancer' }, nlb);
    await names.settle();
    expect(names.records()).toEqual([]);
    names.install('v0.22.0', '--policy=sync');
    await names.settle();
    expect(names.records()).toContain(`nlb.example.com. A -> alias ${nlb}. Z18D5FSROUN65G`);
  });

  test('split a name between two Ingresses by weight', async () => {
    const names = new Names();
    names.install('v0.21.0');
    for (const [name, weight] of [
      ['blue', '90'],
      ['green', '10'],
    ] as const) {
      const target = ALB.replace('web', name);
      names.ingress(
        name,
        'web.example.com',
        { [`${ALPHA}/set-identifier`]: name, [`${ALPHA}/aws-weight`]: weight },
        target,
      );
    }
    await names.settle();
    const own = names.records().filter((it) => it.startsWith('web.example.com. A '));
    expect(own).toEqual([
      `web.example.com. A blue=90 -> alias ${ALB.replace('web', 'blue')}. Z1H1FL5HABSF5`,
      `web.example.com. A green=10 -> alias ${ALB.replace('web', 'green')}. Z1H1FL5HABSF5`,
    ]);
  });

  test('for another controller leave the object alone', async () => {
    const names = new Names();
    names.install('v0.21.0');
    names.ingress('web', 'web.example.com', { [`${ALPHA}/controller`]: 'other' });
    await names.settle();
    expect(names.records()).toEqual([]);
  });
});

describe('cost', () => {
  test('where nothing changes nothing is sent', async () => {
    const names = new Names();
    names.install('v0.21.0');
    for (let i = 0; i < 20; i++) names.ingress(`web-${i}`, `web-${i}.example.com`);
    await names.settle();
    expect(names.sent).toBe(1);
    expect(names.records()).toHaveLength(80);
    await names.world.clock.settle();
    expect(names.sent).toBe(1);
  });

  test('a name that Route 53 refuses takes no other with it', async () => {
    const names = new Names();
    names.install('v0.21.0', '--aws-prefer-cname');
    names.ingress('apex', 'example.com');
    names.ingress('web', 'web.example.com');
    await names.settle();
    expect(names.records()).toEqual([
      `cname-web.example.com. TXT -> ${OWNED}`,
      `web.example.com. CNAME -> ${ALB} 300`,
    ]);
    expect(names.dns.reports()[0]?.failures.join()).toMatch(/not permitted at apex/);
  });
});
