/**
 * api/kubernetes/table/core — nodes, namespaces, events and the small kinds of the core group, as
 * `kubectl get` shows them.
 *
 * Upstream: kubernetes/kubernetes@59882936 pkg/printers/internalversion/printers.go printNode,
 * printNamespace, printEvent, printConfigMap, printSecret, printServiceAccount, printResourceQuota.
 */
import type { ConfigMap, Event, Namespace, Node } from '../../../model/kubernetes/core.ts';
import type { KubernetesObject, Labels } from '../../../model/kubernetes/meta.ts';
import { NONE } from './cell-text.ts';
import { AGE, ageOf, column, NAME, type RowPrinter, since, wide } from './column.ts';

const ROLE_PREFIX = 'node-role.kubernetes.io/';
const ROLE_LABEL = 'kubernetes.io/role';
const UNKNOWN = '<unknown>';

function nodeStatus({ spec, status }: Node): string {
  const ready = (status?.conditions ?? []).find(({ type }) => type === 'Ready');
  const word = ready === undefined ? 'Unknown' : ready.status === 'True' ? 'Ready' : 'NotReady';
  return spec.unschedulable === true ? `${word},SchedulingDisabled` : word;
}

function nodeRoles(labels: Labels = {}): string {
  const roles = new Set<string>();
  for (const [key, value] of Object.entries(labels)) {
    const role = key.startsWith(ROLE_PREFIX)
      ? key.slice(ROLE_PREFIX.length)
      : key === ROLE_LABEL
        ? value
        : '';
    if (role !== '') roles.add(role);
  }
  return [...roles].sort().join(',') || NONE;
}

const addressOf = ({ status }: Node, wanted: string): string =>
  status?.addresses?.find(({ type }) => type === wanted)?.address ?? NONE;

export const nodeRows: RowPrinter<Node> = {
  columns: [
    NAME,
    column('Status', 'Whether the node is ready, and takes pods.'),
    column('Roles', 'The roles that its labels say.'),
    AGE,
    column('Version', 'The version of its kubelet.'),
    wide('Internal-IP', 'Its address in the VPC.'),
    wide('External-IP', 'Its public address.'),
    wide('OS-Image', 'Its operating system.'),
    wide('Kernel-Version', 'The version of its kernel.'),
    wide('Container-Runtime', 'The version of its container runtime.'),
  ],
  cells: (node, nowMs) => {
    const { nodeInfo } = node.status ?? {};
    return [
      node.metadata.name,
      nodeStatus(node),
      nodeRoles(node.metadata.labels),
      ageOf(node.metadata, nowMs),
      nodeInfo?.kubeletVersion ?? '',
      addressOf(node, 'InternalIP'),
      addressOf(node, 'ExternalIP'),
      nodeInfo?.osImage || UNKNOWN,
      nodeInfo?.kernelVersion || UNKNOWN,
      nodeInfo?.containerRuntimeVersion || UNKNOWN,
    ];
  },
};

export const namespaceRows: RowPrinter<Namespace> = {
  columns: [NAME, column('Status', 'Whether the namespace is being deleted.'), AGE],
  cells: ({ metadata, status }, nowMs) => [
    metadata.name,
    status?.phase ?? 'Active',
    ageOf(metadata, nowMs),
  ],
};

/** Fields that events written by clients may carry, beside those our recorder writes. */
type AnyEvent = Event & {
  readonly eventTime?: string | null;
  readonly reportingComponent?: string;
  readonly reportingInstance?: string;
  readonly series?: { readonly count?: number; readonly lastObservedTime?: string };
  readonly involvedObject: { readonly fieldPath?: string };
};

const sourceText = ({ source, reportingComponent, reportingInstance }: AnyEvent): string => {
  const component = source?.component || (reportingComponent ?? '');
  const instance = source?.host || (reportingInstance ?? '');
  return instance === '' ? component : `${component}, ${instance}`;
};

export const eventRows: RowPrinter<AnyEvent> = {
  columns: [
    column('Last Seen', 'The time since it happened last.'),
    column('Type', 'Normal or Warning.'),
    column('Reason', 'Why it was written, in one word.'),
    column('Object', 'What it is about.'),
    wide('Subobject', 'The part of the object it is about.'),
    wide('Source', 'Who wrote it.'),
    column('Message', 'What happened.'),
    wide('First Seen', 'The time since it happened first.'),
    wide('Count', 'How often it happened.'),
    column('Name', 'The name of the event.', { format: 'name', wide: true }),
  ],
  cells: (event, nowMs) => {
    const { involvedObject: about, series, eventTime } = event;
    const first = since(event.firstTimestamp ?? eventTime ?? undefined, nowMs);
    const last = event.lastTimestamp == null ? first : since(event.lastTimestamp, nowMs);
    const kind = (about.kind ?? '').toLowerCase();
    return [
      series === undefined ? last : since(series.lastObservedTime, nowMs),
      event.type ?? '',
      event.reason ?? '',
      about.name ? `${kind}/${about.name}` : kind,
      about.fieldPath ?? '',
      sourceText(event),
      (event.message ?? '').trim(),
      first,
      series?.count ?? (event.count || 1),
      event.metadata.name,
    ];
  },
};

const size = (map: unknown): number => Object.keys((map as object | undefined) ?? {}).length;

export const configMapRows: RowPrinter<ConfigMap> = {
  columns: [NAME, column('Data', 'How many entries it has.'), AGE],
  cells: ({ metadata, data, binaryData }, nowMs) => [
    metadata.name,
    size(data) + size(binaryData),
    ageOf(metadata, nowMs),
  ],
};

export const secretRows: RowPrinter<KubernetesObject> = {
  columns: [
    NAME,
    column('Type', 'What its entries are for.'),
    column('Data', 'How many entries it has.'),
    AGE,
  ],
  cells: ({ metadata, type, data }, nowMs) => [
    metadata.name,
    String(type ?? 'Opaque'),
    size(data),
    ageOf(metadata, nowMs),
  ],
};

export const serviceAccountRows: RowPrinter<KubernetesObject> = {
  columns: [NAME, column('Secrets', 'How many secrets its pods may mount.'), AGE],
  cells: ({ metadata, secrets }, nowMs) => [metadata.name, size(secrets), ageOf(metadata, nowMs)],
};

interface ResourceQuota extends KubernetesObject {
  readonly status?: { readonly hard?: Labels; readonly used?: Labels };
}

export const resourceQuotaRows: RowPrinter<ResourceQuota> = {
  columns: [
    NAME,
    column('Request', 'What is requested of what may be.'),
    column('Limit', 'The limits that are set, of what may be.'),
    AGE,
  ],
  cells: ({ metadata, status }, nowMs) => {
    const said = Object.keys(status?.hard ?? {})
      .sort()
      .map((name) => ({
        isLimit: name.startsWith('limits.'),
        text: `${name}: ${status?.used?.[name] ?? '0'}/${status!.hard![name]}`,
      }));
    const textOf = (limits: boolean): string =>
      said
        .filter(({ isLimit }) => isLimit === limits)
        .map(({ text }) => text)
        .join(', ');
    return [metadata.name, textOf(false), textOf(true), ageOf(metadata, nowMs)];
  },
};
