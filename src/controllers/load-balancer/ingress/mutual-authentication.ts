/**
 * load-balancer/ingress/mutual-authentication — clients' certificates: what a listener asks for,
 * and which trust store knows them.
 *
 * Upstream: aws-load-balancer-controller@225f4456 pkg/ingress/model_build_listener.go
 * computeIngressMutualAuthentication, validateMutualAuthenticationConfig.
 */
import { BOOL, decodeGoJson, INT32, listOf, struct, TEXT } from '../annotations/go-shape.ts';
import { BuildError, within } from '../build-error.ts';
import type { MutualAuthenticationSpec } from '../stack/listener-spec.ts';
import { alb } from './alb-annotations.ts';
import type { ClassifiedIngress } from './group.ts';
import { annotationsOf } from './group-build.ts';
import type { IngressReads } from './ingress-reads.ts';
import { checkListenPort } from './listen-port-number.ts';

const MODES = ['off', 'passthrough', 'verify'];

const ENTRIES = listOf(
  struct('MutualAuthenticationConfig', {
    port: INT32,
    mode: TEXT,
    trustStore: TEXT,
    ignoreClientCertificateExpiry: BOOL,
    advertiseTrustStoreCaNames: TEXT,
  }),
);

export interface WrittenMutualAuthentication {
  readonly port?: number;
  readonly mode?: string;
  readonly trustStore?: string;
  readonly ignoreClientCertificateExpiry?: boolean;
  readonly advertiseTrustStoreCaNames?: string;
}

/** By port; a trust store's name is looked up. @throws BuildError */
export async function mutualAuthenticationOf(
  member: ClassifiedIngress,
  reads: Pick<IngressReads, 'trustStoreArns'>,
): Promise<ReadonlyMap<number, MutualAuthenticationSpec>> {
  const raw = alb.string('mutual-authentication', annotationsOf(member));
  if (raw === undefined) return new Map();
  const which = `mutualAuthentication configuration from ingress annotation: \`${raw}\``;
  const entries = within(`failed to parse ${which}`, () => decodeGoJson(raw, ENTRIES, 'ingress')) as
    | readonly (WrittenMutualAuthentication | undefined)[]
    | undefined;
  if ((entries ?? []).length === 0) throw new BuildError(`empty ${which}`);
  const byPort = new Map<number, MutualAuthenticationSpec>();
  for (const entry of entries ?? []) byPort.set(entry?.port ?? 0, specOf(entry ?? {}));
  return withTrustStoreArns(byPort, reads);
}

function specOf(entry: WrittenMutualAuthentication): MutualAuthenticationSpec {
  checkMutualAuthentication(entry);
  const { mode = '', trustStore = '', ignoreClientCertificateExpiry: ignored } = entry;
  return {
    mode,
    trustStoreArn: trustStore,
    ignoreClientCertificateExpiry: ignored ?? (mode === 'verify' ? false : undefined),
    advertiseTrustStoreCaNames: entry.advertiseTrustStoreCaNames,
  };
}

/** @throws BuildError  where the mode does not go with the rest */
export function checkMutualAuthentication(entry: WrittenMutualAuthentication): void {
  const { port = 0, mode = '', trustStore = '', advertiseTrustStoreCaNames } = entry;
  const refuse = (text: string): never => {
    throw new BuildError(text);
  };
  checkListenPort(port);
  if (mode === '') refuse(`mutualAuthentication mode cannot be empty for port ${port}`);
  if (!MODES.includes(mode)) {
    const among = `[${MODES.join(', ')}]`;
    refuse(`mutualAuthentication mode value must be among ${among} for port ${port} : ${mode}`);
  }
  const isVerify = mode === 'verify';
  const unsupported = (what: string): never =>
    refuse(`Mutual Authentication mode ${mode} does not support ${what} for port ${port}`);
  if (isVerify && trustStore === '') {
    refuse(`trustStore is required when mutualAuthentication mode is verify for port ${port}`);
  }
  if (!isVerify && trustStore !== '') unsupported('trustStore');
  if (!isVerify && entry.ignoreClientCertificateExpiry !== undefined) {
    unsupported('ignoring client certificate expiry');
  }
  if (advertiseTrustStoreCaNames === undefined) return;
  if (!isVerify) unsupported('advertiseTrustStoreCaNames');
  if (advertiseTrustStoreCaNames !== 'off' && advertiseTrustStoreCaNames !== 'on') {
    refuse(
      'advertiseTrustStoreCaNames only supports the values "on" and "off" got value ' +
        `${advertiseTrustStoreCaNames} for port ${port}`,
    );
  }
}

async function withTrustStoreArns(
  byPort: ReadonlyMap<number, MutualAuthenticationSpec>,
  reads: Pick<IngressReads, 'trustStoreArns'>,
): Promise<ReadonlyMap<number, MutualAuthenticationSpec>> {
  const isNamed = ({ mode, trustStoreArn = '' }: MutualAuthenticationSpec): boolean =>
    mode === 'verify' && !trustStoreArn.startsWith('arn:');
  const names = [...byPort.values()].filter(isNamed).map((it) => it.trustStoreArn ?? '');
  if (names.length === 0) return byPort;
  const arns = await reads.trustStoreArns([...new Set(names)]);
  const found = [...byPort].map(([port, spec]): [number, MutualAuthenticationSpec] => [
    port,
    isNamed(spec) ? { ...spec, trustStoreArn: arns[spec.trustStoreArn ?? ''] } : spec,
  ]);
  return new Map(found);
}
