/**
 * load-balancer/deploy/attributes — attributes of a load balancer, target group or listener that
 * are not as wanted. Those nobody names stay as they are.
 *
 * Upstream: kubernetes-sigs/aws-load-balancer-controller@225f445 pkg/deploy/elbv2/
 * *_attributes_reconciler.go.
 */
import type { AwsError } from '../../../model/aws-error.ts';
import { must } from './deploy-error.ts';

type Attributes = Readonly<Record<string, string>>;

/** Asks what there is and changes what differs. @throws DeployError where AWS refuses */
export async function reconcileAttributes(
  wanted: readonly (readonly [key: string, value: string])[],
  describe: () => Promise<Attributes | AwsError>,
  modify: (attributes: Attributes) => Promise<Attributes | AwsError>,
): Promise<void> {
  const current = must(await describe()) as Attributes;
  const changed = wanted.filter(([key, value]) => current[key] !== value);
  if (changed.length === 0) return;
  changed.sort(([a], [b]) => (a < b ? -1 : 1));
  must(await modify(Object.fromEntries(changed)));
}
