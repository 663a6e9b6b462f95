/**
 * controllers/kube-proxy/chain-names — what kube-proxy calls its chains: prefixes, and hashes of
 * what a chain is for. The nftables mode uses the same hash.
 *
 * Upstream: kubernetes/kubernetes@v1.30.5 pkg/proxy/iptables/proxier.go portProtoHash,
 * servicePortEndpointChainName; pkg/proxy/nftables/proxier.go hashAndTruncate.
 */

import { sha256 } from '../../sim/sha256.ts';
import type { ProxyEndpoint } from './endpoints.ts';
import type { ServicePort } from './service-port.ts';

const BASE32 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
const HASH_LENGTH = 16;

/** Prefixes of the chains a Service port has. */
export const POLICY_CLUSTER = 'KUBE-SVC-';
export const POLICY_LOCAL = 'KUBE-SVL-';
export const EXTERNAL = 'KUBE-EXT-';
export const FIREWALL = 'KUBE-FW-';
export const ENDPOINT = 'KUBE-SEP-';

/** The first `length` base32 digits of the text's SHA-256. */
export function base32Hash(text: string, length = HASH_LENGTH): string {
  const digest = sha256(text);
  let digits = '';
  let bits = 0;
  let held = 0;
  for (let i = 0; digits.length < length; i++) {
    held = (held << 8) | digest[i]!;
    bits += 8;
    while (bits >= 5 && digits.length < length) {
      bits -= 5;
      digits += BASE32[(held >> bits) & 31];
    }
    held &= (1 << bits) - 1;
  }
  return digits;
}

const portHashes = new WeakMap<ServicePort, string>();

/** What follows the prefix in the names of a Service port's own chains. */
export function portHash(port: ServicePort): string {
  let hash = portHashes.get(port);
  if (hash === undefined) {
    hash = base32Hash(port.name + port.protocol.toLowerCase());
    portHashes.set(port, hash);
  }
  return hash;
}

const endpointNames = new WeakMap<ProxyEndpoint, string>();

/** The chain of an endpoint of the Service port; an endpoint is one port's only. */
export function endpointChainName(
  { name, protocol }: ServicePort,
  endpoint: ProxyEndpoint,
): string {
  let known = endpointNames.get(endpoint);
  if (known === undefined) {
    known = ENDPOINT + base32Hash(name + protocol.toLowerCase() + endpoint.text);
    endpointNames.set(endpoint, known);
  }
  return known;
}
