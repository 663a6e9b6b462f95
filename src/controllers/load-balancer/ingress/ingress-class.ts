/**
 * load-balancer/ingress/ingress-class — whether an Ingress is ours, and what its class gives it.
 *
 * Upstream: aws-load-balancer-controller@225f4456 pkg/ingress/class_loader.go,
 * class_annotation_matcher.go, group_loader.go classifyIngress. What is missing is worded as
 * controller-runtime's cache words it: by kind.
 */
import type { Namespace } from '../../../model/kubernetes/core.ts';
import type {
  Ingress,
  IngressClass,
  IngressClassParams,
} from '../../../model/kubernetes/ingress.ts';
import { matchesSelector } from '../../../model/kubernetes/selectors.ts';
import { BuildError } from '../build-error.ts';
import { CLASS_ANNOTATION } from './alb-annotations.ts';
import type { ClassifiedIngress } from './group.ts';

const ALB_CONTROLLER = 'ingress.k8s.aws/alb';
const DEFAULT_CLASS_ANNOTATION = 'ingressclass.kubernetes.io/is-default-class';
const PARAMS_GROUP = 'elbv2.k8s.aws';
const PARAMS_KIND = 'IngressClassParams';

export interface ClassLookups {
  ingressClass(name: string): IngressClass | undefined;
  ingressClassParams(name: string): IngressClassParams | undefined;
  namespace(name: string): Namespace | undefined;
  /** All that are marked default: more than one is an error. */
  defaultIngressClasses(): readonly IngressClass[];
}

/** An error of the class, which an Ingress may have that belongs to no group yet. */
export class InvalidIngressClass extends BuildError {
  constructor(text: string) {
    super(`invalid ingress class: ${text}`);
  }
}

export const notFoundText = (kindAndGroup: string, name: string): string =>
  `${kindAndGroup} "${name}" not found`;

export const isDefaultClass = ({ metadata }: IngressClass): boolean =>
  metadata.annotations?.[DEFAULT_CLASS_ANNOTATION] === 'true';

/** The name of an ALB class's parameters; undefined where it has none that we know. */
export function paramsNameOf({ spec }: IngressClass): string | undefined {
  const parameters = spec?.controller === ALB_CONTROLLER ? spec.parameters : undefined;
  return parameters?.apiGroup === PARAMS_GROUP && parameters.kind === PARAMS_KIND
    ? parameters.name
    : undefined;
}

/** Does the class annotation name us? @param flag  `--ingress-class` */
export const matchesClassAnnotation = (annotation: string, flag: string): boolean =>
  annotation === flag || (flag === '' && annotation === 'alb');

type ClassOfIngress = Pick<ClassifiedIngress, 'ingressClass' | 'params'>;

/**
 * The class an Ingress names, or else the default one, with its parameters.
 *
 * @param withParams  false: parameters are not looked at (the webhook)
 * @throws InvalidIngressClass  where it is missing or its parameters are not for this Ingress
 */
export function classOf(
  { spec, metadata }: Ingress,
  lookups: ClassLookups,
  withParams = true,
): ClassOfIngress {
  const name = spec.ingressClassName ?? defaultClassName(lookups);
  if (name === undefined) return {};
  const ingressClass = lookups.ingressClass(name);
  if (ingressClass === undefined) {
    throw new InvalidIngressClass(notFoundText('IngressClass.networking.k8s.io', name));
  }
  const { controller, parameters } = ingressClass.spec ?? {};
  if (controller !== ALB_CONTROLLER || parameters === undefined || !withParams) {
    return { ingressClass };
  }
  const paramsName = paramsNameOf(ingressClass);
  if (paramsName === undefined) {
    throw new InvalidIngressClass(`IngressClass ${name} references unknown parameters`);
  }
  const params = lookups.ingressClassParams(paramsName);
  if (params === undefined) {
    throw new InvalidIngressClass(notFoundText('IngressClassParams.elbv2.k8s.aws', paramsName));
  }
  checkNamespace(params, metadata.namespace ?? '', lookups);
  return { ingressClass, params };
}

function defaultClassName(lookups: ClassLookups): string | undefined {
  const defaults = lookups.defaultIngressClasses();
  if (defaults.length > 1) throw new BuildError('multiple default IngressClasses found');
  return defaults[0]?.metadata.name;
}

/** @throws InvalidIngressClass  where the parameters are not for this namespace */
export function checkNamespace(
  { metadata, spec }: IngressClassParams,
  namespace: string,
  lookups: ClassLookups,
): void {
  const selector = spec?.namespaceSelector;
  if (selector === undefined) return;
  const found = lookups.namespace(namespace);
  if (found === undefined) throw new InvalidIngressClass(notFoundText('Namespace', namespace));
  if (!matchesSelector(selector, found.metadata.labels)) {
    throw new InvalidIngressClass(
      `namespaceSelector of IngressClassParams ${metadata.name} mismatch`,
    );
  }
}

/**
 * The Ingress with its class where it is ours; undefined where it is another controller's.
 *
 * @param flag  `--ingress-class`; empty: Ingresses without any class are ours too
 * @throws InvalidIngressClass
 */
export function classified(
  ingress: Ingress,
  lookups: ClassLookups,
  flag: string,
): ClassifiedIngress | undefined {
  const annotation = ingress.metadata.annotations?.[CLASS_ANNOTATION];
  if (annotation !== undefined) {
    return matchesClassAnnotation(annotation, flag) ? { ingress } : undefined;
  }
  const { ingressClass, params } = classOf(ingress, lookups);
  const isOurs = isAlbClass(ingressClass, flag);
  return isOurs ? { ingress, ingressClass, params } : undefined;
}

/** Is it our class; and where there is none, do we take what has none? */
export const isAlbClass = (ingressClass: IngressClass | undefined, flag: string): boolean =>
  ingressClass === undefined ? flag === '' : ingressClass.spec?.controller === ALB_CONTROLLER;
