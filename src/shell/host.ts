/**
 * shell/host — the pod or node whose shell it is: its objects in the store, where its packets
 * start, how it resolves names, what it is called.
 */
import type { Vantage } from '../datapath/dns/answer.ts';
import type { Origin } from '../datapath/walk/flow.ts';
import { addressesOfNode, addressesOfPod } from '../model/kubernetes/addresses.ts';
import type { Container, Node, Pod } from '../model/kubernetes/core.ts';
import { keyOf } from '../model/kubernetes/meta.ts';
import { type NetworkNamespace, namespaceOfPod } from '../model/linux/namespace.ts';
import type { Ip } from '../net/index.ts';
import { type Memory, memoryOf } from './memory.ts';
import type { Machine, ShellWorld } from './session.ts';

export interface Host {
  readonly world: ShellWorld;
  readonly machine: Machine;
  readonly memory: Memory;
  readonly pod?: Pod | undefined;
  readonly container?: Container | undefined;
  /** The node itself, or the one that the pod runs on. */
  readonly node?: Node | undefined;
  readonly nodeName: string;
  readonly vantage: Vantage;
  readonly origin: Extract<Origin, { kind: 'namespace' }>;
  /** What `hostname` prints. */
  readonly hostname: string;
  /** Its addresses, primary first. */
  readonly addresses: readonly Ip[];
}

/** All containers that one may have a shell in. */
export function containersOf({ spec }: Pod): readonly Container[] {
  return [...spec.containers, ...(spec.initContainers ?? []), ...(spec.ephemeralContainers ?? [])];
}

/** undefined: there is no such pod, container or node. */
export function hostOf(world: ShellWorld, machine: Machine): Host | undefined {
  return machine.kind === 'pod' ? podHost(world, machine) : nodeHost(world, machine);
}

function podHost(world: ShellWorld, machine: Extract<Machine, { kind: 'pod' }>): Host | undefined {
  const { store } = world.twin;
  const pod = store.get('Pod', machine.podKey);
  const container = pod && containersOf(pod).find(({ name }) => name === machine.container);
  if (pod === undefined || container === undefined) return undefined;
  const { name, namespace = 'default' } = pod.metadata;
  const nodeName = pod.spec.nodeName ?? '';
  const node = nodeName === '' ? undefined : store.get('Node', nodeName);
  const label = `pod/${keyOf(pod)}`;
  return {
    world,
    machine,
    memory: memoryOf(world.twin),
    pod,
    container,
    node,
    nodeName,
    vantage: { kind: 'pod', namespace, name },
    origin: { kind: 'namespace', id: namespaceOfPod(pod), label },
    hostname: pod.spec.hostNetwork === true ? nodeName : (pod.spec.hostname ?? name),
    addresses: addressesOfPod(pod),
  };
}

function nodeHost(world: ShellWorld, machine: Extract<Machine, { kind: 'node' }>) {
  const { nodeName } = machine;
  const node = world.twin.store.get('Node', nodeName);
  if (node === undefined) return undefined;
  const label = `node/${nodeName}`;
  return {
    world,
    machine,
    memory: memoryOf(world.twin),
    node,
    nodeName,
    vantage: { kind: 'node' as const, name: nodeName },
    origin: { kind: 'namespace' as const, id: `node/${nodeName}` as const, label },
    hostname: nodeName,
    addresses: addressesOfNode(node),
  };
}

/** The network namespace its programs are in; undefined: none is known. */
export const namespaceOf = ({ world, origin }: Host): NetworkNamespace | undefined =>
  world.twin.namespaces.get(origin.id);
