/**
 * load-balancer/loops/ingress-loop — groups of Ingresses: loaded, built, deployed, named in their
 * members' status. One bad member fails its whole group, and every member gets the event; those who
 * only leave get none.
 *
 * Upstream: kubernetes-sigs/aws-load-balancer-controller@225f445
 * controllers/ingress/group_controller.go.
 * Reads: Ingress, IngressClass, IngressClassParams, Service, Secret, Namespace.
 * Writes: Ingress (finalizer, status), Event, AWS through deploy.
 */
import { isEqual } from '../../../cluster/equal.ts';
import { isApiStatus, type Kubernetes } from '../../../cluster/kubernetes.ts';
import type { Kinds, TwinStore } from '../../../model/kinds.ts';
import type { Ingress } from '../../../model/kubernetes/ingress.ts';
import { keyOf } from '../../../model/kubernetes/meta.ts';
import { type Controller, done, type Result, retry } from '../../../sim/controller.ts';
import { BuildError, built } from '../build-error.ts';
import { DeployError } from '../deploy/deploy-error.ts';
import { type Deployed, deployStack } from '../deploy/deploy-stack.ts';
import type { DeployTools } from '../deploy/deployment.ts';
import { buildIngressGroup, type IngressStack } from '../ingress/build-ingress.ts';
import { FRONTEND_NLB } from '../ingress/frontend-nlb.ts';
import { groupFinalizer, groupOfText, type IngressGroup, memberKey } from '../ingress/group.ts';
import { LOAD_BALANCER } from '../ingress/group-build.ts';
import { loadGroup } from '../ingress/group-loading.ts';
import type { IngressReads } from '../ingress/ingress-reads.ts';
import { storeLookups } from '../ingress/store-lookups.ts';
import type { BackendSecurityGroup, Holder } from '../security-groups/backend-security-group.ts';
import type { Declared } from './declared.ts';
import { Finalizers } from './finalizers.ts';
import { ingressWatches } from './ingress-watches.ts';
import { afterError, IDLE_RETRY_MS } from './outcome.ts';

export interface IngressLoopParts {
  readonly tools: DeployTools;
  readonly reads: IngressReads;
  readonly backend: BackendSecurityGroup;
  readonly declared: Declared;
}

/** Requests are groups as their tags name them: `namespace/name`, or `name`. */
export function ingressLoop(parts: IngressLoopParts): Controller<Kinds> {
  const { store, kubernetes, settings } = parts.tools;
  const loop = new IngressLoop(parts);
  return {
    name: 'load-balancer-ingress',
    concurrency: settings.ingressMaxConcurrentReconciles,
    idleRetryMs: IDLE_RETRY_MS,
    watches: ingressWatches(store, settings, (ingress, problem) =>
      kubernetes.recordEvent(ingress, {
        type: 'Warning',
        reason: 'FailedLoadGroupID',
        message: `failed load groupID due to ${problem}`,
        component: COMPONENT,
      }),
    ),
    reconcile: (request) => loop.reconcile(request),
  };
}

const COMPONENT = 'ingress';

const heldBy = (keys: readonly string[]): readonly Holder[] =>
  keys.map((key) => ({ kind: 'Ingress', key }));

class IngressLoop {
  readonly #parts: IngressLoopParts;
  readonly #store: TwinStore;
  readonly #kubernetes: Kubernetes;
  readonly #finalizers: Finalizers;

  constructor(parts: IngressLoopParts) {
    this.#parts = parts;
    this.#store = parts.tools.store;
    this.#kubernetes = parts.tools.kubernetes;
    this.#finalizers = new Finalizers(this.#store, this.#kubernetes);
  }

  async reconcile(request: string): Promise<Result> {
    const id = groupOfText(request);
    const { ingressClass } = this.#parts.tools.settings;
    const group = built(() => loadGroup(id, storeLookups(this.#store), ingressClass));
    if (group instanceof BuildError) return retry(group.message);
    const finalizer = groupFinalizer(id);
    for (const member of group.members) {
      const refused = this.#finalizers.add('Ingress', memberKey(member), finalizer);
      if (refused !== undefined)
        return this.#failed(group, 'FailedAddFinalizer', 'Failed add finalizer', refused.message);
    }
    const ended = await this.#bring(group);
    if (ended !== undefined) return ended;
    for (const ingress of group.inactiveMembers) {
      const refused = this.#finalizers.remove('Ingress', keyOf(ingress), finalizer);
      if (refused === undefined) continue;
      const says = 'Failed remove finalizer';
      return this.#failed(group, 'FailedRemoveFinalizer', says, refused.message);
    }
    this.#tell(group, 'Normal', 'SuccessfullyReconciled', 'Successfully reconciled');
    return done;
  }

  /** Builds, deploys, names. @returns how the reconcile ends early; undefined when it goes on */
  async #bring(group: IngressGroup): Promise<Result | undefined> {
    const { tools, reads, declared } = this.#parts;
    const model = await buildIngressGroup(group, tools.settings, reads);
    if (model instanceof BuildError)
      return this.#failed(group, 'FailedBuildModel', 'Failed build model', model.message);
    const deployed = await deployStack(model.stack, tools);
    if (deployed instanceof DeployError) {
      if (deployed.requeueAfterMs !== undefined) return afterError(deployed);
      return this.#failed(group, 'FailedDeployModel', 'Failed deploy model', deployed.message);
    }
    declared.see(tools.tracking, model.stack);
    const stays = await this.#release(group, model);
    if (stays !== undefined) return retry(stays.message);
    for (const member of group.members) {
      const unsaid = this.#writeStatus(memberKey(member), model, deployed);
      if (unsaid === undefined) continue;
      return this.#failed(group, 'FailedUpdateStatus', 'Failed update status', unsaid);
    }
    return undefined;
  }

  async #release(group: IngressGroup, model: IngressStack): Promise<DeployError | undefined> {
    const members = model.usesBackendSecurityGroup ? [] : group.members.map(memberKey);
    try {
      await this.#parts.backend.release(heldBy([...group.inactiveMembers.map(keyOf), ...members]));
      return undefined;
    } catch (error) {
      if (error instanceof DeployError) return error;
      throw error;
    }
  }

  /** @returns why it could not be written */
  #writeStatus(key: string, model: IngressStack, deployed: Deployed): string | undefined {
    const ingress = this.#store.get('Ingress', key);
    const hostname = hostnameOf(deployed, LOAD_BALANCER);
    if (ingress === undefined || hostname === undefined) return undefined;
    const frontend = hostnameOf(deployed, FRONTEND_NLB);
    const ports = model.listenerPorts.map((port) => ({ port, protocol: '' }));
    const loadBalancer = {
      ingress: [{ hostname, ports }, ...(frontend === undefined ? [] : [{ hostname: frontend }])],
    };
    if (isEqual(ingress.status?.loadBalancer, loadBalancer)) return undefined;
    const status = { ...ingress.status, loadBalancer };
    const written = this.#kubernetes.updateStatus<Ingress>({ ...ingress, status });
    return isApiStatus(written)
      ? `failed to update ingress status: ${key}: ${written.message}`
      : undefined;
  }

  #failed(group: IngressGroup, reason: string, says: string, cause: string): Result {
    this.#tell(group, 'Warning', reason, `${says} due to ${cause}`);
    return retry(cause);
  }

  /** Every member is told; who only leaves is not. */
  #tell(
    { members }: IngressGroup,
    type: 'Normal' | 'Warning',
    reason: string,
    message: string,
  ): void {
    for (const { ingress } of members)
      this.#kubernetes.recordEvent(ingress, { type, reason, message, component: COMPONENT });
  }
}

const hostnameOf = (deployed: Deployed, resourceId: string): string | undefined =>
  deployed
    .statusOf({
      resourceType: 'AWS::ElasticLoadBalancingV2::LoadBalancer',
      resourceId,
      field: 'dnsName',
    })
    ?.toLowerCase();
