/**
 * controllers/in-tree-load-balancer/source-ranges — who may reach the load balancer.
 *
 * Follows kubernetes/cloud-provider@4666611 service/helpers/helper.go:58-84.
 */
import type { Service } from '../../model/kubernetes/core.ts';
import { canonicalCidrText } from '../../net/index.ts';
import { ProviderError } from './provider-error.ts';

const ANNOTATION = 'service.beta.kubernetes.io/load-balancer-source-ranges';
export const ANYWHERE = '0.0.0.0/0';

/** Blocks, each once: the field, else the annotation, else everybody. */
export function sourceRangesOf({ spec, metadata }: Service): readonly string[] {
  const named = spec.loadBalancerSourceRanges ?? [];
  const annotated = metadata.annotations?.[ANNOTATION]?.trim() || ANYWHERE;
  const ranges = (named.length > 0 ? named : annotated.split(',')).map((it) => it.trim());
  const blocks = ranges.map(canonicalCidrText);
  if (blocks.includes(undefined)) {
    throw new ProviderError(
      named.length > 0
        ? `service.Spec.LoadBalancerSourceRanges: [${named.join(' ')}] is not valid. Expecting a ` +
            'list of IP ranges. For example, 10.0.0.0/24.'
        : `${ANNOTATION}: ${annotated} is not valid. Expecting a comma-separated list of source ` +
            'IP ranges. For example, 10.0.0.0/24,192.168.2.0/24',
    );
  }
  return [...new Set(blocks as readonly string[])];
}
