/**
 * controllers/scheduler/reasons — why a node is not for a pod, in the words kubectl users know.
 *
 * Upstream: the ErrReason constants of kubernetes/kubernetes pkg/scheduler/framework/plugins/*.
 */
export const UNSCHEDULABLE = 'node(s) were unschedulable';
export const AFFINITY = "node(s) didn't match Pod's node affinity/selector";
export const HOST_PORTS = "node(s) didn't have free ports for the requested pod ports";
export const TOO_MANY_PODS = 'Too many pods';
export const SPREAD = "node(s) didn't match pod topology spread constraints";
export const SPREAD_LABEL = `${SPREAD} (missing required label)`;
export const POD_AFFINITY = "node(s) didn't match pod affinity rules";
export const POD_ANTI_AFFINITY = "node(s) didn't match pod anti-affinity rules";
export const EXISTING_ANTI_AFFINITY = "node(s) didn't satisfy existing pods anti-affinity rules";
export const NOT_NAMED = "node(s) didn't satisfy plugin(s) [NodeAffinity]";
export const NO_VICTIMS = 'No preemption victims found for incoming pod';
export const NOT_HELPFUL = 'Preemption is not helpful for scheduling';
