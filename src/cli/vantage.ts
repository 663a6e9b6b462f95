/** cli/vantage — the pod or node that a word of the command line names. */
import type { Vantage } from '../datapath/dns/answer.ts';
import { InputError } from '../model/input-error.ts';
import type { TwinStore } from '../model/kinds.ts';
import type { Pod } from '../model/kubernetes/core.ts';
import { matchesSelector } from '../model/kubernetes/selectors.ts';
import { nearestWords } from '../model/nearest.ts';

const HINT = 'write NS/NAME, pod/NS/NAME, deploy/NS/NAME or node/NAME';

/**
 * Reads `NS/NAME`, `pod/NS/NAME`, `deploy/NS/NAME`, `node/NAME`.
 *
 * @throws InputError for what is not there, with what is near, and for a pod without an address
 */
export function vantageOf(store: TwinStore, text: string): Vantage {
  const parts = text.split('/');
  if (parts.some((part) => part === '')) throw new InputError(text, 'a part is empty', HINT);
  const [first = '', second, third] = parts;
  if (parts.length === 2 && (first === 'node' || first === 'nodes')) return ofNode(store, second!);
  if (parts.length === 1) return ofPod(store, 'default', first, text);
  if (parts.length === 2) return ofPod(store, first, second!, text);
  if (parts.length > 3) throw new InputError(text, 'too many parts', HINT);
  if (/^pods?$/.test(first)) return ofPod(store, second!, third!, text);
  if (/^deploy(ments?)?$/.test(first)) return ofDeployment(store, second!, third!, text);
  throw new InputError(text, `"${first}" is neither pod, deploy nor node`, HINT);
}

function ofNode(store: TwinStore, name: string): Vantage {
  const names = store.list('Node').map(({ metadata }) => metadata.name);
  const found = names.find((it) => it === name || it.split('.')[0] === name);
  if (found !== undefined) return { kind: 'node', name: found };
  const short = names.map((it) => it.split('.')[0]!);
  throw new InputError(
    `node/${name}`,
    `nodes "${name}" not found`,
    near(name, short) ?? '"ekstwin get nodes" lists them',
  );
}

function near(word: string, known: readonly string[]): string | undefined {
  const words = nearestWords(word, known);
  return words.length === 0 ? undefined : `did you mean ${words.join(' or ')}?`;
}

/** Where else a name is, or what is near it. */
function hintOf(
  store: TwinStore,
  kind: 'Pod' | 'Deployment',
  namespace: string,
  name: string,
): string {
  const all = store.list(kind).map(({ metadata }) => ({
    name: metadata.name,
    full: `${metadata.namespace}/${metadata.name}`,
  }));
  const elsewhere = all.find((it) => it.name === name);
  if (elsewhere !== undefined) return `there is ${elsewhere.full}`;
  const full = all.map((it) => it.full);
  const begins = full.filter((it) => it.startsWith(`${namespace}/${name}`)).slice(0, 3);
  if (begins.length > 0) return `did you mean ${begins.join(' or ')}?`;
  const word = kind === 'Pod' ? 'pods' : 'deploy';
  return near(`${namespace}/${name}`, full) ?? `"ekstwin get ${word} -A" lists them`;
}

function ofPod(store: TwinStore, namespace: string, name: string, text: string): Vantage {
  const pod = store.get('Pod', `${namespace}/${name}`);
  if (pod !== undefined) return withAddress(pod, text);
  const hint = hintOf(store, 'Pod', namespace, name);
  throw new InputError(text, `pods "${name}" not found in namespace ${namespace}`, hint);
}

function withAddress(pod: Pod, text: string): Vantage {
  const { namespace = '', name } = pod.metadata;
  if (pod.status?.podIP !== undefined) return { kind: 'pod', namespace, name };
  throw new InputError(
    text,
    `pod ${namespace}/${name} is ${pod.status?.phase ?? 'Pending'} and has no address to ask from`,
    `"ekstwin events -n ${namespace}" tells why`,
  );
}

function ofDeployment(store: TwinStore, namespace: string, name: string, text: string): Vantage {
  const deployment = store.get('Deployment', `${namespace}/${name}`);
  if (deployment === undefined) {
    const hint = hintOf(store, 'Deployment', namespace, name);
    throw new InputError(text, `deployments "${name}" not found in namespace ${namespace}`, hint);
  }
  const pods = store
    .lookup('Pod', 'namespace', namespace)
    .filter(({ metadata }) => matchesSelector(deployment.spec.selector, metadata.labels))
    .sort((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1));
  const pod = pods.find(({ status }) => status?.podIP !== undefined) ?? pods[0];
  if (pod !== undefined) return withAddress(pod, text);
  throw new InputError(text, `deployment ${namespace}/${name} has no pods`, 'is it scaled to 0?');
}
