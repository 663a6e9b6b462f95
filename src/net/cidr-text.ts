/**
 * net/cidr-text — the questions of net/cidr asked of text, as manifests and AWS answers spell it.
 * Text that is no block or no address makes the answer false: it contains and overlaps nothing.
 */
import {
  canonicalCidr,
  contains,
  containsCidr,
  formatCidr,
  overlaps,
  parseCidr,
  sameCidr,
} from './cidr.ts';
import { parseIp } from './ip.ts';

/** True when `10.0.0.0/16` contains `10.0.1.7`. */
export function cidrTextContains(cidrText: string, ipText: string): boolean {
  const cidr = parseCidr(cidrText);
  const ip = parseIp(ipText);
  return cidr !== undefined && ip !== undefined && contains(cidr, ip);
}

/** True when every address of the block `innerText` lies in `outerText`. */
export function cidrTextContainsCidr(outerText: string, innerText: string): boolean {
  const outer = parseCidr(outerText);
  const inner = parseCidr(innerText);
  return outer !== undefined && inner !== undefined && containsCidr(outer, inner);
}

/** True when the two blocks share an address. */
export function cidrTextsOverlap(aText: string, bText: string): boolean {
  const a = parseCidr(aText);
  const b = parseCidr(bText);
  return a !== undefined && b !== undefined && overlaps(a, b);
}

/** True when both texts name the same block: `10.0.1.7/24` and `10.0.1.0/24` do. */
export function cidrTextsSame(aText: string, bText: string): boolean {
  const a = parseCidr(aText);
  const b = parseCidr(bText);
  return a !== undefined && b !== undefined && sameCidr(a, b);
}

/**
 * Rewrites `100.68.0.18/18` as `100.68.0.0/18`, the form EC2 stores and returns.
 *
 * @returns the canonical text, or undefined when the text is no block
 */
export function canonicalCidrText(text: string): string | undefined {
  const cidr = parseCidr(text);
  return cidr === undefined ? undefined : formatCidr(canonicalCidr(cidr));
}
