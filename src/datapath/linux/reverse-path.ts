/**
 * datapath/linux/reverse-path — whether a packet may come in where it came in: rp_filter.
 *
 * Follows net/ipv4/fib_frontend.c __fib_validate_source. The stricter of `all` and the link's own
 * setting counts. Loose mode (2) wants any route back; on a link without an address, as a host veth
 * is, a route back through another link is not enough (there is no second look-up), so loose is as
 * strict as 1 there. The look-up back pretends to come in by the link the packet would leave by, so
 * that `iif` rules see it, and has no mark (src_valid_mark is 0). IPv6 has no such check.
 */
import type { Packet } from '../../net/index.ts';
import type { Element } from '../trace.ts';
import type { CompiledNamespace } from './compiled-namespace.ts';
import { NO_MARK } from './decision.ts';
import { reversePathName } from './link-settings.ts';
import { type RouteAnswer, RouteQuestion, routeElements, routeReason } from './policy-routing.ts';
import type { RememberedRoutes } from './remembered-routes.ts';

/** local, main, default. */
const KERNEL_RULES = 3;

export interface ReversePathRefusal {
  readonly kind: 'refused';
  readonly reason: 'martian' | 'strict' | 'unnumbered' | 'no-route';
  readonly text: string;
  readonly decisive: readonly Element[];
  readonly setting: string;
}

/** The way back that lets a packet in. */
interface ReversePathPass {
  readonly kind: 'passes';
  readonly decisive: readonly Element[];
}

/** What the rule and the route of a packet that passes are cited for. */
const WAY_BACK = 'the way back to its source, as rp_filter asks for';
const UNASKED: ReversePathPass = { kind: 'passes', decisive: [] };
const refused = (it: Omit<ReversePathRefusal, 'kind'>): ReversePathRefusal => ({
  kind: 'refused',
  ...it,
});

const passes = (host: CompiledNamespace, back: RouteAnswer): ReversePathPass => ({
  kind: 'passes',
  decisive: routeElements(host, back, NO_MARK, WAY_BACK),
});

const sysctl = ({ label }: CompiledNamespace, name: string, mode: number): Element => ({
  kind: 'sysctl',
  object: label,
  rule: `${name} = ${mode}`,
});

/**
 * Whether the packet may come in, and by which way back.
 *
 * @param outLink  where it would leave by; `lo` when it is for this namespace
 */
export function checkReversePath(
  routes: RememberedRoutes,
  packet: Packet,
  inLink: string,
  outLink: string,
): ReversePathRefusal | ReversePathPass {
  if (typeof packet.source !== 'number') return UNASKED;
  const { host } = routes;
  const settings = host.settingsOf(inLink);
  const mode = settings.reversePath;
  const { source, destination, protocol } = packet;
  const asked = new RouteQuestion(destination, source, outLink, NO_MARK, protocol);
  const back = routes.lookUp(asked);
  if (back === undefined) {
    if (mode === 0) return UNASKED;
    const text = 'there is no route back to its source';
    const name = reversePathName(settings, inLink);
    return refused({
      reason: 'no-route',
      text,
      decisive: [sysctl(host, name, mode)],
      setting: name,
    });
  }
  const { type, device } = back.route;
  if (type === 'unicast' && (device === inLink || mode === 0)) return passes(host, back);
  const name = reversePathName(settings, inLink);
  if (type !== 'unicast') {
    // Without policy rules of its own and without rp_filter the kernel asks only for own addresses.
    const asksAll = mode > 0 || host.namespace.rules.length > KERNEL_RULES;
    if (type !== 'local' && !asksAll) return passes(host, back);
    const text =
      type === 'local'
        ? 'its source is an address of this host itself'
        : `the route back to its source refuses (${routeReason(back)})`;
    return refused({ reason: 'martian', text, decisive: routeElements(host, back), setting: name });
  }
  const away = `the way back to its source is by ${device} (${routeReason(back)})`;
  const decisive = [sysctl(host, name, mode), ...routeElements(host, back)];
  if (!hasAddress(host, inLink)) {
    const text = `${away}, and ${inLink} has no address, so loose checking is as strict`;
    return refused({ reason: 'unnumbered', text, decisive, setting: name });
  }
  if (mode !== 1) return passes(host, back);
  return refused({ reason: 'strict', text: away, decisive, setting: name });
}

const hasAddress = (host: CompiledNamespace, link: string): boolean =>
  host.links.get(link)?.addresses.some(({ cidr }) => cidr.family === 4) === true;
