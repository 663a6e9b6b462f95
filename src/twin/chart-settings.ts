/**
 * twin/chart-settings — `--set a.b=c,d={e,f}` as helm reads it, and what a chart makes of it: flags
 * of the controller, the account, the image.
 *
 * Upstream: helm/helm pkg/strvals/parser.go.
 */

/** One setting: the path of the value and what it is set to. */
export interface Setting {
  /** `serviceAccount.name`; `sources` of a list as a whole and of each of its places. */
  readonly path: string;
  readonly values: readonly string[];
}

/** Reads what one `--set` says; undefined when it is no setting. */
export function parseSettings(text: string): readonly Setting[] | undefined {
  const settings: Setting[] = [];
  for (const part of splitOutside(text, ',')) {
    const at = part.search(/(?<!\\)=/);
    if (at <= 0) return undefined;
    const path = part.slice(0, at).replaceAll(/\[\d+\]/g, '');
    settings.push({ path, values: valuesOf(part.slice(at + 1)) });
  }
  return settings.length === 0 ? undefined : settings;
}

const unescaped = (text: string): string => text.replaceAll(/\\(.)/gs, '$1');

/** `{a,b}` is a list, `{}` an empty one. */
function valuesOf(text: string): readonly string[] {
  if (!text.startsWith('{') || !text.endsWith('}')) return [unescaped(text)];
  const inner = text.slice(1, -1);
  return inner === '' ? [] : splitOutside(inner, ',').map((it) => unescaped(it.trim()));
}

/** Splits where the separator is neither escaped nor between braces. */
function splitOutside(text: string, separator: string): string[] {
  const parts: string[] = [];
  let depth = 0;
  let part = '';
  for (let i = 0; i < text.length; i++) {
    const char = text[i]!;
    if (char === '\\' && i + 1 < text.length) part += char + text[++i];
    else if (char === separator && depth === 0) {
      parts.push(part);
      part = '';
    } else {
      if (char === '{') depth++;
      if (char === '}') depth--;
      part += char;
    }
  }
  return [...parts, part];
}

/** Values that become a flag of the controller, per chart. `[]` = one flag for each of a list. */
export type FlagTable = Readonly<Record<string, string>>;

/** charts/external-dns templates/deployment.yaml (v0.21.0). */
export const EXTERNAL_DNS_FLAGS: FlagTable = {
  provider: '--provider',
  'provider.name': '--provider',
  logLevel: '--log-level',
  logFormat: '--log-format',
  interval: '--interval',
  policy: '--policy',
  registry: '--registry',
  txtOwnerId: '--txt-owner-id',
  txtPrefix: '--txt-prefix',
  txtSuffix: '--txt-suffix',
  namespaced: '--namespace',
  sources: '--source',
  domainFilters: '--domain-filter',
  excludeDomains: '--exclude-domains',
  labelFilter: '--label-filter',
  annotationFilter: '--annotation-filter',
  annotationPrefix: '--annotation-prefix',
  managedRecordTypes: '--managed-record-types',
  triggerLoopOnEvent: '--events',
};

/** helm/aws-load-balancer-controller templates/deployment.yaml. */
export const LOAD_BALANCER_FLAGS: FlagTable = {
  clusterName: '--cluster-name',
  ingressClass: '--ingress-class',
  region: '--aws-region',
  vpcId: '--aws-vpc-id',
  watchNamespace: '--watch-namespace',
  logLevel: '--log-level',
  defaultSSLPolicy: '--default-ssl-policy',
  defaultTargetType: '--default-target-type',
  defaultLoadBalancerScheme: '--default-load-balancer-scheme',
  externalManagedTags: '--external-managed-tags',
  backendSecurityGroup: '--backend-security-group',
  enableBackendSecurityGroup: '--enable-backend-security-group',
  enableEndpointSlices: '--enable-endpoint-slices',
  enablePodReadinessGateInject: '--enable-pod-readiness-gate-inject',
  enableShield: '--enable-shield',
  enableWaf: '--enable-waf',
  enableWafv2: '--enable-wafv2',
  disableIngressClassAnnotation: '--disable-ingress-class-annotation',
  disableIngressGroupNameAnnotation: '--disable-ingress-group-name-annotation',
  disableRestrictedSecurityGroupRules: '--disable-restricted-sg-rules',
  ingressMaxConcurrentReconciles: '--ingress-max-concurrent-reconciles',
  serviceMaxConcurrentReconciles: '--service-max-concurrent-reconciles',
};
