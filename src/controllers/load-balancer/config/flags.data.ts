/**
 * controllers/load-balancer/config/flags — every flag of the controller's command line with its
 * type and its default, and every feature gate.
 *
 * Upstream: aws-load-balancer-controller@225f4456 pkg/config/*.go, pkg/aws/cloud_config.go,
 * pkg/inject/pod_readiness/pod_readiness_gate_config.go, pkg/inject/quic/quic_injection_config.go.
 */

const text = (value: string) => ({ type: 'string', value }) as const;
const bool = (value: boolean) => ({ type: 'bool', value }) as const;
const int = (value: number) => ({ type: 'int', value }) as const;
/** Go's durations, here in milliseconds. */
const duration = (value: number) => ({ type: 'duration', value }) as const;
const list = () => ({ type: 'stringSlice', value: [] as readonly string[] }) as const;
const map = () =>
  ({ type: 'stringToString', value: {} as Readonly<Record<string, string>> }) as const;

export const FLAGS = {
  'log-level': text('info'),
  'cluster-name': text(''),
  'default-tags': map(),
  'default-target-type': text('instance'),
  'default-load-balancer-scheme': text('internal'),
  'external-managed-tags': list(),
  'service-target-eni-security-group-tags': map(),
  'service-max-concurrent-reconciles': int(3),
  'targetgroupbinding-max-concurrent-reconciles': int(3),
  'gateway-class-max-concurrent-reconciles': int(3),
  'alb-gateway-max-concurrent-reconciles': int(3),
  'nlb-gateway-max-concurrent-reconciles': int(3),
  'globalaccelerator-max-concurrent-reconciles': int(1),
  'globalaccelerator-max-exponential-backoff-delay': duration(1_000_000),
  'targetgroupbinding-max-exponential-backoff-delay': duration(1_000_000),
  'lb-stabilization-monitor-interval': duration(120_000),
  'default-ssl-policy': text('ELBSecurityPolicy-2016-08'),
  'enable-backend-security-group': bool(true),
  'enable-manage-backend-security-group-rules': bool(false),
  'backend-security-group': text(''),
  'enable-endpoint-slices': bool(true),
  'disable-restricted-sg-rules': bool(false),
  'max-targets-per-target-group': int(0),
  'targetgroupbinding-requeue-duration': duration(15_000),
  'required-secrets-label': text(''),
  'ingress-class': text('alb'),
  'disable-ingress-class-annotation': bool(false),
  'disable-ingress-group-name-annotation': bool(false),
  'ingress-max-concurrent-reconciles': int(3),
  'tolerate-non-existent-backend-service': bool(true),
  'tolerate-non-existent-backend-action': bool(true),
  'allowed-certificate-authority-arns': list(),
  'default-pca-arn': text(''),
  'enable-waf': bool(true),
  'enable-wafv2': bool(true),
  'enable-shield': bool(true),
  'load-balancer-class': text('service.k8s.aws/nlb'),
  'enable-pod-readiness-gate-inject': bool(true),
  'quic-environment-variable-name': text('AWS_LBC_QUIC_SERVER_ID'),
  'aws-region': text(''),
  'aws-api-throttle': text(''),
  'aws-vpc-id': text(''),
  'aws-vpc-tags': map(),
  'aws-vpc-tag-key': text('Name'),
  'aws-max-retries': int(10),
  'aws-api-endpoints': map(),
  'metrics-bind-addr': text(':8080'),
  'health-probe-bind-addr': text(':61779'),
  'webhook-bind-port': int(9443),
  'enable-leader-election': bool(true),
  'leader-election-id': text('aws-load-balancer-controller-leader'),
  'leader-election-namespace': text(''),
  'watch-namespace': text(''),
  'sync-period': duration(36_000_000),
  kubeconfig: text(''),
  'webhook-cert-dir': text(''),
  'webhook-cert-file': text(''),
  'webhook-key-file': text(''),
  'kube-ca-pem-filepath': text(''),
} as const;

export const FEATURE_GATES = {
  ListenerRulesTagging: true,
  WeightedTargetGroups: true,
  ServiceTypeLoadBalancerOnly: false,
  EndpointsFailOpen: true,
  EnableServiceController: true,
  EnableIPTargetType: true,
  EnableRGTAPI: false,
  SubnetsClusterTagCheck: true,
  NLBHealthCheckAdvancedConfig: true,
  NLBSecurityGroup: true,
  ALBSingleSubnet: false,
  SubnetDiscoveryByReachability: true,
  LBCapacityReservation: true,
  NLBGatewayAPI: true,
  ALBGatewayAPI: true,
  GlobalAcceleratorController: false,
  EnableTCPUDPListener: false,
  EnhancedDefaultBehavior: false,
  EnableDefaultTagsLowPriority: false,
  ALBTargetControlAgent: false,
  GatewayListenerSet: true,
  EnableCertificateManagement: false,
  IngressPlanAnnotation: false,
} as const;
