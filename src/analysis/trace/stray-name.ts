/**
 * analysis/trace/stray-name — a name that was meant for a Service and went to the internet:
 * `web.shop` where namespace shop has no Service web. It may well exist out there; it is not what
 * was asked for.
 */
import type { Verdict } from '../../datapath/trace.ts';
import type { NameWalk } from '../../datapath/walk/name-walk.ts';
import type { TwinStore } from '../../model/kinds.ts';
import { keyOf } from '../../model/kubernetes/meta.ts';
import { nearestWords } from '../../model/nearest.ts';

/** Why the name is taken for a mistake; undefined: it is not. */
export function strayName(store: TwinStore, { lookup }: NameWalk): Verdict | undefined {
  const [service, namespace, ...rest] = lookup.name.split('.');
  // A final dot makes a name whole: whoever writes it means the public one.
  if (service === undefined || namespace === undefined || rest.length > 0) return undefined;
  if (lookup.answeredName !== `${lookup.name}.`) return undefined;
  if (store.get('Namespace', namespace) === undefined) return undefined;
  const keys = store.list('Service').map(keyOf);
  const near = nearestWords(`${namespace}/${service}`, keys);
  const inside = keys.filter((key) => key.startsWith(`${namespace}/`)).slice(0, 3);
  const names = near.length > 0 ? near : inside;
  const known = names.map((key) => key.split('/').reverse().join('.'));
  return {
    disposition: 'no-such-name',
    text:
      `namespace ${namespace} has no Service ${service}, so the query leaves the cluster: who ` +
      `answers is the public name ${lookup.name}, if there is one`,
    code: 'DNS_NXDOMAIN',
    remedy: {
      text:
        known.length > 0
          ? `did you mean ${known.join(' or ')}? For the public name write ${lookup.name}.`
          : `create the Service; for the public name write ${lookup.name}.`,
    },
  };
}
