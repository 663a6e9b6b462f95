/**
 * formats/export-folder — a twin as a folder of aws and kubectl exports, and back.
 *
 *   ekstwin.json                     region, account, time, and what no AWS document shows
 *   aws/describe-vpcs.json …         as `aws ec2 describe-…` and `aws eks describe-…` print
 *   kubernetes/pods.json …           as `kubectl get … -A -o json` prints
 *
 * What AWS does not print of a noun (a node group's enforced max pods, a branch interface's VLAN) is
 * found by reading our own document back and keeping the members that differ: nothing is lost, and
 * the documents stay what AWS prints. Values of Secrets are never written.
 */
import type { AwsKinds, TwinStore } from '../model/kinds.ts';
import { type KubernetesObject, keyOf, withoutManagers } from '../model/kubernetes/meta.ts';
import { KUBERNETES_KINDS, resourceOf } from '../model/kubernetes/resources.ts';
import { type AwsJson, AwsReader, present, tagList } from './aws/aws-json.ts';
import { awsDocument, FORMATS, isSingular } from './aws/nouns.ts';
import { rulesToAws } from './aws/security-group-rule.ts';

/** The file that marks a folder as an export. */
export const EXPORT_MARK = 'ekstwin.json';
const FORMAT = 'ekstwin-export/1';

export interface ExportMeta {
  readonly region: string;
  readonly accountId: string;
  /** Virtual time of the export. */
  readonly atMs: number;
}

export interface ExportedFile {
  readonly path: string;
  readonly text: string;
}

/** Members that AWS does not show, by kind and key; a whole noun where AWS shows none of it. */
type Beyond = { [Kind in keyof AwsKinds]?: Record<string, AwsJson> };

export interface ExportMark extends ExportMeta {
  readonly format: typeof FORMAT;
  readonly beyondAws: Beyond;
  /** Paths of the other files, so that writing again removes these and nothing else. */
  readonly files: readonly string[];
}

/** True for a parsed ekstwin.json. */
export const isExportMark = (value: unknown): value is ExportMark =>
  (value as ExportMark | undefined)?.format === FORMAT;

/** Members in name order, so that the same nouns give the same bytes however they came to be. */
function inOrder(_: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  const members = value as Readonly<Record<string, unknown>>;
  const sorted: Record<string, unknown> = {};
  for (const name of Object.keys(members).sort()) sorted[name] = members[name];
  return sorted;
}

const asText = (value: unknown): string => `${JSON.stringify(value, inOrder, 2)}\n`;

/** Objects in one file; 150,000 pods in one text would be more than a JavaScript string holds. */
const OBJECTS_PER_FILE = 20_000;

/** The files, in path order; the same twin gives the same bytes. */
export function exportTwin(store: TwinStore, meta: ExportMeta): ExportedFile[] {
  const beyondAws: Beyond = {};
  const files: ExportedFile[] = [];
  for (const kind of Object.keys(FORMATS) as (keyof AwsKinds)[]) {
    files.push(...exportKind(store, kind, beyondAws));
  }
  files.push(...exportReservations(store), ...exportRules(store), ...exportTags(store));
  files.push(...exportObjects(store));
  const paths = files.map(({ path }) => path).sort();
  const mark: ExportMark = { format: FORMAT, ...meta, beyondAws, files: paths };
  files.push({ path: EXPORT_MARK, text: asText(mark) });
  return files.sort((a, b) => (a.path < b.path ? -1 : 1));
}

function exportKind(store: TwinStore, kind: keyof AwsKinds, beyond: Beyond): ExportedFile[] {
  const entries = [...store.entries(kind)].sort((a, b) => (a.key < b.key ? -1 : 1));
  const shown = entries.filter(({ key, value }) => {
    const whole = kind === 'eks/nodegroup' && !(value as AwsKinds['eks/nodegroup']).managed;
    const rest = whole ? (value as unknown as AwsJson) : notShown(store, kind, value);
    if (Object.keys(rest).length > 0) {
      beyond[kind] ??= {};
      beyond[kind][key] = rest;
    }
    return !whole;
  });
  if (shown.length === 0) return [];
  const { file } = FORMATS[kind];
  const document = (values: readonly unknown[]): string =>
    asText(awsDocument(store, kind, values as never));
  if (!isSingular(kind))
    return [{ path: `aws/${file}`, text: document(shown.map((it) => it.value)) }];
  return shown.map(({ key, value }) => ({
    path: `aws/${file.replace('.json', '')}-${key.split('/').pop()}.json`,
    text: document([value]),
  }));
}

/** Members with a document of their own: reservations, rules with their ids, some tags. */
const isElsewhere = (kind: keyof AwsKinds, member: string): boolean =>
  member === 'cidrReservations' ||
  member === 'rules' ||
  (member === 'tags' && kind.startsWith('elbv2/'));

/** Members of a noun that its AWS document does not give back. */
function notShown(store: TwinStore, kind: keyof AwsKinds, noun: unknown): AwsJson {
  const format = FORMATS[kind];
  const printed = JSON.parse(JSON.stringify(format.toAws(noun as never, store))) as AwsJson;
  const read = format.fromAws(new AwsReader(printed, kind)) as unknown as AwsJson;
  const lost = Object.entries(noun as AwsJson).filter(
    ([member, value]) => value !== undefined && !isSame(read[member], value),
  );
  return present(Object.fromEntries(lost.filter(([member]) => !isElsewhere(kind, member))));
}

/** Equal as JSON, whatever the order of members. */
function isSame(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  if (Array.isArray(a) !== Array.isArray(b)) return false;
  const [left, right] = [present(a as AwsJson), present(b as AwsJson)];
  const keys = Object.keys(left);
  return (
    keys.length === Object.keys(right).length && keys.every((key) => isSame(left[key], right[key]))
  );
}

function exportReservations(store: TwinStore): ExportedFile[] {
  const all = store
    .list('ec2/subnet')
    .toSorted((a, b) => (a.subnetId < b.subnetId ? -1 : 1))
    .flatMap((subnet) =>
      subnet.cidrReservations.map((it) =>
        present({
          SubnetCidrReservationId: it.reservationId,
          SubnetId: subnet.subnetId,
          Cidr: it.cidr,
          ReservationType: it.type,
          OwnerId: subnet.ownerId,
          Description: it.description,
        }),
      ),
    );
  if (all.length === 0) return [];
  return [
    {
      path: 'aws/get-subnet-cidr-reservations.json',
      text: asText({ SubnetIpv4CidrReservations: all }),
    },
  ];
}

function exportRules(store: TwinStore): ExportedFile[] {
  const rules = store
    .list('ec2/security-group')
    .toSorted((a, b) => (a.groupId < b.groupId ? -1 : 1))
    .flatMap(rulesToAws);
  if (rules.length === 0) return [];
  const text = asText({ SecurityGroupRules: rules });
  return [{ path: 'aws/describe-security-group-rules.json', text }];
}

/** Of load balancers and what belongs to them, as `describe-tags` of elbv2 and elb print them. */
function exportTags(store: TwinStore): ExportedFile[] {
  const tagged = (['load-balancer', 'target-group', 'listener', 'rule'] as const).flatMap((it) =>
    [...store.entries(`elbv2/${it}`)].map(({ key, value }) => ({
      ResourceArn: key,
      Tags: tagList(value.tags),
    })),
  );
  const named = store
    .list('elbv2/classic-load-balancer')
    .map((it) => ({ LoadBalancerName: it.loadBalancerName, Tags: tagList(it.tags) }));
  const all = [...tagged, ...named]
    .filter(({ Tags }) => Tags.length > 0)
    .sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));
  if (all.length === 0) return [];
  return [{ path: 'aws/describe-tags.json', text: asText({ TagDescriptions: all }) }];
}

function exportObjects(store: TwinStore): ExportedFile[] {
  const byPlural = new Map<string, KubernetesObject[]>();
  for (const kind of KUBERNETES_KINDS) {
    for (const object of store.list(kind) as KubernetesObject[]) {
      const plural = resourceOf(object)?.plural ?? `${object.kind.toLowerCase()}s`;
      const of = byPlural.get(plural) ?? [];
      of.push(withoutSecrets(withoutManagers(object)));
      byPlural.set(plural, of);
    }
  }
  return [...byPlural].flatMap(([plural, items]) =>
    objectFiles(
      plural,
      items.toSorted((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1)),
    ),
  );
}

/** `pods.json`, and `pods-2.json` … when there are very many. */
function objectFiles(plural: string, items: readonly KubernetesObject[]): ExportedFile[] {
  const count = Math.ceil(items.length / OBJECTS_PER_FILE);
  return Array.from({ length: count }, (_, i) => ({
    path: `kubernetes/${plural}${i === 0 ? '' : `-${i + 1}`}.json`,
    text: asText({
      apiVersion: 'v1',
      kind: 'List',
      items: items.slice(i * OBJECTS_PER_FILE, (i + 1) * OBJECTS_PER_FILE),
    }),
  }));
}

const LAST_APPLIED = 'kubectl.kubernetes.io/last-applied-configuration';

/** A Secret keeps its keys; values become "REDACTED" (base64), also in what was last applied. */
function withoutSecrets(object: KubernetesObject): KubernetesObject {
  if (object.kind !== 'Secret' || object.apiVersion !== 'v1') return object;
  const { stringData, ...rest } = object as KubernetesObject & { stringData?: unknown };
  const data = { ...(rest.data as object), ...(stringData as object | undefined) };
  const annotations = Object.entries(rest.metadata.annotations ?? {});
  const kept = annotations.filter(([key]) => key !== LAST_APPLIED);
  return {
    ...rest,
    metadata: {
      ...rest.metadata,
      ...(annotations.length > 0 ? { annotations: Object.fromEntries(kept) } : {}),
    },
    data: Object.fromEntries(Object.keys(data).map((key) => [key, 'UkVEQUNURUQ='])),
  };
}
