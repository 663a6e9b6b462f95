/**
 * datapath/linux/link-settings — what a namespace's sysctls say of IPv4 that comes in by one link.
 *
 * A link's own setting counts, else what links get by default, else the kernel's own; of rp_filter
 * the stricter of `all` and the link's (include/linux/inetdevice.h IN_DEV_RPFILTER).
 */

export interface LinkSettings {
  /** 0 off, 1 strict, 2 loose. */
  readonly reversePath: number;
  /** The setting of all links says so, not the link's. */
  readonly isReversePathOfAll: boolean;
  readonly isForwarding: boolean;
}

type Sysctls = Readonly<Record<string, string>>;

const PREFIX = 'net.ipv4.conf.';

const ownSetting = (sysctls: Sysctls, link: string, name: string): number =>
  Number(sysctls[`${PREFIX}${link}.${name}`] ?? sysctls[`${PREFIX}default.${name}`] ?? '0');

/** The setting that decided about a link: `net.ipv4.conf.all.rp_filter`. */
export const reversePathName = ({ isReversePathOfAll }: LinkSettings, link: string): string =>
  `${PREFIX}${isReversePathOfAll ? 'all' : link}.rp_filter`;

function settingsOf(sysctls: Sysctls, link: string): LinkSettings {
  const all = Number(sysctls[`${PREFIX}all.rp_filter`] ?? '0');
  const own = ownSetting(sysctls, link, 'rp_filter');
  const forwards = sysctls['net.ipv4.ip_forward'] ?? sysctls[`${PREFIX}all.forwarding`] ?? '0';
  return {
    reversePath: Math.max(all, own),
    isReversePathOfAll: all >= own,
    isForwarding:
      sysctls[`${PREFIX}${link}.forwarding`] === undefined
        ? forwards === '1'
        : ownSetting(sysctls, link, 'forwarding') === 1,
  };
}

/** Links of which the sysctls say nothing are all alike, and most links are such. */
export class AllLinkSettings {
  readonly #named = new Map<string, LinkSettings>();
  readonly #others: LinkSettings;

  constructor(sysctls: Sysctls) {
    for (const key of Object.keys(sysctls)) {
      const end = key.lastIndexOf('.');
      if (!key.startsWith(PREFIX) || end <= PREFIX.length) continue;
      const link = key.slice(PREFIX.length, end);
      if (!this.#named.has(link)) this.#named.set(link, settingsOf(sysctls, link));
    }
    // No link has this name: what it would get is what every unnamed one gets.
    this.#others = settingsOf(sysctls, '');
  }

  /** Of one link. */
  of(link: string): LinkSettings {
    return this.#named.get(link) ?? this.#others;
  }
}
