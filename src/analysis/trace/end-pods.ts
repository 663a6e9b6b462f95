/**
 * analysis/trace/end-pods — the pods that an end of a trace names, and why one of them has no
 * address yet.
 */
import { InputError } from '../../model/input-error.ts';
import type { TwinStore } from '../../model/kinds.ts';
import type { Pod } from '../../model/kubernetes/core.ts';
import { keyOf } from '../../model/kubernetes/meta.ts';
import { nearestWords } from '../../model/nearest.ts';
import type { ObjectWord } from './endpoint-text.ts';

export type WorkloadWord = Exclude<ObjectWord, 'node' | 'service' | 'ingress'>;

const KINDS = {
  pod: 'Pod',
  deployment: 'Deployment',
  replicaset: 'ReplicaSet',
  statefulset: 'StatefulSet',
  daemonset: 'DaemonSet',
  job: 'Job',
} as const;

export interface ObjectName {
  readonly word: WorkloadWord;
  readonly namespace: string;
  readonly name: string;
}

/** Pods of the end that have an address, by name. @throws InputError where there is none */
export function podsOf(store: TwinStore, end: ObjectName, where: string): readonly Pod[] {
  const key = `${end.namespace}/${end.name}`;
  const object = store.get(KINDS[end.word], key);
  if (object === undefined) throw unknownObject(store, end, where);
  const pods = end.word === 'pod' ? [object as Pod] : ownedPods(store, object.metadata.uid);
  if (pods.length === 0) {
    throw new InputError(
      where,
      `${end.word} ${key} has no pods`,
      `"ekstwin get ${end.word} ${end.name} -n ${end.namespace}" and "ekstwin events" show why`,
    );
  }
  const addressed = pods.filter((pod) => pod.status?.podIP !== undefined && isAlive(pod));
  if (addressed.length === 0) throw withoutAddress(store, pods[0]!, where);
  return addressed.toSorted((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1));
}

const isAlive = ({ status }: Pod): boolean =>
  status?.phase !== 'Succeeded' && status?.phase !== 'Failed';

/** Pods of an owner, and of the ReplicaSets it owns. */
function ownedPods(store: TwinStore, uid: string | undefined): readonly Pod[] {
  if (uid === undefined) return [];
  const sets = store.lookup('ReplicaSet', 'owner', uid);
  const owners = [uid, ...sets.flatMap(({ metadata }) => metadata.uid ?? [])];
  return owners.flatMap((owner) => store.lookup('Pod', 'owner', owner));
}

function unknownObject(store: TwinStore, end: ObjectName, where: string): InputError {
  const kind = KINDS[end.word];
  const keys = store.list(kind).map(keyOf);
  const elsewhere = keys.filter((key) => key.endsWith(`/${end.name}`));
  const near = nearestWords(`${end.namespace}/${end.name}`, keys);
  const found = elsewhere.length > 0 ? elsewhere.slice(0, 3) : near;
  const startsSo = keys.filter((key) => key.startsWith(`${end.namespace}/${end.name}`)).slice(0, 3);
  const names = found.length > 0 ? found : startsSo;
  const hint =
    names.length > 0
      ? `did you mean ${names.map((name) => `${end.word}/${name}`).join(' or ')}?`
      : `"ekstwin get ${end.word} -A" lists what there is`;
  return new InputError(where, `${end.word} "${end.namespace}/${end.name}" not found`, hint);
}

/** Why a pod cannot send or receive: it was not placed, has no address, or is over. */
function withoutAddress(store: TwinStore, pod: Pod, where: string): InputError {
  const key = keyOf(pod);
  if (!isAlive(pod)) {
    return new InputError(
      where,
      `pod ${key} is ${pod.status?.phase}: its network namespace is gone`,
      'name a pod that runs',
    );
  }
  const warning = store
    .lookup('Event', 'object', `Pod:${key}`)
    .filter(({ type }) => type === 'Warning')
    .toSorted((a, b) => (a.lastTimestamp < b.lastTimestamp ? -1 : 1))
    .at(-1);
  const scheduled = pod.status?.conditions?.find(({ type }) => type === 'PodScheduled');
  const because =
    warning !== undefined
      ? `${warning.reason}: ${warning.message}`
      : scheduled?.status === 'False'
        ? `${scheduled.reason}: ${scheduled.message}`
        : 'it has only just been made';
  return new InputError(
    where,
    `pod ${key} is ${pod.status?.phase ?? 'Pending'} and has no address: ${because}`,
    pod.spec.nodeName === undefined
      ? 'it must be scheduled first; "ekstwin capacity" tells what room there is'
      : `it waits on node ${pod.spec.nodeName}; "ekstwin capacity" and "ekstwin timeline" tell more`,
  );
}
