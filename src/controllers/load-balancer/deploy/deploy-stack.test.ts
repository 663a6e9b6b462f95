import { describe, expect, it } from 'vitest';
import { must } from '../../../cloud/cloud.fixture.ts';
import { awsError } from '../../../model/aws-error.ts';
import { nothing, webStack, type Yard, yard } from './deploy.fixture.ts';
import { DeployError } from './deploy-error.ts';

async function deployed(wish = {}): Promise<Yard> {
  const site = yard();
  const result = await site.deploy(webStack(site, wish));
  if (result instanceof DeployError) throw result;
  return site;
}

const balancer = ({ store }: Yard) => store.list('elbv2/load-balancer')[0]!;
const rules = ({ store }: Yard) =>
  store
    .list('elbv2/rule')
    .sort((a, b) => a.priority - b.priority)
    .map(({ priority, conditions: [it] }) =>
      it?.field === 'path-pattern' ? `${priority} ${it.values}` : '',
    );
const managed = ({ store }: Yard) =>
  store.list('ec2/security-group').find(({ groupName }) => groupName.startsWith('k8s-'))!;
/** Calls that change something. */
const writes = (site: Yard) => site.calls.filter((it) => !it.startsWith('describe'));

describe('a stack', () => {
  it('is deployed groups first, bindings last', async () => {
    const site = await deployed();
    expect(writes(site)).toEqual([
      'createSecurityGroup',
      'authorizeSecurityGroupIngress',
      'createTargetGroup',
      'createLoadBalancer',
      'createListener',
      'createRule',
    ]);
    expect(balancer(site)).toMatchObject({
      scheme: 'internet-facing',
      tags: {
        'elbv2.k8s.aws/cluster': 'shop',
        'ingress.k8s.aws/stack': 'default/web',
        'ingress.k8s.aws/resource': 'LoadBalancer',
      },
    });
    expect(site.store.list('TargetGroupBinding')).toMatchObject([
      {
        metadata: {
          labels: {
            'ingress.k8s.aws/stack-namespace': 'default',
            'ingress.k8s.aws/stack-name': 'web',
          },
        },
      },
    ]);
  });

  it('that is deployed already changes nothing', async () => {
    const site = await deployed({ paths: ['/api/*', '/*'], ports: [80, 8080] });
    site.calls.length = 0;
    expect(await site.deploy(webStack(site, { paths: ['/api/*', '/*'], ports: [80, 8080] })));
    expect(writes(site)).toEqual([]);
  });

  it('that is empty leaves nothing behind', async () => {
    const site = await deployed();
    expect(await site.deploy(nothing())).toMatchObject({ kind: 'deployed' });
    for (const kind of ['load-balancer', 'listener', 'rule', 'target-group'] as const)
      expect(site.store.count(`elbv2/${kind}`)).toBe(0);
    expect(managed(site)).toBeUndefined();
    expect(site.store.count('ec2/network-interface')).toBe(0);
    expect(site.store.count('TargetGroupBinding')).toBe(0);
  });

  it('touches nothing of another stack, though it has the same name', async () => {
    const site = yard();
    const subnetMappings = [{ subnetId: site.a.subnetId }, { subnetId: site.b.subnetId }];
    const other = must(
      site.cloud.elbv2.createLoadBalancer({
        name: 'theirs',
        scheme: 'internal',
        subnetMappings,
        tags: {
          'elbv2.k8s.aws/cluster': 'blog',
          'ingress.k8s.aws/stack': 'default/web',
          'ingress.k8s.aws/resource': 'LoadBalancer',
        },
      }),
    );
    expect(await site.deploy(webStack(site))).toMatchObject({ kind: 'deployed' });
    expect(await site.deploy(nothing())).toMatchObject({ kind: 'deployed' });
    expect(site.store.list('elbv2/load-balancer').map((it) => it.loadBalancerArn)).toEqual([
      other.loadBalancerArn,
    ]);
  });
});

describe('a load balancer', () => {
  it('of another scheme is another one: the old one goes first, protected or not', async () => {
    const site = await deployed({ attributes: { 'deletion_protection.enabled': 'true' } });
    const before = balancer(site).loadBalancerArn;
    site.calls.length = 0;
    await site.deploy(webStack(site, { scheme: 'internal' }));
    expect(balancer(site)).toMatchObject({ scheme: 'internal' });
    expect(balancer(site).loadBalancerArn).not.toBe(before);
    expect(writes(site).slice(0, 4)).toEqual([
      'deleteLoadBalancer',
      'modifyLoadBalancerAttributes',
      'deleteLoadBalancer',
      'createLoadBalancer',
    ]);
  });

  it('gets attributes and tags that are new, and loses tags that nobody wants', async () => {
    const site = await deployed({ tags: { team: 'web', cost: '7' } });
    const attributes = { 'idle_timeout.timeout_seconds': '120' };
    await site.deploy(webStack(site, { tags: { team: 'shop' }, attributes }));
    expect(balancer(site).attributes).toMatchObject(attributes);
    expect(balancer(site).tags).toMatchObject({ team: 'shop' });
    expect(balancer(site).tags.cost).toBeUndefined();
  });

  it('that is still being provisioned is looked at again two minutes later', async () => {
    const site = await deployed();
    const again = await site.deploy(webStack(site));
    expect(again).toMatchObject({ requeueAfterMs: 120_000 });
  });
});

describe('rules', () => {
  it('that only move are moved at once', async () => {
    const site = await deployed({ paths: ['/a', '/b', '/c'] });
    site.calls.length = 0;
    await site.deploy(webStack(site, { paths: ['/c', '/a', '/b'] }));
    expect(rules(site)).toEqual(['1 /c', '2 /a', '3 /b']);
    expect(writes(site)).toEqual(['setRulePriorities', 'addTags', 'addTags', 'addTags']);
  });

  it('of the right place are rewritten; a new one comes before an old one goes', async () => {
    const site = await deployed({ paths: ['/a', '/b', '/c'] });
    site.calls.length = 0;
    await site.deploy(webStack(site, { paths: ['/a', '/x'] }));
    expect(rules(site)).toEqual(['1 /a', '2 /x']);
    expect(writes(site)).toEqual(['modifyRule', 'deleteRule']);
  });

  it('are created and deleted in turn where the listener is full', async () => {
    const many = Array.from({ length: 100 }, (_, at) => `/old/${at}`);
    const site = await deployed({ paths: many });
    expect(await site.deploy(webStack(site, { paths: [...many.slice(2), '/new', '/newer'] })));
    expect(rules(site)).toHaveLength(100);
    expect(rules(site).slice(-2)).toEqual(['99 /new', '100 /newer']);
  });

  it('beyond the limit stop the deployment with the reason', async () => {
    const site = yard();
    const paths = Array.from({ length: 101 }, (_, at) => `/${at}`);
    const result = await site.deploy(webStack(site, { paths }));
    expect(result).toBeInstanceOf(DeployError);
    expect((result as DeployError).message).toBe(
      "Unable to synthesize listener rules, there's too many attached.",
    );
  });
});

describe('a managed security group', () => {
  it('loses the rule that somebody added by hand', async () => {
    const site = await deployed();
    const { groupId } = managed(site);
    const peer = { kind: 'ipv4', cidr: '198.51.100.7/32' } as const;
    const byHand = { protocol: 'tcp', fromPort: 22, toPort: 22, peer };
    must(site.cloud.ec2.authorizeSecurityGroupIngress({ groupId, rules: [byHand] }));
    // What the controller knows of a group is ten minutes old at most.
    await site.clock.runUntil(site.clock.now() + 11 * 60_000);
    await site.deploy(webStack(site));
    expect(managed(site).rules.filter((it) => it.direction === 'ingress')).toHaveLength(1);
  });

  it('that is full loses rules before it gets new ones', async () => {
    const block = (from: number) =>
      Array.from({ length: 60 }, (_, at) => `203.0.113.${from + at}/32`);
    const site = await deployed({ cidrs: block(0) });
    expect(await site.deploy(webStack(site, { cidrs: block(60) }))).toMatchObject({
      requeueAfterMs: 120_000,
    });
    const sources = managed(site).rules.flatMap(({ peer }) =>
      peer.kind === 'ipv4' && peer.cidr !== '0.0.0.0/0' ? [peer.cidr] : [],
    );
    expect(sources.sort()).toEqual(block(60).sort());
  });
});

describe('what AWS refuses', () => {
  it('is tried again while a group still hangs on an interface that is going', async () => {
    const site = await deployed();
    const busy = awsError('DependencyViolation', 'resource has a dependent object');
    site.refusals.set('deleteSecurityGroup', [busy, busy]);
    site.refusals.set('deleteTargetGroup', [awsError('ResourceInUse', 'in use')]);
    const before = site.clock.now();
    expect(await site.deploy(nothing())).toMatchObject({ kind: 'deployed' });
    expect(site.clock.now() - before).toBeGreaterThanOrEqual(6_000);
    expect(managed(site)).toBeUndefined();
  });

  it('stops the deployment where it stands; the next one finishes it', async () => {
    const site = yard();
    site.refusals.set('createListener', [awsError('Throttling', 'Rate exceeded')]);
    const first = await site.deploy(webStack(site));
    expect((first as DeployError).message).toContain('Throttling: Rate exceeded');
    expect(site.store.count('elbv2/load-balancer')).toBe(1);
    // The load balancer is active by then: its capacity is looked at.
    await site.clock.runUntil(site.clock.now() + 10 * 60_000);
    expect(await site.deploy(webStack(site))).toMatchObject({ kind: 'deployed' });
    expect(site.store.count('elbv2/load-balancer')).toBe(1);
    expect(site.store.count('elbv2/listener')).toBe(1);
  });
});
