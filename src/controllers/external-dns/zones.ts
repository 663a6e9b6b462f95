/**
 * controllers/external-dns/zones — which hosted zones an external-dns writes to, and which of them
 * a name goes to: every private zone that the name is within, and the longest public one.
 *
 * Upstream: kubernetes-sigs/external-dns@2bf1bf8a provider/aws/aws.go zones, suitableZones,
 * provider/zone_tag_filter.go.
 */
import type { HostedZone } from '../../model/route53/hosted-zone.ts';
import { type DomainFilter, domainFilter, matchesDomain, matchesParent } from './domain-filter.ts';
import type { ExternalDnsSettings } from './settings.ts';

/** The zones that the settings leave. */
export const zonesOf = (
  settings: ExternalDnsSettings,
  zones: readonly HostedZone[],
): readonly HostedZone[] =>
  zones.filter((zone) => {
    const { zoneIds, zoneType, zoneTags, domains, matchesParentZones } = settings;
    const isNamed = zoneIds.length === 0 || zoneIds.some((id) => idOf(id) === zone.hostedZoneId);
    if (!isNamed || (zoneType !== '' && zone.isPrivate !== (zoneType === 'private'))) return false;
    const isWithin = matchesDomain(domains, zone.name);
    if (!isWithin && !(matchesParentZones && matchesParent(domains, zone.name))) return false;
    return zoneTags.every((text) => {
      const [key = '', value] = text.split('=');
      return value === undefined ? Object.hasOwn(zone.tags, key) : zone.tags[key] === value;
    });
  });

/** Names that any of the zones has. */
export const filterOf = (zones: readonly HostedZone[]): DomainFilter =>
  domainFilter(zones.map(({ name }) => name));

/** The zones a record of the name goes to; pinned to one by `aws-hosted-zone-id`. */
export function suitableZones(
  zones: readonly HostedZone[],
  dnsName: string,
  pinned: string | undefined,
): readonly HostedZone[] {
  const name = `${dnsName.toLowerCase()}.`;
  const within = zones.filter((zone) => name === zone.name || name.endsWith(`.${zone.name}`));
  const publicZones = within.filter(({ isPrivate }) => !isPrivate);
  const longest = publicZones.reduce<HostedZone | undefined>(
    (best, zone) => (zone.name.length > (best?.name.length ?? -1) ? zone : best),
    undefined,
  );
  const chosen = within.filter((zone) => zone.isPrivate || zone === longest);
  return pinned === undefined
    ? chosen
    : chosen.filter(({ hostedZoneId }) => hostedZoneId === idOf(pinned));
}

const idOf = (text: string): string => text.replace(/^\/hostedzone\//, '');
