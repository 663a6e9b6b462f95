/**
 * controllers/external-dns/domain-filter — which names an external-dns looks at, by suffix or by
 * regular expression.
 *
 * Upstream: kubernetes-sigs/external-dns@2bf1bf8a endpoint/domain_filter.go.
 */

export interface DomainFilter {
  readonly include: readonly string[];
  readonly exclude: readonly string[];
  /** Either of them turns the lists off. */
  readonly includeRegex?: RegExp | undefined;
  readonly excludeRegex?: RegExp | undefined;
}

const plain = (domain: string): string => domain.trim().replace(/\.$/, '').toLowerCase();

/** A filter that takes what the lists have; empty texts are none. */
export const domainFilter = (
  include: readonly string[],
  exclude: readonly string[] = [],
): DomainFilter => ({
  include: include.map(plain).filter((it) => it !== ''),
  exclude: exclude.map(plain).filter((it) => it !== ''),
});

/** Whether a name is within the filter. */
export function matchesDomain(filter: DomainFilter, domain: string): boolean {
  const { includeRegex, excludeRegex } = filter;
  const name = plain(domain);
  if (includeRegex !== undefined || excludeRegex !== undefined) {
    return excludeRegex?.test(name) !== true && includeRegex?.test(name) !== false;
  }
  if (filter.exclude.some((suffix) => isWithin(name, suffix))) return false;
  return filter.include.length === 0 || filter.include.some((suffix) => isWithin(name, suffix));
}

/** Whether a filter is for names below the domain: `--aws-zone-match-parent`. */
export function matchesParent(filter: DomainFilter, domain: string): boolean {
  const name = plain(domain);
  if (filter.exclude.some((suffix) => isWithin(name, suffix))) return false;
  if (filter.include.length === 0) return true;
  return filter.include.some((suffix) => !suffix.startsWith('.') && suffix.endsWith(`.${name}`));
}

/** `.example.com` takes what is below it only, `example.com` itself too. */
const isWithin = (name: string, suffix: string): boolean =>
  suffix.startsWith('.') ? name.endsWith(suffix) : name === suffix || name.endsWith(`.${suffix}`);
