/**
 * controllers/in-tree-load-balancer/annotations — the provider's own annotations and how it reads
 * them, which is not how the AWS Load Balancer Controller reads those of the same names.
 *
 * Follows kubernetes/cloud-provider-aws@63ec440c pkg/providers/v1/aws.go:96-252,1926-1965 and
 * aws_loadbalancer.go:84-145.
 */
import type { Service } from '../../model/kubernetes/core.ts';
import type { Labels } from '../../model/kubernetes/meta.ts';
import { ProviderError } from './provider-error.ts';

/** What every annotation begins with. */
export const PREFIX = 'service.beta.kubernetes.io/aws-load-balancer-';

/** The annotation of that name; an empty one counts as absent. */
export const annotation = ({ metadata }: Service, name: string): string | undefined =>
  metadata.annotations?.[`${PREFIX}${name}`] || undefined;

/** True for a network load balancer; everything else is a Classic one. */
export const isNetwork = (service: Service): boolean => annotation(service, 'type') === 'nlb';

/** True for what is left to the AWS Load Balancer Controller. */
export const isExternal = (service: Service): boolean => {
  const type = annotation(service, 'type');
  return type === 'nlb-ip' || type === 'external';
};

/** Everything but `false` and nothing makes it internal. */
export function isInternal(service: Service): boolean {
  const value = annotation(service, 'internal');
  return value !== undefined && value !== 'false';
}

/** `a=1,b=2,c`: a key without `=` has an empty value. */
export function keyValues(service: Service, name: string): Labels {
  const pairs: Record<string, string> = {};
  for (const pair of (annotation(service, name) ?? '').trim().split(',')) {
    const [key = '', value = ''] = pair.trim().split('=');
    if (key !== '') pairs[key] = value;
  }
  return pairs;
}

/** Names between commas. */
export const list = (service: Service, name: string): readonly string[] =>
  (annotation(service, name) ?? '')
    .split(',')
    .map((it) => it.trim())
    .filter((it) => it !== '');

/** Whether TLS is asked for on a port: all of them unless some are named. */
export function hasTlsPort(service: Service, port: number, portName: string): boolean {
  const ports = annotation(service, 'ssl-ports');
  if (ports === undefined || ports === '*') return true;
  const named = ports.split(',');
  return named.includes(portName) || named.some((it) => isWhole(it) && Number(it) === port);
}

const isWhole = (text: string): boolean => /^[+-]?\d+$/.test(text);

/** A number; undefined where the annotation is absent. */
export function wholeNumber(
  service: Service,
  name: string,
  wrong: (value: string) => string,
): number | undefined {
  const value = service.metadata.annotations?.[`${PREFIX}${name}`];
  if (value === undefined) return undefined;
  if (isWhole(value)) return Number(value);
  throw new ProviderError(wrong(value));
}

const parsingText =
  (name: string) =>
  (value: string): string =>
    `error parsing service annotation: ${PREFIX}${name}=${value}`;

/** A number of a setting that an empty annotation leaves alone. */
export const settingNumber = (service: Service, name: string): number | undefined =>
  annotation(service, name) === undefined
    ? undefined
    : wholeNumber(service, name, parsingText(name));

/** A boolean as Go's ParseBool takes it; an empty annotation leaves the setting alone. */
export function settingBool(service: Service, name: string): boolean | undefined {
  const value = annotation(service, name);
  if (value === undefined) return undefined;
  if (/^(1|t|T|true|TRUE|True)$/.test(value)) return true;
  if (/^(0|f|F|false|FALSE|False)$/.test(value)) return false;
  throw new ProviderError(parsingText(name)(value));
}
