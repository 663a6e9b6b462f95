/**
 * twin/twin — a cluster and its network, running: one store, one clock, AWS, the API server and
 * every controller wired together. Built by `buildTwin`, `adopt`ed from exports, or forked.
 */
import type { Cloud } from '../cloud/cloud.ts';
import type { ApiServer } from '../cluster/create-kubernetes.ts';
import { isApiStatus } from '../cluster/kubernetes.ts';
import { startHealthChecks } from '../controllers/elb-health/health-checks.ts';
import { KubeProxyRules } from '../controllers/kube-proxy/kube-proxy-rules.ts';
import { NftablesRules } from '../controllers/kube-proxy/nftables-rules.ts';
import { NodeProxies } from '../controllers/kube-proxy/node-proxies.ts';
import { ProgramSlot } from '../controllers/kubelet/programs/container-programs.ts';
import { declareGatewayIndexes } from '../controllers/load-balancer/gateway/attachment/gateway-lookups.ts';
import { declareIngressIndexes } from '../controllers/load-balancer/ingress/store-lookups.ts';
import { AWS_KINDS, type ExportMeta } from '../formats/index.ts';
import type { Note } from '../model/input-error.ts';
import { declareIndexes, type Kinds, type TwinStore } from '../model/kinds.ts';
import type { KubernetesObject } from '../model/kubernetes/meta.ts';
import { KUBERNETES_KINDS, storeKeyOf, storeKindOf } from '../model/kubernetes/resources.ts';
import { type Faults, noFaults } from '../sim/faults.ts';
import type { Settled, Simulation } from '../sim/simulation.ts';
import { Store } from '../sim/store.ts';
import { bareRun } from './bare-run.ts';
import { CallLog } from './call-log.ts';
import { certificateNotes } from './certificate-notes.ts';
import { ClusterRun } from './cluster-run.ts';
import type { SetEnv } from './cni-settings.ts';
import { Datapath } from './datapath.ts';
import { LogBook } from './log-book.ts';
import { remember, rememberedAgent, type TwinMemory } from './memory.ts';
import { TwinNamespaces } from './namespaces/namespaces.ts';
import { reachNotes } from './reach/reach-notes.ts';
import { TwinHealthChecker } from './reach/twin-health-checker.ts';
import { TwinReach } from './reach/twin-reach.ts';
import { setWorkloadEnv } from './set-env.ts';
import { Timeline } from './timeline.ts';

/** What an export shows; a change of anything else is not one. */
const STORED_KINDS = [...AWS_KINDS, ...KUBERNETES_KINDS];

/** Longest virtual time one `settle` may take; a healthy cluster needs minutes. */
const SETTLE_MAX_MS = 24 * 3_600_000;

export interface TwinParts {
  readonly clock: Simulation;
  readonly store: TwinStore;
  readonly cloud: Cloud;
  readonly kubernetes: ApiServer;
  /** Keep the steps of every pod. */
  readonly timeline: boolean;
}

/** An empty store with every index, ready for a cloud. */
export function emptyStore(): TwinStore {
  const store: TwinStore = new Store<Kinds>();
  declareIndexes(store);
  declareIngressIndexes(store);
  declareGatewayIndexes(store);
  return store;
}

export class Twin {
  readonly clock: Simulation;
  readonly store: TwinStore;
  readonly cloud: Cloud;
  readonly kubernetes: ApiServer;
  readonly notes: Note[] = [];
  readonly calls = new CallLog();
  readonly timeline: Timeline;
  /** What containers wrote because something happened. */
  readonly logBook: LogBook;
  /** The network namespaces of its nodes and pods. */
  readonly namespaces: TwinNamespaces;
  /** What its machines reach of AWS's network. */
  readonly reach: TwinReach;
  /** Who runs containers' commands: somebody while it is up. */
  readonly programs = new ProgramSlot();
  /** When the user's workloads were applied; steps before are the cluster's own. */
  appliedAtMs = 0;
  #changedAtMs: number;
  #faults: Faults = noFaults;
  readonly #kubeProxy: KubeProxyRules;
  #run: ClusterRun | undefined;
  #bareRun: { stop(): void } | undefined;
  #datapath: Datapath | undefined;
  /** What another twin knew, of which this is a copy that does not run. */
  #memory: TwinMemory | undefined;
  #healthChecks: { stop(): void } | undefined;

  constructor({ clock, store, cloud, kubernetes, timeline }: TwinParts) {
    this.clock = clock;
    this.store = store;
    this.cloud = cloud;
    this.kubernetes = kubernetes;
    this.logBook = new LogBook(clock, store);
    this.timeline = new Timeline(clock, timeline ? store : undefined);
    const proxies = new NodeProxies(store);
    this.#kubeProxy = new KubeProxyRules(proxies);
    const kubeProxyNftables = new NftablesRules(proxies);
    this.namespaces = new TwinNamespaces(store, (nodeName) => ({
      ...this.#kubeProxy.tables(nodeName),
      nftables: kubeProxyNftables.tables(nodeName),
    }));
    this.reach = new TwinReach(store, () => this.datapath);
    this.#changedAtMs = clock.now();
    for (const kind of STORED_KINDS) {
      store.subscribe(kind, () => {
        this.#changedAtMs = clock.now();
      });
    }
  }

  /** What its packets go through; made when first asked for. */
  get datapath(): Datapath {
    this.#datapath ??= new Datapath(this.store, this.namespaces, this.cloud.region);
    return this.#datapath;
  }

  /** Starts every controller; without an EKS cluster those that exported nodes need. */
  start(): void {
    this.#healthChecks ??= startHealthChecks(
      this.clock,
      this.store,
      new TwinHealthChecker(() => this.datapath),
      this.cloud.targetHealth,
    );
    if (this.#run !== undefined || this.#bareRun !== undefined) return;
    if (this.store.count('eks/cluster') > 0)
      this.#run = new ClusterRun(this, this.calls, () => this.#faults);
    else if (this.store.count('Node') > 0) this.#bareRun = bareRun(this);
  }

  /** Runs virtual time until nothing is left to do. */
  async settle(limitMs = SETTLE_MAX_MS): Promise<Settled> {
    const settled = await this.clock.settle(limitMs);
    this.kubernetes.flushEvents();
    return settled;
  }

  /** Runs to a point in virtual time after the workloads were applied, idle polls included. */
  async runUntil(afterApplyMs: number): Promise<void> {
    await this.clock.runUntil(this.appliedAtMs + afterApplyMs);
    this.kubernetes.flushEvents();
  }

  /** Applies objects in order, as `kubectl apply`; what the API server refused comes back. */
  apply(objects: readonly KubernetesObject[]): { object: KubernetesObject; message: string }[] {
    return objects.flatMap((object) => {
      const result = this.kubernetes.apply(object);
      return isApiStatus(result) ? [{ object, message: result.message }] : [];
    });
  }

  /** Sets variables of workloads in kube-system, as `kubectl set env` does. */
  setEnv(settings: readonly SetEnv[]): void {
    for (const setting of settings) setWorkloadEnv(this.kubernetes, this.store, setting);
  }

  /** Where and when an export of this twin is from: the time of its last change. */
  exportMeta(): ExportMeta {
    const { region, accountId } = this.cloud;
    return { region, accountId, atMs: this.#changedAtMs };
  }

  /** What may go wrong from now on. */
  setFaults(faults: Faults): void {
    this.#faults = faults;
  }

  /** Is anybody at work in it? */
  get isStarted(): boolean {
    return this.#run !== undefined || this.#bareRun !== undefined;
  }

  /** Answers from what another twin knew, until this one is started. */
  remember(memory: TwinMemory): void {
    this.#memory = memory;
    remember(this, memory);
  }

  /** The state of a node's address pool as its ipamd has it; undefined where none runs. */
  nodePool(nodeName: string) {
    return this.#run?.poolOf(nodeName) ?? this.#memory?.pools[nodeName];
  }

  /** A node's plugin files and ipamd's pages; undefined where no ipamd runs. */
  nodeAgent(nodeName: string) {
    const agent = this.#run?.agentOf(nodeName);
    if (agent !== undefined) return agent;
    const known = this.#memory?.agents[nodeName];
    return known && rememberedAgent(known);
  }

  /** What the AWS Load Balancer Controller would build; undefined where none is at work. */
  stackBuilders() {
    return this.#run?.loadBalancers.builders;
  }

  /** What keeps nodes from working that no event says, and what is not simulated of kube-proxy. */
  troubles(): readonly Note[] {
    if (this.#memory !== undefined && !this.isStarted) return this.#memory.troubles;
    const nodesBy = new Map<string, string[]>();
    for (const { metadata } of this.store.list('Node')) {
      const problem = this.nodePool(metadata.name)?.problem;
      if (problem !== undefined)
        nodesBy.set(problem, [...(nodesBy.get(problem) ?? []), metadata.name]);
    }
    const aboutNodes = [...nodesBy].map(([problem, nodes]) => ({
      where: nodes.length === 1 ? `node ${nodes[0]}` : `${nodes.length} nodes, e.g. ${nodes[0]}`,
      text: `aws-node does not come up: ${problem}`,
    }));
    const aboutPaths = reachNotes(this.store, this.reach, this.clock.now());
    const aboutBalancers = this.#run?.loadBalancers.notes() ?? [];
    return [
      ...aboutPaths,
      ...aboutNodes,
      ...aboutBalancers,
      ...(this.#run?.names.notes() ?? []),
      ...certificateNotes(this.store),
      ...this.#kubeProxy.notes(),
    ];
  }

  droppedEvents(): number {
    return this.kubernetes.droppedEvents + (this.#memory?.droppedEvents ?? 0);
  }

  /** An object as it leaves for a client: with its resourceVersion. */
  withResourceVersion(object: KubernetesObject): KubernetesObject {
    const entry = this.store.entry(storeKindOf(object), storeKeyOf(object));
    if (entry === undefined) return object;
    const metadata = { ...object.metadata, resourceVersion: String(entry.revision) };
    return { ...object, metadata };
  }

  stop(): void {
    this.#run?.stop();
    this.#bareRun?.stop();
    this.#healthChecks?.stop();
    this.#run = undefined;
    this.#bareRun = undefined;
    this.#healthChecks = undefined;
  }
}
