/**
 * analysis/trace/public-face — who comes from the internet sends to the public address of a node,
 * an instance or an interface, where it has one: its private address leads nowhere out there.
 */
import type { TwinStore } from '../../model/kinds.ts';
import { formatIp, parseIp } from '../../net/index.ts';
import type { Target } from './endpoint.ts';

/** The target as the internet sees it; unchanged where it has no public address. */
export function publicFace(store: TwinStore, target: Target): Target {
  if (target.kind !== 'address') return target;
  const own = formatIp(target.address);
  for (const { privateIpAddresses } of store.list('ec2/network-interface')) {
    const found = privateIpAddresses.find(({ address }) => address === own);
    const address = found?.public && parseIp(found.public.publicIp);
    if (address === undefined) continue;
    const said = `from the internet ${own} is reached at ${formatIp(address)}`;
    const note = target.note === undefined ? said : `${target.note}; ${said}`;
    return { ...target, address, note };
  }
  return target;
}
