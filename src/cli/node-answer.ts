/** cli/node-answer — answers `node`: finds the node or pod, and prints one view of it. */

import {
  NAMESPACE_TOOLS,
  type NamespaceView,
  namespaceData,
  namespaceText,
  parseNamespaceView,
  type ToolOptions,
  viewNote,
} from '../formats/linux/namespace-view.ts';
import { resolvConfText } from '../formats/linux/resolv-conf.ts';
import { InputError } from '../model/input-error.ts';
import {
  type NamespaceId,
  type NetworkNamespace,
  namespaceOfPod,
} from '../model/linux/namespace.ts';
import { nearestWords } from '../model/nearest.ts';
import { INTROSPECTION_PAGES, type NodeAgent } from '../twin/node-agent.ts';
import type { Twin } from '../twin/twin.ts';
import { asJson, asYaml } from './render/structured.ts';
import { table } from './render/table.ts';
import { vantageOf } from './vantage.ts';

type AgentView =
  | { readonly what: 'pool' | 'files' | 'metrics' }
  | { readonly what: 'introspect'; readonly path: string };

export type NodeView =
  | AgentView
  | { readonly what: 'cat'; readonly path: string }
  | { readonly what: 'namespace'; readonly view: NamespaceView };

const AGENT_VIEWS = ['pool', 'files', 'cat', 'metrics', 'introspect'];

/** Throws InputError for a view nobody knows, or one that lacks its path. */
export function parseView(words: readonly string[], options: ToolOptions): NodeView {
  const [what = 'pool', path] = words;
  const view = parseNamespaceView(words, options);
  if (view !== undefined) return { what: 'namespace', view };
  if (what === 'pool' || what === 'files' || what === 'metrics') return { what };
  if (what !== 'cat' && what !== 'introspect') {
    const known = [...AGENT_VIEWS, ...NAMESPACE_TOOLS];
    const near = nearestWords(what, known, 1)[0];
    const hint = near === undefined ? known.join(', ') : `did you mean ${near}?`;
    throw new InputError(`node … ${what}`, `no view is called "${what}"`, hint);
  }
  if (path !== undefined) return { what, path };
  const example = what === 'cat' ? '/etc/cni/net.d/10-aws.conflist' : INTROSPECTION_PAGES[0];
  throw new InputError(`node … ${what}`, 'which one is not said', `e.g. ${what} ${example}`);
}

/** What is printed, and what is said beside it. */
interface NodeAnswer {
  /** With its last newline. */
  readonly text: string;
  readonly note?: string | undefined;
}

/** A pod, or a node: both have a network namespace. */
interface Place {
  readonly name: string;
  readonly id: NamespaceId;
  /** Set for a node. */
  readonly nodeName?: string | undefined;
}

function placeOf(twin: Twin, name: string): Place {
  const found = vantageOf(twin.store, name.includes('/') ? name : `node/${name}`);
  if (found.kind === 'node') return { name, id: `node/${found.name}`, nodeName: found.name };
  if (found.kind !== 'pod') throw new InputError(name, 'neither a node nor a pod', 'node/NAME');
  const pod = twin.store.get('Pod', `${found.namespace}/${found.name}`);
  return { name, id: namespaceOfPod(pod!) };
}

/** The view of a node or a pod. */
export async function nodeAnswer(
  twin: Twin,
  name: string,
  view: NodeView,
  output: 'json' | 'yaml' | undefined,
): Promise<NodeAnswer> {
  const place = placeOf(twin, name);
  if (view.what === 'namespace') {
    const namespace = namespaceAt(twin, place);
    const note = viewNote(namespace, view.view);
    if (output === undefined) return { text: namespaceText(namespace, view.view), note };
    const data = namespaceData(namespace, view.view);
    return { text: `${output === 'json' ? asJson(data) : await asYaml(data)}\n`, note };
  }
  if (view.what === 'cat') return { text: fileAt(twin, place, view.path) };
  return { text: agentText(twin, place, view) };
}

function namespaceAt(twin: Twin, { id, name }: Place): NetworkNamespace {
  const namespace = twin.namespaces.get(id);
  if (namespace !== undefined) return namespace;
  throw new InputError(
    id,
    'its network is not known: no network interface of it is in these files',
    `export "aws ec2 describe-network-interfaces" too, or see "ekstwin get ${name.startsWith('pod/') ? 'pods -A' : 'nodes'} -o wide"`,
  );
}

function agentOf(twin: Twin, { name, nodeName }: Place): NodeAgent | undefined {
  if (nodeName === undefined)
    throw new InputError(`node ${name}`, 'a pod has no address pool', 'name its node for that');
  return twin.nodeAgent(nodeName);
}

function noAgent(name: string): InputError {
  return new InputError(
    `node ${name}`,
    'no aws-node runs there, so there is no plugin to look at',
    `"ekstwin get pods -n kube-system -o wide" shows why; Fargate nodes never have one`,
  );
}

function agentText(twin: Twin, place: Place, view: AgentView): string {
  const agent = agentOf(twin, place);
  if (agent === undefined) throw noAgent(place.name);
  switch (view.what) {
    case 'pool':
      return poolText(twin, place.nodeName!, agent);
    case 'files':
      return `${[...agent.files.keys()].join('\n')}\n`;
    case 'metrics':
      return agent.metrics();
    case 'introspect':
      return pageText(agent, view.path);
  }
}

const SYSCTL_FOLDER = '/proc/sys/';
const RESOLV_CONF = '/etc/resolv.conf';

/** A file of the kernel's, the resolver's, or the plugin's. */
function fileAt(twin: Twin, place: Place, path: string): string {
  if (path === RESOLV_CONF) {
    const vantage = vantageOf(
      twin.store,
      place.nodeName === undefined ? place.name : `node/${place.nodeName}`,
    );
    return resolvConfText(twin.datapath.names.resolverOf(vantage));
  }
  if (path.startsWith(SYSCTL_FOLDER)) {
    const { sysctls } = namespaceAt(twin, place);
    const name = path.slice(SYSCTL_FOLDER.length).replaceAll('/', '.');
    const value = sysctls[name];
    if (value !== undefined) return `${value}\n`;
    const known = Object.keys(sysctls).map((one) => SYSCTL_FOLDER + one.replaceAll('.', '/'));
    throw new InputError(
      `cat ${path}`,
      'not kept: only the settings that bear on packets are',
      `there are: ${known.join(', ')}`,
    );
  }
  const agent = place.nodeName === undefined ? undefined : agentOf(twin, place);
  return fileText(agent?.files ?? new Map(), path);
}

function fileText(files: NodeAgent['files'], path: string): string {
  const text = files.get(path);
  if (text !== undefined) return text;
  const known = [...files.keys(), RESOLV_CONF, `${SYSCTL_FOLDER}…`].join(', ');
  throw new InputError(`cat ${path}`, 'No such file or directory', `there are: ${known}`);
}

function pageText(agent: NodeAgent, page: string): string {
  const value = agent.introspection(page);
  if (value !== undefined) return `${asJson(value)}\n`;
  throw new InputError(`introspect ${page}`, '404 page not found', INTROSPECTION_PAGES.join(', '));
}

function poolText(twin: Twin, nodeName: string, agent: NodeAgent): string {
  const pool = twin.nodePool(nodeName)!;
  const lines = [
    `node ${nodeName} (${pool.instanceId}): ${pool.ready ? 'ipamd is ready' : 'ipamd is not ready'}`,
  ];
  if (pool.problem !== undefined) lines.push(`problem: ${pool.problem}`);
  for (const card of pool.cards) {
    const { short, over } = card.targets;
    const wish = card.tooLow
      ? `wants ${short || 'more'}`
      : card.tooHigh
        ? `${over} over its target`
        : 'at its target';
    lines.push(
      `pool: ${card.totalIps} addresses, ${card.assignedIps} assigned, ${card.availableIps} available, ${card.cooldownIps} cooling; ${wish}`,
    );
  }
  const rows = table(
    [
      { head: 'ENI', cell: (eni) => eni.eniId },
      { head: 'DEVICE', right: true, cell: (eni) => eni.deviceNumber },
      { head: 'SUBNET', cell: (eni) => eni.subnetId },
      { head: 'BLOCKS', right: true, cell: (eni) => eni.cidrs.length },
      { head: 'ASSIGNED', right: true, cell: (eni) => eni.assigned.length },
      { head: 'FREE', right: true, cell: (eni) => eni.free },
      { head: 'COOLING', right: true, cell: (eni) => eni.cooling },
      {
        head: 'PODS',
        cell: (eni) => eni.assigned.map(({ ip, pod }) => `${pod} ${ip}`).join(', ') || undefined,
      },
    ],
    pool.enis,
  );
  return `${[...lines, '', ...rows, '', 'files:', ...[...agent.files.keys()].map((path) => `  ${path}`)].join('\n')}\n`;
}
