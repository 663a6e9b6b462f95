/**
 * controllers/kube-proxy/nftables-names — what kube-proxy calls the chains and sets it makes in
 * nftables mode: a hash, then the Service port in plain words, at most 112 characters.
 *
 * Upstream: kubernetes/kubernetes@v1.30.5 pkg/proxy/nftables/proxier.go servicePortChainNameBase,
 * servicePortEndpointChainNameBase, hashAndTruncate.
 */
import { formatIp } from '../../net/index.ts';
import { base32Hash } from './chain-names.ts';
import type { ProxyEndpoint } from './endpoints.ts';
import type { ServicePort } from './service-port.ts';

const HASH_LENGTH = 8;
/** A chain's name has at most 128 characters, its prefix at most 16. */
const BASE_MAX = 112;

/** What the chains of a Service port begin with; `affinity-` begins a set. */
export const SERVICE = 'service-';
export const LOCAL = 'local-';
export const EXTERNAL = 'external-';
export const FIREWALL = 'firewall-';
export const ENDPOINT = 'endpoint-';
export const AFFINITY = 'affinity-';

/** `ns1/svc1/tcp/p80`. */
const plainName = ({ serviceKey, protocol, portName }: ServicePort): string =>
  `${serviceKey}/${protocol.toLowerCase()}/${portName}`;

function hashed(name: string): string {
  const base = `${base32Hash(name, HASH_LENGTH)}-${name}`;
  return base.length > BASE_MAX ? `${base.slice(0, BASE_MAX - 3)}...` : base;
}

const baseOfPort = new WeakMap<ServicePort, string>();

/** `ULMVA6XW-ns1/svc1/tcp/p80`: what follows the prefix in the names of its chains. */
export function portBase(port: ServicePort): string {
  const known = baseOfPort.get(port);
  if (known !== undefined) return known;
  const base = hashed(plainName(port));
  baseOfPort.set(port, base);
  return base;
}

const basesOfPort = new WeakMap<ServicePort, WeakMap<ProxyEndpoint, string>>();

/** `5OJB2KTY-ns1/svc1/tcp/p80__10.180.0.1/80`; a chain's name has no colons. */
export function endpointBase(servicePort: ServicePort, endpoint: ProxyEndpoint): string {
  const bases = basesOfPort.get(servicePort) ?? new WeakMap<ProxyEndpoint, string>();
  basesOfPort.set(servicePort, bases);
  const known = bases.get(endpoint);
  if (known !== undefined) return known;
  const { ip, port } = endpoint;
  const base = hashed(`${plainName(servicePort)}__${formatIp(ip).replaceAll(':', '.')}/${port}`);
  bases.set(endpoint, base);
  return base;
}
