/**
 * analysis/load-balancer/lint/class-checks — whether any controller will take an Ingress, and what
 * its class does and does not bring.
 */
import type { Ingress, IngressClass } from '../../../model/kubernetes/ingress.ts';
import { nearestWords } from '../../../model/nearest.ts';
import type { Finding } from './finding.ts';
import { ALB_CONTROLLER, CLASS_ANNOTATION, ingressClaim, paramsOf } from './ingress-claim.ts';
import {
  annotationsOf,
  error,
  isWhole,
  type Linted,
  type LintInput,
  placeOfAnnotation,
  referred,
  warning,
} from './linted.ts';

const ALB_PREFIX = 'alb.ingress.kubernetes.io/';

/** What is wrong between Ingresses and their classes. */
export const classChecks = (input: LintInput): Finding[] => [
  ...input.ingresses.flatMap((it) => ofIngress(input, it)),
  ...input.all.flatMap((it) =>
    it.object.kind === 'IngressClass' ? ofClass(input, it as Linted<IngressClass>) : [],
  ),
];

function ofIngress(input: LintInput, it: Linted<Ingress>): Finding[] {
  const claim = ingressClaim(input, it.object);
  switch (claim.by) {
    case 'annotation':
      return ofAnnotation(input, it);
    case 'nobody':
      return [unclaimed(input, it)];
    case 'unknown-class':
      return [unknownClass(input, it, claim.className)];
    case 'another':
      return ofAnother(it, claim.controller);
    case 'auto-mode': {
      const text = `ingress class ${claim.className} is EKS Auto Mode's: declared here, not simulated`;
      const hint =
        'the checks of the AWS Load Balancer Controller were made; Auto Mode reads fewer annotations';
      return [warning(it, classPlace(it), { check: 'auto-mode-class', text, hint })];
    }
    default:
      return [];
  }
}

const classPlace = (it: Linted<Ingress>): string => it.at(['spec', 'ingressClassName']);

const albAnnotations = (ingress: Ingress): string[] =>
  Object.keys(annotationsOf(ingress)).filter((key) => key.startsWith(ALB_PREFIX));

function unclaimed(input: LintInput, it: Linted<Ingress>): Finding {
  const check = 'no-ingress-class';
  const text =
    'no ingressClassName, and no default IngressClass: the AWS Load Balancer Controller leaves it alone, without an event';
  const hint = 'write spec.ingressClassName: alb';
  const isMeant = albAnnotations(it.object).length > 0 || isWhole(input, 'IngressClass');
  return isMeant
    ? error(it, it.where, { check, text, hint })
    : warning(it, it.where, { check, text: `${text} (none is in these files)`, hint });
}

function unknownClass(input: LintInput, it: Linted<Ingress>, name: string): Finding {
  const known = input.all.flatMap(({ object }) =>
    object.kind === 'IngressClass' ? [object.metadata.name] : [],
  );
  const near = nearestWords(name, [...known, 'alb'], 1);
  const text = `invalid ingress class: ingressclasses.networking.k8s.io "${name}" not found`;
  const hint = `${near.length > 0 ? `did you mean ${near[0]}? else ` : ''}add the IngressClass, with spec.controller: ${ALB_CONTROLLER}`;
  const said = { check: 'unknown-ingress-class', text, hint };
  return isWhole(input, 'IngressClass')
    ? error(it, classPlace(it), said)
    : warning(it, classPlace(it), { ...said, text: `${text} in these files` });
}

/** An Ingress of another controller with this one's annotations. */
function ofAnother(it: Linted<Ingress>, controller: string): Finding[] {
  const keys = albAnnotations(it.object);
  if (keys.length === 0) return [];
  const text = `its class belongs to ${controller}, which reads none of its ${keys.length} ${ALB_PREFIX} annotations`;
  const hint = 'write spec.ingressClassName: alb, or leave the annotations out';
  return [warning(it, placeOfAnnotation(it, keys[0]!), { check: 'class-of-another', text, hint })];
}

/** The old annotation wins over the field, and brings no IngressClassParams. */
function ofAnnotation(input: LintInput, it: Linted<Ingress>): Finding[] {
  const named = it.object.spec.ingressClassName;
  const place = placeOfAnnotation(it, CLASS_ANNOTATION);
  if (named === undefined) return [];
  const found = referred<IngressClass>(input, 'IngressClass', named);
  const params = found && paramsOf(input, found);
  const text =
    params === undefined
      ? `${CLASS_ANNOTATION} wins over spec.ingressClassName: ${named}; the API server refuses a new Ingress with both`
      : `${CLASS_ANNOTATION} wins over spec.ingressClassName: ${named}, so that IngressClassParams ${params.metadata.name} does not hold`;
  const hint = 'leave the annotation out';
  return [error(it, place, { check: 'class-said-twice', text, hint })];
}

function ofClass(input: LintInput, it: Linted<IngressClass>): Finding[] {
  const { controller, parameters } = it.object.spec ?? {};
  if (controller === undefined || !/alb|aws|elb/i.test(controller)) return [];
  if (controller !== ALB_CONTROLLER && controller !== 'eks.amazonaws.com/alb') {
    const text = `no controller answers to ${controller}`;
    const hint = `write ${ALB_CONTROLLER}`;
    return [error(it, it.at(['spec', 'controller']), { check: 'unknown-controller', text, hint })];
  }
  if (parameters === undefined || controller !== ALB_CONTROLLER) return [];
  const place = it.at(['spec', 'parameters']);
  const { apiGroup, kind, name } = parameters;
  if (apiGroup !== 'elbv2.k8s.aws' || kind !== 'IngressClassParams') {
    const text = `invalid ingress class: IngressClass ${it.object.metadata.name} references unknown parameters`;
    const hint = 'write apiGroup: elbv2.k8s.aws and kind: IngressClassParams';
    return [error(it, place, { check: 'class-parameters', text, hint })];
  }
  if (paramsOf(input, it.object) !== undefined) return [];
  const text = `invalid ingress class: ingressclassparams.elbv2.k8s.aws "${name}" not found`;
  const hint = `add the IngressClassParams ${name}`;
  const said = { check: 'class-parameters', text, hint };
  return [
    input.store === undefined
      ? warning(it, place, { ...said, text: `${text} in these files` })
      : error(it, place, said),
  ];
}
