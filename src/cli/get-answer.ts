/** cli/get-answer — answers `get`: finds the kinds, selects the objects, prints them. */
import { labelsText } from '../api/kubernetes/table/cell-text.ts';
import { awsKeyOf } from '../cloud/adoption.ts';
import { awsDocument } from '../formats/index.ts';
import type { Tags } from '../model/ec2/tags.ts';
import { InputError } from '../model/input-error.ts';
import { type KubernetesObject, withoutManagers } from '../model/kubernetes/meta.ts';
import { RESOURCES, type Resource, resourceCalled } from '../model/kubernetes/resources.ts';
import {
  isSelectorProblem,
  matchesText,
  parseSelector,
  type TextSelector,
} from '../model/kubernetes/selectors.ts';
import { nearestWords } from '../model/nearest.ts';
import type { Twin } from '../twin/twin.ts';
import type { GetFlags } from './commands/get.ts';
import { awsNouns, kubernetesObjects } from './named-objects.ts';
import { AWS_KINDS, type AwsKindView } from './render/kinds.ts';
import { kubernetesColumns } from './render/kubernetes.ts';
import type { Printer } from './render/printer.ts';
import { asJson, asYaml, inNameOrder } from './render/structured.ts';
import { type Column, table } from './render/table.ts';
import { viewOf } from './view.ts';

/** One kind asked for, and the names; no names = all of it. */
export type Target = { readonly names: readonly string[] } & (
  | { readonly side: 'aws'; readonly view: AwsKindView }
  | { readonly side: 'kubernetes'; readonly resource: Resource }
);

/** What kubectl's `get all` lists. */
const ALL = [
  'pods',
  'services',
  'daemonsets',
  'deployments',
  'replicasets',
  'statefulsets',
  'jobs',
  'cronjobs',
];

/** `pods,svc`, `pod/web-0`, `all`. Throws InputError for a kind nobody knows. */
export function parseTargets(kinds: string, names: readonly string[]): Target[] {
  if (kinds.includes('/')) {
    return [kinds, ...names].map((text) => {
      const [kind, name, ...more] = text.split('/');
      if (kind && name && more.length === 0) return { ...kindNamed(kind), names: [name] };
      throw new InputError(
        text,
        'not of the form KIND/NAME',
        'give every argument as KIND/NAME, or none',
      );
    });
  }
  if (kinds.split(',').includes('')) {
    throw new InputError(`get "${kinds}"`, 'a kind is missing', 'write for example get pods,svc');
  }
  const words = kinds.split(',').flatMap((word) => (word === 'all' ? ALL : [word]));
  return words.map((word) => ({ ...kindNamed(word), names }));
}

type KindOf<T> = T extends unknown ? Omit<T, 'names'> : never;

function kindNamed(word: string): KindOf<Target> {
  const lower = word.toLowerCase();
  const view = AWS_KINDS.find(({ names }) => names.includes(lower));
  if (view !== undefined) return { side: 'aws', view };
  const resource = resourceCalled(lower);
  if (resource !== undefined) return { side: 'kubernetes', resource };
  const known = [
    ...AWS_KINDS.flatMap(({ names }) => names),
    ...RESOURCES.map(({ plural }) => plural),
  ];
  const near = nearestWords(lower, known);
  throw new InputError(
    `get ${word}`,
    `no kind is called "${word}"`,
    `${near.length > 0 ? `did you mean ${near.join(' or ')}? ` : ''}"ekstwin get kinds" lists them all`,
  );
}

/** What `get kinds` prints. */
export function printKinds(): void {
  const rows = [
    ...AWS_KINDS.map(({ names }) => ({
      name: names[0]!,
      short: names.slice(1).join(','),
      side: 'aws',
    })),
    ...RESOURCES.map(({ plural, shortNames, group }) => ({
      name: plural,
      short: shortNames.join(','),
      side: group === '' ? 'kubernetes' : `kubernetes (${group})`,
    })),
  ];
  const columns: Column<(typeof rows)[number]>[] = [
    { head: 'NAME', cell: ({ name }) => name },
    { head: 'ALSO', cell: ({ short }) => short },
    { head: 'SIDE', cell: ({ side }) => side },
  ];
  console.log(table(columns, rows).join('\n'));
}

/** A found thing, ready for any output format. */
interface Found {
  readonly target: Target;
  readonly rows: readonly unknown[];
}

export async function printTargets(
  twin: Twin,
  targets: readonly Target[],
  flags: GetFlags,
): Promise<void> {
  const selector = flags.selector === undefined ? undefined : selectorOf(flags.selector);
  const found = targets.map((target) => ({ target, rows: find(twin, target, selector, flags) }));
  if (flags.output === 'name') return printNames(found);
  if (flags.output === 'json' || flags.output === 'yaml') {
    const value = structured(twin, found);
    console.log(flags.output === 'json' ? asJson(value) : await asYaml(value));
    return;
  }
  printTables(twin, found, flags);
}

function selectorOf(text: string): TextSelector {
  const selector = parseSelector(text);
  if (!isSelectorProblem(selector)) return selector;
  throw new InputError(`-l ${text}`, selector.problem, 'write for example -l app=web,tier!=db');
}

function find(
  twin: Twin,
  target: Target,
  selector: TextSelector | undefined,
  flags: GetFlags,
): unknown[] {
  const rows =
    target.side === 'aws'
      ? awsNouns(twin, target.view, target.names)
      : kubernetesObjects(twin, target.resource, target.names, flags);
  if (selector === undefined) return rows;
  return rows.filter((row) =>
    matchesText(
      selector,
      target.side === 'aws'
        ? (row as { readonly tags: Tags }).tags
        : (row as KubernetesObject).metadata.labels,
    ),
  );
}

/** kubectl's prefix of `-o name`: `pod/web`, `deployment.apps/web`; AWS: `subnet/subnet-1`. */
const prefixOf = (target: Target): string => {
  if (target.side === 'aws') return target.view.names[1] ?? target.view.names[0]!;
  const { singular, group } = target.resource;
  return group === '' ? singular : `${singular}.${group}`;
};

function printNames(found: readonly Found[]): void {
  for (const { target, rows } of found) {
    for (const row of rows) console.log(`${prefixOf(target)}/${idOf(target, row)}`);
  }
}

function idOf(target: Target, row: unknown): string {
  if (target.side === 'kubernetes') return (row as KubernetesObject).metadata.name;
  const { kind } = target.view;
  // Where the first member is whose it is, the store's key says which it is.
  if (kind === 'elbv2/target' || kind === 'route53/record-set') return awsKeyOf(kind, row as never);
  const [id] = Object.values(row as object);
  return String(id);
}

/** One AWS kind: the aws CLI's document. Otherwise kubectl's object or List. */
function structured(twin: Twin, found: readonly Found[]): unknown {
  const aws = found.filter(({ target }) => target.side === 'aws');
  const documents = aws.map(({ target, rows }) =>
    target.side === 'aws' ? awsDocument(twin.store, target.view.kind, rows as never) : {},
  );
  const objects = found
    .filter(({ target }) => target.side === 'kubernetes')
    .flatMap(({ rows }) =>
      rows.map((row) =>
        inNameOrder(twin.withResourceVersion(withoutManagers(row as KubernetesObject))),
      ),
    );
  const byName = found.length === 1 && found[0]!.target.names.length === 1;
  if (aws.length === found.length)
    return documents.length === 1 ? documents[0] : Object.assign({}, ...(documents as object[]));
  if (byName && objects.length === 1) return objects[0];
  const list = {
    apiVersion: 'v1',
    items: objects,
    kind: 'List',
    metadata: { resourceVersion: '' },
  };
  return aws.length === 0 ? list : { ...list, ...Object.assign({}, ...(documents as object[])) };
}

function printTables(twin: Twin, found: readonly Found[], flags: GetFlags): void {
  const view = viewOf(twin);
  const several = found.length > 1;
  let printed = 0;
  for (const { target, rows } of found) {
    if (rows.length === 0) continue;
    if (printed++ > 0) console.log('');
    const columns = columnsOf(target, flags, several)(view);
    const lines = table(columns as Column<unknown>[], rows, {
      wide: flags.output === 'wide',
      heads: flags.headers,
    });
    console.log(lines.join('\n'));
  }
  if (printed > 0) return;
  const namespaced = found.some(
    ({ target }) => target.side === 'kubernetes' && target.resource.namespaced,
  );
  const where =
    namespaced && flags.allNamespaces !== true ? ` in ${flags.namespace} namespace` : '';
  console.error(`No resources found${where}.`);
}

function columnsOf(target: Target, flags: GetFlags, several: boolean): Printer<unknown> {
  return (view) => {
    const labels: Column<unknown> = {
      head: target.side === 'aws' ? 'TAGS' : 'LABELS',
      cell: (row) =>
        labelsText(
          target.side === 'aws'
            ? (row as { tags: Tags }).tags
            : (row as KubernetesObject).metadata.labels,
        ),
    };
    const last = flags.showLabels === true ? [labels] : [];
    if (target.side === 'aws')
      return [...(target.view.columns(view) as Column<unknown>[]), ...last];
    const { resource } = target;
    const own = kubernetesColumns(view, resource);
    const columns = several ? own.map((column) => prefixed(column, prefixOf(target))) : own;
    const namespace: Column<unknown> = {
      head: 'NAMESPACE',
      cell: (row) => (row as KubernetesObject).metadata.namespace,
    };
    const first = resource.namespaced && flags.allNamespaces === true ? [namespace] : [];
    return [...first, ...columns, ...last];
  };
}

/** With several kinds, names carry their kind, as kubectl prints them. */
const prefixed = (column: Column<unknown>, prefix: string): Column<unknown> =>
  column.head === 'NAME' ? { ...column, cell: (row) => `${prefix}/${column.cell(row)}` } : column;
