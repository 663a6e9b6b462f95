/**
 * model/kubernetes/gateway-configuration — what the AWS Load Balancer Controller adds to Gateway
 * API: settings of load balancers, of target groups and of rules, in objects of their own.
 *
 * Upstream: kubernetes-sigs/aws-load-balancer-controller@225f445 apis/gateway/v1
 * loadbalancerconfig_types.go, targetgroupconfig_types.go, listenerruleconfig_types.go.
 */
import type { LoadBalancerAddressType, Scheme } from '../elbv2/load-balancer.ts';
import type { TargetGroupProtocol } from '../elbv2/target-group.ts';
import type { KubernetesObject, LabelSelector, Labels } from './meta.ts';

/** `key` and `value` of an attribute of AWS. */
export interface ConfiguredAttribute {
  readonly key: string;
  readonly value: string;
}

export interface SubnetConfiguration {
  readonly identifier?: string | undefined;
  readonly eipAllocation?: string | undefined;
  readonly privateIPv4Allocation?: string | undefined;
  readonly ipv6Allocation?: string | undefined;
  readonly sourceNatIPv6Prefix?: string | undefined;
}

export interface ListenerConfiguration {
  /** `HTTPS:443`. */
  readonly protocolPort: string;
  readonly defaultCertificate?: string | undefined;
  readonly certificates?: readonly string[] | undefined;
  readonly sslPolicy?: string | undefined;
  readonly alpnPolicy?: string | undefined;
  readonly targetGroupStickiness?: boolean | undefined;
  readonly mutualAuthentication?:
    | {
        readonly mode: 'off' | 'passthrough' | 'verify';
        readonly trustStore?: string | undefined;
        readonly ignoreClientCertificateExpiry?: boolean | undefined;
        readonly advertiseTrustStoreCaNames?: 'on' | 'off' | undefined;
      }
    | undefined;
  readonly listenerAttributes?: readonly ConfiguredAttribute[] | undefined;
  readonly quicEnabled?: boolean | undefined;
}

export interface LoadBalancerConfigurationSpec {
  /** Of a class's configuration only. */
  readonly mergingMode?: 'prefer-gateway' | 'prefer-gateway-class' | undefined;
  readonly loadBalancerName?: string | undefined;
  readonly scheme?: Scheme | undefined;
  readonly ipAddressType?: LoadBalancerAddressType | undefined;
  readonly enforceSecurityGroupInboundRulesOnPrivateLinkTraffic?: 'on' | 'off' | undefined;
  readonly customerOwnedIpv4Pool?: string | undefined;
  readonly ipv4IPAMPoolId?: string | undefined;
  readonly loadBalancerSubnets?: readonly SubnetConfiguration[] | undefined;
  readonly loadBalancerSubnetsSelector?: Readonly<Record<string, readonly string[]>> | undefined;
  readonly listenerConfigurations?: readonly ListenerConfiguration[] | undefined;
  readonly disableSecurityGroup?: boolean | undefined;
  readonly securityGroups?: readonly string[] | undefined;
  readonly securityGroupPrefixes?: readonly string[] | undefined;
  readonly sourceRanges?: readonly string[] | undefined;
  readonly loadBalancerAttributes?: readonly ConfiguredAttribute[] | undefined;
  readonly tags?: Labels | undefined;
  readonly enableICMP?: boolean | undefined;
  readonly manageBackendSecurityGroupRules?: boolean | undefined;
  readonly minimumLoadBalancerCapacity?: { readonly capacityUnits: number } | undefined;
  readonly wafV2?: { readonly webACL: string } | undefined;
  readonly shieldConfiguration?: { readonly enabled?: boolean | undefined } | undefined;
  readonly defaultTargetGroupConfiguration?: { readonly name: string } | undefined;
}

export interface LoadBalancerConfiguration extends KubernetesObject {
  readonly spec?: LoadBalancerConfigurationSpec | undefined;
}

export interface TargetGroupProps {
  readonly targetGroupName?: string | undefined;
  readonly ipAddressType?: 'ipv4' | 'ipv6' | undefined;
  readonly healthCheckConfig?:
    | {
        readonly healthyThresholdCount?: number | undefined;
        readonly healthCheckInterval?: number | undefined;
        readonly healthCheckPath?: string | undefined;
        readonly healthCheckPort?: string | undefined;
        readonly healthCheckProtocol?: 'HTTP' | 'HTTPS' | 'TCP' | undefined;
        readonly healthCheckTimeout?: number | undefined;
        readonly unhealthyThresholdCount?: number | undefined;
        readonly matcher?:
          | { readonly httpCode?: string | undefined; readonly grpcCode?: string | undefined }
          | undefined;
      }
    | undefined;
  readonly nodeSelector?: LabelSelector | undefined;
  readonly targetGroupAttributes?: readonly ConfiguredAttribute[] | undefined;
  readonly targetType?: 'instance' | 'ip' | undefined;
  readonly protocol?: TargetGroupProtocol | undefined;
  readonly protocolVersion?: 'HTTP1' | 'HTTP2' | 'GRPC' | undefined;
  readonly targetControlPort?: number | undefined;
  readonly enableMultiCluster?: boolean | undefined;
  readonly tags?: Labels | undefined;
}

/** Of the routes named here the longest match wins: kind, kind and namespace, or all three. */
export interface RouteConfiguration {
  readonly routeIdentifier: {
    readonly kind?: string | undefined;
    readonly namespace?: string | undefined;
    readonly name?: string | undefined;
  };
  readonly targetGroupProps: TargetGroupProps;
}

export interface TargetGroupConfiguration extends KubernetesObject {
  readonly spec: {
    /** Absent: a default, which a LoadBalancerConfiguration names. */
    readonly targetReference?:
      | {
          readonly group?: string | undefined;
          readonly kind?: string | undefined;
          readonly name: string;
        }
      | undefined;
    readonly defaultConfiguration?: TargetGroupProps | undefined;
    readonly routeConfigurations?: readonly RouteConfiguration[] | undefined;
  };
}

interface SessionConfig {
  readonly scope?: string | undefined;
  readonly authenticationRequestExtraParams?: Labels | undefined;
  readonly onUnauthenticatedRequest?: 'deny' | 'allow' | 'authenticate' | undefined;
  readonly sessionCookieName?: string | undefined;
  readonly sessionTimeout?: number | undefined;
}

export interface ConfiguredAction {
  readonly type:
    | 'forward'
    | 'fixed-response'
    | 'redirect'
    | 'authenticate-cognito'
    | 'authenticate-oidc'
    | 'jwt-validation';
  readonly forwardConfig?:
    | {
        readonly targetGroupStickinessConfig?:
          | {
              readonly durationSeconds?: number | undefined;
              readonly enabled?: boolean | undefined;
            }
          | undefined;
      }
    | undefined;
  readonly redirectConfig?: { readonly query?: string | undefined } | undefined;
  readonly fixedResponseConfig?:
    | {
        readonly statusCode: number;
        readonly contentType?: string | undefined;
        readonly messageBody?: string | undefined;
      }
    | undefined;
  readonly authenticateCognitoConfig?:
    | ({
        readonly userPoolArn: string;
        readonly userPoolClientId: string;
        readonly userPoolDomain: string;
      } & SessionConfig)
    | undefined;
  readonly authenticateOIDCConfig?:
    | ({
        readonly authorizationEndpoint: string;
        readonly secret: { readonly name: string };
        readonly issuer: string;
        readonly tokenEndpoint: string;
        readonly userInfoEndpoint: string;
      } & SessionConfig)
    | undefined;
  readonly jwtValidationConfig?:
    | {
        readonly issuer: string;
        readonly jwksEndpoint: string;
        readonly additionalClaims?:
          | readonly {
              readonly format: string;
              readonly name: string;
              readonly values: readonly string[];
            }[]
          | undefined;
      }
    | undefined;
}

export interface ListenerRuleConfiguration extends KubernetesObject {
  readonly spec?:
    | {
        readonly actions?: readonly ConfiguredAction[] | undefined;
        readonly conditions?:
          | readonly {
              readonly field: 'source-ip';
              readonly sourceIPConfig?: { readonly values: readonly string[] } | undefined;
              /** Absent: of every match. */
              readonly matchIndexes?: readonly number[] | undefined;
            }[]
          | undefined;
        readonly tags?: Labels | undefined;
      }
    | undefined;
  readonly status?:
    | {
        readonly observedGeneration?: number | undefined;
        readonly accepted?: boolean | undefined;
        readonly message?: string | undefined;
      }
    | undefined;
}
