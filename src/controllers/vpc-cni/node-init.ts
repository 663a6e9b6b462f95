/**
 * controllers/vpc-cni/node-init — what ipamd does once before it serves pods, in upstream's order.
 *
 * Upstream: aws/amazon-vpc-cni-k8s@b52188387 pkg/ipamd/ipamd.go:458-672 (nodeInit).
 * Writes: EC2 (tags, blocks, ENIs), `node/network` through `networkOf`.
 */
import { type AwsError, isAwsError } from '../../model/aws-error.ts';
import type { CheckpointAllocation } from './checkpoint.ts';
import type { Datastore } from './datastore.ts';
import { isDatastoreError } from './datastore-error.ts';
import { freeableCidrs, freeableIps, freeablePrefixes, poolStats } from './datastore-view.ts';
import type { EniMetadata } from './eni-api.ts';
import { setUpEni } from './eni-setup.ts';
import { countUp, type Ipam } from './ipam.ts';
import { increasePool } from './pool-increase.ts';
import { isPoolTooLow } from './pool-targets.ts';

/** maxRetryCheckENI × eniAttachTime, ipamd.go:66. */
const SETUP_TRIES = 5;
const SETUP_WAIT_MS = 10_000;

/** The container was killed while EC2 was asked: it touches nothing any more. */
const STOPPED = 'ipamd init: aws-node was stopped';

export interface NodeInit {
  readonly isManaged: (eni: EniMetadata) => boolean;
  /** Whether pods may not use the subnet of this ENI. */
  readonly isExcluded: (eni: EniMetadata) => boolean;
  /** Reads the checkpoint of every card into its datastore. */
  readonly restore: () => readonly CheckpointAllocation[] | string;
  readonly addCniNodeFeatures: () => void;
}

/** undefined = ready; else why aws-node exits and is restarted. */
export async function initNode(ipam: Ipam, init: NodeInit): Promise<string | undefined> {
  const described = await ipam.api.describeAllEnis();
  if (isAwsError(described))
    return `ipamd init: failed to describe attached ENIs: ${described.code}`;
  for (const eni of described) {
    if (ipam.terminating) return STOPPED;
    const store = ipam.stores.get(eni.networkCard);
    if (store === undefined || !init.isManaged(eni)) continue;
    const problem = await setUpWithRetry(ipam, store, eni);
    if (problem !== undefined) return `ipamd init: failed to set up ENI ${eni.eniId}: ${problem}`;
    if (init.isExcluded(eni)) store.setExcluded(eni.eniId, true);
  }
  if (ipam.terminating) return STOPPED;
  const dropped = init.restore();
  if (typeof dropped === 'string') return dropped;
  await dropEmptyBlocksOfExcluded(ipam);
  if (!ipam.env.ipv6) await giveBackOtherKind(ipam);
  init.addCniNodeFeatures();
  if (!ipam.env.ipv6 && ipam.env.networkResourceProvisioning) await preScale(ipam);
  const first = ipam.stores.get(0)!;
  if (ipam.env.customNetworking && poolStats(first, 4).totalIps === 0 && first.assigned === 0)
    return 'unable to create and attach a new ENI for custom networking: no IP addresses';
  return undefined;
}

async function setUpWithRetry(
  ipam: Ipam,
  store: Datastore,
  eni: EniMetadata,
): Promise<string | undefined> {
  if (!eni.isTrunk && ipam.env.networkResourceProvisioning) {
    const tagged = await ipam.api.tagEni(eni);
    if (isAwsError(tagged)) ipam.failed('CreateTags', tagged, []);
  }
  let problem: AwsError | undefined;
  for (let tries = 0; tries < SETUP_TRIES; tries++) {
    problem = await setUpEni(ipam, store, eni);
    if (problem === undefined) return undefined;
    ipam.failed('setupENI', problem, [eni.subnetId]);
    await ipam.clock.sleep(SETUP_WAIT_MS);
  }
  countUp(ipam.counters.ipamdErrors, 'nodeInitSetupENIFailed');
  return `${problem?.code ?? ''}: ${problem?.message ?? ''}`;
}

/** Blocks of ENIs that must not serve pods go, those with pods stay until the pods leave. */
async function dropEmptyBlocksOfExcluded(ipam: Ipam): Promise<void> {
  for (const store of ipam.stores.values()) {
    for (const eni of [...store.enis.values()]) {
      if (!eni.excluded || !ipam.env.networkResourceProvisioning) continue;
      await giveBack(
        ipam,
        store,
        eni.id,
        freeableCidrs(store, eni.id).map((pool) => pool.cidr),
      );
    }
  }
}

/** After a change of ENABLE_PREFIX_DELEGATION blocks of the other kind without pods go. */
async function giveBackOtherKind(ipam: Ipam): Promise<void> {
  if (!ipam.env.networkResourceProvisioning) return;
  for (const store of ipam.stores.values()) {
    for (const eniId of [...store.enis.keys()]) {
      const cidrs = store.prefixDelegation
        ? freeableIps(store, eniId)
        : freeablePrefixes(store, eniId);
      await giveBack(ipam, store, eniId, cidrs);
    }
  }
}

async function giveBack(
  ipam: Ipam,
  store: Datastore,
  eniId: string,
  cidrs: readonly string[],
): Promise<void> {
  const freed = cidrs.filter((cidr) => !isDatastoreError(store.deleteCidr(eniId, cidr, false)));
  if (freed.length === 0) return;
  const result = await ipam.api.deallocCidrs(eniId, freed);
  if (isAwsError(result)) ipam.failed('UnassignPrivateIpAddresses', result, []);
}

/** One increase before pods come; with custom networking upstream makes the first ENI here. */
async function preScale(ipam: Ipam): Promise<void> {
  for (const store of ipam.stores.values())
    if (isPoolTooLow(ipam.settings(store.networkCard), store)) await increasePool(ipam, store);
}
