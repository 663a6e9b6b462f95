/**
 * analysis/capacity/remedies — what to do about it, least effort first, each with the command, the
 * number it yields and what it costs. Only what helps here is named.
 *
 * Resizing a subnet is never among them: AWS has no such call.
 */
import type { StopKind } from './evidence.ts';
import {
  customNetworkingRemedy,
  ipv6Remedy,
  prefixRemedy,
  taggedSubnetRemedy,
} from './remedies-of-network.ts';
import { gainOf, morePods, type Remedy, type RemedyQuestion, setEnvCommand } from './remedy.ts';
import type { SettingRow } from './settings.ts';

const ADDRESS_STOPS: ReadonlySet<StopKind> = new Set<StopKind>([
  'subnet-addresses',
  'fragmentation',
  'aws-node',
]);
const DENSITY_STOPS: ReadonlySet<StopKind> = new Set<StopKind>(['max-pods', 'eni-slots']);

/** Remedies that help, in order of effort. */
export function remediesFor(question: RemedyQuestion): readonly Remedy[] {
  const kind = question.stop?.kind;
  const shortOfAddresses = kind === undefined || ADDRESS_STOPS.has(kind);
  const shortOfSlots = kind !== undefined && DENSITY_STOPS.has(kind);
  const found: (Remedy | undefined)[] = [leakedEniRemedy(question)];
  if (shortOfAddresses || !question.rows.every((row, i) => i > 0 || row.fits))
    found.push(warmTargetRemedy(question), taggedSubnetRemedy(question));
  if (shortOfAddresses || shortOfSlots) found.push(prefixRemedy(question));
  if (shortOfAddresses) found.push(customNetworkingRemedy(question));
  if (shortOfAddresses || shortOfSlots) found.push(ipv6Remedy(question));
  if (!shortOfAddresses) found.push(moreNodesRemedy(question));
  return found.filter((remedy) => remedy !== undefined).toSorted((a, b) => a.effort - b.effort);
}

function leakedEniRemedy({ ledgers }: RemedyQuestion): Remedy | undefined {
  const leaked = ledgers.flatMap(({ usage }) =>
    usage.holders.filter((holder) => holder.use === 'leaked-eni'),
  );
  if (leaked.length === 0) return undefined;
  const addresses = leaked.reduce((total, it) => total + it.addresses, 0);
  return {
    title: 'delete ENIs the CNI left behind',
    effort: 1,
    commands: leaked.map(
      ({ holder }) => `aws ec2 delete-network-interface --network-interface-id ${holder}`,
    ),
    yields: `${addresses} addresses at once`,
    caveat: 'aws-node does so by itself within the hour, unless DISABLE_LEAKED_ENI_CLEANUP is set',
  };
}

function warmTargetRemedy({ rows }: RemedyQuestion): Remedy | undefined {
  const best = rows.find((row) => row.id === 'warm-ip-2' && !row.needsNewNodes);
  const { addresses, pods } = gainOf(best, rows);
  if (best === undefined || addresses <= 0) return undefined;
  const env = Object.fromEntries(Object.entries(best.variables).filter(([, it]) => it !== ''));
  const gained = pods > 0 ? `, ${morePods(pods)} fit` : '';
  return {
    title: 'keep fewer addresses warm',
    effort: 1,
    commands: [
      setEnvCommand(warmOnly(best.variables)),
      `# with the EKS add-on: aws eks update-addon … --configuration-values '${JSON.stringify({ env: warmOnly(env) })}'`,
    ],
    yields:
      `nodes hold ${best.addresses} addresses instead of ${rows[0]?.addresses}: ` +
      `${addresses} back${gained}`,
    caveat:
      'more EC2 calls as pods come and go (throttling in clusters with much churn); ' +
      'WARM_ENI_TARGET is ignored from then on',
  };
}

const warmOnly = (variables: SettingRow['variables']): SettingRow['variables'] =>
  Object.fromEntries(Object.entries(variables).filter(([key]) => /_IP_TARGET$/.test(key)));

function moreNodesRemedy({ rows, stop, clusterName }: RemedyQuestion): Remedy | undefined {
  const now = rows[0];
  if (now === undefined || now.nodes === 0) return undefined;
  const perNode = Math.max(1, Math.ceil(now.addresses / now.nodes));
  const count = now.subnets.reduce(
    (total, it) => total + Math.max(0, Math.floor(((it.capacity ?? 0) - it.addresses) / perNode)),
    0,
  );
  if (count === 0) return undefined;
  return {
    title: 'add nodes, or larger ones',
    effort: 2,
    commands: [
      `eksctl scale nodegroup --cluster ${clusterName || 'CLUSTER'} --name NODEGROUP --nodes N`,
    ],
    yields:
      `the subnets have addresses for ${count} more nodes of ${now.instanceTypes.join(', ')} ` +
      `(${perNode} each)`,
    caveat:
      stop?.kind === 'max-pods'
        ? 'max pods is fixed when a node joins; no CNI setting changes it on a running node'
        : 'addresses are not what is short here',
  };
}
