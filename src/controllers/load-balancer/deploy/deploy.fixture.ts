/** load-balancer/deploy/deploy.fixture — a small account to deploy stacks into, call by call. */
import { must, type Network, network } from '../../../cloud/cloud.fixture.ts';
import type { Ec2 } from '../../../cloud/ec2/operations.ts';
import type { Elbv2 } from '../../../cloud/elbv2/operations.ts';
import { createKubernetes } from '../../../cluster/create-kubernetes.ts';
import type { AwsError } from '../../../model/aws-error.ts';
import { SecurityGroupRules } from '../security-groups/security-group-rules.ts';
import { defaultSettings } from '../settings/settings.ts';
import type { IpPermission } from '../stack/security-group-spec.ts';
import { Stack } from '../stack/stack.ts';
import { fieldOf } from '../stack/token.ts';
import type { DeployError } from './deploy-error.ts';
import { type Deployed, deployStack } from './deploy-stack.ts';
import type { DeployTools } from './deployment.ts';
import { TagMemory } from './tag-memory.ts';

export interface Yard extends Network {
  readonly tools: DeployTools;
  /** Actions in the order they were called since somebody emptied it. */
  readonly calls: string[];
  /** Errors that the next calls of an action get instead of an answer. */
  readonly refusals: Map<string, AwsError[]>;
  deploy(stack: Stack): Promise<Deployed | DeployError>;
}

/** A VPC with two public subnets and nothing in it. */
export function yard(): Yard {
  const net = network();
  const { clock, cloud, store, vpc } = net;
  const { internetGatewayId } = must(cloud.ec2.createInternetGateway({}));
  must(cloud.ec2.attachInternetGateway({ internetGatewayId, vpcId: vpc.vpcId }));
  const calls: string[] = [];
  const refusals = new Map<string, AwsError[]>();
  const kubernetes = createKubernetes({
    store,
    clock,
    random: clock.random,
    serviceCidrs: { ipv4: '10.100.0.0/16' },
  });
  const soon = <Verbs>(verbs: object): Verbs =>
    new Proxy(verbs, {
      get: (target, action: string) => async (input: unknown) => {
        calls.push(action);
        const refusal = refusals.get(action)?.shift();
        return refusal ?? (target as Record<string, (input: unknown) => unknown>)[action]!(input);
      },
    }) as Verbs;
  const ec2 = soon<Ec2>(cloud.ec2);
  const elbv2 = soon<Elbv2>(cloud.elbv2);
  const settings = defaultSettings({
    clusterName: 'shop',
    vpcId: vpc.vpcId,
    region: 'us-west-2',
  });
  const tools: DeployTools = {
    clock,
    store,
    kubernetes,
    elbv2,
    ec2,
    settings,
    tracking: { prefix: 'ingress.k8s.aws', clusterName: 'shop' },
    rules: new SecurityGroupRules(clock, ec2),
    tags: new TagMemory(clock, elbv2),
  };
  const deploy = async (stack: Stack) => {
    let result: Deployed | DeployError | undefined;
    clock.spawn(async () => {
      result = await deployStack(stack, tools);
    });
    while (result === undefined) await clock.runUntil(clock.now() + 1_000);
    return result;
  };
  return { ...net, tools, calls, refusals, deploy };
}

export interface Wish {
  readonly scheme?: 'internal' | 'internet-facing';
  /** Path patterns of the rules, in order of priority. */
  readonly paths?: readonly string[];
  readonly ports?: readonly number[];
  readonly targetType?: 'instance' | 'ip';
  readonly cidrs?: readonly string[];
  readonly attributes?: Readonly<Record<string, string>>;
  readonly tags?: Readonly<Record<string, string>>;
  readonly healthPath?: string;
}

const GROUP = 'AWS::EC2::SecurityGroup';
const BALANCER = 'AWS::ElasticLoadBalancingV2::LoadBalancer';
const TARGETS = 'AWS::ElasticLoadBalancingV2::TargetGroup';
const LISTENER = 'AWS::ElasticLoadBalancingV2::Listener';

/** The stack of one Ingress, as far as a test cares. */
export function webStack({ a, b }: Network, wish: Wish = {}): Stack {
  const { scheme = 'internet-facing', ports = [80], paths = ['/*'], cidrs = ['0.0.0.0/0'] } = wish;
  const stack = new Stack({ namespace: 'default', name: 'web' });
  const { targetType = 'ip', tags } = wish;
  stack.add(GROUP, 'ManagedLBSecurityGroup', {
    groupName: 'k8s-default-web-0123456789',
    description: '[k8s] Managed SecurityGroup for LoadBalancer',
    ingress: cidrs.flatMap((cidrIP) =>
      ports.map(
        (port): IpPermission => ({
          ipProtocol: 'tcp',
          fromPort: port,
          toPort: port,
          ipRanges: [{ cidrIP }],
        }),
      ),
    ),
  });
  const attributes = Object.entries(wish.attributes ?? {});
  stack.add(BALANCER, 'LoadBalancer', {
    name: `k8s-default-web-${scheme}`,
    type: 'application',
    scheme,
    ipAddressType: 'ipv4',
    subnetMapping: [{ subnetID: a.subnetId }, { subnetID: b.subnetId }],
    securityGroups: [fieldOf(GROUP, 'ManagedLBSecurityGroup', 'groupID')],
    loadBalancerAttributes: attributes.map(([key, value]) => ({ key, value })),
    tags,
  });
  const target = 'default/web-web:80';
  stack.add(TARGETS, target, {
    name: `k8s-default-web-${targetType}`,
    targetType,
    port: targetType === 'ip' ? 8080 : 30_080,
    protocol: 'HTTP',
    protocolVersion: 'HTTP1',
    ipAddressType: 'ipv4',
    healthCheckConfig: {
      port: 'traffic-port',
      protocol: 'HTTP',
      path: wish.healthPath ?? '/',
      matcher: { httpCode: '200' },
      intervalSeconds: 15,
      timeoutSeconds: 5,
      healthyThresholdCount: 2,
      unhealthyThresholdCount: 2,
    },
  });
  const forward = {
    type: 'forward',
    forwardConfig: {
      targetGroups: [{ targetGroupARN: fieldOf(TARGETS, target, 'targetGroupARN') }],
    },
  } as const;
  for (const port of ports) {
    stack.add(LISTENER, String(port), {
      loadBalancerARN: fieldOf(BALANCER, 'LoadBalancer', 'loadBalancerARN'),
      port,
      protocol: 'HTTP',
      defaultActions: [
        {
          type: 'fixed-response',
          fixedResponseConfig: { contentType: 'text/plain', statusCode: '404' },
        },
      ],
    });
    paths.forEach((path, at) => {
      stack.add('AWS::ElasticLoadBalancingV2::ListenerRule', `${port}:${at + 1}`, {
        listenerARN: fieldOf(LISTENER, String(port), 'listenerARN'),
        priority: at + 1,
        conditions: [{ field: 'path-pattern', pathPatternConfig: { values: [path] } }],
        actions: [forward],
      });
    });
  }
  stack.add('K8S::ElasticLoadBalancingV2::TargetGroupBinding', target, {
    template: {
      metadata: { name: `k8s-default-web-${targetType}`, namespace: 'default' },
      spec: {
        targetGroupARN: fieldOf(TARGETS, target, 'targetGroupARN'),
        targetType,
        ipAddressType: 'ipv4',
        vpcID: a.vpcId,
        serviceRef: { name: 'web', port: 80 },
        networking: {
          ingress: [
            {
              from: [
                {
                  securityGroup: { groupID: fieldOf(GROUP, 'ManagedLBSecurityGroup', 'groupID') },
                },
              ],
              ports: [{ protocol: 'TCP', port: 8080 }],
            },
          ],
        },
      },
    },
  });
  return stack;
}

/** The stack of the same Ingress when it wants nothing any more. */
export const nothing = (): Stack => new Stack({ namespace: 'default', name: 'web' });
