/**
 * test/random-twin/balancing — load balancers of every sort in front of a random cluster, names in
 * Route 53 for them, and what is asked of them. False where the cluster has no subnets for any.
 */

import { Balancing, forwardTo, made } from '../../src/analysis/trace/balanced.fixture.ts';
import type { TraceQuestion } from '../../src/analysis/trace/question.ts';
import type { ListenerAction, RuleCondition } from '../../src/model/elbv2/listener.ts';
import type { LoadBalancer } from '../../src/model/elbv2/load-balancer.ts';
import type { TargetGroup, TargetHealth } from '../../src/model/elbv2/target-group.ts';
import type { TwinStore } from '../../src/model/kinds.ts';
import { PROTOCOL_ICMP, PROTOCOL_TCP } from '../../src/net/index.ts';
import type { Random } from '../../src/sim/random.ts';
import type { Twin } from '../../src/twin/twin.ts';
import { pick, sometimes } from './draw.ts';

const HEALTH: readonly TargetHealth[] = [
  { state: 'healthy' },
  { state: 'healthy' },
  { state: 'healthy' },
  { state: 'unhealthy', reason: 'Target.Timeout', description: 'Request timed out' },
  { state: 'initial', reason: 'Elb.InitialHealthChecking' },
  { state: 'draining', reason: 'Target.DeregistrationInProgress' },
];

const NODE_PORT = 30_180;

/** Makes an ALB, an NLB, a Classic one, and a zone of names. */
export function balance(twin: Twin, random: Random): boolean {
  const { store } = twin;
  if (store.count('eks/cluster') === 0) return false;
  const roles = (role: string): number =>
    store.list('ec2/subnet').filter(({ tags }) => tags[`kubernetes.io/role/${role}`] !== undefined)
      .length;
  const scheme = roles('elb') > 1 ? 'internet-facing' : 'internal';
  if (roles(scheme === 'internal' ? 'internal-elb' : 'elb') < 2) return false;
  const it = new Balancing(twin);
  const pods = it.targets({ name: 'pods', port: 8080 });
  const nodes = it.targets({ name: 'nodes', targetType: 'instance', port: NODE_PORT });
  const empty = it.targets({ name: 'empty' });
  for (const pod of it.podsOf('web'))
    if (pod.status?.podIP?.includes('.') === true) it.register(pods, pod.status.podIP, 8080);
  const stream = it.targets({ name: 'stream', targetType: 'instance', protocol: 'TCP' });
  if (store.count('ec2/instance') > 0) {
    it.registerNodes(nodes, NODE_PORT);
    it.registerNodes(stream, NODE_PORT);
  }
  application(it, it.balancer({ scheme }), [pods, nodes, empty], random);
  const nlb = it.balancer({
    name: 'passing',
    type: 'network',
    scheme,
    securityGroups: sometimes(random, 0.5) ? [it.open] : undefined,
  });
  it.listener(nlb, 80, 'TCP', forwardTo(stream));
  const hidden = it.targets({ name: 'hidden', protocol: 'TCP', port: 8080 });
  for (const pod of it.podsOf('web'))
    if (pod.status?.podIP?.includes('.') === true) it.register(hidden, pod.status.podIP, 8080);
  it.listener(nlb, 8080, 'TCP', forwardTo(hidden));
  if (sometimes(random, 0.7)) it.letIn(it.open);
  for (const { key, value } of [...store.entries('elbv2/load-balancer')])
    store.put('elbv2/load-balancer', key, { ...value, state: 'active' });
  for (const { key, value } of [...store.entries('elbv2/target')])
    store.put('elbv2/target', key, { ...value, health: pick(random, HEALTH) });
  return true;
}

function application(
  it: Balancing,
  alb: LoadBalancer,
  groups: readonly TargetGroup[],
  random: Random,
): void {
  const { elbv2, route53 } = it.twin.cloud;
  const forward = (): ListenerAction =>
    sometimes(random, 0.3)
      ? {
          type: 'forward',
          targetGroups: groups.map(({ targetGroupArn }, at) => ({
            targetGroupArn,
            weight: at + 1,
          })),
        }
      : forwardTo(pick(random, groups));
  const listenerArn = it.listener(alb, 80, 'HTTP', {
    type: 'fixed-response',
    fixedResponse: { statusCode: '404' },
  });
  const condition = (): RuleCondition =>
    pick<RuleCondition>(random, [
      { field: 'host-header', values: [pick(random, ['*.example.org', 'shop.example.org'])] },
      { field: 'path-pattern', values: [pick(random, ['/a', '/a/*', '/*'])] },
      { field: 'http-request-method', values: ['POST'] },
      { field: 'source-ip', values: ['10.20.0.0/16', '198.51.100.0/24'] },
    ]);
  for (let priority = 1; priority < 6; priority++) {
    const conditions = [condition()];
    const action: ListenerAction = sometimes(random, 0.2)
      ? { type: 'redirect', redirect: { protocol: 'HTTPS', port: '443', statusCode: 'HTTP_301' } }
      : forward();
    made(elbv2.createRule({ listenerArn, priority, conditions, actions: [action] }));
  }
  const { hostedZoneId } = made(route53.createHostedZone({ name: 'example.org' }));
  const alias = {
    hostedZoneId: alb.canonicalHostedZoneId,
    dnsName: alb.dnsName,
    evaluateTargetHealth: false,
  };
  const names = ['shop.example.org', '*.example.org'];
  made(
    route53.changeResourceRecordSets({
      hostedZoneId,
      changes: names.map((name) => ({
        action: 'CREATE',
        recordSet: { name, type: 'A', values: [], alias },
      })),
    }),
  );
}

/** Questions that go to the load balancers, by every name they have. */
export function balancedQuestions(
  store: TwinStore,
  random: Random,
  count: number,
): TraceQuestion[] {
  const pods = store
    .list('Pod')
    .filter(({ metadata, status }) => metadata.namespace !== 'kube-system' && status?.podIP);
  const senders = [
    'internet',
    ...pods.map(({ metadata }) => `pod/${metadata.namespace}/${metadata.name}`),
    ...store.list('Node').map(({ metadata }) => `node/${metadata.name}`),
  ];
  const names = store.list('elbv2/load-balancer').map(({ dnsName }) => dnsName);
  const targets = (): string =>
    pick(random, [
      `http://${pick(random, ['shop', 'www', 'a.b'])}.example.org/${pick(random, ['', 'a', 'a/b'])}`,
      `http://${pick(random, names)}/a`,
      `${pick(random, names)}:${pick(random, [80, 8080, 81])}`,
      'http://example.org/',
    ]);
  return Array.from({ length: count }, () => ({
    from: sometimes(random, 0.5) ? 'internet' : pick(random, senders),
    to: targets(),
    protocol: sometimes(random, 0.05) ? PROTOCOL_ICMP : PROTOCOL_TCP,
    withReturn: sometimes(random, 0.95),
    namespace: 'town',
    request: sometimes(random, 0.2) ? { method: 'POST' } : undefined,
  }));
}
