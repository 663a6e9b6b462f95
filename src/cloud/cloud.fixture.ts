/** cloud/cloud.fixture — a small account for tests: one VPC with a subnet in each of two zones. */
import { type AwsError, isAwsError } from '../model/aws-error.ts';
import type { Subnet } from '../model/ec2/subnet.ts';
import type { Vpc } from '../model/ec2/vpc.ts';
import { declareIndexes, type Kinds, type TwinStore } from '../model/kinds.ts';
import { seeded } from '../sim/random.ts';
import { Simulation } from '../sim/simulation.ts';
import { Store } from '../sim/store.ts';
import { type Cloud, type CloudOptions, createCloud } from './cloud.ts';

export interface Account {
  readonly store: TwinStore;
  readonly clock: Simulation;
  readonly cloud: Cloud;
}

export interface Network extends Account {
  readonly vpc: Vpc;
  readonly a: Subnet;
  readonly b: Subnet;
}

/** An account with nothing in it, in us-west-2. */
export function emptyAccount(options: Partial<CloudOptions> = {}): Account {
  const store = options.store ?? new Store<Kinds>();
  if (options.store === undefined) declareIndexes(store);
  const clock = new Simulation(1);
  const cloud = createCloud({
    clock,
    random: seeded(7),
    region: 'us-west-2',
    accountId: '111122223333',
    addressChoice: 'random',
    ...options,
    store,
  });
  return { store, clock, cloud };
}

/** 10.0.0.0/16 with 10.0.0.0/24 in us-west-2a and 10.0.1.0/24 in us-west-2b. */
export function network(options: Partial<CloudOptions> = {}): Network {
  const account = emptyAccount(options);
  const { ec2 } = account.cloud;
  const vpc = must(ec2.createVpc({ cidrBlock: '10.0.0.0/16' }));
  const subnet = (cidrBlock: string, availabilityZone: string) =>
    must(ec2.createSubnet({ vpcId: vpc.vpcId, cidrBlock, availabilityZone }));
  return {
    ...account,
    vpc,
    a: subnet('10.0.0.0/24', 'us-west-2a'),
    b: subnet('10.0.1.0/24', 'us-west-2b'),
  };
}

/** The result of a call that has to work. */
export function must<Result>(result: Result | AwsError): Result {
  if (isAwsError(result)) throw new Error(`${result.code}: ${result.message}`);
  return result;
}

/** The error's code, or `ok`. */
export const codeOf = (result: unknown): string => (isAwsError(result) ? result.code : 'ok');
