/**
 * load-balancer/ingress/authentication — who has to log in, and where: auth-* annotations of an
 * Ingress and of the one Service behind it, and jwt-validation.
 *
 * Upstream: aws-load-balancer-controller@225f4456 pkg/ingress/auth_config_builder.go,
 * config_types.go, enhanced_backend_builder.go buildJwtValidationConfig.
 */

import type { Labels } from '../../../model/kubernetes/meta.ts';
import { listOf, struct, TEXT, TEXT_MAP, TEXTS } from '../annotations/go-shape.ts';
import type { Annotations } from '../annotations/parser.ts';
import { BuildError } from '../build-error.ts';
import type { JwtValidationConfig } from '../stack/action-spec.ts';
import { alb } from './alb-annotations.ts';

const SESSION_TIMEOUT_SECONDS = 604_800;

export interface CognitoProvider {
  readonly userPoolARN?: string;
  readonly userPoolClientID?: string;
  readonly userPoolDomain?: string;
  readonly authenticationRequestExtraParams?: Labels;
}

export interface OidcProvider {
  readonly issuer?: string;
  readonly authorizationEndpoint?: string;
  readonly tokenEndpoint?: string;
  readonly userInfoEndpoint?: string;
  /** Holds `clientID` and `clientSecret`, in the Ingress's namespace. */
  readonly secretName?: string;
  readonly authenticationRequestExtraParams?: Labels;
}

export interface Authentication {
  readonly type: 'none' | 'cognito' | 'oidc';
  readonly cognito?: CognitoProvider | undefined;
  readonly oidc?: OidcProvider | undefined;
  readonly onUnauthenticatedRequest: string;
  readonly scope: string;
  readonly sessionCookieName: string;
  readonly sessionTimeout: number;
}

const COGNITO = struct('AuthIDPConfigCognito', {
  userPoolARN: TEXT,
  userPoolClientID: TEXT,
  userPoolDomain: TEXT,
  authenticationRequestExtraParams: TEXT_MAP,
});

const OIDC = struct('AuthIDPConfigOIDC', {
  issuer: TEXT,
  authorizationEndpoint: TEXT,
  tokenEndpoint: TEXT,
  userInfoEndpoint: TEXT,
  secretName: TEXT,
  authenticationRequestExtraParams: TEXT_MAP,
});

/** @param annotations  the Ingress's, under those of the Service where there is one */
export function authenticationOf(annotations: Annotations): Authentication {
  const type = alb.string('auth-type', annotations) ?? 'none';
  if (type !== 'none' && type !== 'cognito' && type !== 'oidc') {
    throw new BuildError(`unknown authType: ${type}`);
  }
  const sessionTimeout = alb.int64('auth-session-timeout', annotations) ?? SESSION_TIMEOUT_SECONDS;
  const cognito = alb.json('auth-idp-cognito', annotations, COGNITO, 'ingress');
  const oidc = alb.json('auth-idp-oidc', annotations, OIDC, 'ingress');
  return {
    type,
    cognito: cognito as CognitoProvider | undefined,
    oidc: oidc as OidcProvider | undefined,
    onUnauthenticatedRequest:
      alb.string('auth-on-unauthenticated-request', annotations) ?? 'authenticate',
    scope: alb.string('auth-scope', annotations) ?? 'openid',
    sessionCookieName: alb.string('auth-session-cookie', annotations) ?? 'AWSELBAuthSessionCookie',
    sessionTimeout,
  };
}

const CLAIM = struct('JwtAdditionalClaim', {
  format: { kind: 'string', go: 'jwtAdditionalClaimFormat' },
  name: TEXT,
  values: TEXTS,
});

const JWT = struct('JwtValidationConfig', {
  jwksEndpoint: TEXT,
  issuer: TEXT,
  additionalClaims: listOf(CLAIM),
});

interface WrittenClaim {
  readonly format?: string;
  readonly name?: string;
  readonly values?: readonly string[];
}

/** The Ingress's jwt-validation; undefined without one. */
export function jwtValidationOf(annotations: Annotations): JwtValidationConfig | undefined {
  const written = alb.json('jwt-validation', annotations, JWT, 'ingress') as
    | { jwksEndpoint?: string; issuer?: string; additionalClaims?: readonly WrittenClaim[] }
    | undefined;
  if (written === undefined) return undefined;
  const { jwksEndpoint, issuer, additionalClaims } = written;
  return {
    jwksEndpoint: required(jwksEndpoint, 'jwksEndpoint is a required field for jwt validation'),
    issuer: required(issuer, 'issuer is a required field for jwt validation'),
    additionalClaims: additionalClaims?.map((claim) => checkedClaim(claim ?? {})),
  };
}

function checkedClaim({ format, name, values = [] }: WrittenClaim) {
  const claims = 'additional claims for jwt validation';
  const claim = {
    format: required(format, `format is a required field for ${claims}`),
    name: required(name, `name is a required field for ${claims}`),
    values,
  };
  if (values.length === 0) throw new BuildError(`values must not be empty for ${claims}`);
  return claim;
}

function required(value: string | undefined, text: string): string {
  if (!value) throw new BuildError(text);
  return value;
}
