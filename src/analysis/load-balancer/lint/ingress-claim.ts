/**
 * analysis/load-balancer/lint/ingress-claim — whose an Ingress is, as far as its files say, and
 * which IngressClassParams hold for it.
 *
 * Upstream: kubernetes-sigs/aws-load-balancer-controller@225f445 pkg/ingress/group_loader.go:196,
 * pkg/ingress/class_loader.go:74.
 */

import type {
  Ingress,
  IngressClass,
  IngressClassParams,
} from '../../../model/kubernetes/ingress.ts';
import type { KubernetesObject } from '../../../model/kubernetes/meta.ts';
import { annotationsOf, type LintInput, referred } from './linted.ts';

export const CLASS_ANNOTATION = 'kubernetes.io/ingress.class';
const DEFAULT_ANNOTATION = 'ingressclass.kubernetes.io/is-default-class';
export const ALB_CONTROLLER = 'ingress.k8s.aws/alb';
const AUTO_MODE_CONTROLLER = 'eks.amazonaws.com/alb';
/** Of the class that the controller's Helm chart makes. */
export const USUAL_CLASS = 'alb';

export type IngressClaim =
  /** By annotation: no IngressClass, so no IngressClassParams. */
  | { readonly by: 'annotation' }
  | {
      readonly by: 'class';
      readonly className: string;
      readonly params?: IngressClassParams | undefined;
    }
  /** The class is in none of the files; the name is the one that the controller's chart makes. */
  | { readonly by: 'usual-name' }
  | { readonly by: 'unknown-class'; readonly className: string }
  | { readonly by: 'auto-mode'; readonly className: string }
  | { readonly by: 'another'; readonly controller: string }
  | { readonly by: 'nobody' };

/** What decides the class: the annotation, else the field, else the default class. */
export function ingressClaim(input: LintInput, ingress: Ingress): IngressClaim {
  const annotated = annotationsOf(ingress)[CLASS_ANNOTATION];
  if (annotated !== undefined) {
    if (annotated === USUAL_CLASS) return { by: 'annotation' };
    return { by: 'another', controller: annotated };
  }
  const named = ingress.spec?.ingressClassName ?? defaultClass(input)?.metadata.name;
  if (named === undefined) return { by: 'nobody' };
  const found = referred<IngressClass>(input, 'IngressClass', named);
  if (found === undefined) {
    return named === USUAL_CLASS ? { by: 'usual-name' } : { by: 'unknown-class', className: named };
  }
  const { controller } = found.spec ?? {};
  if (controller === AUTO_MODE_CONTROLLER) return { by: 'auto-mode', className: named };
  if (controller !== ALB_CONTROLLER) return { by: 'another', controller: controller ?? named };
  return { by: 'class', className: named, params: paramsOf(input, found) };
}

/** True where the AWS Load Balancer Controller would make a load balancer of it. */
export const isAlb = ({ by }: IngressClaim): boolean =>
  by === 'annotation' || by === 'class' || by === 'usual-name';

function defaultClass({ all, store }: LintInput): KubernetesObject | undefined {
  const isDefault = (it: KubernetesObject): boolean =>
    it.kind === 'IngressClass' && annotationsOf(it)[DEFAULT_ANNOTATION] === 'true';
  return (
    all.find(({ object }) => isDefault(object))?.object ??
    store?.list('IngressClass').find((it) => isDefault(it as KubernetesObject))
  );
}

/** The parameters that a class names, where they are known. */
export function paramsOf(
  { byName, store }: LintInput,
  it: IngressClass,
): IngressClassParams | undefined {
  const name = it.spec?.parameters?.name;
  if (name === undefined) return undefined;
  const found = byName.get(`IngressClassParams:${name}`)?.object;
  return (found ?? store?.get('IngressClassParams', name)) as IngressClassParams | undefined;
}
