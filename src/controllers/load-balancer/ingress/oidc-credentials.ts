/**
 * load-balancer/ingress/oidc-credentials — what a load balancer is to its OIDC provider, from a
 * Secret.
 *
 * Upstream: aws-load-balancer-controller@225f4456 pkg/ingress/model_build_actions.go,
 * pkg/gateway/routeutils/route_rule_action.go, pkg/k8s/secrets_manager.go.
 */
import type { KubernetesObject } from '../../../model/kubernetes/meta.ts';
import { mapText } from '../annotations/go-literals.ts';
import { BuildError } from '../build-error.ts';
import type { ControllerSettings } from '../settings/settings.ts';
import type { OidcConfig } from '../stack/action-spec.ts';
import { base64Text } from './base64-text.ts';
import type { IngressReads } from './ingress-reads.ts';

export type OidcCredentials = Pick<OidcConfig, 'clientID' | 'clientSecret'>;

/** @throws BuildError  where the Secret is not there, or lacks one of them */
export function oidcCredentials(
  build: {
    readonly reads: Pick<IngressReads, 'secret'>;
    readonly settings: Pick<ControllerSettings, 'requiredSecretsLabel'>;
  },
  namespace: string,
  name: string,
): OidcCredentials {
  const key = `${namespace}/${name}`;
  const secret = build.reads.secret(namespace, name);
  if (secret === undefined) throw new BuildError(`secrets "${name}" not found`);
  checkSecretLabel(secret, build.settings.requiredSecretsLabel);
  const data = dataOf(secret);
  const clientID = data('clientID') ?? data('clientId');
  if (clientID === undefined) throw new BuildError(`missing clientID, secret: ${key}`);
  const clientSecret = data('clientSecret');
  if (clientSecret === undefined) throw new BuildError(`missing clientSecret, secret: ${key}`);
  return {
    clientID: clientID.replace(/\s+$/, ''),
    // biome-ignore lint/suspicious/noControlCharactersInRegex: a final newline and its like.
    clientSecret: clientSecret.replace(/[\x00-\x1f\x7f-\x9f]+$/, ''),
  };
}

/** Secret.data decoded; a value that never went through an API server stands in stringData. */
function dataOf(secret: KubernetesObject): (key: string) => string | undefined {
  const { data, stringData } = secret as {
    readonly data?: Readonly<Record<string, string>>;
    readonly stringData?: Readonly<Record<string, string>>;
  };
  return (key) =>
    stringData?.[key] ?? (data?.[key] === undefined ? undefined : base64Text(data[key]));
}

function checkSecretLabel({ metadata }: KubernetesObject, wanted: string): void {
  if (wanted === '') return;
  const [key = '', value = ''] = wanted.split(/=(.*)/s);
  const { namespace = '', name, labels = {} } = metadata;
  if (labels[key] === value) return;
  throw new BuildError(
    `secret ${namespace}/${name} is missing required label ${key}=${value}; ` +
      `actual labels: ${mapText(labels)}`,
  );
}
