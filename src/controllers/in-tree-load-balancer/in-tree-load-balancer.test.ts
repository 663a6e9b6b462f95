import { describe, expect, it } from 'vitest';
import { must } from '../../cloud/cloud.fixture.ts';
import { place } from './in-tree.fixture.ts';

const ensured = [
  ['EnsuringLoadBalancer', 'Ensuring load balancer'],
  ['EnsuredLoadBalancer', 'Ensured load balancer'],
];

describe('a Service without class or annotation', () => {
  it('gets a Classic load balancer that faces the internet, and nodes let its group in', async () => {
    const yard = place();
    const instanceId = yard.node('n1');
    yard.apply();
    await yard.rest();
    const balancer = yard.classic()!;
    expect(balancer).toMatchObject({
      loadBalancerName: yard.name(),
      scheme: 'internet-facing',
      listeners: [{ protocol: 'TCP', loadBalancerPort: 80, instancePort: 31_080 }],
      healthCheck: { target: 'TCP:31080', intervalSeconds: 10, unhealthyThreshold: 6 },
      instances: [{ instanceId }],
      tags: { 'kubernetes.io/service-name': 'default/web', 'kubernetes.io/cluster/shop': 'owned' },
    });
    const [group] = balancer.securityGroups;
    expect(yard.store.get('ec2/security-group', group!)?.groupName).toBe(`k8s-elb-${yard.name()}`);
    expect(yard.rulesOf(group!)).toEqual([
      ['tcp 80-80', '0.0.0.0/0', ''],
      ['icmp 3-4', '0.0.0.0/0', ''],
    ]);
    expect(yard.rulesOf(yard.nodeGroup)).toEqual([['-1 -1--1', group, '']]);
    expect(yard.service()).toMatchObject({
      metadata: { finalizers: ['service.kubernetes.io/load-balancer-cleanup'] },
      status: { loadBalancer: { ingress: [{ hostname: balancer.dnsName }] } },
    });
    expect(yard.events()).toEqual(ensured);
  });

  it('that goes takes its load balancer, group and rules with it', async () => {
    const yard = place();
    yard.node('n1');
    yard.apply();
    await yard.rest();
    const groups = yard.store.list('ec2/security-group').length;
    yard.kubernetes.delete('Service', 'default/web');
    await yard.rest();
    expect(yard.service()).toBeUndefined();
    expect(yard.classic()).toBeUndefined();
    expect(yard.rulesOf(yard.nodeGroup)).toEqual([]);
    expect(yard.store.list('ec2/security-group').length).toBe(groups - 1);
    expect(yard.events().slice(2)).toEqual([
      ['DeletingLoadBalancer', 'Deleting load balancer'],
      ['DeletedLoadBalancer', 'Deleted load balancer'],
    ]);
  });

  it('gives its load balancer the nodes that come and takes back those that go', async () => {
    const yard = place();
    yard.node('n1');
    yard.apply();
    await yard.rest();
    const second = yard.node('n2');
    yard.node('out', { 'node.kubernetes.io/exclude-from-external-load-balancers': 'true' });
    await yard.rest();
    yard.kubernetes.delete('Node', 'n1');
    await yard.rest();
    expect(yard.classic()?.instances.map(({ instanceId }) => instanceId)).toEqual([second]);
    expect(yard.events().at(-1)).toEqual([
      'UpdatedLoadBalancer',
      'Updated load balancer with new hosts',
    ]);
  });

  it('leaves out instances without the cluster’s tag', async () => {
    const yard = place();
    const instanceId = yard.node('n1');
    const keys = ['kubernetes.io/cluster/shop'];
    must(yard.cloud.ec2.deleteTags({ resources: [instanceId], keys }));
    yard.apply();
    await yard.rest();
    expect(yard.classic()?.instances).toEqual([]);
  });

  it('with Local is checked at kube-proxy’s own port', async () => {
    const yard = place();
    yard.node('n1');
    yard.apply({}, { externalTrafficPolicy: 'Local', healthCheckNodePort: 32_100 });
    await yard.rest();
    expect(yard.classic()?.healthCheck.target).toBe('HTTP:32100/healthz');
  });

  it('with a certificate ends TLS on the ports it names', async () => {
    const yard = place();
    yard.node('n1');
    const ports = [
      { name: 'http', port: 80, nodePort: 31_080 },
      { name: 'https', port: 443, nodePort: 31_443 },
    ];
    const certificate = must(
      yard.cloud.acm.requestCertificate({ domainName: 'shop.example.com' }),
    ).certificateArn;
    const tls = { 'ssl-cert': certificate, 'ssl-ports': 'https', 'backend-protocol': 'http' };
    yard.apply(tls, { ports });
    await yard.rest();
    expect(yard.classic()?.listeners).toMatchObject([
      { protocol: 'HTTP', instanceProtocol: 'HTTP', loadBalancerPort: 80 },
      { protocol: 'HTTPS', instanceProtocol: 'HTTP', loadBalancerPort: 443 },
    ]);
  });

  it('changes its listeners when its ports change', async () => {
    const yard = place();
    yard.node('n1');
    yard.apply();
    await yard.rest();
    yard.apply({}, { ports: [{ port: 8080, nodePort: 31_080 }] });
    await yard.rest();
    expect(yard.classic()?.listeners).toMatchObject([{ loadBalancerPort: 8080 }]);
    const [group] = yard.classic()!.securityGroups;
    expect(yard.rulesOf(group!)[0]).toEqual(['icmp 3-4', '0.0.0.0/0', '']);
    expect(yard.rulesOf(group!)[1]).toEqual(['tcp 8080-8080', '0.0.0.0/0', '']);
  });
});

describe('a Service with the annotation nlb', () => {
  it('gets a network load balancer without groups: nodes let everybody in', async () => {
    const yard = place();
    const instanceId = yard.node('n1');
    yard.apply({ type: 'nlb' });
    await yard.rest();
    expect(yard.balancer()).toMatchObject({
      type: 'network',
      scheme: 'internet-facing',
      loadBalancerName: yard.name(),
      securityGroups: [],
    });
    expect(yard.store.list('elbv2/target-group')).toMatchObject([
      {
        targetGroupName: expect.stringMatching(/^k8s-default-web-[0-9a-f]{10}$/),
        port: 31_080,
        healthCheck: { protocol: 'TCP', intervalSeconds: 30, healthyThresholdCount: 3 },
      },
    ]);
    expect(yard.store.list('elbv2/target')).toMatchObject([{ id: instanceId, port: 31_080 }]);
    expect(yard.rulesOf(yard.nodeGroup)).toEqual([
      ['tcp 31080-31080', '0.0.0.0/0', `kubernetes.io/rule/nlb/client=${yard.name()}`],
      ['icmp 3-4', '0.0.0.0/0', 'kubernetes.io/rule/nlb/mtu'],
    ]);
    expect(yard.events()).toEqual(ensured);
  });

  it('with source ranges lets its subnets check health besides', async () => {
    const yard = place();
    yard.node('n1');
    yard.apply({ type: 'nlb' }, { loadBalancerSourceRanges: ['198.51.100.0/24'] });
    await yard.rest();
    expect(yard.rulesOf(yard.nodeGroup).map(([ports, from]) => [ports, from])).toEqual([
      ['tcp 31080-31080', '10.0.0.0/24'],
      ['tcp 31080-31080', '10.0.1.0/24'],
      ['tcp 31080-31080', '198.51.100.0/24'],
      ['icmp 3-4', '198.51.100.0/24'],
    ]);
  });

  it('that goes leaves nothing behind', async () => {
    const yard = place();
    yard.node('n1');
    yard.apply({ type: 'nlb' });
    await yard.rest();
    yard.kubernetes.delete('Service', 'default/web');
    await yard.rest();
    expect(yard.balancer()).toBeUndefined();
    expect(yard.store.count('elbv2/target-group')).toBe(0);
    expect(yard.store.count('elbv2/listener')).toBe(0);
    expect(yard.rulesOf(yard.nodeGroup)).toEqual([]);
  });
});

describe('what the in-tree controller leaves alone or refuses', () => {
  it('external is told, finalized and left to the AWS Load Balancer Controller', async () => {
    const yard = place();
    yard.apply({ type: 'external', 'nlb-target-type': 'ip' });
    await yard.rest();
    expect(yard.balancer()).toBeUndefined();
    expect(yard.classic()).toBeUndefined();
    expect(yard.events()[0]).toEqual(['EnsuringLoadBalancer', 'Ensuring load balancer']);
    expect(yard.service()?.metadata.finalizers).toHaveLength(1);
  });

  it('a class is nobody’s here: no event, no finalizer', async () => {
    const yard = place();
    yard.apply({}, { loadBalancerClass: 'service.k8s.aws/nlb' });
    await yard.rest();
    expect(yard.events()).toEqual([]);
  });

  it('UDP on a Classic one is refused in its own words, again and again', async () => {
    const yard = place();
    yard.node('n1');
    yard.apply({}, { ports: [{ port: 53, protocol: 'UDP', nodePort: 31_053 }] });
    await yard.rest();
    expect(yard.events().at(-1)).toEqual([
      'SyncLoadBalancerFailed',
      'Error syncing load balancer: failed to ensure load balancer: Protocol UDP not supported ' +
        'by LoadBalancer',
    ]);
  });

  it('subnets of other clusters only are none, until one is this cluster’s', async () => {
    const yard = place();
    yard.node('n1');
    yard.tagSubnets({ 'kubernetes.io/cluster/blog': 'owned' });
    yard.apply();
    await yard.rest();
    expect(yard.events().at(-1)?.[1]).toBe(
      'Error syncing load balancer: failed to ensure load balancer: could not find any suitable ' +
        'subnets for creating the ELB',
    );
    yard.tagSubnets({ 'kubernetes.io/cluster/shop': 'shared' });
    await yard.clock.runUntil(yard.clock.now() + 600_000);
    await yard.rest();
    expect(yard.classic()?.zones).toHaveLength(2);
  });

  it('a load balancer whose interfaces alone were exported is not made a second time', async () => {
    const yard = place();
    yard.node('n1');
    yard.apply();
    await yard.rest();
    const balancer = yard.classic()!;
    yard.store.delete('elbv2/classic-load-balancer', balancer.loadBalancerName);
    const interfaces = yard.store.count('ec2/network-interface');
    yard.apply({ 'connection-idle-timeout': '120' });
    await yard.rest();
    expect(yard.classic()).toBeUndefined();
    expect(yard.store.count('ec2/network-interface')).toBe(interfaces);
  });

  it('an annotation changed afterwards does not turn a Classic one into a network one', async () => {
    const yard = place();
    yard.node('n1');
    yard.apply();
    await yard.rest();
    yard.apply({ type: 'nlb' });
    await yard.rest();
    expect(yard.events().at(-1)?.[1]).toContain('cannot update Load Balancer Type annotation');
    expect(yard.balancer()).toBeUndefined();
  });
});
