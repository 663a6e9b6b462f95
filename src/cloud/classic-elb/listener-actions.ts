/** cloud/classic-elb/listener-actions — listeners of Classic Load Balancers and their policies. */
import { type AwsError, awsError } from '../../model/aws-error.ts';
import type { ClassicLoadBalancer } from '../../model/elbv2/load-balancer.ts';
import { certificateRefusal } from '../elbv2/listener-settings.ts';
import type { Region } from '../region.ts';
import { changedBalancer } from './named-balancer.ts';
import type { ClassicElbOperations } from './operations.ts';

type ClassicListener = ClassicLoadBalancer['listeners'][number];

type ListenerActions = Pick<
  ClassicElbOperations,
  | 'createLoadBalancerListeners'
  | 'deleteLoadBalancerListeners'
  | 'setProxyProtocol'
  | 'setListenerSslPolicy'
>;

export const listenerActions = (region: Region): ListenerActions => ({
  createLoadBalancerListeners: ({ loadBalancerName, listeners }) =>
    changedBalancer(region, loadBalancerName, (it) => withListeners(region, it, listeners)),
  deleteLoadBalancerListeners: ({ loadBalancerName, loadBalancerPorts }) =>
    changedBalancer(region, loadBalancerName, (it) => ({
      ...it,
      listeners: it.listeners.filter((each) => !loadBalancerPorts.includes(each.loadBalancerPort)),
    })),
  setProxyProtocol: ({ loadBalancerName, instancePort, isEnabled }) =>
    changedBalancer(region, loadBalancerName, (it) => withProxy(it, instancePort, isEnabled)),
  setListenerSslPolicy: ({ loadBalancerName, loadBalancerPort, sslPolicy }) =>
    changedBalancer(region, loadBalancerName, (it) => {
      if (!it.listeners.some((each) => each.loadBalancerPort === loadBalancerPort))
        return awsError(
          'ListenerNotFound',
          `There is no listener for load balancer port ${loadBalancerPort}`,
        );
      const listeners = it.listeners.map((each) =>
        each.loadBalancerPort === loadBalancerPort ? { ...each, sslPolicy } : each,
      );
      return { ...it, listeners };
    }),
});

const isWeb = (protocol: ClassicListener['protocol']): boolean =>
  protocol === 'HTTP' || protocol === 'HTTPS';

/** What AWS says against a listener. */
export function listenerRefusal(region: Region, it: ClassicListener): AwsError | undefined {
  for (const port of [it.loadBalancerPort, it.instancePort])
    if (!Number.isInteger(port) || port < 1 || port > 65_535)
      return awsError('ValidationError', `Port ${port} must be in the range 1-65535`);
  if (isWeb(it.protocol) !== isWeb(it.instanceProtocol))
    return awsError(
      'ValidationError',
      `Instance protocol ${it.instanceProtocol} is not compatible with listener protocol ` +
        `${it.protocol}`,
    );
  const isSecure = it.protocol === 'HTTPS' || it.protocol === 'SSL';
  if (!isSecure) return undefined;
  const arn = it.sslCertificateId;
  if (arn === undefined)
    return awsError('ValidationError', 'Secure Listeners need to specify a SSLCertificateId');
  if (certificateRefusal(region, arn) === undefined) return undefined;
  return awsError('CertificateNotFound', `Server Certificate not found for the key: ${arn}`);
}

function withListeners(
  region: Region,
  balancer: ClassicLoadBalancer,
  added: readonly ClassicListener[],
): ClassicLoadBalancer | AwsError {
  const listeners = [...balancer.listeners];
  for (const listener of added) {
    const refusal = listenerRefusal(region, listener);
    if (refusal !== undefined) return refusal;
    const held = listeners.find((it) => it.loadBalancerPort === listener.loadBalancerPort);
    if (held === undefined) listeners.push(listener);
    else if (!isSame(held, listener))
      return awsError(
        'DuplicateListener',
        `A listener already exists for ${balancer.loadBalancerName} with LoadBalancerPort ` +
          `${listener.loadBalancerPort}, but with a different InstancePort, Protocol, or ` +
          'SSLCertificateId',
      );
  }
  return { ...balancer, listeners };
}

const isSame = (a: ClassicListener, b: ClassicListener): boolean =>
  a.protocol === b.protocol &&
  a.instanceProtocol === b.instanceProtocol &&
  a.instancePort === b.instancePort &&
  a.sslCertificateId === b.sslCertificateId;

function withProxy(
  balancer: ClassicLoadBalancer,
  instancePort: number,
  isEnabled: boolean,
): ClassicLoadBalancer {
  const others = balancer.proxyProtocolPorts.filter((port) => port !== instancePort);
  const isHeld = others.length < balancer.proxyProtocolPorts.length;
  if (isHeld === isEnabled) return balancer;
  return { ...balancer, proxyProtocolPorts: isEnabled ? [...others, instancePort] : others };
}
