/**
 * controllers/load-balancer/settings — what the controller was told on its command line.
 *
 * Upstream: kubernetes-sigs/aws-load-balancer-controller@225f445 pkg/config/controller_config.go,
 * ingress_config.go, addons_config.go, service_config.go, pkg/aws/cloud_config.go.
 */
import type { Tags } from '../../../model/ec2/tags.ts';
import { FEATURE_GATES } from './feature-gates.data.ts';

export type FeatureGate = keyof typeof FEATURE_GATES;
export type FeatureGates = Readonly<Record<FeatureGate, boolean>>;

export interface ControllerSettings {
  readonly clusterName: string;
  readonly vpcId: string;
  readonly region: string;
  readonly featureGates: FeatureGates;
  readonly defaultTags: Tags;
  readonly externalManagedTags: readonly string[];
  readonly defaultTargetType: 'instance' | 'ip';
  readonly defaultLoadBalancerScheme: 'internal' | 'internet-facing';
  readonly defaultSslPolicy: string;
  readonly enableBackendSecurityGroup: boolean;
  readonly enableManageBackendSecurityGroupRules: boolean;
  /** Given: used instead of one of the controller's own. */
  readonly backendSecurityGroup?: string | undefined;
  readonly disableRestrictedSecurityGroupRules: boolean;
  readonly serviceTargetEniSecurityGroupTags: Tags;
  /** `alb`; empty takes Ingresses without any class too. */
  readonly ingressClass: string;
  readonly disableIngressClassAnnotation: boolean;
  readonly disableIngressGroupNameAnnotation: boolean;
  readonly tolerateNonExistentBackendService: boolean;
  readonly tolerateNonExistentBackendAction: boolean;
  readonly allowedCertificateAuthorityArns: readonly string[];
  readonly enableEndpointSlices: boolean;
  readonly loadBalancerClass: string;
  /** Empty: every namespace. */
  readonly watchNamespace: string;
  readonly wafEnabled: boolean;
  readonly wafv2Enabled: boolean;
  readonly shieldEnabled: boolean;
  readonly podReadinessGateInject: boolean;
  /** 0: as many as there are. */
  readonly maxTargetsPerTargetGroup: number;
  readonly targetGroupBindingRequeueMs: number;
  readonly loadBalancerStabilizationMs: number;
  readonly ingressConcurrency: number;
  readonly serviceConcurrency: number;
  readonly targetGroupBindingConcurrency: number;
}

/** Where the controller runs: what it asks the metadata service for when no flag says it. */
export interface ControllerPlace {
  readonly clusterName: string;
  readonly vpcId: string;
  readonly region: string;
}

/** The controller's settings when its command line says nothing but the cluster's name. */
export const defaultSettings = (place: ControllerPlace): ControllerSettings => ({
  ...place,
  featureGates: FEATURE_GATES,
  defaultTags: {},
  externalManagedTags: [],
  defaultTargetType: 'instance',
  defaultLoadBalancerScheme: 'internal',
  defaultSslPolicy: 'ELBSecurityPolicy-2016-08',
  enableBackendSecurityGroup: true,
  enableManageBackendSecurityGroupRules: false,
  disableRestrictedSecurityGroupRules: false,
  serviceTargetEniSecurityGroupTags: {},
  ingressClass: 'alb',
  disableIngressClassAnnotation: false,
  disableIngressGroupNameAnnotation: false,
  tolerateNonExistentBackendService: true,
  tolerateNonExistentBackendAction: true,
  allowedCertificateAuthorityArns: [],
  enableEndpointSlices: true,
  loadBalancerClass: 'service.k8s.aws/nlb',
  watchNamespace: '',
  wafEnabled: true,
  wafv2Enabled: true,
  shieldEnabled: true,
  podReadinessGateInject: true,
  maxTargetsPerTargetGroup: 0,
  targetGroupBindingRequeueMs: 15_000,
  loadBalancerStabilizationMs: 120_000,
  ingressConcurrency: 3,
  serviceConcurrency: 3,
  targetGroupBindingConcurrency: 3,
});
