/**
 * conformance/adapters/cni-sgp — SecurityGroupPolicy matching and the pod webhook's answers
 * (sgp.json) against the product's.
 *
 * Schema: shared vectors cni/README.md, "sgp.json". A webhook case describes its pod in words; the
 * adapter builds one from `kind`, the label or annotation the words speak of, and `sgs`.
 */
import { admitPod, FARGATE_GROUPS } from '../../src/controllers/vpc-resource/pod-webhook.ts';
import {
  matchingSecurityGroups,
  withoutDuplicates,
} from '../../src/controllers/vpc-resource/security-group-policy.ts';
import type { Pod } from '../../src/model/kubernetes/core.ts';
import type { SecurityGroupPolicy } from '../../src/model/kubernetes/networking.ts';
import type { Adapter, CaseResult } from '../adapter.ts';
import { same } from '../cni-datastore-query.ts';

interface MatchingCase {
  readonly name: string;
  readonly pod: { readonly namespace: string; readonly labels?: Readonly<Record<string, string>> };
  readonly serviceAccount?: { readonly labels?: Readonly<Record<string, string>> } | null;
  readonly policies: readonly SecurityGroupPolicy[];
  readonly want?: readonly string[] | null;
  readonly error?: boolean;
}

interface PatchOperation {
  readonly op: string;
  readonly path: string;
  readonly value?: unknown;
}

interface WebhookCase {
  readonly kind: 'Linux' | 'HostNetworking' | 'Fargate' | 'Windows';
  readonly condition: string;
  readonly sgs?: readonly string[] | 'error';
  readonly allowed: boolean;
  readonly code?: number;
  readonly patch?: readonly PatchOperation[];
  readonly annotation?: Readonly<Record<string, string>>;
  readonly annotationRemoved?: string;
  readonly reason?: string;
  readonly reasonPrefix?: string;
}

interface DedupeCase {
  readonly name: string;
  readonly input: readonly string[];
  readonly want: readonly string[];
}

interface SgpFile {
  readonly matching: readonly MatchingCase[];
  readonly dedupe?: DedupeCase;
  readonly podWebhook?: { readonly cases: readonly WebhookCase[] };
}

const isSgpFile = (json: unknown): json is SgpFile => {
  const { matching } = (json ?? {}) as { matching?: unknown };
  return (
    Array.isArray(matching) &&
    matching.every((one: unknown) => Array.isArray((one as { policies?: unknown }).policies))
  );
};

function runMatching(one: MatchingCase): CaseResult {
  const account = one.serviceAccount ?? undefined;
  const got = matchingSecurityGroups(one.policies, {
    namespace: one.pod.namespace,
    podLabels: one.pod.labels,
    serviceAccountLabels: account === undefined ? undefined : (account.labels ?? {}),
  });
  const isRight = one.error === true ? got === undefined : same(got, one.want ?? []);
  if (isRight) return { name: one.name };
  return { name: one.name, failure: `got ${JSON.stringify(got)}, wanted ${one.want}` };
}

/** A pod of the case's sort. */
function podOf(one: WebhookCase): Pod {
  const isWindows = one.kind === 'Windows';
  const isFargate = one.kind === 'Fargate';
  const startsAnnotated =
    one.annotationRemoved !== undefined || /\bannotation present\b/.test(one.condition);
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name: 'pod',
      namespace: 'default',
      ...(isFargate ? { labels: { 'eks.amazonaws.com/fargate-profile': 'p' } } : {}),
      ...(startsAnnotated ? { annotations: { [FARGATE_GROUPS]: 'sg-of-a-user' } } : {}),
    },
    spec: {
      containers: [{ name: 'first' }, { name: 'second' }],
      ...(one.kind === 'HostNetworking' ? { hostNetwork: true } : {}),
      ...(isWindows ? { nodeSelector: { 'kubernetes.io/os': 'windows' } } : {}),
    },
  };
}

/** The value at a JSON pointer. */
function at(object: unknown, pointer: string): unknown {
  let value = object;
  for (const part of pointer.split('/').slice(1)) {
    if (typeof value !== 'object' || value === null) return undefined;
    const name = part.replaceAll('~1', '/').replaceAll('~0', '~');
    value = (value as Record<string, unknown>)[name];
  }
  return value;
}

function webhookProblem(one: WebhookCase): string | undefined {
  const pod = podOf(one);
  const groups = one.sgs === 'error' ? { error: 'mock error' } : (one.sgs ?? []);
  const windowsIpam = one.kind === 'Windows' && !/disabled/.test(one.condition);
  const got = admitPod(pod, () => groups, { windowsIpam });
  if (got.allowed !== one.allowed) return `allowed: ${got.allowed}`;
  if (!got.allowed) {
    if (one.code !== undefined && got.code !== one.code) return `code: ${got.code}`;
    const prefix = one.reasonPrefix ?? '';
    return got.reason.startsWith(prefix) ? undefined : `reason: ${got.reason}`;
  }
  if (one.reason !== undefined && got.reason !== one.reason) return `reason: ${got.reason}`;
  if (one.patch?.length === 0 && !same(got.pod, pod)) return 'the pod was changed';
  for (const { op, path, value } of one.patch ?? []) {
    const found = at(got.pod, path);
    if (!same(found, op === 'remove' ? undefined : value))
      return `${path}: ${JSON.stringify(found)}`;
  }
  const annotations = got.pod.metadata.annotations ?? {};
  for (const [name, value] of Object.entries(one.annotation ?? {}))
    if (annotations[name] !== value) return `${name}: ${annotations[name]}`;
  const removed = one.annotationRemoved;
  if (removed !== undefined && removed in annotations) return `${removed} is still there`;
  return undefined;
}

function runWebhook(one: WebhookCase): CaseResult {
  const name = `webhook ${one.kind}: ${one.condition}`;
  const problem = webhookProblem(one);
  return problem === undefined ? { name } : { name, failure: `got ${problem}` };
}

function runDedupe(one: DedupeCase): CaseResult {
  const got = withoutDuplicates(one.input);
  return same(got, one.want) ? { name: one.name } : { name: one.name, failure: `got ${got}` };
}

export const adapter: Adapter = {
  name: 'cni/sgp',
  accepts: (_path, json) => isSgpFile(json),
  run: (json) => {
    if (!isSgpFile(json)) return [];
    return [
      ...json.matching.map(runMatching),
      ...(json.podWebhook?.cases ?? []).map(runWebhook),
      ...(json.dedupe === undefined ? [] : [runDedupe(json.dedupe)]),
    ];
  },
};
