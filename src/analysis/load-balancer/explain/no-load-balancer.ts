/**
 * analysis/load-balancer/explain/no-load-balancer — why there is none, or not the one of now: the
 * controller is not there, or said no, or found too few subnets.
 */
import type { Cloud } from '../../../cloud/cloud.ts';
import { defaultSettings } from '../../../controllers/load-balancer/settings/settings.ts';
import { explainSubnets } from '../../../controllers/load-balancer/subnets/explain-subnets.ts';
import { discoverSubnets } from '../../../controllers/load-balancer/subnets/resolve-subnets.ts';
import {
  type SubnetDemand,
  type SubnetReads,
  zoneTypeOf,
} from '../../../controllers/load-balancer/subnets/subnet-reads.ts';
import { isAwsError } from '../../../model/aws-error.ts';
import type { TwinStore } from '../../../model/kinds.ts';
import type { ExplainedSubnets } from './explanation.ts';

/** The Deployment that runs the controller, as its chart names it. */
const DEPLOYMENT = 'kube-system/aws-load-balancer-controller';

/** What keeps the controller itself from working; nothing where it runs. */
export function controllerTroubles(store: TwinStore): readonly string[] {
  const deployment = store.get('Deployment', DEPLOYMENT);
  if (deployment === undefined) {
    return [
      'the AWS Load Balancer Controller is not installed: there is no Deployment ' +
        `${DEPLOYMENT} (add its manifests, or --with aws-load-balancer-controller)`,
    ];
  }
  const pods = store
    .lookup('Pod', 'namespace', 'kube-system')
    .filter(({ metadata }) => metadata.name.startsWith('aws-load-balancer-controller-'));
  const isReady = pods.some(({ status }) =>
    status?.conditions?.some(({ type, status: is }) => type === 'Ready' && is === 'True'),
  );
  if (isReady) return [];
  return [`no pod of Deployment ${DEPLOYMENT} is Ready: ekstwin get pods -n kube-system`];
}

const SOURCES: Readonly<Record<string, string>> = {
  'role-tag': 'discovered by their role tag',
  reachability: 'discovered by their routes: no subnet has the role tag',
  tags: 'chosen by tags',
  named: 'named',
};

/** Every subnet of the VPC, with what the controller's search would make of it now. */
export async function searchedSubnets(
  cloud: Cloud,
  store: TwinStore,
  demand: SubnetDemand,
): Promise<ExplainedSubnets | undefined> {
  const cluster = store.list('eks/cluster')[0];
  if (cluster === undefined) return undefined;
  const { ec2, region } = cloud;
  const reads: SubnetReads = {
    describeSubnets: async (input) => ec2.describeSubnets(input),
    describeRouteTables: async (input) => ec2.describeRouteTables(input),
    zoneType: async (zoneId) => zoneTypeOf(zoneId),
  };
  const vpcId = cluster.vpcId;
  const settings = defaultSettings({ clusterName: cluster.name, vpcId, region });
  const resolution = await discoverSubnets(reads, settings, demand);
  const inVpc = ec2.describeSubnets({ filters: [{ name: 'vpc-id', values: [vpcId] }] });
  return {
    source: SOURCES[resolution.source] ?? resolution.source,
    problem: resolution.kind === 'unresolved' ? resolution.text : undefined,
    considered: isAwsError(inVpc) ? [] : explainSubnets(resolution, inVpc, demand),
  };
}
