/**
 * analysis/load-balancer/lint/rollout-checks — what keeps 5xx answers away while pods are replaced:
 * readiness gates, and pods that go on answering until the load balancer has forgotten them.
 *
 * Upstream: kubernetes-sigs/aws-load-balancer-controller@225f445 docs/deploy/pod_readiness_gate.md;
 * aws/aws-eks-best-practices@dc0243a loadbalancing.adoc:235-378.
 */
import type { Namespace } from '../../../model/kubernetes/core.ts';
import type { Ingress } from '../../../model/kubernetes/ingress.ts';
import { keyOf } from '../../../model/kubernetes/meta.ts';
import { serviceOf } from './backend-checks.ts';
import { claimOf } from './claimed-service.ts';
import type { Finding } from './finding.ts';
import { ingressClaim, isAlb } from './ingress-claim.ts';
import { backendsOf } from './ingress-paths.ts';
import { advice, annotationsOf, type Linted, type LintInput, referred } from './linted.ts';

const LABEL = 'elbv2.k8s.aws/pod-readiness-gate-inject';

interface Workload {
  readonly spec?: {
    readonly template?: {
      readonly metadata?: { readonly labels?: Readonly<Record<string, string>> };
      readonly spec?: { readonly containers?: readonly { readonly lifecycle?: unknown }[] };
    };
  };
}

/** Advice for Deployments whose pods are targets themselves. */
export function rolloutChecks(input: LintInput): Finding[] {
  const selectors = targetSelectors(input);
  return input.all.flatMap((it) => {
    const { namespace } = it.object.metadata;
    if (it.object.kind !== 'Deployment' || namespace === undefined) return [];
    const template = (it.object as Workload).spec?.template;
    const labels = template?.metadata?.labels ?? {};
    const isTarget = selectors.some(
      (selector) =>
        selector.namespace === namespace &&
        Object.entries(selector.labels).every(([key, value]) => labels[key] === value),
    );
    if (!isTarget) return [];
    const hasStop = template?.spec?.containers?.some(({ lifecycle }) => lifecycle !== undefined);
    return [...ofGate(input, it, namespace), ...(hasStop === true ? [] : [ofStop(it)])];
  });
}

interface TargetSelector {
  readonly namespace: string;
  readonly labels: Readonly<Record<string, string>>;
}

/** Selectors of Services whose pods are registered by address. */
function targetSelectors(input: LintInput): TargetSelector[] {
  const found = new Map<string, TargetSelector>();
  const add = (service: Linted['object'] & { spec: { selector?: TargetSelector['labels'] } }) => {
    const { namespace } = service.metadata;
    const labels = service.spec.selector;
    if (namespace === undefined || labels === undefined || Object.keys(labels).length === 0) return;
    found.set(keyOf(service), { namespace, labels });
  };
  for (const { object } of input.services) {
    const { by } = claimOf(input, object);
    const targets =
      annotationsOf(object)['service.beta.kubernetes.io/aws-load-balancer-nlb-target-type'];
    if (by === 'load-balancer-controller' && targets === 'ip') add(object as never);
  }
  for (const { object } of input.ingresses) {
    if (!isAlb(ingressClaim(input, object))) continue;
    for (const service of ipServices(input, object)) add(service as never);
  }
  return [...found.values()];
}

const ipServices = (input: LintInput, ingress: Ingress) =>
  backendsOf(ingress).flatMap(({ serviceName }) => {
    const service = serviceName && serviceOf(input, ingress, serviceName);
    if (!service) return [];
    const annotations = { ...annotationsOf(ingress), ...annotationsOf(service) };
    return annotations['alb.ingress.kubernetes.io/target-type'] === 'ip' ? [service] : [];
  });

function ofGate(input: LintInput, it: Linted, namespace: string): Finding[] {
  const found = referred<Namespace>(input, 'Namespace', namespace);
  if (found?.metadata.labels?.[LABEL] === 'enabled') return [];
  const text = `its pods are targets, and namespace ${namespace} does not ask for readiness gates: a rollout may take old pods away before new ones are healthy targets`;
  const hint = `kubectl label namespace ${namespace} ${LABEL}=enabled`;
  return [advice(it, it.where, { check: 'readiness-gate', text, hint })];
}

function ofStop(it: Linted): Finding {
  const text =
    'its pods are targets without a preStop hook: they stop while the load balancer still sends to them';
  const hint =
    'lifecycle: {preStop: {sleep: {seconds: 15}}}, and terminationGracePeriodSeconds above it';
  return advice(it, it.at(['spec', 'template', 'spec', 'containers']), {
    check: 'pre-stop',
    text,
    hint,
  });
}
