/**
 * datapath/linux/compiled-route — a route, ready to be followed and to be cited. It names its link
 * and does not hold it, so that namespaces with the same routes share them.
 */
import type { IpRoute } from '../../model/linux/cni.ts';
import { ipRouteText } from '../../model/linux/ip-text.ts';
import { type Ip, parseIp } from '../../net/index.ts';

/** What a route does with a packet. */
export type RouteType = 'unicast' | 'local' | 'broadcast' | NonNullable<IpRoute['type']>;

export class CompiledRoute {
  readonly type: RouteType;
  readonly device: string;
  readonly via: Ip | undefined;
  /** The route as written; undefined where the kernel made it from an address. */
  readonly route: IpRoute | undefined;
  /** `10.0.3.10/24`, of a route that the kernel made. */
  readonly address: string | undefined;
  #text: string | undefined;
  #shortText: string | undefined;

  constructor(type: RouteType, device: string, origin: IpRoute | string) {
    this.type = type;
    this.device = device;
    this.route = typeof origin === 'string' ? undefined : origin;
    this.address = typeof origin === 'string' ? origin : undefined;
    this.via = this.route?.via === undefined ? undefined : parseIp(this.route.via);
  }

  /** As `ip route` shows it. */
  get text(): string {
    this.#text ??=
      this.route === undefined
        ? `${this.type} ${this.address?.split('/')[0]} dev ${this.device}`
        : ipRouteText(this.route);
    return this.#text;
  }

  /** What it says besides its device and scope, which whoever names the link has said. */
  get shortText(): string {
    this.#shortText ??= this.text.replace(/ dev \S+/, '').replace(/ scope link$/, '');
    return this.#shortText;
  }
}
