/**
 * load-balancer/subnets/subnet-resolution — which subnets a load balancer gets, and what was held
 * against each of the others.
 *
 * The controller itself keeps counts only; the reason of each subnet is kept for explanations.
 */
import { type AwsError, apiErrorText } from '../../../model/aws-error.ts';
import type { CandidateSubnet } from './subnet-reads.ts';

/** What became of one subnet; the order is that of the controller's questions. */
export type SubnetFate =
  | 'chosen'
  /** Never asked about: without the role tag, or with a route the other scheme needs. */
  | 'no-candidate'
  /** It has tags of other clusters and none of this one. */
  | 'other-cluster'
  | 'few-addresses'
  | 'no-ipv6'
  /** Its zone went to another subnet. */
  | 'zone-taken';

export interface ConsideredSubnet {
  readonly subnet: CandidateSubnet;
  readonly fate: SubnetFate;
  /** In words, with the tag or figure that decided. */
  readonly reason: string;
}

export type SubnetSource = 'role-tag' | 'reachability' | 'tags' | 'named';

export type SubnetResolution =
  | {
      readonly kind: 'subnets';
      readonly source: SubnetSource;
      /** Sorted by id, or as named. */
      readonly subnets: readonly CandidateSubnet[];
      readonly considered: readonly ConsideredSubnet[];
    }
  | {
      readonly kind: 'unresolved';
      readonly source: SubnetSource;
      /** The controller's own words. */
      readonly text: string;
      readonly considered: readonly ConsideredSubnet[];
    };

/** An answer without subnets. */
export const unresolved = (
  source: SubnetSource,
  text: string,
  considered: readonly ConsideredSubnet[] = [],
): SubnetResolution => ({ kind: 'unresolved', source, text, considered });

/** What EC2 refused, behind the words of what was tried. */
export const unlisted = (source: SubnetSource, tried: string, error: AwsError): SubnetResolution =>
  unresolved(source, `${tried}: ${apiErrorText(error)}`);

/** Go's `%v` of a list of ids. */
export const idList = (subnets: readonly CandidateSubnet[]): string =>
  `[${subnets.map(({ subnetId }) => subnetId).join(' ')}]`;
