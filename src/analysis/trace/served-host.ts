/**
 * analysis/trace/served-host — a public name that an Ingress here serves and no hosted zone here
 * holds: where it leads is its owner's DNS to say, and a packet to a made-up address tells nothing.
 */
import type { DnsQuery } from '../../datapath/dns/answer.ts';
import type { Verdict } from '../../datapath/trace.ts';
import type { NameWalk } from '../../datapath/walk/name-walk.ts';
import type { TwinStore } from '../../model/kinds.ts';
import type { Ingress } from '../../model/kubernetes/ingress.ts';
import { keyOf } from '../../model/kubernetes/meta.ts';

/** As the resolver calls who answers for names that are nobody's of AWS. */
const PUBLIC_NAMES = 'public names';

/** Why the name is not followed; undefined: it is answered from what was described. */
export function servedHost(
  store: TwinStore,
  sender: string,
  { lookup }: NameWalk,
): Verdict | undefined {
  const host = lookup.name.replace(/\.$/, '');
  const answered = lookup.queries.filter(({ answer }) => answer.length > 0);
  if (answered.length === 0 || !answered.every(isPublicAnswer)) return undefined;
  const ingress = store.list('Ingress').find((it) => serves(it, host));
  if (ingress === undefined) return undefined;
  const key = keyOf(ingress);
  const balancer = addressOf(ingress);
  const leads = balancer === undefined ? 'has no load balancer yet' : `is at ${balancer}`;
  return {
    disposition: 'not-simulated',
    text:
      `where ${host} leads is not known: no hosted zone of the input holds it. ` +
      `Ingress ${key} serves it and ${leads}`,
    code: 'DNS_NOT_IN_INPUT',
    remedy: {
      text:
        `ask the load balancer itself, as if the name were its alias; or add the zone and its ` +
        'records (aws route53 list-hosted-zones, list-resource-record-sets), or --with external-dns',
      command: `ekstwin trace ${sender} ing/${key} --host ${host}`,
    },
  };
}

/** Whether the answer is that of public names, asked by the asker or by a server on its behalf. */
export const isPublicAnswer = ({ source, forwarded }: DnsQuery): boolean =>
  source === PUBLIC_NAMES || forwarded.some(isPublicAnswer);

const serves = ({ spec }: Ingress, host: string): boolean =>
  (spec.rules ?? []).some(
    (rule) =>
      rule.host?.toLowerCase() === host ||
      (rule.host?.startsWith('*.') === true &&
        host.slice(host.indexOf('.')) === rule.host.slice(1).toLowerCase()),
  );

function addressOf({ status }: Ingress): string | undefined {
  const [first] = status?.loadBalancer?.ingress ?? [];
  return first?.hostname ?? first?.ip;
}
