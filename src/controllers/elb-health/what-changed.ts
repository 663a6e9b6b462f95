/**
 * controllers/elb-health/what-changed — which targets a change may make healthy or unhealthy. Each
 * kind marks as little as it can: a pod its own address, a security group that opens only targets
 * that are not healthy, a Service those at its node ports; a route or an ACL marks all.
 *
 * Not followed: what a container does, kube-proxy's and the kernel's settings.
 */
import { groupsForwardedTo } from '../../cloud/elbv2/forwards.ts';
import type { NetworkInterface } from '../../model/ec2/network-interface.ts';
import type { LoadBalancer } from '../../model/elbv2/load-balancer.ts';
import type { Target } from '../../model/elbv2/target-group.ts';
import type { Kind, Kinds, TwinStore } from '../../model/kinds.ts';
import type { Node, Pod, Service } from '../../model/kubernetes/core.ts';
import type { PolicyEndpoint } from '../../model/kubernetes/policy-endpoint.ts';
import { instanceIdOf } from '../../model/kubernetes/provider-id.ts';
import type { StoreEvent } from '../../sim/store.ts';
import { ruleChange } from './rule-change.ts';

/** Which targets, of all. */
export type Which = (target: Target) => boolean;

/** What has to be looked at again. */
export interface Marks {
  /** Whether anything is asked at all. */
  readonly isNeeded: boolean;
  /** The target begins anew: what was counted of it is over. */
  forget(target: Target): void;
  target(target: Target): void;
  group(targetGroupArn: string): void;
  /** An instance, or an address. */
  id(id: string): void;
  /** Instances at a node port. */
  nodePort(port: number): void;
  all(which: Which): void;
}

/** The VPC's own nouns: a change of one may open or close any way. */
const TOPOLOGY = [
  'ec2/vpc',
  'ec2/route-table',
  'ec2/network-acl',
  'ec2/prefix-list',
  'ec2/internet-gateway',
  'ec2/transit-gateway',
  'ec2/transit-gateway-attachment',
  'ec2/transit-gateway-route-table',
  'ec2/vpc-peering-connection',
] as const;

const ANY: Which = () => true;
const isHealthy: Which = ({ health }) => health.state === 'healthy';
const isNotHealthy: Which = ({ health }) => health.state !== 'healthy';

/** Marks what every change concerns, until the returned function is called. */
export function followChanges(store: TwinStore, marks: Marks): () => void {
  const stops: (() => void)[] = [];
  const on = <K extends Kind>(kind: K, see: (event: StoreEvent<Kinds, K>) => void): void => {
    stops.push(
      store.subscribe(kind, (event) => {
        // Most clusters have no load balancer: then no change concerns any.
        if (marks.isNeeded) see(event);
      }),
    );
  };
  followBalancers(store, marks, on);
  followNetwork(store, marks, on);
  followCluster(store, marks, on);
  return () => {
    for (const stop of stops) stop();
  };
}

type On = <K extends Kind>(kind: K, see: (event: StoreEvent<Kinds, K>) => void) => void;

function followBalancers(store: TwinStore, marks: Marks, on: On): void {
  on('elbv2/target', ({ value, previous }) => {
    if (value === undefined) return marks.forget(previous!);
    if (previous !== undefined && !beginsAnew(previous, value)) return;
    marks.forget(value);
    marks.target(value);
  });
  on('elbv2/target-group', ({ key, value, previous }) => {
    if (value !== undefined && value.healthCheck !== previous?.healthCheck) marks.group(key);
  });
  on('elbv2/load-balancer', ({ key, value, previous }) => {
    if (value === undefined || !mattersToTargets(previous, value)) return;
    for (const arn of groupsForwardedTo(store, key)) marks.group(arn);
  });
}

/** Registered again, or used for the first time: not what a check has just found. */
const beginsAnew = ({ health: was }: Target, { health }: Target): boolean =>
  health.reason === 'Elb.RegistrationInProgress' && health !== was;

const mattersToTargets = (was: LoadBalancer | undefined, is: LoadBalancer): boolean =>
  was === undefined ||
  was.state !== is.state ||
  was.zones !== is.zones ||
  was.securityGroups !== is.securityGroups ||
  was.attributes !== is.attributes;

function followNetwork(store: TwinStore, marks: Marks, on: On): void {
  for (const kind of TOPOLOGY) on(kind, () => marks.all(ANY));
  on('ec2/subnet', ({ value, previous }) => {
    if (value === undefined || previous === undefined) marks.all(ANY);
  });
  on('ec2/security-group', ({ key, value, previous }) => {
    // Most are made for a load balancer before there is one.
    if (!isWorn(store, key)) return;
    const { opens, closes } = ruleChange(previous, value);
    if (opens) marks.all(isNotHealthy);
    if (closes) marks.all(isHealthy);
  });
  on('ec2/network-interface', ({ value, previous }) => {
    const isSame =
      value?.groups === previous?.groups && value?.sourceDestCheck === previous?.sourceDestCheck;
    if (!isSame) markInterface(store, marks, value ?? previous!);
  });
  on('ec2/instance', ({ key, value, previous }) => {
    if (value?.state !== previous?.state) markId(marks, key);
  });
}

/** Is the group on any interface? Until it is, its rules decide nothing. */
function isWorn(store: TwinStore, groupId: string): boolean {
  for (const { value } of store.entries('ec2/network-interface'))
    if ((value.groups as readonly string[]).includes(groupId)) return true;
  return false;
}

/** Targets at the interface's addresses, and the instance it is attached to. */
function markInterface(store: TwinStore, marks: Marks, eni: NetworkInterface): void {
  const { instanceId } = eni.attachment ?? {};
  if (instanceId !== undefined) markId(marks, instanceId);
  for (const { address } of eni.privateIpAddresses) markId(marks, address);
  for (const address of eni.ipv6Addresses) markId(marks, address);
  // Pods in a prefix are on no list of the interface's.
  if (eni.ipv4Prefixes.length + eni.ipv6Prefixes.length === 0) return;
  const node = instanceId && store.lookup('Node', 'instance', instanceId)[0];
  if (!node) return;
  for (const pod of store.lookup('Pod', 'node', node.metadata.name)) {
    markId(marks, pod.status?.podIP);
  }
}

function markId(marks: Marks, id: string | undefined): void {
  if (id !== undefined) marks.id(id);
}

function followCluster(store: TwinStore, marks: Marks, on: On): void {
  on('Pod', ({ value, previous }) => {
    if (value !== undefined && previous !== undefined && isSamePod(previous, value)) return;
    const pod = value ?? previous!;
    markId(marks, pod.status?.podIP);
    if (previous?.status?.podIP !== pod.status?.podIP) markId(marks, previous?.status?.podIP);
    // Agents of the node: its rules come and go with them.
    if (pod.spec.hostNetwork === true) markNode(store, marks, pod.spec.nodeName);
  });
  on('Node', ({ key, value, previous }) => {
    if (readyOf(value) !== readyOf(previous)) markNode(store, marks, key, value ?? previous);
  });
  on('EndpointSlice', ({ value, previous }) => {
    if (value?.endpoints === previous?.endpoints && value?.ports === previous?.ports) return;
    const { namespace, labels } = (value ?? previous!).metadata;
    const name = labels?.['kubernetes.io/service-name'] ?? '';
    markService(marks, store.get('Service', `${namespace}/${name}`));
  });
  on('Service', ({ value, previous }) => {
    if (value?.spec === previous?.spec) return;
    markService(marks, value);
    markService(marks, previous);
  });
  for (const kind of ['PolicyEndpoint', 'ClusterPolicyEndpoint'] as const)
    on(kind, ({ value, previous }) => {
      for (const it of [value, previous]) markPolicy(marks, it as PolicyEndpoint | undefined);
    });
  on('NetworkPolicy', ({ value, previous }) => {
    if (value?.spec === previous?.spec) return;
    const { namespace = '' } = (value ?? previous!).metadata;
    for (const pod of store.lookup('Pod', 'namespace', namespace)) markId(marks, pod.status?.podIP);
    marks.all(isInstance);
  });
}

const isSamePod = (a: Pod, b: Pod): boolean =>
  a.status?.podIP === b.status?.podIP &&
  a.status?.phase === b.status?.phase &&
  a.metadata.labels === b.metadata.labels &&
  a.metadata.deletionTimestamp === b.metadata.deletionTimestamp;

const readyOf = (node: Node | undefined): string | undefined =>
  node?.status?.conditions?.find(({ type }) => type === 'Ready')?.status;

function markNode(
  store: TwinStore,
  marks: Marks,
  name: string | undefined,
  node: Node | undefined = store.get('Node', name ?? ''),
): void {
  if (node !== undefined) markId(marks, instanceIdOf(node));
}

/** Instances, not addresses. */
export const isInstance: Which = ({ id }) => id.startsWith('i-');

/** Nodes that are targets at one of the Service's node ports. */
function markService(marks: Marks, service: Service | undefined): void {
  for (const { nodePort } of service?.spec.ports ?? []) if (nodePort) marks.nodePort(nodePort);
}

function markPolicy(marks: Marks, policy: PolicyEndpoint | undefined): void {
  for (const { podIP } of policy?.spec?.podSelectorEndpoints ?? []) markId(marks, podIP);
  marks.all(isInstance);
}
