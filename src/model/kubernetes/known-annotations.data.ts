/**
 * model/kubernetes/known-annotations — the table behind known-annotation.ts.
 *
 * kubernetes-sigs/aws-load-balancer-controller@225f445 pkg/annotations/constants.go,
 * docs/guide/ingress/annotations.md, docs/guide/service/annotations.md,
 * apis/elbv2/v1beta1/ingressclassparams_types.go; kubernetes/cloud-provider-aws@63ec440
 * pkg/providers/v1/aws.go:97-252 and docs/service_controller.md;
 * kubernetes-sigs/external-dns docs/annotations.
 */
import type { AnnotationLevel, AnnotationValue, KnownAnnotation } from './known-annotation.ts';

const text: AnnotationValue = { kind: 'text' };
const truth: AnnotationValue = { kind: 'truth' };
const list: AnnotationValue = { kind: 'list' };
const map: AnnotationValue = { kind: 'map' };
const object: AnnotationValue = { kind: 'json', shape: 'object' };
const array: AnnotationValue = { kind: 'json', shape: 'list' };
const number = (min?: number, max?: number): AnnotationValue => ({
  kind: 'number',
  ...(min === undefined ? {} : { min }),
  ...(max === undefined ? {} : { max }),
});
const word = (...words: string[]): AnnotationValue => ({ kind: 'word', words });
const each = (what: string, pattern: RegExp): AnnotationValue => ({ kind: 'list', what, pattern });

const CIDRS = each('an address block', /^[0-9a-fA-F.:]+\/\d+$/);
const CERTIFICATES = each("a certificate's ARN", /^arn:aws[\w-]*:(acm|iam):/);
const PREFIX_LISTS = each("a prefix list's id", /^pl-\w+$/);
const ALLOCATIONS = each("an Elastic IP's allocation id", /^eipalloc-\w+$/);

type Details = Omit<Partial<KnownAnnotation>, 'key' | 'level' | 'value' | 'becomes'>;

const ALB = 'alb.ingress.kubernetes.io/';
const ingress = (
  suffix: string,
  level: AnnotationLevel,
  value: AnnotationValue,
  becomes: string,
  details: Details = {},
): KnownAnnotation => ({
  key: `${ALB}${suffix}`,
  on: ['Ingress'],
  level,
  value,
  becomes,
  readers: ['load-balancer-controller'],
  ...details,
});

/** Read on the Service too, which then wins over the Ingress. */
const EITHER = { on: ['Ingress', 'Service'] } as const;
const EXCLUSIVE = { merge: 'exclusive' } as const;
const MERGED = { merge: 'merge' } as const;

const LOAD_BALANCER_OF_INGRESS: readonly KnownAnnotation[] = [
  ingress(
    'load-balancer-name',
    'load-balancer',
    { kind: 'text', lengthMax: 32 },
    'LoadBalancer.Name',
    { ...EXCLUSIVE, classField: 'loadBalancerName' },
  ),
  ingress(
    'group.name',
    'group',
    { kind: 'text', lengthMax: 63, pattern: /^([a-z0-9][-a-z0-9.]*)?[a-z0-9]$/ },
    'LoadBalancer (one for the group)',
    { classField: 'group.name' },
  ),
  ingress('group.order', 'group', number(-1000, 1000), 'Rule.Priority', { default: '0' }),
  ingress(
    'scheme',
    'load-balancer',
    word('internal', 'internet-facing'),
    'LoadBalancer.Scheme',
    { ...EXCLUSIVE, default: 'internal', classField: 'scheme' },
  ),
  ingress(
    'ip-address-type',
    'load-balancer',
    word('ipv4', 'dualstack', 'dualstack-without-public-ipv4'),
    'LoadBalancer.IpAddressType',
    { ...EXCLUSIVE, default: 'ipv4', classField: 'ipAddressType' },
  ),
  ingress('subnets', 'load-balancer', list, 'LoadBalancer.AvailabilityZones', {
    ...EXCLUSIVE,
    classField: 'subnets',
  }),
  ingress('security-groups', 'security-group', list, 'LoadBalancer.SecurityGroups', EXCLUSIVE),
  ingress(
    'manage-backend-security-group-rules',
    'security-group',
    truth,
    'SecurityGroup rules of nodes and pods',
    { ...EXCLUSIVE, default: 'false' },
  ),
  ingress('inbound-cidrs', 'security-group', CIDRS, 'SecurityGroup.IpPermissions.IpRanges', {
    ...EXCLUSIVE,
    default: '0.0.0.0/0',
    classField: 'inboundCIDRs',
  }),
  ingress(
    'security-group-prefix-lists',
    'security-group',
    PREFIX_LISTS,
    'SecurityGroup.IpPermissions.PrefixListIds',
    { ...EXCLUSIVE, classField: 'prefixListsIDs' },
  ),
  ingress('load-balancer-attributes', 'load-balancer', map, 'LoadBalancer attributes', {
    ...EXCLUSIVE,
    classField: 'loadBalancerAttributes',
  }),
  ingress('customer-owned-ipv4-pool', 'load-balancer', text, 'LoadBalancer.CustomerOwnedIpv4Pool', {
    ...EXCLUSIVE,
  }),
  ingress('ipam-ipv4-pool-id', 'load-balancer', text, 'LoadBalancer.IpamPools.Ipv4IpamPoolId', {
    ...EXCLUSIVE,
    classField: 'ipamConfiguration',
  }),
  ingress(
    'minimum-load-balancer-capacity',
    'load-balancer',
    { kind: 'map', keys: ['CapacityUnits'] },
    'LoadBalancer.MinimumLoadBalancerCapacity',
    { ...EXCLUSIVE, classField: 'minimumLoadBalancerCapacity' },
  ),
  ingress('tags', 'load-balancer', map, 'tags of every resource', {
    ...EITHER,
    ...MERGED,
    classField: 'tags',
  }),
  ingress('wafv2-acl-arn', 'add-on', text, 'WAFv2 WebACLAssociation', {
    ...EXCLUSIVE,
    classField: 'wafv2AclArn',
  }),
  ingress('wafv2-acl-name', 'add-on', text, 'WAFv2 WebACLAssociation', {
    ...EXCLUSIVE,
    classField: 'wafv2AclName',
  }),
  ingress('waf-acl-id', 'add-on', text, 'WAF Classic association', {
    ...EXCLUSIVE,
    instead: `${ALB}wafv2-acl-arn (AWS WAF Classic ended in September 2025)`,
  }),
  ingress('web-acl-id', 'add-on', text, 'WAF Classic association', {
    ...EXCLUSIVE,
    instead: `${ALB}wafv2-acl-arn`,
  }),
  ingress('shield-advanced-protection', 'add-on', truth, 'Shield Protection', EXCLUSIVE),
  ingress('dry-run-plan', 'group', truth, 'nothing: the plan is written on the Ingress'),
];

const LISTENERS_OF_INGRESS: readonly KnownAnnotation[] = [
  ingress('listen-ports', 'listener', array, 'Listener.Port, Listener.Protocol', {
    ...MERGED,
    default: '[{"HTTP":80}], or [{"HTTPS":443}] with certificate-arn',
  }),
  ingress('certificate-arn', 'listener', CERTIFICATES, 'Listener.Certificates', {
    ...MERGED,
    classField: 'certificateArn',
  }),
  ingress('ssl-policy', 'listener', text, 'Listener.SslPolicy', {
    ...EXCLUSIVE,
    default: 'ELBSecurityPolicy-2016-08',
    classField: 'sslPolicy',
  }),
  ingress('ssl-redirect', 'listener', number(1, 65535), 'Listener.DefaultActions redirect', {
    ...EXCLUSIVE,
    classField: 'sslRedirectPort',
  }),
  ingress('mutual-authentication', 'listener', array, 'Listener.MutualAuthentication', EXCLUSIVE),
  ingress('listener-attributes.*', 'listener', map, 'Listener attributes', {
    ...MERGED,
    classField: 'listeners',
  }),
  ingress('create-acm-cert', 'listener', truth, 'ACM Certificate', { default: 'false' }),
  ingress('acm-pca-arn', 'listener', text, 'ACM Certificate.CertificateAuthorityArn'),
];

const RULES_OF_INGRESS: readonly KnownAnnotation[] = [
  ingress('actions.*', 'rule', object, 'Rule.Actions'),
  ingress('conditions.*', 'rule', array, 'Rule.Conditions'),
  ingress('transforms.*', 'rule', array, 'Rule.Transforms'),
  ingress('use-regex-path-match', 'rule', truth, 'Rule.Conditions path-pattern RegexValues', {
    default: 'false',
  }),
  ingress('jwt-validation', 'rule', object, 'Rule.Actions jwt-validation'),
  ingress('auth-type', 'rule', word('none', 'oidc', 'cognito'), 'Rule.Actions authenticate-…', {
    ...EITHER,
    default: 'none',
  }),
  ingress('auth-idp-cognito', 'rule', object, 'AuthenticateCognitoConfig', EITHER),
  ingress('auth-idp-oidc', 'rule', object, 'AuthenticateOidcConfig', EITHER),
  ingress(
    'auth-on-unauthenticated-request',
    'rule',
    word('authenticate', 'allow', 'deny'),
    'Authenticate….OnUnauthenticatedRequest',
    { ...EITHER, default: 'authenticate' },
  ),
  ingress('auth-scope', 'rule', text, 'Authenticate….Scope', { ...EITHER, default: 'openid' }),
  ingress('auth-session-cookie', 'rule', text, 'Authenticate….SessionCookieName', {
    ...EITHER,
    default: 'AWSELBAuthSessionCookie',
  }),
  ingress('auth-session-timeout', 'rule', number(1, 604800), 'Authenticate….SessionTimeout', {
    ...EITHER,
    default: '604800',
  }),
];

const TRAFFIC_PORT = { kind: 'port', words: ['traffic-port'], named: true } as const;

const TARGETS_OF_INGRESS: readonly KnownAnnotation[] = [
  ingress('target-type', 'target-group', word('instance', 'ip'), 'TargetGroup.TargetType', {
    ...EITHER,
    default: 'instance',
    classField: 'targetType',
  }),
  ingress('backend-protocol', 'target-group', word('HTTP', 'HTTPS'), 'TargetGroup.Protocol', {
    ...EITHER,
    default: 'HTTP',
  }),
  ingress(
    'backend-protocol-version',
    'target-group',
    word('HTTP1', 'HTTP2', 'GRPC'),
    'TargetGroup.ProtocolVersion',
    { ...EITHER, default: 'HTTP1' },
  ),
  ingress('target-group-attributes', 'target-group', map, 'TargetGroup attributes', EITHER),
  ingress('healthcheck-port', 'target-group', TRAFFIC_PORT, 'TargetGroup.HealthCheckPort', {
    ...EITHER,
    default: 'traffic-port',
  }),
  ingress(
    'healthcheck-protocol',
    'target-group',
    word('HTTP', 'HTTPS'),
    'TargetGroup.HealthCheckProtocol',
    { ...EITHER, default: 'that of the targets' },
  ),
  ingress('healthcheck-path', 'target-group', text, 'TargetGroup.HealthCheckPath', {
    ...EITHER,
    default: '/',
  }),
  ingress(
    'healthcheck-interval-seconds',
    'target-group',
    number(5, 300),
    'TargetGroup.HealthCheckIntervalSeconds',
    { ...EITHER, default: '15' },
  ),
  ingress(
    'healthcheck-timeout-seconds',
    'target-group',
    number(2, 120),
    'TargetGroup.HealthCheckTimeoutSeconds',
    { ...EITHER, default: '5' },
  ),
  ingress(
    'healthy-threshold-count',
    'target-group',
    number(2, 10),
    'TargetGroup.HealthyThresholdCount',
    { ...EITHER, default: '2' },
  ),
  ingress(
    'unhealthy-threshold-count',
    'target-group',
    number(2, 10),
    'TargetGroup.UnhealthyThresholdCount',
    { ...EITHER, default: '2' },
  ),
  ingress('success-codes', 'target-group', text, 'TargetGroup.Matcher', {
    ...EITHER,
    default: '200',
  }),
  ingress('target-node-labels', 'target-group', map, 'targets: nodes with these labels', EITHER),
  ingress('multi-cluster-target-group', 'target-group', truth, 'targets of this cluster only', {
    ...EITHER,
  }),
  ingress('target-control-port.*', 'target-group', number(1, 65535), 'TargetGroup.TargetControlPort', {
    ...EITHER,
  }),
];

const FRONTEND_NLB: readonly KnownAnnotation[] = [
  ingress('enable-frontend-nlb', 'frontend-nlb', truth, 'LoadBalancer (a second one, network)', {
    ...EXCLUSIVE,
    default: 'false',
  }),
  ingress(
    'frontend-nlb-scheme',
    'frontend-nlb',
    word('internal', 'internet-facing'),
    'LoadBalancer.Scheme',
    { ...EXCLUSIVE, default: 'internal' },
  ),
  ingress('frontend-nlb-subnets', 'frontend-nlb', list, 'LoadBalancer.AvailabilityZones', EXCLUSIVE),
  ingress(
    'frontend-nlb-security-groups',
    'frontend-nlb',
    list,
    'LoadBalancer.SecurityGroups',
    EXCLUSIVE,
  ),
  ingress(
    'frontend-nlb-eip-allocations',
    'frontend-nlb',
    ALLOCATIONS,
    'LoadBalancer.SubnetMappings.AllocationId',
    EXCLUSIVE,
  ),
  ingress('frontend-nlb-attributes', 'frontend-nlb', map, 'LoadBalancer attributes', EXCLUSIVE),
  ingress('frontend-nlb-tags', 'frontend-nlb', map, 'tags of the network load balancer', EXCLUSIVE),
  ingress('frontend-nlb-listener-port-mapping', 'frontend-nlb', map, 'Listener.Port', MERGED),
  ingress(
    'frontend-nlb-healthcheck-port',
    'frontend-nlb',
    { kind: 'port', words: ['traffic-port'], named: false },
    'TargetGroup.HealthCheckPort',
    { default: 'traffic-port' },
  ),
  ingress(
    'frontend-nlb-healthcheck-protocol',
    'frontend-nlb',
    word('HTTP', 'HTTPS'),
    'TargetGroup.HealthCheckProtocol',
    { default: 'HTTP' },
  ),
  ingress('frontend-nlb-healthcheck-path', 'frontend-nlb', text, 'TargetGroup.HealthCheckPath', {
    default: '/',
  }),
  ingress(
    'frontend-nlb-healthcheck-interval-seconds',
    'frontend-nlb',
    number(5, 300),
    'TargetGroup.HealthCheckIntervalSeconds',
    { default: '15' },
  ),
  ingress(
    'frontend-nlb-healthcheck-timeout-seconds',
    'frontend-nlb',
    number(2, 120),
    'TargetGroup.HealthCheckTimeoutSeconds',
    { default: '5' },
  ),
  ingress(
    'frontend-nlb-healthcheck-healthy-threshold-count',
    'frontend-nlb',
    number(2, 10),
    'TargetGroup.HealthyThresholdCount',
    { default: '3' },
  ),
  ingress(
    'frontend-nlb-healthcheck-unhealthy-threshold-count',
    'frontend-nlb',
    number(2, 10),
    'TargetGroup.UnhealthyThresholdCount',
    { default: '3' },
  ),
  ingress('frontend-nlb-healthcheck-success-codes', 'frontend-nlb', text, 'TargetGroup.Matcher', {
    default: '200',
  }),
];

/** Of version 1, the ALB Ingress Controller. */
const GONE_OF_INGRESS: readonly KnownAnnotation[] = [
  ingress('attributes', 'load-balancer', map, 'nothing', {
    gone: 'version 2',
    instead: `${ALB}load-balancer-attributes`,
  }),
  ingress('security-group-inbound-cidrs', 'security-group', list, 'nothing', {
    gone: 'version 2',
    instead: `${ALB}inbound-cidrs`,
  }),
  ingress('successCodes', 'target-group', text, 'nothing', {
    gone: 'version 2',
    instead: `${ALB}success-codes`,
  }),
];

const SERVICE = 'service.beta.kubernetes.io/';
const BALANCER = `${SERVICE}aws-load-balancer-`;
const LBC = ['load-balancer-controller'] as const;
const BOTH = ['load-balancer-controller', 'in-tree'] as const;
const IN_TREE = ['in-tree'] as const;

const service = (
  suffix: string,
  level: AnnotationLevel,
  value: AnnotationValue,
  becomes: string,
  readers: KnownAnnotation['readers'],
  details: Details = {},
): KnownAnnotation => ({
  key: `${BALANCER}${suffix}`,
  on: ['Service'],
  level,
  value,
  becomes,
  readers,
  ...details,
});

const attribute = (name: string): string => `${BALANCER}attributes: ${name}`;

const LOAD_BALANCER_OF_SERVICE: readonly KnownAnnotation[] = [
  service('type', 'class', word('external', 'nlb-ip', 'nlb'), 'who makes the load balancer', BOTH),
  service(
    'nlb-target-type',
    'target-group',
    word('instance', 'ip'),
    'TargetGroup.TargetType',
    LBC,
    { default: 'instance' },
  ),
  service('name', 'load-balancer', { kind: 'text', lengthMax: 32 }, 'LoadBalancer.Name', LBC),
  service(
    'scheme',
    'load-balancer',
    word('internal', 'internet-facing'),
    'LoadBalancer.Scheme',
    LBC,
    { default: 'internal' },
  ),
  service('internal', 'load-balancer', truth, 'LoadBalancer.Scheme', BOTH, {
    instead: `${BALANCER}scheme: internal`,
  }),
  service(
    'ip-address-type',
    'load-balancer',
    word('ipv4', 'dualstack'),
    'LoadBalancer.IpAddressType',
    LBC,
    { default: 'ipv4' },
  ),
  service('subnets', 'load-balancer', list, 'LoadBalancer.AvailabilityZones', BOTH),
  service(
    'eip-allocations',
    'load-balancer',
    ALLOCATIONS,
    'LoadBalancer.SubnetMappings.AllocationId',
    BOTH,
  ),
  service(
    'private-ipv4-addresses',
    'load-balancer',
    each('an IPv4 address', /^\d+\.\d+\.\d+\.\d+$/),
    'LoadBalancer.SubnetMappings.PrivateIPv4Address',
    BOTH,
  ),
  service(
    'ipv6-addresses',
    'load-balancer',
    each('an IPv6 address', /^[0-9a-fA-F:.]*:[0-9a-fA-F:.]*$/),
    'LoadBalancer.SubnetMappings.IPv6Address',
    LBC,
  ),
  service('attributes', 'load-balancer', map, 'LoadBalancer attributes', LBC),
  service('access-log-enabled', 'load-balancer', truth, 'attribute access_logs.s3.enabled', BOTH, {
    instead: attribute('access_logs.s3.enabled=true'),
  }),
  service(
    'access-log-s3-bucket-name',
    'load-balancer',
    text,
    'attribute access_logs.s3.bucket',
    BOTH,
    { instead: attribute('access_logs.s3.bucket=NAME') },
  ),
  service(
    'access-log-s3-bucket-prefix',
    'load-balancer',
    text,
    'attribute access_logs.s3.prefix',
    BOTH,
    { instead: attribute('access_logs.s3.prefix=PREFIX') },
  ),
  service(
    'cross-zone-load-balancing-enabled',
    'load-balancer',
    truth,
    'attribute load_balancing.cross_zone.enabled',
    BOTH,
    { instead: attribute('load_balancing.cross_zone.enabled=true') },
  ),
  service('additional-resource-tags', 'load-balancer', map, 'tags of every resource', BOTH),
  service(
    'minimum-load-balancer-capacity',
    'load-balancer',
    { kind: 'map', keys: ['CapacityUnits'] },
    'LoadBalancer.MinimumLoadBalancerCapacity',
    LBC,
  ),
  service(
    'enable-prefix-for-ipv6-source-nat',
    'load-balancer',
    word('on', 'off'),
    'LoadBalancer.EnablePrefixForIpv6SourceNat',
    LBC,
    { default: 'off' },
  ),
  service(
    'source-nat-ipv6-prefixes',
    'load-balancer',
    list,
    'LoadBalancer.SubnetMappings.SourceNatIpv6Prefix',
    LBC,
  ),
  service('access-log-emit-interval', 'load-balancer', word('5', '60'), 'AccessLog.EmitInterval', IN_TREE),
  service('connection-draining-enabled', 'load-balancer', truth, 'ConnectionDraining.Enabled', IN_TREE),
  service(
    'connection-draining-timeout',
    'load-balancer',
    number(1, 3600),
    'ConnectionDraining.Timeout',
    IN_TREE,
  ),
  service(
    'connection-idle-timeout',
    'load-balancer',
    number(1, 4000),
    'ConnectionSettings.IdleTimeout',
    IN_TREE,
  ),
];

const GROUPS_OF_SERVICE: readonly KnownAnnotation[] = [
  {
    key: `${SERVICE}load-balancer-source-ranges`,
    on: ['Service'],
    level: 'security-group',
    value: CIDRS,
    becomes: 'SecurityGroup.IpPermissions.IpRanges',
    readers: BOTH,
    default: '0.0.0.0/0',
  },
  service('security-groups', 'security-group', list, 'LoadBalancer.SecurityGroups', BOTH),
  service('extra-security-groups', 'security-group', list, 'LoadBalancer.SecurityGroups', IN_TREE),
  service(
    'security-group-prefix-lists',
    'security-group',
    PREFIX_LISTS,
    'SecurityGroup.IpPermissions.PrefixListIds',
    LBC,
  ),
  service(
    'manage-backend-security-group-rules',
    'security-group',
    truth,
    'SecurityGroup rules of nodes and pods',
    LBC,
  ),
  service('disable-nlb-sg', 'security-group', truth, 'LoadBalancer without SecurityGroups', LBC, {
    default: 'false',
  }),
  service(
    'inbound-sg-rules-on-private-link-traffic',
    'security-group',
    word('on', 'off'),
    'LoadBalancer.EnforceSecurityGroupInboundRulesOnPrivateLinkTraffic',
    LBC,
  ),
  service(
    'enable-icmp-for-path-mtu-discovery',
    'security-group',
    word('on', 'off'),
    'SecurityGroup.IpPermissions icmp',
    LBC,
  ),
];

const LISTENERS_OF_SERVICE: readonly KnownAnnotation[] = [
  service('ssl-cert', 'listener', CERTIFICATES, 'Listener.Certificates', BOTH),
  service('ssl-ports', 'listener', list, 'Listener.Protocol TLS', BOTH, { default: 'every port' }),
  service('ssl-negotiation-policy', 'listener', text, 'Listener.SslPolicy', BOTH, {
    default: 'ELBSecurityPolicy-2016-08',
  }),
  service(
    'alpn-policy',
    'listener',
    word('None', 'HTTP1Only', 'HTTP2Only', 'HTTP2Optional', 'HTTP2Preferred'),
    'Listener.AlpnPolicy',
    LBC,
    { default: 'None' },
  ),
  service('listener-attributes.*', 'listener', map, 'Listener attributes', LBC),
  service('enable-tcp-udp-listener', 'listener', truth, 'Listener.Protocol TCP_UDP', LBC, {
    default: 'false',
  }),
  service('quic-enabled-ports', 'listener', list, 'Listener.Protocol QUIC', LBC),
  {
    key: `${SERVICE}actions.*`,
    on: ['Service'],
    level: 'listener',
    value: object,
    becomes: 'Listener.DefaultActions',
    readers: LBC,
  },
];

const TARGETS_OF_SERVICE: readonly KnownAnnotation[] = [
  service(
    'backend-protocol',
    'target-group',
    word('tcp', 'ssl', 'http', 'https'),
    'TargetGroup.Protocol',
    BOTH,
    { default: 'tcp' },
  ),
  service('proxy-protocol', 'target-group', word('*'), 'attribute proxy_protocol_v2.enabled', BOTH),
  service(
    'proxy-protocol-per-target-group',
    'target-group',
    each('a port of the Service', /^\d+$/),
    'attribute proxy_protocol_v2.enabled',
    LBC,
  ),
  service('target-group-attributes', 'target-group', map, 'TargetGroup attributes', BOTH),
  service('target-group-attributes.*', 'target-group', map, 'TargetGroup attributes', LBC),
  service('target-node-labels', 'target-group', map, 'targets: nodes with these labels', BOTH),
  service('multi-cluster-target-group', 'target-group', truth, 'targets of this cluster only', LBC, {
    default: 'false',
  }),
  service(
    'healthcheck-protocol',
    'target-group',
    word('tcp', 'http', 'https', 'TCP', 'HTTP', 'HTTPS'),
    'TargetGroup.HealthCheckProtocol',
    BOTH,
    { default: 'TCP' },
  ),
  service('healthcheck-port', 'target-group', TRAFFIC_PORT, 'TargetGroup.HealthCheckPort', BOTH, {
    default: 'traffic-port',
  }),
  service('healthcheck-path', 'target-group', text, 'TargetGroup.HealthCheckPath', BOTH, {
    default: '/ for HTTP and HTTPS',
  }),
  service(
    'healthcheck-interval',
    'target-group',
    number(5, 300),
    'TargetGroup.HealthCheckIntervalSeconds',
    BOTH,
    { default: '10' },
  ),
  service(
    'healthcheck-timeout',
    'target-group',
    number(2, 120),
    'TargetGroup.HealthCheckTimeoutSeconds',
    BOTH,
    { default: '10' },
  ),
  service(
    'healthcheck-healthy-threshold',
    'target-group',
    number(2, 10),
    'TargetGroup.HealthyThresholdCount',
    BOTH,
    { default: '3' },
  ),
  service(
    'healthcheck-unhealthy-threshold',
    'target-group',
    number(2, 10),
    'TargetGroup.UnhealthyThresholdCount',
    BOTH,
    { default: '3' },
  ),
  service('healthcheck-success-codes', 'target-group', text, 'TargetGroup.Matcher', LBC, {
    default: '200-399',
  }),
];

const CLASSES: readonly KnownAnnotation[] = [
  {
    key: 'kubernetes.io/ingress.class',
    on: ['Ingress'],
    level: 'class',
    value: text,
    becomes: 'who makes the load balancer',
    readers: LBC,
    instead: 'spec.ingressClassName',
  },
  {
    key: 'ingressclass.kubernetes.io/is-default-class',
    on: ['IngressClass'],
    level: 'class',
    value: truth,
    becomes: 'the class of Ingresses that name none',
    readers: ['kubernetes', 'load-balancer-controller'],
  },
  {
    key: 'elbv2.k8s.aws/pod-readiness-gate-inject',
    on: ['Namespace', 'Pod'],
    level: 'target-group',
    value: word('enabled', 'disabled'),
    becomes: 'readiness gates of pods that are targets',
    readers: LBC,
    label: true,
  },
  {
    key: 'elbv2.k8s.aws/alb-target-control-agent-injection',
    on: ['Namespace'],
    level: 'target-group',
    value: text,
    becomes: 'a sidecar of pods',
    readers: LBC,
    label: true,
  },
  {
    key: 'elbv2.k8s.aws/alb-target-control-agent-*',
    on: ['Pod', 'Namespace'],
    level: 'target-group',
    value: text,
    becomes: 'a sidecar of pods',
    readers: LBC,
  },
  {
    key: `${BALANCER}quic-enabled-containers`,
    on: ['Pod'],
    level: 'target-group',
    value: list,
    becomes: 'a QUIC server id in the container',
    readers: LBC,
  },
  {
    key: 'elbv2.k8s.aws/checkpoint',
    on: ['TargetGroupBinding'],
    level: 'target-group',
    value: text,
    becomes: "the controller's own note",
    readers: LBC,
  },
  {
    key: 'elbv2.k8s.aws/checkpoint-timestamp',
    on: ['TargetGroupBinding'],
    level: 'target-group',
    value: text,
    becomes: "the controller's own note",
    readers: LBC,
  },
];

const DNS_SOURCES = ['Ingress', 'Service', 'Gateway', 'HTTPRoute', 'GRPCRoute', 'TCPRoute'];
const dns = (
  suffix: string,
  value: AnnotationValue,
  becomes: string,
  details: Details = {},
): KnownAnnotation => ({
  key: `external-dns.alpha.kubernetes.io/${suffix}`,
  on: DNS_SOURCES,
  level: 'name',
  value,
  becomes,
  readers: ['external-dns'],
  ...details,
});

const NAMES: readonly KnownAnnotation[] = [
  dns('hostname', list, 'ResourceRecordSet.Name'),
  dns('internal-hostname', list, 'ResourceRecordSet.Name', { on: ['Service', 'Pod'] }),
  dns('ingress-hostname-source', word('defined-hosts-only', 'annotation-only'), 'which hosts', {
    on: ['Ingress'],
  }),
  dns('gateway-hostname-source', word('defined-hosts-only', 'annotation-only'), 'which hosts'),
  dns('target', list, 'ResourceRecordSet.AliasTarget or values'),
  dns('ttl', text, 'ResourceRecordSet.TTL'),
  dns('alias', truth, 'ResourceRecordSet.AliasTarget'),
  dns('access', word('public', 'private'), 'ResourceRecordSet values', { on: ['Service', 'Node'] }),
  dns('endpoints-type', word('NodeExternalIP', 'HostIP'), 'ResourceRecordSet values', {
    on: ['Service'],
  }),
  dns('controller', text, 'whose object it is', { default: 'dns-controller' }),
  dns('set-identifier', text, 'ResourceRecordSet.SetIdentifier'),
  dns('record-type', text, 'ResourceRecordSet.Type'),
  dns('aws-*', text, 'ResourceRecordSet routing'),
];

/** Every annotation of load balancers, in the order a person would look for them. */
export const KNOWN_ANNOTATIONS: readonly KnownAnnotation[] = [
  ...CLASSES,
  ...LOAD_BALANCER_OF_INGRESS,
  ...LISTENERS_OF_INGRESS,
  ...RULES_OF_INGRESS,
  ...TARGETS_OF_INGRESS,
  ...FRONTEND_NLB,
  ...GONE_OF_INGRESS,
  ...LOAD_BALANCER_OF_SERVICE,
  ...GROUPS_OF_SERVICE,
  ...LISTENERS_OF_SERVICE,
  ...TARGETS_OF_SERVICE,
  ...NAMES,
];
