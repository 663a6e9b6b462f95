/**
 * controllers/in-tree-load-balancer — the service controller of the cloud controller manager, which
 * EKS always runs: Classic load balancers, or network ones with nodes behind them, for Services of
 * type LoadBalancer without a class.
 *
 * Follows kubernetes/cloud-provider@4666611 controllers/service/controller.go.
 * Watches: Service, Node.  Writes: load balancers, security groups, a Service's finalizer, status
 * and events.
 */
import type { Kubernetes } from '../../cluster/kubernetes.ts';
import type { Kinds } from '../../model/kinds.ts';
import type { Node, Service } from '../../model/kubernetes/core.ts';
import type { Millis } from '../../sim/clock.ts';
import {
  type Controller,
  done,
  itself,
  type Result,
  requeue,
  watch,
} from '../../sim/controller.ts';
import type { StoreEvent } from '../../sim/store.ts';
import { deleteBalancer, ensureBalancer, hasBalancer, updateHosts } from './balancer.ts';
import { addFinalizer, hasFinalizer, removeFinalizer } from './finalizer.ts';
import { createProvider, type Provider, type ProviderParts } from './provider.ts';
import { must, ProviderError } from './provider-error.ts';
import { nodesText, type Synced, wantedText } from './service-memory.ts';
import { isIncluded, stableNodes } from './target-nodes.ts';
import { isUntold } from './untold-balancer.ts';

const COMPONENT = 'service-controller';
/** controller.go:57-60. */
const RETRY_LEAST_MS: Millis = 5_000;
const RETRY_MOST_MS: Millis = 300_000;
const NAMES_TOLD = 20;

const wantsBalancer = ({ spec }: Service): boolean =>
  spec.type === 'LoadBalancer' && spec.loadBalancerClass === undefined;

const needsCleanup = (service: Service): boolean =>
  hasFinalizer(service) &&
  (service.metadata.deletionTimestamp !== undefined || service.spec.type !== 'LoadBalancer');

/**
 * Met for the first time with all of its controller's marks: it comes from an export. In its cluster
 * the controller goes on running, and looks at it again when it, or a node, changes.
 */
const isEnsured = (service: Service): boolean =>
  hasFinalizer(service) && (service.status?.loadBalancer?.ingress ?? []).length > 0;

/** The controller of one cluster. */
export function inTreeLoadBalancers(
  parts: ProviderParts,
  kubernetes: Kubernetes,
): Controller<Kinds> {
  const loop = new ServiceLoop(createProvider(parts), kubernetes);
  return {
    name: 'in-tree-load-balancer',
    watches: [
      watch<Kinds, 'Service'>('Service', (event) => (loop.concerns(event) ? itself(event) : [])),
      watch<Kinds, 'Node'>('Node', (event) => loop.seeNode(event)),
    ],
    reconcile: (key) => loop.reconcile(key),
  };
}

/** A node that comes or goes, or that changes in what makes it a target. */
function changesTargets({ value, previous }: StoreEvent<Kinds, 'Node'>): boolean {
  if (value === undefined || previous === undefined) return true;
  return (
    isIncluded(value) !== isIncluded(previous) || value.spec.providerID !== previous.spec.providerID
  );
}

class ServiceLoop {
  readonly #provider: Provider;
  readonly #kubernetes: Kubernetes;
  readonly #synced = new Map<string, Synced>();
  readonly #failures = new Map<string, number>();
  /** The nodes that load balancers are given, until a node is seen again. */
  #nodes: { readonly stable: readonly Node[]; readonly text: string } | undefined;

  constructor(provider: Provider, kubernetes: Kubernetes) {
    this.#provider = provider;
    this.#kubernetes = kubernetes;
  }

  /** @returns  every Service that has been given a load balancer, where targets change */
  seeNode(event: StoreEvent<Kinds, 'Node'>): Iterable<string> {
    this.#nodes = undefined;
    return changesTargets(event) ? this.#synced.keys() : [];
  }

  concerns({ key, value }: StoreEvent<Kinds, 'Service'>): boolean {
    if (value === undefined) return this.#synced.has(key);
    return wantsBalancer(value) || needsCleanup(value) || this.#synced.has(key);
  }

  async reconcile(key: string): Promise<Result> {
    const { store } = this.#provider;
    const service = store.get('Service', key);
    const before = this.#synced.get(key);
    if (service === undefined) return before === undefined ? done : this.#deleteLost(key, before);
    const { stable: nodes, text } = this.#stableNodes();
    const now: Synced = { service, wanted: wantedText(service), nodes: text };
    const isFailing = this.#failures.has(key);
    const isNews = isFailing || before?.wanted !== now.wanted || needsCleanup(service);
    if (!isNews && before?.nodes === now.nodes) return done;
    const isWanted = wantsBalancer(service) && !needsCleanup(service);
    if (isWanted && isUntold(store, service)) return done;
    if (isWanted && before === undefined && isEnsured(service)) {
      this.#synced.set(key, now);
      return done;
    }
    try {
      if (isNews) await this.#sync(key, now, nodes, before);
      else await this.#updateHosts(key, now, nodes);
      this.#failures.delete(key);
      return done;
    } catch (error) {
      return this.#retry(key, service, error, isNews);
    }
  }

  #stableNodes(): { readonly stable: readonly Node[]; readonly text: string } {
    if (this.#nodes === undefined) {
      const stable = stableNodes(this.#provider.store.list('Node'));
      this.#nodes = { stable, text: nodesText(stable) };
    }
    return this.#nodes;
  }

  /** Ensured, or taken away where the Service no longer wants one. */
  async #sync(
    key: string,
    now: Synced,
    nodes: readonly Node[],
    before: Synced | undefined,
  ): Promise<void> {
    const { service } = now;
    const isAnother = before !== undefined && before.service.metadata.uid !== service.metadata.uid;
    if (isAnother) await this.#delete(before.service);
    if (wantsBalancer(service) && !needsCleanup(service)) {
      this.#synced.set(key, now);
      await this.#ensure(service, nodes);
      return;
    }
    if (await hasBalancer(this.#provider, service)) {
      this.#record(service, 'DeletingLoadBalancer', 'Deleting load balancer');
      await named('failed to delete load balancer', () => deleteBalancer(this.#provider, service));
    }
    const current = this.#provider.store.get('Service', key) ?? service;
    removeFinalizer(this.#kubernetes, current);
    this.#record(service, 'DeletedLoadBalancer', 'Deleted load balancer');
    this.#setHostname(key, undefined);
    this.#synced.delete(key);
  }

  async #ensure(service: Service, nodes: readonly Node[]): Promise<void> {
    this.#record(service, 'EnsuringLoadBalancer', 'Ensuring load balancer');
    addFinalizer(this.#kubernetes, service);
    if (nodes.length === 0) this.#warnOfNoNodes(service);
    const outcome = await named('failed to ensure load balancer', () =>
      ensureBalancer(this.#provider, service, nodes),
    );
    // Left to the AWS Load Balancer Controller; the finalizer stays, as upstream's does.
    if (outcome === 'elsewhere') return;
    this.#record(service, 'EnsuredLoadBalancer', 'Ensured load balancer');
    const { namespace = '', name } = service.metadata;
    this.#setHostname(`${namespace}/${name}`, outcome.hostname);
  }

  /** Only who is behind it; quiet, but for the end. */
  async #updateHosts(key: string, now: Synced, nodes: readonly Node[]): Promise<void> {
    const { service } = now;
    this.#synced.set(key, now);
    try {
      await updateHosts(this.#provider, service, nodes);
    } catch (error) {
      if (!(error instanceof ProviderError)) throw error;
      if (!(await hasBalancer(this.#provider, service))) return;
      const names = nodes.map(({ metadata }) => metadata.name).sort();
      const told = names.slice(0, NAMES_TOLD);
      if (names.length > NAMES_TOLD) told.push(`<${names.length - NAMES_TOLD} more>`);
      const limited = `[node names limited, total number of nodes: ${names.length}]`;
      const text = `Error updating load balancer with new hosts [${told.join(' ')}] ${limited}`;
      this.#warn(service, 'UpdateLoadBalancerFailed', `${text}, error: ${error.message}`);
      throw error;
    }
    if (nodes.length === 0) this.#warnOfNoNodes(service);
    else {
      const text = 'Updated load balancer with new hosts';
      this.#record(service, 'UpdatedLoadBalancer', text);
    }
  }

  /** The Service went without waiting for its load balancer. */
  async #deleteLost(key: string, { service }: Synced): Promise<Result> {
    try {
      await this.#delete(service);
    } catch (error) {
      return this.#retry(key, service, error, false);
    }
    this.#synced.delete(key);
    this.#failures.delete(key);
    return done;
  }

  async #delete(service: Service): Promise<void> {
    if (!wantsBalancer(service)) return;
    this.#record(service, 'DeletingLoadBalancer', 'Deleting load balancer');
    try {
      await deleteBalancer(this.#provider, service);
    } catch (error) {
      if (!(error instanceof ProviderError)) throw error;
      const text = `Error deleting load balancer: ${error.message}`;
      this.#warn(service, 'DeleteLoadBalancerFailed', text);
      throw error;
    }
    this.#record(service, 'DeletedLoadBalancer', 'Deleted load balancer');
  }

  #setHostname(key: string, hostname: string | undefined): void {
    const service = this.#provider.store.get('Service', key);
    if (service === undefined) return;
    const current = service.status?.loadBalancer?.ingress ?? [];
    if (current[0]?.hostname === hostname && current.length < 2) return;
    const loadBalancer = hostname === undefined ? {} : { ingress: [{ hostname }] };
    must(
      this.#kubernetes.updateStatus({ ...service, status: { ...service.status, loadBalancer } }),
    );
  }

  /** After 5 s, then twice as long each time. What only time or somebody can mend is no work. */
  #retry(key: string, service: Service, error: unknown, isTold: boolean): Result {
    if (!(error instanceof ProviderError)) throw error;
    const text = `Error syncing load balancer: ${error.message}`;
    if (isTold) this.#warn(service, 'SyncLoadBalancerFailed', text);
    const failures = this.#failures.get(key) ?? 0;
    this.#failures.set(key, failures + 1);
    const waitMs = Math.min(RETRY_LEAST_MS * 2 ** failures, RETRY_MOST_MS);
    return requeue(waitMs, error.message, { background: !error.isTransient });
  }

  #warnOfNoNodes(service: Service): void {
    const text = 'There are no available nodes for LoadBalancer';
    this.#warn(service, 'UnAvailableLoadBalancer', text);
  }

  #record(about: Service, reason: string, message: string): void {
    const event = { reason, message, type: 'Normal', component: COMPONENT } as const;
    this.#kubernetes.recordEvent(about, event);
  }

  #warn(about: Service, reason: string, message: string): void {
    const event = { reason, message, type: 'Warning', component: COMPONENT } as const;
    this.#kubernetes.recordEvent(about, event);
  }
}

/** Runs a step; its error is told behind what was tried. */
async function named<Answer>(tried: string, step: () => Promise<Answer>): Promise<Answer> {
  try {
    return await step();
  } catch (error) {
    if (!(error instanceof ProviderError)) throw error;
    throw new ProviderError(`${tried}: ${error.message}`, error.code);
  }
}
