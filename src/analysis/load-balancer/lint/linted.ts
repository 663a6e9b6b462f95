/**
 * analysis/load-balancer/lint/linted — the objects under lint, each with its places in the files,
 * and what they may refer to: other objects of the files, and a cluster's where there is one.
 */
import type { Path } from '../../../formats/source.ts';
import type { Where } from '../../../model/input-error.ts';
import type { TwinStore } from '../../../model/kinds.ts';
import type { Service } from '../../../model/kubernetes/core.ts';
import type { Ingress } from '../../../model/kubernetes/ingress.ts';
import { type KubernetesObject, keyOf } from '../../../model/kubernetes/meta.ts';
import type { Finding, Severity } from './finding.ts';

/** An object of the files. */
export interface Linted<Kind extends KubernetesObject = KubernetesObject> {
  readonly object: Kind;
  /** `file:line:column` of the object. */
  readonly where: Where;
  /** The same of a member. */
  at(path: Path): Where;
}

/** Everything of the files that load balancers are made of. */
export interface LintInput {
  readonly ingresses: readonly Linted<Ingress>[];
  readonly services: readonly Linted<Service>[];
  /** Every object, those among them. */
  readonly all: readonly Linted[];
  /** The same by `Kind:key`. */
  readonly byName: ReadonlyMap<string, Linted>;
  /** The cluster these files make; absent where they make none. */
  readonly store?: TwinStore | undefined;
}

export const lintInput = (all: readonly Linted[], store?: TwinStore): LintInput => ({
  ingresses: all.filter(isIngress),
  services: all.filter(isService),
  all,
  byName: new Map(all.map((it) => [`${it.object.kind}:${keyOf(it.object)}`, it])),
  store,
});

export const isIngress = (it: Linted): it is Linted<Ingress> =>
  it.object.kind === 'Ingress' && it.object.apiVersion.startsWith('networking.k8s.io/');

export const isService = (it: Linted): it is Linted<Service> =>
  it.object.kind === 'Service' && it.object.apiVersion === 'v1';

/** `ingress/shop/web` */
export const nameOf = (object: KubernetesObject): string =>
  `${object.kind.toLowerCase()}/${keyOf(object)}`;

export const annotationsOf = (object: KubernetesObject): Readonly<Record<string, string>> =>
  object.metadata.annotations ?? {};

/** Where an annotation stands. */
export const placeOfAnnotation = (it: Linted, key: string): Where =>
  it.at(['metadata', 'annotations', key]);

/** The object of a kind and key, of the files first, then of the cluster. */
export function referred<Kind extends KubernetesObject>(
  { byName, store }: LintInput,
  kind: 'Service' | 'IngressClass' | 'Namespace',
  key: string,
): Kind | undefined {
  return (byName.get(`${kind}:${key}`)?.object ?? store?.get(kind, key)) as Kind | undefined;
}

/** True where something not found is missing, not just left out of the files. */
export const isWhole = ({ store }: LintInput, kind: 'Service' | 'IngressClass'): boolean =>
  store !== undefined && (store.count('Node') > 0 || store.count(kind) > 0);

interface Said {
  readonly check: string;
  readonly text: string;
  readonly hint: string;
}

const finding =
  (severity: Severity) =>
  (it: Linted, where: Where, { check, text, hint }: Said): Finding => ({
    where,
    severity,
    check,
    object: nameOf(it.object),
    text,
    hint,
  });

export const error = finding('error');
export const warning = finding('warning');
export const advice = finding('advice');
