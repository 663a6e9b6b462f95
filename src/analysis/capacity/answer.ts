/**
 * analysis/capacity/answer — the capacity question answered: subnets, nodes, what fits, what each
 * setting would change, what to do.
 *
 * Reads: subnets, ENIs, instances, nodes, pods, pod sandboxes, ipamd's pools.  Writes: nothing.
 * Everything in the answer is plain data.
 */
import { InputError } from '../../model/input-error.ts';
import { type CniEnvironment, clusterCniEnvironment } from './cni-environment.ts';
import { type Fit, fitOf, type NodeFit, nextPodOn } from './fit.ts';
import { nodeLoads, subnetCapacities } from './loads.ts';
import { type NextNode, nextNodeIn } from './next-node.ts';
import { type NodeLedger, nodeLedgers } from './node-ledger.ts';
import { type NodeUsage, nodeUsage } from './node-usage.ts';
import { deploymentShape, type PodShape, plainPod } from './pod-shape.ts';
import type { CapacitySource } from './question.ts';
import { remediesFor } from './remedies.ts';
import type { Remedy } from './remedy.ts';
import { type SeedEstimate, type SeedTerms, seedEstimate } from './seed-formula.ts';
import { type SettingRow, settingRows } from './settings.ts';
import {
  addressOwners,
  type SubnetLedger,
  type SubnetUsage,
  subnetLedgers,
} from './subnet-usage.ts';

export interface CapacityFlags {
  /** Subnet ids or Name tags to show; empty = all. */
  readonly subnets: readonly string[];
  /** Whose pods to fit, `NAMESPACE/NAME`; absent: a pod without requests. */
  readonly deployment?: string | undefined;
  /** How many more pods are planned. */
  readonly pods?: number | undefined;
}

export interface CapacityAnswer {
  readonly subnets: readonly (SubnetUsage & { readonly nextNode?: NextNode | undefined })[];
  readonly nodes: readonly (NodeUsage & { readonly nextPod: NodeFit })[];
  readonly fit: Fit;
  readonly planned?: { readonly pods: number; readonly missing: number } | undefined;
  readonly settings: readonly SettingRow[];
  readonly remedies: readonly Remedy[];
  readonly seed: SeedEstimate & {
    readonly terms: SeedTerms;
    /** Addresses in use or reserved in the VPC's subnets that have any user. */
    readonly taken: number;
  };
  /** The CNI settings the answer rests on. */
  readonly environment: Readonly<Record<string, string>>;
}

interface Books {
  readonly environment: CniEnvironment;
  readonly subnets: readonly SubnetLedger[];
  readonly nodes: readonly NodeLedger[];
}

/**
 * Answers for the whole cluster; `flags.subnets` limits which subnets and nodes are listed, not
 * what they may draw on.
 *
 * @throws InputError when a subnet or the Deployment is not there
 */
export function capacity(source: CapacitySource, flags: CapacityFlags): CapacityAnswer {
  const environment = clusterCniEnvironment(source);
  const books: Books = {
    environment,
    subnets: subnetLedgers(source),
    nodes: nodeLedgers(source, environment, addressOwners(source)).filter(
      ({ instance, pool }) => instance !== undefined || pool.enis.length > 0,
    ),
  };
  const shown = chosenSubnets(books, flags.subnets);
  const shownIds = new Set<string>(shown.map(({ usage }) => usage.subnetId));
  const shape =
    flags.deployment === undefined
      ? plainPod()
      : deploymentShape(source, environment, flags.deployment);
  const loads = nodeLoads(source, books.nodes, environment);
  const fit = fitOf(source, books.nodes, books.subnets, shape);
  const settings =
    loads.length === 0
      ? []
      : settingRows({ loads, subnets: subnetCapacities(books.subnets), environment });
  const listed = books.nodes.filter(
    ({ instance }) => flags.subnets.length === 0 || shownIds.has(instance?.subnetId ?? ''),
  );
  return {
    subnets: shown.map((ledger) => ({
      ...ledger.usage,
      nextNode: nextNodeIn(ledger, loads, environment),
    })),
    nodes: listed.map((ledger) => ({
      ...nodeUsage(ledger),
      nextPod: nextPodOn(source, ledger, books.subnets, shape),
    })),
    fit,
    planned:
      flags.pods === undefined
        ? undefined
        : { pods: flags.pods, missing: Math.max(0, flags.pods - fit.fits) },
    settings,
    remedies: remedies(source, books, settings, fit, shape),
    seed: seedOf(source, books),
    environment: environment.variables,
  };
}

function chosenSubnets({ subnets }: Books, wanted: readonly string[]): readonly SubnetLedger[] {
  if (wanted.length === 0) return subnets;
  return wanted.map((name) => {
    const found = subnets.find(
      ({ subnet }) =>
        subnet.subnetId === name ||
        subnet.cidrBlock === name ||
        subnet.tags.Name === name ||
        // As the table shows it: eksctl's names without their stack.
        subnet.tags.Name?.endsWith(`/${name}`),
    );
    if (found !== undefined) return found;
    const known = subnets.map(({ subnet }) => subnet.tags.Name ?? subnet.subnetId);
    throw new InputError(
      `subnet ${name}`,
      'there is no such subnet',
      known.length === 0 ? 'the input has no subnets' : `there is ${known.slice(0, 8).join(', ')}`,
    );
  });
}

function remedies(
  { store }: CapacitySource,
  { nodes, subnets, environment }: Books,
  rows: readonly SettingRow[],
  fit: Fit,
  shape: PodShape,
): readonly Remedy[] {
  const instance = nodes.find((node) => node.instance !== undefined)?.instance;
  if (instance === undefined || shape.addressFrom === 'host') return [];
  const inVpc = subnets.filter(({ subnet }) => subnet.vpcId === instance.vpcId);
  const vpc = store.get('ec2/vpc', instance.vpcId);
  const primary = store
    .lookup('ec2/network-interface', 'instance', instance.instanceId)
    .find((eni) => eni.attachment?.deviceIndex === 0);
  return remediesFor({
    ledgers: inVpc,
    nodeSubnets: [...new Set(nodes.flatMap((node) => node.instance?.subnetId ?? []))],
    vpcCidrs: vpc?.cidrBlocks.map((it) => it.cidrBlock) ?? [],
    vpcId: instance.vpcId,
    clusterName: environment.env.clusterName || (store.list('eks/cluster')[0]?.name ?? ''),
    subnetDiscovery: environment.env.subnetDiscovery && !environment.env.customNetworking,
    variables: environment.variables,
    securityGroupIds: primary?.groups ?? [],
    rows,
    stop: fit.next,
  });
}

/** The guide's sum for what is there, beside what is really taken. */
function seedOf({ store }: CapacitySource, { nodes, subnets }: Books): CapacityAnswer['seed'] {
  const balancers = new Set<string>();
  let taken = 0;
  for (const { usage } of subnets) {
    for (const { use, description, holder } of usage.holders)
      if (use === 'load-balancer') balancers.add(description ?? holder);
    if (usage.used > 0) taken += usage.used + usage.reserved;
  }
  const terms: SeedTerms = {
    nodes: nodes.length,
    pods: nodes.reduce(
      (total, { pods }) => total + pods.filter((pod) => pod.spec.hostNetwork !== true).length,
      0,
    ),
    loadBalancers: balancers.size,
    natGateways: store.list('ec2/nat-gateway').filter((it) => it.state === 'available').length,
  };
  return { ...seedEstimate(terms), terms, taken };
}
