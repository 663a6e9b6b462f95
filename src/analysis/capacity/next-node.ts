/**
 * analysis/capacity/next-node — whether one more node, of a type that is there already, could
 * start in a subnet and how many pods it could then serve.
 *
 * RunInstances takes one address for the primary ENI; ipamd then fills that ENI, and asks for one
 * address when the lot is refused (ipamd.go:968-1265).
 */

import type { CniEnvironment } from './cni-environment.ts';
import { nodeDemand, usesPrefixes } from './demand.ts';
import { type Evidence, evidence } from './evidence.ts';
import type { NodeLoad } from './node-load.ts';
import { addressesLeft, blocksLeft, roomOf, takeAddresses } from './subnet-room.ts';
import type { SubnetLedger } from './subnet-usage.ts';

export interface NextNode {
  /** `starts` with its first addresses; `starts-short` with fewer than ipamd wants; `fails`. */
  readonly outcome: 'starts' | 'starts-short' | 'fails';
  readonly instanceType: string;
  /** Addresses it wants before the first pod with an address. */
  readonly wants: number;
  /** EC2's error code, when there is one. */
  readonly error?: 'InsufficientFreeAddressesInSubnet' | 'InsufficientCidrBlocks' | undefined;
  readonly text: string;
  readonly evidence: readonly Evidence[];
}

/** The next node of the type that is commonest in the subnet; undefined when it has no nodes. */
export function nextNodeIn(
  ledger: SubnetLedger,
  loads: readonly NodeLoad[],
  environment: CniEnvironment,
): NextNode | undefined {
  const { subnetId } = ledger.usage;
  const here = loads.filter((load) => load.subnetId === subnetId);
  const like = here[0];
  if (like === undefined) return undefined;
  const { env } = environment;
  const demand = nodeDemand(like.type, env, like.maxPods, 0);
  const prefixes = demand.podSubnetAddresses > 0 ? 0 : demand.prefixes;
  const room = roomOf(ledger);
  const wants = demand.nodeSubnetAddresses;
  const free = addressesLeft(room);
  const facts = {
    instanceType: like.type.name,
    wants,
    evidence: [
      evidence(`subnet ${subnetId}`, 'free addresses', free),
      evidence(`subnet ${subnetId}`, 'free /28 blocks', blocksLeft(room)),
      evidence(like.type.name, 'addresses wanted at start', wants),
    ],
  };
  if (!takeAddresses(room, 1))
    return {
      ...facts,
      outcome: 'fails',
      error: 'InsufficientFreeAddressesInSubnet',
      text: 'the next node fails: InsufficientFreeAddressesInSubnet',
    };
  const withPrefixes = usesPrefixes(like.type, env) && prefixes > 0;
  const enough = withPrefixes ? blocksLeft(room) >= prefixes : free >= wants;
  if (enough)
    return { ...facts, outcome: 'starts', text: `the next ${like.type.name} takes ${wants}` };
  const error =
    withPrefixes && free > 16 ? 'InsufficientCidrBlocks' : 'InsufficientFreeAddressesInSubnet';
  const gets = withPrefixes ? blocksLeft(room) * 16 : free - 1;
  return {
    ...facts,
    outcome: 'starts-short',
    error,
    text: `the next node starts but its pods get ${gets} of ${wants - 1} addresses: ${error}`,
  };
}
