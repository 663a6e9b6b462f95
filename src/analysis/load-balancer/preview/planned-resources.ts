/**
 * analysis/load-balancer/preview/planned-resources — the resources of load balancers in a store, in
 * the words of a plan. Health and times are no part of a plan.
 */
import type { SecurityGroup } from '../../../model/ec2/security-group.ts';
import type { Tags } from '../../../model/ec2/tags.ts';
import type { Listener, ListenerRule } from '../../../model/elbv2/listener.ts';
import type { ClassicLoadBalancer, LoadBalancer } from '../../../model/elbv2/load-balancer.ts';
import type { TargetGroup } from '../../../model/elbv2/target-group.ts';
import type { TwinStore } from '../../../model/kinds.ts';
import { actionText, conditionText, ruleText } from '../words.ts';
import type { PlannedResource } from './planned-change.ts';

/** Everything a plan may touch, by kind in the order a person thinks of them. */
export const plannedResources = (store: TwinStore): PlannedResource[] => [
  ...inOrder(store.list('elbv2/load-balancer').map(ofBalancer)),
  ...inOrder(store.list('elbv2/classic-load-balancer').map(ofClassic)),
  ...inOrder(store.list('elbv2/listener').map((it) => ofListener(store, it))),
  ...inOrder(store.list('elbv2/rule').map((it) => ofRule(store, it))),
  ...inOrder(store.list('elbv2/target-group').map((it) => ofTargetGroup(store, it))),
  ...inOrder(store.list('ec2/security-group').map(ofSecurityGroup)),
  ...inOrder(
    store.list('route53/record-set').map((it) => ({
      kind: 'record',
      key: `${it.hostedZoneId} ${it.name} ${it.type} ${it.setIdentifier ?? ''}`,
      name: `${it.type} ${it.name}`,
      role: undefined,
      fields: { values: it.alias === undefined ? it.values : [`alias ${it.alias.dnsName}`] },
    })),
  ),
];

const inOrder = (resources: readonly PlannedResource[]): PlannedResource[] =>
  [...resources].sort((a, b) => a.name.localeCompare(b.name, 'en', { numeric: true }));

/** Whose it is and what for, as controllers mark it. */
function roleOf(tags: Tags): string | undefined {
  const marks = Object.entries(tags).filter(([key]) =>
    /k8s\.aws[.\w]*\/(stack|resource)$/.test(key),
  );
  return marks.length === 0 ? tags['kubernetes.io/service-name'] : marks.sort().join(' ');
}

function ofBalancer(it: LoadBalancer): PlannedResource {
  return {
    kind: 'load balancer',
    key: it.loadBalancerArn,
    name: it.loadBalancerName,
    role: roleOf(it.tags),
    fields: {
      Type: it.type,
      Scheme: it.scheme,
      IpAddressType: it.ipAddressType,
      AvailabilityZones: it.zones.map(({ zoneName, subnetId }) => `${zoneName} ${subnetId}`),
      SecurityGroups: it.securityGroups,
      Attributes: pairs(it.attributes),
    },
  };
}

const pairs = (record: Readonly<Record<string, string>>): string[] =>
  Object.entries(record).map(([key, value]) => `${key}=${value}`);

const ofClassic = (it: ClassicLoadBalancer): PlannedResource => ({
  kind: 'load balancer',
  key: it.loadBalancerName,
  name: it.loadBalancerName,
  role: roleOf(it.tags),
  fields: {
    Type: 'classic',
    Scheme: it.scheme,
    AvailabilityZones: it.zones.map(({ zoneName, subnetId }) => `${zoneName} ${subnetId}`),
    Listeners: it.listeners.map(
      ({ protocol, loadBalancerPort, instancePort }) =>
        `${protocol}:${loadBalancerPort} to ${instancePort}`,
    ),
    Instances: `${it.instances.length}`,
  },
});

const nameOfListener = (
  store: TwinStore,
  { protocol, port, loadBalancerArn }: Listener,
): string => {
  const balancer = store.get('elbv2/load-balancer', loadBalancerArn);
  return `${protocol}:${port} of ${balancer?.loadBalancerName ?? loadBalancerArn}`;
};

const ofListener = (store: TwinStore, it: Listener): PlannedResource => ({
  kind: 'listener',
  key: it.listenerArn,
  name: nameOfListener(store, it),
  role: roleOf(it.tags),
  fields: {
    DefaultActions: it.defaultActions.map((action) => actionText(store, action)),
    Certificates: it.certificateArns,
    ...(it.sslPolicy === undefined ? {} : { SslPolicy: it.sslPolicy }),
  },
});

function ofRule(store: TwinStore, it: ListenerRule): PlannedResource {
  const listener = store.get('elbv2/listener', it.listenerArn);
  const of = listener === undefined ? it.listenerArn : nameOfListener(store, listener);
  return {
    kind: 'rule',
    key: it.ruleArn,
    name: `${it.priority} on ${of}`,
    role: roleOf(it.tags),
    fields: {
      Priority: `${it.priority}`,
      Conditions: it.conditions.map(conditionText),
      Actions: it.actions.map((action) => actionText(store, action)),
    },
  };
}

function ofTargetGroup(store: TwinStore, it: TargetGroup): PlannedResource {
  const { healthCheck: check } = it;
  const targets = store.lookup('elbv2/target', 'target-group', it.targetGroupArn);
  return {
    kind: 'target group',
    key: it.targetGroupArn,
    name: it.targetGroupName,
    role: roleOf(it.tags),
    fields: {
      TargetType: it.targetType,
      'Protocol, Port': `${it.protocol}, ${it.port}`,
      HealthCheck: [check.protocol, check.port, check.path ?? '', check.matcher ?? '']
        .join(' ')
        .trim(),
      Targets: targets.map(({ id, port }) => `${id}:${port}`).sort(),
      Attributes: pairs(it.attributes),
    },
  };
}

const ofSecurityGroup = (it: SecurityGroup): PlannedResource => ({
  kind: 'security group',
  key: it.groupId,
  name: `${it.groupId} (${it.groupName})`,
  role: roleOf(it.tags),
  fields: {
    inbound: it.rules.filter(({ direction }) => direction === 'ingress').map(ruleText),
  },
});
