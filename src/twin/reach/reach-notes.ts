/**
 * twin/reach/reach-notes — what no Kubernetes object says: instances that do not become nodes,
 * images that cannot be pulled, and what stops either.
 *
 * Reads: Instance, NodeGroup, Node, Pod.
 */
import { EC2_PATIENCE_MS } from '../../controllers/kubelet/joining.ts';
import { BOOT_MS, groupOf } from '../../controllers/kubelet/node-registration.ts';
import type { Instance } from '../../model/ec2/instance.ts';
import type { Note } from '../../model/input-error.ts';
import type { TwinStore } from '../../model/kinds.ts';
import type { ContainerStatus, Pod } from '../../model/kubernetes/core.ts';
import type { ClosedPath, Reach } from '../../model/linux/reach.ts';

/** Who has the same trouble. */
type Sufferers = Map<string, string[]>;

const add = (sufferers: Sufferers, text: string, name: string): void => {
  const names = sufferers.get(text);
  if (names === undefined) sufferers.set(text, [name]);
  else if (!names.includes(name)) names.push(name);
};

const closedText = ({ peer, host, text, remedy, instead }: ClosedPath): string => {
  const name = peer === host ? host : `${peer} (${host})`;
  const mend = remedy === undefined ? '' : `; ${remedy.text}`;
  const command = remedy?.command === undefined ? '' : `: ${remedy.command}`;
  const other = instead === undefined ? '' : `; or ${instead}`;
  return `${name} is not reached: ${text}${mend}${command}${other}`;
};

/** Notes on machines whose paths are closed, at `nowMs`. */
export function reachNotes(store: TwinStore, reach: Reach, nowMs: number): Note[] {
  return [...joinNotes(store, reach, nowMs), ...pullNotes(store, reach)];
}

function joinNotes(store: TwinStore, reach: Reach, nowMs: number): Note[] {
  const sufferers: Sufferers = new Map();
  for (const { value: instance } of store.entries('ec2/instance')) {
    if (instance.state !== 'running') continue;
    if (store.lookupKeys('Node', 'instance', instance.instanceId).size > 0) continue;
    const group = groupOf(store, instance);
    if (group === undefined) continue;
    for (const text of joinTroubles(reach, instance, nowMs))
      add(sufferers, text, instance.instanceId);
  }
  return [...sufferers].map(([text, ids]) => ({
    where: ids.length === 1 ? `instance ${ids[0]}` : `${ids.length} instances, e.g. ${ids[0]}`,
    text: `no Node: ${text}`,
  }));
}

function joinTroubles(reach: Reach, instance: Instance, nowMs: number): readonly string[] {
  const { ec2, apiServer } = reach.joinPaths(instance.instanceId);
  const closed = [ec2, apiServer].filter((it) => it !== undefined);
  if (closed.length > 0) return closed.map(closedText);
  // The way is open now, and yet nobody tries.
  if (nowMs - instance.launchedAtMs <= BOOT_MS[1] + EC2_PATIENCE_MS) return [];
  return [
    'its Node was deleted, or EC2 was not reached for as long as nodeadm asks when it booted; ' +
      'terminate it, and the group launches another',
  ];
}

const UNPULLED = new Set(['ErrImagePull', 'ImagePullBackOff']);

function pullNotes(store: TwinStore, reach: Reach): Note[] {
  const sufferers: Sufferers = new Map();
  for (const { value: pod } of store.entries('Pod')) {
    const nodeName = pod.spec.nodeName;
    const image = nodeName === undefined ? undefined : unpulledImage(pod);
    const failed = image === undefined ? undefined : reach.pull(image, nodeName!);
    if (failed !== undefined)
      add(sufferers, `images cannot be pulled: ${closedText(failed.closed)}`, nodeName!);
  }
  return [...sufferers].map(([text, nodes]) => ({
    where: nodes.length === 1 ? `node ${nodes[0]}` : `${nodes.length} nodes, e.g. ${nodes[0]}`,
    text,
  }));
}

function unpulledImage({ status }: Pod): string | undefined {
  if (status?.phase !== 'Pending') return undefined;
  const isUnpulled = ({ state }: ContainerStatus): boolean =>
    UNPULLED.has(state?.waiting?.reason ?? '');
  const all = [...(status.initContainerStatuses ?? []), ...(status.containerStatuses ?? [])];
  return all.find(isUnpulled)?.image;
}
