/**
 * load-balancer/ingress/listen-port-merge — one port as all members want it that listen there, or
 * what they disagree about.
 *
 * Upstream: aws-load-balancer-controller@225f4456 pkg/ingress/model_builder.go
 * mergeListenPortConfigs.
 */
import { listText } from '../annotations/go-literals.ts';
import { BuildError } from '../build-error.ts';
import type { MutualAuthenticationSpec } from '../stack/listener-spec.ts';
import type { Token } from '../stack/token.ts';
import type { ListenPort } from './listen-ports.ts';

/** A member's wish, and whose it is: `namespace/name`. */
export interface MemberListenPort {
  readonly key: string;
  readonly listenPort: ListenPort;
}

/** The first that gave a value, with it; a later one must give the same. */
class Agreed<Value> {
  value: Value | undefined;
  readonly #what: string;
  readonly #text: (value: Value) => string;
  #key = '';

  constructor(what: string, text: (value: Value) => string) {
    this.#what = what;
    this.#text = text;
  }

  add(key: string, value: Value | undefined): void {
    if (value === undefined) return;
    if (this.value === undefined) {
      this.value = value;
      this.#key = key;
      return;
    }
    const [before, now] = [this.#text(this.value), this.#text(value)];
    if (before === now) return;
    throw new BuildError(`conflicting ${this.#what}, ${this.#key}: ${before} | ${key}: ${now}`);
  }
}

interface Inbound {
  readonly ipv4: readonly string[];
  readonly ipv6: readonly string[];
}

/**
 * @param wishes  in the order of the group; at least one
 * @throws BuildError  `conflicting protocol, a/x: HTTP | b/y: HTTPS`
 */
export function mergedListenPort(
  wishes: readonly MemberListenPort[],
  defaultSslPolicy: string,
): ListenPort {
  const protocol = new Agreed<ListenPort['protocol']>('protocol', (it) => it);
  const inbound = new Agreed<Inbound>(
    'inbound-cidrs',
    ({ ipv4, ipv6 }) => `${listText(ipv4)}, ${listText(ipv6)}`,
  );
  const lists = new Agreed<readonly string[]>('inbound-prefix-lists', listText);
  const sslPolicy = new Agreed<string>('sslPolicy', (it) => it);
  const mutual = new Agreed<MutualAuthenticationSpec>('mTLS Attributes', mutualText);
  for (const { key, listenPort } of wishes) {
    const { inboundIpv4, inboundIpv6, prefixLists } = listenPort;
    const hasInbound = inboundIpv4.length > 0 || inboundIpv6.length > 0;
    protocol.add(key, listenPort.protocol);
    inbound.add(
      key,
      hasInbound ? { ipv4: sortedSet(inboundIpv4), ipv6: sortedSet(inboundIpv6) } : undefined,
    );
    lists.add(key, prefixLists.length > 0 ? sortedSet(prefixLists) : undefined);
    sslPolicy.add(key, listenPort.sslPolicy);
    mutual.add(key, listenPort.mutualAuthentication);
  }
  const merged = protocol.value ?? 'HTTP';
  const isOpen = inbound.value === undefined && lists.value === undefined;
  return {
    protocol: merged,
    inboundIpv4: isOpen ? ['0.0.0.0/0'] : (inbound.value?.ipv4 ?? []),
    inboundIpv6: isOpen ? ['::/0'] : (inbound.value?.ipv6 ?? []),
    prefixLists: lists.value ?? [],
    sslPolicy: sslPolicy.value ?? (merged === 'HTTPS' ? defaultSslPolicy : undefined),
    certificates: mergedCertificates(wishes),
    mutualAuthentication: mutual.value,
  };
}

const sortedSet = (values: readonly string[]): readonly string[] => [...new Set(values)].sort();

/** Go prints addresses of the optional fields; here stand their values. */
const mutualText = (it: MutualAuthenticationSpec): string =>
  `&{${it.mode} ${it.trustStoreArn ?? '<nil>'} ${it.ignoreClientCertificateExpiry ?? '<nil>'} ` +
  `${it.advertiseTrustStoreCaNames ?? '<nil>'}}`;

/**
 * The default one first: the first of the first member that has any. It may come once more among
 * the others, which are chosen by server name; those come once each.
 */
function mergedCertificates(wishes: readonly MemberListenPort[]): readonly Token[] {
  const first = wishes.findIndex(({ listenPort }) => listenPort.certificates.length > 0);
  if (first < 0) return [];
  const merged: Token[] = [wishes[first]!.listenPort.certificates[0]!];
  const seen = new Set<string>();
  wishes.forEach(({ listenPort }, i) => {
    listenPort.certificates.forEach((certificate, j) => {
      if (i === first && j === 0) return;
      const identity = identityOf(certificate);
      if (seen.has(identity)) return;
      seen.add(identity);
      merged.push(certificate);
    });
  });
  return merged;
}

function identityOf(certificate: Token): string {
  if (typeof certificate === 'string') return certificate;
  return 'certificateArn' in certificate
    ? certificate.certificateArn
    : `${certificate.resourceType}/${certificate.resourceId}`;
}
