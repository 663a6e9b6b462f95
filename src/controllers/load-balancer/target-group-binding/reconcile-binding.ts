/**
 * load-balancer/target-group-binding/reconcile-binding — brings one target group to what a Service's
 * endpoints are: networking first, then targets that go, then targets that come, then the readiness
 * gates of the pods.
 *
 * Upstream: aws-load-balancer-controller@225f4456 pkg/targetgroupbinding/resource_manager.go.
 * Reads: Service, EndpointSlice, Pod, Node, ELB.  Writes: targets, security group rules, the
 * binding's checkpoint, pods' gates, ConfigMaps of groups that clusters share.
 */
import type { TargetHealth } from '../../../model/elbv2/target-group.ts';
import type { TwinStore } from '../../../model/kinds.ts';
import type { TargetGroupBinding } from '../../../model/kubernetes/load-balancer.ts';
import { codeOf, DeployError } from '../deploy/deploy-error.ts';
import type { BindingNetworking } from '../networking/binding-networking.ts';
import { BackendNotFound, backendOf } from './backend-not-found.ts';
import { checkpointOf, targetIdOf } from './checkpoint.ts';
import { type NodeEndpoint, nodeEndpoints } from './node-endpoints.ts';
import { type PodEndpoint, podEndpoints } from './pod-endpoints.ts';
import { gateOf, gateStatus, hasGate, isWaiting, type ReadinessGates } from './readiness-gate.ts';
import type { Registration } from './registration.ts';
import { isDraining, type KnownTarget, type Targets } from './targets.ts';
import type { TrackedTargets } from './tracked-targets.ts';

/** What a reconcile works with. */
export interface BindingParts {
  readonly store: TwinStore;
  readonly targets: Targets;
  readonly registration: Registration;
  readonly networking: BindingNetworking;
  readonly tracked: TrackedTargets;
  readonly gates: ReadinessGates;
  readonly settings: { readonly failOpen: boolean; readonly maxTargets: number };
  /** Writes the checkpoint into the binding's annotations. */
  readonly writeCheckpoint: (binding: TargetGroupBinding, checkpoint: string) => void;
  readonly checkpointOf: (binding: TargetGroupBinding) => string;
  readonly warn: (binding: TargetGroupBinding, reason: string, message: string) => void;
}

export type BindingOutcome =
  | { readonly kind: 'done' }
  /** The checkpoint is as it was: nothing was looked at in AWS. */
  | { readonly kind: 'skipped' }
  | { readonly kind: 'look again'; readonly why: 'monitor targetHealth' | 'networking' };

/** Registers, deregisters and lets in what has changed. Throws a DeployError. */
export async function reconcileBinding(
  parts: BindingParts,
  binding: TargetGroupBinding,
): Promise<BindingOutcome> {
  const { targetType } = binding.spec;
  if (targetType === undefined) {
    const { namespace, name } = binding.metadata;
    throw new DeployError(`targetType is not specified: ${namespace}/${name}`);
  }
  try {
    return targetType === 'ip'
      ? await reconcilePods(parts, binding)
      : await reconcileNodes(parts, binding);
  } catch (error) {
    if (!(error instanceof BackendNotFound)) throw error;
    parts.warn(binding, 'BackendNotFound', error.message);
    await cleanUpBinding(parts, binding);
    parts.writeCheckpoint(binding, '');
    return { kind: 'done' };
  }
}

/** Takes the targets, the rules and the gates of a binding away. */
export async function cleanUpBinding(
  parts: BindingParts,
  binding: TargetGroupBinding,
): Promise<void> {
  try {
    const targets = await parts.targets.list(binding.spec.targetGroupARN ?? '');
    await deregister(parts, binding, targets);
  } catch (error) {
    if (!IS_GONE.has(codeOf(error) ?? '')) throw error;
  }
  parts.tracked.remove(binding);
  await parts.networking.cleanUp(binding);
  parts.gates.release(binding);
}

/** Codes that say there is no such target group any more. */
const IS_GONE: ReadonlySet<string> = new Set([
  'TargetGroupNotFound',
  'InvalidTarget',
  'ValidationError',
]);

async function reconcilePods(
  parts: BindingParts,
  binding: TargetGroupBinding,
): Promise<BindingOutcome> {
  const gate = gateOf(binding);
  const endpoints = podsOf(parts, binding);
  const before = parts.checkpointOf(binding);
  const checkpoint = checkpointOf(binding, endpoints);
  if (before === checkpoint && !endpoints.some(({ pod }) => isWaiting(pod, gate))) return SKIPPED;
  const all = await parts.targets.list(binding.spec.targetGroupARN ?? '');
  const { matched, added, removed } = difference(endpoints, all);
  const failed = await networkPods(parts, binding, endpoints);
  const waits = matched.some(
    ([{ pod }, { health }]) => hasGate(pod, gate) && gateStatus(health) !== 'True',
  );
  // Whatever is under way is looked at once more, even when it is gone by then.
  if (added.length > 0 || removed.length > 0 || failed || waits) parts.writeCheckpoint(binding, '');
  const isChanged = removed.length > 0 && (await deregister(parts, binding, removed));
  const fitting = added.slice(0, roomFor(parts, added.length, all.length));
  if (added.length > 0) {
    parts.tracked.write(binding, true, endpoints.map(targetIdOf));
    await parts.registration.register(binding, fitting);
  }
  parts.tracked.write(binding, isChanged && added.length === 0, endpoints.map(targetIdOf));
  let goesOn = false;
  for (const [{ pod }, { health }] of matched)
    if (parts.gates.write(pod, gate, health)) goesOn = true;
  for (const { pod } of fitting) if (parts.gates.write(pod, gate, REGISTERING)) goesOn = true;
  if (goesOn) return { kind: 'look again', why: 'monitor targetHealth' };
  if (failed) return { kind: 'look again', why: 'networking' };
  parts.writeCheckpoint(binding, checkpoint);
  return { kind: 'done' };
}

const SKIPPED: BindingOutcome = { kind: 'skipped' };

const REGISTERING: TargetHealth = {
  state: 'initial',
  reason: 'Elb.RegistrationInProgress',
  description: 'Target registration is in progress',
};

/** Pods are registered even where nobody can be let in to them; true when that failed. */
async function networkPods(
  { networking, warn }: BindingParts,
  binding: TargetGroupBinding,
  endpoints: readonly PodEndpoint[],
): Promise<boolean> {
  try {
    const pods = new Map(endpoints.map(({ pod }) => [pod.metadata.uid, pod]));
    await networking.reconcilePods(binding, [...pods.values()]);
    return false;
  } catch (error) {
    if (!(error instanceof DeployError)) throw error;
    warn(binding, 'FailedNetworkReconcile', error.message);
    return true;
  }
}

async function reconcileNodes(
  parts: BindingParts,
  binding: TargetGroupBinding,
): Promise<BindingOutcome> {
  const endpoints = nodesOf(parts, binding);
  const checkpoint = checkpointOf(binding, endpoints);
  if (parts.checkpointOf(binding) === checkpoint) return SKIPPED;
  const { targetGroupARN = '' } = binding.spec;
  const all = await parts.targets.list(targetGroupARN);
  const { added, removed } = difference(endpoints, all);
  await parts.networking.reconcileNodes(
    binding,
    endpoints.map(({ node }) => node),
  );
  if (added.length > 0 || removed.length > 0) parts.writeCheckpoint(binding, '');
  const isChanged = removed.length > 0 && (await deregister(parts, binding, removed));
  if (added.length > 0) {
    parts.tracked.write(binding, true, endpoints.map(targetIdOf));
    const fitting = added.slice(0, roomFor(parts, added.length, all.length));
    await parts.targets.register(
      targetGroupARN,
      fitting.map(({ instanceId, port }) => ({ id: instanceId, port })),
    );
  }
  parts.tracked.write(binding, isChanged && added.length === 0, endpoints.map(targetIdOf));
  parts.writeCheckpoint(binding, checkpoint);
  return { kind: 'done' };
}

function podsOf({ store, settings }: BindingParts, binding: TargetGroupBinding) {
  const { servicePort } = backendOf(store, binding);
  const { namespace = '' } = binding.metadata;
  const addressType = binding.spec.ipAddressType === 'ipv6' ? 'IPv6' : 'IPv4';
  const slices = store
    .lookup('EndpointSlice', 'service', `${namespace}/${binding.spec.serviceRef.name}`)
    .filter((slice) => slice.addressType === addressType);
  return podEndpoints(store, { namespace, servicePort, slices, failOpen: settings.failOpen });
}

function nodesOf({ store, settings }: BindingParts, binding: TargetGroupBinding) {
  const { service, servicePort } = backendOf(store, binding);
  const { type } = service.spec;
  if (type !== 'NodePort' && type !== 'LoadBalancer') {
    const { namespace, name } = service.metadata;
    throw new DeployError(
      `service type must be either 'NodePort' or 'LoadBalancer': ${namespace}/${name}`,
    );
  }
  const nodes = store.list('Node');
  return nodeEndpoints(binding, nodes, servicePort.nodePort ?? 0, settings.failOpen);
}

/** Endpoints and targets that are the same, and those without the other; each sorted by id. */
function difference<Endpoint extends PodEndpoint | NodeEndpoint>(
  endpoints: readonly Endpoint[],
  targets: readonly KnownTarget[],
) {
  const byId = new Map(endpoints.map((it) => [targetIdOf(it), it]));
  const held = new Map<string, KnownTarget>();
  for (const target of targets)
    if (!isDraining(target)) held.set(`${target.id}:${target.port}`, target);
  const matched: (readonly [Endpoint, KnownTarget])[] = [];
  const added: Endpoint[] = [];
  const removed: KnownTarget[] = [];
  for (const id of [...byId.keys()].sort()) {
    const [endpoint, target] = [byId.get(id)!, held.get(id)];
    if (target === undefined) added.push(endpoint);
    else matched.push([endpoint, target]);
  }
  for (const id of [...held.keys()].sort()) if (!byId.has(id)) removed.push(held.get(id)!);
  return { matched, added, removed };
}

/** @returns whether what the cluster keeps of its own targets has to be written */
async function deregister(
  { targets, tracked }: BindingParts,
  binding: TargetGroupBinding,
  removed: readonly KnownTarget[],
): Promise<boolean> {
  const { targets: own, isFirst } = tracked.own(binding, removed);
  if (own.length === 0) return isFirst;
  const described = own.map(({ id, port, availabilityZone }) => ({ id, port, availabilityZone }));
  await targets.deregister(binding.spec.targetGroupARN ?? '', described);
  return true;
}

/** --max-targets-per-target-group: how many of the new ones there is room for. */
const roomFor = ({ settings }: BindingParts, added: number, held: number): number =>
  settings.maxTargets === 0 ? added : Math.max(0, Math.min(added, settings.maxTargets - held));
