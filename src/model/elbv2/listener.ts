/**
 * model/elbv2/listener — a listener, its rules, and the actions and conditions of both.
 *
 * Source: Elastic Load Balancing API 2015-12-01 (Listener, Rule, Action, RuleCondition).
 */
import type { Tags } from '../ec2/tags.ts';

export type ListenerProtocol =
  | 'HTTP'
  | 'HTTPS'
  | 'TCP'
  | 'TLS'
  | 'UDP'
  | 'TCP_UDP'
  | 'QUIC'
  | 'TCP_QUIC';

export interface TargetGroupTuple {
  readonly targetGroupArn: string;
  /** Default 1 where it is the only one. */
  readonly weight?: number | undefined;
}

export interface RedirectConfig {
  /** `#{protocol}` and so on keep what the request has. */
  readonly protocol?: string | undefined;
  readonly port?: string | undefined;
  readonly host?: string | undefined;
  readonly path?: string | undefined;
  readonly query?: string | undefined;
  readonly statusCode: 'HTTP_301' | 'HTTP_302';
}

export interface FixedResponseConfig {
  readonly contentType?: string | undefined;
  readonly messageBody?: string | undefined;
  readonly statusCode: string;
}

export type ListenerAction =
  | {
      readonly type: 'forward';
      readonly targetGroups: readonly TargetGroupTuple[];
      readonly stickiness?:
        | { readonly enabled: boolean; readonly durationSeconds?: number | undefined }
        | undefined;
    }
  | { readonly type: 'redirect'; readonly redirect: RedirectConfig }
  | { readonly type: 'fixed-response'; readonly fixedResponse: FixedResponseConfig }
  /** Declared, not simulated: kept as the API has it, secrets left out. */
  | {
      readonly type: 'authenticate-oidc' | 'authenticate-cognito' | 'jwt-validation';
      readonly config: Readonly<Record<string, unknown>>;
    };

export type RuleCondition =
  | {
      readonly field: 'host-header';
      readonly values?: readonly string[] | undefined;
      readonly regexValues?: readonly string[] | undefined;
    }
  | {
      readonly field: 'path-pattern';
      readonly values?: readonly string[] | undefined;
      readonly regexValues?: readonly string[] | undefined;
    }
  | {
      readonly field: 'http-header';
      readonly httpHeaderName: string;
      readonly values?: readonly string[] | undefined;
      readonly regexValues?: readonly string[] | undefined;
    }
  | { readonly field: 'http-request-method'; readonly values: readonly string[] }
  | {
      readonly field: 'query-string';
      readonly values: readonly { readonly key?: string | undefined; readonly value: string }[];
    }
  | { readonly field: 'source-ip'; readonly values: readonly string[] };

/** Declared, not simulated beyond host and URL rewrites. */
export interface RuleTransform {
  readonly type: 'host-header-rewrite' | 'url-rewrite';
  readonly rewrites: readonly { readonly regex: string; readonly replace: string }[];
}

export interface Listener {
  readonly listenerArn: string;
  readonly loadBalancerArn: string;
  readonly port: number;
  readonly protocol: ListenerProtocol;
  /** The default one first; the others are chosen by server name. */
  readonly certificateArns: readonly string[];
  readonly sslPolicy?: string | undefined;
  readonly alpnPolicy?: readonly string[] | undefined;
  readonly mutualAuthentication?:
    | {
        readonly mode: 'off' | 'passthrough' | 'verify';
        readonly trustStoreArn?: string | undefined;
        readonly ignoreClientCertificateExpiry?: boolean | undefined;
        readonly advertiseTrustStoreCaNames?: 'on' | 'off' | undefined;
      }
    | undefined;
  readonly defaultActions: readonly ListenerAction[];
  readonly attributes: Readonly<Record<string, string>>;
  readonly createdAtMs: number;
  readonly tags: Tags;
}

/** A rule besides the listener's default: the lowest priority that holds decides. */
export interface ListenerRule {
  readonly ruleArn: string;
  readonly listenerArn: string;
  readonly priority: number;
  readonly conditions: readonly RuleCondition[];
  readonly actions: readonly ListenerAction[];
  readonly transforms?: readonly RuleTransform[] | undefined;
  readonly createdAtMs: number;
  readonly tags: Tags;
}

/** The groups the actions forward to, each once. */
export const targetGroupsOf = (actions: readonly ListenerAction[]): readonly string[] => [
  ...new Set(
    actions.flatMap((action) =>
      action.type === 'forward' ? action.targetGroups.map((it) => it.targetGroupArn) : [],
    ),
  ),
];
