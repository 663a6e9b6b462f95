/** cli/events-answer — answers `events`: selects, orders and prints Kubernetes events. */
import { InputError } from '../model/input-error.ts';
import type { Event } from '../model/kubernetes/core.ts';
import { resourceCalled } from '../model/kubernetes/resources.ts';
import type { Twin } from '../twin/twin.ts';
import { kubernetesColumns } from './render/kubernetes.ts';
import { asJson, asYaml, inNameOrder } from './render/structured.ts';
import { table } from './render/table.ts';
import { viewOf } from './view.ts';

interface Selection {
  readonly namespace: string;
  readonly allNamespaces?: boolean;
  readonly for?: string;
  readonly types?: string;
}

/** Events the flags ask for, oldest first. */
export function selectEvents(twin: Twin, selection: Selection): Event[] {
  const types = selection.types?.split(',').map((type) => type.trim().toLowerCase());
  for (const type of types ?? []) {
    if (type === 'normal' || type === 'warning') continue;
    throw new InputError(
      `--types ${selection.types}`,
      `no event type "${type}"`,
      'Normal or Warning',
    );
  }
  const about = selection.for === undefined ? undefined : parseObject(selection.for);
  return twin.store
    .list('Event')
    .filter(({ type, involvedObject: it, metadata }) => {
      if (types !== undefined && !types.includes(type.toLowerCase())) return false;
      if (about !== undefined && (it.name !== about.name || it.kind.toLowerCase() !== about.kind)) {
        return false;
      }
      // Nodes have no namespace; their events live in "default", as in Kubernetes.
      return selection.allNamespaces === true || metadata.namespace === selection.namespace;
    })
    .sort((a, b) =>
      a.lastTimestamp < b.lastTimestamp ? -1 : a.lastTimestamp > b.lastTimestamp ? 1 : 0,
    );
}

function parseObject(text: string): { readonly kind: string; readonly name: string } {
  const [kind, name, ...more] = text.split('/');
  if (!kind || !name || more.length > 0) {
    throw new InputError(
      `--for ${text}`,
      'not of the form KIND/NAME',
      'write for example --for pod/web-0',
    );
  }
  const short: Readonly<Record<string, string>> = {
    po: 'pod',
    pods: 'pod',
    no: 'node',
    nodes: 'node',
    deploy: 'deployment',
    deployments: 'deployment',
    rs: 'replicaset',
    sts: 'statefulset',
    ds: 'daemonset',
    svc: 'service',
  };
  const lower = kind.toLowerCase();
  return { kind: short[lower] ?? lower, name };
}

export async function printEvents(
  twin: Twin,
  events: readonly Event[],
  flags: Selection & { readonly output?: 'wide' | 'json' | 'yaml' },
): Promise<void> {
  if (flags.output === 'json' || flags.output === 'yaml') {
    const list = {
      apiVersion: 'v1',
      items: events.map(inNameOrder),
      kind: 'List',
      metadata: { resourceVersion: '' },
    };
    console.log(flags.output === 'json' ? asJson(list) : await asYaml(list));
    return;
  }
  if (events.length === 0) {
    const where = flags.allNamespaces === true ? '' : ` in ${flags.namespace} namespace`;
    console.error(`No events found${where}.`);
    return;
  }
  const namespace = {
    head: 'NAMESPACE',
    cell: (event: unknown) => (event as Event).metadata.namespace,
  };
  const columns = [
    ...(flags.allNamespaces === true ? [namespace] : []),
    ...kubernetesColumns(viewOf(twin), resourceCalled('events')!),
  ];
  console.log(table(columns, events, { wide: flags.output === 'wide' }).join('\n'));
  const dropped = twin.droppedEvents();
  if (dropped > 0)
    console.error(`note: ${dropped} older events were dropped, as etcd drops them after an hour`);
}
