/** cli/lb-explain-answer — answers `lb explain`: one Ingress or Service, line by line. */
import { explainIngress } from '../analysis/load-balancer/explain/explain-ingress.ts';
import { explainService } from '../analysis/load-balancer/explain/explain-service.ts';
import type { Explanation, Places } from '../analysis/load-balancer/explain/explanation.ts';
import { readInputs } from '../formats/index.ts';
import { InputError } from '../model/input-error.ts';
import { keyOf } from '../model/kubernetes/meta.ts';
import { nearestWords } from '../model/nearest.ts';
import type { Twin } from '../twin/twin.ts';
import type { LbFlags } from './commands/lb.ts';
import { readInputFiles } from './input-files.ts';
import { explanationText } from './render/lb-explain.ts';
import { asJson, asYaml } from './render/structured.ts';

/** What may have a load balancer. */
export interface Balanced {
  readonly kind: 'Ingress' | 'Service';
  /** `namespace/name` */
  readonly key: string;
}

const WORDS: Readonly<Record<string, Balanced['kind']>> = {
  ing: 'Ingress',
  ingress: 'Ingress',
  ingresses: 'Ingress',
  svc: 'Service',
  service: 'Service',
  services: 'Service',
};

/** Reads `ing/NS/NAME`, `svc/NAME`. @throws InputError for anything else */
export function parseBalanced(text: string, namespace: string): Balanced {
  const [word = '', ...names] = text.split('/');
  const kind = WORDS[word.toLowerCase()];
  if (kind !== undefined && (names.length === 1 || names.length === 2) && !names.includes('')) {
    return { kind, key: names.length === 2 ? names.join('/') : `${namespace}/${names[0]}` };
  }
  throw new InputError(
    `lb explain ${text}`,
    'neither an Ingress nor a Service',
    'write ing/NS/NAME or svc/NS/NAME',
  );
}

/** Prints the explanation; the exit status is 1 where there is no load balancer. */
export async function printExplanation(
  twin: Twin,
  { kind, key }: Balanced,
  flags: LbFlags,
): Promise<number> {
  const places = placesOf(flags);
  const { cloud, store } = twin;
  const ingress = kind === 'Ingress' ? store.get('Ingress', key) : undefined;
  const service = kind === 'Service' ? store.get('Service', key) : undefined;
  let explanation: Explanation;
  if (ingress !== undefined) explanation = await explainIngress(cloud, store, ingress, places);
  else if (service !== undefined) explanation = await explainService(cloud, store, service, places);
  else throw missing(twin, { kind, key });
  if (flags.output === 'json') console.log(asJson(explanation));
  else if (flags.output === 'yaml') console.log(await asYaml(explanation));
  else console.log(explanationText(explanation));
  return explanation.loadBalancer === undefined ? 1 : 0;
}

function missing(twin: Twin, { kind, key }: Balanced): InputError {
  const keys = twin.store.list(kind).map((it) => keyOf(it));
  const near = nearestWords(key, keys);
  const word = kind === 'Ingress' ? 'ing' : 'svc';
  return new InputError(
    `lb explain ${word}/${key}`,
    `${word === 'ing' ? 'ingresses.networking.k8s.io' : 'services'} "${key}" not found`,
    near.length > 0
      ? `did you mean ${near.map((it) => `${word}/${it}`).join(' or ')}?`
      : `ekstwin get ${word} -A lists them`,
  );
}

/** Places in the files, which are read once more for them. */
function placesOf({ file = [], defaultNamespace }: LbFlags): Places {
  const located = new Map(
    readInputs(readInputFiles(file), defaultNamespace).objects.map((it) => [
      `${it.object.kind}:${keyOf(it.object)}`,
      it,
    ]),
  );
  return (object, path) => located.get(`${object.kind}:${keyOf(object)}`)?.at(path);
}
