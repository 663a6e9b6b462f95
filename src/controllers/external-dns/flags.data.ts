/**
 * controllers/external-dns/flags.data — flags of external-dns that take no value.
 *
 * Upstream: kubernetes-sigs/external-dns@2bf1bf8a pkg/apis/externaldns/types.go bindFlags.
 */
export const BOOLEAN_FLAGS: ReadonlySet<string> = new Set([
  'always-publish-not-ready-addresses',
  'aws-evaluate-target-health',
  'aws-prefer-cname',
  'aws-sd-service-cleanup',
  'aws-zone-match-parent',
  'combine-fqdn-annotation',
  'create-ptr',
  'dry-run',
  'events',
  'exclude-unschedulable',
  'expose-internal-ipv6',
  'force-default-targets',
  'gateway-listener-sets',
  'ignore-hostname-annotation',
  'ignore-ingress-rules-spec',
  'ignore-ingress-tls-spec',
  'ignore-non-host-network-pods',
  'listen-endpoint-events',
  'once',
  'prefer-alias',
  'publish-host-ip',
  'publish-internal-services',
  'resolve-service-load-balancer-hostname',
  'txt-encrypt-enabled',
  'txt-new-format-only',
]);

/** What changes the records and is not followed here: said where somebody uses it. */
export const NOT_SIMULATED: Readonly<Record<string, string>> = {
  'fqdn-template': 'names made by templates',
  'target-template': 'targets made by templates',
  'fqdn-target-template': 'names and targets made by templates',
  'resolve-service-load-balancer-hostname': 'addresses instead of load balancers’ names',
  'txt-encrypt-enabled': 'encrypted ownership records',
  'migrate-from-txt-owner': 'taking over another owner’s records',
  'create-ptr': 'PTR records',
  'nat64-networks': 'addresses of NAT64',
  compatibility: 'annotations of older projects',
  'default-targets': 'targets of DNSEndpoint objects',
  'target-net-filter': 'targets left out by their block',
  'exclude-target-net': 'targets left out by their block',
};
