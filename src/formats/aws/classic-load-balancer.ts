/**
 * formats/aws/classic-load-balancer — `aws elb describe-load-balancers`. Attributes and the health of
 * instances are in documents of their own, which are not read: instances are taken as in service.
 */
import { CLASSIC_ATTRIBUTES } from '../../cloud/classic-elb/classic-attributes.data.ts';
import type { ClassicLoadBalancer } from '../../model/elbv2/load-balancer.ts';
import { type AwsJson, type AwsReader, eksTime, type NounFormat, present } from './aws-json.ts';
import { UNKNOWN_INTERFACE } from './load-balancer.ts';

type ClassicListener = ClassicLoadBalancer['listeners'][number];

const PROXY_POLICY = 'ProxyProtocol-policy';

const listenerToAws = (it: ClassicListener): AwsJson => ({
  Listener: present({
    Protocol: it.protocol,
    LoadBalancerPort: it.loadBalancerPort,
    InstanceProtocol: it.instanceProtocol,
    InstancePort: it.instancePort,
    SSLCertificateId: it.sslCertificateId,
  }),
  PolicyNames: it.sslPolicy === undefined ? [] : [it.sslPolicy],
});

function listenerFromAws(read: AwsReader): ClassicListener {
  const it = read.object('Listener') ?? read;
  return present({
    protocol: it.text('Protocol'),
    loadBalancerPort: it.number('LoadBalancerPort'),
    instanceProtocol: it.optionalText('InstanceProtocol') ?? it.text('Protocol'),
    instancePort: it.number('InstancePort'),
    sslCertificateId: it.optionalText('SSLCertificateId'),
    sslPolicy: read.texts('PolicyNames')[0],
  }) as unknown as ClassicListener;
}

const healthToAws = (it: ClassicLoadBalancer['healthCheck']): AwsJson => ({
  Target: it.target,
  Interval: it.intervalSeconds,
  Timeout: it.timeoutSeconds,
  UnhealthyThreshold: it.unhealthyThreshold,
  HealthyThreshold: it.healthyThreshold,
});

function healthFromAws(read: AwsReader | undefined): ClassicLoadBalancer['healthCheck'] {
  return {
    target: read?.optionalText('Target') ?? 'TCP:80',
    intervalSeconds: read?.number('Interval', 30) ?? 30,
    timeoutSeconds: read?.number('Timeout', 5) ?? 5,
    unhealthyThreshold: read?.number('UnhealthyThreshold', 2) ?? 2,
    healthyThreshold: read?.number('HealthyThreshold', 10) ?? 10,
  };
}

export const classicLoadBalancer: NounFormat<'elbv2/classic-load-balancer'> = {
  kind: 'elbv2/classic-load-balancer',
  member: 'LoadBalancerDescriptions',
  file: 'describe-classic-load-balancers.json',
  toAws: (it) => ({
    LoadBalancerName: it.loadBalancerName,
    DNSName: it.dnsName,
    CanonicalHostedZoneName: it.dnsName,
    CanonicalHostedZoneNameID: it.canonicalHostedZoneId,
    ListenerDescriptions: it.listeners.map(listenerToAws),
    BackendServerDescriptions: it.proxyProtocolPorts.map((InstancePort) => ({
      InstancePort,
      PolicyNames: [PROXY_POLICY],
    })),
    AvailabilityZones: it.zones.map((zone) => zone.zoneName),
    Subnets: it.zones.map((zone) => zone.subnetId),
    VPCId: it.vpcId,
    Instances: it.instances.map(({ instanceId }) => ({ InstanceId: instanceId })),
    HealthCheck: healthToAws(it.healthCheck),
    SecurityGroups: it.securityGroups,
    CreatedTime: eksTime(it.createdAtMs),
    Scheme: it.scheme,
  }),
  fromAws: (read): ClassicLoadBalancer => {
    const zoneNames = read.texts('AvailabilityZones');
    return {
      loadBalancerName: read.text('LoadBalancerName'),
      scheme: read.optionalText('Scheme') === 'internal' ? 'internal' : 'internet-facing',
      vpcId: read.id('VPCId'),
      dnsName: read.text('DNSName'),
      canonicalHostedZoneId: read.optionalText('CanonicalHostedZoneNameID') ?? '',
      // Subnets and zones are listed apart; which is in which is the subnets' to say.
      zones: read.texts('Subnets').map((subnetId, i) => ({
        zoneName: zoneNames[i] ?? '',
        subnetId: subnetId as ClassicLoadBalancer['zones'][number]['subnetId'],
        networkInterfaceId: UNKNOWN_INTERFACE,
      })),
      securityGroups: read.texts(
        'SecurityGroups',
      ) as unknown as ClassicLoadBalancer['securityGroups'],
      listeners: read.list('ListenerDescriptions').map(listenerFromAws),
      healthCheck: healthFromAws(read.object('HealthCheck')),
      instances: read
        .list('Instances')
        .map((it) => ({ instanceId: it.text('InstanceId'), state: 'InService' as const })),
      crossZone: false,
      attributes: CLASSIC_ATTRIBUTES,
      proxyProtocolPorts: read
        .list('BackendServerDescriptions')
        .filter((it) => it.texts('PolicyNames').some((name) => /proxy/i.test(name)))
        .map((it) => it.number('InstancePort')),
      createdAtMs: read.time('CreatedTime'),
      tags: {},
    };
  },
};
