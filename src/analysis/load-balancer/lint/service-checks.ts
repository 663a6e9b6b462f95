/**
 * analysis/load-balancer/lint/service-checks — Services that get a load balancer: who makes it, and
 * what of the Service contradicts itself.
 *
 * Upstream: kubernetes-sigs/aws-load-balancer-controller@225f445 pkg/service/model_build_*.go,
 * docs/guide/service/annotations.md.
 */
import { textsOf } from '../../../controllers/load-balancer/annotations/parser.ts';
import type { Service } from '../../../model/kubernetes/core.ts';
import type { ServiceClaim } from '../../../model/kubernetes/service-claim.ts';
import { claimOf, NLB_CLASS } from './claimed-service.ts';
import type { Finding } from './finding.ts';
import {
  annotationsOf,
  error,
  type Linted,
  type LintInput,
  placeOfAnnotation,
  warning,
} from './linted.ts';

const PREFIX = 'service.beta.kubernetes.io/aws-load-balancer-';
/** That of EKS Auto Mode's own controller. */
const AUTO_MODE_CLASS = 'eks.amazonaws.com/nlb';
const SOURCE_RANGES = 'service.beta.kubernetes.io/load-balancer-source-ranges';

/** A Service with the controller's short names for its annotations. */
interface Subject {
  readonly it: Linted<Service>;
  readonly claim: ServiceClaim;
  /** The value of `aws-load-balancer-SUFFIX`. */
  readonly said: (suffix: string) => string | undefined;
  /** Where it stands. */
  readonly at: (suffix: string) => string;
}

/** What is wrong with Services that ask for a load balancer. */
export function serviceChecks(input: LintInput): Finding[] {
  return input.services.flatMap((it) => {
    const claim = claimOf(input, it.object);
    const annotations = annotationsOf(it.object);
    const said = (suffix: string): string | undefined => annotations[`${PREFIX}${suffix}`];
    const at = (suffix: string): string => placeOfAnnotation(it, `${PREFIX}${suffix}`);
    const subject = { it, claim, said, at };
    const ofClaim = [...ofType(subject), ...ofClass(subject), ...ofUnasked(subject)];
    if (claim.by !== 'load-balancer-controller') return ofClaim;
    return [
      ...ofClaim,
      ...ofScheme(subject),
      ...ofAddresses(subject),
      ...ofTargets(subject),
      ...ofTls(subject),
      ...ofPorts(subject),
      ...ofSources(subject),
      ...ofGroups(subject),
      ...ofLocal(subject),
    ];
  });
}

const targetTypeOf = ({ said }: Subject): string =>
  said('type') === 'nlb-ip' ? 'ip' : (said('nlb-target-type') ?? 'instance');

/** `aws-load-balancer-type`: three words, three makers. */
function ofType(subject: Subject): Finding[] {
  const { it, claim, said, at } = subject;
  const type = said('type');
  const place = at('type');
  if (type === 'nlb-ip') {
    const text = `${PREFIX}type: nlb-ip is deprecated`;
    const hint = `write spec.loadBalancerClass: ${NLB_CLASS} and ${PREFIX}nlb-target-type: ip, on a Service made anew`;
    return [warning(it, place, { check: 'deprecated-value', text, hint })];
  }
  if (type === 'nlb') {
    const isTaken = claim.by === 'load-balancer-controller';
    const text = isTaken
      ? `${PREFIX}type: nlb is the in-tree controller's word; with the AWS Load Balancer Controller installed, its webhook gives a new Service loadBalancerClass ${NLB_CLASS}, and that controller makes the NLB, internal unless ${PREFIX}scheme says otherwise`
      : `${PREFIX}type: nlb: the in-tree controller makes the NLB, with nodes as targets, internet-facing, and gets only fixes any more`;
    const hint = `write spec.loadBalancerClass: ${NLB_CLASS} instead, ${PREFIX}nlb-target-type and ${PREFIX}scheme`;
    return [warning(it, place, { check: 'in-tree-type', text, hint })];
  }
  const isWithoutTargets = type === 'external' && said('nlb-target-type') === undefined;
  if (!isWithoutTargets || it.object.spec.loadBalancerClass !== undefined) return [];
  const text = `${PREFIX}type: external without ${PREFIX}nlb-target-type: where the controller's webhook is not in the way, nobody makes a load balancer of it`;
  const hint = `add ${PREFIX}nlb-target-type: ip, or instance`;
  return [warning(it, place, { check: 'external-without-target-type', text, hint })];
}

function ofClass({ it, claim, said, at }: Subject): Finding[] {
  const { loadBalancerClass } = it.object.spec;
  if (loadBalancerClass === AUTO_MODE_CLASS) {
    const text = `loadBalancerClass ${loadBalancerClass} is EKS Auto Mode's: declared here, not simulated`;
    const place = it.at(['spec', 'loadBalancerClass']);
    const hint = 'annotations were checked; what Auto Mode makes of them was not';
    return [warning(it, place, { check: 'auto-mode-class', text, hint })];
  }
  if (claim.by !== 'another' || (said('type') === undefined && said('scheme') === undefined)) {
    return [];
  }
  const text = `${claim.reason}: neither the AWS Load Balancer Controller nor the in-tree one takes it`;
  const place = said('type') === undefined ? at('scheme') : at('type');
  const hint = `write spec.loadBalancerClass: ${NLB_CLASS}, on a Service made anew: the field cannot be changed`;
  return [error(it, place, { check: 'class-of-another', text, hint })];
}

/** Annotations of a load balancer on a Service that gets none. */
function ofUnasked({ it, claim }: Subject): Finding[] {
  const keys = Object.keys(annotationsOf(it.object)).filter((key) => key.startsWith(PREFIX));
  if (claim.by !== 'nobody' || keys.length === 0) return [];
  const text = `${keys.length} annotations of a load balancer, and nobody makes one: ${claim.reason}`;
  const hint = 'write type: LoadBalancer, or leave the annotations out';
  return [warning(it, placeOfAnnotation(it, keys[0]!), { check: 'no-load-balancer', text, hint })];
}

function ofScheme({ it, said, at }: Subject): Finding[] {
  const [scheme, internal] = [said('scheme'), said('internal')];
  if (scheme !== undefined && internal !== undefined) {
    const text = `${PREFIX}internal is not read where ${PREFIX}scheme is said (${scheme})`;
    return [warning(it, at('internal'), { check: 'scheme-twice', text, hint: 'leave it out' })];
  }
  if (scheme !== undefined || internal !== undefined) return [];
  const text = `no ${PREFIX}scheme: the AWS Load Balancer Controller makes it internal (the in-tree controller: internet-facing)`;
  const hint = `write ${PREFIX}scheme: internal, or internet-facing, so that it is said`;
  return [warning(it, it.where, { check: 'scheme-by-default', text, hint })];
}

/** Addresses given by hand: each kind belongs to one scheme, one for every subnet. */
function ofAddresses(subject: Subject): Finding[] {
  const { it, said, at } = subject;
  const isPublic = said('scheme') === 'internet-facing' || said('internal') === 'false';
  const isDual = said('ip-address-type') === 'dualstack';
  const wrong: Finding[] = [];
  const check = 'addresses-of-scheme';
  if (said('eip-allocations') !== undefined && !isPublic) {
    const text = 'EIP allocations can only be set for internet facing load balancers';
    const hint = `write ${PREFIX}scheme: internet-facing`;
    wrong.push(error(it, at('eip-allocations'), { check, text, hint }));
  }
  if (said('private-ipv4-addresses') !== undefined && isPublic) {
    const text = 'private IPv4 addresses can only be set for internal load balancers';
    const hint = `write ${PREFIX}scheme: internal, or eip-allocations instead`;
    wrong.push(error(it, at('private-ipv4-addresses'), { check, text, hint }));
  }
  if (said('ipv6-addresses') !== undefined && !isDual) {
    const text = 'IPv6 addresses can only be set for dualstack load balancers';
    const hint = `write ${PREFIX}ip-address-type: dualstack`;
    wrong.push(error(it, at('ipv6-addresses'), { check, text, hint }));
  }
  return [...wrong, ...ofCounts(subject)];
}

function ofCounts({ it, said, at }: Subject): Finding[] {
  const subnets = said('subnets');
  if (subnets === undefined) return [];
  const count = textsOf(subnets).length;
  return ['eip-allocations', 'private-ipv4-addresses', 'ipv6-addresses'].flatMap((suffix) => {
    const given = said(suffix);
    if (given === undefined || textsOf(given).length === count) return [];
    const what = suffix === 'eip-allocations' ? 'EIP allocations' : suffix.replaceAll('-', ' ');
    const text = `count of ${what} (${textsOf(given).length}) and subnets (${count}) must match`;
    const hint = 'give one for every subnet, in the same order';
    return [error(it, at(suffix), { check: 'addresses-per-subnet', text, hint })];
  });
}

function ofTargets(subject: Subject): Finding[] {
  const { it, said, at } = subject;
  const { spec } = it.object;
  const targetType = targetTypeOf(subject);
  if (targetType === 'ip') {
    if (said('target-node-labels') === undefined) return [];
    const text = `${PREFIX}target-node-labels chooses nodes, and targets are pods: it is not read`;
    const said_ = { check: 'node-labels-of-ip', text, hint: 'leave it out' };
    return [warning(it, at('target-node-labels'), said_)];
  }
  const place = said('nlb-target-type') === undefined ? it.where : at('nlb-target-type');
  if ((spec.type ?? 'ClusterIP') === 'ClusterIP') {
    const text = 'unsupported service type "ClusterIP" for load balancer target type "instance"';
    const hint = `write type: LoadBalancer, or ${PREFIX}nlb-target-type: ip`;
    return [error(it, place, { check: 'instance-needs-node-port', text, hint })];
  }
  if (spec.ipFamilies?.includes('IPv6') === true) {
    const text =
      'the Service is of family IPv6, and its targets are instances: a node is taken only with a primary IPv6 address';
    const hint = `write ${PREFIX}nlb-target-type: ip`;
    return [error(it, place, { check: 'ipv6-needs-ip-targets', text, hint })];
  }
  const isUnallocated =
    spec.allocateLoadBalancerNodePorts === false &&
    (spec.ports ?? []).some(({ nodePort }) => (nodePort ?? 0) === 0);
  if (!isUnallocated) return [];
  const text = 'unable to support instance target type with an unallocated NodePort';
  const hint = `write ${PREFIX}nlb-target-type: ip, or give every port its nodePort`;
  const field = it.at(['spec', 'allocateLoadBalancerNodePorts']);
  return [error(it, field, { check: 'instance-needs-node-port', text, hint })];
}

function ofTls({ it, said, at }: Subject): Finding[] {
  const [certificate, ports] = [said('ssl-cert'), said('ssl-ports')];
  const findings: Finding[] = [];
  for (const suffix of ['ssl-ports', 'ssl-negotiation-policy', 'alpn-policy']) {
    if (certificate !== undefined || said(suffix) === undefined) continue;
    const text = `${PREFIX}${suffix} without ${PREFIX}ssl-cert: there is no TLS listener, and it is not read`;
    const hint = `add ${PREFIX}ssl-cert: arn:aws:acm:…`;
    findings.push(warning(it, at(suffix), { check: 'no-certificate', text, hint }));
  }
  if (certificate === undefined || ports === undefined) return findings;
  const known = (it.object.spec.ports ?? []).flatMap(({ name, port }) => [String(port), name]);
  const unused = textsOf(ports).filter((port) => port !== '*' && !known.includes(port));
  if (unused.length > 0) {
    const text = `Unused port in ssl-ports annotation [${unused.join(' ')}]`;
    const hint = `the Service's ports are ${known.filter((it) => it !== undefined).join(', ')}`;
    findings.push(error(it, at('ssl-ports'), { check: 'ssl-ports', text, hint }));
  }
  if (ports.trim() === '*') {
    const text = '"*" matches no port: there is no TLS listener';
    const hint = 'leave the annotation out to have TLS on every port';
    findings.push(error(it, at('ssl-ports'), { check: 'ssl-ports', text, hint }));
  }
  return findings;
}

/** Two protocols on one port number: the first wins without a word. */
function ofPorts({ it, said }: Subject): Finding[] {
  const seen = new Map<number, string>();
  return (it.object.spec.ports ?? []).flatMap(({ port, protocol = 'TCP' }, i) => {
    const before = seen.get(port);
    seen.set(port, before ?? protocol);
    if (before === undefined || said('enable-tcp-udp-listener') === 'true') return [];
    const text = `port ${port} is ${before} and ${protocol}: the first wins, and no listener is made for ${protocol}, without an event`;
    const hint = `write ${PREFIX}enable-tcp-udp-listener: "true"`;
    const place = it.at(['spec', 'ports', i]);
    return [error(it, place, { check: 'tcp-and-udp', text, hint })];
  });
}

function ofSources({ it }: Subject): Finding[] {
  const { loadBalancerSourceRanges = [] } = it.object.spec;
  const annotated = annotationsOf(it.object)[SOURCE_RANGES];
  if (annotated === undefined || loadBalancerSourceRanges.length === 0) return [];
  const text = `${SOURCE_RANGES} is not read where spec.loadBalancerSourceRanges is set`;
  const place = placeOfAnnotation(it, SOURCE_RANGES);
  return [warning(it, place, { check: 'source-ranges-twice', text, hint: 'leave it out' })];
}

function ofGroups({ it, said, at }: Subject): Finding[] {
  if (said('security-groups') === undefined) return [];
  if (said('disable-nlb-sg') === 'true') {
    const text = `${PREFIX}disable-nlb-sg: "true" and ${PREFIX}security-groups contradict each other`;
    const place = at('disable-nlb-sg');
    return [error(it, place, { check: 'security-groups', text, hint: 'keep one of the two' })];
  }
  if (said('manage-backend-security-group-rules') === 'true') return [];
  const text = `${PREFIX}security-groups without ${PREFIX}manage-backend-security-group-rules: nodes and pods are not opened for the load balancer`;
  const hint = `write ${PREFIX}manage-backend-security-group-rules: "true", or allow its groups on the nodes yourself`;
  return [warning(it, at('security-groups'), { check: 'backend-rules', text, hint })];
}

/** With externalTrafficPolicy Local the health check finds the nodes that have a pod. */
function ofLocal(subject: Subject): Finding[] {
  const { it, said, at } = subject;
  if (it.object.spec.externalTrafficPolicy !== 'Local' || targetTypeOf(subject) !== 'instance') {
    return [];
  }
  const [protocol, port] = [said('healthcheck-protocol'), said('healthcheck-port')];
  if (protocol?.toLowerCase() !== 'tcp' && port === undefined) return [];
  const suffix = port === undefined ? 'healthcheck-protocol' : 'healthcheck-port';
  const text = `with externalTrafficPolicy: Local the health check asks spec.healthCheckNodePort whether the node has a pod; ${PREFIX}${suffix} makes every node look healthy, and those without a pod drop what they get`;
  const hint = `leave ${PREFIX}${suffix} out`;
  return [warning(it, at(suffix), { check: 'local-health-check', text, hint })];
}
