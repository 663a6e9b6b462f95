/** cli/dns-answer — answers `dns`: resolves the name and prints every query it took. */
import type { Lookup } from '../datapath/dns/answer.ts';
import { Names } from '../datapath/dns/names.ts';
import { InputError } from '../model/input-error.ts';
import type { TwinStore } from '../model/kinds.ts';
import { nearestWords } from '../model/nearest.ts';
import { parseIp } from '../net/index.ts';
import { lookupText } from './render/lookup.ts';
import { asJson, asYaml } from './render/structured.ts';
import { vantageOf } from './vantage.ts';

const TYPES = ['A', 'AAAA', 'CNAME', 'SRV', 'PTR', 'TXT', 'NS', 'SOA', 'MX', 'HINFO', 'CAA'].concat(
  ['HTTPS', 'SVCB', 'NAPTR', 'DS', 'DNSKEY'],
);

/** What is asked. */
export interface DnsQuestion {
  readonly name: string;
  /** undefined: as programs ask, for both families of address. */
  readonly types?: readonly string[] | undefined;
}

/** @throws InputError for a type nobody knows, and for a name that can be none */
export function parseQuestion(name: string, type: string | undefined): DnsQuestion {
  const isAddress = parseIp(name) !== undefined;
  if (type === undefined) return isAddress ? { name, types: ['PTR'] } : { name };
  const known = type.toUpperCase();
  if (!TYPES.includes(known)) {
    const near = nearestWords(known, TYPES, 1)[0];
    throw new InputError(
      `dns … ${type}`,
      `no record type is called "${type}"`,
      near === undefined ? TYPES.join(', ') : `did you mean ${near}?`,
    );
  }
  return { name, types: [known] };
}

/** The answer as text with its last newline, and whether the name has one. */
export async function answerDns(
  store: TwinStore,
  who: string,
  { name, types }: DnsQuestion,
  output: 'json' | 'yaml' | undefined,
): Promise<{ readonly text: string; readonly isResolved: boolean }> {
  const lookup = new Names(store).lookup(vantageOf(store, who), name, types);
  const isResolved = lookup.records.length > 0;
  if (output === undefined) return { text: `${lookupText(lookup).join('\n')}\n`, isResolved };
  const value = structured(lookup);
  const text = output === 'json' ? asJson(value) : await asYaml(value);
  return { text: `${text}\n`, isResolved };
}

/** The verdict first. */
function structured({ rcode, answeredName, addresses, records, ...rest }: Lookup): object {
  return { rcode, answeredName, addresses, records, ...rest };
}
