/**
 * controllers/external-dns/ownership-name — the name of the TXT record that says whose a record is:
 * its type and name, with the prefix or suffix of the settings; and back.
 *
 * Upstream: kubernetes-sigs/external-dns@2bf1bf8a registry/mapper/mapper.go.
 */
import type { RecordType } from '../../model/route53/hosted-zone.ts';
import type { ExternalDnsSettings } from './settings.ts';

type Affixes = Pick<ExternalDnsSettings, 'txtPrefix' | 'txtSuffix' | 'txtWildcardReplacement'>;

const TYPE = '%{record_type}';
const TYPES: readonly RecordType[] = ['A', 'AAAA', 'CNAME', 'NS', 'MX', 'PTR', 'SRV', 'TXT'];

/** Whether the settings say where the type goes. */
export const hasTypeInAffix = ({ txtPrefix, txtSuffix }: Affixes): boolean =>
  txtPrefix.includes(TYPE) || txtSuffix.includes(TYPE);

/** `a-web.example.com` for the A of `web.example.com`. Without a type: as releases before 0.12. */
export function ownershipName(affixes: Affixes, dnsName: string, type?: RecordType): string {
  const { txtPrefix, txtSuffix, txtWildcardReplacement } = affixes;
  const at = dnsName.indexOf('.');
  const [head, tail] = at < 0 ? [dnsName, ''] : [dnsName.slice(0, at), dnsName.slice(at)];
  const lower = type?.toLowerCase() ?? '';
  const isReplaced = head === '*' && txtWildcardReplacement !== '';
  const first = isReplaced ? txtWildcardReplacement : head;
  const typed = lower === '' || hasTypeInAffix(affixes) ? first : `${lower}-${first}`;
  const filled = (affix: string): string => affix.replaceAll(TYPE, lower);
  return `${filled(txtPrefix)}${typed}${filled(txtSuffix)}${tail}`;
}

/** The record an ownership record is about. */
export interface OwnedName {
  readonly dnsName: string;
  /** Absent where the name has none: one of the old format. */
  readonly type?: RecordType | undefined;
}

/** undefined where the name is no ownership record's under these settings. */
export function ownedName(affixes: Affixes, txtName: string): OwnedName | undefined {
  const name = txtName.toLowerCase();
  const { txtPrefix, txtSuffix } = affixes;
  if (txtSuffix === '') return withoutAffix(affixes, name, txtPrefix, true);
  const dots = txtSuffix.split('.').length - 1;
  const labels = name.split('.');
  if (labels.length <= dots) return undefined;
  const head = labels.slice(0, 1 + dots).join('.');
  const owned = withoutAffix(affixes, head, txtSuffix, false);
  if (owned === undefined) return undefined;
  const tail = labels.slice(1 + dots);
  return { ...owned, dnsName: [owned.dnsName, ...tail].join('.') };
}

function withoutAffix(
  affixes: Affixes,
  name: string,
  affix: string,
  isPrefix: boolean,
): OwnedName | undefined {
  const strip = (text: string): string | undefined => {
    if (isPrefix) return name.startsWith(text) ? name.slice(text.length) : undefined;
    return name.endsWith(text) ? name.slice(0, name.length - text.length) : undefined;
  };
  if (hasTypeInAffix(affixes)) {
    for (const type of TYPES) {
      const rest = strip(affix.replaceAll(TYPE, type.toLowerCase()));
      if (rest !== undefined) return { dnsName: rest, type };
    }
  }
  const rest = strip(affix.replaceAll(TYPE, ''));
  if (rest === undefined) return undefined;
  const type = TYPES.find((it) => rest.startsWith(`${it.toLowerCase()}-`));
  return type === undefined ? { dnsName: rest } : { dnsName: rest.slice(type.length + 1), type };
}
