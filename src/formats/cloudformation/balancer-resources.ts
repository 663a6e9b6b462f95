/**
 * formats/cloudformation/balancer-resources — load balancers, target groups, listeners and rules.
 * Gateway Load Balancers and functions as targets are declared, not simulated, and so is what
 * forwards to them.
 */
import type { Listener } from '../../model/elbv2/listener.ts';
import { type ListenerAction, targetGroupsOf } from '../../model/elbv2/listener.ts';
import type { LoadBalancer, LoadBalancerType, Scheme } from '../../model/elbv2/load-balancer.ts';
import type {
  HealthCheck,
  TargetGroupProtocol,
  TargetType,
} from '../../model/elbv2/target-group.ts';
import { AwsReader, present } from '../aws/aws-json.ts';
import { actionsFromAws } from '../aws/listener-action.ts';
import { conditionFromAws, transformFromAws } from '../aws/rule-condition.ts';
import { asApiShape } from './api-shape.ts';
import type { Properties } from './properties.ts';
import type { Made, MakeContext, ResourceType } from './resource-type.ts';

/** A resource's own reader, as if the API had printed its properties. */
const apiReader = (properties: Properties, { template, path }: MakeContext): AwsReader =>
  new AwsReader(
    asApiShape(properties.values) as Readonly<Record<string, unknown>>,
    template.where(path),
  );

function declared({ notes, template, path, logicalId }: MakeContext, what: string): Made {
  notes.push({ where: template.where(path), text: `${what} is declared, not simulated` });
  return { ref: logicalId };
}

const attributesOf = (properties: Properties, member: string): Record<string, string> =>
  Object.fromEntries(
    properties.objects(member).map((it) => [it.text('Key'), it.optionalText('Value') ?? '']),
  );

/** CloudFormation's own names, where a template gives none: 32 characters at most. */
const nameFor = (properties: Properties, { logicalId, store }: MakeContext): string =>
  properties.optionalText('Name') ??
  `${logicalId.slice(0, 20).replace(/[^A-Za-z0-9-]/g, '')}-${store.revision.toString(36)}`;

const loadBalancer: ResourceType = {
  properties: [
    'EnableCapacityReservationProvisionStabilize',
    'EnablePrefixForIpv6SourceNat',
    'EnforceSecurityGroupInboundRulesOnPrivateLinkTraffic',
    'IpAddressType',
    'Ipv4IpamPoolId',
    'LoadBalancerAttributes',
    'MinimumLoadBalancerCapacity',
    'Name',
    'Scheme',
    'SecurityGroups',
    'SubnetMappings',
    'Subnets',
    'Tags',
    'Type',
  ],
  make(properties, context) {
    const { cloud, must } = context;
    const type = properties.optionalText('Type') ?? 'application';
    if (type === 'gateway') return declared(context, 'a Gateway Load Balancer');
    const mappings = properties.objects('SubnetMappings').map((it) => ({
      subnetId: it.text('SubnetId'),
      allocationId: it.optionalText('AllocationId'),
      privateIpv4Address: it.optionalText('PrivateIPv4Address'),
      ipv6Address: it.optionalText('IPv6Address'),
    }));
    const made = must(
      cloud.elbv2.createLoadBalancer({
        name: nameFor(properties, context),
        type: type as LoadBalancerType,
        scheme: properties.optionalText('Scheme') as Scheme | undefined,
        ipAddressType: properties.optionalText('IpAddressType') as LoadBalancer['ipAddressType'],
        subnetMappings: [
          ...mappings,
          ...properties.texts('Subnets').map((subnetId) => ({ subnetId })),
        ],
        securityGroups: properties.texts('SecurityGroups'),
        ipv4IpamPoolId: properties.optionalText('Ipv4IpamPoolId'),
        tags: properties.tags(),
      }),
    );
    const { loadBalancerArn } = made;
    const attributes = attributesOf(properties, 'LoadBalancerAttributes');
    must(cloud.elbv2.modifyLoadBalancerAttributes({ loadBalancerArn, attributes }));
    return {
      ref: loadBalancerArn,
      attributes: {
        LoadBalancerArn: () => loadBalancerArn,
        LoadBalancerName: () => made.loadBalancerName,
        LoadBalancerFullName: () => loadBalancerArn.split(':loadbalancer/')[1],
        DNSName: () => made.dnsName,
        CanonicalHostedZoneID: () => made.canonicalHostedZoneId,
        SecurityGroups: () => made.securityGroups,
      },
    };
  },
};

const targetGroup: ResourceType = {
  properties: [
    'HealthCheckEnabled',
    'HealthCheckIntervalSeconds',
    'HealthCheckPath',
    'HealthCheckPort',
    'HealthCheckProtocol',
    'HealthCheckTimeoutSeconds',
    'HealthyThresholdCount',
    'IpAddressType',
    'Matcher',
    'Name',
    'Port',
    'Protocol',
    'ProtocolVersion',
    'Tags',
    'TargetControlPort',
    'TargetGroupAttributes',
    'TargetType',
    'Targets',
    'UnhealthyThresholdCount',
    'VpcId',
  ],
  make(properties, context) {
    const { cloud, must } = context;
    const targetType = properties.optionalText('TargetType');
    if (targetType === 'lambda') return declared(context, 'a function as target');
    if (properties.optionalText('Protocol') === 'GENEVE')
      return declared(context, 'a group of a Gateway Load Balancer');
    const { targetGroupArn, targetGroupName } = must(
      cloud.elbv2.createTargetGroup({
        name: nameFor(properties, context),
        targetType: targetType as TargetType | undefined,
        protocol: properties.text('Protocol') as TargetGroupProtocol,
        protocolVersion: properties.optionalText('ProtocolVersion') as 'HTTP1' | undefined,
        port: properties.number('Port') ?? 0,
        vpcId: properties.text('VpcId'),
        ipAddressType: properties.optionalText('IpAddressType') as 'ipv4' | 'ipv6' | undefined,
        healthCheck: healthCheckOf(properties),
        tags: properties.tags(),
      }),
    );
    const attributes = attributesOf(properties, 'TargetGroupAttributes');
    must(cloud.elbv2.modifyTargetGroupAttributes({ targetGroupArn, attributes }));
    const targets = properties.objects('Targets').map((it) => ({
      id: it.text('Id'),
      port: it.number('Port'),
      availabilityZone: it.optionalText('AvailabilityZone'),
    }));
    must(cloud.elbv2.registerTargets({ targetGroupArn, targets }));
    return {
      ref: targetGroupArn,
      attributes: {
        TargetGroupArn: () => targetGroupArn,
        TargetGroupName: () => targetGroupName,
        TargetGroupFullName: () => `targetgroup/${targetGroupArn.split(':targetgroup/')[1]}`,
      },
    };
  },
};

function healthCheckOf(properties: Properties): Partial<HealthCheck> {
  const matcher = properties.object('Matcher');
  return present({
    enabled: properties.flag('HealthCheckEnabled'),
    protocol: properties.optionalText('HealthCheckProtocol'),
    port: properties.optionalText('HealthCheckPort'),
    path: properties.optionalText('HealthCheckPath'),
    matcher: matcher?.optionalText('HttpCode') ?? matcher?.optionalText('GrpcCode'),
    intervalSeconds: properties.number('HealthCheckIntervalSeconds'),
    timeoutSeconds: properties.number('HealthCheckTimeoutSeconds'),
    healthyThresholdCount: properties.number('HealthyThresholdCount'),
    unhealthyThresholdCount: properties.number('UnhealthyThresholdCount'),
  });
}

/** True where an action forwards to what is only declared. */
const forwardsToDeclared = ({ template }: MakeContext, actions: readonly ListenerAction[]) =>
  targetGroupsOf(actions).some((arn) => template.resources.has(arn));

const listener: ResourceType = {
  properties: [
    'AlpnPolicy',
    'Certificates',
    'DefaultActions',
    'ListenerAttributes',
    'LoadBalancerArn',
    'MutualAuthentication',
    'Port',
    'Protocol',
    'SslPolicy',
  ],
  make(properties, context) {
    const { cloud, must, template } = context;
    const loadBalancerArn = properties.text('LoadBalancerArn');
    const reader = apiReader(properties, context);
    const defaultActions = actionsFromAws(reader.list('DefaultActions'));
    if (template.resources.has(loadBalancerArn) || forwardsToDeclared(context, defaultActions))
      return declared(context, 'a listener of what is not simulated');
    const [certificateArn] = reader.list('Certificates').map((it) => it.text('CertificateArn'));
    const { listenerArn } = must(
      cloud.elbv2.createListener({
        loadBalancerArn,
        port: properties.number('Port') ?? 0,
        protocol: (properties.optionalText('Protocol') ?? 'HTTP') as Listener['protocol'],
        certificateArn,
        sslPolicy: properties.optionalText('SslPolicy'),
        alpnPolicy: properties.has('AlpnPolicy') ? properties.texts('AlpnPolicy') : undefined,
        defaultActions,
      }),
    );
    const attributes = attributesOf(properties, 'ListenerAttributes');
    must(cloud.elbv2.modifyListenerAttributes({ listenerArn, attributes }));
    return { ref: listenerArn, attributes: { ListenerArn: () => listenerArn } };
  },
};

const listenerRule: ResourceType = {
  properties: ['Actions', 'Conditions', 'ListenerArn', 'Priority', 'Transforms'],
  make(properties, context) {
    const { cloud, must, template } = context;
    const listenerArn = properties.text('ListenerArn');
    const reader = apiReader(properties, context);
    const actions = actionsFromAws(reader.list('Actions'));
    if (template.resources.has(listenerArn) || forwardsToDeclared(context, actions))
      return declared(context, 'a rule of what is not simulated');
    const { ruleArn } = must(
      cloud.elbv2.createRule({
        listenerArn,
        priority: properties.number('Priority') ?? 0,
        conditions: reader.list('Conditions').map(conditionFromAws),
        actions,
        transforms: properties.has('Transforms')
          ? reader.list('Transforms').map(transformFromAws)
          : undefined,
      }),
    );
    return { ref: ruleArn, attributes: { RuleArn: () => ruleArn, IsDefault: () => false } };
  },
};

const listenerCertificate: ResourceType = {
  properties: ['Certificates', 'ListenerArn'],
  make(properties, { cloud, must, logicalId }) {
    const certificateArns = properties
      .objects('Certificates')
      .map((it) => it.text('CertificateArn'));
    const listenerArn = properties.text('ListenerArn');
    must(cloud.elbv2.addListenerCertificates({ listenerArn, certificateArns }));
    return { ref: logicalId };
  },
};

export const BALANCER_TYPES: Readonly<Record<string, ResourceType>> = {
  'AWS::ElasticLoadBalancingV2::LoadBalancer': loadBalancer,
  'AWS::ElasticLoadBalancingV2::TargetGroup': targetGroup,
  'AWS::ElasticLoadBalancingV2::Listener': listener,
  'AWS::ElasticLoadBalancingV2::ListenerRule': listenerRule,
  'AWS::ElasticLoadBalancingV2::ListenerCertificate': listenerCertificate,
};
