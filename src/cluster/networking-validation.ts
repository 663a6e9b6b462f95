/**
 * cluster/networking-validation — is a NetworkPolicy or an Ingress well formed?
 *
 * Upstream: kubernetes/kubernetes@019c5dc5 pkg/apis/networking/validation/validation.go
 * ValidateNetworkPolicySpec, ValidateIPBlock, ValidateIngressSpec, validateHTTPIngressPath,
 * validateIngressBackend, with 1.30's text for a CIDR.
 */
import type {
  Ingress,
  IngressBackend,
  IngressPath,
  IngressRule,
} from '../model/kubernetes/ingress.ts';
import type {
  NetworkPolicy,
  NetworkPolicyPeer,
  NetworkPolicyPort,
} from '../model/kubernetes/networking.ts';
import { containsCidr, parseCidr, parseIp } from '../net/index.ts';
import {
  type FieldError,
  forbidden,
  goStrings,
  invalid,
  notSupported,
  required,
} from './field-error.ts';
import { complaints, selectorErrors } from './metadata-validation.ts';
import {
  dns1035LabelProblems,
  dns1123SubdomainProblems,
  pathSegmentProblems,
  portNameProblems,
  portProblems,
  wildcardProblems,
} from './names.ts';
import { securityGroupErrors } from './policy-validation.ts';

const CIDR_TEXT = 'must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)';
const PROTOCOLS = ['TCP', 'UDP', 'SCTP'];
const POLICY_TYPES = ['Ingress', 'Egress'];

/** Complaints about a NetworkPolicy's spec. */
export function networkPolicyErrors({ spec }: NetworkPolicy): FieldError[] {
  const errors = selectorErrors(spec.podSelector, 'spec.podSelector');
  const add = (
    side: string,
    rules: readonly { readonly ports?: unknown; readonly peers?: unknown }[],
    word: string,
  ): void => {
    rules.forEach(({ ports, peers }, i) => {
      const at = `spec.${side}[${i}]`;
      ((ports ?? []) as readonly NetworkPolicyPort[]).forEach((port, j) => {
        errors.push(...policyPortErrors(port, `${at}.ports[${j}]`));
      });
      ((peers ?? []) as readonly NetworkPolicyPeer[]).forEach((peer, j) => {
        errors.push(...peerErrors(peer, `${at}.${word}[${j}]`));
      });
    });
  };
  add(
    'ingress',
    (spec.ingress ?? []).map((it) => ({ ports: it.ports, peers: it.from })),
    'from',
  );
  add(
    'egress',
    (spec.egress ?? []).map((it) => ({ ports: it.ports, peers: it.to })),
    'to',
  );
  const types: readonly string[] = spec.policyTypes ?? [];
  if (types.length > POLICY_TYPES.length) {
    const value = { go: goStrings('networking.PolicyType', types) };
    errors.push(invalid('spec.policyTypes', value, 'may not specify more than two policyTypes'));
    return errors;
  }
  types.forEach((type, i) => {
    if (POLICY_TYPES.includes(type)) return;
    errors.push(notSupported(`spec.policyTypes[${i}]`, type, POLICY_TYPES));
  });
  return errors;
}

function policyPortErrors(
  { port, protocol, endPort }: NetworkPolicyPort,
  field: string,
): FieldError[] {
  const errors: FieldError[] = [];
  if (protocol !== undefined && !PROTOCOLS.includes(protocol)) {
    errors.push(notSupported(`${field}.protocol`, protocol, PROTOCOLS));
  }
  const end = (detail: string): void =>
    void errors.push(invalid(`${field}.endPort`, endPort, detail));
  if (port === undefined || port === null) {
    if (endPort !== undefined) end('may not be specified when `port` is not specified');
  } else if (typeof port === 'number') {
    for (const problem of portProblems(port)) errors.push(invalid(`${field}.port`, port, problem));
    if (endPort !== undefined) {
      if (endPort < port) end('must be greater than or equal to `port`');
      for (const problem of portProblems(endPort)) end(problem);
    }
  } else {
    if (endPort !== undefined) end('may not be specified when `port` is non-numeric');
    errors.push(...complaints(`${field}.port`, port, portNameProblems(port)));
  }
  return errors;
}

function peerErrors(peer: NetworkPolicyPeer, field: string): FieldError[] {
  const { podSelector, namespaceSelector, ipBlock } = peer;
  const groups = securityGroupErrors(peer, field);
  if (groups.length > 0) return groups;
  const errors = [
    ...selectorErrors(podSelector, `${field}.podSelector`),
    ...selectorErrors(namespaceSelector, `${field}.namespaceSelector`),
    ...(ipBlock == null ? [] : blockErrors(ipBlock, `${field}.ipBlock`)),
  ];
  const given = [podSelector, namespaceSelector, ipBlock].filter((it) => it != null).length;
  if (given === 0) errors.push(required(field, 'must specify a peer'));
  else if (given > 1 && ipBlock != null) {
    errors.push(forbidden(field, 'may not specify both ipBlock and another peer'));
  }
  return errors;
}

function blockErrors(
  { cidr: text, except = [] }: NonNullable<NetworkPolicyPeer['ipBlock']>,
  field: string,
): FieldError[] {
  if (!text) return [required(`${field}.cidr`)];
  const cidr = parseCidr(text);
  if (cidr === undefined) return [invalid(`${field}.cidr`, text, CIDR_TEXT)];
  const errors: FieldError[] = [];
  (except ?? []).forEach((text, i) => {
    const at = `${field}.except[${i}]`;
    const inner = parseCidr(text);
    if (inner === undefined) errors.push(invalid(at, text, CIDR_TEXT));
    else if (!containsCidr(cidr, inner) || inner.bits <= cidr.bits) {
      errors.push(invalid(at, text, 'must be a strict subset of `cidr`'));
    }
  });
  return errors;
}

const CLASS_ANNOTATION = 'kubernetes.io/ingress.class';

/** Complaints about an Ingress. */
export function ingressErrors(ingress: Ingress, isNew: boolean): FieldError[] {
  const { spec } = ingress;
  const errors: FieldError[] = [];
  const { rules, defaultBackend, ingressClassName } = spec;
  if ((rules ?? []).length === 0 && defaultBackend == null) {
    const go = rules == null ? '[]networking.IngressRule(nil)' : '[]networking.IngressRule{}';
    const detail = 'either `defaultBackend` or `rules` must be specified';
    errors.push(invalid('spec', { go }, detail));
  }
  if (defaultBackend != null) {
    errors.push(...backendErrors(defaultBackend, 'spec.defaultBackend'));
  }
  (rules ?? []).forEach((rule, i) => {
    errors.push(...ruleErrors(rule, `spec.rules[${i}]`));
  });
  (spec.tls ?? []).forEach((tls, i) => {
    errors.push(...tlsErrors(tls, `spec.tls[${i}]`));
  });
  if (ingressClassName != null) {
    const problems = dns1123SubdomainProblems(ingressClassName);
    errors.push(...complaints('spec.ingressClassName', ingressClassName, problems));
  }
  const annotation = ingress.metadata.annotations?.[CLASS_ANNOTATION];
  if (isNew && annotation !== undefined && ingressClassName != null) {
    if (annotation !== ingressClassName) {
      const detail = 'must match `ingressClassName` when both are specified';
      errors.push(invalid(`annotations.${CLASS_ANNOTATION}`, annotation, detail));
    }
  }
  return errors;
}

function tlsErrors(
  { hosts = [], secretName }: NonNullable<Ingress['spec']['tls']>[number],
  field: string,
): FieldError[] {
  const errors: FieldError[] = [];
  hosts.forEach((host, i) => {
    const problems = host.includes('*') ? wildcardProblems(host) : dns1123SubdomainProblems(host);
    errors.push(...complaints(`${field}.hosts[${i}]`, host, problems));
  });
  if (secretName) {
    const problems = dns1123SubdomainProblems(secretName);
    errors.push(...complaints(`${field}.secretName`, secretName, problems));
  }
  return errors;
}

function ruleErrors({ host, http }: IngressRule, field: string): FieldError[] {
  const errors: FieldError[] = [];
  if (host) {
    if (parseIp(host) !== undefined) {
      errors.push(invalid(`${field}.host`, host, 'must be a DNS name, not an IP address'));
    }
    const problems = host.includes('*') ? wildcardProblems(host) : dns1123SubdomainProblems(host);
    errors.push(...complaints(`${field}.host`, host, problems));
  }
  if (http == null) return errors;
  const paths = http.paths ?? [];
  if (paths.length === 0) errors.push(required(`${field}.http.paths`));
  paths.forEach((path, i) => {
    errors.push(...pathErrors(path, `${field}.http.paths[${i}]`));
  });
  return errors;
}

const BAD_SEQUENCES = ['//', '/./', '/../', '%2f', '%2F'];
const BAD_ENDINGS = ['/..', '/.'];
const PATH_TYPES = ['Exact', 'ImplementationSpecific', 'Prefix'];

function pathErrors({ path = '', pathType, backend }: IngressPath, field: string): FieldError[] {
  if (pathType == null) return [required(`${field}.pathType`, 'pathType must be specified')];
  const errors: FieldError[] = [];
  const complain = (detail: string): void =>
    void errors.push(invalid(`${field}.path`, path, detail));
  const absolute = 'must be an absolute path';
  if (pathType === 'Exact' || pathType === 'Prefix') {
    if (!path.startsWith('/')) complain(absolute);
    for (const sequence of BAD_SEQUENCES) {
      if (path.includes(sequence)) complain(`must not contain '${sequence}'`);
    }
    for (const ending of BAD_ENDINGS) {
      if (path.endsWith(ending)) complain(`cannot end with '${ending}'`);
    }
  } else if (pathType === 'ImplementationSpecific') {
    if (path !== '' && !path.startsWith('/')) complain(absolute);
  } else errors.push(notSupported(`${field}.pathType`, pathType, PATH_TYPES));
  errors.push(...backendErrors(backend ?? {}, `${field}.backend`));
  return errors;
}

function backendErrors({ service, resource }: IngressBackend, field: string): FieldError[] {
  if (service != null && resource != null) {
    return [invalid(field, '', 'cannot set both resource and service backends')];
  }
  if (resource != null) return resourceErrors(resource, `${field}.resource`);
  if (service == null) return [invalid(field, '', 'resource or service backend is required')];
  const errors: FieldError[] = [];
  const { name = '', port = {} } = service;
  if (name === '') errors.push(required(`${field}.service.name`));
  else errors.push(...complaints(`${field}.service.name`, name, dns1035LabelProblems(name)));
  if (port.name && port.number) {
    errors.push(invalid(field, '', 'cannot set both port name & port number'));
  } else if (port.name) {
    errors.push(
      ...complaints(`${field}.service.port.name`, port.name, portNameProblems(port.name)),
    );
  } else if (port.number) {
    for (const problem of portProblems(port.number)) {
      errors.push(invalid(`${field}.service.port.number`, port.number, problem));
    }
  } else errors.push(required(field, 'port name or number is required'));
  return errors;
}

function resourceErrors(
  { apiGroup, kind, name }: NonNullable<IngressBackend['resource']>,
  field: string,
): FieldError[] {
  const errors: FieldError[] = [];
  if (apiGroup != null) {
    errors.push(...complaints(`${field}.apiGroup`, apiGroup, dns1123SubdomainProblems(apiGroup)));
  }
  const segment = (part: string, value: string | undefined): void => {
    if (!value) errors.push(required(`${field}.${part}`, `${part} is required`));
    else errors.push(...complaints(`${field}.${part}`, value, pathSegmentProblems(value)));
  };
  segment('kind', kind);
  segment('name', name);
  return errors;
}
