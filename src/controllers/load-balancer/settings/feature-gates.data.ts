/**
 * controllers/load-balancer/settings/feature-gates — what may be switched, and how it stands.
 *
 * Upstream: kubernetes-sigs/aws-load-balancer-controller@225f445 pkg/config/feature_gates.go:70-97.
 */
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
