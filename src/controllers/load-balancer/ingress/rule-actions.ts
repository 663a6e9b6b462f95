/**
 * load-balancer/ingress/rule-actions — what a backend's action becomes: log in first, then forward,
 * redirect or answer.
 *
 * Upstream: aws-load-balancer-controller@225f4456 pkg/ingress/model_build_actions.go.
 */
import { invariant } from '../../../model/invariant.ts';
import { BuildError, withinSoon } from '../build-error.ts';
import type { ActionSpec, ForwardConfig } from '../stack/action-spec.ts';
import type { Token } from '../stack/token.ts';
import type { Authentication } from './authentication.ts';
import type { BackendAction, BackendForward, BackendTarget } from './backend-action.ts';
import type { EnhancedBackend } from './enhanced-backend.ts';
import type { ClassifiedIngress } from './group.ts';
import type { GroupBuild } from './group-build.ts';
import type { AlbProtocol } from './listen-ports.ts';
import type { GroupBalancer } from './load-balancer.ts';
import { type OidcCredentials, oidcCredentials } from './oidc-credentials.ts';
import { targetGroupArn } from './target-groups.ts';

/** Turns backends of one group into actions; remembers which Secrets that took. */
export class RuleActions {
  /** `namespace/name` of Secrets that were read. */
  readonly secretKeys = new Set<string>();
  readonly #build: GroupBuild;
  readonly #balancer: GroupBalancer;

  constructor(build: GroupBuild, balancer: GroupBalancer) {
    this.#build = build;
    this.#balancer = balancer;
  }

  /** @throws BuildError  where a Secret, a target group or a port is missing */
  async of(
    protocol: AlbProtocol,
    member: ClassifiedIngress,
    backend: EnhancedBackend,
  ): Promise<readonly ActionSpec[]> {
    const first = protocol === 'HTTPS' ? this.#admission(member, backend) : [];
    return [...first, await this.#final(member, backend.action)];
  }

  /** What comes before: a plain listener knows no log-in and leaves it out, silently. */
  #admission(
    { ingress }: ClassifiedIngress,
    { authentication, jwtValidation }: EnhancedBackend,
  ): readonly ActionSpec[] {
    const login = this.#login(ingress.metadata.namespace ?? '', authentication);
    if (jwtValidation === undefined) return login;
    if (login.length > 0) {
      throw new BuildError("authentication and jwt validation can't both be configured");
    }
    return [{ type: 'jwt-validation', jwtValidationConfig: jwtValidation }];
  }

  #login(namespace: string, authentication: Authentication): readonly ActionSpec[] {
    const { type, cognito, oidc } = authentication;
    if (type === 'none') return [];
    const { onUnauthenticatedRequest, scope, sessionCookieName, sessionTimeout } = authentication;
    const session = {
      onUnauthenticatedRequest: onUnauthenticatedRequest || undefined,
      scope,
      sessionCookieName,
      sessionTimeout,
    };
    if (type === 'cognito') {
      if (cognito === undefined) throw new BuildError('missing IDPConfigCognito');
      const { authenticationRequestExtraParams, ...pool } = cognito;
      const { userPoolARN = '', userPoolClientID = '', userPoolDomain = '' } = pool;
      const ids = { userPoolARN, userPoolClientID, userPoolDomain };
      const config = { authenticationRequestExtraParams, ...session, ...ids };
      return [{ type: 'authenticate-cognito', authenticateCognitoConfig: config }];
    }
    if (oidc === undefined) throw new BuildError('missing IDPConfigOIDC');
    const { authenticationRequestExtraParams, secretName = '' } = oidc;
    const config = {
      authenticationRequestExtraParams,
      ...session,
      issuer: oidc.issuer ?? '',
      authorizationEndpoint: oidc.authorizationEndpoint ?? '',
      tokenEndpoint: oidc.tokenEndpoint ?? '',
      userInfoEndpoint: oidc.userInfoEndpoint ?? '',
      ...this.#credentials(namespace, secretName),
    };
    return [{ type: 'authenticate-oidc', authenticateOIDCConfig: config }];
  }

  #credentials(namespace: string, name: string): OidcCredentials {
    const credentials = oidcCredentials(this.#build, namespace, name);
    this.secretKeys.add(`${namespace}/${name}`);
    return credentials;
  }

  async #final(member: ClassifiedIngress, action: BackendAction): Promise<ActionSpec> {
    if (action.type !== 'forward') return action;
    return { type: 'forward', forwardConfig: await this.#forward(member, action.forwardConfig) };
  }

  async #forward(
    member: ClassifiedIngress,
    { targetGroups, targetGroupStickinessConfig }: BackendForward,
  ): Promise<ForwardConfig> {
    const tuples: { targetGroupARN: Token; weight: number | undefined }[] = [];
    for (const target of targetGroups) {
      tuples.push({ targetGroupARN: await this.#arnOf(member, target), weight: target.weight });
    }
    return { targetGroups: tuples, targetGroupStickinessConfig };
  }

  async #arnOf(member: ClassifiedIngress, target: BackendTarget): Promise<Token> {
    const { targetGroupARN, targetGroupName, serviceName, servicePort } = target;
    const { reads } = this.#build;
    if (targetGroupARN !== undefined) return targetGroupARN;
    if (targetGroupName !== undefined) {
      return withinSoon(`searching TargetGroup with name ${targetGroupName}`, () =>
        reads.targetGroupArn(targetGroupName),
      );
    }
    const service = reads.service(member.ingress.metadata.namespace ?? '', serviceName ?? '');
    invariant(
      service !== undefined && servicePort !== undefined,
      'a backend is looked at before its target group is built',
    );
    return targetGroupArn(this.#build, this.#balancer, { member, service, port: servicePort });
  }
}

/** What a listener answers that nobody gave a default backend. */
export const NOT_FOUND: ActionSpec = {
  type: 'fixed-response',
  fixedResponseConfig: { contentType: 'text/plain', statusCode: '404' },
};
