/**
 * load-balancer/deploy/matching — which of the resources wanted exist, which are missing, which
 * exist and are not wanted: told by the tag that names the resource, by nothing else.
 *
 * Upstream: kubernetes-sigs/aws-load-balancer-controller@225f445 pkg/deploy/elbv2/
 * load_balancer_synthesizer.go, target_group_synthesizer.go, pkg/deploy/ec2/
 * security_group_synthesizer.go: matchResAndSDK…
 */
import type { Tags } from '../../../model/ec2/tags.ts';
import { DeployError } from './deploy-error.ts';

export interface Matched<Wanted, Existing> {
  readonly matched: readonly { readonly wanted: Wanted; readonly existing: Existing }[];
  readonly missing: readonly Wanted[];
  readonly unwanted: readonly Existing[];
}

interface Matching<Wanted, Existing> {
  readonly tagKey: string;
  /** `unexpected loadBalancer with no resourceID: ARN`. */
  readonly nameOf: (existing: Existing) => string;
  /** What exists cannot become what is wanted. */
  readonly needsReplacement: (existing: Existing, wanted: Wanted) => boolean;
  /** Of several that exist for one, only the first is kept. */
  readonly onlyFirst?: boolean;
}

/** @throws DeployError where something of the stack carries no tag that names it */
export function matchByTag<
  Wanted extends { readonly id: string },
  Existing extends { readonly tags: Tags },
>(
  wanted: readonly Wanted[],
  existing: readonly Existing[],
  { tagKey, nameOf, needsReplacement, onlyFirst = false }: Matching<Wanted, Existing>,
): Matched<Wanted, Existing> {
  const existingById = new Map<string, Existing[]>();
  for (const it of existing) {
    const id = it.tags[tagKey];
    if (id === undefined) {
      throw new DeployError(`unexpected ${nameOf(it)}`);
    }
    const others = existingById.get(id);
    if (others === undefined) existingById.set(id, [it]);
    else others.push(it);
  }
  const matched: { readonly wanted: Wanted; readonly existing: Existing }[] = [];
  const missing: Wanted[] = [];
  const unwanted: Existing[] = [];
  for (const it of [...wanted].sort((a, b) => (a.id < b.id ? -1 : 1))) {
    const candidates = existingById.get(it.id) ?? [];
    existingById.delete(it.id);
    const fit = candidates.filter((one) => !needsReplacement(one, it));
    const kept = onlyFirst ? fit.slice(0, 1) : fit;
    unwanted.push(...candidates.filter((one) => !kept.includes(one)));
    for (const one of kept) matched.push({ wanted: it, existing: one });
    if (kept.length === 0) missing.push(it);
  }
  for (const id of [...existingById.keys()].sort()) unwanted.push(...existingById.get(id)!);
  return { matched, missing, unwanted };
}
