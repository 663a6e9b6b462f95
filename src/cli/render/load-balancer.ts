/** cli/render/load-balancer — load balancers, what belongs to them, zones and certificates. */
import type { Certificate } from '../../model/acm/certificate.ts';
import type { Listener, ListenerAction, ListenerRule } from '../../model/elbv2/listener.ts';
import type { ClassicLoadBalancer, LoadBalancer } from '../../model/elbv2/load-balancer.ts';
import type { Target, TargetGroup } from '../../model/elbv2/target-group.ts';
import type { HostedZone, RecordSet } from '../../model/route53/hosted-zone.ts';
import { actionText, conditionText, groupName } from './listener-text.ts';
import type { Printer } from './printer.ts';

const RESOURCE_OF_ARN = /:loadbalancer\/|:targetgroup\//;

/** `app/web/50dc6c495c0c9188`: an ARN without what is the same in all of them. */
const shortArn = (arn: string): string => arn.split(RESOURCE_OF_ARN).pop() ?? arn;

const zonesText = ({ zones }: Pick<LoadBalancer, 'zones'>): string =>
  zones.map((zone) => zone.zoneName).join(',');

export const loadBalancerColumns: Printer<LoadBalancer> = (view) => [
  { head: 'NAME', cell: (it) => it.loadBalancerName },
  { head: 'TYPE', cell: (it) => it.type },
  { head: 'SCHEME', cell: (it) => it.scheme },
  { head: 'STATE', cell: (it) => it.state },
  { head: 'ZONES', cell: zonesText },
  {
    head: 'LISTENERS',
    right: true,
    cell: (it) => view.store.lookupKeys('elbv2/listener', 'load-balancer', it.loadBalancerArn).size,
  },
  { head: 'DNS-NAME', cell: (it) => it.dnsName },
  { head: 'SECURITY-GROUPS', wide: true, cell: (it) => it.securityGroups.join(',') || undefined },
  { head: 'ID', wide: true, cell: (it) => shortArn(it.loadBalancerArn) },
];

export const classicLoadBalancerColumns: Printer<ClassicLoadBalancer> = () => [
  { head: 'NAME', cell: (it) => it.loadBalancerName },
  { head: 'SCHEME', cell: (it) => it.scheme },
  { head: 'ZONES', cell: zonesText },
  {
    head: 'LISTENERS',
    cell: (it) =>
      it.listeners
        .map(
          (each) =>
            `${each.protocol}:${each.loadBalancerPort}→${each.instanceProtocol}:${each.instancePort}`,
        )
        .join(','),
  },
  {
    head: 'IN-SERVICE',
    cell: (it) => {
      const inService = it.instances.filter(({ state }) => state === 'InService').length;
      return `${inService}/${it.instances.length}`;
    },
  },
  { head: 'DNS-NAME', cell: (it) => it.dnsName },
];

export const targetGroupColumns: Printer<TargetGroup> = (view) => {
  const targets = (it: TargetGroup): readonly Target[] =>
    view.store.lookup('elbv2/target', 'target-group', it.targetGroupArn);
  return [
    { head: 'NAME', cell: (it) => it.targetGroupName },
    { head: 'TYPE', cell: (it) => it.targetType },
    { head: 'PROTOCOL', cell: (it) => it.protocolVersion ?? it.protocol },
    { head: 'PORT', right: true, cell: (it) => it.port },
    {
      head: 'HEALTHY',
      cell: (it) => {
        const all = targets(it);
        return `${all.filter(({ health }) => health.state === 'healthy').length}/${all.length}`;
      },
    },
    { head: 'HEALTH-CHECK', cell: healthCheckText },
    { head: 'VPC', wide: true, cell: (it) => it.vpcId },
    { head: 'ID', wide: true, cell: (it) => shortArn(it.targetGroupArn) },
  ];
};

/** `HTTP traffic-port / every 15 s`. */
const healthCheckText = ({ healthCheck: it }: TargetGroup): string =>
  [it.protocol, it.port, it.path, `every ${it.intervalSeconds} s`]
    .filter((word) => word !== undefined)
    .join(' ');

const balancerName = (listenerArn: string): string => listenerArn.split('/')[2] ?? listenerArn;

export const listenerColumns: Printer<Listener> = (view) => {
  const last = (actions: readonly ListenerAction[]): string =>
    actions.map((it) => actionText(view.store, it)).join(', ');
  return [
    { head: 'LOAD-BALANCER', cell: (it) => balancerName(it.listenerArn) },
    { head: 'PORT', right: true, cell: (it) => it.port },
    { head: 'PROTOCOL', cell: (it) => it.protocol },
    {
      head: 'RULES',
      right: true,
      cell: (it) => view.store.lookupKeys('elbv2/rule', 'listener', it.listenerArn).size,
    },
    { head: 'CERTIFICATES', right: true, cell: (it) => it.certificateArns.length },
    { head: 'DEFAULT', cell: (it) => last(it.defaultActions) },
    { head: 'SSL-POLICY', wide: true, cell: (it) => it.sslPolicy },
    { head: 'ID', wide: true, cell: (it) => it.listenerArn.split('/').pop() },
  ];
};

export const ruleColumns: Printer<ListenerRule> = (view) => [
  { head: 'LOAD-BALANCER', cell: (it) => balancerName(it.listenerArn) },
  {
    head: 'PORT',
    right: true,
    cell: (it) => view.store.get('elbv2/listener', it.listenerArn)?.port,
  },
  { head: 'PRIORITY', right: true, cell: (it) => it.priority },
  { head: 'CONDITIONS', cell: (it) => it.conditions.map(conditionText).join(' and ') },
  {
    head: 'ACTIONS',
    cell: (it) => it.actions.map((action) => actionText(view.store, action)).join(', '),
  },
  { head: 'ID', wide: true, cell: (it) => it.ruleArn.split('/').pop() },
];

export const targetColumns: Printer<Target> = (view) => [
  { head: 'TARGET-GROUP', cell: (it) => groupName(view.store, it.targetGroupArn) },
  { head: 'ID', cell: (it) => it.id },
  { head: 'PORT', right: true, cell: (it) => it.port },
  { head: 'ZONE', cell: (it) => it.availabilityZone },
  { head: 'HEALTH', cell: (it) => it.health.state },
  { head: 'REASON', cell: (it) => it.health.reason },
  { head: 'DESCRIPTION', wide: true, cell: (it) => it.health.description },
];

export const hostedZoneColumns: Printer<HostedZone> = (view) => [
  { head: 'ID', cell: (it) => it.hostedZoneId },
  { head: 'NAME', cell: (it) => it.name },
  { head: 'PRIVATE', cell: (it) => (it.isPrivate ? 'yes' : 'no') },
  {
    head: 'RECORDS',
    right: true,
    cell: (it) => view.store.lookupKeys('route53/record-set', 'hosted-zone', it.hostedZoneId).size,
  },
  { head: 'VPCS', cell: (it) => it.vpcIds.join(',') || undefined },
  { head: 'NAME-SERVERS', wide: true, cell: (it) => it.nameServers.join(',') || undefined },
];

export const recordSetColumns: Printer<RecordSet> = (view) => [
  { head: 'NAME', cell: (it) => it.name },
  { head: 'TYPE', cell: (it) => it.type },
  { head: 'TTL', right: true, cell: (it) => it.ttlSeconds },
  {
    head: 'VALUE',
    cell: (it) => (it.alias === undefined ? it.values.join(',') : `alias ${it.alias.dnsName}`),
  },
  {
    head: 'ZONE',
    wide: true,
    cell: (it) => view.store.get('route53/hosted-zone', it.hostedZoneId)?.name ?? it.hostedZoneId,
  },
];

export const certificateColumns: Printer<Certificate> = () => [
  { head: 'ID', cell: (it) => it.certificateArn.split('/').pop() },
  { head: 'DOMAIN', cell: (it) => it.domainName },
  { head: 'STATUS', cell: (it) => it.status },
  { head: 'TYPE', cell: (it) => it.type },
  {
    head: 'ALSO',
    cell: (it) => it.subjectAlternativeNames.filter((name) => name !== it.domainName).join(','),
  },
];
