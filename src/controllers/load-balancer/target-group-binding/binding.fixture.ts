/**
 * load-balancer/target-group-binding/binding.fixture — a VPC, a cluster's objects and the binding
 * controller over them; nodes and pods are written by hand, their interfaces made in EC2.
 */
import { must } from '../../../cloud/cloud.fixture.ts';
import type { Ec2 } from '../../../cloud/ec2/operations.ts';
import { balanced } from '../../../cloud/elbv2/elbv2.fixture.ts';
import type { Elbv2 } from '../../../cloud/elbv2/operations.ts';
import { taken } from '../../../cluster/cluster.fixture.ts';
import { createKubernetes } from '../../../cluster/create-kubernetes.ts';
import type { Kinds } from '../../../model/kinds.ts';
import type { Node, Pod, Service, ServiceSpec } from '../../../model/kubernetes/core.ts';
import type { TargetGroupBinding } from '../../../model/kubernetes/load-balancer.ts';
import type { EndpointSlice } from '../../../model/kubernetes/networking.ts';
import { ControllerRun } from '../../../sim/controller.ts';
import { BindingNetworking } from '../networking/binding-networking.ts';
import { interfaceReads } from '../networking/interface-reads.ts';
import { NodeInterfaces } from '../networking/node-interfaces.ts';
import { PodInterfaces } from '../networking/pod-interfaces.ts';
import { SecurityGroupRules } from '../security-groups/security-group-rules.ts';
import { defaultSettings } from '../settings/settings.ts';
import { targetGroupBindingController } from './target-group-binding.ts';

/** Calls that take no time, each written down. */
function awaited<Calls extends object>(actions: object, calls: string[]): Calls {
  const entries = Object.entries(actions) as [string, (input: unknown) => unknown][];
  return Object.fromEntries(
    entries.map(([name, call]) => [
      name,
      async (input: unknown) => {
        calls.push(name);
        return call(input);
      },
    ]),
  ) as Calls;
}

const READY = [{ type: 'Ready', status: 'True' as const }];

/** The controller runs over what the methods make; `settle` lets it. */
export function bindingWorld(changes: Partial<ReturnType<typeof defaultSettings>> = {}) {
  const account = balanced();
  const { store, clock, cloud, vpc, a } = account;
  const calls: string[] = [];
  const kubernetes = createKubernetes({
    store,
    clock,
    random: clock.random,
    serviceCidrs: { ipv4: '10.100.0.0/16' },
  });
  const settings = {
    ...defaultSettings({ clusterName: 'demo', vpcId: vpc.vpcId, region: 'us-west-2' }),
    ...changes,
  };
  const ec2 = awaited<Ec2>(cloud.ec2, calls);
  const elbv2 = awaited<Elbv2>(cloud.elbv2, calls);
  const reads = interfaceReads(store, ec2, vpc.vpcId);
  const networking = new BindingNetworking(
    clock,
    { pods: new PodInterfaces(clock, store, reads), nodes: new NodeInterfaces(clock, reads) },
    new SecurityGroupRules(clock, ec2),
    settings,
  );
  const group = (groupName: string, tags: Record<string, string> = {}) =>
    must(cloud.ec2.createSecurityGroup({ groupName, description: 'd', vpcId: vpc.vpcId, tags }))
      .groupId;
  const nodeGroup = group('node', { 'kubernetes.io/cluster/demo': 'owned' });
  const node = (name: string, more: Partial<Node['metadata']> = {}, groups = [nodeGroup]): Node => {
    const [instance] = must(
      cloud.ec2.runInstances({
        imageId: 'ami-1',
        instanceType: 'm5.large',
        minCount: 1,
        maxCount: 1,
        subnetId: a.subnetId,
        securityGroupIds: groups,
      }),
    );
    return taken(
      kubernetes.create<Node>({
        apiVersion: 'v1',
        kind: 'Node',
        metadata: { name, ...more },
        spec: { providerID: `aws:///us-west-2a/${instance!.instanceId}` },
        status: { conditions: READY },
      }),
    );
  };
  return {
    ...account,
    kubernetes,
    calls,
    networking,
    nodeGroup,
    group_: group,
    node,
    start: () =>
      new ControllerRun<Kinds>(
        clock,
        store,
        targetGroupBindingController(
          clock,
          clock.random,
          store,
          kubernetes,
          { ec2, elbv2, networking },
          settings,
        ),
      ),
    settle: () => clock.settle(),
    service: (spec: ServiceSpec = {}): Service =>
      taken(
        kubernetes.create<Service>({
          apiVersion: 'v1',
          kind: 'Service',
          metadata: { name: 'web', namespace: 'default' },
          spec: { ports: [{ port: 80, targetPort: 8080 }], selector: { app: 'web' }, ...spec },
        }),
      ),
    /** A pod with an address of its node's interface. */
    pod: (name: string, on: Node, more: Partial<Pod['spec']> = {}): Pod => {
      const instanceId = on.spec.providerID!.split('/').at(-1)!;
      const [eni] = store.lookup('ec2/network-interface', 'instance', instanceId);
      const { privateIpAddresses } = must(
        cloud.ec2.assignPrivateIpAddresses({
          networkInterfaceId: eni!.networkInterfaceId,
          secondaryPrivateIpAddressCount: 1,
        }),
      );
      const created = taken(
        kubernetes.create<Pod>({
          apiVersion: 'v1',
          kind: 'Pod',
          metadata: { name, namespace: 'default', labels: { app: 'web' } },
          spec: {
            nodeName: on.metadata.name,
            containers: [
              { name: 'web', image: 'web', ports: [{ name: 'http', containerPort: 8080 }] },
            ],
            ...more,
          },
        }),
      );
      const podIP = privateIpAddresses[0]!;
      const conditions = [...READY, { type: 'ContainersReady', status: 'True' as const }];
      return taken(kubernetes.updateStatus({ ...created, status: { podIP, conditions } }));
    },
    slice: (pods: readonly Pod[], ready = true): void => {
      const slice: EndpointSlice = {
        apiVersion: 'discovery.k8s.io/v1',
        kind: 'EndpointSlice',
        metadata: {
          name: 'web-1',
          namespace: 'default',
          labels: { 'kubernetes.io/service-name': 'web' },
        },
        addressType: 'IPv4',
        ports: [{ port: 8080 }],
        endpoints: pods.map(({ metadata, status }) => ({
          addresses: [status!.podIP!],
          conditions: { ready },
          targetRef: { kind: 'Pod', name: metadata.name, namespace: 'default' },
        })),
      };
      const before = store.get('EndpointSlice', 'default/web-1');
      if (before === undefined) taken(kubernetes.create(slice));
      else taken(kubernetes.update(slice));
    },
    binding: (spec: Partial<TargetGroupBinding['spec']>): TargetGroupBinding =>
      taken(
        kubernetes.create<TargetGroupBinding>({
          apiVersion: 'elbv2.k8s.aws/v1beta1',
          kind: 'TargetGroupBinding',
          metadata: { name: 'web', namespace: 'default' },
          spec: { serviceRef: { name: 'web', port: 80 }, ...spec },
        }),
      ),
    /** `SuccessfullyReconciled: Successfully reconciled`, each once. */
    events: () =>
      store
        .list('Event')
        .filter(({ involvedObject }) => involvedObject.kind === 'TargetGroupBinding')
        .map(({ reason, message }) => `${reason}: ${message}`),
    targets: (arn: string) =>
      store
        .lookup('elbv2/target', 'target-group', arn)
        .map(({ id, port, health }) => `${id}:${port} ${health.state}`)
        .sort(),
    /** `tcp 8080-8080 sg-…` of a group's inbound rules. */
    rules: (groupId: string) =>
      store
        .get('ec2/security-group', groupId)!
        .rules.filter(({ direction }) => direction === 'ingress')
        .map(({ protocol, fromPort, toPort, peer, description }) => {
          const from = peer.kind === 'group' ? peer.groupId : 'cidr' in peer ? peer.cidr : '';
          return `${protocol} ${fromPort}-${toPort} ${from} ${description}`;
        }),
  };
}
