/**
 * controllers/external-dns/unrouted — routing policies of Route 53 that are not simulated: of these
 * only weights are. The names get plain records, which answer everybody.
 *
 * Upstream: kubernetes-sigs/external-dns@2bf1bf8a provider/aws/aws.go newChange.
 */
import { type Endpoint, RESOURCE } from './endpoint.ts';
import type { LeftAlone } from './synchronize.ts';

const POLICIES = /^aws\/(region|failover|multi-value-answer|geo|health-check-id)/;

const isPolicy = (property: string): boolean => POLICIES.test(property);

/** Without its policy, and without the identifier that tells its records apart. */
export function withoutPolicy(endpoint: Endpoint): Endpoint {
  const { properties, setIdentifier } = endpoint;
  const names = Object.keys(properties);
  if (!names.some(isPolicy)) return endpoint;
  const kept = Object.entries(properties).filter(([name]) => !isPolicy(name));
  const isWeighted = names.includes('aws/weight');
  return {
    ...endpoint,
    properties: Object.fromEntries(kept),
    setIdentifier: isWeighted ? setIdentifier : '',
  };
}

/** The names that this is about. */
export function unroutedNames(wanted: readonly Endpoint[]): readonly LeftAlone[] {
  const names = new Map<string, LeftAlone>();
  for (const { dnsName, labels, properties } of wanted) {
    const reason = Object.keys(properties).find(isPolicy);
    if (reason === undefined) continue;
    names.set(dnsName, { dnsName, resource: labels[RESOURCE] ?? '', reason });
  }
  return [...names.values()];
}
