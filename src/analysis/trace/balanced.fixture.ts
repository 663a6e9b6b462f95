/**
 * analysis/trace/balanced.fixture — the shop behind load balancers made by AWS's own verbs: what a
 * controller would have called, written out, so that a test says what it rests on.
 */
import type {
  CreateLoadBalancerInput,
  CreateTargetGroupInput,
} from '../../cloud/elbv2/operations.ts';
import { type AwsError, isAwsError } from '../../model/aws-error.ts';
import type { SecurityGroupId } from '../../model/ec2/ids.ts';
import { addressesOfInterface, type NetworkInterface } from '../../model/ec2/network-interface.ts';
import type { ListenerAction, ListenerProtocol } from '../../model/elbv2/listener.ts';
import type { LoadBalancer } from '../../model/elbv2/load-balancer.ts';
import type { TargetGroup, TargetHealth } from '../../model/elbv2/target-group.ts';
import { keyOf } from '../../model/kubernetes/meta.ts';
import type { Ip } from '../../net/index.ts';
import type { Twin } from '../../twin/twin.ts';

/** The value, or a thrown error with AWS's words. */
export function made<Value>(value: Value | AwsError): Value {
  if (isAwsError(value)) throw new Error(`${value.code}: ${value.message}`);
  return value as Value;
}

/** Verbs of a twin's account in its cluster's VPC, with a security group that lets all in. */
export class Balancing {
  readonly twin: Twin;
  readonly #open: SecurityGroupId;

  constructor(twin: Twin) {
    this.twin = twin;
    this.#open = this.group('open', '0.0.0.0/0');
  }

  get vpcId(): string {
    return this.twin.store.list('eks/cluster')[0]!.vpcId;
  }

  /** A security group that lets a block in, on every port. */
  group(name: string, cidr: string): SecurityGroupId {
    const { ec2 } = this.twin.cloud;
    const { groupId } = made(
      ec2.createSecurityGroup({ vpcId: this.vpcId, groupName: name, description: name }),
    );
    made(
      ec2.authorizeSecurityGroupIngress({
        groupId,
        rules: [{ protocol: '-1', peer: { kind: 'ipv4', cidr } }],
      }),
    );
    return groupId;
  }

  /** Lets a security group into every node and pod. */
  letIn(source: SecurityGroupId, fromPort = 0, toPort = 65_535): void {
    const cluster = this.twin.store.list('eks/cluster')[0]!;
    made(
      this.twin.cloud.ec2.authorizeSecurityGroupIngress({
        groupId: cluster.clusterSecurityGroupId,
        rules: [{ protocol: 'tcp', fromPort, toPort, peer: { kind: 'group', groupId: source } }],
      }),
    );
  }

  /** The same for UDP. */
  letInUdp(source: SecurityGroupId): void {
    const cluster = this.twin.store.list('eks/cluster')[0]!;
    made(
      this.twin.cloud.ec2.authorizeSecurityGroupIngress({
        groupId: cluster.clusterSecurityGroupId,
        rules: [
          {
            protocol: 'udp',
            fromPort: 0,
            toPort: 65_535,
            peer: { kind: 'group', groupId: source },
          },
        ],
      }),
    );
  }

  /** The zone of the group's first target. */
  zoneOfTarget({ targetGroupArn }: TargetGroup): string | undefined {
    return this.twin.store.lookup('elbv2/target', 'target-group', targetGroupArn)[0]
      ?.availabilityZone;
  }

  /** The load balancer's own group of `balancer`. */
  get open(): SecurityGroupId {
    return this.#open;
  }

  /** In the cluster's public subnets, or its private ones. */
  balancer(input: Partial<CreateLoadBalancerInput> = {}): LoadBalancer {
    const { scheme = 'internet-facing' } = input;
    const role = scheme === 'internal' ? 'internal-elb' : 'elb';
    const subnets = this.twin.store
      .list('ec2/subnet')
      .filter(({ tags }) => tags[`kubernetes.io/role/${role}`] !== undefined)
      .toSorted((a, b) => (a.availabilityZone < b.availabilityZone ? -1 : 1));
    return made(
      this.twin.cloud.elbv2.createLoadBalancer({
        name: 'shop',
        subnetMappings: subnets.map(({ subnetId }) => ({ subnetId })),
        securityGroups: [this.#open],
        ...input,
      }),
    );
  }

  targets(input: Partial<CreateTargetGroupInput> = {}): TargetGroup {
    return made(
      this.twin.cloud.elbv2.createTargetGroup({
        name: 'api',
        targetType: 'ip',
        protocol: 'HTTP',
        port: 9000,
        vpcId: this.vpcId,
        ...input,
      }),
    );
  }

  listener(
    { loadBalancerArn }: LoadBalancer,
    port: number,
    protocol: ListenerProtocol,
    ...defaultActions: readonly ListenerAction[]
  ): string {
    const { listenerArn } = made(
      this.twin.cloud.elbv2.createListener({ loadBalancerArn, port, protocol, defaultActions }),
    );
    return listenerArn;
  }

  /** Pods of a Deployment by their addresses. */
  registerPods({ targetGroupArn, port }: TargetGroup, app: string): void {
    const targets = this.podsOf(app).map((pod) => ({ id: pod.status!.podIP!, port }));
    made(this.twin.cloud.elbv2.registerTargets({ targetGroupArn, targets }));
  }

  /** One more target. */
  register({ targetGroupArn }: TargetGroup, id: string, port: number): void {
    made(this.twin.cloud.elbv2.registerTargets({ targetGroupArn, targets: [{ id, port }] }));
  }

  /** All targets gone, past their draining. */
  forgetTargets({ targetGroupArn }: TargetGroup): void {
    const { store } = this.twin;
    for (const key of [...store.lookupKeys('elbv2/target', 'target-group', targetGroupArn)])
      store.delete('elbv2/target', key);
  }

  /** One target of the group is healthy, by the order it was registered in. */
  healthOf({ targetGroupArn }: TargetGroup, at: number): void {
    const { store } = this.twin;
    const key = [...store.lookupKeys('elbv2/target', 'target-group', targetGroupArn)][at]!;
    store.put('elbv2/target', key, {
      ...store.get('elbv2/target', key)!,
      health: { state: 'healthy' },
    });
  }

  /** Every node, on a port. */
  registerNodes({ targetGroupArn }: TargetGroup, port: number): void {
    const targets = this.twin.store
      .list('ec2/instance')
      .filter(({ vpcId }) => vpcId === this.vpcId)
      .map(({ instanceId }) => ({ id: instanceId, port }));
    made(this.twin.cloud.elbv2.registerTargets({ targetGroupArn, targets }));
  }

  #interfaces({ loadBalancerArn }: LoadBalancer): readonly NetworkInterface[] {
    const { store } = this.twin;
    return store
      .get('elbv2/load-balancer', loadBalancerArn)!
      .zones.map((zone) => store.get('ec2/network-interface', zone.networkInterfaceId)!);
  }

  /** What the internet sends to in the first zone, or another. */
  publicAddress(balancer: LoadBalancer, zone = 0): string {
    return this.#interfaces(balancer)[zone]!.privateIpAddresses[0]!.public!.publicIp;
  }

  /** Names of the zones it stands in. */
  zonesOf({ zones }: LoadBalancer): readonly string[] {
    return zones.map(({ zoneName }) => zoneName);
  }

  /** Its own addresses in its subnets. */
  interfaceAddresses(balancer: LoadBalancer): readonly Ip[] {
    return this.#interfaces(balancer).flatMap(addressesOfInterface);
  }

  podsOf(app: string) {
    return this.twin.store
      .list('Pod')
      .filter(({ metadata }) => metadata.labels?.app === app)
      .toSorted((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
  }

  /** What the health checks of a group found. */
  health({ targetGroupArn }: TargetGroup, health: TargetHealth = { state: 'healthy' }): void {
    for (const { key, value } of this.twin.store.entries('elbv2/target'))
      if (value.targetGroupArn === targetGroupArn)
        this.twin.store.put('elbv2/target', key, { ...value, health });
  }
}

/** An action that forwards to one group. */
export const forwardTo = ({ targetGroupArn }: TargetGroup): ListenerAction => ({
  type: 'forward',
  targetGroups: [{ targetGroupArn }],
});
