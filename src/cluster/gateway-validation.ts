/**
 * cluster/gateway-validation — what Gateway API's CRDs ask beyond the shape: rules over several
 * fields, in their own words.
 *
 * Upstream: x-kubernetes-validations of kubernetes-sigs/gateway-api@v1.6.0 config/crd/standard and
 * of kubernetes-sigs/aws-load-balancer-controller@225f445 config/crd/gateway.
 */
import type { KubernetesKind } from '../model/kinds.ts';
import type { Listener } from '../model/kubernetes/gateway.ts';
import type {
  ConfiguredAction,
  ListenerRuleConfiguration,
  LoadBalancerConfigurationSpec,
} from '../model/kubernetes/gateway-configuration.ts';
import type { KubernetesObject } from '../model/kubernetes/meta.ts';
import type { AnyRoute, HttpMatch, HttpRule, ParentReference } from '../model/kubernetes/route.ts';
import { type FieldError, invalid } from './field-error.ts';

type Complaint = (holds: boolean, path: string, type: string, message: string) => void;

/** Complaints about an object whose shape is right. */
export function gatewayErrors(kind: KubernetesKind, object: KubernetesObject): FieldError[] {
  const errors: FieldError[] = [];
  const check: Complaint = (holds, path, type, message) => {
    if (!holds) errors.push(invalid(path, type, message));
  };
  const spec = (object.spec ?? {}) as Readonly<Record<string, unknown>>;
  if (kind === 'Gateway' || kind === 'ListenerSet') {
    checkListeners(check, (spec.listeners ?? []) as readonly Listener[]);
  } else if (kind.endsWith('Route')) checkRoute(check, object as AnyRoute);
  else if (kind === 'LoadBalancerConfiguration') checkMutual(check, spec);
  else if (kind === 'ListenerRuleConfiguration') {
    checkRuleConfiguration(check, object as ListenerRuleConfiguration);
  }
  return errors;
}

function checkListeners(check: Complaint, listeners: readonly Listener[]): void {
  const all = (holds: (listener: Listener) => boolean, message: string): void =>
    check(listeners.every(holds), 'spec.listeners', 'array', message);
  const isOne = (listener: Listener, same: (other: Listener) => boolean): boolean =>
    listeners.filter(same).length === 1 && same(listener);
  all(
    ({ protocol, tls }) => !['HTTP', 'TCP', 'UDP'].includes(protocol) || tls === undefined,
    "tls must not be specified for protocols ['HTTP', 'TCP', 'UDP']",
  );
  all(
    ({ protocol, tls }) => protocol !== 'HTTPS' || tls === undefined || tls.mode === 'Terminate',
    'tls mode must be Terminate for protocol HTTPS',
  );
  all(
    ({ protocol, tls }) => protocol !== 'TLS' || tls?.mode !== undefined,
    'tls mode must be set for protocol TLS',
  );
  all(
    ({ protocol, hostname = '' }) => !['TCP', 'UDP'].includes(protocol) || hostname === '',
    "hostname must not be specified for protocols ['TCP', 'UDP']",
  );
  all(
    (listener) => isOne(listener, ({ name }) => name === listener.name),
    'Listener name must be unique within the Gateway',
  );
  all(
    (listener) =>
      isOne(
        listener,
        (other) =>
          other.port === listener.port &&
          other.protocol === listener.protocol &&
          other.hostname === listener.hostname,
      ),
    'Combination of port, protocol and hostname must be unique for each listener',
  );
}

function checkRoute(check: Complaint, { kind, spec }: AnyRoute): void {
  checkParents(check, spec.parentRefs ?? []);
  for (const [i, rule] of (spec.rules ?? []).entries()) {
    const path = `spec.rules[${i}]`;
    for (const [j, ref] of (rule.backendRefs ?? []).entries()) {
      const isService = (ref.group ?? '') === '' && (ref.kind ?? 'Service') === 'Service';
      const holds = !isService || ref.port !== undefined;
      check(holds, `${path}.backendRefs[${j}]`, 'object', 'Must have port for Service reference');
    }
    if (kind === 'HTTPRoute') checkHttpRule(check, path, rule);
  }
}

/** Several references to one parent each name another of its listeners. */
function checkParents(check: Complaint, parents: readonly ParentReference[]): void {
  const parentOf = ({ group = '', kind = '', namespace = '', name }: ParentReference): string =>
    [group, kind, namespace, name].join('/');
  const placeOf = (ref: ParentReference): string =>
    [parentOf(ref), ref.sectionName ?? '', ref.port ?? ''].join('/');
  const isShared = (ref: ParentReference): boolean =>
    parents.filter((other) => parentOf(other) === parentOf(ref)).length > 1;
  const hasPlace = ({ sectionName = '', port }: ParentReference): boolean =>
    sectionName !== '' || port !== undefined;
  const shared = parents.filter(isShared);
  const more = 'when parentRefs includes 2 or more references to the same parent';
  const named = shared.filter(hasPlace).length;
  check(
    named === 0 || named === shared.length,
    'spec.parentRefs',
    'array',
    `sectionName must be specified ${more}`,
  );
  check(
    new Set(parents.map(placeOf)).size === parents.length,
    'spec.parentRefs',
    'array',
    `sectionName must be unique ${more}`,
  );
}

function checkHttpRule(check: Complaint, path: string, rule: HttpRule): void {
  const { filters = [], backendRefs = [], matches = [] } = rule;
  const redirect = filters.find(({ requestRedirect }) => requestRedirect !== undefined);
  check(
    redirect === undefined || backendRefs.length === 0,
    path,
    'object',
    'RequestRedirect filter must not be used together with backendRefs',
  );
  const isOnePrefix = matches.length === 1 && matches[0]?.path?.type === 'PathPrefix';
  for (const { requestRedirect, urlRewrite } of filters) {
    for (const [name, filter] of Object.entries({
      RequestRedirect: requestRedirect,
      URLRewrite: urlRewrite,
    })) {
      const needsPrefix = filter?.path?.replacePrefixMatch !== undefined;
      check(
        !needsPrefix || isOnePrefix,
        path,
        'object',
        `When using ${name} filter with path.replacePrefixMatch, exactly one PathPrefix match ` +
          'must be specified',
      );
    }
  }
  for (const [i, match] of matches.entries()) checkPath(check, `${path}.matches[${i}].path`, match);
}

function checkPath(check: Complaint, at: string, { path }: HttpMatch): void {
  if (path === undefined || path.type === 'RegularExpression') return;
  const value = path.value ?? '/';
  const types = "when type one of ['Exact', 'PathPrefix']";
  check(
    value.startsWith('/'),
    at,
    'object',
    `value must be an absolute path and start with '/' ${types}`,
  );
  for (const part of ['//', '/./', '/../', '%2f', '%2F', '#']) {
    check(!value.includes(part), at, 'object', `must not contain '${part}' ${types}`);
  }
  for (const end of ['/..', '/.']) {
    check(!value.endsWith(end), at, 'object', `must not end with '${end}' ${types}`);
  }
  check(
    /^(?:[-A-Za-z0-9/._~!$&'()*+,;=:@]|[%][0-9a-fA-F]{2})+$/.test(value),
    at,
    'object',
    'must only contain valid characters (matching ' +
      "^(?:[-A-Za-z0-9/._~!$&'()*+,;=:@]|[%][0-9a-fA-F]{2})+$) for types ['Exact', 'PathPrefix']",
  );
}

function checkMutual(check: Complaint, spec: LoadBalancerConfigurationSpec): void {
  for (const [i, { mutualAuthentication: mutual }] of (
    spec.listenerConfigurations ?? []
  ).entries()) {
    if (mutual === undefined) continue;
    const at = `spec.listenerConfigurations[${i}].mutualAuthentication`;
    const isVerified = mutual.mode === 'verify';
    check(
      !isVerified || mutual.trustStore !== undefined,
      at,
      'object',
      "trustStore is required when mutualAuthentication mode is 'verify'",
    );
    for (const field of [
      'trustStore',
      'ignoreClientCertificateExpiry',
      'advertiseTrustStoreCaNames',
    ] as const) {
      check(
        isVerified || mutual[field] === undefined,
        at,
        'object',
        `Mutual Authentication mode 'off' or 'passthrough' does not support '${field}'`,
      );
    }
  }
}

const CONFIG_FIELDS = {
  forwardConfig: 'forward',
  redirectConfig: 'redirect',
  fixedResponseConfig: 'fixed-response',
  authenticateCognitoConfig: 'authenticate-cognito',
  authenticateOIDCConfig: 'authenticate-oidc',
  jwtValidationConfig: 'jwt-validation',
} as const satisfies Partial<Record<keyof ConfiguredAction, ConfiguredAction['type']>>;

const PRE_ROUTING: readonly string[] = [
  'authenticate-oidc',
  'authenticate-cognito',
  'jwt-validation',
];

function checkRuleConfiguration(check: Complaint, { spec }: ListenerRuleConfiguration): void {
  const actions = spec?.actions ?? [];
  for (const [i, action] of actions.entries()) {
    for (const [field, type] of Object.entries(CONFIG_FIELDS)) {
      const isThere = action[field as keyof typeof CONFIG_FIELDS] !== undefined;
      const message = `${field} must be specified only when type is '${type}'`;
      check(isThere === (action.type === type), `spec.actions[${i}]`, 'object', message);
    }
    const code = action.fixedResponseConfig?.statusCode;
    check(
      code === undefined || (code >= 200 && code < 300) || (code >= 400 && code < 600),
      `spec.actions[${i}].fixedResponseConfig.statusCode`,
      'integer',
      'StatusCode must be a valid HTTP status code in the 2XX, 4XX, or 5XX range',
    );
  }
  const before = actions.filter(({ type }) => PRE_ROUTING.includes(type)).length;
  check(
    before <= 1,
    'spec',
    'object',
    'At most one pre-routing action (authenticate-oidc, authenticate-cognito, or ' +
      'jwt-validation) can be specified',
  );
  check(
    actions.length - before <= 1,
    'spec',
    'object',
    'At most one routing action (fixed-response or forward or redirect) can be specified',
  );
}
