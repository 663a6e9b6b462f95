/**
 * cloud/elbv2/listener-settings — protocol, port, certificates and TLS settings of a listener:
 * what goes together, and what AWS fills in.
 */
import { type AwsError, awsError } from '../../model/aws-error.ts';
import type { Listener, ListenerProtocol } from '../../model/elbv2/listener.ts';
import type { LoadBalancer, LoadBalancerType } from '../../model/elbv2/load-balancer.ts';
import type { Region } from '../region.ts';
import { validationError } from './elb-error.ts';
import type { ListenerSettings } from './operations.ts';

const PROTOCOLS: Readonly<Record<LoadBalancerType, readonly ListenerProtocol[]>> = {
  application: ['HTTP', 'HTTPS'],
  network: ['TCP', 'TLS', 'UDP', 'TCP_UDP', 'QUIC', 'TCP_QUIC'],
};

/** What CreateListener uses where no policy is given. */
const DEFAULT_SSL_POLICY = 'ELBSecurityPolicy-2016-08';

const ALPN_POLICIES = ['HTTP1Only', 'HTTP2Only', 'HTTP2Optional', 'HTTP2Preferred', 'None'];

const isSecure = (protocol: ListenerProtocol): boolean =>
  protocol === 'HTTPS' || protocol === 'TLS';

type Settings = Pick<
  Listener,
  'certificateArns' | 'sslPolicy' | 'alpnPolicy' | 'mutualAuthentication'
>;
type Asked = Pick<ListenerSettings, 'port' | 'protocol'> &
  Partial<Omit<ListenerSettings, 'defaultActions'>>;

/**
 * The settings a listener gets, or why not.
 *
 * @param before  the listener they change
 */
export function soundSettings(
  region: Region,
  { type }: LoadBalancer,
  asked: Asked,
  before?: Listener,
): Settings | AwsError {
  const { port, protocol } = asked;
  if (!Number.isInteger(port) || port < 1 || port > 65_535)
    return validationError(`Port '${port}' must be within the range '1-65535'`);
  if (!PROTOCOLS[type].includes(protocol))
    return validationError(
      `Listener protocol '${protocol}' must be one of '${PROTOCOLS[type].join(', ')}'`,
    );
  if (!isSecure(protocol)) return plainSettings(asked);
  return secureSettings(region, asked, before);
}

function plainSettings(asked: Asked): Settings | AwsError {
  const { protocol } = asked;
  if (asked.certificateArn !== undefined)
    return validationError(`A certificate cannot be specified for ${protocol} listeners`);
  if (asked.sslPolicy !== undefined)
    return validationError(`An SSL policy cannot be specified for ${protocol} listeners`);
  if (asked.alpnPolicy !== undefined && asked.alpnPolicy.length > 0)
    return awsError(
      'ALPNPolicyNotSupported',
      `ALPN policy is not supported for listeners with the protocol '${protocol}'`,
    );
  if (asked.mutualAuthentication !== undefined && asked.mutualAuthentication.mode !== 'off')
    return validationError(`Mutual authentication is not supported for ${protocol} listeners`);
  return { certificateArns: [] };
}

function secureSettings(
  region: Region,
  asked: Asked,
  before: Listener | undefined,
): Settings | AwsError {
  const { protocol } = asked;
  const others = before?.certificateArns.slice(1) ?? [];
  const first = asked.certificateArn ?? before?.certificateArns[0];
  if (first === undefined)
    return validationError(`A certificate must be specified for ${protocol} listeners`);
  const unknown = certificateRefusal(region, first);
  if (unknown !== undefined) return unknown;
  const alpnPolicy = asked.alpnPolicy ?? before?.alpnPolicy;
  const wrong = alpnRefusal(protocol, asked.alpnPolicy);
  if (wrong !== undefined) return wrong;
  return {
    certificateArns: [first, ...others],
    sslPolicy: asked.sslPolicy ?? before?.sslPolicy ?? DEFAULT_SSL_POLICY,
    alpnPolicy: protocol === 'TLS' ? alpnPolicy : undefined,
    mutualAuthentication:
      protocol === 'HTTPS'
        ? (asked.mutualAuthentication ?? before?.mutualAuthentication ?? { mode: 'off' })
        : undefined,
  };
}

function alpnRefusal(
  protocol: ListenerProtocol,
  asked: readonly string[] | undefined,
): AwsError | undefined {
  if (asked === undefined || asked.length === 0) return undefined;
  if (protocol !== 'TLS')
    return awsError(
      'ALPNPolicyNotSupported',
      `ALPN policy is not supported for listeners with the protocol '${protocol}'`,
    );
  if (asked.length === 1 && ALPN_POLICIES.includes(asked[0]!)) return undefined;
  return validationError(
    `ALPN policy '${asked.join(', ')}' is not valid. Specify one of '${ALPN_POLICIES.join(', ')}'`,
  );
}

/**
 * A certificate of ACM has to be there and issued, where the twin knows the account's certificates
 * at all: files that describe none are taken to have left them out, and the listener names one
 * that the store does not have. One of IAM (`…:server-certificate/…`) is taken as it is.
 */
export function certificateRefusal(
  { store, name, accountId }: Region,
  arn: string,
): AwsError | undefined {
  const certificate = store.get('acm/certificate', arn);
  if (certificate === undefined) {
    if (arn.includes(':server-certificate/')) return undefined;
    if (!arn.includes(':acm:'))
      return awsError('CertificateNotFound', `Certificate ARN '${arn}' is not valid`);
    const isOurs = arn.includes(`:${name}:${accountId}:`) || accountId === '';
    if (isOurs && store.count('acm/certificate') === 0) return undefined;
    return awsError('CertificateNotFound', `Certificate '${arn}' not found`);
  }
  if (certificate.status === 'ISSUED') return undefined;
  return awsError(
    'UnsupportedCertificate',
    `The certificate '${arn}' must have a fully-qualified domain name, a supported signature, and ` +
      'a supported key size.',
  );
}
