/**
 * analysis/load-balancer/preview/plan — what applying files would do to AWS: the twin before and a
 * fork of it after, compared; with addresses, price, and what controllers refused.
 */
import type { TwinStore } from '../../../model/kinds.ts';
import { type KubernetesObject, keyOf } from '../../../model/kubernetes/meta.ts';
import { loadBalancers } from '../summary.ts';
import { warningsOf } from '../warnings.ts';
import { type PlannedChange, plannedChanges } from './planned-change.ts';
import { plannedResources } from './planned-resources.ts';

/** A controller's warning that was not there before. */
export interface Refusal {
  /** `ingress/shop/web` */
  readonly object: string;
  readonly text: string;
}

export interface Plan {
  readonly changes: readonly PlannedChange[];
  readonly refusals: readonly Refusal[];
  /** Addresses of subnets that load balancers take more, or less. */
  readonly addresses: number;
  /** US dollars a month, more or less; undefined where the region's price is not known. */
  readonly perMonth: number | undefined;
}

/** The plan that leads from one store to the other. */
export function planBetween(before: TwinStore, after: TwinStore, region: string): Plan {
  const [was, is] = [loadBalancers(before, region), loadBalancers(after, region)];
  const sum = (all: typeof was, of: (it: (typeof was)[number]) => number): number =>
    all.reduce((total, it) => total + of(it), 0);
  const price = ({ perMonth }: (typeof was)[number]): number =>
    (perMonth?.hours ?? 0) + (perMonth?.publicAddresses ?? 0);
  const isPriced = [...was, ...is].every(({ perMonth }) => perMonth !== undefined);
  return {
    changes: plannedChanges(plannedResources(before), plannedResources(after)),
    refusals: newWarnings(before, after),
    addresses: sum(is, (it) => it.addresses) - sum(was, (it) => it.addresses),
    perMonth: isPriced ? sum(is, price) - sum(was, price) : undefined,
  };
}

/** Kinds whose warnings say that a load balancer was not made, or not as asked. */
const KINDS = ['Ingress', 'Service', 'TargetGroupBinding', 'Gateway'] as const;

/** Warnings that stand after and did not before. */
function newWarnings(before: TwinStore, after: TwinStore): Refusal[] {
  return KINDS.flatMap((kind) =>
    (after.list(kind) as readonly KubernetesObject[]).flatMap((it) => {
      const known = new Set(warningsOf(before, it));
      const object = `${kind.toLowerCase()}/${keyOf(it)}`;
      return warningsOf(after, it)
        .filter((text) => !known.has(text))
        .map((text) => ({ object, text }));
    }),
  );
}
