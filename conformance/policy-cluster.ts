/**
 * conformance/policy-cluster — a cluster with nothing but namespaces, pods, Services and policies in
 * it, and the question whether a pod may talk: asked of the code that a trace asks, by either
 * engine. For Amazon's, the product's own controller resolves the policies first.
 */
import { createKubernetes } from '../src/cluster/create-kubernetes.ts';
import { networkPolicyController } from '../src/controllers/network-policy/network-policy.ts';
import { PolicyEnforcement } from '../src/datapath/policy/enforcement.ts';
import { Recorder } from '../src/datapath/recorder.ts';
import type { Step, Verdict } from '../src/datapath/trace.ts';
import { declareIndexes, type Kinds, type TwinStore } from '../src/model/kinds.ts';
import type { KubernetesObject } from '../src/model/kubernetes/meta.ts';
import { keyOf } from '../src/model/kubernetes/meta.ts';
import { storeKindOf } from '../src/model/kubernetes/resources.ts';
import { type Packet, parseIp } from '../src/net/index.ts';
import { ControllerRun } from '../src/sim/controller.ts';
import { Simulation } from '../src/sim/simulation.ts';
import { Store } from '../src/sim/store.ts';

export type Engine = 'portable' | 'aws-standard' | 'aws-strict' | 'off';

const PROTOCOLS: Readonly<Record<string, number>> = { TCP: 6, UDP: 17, SCTP: 132, ICMP: 1 };

/** A packet of a fresh client port. */
export function packet(from: string, to: string, protocol: string, port: number): Packet {
  const isIcmp = protocol === 'ICMP';
  return {
    protocol: PROTOCOLS[protocol]!,
    source: parseIp(from)!,
    destination: parseIp(to)!,
    sourcePort: isIcmp ? 0 : 40_000,
    destinationPort: isIcmp ? 0 : port,
    icmpType: isIcmp ? 8 : -1,
    icmpCode: isIcmp ? 0 : -1,
    sizeBytes: 60,
    dontFragment: true,
  };
}

/** The plugin's DaemonSet, as the engine is told from it. */
function daemonSetOf(engine: Engine): KubernetesObject {
  const template = (containers: unknown[]): object => ({ template: { spec: { containers } } });
  if (engine === 'portable') {
    return {
      apiVersion: 'apps/v1',
      kind: 'DaemonSet',
      metadata: { name: 'calico-node', namespace: 'kube-system' },
      spec: template([]),
    };
  }
  const mode = engine === 'aws-strict' ? 'strict' : 'standard';
  return {
    apiVersion: 'apps/v1',
    kind: 'DaemonSet',
    metadata: { name: 'aws-node', namespace: 'kube-system' },
    spec: template([
      { name: 'aws-node', env: [{ name: 'NETWORK_POLICY_ENFORCING_MODE', value: mode }] },
      { name: 'aws-eks-nodeagent', args: [`--enable-network-policy=${engine !== 'off'}`] },
    ]),
  };
}

export class PolicyCluster {
  readonly store: TwinStore = new Store<Kinds>();
  readonly #enforcement: PolicyEnforcement;

  private constructor() {
    declareIndexes(this.store);
    this.#enforcement = new PolicyEnforcement(this.store);
  }

  /** Objects are stored as given; for Amazon's engine, policies are resolved. */
  static async of(engine: Engine, objects: readonly KubernetesObject[]): Promise<PolicyCluster> {
    const cluster = new PolicyCluster();
    const { store } = cluster;
    const put = (object: KubernetesObject): void =>
      void store.put(storeKindOf(object), keyOf(object), object as never);
    put(daemonSetOf(engine));
    for (const object of objects) put(object);
    if (!engine.startsWith('aws')) return cluster;
    put({
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'amazon-vpc-cni', namespace: 'kube-system' },
      data: { 'enable-network-policy-controller': 'true' },
    });
    const clock = new Simulation(1);
    const kubernetes = createKubernetes({
      store,
      clock,
      random: clock.random,
      serviceCidrs: { ipv4: '172.20.0.0/16' },
    });
    const run = new ControllerRun(clock, store, networkPolicyController(store, kubernetes));
    await clock.settle();
    run.stop();
    return cluster;
  }

  /** One packet in front of one end's policies. */
  ask(
    direction: 'ingress' | 'egress',
    podKey: string,
    it: Packet,
  ): { readonly verdict: Verdict | undefined; readonly steps: readonly Step[] } {
    const recorder = new Recorder();
    const verdict = this.#enforcement
      .session()
      [direction](`pod/${podKey as `${string}/${string}`}`, it, recorder);
    return { verdict, steps: recorder.hops().flatMap(({ steps }) => steps) };
  }

  get enforcement(): PolicyEnforcement {
    return this.#enforcement;
  }
}
