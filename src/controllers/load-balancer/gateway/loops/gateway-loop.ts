/**
 * load-balancer/gateway/loops/gateway-loop — Gateways of one kind of load balancer: configured,
 * their routes attached, built, deployed, told in their status, and taken down with them.
 *
 * Upstream: kubernetes-sigs/aws-load-balancer-controller@225f445
 * controllers/gateway/gateway_controller.go, dryrun.go.
 * Writes: Gateway, ListenerSet and routes (status), Gateway (finalizer, annotations), Event, AWS
 * through deploy.
 */
import { isApiStatus, type Kubernetes } from '../../../../cluster/kubernetes.ts';
import type { Kinds, TwinStore } from '../../../../model/kinds.ts';
import {
  ALB_CONTROLLER,
  type Gateway,
  NLB_CONTROLLER,
} from '../../../../model/kubernetes/gateway.ts';
import { keyOf } from '../../../../model/kubernetes/meta.ts';
import { type Controller, done, type Result, requeue, retry } from '../../../../sim/controller.ts';
import { BuildError, built } from '../../build-error.ts';
import { DeployError } from '../../deploy/deploy-error.ts';
import { type Deployed, deployStack } from '../../deploy/deploy-stack.ts';
import type { DeployTools } from '../../deploy/deployment.ts';
import { LOAD_BALANCER } from '../../ingress/group-build.ts';
import type { Declared } from '../../loops/declared.ts';
import { Finalizers } from '../../loops/finalizers.ts';
import { afterError, IDLE_RETRY_MS } from '../../loops/outcome.ts';
import type { BackendSecurityGroup } from '../../security-groups/backend-security-group.ts';
import { stackJson } from '../../stack/stack-json.ts';
import { ALB_ROUTES, NLB_ROUTES } from '../attachment/gateway-lookups.ts';
import { LoadError } from '../attachment/load-error.ts';
import { type LoadedGateway, loadRoutes } from '../attachment/load-routes.ts';
import { type Resolved, resolveConfiguration } from '../configuration/resolve-configuration.ts';
import { type AddOn, addOnAnnotation, addOnsHeld } from '../model/add-ons.ts';
import { buildGateway, type GatewayStack } from '../model/build-gateway.ts';
import type { GatewayReads } from '../model/gateway-build.ts';
import {
  deployedStatus,
  failedStatus,
  listenerSetStatus,
  type Programmed,
  rejectedSetStatus,
} from '../status/gateway-status.ts';
import { StatusWriter } from '../status/status-writer.ts';
import { gatewayWatches } from './gateway-watches.ts';
import type { ServiceReferences } from './service-references.ts';

const DRY_RUN = 'gateway.k8s.aws/dry-run';
const DRY_RUN_PLAN = 'gateway.k8s.aws/dry-run-plan';

/** Until AWS has made the load balancer. */
const PROVISIONING_MS = 120_000;

export interface GatewayLoopParts {
  readonly type: 'application' | 'network';
  readonly tools: DeployTools;
  readonly reads: GatewayReads;
  readonly backend: BackendSecurityGroup;
  readonly declared: Declared;
  readonly references: ServiceReferences;
}

/** Requests are keys of Gateways. */
export function gatewayLoop(parts: GatewayLoopParts): Controller<Kinds> {
  const { settings, store } = parts.tools;
  const isAlb = parts.type === 'application';
  const loop = new GatewayLoop(parts);
  return {
    name: isAlb ? 'load-balancer-alb-gateway' : 'load-balancer-nlb-gateway',
    concurrency: isAlb
      ? settings.albGatewayMaxConcurrentReconciles
      : settings.nlbGatewayMaxConcurrentReconciles,
    idleRetryMs: IDLE_RETRY_MS,
    watches: gatewayWatches(store, isAlb ? ALB_ROUTES : NLB_ROUTES),
    reconcile: (key) => loop.reconcile(key),
  };
}

class GatewayLoop {
  readonly #parts: GatewayLoopParts;
  readonly #controllerName: string;
  readonly #store: TwinStore;
  readonly #kubernetes: Kubernetes;
  readonly #finalizers: Finalizers;
  readonly #status: StatusWriter;

  constructor(parts: GatewayLoopParts) {
    this.#parts = parts;
    this.#controllerName = parts.type === 'application' ? ALB_CONTROLLER : NLB_CONTROLLER;
    const { clock, store, kubernetes } = parts.tools;
    this.#store = store;
    this.#kubernetes = kubernetes;
    this.#finalizers = new Finalizers(store, kubernetes);
    this.#status = new StatusWriter(clock, store, kubernetes);
  }

  async reconcile(key: string): Promise<Result> {
    const gateway = this.#store.get('Gateway', key);
    const gatewayClass = gateway && this.#store.get('GatewayClass', gateway.spec.gatewayClassName);
    if (gateway === undefined || gatewayClass?.spec.controllerName !== this.#controllerName) {
      return done;
    }
    const resolved = built(() => resolveConfiguration(this.#store, gateway, gatewayClass));
    if (resolved instanceof BuildError) {
      this.#fail(gateway, 'Invalid', resolved.message);
      return retry(resolved.message);
    }
    const { result: loaded, outcomes } = loadRoutes({
      store: this.#store,
      gateway,
      controllerName: this.#controllerName,
      takesListenerSets: this.#takesSets,
      defaults: resolved.defaults,
    });
    this.#status.tellRoutes(outcomes);
    if (loaded instanceof BuildError) {
      if (!(loaded instanceof LoadError)) return retry(loaded.message);
      this.#fail(gateway, 'ListenersNotValid', loaded.gatewayMessage);
      return { kind: 'retry', reason: loaded.message, underWay: loaded.isUnderWay };
    }
    return this.#build(gateway, resolved, loaded);
  }

  get #takesSets(): boolean {
    return this.#parts.tools.settings.featureGates.GatewayListenerSet;
  }

  async #build(
    gateway: Gateway,
    { configuration }: Resolved,
    loaded: LoadedGateway,
  ): Promise<Result> {
    const { reads, tools, type } = this.#parts;
    const parts = { settings: tools.settings, type, gateway, configuration, loaded, reads };
    const model = await buildGateway(parts);
    if (model instanceof BuildError) {
      return this.#failed(gateway, 'FailedBuildModel', 'Failed build model', model.message);
    }
    const { annotations = {}, deletionTimestamp } = gateway.metadata;
    const isPlanned = annotations[DRY_RUN] === 'true' && deletionTimestamp === undefined;
    if (isPlanned && !this.#holds(gateway)) {
      this.#annotate(gateway, { [DRY_RUN_PLAN]: stackJson(model.stack) });
      return done;
    }
    if (annotations[DRY_RUN_PLAN] !== undefined) {
      this.#annotate(gateway, { [DRY_RUN_PLAN]: undefined });
    }
    const held = addOnsHeld(gateway);
    // Written before it is there and taken back after it is gone, so that none is forgotten.
    this.#sayAddOns(gateway, without(model.addOns, held), true);
    if (!model.hasLoadBalancer) return this.#takeDown(gateway, model);
    this.#parts.references.see(keyOf(gateway), loaded);
    const result = await this.#bring(gateway, model, loaded);
    if (result.kind === 'done') this.#sayAddOns(gateway, without(held, model.addOns), false);
    return result;
  }

  async #bring(gateway: Gateway, model: GatewayStack, loaded: LoadedGateway): Promise<Result> {
    const key = keyOf(gateway);
    const refused = this.#finalizers.add('Gateway', key, this.#controllerName);
    if (refused !== undefined) {
      const text = `Failed add gateway finalizer due to ${refused.message}`;
      this.#event(gateway, 'Warning', 'FailedAddFinalizer', text);
      return retry(refused.message);
    }
    const deployed = await this.#deploy(gateway, model);
    if (deployed instanceof DeployError) return afterError(deployed);
    if (!model.usesBackendSecurityGroup) {
      const stays = await this.#release(key);
      if (stays !== undefined) return retry(stays.message);
    }
    const programmed = programmedBy(deployed);
    const unsaid = this.#tell(key, loaded, programmed);
    if (unsaid !== undefined) {
      const text = `failed to update gw status: ${key}: ${unsaid}`;
      this.#event(gateway, 'Warning', 'FailedUpdateStatus', `Failed update status due to ${text}`);
      return retry(text);
    }
    if (!programmed.isActive) return requeue(PROVISIONING_MS, 'Monitoring provisioning state');
    this.#event(gateway, 'Normal', 'SuccessfullyReconciled', 'Successfully reconciled');
    return done;
  }

  async #takeDown(gateway: Gateway, model: GatewayStack): Promise<Result> {
    if (!this.#holds(gateway)) return done;
    const key = keyOf(gateway);
    const deployed = await this.#deploy(gateway, model);
    if (deployed instanceof DeployError) return afterError(deployed);
    const stays = await this.#release(key);
    if (stays !== undefined) return retry(stays.message);
    this.#parts.references.forget(key);
    const refused = this.#finalizers.remove('Gateway', key, this.#controllerName);
    if (refused === undefined) return done;
    const text = `Failed remove gateway finalizer due to ${refused.message}`;
    this.#event(gateway, 'Warning', 'FailedRemoveFinalizer', text);
    return retry(refused.message);
  }

  async #deploy(gateway: Gateway, { stack, hasLoadBalancer }: GatewayStack) {
    const { declared, tools } = this.#parts;
    const deployed = await deployStack(stack, tools);
    if (!(deployed instanceof DeployError)) {
      declared.see(tools.tracking, stack);
      return deployed;
    }
    if (deployed.requeueAfterMs === undefined) {
      const text = `Failed deploy model due to ${deployed.message}`;
      this.#event(gateway, 'Warning', 'FailedDeployModel', text);
      if (hasLoadBalancer) this.#fail(gateway, 'Invalid', SEE_EVENTS);
    }
    return deployed;
  }

  async #release(key: string): Promise<DeployError | undefined> {
    try {
      await this.#parts.backend.release([{ kind: 'Gateway', key }]);
      return undefined;
    } catch (error) {
      if (error instanceof DeployError) return error;
      throw error;
    }
  }

  /** @returns why the Gateway's own status could not be written */
  #tell(key: string, loaded: LoadedGateway, programmed: Programmed): string | undefined {
    const gateway = this.#store.get('Gateway', key);
    if (gateway === undefined) return undefined;
    const { isActive } = programmed;
    for (const set of loaded.sets) {
      const stored = this.#store.get('ListenerSet', keyOf(set.object));
      if (stored === undefined) continue;
      const seen = this.#status.seenNow(set.object);
      this.#status.write(stored, listenerSetStatus(set, isActive, seen));
    }
    for (const set of loaded.rejectedSets) {
      const stored = this.#store.get('ListenerSet', keyOf(set));
      if (stored === undefined) continue;
      this.#status.write(stored, rejectedSetStatus(this.#status.seenNow(set)));
    }
    const seen = this.#status.seenNow(loaded.gateway.object);
    const status = deployedStatus(gateway, loaded, programmed, this.#takesSets, seen);
    return this.#status.write(gateway, status);
  }

  #failed(gateway: Gateway, reason: string, says: string, cause: string): Result {
    this.#event(gateway, 'Warning', reason, `${says} due to ${cause}`);
    this.#fail(gateway, 'Invalid', SEE_EVENTS);
    return retry(cause);
  }

  /** Not accepted, and why. */
  #fail({ metadata }: Gateway, reason: string, message: string): void {
    const gateway = this.#store.get('Gateway', keyOf({ metadata }));
    if (gateway === undefined) return;
    const seen = this.#status.seenNow({ metadata });
    this.#status.write(gateway, failedStatus(gateway, reason, message, seen));
  }

  #holds({ metadata }: Gateway): boolean {
    return metadata.finalizers?.includes(this.#controllerName) === true;
  }

  #sayAddOns(gateway: Gateway, addOns: readonly AddOn[], enabled: boolean): void {
    if (addOns.length === 0) return;
    const said = addOns.map((it) => [addOnAnnotation(it), String(enabled)] as const);
    this.#annotate(gateway, Object.fromEntries(said));
  }

  /** @param changes  undefined takes an annotation away */
  #annotate(gateway: Gateway, changes: Readonly<Record<string, string | undefined>>): void {
    const stored = this.#store.get('Gateway', keyOf(gateway));
    if (stored === undefined) return;
    const merged = Object.entries({ ...stored.metadata.annotations, ...changes });
    const kept = merged.filter((it): it is [string, string] => it[1] !== undefined);
    const metadata = { ...stored.metadata, annotations: Object.fromEntries(kept) };
    const written = this.#kubernetes.update<Gateway>({ ...stored, metadata });
    if (isApiStatus(written)) throw new Error(written.message);
  }

  #event(gateway: Gateway, type: 'Normal' | 'Warning', reason: string, message: string): void {
    const component = this.#controllerName;
    this.#kubernetes.recordEvent(gateway, { type, reason, message, component });
  }
}

const SEE_EVENTS = 'Check Gateway Events for more information.';

const without = <Item>(items: readonly Item[], others: readonly Item[]): readonly Item[] =>
  items.filter((it) => !others.includes(it));

function programmedBy(deployed: Deployed): Programmed {
  const field = (name: string): string =>
    deployed.statusOf({
      resourceType: 'AWS::ElasticLoadBalancingV2::LoadBalancer',
      resourceId: LOAD_BALANCER,
      field: name,
    }) ?? '';
  return {
    loadBalancerArn: field('loadBalancerARN'),
    dnsName: field('dnsName'),
    isActive: field('provisioningState').startsWith('active'),
  };
}
