/**
 * cluster/service-validation — is a Service well formed?
 *
 * Upstream: kubernetes/kubernetes 1.30.5 pkg/apis/core/validation/validation.go:5496
 * ValidateService,
 * 5693 validateServicePort, 5737 external traffic, 5829 update, 7752 addresses and families,
 * 8002 loadBalancerClass. In upstream's order, because the answer lists complaints in it.
 */
import type { Service, ServicePort, ServiceSpec } from '../model/kubernetes/core.ts';
import { parseCidr, parseIp } from '../net/index.ts';
import {
  duplicate,
  type FieldError,
  forbidden,
  goQuoted,
  invalid,
  notSupported,
  required,
} from './field-error.ts';
import { complaints, labelErrors } from './metadata-validation.ts';
import {
  dns1123LabelProblems,
  dns1123SubdomainProblems,
  portNameProblems,
  portProblems,
  qualifiedNameProblems,
} from './names.ts';
import { addressErrors } from './service-address-validation.ts';
import { isExternallyAccessible, needsHealthCheck } from './service-defaults.ts';
import { isHeadless } from './service-families.ts';

const TYPES = ['ClusterIP', 'ExternalName', 'LoadBalancer', 'NodePort'];
const PROTOCOLS = ['SCTP', 'TCP', 'UDP'];
const POLICIES = ['Cluster', 'Local'];
const AFFINITIES = ['ClientIP', 'None'];
/** core/v1 MaxClientIPServiceAffinitySeconds: a day. */
const AFFINITY_SECONDS_MAX = 86_400;
const KUBELET_PORT = 10_250;
const ONLY_LOAD_BALANCER = "may only be used when `type` is 'LoadBalancer'";
const TOPOLOGY_MODE = 'service.kubernetes.io/topology-mode';
const TOPOLOGY_HINTS = 'service.kubernetes.io/topology-aware-hints';
const SOURCE_RANGES = 'service.beta.kubernetes.io/load-balancer-source-ranges';

/** Complaints about a defaulted Service, after those about its metadata. */
export function serviceErrors(service: Service): FieldError[] {
  const { spec } = service;
  return [
    ...topologyErrors(service.metadata.annotations ?? {}),
    ...typeErrors(spec),
    ...portsErrors(spec),
    ...(spec.selector === undefined ? [] : labelErrors(spec.selector, 'spec.selector')),
    ...affinityErrors(spec),
    ...addressErrors(spec),
    ...externalIpErrors(spec),
    ...portUseErrors(spec),
    ...sourceRangeErrors(service),
    ...loadBalancerErrors(spec),
    ...classErrors(spec),
    ...externalTrafficErrors(spec),
    ...internalTrafficErrors(spec),
  ];
}

function topologyErrors(annotations: Readonly<Record<string, string>>): FieldError[] {
  const mode = annotations[TOPOLOGY_MODE];
  const hints = annotations[TOPOLOGY_HINTS];
  if (mode === undefined || hints === undefined || mode === hints) return [];
  const detail = `must match annotations[${TOPOLOGY_HINTS}] when both are specified`;
  return [invalid(`metadata.annotations[${TOPOLOGY_MODE}]`, mode, detail)];
}

function typeErrors(spec: ServiceSpec): FieldError[] {
  const { type, ports = [] } = spec;
  const errors: FieldError[] = [];
  if (ports.length === 0 && !isHeadless(spec) && type !== 'ExternalName') {
    errors.push(required('spec.ports'));
  }
  if (type === 'LoadBalancer') {
    ports.forEach(({ port }, i) => {
      if (port !== KUBELET_PORT) return;
      const detail = `may not expose port ${KUBELET_PORT} externally since it is used by kubelet`;
      errors.push(invalid(`spec.ports[${i}]`, port, detail));
    });
  }
  if ((type === 'LoadBalancer' || type === 'NodePort') && isHeadless(spec)) {
    const detail = `may not be set to 'None' for ${type} services`;
    errors.push(invalid('spec.clusterIPs[0]', 'None', detail));
  }
  if (type === 'ExternalName') errors.push(...externalNameErrors(spec));
  return errors;
}

function externalNameErrors(spec: ServiceSpec): FieldError[] {
  const errors: FieldError[] = [];
  const detail = 'may not be set for ExternalName services';
  if ((spec.clusterIPs?.length ?? 0) > 0) errors.push(forbidden('spec.clusterIPs', detail));
  if ((spec.ipFamilies?.length ?? 0) > 0) errors.push(forbidden('spec.ipFamilies', detail));
  if (spec.ipFamilyPolicy !== undefined) errors.push(forbidden('spec.ipFamilyPolicy', detail));
  const name = (spec.externalName ?? '').replace(/\.$/, '');
  const field = 'spec.externalName';
  if (name === '') errors.push(required(field));
  else errors.push(...complaints(field, name, dns1123SubdomainProblems(name)));
  return errors;
}

function portsErrors({ ports = [] }: ServiceSpec): FieldError[] {
  const names = new Set<string>();
  return ports.flatMap((port, i) => portErrors(port, ports.length > 1, names, `spec.ports[${i}]`));
}

function portErrors(
  port: ServicePort,
  needsName: boolean,
  names: Set<string>,
  field: string,
): FieldError[] {
  const errors: FieldError[] = [];
  const { name = '', protocol = '', targetPort = 0, appProtocol } = port;
  if (name === '') {
    if (needsName) errors.push(required(`${field}.name`));
  } else {
    errors.push(...complaints(`${field}.name`, name, dns1123LabelProblems(name)));
    if (names.has(name)) errors.push(duplicate(`${field}.name`, name));
    names.add(name);
  }
  const number = port.port ?? 0;
  for (const problem of portProblems(number))
    errors.push(invalid(`${field}.port`, number, problem));
  if (protocol === '') errors.push(required(`${field}.protocol`));
  else if (!PROTOCOLS.includes(protocol)) {
    errors.push(notSupported(`${field}.protocol`, protocol, PROTOCOLS));
  }
  const problems =
    typeof targetPort === 'number' ? portProblems(targetPort) : portNameProblems(targetPort);
  for (const problem of problems) errors.push(invalid(`${field}.targetPort`, targetPort, problem));
  if (appProtocol !== undefined) {
    errors.push(
      ...complaints(`${field}.appProtocol`, appProtocol, qualifiedNameProblems(appProtocol)),
    );
  }
  return errors;
}

function affinityErrors({ sessionAffinity, sessionAffinityConfig }: ServiceSpec): FieldError[] {
  const field = 'spec.sessionAffinityConfig';
  if (!sessionAffinity) return [required('spec.sessionAffinity')];
  if (!AFFINITIES.includes(sessionAffinity)) {
    return [notSupported('spec.sessionAffinity', sessionAffinity, AFFINITIES)];
  }
  if (sessionAffinity === 'None') {
    if (sessionAffinityConfig === undefined) return [];
    return [forbidden(field, 'must not be set when session affinity is None')];
  }
  const when = 'when session affinity type is ClientIP';
  if (sessionAffinityConfig === undefined) return [required(field, when)];
  const { clientIP } = sessionAffinityConfig;
  if (clientIP === undefined) return [required(`${field}.clientIP`, when)];
  const seconds = clientIP.timeoutSeconds;
  if (seconds === undefined) return [required(`${field}.clientIP.timeoutSeconds`, when)];
  if (seconds > 0 && seconds <= AFFINITY_SECONDS_MAX) return [];
  const detail = `must be greater than 0 and less than ${AFFINITY_SECONDS_MAX}`;
  return [invalid(`${field}.clientIP.timeoutSeconds`, seconds, detail)];
}

function externalIpErrors({ externalIPs = [] }: ServiceSpec): FieldError[] {
  return externalIPs.flatMap((address, i) => {
    const field = `spec.externalIPs[${i}]`;
    const ip = parseIp(address);
    if (ip !== undefined) return specialAddressErrors(address, ip, field);
    const detail = 'must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)';
    return [invalid(field, address, detail)];
  });
}

const inBlock = (ip: number | bigint, value: bigint, bits: number): boolean =>
  typeof ip === 'number'
    ? bits <= 32 && Math.floor(ip / 2 ** (32 - bits)) === Number(value)
    : ip >> BigInt(128 - bits) === value;

/** validation.go:7147 ValidateNonSpecialIP. */
function specialAddressErrors(text: string, ip: number | bigint, field: string): FieldError[] {
  const errors: FieldError[] = [];
  const add = (detail: string): void => void errors.push(invalid(field, text, detail));
  const is4 = typeof ip === 'number';
  if (ip === 0 || ip === 0n) add(`may not be unspecified (${text})`);
  if (is4 ? inBlock(ip, 127n, 8) : ip === 1n) {
    add('may not be in the loopback range (127.0.0.0/8, ::1/128)');
  }
  if (is4 ? inBlock(ip, 0xa9fen, 16) : inBlock(ip, 0xfe80n >> 6n, 10)) {
    add('may not be in the link-local range (169.254.0.0/16, fe80::/10)');
  }
  if (is4 ? inBlock(ip, 0xe00000n, 24) : inBlock(ip, 0xff02n, 16)) {
    add('may not be in the link-local multicast range (224.0.0.0/24, ff02::/10)');
  }
  return errors;
}

/** Type, and what ports may not share. */
function portUseErrors({ type, ports = [] }: ServiceSpec): FieldError[] {
  const errors: FieldError[] = [];
  if (!type) errors.push(required('spec.type'));
  else if (!TYPES.includes(type)) errors.push(notSupported('spec.type', type, TYPES));
  if (type === 'ClusterIP') {
    ports.forEach(({ nodePort }, i) => {
      if (!nodePort) return;
      const detail = "may not be used when `type` is 'ClusterIP'";
      errors.push(forbidden(`spec.ports[${i}].nodePort`, detail));
    });
  }
  const nodePorts = new Set<string>();
  ports.forEach(({ protocol, nodePort }, i) => {
    if (!nodePort) return;
    const key = `${protocol}/${nodePort}`;
    if (nodePorts.has(key)) errors.push(duplicate(`spec.ports[${i}].nodePort`, nodePort));
    nodePorts.add(key);
  });
  const numbers = new Set<string>();
  ports.forEach(({ protocol = '', port }, i) => {
    const key = `${protocol}/${port}`;
    if (numbers.has(key)) errors.push(duplicate(`spec.ports[${i}]`, goPort(protocol, port)));
    numbers.add(key);
  });
  return errors;
}

/** How Go prints the key it compares ports by. */
const goPort = (protocol: string, port: number): { readonly go: string } => ({
  go:
    `core.ServicePort{Name:"", Protocol:${goQuoted(protocol)}, ` +
    `AppProtocol:(*string)(nil), Port:${port}, ` +
    'TargetPort:intstr.IntOrString{Type:0, IntVal:0, StrVal:""}, NodePort:0}',
});

function sourceRangeErrors({ spec, metadata }: Service): FieldError[] {
  const ranges = spec.loadBalancerSourceRanges ?? [];
  const annotation = metadata.annotations?.[SOURCE_RANGES];
  const isField = ranges.length > 0;
  if (!isField && annotation === undefined) return [];
  // Upstream spells this field's path with a capital.
  const field = isField
    ? 'spec.LoadBalancerSourceRanges'
    : `metadata.annotations[${SOURCE_RANGES}]`;
  const errors: FieldError[] = [];
  if (spec.type !== 'LoadBalancer') errors.push(forbidden(field, ONLY_LOAD_BALANCER));
  const text = (annotation ?? '').trim();
  const values = isField ? ranges : text === '' ? [] : text.split(',');
  values.forEach((value, i) => {
    const cidr = value.trim();
    if (parseCidr(cidr) !== undefined) return;
    const detail = 'must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)';
    errors.push(invalid(isField ? `${field}[${i}]` : field, cidr, detail));
  });
  return errors;
}

function loadBalancerErrors({ type, allocateLoadBalancerNodePorts }: ServiceSpec): FieldError[] {
  const isSet = allocateLoadBalancerNodePorts !== undefined;
  if (isSet && type !== 'LoadBalancer') {
    return [forbidden('spec.allocateLoadBalancerNodePorts', ONLY_LOAD_BALANCER)];
  }
  // Upstream forgets the `spec.` here.
  if (!isSet && type === 'LoadBalancer') return [required('allocateLoadBalancerNodePorts')];
  return [];
}

function classErrors({ type, loadBalancerClass }: ServiceSpec): FieldError[] {
  const field = 'spec.loadBalancerClass';
  if (loadBalancerClass === undefined) return [];
  if (type !== 'LoadBalancer') return [forbidden(field, ONLY_LOAD_BALANCER)];
  return complaints(field, loadBalancerClass, qualifiedNameProblems(loadBalancerClass));
}

function externalTrafficErrors(spec: ServiceSpec): FieldError[] {
  const errors: FieldError[] = [];
  const { externalTrafficPolicy: policy, healthCheckNodePort: port } = spec;
  const field = 'spec.externalTrafficPolicy';
  if (!isExternallyAccessible(spec)) {
    if (policy) {
      errors.push(invalid(field, policy, 'may only be set for externally-accessible services'));
    }
  } else if (!policy) errors.push(required(field));
  else if (!POLICIES.includes(policy)) errors.push(notSupported(field, policy, POLICIES));
  if (!needsHealthCheck(spec)) {
    if (port) {
      const detail =
        "may only be set when `type` is 'LoadBalancer' and `externalTrafficPolicy` is 'Local'";
      errors.push(invalid('spec.healthCheckNodePort', port, detail));
    }
  } else if (!port) errors.push(required('spec.healthCheckNodePort'));
  else {
    for (const problem of portProblems(port)) {
      errors.push(invalid('spec.healthCheckNodePort', port, problem));
    }
  }
  return errors;
}

function internalTrafficErrors(spec: ServiceSpec): FieldError[] {
  const errors: FieldError[] = [];
  const { internalTrafficPolicy: policy, trafficDistribution, type } = spec;
  if (policy === undefined) {
    if (type === 'NodePort' || type === 'LoadBalancer' || type === 'ClusterIP') {
      errors.push(required('spec.internalTrafficPolicy'));
    }
  } else if (!POLICIES.includes(policy)) {
    errors.push(notSupported('spec.internalTrafficPolicy', policy, POLICIES));
  }
  // 1.30 knows PreferClose only; EKS's later versions the two that name where.
  const distributions = ['PreferClose', 'PreferSameZone', 'PreferSameNode'];
  if (trafficDistribution !== undefined && !distributions.includes(trafficDistribution)) {
    errors.push(notSupported('spec.trafficDistribution', trafficDistribution, ['PreferClose']));
  }
  return errors;
}

/**
 * Complaints about a change of a Service, before those about what it became (validation.go:5829).
 */
export function serviceChangeErrors({ spec }: Service, { spec: before }: Service): FieldError[] {
  const errors: FieldError[] = [];
  if (before.type === 'LoadBalancer' && spec.type === 'LoadBalancer') {
    if (before.loadBalancerClass !== spec.loadBalancerClass) {
      const value = spec.loadBalancerClass ?? null;
      errors.push(invalid('spec.loadBalancerClass', value, 'may not change once set'));
    }
  }
  if (needsHealthCheck(before) && needsHealthCheck(spec)) {
    const port = spec.healthCheckNodePort;
    if (port && port !== before.healthCheckNodePort) {
      errors.push(forbidden('spec.healthCheckNodePort', 'field is immutable'));
    }
  }
  return errors;
}
