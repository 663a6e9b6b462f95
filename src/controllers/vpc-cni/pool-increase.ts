/**
 * controllers/vpc-cni/pool-increase — one pass that makes the pool larger: fill one ENI, or make
 * one. The next pass comes five seconds later.
 *
 * Upstream: aws/amazon-vpc-cni-k8s@b52188387 pkg/ipamd/ipamd.go:968-1265.
 */
import { type AwsError, isAwsError } from '../../model/aws-error.ts';
import type { Datastore } from './datastore.ts';
import { allocatableEnis } from './datastore-view.ts';
import { chosenEniConfig } from './eni-config.ts';
import { setUpEni } from './eni-setup.ts';
import {
  countUp,
  type Ipam,
  inInsufficientCidrPause,
  isInsufficientCidr,
  isNonSchedulable,
  isPrivateIpLimitExceeded,
} from './ipam.ts';
import {
  hasRoomForEni,
  newEniResources,
  type PoolSettings,
  prefixesNeeded,
  targetState,
} from './pool-targets.ts';

/** Makes the card's pool larger by one step, unless something forbids it. */
export async function increasePool(ipam: Ipam, store: Datastore): Promise<void> {
  if (ipam.terminating) return;
  if (!ipam.env.manageEnisNonSchedulable && isNonSchedulable(ipam.node())) return;
  if (inInsufficientCidrPause(ipam.clock.now(), ipam.lastInsufficientCidrMs)) return;

  const settings = ipam.settings(store.networkCard);
  const grown = await growExistingEni(ipam, settings, store);
  if (isAwsError(grown)) {
    // Upstream returns here only for the two codes that pause; after others it tries a new ENI.
    if (isInsufficientCidr(grown)) {
      ipam.lastInsufficientCidrMs = ipam.clock.now();
      return;
    }
  } else if (grown) {
    ipam.lastPoolActionMs = ipam.clock.now();
    return;
  }
  if (!hasRoomForEni(settings, store)) return;
  if (await allocateEni(ipam, settings, store)) ipam.lastPoolActionMs = ipam.clock.now();
}

/** Blocks to ask for on ENIs that exist; 0 = the warm IP targets are met. */
function wantedBlocks(settings: PoolSettings, store: Datastore): number {
  if (settings.prefixDelegation) return prefixesNeeded(settings, store);
  const { short, enabled } = targetState(settings, store);
  return enabled ? short : settings.maxIpsPerEni;
}

/** Fills the first ENI with room; true when the pool may have grown. */
async function growExistingEni(
  ipam: Ipam,
  settings: PoolSettings,
  store: Datastore,
): Promise<boolean | AwsError> {
  const wanted = wantedBlocks(settings, store);
  if (wanted <= 0) return false;
  const max = settings.prefixDelegation ? settings.maxPrefixesPerEni : settings.maxIpsPerEni;
  for (const eni of [...allocatableEnis(store, max, settings.customNetworking)]) {
    let blocks = await ipam.api.allocIpAddresses(eni.id, Math.min(max - eni.ipv4.size, wanted));
    if (isAwsError(blocks) && !isPrivateIpLimitExceeded(blocks))
      // All of them did not fit; one more may.
      blocks = await ipam.api.allocIpAddresses(eni.id, 1);
    if (isAwsError(blocks) && !isPrivateIpLimitExceeded(blocks)) {
      countUp(ipam.counters.ipamdErrors, 'increaseIPPoolAllocIPAddressesFailed');
      ipam.failed('AllocIPAddresses', blocks, [eni.subnetId]);
      if (ipam.env.subnetDiscovery && isInsufficientCidr(blocks)) continue;
      return blocks;
    }
    if (isAwsError(blocks)) {
      // The datastore is out of step with EC2: take what the ENI really has.
      blocks = await ipam.api.describeCidrs(eni.id, settings.prefixDelegation);
      if (isAwsError(blocks)) {
        countUp(ipam.counters.ipamdErrors, 'increaseIPPoolGetENIaddressesFailed');
        return blocks;
      }
    }
    for (const cidr of blocks) store.addCidr(eni.id, cidr, settings.prefixDelegation);
    return true;
  }
  return false;
}

/** Makes and sets up one ENI; false when that failed, which never makes the node NotReady. */
export async function allocateEni(
  ipam: Ipam,
  settings: PoolSettings,
  store: Datastore,
): Promise<boolean> {
  let securityGroups: readonly string[] | undefined;
  let subnetId = '';
  if (settings.customNetworking) {
    const config = chosenEniConfig(ipam.env, ipam.node(), ipam.eniConfig);
    if ('problem' in config) {
      countUp(ipam.counters.ipamdErrors, 'tryAllocateENI');
      ipam.failed(
        'ENIConfig',
        { kind: 'aws-error', code: 'ENIConfig', message: config.problem },
        [],
      );
      return false;
    }
    securityGroups = config.securityGroups.length > 0 ? config.securityGroups : undefined;
    subnetId = config.subnet;
  }
  const count = newEniResources(settings, store);
  // Upstream counts this as success: there was nothing to do.
  if (count <= 0) return true;
  const networkCard = store.networkCard;
  const eniId = await ipam.api.allocEni({ securityGroups, subnetId, count, networkCard });
  if (isAwsError(eniId)) {
    countUp(ipam.counters.ipamdErrors, 'increaseIPPoolAllocENI');
    if (isInsufficientCidr(eniId)) ipam.lastInsufficientCidrMs = ipam.clock.now();
    ipam.failed('AllocENI', eniId, subnetId === '' ? [] : [subnetId]);
    return false;
  }
  const metadata = await ipam.api.waitForEniAndIpsAttached(eniId, count);
  if (isAwsError(metadata)) {
    countUp(ipam.counters.ipamdErrors, 'increaseIPPoolwaitENIAttachedFailed');
    ipam.failed('WaitForENIAndIPsAttached', metadata, []);
    return false;
  }
  const problem = await setUpEni(ipam, store, metadata);
  if (problem !== undefined) {
    countUp(ipam.counters.ipamdErrors, 'increaseIPPoolsetupENIFailed');
    ipam.failed('setupENI', problem, [metadata.subnetId]);
    return false;
  }
  return true;
}
