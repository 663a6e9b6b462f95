/** cli/whois-answer — answers `whois`: reads what was asked, finds its identities, prints them. */
import { type Identity, isHeld } from '../analysis/whois/identity.ts';
import { whoHas, whoIs } from '../analysis/whois/whois.ts';
import { InputError } from '../model/input-error.ts';
import { nearestWords } from '../model/nearest.ts';
import { canonicalIpText } from '../net/index.ts';
import type { Twin } from '../twin/twin.ts';
import { asJson, asYaml } from './render/structured.ts';
import { identityLines } from './render/whois.ts';

export type Asked =
  | { readonly kind: 'address'; readonly address: string }
  | { readonly kind: 'interface'; readonly id: string };

/** Throws InputError for what is neither an address nor an ENI's id. */
export function parseAsked(text: string): Asked {
  if (/^eni-[0-9a-z]+$/.test(text)) return { kind: 'interface', id: text };
  const address = canonicalIpText(text);
  if (address !== undefined) return { kind: 'address', address };
  throw new InputError(
    `whois ${text}`,
    'not an IPv4 or IPv6 address, and not an ENI',
    hintFor(text),
  );
}

function hintFor(text: string): string {
  const bare = canonicalIpText(text.split('/')[0]!) ?? canonicalIpText(text.split(':')[0]!);
  if (bare !== undefined) return `one address, without block or port: ekstwin whois ${bare}`;
  return 'write an address such as 10.0.3.50, or eni-…; "ekstwin dns" asks for names';
}

function identitiesOf(twin: Twin, asked: Asked): readonly Identity[] {
  if (asked.kind === 'address') return whoHas(twin.store, asked.address);
  const eni = twin.store.get('ec2/network-interface', asked.id);
  const identity = eni && whoIs(twin.store, eni);
  if (identity !== undefined) return [identity];
  const ids = twin.store.list('ec2/network-interface').map((one) => one.networkInterfaceId);
  const near = nearestWords(asked.id, ids);
  throw new InputError(
    `whois ${asked.id}`,
    `The networkInterface ID '${asked.id}' does not exist`,
    near.length > 0 ? `did you mean ${near.join(' or ')}?` : '"ekstwin get enis" lists them',
  );
}

/** The answer as text with its last newline, and whether something has the address. */
export async function whoisAnswer(
  twin: Twin,
  asked: Asked,
  output: 'json' | 'yaml' | undefined,
): Promise<{ readonly text: string; readonly isHeld: boolean }> {
  const identities = identitiesOf(twin, asked);
  const held = identities.some(isHeld);
  const shown = identities.length === 1 ? identities[0] : identities;
  const text =
    output === 'json'
      ? asJson(shown)
      : output === 'yaml'
        ? await asYaml(shown)
        : identities.map((one) => identityLines(one).join('\n')).join('\n\n');
  return { text: `${text}\n`, isHeld: held };
}
