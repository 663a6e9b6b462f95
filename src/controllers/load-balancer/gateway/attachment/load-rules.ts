/**
 * load-balancer/gateway/attachment/load-rules — a route's rules with what they refer to. What
 * cannot be had is left out: a rule without backends answers 500.
 *
 * Upstream: kubernetes-sigs/aws-load-balancer-controller@225f445 pkg/gateway/routeutils/
 * backend.go accumulateRules, listenerRuleConfigLoader.
 */
import type { ListenerRuleConfiguration } from '../../../../model/kubernetes/gateway-configuration.ts';
import type { AnyRoute } from '../../../../model/kubernetes/route.ts';
import { ruleConfigurationNames } from './gateway-lookups.ts';
import { type BackendQuestion, loadBackend } from './load-backend.ts';
import { type LoadError, routeError } from './load-error.ts';
import type { LoadedBackend, LoadedRule } from './loaded-route.ts';

type Rule = NonNullable<AnyRoute['spec']['rules']>[number];

/** @throws BuildError  where the Gateway cannot be built; `left` has what came before */
export function loadRules(question: BackendQuestion, left: LoadError[]): readonly LoadedRule[] {
  const rules: readonly Rule[] = question.route.spec.rules ?? [];
  return rules.map((rule) => {
    const found = loadConfiguration(question, rule);
    if ('left' in found) {
      left.push(found.left);
      return { rule, backends: [] };
    }
    const backends: LoadedBackend[] = [];
    for (const ref of rule.backendRefs ?? []) {
      const backend = loadBackend(question, ref);
      if ('left' in backend) left.push(backend.left);
      else backends.push(backend);
    }
    return { rule, backends, configuration: found.configuration };
  });
}

function loadConfiguration(
  { store, route }: BackendQuestion,
  rule: Rule,
): { readonly configuration?: ListenerRuleConfiguration } | { readonly left: LoadError } {
  const [name, second] = ruleConfigurationNames(rule);
  if (name === undefined) return {};
  const leave = (text: string) => ({ left: routeError(route, 'IncompatibleFilters', text) });
  if (second !== undefined) {
    return leave('Only one listener rule config can be referenced per route rule, found multiple');
  }
  const key = `${route.metadata.namespace}/${name}`;
  const configuration = store.get('ListenerRuleConfiguration', key);
  if (configuration === undefined) return leave(`ListenerRuleConfiguration [${key}] not found)`);
  const { accepted, message = 'status unknown' } = configuration.status ?? {};
  if (accepted === true) return { configuration };
  return leave(`ListenerRuleConfiguration [${key}] is not accepted. Reason:  ${message})`);
}
