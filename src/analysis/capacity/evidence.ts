/** analysis/capacity/evidence — what an answer rests on: an object, a field of it, its value. */

export interface Evidence {
  /** `subnet subnet-1`, `node ip-10-0-1-5`, `daemonset kube-system/aws-node`. */
  readonly object: string;
  /** `status.allocatable.pods`, `WARM_IP_TARGET`, `free addresses`. */
  readonly field: string;
  readonly value: string | number;
}

export const evidence = (object: string, field: string, value: string | number): Evidence => ({
  object,
  field,
  value,
});

/** What can keep a pod from running on a node, in the order Kubernetes would meet it. */
export type StopKind =
  | 'not-ready'
  | 'unschedulable'
  | 'not-selected'
  | 'spread'
  | 'max-pods'
  | 'cpu'
  | 'memory'
  | 'extended-resource'
  | 'branch-enis'
  | 'eni-slots'
  | 'subnet-addresses'
  | 'fragmentation'
  | 'eniconfig'
  | 'aws-node';

/** Why a pod does not get on, or does not get an address. */
export interface Stop {
  readonly kind: StopKind;
  /** One sentence with the numbers in it. */
  readonly text: string;
  readonly evidence: readonly Evidence[];
}

/** Stops the scheduler sees: the pod stays Pending. The others leave it in ContainerCreating. */
const SEEN_BY_SCHEDULER: ReadonlySet<StopKind> = new Set<StopKind>([
  'not-ready',
  'unschedulable',
  'not-selected',
  'spread',
  'max-pods',
  'cpu',
  'memory',
  'extended-resource',
  'branch-enis',
]);

/** What a user sees of a pod that this stops. */
export const podStateWhen = (kind: StopKind): 'Pending' | 'ContainerCreating' =>
  SEEN_BY_SCHEDULER.has(kind) ? 'Pending' : 'ContainerCreating';
