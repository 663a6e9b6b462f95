/**
 * datapath/walk/balancer-certificate — which certificate a listener shows for a host, and whether a
 * client that checks would take it.
 *
 * Source: Application Load Balancers, "SSL certificates": the best match for the server name, else
 * the default one; a wildcard stands for one label.
 */
import type { Certificate } from '../../model/acm/certificate.ts';
import type { Element } from '../trace.ts';
import type { Balanced } from './balanced.ts';

const isFor = (name: string, host: string): boolean => {
  const wanted = name.toLowerCase();
  if (!wanted.startsWith('*.')) return wanted === host;
  const at = host.indexOf('.');
  return at > 0 && host.slice(at) === wanted.slice(1);
};

const element = (object: string): Element => ({ kind: 'certificate', object });

/** Says which certificate is shown; what a client would object to is a note of the answer. */
export function certificateNotes({ exchange, listener }: Balanced, name: string): string[] {
  const host = name.toLowerCase().replace(/\.$/, '');
  const { store } = exchange.world;
  const known: Certificate[] = listener.certificateArns.flatMap(
    (arn) => store.get('acm/certificate', arn) ?? [],
  );
  const notes = listener.isMutual
    ? [`${listener.label} asks clients for a certificate: taken as one its trust store knows`]
    : [];
  const shown = known.find((it) => it.subjectAlternativeNames.some((one) => isFor(one, host)));
  if (shown !== undefined) {
    exchange.there.step({
      layer: 'load-balancer',
      kind: 'certificate',
      action: 'choose',
      text: `TLS ends here, with the certificate for ${shown.subjectAlternativeNames.join(', ')}`,
      evidence: { decisive: [element(shown.certificateArn)] },
    });
    return notes;
  }
  const [first] = known;
  const isAllKnown = known.length === listener.certificateArns.length;
  const text =
    first === undefined || !isAllKnown
      ? `assumed: TLS ends here, with a certificate for ${host}; its names are in no document`
      : `no certificate of ${listener.label} is for ${host}: it shows the one for ` +
        `${first.subjectAlternativeNames.join(', ')}, which a client that checks refuses`;
  exchange.there.step({
    layer: 'load-balancer',
    kind: 'certificate',
    action: 'note',
    text,
    evidence: { decisive: known.map((it) => element(it.certificateArn)) },
  });
  if (first !== undefined && isAllKnown) notes.push(text);
  return notes;
}
