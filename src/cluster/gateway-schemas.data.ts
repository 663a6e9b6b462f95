/**
 * cluster/gateway-schemas.data — the specs of Gateway API's resources and of those the AWS Load
 * Balancer Controller adds to them, with what the API server fills in.
 *
 * Upstream: kubernetes-sigs/gateway-api@v1.6.0 config/crd/standard,
 * kubernetes-sigs/aws-load-balancer-controller@225f445 config/crd/gateway.
 */
import type { KubernetesKind } from '../model/kinds.ts';
import { LABEL_SELECTOR } from './label-selector-schema.data.ts';
import type { Schema } from './schema-validation.ts';

const TEXT: Schema = { type: 'string' };
const TEXTS: Schema = { type: 'array', items: TEXT };
const NUMBER: Schema = { type: 'integer' };
const BOOLEAN: Schema = { type: 'boolean' };
const LABELS: Schema = { type: 'map', values: TEXT };
const GROUP: Schema = { type: 'string', default: 'gateway.networking.k8s.io' };
const PORT: Schema = { type: 'integer', minimum: 1, maximum: 65_535 };
const ATTRIBUTES: Schema = {
  type: 'array',
  items: { type: 'object', required: ['key', 'value'], fields: { key: TEXT, value: TEXT } },
};
const HOSTNAME: Schema = {
  type: 'string',
  minLength: 1,
  maxLength: 253,
  pattern: '^(\\*\\.)?[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$',
};

const from = (words: readonly string[], otherwise: string): Schema => ({
  type: 'object',
  default: { from: otherwise },
  fields: {
    from: { type: 'string', enum: words, default: otherwise },
    selector: LABEL_SELECTOR,
  },
});

const LISTENERS: Schema = {
  type: 'array',
  minItems: 1,
  maxItems: 64,
  items: {
    type: 'object',
    required: ['name', 'port', 'protocol'],
    fields: {
      name: TEXT,
      hostname: HOSTNAME,
      port: PORT,
      protocol: TEXT,
      tls: {
        type: 'object',
        fields: { mode: { type: 'string', enum: ['Terminate', 'Passthrough'], default: 'Terminate' } },
      },
      allowedRoutes: {
        type: 'object',
        default: { namespaces: { from: 'Same' } },
        fields: {
          namespaces: from(['All', 'Selector', 'Same'], 'Same'),
          kinds: {
            type: 'array',
            maxItems: 8,
            items: { type: 'object', required: ['kind'], fields: { group: GROUP, kind: TEXT } },
          },
        },
      },
    },
  },
};

const PARAMETERS: Schema = {
  type: 'object',
  required: ['group', 'kind', 'name'],
  fields: { group: TEXT, kind: TEXT, name: TEXT, namespace: TEXT },
};

const GATEWAY: Schema = {
  type: 'object',
  required: ['gatewayClassName', 'listeners'],
  fields: {
    gatewayClassName: { type: 'string', minLength: 1, maxLength: 253 },
    listeners: LISTENERS,
    infrastructure: {
      type: 'object',
      fields: { labels: LABELS, annotations: LABELS, parametersRef: PARAMETERS },
    },
    allowedListeners: {
      type: 'object',
      fields: { namespaces: from(['All', 'Selector', 'Same', 'None'], 'None') },
    },
  },
};

const GATEWAY_CLASS: Schema = {
  type: 'object',
  required: ['controllerName'],
  fields: { controllerName: TEXT, parametersRef: PARAMETERS },
};

const LISTENER_SET: Schema = {
  type: 'object',
  required: ['listeners', 'parentRef'],
  fields: {
    parentRef: {
      type: 'object',
      required: ['name'],
      fields: { group: GROUP, kind: { type: 'string', default: 'Gateway' }, name: TEXT },
    },
    listeners: LISTENERS,
  },
};

const REFERENCE_GRANT: Schema = {
  type: 'object',
  required: ['from', 'to'],
  fields: {
    from: {
      type: 'array',
      minItems: 1,
      maxItems: 16,
      items: { type: 'object', required: ['group', 'kind', 'namespace'], fields: {} },
    },
    to: {
      type: 'array',
      minItems: 1,
      maxItems: 16,
      items: { type: 'object', required: ['group', 'kind'], fields: { name: TEXT } },
    },
  },
};

const PARENTS: Schema = {
  type: 'array',
  maxItems: 32,
  items: {
    type: 'object',
    required: ['name'],
    fields: {
      group: GROUP,
      kind: { type: 'string', default: 'Gateway' },
      namespace: TEXT,
      name: TEXT,
      sectionName: TEXT,
      port: PORT,
    },
  },
};

const BACKEND: Schema = {
  type: 'object',
  required: ['name'],
  fields: {
    group: { type: 'string', default: '' },
    kind: { type: 'string', default: 'Service' },
    namespace: TEXT,
    name: TEXT,
    port: PORT,
    weight: { type: 'integer', minimum: 0, maximum: 1_000_000, default: 1 },
  },
};

const MATCHED: Schema = {
  type: 'array',
  maxItems: 16,
  items: {
    type: 'object',
    required: ['name', 'value'],
    fields: {
      name: TEXT,
      value: TEXT,
      type: { type: 'string', enum: ['Exact', 'RegularExpression'], default: 'Exact' },
    },
  },
};

const PATH_MODIFIER: Schema = {
  type: 'object',
  required: ['type'],
  fields: {
    type: { type: 'string', enum: ['ReplaceFullPath', 'ReplacePrefixMatch'] },
    replaceFullPath: TEXT,
    replacePrefixMatch: TEXT,
  },
};

const EXTENSION: Schema = {
  type: 'object',
  required: ['group', 'kind', 'name'],
  fields: { group: TEXT, kind: TEXT, name: TEXT },
};

const ANY_PATH = { type: 'PathPrefix', value: '/' };

const HTTP_RULE: Schema = {
  type: 'object',
  fields: {
    matches: {
      type: 'array',
      maxItems: 64,
      default: [{ path: ANY_PATH }],
      items: {
        type: 'object',
        fields: {
          path: {
            type: 'object',
            default: ANY_PATH,
            fields: {
              type: {
                type: 'string',
                enum: ['Exact', 'PathPrefix', 'RegularExpression'],
                default: 'PathPrefix',
              },
              value: { type: 'string', maxLength: 1_024, default: '/' },
            },
          },
          headers: MATCHED,
          queryParams: MATCHED,
          method: TEXT,
        },
      },
    },
    filters: {
      type: 'array',
      maxItems: 16,
      items: {
        type: 'object',
        required: ['type'],
        fields: {
          type: TEXT,
          requestRedirect: {
            type: 'object',
            fields: {
              scheme: { type: 'string', enum: ['http', 'https'] },
              hostname: TEXT,
              path: PATH_MODIFIER,
              port: PORT,
              statusCode: { type: 'integer', default: 302 },
            },
          },
          urlRewrite: { type: 'object', fields: { hostname: TEXT, path: PATH_MODIFIER } },
          extensionRef: EXTENSION,
        },
      },
    },
    backendRefs: { type: 'array', maxItems: 16, items: BACKEND },
  },
};

const GRPC_RULE: Schema = {
  type: 'object',
  fields: {
    matches: {
      type: 'array',
      maxItems: 64,
      items: {
        type: 'object',
        fields: {
          method: {
            type: 'object',
            fields: {
              type: { type: 'string', enum: ['Exact', 'RegularExpression'], default: 'Exact' },
              service: TEXT,
              method: TEXT,
            },
          },
          headers: MATCHED,
        },
      },
    },
    filters: {
      type: 'array',
      maxItems: 16,
      items: {
        type: 'object',
        required: ['type'],
        fields: {
          type: {
            type: 'string',
            enum: ['ResponseHeaderModifier', 'RequestHeaderModifier', 'RequestMirror', 'ExtensionRef'],
          },
          extensionRef: EXTENSION,
        },
      },
    },
    backendRefs: { type: 'array', maxItems: 16, items: BACKEND },
  },
};

const CONNECTION_RULES: Schema = {
  type: 'array',
  minItems: 1,
  maxItems: 1,
  items: {
    type: 'object',
    required: ['backendRefs'],
    fields: { backendRefs: { type: 'array', minItems: 1, maxItems: 16, items: BACKEND } },
  },
};

const HOSTNAMES: Schema = { type: 'array', items: HOSTNAME };

const HTTP_ROUTE: Schema = {
  type: 'object',
  fields: {
    parentRefs: PARENTS,
    hostnames: HOSTNAMES,
    rules: {
      type: 'array',
      minItems: 1,
      maxItems: 16,
      default: [{ matches: [{ path: ANY_PATH }] }],
      items: HTTP_RULE,
    },
  },
};

const GRPC_ROUTE: Schema = {
  type: 'object',
  fields: {
    parentRefs: PARENTS,
    hostnames: HOSTNAMES,
    rules: { type: 'array', maxItems: 16, items: GRPC_RULE },
  },
};

const CONNECTION_ROUTE: Schema = {
  type: 'object',
  required: ['rules'],
  fields: { parentRefs: PARENTS, rules: CONNECTION_RULES },
};

const TLS_ROUTE: Schema = {
  type: 'object',
  required: ['hostnames', 'rules'],
  fields: { parentRefs: PARENTS, hostnames: HOSTNAMES, rules: CONNECTION_RULES },
};

const LOAD_BALANCER_CONFIGURATION: Schema = {
  type: 'object',
  fields: {
    mergingMode: { type: 'string', enum: ['prefer-gateway', 'prefer-gateway-class'] },
    loadBalancerName: { type: 'string', minLength: 1, maxLength: 32 },
    scheme: { type: 'string', enum: ['internal', 'internet-facing'] },
    ipAddressType: {
      type: 'string',
      enum: ['ipv4', 'dualstack', 'dualstack-without-public-ipv4'],
    },
    enforceSecurityGroupInboundRulesOnPrivateLinkTraffic: TEXT,
    customerOwnedIpv4Pool: TEXT,
    ipv4IPAMPoolId: TEXT,
    loadBalancerSubnets: {
      type: 'array',
      items: {
        type: 'object',
        fields: {
          identifier: TEXT,
          eipAllocation: TEXT,
          privateIPv4Allocation: TEXT,
          ipv6Allocation: TEXT,
          sourceNatIPv6Prefix: TEXT,
        },
      },
    },
    loadBalancerSubnetsSelector: { type: 'map', values: TEXTS },
    listenerConfigurations: {
      type: 'array',
      items: {
        type: 'object',
        required: ['protocolPort'],
        fields: {
          protocolPort: {
            type: 'string',
            pattern:
              '^(HTTP|HTTPS|TLS|TCP|UDP|TCP_UDP)?:(6553[0-5]|655[0-2]\\d|65[0-4]\\d{2}|6[0-4]\\d{3}|' +
              '[1-5]\\d{4}|[1-9]\\d{0,3})?$',
          },
          defaultCertificate: TEXT,
          certificates: TEXTS,
          sslPolicy: TEXT,
          alpnPolicy: {
            type: 'string',
            enum: ['HTTP1Only', 'HTTP2Only', 'HTTP2Optional', 'HTTP2Preferred', 'None'],
            default: 'None',
          },
          targetGroupStickiness: BOOLEAN,
          mutualAuthentication: {
            type: 'object',
            required: ['mode'],
            fields: {
              mode: { type: 'string', enum: ['off', 'passthrough', 'verify'] },
              trustStore: TEXT,
              ignoreClientCertificateExpiry: BOOLEAN,
              advertiseTrustStoreCaNames: { type: 'string', enum: ['on', 'off'] },
            },
          },
          listenerAttributes: ATTRIBUTES,
          quicEnabled: BOOLEAN,
        },
      },
    },
    disableSecurityGroup: BOOLEAN,
    securityGroups: TEXTS,
    securityGroupPrefixes: TEXTS,
    sourceRanges: TEXTS,
    loadBalancerAttributes: ATTRIBUTES,
    tags: LABELS,
    enableICMP: BOOLEAN,
    manageBackendSecurityGroupRules: BOOLEAN,
    minimumLoadBalancerCapacity: {
      type: 'object',
      required: ['capacityUnits'],
      fields: { capacityUnits: NUMBER },
    },
    wafV2: { type: 'object', required: ['webACL'], fields: { webACL: TEXT } },
    shieldConfiguration: { type: 'object', fields: { enabled: BOOLEAN } },
    defaultTargetGroupConfiguration: {
      type: 'object',
      required: ['name'],
      fields: { name: TEXT },
    },
  },
};

const TARGET_GROUP_PROPS: Schema = {
  type: 'object',
  fields: {
    targetGroupName: TEXT,
    ipAddressType: { type: 'string', enum: ['ipv4', 'ipv6'] },
    healthCheckConfig: {
      type: 'object',
      fields: {
        healthyThresholdCount: NUMBER,
        healthCheckInterval: NUMBER,
        healthCheckPath: TEXT,
        healthCheckPort: TEXT,
        healthCheckProtocol: { type: 'string', enum: ['HTTP', 'HTTPS', 'TCP'] },
        healthCheckTimeout: NUMBER,
        unhealthyThresholdCount: NUMBER,
        matcher: { type: 'object', fields: { httpCode: TEXT, grpcCode: TEXT } },
      },
    },
    nodeSelector: LABEL_SELECTOR,
    targetGroupAttributes: ATTRIBUTES,
    targetType: { type: 'string', enum: ['instance', 'ip'] },
    protocol: { type: 'string', enum: ['HTTP', 'HTTPS', 'TCP', 'TLS', 'UDP', 'TCP_UDP'] },
    protocolVersion: { type: 'string', enum: ['HTTP1', 'HTTP2', 'GRPC'] },
    targetControlPort: NUMBER,
    enableMultiCluster: BOOLEAN,
    tags: LABELS,
  },
};

const TARGET_GROUP_CONFIGURATION: Schema = {
  type: 'object',
  fields: {
    targetReference: {
      type: 'object',
      required: ['name'],
      fields: {
        group: { type: 'string', default: '' },
        kind: { type: 'string', default: 'Service' },
        name: TEXT,
      },
    },
    defaultConfiguration: TARGET_GROUP_PROPS,
    routeConfigurations: {
      type: 'array',
      items: {
        type: 'object',
        required: ['routeIdentifier', 'targetGroupProps'],
        fields: {
          routeIdentifier: {
            type: 'object',
            fields: { kind: TEXT, namespace: TEXT, name: TEXT },
          },
          targetGroupProps: TARGET_GROUP_PROPS,
        },
      },
    },
  },
};

const SESSION: Readonly<Record<string, Schema>> = {
  scope: { type: 'string', default: 'openid' },
  authenticationRequestExtraParams: LABELS,
  onUnauthenticatedRequest: {
    type: 'string',
    enum: ['deny', 'allow', 'authenticate'],
    default: 'authenticate',
  },
  sessionCookieName: { type: 'string', default: 'AWSELBAuthSessionCookie' },
  sessionTimeout: { type: 'integer', minimum: 1, maximum: 604_800, default: 604_800 },
};

const ACTION: Schema = {
  type: 'object',
  required: ['type'],
  fields: {
    type: {
      type: 'string',
      enum: [
        'forward',
        'fixed-response',
        'redirect',
        'authenticate-cognito',
        'authenticate-oidc',
        'jwt-validation',
      ],
    },
    forwardConfig: {
      type: 'object',
      fields: {
        targetGroupStickinessConfig: {
          type: 'object',
          default: {},
          fields: {
            durationSeconds: { type: 'integer', minimum: 1, maximum: 604_800, default: 3_600 },
            enabled: { type: 'boolean', default: false },
          },
        },
      },
    },
    redirectConfig: {
      type: 'object',
      fields: { query: { type: 'string', default: '#{query}' } },
    },
    fixedResponseConfig: {
      type: 'object',
      required: ['statusCode'],
      fields: {
        statusCode: NUMBER,
        contentType: {
          type: 'string',
          enum: [
            'text/plain',
            'text/css',
            'text/html',
            'application/javascript',
            'application/json',
          ],
          default: 'text/plain',
        },
        messageBody: TEXT,
      },
    },
    authenticateCognitoConfig: {
      type: 'object',
      required: ['userPoolArn', 'userPoolClientId', 'userPoolDomain'],
      fields: { userPoolArn: TEXT, userPoolClientId: TEXT, userPoolDomain: TEXT, ...SESSION },
    },
    authenticateOIDCConfig: {
      type: 'object',
      required: [
        'authorizationEndpoint',
        'issuer',
        'secret',
        'tokenEndpoint',
        'userInfoEndpoint',
      ],
      fields: {
        authorizationEndpoint: TEXT,
        issuer: TEXT,
        secret: { type: 'object', required: ['name'], fields: { name: TEXT } },
        tokenEndpoint: TEXT,
        userInfoEndpoint: TEXT,
        ...SESSION,
      },
    },
    jwtValidationConfig: {
      type: 'object',
      required: ['issuer', 'jwksEndpoint'],
      fields: {
        issuer: TEXT,
        jwksEndpoint: TEXT,
        additionalClaims: {
          type: 'array',
          items: {
            type: 'object',
            required: ['format', 'name', 'values'],
            fields: {
              format: {
                type: 'string',
                enum: ['single-string', 'string-array', 'space-separated-values'],
              },
              name: TEXT,
              values: { type: 'array', minItems: 1, maxItems: 10, items: TEXT },
            },
          },
        },
      },
    },
  },
};

const LISTENER_RULE_CONFIGURATION: Schema = {
  type: 'object',
  fields: {
    actions: { type: 'array', minItems: 1, maxItems: 2, items: ACTION },
    conditions: {
      type: 'array',
      minItems: 1,
      items: {
        type: 'object',
        required: ['field'],
        fields: {
          field: { type: 'string', enum: ['source-ip'] },
          sourceIPConfig: {
            type: 'object',
            required: ['values'],
            fields: { values: { type: 'array', minItems: 1, items: TEXT } },
          },
          matchIndexes: { type: 'array', items: NUMBER },
        },
      },
    },
    tags: LABELS,
  },
};

/** By store kind: the schema of `spec`. */
export const GATEWAY_SCHEMAS: Partial<Readonly<Record<KubernetesKind, Schema>>> = {
  Gateway: GATEWAY,
  GatewayClass: GATEWAY_CLASS,
  ListenerSet: LISTENER_SET,
  ReferenceGrant: REFERENCE_GRANT,
  HTTPRoute: HTTP_ROUTE,
  GRPCRoute: GRPC_ROUTE,
  TCPRoute: CONNECTION_ROUTE,
  UDPRoute: CONNECTION_ROUTE,
  TLSRoute: TLS_ROUTE,
  LoadBalancerConfiguration: LOAD_BALANCER_CONFIGURATION,
  TargetGroupConfiguration: TARGET_GROUP_CONFIGURATION,
  ListenerRuleConfiguration: LISTENER_RULE_CONFIGURATION,
};
