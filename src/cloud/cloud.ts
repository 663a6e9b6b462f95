/**
 * cloud/cloud — one account's AWS in one region: EC2's and EKS's verbs over the store.
 *
 * Reads and writes: the AwsKinds of the store. All AWS writes of a twin go through here.
 */
import type { AwsKinds, TwinStore } from '../model/kinds.ts';
import type { Clock } from '../sim/clock.ts';
import type { Random } from '../sim/random.ts';
import type { Ec2Operations, SubnetSignals } from './ec2/operations.ts';
import type { VpcOperations } from './ec2/vpc-operations.ts';
import type { EksOperations } from './eks/operations.ts';
import type { AvailabilityZone, Quotas } from './region.ts';

export type { AvailabilityZone, Quotas } from './region.ts';

export interface CloudOptions {
  readonly store: TwinStore;
  readonly clock: Clock;
  readonly random: Random;
  readonly region: string;
  readonly accountId: string;
  /** EC2 chooses at random; `sequential` (lowest first) is for tests. */
  readonly addressChoice: 'random' | 'sequential';
  /** Default: the region's, see regions.data.ts. */
  readonly availabilityZones?: readonly AvailabilityZone[] | undefined;
  /** Quotas AWS has raised for the account; the others are AWS's defaults. */
  readonly quotas?: Partial<Quotas> | undefined;
}

/** Nouns as an export has them, by kind. */
export type AdoptedNouns = {
  readonly [Kind in keyof AwsKinds]?: readonly AwsKinds[Kind][] | undefined;
};

/**
 * Puts nouns into the store as they are, unvalidated, and keeps the address maps exact.
 *
 * @returns what contradicts itself, one sentence each; empty when nothing does
 */
export type Adoption = (nouns: AdoptedNouns) => readonly string[];

export interface Cloud {
  readonly ec2: Ec2Operations & VpcOperations;
  readonly eks: EksOperations;
  readonly signals: SubnetSignals;
  readonly region: string;
  readonly accountId: string;
  readonly availabilityZones: readonly AvailabilityZone[];
  readonly adopt: Adoption;
}
