/**
 * controllers/in-tree-load-balancer/in-tree.fixture — a VPC on the internet, nodes in it, and the
 * service controller at work, for tests.
 */
import { must, network } from '../../cloud/cloud.fixture.ts';
import { flaky, latent, persistent } from '../../cloud/decorate.ts';
import { createKubernetes } from '../../cluster/create-kubernetes.ts';
import { isApiStatus } from '../../cluster/kubernetes.ts';
import type { SecurityGroupId } from '../../model/ec2/ids.ts';
import type { Tags } from '../../model/ec2/tags.ts';
import type { Node, Service } from '../../model/kubernetes/core.ts';
import { ControllerRun } from '../../sim/controller.ts';
import { type Faults, noFaults } from '../../sim/faults.ts';
import { inTreeLoadBalancers } from './in-tree-load-balancer.ts';
import { balancerName } from './provider.ts';

/**
 * Two public subnets; `node()` adds a node whose group has the cluster's tag.
 *
 * @param faults  what may go wrong with a call; asked at every call
 */
export function place(faults: () => Faults = () => noFaults) {
  const net = network();
  const { clock, cloud, store, vpc, a, b } = net;
  const { ec2 } = cloud;
  const { internetGatewayId } = must(ec2.createInternetGateway({}));
  must(ec2.attachInternetGateway({ internetGatewayId, vpcId: vpc.vpcId }));
  const [table] = must(ec2.describeRouteTables({}));
  const gateway = { kind: 'internet-gateway', id: internetGatewayId } as const;
  const destination = { kind: 'ipv4', cidr: '0.0.0.0/0' } as const;
  must(ec2.createRoute({ routeTableId: table!.routeTableId, destination, target: gateway }));
  const { groupId } = must(
    ec2.createSecurityGroup({
      groupName: 'nodes',
      description: 'nodes',
      vpcId: vpc.vpcId,
      tags: { 'kubernetes.io/cluster/shop': 'owned' },
    }),
  );
  const kubernetes = createKubernetes({
    store,
    clock,
    random: clock.random,
    serviceCidrs: { ipv4: '10.100.0.0/16' },
  });
  const random = clock.random.split('aws');
  const timed = <Verbs extends object>(verbs: Verbs) =>
    persistent(flaky(latent(verbs, clock, random), clock, random, faults), clock);
  const provider = {
    clock,
    store,
    ec2: timed(cloud.ec2),
    elbv2: timed(cloud.elbv2),
    classicElb: timed(cloud.classicElb),
    clusterName: 'shop',
    vpcId: vpc.vpcId,
  } as unknown as Parameters<typeof inTreeLoadBalancers>[0];
  new ControllerRun(clock, store, inTreeLoadBalancers(provider, kubernetes));

  return {
    ...net,
    kubernetes,
    nodeGroup: groupId,
    async rest(): Promise<void> {
      await clock.settle();
    },
    tagSubnets: (tags: Tags): void => {
      must(ec2.createTags({ resources: [a.subnetId, b.subnetId], tags }));
    },
    node: (name: string, labels: Tags = {}): string => {
      const [instance] = must(
        ec2.runInstances({
          imageId: 'ami-1',
          instanceType: 'm5.large',
          minCount: 1,
          maxCount: 1,
          subnetId: a.subnetId,
          securityGroupIds: [groupId],
          tags: { 'kubernetes.io/cluster/shop': 'owned' },
        }),
      );
      const { instanceId } = instance!;
      const node: Node = {
        apiVersion: 'v1',
        kind: 'Node',
        metadata: { name, labels },
        spec: { providerID: `aws:///us-west-2a/${instanceId}` },
      };
      kubernetes.create(node);
      return instanceId;
    },
    apply: (annotations: Tags = {}, spec: Partial<Service['spec']> = {}, name = 'web'): Service => {
      const service: Service = {
        apiVersion: 'v1',
        kind: 'Service',
        metadata: {
          name,
          namespace: 'default',
          annotations: prefixed(annotations),
        },
        spec: { type: 'LoadBalancer', ports: [{ port: 80, nodePort: 31_080 }], ...spec },
      };
      const applied = kubernetes.apply(service);
      if (isApiStatus(applied)) throw new Error(applied.message);
      return applied;
    },
    service: () => store.get('Service', 'default/web'),
    /** What its load balancer is called. */
    name: () => balancerName(store.get('Service', 'default/web')!),
    /** The Service's events: reason, text. */
    events: () =>
      store
        .list('Event')
        .filter(({ involvedObject }) => involvedObject.kind === 'Service')
        .map(({ reason, message }) => [reason, message]),
    classic: () => store.list('elbv2/classic-load-balancer')[0],
    balancer: () => store.list('elbv2/load-balancer')[0],
    /** Inbound rules of a group: protocol, ports, from whom, what for. */
    rulesOf: (group: SecurityGroupId) =>
      (store.get('ec2/security-group', group)?.rules ?? [])
        .filter(({ direction }) => direction === 'ingress')
        .map(({ protocol, fromPort, toPort, peer, description }) => {
          const from = 'cidr' in peer ? peer.cidr : 'groupId' in peer ? peer.groupId : '';
          return [`${protocol} ${fromPort}-${toPort}`, from, description ?? ''];
        }),
  };
}

const prefixed = (annotations: Tags): Tags =>
  Object.fromEntries(
    Object.entries(annotations).map(([name, value]) => [
      `service.beta.kubernetes.io/aws-load-balancer-${name}`,
      value,
    ]),
  );
