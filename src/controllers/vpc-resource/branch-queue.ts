/**
 * controllers/vpc-resource/branch-queue — deletes branch interfaces that have rested long enough.
 *
 * Upstream: aws/amazon-vpc-resource-controller-k8s@b8d425119 trunk.go:560-640 and provider.go: the
 * queue of a node is looked at every 30 s from the time its trunk was ready. Here only at those of
 * these times at which something is due.
 */
import { isAwsError } from '../../model/aws-error.ts';
import type { Millis } from '../../sim/clock.ts';
import { branchCooldownMs } from './branch-cooldown.ts';
import type { ResourceParts } from './resource-parts.ts';
import type { DeletedBranch, Trunk } from './trunk.ts';

const LOOK_MS = 30_000;
const MAX_TRIES = 3;

/** Trunks with a look at their queue already arranged. */
const arranged = new WeakSet<Trunk>();

export const cooldownMs = ({ store }: ResourceParts): Millis =>
  branchCooldownMs(store.get('ConfigMap', 'kube-system/amazon-vpc-cni'));

/** Arranges the next look at which the oldest branch of the queue is due. */
export function arrangeLook(parts: ResourceParts, trunk: Trunk): void {
  const [oldest] = trunk.deleteQueue;
  if (oldest === undefined || arranged.has(trunk)) return;
  arranged.add(trunk);
  const { clock } = parts;
  const due = Math.max(clock.now() + 1, oldest.deletedAtMs + cooldownMs(parts));
  const looks = Math.ceil((due - trunk.startedAtMs) / LOOK_MS);
  const atMs = trunk.startedAtMs + looks * LOOK_MS;
  clock.after(atMs - clock.now(), () => {
    if (parts.stopped) return;
    clock.spawn(async () => {
      await deleteCooled(parts, trunk);
      arranged.delete(trunk);
      arrangeLook(parts, trunk);
    });
  });
}

/** Deletes from the front until one has not rested long enough. */
export async function deleteCooled(parts: ResourceParts, trunk: Trunk): Promise<void> {
  const again: DeletedBranch[] = [];
  for (;;) {
    const [oldest] = trunk.deleteQueue;
    if (oldest === undefined) break;
    if (parts.clock.now() - oldest.deletedAtMs < cooldownMs(parts)) break;
    if (await deleteBranch(parts, oldest)) trunk.freeVlan(oldest.branch.vlanId);
    else if (++oldest.tries < MAX_TRIES) again.push(oldest);
    // Given up: upstream forgets the interface and never uses its VLAN id again.
    trunk.deleteQueue.splice(trunk.deleteQueue.indexOf(oldest), 1);
  }
  trunk.deleteQueue.push(...again);
}

/** Takes the branch off its trunk and deletes it; true when it is gone. */
async function deleteBranch({ ec2 }: ResourceParts, { branch }: DeletedBranch): Promise<boolean> {
  // A failed disassociation does not stop upstream: deleting the interface ends it too.
  if (branch.associationID !== '')
    await ec2.disassociateTrunkInterface({ associationId: branch.associationID });
  const deleted = await ec2.deleteNetworkInterface({ networkInterfaceId: branch.eniId });
  return !isAwsError(deleted) || deleted.code === 'InvalidNetworkInterfaceID.NotFound';
}
