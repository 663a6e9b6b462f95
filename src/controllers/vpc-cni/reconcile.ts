/**
 * controllers/vpc-cni/reconcile — brings the datastore in step with what is really attached.
 *
 * Upstream: aws/amazon-vpc-cni-k8s@b52188387 pkg/ipamd/ipamd.go:1570-1940 (nodeIPPoolReconcile).
 * Metadata is compared first; a difference is confirmed with EC2 before anything is removed.
 */
import { isAwsError } from '../../model/aws-error.ts';
import type { Datastore, DatastoreEni } from './datastore.ts';
import type { EniMetadata } from './eni-api.ts';
import { setUpEni } from './eni-setup.ts';
import { countUp, type Ipam } from './ipam.ts';

/** At most once in this time since the pool last changed. */
export const RECONCILE_INTERVAL_MS = 60_000;
/** Metadata may show an address for this long after it was given back. */
const RECENTLY_FREED_MS = 60_000;

const blocksOf = (eni: EniMetadata, ipv6: boolean): readonly string[] =>
  ipv6 ? eni.ipv6Prefixes.slice(0, 1) : [...eni.secondaryCidrs, ...eni.prefixes];

const heldBy = (eni: DatastoreEni): readonly string[] => [...eni.ipv4.keys(), ...eni.ipv6.keys()];

const freedLately = (ipam: Ipam, cidr: string): boolean => {
  const at = ipam.recentlyFreed.get(cidr);
  return at !== undefined && ipam.clock.now() - at < RECENTLY_FREED_MS;
};

/** The ENIs ipamd manages on this card, as attached now. */
function attached(
  ipam: Ipam,
  store: Datastore,
  isManaged: (eni: EniMetadata) => boolean,
): readonly EniMetadata[] {
  return ipam.api
    .attachedEnis()
    .filter((eni) => eni.networkCard === store.networkCard && isManaged(eni));
}

/** Whether the datastore differs from what is attached. */
export function isOutOfStep(
  ipam: Ipam,
  store: Datastore,
  isManaged: (eni: EniMetadata) => boolean,
): boolean {
  const enis = attached(ipam, store, isManaged);
  if (enis.length !== store.enis.size) return true;
  return enis.some((eni) => {
    const held = store.enis.get(eni.eniId);
    return held === undefined || eniDiffers(ipam, eni, held);
  });
}

function eniDiffers(ipam: Ipam, eni: EniMetadata, held: DatastoreEni): boolean {
  if (eni.isTrunk !== held.isTrunk) return true;
  const blocks = blocksOf(eni, ipam.env.ipv6).filter((cidr) => !freedLately(ipam, cidr));
  const known = heldBy(held);
  if (held.excluded) return false;
  return (
    blocks.length !== known.length ||
    blocks.some((cidr) => !held.ipv4.has(cidr) && !held.ipv6.has(cidr))
  );
}

/** A trunk that is attached and not yet known is taken in at once, not after a minute. */
export const trunkIsMissing = (ipam: Ipam, store: Datastore): boolean =>
  ipam.env.podEni &&
  ipam.api
    .attachedEnis()
    .some(
      (eni) =>
        eni.isTrunk &&
        eni.networkCard === store.networkCard &&
        store.enis.get(eni.eniId)?.isTrunk !== true,
    );

/** One reconcile of one card. */
export async function reconcilePool(
  ipam: Ipam,
  store: Datastore,
  isManaged: (eni: EniMetadata) => boolean,
): Promise<void> {
  ipam.lastPoolActionMs = ipam.clock.now();
  const enis = attached(ipam, store, isManaged);
  for (const eni of enis) {
    const held = store.enis.get(eni.eniId);
    if (held === undefined) {
      countUp(ipam.counters.reconciles, 'eniReconcileAdd');
      await setUpEni(ipam, store, eni);
      continue;
    }
    if (eni.isTrunk !== held.isTrunk) {
      held.isTrunk = eni.isTrunk;
      ipam.networkOf(eni);
    }
    if (eniDiffers(ipam, eni, held)) await reconcileEni(ipam, store, eni, held);
  }
  const shown = new Set(enis.map((eni) => eni.eniId));
  const missing = [...store.enis.keys()].filter((eniId) => !shown.has(eniId));
  if (missing.length === 0) return;
  const confirmed = await ipam.api.attachedInEc2();
  if (isAwsError(confirmed)) return;
  for (const eniId of missing) {
    if (confirmed.has(eniId)) continue;
    countUp(ipam.counters.reconciles, 'eniReconcileDel');
    store.removeEni(eniId, true);
    ipam.networkGone(eniId);
  }
}

async function reconcileEni(
  ipam: Ipam,
  store: Datastore,
  eni: EniMetadata,
  held: DatastoreEni,
): Promise<void> {
  for (const cidr of blocksOf(eni, ipam.env.ipv6)) {
    if (held.ipv4.has(cidr) || held.ipv6.has(cidr) || freedLately(ipam, cidr)) continue;
    countUp(ipam.counters.reconciles, 'eniDataStorePoolReconcileAdd');
    store.addCidr(eni.eniId, cidr, !cidr.endsWith('/32'));
  }
  const shown = new Set(blocksOf(eni, ipam.env.ipv6));
  const missing = heldBy(held).filter((cidr) => !shown.has(cidr));
  if (missing.length === 0) return;
  const confirmed = await confirmedCidrs(ipam, eni.eniId);
  for (const cidr of missing) {
    if (confirmed === undefined || confirmed.has(cidr)) continue;
    countUp(ipam.counters.reconciles, 'eniDataStorePoolReconcileDel');
    store.deleteCidr(eni.eniId, cidr, true);
  }
}

/** What EC2 says of the ENI; undefined when it does not answer: then nothing is removed. */
async function confirmedCidrs(ipam: Ipam, eniId: string): Promise<ReadonlySet<string> | undefined> {
  if (ipam.env.ipv6) {
    const eni = ipam.api.attachedEnis().find((one) => one.eniId === eniId);
    return new Set(eni?.ipv6Prefixes ?? []);
  }
  const addresses = await ipam.api.describeCidrs(eniId, false);
  const prefixes = await ipam.api.describeCidrs(eniId, true);
  if (isAwsError(addresses) || isAwsError(prefixes)) return undefined;
  return new Set([...addresses, ...prefixes]);
}
