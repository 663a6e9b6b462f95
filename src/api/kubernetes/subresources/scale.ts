/**
 * api/kubernetes/subresources/scale — the scale subresource: how many replicas there shall be and
 * are, in one shape for all kinds that have it.
 *
 * Upstream: kubernetes/kubernetes pkg/registry/apps/{deployment,replicaset,statefulset}/storage
 * ScaleREST; kubernetes/apiextensions-apiserver pkg/registry/customresource/etcd.go ScaleREST.
 */
import { statusBadRequest } from '../../../cluster/api-status.ts';
import { type ApiStatus, isApiStatus } from '../../../cluster/kubernetes.ts';
import { patchedBy } from '../../../cluster/patch-object.ts';
import type { KubernetesObject, LabelSelector } from '../../../model/kubernetes/meta.ts';
import { formatSelector } from '../../../model/kubernetes/selectors.ts';
import { type Outcome, ok } from '../answer.ts';
import type { ApiRequest } from '../api-request.ts';
import type { StoredObject } from '../collection/collection.ts';
import { storedAt } from '../objects/get.ts';
import { failure, statusMethodNotAllowed, statusNoResource } from '../rest-status.ts';
import { patchIn } from '../write/patch-body.ts';
import { bytesOf, objectIn } from '../write/request-body.ts';
import { nameRefusal, replace } from '../write/update.ts';
import { writeOptionsOf } from '../write/write-options.ts';
import { tracking } from '../write/writer.ts';
import { carryOut } from '../write/written.ts';

type Plain = Readonly<Record<string, unknown>>;

/** Where a kind keeps its numbers. */
interface ScalePaths {
  readonly spec: readonly string[];
  readonly status: readonly string[];
  readonly selector: readonly string[];
}

const BUILT_IN: ScalePaths = {
  spec: ['spec', 'replicas'],
  status: ['status', 'replicas'],
  selector: ['spec', 'selector'],
};

/** `.spec.replicas`: the simple paths a definition may name. */
const steps = (path: string): readonly string[] => path.split('.').filter((it) => it !== '');

function pathsOf({ kind }: ApiRequest): ScalePaths | undefined {
  const { definition, hasScale } = kind.resource;
  if (definition === undefined) return hasScale ? BUILT_IN : undefined;
  const version = definition.spec.versions.find((it) => it.name === kind.version);
  const scale = version?.subresources?.scale;
  return (
    scale && {
      spec: steps(scale.specReplicasPath),
      status: steps(scale.statusReplicasPath),
      selector: steps(scale.labelSelectorPath ?? ''),
    }
  );
}

export async function scale(given: ApiRequest): Promise<Outcome> {
  const paths = pathsOf(given);
  if (paths === undefined) return statusNoResource();
  const { request, query } = given;
  if (request.method === 'GET') {
    const entry = storedAt(given);
    return isApiStatus(entry) ? entry : ok(scaleOf(entry, paths));
  }
  const isPatch = request.method === 'PATCH';
  if (!isPatch && request.method !== 'PUT') return statusMethodNotAllowed();
  const options = writeOptionsOf(request, query, isPatch ? 'PatchOptions' : 'UpdateOptions');
  if (isApiStatus(options)) return options;
  const wanted = await wantedScale(given, isPatch);
  if (wanted === 'gone') return 'taken';
  if (isApiStatus(wanted)) return wanted;
  const entry = await carryOut(given, options.isDryRun, (hands) => {
    const live = storedAt(given, hands.store);
    if (isApiStatus(live)) return live;
    const scaled = scaledBy(given, live, paths, wanted(scaleOf(live, paths)));
    return isApiStatus(scaled) ? scaled : replace(given, hands, scaled, tracking(given, options));
  });
  return isApiStatus(entry) ? entry : ok(scaleOf(entry, paths));
}

type Change = (live: Plain) => Plain | ApiStatus;

async function wantedScale(
  given: ApiRequest,
  isPatch: boolean,
): Promise<Change | ApiStatus | 'gone'> {
  const bytes = await bytesOf(given.request);
  if (bytes === 'gone' || isApiStatus(bytes)) return bytes;
  if (!isPatch) {
    const body = objectIn(given.request, bytes, 'Scale');
    return isApiStatus(body) ? body : () => body;
  }
  const patch = patchIn(given.request, bytes);
  if (isApiStatus(patch)) return patch;
  return (live) => patchedBy(live as unknown as KubernetesObject, patch.type, patch.body);
}

/** The object with the replicas of a Scale. */
function scaledBy(
  given: ApiRequest,
  live: StoredObject,
  paths: ScalePaths,
  wanted: Plain | ApiStatus,
): KubernetesObject | ApiStatus {
  if (isApiStatus(wanted)) return wanted;
  const named = { ...wanted, metadata: wanted.metadata ?? {} } as unknown as KubernetesObject;
  const refused = nameRefusal(given, named);
  if (refused !== undefined) return refused;
  const replicas = (wanted.spec as { replicas?: unknown } | undefined)?.replicas ?? 0;
  if (typeof replicas !== 'number' || !Number.isInteger(replicas)) {
    return statusBadRequest(
      'Scale in version "v1" cannot be handled as a Scale: json: cannot unmarshal ' +
        `${typeof replicas === 'number' ? `number ${replicas}` : typeof replicas} into Go struct ` +
        'field ScaleSpec.spec.replicas of type int32',
    );
  }
  const { name } = live.value.metadata;
  if (replicas < 0) return negative(name, replicas);
  const changed = withAt(live.value, paths.spec, replicas) as KubernetesObject;
  const { resourceVersion } = named.metadata;
  return { ...changed, metadata: { ...live.value.metadata, resourceVersion } };
}

function negative(name: string, replicas: number): ApiStatus {
  const message = `Invalid value: ${replicas}: must be greater than or equal to 0`;
  const causes = [{ reason: 'FieldValueInvalid', message, field: 'spec.replicas' }];
  return failure(
    422,
    'Invalid',
    `Scale.autoscaling "${name}" is invalid: spec.replicas: ${message}`,
    { name, group: 'autoscaling', kind: 'Scale', causes },
  );
}

function scaleOf({ value, revision }: StoredObject, paths: ScalePaths): Plain {
  const { name, namespace, uid, creationTimestamp } = value.metadata;
  const selector = at(value, paths.selector);
  const text =
    typeof selector === 'object' ? formatSelector(selector as LabelSelector) : (selector ?? '');
  return {
    kind: 'Scale',
    apiVersion: 'autoscaling/v1',
    metadata: { name, namespace, uid, resourceVersion: String(revision), creationTimestamp },
    spec: { replicas: at(value, paths.spec) ?? 0 },
    status: {
      replicas: at(value, paths.status) ?? 0,
      ...(text === '' || text === '<none>' ? {} : { selector: text }),
    },
  };
}

function at(value: unknown, path: readonly string[]): unknown {
  if (path.length === 0) return undefined;
  let it = value;
  for (const step of path) it = (it as Plain | undefined)?.[step];
  return it;
}

function withAt(value: unknown, [first, ...rest]: readonly string[], leaf: unknown): unknown {
  if (first === undefined) return leaf;
  const before = (value ?? {}) as Plain;
  return { ...before, [first]: withAt(before[first], rest, leaf) };
}
