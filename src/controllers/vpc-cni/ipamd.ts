/**
 * controllers/vpc-cni/ipamd — one node's address daemon: starts, serves CNI ADD and DEL, keeps the
 * pool at its targets, stops with the aws-node pod.
 *
 * Upstream: aws/amazon-vpc-cni-k8s@b52188387 cmd/aws-k8s-agent/main.go, pkg/ipamd/ipamd.go.
 *
 * Reads: the instance's ENIs, Node, Pods, ENIConfigs, the node's disk. Writes: EC2,
 * `node/network`, `node/pod-sandbox`, CNINode features, events, the node's disk.
 */
import { instanceMetadata } from '../../cloud/ec2/imds.ts';
import type { Ec2, SubnetSignals } from '../../cloud/ec2/operations.ts';
import type { Kubernetes } from '../../cluster/kubernetes.ts';
import type { AwsError } from '../../model/aws-error.ts';
import { type InstanceType, instanceType } from '../../model/ec2/instance-type.ts';
import type { TwinStore } from '../../model/kinds.ts';
import { type Cni, IPAMD_DOWN } from '../../model/linux/cni.ts';
import type { Clock, Millis, Signal } from '../../sim/clock.ts';
import type { Random } from '../../sim/random.ts';
import { createEniApi } from './aws-eni-api.ts';
import { createCardStores } from './card-stores.ts';
import { followChanges } from './changes.ts';
import type { NodeDisk } from './checkpoint.ts';
import { addCniNodeFeatures } from './cni-node.ts';
import type { EniMetadata } from './eni-api.ts';
import { type IpamdEnv, parseIpamdEnv, startupProblem } from './env.ts';
import { MANIFEST_ENV } from './env-variables.ts';
import type { MetadataReader } from './instance-metadata.ts';
import { type Ipam, newCounters, poolSettings } from './ipam.ts';
import { type LoopState, runPoolLoop } from './ipamd-loop.ts';
import { type IpamdState, stateOf } from './ipamd-state.ts';
import { runLeakedEniSweep } from './leaked-eni.ts';
import { isManagedEni } from './managed-enis.ts';
import { reportMissingPermission } from './missing-permissions.ts';
import { initNode } from './node-init.ts';
import { NodeNetworkWriter } from './node-network-writer.ts';
import { nodeViewOf } from './node-view.ts';
import { isExhausted, obstacleOf } from './obstacle.ts';
import { addNetwork, deleteNetwork, type PluginParts } from './plugin.ts';
import { restoreStores } from './pod-restore.ts';
import { nextCooledMs } from './pool-outlook.ts';
import type { PoolSettings } from './pool-targets.ts';
import { RECONCILE_INTERVAL_MS } from './reconcile.ts';
import { SecurityGroupRefresh } from './security-group-refresh.ts';
import { subnetServesPods } from './subnet-discovery.ts';

export interface IpamdParts {
  readonly clock: Clock;
  readonly random: Random;
  readonly store: TwinStore;
  readonly ec2: Ec2;
  readonly signals: SubnetSignals;
  readonly kubernetes: Kubernetes;
  readonly nodeName: string;
  readonly instanceId: string;
  /** The aws-node container's; what it does not set is as the manifest has it. */
  readonly env: Readonly<Record<string, string>>;
  readonly clusterName: string;
  /** Outlives this ipamd: give the next one the same. */
  readonly disk: NodeDisk;
  /** Default: the metadata as it is. See cloud/ec2/imds metadataReader for one that lags. */
  readonly metadata?: MetadataReader | undefined;
}

export interface Ipamd {
  readonly cni: Cni;
  /** As when the container ends: pods keep their addresses, nothing is undone. */
  stop(): void;
  /** AWS's network changed: calls that did not get there may do so now. */
  networkChanged(): void;
  state(): IpamdState;
  /** What the metrics and introspection pages are made from. */
  readonly ipam: Ipam;
}

/** How long the container runtime waits before it starts a failed aws-node again, at most. */
const RESTART_BACK_OFF_MS = 300_000;
const RESTART_FIRST_MS = 10_000;

/** Starts the daemon. It answers CNI requests once its node initialisation is done. */
export function startIpamd(parts: IpamdParts): Ipamd {
  const run = new IpamdRun(parts);
  parts.clock.spawn(() => run.run());
  return run;
}

class IpamdRun implements Ipamd {
  readonly ipam: Ipam;
  readonly cni: Cni;
  readonly #parts: IpamdParts;
  readonly #raw: Readonly<Record<string, string>>;
  readonly #loop: LoopState;
  readonly #plugin: PluginParts;
  readonly #network: NodeNetworkWriter;
  readonly #groups: SecurityGroupRefresh;
  /** Kubelets whose ADD failed wait here. */
  readonly #addable: Signal;
  readonly #unfollow: () => void;
  readonly #watchedSubnets = new Set<string>();
  readonly #settings = new Map<number, PoolSettings>();
  /** Undefined for a type nobody has listed. */
  readonly #type: InstanceType | undefined;
  readonly #prefixDelegationSupported: boolean;
  #ready = false;
  #problem: string | undefined;
  #coolTimerDue = false;
  /** An ADD was refused since waiters were last told: only then is a cooled address news. */
  #refused = false;

  constructor(parts: IpamdParts) {
    const { clock, store, nodeName, instanceId } = parts;
    this.#parts = parts;
    this.#raw = { CLUSTER_NAME: parts.clusterName, ...MANIFEST_ENV, ...parts.env };
    const env = parseIpamdEnv(this.#raw);
    this.#type = instanceType(store.get('ec2/instance', instanceId)?.instanceType ?? '');
    this.#prefixDelegationSupported = this.#type?.prefixDelegation ?? true;
    this.#network = new NodeNetworkWriter(store, nodeName, instanceId, env);
    this.ipam = this.#createIpam(env);
    this.#plugin = { ipam: this.ipam, store, kubernetes: parts.kubernetes, nodeName };
    const isManaged = (eni: EniMetadata): boolean =>
      isManagedEni(eni, instanceId, env.manageUntaggedEni);
    this.#groups = new SecurityGroupRefresh(this.ipam, isManaged);
    this.#addable = clock.signal();
    this.#loop = {
      enisChanged: false,
      obstacle: undefined,
      wake: clock.signal(),
      isManaged,
      afterPass: () => this.#addable.notify(),
    };
    this.cni = this.#createCni();
    this.#unfollow = this.#follow();
  }

  #createIpam(env: IpamdEnv): Ipam {
    const parts = this.#parts;
    const { clock, disk, store, nodeName, instanceId } = parts;
    const prefixDelegation = env.prefixDelegation && this.#prefixDelegationSupported;
    const random = parts.random.split(`ipamd ${nodeName}`);
    const metadata = parts.metadata ?? (() => instanceMetadata(store, instanceId));
    return {
      clock,
      env,
      api: createEniApi({ ...parts, random, env, prefixDelegation, metadata }),
      node: nodeViewOf(store, nodeName),
      stores: createCardStores({ clock, disk, env, prefixDelegation }, this.#type),
      eniConfig: (name) => store.get('ENIConfig', name),
      settings: (networkCard) => this.#settingsOf(networkCard, prefixDelegation),
      networkOf: (eni) => this.#network.add(eni),
      networkGone: (eniId) => this.#network.remove(eniId),
      primaryEni: () => this.#network.primary(),
      failed: (action, error, subnetIds) => this.#failed(action, error, subnetIds),
      counters: newCounters(clock.now()),
      lastInsufficientCidrMs: undefined,
      lastPoolActionMs: clock.now(),
      lastDecreaseMs: undefined,
      terminating: false,
      recentlyFreed: new Map(),
    };
  }

  /** Asked for at every pod; it changes with the node and its ENIs only. */
  #settingsOf(networkCard: number, prefixDelegation: boolean): PoolSettings {
    const known = this.#settings.get(networkCard);
    if (known !== undefined) return known;
    const { api, env, node } = this.ipam;
    const type = this.#type;
    const unmanaged = api
      .attachedEnis()
      .filter((eni) => eni.networkCard === networkCard && !this.#loop.isManaged(eni));
    const settings = poolSettings({
      env,
      prefixDelegation,
      type,
      networkCard,
      unmanagedEnis: unmanaged.length,
      maxPods: node().podCapacity ?? formulaMaxPods(type),
    });
    this.#settings.set(networkCard, settings);
    return settings;
  }

  /** The container's life: initialise, or fail and be started again; then the pool loop. */
  async run(): Promise<void> {
    const { clock } = this.#parts;
    let backOffMs: Millis = RESTART_FIRST_MS;
    while (!this.ipam.terminating) {
      this.#problem =
        startupProblem(this.#raw, this.ipam.env, this.#prefixDelegationSupported) ??
        (await this.#initialise());
      if (this.#problem === undefined || this.ipam.terminating) break;
      // Only a change can help, so the wait for the next start keeps nobody up.
      await this.#loop.wake.waitAtMost(backOffMs, { background: true });
      backOffMs = Math.min(backOffMs * 2, RESTART_BACK_OFF_MS);
    }
    if (this.ipam.terminating) return;
    this.#ready = true;
    this.ipam.counters.readyAtMs = clock.now();
    this.#addable.notify();
    if (this.ipam.env.leakedEniCleanup) runLeakedEniSweep(this.#parts, this.ipam);
    await runPoolLoop(this.ipam, this.#loop);
  }

  stop(): void {
    this.ipam.terminating = true;
    this.#unfollow();
    this.#network.stop();
    this.#loop.wake.notify();
    this.#addable.notify();
  }

  networkChanged(): void {
    if (this.#loop.obstacle === undefined && this.#ready) return;
    this.#loop.obstacle = undefined;
    this.#loop.wake.notify();
  }

  state(): IpamdState {
    return stateOf(this.ipam, {
      nodeName: this.#parts.nodeName,
      instanceId: this.#parts.instanceId,
      ready: this.#ready,
      problem: this.#problem,
      obstacle: this.#loop.obstacle,
    });
  }

  #initialise(): Promise<string | undefined> {
    const { store, nodeName, disk } = this.#parts;
    this.#network.begin(this.ipam.api.attachedEnis());
    return initNode(this.ipam, {
      isManaged: this.#loop.isManaged,
      isExcluded: (eni) => this.#isExcluded(eni),
      restore: () => restoreStores({ ipam: this.ipam, store, disk, nodeName }),
      addCniNodeFeatures: () => addCniNodeFeatures(this.#plugin),
    });
  }

  #isExcluded(eni: EniMetadata): boolean {
    const { env } = this.ipam;
    if (!env.subnetDiscovery || env.customNetworking) return false;
    const subnet = this.#parts.store.get('ec2/subnet', eni.subnetId);
    const primarySubnetId = this.ipam.primaryEni()?.subnetId;
    return (
      subnet !== undefined &&
      !subnetServesPods(subnet, eni.subnetId === primarySubnetId, env.clusterName)
    );
  }

  #createCni(): Cni {
    return {
      isReady: () => this.#ready && !this.ipam.terminating,
      add: async (request) => {
        if (!this.#ready || this.ipam.terminating)
          return { kind: 'cni-failure', message: IPAMD_DOWN };
        const result = addNetwork(this.#plugin, request);
        this.#loop.wake.notify();
        if (result.kind === 'cni-failure') {
          this.#refused = true;
          this.#wakeWhenCooled();
        }
        return result;
      },
      del: async (request) => {
        // The plugin takes the links away from what ADD left behind; the restart drops the rest.
        if (!this.#ready || this.ipam.terminating) {
          const key = `${request.namespace}/${request.podName}`;
          this.#parts.store.delete('node/pod-sandbox', key);
          return undefined;
        }
        const result = deleteNetwork(this.#plugin, request);
        this.#loop.wake.notify();
        this.#wakeWhenCooled();
        return result;
      },
      changed: () => this.#addable.wait(),
    };
  }

  /** Someone waits for an address: the next one out of its cooldown is news. */
  #wakeWhenCooled(): void {
    if (this.#coolTimerDue || !this.#refused) return;
    const atMs = nextCooledMs(this.ipam.stores.values());
    if (atMs === undefined) return;
    this.#coolTimerDue = true;
    const { clock } = this.#parts;
    clock.after(atMs - clock.now(), () => {
      this.#coolTimerDue = false;
      this.#refused = false;
      this.#addable.notify();
    });
  }

  #follow(): () => void {
    const { store, nodeName, instanceId } = this.#parts;
    return followChanges(store, nodeName, instanceId, {
      eni: () => {
        this.#settings.clear();
        this.#loop.enisChanged = true;
        if (this.#loop.obstacle === 'needs-change') this.#loop.obstacle = undefined;
        this.#groups.look();
        this.#loop.wake.notify();
        if (this.#parts.metadata !== undefined) this.#lookAgain();
      },
      node: () => {
        this.#settings.clear();
        if (this.#ready) addCniNodeFeatures(this.#plugin);
        this.#loop.wake.notify();
      },
      podEni: () => this.#addable.notify(),
      shared: () => {
        this.#network.refreshVpc(this.#parts.clock);
        this.networkChanged();
      },
    });
  }

  /** Metadata that lags shows a change later than the change is announced. */
  #lookAgain(): void {
    this.#parts.clock.after(RECONCILE_INTERVAL_MS, () => {
      this.#loop.enisChanged = true;
      this.#loop.wake.notify();
    });
  }

  #failed(action: string, error: AwsError, subnetIds: readonly string[]): void {
    if (error.code === 'UnauthorizedOperation')
      reportMissingPermission(this.#plugin, action, error);
    if (action === 'FreeENI') this.#loop.enisChanged = true;
    this.#loop.obstacle = obstacleOf(error);
    if (!isExhausted(error)) return;
    for (const subnetId of this.#subnetsToWatch(subnetIds)) this.#watchSubnet(subnetId);
  }

  /** The subnets that said no, and every other one a new ENI could be made in. */
  #subnetsToWatch(subnetIds: readonly string[]): Iterable<string> {
    const { store, instanceId } = this.#parts;
    const all = new Set(subnetIds);
    const primary = this.ipam.primaryEni();
    if (primary === undefined || this.ipam.env.customNetworking) return all;
    all.add(primary.subnetId);
    const instance = store.get('ec2/instance', instanceId);
    if (!this.ipam.env.subnetDiscovery || instance === undefined) return all;
    for (const subnet of store.lookup('ec2/subnet', 'vpc', instance.vpcId))
      if (
        subnet.availabilityZone === instance.availabilityZone &&
        subnetServesPods(subnet, subnet.subnetId === primary.subnetId, this.ipam.env.clusterName)
      )
        all.add(subnet.subnetId);
    return all;
  }

  #watchSubnet(subnetId: string): void {
    if (this.#watchedSubnets.has(subnetId)) return;
    this.#watchedSubnets.add(subnetId);
    this.#parts.clock.spawn(async () => {
      await this.#parts.signals.freed(subnetId);
      this.#watchedSubnets.delete(subnetId);
      if (this.ipam.terminating) return;
      if (this.#loop.obstacle === 'needs-change') this.#loop.obstacle = undefined;
      this.#loop.wake.notify();
    });
  }
}

/** eni-max-pods.txt, then upstream's 110. */
const formulaMaxPods = (type: InstanceType | undefined): number =>
  type === undefined ? 110 : type.maxEnis * (type.ipv4PerEni - 1) + 2;
