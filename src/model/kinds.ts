/**
 * model/kinds — every kind the store holds, with its type and the indexes look-ups need.
 *
 * AWS nouns are keyed by id; Kubernetes objects by `namespace/name`, or `name` when
 * cluster-scoped. Kubernetes kinds nobody simulates live under `Unknown`, keyed
 * `group/Kind:namespace/name`, and are kept as they came.
 */
import type { Store } from '../sim/store.ts';
import type { Certificate } from './acm/certificate.ts';
import type { DhcpOptions } from './ec2/dhcp-options.ts';
import type { FlowLog } from './ec2/flow-log.ts';
import type {
  EgressOnlyInternetGateway,
  ElasticIp,
  InternetGateway,
  NatGateway,
  PrefixList,
  TransitGateway,
  TransitGatewayAttachment,
  TransitGatewayRouteTable,
  VpcEndpoint,
  VpcPeeringConnection,
  VpnGateway,
} from './ec2/gateways.ts';
import type { Instance } from './ec2/instance.ts';
import type { NetworkAcl } from './ec2/network-acl.ts';
import type { NetworkInterface } from './ec2/network-interface.ts';
import type { RouteTable } from './ec2/route-table.ts';
import type { SecurityGroup } from './ec2/security-group.ts';
import type { Subnet } from './ec2/subnet.ts';
import { tagTerms } from './ec2/tags.ts';
import type { Vpc } from './ec2/vpc.ts';
import type { Addon, EksCluster, FargateProfile, NodeGroup } from './eks/cluster.ts';
import type { EksUpdate } from './eks/update.ts';
import { type Listener, type ListenerRule, targetGroupsOf } from './elbv2/listener.ts';
import type { ClassicLoadBalancer, LoadBalancer } from './elbv2/load-balancer.ts';
import type { Target, TargetGroup } from './elbv2/target-group.ts';
import type {
  CronJob,
  DaemonSet,
  Deployment,
  Job,
  ReplicaSet,
  StatefulSet,
} from './kubernetes/apps.ts';
import type { ConfigMap, Event, Namespace, Node, Pod, Service } from './kubernetes/core.ts';
import type { Gateway, GatewayClass, ListenerSet, ReferenceGrant } from './kubernetes/gateway.ts';
import type {
  ListenerRuleConfiguration,
  LoadBalancerConfiguration,
  TargetGroupConfiguration,
} from './kubernetes/gateway-configuration.ts';
import type { Ingress, IngressClass, IngressClassParams } from './kubernetes/ingress.ts';
import { stackTermOf, type TargetGroupBinding } from './kubernetes/load-balancer.ts';
import { controllerOf, type KubernetesObject } from './kubernetes/meta.ts';
import type {
  CniNode,
  EndpointSlice,
  EniConfig,
  NetworkAttachmentDefinition,
  NetworkPolicy,
  SecurityGroupPolicy,
} from './kubernetes/networking.ts';
import {
  type ApplicationNetworkPolicy,
  type ClusterNetworkPolicy,
  type ClusterPolicyEndpoint,
  type PolicyEndpoint,
  policyOf,
} from './kubernetes/policy-endpoint.ts';
import { instanceIdOf } from './kubernetes/provider-id.ts';
import type { GrpcRoute, HttpRoute, TcpRoute, TlsRoute, UdpRoute } from './kubernetes/route.ts';
import type { PodSandbox } from './linux/cni.ts';
import type { NodeNetwork } from './linux/node-network.ts';
import type { HostedZone, RecordSet } from './route53/hosted-zone.ts';

export interface AwsKinds {
  'ec2/vpc': Vpc;
  'ec2/subnet': Subnet;
  'ec2/network-interface': NetworkInterface;
  'ec2/instance': Instance;
  'ec2/security-group': SecurityGroup;
  'ec2/route-table': RouteTable;
  'ec2/network-acl': NetworkAcl;
  'ec2/internet-gateway': InternetGateway;
  'ec2/egress-only-internet-gateway': EgressOnlyInternetGateway;
  'ec2/nat-gateway': NatGateway;
  'ec2/elastic-ip': ElasticIp;
  'ec2/vpc-peering-connection': VpcPeeringConnection;
  'ec2/transit-gateway': TransitGateway;
  'ec2/transit-gateway-attachment': TransitGatewayAttachment;
  'ec2/transit-gateway-route-table': TransitGatewayRouteTable;
  'ec2/vpn-gateway': VpnGateway;
  'ec2/vpc-endpoint': VpcEndpoint;
  'ec2/prefix-list': PrefixList;
  'ec2/dhcp-options': DhcpOptions;
  'ec2/flow-log': FlowLog;
  'eks/cluster': EksCluster;
  'eks/addon': Addon;
  'eks/nodegroup': NodeGroup;
  'eks/fargate-profile': FargateProfile;
  'elbv2/load-balancer': LoadBalancer;
  'elbv2/classic-load-balancer': ClassicLoadBalancer;
  'elbv2/listener': Listener;
  'elbv2/rule': ListenerRule;
  'elbv2/target-group': TargetGroup;
  'elbv2/target': Target;
  'route53/hosted-zone': HostedZone;
  'route53/record-set': RecordSet;
  'acm/certificate': Certificate;
}

export interface KubernetesKinds {
  Namespace: Namespace;
  Node: Node;
  Pod: Pod;
  Service: Service;
  ConfigMap: ConfigMap;
  Secret: KubernetesObject;
  ServiceAccount: KubernetesObject;
  Event: Event;
  Deployment: Deployment;
  ReplicaSet: ReplicaSet;
  StatefulSet: StatefulSet;
  DaemonSet: DaemonSet;
  Job: Job;
  CronJob: CronJob;
  EndpointSlice: EndpointSlice;
  NetworkPolicy: NetworkPolicy;
  Ingress: Ingress;
  IngressClass: IngressClass;
  IngressClassParams: IngressClassParams;
  CustomResourceDefinition: KubernetesObject;
  PriorityClass: KubernetesObject;
  PodDisruptionBudget: KubernetesObject;
  HorizontalPodAutoscaler: KubernetesObject;
  PersistentVolumeClaim: KubernetesObject;
  StorageClass: KubernetesObject;
  ENIConfig: EniConfig;
  CNINode: CniNode;
  SecurityGroupPolicy: SecurityGroupPolicy;
  NetworkAttachmentDefinition: NetworkAttachmentDefinition;
  PolicyEndpoint: PolicyEndpoint;
  ClusterPolicyEndpoint: ClusterPolicyEndpoint;
  ClusterNetworkPolicy: ClusterNetworkPolicy;
  ApplicationNetworkPolicy: ApplicationNetworkPolicy;
  TargetGroupBinding: TargetGroupBinding;
  Gateway: Gateway;
  GatewayClass: GatewayClass;
  ListenerSet: ListenerSet;
  ReferenceGrant: ReferenceGrant;
  HTTPRoute: HttpRoute;
  GRPCRoute: GrpcRoute;
  TCPRoute: TcpRoute;
  UDPRoute: UdpRoute;
  TLSRoute: TlsRoute;
  LoadBalancerConfiguration: LoadBalancerConfiguration;
  TargetGroupConfiguration: TargetGroupConfiguration;
  ListenerRuleConfiguration: ListenerRuleConfiguration;
  Unknown: KubernetesObject;
}

/** What a node holds that no API shows. */
export interface NodeKinds {
  'node/pod-sandbox': PodSandbox;
  /** Keyed by node name. */
  'node/network': NodeNetwork;
}

/** What an AWS service remembers of what it was asked: no export has it. */
export interface RecordKinds {
  'eks/update': EksUpdate;
}

export interface Kinds extends AwsKinds, KubernetesKinds, NodeKinds, RecordKinds {}
export type Kind = keyof Kinds & string;
export type KubernetesKind = keyof KubernetesKinds & string;
export type TwinStore = Store<Kinds>;

/**
 * Declares the indexes that clients of a served twin ask by; a twin that only answers questions
 * is spared keeping them.
 */
export function declareServedIndexes(store: TwinStore): void {
  if (store.hasIndex('ec2/network-interface', 'address')) return;
  store.index('ec2/network-interface', 'vpc', (eni) => eni.vpcId);
  store.index('ec2/network-interface', 'group', (eni) => eni.groups);
  store.index('ec2/network-interface', 'address', (eni) =>
    eni.privateIpAddresses.map(({ address }) => address),
  );
}

/** Declares the indexes every twin has. */
export function declareIndexes(store: TwinStore): void {
  store.index('ec2/subnet', 'vpc', (subnet) => subnet.vpcId);
  store.index('ec2/network-interface', 'subnet', (eni) => eni.subnetId);
  store.index('ec2/network-interface', 'instance', (eni) => eni.attachment?.instanceId);
  store.index('ec2/network-interface', 'trunk', (eni) => eni.trunk?.trunkInterfaceId);
  store.index('ec2/network-interface', 'attachment', (eni) => eni.attachment?.attachmentId);
  store.index('ec2/network-interface', 'trunk-association', (eni) => eni.trunk?.associationId);
  store.index('ec2/security-group', 'vpc', (group) => group.vpcId);
  store.index('ec2/route-table', 'vpc', (table) => table.vpcId);
  store.index('elbv2/load-balancer', 'name', (it) => it.loadBalancerName);
  store.index('elbv2/load-balancer', 'dns-name', (it) => it.dnsName.toLowerCase());
  store.index('elbv2/classic-load-balancer', 'dns-name', (it) => it.dnsName.toLowerCase());
  store.index('elbv2/listener', 'load-balancer', (it) => it.loadBalancerArn);
  store.index('elbv2/load-balancer', 'tag', ({ tags }) => tagTerms(tags));
  store.index('elbv2/listener', 'target-group', (it) => targetGroupsOf(it.defaultActions));
  store.index('elbv2/rule', 'listener', (it) => it.listenerArn);
  store.index('elbv2/rule', 'target-group', (it) => targetGroupsOf(it.actions));
  store.index('elbv2/target-group', 'tag', ({ tags }) => tagTerms(tags));
  store.index('elbv2/target-group', 'name', (it) => it.targetGroupName);
  store.index('elbv2/target', 'target-group', (it) => it.targetGroupArn);
  store.index('elbv2/target', 'id', (it) => it.id);
  store.index('elbv2/target', 'port', (it) => String(it.port));
  store.index('route53/record-set', 'hosted-zone', (it) => it.hostedZoneId);
  store.index('route53/record-set', 'name', (it) => it.name);
  store.index('Pod', 'node', (pod) => pod.spec.nodeName);
  store.index('Pod', 'owner', (pod) => controllerOf(pod)?.uid);
  store.index('Pod', 'namespace', (pod) => pod.metadata.namespace);
  store.index('Pod', 'address', (pod) => pod.status?.podIP);
  store.index('ReplicaSet', 'owner', (set) => controllerOf(set)?.uid);
  store.index('Job', 'owner', (job) => controllerOf(job)?.uid);
  store.index('Unknown', 'owner', (object) => controllerOf(object)?.uid);
  store.index('Service', 'namespace', (service) => service.metadata.namespace);
  store.index('Service', 'address', ({ spec }) =>
    spec.clusterIP === 'None' ? undefined : spec.clusterIP,
  );
  store.index(
    'EndpointSlice',
    'service',
    (slice) =>
      `${slice.metadata.namespace}/${slice.metadata.labels?.['kubernetes.io/service-name'] ?? ''}`,
  );
  store.index('NetworkPolicy', 'namespace', (policy) => policy.metadata.namespace);
  store.index('PolicyEndpoint', 'policy', policyOf);
  store.index('ClusterPolicyEndpoint', 'policy', policyOf);
  store.index('PolicyEndpoint', 'namespace', (endpoint) => endpoint.metadata.namespace);
  store.index(
    'TargetGroupBinding',
    'service',
    ({ metadata, spec }) => `${metadata.namespace}/${spec?.serviceRef?.name ?? ''}`,
  );
  store.index('TargetGroupBinding', 'stack', ({ metadata }) => stackTermOf(metadata.labels));
  store.index('TargetGroupBinding', 'namespace', ({ metadata }) => metadata.namespace);
  store.index('TargetGroupBinding', 'target-group', ({ spec }) => spec?.targetGroupARN);
  store.index('Node', 'instance', instanceIdOf);
  store.index(
    'Event',
    'object',
    ({ involvedObject: it }) =>
      `${it.kind}:${it.namespace === undefined ? it.name : `${it.namespace}/${it.name}`}`,
  );
  store.index('node/pod-sandbox', 'node', (sandbox) => sandbox.nodeName);
}
