/**
 * analysis/trace/stray-name — a name that was meant for a Service and went to the internet:
 * `web.shop` where namespace shop has no Service web. It may well exist out there; it is not what
 * was asked for.
 */
import type { Verdict } from '../../datapath/trace.ts';
import type { NameWalk } from '../../datapath/walk/name-walk.ts';
import type { TwinStore } from '../../model/kinds.ts';
import type { Service } from '../../model/kubernetes/core.ts';
import { keyOf } from '../../model/kubernetes/meta.ts';
import { nearestWords } from '../../model/nearest.ts';
import type { Source } from './endpoint.ts';

/**
 * Whether a name can only have been meant for a Service: `web.shop` where there is a namespace
 * shop. A final dot makes a name whole: whoever writes it means the public one.
 */
export function meansService(store: TwinStore, name: string): boolean {
  const [service, namespace, ...rest] = name.split('.');
  if (service === undefined || namespace === undefined || rest.length > 0) return false;
  return store.get('Namespace', namespace) !== undefined;
}

/** Why the name is taken for a mistake; undefined: it is not. */
export function strayName(
  store: TwinStore,
  { label, vantage }: Pick<Source, 'label' | 'vantage'>,
  { lookup, ways }: NameWalk,
): Verdict | undefined {
  if (!meansService(store, lookup.name)) return undefined;
  const [service = '', namespace = ''] = lookup.name.split('.');
  const isPublic = lookup.answeredName === `${lookup.name}.`;
  const found = store.get('Service', `${namespace}/${service}`);
  if (found !== undefined) {
    const isAskedOutside = ways[0]?.service === undefined && vantage.kind !== 'outside';
    const isLost = isPublic || lookup.addresses.length === 0;
    const isNodeLocal = ways[0]?.server.startsWith('169.254.20.') === true;
    if (!isAskedOutside || !isLost || isNodeLocal) return undefined;
    return notAsked(found, label, vantage.kind === 'pod');
  }
  if (!isPublic) return undefined;
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

/** The Service is there, and the sender asks somebody who does not know it. */
function notAsked(service: Service, sender: string, isPod: boolean): Verdict {
  const { clusterIP } = service.spec;
  const how = clusterIP === undefined || clusterIP === 'None' ? 'a pod' : clusterIP;
  return {
    disposition: 'no-such-name',
    text:
      `${sender} does not ask the cluster's DNS, so Service ${keyOf(service)} is no name to it: ` +
      (isPod ? 'its dnsPolicy is Default, or it is on the host network' : 'nodes ask the VPC'),
    code: 'DNS_NXDOMAIN',
    remedy: {
      text: isPod
        ? 'set dnsPolicy: ClusterFirstWithHostNet (without the host network: ClusterFirst)'
        : `send to ${how}, or ask from a pod`,
    },
  };
}
