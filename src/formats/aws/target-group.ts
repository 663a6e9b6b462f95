/** formats/aws/target-group — `aws elbv2 describe-target-groups` and `describe-target-health`. */
import { loadBalancersTo } from '../../cloud/elbv2/forwards.ts';
import { attributesOfNew } from '../../cloud/elbv2/target-group-defaults.ts';
import type {
  HealthCheck,
  Target,
  TargetGroup,
  TargetGroupProtocol,
  TargetHealth,
  TargetType,
} from '../../model/elbv2/target-group.ts';
import { type AwsJson, type AwsReader, type NounFormat, present } from './aws-json.ts';

const matcherToAws = ({ protocolVersion, healthCheck }: TargetGroup): AwsJson | undefined => {
  if (healthCheck.matcher === undefined) return undefined;
  return protocolVersion === 'GRPC'
    ? { GrpcCode: healthCheck.matcher }
    : { HttpCode: healthCheck.matcher };
};

function checkFromAws(read: AwsReader): HealthCheck {
  const matcher = read.object('Matcher');
  return present({
    enabled: read.flag('HealthCheckEnabled', true),
    protocol: read.optionalText('HealthCheckProtocol') ?? 'TCP',
    port: read.optionalText('HealthCheckPort') ?? 'traffic-port',
    path: read.optionalText('HealthCheckPath'),
    matcher: matcher?.optionalText('HttpCode') ?? matcher?.optionalText('GrpcCode'),
    intervalSeconds: read.number('HealthCheckIntervalSeconds', 30),
    timeoutSeconds: read.number('HealthCheckTimeoutSeconds', 5),
    healthyThresholdCount: read.number('HealthyThresholdCount', 5),
    unhealthyThresholdCount: read.number('UnhealthyThresholdCount', 2),
  }) as unknown as HealthCheck;
}

export const targetGroup: NounFormat<'elbv2/target-group'> = {
  kind: 'elbv2/target-group',
  member: 'TargetGroups',
  items: 'TargetGroupArn',
  file: 'describe-target-groups.json',
  toAws: (it, store) =>
    present({
      TargetGroupArn: it.targetGroupArn,
      TargetGroupName: it.targetGroupName,
      Protocol: it.protocol,
      Port: it.port,
      VpcId: it.vpcId,
      HealthCheckProtocol: it.healthCheck.protocol,
      HealthCheckPort: it.healthCheck.port,
      HealthCheckEnabled: it.healthCheck.enabled,
      HealthCheckIntervalSeconds: it.healthCheck.intervalSeconds,
      HealthCheckTimeoutSeconds: it.healthCheck.timeoutSeconds,
      HealthyThresholdCount: it.healthCheck.healthyThresholdCount,
      UnhealthyThresholdCount: it.healthCheck.unhealthyThresholdCount,
      HealthCheckPath: it.healthCheck.path,
      Matcher: matcherToAws(it),
      LoadBalancerArns: [...loadBalancersTo(store, it.targetGroupArn)].sort(),
      TargetType: it.targetType,
      ProtocolVersion: it.protocolVersion,
      IpAddressType: it.ipAddressType,
      TargetControlPort: it.targetControlPort,
    }),
  fromAws: (read): TargetGroup => {
    const protocol = read.text('Protocol') as TargetGroupProtocol;
    const targetType = (read.optionalText('TargetType') ?? 'instance') as TargetType;
    return {
      targetGroupArn: read.text('TargetGroupArn'),
      targetGroupName: read.text('TargetGroupName'),
      targetType,
      protocol,
      protocolVersion: read.optionalText('ProtocolVersion') as TargetGroup['protocolVersion'],
      port: read.number('Port'),
      vpcId: read.id('VpcId'),
      ipAddressType: read.optionalText('IpAddressType') === 'ipv6' ? 'ipv6' : 'ipv4',
      healthCheck: checkFromAws(read),
      targetControlPort: read.has('TargetControlPort')
        ? read.number('TargetControlPort')
        : undefined,
      attributes: attributesOfNew({ protocol, targetType }),
      createdAtMs: 0,
      tags: {},
    };
  },
  /** Of functions and Gateway Load Balancers there are groups too; none of them is ours. */
  isNoun: (read) =>
    read.optionalText('TargetType') !== 'lambda' && read.optionalText('Protocol') !== 'GENEVE',
};

const healthToAws = (it: TargetHealth): AwsJson =>
  present({ State: it.state, Reason: it.reason, Description: it.description });

/**
 * AWS tells of one group at a time and does not say which: documents of ours have its ARN beside
 * the list.
 */
export const target: NounFormat<'elbv2/target'> = {
  kind: 'elbv2/target',
  member: 'TargetHealthDescriptions',
  file: 'describe-target-health.json',
  of: { member: 'TargetGroupArn', pattern: /[0-9a-f]{16}/, kind: 'elbv2/target-group' },
  toAws: (it, store) => {
    const group = store.get('elbv2/target-group', it.targetGroupArn);
    const port = group?.healthCheck.port ?? 'traffic-port';
    return {
      TargetGroupArn: it.targetGroupArn,
      Target: present({ Id: it.id, Port: it.port, AvailabilityZone: it.availabilityZone }),
      HealthCheckPort: port === 'traffic-port' ? String(it.port) : port,
      TargetHealth: healthToAws(it.health),
    };
  },
  fromAws: (read): Target => {
    const described = read.object('Target')!;
    const health = read.object('TargetHealth');
    return {
      targetGroupArn: read.text('TargetGroupArn'),
      id: described.text('Id'),
      port: described.number('Port'),
      availabilityZone: described.optionalText('AvailabilityZone'),
      health: present({
        state: health?.optionalText('State') ?? 'initial',
        reason: health?.optionalText('Reason'),
        description: health?.optionalText('Description'),
      }) as unknown as TargetHealth,
      registeredAtMs: 0,
    };
  },
};
