/**
 * analysis/capacity/address-user — whose an ENI is, told from what EC2 shows of it: attachment,
 * interface type, requester, description, tags.
 *
 * Descriptions and requesters are those AWS services set (EC2 documentation, "Requester-managed
 * network interfaces", and shared spec eks-defaults.md §9); aws-K8S- is the CNI's
 * (amazon-vpc-cni-k8s@b52188387 pkg/awsutils/awsutils.go eniDescriptionPrefix).
 */
import type { NetworkInterface } from '../../model/ec2/network-interface.ts';
import type { TwinStore } from '../../model/kinds.ts';

/** Sorts of address users; each address of a subnet that is not free or reserved has one. */
export const ADDRESS_USES = [
  'node-primary',
  'eni-primary',
  'trunk-eni',
  'pod',
  'warm',
  'cooling',
  'prefix-idle',
  'branch-pod',
  'fargate-pod',
  'control-plane',
  'load-balancer',
  'nat-gateway',
  'endpoint',
  'transit-gateway',
  'rds',
  'efs',
  'lambda',
  'instance',
  'leaked-eni',
  'other',
] as const;

export type AddressUse = (typeof ADDRESS_USES)[number];

/** What the primary address of an ENI is for, and what its other addresses are for. */
export interface EniUse {
  readonly use: AddressUse;
  /** The node the ENI serves; only then its secondary addresses are pods' or warm. */
  readonly nodeName?: string | undefined;
  /** Why we think so, e.g. `description "ELB net/web/1234"`. */
  readonly because: string;
}

const TYPE_USE: Readonly<Partial<Record<NetworkInterface['interfaceType'], AddressUse>>> = {
  branch: 'branch-pod',
  nat_gateway: 'nat-gateway',
  network_load_balancer: 'load-balancer',
  load_balancer: 'load-balancer',
  gateway_load_balancer: 'load-balancer',
  vpc_endpoint: 'endpoint',
  transit_gateway: 'transit-gateway',
  lambda: 'lambda',
};

const DESCRIPTION_USE: readonly (readonly [RegExp, AddressUse])[] = [
  [/^Amazon EKS Fargate /, 'fargate-pod'],
  [/^Amazon EKS /i, 'control-plane'],
  [/^ELB /, 'load-balancer'],
  [/^Interface for NAT Gateway/, 'nat-gateway'],
  [/^VPC Endpoint Interface/, 'endpoint'],
  [/Transit Gateway/i, 'transit-gateway'],
  [/^RDSNetworkInterface/, 'rds'],
  [/^EFS mount target/i, 'efs'],
  [/^AWS Lambda VPC ENI/, 'lambda'],
  [/^aws-k8s-branch-eni/, 'branch-pod'],
];

const REQUESTER_USE: Readonly<Record<string, AddressUse>> = {
  'amazon-elb': 'load-balancer',
  'amazon-aws': 'other',
  'amazon-rds': 'rds',
  'amazon-elasticache': 'other',
};

const CNI_DESCRIPTION = /^aws-K8S-/;

/** The Kubernetes node of an instance, if it has joined. */
const nodeNameOf = (store: TwinStore, instanceId: string): string | undefined =>
  store.lookup('Node', 'instance', instanceId)[0]?.metadata.name;

/**
 * Says whose the ENI is. Never fails: what nobody recognises is `other`.
 *
 * @param fargatePods  keys of pods on Fargate nodes, by address
 */
export function useOfEni(
  store: TwinStore,
  eni: NetworkInterface,
  fargatePods: ReadonlyMap<string, string>,
): EniUse {
  const instanceId = eni.attachment?.instanceId;
  if (instanceId !== undefined) return useOnInstance(store, eni, instanceId);
  if (eni.status === 'available' && CNI_DESCRIPTION.test(eni.description))
    return { use: 'leaked-eni', because: `description "${eni.description}", status available` };
  const byType = TYPE_USE[eni.interfaceType];
  if (byType !== undefined) return { use: byType, because: `interfaceType ${eni.interfaceType}` };
  for (const [pattern, use] of DESCRIPTION_USE)
    if (pattern.test(eni.description)) return { use, because: `description "${eni.description}"` };
  const address = eni.privateIpAddresses[0]?.address;
  const podKey = fargatePods.get(address ?? '');
  if (podKey !== undefined) return { use: 'fargate-pod', because: `pod ${podKey}` };
  const byRequester = REQUESTER_USE[eni.requesterId ?? ''];
  if (byRequester !== undefined)
    return { use: byRequester, because: `requesterId ${eni.requesterId}` };
  return { use: 'other', because: eni.description === '' ? eni.interfaceType : eni.description };
}

function useOnInstance(store: TwinStore, eni: NetworkInterface, instanceId: string): EniUse {
  const nodeName = nodeNameOf(store, instanceId);
  const device = eni.attachment?.deviceIndex ?? 0;
  const because = `attached to ${instanceId} as device ${device}`;
  if (eni.interfaceType === 'trunk') return { use: 'trunk-eni', nodeName, because };
  const isNode = nodeName !== undefined || isNodeInstance(store, instanceId);
  if (!isNode) return { use: 'instance', because };
  const isPrimary = device === 0 && (eni.attachment?.networkCardIndex ?? 0) === 0;
  return { use: isPrimary ? 'node-primary' : 'eni-primary', nodeName, because };
}

/** An instance that will be a node, or was one: it has the cluster's tags. */
function isNodeInstance(store: TwinStore, instanceId: string): boolean {
  const tags = store.get('ec2/instance', instanceId)?.tags ?? {};
  return Object.keys(tags).some(
    (key) => key === 'eks:cluster-name' || key.startsWith('kubernetes.io/cluster/'),
  );
}
