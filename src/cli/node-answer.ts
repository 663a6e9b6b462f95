/** cli/node-answer — answers `node`: finds the node, and prints one view of it. */
import { InputError } from '../model/input-error.ts';
import { nearestWords } from '../model/nearest.ts';
import { INTROSPECTION_PAGES, type NodeAgent } from '../twin/node-agent.ts';
import type { Twin } from '../twin/twin.ts';
import { asJson } from './render/structured.ts';
import { table } from './render/table.ts';

export type NodeView =
  | { readonly what: 'pool' | 'files' | 'metrics' }
  | { readonly what: 'cat' | 'introspect'; readonly path: string };

const VIEWS = ['pool', 'files', 'cat', 'metrics', 'introspect'];

/** Throws InputError for a view nobody knows, or one that lacks its path. */
export function parseView(what: string, path: string | undefined): NodeView {
  if (what === 'pool' || what === 'files' || what === 'metrics') return { what };
  if (what !== 'cat' && what !== 'introspect') {
    const near = nearestWords(what, VIEWS, 1)[0];
    const hint = near === undefined ? VIEWS.join(', ') : `did you mean ${near}?`;
    throw new InputError(`node … ${what}`, `no view is called "${what}"`, hint);
  }
  if (path !== undefined) return { what, path };
  const example = what === 'cat' ? '/etc/cni/net.d/10-aws.conflist' : INTROSPECTION_PAGES[0];
  throw new InputError(`node … ${what}`, 'which one is not said', `e.g. ${what} ${example}`);
}

/** The view as text, with its last newline. */
export function nodeAnswer(twin: Twin, name: string, view: NodeView): string {
  const nodeName = findNode(twin, name);
  const agent = twin.nodeAgent(nodeName);
  if (agent === undefined) {
    throw new InputError(
      `node ${name}`,
      'no aws-node runs there, so there is no plugin to look at',
      `"ekstwin get pods -n kube-system -o wide" shows why; Fargate nodes never have one`,
    );
  }
  switch (view.what) {
    case 'pool':
      return poolText(twin, nodeName, agent);
    case 'files':
      return `${[...agent.files.keys()].join('\n')}\n`;
    case 'metrics':
      return agent.metrics();
    case 'cat':
      return fileText(agent, view.path);
    case 'introspect':
      return pageText(agent, view.path);
  }
}

function findNode(twin: Twin, name: string): string {
  const names = twin.store.list('Node').map(({ metadata }) => metadata.name);
  const found = names.find((it) => it === name || it.split('.')[0] === name);
  if (found !== undefined) return found;
  const near = nearestWords(
    name,
    names.map((it) => it.split('.')[0]!),
  );
  throw new InputError(
    `node ${name}`,
    `nodes "${name}" not found`,
    near.length > 0 ? `did you mean ${near.join(' or ')}?` : '"ekstwin get nodes" lists them',
  );
}

function fileText(agent: NodeAgent, path: string): string {
  const text = agent.files.get(path);
  if (text !== undefined) return text;
  const known = [...agent.files.keys()].join(', ');
  throw new InputError(
    `cat ${path}`,
    'No such file or directory',
    `there are: ${known || 'none yet'}`,
  );
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
