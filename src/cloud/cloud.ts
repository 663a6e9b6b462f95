/**
 * cloud/cloud — one account's AWS in one region: EC2's, EKS's, Elastic Load
 * Balancing's, Route 53's and ACM's verbs over the store.
 *
 * Reads and writes: the AwsKinds of the store. All AWS writes of a twin go through here.
 */
import type { TwinStore } from '../model/kinds.ts';
import type { Clock } from '../sim/clock.ts';
import type { Random } from '../sim/random.ts';
import { acmActions } from './acm/acm.ts';
import type { AcmOperations } from './acm/operations.ts';
import { type AdoptedNouns, adopt } from './adoption.ts';
import { classicElbActions } from './classic-elb/classic-elb.ts';
import type { ClassicElbOperations } from './classic-elb/operations.ts';
import { AddressSpace } from './ec2/address-space.ts';
import { ec2Actions } from './ec2/ec2.ts';
import type { AllEc2Operations, SubnetSignals } from './ec2/operations.ts';
import { addonActions } from './eks/addon-actions.ts';
import { clusterActions } from './eks/cluster-actions.ts';
import { nodegroupActions } from './eks/nodegroup-actions.ts';
import type { EksOperations } from './eks/operations.ts';
import { updateActions } from './eks/update-actions.ts';
import { elbv2Actions } from './elbv2/elbv2.ts';
import { becomeActive } from './elbv2/new-load-balancer.ts';
import type { Elbv2Operations } from './elbv2/operations.ts';
import { type TargetHealthWriter, targetHealthWriter } from './elbv2/target-actions.ts';
import { createIds } from './ids.ts';
import {
  type AvailabilityZone,
  DEFAULT_QUOTAS,
  type Quotas,
  type Region,
  zonesOf,
} from './region.ts';
import type { Route53Operations } from './route53/operations.ts';
import { route53Actions } from './route53/route53.ts';
import { goOnWith } from './under-way.ts';

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

/**
 * Puts nouns into the store as they are, unvalidated, and keeps the address maps exact.
 *
 * @returns what contradicts itself, one sentence each; empty when nothing does
 */
type Adoption = (nouns: AdoptedNouns) => readonly string[];

export interface Cloud {
  readonly ec2: AllEc2Operations;
  readonly eks: EksOperations;
  readonly elbv2: Elbv2Operations;
  readonly classicElb: ClassicElbOperations;
  readonly route53: Route53Operations;
  readonly acm: AcmOperations;
  /** What AWS's own health checks say, which is no verb of the API. */
  readonly targetHealth: TargetHealthWriter;
  readonly signals: SubnetSignals;
  /** The address maps, for whoever explains how full a subnet is. */
  readonly addresses: AddressSpace;
  readonly region: string;
  readonly accountId: string;
  readonly availabilityZones: readonly AvailabilityZone[];
  readonly quotas: Quotas;
  readonly addressChoice: CloudOptions['addressChoice'];
  readonly adopt: Adoption;
}

/** An account over a store whose indexes are declared. A forked store needs a cloud of its own. */
export function createCloud(options: CloudOptions): Cloud {
  const { store, clock, random, region: name, accountId, addressChoice } = options;
  const ofCloud = random.split(`cloud at revision ${store.revision}`);
  const addresses = new AddressSpace(store, clock, ofCloud, addressChoice);
  const zones = options.availabilityZones ?? zonesOf(name);
  const region: Region = {
    store,
    clock,
    name,
    accountId,
    zones,
    quotas: { ...DEFAULT_QUOTAS, ...options.quotas },
    ids: createIds(ofCloud),
    addresses,
  };
  goOnWith(region);
  return {
    ec2: ec2Actions(region),
    eks: {
      ...clusterActions(region),
      ...nodegroupActions(region),
      ...addonActions(region),
      ...updateActions(region),
    },
    elbv2: elbv2Actions(region),
    classicElb: classicElbActions(region),
    route53: route53Actions(region),
    acm: acmActions(region),
    targetHealth: targetHealthWriter(region),
    signals: { freed: (subnetId) => addresses.freed(subnetId) },
    addresses,
    region: name,
    accountId,
    availabilityZones: zones,
    quotas: region.quotas,
    addressChoice,
    adopt(nouns) {
      const contradictions = adopt(store, nouns);
      for (const balancer of nouns['elbv2/load-balancer'] ?? [])
        if (balancer.state === 'provisioning') becomeActive(region, balancer);
      return contradictions;
    },
  };
}
