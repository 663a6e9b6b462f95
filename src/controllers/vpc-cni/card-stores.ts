/**
 * controllers/vpc-cni/card-stores — one datastore for each network card that ipamd manages.
 *
 * Upstream: aws/amazon-vpc-cni-k8s@b52188387 pkg/ipamd/ipamd.go:520-560.
 */
import type { InstanceType } from '../../model/ec2/instance-type.ts';
import type { Clock } from '../../sim/clock.ts';
import { checkpointPath, type NodeDisk } from './checkpoint.ts';
import { Datastore } from './datastore.ts';
import type { IpamdEnv } from './env.ts';

export interface CardStoreParts {
  readonly clock: Clock;
  readonly disk: NodeDisk;
  readonly env: IpamdEnv;
  readonly prefixDelegation: boolean;
}

/** The instance's network cards that get a datastore, the first one first. */
function managedCards(type: InstanceType | undefined, multiNic: boolean): readonly number[] {
  if (!multiNic || type === undefined) return [0];
  return type.networkCards.map((card) => card.networkCardIndex).sort((a, b) => a - b);
}

/** Empty datastores by network card; each writes its own checkpoint file. */
export function createCardStores(
  { clock, disk, env, prefixDelegation }: CardStoreParts,
  type: InstanceType | undefined,
): ReadonlyMap<number, Datastore> {
  return new Map(
    managedCards(type, env.multiNic).map((networkCard) => [
      networkCard,
      new Datastore({
        clock,
        prefixDelegation,
        networkCard,
        cooldownMs: env.cooldownMs,
        writeCheckpoint: (content) =>
          disk.write(checkpointPath(env.backingStore, networkCard), content),
      }),
    ]),
  );
}
