/**
 * datapath/policy/aws-words — how decisions of Amazon's agent read in a trace, with the policy, its
 * rule and the PolicyEndpoint entry that decided.
 */

import { keyOf } from '../../model/kubernetes/meta.ts';
import type { PolicyEndpoint, PolicyEndpointPort } from '../../model/kubernetes/policy-endpoint.ts';
import type { PolicyEngine } from '../../model/kubernetes/policy-engine.ts';
import { formatCidr, protocolInCapitals } from '../../net/index.ts';
import type { Element, Verdict } from '../trace.ts';
import type { Question } from './aws-session.ts';
import type { TierAnswer } from './cluster-firewall-map.ts';
import type { ClusterView } from './cluster-view.ts';
import { POLICY_TYPE } from './compiled-policy.ts';
import { type FirewallAnswer, type FirewallPort, PORTS_PER_BLOCK } from './firewall-map.ts';
import { nameOf, namesText, recordDenial, recordPass, trafficText } from './policy-step.ts';
import { ruleRemedy } from './remedy.ts';
import { policyObjectOf, ruleOfEntry } from './resolved-rule.ts';

export class AwsWords {
  readonly #view: ClusterView;

  constructor(view: ClusterView) {
    this.#view = view;
  }

  pass(question: Question, answer: Extract<FirewallAnswer, { readonly kind: 'allow' }>): undefined {
    const { direction, packet, recorder, maps } = question;
    const { port, overflow } = answer;
    const { endpoint, info } = port.rule;
    const object = policyObjectOf(endpoint);
    const rule = ruleOfEntry(this.#view, endpoint, direction, info, packet);
    const entry = endpointElement(port);
    const own: Element = { kind: 'network-policy', object, rule, field: entry.field };
    const decisive = overflow
      ? [own, entry, ...this.#everybody(maps.endpoints, direction, object)]
      : [own, entry];
    const text =
      `${nameOf(object)} ${rule} allows ${this.#traffic(question)}` +
      (overflow ? ` (${overflowText()})` : '');
    return recordPass(recorder, { direction, decisive, text });
  }

  denial(question: Question, answer: Exclude<FirewallAnswer, { readonly kind: 'allow' }>): Verdict {
    const { direction, packet, recorder, maps } = question;
    if (answer.kind === 'excepted') return this.#exceptDenial(question, answer);
    const isolating = this.#everybody(maps.endpoints, direction);
    const names = namesText(isolating.map(({ object }) => object));
    const isolates = isolating.length === 1 ? 'isolates' : 'isolate';
    const block =
      answer.kind === 'no-block'
        ? ''
        : ` (the narrowest block that holds the address, ${answer.block}, has other ports)`;
    const overflow = answer.kind === 'no-port' && answer.overflow ? ` (${overflowText()})` : '';
    return recordDenial(recorder, {
      direction,
      decisive: isolating,
      considered: consideredEntries(maps.endpoints, direction),
      text:
        `${names} ${isolates} ${this.#self(question)} for ${direction}, and no rule allows ` +
        `${this.#traffic(question)}${block}${overflow}`,
      remedy: ruleRemedy(this.#view, this.#policies(maps.endpoints, direction), {
        direction,
        packet,
      }),
    });
  }

  /** The pod's own node: always let through. */
  nodePass(question: Question): undefined {
    const { direction, recorder, maps, pod } = question;
    const isolating = this.#everybody(maps.endpoints, direction);
    const names = namesText(isolating.map(({ object }) => object));
    return recordPass(recorder, {
      direction,
      decisive: [...isolating, { kind: 'node', object: `node ${pod.spec.nodeName ?? ''}` }],
      text:
        `${this.#traffic(question)} is ${this.#self(question)}'s own node, ` +
        `which the agent always allows (${names})`,
    });
  }

  nodeByClusterPolicy(question: Question, engine: PolicyEngine): undefined {
    const { maps, direction, recorder, pod } = question;
    if (maps.map(direction) !== undefined) return this.nodePass(question);
    const isStrict = engine.kind === 'aws-vpc-cni' && engine.mode === 'strict';
    if (!isStrict) return undefined;
    const decisive: Element[] = [
      ...clusterElements(question),
      { kind: 'node', object: `node ${pod.spec.nodeName ?? ''}` },
    ];
    const text =
      `${this.#traffic(question)} is ${this.#self(question)}'s own node, ` +
      'which the agent always allows';
    return recordPass(recorder, { direction, decisive, text });
  }

  clusterDenial(question: Question, answer: TierAnswer, tier: string): Verdict {
    const { direction, recorder } = question;
    const { object, decisive, text } = this.#clusterWords(question, answer, tier);
    return recordDenial(recorder, {
      direction,
      decisive,
      text: `${text} denies ${this.#traffic(question)}`,
      remedy: {
        text: `change the rule of ${object}, or put an Accept of a lower priority before it`,
        command: `kubectl edit ${object}`,
      },
    });
  }

  /** An Accept lets it through; a Pass leaves it to the policies after this tier. */
  clusterPass(question: Question, answer: TierAnswer, tier: string): undefined {
    const { direction, recorder } = question;
    const { decisive, text } = this.#clusterWords(question, answer, tier);
    const isPass = answer.action === 'Pass';
    const traffic = this.#traffic(question);
    const next = tier === 'Admin' ? 'NetworkPolicies' : 'the enforcing mode';
    const end = isPass ? `leaves ${traffic} to ${next}` : `accepts ${traffic}`;
    return recordPass(
      recorder,
      { direction, decisive, text: `${text} ${end}` },
      isPass ? 'note' : 'allow',
    );
  }

  baselineSkipped(question: Question, answer: TierAnswer): undefined {
    const { direction, recorder } = question;
    const { object, decisive } = this.#clusterWords(question, answer, 'Baseline');
    const policies = selecting(question);
    const objects = policies.map((it) => it.object);
    const would = { Deny: 'deny', Accept: 'accept', Pass: 'leave to the mode' }[answer.action];
    return recordPass(
      recorder,
      {
        direction,
        decisive: [...policies, ...decisive],
        text:
          `${object} would ${would} this, but ${namesText(objects)} selects the pod and leaves ` +
          `${direction} open, which the agent reads before the Baseline tier`,
      },
      'note',
    );
  }

  /** A policy selects the pod for the other direction only; this one is open in strict mode too. */
  openPass(question: Question): undefined {
    const { direction, recorder } = question;
    const decisive = selecting(question);
    const names = namesText(decisive.map(({ object }) => object));
    const text = `${names} selects ${this.#self(question)} and leaves ${direction} open`;
    return recordPass(recorder, { direction, decisive, text });
  }

  strictDenial(question: Question, engine: PolicyEngine): Verdict {
    const { direction, recorder, pod } = question;
    const self = this.#self(question);
    return recordDenial(recorder, {
      direction,
      decisive: [
        {
          kind: 'cluster',
          object: engine.object,
          field: 'NETWORK_POLICY_ENFORCING_MODE strict',
        },
      ],
      code: 'K8S_NETPOL_DEFAULT_DENY_STRICT',
      text:
        `no policy selects ${self}, and in strict mode such a pod may not talk at all: ` +
        `${this.#traffic(question)} is dropped`,
      remedy: {
        text:
          `apply a NetworkPolicy in namespace ${pod.metadata.namespace} that selects the pod, ` +
          'or set NETWORK_POLICY_ENFORCING_MODE=standard on aws-node',
        command:
          'kubectl set env daemonset aws-node -n kube-system -c aws-node ' +
          'NETWORK_POLICY_ENFORCING_MODE=standard',
      },
    });
  }

  #exceptDenial(
    question: Question,
    { rule, block }: Extract<FirewallAnswer, { readonly kind: 'excepted' }>,
  ): Verdict {
    const { direction, packet, recorder } = question;
    const object = policyObjectOf(rule.endpoint);
    const path = ruleOfEntry(this.#view, rule.endpoint, direction, rule.info, packet);
    const except = `except ${block}`;
    return recordDenial(recorder, {
      direction,
      decisive: [
        { kind: 'network-policy', object, rule: path, field: except },
        {
          kind: 'policy-endpoint',
          object: endpointObject(rule.endpoint),
          rule: formatCidr(rule.cidr),
          field: except,
        },
      ],
      text:
        `${namesText([object])} ${path} excepts ${block}, and the agent makes an except a deny: ` +
        `${this.#traffic(question)} is dropped`,
      remedy: ruleRemedy(this.#view, this.#policies([rule.endpoint], direction), {
        direction,
        packet,
      }),
    });
  }

  #clusterWords(
    question: Question,
    { rule, overflow }: TierAnswer,
    tier: string,
  ): { readonly object: string; readonly decisive: readonly Element[]; readonly text: string } {
    const object = policyObjectOf(rule.endpoint);
    const { action } = rule.info;
    const decisive: Element[] = [
      { kind: 'network-policy', object, rule: question.direction, field: `action ${action}` },
      {
        kind: 'policy-endpoint',
        object: endpointObject(rule.endpoint),
        rule: formatCidr(rule.cidr),
      },
      ...(overflow ? clusterElements(question).filter((it) => it.object !== object) : []),
    ];
    const { priority } = rule.endpoint.spec;
    const more = overflow ? ` (${overflowText()})` : '';
    return { object, decisive, text: `${object} (${tier}, priority ${priority})${more}` };
  }

  /** Policies with a say in the direction, but for `not`. */
  #everybody(
    endpoints: readonly PolicyEndpoint[],
    direction: Question['direction'],
    not?: string,
  ): readonly Element[] {
    const objects = new Map<string, Element>();
    for (const endpoint of endpoints) {
      const object = policyObjectOf(endpoint);
      if (object === not || !concerns(endpoint, direction)) continue;
      const types = (endpoint.spec.podIsolation ?? []).join(', ');
      objects.set(object, { kind: 'network-policy', object, field: `policyTypes ${types}` });
    }
    return [...objects.values()];
  }

  #policies(endpoints: readonly PolicyEndpoint[], direction: Question['direction']) {
    const keys = new Set(
      endpoints
        .filter((endpoint) => concerns(endpoint, direction))
        .map(({ spec: { policyRef } }) => `${policyRef.namespace}/${policyRef.name}`),
    );
    return [...keys].flatMap((key) => this.#view.policy(key) ?? []);
  }

  #traffic({ direction, packet }: Question): string {
    return trafficText(this.#view, direction, packet);
  }

  #self({ pod }: Question): string {
    return `pod ${pod.metadata.namespace}/${pod.metadata.name}`;
  }
}

/** The policies that the agent holds for the pod, whatever their direction. */
const selecting = ({ maps }: Question): readonly Element[] =>
  [...new Set(maps.endpoints.map(policyObjectOf))].map((object) => ({
    kind: 'network-policy',
    object,
  }));

const concerns = (endpoint: PolicyEndpoint, direction: Question['direction']): boolean =>
  (endpoint.spec.podIsolation ?? []).includes(POLICY_TYPE[direction]) ||
  (endpoint.spec[direction] ?? []).length > 0;

const endpointObject = ({ kind, metadata }: Parameters<typeof policyObjectOf>[0]): string =>
  `${kind.toLowerCase()} ${keyOf({ metadata })}`;

const elements = new WeakMap<FirewallPort, Element>();

/** Made once for an entry, which never changes. */
function endpointElement(port: FirewallPort): Element {
  let element = elements.get(port);
  if (element === undefined) {
    element = {
      kind: 'policy-endpoint',
      object: endpointObject(port.rule.endpoint),
      rule: formatCidr(port.rule.cidr),
      field: portText(port),
    };
    elements.set(port, element);
  }
  return element;
}

function portText({ protocol, port, endPort }: FirewallPort): string {
  const name = protocol < 0 ? 'any protocol' : protocolInCapitals(protocol);
  if (port === 0) return `all ports/${name}`;
  return `port ${endPort > port ? `${port}-${endPort}` : port}/${name}`;
}

const overflowText = (): string =>
  `the block has more than ${PORTS_PER_BLOCK} ports: which of them the agent keeps is chance, ` +
  'here the first ones';

/** Every rule the agent holds, by policy and block. */
function consideredEntries(
  endpoints: readonly PolicyEndpoint[],
  direction: Question['direction'],
): readonly Element[] {
  return endpoints.flatMap((endpoint) => entriesOf(endpoint, direction));
}

const entries = {
  ingress: new WeakMap<PolicyEndpoint, readonly Element[]>(),
  egress: new WeakMap<PolicyEndpoint, readonly Element[]>(),
};

/** Made once for an endpoint object, which never changes. */
function entriesOf(endpoint: PolicyEndpoint, direction: Question['direction']): readonly Element[] {
  const known = entries[direction].get(endpoint);
  if (known !== undefined) return known;
  const made = (endpoint.spec[direction] ?? []).slice(0, CONSIDERED_MAX).map(
    (info): Element => ({
      kind: 'policy-endpoint',
      object: endpointObject(endpoint),
      rule: info.cidr ?? info.domainName ?? '',
      field:
        (info.ports ?? []).length === 0 ? 'all ports' : info.ports!.map(writtenPort).join(', '),
    }),
  );
  entries[direction].set(endpoint, made);
  return made;
}

const writtenPort = ({ port, endPort, protocol }: PolicyEndpointPort): string =>
  `${port ?? 'all ports'}${endPort === undefined ? '' : `-${endPort}`}/${protocol ?? 'any protocol'}`;

/** A policy may have thousands of addresses; a person reads the first few of each endpoint. */
const CONSIDERED_MAX = 20;

const clusterElements = ({ maps }: Question): readonly Element[] =>
  [...new Set(maps.clusterEndpoints.map(policyObjectOf))].map((object) => ({
    kind: 'network-policy',
    object,
  }));
