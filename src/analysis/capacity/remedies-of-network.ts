/**
 * analysis/capacity/remedies-of-network — the remedies that change where addresses come from:
 * tagged subnets, prefixes, a secondary CIDR with custom networking, IPv6.
 */
import { SUBNET_ROLE_TAG } from '../../controllers/vpc-cni/subnet-discovery.ts';
import { cidrTextsOverlap } from '../../net/index.ts';
import {
  changedVariables,
  gainOf,
  morePods,
  type Remedy,
  type RemedyQuestion,
  setEnvCommand,
} from './remedy.ts';
import type { SubnetLedger } from './subnet-usage.ts';

const zonesOf = (question: RemedyQuestion): readonly string[] => {
  const zones = question.ledgers
    .filter(({ usage }) => question.nodeSubnets.includes(usage.subnetId))
    .map(({ usage }) => usage.availabilityZone);
  return [...new Set(zones)];
};

/** Carrier-grade NAT space (RFC 6598), which EKS advises for pods; one /16 that is not used yet. */
function freeSecondaryCidr(vpcCidrs: readonly string[]): string | undefined {
  for (let second = 64; second < 128; second++) {
    const candidate = `100.${second}.0.0/16`;
    if (!vpcCidrs.some((cidr) => cidrTextsOverlap(cidr, candidate))) return candidate;
  }
  return undefined;
}

/** A /16 cut into one subnet per zone, with EC2's commands. */
function podSubnets(
  vpcId: string,
  cidr: string,
  zones: readonly string[],
): { readonly commands: readonly string[]; readonly addresses: number; readonly bits: number } {
  const bits = 16 + Math.ceil(Math.log2(Math.max(2, zones.length)));
  const size = 2 ** (32 - bits);
  const [a, b] = cidr.split('.');
  const commands = [
    `aws ec2 associate-vpc-cidr-block --vpc-id ${vpcId} --cidr-block ${cidr}`,
    ...zones.map((zone, i) => {
      const block = `${a}.${b}.${(i * size) / 256}.0/${bits}`;
      return (
        `aws ec2 create-subnet --vpc-id ${vpcId} --availability-zone ${zone} ` +
        `--cidr-block ${block}`
      );
    }),
  ];
  return { commands, addresses: zones.length * (size - 5), bits };
}

/** Existing subnets in the nodes' zones that pods do not use yet. */
function spareSubnets({ ledgers, nodeSubnets }: RemedyQuestion, zones: readonly string[]) {
  return ledgers.filter(
    ({ subnet, usage }: SubnetLedger) =>
      zones.includes(usage.availabilityZone) &&
      !nodeSubnets.includes(usage.subnetId) &&
      subnet.tags[SUBNET_ROLE_TAG] === undefined &&
      !subnet.mapPublicIpOnLaunch &&
      subnet.tags['kubernetes.io/role/elb'] === undefined &&
      usage.free >= 16,
  );
}

/** New ENIs may be made in other subnets of the node's zone, once those are tagged. */
export function taggedSubnetRemedy(question: RemedyQuestion): Remedy | undefined {
  if (!question.subnetDiscovery || question.rows[0]?.variables === undefined) return undefined;
  const zones = zonesOf(question);
  const spare = spareSubnets(question, zones);
  const tag = (ids: string): string =>
    `aws ec2 create-tags --resources ${ids} --tags Key=${SUBNET_ROLE_TAG},Value=1`;
  const caveat =
    "pods there keep the node's security groups; check that the subnet's route table reaches " +
    'what pods need. Only new ENIs land there: a node whose ENI slots are used gains nothing';
  if (spare.length > 0) {
    const free = spare.reduce((total, { usage }) => total + usage.free, 0);
    return {
      title: 'let pods use further subnets (subnet discovery by tag)',
      effort: 2,
      commands: [tag(spare.map(({ usage }) => usage.subnetId).join(' '))],
      yields: `${free} addresses of subnets that are there already`,
      caveat,
    };
  }
  const cidr = freeSecondaryCidr(question.vpcCidrs);
  if (cidr === undefined || zones.length === 0) return undefined;
  const made = podSubnets(question.vpcId, cidr, zones);
  return {
    title: 'a secondary CIDR with tagged subnets (subnet discovery)',
    effort: 3,
    commands: [...made.commands, tag('SUBNETS-JUST-MADE')],
    yields: `${made.addresses} addresses, one /${made.bits} per zone; nodes stay as they are`,
    caveat,
  };
}

/** /28 prefixes: many pods per ENI slot, at 16 addresses a step. */
export function prefixRemedy({
  rows,
  ledgers,
  nodeSubnets,
  variables,
}: RemedyQuestion): Remedy | undefined {
  const best = rows
    .filter((row) => row.id === 'prefixes' || row.id === 'prefixes-warm-ip')
    .filter((row) => row.problem === undefined)
    .toSorted((a, b) => b.podsMax - a.podsMax || a.addresses - b.addresses)[0];
  const { pods } = gainOf(best, rows);
  if (best === undefined || pods <= 0) return undefined;
  const [low, high] = best.maxPodsPerNode;
  const limits = low === high ? `${low}` : `${low} to ${high}`;
  const reserve = ledgers
    .filter(({ usage }) => nodeSubnets.includes(usage.subnetId) && usage.prefixes === 0)
    .filter(({ usage }) => usage.fragmentation.freeBlocks.length > 0)
    .map(
      ({ usage }) =>
        'aws ec2 create-subnet-cidr-reservation --reservation-type prefix ' +
        `--subnet-id ${usage.subnetId} --cidr ${usage.fragmentation.freeBlocks[0]}`,
    );
  return {
    title: 'prefix delegation',
    effort: 3,
    commands: [
      ...(reserve.length > 0
        ? ['# keeps /28s whole; reserve as large a free range as there is']
        : []),
      ...reserve.slice(0, 1),
      setEnvCommand(changedVariables(best.variables, variables)),
      '# then replace the nodes: new node groups, drain the old',
    ],
    yields: `${morePods(pods)} fit; max pods ${limits} per node`,
    caveat:
      'each step takes a whole free /28 (16 addresses); max pods of running nodes does not change, ' +
      'and a self-managed node keeps the ENI formula unless its kubelet is told otherwise',
  };
}

/** Pods out of a CIDR of their own. */
export function customNetworkingRemedy(question: RemedyQuestion): Remedy | undefined {
  const { rows, vpcCidrs, vpcId, securityGroupIds } = question;
  const row = rows.find((it) => it.id === 'custom-networking');
  const now = rows[0];
  const cidr = freeSecondaryCidr(vpcCidrs);
  const zones = zonesOf(question);
  if (row === undefined || now === undefined || cidr === undefined || zones.length === 0)
    return undefined;
  const nodeAddresses = row.subnets.filter((it) => it.capacity !== undefined);
  const left = nodeAddresses.reduce((total, it) => total + it.addresses, 0);
  if (left >= now.addresses) return undefined;
  const made = podSubnets(vpcId, cidr, zones);
  const [low] = row.maxPodsPerNode;
  return {
    title: 'a secondary CIDR with custom networking',
    effort: 4,
    commands: [
      ...made.commands,
      ...zones.map(
        (zone) =>
          `# ENIConfig ${zone}: spec.subnet = its new subnet, ` +
          `spec.securityGroups = [${securityGroupIds.join(', ') || 'the node security group'}]`,
      ),
      setEnvCommand({
        AWS_VPC_K8S_CNI_CUSTOM_NETWORK_CFG: 'true',
        ENI_CONFIG_LABEL_DEF: 'topology.kubernetes.io/zone',
      }),
      '# then replace the nodes: running ones keep their pods on the old subnets',
    ],
    yields:
      `${made.addresses} addresses for pods; nodes keep ${left} of ${now.addresses} in today's ` +
      'subnets',
    caveat:
      `the primary ENI serves no pods: max pods falls to ${low} per node without prefixes; ` +
      'peers and on-premises need routes to the new range, or SNAT',
  };
}

/** The end of the shortage, and the largest step. */
export function ipv6Remedy({ rows, vpcId }: RemedyQuestion): Remedy | undefined {
  const row = rows.find((it) => it.id === 'ipv6');
  const now = rows[0];
  if (row === undefined || now === undefined || row.addresses >= now.addresses) return undefined;
  if (row.problem !== undefined) return undefined;
  return {
    title: 'an IPv6 cluster',
    effort: 5,
    commands: [
      `aws ec2 associate-vpc-cidr-block --vpc-id ${vpcId} --amazon-provided-ipv6-cidr-block`,
      '# then a /64 for every subnet, and a new cluster with',
      '# kubernetesNetworkConfig: { ipFamily: IPv6 }; the workloads move',
    ],
    yields: `pods take no IPv4 at all: nodes hold ${row.addresses} instead of ${now.addresses}`,
    caveat:
      'the family is fixed when a cluster is made; Nitro types only, no Windows, no dual-stack',
  };
}
