/**
 * controllers/load-balancer/stack/listener-spec — a listener, and its rules with their conditions
 * and transforms.
 *
 * Upstream: aws-load-balancer-controller@225f4456 pkg/model/elbv2/listener.go, listener_rule.go.
 */
import type { Tags } from '../../../model/ec2/tags.ts';
import type { ListenerProtocol } from '../../../model/elbv2/listener.ts';
import type { ActionSpec } from './action-spec.ts';
import type { Token } from './token.ts';

export interface MutualAuthenticationSpec {
  readonly mode: string;
  readonly trustStoreArn?: string | undefined;
  readonly ignoreClientCertificateExpiry?: boolean | undefined;
  readonly advertiseTrustStoreCaNames?: string | undefined;
}

export interface ListenerSpec {
  readonly loadBalancerARN: Token;
  readonly port: number;
  readonly protocol: ListenerProtocol;
  readonly defaultActions?: readonly ActionSpec[] | undefined;
  /** The first is the default one. */
  readonly certificates?: readonly { readonly certificateARN: Token }[] | undefined;
  readonly sslPolicy?: string | undefined;
  readonly alpnPolicy?: readonly string[] | undefined;
  readonly mutualAuthentication?: MutualAuthenticationSpec | undefined;
  readonly tags?: Tags | undefined;
  /** Upstream's type has no JSON names here, so the capitals are printed. */
  readonly listenerAttributes?:
    | readonly { readonly Key: string; readonly Value: string }[]
    | undefined;
}

interface Matched {
  readonly regexValues?: readonly string[] | undefined;
  readonly values?: readonly string[] | undefined;
}

export type RuleConditionSpec =
  | { readonly field: 'host-header'; readonly hostHeaderConfig: Matched }
  | {
      readonly field: 'http-header';
      readonly httpHeaderConfig: { readonly httpHeaderName: string } & Matched;
    }
  | {
      readonly field: 'http-request-method';
      readonly httpRequestMethodConfig: { readonly values: readonly string[] };
    }
  | { readonly field: 'path-pattern'; readonly pathPatternConfig: Matched }
  | {
      readonly field: 'query-string';
      readonly queryStringConfig: {
        readonly values: readonly { readonly key?: string | undefined; readonly value: string }[];
      };
    }
  | {
      readonly field: 'source-ip';
      readonly sourceIPConfig: { readonly values: readonly string[] };
    };

interface Rewrites {
  readonly rewrites: readonly { readonly regex: string; readonly replace: string }[];
}

export type TransformSpec =
  | { readonly type: 'host-header-rewrite'; readonly hostHeaderRewriteConfig: Rewrites }
  | { readonly type: 'url-rewrite'; readonly urlRewriteConfig: Rewrites };

export interface ListenerRuleSpec {
  readonly listenerARN: Token;
  readonly priority: number;
  readonly actions: readonly ActionSpec[];
  readonly conditions: readonly RuleConditionSpec[];
  readonly transforms?: readonly TransformSpec[] | undefined;
  readonly tags?: Tags | undefined;
}
