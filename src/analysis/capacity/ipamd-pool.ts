/** analysis/capacity/ipamd-pool — a running ipamd's own state as the pool that capacity reads. */
import { ADDRESSES_PER_PREFIX } from '../../controllers/vpc-cni/address-count.ts';
import type { EniPoolState, IpamdState } from '../../controllers/vpc-cni/ipamd-state.ts';
import type { PoolBlock, PoolEni, PoolState } from '../../model/eks/pool-state.ts';
import { cidrTextContains } from '../../net/index.ts';

/** The pool of one node; undefined before ipamd has set up its first card. */
export function poolOfIpamd(state: IpamdState): PoolState | undefined {
  const targets = state.cards[0]?.settings;
  if (targets === undefined) return undefined;
  const { nodeName, pausedUntilMs } = state;
  return { nodeName, targets, pausedUntilMs, enis: state.enis.map(eniOf) };
}

const eniOf = (eni: EniPoolState): PoolEni => ({
  networkInterfaceId: eni.eniId,
  subnetId: eni.subnetId,
  networkCard: eni.networkCard,
  isPrimary: eni.isPrimary,
  isTrunk: eni.isTrunk,
  excluded: eni.excluded,
  blocks: blocksOf(eni),
  cooling: eni.cooling,
});

function blocksOf({ cidrs, assigned }: EniPoolState): readonly PoolBlock[] {
  const addresses = new Set(assigned.map(({ ip }) => ip));
  return cidrs
    .filter((cidr) => !cidr.includes(':'))
    .map((cidr) => {
      const isPrefix = cidr.includes('/') && !cidr.endsWith('/32');
      const pods = isPrefix
        ? assigned.filter(({ ip }) => cidrTextContains(cidr, ip)).length
        : Number(addresses.has(cidr.split('/')[0] ?? cidr));
      return { cidr, isPrefix, size: isPrefix ? ADDRESSES_PER_PREFIX : 1, assigned: pods };
    });
}
