/** controllers/load-balancer/controller-world — what the controller reaches of the world. */
import type { Acm } from '../../cloud/acm/operations.ts';
import type { Ec2 } from '../../cloud/ec2/operations.ts';
import type { Elbv2 } from '../../cloud/elbv2/operations.ts';
import type { Kubernetes } from '../../cluster/kubernetes.ts';
import type { TwinStore } from '../../model/kinds.ts';
import type { Clock } from '../../sim/clock.ts';
import type { EventFaults } from '../../sim/controller.ts';
import type { Random } from '../../sim/random.ts';
import type { TargetGroupReads } from './webhooks/bound-target-group.ts';

export interface ControllerWorld {
  readonly clock: Clock;
  readonly random: Random;
  readonly store: TwinStore;
  readonly kubernetes: Kubernetes;
  readonly ec2: Ec2;
  readonly elbv2: Elbv2;
  readonly acm: Acm;
  /** What webhooks ask AWS, while the API server waits: at once. */
  readonly reads: TargetGroupReads;
  /** What the metadata service says where no flag does. */
  readonly place: { readonly vpcId: string; readonly region: string };
  /** What may go wrong with the events its loops wait for. */
  readonly events?: EventFaults | undefined;
}
