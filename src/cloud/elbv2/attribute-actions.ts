/**
 * cloud/elbv2/attribute-actions — attributes of load balancers, target groups and listeners, and
 * a load balancer's reserved capacity and pools.
 */
import { type AwsError, isAwsError } from '../../model/aws-error.ts';
import type { Region } from '../region.ts';
import { valueRefusal } from './attribute-values.ts';
import {
  DONE,
  invalidConfiguration,
  noListener,
  noLoadBalancer,
  noTargetGroup,
  validationError,
} from './elb-error.ts';
import type { Elbv2Operations } from './operations.ts';

type AttributeActions = Pick<
  Elbv2Operations,
  | 'modifyLoadBalancerAttributes'
  | 'describeLoadBalancerAttributes'
  | 'modifyTargetGroupAttributes'
  | 'describeTargetGroupAttributes'
  | 'modifyListenerAttributes'
  | 'describeListenerAttributes'
  | 'modifyIpPools'
  | 'modifyCapacityReservation'
  | 'describeCapacityReservation'
>;

type Attributes = Readonly<Record<string, string>>;

/** The attributes after a change, or what is wrong with it. */
function changed(noun: string, before: Attributes, asked: Attributes): Attributes | AwsError {
  for (const [key, value] of Object.entries(asked)) {
    if (!Object.hasOwn(before, key))
      return validationError(`${noun} attribute key '${key}' is not recognized`);
    const refusal = valueRefusal(noun, key, value);
    if (refusal !== undefined) return refusal;
  }
  return { ...before, ...asked };
}

export const attributeActions = (region: Region): AttributeActions => ({
  ...loadBalancerAttributes(region),
  ...targetGroupAttributes(region),
  ...listenerAttributes(region),
  ...reservations(region),
});

const loadBalancerAttributes = ({ store }: Region) =>
  ({
    modifyLoadBalancerAttributes({ loadBalancerArn, attributes: asked }) {
      const balancer = store.get('elbv2/load-balancer', loadBalancerArn);
      if (balancer === undefined) return noLoadBalancer(loadBalancerArn);
      const attributes = changed('Load balancer', balancer.attributes, asked);
      if (isAwsError(attributes)) return attributes;
      if (
        balancer.type === 'application' &&
        attributes['load_balancing.cross_zone.enabled'] === 'false'
      )
        return invalidConfiguration(
          'Cross-zone load balancing cannot be turned off for Application Load Balancers',
        );
      if (
        attributes['access_logs.s3.enabled'] === 'true' &&
        attributes['access_logs.s3.bucket'] === ''
      )
        return invalidConfiguration('Access log bucket name must be specified');
      store.put('elbv2/load-balancer', loadBalancerArn, { ...balancer, attributes });
      return attributes;
    },
    describeLoadBalancerAttributes({ loadBalancerArn }) {
      const balancer = store.get('elbv2/load-balancer', loadBalancerArn);
      return balancer?.attributes ?? noLoadBalancer(loadBalancerArn);
    },
  }) satisfies Partial<AttributeActions>;

const targetGroupAttributes = ({ store }: Region) =>
  ({
    modifyTargetGroupAttributes({ targetGroupArn, attributes: asked }) {
      const group = store.get('elbv2/target-group', targetGroupArn);
      if (group === undefined) return noTargetGroup(targetGroupArn);
      const attributes = changed('Target group', group.attributes, asked);
      if (isAwsError(attributes)) return attributes;
      const preserves = attributes['preserve_client_ip.enabled'] === 'true';
      const hasUdp = ['UDP', 'TCP_UDP', 'QUIC', 'TCP_QUIC'].includes(group.protocol);
      if (hasUdp && attributes['preserve_client_ip.enabled'] === 'false')
        return invalidConfiguration(
          `Client IP preservation cannot be disabled for target groups with the protocol '${group.protocol}'`,
        );
      if (preserves && group.targetType === 'alb' && asked['proxy_protocol_v2.enabled'] === 'true')
        return invalidConfiguration("Proxy protocol is not supported for target type 'alb'");
      store.put('elbv2/target-group', targetGroupArn, { ...group, attributes });
      return attributes;
    },
    describeTargetGroupAttributes({ targetGroupArn }) {
      const group = store.get('elbv2/target-group', targetGroupArn);
      return group?.attributes ?? noTargetGroup(targetGroupArn);
    },
  }) satisfies Partial<AttributeActions>;

const listenerAttributes = ({ store }: Region) =>
  ({
    modifyListenerAttributes({ listenerArn, attributes: asked }) {
      const listener = store.get('elbv2/listener', listenerArn);
      if (listener === undefined) return noListener(listenerArn);
      const attributes = changed('Listener', listener.attributes, asked);
      if (isAwsError(attributes)) return attributes;
      store.put('elbv2/listener', listenerArn, { ...listener, attributes });
      return attributes;
    },
    describeListenerAttributes({ listenerArn }) {
      const listener = store.get('elbv2/listener', listenerArn);
      return listener?.attributes ?? noListener(listenerArn);
    },
  }) satisfies Partial<AttributeActions>;

const reservations = ({ store }: Region) =>
  ({
    modifyIpPools({ loadBalancerArn, ipv4IpamPoolId }) {
      const balancer = store.get('elbv2/load-balancer', loadBalancerArn);
      if (balancer === undefined) return noLoadBalancer(loadBalancerArn);
      store.put('elbv2/load-balancer', loadBalancerArn, { ...balancer, ipv4IpamPoolId });
      return DONE;
    },
    modifyCapacityReservation({ loadBalancerArn, minimumCapacityUnits }) {
      const balancer = store.get('elbv2/load-balancer', loadBalancerArn);
      if (balancer === undefined) return noLoadBalancer(loadBalancerArn);
      store.put('elbv2/load-balancer', loadBalancerArn, { ...balancer, minimumCapacityUnits });
      return DONE;
    },
    describeCapacityReservation({ loadBalancerArn }) {
      const balancer = store.get('elbv2/load-balancer', loadBalancerArn);
      if (balancer === undefined) return noLoadBalancer(loadBalancerArn);
      return { minimumCapacityUnits: balancer.minimumCapacityUnits };
    },
  }) satisfies Partial<AttributeActions>;
