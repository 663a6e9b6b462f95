/**
 * load-balancer/webhooks/ingress-validator — may this Ingress be, and may it change so? Only those
 * of ours are looked at: their class must be there, and their conditions make sense. Other
 * annotations are found wrong when the group is built, by an event.
 *
 * Upstream: aws-load-balancer-controller@225f4456 webhooks/networking/ingress_validator.go.
 */
import type { Webhook } from '../../../cluster/kubernetes.ts';
import type { TwinStore } from '../../../model/kinds.ts';
import type { Ingress } from '../../../model/kubernetes/ingress.ts';
import { keyOf } from '../../../model/kubernetes/meta.ts';
import { BuildError, built, within } from '../build-error.ts';
import { alb, CLASS_ANNOTATION } from '../ingress/alb-annotations.ts';
import { checkCondition, writtenConditions } from '../ingress/condition-annotation.ts';
import {
  type ClassLookups,
  classOf,
  isAlbClass,
  matchesClassAnnotation,
} from '../ingress/ingress-class.ts';
import { storeLookups } from '../ingress/store-lookups.ts';
import type { ControllerSettings } from '../settings/settings.ts';

/** Flags the webhook asks. */
export type IngressRules = Pick<
  ControllerSettings,
  'ingressClass' | 'disableIngressClassAnnotation' | 'disableIngressGroupNameAnnotation'
>;

/** @param rules  what the running controller was told; asked at every Ingress */
export function ingressValidator(store: TwinStore, rules: () => IngressRules): Webhook {
  const lookups = storeLookups(store);
  return {
    name: 'vingress.elbv2.k8s.aws',
    kinds: ['Ingress'],
    failurePolicy: 'Fail',
    phase: 'validating',
    mutate(object, operation) {
      const ingress = object as Ingress;
      const before = operation === 'UPDATE' ? store.get('Ingress', keyOf(ingress)) : undefined;
      const refused = built(() => checkIngress(ingress, before, lookups, rules()));
      return refused instanceof BuildError ? { denied: refused.message } : object;
    },
  };
}

/**
 * @param before  what is stored; undefined of a new one
 * @throws BuildError  why it is refused
 */
export function checkIngress(
  ingress: Ingress,
  before: Ingress | undefined,
  lookups: ClassLookups,
  rules: IngressRules,
): void {
  if (!isOurs(ingress, lookups, rules)) return;
  checkClassAnnotation(ingress, before, rules);
  checkGroupAnnotation(ingress, before, rules);
  checkClassName(ingress, before, lookups, false);
  checkConditions(ingress);
}

/** Its class decides; the class's parameters are not looked at. */
export function isOurs(
  ingress: Ingress,
  lookups: ClassLookups,
  { ingressClass: flag }: Pick<IngressRules, 'ingressClass'>,
): boolean {
  const annotation = ingress.metadata.annotations?.[CLASS_ANNOTATION];
  if (annotation !== undefined) return matchesClassAnnotation(annotation, flag);
  return isAlbClass(classOf(ingress, lookups, false).ingressClass, flag);
}

/** `--disable-ingress-class-annotation`: nobody begins to use it. */
export function checkClassAnnotation(
  ingress: Ingress,
  before: Ingress | undefined,
  rules: Pick<IngressRules, 'ingressClass' | 'disableIngressClassAnnotation'>,
): void {
  if (!rules.disableIngressClassAnnotation) return;
  const usesIt = (it: Ingress | undefined): boolean => {
    const annotation = it?.metadata.annotations?.[CLASS_ANNOTATION];
    return annotation !== undefined && matchesClassAnnotation(annotation, rules.ingressClass);
  };
  if (!usesIt(before) && usesIt(ingress)) {
    throw new BuildError(`new usage of \`${CLASS_ANNOTATION}\` annotation is forbidden`);
  }
}

/** `--disable-ingress-group-name-annotation`: nobody begins to use it, nor another name. */
export function checkGroupAnnotation(
  ingress: Ingress,
  before: Ingress | undefined,
  rules: Pick<IngressRules, 'disableIngressGroupNameAnnotation'>,
): void {
  if (!rules.disableIngressGroupNameAnnotation) return;
  const name = alb.string('group.name', ingress.metadata.annotations);
  if (name === undefined || name === alb.string('group.name', before?.metadata.annotations)) return;
  throw new BuildError(
    'new usage of `alb.ingress.kubernetes.io/group.name` annotation is forbidden',
  );
}

/**
 * A class that is named anew must be there.
 *
 * @param withParams  false, as the controller has it: its parameters are not looked at
 */
export function checkClassName(
  ingress: Ingress,
  before: Ingress | undefined,
  lookups: ClassLookups,
  withParams = true,
): void {
  const { ingressClassName } = ingress.spec;
  if (ingressClassName === undefined) return;
  if (ingressClassName === before?.spec.ingressClassName) return;
  classOf(ingress, lookups, withParams);
}

/** conditions.NAME of every path's backend. */
export function checkConditions({ metadata, spec }: Ingress): void {
  const { namespace = '', name, annotations } = metadata;
  for (const { backend } of (spec.rules ?? []).flatMap(({ http }) => http?.paths ?? [])) {
    // Upstream does not ask whether there is a Service, and what recovers from that says so.
    if (backend.service === undefined) {
      throw new BuildError(
        'panic: runtime error: invalid memory address or nil pointer dereference [recovered]',
      );
    }
    const service = backend.service.name;
    for (const condition of writtenConditions(service, annotations)) {
      const key = `alb.ingress.kubernetes.io/conditions.${service}`;
      within(`ignoring Ingress ${namespace}/${name} since invalid ${key} annotation`, () =>
        checkCondition(condition),
      );
    }
  }
}
