/**
 * load-balancer/deploy/listener-drift — does a listener differ from what is wanted? What nobody
 * asks for (a protocol list, client certificates) is left as it is, unless the gate
 * EnhancedDefaultBehavior is open: then it is switched off.
 *
 * Upstream: kubernetes-sigs/aws-load-balancer-controller@225f445
 * pkg/deploy/elbv2/listener_manager.go isSDKListenerSettingsDrifted.
 */
import type { ListenerSettings } from '../../../cloud/elbv2/operations.ts';
import type { Listener } from '../../../model/elbv2/listener.ts';
import type { MutualAuthenticationSpec } from '../stack/listener-spec.ts';
import { sameActions } from './actions.ts';

type Authentication = NonNullable<Listener['mutualAuthentication']>;

/** @param enhanced  the gate EnhancedDefaultBehavior */
export const hasDrifted = (
  wanted: ListenerSettings,
  existing: Listener,
  enhanced: boolean,
): boolean =>
  wanted.port !== existing.port ||
  wanted.protocol !== existing.protocol ||
  !sameActions(wanted.defaultActions, existing.defaultActions) ||
  wanted.certificateArn !== existing.certificateArns[0] ||
  (wanted.sslPolicy !== undefined && wanted.sslPolicy !== existing.sslPolicy) ||
  alpnDrifted(wanted, existing, enhanced) ||
  authenticationDrifted(wanted, existing, enhanced);

/** What has to be switched off by name, since nobody asks for it any more. */
export const removals = (
  wanted: ListenerSettings,
  existing: Listener,
): Pick<Partial<ListenerSettings>, 'alpnPolicy' | 'mutualAuthentication'> => ({
  ...(wanted.alpnPolicy === undefined && alpnOf(existing.alpnPolicy) !== 'None'
    ? { alpnPolicy: ['None'] }
    : {}),
  ...(wanted.mutualAuthentication === undefined && isOn(existing.mutualAuthentication)
    ? { mutualAuthentication: { mode: 'off' } }
    : {}),
});

/** As AWS takes it: names are told to clients only where certificates are verified. */
export const authenticationOf = (
  spec: MutualAuthenticationSpec | undefined,
): Authentication | undefined =>
  spec && {
    mode: spec.mode as Authentication['mode'],
    trustStoreArn: spec.trustStoreArn,
    ignoreClientCertificateExpiry: spec.ignoreClientCertificateExpiry,
    ...(spec.mode === 'verify'
      ? {
          advertiseTrustStoreCaNames: (spec.advertiseTrustStoreCaNames ??
            'off') as Authentication['advertiseTrustStoreCaNames'],
        }
      : {}),
  };

const alpnOf = (policy: readonly string[] = []): string => policy.join() || 'None';

const alpnDrifted = (wanted: ListenerSettings, existing: Listener, enhanced: boolean): boolean =>
  wanted.alpnPolicy === undefined && !enhanced
    ? false
    : alpnOf(wanted.alpnPolicy) !== alpnOf(existing.alpnPolicy);

const isOn = (authentication: Listener['mutualAuthentication']): boolean =>
  authentication !== undefined && authentication.mode !== 'off';

function authenticationDrifted(
  { mutualAuthentication: wanted }: ListenerSettings,
  { mutualAuthentication: current }: Listener,
  enhanced: boolean,
): boolean {
  if (wanted === undefined) return enhanced && isOn(current);
  if (wanted.mode === 'off') return isOn(current);
  return (
    wanted.mode !== current?.mode ||
    wanted.trustStoreArn !== current.trustStoreArn ||
    wanted.ignoreClientCertificateExpiry !== current.ignoreClientCertificateExpiry ||
    wanted.advertiseTrustStoreCaNames !== current.advertiseTrustStoreCaNames
  );
}
