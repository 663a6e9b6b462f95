/**
 * twin/timeline — what happened to workloads and pods, in order, read off the store as it happens:
 * created, scheduled, CNI ADD, Running, Ready, an endpoint of Services, deleted. Kept only when
 * asked for.
 */
import type { KubernetesKind, TwinStore } from '../model/kinds.ts';
import type { Pod } from '../model/kubernetes/core.ts';
import { controllerOf, type KubernetesObject } from '../model/kubernetes/meta.ts';
import type { EndpointSlice } from '../model/kubernetes/networking.ts';
import type { PodSandbox } from '../model/linux/cni.ts';
import type { Clock, Millis } from '../sim/clock.ts';
import { type BalancerStep, followBalancers } from './balancer-steps.ts';

export type StepKind =
  | 'created'
  | 'scheduled'
  | 'cni-add'
  | 'running'
  | 'ready'
  | 'endpoint'
  | 'failed'
  | 'terminating'
  | 'cni-del'
  | 'deleted';

export interface TimelineStep {
  readonly atMs: number;
  readonly kind: string;
  /** `namespace/name` */
  readonly key: string;
  readonly step: StepKind;
  readonly text: string;
  /** Key of the controlling owner, `ReplicaSet:shop/web-7d9f`. */
  readonly owner?: string | undefined;
  readonly node?: string | undefined;
  /** The Service whose endpoint the pod became, `namespace/name`. */
  readonly service?: string | undefined;
  /** Of CNI ADD and DEL: what the plugin was asked and left, or took away. */
  readonly sandbox?: PodSandbox | undefined;
}

const WORKLOADS: readonly KubernetesKind[] = [
  'Deployment',
  'ReplicaSet',
  'StatefulSet',
  'DaemonSet',
  'Job',
  'CronJob',
];

export class Timeline {
  readonly steps: TimelineStep[] = [];
  /** The same of load balancers and their targets. */
  readonly balancerSteps: BalancerStep[] = [];
  /** Nothing is known of what was before; undefined = there was nothing. */
  sinceMs: Millis | undefined;

  /** Without a store nothing is kept. */
  constructor(clock: Clock, store: TwinStore | undefined) {
    if (store === undefined) return;
    followBalancers(store, (step) => {
      this.balancerSteps.push({ atMs: clock.now(), ...step });
    });
    const add = (step: Omit<TimelineStep, 'atMs'>): void => {
      this.steps.push({ atMs: clock.now(), ...step });
    };
    for (const kind of WORKLOADS) {
      store.subscribe(kind, ({ key, value, previous }) => {
        const object = value as KubernetesObject | undefined;
        if (previous !== undefined || object === undefined) return;
        const replicas = (object.spec as { replicas?: number } | undefined)?.replicas;
        const text = replicas === undefined ? '' : `${replicas} replicas`;
        add({ kind, key, step: 'created', text, owner: ownerKey(object) });
      });
    }
    store.subscribe('Pod', ({ key, value, previous }) => {
      for (const [step, text] of podSteps(value, previous)) {
        const pod = value ?? previous!;
        add({ kind: 'Pod', key, step, text, owner: ownerKey(pod), node: pod.spec.nodeName });
      }
    });
    store.subscribe('EndpointSlice', ({ value, previous }) => {
      if (value === undefined) return;
      const { namespace, name, labels } = value.metadata;
      const service = `${namespace}/${labels?.['kubernetes.io/service-name'] ?? ''}`;
      const known = readyPods(previous);
      for (const [pod, address] of readyPods(value)) {
        if (known.has(pod)) continue;
        const text = `${address} ready in EndpointSlice ${name} of Service ${service}`;
        add({ kind: 'Pod', key: `${namespace}/${pod}`, step: 'endpoint', text, service });
      }
    });
    store.subscribe('node/pod-sandbox', ({ key, value, previous }) => {
      const sandbox = value ?? previous!;
      const step = value === undefined ? 'cni-del' : 'cni-add';
      // Multus adds to what the first plugin made: only the new interfaces are news.
      const known = value === undefined ? [] : (previous?.interfaces ?? []).map((it) => it.name);
      const interfaces = sandbox.interfaces.filter((it) => !known.includes(it.name));
      const text = interfacesText(interfaces);
      add({ kind: 'Pod', key, step, text, node: sandbox.nodeName, sandbox });
    });
  }
}

function ownerKey(object: KubernetesObject | Pod): string | undefined {
  const owner = controllerOf(object);
  return owner && `${owner.kind}:${object.metadata.namespace}/${owner.name}`;
}

/** Pods that a slice sends traffic to, with their addresses. */
function readyPods(slice: EndpointSlice | undefined): ReadonlyMap<string, string> {
  const ready = new Map<string, string>();
  for (const { targetRef, conditions, addresses } of slice?.endpoints ?? [])
    if (targetRef?.kind === 'Pod' && conditions?.ready !== false)
      ready.set(targetRef.name ?? '', addresses.join(', '));
  return ready;
}

const isReady = (pod: Pod | undefined): boolean =>
  pod?.status?.conditions?.some((it) => it.type === 'Ready' && it.status === 'True') === true;

function podSteps(now: Pod | undefined, before: Pod | undefined): [StepKind, string][] {
  if (now === undefined) return [['deleted', '']];
  const steps: [StepKind, string][] = [];
  if (before === undefined) steps.push(['created', '']);
  if (before?.spec.nodeName === undefined && now.spec.nodeName !== undefined) {
    steps.push(['scheduled', `to ${now.spec.nodeName}`]);
  }
  const phase = now.status?.phase;
  if (phase !== before?.status?.phase) {
    if (phase === 'Running') steps.push(['running', now.status?.podIP ?? '']);
    if (phase === 'Failed' || phase === 'Succeeded') steps.push(['failed', phase]);
  }
  if (isReady(now) && !isReady(before)) steps.push(['ready', '']);
  const { deletionTimestamp } = now.metadata;
  if (deletionTimestamp !== undefined && before?.metadata.deletionTimestamp === undefined) {
    steps.push(['terminating', '']);
  }
  return steps;
}

/** `10.0.1.7 on eni-1 (device 1), veth enib5faff8a083, table 2`. */
function interfacesText(interfaces: PodSandbox['interfaces']): string {
  return interfaces
    .map((it) => {
      const table = it.hostRules.find((rule) => rule.match.kind === 'from')?.table;
      const routed = table === undefined ? 'main table' : `table ${table}`;
      const vlan = it.vlanId === undefined ? '' : `, vlan ${it.vlanId}`;
      return `${it.name} ${it.address} on ${it.networkInterfaceId} (device ${it.deviceNumber}${vlan}), host ${it.hostName}, ${routed}`;
    })
    .join('; ');
}
