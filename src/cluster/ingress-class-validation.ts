/**
 * cluster/ingress-class-validation — is an IngressClass well formed, and may it change so? And what
 * the CRD of its AWS parameters says beyond their shape.
 *
 * Upstream: kubernetes/kubernetes@v1.30.5 pkg/apis/networking/validation/validation.go
 * ValidateIngressClass, ValidateIngressClassUpdate; kubernetes-sigs/aws-load-balancer-controller
 * @225f445 config/crd/bases/elbv2.k8s.aws_ingressclassparams.yaml, x-kubernetes-validations.
 */
import type { IngressClass, IngressClassParams } from '../model/kubernetes/ingress.ts';
import { type FieldError, invalid, required } from './field-error.ts';
import { dns1123SubdomainProblems } from './names.ts';

const CONTROLLER = 'spec.controller';
const DOMAIN_TEXT = 'must be a domain-prefixed path (such as "acme.io/foo")';

/** Complaints about an IngressClass. */
export function ingressClassErrors({ spec }: IngressClass): readonly FieldError[] {
  const controller = spec?.controller ?? '';
  if (controller === '') return [required(CONTROLLER)];
  const slash = controller.indexOf('/');
  if (slash <= 0 || slash === controller.length - 1) {
    return [invalid(CONTROLLER, controller, DOMAIN_TEXT)];
  }
  const host = controller.slice(0, slash);
  return dns1123SubdomainProblems(host).map((problem) => invalid(CONTROLLER, host, problem));
}

/** Complaints about a change: whose class it is stays. */
export const ingressClassChangeErrors = (
  { spec }: IngressClass,
  before: IngressClass,
): readonly FieldError[] =>
  spec?.controller === before.spec?.controller
    ? []
    : [invalid(CONTROLLER, spec?.controller ?? '', 'field is immutable')];

/** Complaints about parameters that fit their schema. */
export const prefixListErrors = ({ spec }: IngressClassParams): readonly FieldError[] =>
  spec?.prefixListsIDs === undefined || spec.PrefixListsIDs === undefined
    ? []
    : [
        invalid(
          'spec',
          'object',
          "cannot specify both 'prefixListsIDs' and 'PrefixListsIDs' fields",
        ),
      ];
