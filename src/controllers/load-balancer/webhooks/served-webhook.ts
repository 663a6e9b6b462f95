/**
 * load-balancer/webhooks/served-webhook — a webhook as the cluster asks it: only where a
 * configuration names it, only about objects that its selectors choose, and through its Service,
 * which may have nobody behind it.
 *
 * Upstream: kubernetes/apiserver pkg/admission/plugin/webhook (errors of calls that fail),
 * pkg/util/proxy ResolveEndpoint: `no endpoints available for service`.
 */
import type { Webhook } from '../../../cluster/kubernetes.ts';
import type { TwinStore } from '../../../model/kinds.ts';
import type { KubernetesObject } from '../../../model/kubernetes/meta.ts';
import { matchesSelector } from '../../../model/kubernetes/selectors.ts';
import type { ConfiguredWebhook, WebhookConfigurations } from './webhook-configurations.ts';

const DEFAULT_TIMEOUT_SECONDS = 10;
const DEFAULT_PORT = 443;

/** `webhook`, asked when the cluster's configurations say so. */
export const servedWebhook = (
  store: TwinStore,
  configurations: WebhookConfigurations,
  webhook: Webhook,
): Webhook => ({
  name: webhook.name,
  kinds: webhook.kinds,
  ...(webhook.phase === undefined ? {} : { phase: webhook.phase }),
  get failurePolicy() {
    return configurations.named(webhook.name)?.failurePolicy ?? 'Fail';
  },
  mutate(object, operation) {
    const configured = configurations.named(webhook.name);
    if (configured === undefined || !isAsked(store, configured, object, operation)) return object;
    const failed = failureOf(store, configured);
    return failed === undefined ? webhook.mutate(object, operation) : { failed };
  },
});

function isAsked(
  store: TwinStore,
  { rules = [], namespaceSelector, objectSelector }: ConfiguredWebhook,
  { metadata }: KubernetesObject,
  operation: 'CREATE' | 'UPDATE',
): boolean {
  const isMeant = rules.some(
    ({ operations = [] }) => operations.includes(operation) || operations.includes('*'),
  );
  if (!isMeant) return false;
  if (objectSelector !== undefined && !matchesSelector(objectSelector, metadata.labels))
    return false;
  if (namespaceSelector === undefined || metadata.namespace === undefined) return true;
  const namespace = store.get('Namespace', metadata.namespace);
  return matchesSelector(namespaceSelector, namespace?.metadata.labels);
}

/** Why the call does not get through; undefined when somebody is there to answer. */
function failureOf(store: TwinStore, configured: ConfiguredWebhook): string | undefined {
  const { service } = configured.clientConfig;
  if (service === undefined) return undefined;
  const { namespace, name, path = '', port = DEFAULT_PORT } = service;
  const timeout = configured.timeoutSeconds ?? DEFAULT_TIMEOUT_SECONDS;
  const call =
    'failed to call webhook: Post ' +
    `"https://${name}.${namespace}.svc:${port}${path}?timeout=${timeout}s"`;
  if (store.get('Service', `${namespace}/${name}`) === undefined)
    return `${call}: service "${name}" not found`;
  const isServed = store
    .lookup('EndpointSlice', 'service', `${namespace}/${name}`)
    .some(({ endpoints }) => (endpoints ?? []).some((it) => it.conditions?.ready !== false));
  return isServed ? undefined : `${call}: no endpoints available for service "${name}"`;
}
