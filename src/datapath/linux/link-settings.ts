/**
 * datapath/linux/link-settings — what a namespace's sysctls say of IPv4 that comes in by one link.
 *
 * A link's own setting counts, else what links get by default, else the kernel's own; of rp_filter
 * the stricter of `all` and the link's (include/linux/inetdevice.h IN_DEV_RPFILTER).
 */

export interface LinkSettings {
  /** 0 off, 1 strict, 2 loose. */
  readonly reversePath: number;
  /** The setting that says so: `net.ipv4.conf.all.rp_filter`. */
  readonly reversePathName: string;
  readonly isForwarding: boolean;
}

type Sysctls = Readonly<Record<string, string>>;

const ownSetting = (sysctls: Sysctls, link: string, name: string): number =>
  Number(
    sysctls[`net.ipv4.conf.${link}.${name}`] ?? sysctls[`net.ipv4.conf.default.${name}`] ?? '0',
  );

/** Read once for each link. */
export function linkSettings(sysctls: Sysctls, link: string): LinkSettings {
  const all = Number(sysctls['net.ipv4.conf.all.rp_filter'] ?? '0');
  const own = ownSetting(sysctls, link, 'rp_filter');
  const forwards = sysctls['net.ipv4.ip_forward'] ?? sysctls['net.ipv4.conf.all.forwarding'] ?? '0';
  return {
    reversePath: Math.max(all, own),
    reversePathName: all >= own ? 'net.ipv4.conf.all.rp_filter' : `net.ipv4.conf.${link}.rp_filter`,
    isForwarding:
      sysctls[`net.ipv4.conf.${link}.forwarding`] === undefined
        ? forwards === '1'
        : ownSetting(sysctls, link, 'forwarding') === 1,
  };
}
