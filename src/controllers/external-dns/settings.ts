/**
 * controllers/external-dns/settings — what an external-dns was told on its command line.
 *
 * Upstream: kubernetes-sigs/external-dns@2bf1bf8a pkg/apis/externaldns/types.go (defaults, flags),
 * validation/validation.go. Flags may also be variables, `--txt-prefix` as
 * `EXTERNAL_DNS_TXT_PREFIX`.
 */
import {
  isSelectorProblem,
  parseSelector,
  type TextSelector,
} from '../../model/kubernetes/selectors.ts';
import type { RecordType } from '../../model/route53/hosted-zone.ts';
import { type DomainFilter, domainFilter } from './domain-filter.ts';
import { BOOLEAN_FLAGS, NOT_SIMULATED } from './flags.data.ts';
import { GATEWAY_SOURCES } from './gateway-source.ts';
import { parseGoDuration } from './go-duration.ts';
import { type Release, releaseOf } from './release.ts';

export type Policy = 'sync' | 'upsert-only' | 'create-only';

export interface ExternalDnsSettings {
  readonly release: Release;
  readonly sources: readonly string[];
  readonly policy: Policy;
  readonly registry: 'txt' | 'noop';
  readonly ownerId: string;
  readonly txtPrefix: string;
  readonly txtSuffix: string;
  readonly txtWildcardReplacement: string;
  readonly writesOldFormat: boolean;
  readonly intervalMs: number;
  readonly followsEvents: boolean;
  readonly eventIntervalMs: number;
  readonly isDryRun: boolean;
  readonly runsOnce: boolean;
  readonly minTtlSeconds: number;
  readonly domains: DomainFilter;
  readonly zoneIds: readonly string[];
  readonly zoneType: '' | 'public' | 'private';
  /** `key` or `key=value`. */
  readonly zoneTags: readonly string[];
  readonly matchesParentZones: boolean;
  readonly prefersCname: boolean;
  readonly prefersAlias: boolean;
  readonly evaluatesTargetHealth: boolean;
  readonly managedTypes: readonly RecordType[];
  readonly annotationPrefix: string;
  readonly namespace: string;
  readonly labels: TextSelector | undefined;
  readonly annotations: TextSelector | undefined;
  readonly ingressClasses: readonly string[];
  readonly ignoresHostnameAnnotation: boolean;
  readonly ignoresIngressRules: boolean;
  readonly ignoresIngressTls: boolean;
  readonly serviceTypes: readonly string[];
  readonly publishesInternal: boolean;
  readonly publishesHostIp: boolean;
  readonly publishesNotReady: boolean;
  readonly exposesInternalIpv6: boolean;
  readonly excludesUnschedulable: boolean;
  readonly gatewayName: string;
  readonly gatewayNamespace: string;
  readonly gatewayLabels: TextSelector | undefined;
  readonly looksAtListenerSets: boolean;
}

export interface ReadSettings {
  /** undefined: it does not start, or it writes what no zone here has. */
  readonly settings: ExternalDnsSettings | undefined;
  /** What it says as it exits. */
  readonly failure?: string | undefined;
  /** Flags that change something and are not followed here. */
  readonly notes: readonly string[];
}

const SOURCES = ['service', 'ingress', ...Object.keys(GATEWAY_SOURCES)];
const REGEX_FLAGS = ['regex-domain-filter', 'regex-domain-exclusion'] as const;
const SELECTOR_FLAGS = ['label-filter', 'annotation-filter'] as const;
const MANAGED: readonly RecordType[] = ['A', 'AAAA', 'CNAME'];

/** Flags by name, each with every value it was given. */
class Flags {
  readonly #given = new Map<string, string[]>();

  constructor(args: readonly string[], env: Readonly<Record<string, string>>) {
    for (const [name, value] of Object.entries(env)) {
      const flag = /^EXTERNAL_DNS_(\w+)$/.exec(name)?.[1]?.toLowerCase().replaceAll('_', '-');
      if (flag !== undefined) this.#given.set(flag, value.split('\n'));
    }
    const fromArgs = new Set<string>();
    for (let i = 0; i < args.length; i++) {
      const [, name = '', , value] = /^--([a-z0-9-]+)(=(.*))?$/s.exec(args[i]!) ?? [];
      if (name === '') continue;
      const isOff = name.startsWith('no-') && BOOLEAN_FLAGS.has(name.slice(3));
      const flag = isOff ? name.slice(3) : name;
      const given = BOOLEAN_FLAGS.has(flag) ? (value ?? String(!isOff)) : (value ?? args[++i]);
      if (!fromArgs.has(flag)) this.#given.delete(flag);
      fromArgs.add(flag);
      this.#given.set(flag, [...(this.#given.get(flag) ?? []), given ?? '']);
    }
  }

  get names(): readonly string[] {
    return [...this.#given.keys()];
  }

  all(name: string): readonly string[] {
    return (this.#given.get(name) ?? []).filter((value) => value !== '');
  }

  text(name: string, otherwise = ''): string {
    return this.#given.get(name)?.at(-1) ?? otherwise;
  }

  isOn(name: string, otherwise = false): boolean {
    const text = this.#given.get(name)?.at(-1);
    return text === undefined ? otherwise : text === 'true' || text === '1';
  }

  durationMs(name: string, otherwise: number): number {
    const text = this.text(name);
    return text === '' ? otherwise : (parseGoDuration(text) ?? otherwise);
  }
}

/**
 * @param args  the container's command and arguments
 * @param env  its variables that have a value of their own
 */
export function readSettings(
  image: string,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): ReadSettings {
  const release = releaseOf(image);
  const flags = new Flags(args, env);
  const policy = flags.text('policy', release.defaultPolicy);
  const failure = failureOf(flags, policy);
  const notes = notesOf(flags);
  if (failure !== undefined) return { settings: undefined, failure, notes };
  const isOurs = flags.text('provider') === 'aws' && isRegistry(flags.text('registry', 'txt'));
  if (!isOurs) return { settings: undefined, notes };
  return { settings: settingsOf(flags, release, policy as Policy), notes };
}

function settingsOf(flags: Flags, release: Release, policy: Policy): ExternalDnsSettings {
  const managed = flags.all('managed-record-types') as readonly RecordType[];
  const excluded = new Set<string>(flags.all('exclude-record-types'));
  return {
    release,
    sources: flags.all('source'),
    policy,
    registry: flags.text('registry', 'txt') as ExternalDnsSettings['registry'],
    ownerId: flags.text('txt-owner-id', 'default'),
    txtPrefix: flags.text('txt-prefix').toLowerCase(),
    txtSuffix: flags.text('txt-suffix').toLowerCase(),
    txtWildcardReplacement: flags.text('txt-wildcard-replacement').toLowerCase(),
    writesOldFormat: release.writesOldFormat && !flags.isOn('txt-new-format-only'),
    intervalMs: flags.durationMs('interval', 60_000),
    followsEvents: flags.isOn('events'),
    eventIntervalMs: flags.durationMs('min-event-sync-interval', 5_000),
    isDryRun: flags.isOn('dry-run'),
    runsOnce: flags.isOn('once'),
    minTtlSeconds: Math.trunc(flags.durationMs('min-ttl', 0) / 1_000),
    domains: domainsOf(flags),
    zoneIds: flags.all('zone-id-filter'),
    zoneType: flags.text('aws-zone-type') as ExternalDnsSettings['zoneType'],
    zoneTags: flags.all('aws-zone-tags'),
    matchesParentZones: flags.isOn('aws-zone-match-parent'),
    prefersCname: flags.isOn('aws-prefer-cname'),
    prefersAlias: flags.isOn('prefer-alias'),
    evaluatesTargetHealth: flags.isOn('aws-evaluate-target-health', true),
    managedTypes: (managed.length > 0 ? managed : MANAGED).filter((it) => !excluded.has(it)),
    annotationPrefix: flags.text('annotation-prefix', release.annotationPrefix),
    namespace: flags.text('namespace'),
    labels: selectorOf(flags.text('label-filter')),
    annotations: selectorOf(flags.text('annotation-filter')),
    ingressClasses: flags.all('ingress-class'),
    ignoresHostnameAnnotation: flags.isOn('ignore-hostname-annotation'),
    ignoresIngressRules: flags.isOn('ignore-ingress-rules-spec'),
    ignoresIngressTls: flags.isOn('ignore-ingress-tls-spec'),
    serviceTypes: flags.all('service-type-filter'),
    publishesInternal: flags.isOn('publish-internal-services'),
    publishesHostIp: flags.isOn('publish-host-ip'),
    publishesNotReady: flags.isOn('always-publish-not-ready-addresses'),
    exposesInternalIpv6: flags.isOn('expose-internal-ipv6'),
    excludesUnschedulable: flags.isOn('exclude-unschedulable', true),
    gatewayName: flags.text('gateway-name'),
    gatewayNamespace: flags.text('gateway-namespace'),
    gatewayLabels: selectorOf(flags.text('gateway-label-filter')),
    looksAtListenerSets: flags.isOn('gateway-listener-sets'),
  };
}

function domainsOf(flags: Flags): DomainFilter {
  const [includeRegex, excludeRegex] = REGEX_FLAGS.map((name) => regexOf(flags.text(name)));
  return {
    ...domainFilter(flags.all('domain-filter'), flags.all('exclude-domains')),
    includeRegex: includeRegex ?? undefined,
    excludeRegex: excludeRegex ?? undefined,
  };
}

/** undefined for no text, null for one that is no regular expression. */
function regexOf(text: string): RegExp | undefined | null {
  if (text === '') return undefined;
  try {
    return new RegExp(text);
  } catch {
    return null;
  }
}

function selectorOf(text: string): TextSelector | undefined {
  if (text === '') return undefined;
  const selector = parseSelector(text);
  return isSelectorProblem(selector) ? undefined : selector;
}

const isRegistry = (text: string): boolean => text === 'txt' || text === 'noop';

/** Why it exits as it starts; undefined where it runs. */
function failureOf(flags: Flags, policy: string): string | undefined {
  if (flags.all('source').length === 0) return 'no sources specified';
  if (flags.text('provider') === '') return 'no provider specified';
  if (policy === '') {
    return '--policy must be set explicitly (one of: sync, upsert-only, create-only)';
  }
  if (flags.text('txt-prefix') !== '' && flags.text('txt-suffix') !== '') {
    return 'txt-prefix and txt-suffix are mutual exclusive';
  }
  for (const name of SELECTOR_FLAGS) {
    if (flags.text(name) !== '' && selectorOf(flags.text(name)) === undefined) {
      return `--${name} does not specify a valid label selector`;
    }
  }
  for (const name of REGEX_FLAGS) {
    if (regexOf(flags.text(name)) === null) return `--${name} is no regular expression`;
  }
  if (flags.isOn('ignore-hostname-annotation') && flags.text('fqdn-template') === '') {
    return 'FQDN Template must be set if ignoring annotations';
  }
  return undefined;
}

/** What it was told and is not followed here. */
function notesOf(flags: Flags): readonly string[] {
  const provider = flags.text('provider');
  const registry = flags.text('registry', 'txt');
  return [
    ...(provider === 'aws' || provider === '' ? [] : [`--provider=${provider}: its records`]),
    ...(isRegistry(registry) ? [] : [`--registry=${registry}: whose records are whose`]),
    ...flags
      .all('source')
      .filter((source) => !SOURCES.includes(source))
      .map((source) => `--source=${source}: its names`),
    ...flags.names.flatMap((name) => {
      const what = NOT_SIMULATED[name];
      return what === undefined || flags.text(name) === 'false' ? [] : [`--${name}: ${what}`];
    }),
  ];
}
