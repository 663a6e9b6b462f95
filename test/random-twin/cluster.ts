/**
 * test/random-twin/cluster — the files of a small cluster, drawn from a seed: what eksctl, the CNI,
 * kube-proxy and policy are told, or one of the examples with other workloads on it.
 */
import { readdirSync, readFileSync } from 'node:fs';
import type { SourceFile } from '../../src/formats/index.ts';
import type { Random } from '../../src/sim/random.ts';
import { pick, sometimes } from './draw.ts';
import { workloads } from './workloads.ts';

const EXAMPLES = new URL('../../examples/', import.meta.url);

/** Files of an example that describe its network; its workloads are left out. */
function exampleFiles(name: string, folder = ''): SourceFile[] {
  const at = new URL(`${name}/${folder}`, EXAMPLES);
  return readdirSync(at, { withFileTypes: true }).flatMap((entry) => {
    if (entry.isDirectory()) {
      const isInput = entry.name === 'aws' || entry.name === 'kubernetes';
      return isInput ? exampleFiles(name, `${entry.name}/`) : [];
    }
    if (!/\.(ya?ml|json)$/.test(entry.name)) return [];
    if (entry.name === 'commands.json' || entry.name === 'app.yaml') return [];
    const text = readFileSync(new URL(entry.name, at), 'utf8');
    return [{ path: `${name}/${folder}${entry.name}`, text }];
  });
}

/** Networks that a ClusterConfig alone does not make: exports, templates, branch interfaces. */
const BUILT = [
  'custom-networking',
  'security-groups-for-pods',
  'traffic-flows',
  'flat-network',
  'multus',
] as const;

const CNI = [
  {},
  { AWS_VPC_K8S_CNI_EXTERNALSNAT: 'true' },
  { ENABLE_PREFIX_DELEGATION: 'true' },
  { AWS_VPC_K8S_CNI_RANDOMIZESNAT: 'none', AWS_VPC_K8S_CNI_EXCLUDE_SNAT_CIDRS: '10.90.0.0/16' },
  { ENABLE_POD_ENI: 'true', POD_SECURITY_GROUP_ENFORCING_MODE: 'strict' },
] as const;

function cniValues(random: Random): string {
  const strict = sometimes(random, 0.3) ? { NETWORK_POLICY_ENFORCING_MODE: 'strict' } : {};
  return JSON.stringify({
    env: { ...pick(random, CNI), ...strict },
    enableNetworkPolicy: sometimes(random, 0.6) ? 'true' : 'false',
  });
}

const ENDPOINTS = [
  '{publicAccess: true, privateAccess: false}',
  '{publicAccess: true, privateAccess: true}',
  '{publicAccess: false, privateAccess: true}',
] as const;

function clusterConfig(random: Random): string {
  const isIpv6 = sometimes(random, 0.2);
  const isPrivate = !isIpv6 && sometimes(random, 0.1);
  const nat = pick(random, ['Single', 'HighlyAvailable', 'Disable'] as const);
  // Nodes of a cluster whose private subnets lead nowhere stand in public ones.
  const inPrivate = isPrivate || (nat !== 'Disable' && sometimes(random, 0.6));
  const blocks = isIpv6 ? '' : `cidr: 10.20.0.0/16, nat: {gateway: ${nat}}, `;
  const vpc = isPrivate
    ? 'vpc: {cidr: 10.20.0.0/16}'
    : `vpc: {${blocks}clusterEndpoints: ${pick(random, ENDPOINTS)}}`;
  const proxy = sometimes(random, 0.35) ? `, configurationValues: '{"mode": "nftables"}'` : '';
  return `apiVersion: eksctl.io/v1alpha5
kind: ClusterConfig
metadata: {name: random, region: us-west-2, version: "${pick(random, ['1.31', '1.33', '1.34'])}"}
availabilityZones: [us-west-2a, us-west-2b]
${vpc}
${isPrivate ? 'privateCluster: {enabled: true}' : ''}
${isIpv6 ? 'kubernetesNetworkConfig: {ipFamily: IPv6}' : ''}
iam: {withOIDC: true}
managedNodeGroups:
  - {name: ng, instanceType: m5.large, desiredCapacity: ${2 + random.int(2)}, privateNetworking: ${inPrivate}${sometimes(random, 0.3) ? ', amiFamily: AmazonLinux2' : ''}}
addons:
  - {name: vpc-cni, configurationValues: '${cniValues(random)}'}
  - {name: coredns}
  - {name: kube-proxy${proxy}}
`;
}

/** The files of base number `index`; every fourth is an example's network. */
export function clusterFiles(random: Random, index: number): SourceFile[] {
  const app = { path: 'app.yaml', text: workloads(random) };
  if (index % 4 === 3) return [...exampleFiles(BUILT[(index >> 2) % BUILT.length]!), app];
  return [{ path: 'cluster.yaml', text: clusterConfig(random) }, app];
}
