/**
 * controllers/load-balancer/stack/action-spec — what a listener or a rule does with a request.
 *
 * Upstream: aws-load-balancer-controller@225f4456 pkg/model/elbv2/listener.go.
 */
import type { Labels } from '../../../model/kubernetes/meta.ts';
import type { Token } from './token.ts';

interface Session {
  readonly authenticationRequestExtraParams?: Labels | undefined;
  readonly onUnauthenticatedRequest?: string | undefined;
  readonly scope?: string | undefined;
  readonly sessionCookieName?: string | undefined;
  readonly sessionTimeout?: number | undefined;
}

export interface CognitoConfig extends Session {
  readonly userPoolARN: string;
  readonly userPoolClientID: string;
  readonly userPoolDomain: string;
}

export interface OidcConfig extends Session {
  readonly issuer: string;
  readonly authorizationEndpoint: string;
  readonly tokenEndpoint: string;
  readonly userInfoEndpoint: string;
  /** Printed as `[REDACTED]`, as the secret. */
  readonly clientID: string;
  readonly clientSecret: string;
}

export interface JwtValidationConfig {
  readonly jwksEndpoint: string;
  readonly issuer: string;
  readonly additionalClaims?:
    | readonly {
        readonly format: string;
        readonly name: string;
        readonly values: readonly string[];
      }[]
    | undefined;
}

export interface FixedResponseConfig {
  readonly contentType?: string | undefined;
  readonly messageBody?: string | undefined;
  readonly statusCode: string;
}

export interface RedirectConfig {
  readonly host?: string | undefined;
  readonly path?: string | undefined;
  readonly port?: string | undefined;
  readonly protocol?: string | undefined;
  readonly query?: string | undefined;
  readonly statusCode: string;
}

export interface ForwardConfig {
  readonly targetGroups: readonly {
    readonly targetGroupARN: Token;
    readonly weight?: number | undefined;
  }[];
  readonly targetGroupStickinessConfig?:
    | { readonly enabled?: boolean | undefined; readonly durationSeconds?: number | undefined }
    | undefined;
}

export type ActionSpec =
  | { readonly type: 'authenticate-cognito'; readonly authenticateCognitoConfig: CognitoConfig }
  | { readonly type: 'authenticate-oidc'; readonly authenticateOIDCConfig: OidcConfig }
  | { readonly type: 'jwt-validation'; readonly jwtValidationConfig: JwtValidationConfig }
  | { readonly type: 'fixed-response'; readonly fixedResponseConfig: FixedResponseConfig }
  | { readonly type: 'redirect'; readonly redirectConfig: RedirectConfig }
  | { readonly type: 'forward'; readonly forwardConfig: ForwardConfig };
